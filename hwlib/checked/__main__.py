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
from hwlib.checked._pages import Block, blocks_in_force

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
    for block, notation in blocks_in_force(text):
        outcome = _declared(block, notation) if block.name == "symbols" else _outcome(block, notation)
        yield from _said(block, outcome)


def _declared(block: Block, notation: Notation) -> Outcome:
    try:
        return examine_notation(block.text, read_notation(block.text), notation)
    except CheckError as error:
        return Outcome(failures=(unreadable(error, block.text),))


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
