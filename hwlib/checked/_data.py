"""Values of the symbols that meet the assumptions, in any of the fields."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import flint

from hwlib.checked import _expressions as ex
from hwlib.checked import _structures as structures
from hwlib.checked._assumptions import Assumed, free_names
from hwlib.checked._fields import (
    BallField,
    IrrationalError,
    PrimeField,
    RationalField,
    UndefinedError,
    compared,
)
from hwlib.checked._randomness import generator_of, independent
from hwlib.checked._sizes import ONE, Numbers
from hwlib.checked._values import Arithmetic, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hwlib.checked._declarations import Kind
    from hwlib.checked._degrees import Degree
    from hwlib.checked._plans import Plan
    from hwlib.checked._premises import Premises
    from hwlib.checked._randomness import Draw


@dataclass(frozen=True)
class Bounding:
    """A bound of a symbol, with the symbols that it depends on."""

    expression: ex.Expression
    is_low: bool
    names: set[str]


class Data:
    """Makes values for symbols, in the order and by the equations of a plan."""

    def __init__(self, premises: Premises):
        self._premises = premises

    def modular(self, plan: Plan, numbers: Numbers, prime: int, seed: str, turn: int) -> dict[str, Value]:
        """Random values modulo a prime."""
        field, number = PrimeField(prime), generator_of(seed)
        arithmetic = Arithmetic(field)
        values = self.values(plan, arithmetic, numbers, lambda: field.number(number() % prime), turn)
        self._require(plan, arithmetic, numbers, values)
        return values

    def rational(
        self, plan: Plan, numbers: Numbers, draw: Callable[[], Fraction | int], turn: int
    ) -> dict[str, Value]:
        """Rational values made from given free numbers; UndefinedError where the assumptions fail."""
        field = RationalField()
        arithmetic = Arithmetic(field)
        values = self.values(plan, arithmetic, numbers, lambda: field.number(draw()), turn)
        self._require(plan, arithmetic, numbers, values)
        return values

    def real(self, plan: Plan, numbers: Numbers, seed: str, turn: int) -> dict[str, Value]:
        """Values of algebraically independent numbers; large rational ones where equations are solved."""
        if plan.solved:
            number = generator_of(seed)
            values = self.rational(plan, numbers, lambda: Fraction(number() % 2**40 - 2**39, 2**37), turn)
            return {name: flint.arb_mat(value) for name, value in values.items()}
        arithmetic = Arithmetic(BallField())
        values = self.values(plan, arithmetic, numbers, independent(seed), turn)
        self._require(plan, arithmetic, numbers, values)
        return values

    def options(self, name: str, numbers: Numbers) -> int:
        """Into how many families the data of a symbol fall: rotations and reflections, or ranks."""
        structure = self._premises.assumptions.structure.get(name)
        if structure in {"unit", "orthonormal columns", "orthonormal rows"}:
            return 2
        size = self._premises.declarations.symbols[name].rows.value(numbers)
        return size + 1 if structure in {"idempotent", "projection"} else 1

    def degrees(self, needed: set[str], numbers: Numbers, plans: list[Plan]) -> dict[str, Degree]:
        """Degrees of the symbols' entries in the free numbers they are made from."""
        degrees = {}
        for name in needed:
            kind = self._premises.declarations.symbols[name]
            size = max(kind.rows.value(numbers), 1)
            structure = self._premises.assumptions.structure.get(name)
            plain: Degree = (0, 0) if kind.name == "index" else (1, 0)
            degrees[name] = {
                "definite": (3, 0),
                "semidefinite": (4, 0),
                "unit": (2, 2),
                "orthonormal columns": (size, size),
                "orthonormal rows": (size, size),
                "idempotent": (2 * size, size),
                "projection": (2 * size, 2 * size),
            }.get(structure or "", (2, 0) if name in self._premises.assumptions.ranks else plain)
        unknowns = sum(
            self._premises.declarations.symbols[n].rows.value(numbers)
            * self._premises.declarations.symbols[n].columns.value(numbers)
            for n in needed
        )
        for name in {name for plan in plans for name in plan.solved}:
            degrees[name] = (4 * unknowns, 4 * unknowns)
        return degrees

    def values(
        self, plan: Plan, arithmetic: Arithmetic, numbers: Numbers, draw: Draw, turn: int
    ) -> dict[str, Value]:
        values: dict[str, Value] = {}
        for name in plan.order:
            kind = self._premises.declarations.symbols[name]
            turn, option = divmod(turn, self.options(name, numbers))
            if kind.name in {"index", "function"}:
                continue
            if name in plan.solved:
                values[name] = self._solved(name, plan.solved[name], arithmetic, numbers, values, draw)
            elif name in self._premises.assumptions.ranks:
                values[name] = self._of_rank(name, arithmetic, numbers, values, draw)
            elif name in self._premises.assumptions.structure:
                values[name] = self._structured(name, arithmetic, numbers, draw, option)
            else:
                bounded = self._bounded(name, arithmetic, numbers, values, draw)
                values[name] = self.free(arithmetic, kind, numbers, bounded)
        return values

    def free(self, arithmetic: Arithmetic, kind: Kind, numbers: Numbers, draw: Draw) -> Value:
        rows, columns = kind.rows.value(numbers), kind.columns.value(numbers)
        return arithmetic.field.matrix(rows, columns, [draw() for _ in range(rows * columns)])

    def _bounded(
        self, name: str, arithmetic: Arithmetic, numbers: Numbers, values: Mapping[str, Value], draw: Draw
    ) -> Draw:
        """Free numbers between the bounds of a symbol; a prime field has no order and no bounds."""
        if isinstance(arithmetic.field, PrimeField):
            return draw
        lows, highs = self._bounds(name, arithmetic, numbers, values)
        low, high = max(lows, default=None), min(highs, default=None)
        one = arithmetic.field.number(1)

        def between() -> Any:
            if low is not None and high is not None:
                return low + (high - low) / (one + abs(draw()))
            if low is not None:
                return low + abs(draw())
            return draw() if high is None else high - abs(draw())

        return between

    def _bounds(
        self, name: str, arithmetic: Arithmetic, numbers: Numbers, values: Mapping[str, Value]
    ) -> tuple[list[Any], list[Any]]:
        """Numbers below and above a symbol, worked out from the symbols that have values by now."""
        lows: list[Any] = []
        highs: list[Any] = []
        for bound in self._sides.get(name, ()):
            if bound.names <= values.keys():
                found = self._number(bound.expression, arithmetic, numbers, values)
                (lows if bound.is_low else highs).extend(found)
        return lows, highs

    @cached_property
    def _sides(self) -> dict[str, list[Bounding]]:
        """What bounds each symbol from below and from above."""
        found: dict[str, list[Bounding]] = {}
        for assumed in self._premises.relations:
            left, sign, right = assumed.relation.left, assumed.relation.sign, assumed.relation.right
            if sign in {">", ">="}:
                left, right = right, left
            if sign in {"=", "!="}:
                continue
            for side, other, is_low in ((right, left, True), (left, right, False)):
                if isinstance(side, ex.Symbol):
                    bound = Bounding(other, is_low, free_names(other, self._premises.declarations))
                    found.setdefault(side.name, []).append(bound)
        return found

    def _number(
        self, expression: ex.Expression, arithmetic: Arithmetic, numbers: Numbers, values: Mapping[str, Value]
    ) -> list[Any]:
        """The value of an expression, if it has one in the field and is a number."""
        try:
            value = self._premises.evaluator(arithmetic, numbers, values).value(expression)
        except (IrrationalError, UndefinedError):
            return []
        return list(value.entries()) if (value.nrows(), value.ncols()) == (1, 1) else []

    def _of_rank(
        self, name: str, arithmetic: Arithmetic, numbers: Numbers, values: Mapping[str, Value], draw: Draw
    ) -> Value:
        kind = self._premises.declarations.symbols[name]
        rank = self._premises.evaluator(arithmetic, numbers, values).fraction(self._premises.ranks[name])
        rows, columns = kind.rows.value(numbers), kind.columns.value(numbers)
        if rank is None or rank.denominator != 1 or not 0 <= rank <= min(rows, columns):
            raise UndefinedError("assumption")
        if rank == min(rows, columns):
            value = self.free(arithmetic, kind, numbers, draw)
        elif rank == 0:
            value = arithmetic.zeros(rows, columns)
        else:
            inner = replace(ONE, constant=int(rank))
            left = self.free(arithmetic, replace(kind, columns=inner), numbers, draw)
            value = left * self.free(arithmetic, replace(kind, rows=inner), numbers, draw)
        if arithmetic.field.exact and value.rank() != rank:
            raise UndefinedError("assumption")
        return value

    def _structured(
        self, name: str, arithmetic: Arithmetic, numbers: Numbers, draw: Draw, option: int
    ) -> Value:
        kind, structure = (
            self._premises.declarations.symbols[name],
            self._premises.assumptions.structure[name],
        )
        rows, columns = kind.rows.value(numbers), kind.columns.value(numbers)
        if structure == "orthonormal rows":
            return structures.orthonormal(columns, rows, arithmetic, draw, option).transpose()
        if structure == "orthonormal columns":
            return structures.orthonormal(rows, columns, arithmetic, draw, option)
        if structure == "unit":
            unit = structures.unit(max(rows, columns), arithmetic, draw, option)
            return unit if columns == 1 else unit.transpose()
        if structure == "symmetric":
            return structures.symmetric(rows, arithmetic, draw)
        if structure in {"definite", "semidefinite"}:
            return structures.definite(rows, arithmetic, draw, structure == "semidefinite")
        return structures.idempotent(rows, arithmetic, draw, option, structure == "projection")

    def _solved(
        self,
        name: str,
        equations: tuple[Assumed, ...],
        arithmetic: Arithmetic,
        numbers: Numbers,
        values: dict[str, Value],
        draw: Draw,
    ) -> Value:
        """A random solution of linear equations: a solution of rref, its free entries drawn."""
        kind = self._premises.declarations.symbols[name]
        rows, columns = kind.rows.value(numbers), kind.columns.value(numbers)
        symmetric = self._premises.assumptions.structure.get(name) == "symmetric"

        def residuals(value: Value) -> list[Any]:
            entries = []
            for equation in equations:
                entries += self._premises.residual(
                    equation, arithmetic, numbers, {**values, name: value}
                ).entries()
            if symmetric:
                entries += (value - value.transpose()).entries()
            return entries

        start = residuals(arithmetic.zeros(rows, columns))
        unknowns = rows * columns
        self._premises.budget.spend(equations[0].relation.left, unknowns * unknowns // 2)
        slopes = [
            [a - b for a, b in zip(residuals(arithmetic.unit(rows, columns, place)), start, strict=True)]
            for place in range(unknowns)
        ]
        system = [[slopes[j][i] for j in range(unknowns)] + [-start[i]] for i in range(len(start))]
        return structures.solution(arithmetic, system, unknowns, (rows, columns), draw)

    def _require(
        self, plan: Plan, arithmetic: Arithmetic, numbers: Numbers, values: Mapping[str, Value]
    ) -> None:
        """Refuse values for which an assumption fails."""
        known = set(plan.order)
        for original, assumed in zip(
            self._premises.assumptions.relations, self._premises.relations, strict=True
        ):
            if not self._premises.names_of(original) <= known:
                continue
            if not self._can_fail(assumed.relation.sign, arithmetic):
                continue
            if not self._holds(assumed, arithmetic, numbers, values):
                raise UndefinedError("assumption")

    def _can_fail(self, sign: str, arithmetic: Arithmetic) -> bool:
        """Whether an assumption may fail for data that were made for it; a prime field has no order."""
        if isinstance(arithmetic.field, PrimeField):
            return sign == "!="
        return sign != "=" or arithmetic.field.exact

    def _holds(
        self, assumed: Assumed, arithmetic: Arithmetic, numbers: Numbers, values: Mapping[str, Value]
    ) -> bool:
        relation = assumed.relation
        try:
            evaluator = self._premises.evaluator(arithmetic, numbers, values)
            left, right = evaluator.value(relation.left), evaluator.value(relation.right)
        except IrrationalError:
            if isinstance(arithmetic.field, PrimeField):
                return True  # it will be seen where there are real numbers
            balls = {name: flint.arb_mat(value) for name, value in values.items()}
            evaluator = self._premises.evaluator(Arithmetic(BallField()), numbers, balls)
            left, right = evaluator.value(relation.left), evaluator.value(relation.right)
            if relation.sign == "=":
                return bool(left.overlaps(right))
        pairs = zip(left.entries(), right.entries(), strict=True)
        if relation.sign == "!=":
            return any(a != b for a, b in pairs)
        return all(compared(a, relation.sign, b) for a, b in pairs)
