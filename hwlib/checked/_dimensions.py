"""The dimensions and indices at which a relation is tried."""

from __future__ import annotations

from functools import cached_property
from itertools import product
from math import prod
from typing import TYPE_CHECKING

from hwlib.checked import _expressions as ex
from hwlib.checked._errors import CheckError
from hwlib.checked._fields import RationalField, compared
from hwlib.checked._randomness import generator_of
from hwlib.checked._values import Arithmetic

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hwlib.checked._assumptions import Assumed
    from hwlib.checked._premises import Premises
    from hwlib.checked._sizes import Numbers

FURTHER = 300  # choices of whole numbers
LARGEST_SIZE = 3
LARGEST_INDEX = 4
LARGEST_MATRIX = 24
MAXIMAL_CHOICES = 300
MOST_PAIRED = 12  # names of which every order of two is tried


class Dimensions:
    """Chooses dimensions and indices that meet the premises."""

    def __init__(self, premises: Premises):
        self._premises = premises

    def numbers(self, needed: set[str], sizing: set[str], counting: set[str]) -> list[dict[str, int]]:
        """Dimensions and indices to try, the smallest first: every order of every two, and larger ones.

        ``sizing`` are dimensions of matrices in the formula itself, ``counting`` those used as numbers.
        """
        names = self._names(needed, sizing | counting)
        if not names:
            return [{}]
        return [
            *_covering(names, self.small(needed, sizing | counting)),
            *self._larger(names, needed, sizing, counting),
        ]

    def small(self, needed: set[str], used: set[str]) -> list[dict[str, int]]:
        """All small dimensions and indices that are allowed, the smallest first."""
        names = self._names(needed, used)
        for largest in (LARGEST_SIZE, LARGEST_INDEX, 6, 9):
            allowed = self._allowed(names, largest, needed)
            if allowed:
                return allowed
        texts = ", ".join(assumed.text for assumed in self._premises.assumptions.sizes)
        raise CheckError(f"no dimensions up to 9 meet the assumptions {texts}")

    def further(self, needed: set[str], used: set[str]) -> list[dict[str, int]]:
        """Many choices of whole numbers, small and large beside each other."""
        names = self._names(needed, used)
        number = generator_of("/".join(names))
        choices = [
            {name: 1 + number() % (2, 4, 12, 40)[number() % 4] for name in names} for _ in range(FURTHER)
        ]
        return [numbers for numbers in choices if self._fits(numbers)] if names else []

    def _names(self, needed: set[str], used: set[str]) -> list[str]:
        """The dimensions and indices that matter, in the order in which they are declared."""
        wanted = used.union(*(self._premises.declarations.symbols[symbol].size_names for symbol in needed))
        wanted |= {name for name in needed if self._premises.declarations.symbols[name].name == "index"}
        for assumed in self._premises.sizes:
            more = self._symbols_of(assumed)
            if more & wanted:
                wanted |= more
        wanted |= {
            name
            for assumed in self._premises.assumptions.relations
            for name in self._premises.counted(assumed, needed)
        }
        declared = self._whole_names
        return [*(name for name in declared if name in wanted), *sorted(wanted - set(declared))]

    @cached_property
    def _whole_names(self) -> list[str]:
        """Dimensions and indices in the order in which they are declared."""
        symbols = self._premises.declarations.symbols
        found: dict[str, None] = {}
        for name, kind in symbols.items():
            for size in (kind.rows, kind.columns, kind.first):
                found.update(dict.fromkeys(size.names))
            if kind.name == "index":
                found[name] = None
        return list(found)

    def _larger(
        self, names: list[str], needed: set[str], sizing: set[str], counting: set[str]
    ) -> list[dict[str, int]]:
        """Larger choices, which depend on the names alone; the last with large counts."""
        number = generator_of("/".join(names))
        sizes = sizing.union(*(self._premises.declarations.symbols[symbol].size_names for symbol in needed))
        found: list[dict[str, int]] = []
        for low, large, width in ((4, 4, 20), (11, 4, 20), (4, 500, 1000)):
            for _ in range(100):
                numbers = {
                    name: (low if name in counting else 4) + number() % 3
                    if name in sizes
                    else large + number() % width
                    for name in names
                }
                if self._fits(numbers) and self._has_sizes(numbers, needed):
                    found.append(numbers)
                    break
        return found

    def _symbols_of(self, assumed: Assumed) -> set[str]:
        parts = [*ex.within(assumed.relation.left), *ex.within(assumed.relation.right)]
        return {part.name for part in parts if isinstance(part, ex.Symbol)}

    def _allowed(self, names: list[str], largest: int, needed: set[str]) -> list[dict[str, int]]:
        symbols = self._premises.declarations.symbols
        tops = [
            max(largest, LARGEST_INDEX if name in symbols else largest) if len(names) <= 4 else 2
            for name in names
        ]
        found = []
        for values in _choices(tops):
            numbers = dict(zip(names, values, strict=True))
            if self._fits(numbers) and self._has_sizes(numbers, needed):
                found.append(numbers)
        return sorted(found, key=lambda numbers: (sum(numbers.values()), *numbers.values()))

    def _has_sizes(self, numbers: Numbers, needed: set[str]) -> bool:
        for name in needed:
            kind = self._premises.declarations.symbols[name]
            smallest = 0 if kind.name == "sequence" else 1
            rows, columns = kind.rows.value(numbers), kind.columns.value(numbers)
            if min(rows, columns) < smallest or max(rows, columns) > LARGEST_MATRIX:
                return False
            structure = self._premises.assumptions.structure.get(name)
            excess = {"orthonormal columns": columns - rows, "orthonormal rows": rows - columns}
            if excess.get(structure or "", 0) > 0:
                return False
        return True

    def _fits(self, numbers: Numbers) -> bool:
        evaluator = self._premises.evaluator(Arithmetic(RationalField()), numbers, {})
        for assumed in self._premises.sizes:
            if not self._symbols_of(assumed) <= set(numbers):
                continue
            left, right = (
                evaluator.fraction(side) for side in (assumed.relation.left, assumed.relation.right)
            )
            if left is None or right is None or not compared(left, assumed.relation.sign, right):
                return False
        return True


def _choices(tops: list[int]) -> Iterator[tuple[int, ...]]:
    """Numbers up to the tops: all of them, or some at random where there are very many."""
    if prod(tops) <= MAXIMAL_CHOICES:
        return product(*(range(1, top + 1) for top in tops))
    number = generator_of(str(tops))
    equal = [(1,) * len(tops), (2,) * len(tops)]
    return iter([*equal, *(tuple(1 + number() % top for top in tops) for _ in range(MAXIMAL_CHOICES))])


def _covering(names: list[str], allowed: list[dict[str, int]]) -> list[dict[str, int]]:
    """Few of the choices that together have every value of each name and every order of each two."""

    def features(numbers: Mapping[str, int]) -> set[tuple[object, ...]]:
        single = {(name, numbers[name]) for name in names}
        orders = {
            (a, b, (numbers[a] > numbers[b]) - (numbers[a] < numbers[b]), min(numbers[a], numbers[b]) > 1)
            for a in names[:MOST_PAIRED]
            for b in names[:MOST_PAIRED]
            if a < b
        }
        return single | orders

    left = [(numbers, features(numbers)) for numbers in allowed]
    wanted = set().union(*(found for _, found in left))
    chosen = []
    while wanted:
        best = max(range(len(left)), key=lambda place: (len(left[place][1] & wanted), -place))
        numbers, found = left.pop(best)
        chosen.append(numbers)
        wanted -= found
    return sorted(chosen, key=lambda numbers: sum(numbers.values()))
