"""What a contributor's ``nox`` runs for the part of the project that a file belongs to, quickest first."""

from dataclasses import dataclass
from pathlib import PurePath

from drifts import ROOT, Drift

# The other tests of the book build books of their own
OF_PAGES = ["tests/book/test_chapters.py", "tests/book/test_project_files.py"]


@dataclass(frozen=True)
class Check:
    """What is run, the most seconds it may take, and the name by which it is reported."""

    name: str
    command: tuple[str, ...]
    limit: int = 900


DOCS = Check("docs", ("nox", "-R", "-s", "docs"))
DOCTEST = Check("doctest", ("nox", "-R", "-s", "doctest", "--", "-x", "-q"))
TYPES = Check("types", ("nox", "-R", "-s", "types"))
# a session that needs an installed package begins so; a lock file that says something false installs nothing
APART = ".nox/apart"  # what it installs must not be missed by the checks of other drifts
NPM = Check("npm", ("nox", "--envdir", APART, "--install-only", "-s", "docs", "site"))
LOCK = Check("lock", ("uv", "lock", "--check", "--offline"))  # every session's `uv sync --locked` begins so


def some_tests(name: str, *paths: str, limit: int = 900) -> Check:
    """Some of the tests."""
    pytest = ("nox", "-R", "-s", "tests", "--", "--no-cov", "--numprocesses=0", "-x", "-q", *paths)
    return Check(name, pytest, limit)


def of_each_session() -> list[Check]:
    """A check of each session: a drift is caught by none of these that fails without it."""
    return [DOCS, some_tests("tests/book", *OF_PAGES), DOCTEST, TYPES, NPM, LOCK]


def checks_of(drift: Drift) -> list[Check]:
    """What is run, one after the other, until something fails."""
    path = PurePath(drift.path)
    book = some_tests("tests/book", *OF_PAGES)
    if drift.number == 7:
        lock = NPM if drift.path == "package-lock.json" else LOCK
        return [book, lock] if drift.rule == "version" else [DOCS]
    if path.parts[0] == "docs":
        return [DOCS, book]
    if path.parts[0] == "hwlib":
        return of_library(path)
    return [book, DOCTEST, DOCS]


def of_library(path: PurePath) -> list[Check]:
    """The tests of a module, the examples of all, the pages that use it, and the types."""
    modules = {file.stem for file in (ROOT / "hwlib").glob("[!_]*.py")}
    top = {file.stem: f"tests/{file.name}" for file in sorted((ROOT / "tests").glob("test_*.py"))}
    everywhere = [file for name, file in top.items() if name.removeprefix("test_") not in modules]
    if path.parts[1] == "checked":
        own = f"tests/checked/test_{path.stem.strip('_')}.py"
        first = [some_tests(own, own, limit=300)] if (ROOT / own).exists() else []
        return [*first, some_tests("tests/checked", "tests/checked", "tests/sphinxext"), DOCTEST, DOCS, TYPES]
    own = top.get(f"test_{path.stem}")
    if own:
        others = some_tests("tests of all modules", *everywhere)
        return [some_tests(own, own, limit=300), others, DOCTEST, DOCS, TYPES]
    return [some_tests("tests of all modules", *top.values()), DOCTEST, DOCS, TYPES]
