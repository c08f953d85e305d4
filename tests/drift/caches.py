"""Drifts that an old output would hide, and versions that are bumped in one place alone.

A file is edited between two builds and looks as old as before; what was computed with it has to be computed
again. `pages_to_run` says which pages, from what their cells import.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache

import pages
from drifts import ROOT, Drift, read
from programs import changes

WIDELY_USED = ["numpy", "matplotlib", "ipykernel", "myst-nb", "sphinx", "lark"]
LOCKED = rf'(?<=^name = ")(?:{"|".join(WIDELY_USED)})"\nversion = "[\d.]+'
STYLE = r"(?<=: )[\d.]+(?=\s*(?:#.*)?$)"
VERSIONS = {
    "pyproject.toml": r'(?<=^version = ")[\d.]+|(?<=requires-python = ">=)[\d.]+|(?<="numpy>=)[\d.]+(?="\]$)',
    "CITATION.cff": r"(?<=^version: )[\d.]+|(?<=^date-released: )[\d-]+",
    "CHANGELOG.md": r"(?<=^## )\d[\d.]+|(?<= - )\d{4}-\d\d-\d\d",
    "README.md": r"(?<=Python )\d[\d.]+\d",
    "package.json": r'(?<="mathjax": ")[\d.]+',
    "package-lock.json": r'(?<="version": ")[\d.]+',
    ".readthedocs.yaml": r'(?<=python: ")[\d.]+',
}


def drifts() -> Iterator[Drift]:
    """Everything that the outputs of cells depend on, edited; every version, bumped."""
    yield from of_library()
    yield from of_cells()
    yield from of_versions("style", "docs/matplotlibrc", STYLE, keeps_time=True)
    yield from of_versions("lock file", "uv.lock", LOCKED, keeps_time=True)
    for path, pattern in VERSIONS.items():
        yield from of_versions("version", path, pattern)


def of_library() -> Iterator[Drift]:
    """Operators in modules that pages use; the text gets longer, for Python goes by time and size."""
    for path in sorted((ROOT / "hwlib").glob("[!_]*.py")):
        if users(path.stem):
            name = path.relative_to(ROOT).as_posix()
            for change in changes(read(name)):
                if change.rule == "operator" and change.old in {"+", "-", "*", "/"}:
                    new = f"{change.new} 2 *" if change.new in "+-" else f"{change.new} 2 {change.new}"
                    yield Drift(7, "library", name, change.start, change.old, new, keeps_time=True)


def of_cells() -> Iterator[Drift]:
    """Literals in the cells of pages."""
    for path in pages.pages():
        for cell in pages.cells(read(path)):
            for change in changes(cell.code.text):
                if change.rule == "literal":
                    start = cell.code.start + change.start
                    yield Drift(7, "cell", path, start, change.old, change.new, keeps_time=True)


def of_versions(rule: str, path: str, pattern: str, *, keeps_time: bool = False) -> Iterator[Drift]:
    """Versions and other numbers in a file."""
    for found in re.finditer(pattern, read(path), re.MULTILINE):
        last = re.search(r"\d+$", found[0])
        later = str(int(last[0]) + 1).zfill(len(last[0]))
        yield Drift(7, rule, path, found.start() + last.start(), last[0], later, keeps_time=keeps_time)


@cache
def users(module: str) -> frozenset[str]:
    """The pages whose cells import a module of the library."""
    return frozenset(path for path in pages.pages() if module in imported(path))


@cache
def imported(path: str) -> frozenset[str]:
    """The modules of the library that the cells of a page import."""
    found = set()
    for cell in pages.cells(read(path)):
        for node in ast.walk(ast.parse(cell.code.text)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("hwlib"):
                found |= {node.module.split(".")[1]} if "." in node.module else {n.name for n in node.names}
            elif isinstance(node, ast.Import):
                found |= {name.name.split(".")[1] for name in node.names if name.name.startswith("hwlib.")}
    return frozenset(found)


def pages_to_run(drift: Drift) -> frozenset[str]:
    """The pages whose cells have to run again after a drift."""
    if drift.rule == "library":
        return users(drift.path.split("/")[1].removesuffix(".py"))
    if drift.rule == "cell":
        return frozenset([drift.path])
    return frozenset(path for path in pages.pages() if pages.cells(read(path)))
