"""What a contributor's ``nox`` runs for the part of the project that a file belongs to, quickest first."""

from dataclasses import dataclass
from pathlib import PurePath

from drifts import ROOT, Drift

BOOKS = "tests/book/test_extensions.py"  # builds books of its own: no page is in them
OF_ALL_FUNCTIONS = ["tests/test_arguments.py", "tests/test_package.py", "tests/test_docstrings.py"]


@dataclass(frozen=True)
class Check:
    """A session of nox with its arguments, and the most seconds it may take; ``name`` is how it is reported."""

    name: str
    command: tuple[str, ...]
    limit: int = 300


DOCS = Check("docs", ("nox", "-R", "-s", "docs"))
DOCTEST = Check("doctest", ("nox", "-R", "-s", "doctest", "--", "-x", "-q"))
LOCK = Check("lock", ("uv", "lock", "--check", "--offline"))  # what every session's `uv sync --locked` begins with


def tests(name: str, *paths: str) -> Check:
    """Some of the tests."""
    return Check(name, ("nox", "-R", "-s", "tests", "--", "--no-cov", "-x", "-q", *paths))


def checks_of(drift: Drift) -> list[Check]:
    """What is run, one after the other, until something fails."""
    path = PurePath(drift.path)
    book = tests("tests/book", "tests/book", f"--ignore={BOOKS}")
    if drift.number == 7:
        return [book, LOCK] if drift.rule == "version" else [DOCS]
    if path.parts[0] == "docs":
        return [DOCS, book]
    if path.parts[0] == "hwlib":
        return of_library(path)
    return [book, DOCTEST]


def of_library(path: PurePath) -> list[Check]:
    """The tests of a module, the examples of all, and the pages that use it."""
    everywhere = [name for name in OF_ALL_FUNCTIONS if (ROOT / name).exists()]
    if path.parts[1] == "checked":
        own = f"tests/checked/test_{path.stem.strip('_')}.py"
        first = [tests(own, own)] if (ROOT / own).exists() else []
        return [*first, tests("tests/checked", "tests/checked", "tests/sphinxext"), DOCTEST, DOCS]
    own = f"tests/test_{path.stem}.py"
    if (ROOT / own).exists():
        return [tests(own, own), tests("tests of all functions", *everywhere), DOCTEST, DOCS]
    top = sorted(file.relative_to(ROOT).as_posix() for file in (ROOT / "tests").glob("test_*.py"))
    return [tests("tests/test_*.py", *top), DOCTEST, DOCS]
