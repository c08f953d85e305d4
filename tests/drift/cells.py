"""Drifts of the cells of pages: a literal, an operator or a called name changed."""

from collections.abc import Iterator

import pages
from drifts import Drift, read
from programs import changes


def drifts() -> Iterator[Drift]:
    """Every fact in the code of every page changed."""
    for path in pages.pages():
        for cell in pages.cells(read(path)):
            if "given" not in cell.tags:
                for change in changes(cell.code.text):
                    yield Drift(5, change.rule, path, cell.code.start + change.start, change.old, change.new)
