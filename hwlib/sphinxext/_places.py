"""The file and the line in which something stands."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Place:
    """The file that text was read from, and the line of the file for each line of the text."""

    path: str
    lines: tuple[int, ...]

    def of(self, text: str, position: int = 0) -> str:
        """Give ``file:line`` of a position in the text."""
        return f"{os.path.relpath(self.path)}:{self.line(text, position)}"

    def line(self, text: str, position: int = 0) -> int:
        """Give the line of the file in which a position in the text is."""
        return self.lines[min(text.count("\n", 0, position), len(self.lines) - 1)]


def place_of(path: str, line: int, text: str, argument: str = "") -> Place:
    """Find where a directive's or a role's text stands in a file, from the line near which it does.

    Parsers number the lines of what is nested or included in ways of their own, so the first line of the
    text is looked for. ``argument`` is text that stands before it, on the directive's own line.
    """
    lines: list[int] = []
    if argument:
        lines = [line + index for index in range(argument.count("\n") + 1)]
        line = lines[-1] + 1
        lines.append(line)
        text = text.removeprefix(f"{argument}\n\n")
    first = line_with(path, line, text.split("\n")[0])
    lines += [first + index for index in range(text.count("\n") + 1)]
    return Place(path, tuple(lines))


def line_with(path: str, line: int, words: str) -> int:
    """Find the first line of a file, from another line on, that has these words.

    Where there is none it is the last before; where there is none either, the line from which it was sought.
    """
    numbers = [
        number for number, text in enumerate(_lines(path), 1) if words.strip() and words.strip() in text
    ]
    after = [number for number in numbers if number >= line]
    return min(after, default=max(numbers, default=line))


def _lines(path: str) -> Sequence[str]:
    file = Path(path)
    return _lines_at(path, file.stat().st_mtime_ns) if file.is_file() else ()


@lru_cache(maxsize=8)
def _lines_at(path: str, _modified: int) -> tuple[str, ...]:
    return tuple(Path(path).read_text(encoding="utf-8").splitlines())
