"""In what order symbols get their values, and by which of the assumed equations."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import TYPE_CHECKING

from hwlib.checked._assumptions import Assumed, free_names
from hwlib.checked._errors import CheckError
from hwlib.checked._fields import IrrationalError, RationalField, UndefinedError
from hwlib.checked._randomness import generator_of
from hwlib.checked._shapes import is_scalar
from hwlib.checked._values import Arithmetic, Value, shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hwlib.checked._data import Data
    from hwlib.checked._dimensions import Dimensions
    from hwlib.checked._premises import Premises
    from hwlib.checked._randomness import Draw
    from hwlib.checked._sizes import Numbers

MAXIMAL_PLANS = 8


@dataclass(frozen=True)
class Plan:
    """In what order symbols get their values, and by which equations.

    ``solved`` has for some symbols the equations, linear in them, that they are solved from. In a complete
    plan that gives every solution: what stands before the unknowns does not depend on data, or on matrices of
    an assumed rank alone.
    """

    order: tuple[str, ...]
    solved: Mapping[str, tuple[Assumed, ...]]
    complete: bool


class Plans:
    """Finds the ways in which assumed equations can be solved."""

    def __init__(self, premises: Premises, dimensions: Dimensions, data: Data):
        self._premises = premises
        self._dimensions = dimensions
        self._data = data

    def of(self, needed: set[str]) -> list[Plan]:
        """The ways in which the equations can be solved, each for one symbol or another."""
        choices = []
        for equation, written in zip(
            self._premises.assumptions.equations, self._premises.equations, strict=True
        ):
            names = self._premises.names_of(equation)
            if names & needed:
                choices.append([(equation, target) for target in self._targets(equation, written, names)])
        plans = [self._plan(needed, chosen) for chosen in islice(product(*choices), 20)]
        found = [plan for plan in plans if plan is not None][:MAXIMAL_PLANS]
        if len(choices) == 1 and len(found) == len(choices[0]) and self._is_multilinear(choices[0]):
            return [replace(plan, complete=True) for plan in found]
        found = [plan for plan in found if plan.complete][:1] or found
        if not found:
            texts = ", ".join(self._premises.assumptions.texts)
            raise CheckError(
                f"no data are known that meet {texts}: each must be linear in a symbol of its own"
            )
        return found

    def _is_multilinear(self, ways: list[tuple[Assumed, str]]) -> bool:
        """Whether ways to solve a single equation of numbers reach all its solutions.

        They do if each of its symbols is solved for in turn: every factor of the polynomial is linear in one.
        """
        equation = ways[0][0]
        written = self._premises.equations[self._premises.assumptions.equations.index(equation)]
        scalar = is_scalar(self._premises.shapes.of[id(written.relation.left)])
        return scalar and {target for _, target in ways} == self._premises.names_of(equation)

    def _plan(self, needed: set[str], chosen: tuple[tuple[Assumed, str], ...]) -> Plan | None:
        before: dict[str, set[str]] = {}
        solved: dict[str, tuple[Assumed, ...]] = {}
        for equation, target in chosen:
            names = self._premises.names_of(equation)
            if any(target in _all_before(other, before) for other in names - {target}):
                return None
            before.setdefault(target, set()).update(names - {target})
            written = self._premises.equations[self._premises.assumptions.equations.index(equation)]
            solved[target] = (*solved.get(target, ()), written)
        for name, rank in self._premises.assumptions.ranks.items():
            before.setdefault(name, set()).update(free_names(rank, self._premises.declarations))
        order: list[str] = []
        waiting = [name for name in self._premises.declarations.symbols if name in needed]
        while waiting:
            ready = [name for name in waiting if before.get(name, set()) & needed <= set(order)]
            if not ready:
                return None
            order.append(ready[0])
            waiting.remove(ready[0])
        complete = all(
            self._is_steady(written, target) for target, equations in solved.items() for written in equations
        )
        plan = Plan(tuple(order), solved, complete)
        several = any(len(equations) > 1 for equations in solved.values())
        return replace(plan, complete=complete and self._has_solution(plan)) if several else plan

    def _has_solution(self, plan: Plan) -> bool:
        """Whether several equations for one symbol have a solution, whatever the others are."""
        arithmetic, numbers, draw = self._trial(set(plan.order), "/".join(plan.order))
        try:
            self._data.values(plan, arithmetic, numbers, draw, 0)
        except UndefinedError:
            return False
        return True

    def _targets(self, equation: Assumed, written: Assumed, names: set[str]) -> list[str]:
        """The symbols in which an equation is linear, the last declared first."""
        found = []
        for name in reversed(list(self._premises.declarations.symbols)):
            free = self._premises.assumptions.structure.get(name, "symmetric") == "symmetric"
            made = name not in names or name in self._premises.assumptions.ranks
            if free and not made and self._is_linear(written, name, names):
                found.append(name)
        found.sort(key=lambda name: name in self._premises.assumptions.bounds)
        if not found:
            raise CheckError(
                f"no data are known that meet {equation.text!r}: it is linear in none of its symbols",
                equation.text,
                (equation.relation.start, equation.relation.end),
            )
        return found

    def _is_linear(self, written: Assumed, name: str, names: set[str]) -> bool:
        """Whether an equation is linear in a symbol, by a random second difference."""
        arithmetic, numbers, draw = self._trial(names, name)
        values = self._freely(names, arithmetic, numbers, draw)
        step = self._freely({name}, arithmetic, numbers, draw)[name]
        results = []
        try:
            for times in (0, -3, 3):  # far apart, so that a kink between them shows
                moved = arithmetic.add(values[name], arithmetic.multiply(arithmetic.number(times), step))
                results.append(self._premises.residual(written, arithmetic, numbers, {**values, name: moved}))
        except (IrrationalError, UndefinedError):
            return False
        bent = results[1] + results[2] - results[0] - results[0]
        return all(entry == 0 for entry in bent.entries()) and results[0] != results[1]

    def _is_steady(self, written: Assumed, name: str) -> bool:
        """Whether an equation can be solved for a symbol whatever the data are.

        Its slope must not change with them, but for those of assumed rank, or must be the square of something
        that is assumed not to be zero.
        """
        sides = (written.relation.left, written.relation.right)
        names = set().union(*(free_names(side, self._premises.declarations) for side in sides))
        changing = names - {name} - set(self._premises.assumptions.ranks)
        arithmetic, numbers, draw = self._trial(names, name)
        values = self._freely(names, arithmetic, numbers, draw)
        step = self._freely({name}, arithmetic, numbers, draw)[name]
        slopes, squares = [], []
        for _ in range(2):
            values |= self._freely(changing, arithmetic, numbers, draw)
            moved = {**values, name: arithmetic.add(values[name], step)}
            low, high = (
                self._premises.residual(written, arithmetic, numbers, data) for data in (values, moved)
            )
            slopes.append(high - low)
            squares.append(self._squares_that_are_not_zero(arithmetic, numbers, values))
        if slopes[0] == slopes[1]:
            return True
        if shape(slopes[0]) != (1, 1):
            return False
        pairs = ((squares[0][number], squares[1][number]) for number in squares[0].keys() & squares[1].keys())
        return any(slopes[0] * later == slopes[1] * earlier for earlier, later in pairs)

    def _squares_that_are_not_zero(
        self, arithmetic: Arithmetic, numbers: Numbers, values: Mapping[str, Value]
    ) -> dict[int, Value]:
        """The sums of squares of what is assumed not to be zero, as far as they are known and rational."""
        squares = {}
        for number, assumed in enumerate(self._premises.relations):
            if assumed.relation.sign != "!=":
                continue
            sides = (assumed.relation.left, assumed.relation.right)
            names = set().union(*(free_names(side, self._premises.declarations) for side in sides))
            if names <= values.keys():
                with suppress(IrrationalError, UndefinedError):
                    apart = self._premises.residual(assumed, arithmetic, numbers, values)
                    squares[number] = arithmetic.trace(apart.transpose() * apart)
        return squares

    def _trial(self, names: set[str], seed: str) -> tuple[Arithmetic, Numbers, Draw]:
        field, number = RationalField(), generator_of(seed)
        return (
            Arithmetic(field),
            self._dimensions.small(names, set())[-1],
            lambda: field.number(number() % 2**21 - 2**20),
        )

    def _freely(
        self, names: set[str], arithmetic: Arithmetic, numbers: Numbers, draw: Draw
    ) -> dict[str, Value]:
        """Random values of symbols that nothing is assumed of."""
        symbols = self._premises.declarations.symbols
        return {
            name: self._data.free(arithmetic, symbols[name], numbers, draw)
            for name in symbols
            if name in names
        }


def _all_before(name: str, before: Mapping[str, set[str]]) -> set[str]:
    """A symbol and all that must have values before it."""
    found: set[str] = set()
    waiting = {name}
    while waiting:
        found |= waiting
        waiting = set().union(*(before.get(other, set()) for other in waiting)) - found
    return found
