"""Dimensions: numbers of rows and columns, as sums of names and numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from hwlib.checked._errors import CheckError
from hwlib.checked._parsing import canonical

Numbers = Mapping[str, int]  # dimensions and indices by name


@dataclass(frozen=True)
class Size:
    """A dimension such as 2, n or n + d.

    ``terms`` are names with whole numbers before them, in alphabetical order.
    """

    terms: tuple[tuple[str, int], ...] = ()
    constant: int = 0

    def __add__(self, other: Size) -> Size:
        terms = dict(self.terms)
        for name, count in other.terms:
            terms[name] = terms.get(name, 0) + count
        kept = tuple(sorted((name, count) for name, count in terms.items() if count))
        return Size(kept, self.constant + other.constant)

    def times(self, count: int) -> Size:
        """A whole multiple."""
        return Size(tuple((name, count * times) for name, times in self.terms), count * self.constant)

    def value(self, numbers: Mapping[str, int]) -> int:
        """The number it is when its names are these numbers."""
        return self.constant + sum(numbers[name] * count for name, count in self.terms)

    @property
    def names(self) -> list[str]:
        """The names in it."""
        return [name for name, _ in self.terms]

    def __str__(self) -> str:
        parts = [(count, name) for name, count in self.terms]
        if self.constant or not parts:
            parts.append((self.constant, ""))
        text = ""
        for count, name in parts:
            sign = "-" if count < 0 else "+" if text else ""
            number = "" if name and abs(count) == 1 else str(abs(count))
            text += f" {sign} {number}{name}" if text else f"{sign}{number}{name}"
        return text


ONE = Size((), 1)
LARGEST = 16
LARGEST_MULTIPLE = 5


def read_size(text: str) -> Size:
    """A dimension from its text."""
    size = Size()
    for sign, number, name in _terms(text):
        count = int(number or 1) * (-1 if sign == "-" else 1)
        size += Size(((canonical(name), count),)) if name else Size((), count)
    if abs(size.constant) > LARGEST or any(abs(count) > LARGEST_MULTIPLE for _, count in size.terms):
        raise CheckError(f"the dimension {size} is too large to check; give it a name, or {LARGEST} at most")
    return size


def _terms(text: str) -> list[tuple[str, str, str]]:
    spaced = text.replace(" ", "")[:200]
    term = r"([+-]?)(\d{0,9})((?:\\?[A-Za-z]+(?:_(?:\{\w+\}|\w))?)?)"
    if not spaced or spaced[-1] in "+-" or not re.fullmatch(rf"(?:(?:^|(?<=.)(?=[+-])){term})+", spaced):
        raise CheckError(f"a dimension is a name, a number or a sum of them, not {text.strip()!r}")
    return [found for found in re.findall(term, spaced) if found[1] or found[2]]
