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
VERSIONS = {
    "pyproject.toml": r'(?<=^version = ")[\d.]+|(?<=requires-python = ">=)[\d.]+|(?<=dependencies = \[).*numpy>=[\d.]+',
    "CITATION.cff": r"(?<=^version: )[\d.]+|(?<=^date-released: )[\d-]+",
    "CHANGELOG.md": r"(?<=^## )\d[\d.]+|(?<= - )\d{4}-\d\d-\d\d",
    "README.md": r"(?<=Python )\d[\d.]+\d",
    "package.json": r'(?<="mathjax": ")[\d.]+',
    "package-lock.json": r'(?<="version": ")[\d.]+',
    ".readthedocs.yaml": r'(?<=python: ")[\d.]+',
}
STYLE = re.compile(r"(?<=: )[\d.]+(?=\s*(?:#.*)?$)", re.MULTILINE)


def drifts() -> Iterator[Drift]:
    """Everything that the outputs of cells depend on, edited; every version, bumped."""
    for path in sorted((ROOT / "hwlib").glob("[!_]*.py")):
        name = path.relative_to(ROOT).as_posix()
        if users(path.stem):
            for change in of_functions(read(name)):
                yield Drift(7, "library", name, change.start, change.old, change.new, keeps_time=True)
    for name in pages.pages():
        for cell in pages.cells(read(name)):
            for change in changes(cell.code.text):
                if change.rule == "literal" and "given" not in cell.tags:
                    start = cell.code.start + change.start
                    yield Drift(7, "cell", name, start, change.old, change.new, keeps_time=True)
    text = read("docs/matplotlibrc")
    for found in STYLE.finditer(text):
        yield Drift(7, "style", "docs/matplotlibrc", found.start(), found[0], later(found[0]), keeps_time=True)
    text = read("uv.lock")
    for package in WIDELY_USED:
        for found in re.finditer(rf'(?<=^name = "{package}"\nversion = ")[\d.]+', text, re.MULTILINE):
            yield Drift(7, "lock file", "uv.lock", found.start(), found[0], later(found[0]), keeps_time=True)
    for name, pattern in VERSIONS.items():
        for found in re.finditer(pattern, read(name), re.MULTILINE):
            yield Drift(7, "version", name, found.start(), found[0], later(found[0]))


def of_functions(text: str) -> Iterator:
    """The operators in the bodies of a module's functions; longer, for Python too goes by time and size."""
    for change in changes(text):
        if change.rule == "operator" and change.old in {"+", "-", "*", "/", "@"}:
            yield type(change)(change.rule, change.start, change.old, f"{change.new} 2 * " if change.new in "+-" else f"{change.new} 2 {change.new}")


def later(version: str) -> str:
    """The next version, or date, or number."""
    last = re.search(r"\d+$", version)
    return version[: last.start()] + str(int(last[0]) + 1).zfill(len(last[0]))


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
