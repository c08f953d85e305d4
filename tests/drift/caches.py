"""Drifts that an old output would hide, and versions that are bumped in one place alone.

A file is edited between two builds and looks as old as before; what was computed with it has to be computed
again. `pages_to_run` says which pages, from what their cells name.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache

import pages
from drifts import ROOT, Drift, read
from programs import Code, changes, imported_functions

MODULES = sorted((ROOT / "hwlib").glob("*.py"))
WIDELY_USED = ["numpy", "matplotlib", "ipykernel", "myst-nb", "sphinx", "lark"]
LOCKED = rf'(?<=^name = ")(?:{"|".join(WIDELY_USED)})"\nversion = "[\d.]+'
STYLE = r"(?<=: )[\d.]+(?=\s*(?:#.*)?$)"
VERSIONS = {
    "pyproject.toml": r'(?<=^version = ")[\d.]+|(?<=requires-python = ">=)[\d.]+|(?<="numpy>=)[\d.]+(?="\]$)',
    "CITATION.cff": r"(?<=^version: )[\d.]+|(?<=^date-released: )[\d-]+",
    "CHANGELOG.md": r"(?<=^## )\d[\d.]+|(?<= - )\d{4}-\d\d-\d\d",
    "README.md": r"(?<=Python )\d[\d.]+\d",
    "package.json": r'(?<="temml": ")[\d.]+',
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
    """Operators in functions that pages use; the text gets longer, for Python goes by time and size."""
    for path in MODULES:
        name = path.relative_to(ROOT).as_posix()
        for change in changes(read(name)):
            if change.rule == "operator" and change.old in {"+", "-", "*", "/"}:
                new = f"{change.new} 2 *" if change.new in "+-" else f"{change.new} 2 {change.new}"
                drift = Drift(7, "library", name, change.start, change.old, new, keeps_time=True)
                if pages_to_run(drift):
                    yield drift


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


def pages_to_run(drift: Drift) -> frozenset[str]:
    """The pages whose cells have to run again after a drift."""
    if drift.rule == "library":
        return users(definition(drift.path, drift.start))
    if drift.rule == "cell":
        return frozenset([drift.path])
    return frozenset(path for path in pages.pages() if pages.cells(read(path)))


def definition(path: str, start: int) -> str:
    """The name of the function or class of a module in which a place is; "" outside of all."""
    code = Code(read(path))
    for node in code.tree.body:
        if (
            isinstance(node, ast.FunctionDef | ast.ClassDef)
            and code.span(node)[0] <= start < code.span(node)[1]
        ):
            return node.name
    return ""


@cache
def users(name: str) -> frozenset[str]:
    """The pages whose cells name a function or class of the library, or one that needs it."""
    reached, known = {name}, -1
    while known < len(reached):
        known = len(reached)
        reached |= {one for one, needed in definitions().items() if needed & reached}
    return frozenset(path for path in pages.pages() if name and names_in_cells(path) & reached)


@cache
def definitions() -> dict[str, set[str]]:
    """The functions and classes of the numerical modules, each with the names it uses."""
    modules = [ast.parse(read(path.relative_to(ROOT).as_posix())) for path in MODULES]
    return {
        node.name: names_in(node)
        for module in modules
        for node in module.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }


@cache
def names_in_cells(path: str) -> set[str]:
    """The names of the library that the cells of a page import or take from a module."""
    trees = [ast.parse(cell.code.text) for cell in pages.cells(read(path))]
    return set().union(*(attributes(tree) | set(imported_functions(tree)) for tree in trees))


def names_in(tree: ast.AST) -> set[str]:
    """The names in a piece of code that are not its own, with those it takes from the library."""
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    own = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    own |= {node.id for node in names if isinstance(node.ctx, ast.Store)}
    return attributes(tree) | {node.id for node in names} - own


def attributes(tree: ast.AST) -> set[str]:
    """What a piece of code takes from a module of the library by its name."""
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    return {node.attr for node in found if ast.unparse(node.value) in {path.stem for path in MODULES}}
