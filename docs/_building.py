"""Build the book aside, and put it in the place of the last good one when it is whole.

``build/book`` is all that the last good build left: the site, and what makes the next build short. A build
works on a copy of it, ``build/book.new``. When it has failed or was killed, or the disk was full, the copy
goes and nothing else has changed. ``build/html`` is the site for readers, moved there as a whole.
"""

import fcntl
import gc
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from sphinx.cmd.build import build_main

ROOT = Path(__file__).parents[1]
OPTIONS = ["-W", "--keep-going", "-n", "-j", "auto"]


def build(source: Path, folder: Path, *, clean: bool = False, read: bool = False) -> int:
    """Build the book into ``html`` of a folder; a clean build uses nothing of the last one.

    ``read`` says that somebody has read what the book says of its cells (`_extensions/readings.py`).

    Returns
    -------
    int
        0, or something else if the build has failed and the site is the last good one.
    """
    book, site = folder / "book", folder / "html"
    with alone(folder / "book.lock"):
        try:
            recover(book)
            recover(site)
            if book.exists() and not clean:
                shutil.copytree(book, aside(book))
            options = ["-D", "readings_accept=1"] if read else []
            status = build_main([*options, *arguments(source, aside(book))])
            if status == 0:
                put_in_place(book)
                shutil.copytree(book / "html", aside(site))
                put_in_place(site)
        except OSError as error:
            print(f"{type(error).__name__}: {str(error)[:500]}", file=sys.stderr)  # one error a file
            status = 1
        remove(aside(book))
        remove(aside(site))
    print(f"The book: {(site / 'index.html').as_uri()}" if status == 0 else last_good(site), flush=True)
    return status


def preview(source: Path, folder: Path, *, clean: bool = False) -> None:
    """Show the book and build it again on every change; this is not the site for readers."""
    with alone(folder / "preview.lock"):
        if clean:
            remove(folder / "preview")
        watched = ["--watch", str(source.parent / "hwlib"), "--ignore", f"{folder}/*"]
        command = [sys.executable, "-m", "sphinx_autobuild", *watched, *arguments(source, folder / "preview")]
        subprocess.run(command, check=True)  # noqa: S603 - our own words


def arguments(source: Path, folder: Path) -> list[str]:
    """What Sphinx is told, to keep all that it makes in one folder."""
    return [*OPTIONS, "-d", str(folder / "doctrees"), str(source), str(folder / "html")]


@contextmanager
def alone(path: Path):
    """Wait until no other build is running; the system lets go of the lock when its holder ends, however."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another build is running; this one begins when that is done.", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def aside(folder: Path) -> Path:
    """Where a folder is made; always the same place, for Sphinx notes down where images are."""
    return folder.with_name(f"{folder.name}.new")


def before(folder: Path) -> Path:
    """Where a folder is for the moment between the two moves."""
    return folder.with_name(f"{folder.name}.old")


def put_in_place(folder: Path) -> None:
    """Move a folder that is whole to its place, and then remove the one that was there."""
    if folder.exists():
        folder.rename(before(folder))
    aside(folder).rename(folder)
    remove(before(folder))


def recover(folder: Path) -> None:
    """Undo what a killed build left."""
    if before(folder).exists() and not folder.exists():
        before(folder).rename(folder)
    remove(before(folder))
    remove(aside(folder))


def remove(folder: Path) -> None:
    """Remove a folder, if there is one."""
    if folder.exists():
        shutil.rmtree(folder)


def last_good(site: Path) -> str:
    """What a failed build leaves."""
    return f"No new site. {site} is the last good one, as it was." if site.exists() else "No site."


if __name__ == "__main__":
    options = set(sys.argv[1:])
    if "serve" in options:
        preview(ROOT / "docs", ROOT / "build", clean="clean" in options)
    else:
        gc.disable()  # what is made lasts to the end; to look through it takes a fifth of the time
        status = build(ROOT / "docs", ROOT / "build", clean="clean" in options, read="read" in options)
        gc.freeze()  # nor is it looked through at the end
        sys.exit(status)
