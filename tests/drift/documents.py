"""Drifts of docstrings and of the files beside the code: outputs, formulas, shapes, ranges, numbers."""

import ast
import re
from collections.abc import Iterator

from drifts import ROOT, Drift, read
from programs import Code
from quantities import NUMBER_WORD, as_written

BESIDE = ["README.md", "CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md"]
OUTPUT = re.compile(r"^ *>>> .*\n(?: *\.\.\. .*\n)*((?:(?! *>>>|\s*\n| *```).+\n)+)", re.MULTILINE)
FORMULA = re.compile(r"^( *)\.\. math::(.*\n(?:\1 +.*\n|\s*\n)*)", re.MULTILINE)
SHAPE = re.compile(r"(?<=\()(n, d|d, n|n,|d,|k,|d, r|n, n|height, width)(?=\))")
OTHER_SHAPE = {
    "n, d": "d, n",
    "d, n": "n, d",
    "n,": "d,",
    "d,": "n,",
    "k,": "n,",
    "height, width": "width, height",
}
RANGE = re.compile(r"\b(at least|above|below|at most|more than|less than|larger|smaller)\b(?= [\d`-])")
OTHER_RANGE = {
    "at least": "at most", "at most": "at least", "above": "below", "below": "above",
    "more than": "less than", "less than": "more than", "larger": "smaller", "smaller": "larger",
}  # fmt: skip
DEFAULT = re.compile(r"(?<=default )([\d.e-]+)(?=[^\d.e-])")
SIGN = re.compile(r"(?<=[\w})] )[-+](?= )|\\le\b|\\ge\b|\^\\top|\^2|\\eta\b|\\lambda\b|(?<![_^{\w])\d+")
OTHER_SIGN = {
    "+": "-", "-": "+", r"\le": r"\ge", r"\ge": r"\le", r"^\top": "", "^2": "^3", r"\eta": r"\lambda",
    r"\lambda": r"\eta",
}  # fmt: skip
DIGITS = re.compile(r"(?<![\w./-])\d+(?![\w-])|(?<=\d\.)\d+")


def drifts() -> Iterator[Drift]:
    """What the docstrings and the files say, changed."""
    for path in [*sorted((ROOT / "hwlib").glob("[!_]*.py")), ROOT / "hwlib/checked/__init__.py"]:
        name = path.relative_to(ROOT).as_posix()
        for start, text in docstrings(read(name)):
            yield from of_docstring(name, start, text)
    for name in BESIDE:
        yield from beside(name, read(name))


def docstrings(text: str) -> Iterator[tuple[int, str]]:
    """The docstrings of a module as they are written."""
    code = Code(text)
    for node in ast.walk(code.tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
            start, end = code.span(node.body[0])
            yield start, text[start:end]


def of_docstring(path: str, start: int, text: str) -> Iterator[Drift]:
    for output in OUTPUT.finditer(text):
        for found in DIGITS.finditer(output[1]):
            yield number("output", path, start + output.start(1), found)
    for formula in FORMULA.finditer(text):
        for found in SIGN.finditer(formula[2]):
            new = OTHER_SIGN.get(found[0]) if not found[0].isdigit() else str(int(found[0]) + 1)
            yield Drift(6, "formula", path, start + formula.start(2) + found.start(), found[0], new)
    for found in SHAPE.finditer(text):
        if found[1] in OTHER_SHAPE:
            yield Drift(6, "shape", path, start + found.start(), found[1], OTHER_SHAPE[found[1]])
    for found in RANGE.finditer(text):
        yield Drift(6, "range", path, start + found.start(), found[1], OTHER_RANGE[found[1]])
    for found in DEFAULT.finditer(text):
        yield Drift(6, "default", path, start + found.start(), found[1], f"{float(found[1]) * 2 or 1:g}")


def beside(path: str, text: str) -> Iterator[Drift]:
    """Numbers and number words of a file, and the names of the project in it."""
    for found in DIGITS.finditer(text):
        yield number(f"number in {path}", path, 0, found)
    for found in NUMBER_WORD.finditer(text):
        yield Drift(6, f"number word in {path}", path, found.start(), found[0], as_written(found[0]))
    for found in re.finditer(r"(?<=`)(?:hwlib\.)?([a-z][a-z_0-9]+)(?=`)|(?<=nox -s )(\w+)", text):
        name = found[1] or found[2]
        start = found.start(1) if found[1] else found.start(2)
        yield Drift(6, f"name in {path}", path, start, name, name[:-1] + "_" + name[-1])


def number(rule: str, path: str, start: int, found: re.Match[str]) -> Drift:
    """A number replaced by the next that has as many digits."""
    digits = found[0]
    new = str((int(digits) + 1) % 10 ** len(digits)).zfill(len(digits))
    return Drift(6, rule, path, start + found.start(), digits, new)
