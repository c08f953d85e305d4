"""``python -m hwlib.checked page.md ...``: check the mathematics of Markdown pages."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from hwlib.checked._blocks import (
    Outcome,
    beginning,
    examine,
    examine_notation,
    examine_refuted,
    examine_supposition,
    one_line,
    said,
    unreadable,
)
from hwlib.checked._errors import CheckError
from hwlib.checked._notation import Notation, read_notation
from hwlib.checked._pages import Block, Heading, read_page

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DESCRIPTION = """\
Check the blocks {symbols}, {checked-math} and {refuted-math} and the roles {cm} and {suppose} of Markdown
pages. The status is 1 if anything is not as its page claims. Only Sphinx checks what :equals: says."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the pages named; return the status."""
    parser = argparse.ArgumentParser(prog="python -m hwlib.checked", description=DESCRIPTION)
    parser.add_argument("pages", nargs="+", metavar="page.md", type=Path)
    failed = False
    for path in parser.parse_args(arguments).pages:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            parser.error(f"{path}: {error}")
        for line, message, fails in check_page(text):
            print(f"{path}:{line}: {message}")
            failed = failed or fails
    return int(failed)


def check_page(text: str) -> Iterator[tuple[int, str, bool]]:
    """Check a page: lines, what is to be said of them, and whether that is a failure."""
    scopes = [(0, Notation())]
    for part in read_page(text):
        if isinstance(part, Heading):
            while scopes[-1][0] >= part.level:
                scopes.pop()
            scopes.append((part.level, scopes[-1][1]))
            continue
        level, notation = scopes[-1]
        if part.name == "symbols":
            notation, outcome = _declared(part, notation)
            scopes[-1] = level, notation
        else:
            outcome = _outcome(part, notation)
        yield from _said(part, outcome)


def _declared(block: Block, notation: Notation) -> tuple[Notation, Outcome]:
    try:
        own = read_notation(block.text)
    except CheckError as error:
        return notation, Outcome(failures=(unreadable(error, block.text),))
    whole = notation.extended_by(own)
    return whole, examine_notation(block.text, own, whole)


def _outcome(block: Block, notation: Notation) -> Outcome:
    if block.name == "suppose":
        return examine_supposition(block.text, notation)
    if block.name == "refuted-math":
        wrong = tuple(int(number) for number in block.options.get("wrong", "").replace(",", " ").split())
        return examine_refuted(block.text, notation, wrong, block.options.get("error", ""))
    return examine(block.text, notation)


def _said(block: Block, outcome: Outcome) -> Iterator[tuple[int, str, bool]]:
    def line(position: int) -> int:
        return block.line + block.text.count("\n", 0, position)

    to_be_wrong = block.name == "refuted-math"
    for step in outcome.steps:
        yield line(beginning(step)), said(step), not (step.ok or to_be_wrong)
    if outcome.problem:
        yield block.line, f"refused: {one_line(block.text)}: {outcome.problem}", False
    for failure in outcome.failures:
        if to_be_wrong or not outcome.steps:
            name = "not as claimed" if outcome.steps else "unreadable"
            yield line(failure.position), f"{name}: {failure.message}", True


if __name__ == "__main__":
    sys.exit(main())
