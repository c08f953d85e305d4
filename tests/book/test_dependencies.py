"""A page runs again when something that it is made from has other content, and only then."""

import os
import re
import shutil
import sys

import pytest
from books import DOCS, Book, last_lines

sys.path.insert(0, str(DOCS / "_extensions"))
import reach
from dependencies import code_of

LOWER = '''"""Below."""

import math as arithmetic

LIMITS = {"low": 0}
_hidden = LIMITS["low"]


def half(x):
    return x / 2


def unused(x):
    return x


@property
def decorated(x):
    return half(x)
'''
UPPER = '''"""Above."""

from hwlib.lower import half as divided
from hwlib.lower import unused

__all__ = ["quarter", "third"]


def quarter(x):
    """Mentions third."""
    return divided(divided(x))


def third(x):
    return x / 3
'''


@pytest.fixture
def library(tmp_path, monkeypatch):
    """A small hwlib in the place of the great one."""
    folder = tmp_path / "hwlib"
    (folder / "checked").mkdir(parents=True)
    for name, text in {"__init__": "", "lower": LOWER, "upper": UPPER, "checked/__init__": ""}.items():
        (folder / f"{name}.py").write_text(text)
    monkeypatch.setattr(reach, "LIBRARY", folder)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    reach.modules.cache_clear()
    yield folder
    reach.modules.cache_clear()


def edit(path, old, new):
    """Change a text, and leave the file's times."""
    times = path.stat()
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    reach.modules.cache_clear()


def own(code):
    """The definitions that code reaches, without what is imported from elsewhere."""
    return {name for name in reach.reached(code) if "arithmetic" not in name}


def test_code_reaches_what_it_names_and_what_that_names_and_nothing_else(library):
    imported = {"__init__.py", "upper", "lower"}
    quarter = {"upper.quarter", "upper.divided", "lower.half"}
    assert own("from hwlib.upper import quarter") == imported | quarter
    assert own("import hwlib.upper as u; u.third(1)") == imported | {"upper.third"}
    assert own('import hwlib; getattr(hwlib.upper, "third")(1)') == imported | {"upper.third"}
    assert own("from hwlib.lower import decorated") == {
        "__init__.py", "lower", "lower.decorated", "lower.half"
    }  # fmt: skip
    assert own("x = 1") == set()


def test_a_page_reaches_what_its_playgrounds_do():
    page = "```{playground} rate-bench\n:begin: flat;0.3\n```\n"
    assert "learning_rates.optimal_learning_rate" in reach.reached(code_of(page))
    assert reach.reached(code_of(page.replace("playground", "note"))) == {}


@pytest.mark.parametrize("name", [path.parent.name for path in (DOCS / "_playgrounds").glob("*/__init__.py")])
def test_no_playground_reaches_everything(name):
    reached = reach.reached(code_of(f"```{{playground}} {name.replace('_', '-')}\n```\n"))
    assert reached
    assert not [definition for definition in reached if definition.startswith("hypergradients.")]


@pytest.mark.parametrize("code", ["from hwlib.upper import *", "import hwlib; vars(hwlib)"])
def test_code_that_may_reach_anything_reaches_everything(library, code):
    assert {"upper.third", "lower.unused", "lower.decorated", "checked"} <= own(code)


def test_all_files_of_a_package_count(library):
    before = reach.reached("import hwlib.checked")
    (library / "checked" / "grammar.lark").write_text("start: A")
    reach.modules.cache_clear()
    assert reach.reached("import hwlib.checked") != before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("x / 2", "x / 2.0"),
        ("def half", "@staticmethod\ndef half"),
        ('"low": 0', '"low": 1'),
        ('_hidden = LIMITS["low"]', "_hidden = 1"),
    ],
)
def test_what_runs_when_a_function_is_imported_or_called_counts(library, old, new):
    before = reach.reached("from hwlib.upper import quarter")
    edit(library / "lower.py", old, new)
    assert reach.reached("from hwlib.upper import quarter") != before


@pytest.mark.parametrize(("old", "new"), [("return x\n", "return 2 * x\n"), ("import math", "import cmath")])
def test_what_a_function_does_not_use_does_not_count(library, old, new):
    before = reach.reached("from hwlib.upper import quarter")
    edit(library / "lower.py", old, new)
    assert reach.reached("from hwlib.upper import quarter") == before


USING = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n\n# Another page\n\n"
USING += "```{code-cell} python\nfrom hwlib.upper import CODE\n```\n\n```{include} part.txt\n```\n"


SETTINGS = """
import sys
from pathlib import Path
sys.path.insert(0, str(Path(__file__).parent / "_extensions"))
extensions = ["myst_nb", "dependencies"]
exclude_patterns = ["_extensions"]
nb_execution_mode = "off"  # to read a page is to run it; here it is enough to know which are read
suppress_warnings = ["myst-nb.lexer"]
html_theme = "basic"

def setup(app):
    app.connect("env-before-read-docs", lambda app, env, names: print("read:", *names))
"""


class TwoPages(Book):
    """A book of two pages beside the small hwlib, with extensions of its own."""

    def __init__(self, folder):
        super().__init__(folder)
        extensions = self.source / "_extensions"
        shutil.copytree(DOCS / "_extensions", extensions)
        (self.source / "conf.py").write_text(SETTINGS)
        (self.source / "part.txt").write_text("Some words.\n")
        (self.source / "other.md").write_text(USING.replace("CODE", "third"))
        (self.source / "index.md").write_text(
            USING.replace("CODE", "quarter") + "\n```{toctree}\nother\n```\n"
        )

    def read(self):
        """The names of the pages that are read by a build."""
        result = self.build("-j", "2")
        assert result.returncode == 0, last_lines(result)
        return re.search(r"^read:(.*)$", result.stdout, re.MULTILINE)[1].split()


def test_pages_run_again_for_other_content_and_not_for_other_times(tmp_path, library):
    book = TwoPages(tmp_path)
    assert book.read() == ["index", "other"]
    for path in [*library.rglob("*.py"), *book.source.rglob("*.*")]:
        os.utime(path)
    assert book.read() == []
    edit(library / "upper.py", "x / 3", "x / 3.0")
    assert book.read() == ["other"]
    edit(library / "lower.py", "x / 2", "x / 2.0")
    assert book.read() == ["index"]
    edit(book.source / "other.md", "Another", "A different")
    assert book.read() == ["other"]
    edit(book.source / "part.txt", "words", "more words")
    assert book.read() == ["index", "other"]
    edit(book.source / "_extensions" / "failures.py", "Say last", "Say at last")
    assert book.read() == ["index", "other"]
    (tmp_path / "uv.lock").write_text("another version")
    assert book.read() == ["index", "other"]
