"""Drifts of numbers: typed ones, bound ones, given ones, and those of the errata."""

import re
from collections.abc import Iterator

from drifts import Drift, read
from pages import captions, cells, formulas, pages, prose, roles
from programs import Code, changes, of_literal

WORDS = ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
OTHER_WORD = dict(zip(WORDS, [*WORDS[1:], "thirteen"], strict=True)) | {
    "twenty": "thirty", "hundred": "thousand", "thousand": "million", "half": "third", "twice": "thrice",
    "double": "triple",
}  # fmt: skip
DIGITS = re.compile(r"\d+")
NUMBER_WORD = re.compile(rf"\b({'|'.join(OTHER_WORD)})\b", re.IGNORECASE)
OTHER_FORMAT = {"f": "%", "%": "f", "e": "f", "d": "x", "g": "%"}
OTHER_VERDICT = {"right": "wrong", "wrong": "right", "missing": "right"}


def drifts() -> Iterator[Drift]:
    """Every number of the pages and of the errata changed."""
    for path in pages():
        text = read(path)
        yield from in_words(path, 0, prose(text))
        for caption in captions(text):
            yield from in_words(path, caption.start, caption.text)
        for formula in formulas(text):
            for found in DIGITS.finditer(formula.text):
                new = str(int(found[0]) + 1)
                yield Drift(2, "formula in a sentence", path, formula.start + found.start(), found[0], new)
        yield from of_roles(path, text)
        yield from of_givens(path, text)
    yield from of_errata("docs/errata.toml")


def in_words(path: str, start: int, text: str) -> Iterator[Drift]:
    """Digits and number words of sentences."""
    for found in DIGITS.finditer(text):
        yield Drift(2, "digit", path, start + found.start(), found[0], str(int(found[0]) + 1))
    for found in NUMBER_WORD.finditer(text):
        yield Drift(2, "number word", path, start + found.start(), found[0], as_written(found[0]))


def as_written(word: str) -> str:
    """Another number word, with a capital where the first has one."""
    other = OTHER_WORD[word.lower()]
    return other.capitalize() if word[0].isupper() else other


def of_roles(path: str, text: str) -> Iterator[Drift]:
    """The expression and the format of a bound number, and the number typed in its stead."""
    for name, piece in roles(text, "value", "given"):
        expression, _, form = piece.text.rpartition(":") if ":" in piece.text else (piece.text, "", "")
        written = f"{{{name}}}`{piece.text}`"
        yield Drift(2, "unbound", path, piece.start - len(name) - 3, written, "3.14")
        try:
            for change in changes(expression):
                yield Drift(2, "expression", path, piece.start + change.start, change.old, change.new)
        except SyntaxError:
            continue
        if form[-1:] in OTHER_FORMAT:
            end = piece.start + len(piece.text) - 1
            yield Drift(2, "format", path, end, form[-1], OTHER_FORMAT[form[-1]])


def of_givens(path: str, text: str) -> Iterator[Drift]:
    """The literals of cells that say what is given."""
    for cell in cells(text):
        if "given" in cell.tags:
            code = Code(cell.code.text)
            for node in code.facts():
                for change in of_literal(code, node):
                    yield Drift(2, "given", path, cell.code.start + change.start, change.old, change.new)


def of_errata(path: str) -> Iterator[Drift]:
    """Digits, number words and verdicts of the errata."""
    text = read(path)
    for found in re.finditer(r"^(source|truth) = (.*)$", text, re.MULTILINE):
        for drift in in_words(path, found.start(2), found[2]):
            yield Drift(2, "errata", path, drift.start, drift.old, drift.new)
    for found in re.finditer(r'^verdict = "(\w+)"$', text, re.MULTILINE):
        yield Drift(2, "verdict", path, found.start(1), found[1], OTHER_VERDICT[found[1]])
