"""The site is the last good one whatever becomes of a build, on a book of one page without cells."""

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from reproducing import differences

DOCS = Path(__file__).parents[2] / "docs"
BUILDING = f"""
import sys
from pathlib import Path
sys.path.insert(0, {str(DOCS)!r})
from _building import build
folder = Path(sys.argv[1])
sys.exit(build(folder / "docs", folder / "build", clean="clean" in sys.argv))
"""
CONFIGURATION = """
import os, time
from pathlib import Path
html_theme = "basic"
html_copy_source = False

def wait(app, page, *rest):
    "Say that the build is in its middle, and go on when it is told to."
    if page == "index" and "MIDDLE" in os.environ:
        Path(os.environ["MIDDLE"]).touch()
        while Path(os.environ["MIDDLE"]).exists():
            time.sleep(0.01)

def setup(app):
    app.connect("html-page-context", wait)
"""


class Book:
    """A folder with a page and what is built from it."""

    def __init__(self, folder):
        self.folder, self.built, self.middle = folder, folder / "build", folder / "middle"
        (folder / "docs").mkdir()
        (folder / "docs" / "conf.py").write_text(CONFIGURATION)

    def write(self, text):
        (self.folder / "docs" / "index.rst").write_text(f"A page\n======\n\n{text}\n")

    def start(self, *words, limit=None, **environment):
        """Begin to build; no file may then be longer than the limit."""

        def set_limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        return subprocess.Popen(
            [sys.executable, "-c", BUILDING, self.folder, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | {"NO_COLOR": "1"} | environment,
            preexec_fn=set_limit if limit else None,  # noqa: PLW1509 - one thread
        )

    def build(self, *words, **settings):
        building = self.start(*words, **settings)
        said, _ = building.communicate(timeout=60)
        return building.returncode, said

    def start_until_its_middle(self, **environment):
        building = self.start(MIDDLE=str(self.middle), **environment)
        while not self.middle.exists():
            assert building.poll() is None, building.stdout.read()
            time.sleep(0.01)
        return building

    def state(self):
        """Everything that is built, byte by byte."""
        return {path: path.read_bytes() for path in self.built.rglob("*") if path.is_file()}

    def page(self):
        return (self.built / "html" / "index.html").read_text()


@pytest.fixture
def book(tmp_path):
    made = Book(tmp_path)
    made.write("The first text.")
    status, said = made.build()
    assert status == 0, said
    return made


def test_a_build_is_put_in_its_place_and_nothing_else_is_left(book):
    assert "The first text." in book.page()
    assert sorted(path.name for path in book.built.iterdir()) == ["book", "book.lock", "html"]
    book.write("The second text.")
    assert book.build()[0] == 0
    assert "The second text." in book.page()
    assert sorted(path.name for path in book.built.iterdir()) == ["book", "book.lock", "html"]


def test_a_build_reads_what_has_changed_and_a_clean_one_everything(book):
    assert "0 added, 0 changed, 0 removed" in book.build()[1]
    assert "1 added, 0 changed, 0 removed" in book.build("clean")[1]


def test_a_build_that_fails_changes_nothing(book):
    before = book.state()
    book.write(":ref:`nowhere`")
    status, said = book.build()
    assert status != 0
    assert said.splitlines()[-1] == f"No new site. {book.built / 'html'} is the last good one, as it was."
    assert book.state() == before
    assert book.build()[0] != 0, "what is wrong is still said the next time"


def test_a_build_that_is_killed_changes_nothing_and_does_not_harm_the_next(book):
    before = book.state()
    book.write("The second text.")
    building = book.start_until_its_middle()
    (book.built / "book.new" / "html" / "index.html").write_text("half of a page")
    (book.built / "book.new" / "doctrees" / "environment.pickle").write_bytes(b"half of it")
    building.send_signal(signal.SIGKILL)
    building.communicate(timeout=60)
    assert {path: book.state()[path] for path in before} == before
    status, said = book.build()
    assert status == 0, said
    assert "The second text." in book.page()
    assert not (book.built / "book.new").exists()


@pytest.mark.parametrize("folder", ["book", "html"])
def test_a_build_that_is_killed_between_the_two_moves_is_mended_by_the_next_even_if_that_fails(book, folder):
    before = book.state()
    (book.built / folder).rename(book.built / f"{folder}.old")
    book.write(":ref:`nowhere`")
    assert book.build()[0] != 0
    assert book.state() == before


def test_a_full_disk_changes_nothing(book):
    before = book.state()
    book.write("A long text. " * 1000)
    status, said = book.build(limit=10_000)
    assert status != 0
    assert "is the last good one" in said
    assert book.state() == before


def test_a_disk_that_is_full_before_the_build_begins_changes_nothing(book):
    before = book.state()
    status, said = book.build(limit=100)
    assert status != 0
    assert "too large" in said.lower()
    assert book.state() == before


def test_of_two_builds_at_once_the_second_says_that_it_waits_and_both_are_good(book):
    book.write("The second text.")
    one = book.start_until_its_middle()
    book.write("The third text.")
    other = book.start()
    assert other.stdout.readline() == "Another build is running; this one begins when that is done.\n"
    book.middle.unlink()
    for building in (one, other):
        said, _ = building.communicate(timeout=60)
        assert building.returncode == 0, said
    assert "The third text." in book.page()


def site(folder, **files):
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_bytes(text)
    return folder


def test_sites_with_the_same_bytes_have_no_differences(tmp_path):
    assert not list(differences(site(tmp_path / "a", x=b"1"), site(tmp_path / "b", x=b"1")))


def test_a_difference_is_named_with_its_file_and_place(tmp_path):
    one = site(tmp_path / "a", same=b"1", mine=b"", text=b"at noon", short=b"12")
    other = site(tmp_path / "b", same=b"1", text=b"at nine", short=b"1")
    assert list(differences(one, other)) == [
        f"mine: only in {one}",
        "short: byte 1:\n    b'12'\n    b'1'",
        "text: byte 4:\n    b'at noon'\n    b'at nine'",
    ]
