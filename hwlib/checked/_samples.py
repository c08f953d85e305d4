"""Data at which a relation is tried: dimensions, and values of the symbols that meet the assumptions."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice, product
from math import prod
from typing import TYPE_CHECKING, Any

import flint

from hwlib.checked import _expressions as ex
from hwlib.checked._assumptions import Assumed, Assumptions, all_names, free_names
from hwlib.checked._errors import CheckError
from hwlib.checked._evaluation import Budget, Evaluator
from hwlib.checked._fields import BallField, IrrationalError, PrimeField, RationalField, UndefinedError
from hwlib.checked._shapes import is_scalar
from hwlib.checked._sizes import ONE
from hwlib.checked._values import Arithmetic, Value, shape

if TYPE_CHECKING:
    from hwlib.checked._declarations import Declarations, Kind
    from hwlib.checked._degrees import Degree
    from hwlib.checked._shapes import Shapes

Draw = Callable[[], Any]  # the next free number, in the field at hand
Numbers = Mapping[str, int]

PRIME = 2**64 - 59
FURTHER = 300  # choices of whole numbers
LARGEST_SIZE = 3
LARGEST_INDEX = 4
LARGEST_MATRIX = 24
MAXIMAL_PLANS = 8
MAXIMAL_CHOICES = 300


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


class Samples:
    """Makes data for symbols, under assumptions."""

    def __init__(self, declarations: Declarations, assumptions: Assumptions, shapes: Shapes, budget: Budget):
        self.declarations = declarations
        self.assumptions = assumptions
        self.shapes = shapes
        self.budget = budget
        self._relations = [self._written(assumed) for assumed in assumptions.relations]
        self._sizes = [self._written(assumed) for assumed in assumptions.sizes]
        self._equations = [self._written(assumed) for assumed in assumptions.equations]
        self._known_names: dict[int, set[str]] = {}  # by identity
        pairs = zip(assumptions.relations, self._relations, strict=True)
        self._ranks = {
            name: written.relation.right
            for assumed, written in pairs
            for name, rank in assumptions.ranks.items()
            if assumed.relation.right is rank
        }

    def assuming(self, equations: tuple[Assumed, ...]) -> Samples:
        """The same with only some of the equations assumed."""
        dropped = [equation for equation in self.assumptions.equations if equation not in equations]
        kept = tuple(relation for relation in self.assumptions.relations if relation not in dropped)
        assumptions = replace(self.assumptions, relations=kept, equations=equations)
        return Samples(self.declarations, assumptions, self.shapes, self.budget)

    def _written(self, assumed: Assumed) -> Assumed:
        return replace(assumed, relation=self.shapes.relation(assumed.relation, assumed.text))

    def needed_by(self, assumed: Assumed) -> set[str]:
        """The symbols that an assumption depends on, and those tied to them."""
        return self.needed([assumed.relation.left, assumed.relation.right])

    def needed(self, expressions: list[ex.Expression]) -> set[str]:
        """The symbols that expressions depend on, and those tied to them by assumptions."""
        names = set().union(*(free_names(part, self.declarations) for part in expressions), set())
        while True:
            more = set(names)
            for assumed in self.assumptions.relations:
                sides = self._names_of(assumed)
                if sides & names:
                    more |= sides
            for name in names & set(self.assumptions.ranks):
                more |= free_names(self.assumptions.ranks[name], self.declarations)
            if more == names:
                return names
            names = more

    def _counted(self, assumed: Assumed, needed: set[str]) -> set[str]:
        """The dimensions that an assumption about needed symbols mentions."""
        if not self._names_of(assumed) & needed:
            return set()
        sides = (assumed.relation.left, assumed.relation.right)
        mentioned = set().union(*(all_names(side, self.declarations) for side in sides))
        return mentioned & set(self.declarations.dimensions)

    def _names_of(self, assumed: Assumed) -> set[str]:
        known = self._known_names.get(id(assumed))
        if known is None:
            sides = (assumed.relation.left, assumed.relation.right)
            known = set().union(*(free_names(side, self.declarations) for side in sides))
            self._known_names[id(assumed)] = known
        return known

    # dimensions and indices

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
        texts = ", ".join(assumed.text for assumed in self.assumptions.sizes)
        raise CheckError(f"no dimensions up to 9 meet the assumptions {texts}")

    def _names(self, needed: set[str], used: set[str]) -> list[str]:
        """The dimensions and indices that matter, in the order in which they are declared."""
        wanted = used.union(*(self.declarations.symbols[symbol].size_names for symbol in needed))
        wanted |= {name for name in needed if self.declarations.symbols[name].name == "index"}
        for assumed in self._sizes:
            more = self._symbols_of(assumed)
            if more & wanted:
                wanted |= more
        wanted |= {name for assumed in self.assumptions.relations for name in self._counted(assumed, needed)}
        declared = self._whole_names()
        return [*(name for name in declared if name in wanted), *sorted(wanted - set(declared))]

    def _whole_names(self) -> list[str]:
        """Dimensions and indices in the order in which they are declared."""
        symbols = self.declarations.symbols
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
        sizes = sizing.union(*(self.declarations.symbols[symbol].size_names for symbol in needed))
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

    def further(self, needed: set[str], used: set[str]) -> list[dict[str, int]]:
        """Many choices of whole numbers, small and large beside each other."""
        names = self._names(needed, used)
        number = generator_of("/".join(names))
        choices = [
            {name: 1 + number() % (2, 4, 12, 40)[number() % 4] for name in names} for _ in range(FURTHER)
        ]
        return [numbers for numbers in choices if self._fits(numbers)] if names else []

    def _symbols_of(self, assumed: Assumed) -> set[str]:
        parts = [*ex.within(assumed.relation.left), *ex.within(assumed.relation.right)]
        return {part.name for part in parts if isinstance(part, ex.Symbol)}

    def _allowed(self, names: list[str], largest: int, needed: set[str]) -> list[dict[str, int]]:
        symbols = self.declarations.symbols
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
            kind = self.declarations.symbols[name]
            smallest = 0 if kind.name == "sequence" else 1
            rows, columns = kind.rows.value(numbers), kind.columns.value(numbers)
            if min(rows, columns) < smallest or max(rows, columns) > LARGEST_MATRIX:
                return False
            structure = self.assumptions.structure.get(name)
            excess = {"orthonormal columns": columns - rows, "orthonormal rows": rows - columns}
            if excess.get(structure or "", 0) > 0:
                return False
        return True

    def _fits(self, numbers: Numbers) -> bool:
        evaluator = Evaluator(self.shapes, Arithmetic(RationalField()), numbers, {}, self.budget)
        for assumed in self._sizes:
            if not self._symbols_of(assumed) <= set(numbers):
                continue
            left, right = (
                evaluator.fraction(side) for side in (assumed.relation.left, assumed.relation.right)
            )
            if left is None or right is None or not compared(left, assumed.relation.sign, right):
                return False
        return True

    # values

    def plans(self, needed: set[str]) -> list[Plan]:
        """The ways in which the equations can be solved, each for one symbol or another."""
        choices = []
        for equation, written in zip(self.assumptions.equations, self._equations, strict=True):
            names = self._names_of(equation)
            if names & needed:
                choices.append([(equation, target) for target in self._targets(equation, written, names)])
        plans = [self._plan(needed, chosen) for chosen in islice(product(*choices), 20)]
        found = [plan for plan in plans if plan is not None][:MAXIMAL_PLANS]
        if len(choices) == 1 and len(found) == len(choices[0]) and self._is_multilinear(choices[0]):
            return [replace(plan, complete=True) for plan in found]
        found = [plan for plan in found if plan.complete][:1] or found
        if not found:
            texts = ", ".join(self.assumptions.texts)
            raise CheckError(
                f"no data are known that meet {texts}: each must be linear in a symbol of its own"
            )
        return found

    def _is_multilinear(self, ways: list[tuple[Assumed, str]]) -> bool:
        """Whether ways to solve a single equation of numbers reach all its solutions.

        They do if each of its symbols is solved for in turn: every factor of the polynomial is linear in one.
        """
        equation = ways[0][0]
        written = self._equations[self.assumptions.equations.index(equation)]
        scalar = is_scalar(self.shapes.of[id(written.relation.left)])
        return scalar and {target for _, target in ways} == self._names_of(equation)

    def _plan(self, needed: set[str], chosen: tuple[tuple[Assumed, str], ...]) -> Plan | None:
        before: dict[str, set[str]] = {}
        solved: dict[str, tuple[Assumed, ...]] = {}
        for equation, target in chosen:
            names = self._names_of(equation)
            if any(target in _all_before(other, before) for other in names - {target}):
                return None
            before.setdefault(target, set()).update(names - {target})
            written = self._equations[self.assumptions.equations.index(equation)]
            solved[target] = (*solved.get(target, ()), written)
        for name, rank in self.assumptions.ranks.items():
            before.setdefault(name, set()).update(free_names(rank, self.declarations))
        order: list[str] = []
        waiting = [name for name in self.declarations.symbols if name in needed]
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
            self._values(plan, arithmetic, numbers, draw, 0)
        except UndefinedError:
            return False
        return True

    def _targets(self, equation: Assumed, written: Assumed, names: set[str]) -> list[str]:
        """The symbols in which an equation is linear, the last declared first."""
        found = []
        for name in reversed(list(self.declarations.symbols)):
            free = self.assumptions.structure.get(name, "symmetric") == "symmetric"
            made = name not in names or name in self.assumptions.ranks
            if free and not made and self._is_linear(written, name, names):
                found.append(name)
        found.sort(key=lambda name: name in self.assumptions.bounds)
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
                results.append(self._residual(written, arithmetic, numbers, {**values, name: moved}))
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
        names = set().union(*(free_names(side, self.declarations) for side in sides))
        changing = names - {name} - set(self.assumptions.ranks)
        arithmetic, numbers, draw = self._trial(names, name)
        values = self._freely(names, arithmetic, numbers, draw)
        step = self._freely({name}, arithmetic, numbers, draw)[name]
        slopes, squares = [], []
        for _ in range(2):
            values |= self._freely(changing, arithmetic, numbers, draw)
            moved = {**values, name: arithmetic.add(values[name], step)}
            low, high = (self._residual(written, arithmetic, numbers, data) for data in (values, moved))
            slopes.append(high - low)
            squares.append(self._squares_that_are_not_zero(arithmetic, numbers, values))
        if slopes[0] == slopes[1]:
            return True
        pairs = zip(*squares, strict=True) if shape(slopes[0]) == (1, 1) else ()
        return any(slopes[0] * later == slopes[1] * earlier for earlier, later in pairs)

    def _squares_that_are_not_zero(
        self, arithmetic: Arithmetic, numbers: Numbers, values: Mapping[str, Value]
    ) -> list[Value]:
        """The sums of squares of what is assumed not to be zero, as far as values are known."""
        squares = []
        for assumed in self._relations:
            sides = (assumed.relation.left, assumed.relation.right)
            names = set().union(*(free_names(side, self.declarations) for side in sides))
            if assumed.relation.sign == "!=" and names <= set(values):
                apart = self._residual(assumed, arithmetic, numbers, values)
                squares.append(arithmetic.trace(apart.transpose() * apart))
        return squares

    def _trial(self, names: set[str], seed: str) -> tuple[Arithmetic, Numbers, Draw]:
        field, number = RationalField(), generator_of(seed)
        return Arithmetic(field), self.small(names, set())[-1], lambda: field.number(number() % 2**21 - 2**20)

    def _freely(
        self, names: set[str], arithmetic: Arithmetic, numbers: Numbers, draw: Draw
    ) -> dict[str, Value]:
        """Random values of symbols that nothing is assumed of."""
        symbols = self.declarations.symbols
        return {
            name: self._free(arithmetic, symbols[name], numbers, draw) for name in symbols if name in names
        }

    def _residual(
        self, written: Assumed, arithmetic: Arithmetic, numbers: Numbers, values: Mapping[str, Value]
    ) -> Any:
        evaluator = Evaluator(self.shapes, arithmetic, numbers, values, self.budget)
        return arithmetic.subtract(
            evaluator.value(written.relation.left), evaluator.value(written.relation.right)
        )

    def degrees(self, needed: set[str], numbers: Numbers) -> dict[str, Degree]:
        """Degrees of the symbols' entries in the free numbers they are made from."""
        degrees = {}
        for name in needed:
            kind = self.declarations.symbols[name]
            size = max(kind.rows.value(numbers), 1)
            structure = self.assumptions.structure.get(name)
            plain: Degree = (0, 0) if kind.name == "index" else (1, 0)
            degrees[name] = {
                "definite": (3, 0),
                "semidefinite": (4, 0),
                "unit": (2, 2),
                "orthonormal columns": (size, size),
                "orthonormal rows": (size, size),
                "idempotent": (2 * size, size),
                "projection": (2 * size, 2 * size),
            }.get(structure or "", (2, 0) if name in self.assumptions.ranks else plain)
        unknowns = sum(
            self.declarations.symbols[n].rows.value(numbers)
            * self.declarations.symbols[n].columns.value(numbers)
            for n in needed
        )
        for name in {name for plan in self.plans(needed) for name in plan.solved}:
            degrees[name] = (4 * unknowns, 4 * unknowns)
        return degrees

    def modular(self, plan: Plan, numbers: Numbers, prime: int, seed: str, turn: int) -> dict[str, Value]:
        """Random values modulo a prime."""
        field, number = PrimeField(prime), generator_of(seed)
        arithmetic = Arithmetic(field)
        values = self._values(plan, arithmetic, numbers, lambda: field.number(number() % prime), turn)
        self._require(plan, arithmetic, numbers, values)
        return values

    def rational(
        self, plan: Plan, numbers: Numbers, draw: Callable[[], Fraction | int], turn: int
    ) -> dict[str, Value]:
        """Rational values made from given free numbers; UndefinedError where the assumptions fail."""
        field = RationalField()
        arithmetic = Arithmetic(field)
        values = self._values(plan, arithmetic, numbers, lambda: field.number(draw()), turn)
        self._require(plan, arithmetic, numbers, values)
        return values

    def real(self, plan: Plan, numbers: Numbers, seed: str, turn: int) -> dict[str, Value]:
        """Values of algebraically independent numbers; large rational ones where equations are solved."""
        if plan.solved:
            number = generator_of(seed)
            values = self.rational(plan, numbers, lambda: Fraction(number() % 2**40 - 2**39, 2**37), turn)
            return {name: flint.arb_mat(value) for name, value in values.items()}
        arithmetic = Arithmetic(BallField())
        values = self._values(plan, arithmetic, numbers, independent(seed), turn)
        self._require(plan, arithmetic, numbers, values)
        return values

    def _require(
        self, plan: Plan, arithmetic: Arithmetic, numbers: Numbers, values: Mapping[str, Value]
    ) -> None:
        """Refuse values for which an assumption fails."""
        known = set(plan.order)
        for original, assumed in zip(self.assumptions.relations, self._relations, strict=True):
            if not self._names_of(original) <= known:
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
            evaluator = Evaluator(self.shapes, arithmetic, numbers, values, self.budget)
            left, right = evaluator.value(relation.left), evaluator.value(relation.right)
        except IrrationalError:
            if isinstance(arithmetic.field, PrimeField):
                return True  # it will be seen where there are real numbers
            balls = {name: flint.arb_mat(value) for name, value in values.items()}
            evaluator = Evaluator(self.shapes, Arithmetic(BallField()), numbers, balls, self.budget)
            left, right = evaluator.value(relation.left), evaluator.value(relation.right)
            if relation.sign == "=":
                return bool(left.overlaps(right))
        pairs = zip(left.entries(), right.entries(), strict=True)
        if relation.sign == "!=":
            return any(a != b for a, b in pairs)
        return all(compared(a, relation.sign, b) for a, b in pairs)

    def options(self, name: str, numbers: Numbers) -> int:
        """Into how many families the data of a symbol fall: rotations and reflections, or ranks."""
        structure = self.assumptions.structure.get(name)
        if structure in {"unit", "orthonormal columns", "orthonormal rows"}:
            return 2
        size = self.declarations.symbols[name].rows.value(numbers)
        return size + 1 if structure in {"idempotent", "projection"} else 1

    def _values(
        self, plan: Plan, arithmetic: Arithmetic, numbers: Numbers, draw: Draw, turn: int
    ) -> dict[str, Value]:
        values: dict[str, Value] = {}
        for name in plan.order:
            kind = self.declarations.symbols[name]
            turn, option = divmod(turn, self.options(name, numbers))
            if kind.name in {"index", "function"}:
                continue
            if name in plan.solved:
                values[name] = self._solved(name, plan.solved[name], arithmetic, numbers, values, draw)
            elif name in self.assumptions.ranks:
                values[name] = self._of_rank(name, arithmetic, numbers, values, draw)
            elif name in self.assumptions.structure:
                values[name] = self._structured(name, arithmetic, numbers, draw, option)
            else:
                bounded = self._bounded(name, arithmetic, numbers, values, draw)
                values[name] = self._free(arithmetic, kind, numbers, bounded)
        return values

    def _free(self, arithmetic: Arithmetic, kind: Kind, numbers: Numbers, draw: Draw) -> Value:
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
        for assumed in self._relations:
            left, sign, right = assumed.relation.left, assumed.relation.sign, assumed.relation.right
            if sign in {">", ">="}:
                left, right = right, left
            if sign in {"=", "!="}:
                continue
            for side, other, bounds in ((right, left, lows), (left, right, highs)):
                known = free_names(other, self.declarations) <= set(values)
                if isinstance(side, ex.Symbol) and side.name == name and known:
                    bounds.extend(self._number(other, arithmetic, numbers, values))
        return lows, highs

    def _number(
        self, expression: ex.Expression, arithmetic: Arithmetic, numbers: Numbers, values: Mapping[str, Value]
    ) -> list[Any]:
        """The value of an expression, if it has one in the field and is a number."""
        try:
            value = Evaluator(self.shapes, arithmetic, numbers, values, self.budget).value(expression)
        except (IrrationalError, UndefinedError):
            return []
        return list(value.entries()) if (value.nrows(), value.ncols()) == (1, 1) else []

    def _of_rank(
        self, name: str, arithmetic: Arithmetic, numbers: Numbers, values: Mapping[str, Value], draw: Draw
    ) -> Value:
        kind = self.declarations.symbols[name]
        rank = Evaluator(self.shapes, arithmetic, numbers, values, self.budget).fraction(self._ranks[name])
        rows, columns = kind.rows.value(numbers), kind.columns.value(numbers)
        if rank is None or rank.denominator != 1 or not 0 <= rank <= min(rows, columns):
            raise UndefinedError("assumption")
        if rank == min(rows, columns):
            value = self._free(arithmetic, kind, numbers, draw)
        elif rank == 0:
            value = arithmetic.zeros(rows, columns)
        else:
            inner = replace(ONE, constant=int(rank))
            left = self._free(arithmetic, replace(kind, columns=inner), numbers, draw)
            value = left * self._free(arithmetic, replace(kind, rows=inner), numbers, draw)
        if arithmetic.field.exact and value.rank() != rank:
            raise UndefinedError("assumption")
        return value

    def _structured(
        self, name: str, arithmetic: Arithmetic, numbers: Numbers, draw: Draw, option: int
    ) -> Value:
        kind, structure = self.declarations.symbols[name], self.assumptions.structure[name]
        rows, columns = kind.rows.value(numbers), kind.columns.value(numbers)
        if structure == "orthonormal rows":
            return _orthonormal(columns, rows, arithmetic, draw, option).transpose()
        if structure == "orthonormal columns":
            return _orthonormal(rows, columns, arithmetic, draw, option)
        if structure == "unit":
            unit = _unit(max(rows, columns), arithmetic, draw, option)
            return unit if columns == 1 else unit.transpose()
        if structure == "symmetric":
            return _symmetric(rows, arithmetic, draw)
        if structure in {"definite", "semidefinite"}:
            return _definite(rows, arithmetic, draw, structure == "semidefinite")
        return _idempotent(rows, arithmetic, draw, option, structure == "projection")

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
        kind = self.declarations.symbols[name]
        rows, columns = kind.rows.value(numbers), kind.columns.value(numbers)
        symmetric = self.assumptions.structure.get(name) == "symmetric"

        def residuals(value: Value) -> list[Any]:
            entries = []
            for equation in equations:
                entries += self._residual(equation, arithmetic, numbers, {**values, name: value}).entries()
            if symmetric:
                entries += (value - value.transpose()).entries()
            return entries

        start = residuals(arithmetic.zeros(rows, columns))
        unknowns = rows * columns
        self.budget.spend(equations[0].relation.left, unknowns * unknowns // 2)
        slopes = [
            [a - b for a, b in zip(residuals(arithmetic.unit(rows, columns, place)), start, strict=True)]
            for place in range(unknowns)
        ]
        system = [[slopes[j][i] for j in range(unknowns)] + [-start[i]] for i in range(len(start))]
        return _solution(arithmetic, system, unknowns, (rows, columns), draw)


def _solution(
    arithmetic: Arithmetic, system: list[list[Any]], unknowns: int, shape: tuple[int, int], draw: Draw
) -> Value:
    matrix = arithmetic.field.matrix(len(system), unknowns + 1, [entry for row in system for entry in row])
    reduced, rank = matrix.rref()
    pivots = [next(j for j in range(unknowns + 1) if reduced[i, j] != 0) for i in range(rank)]
    if unknowns in pivots:
        raise UndefinedError("assumption")
    found = [arithmetic.field.number(0) if place in pivots else draw() for place in range(unknowns)]
    for i, pivot in enumerate(pivots):
        rest = sum(
            (reduced[i, j] * found[j] for j in range(pivot + 1, unknowns) if j not in pivots),
            arithmetic.field.number(0),
        )
        found[pivot] = reduced[i, unknowns] - rest
    return arithmetic.field.matrix(*shape, found)


def _symmetric(size: int, arithmetic: Arithmetic, draw: Draw) -> Value:
    upper = {(i, j): draw() for i in range(size) for j in range(i, size)}
    return arithmetic.field.matrix(
        size, size, [upper[min(i, j), max(i, j)] for i in range(size) for j in range(size)]
    )


def _definite(size: int, arithmetic: Arithmetic, draw: Draw, semi: bool) -> Value:
    """L D L^T with ones on the diagonal of L and squares (or numbers above zero) in D."""
    zero, one = arithmetic.field.number(0), arithmetic.field.number(1)
    lower = arithmetic.field.matrix(
        size, size, [one if i == j else draw() if j < i else zero for i in range(size) for j in range(size)]
    )
    numbers = [draw() for _ in range(size)]
    if isinstance(arithmetic.field, PrimeField):
        diagonal = numbers
    else:
        diagonal = [number * number if semi else _positive(number, one) for number in numbers]
    middle = arithmetic.field.matrix(
        size, size, [diagonal[i] if i == j else zero for i in range(size) for j in range(size)]
    )
    return lower * middle * lower.transpose()


def _positive(number: Any, one: Any) -> Any:
    """All positive numbers as the free number goes over all numbers."""
    return one + number if number >= 0 else one / (one - number)


def _orthonormal(rows: int, columns: int, arithmetic: Arithmetic, draw: Draw, option: int) -> Value:
    """The first columns of a Cayley transform; as the second option, with a reflection."""
    upper = {(i, j): draw() for i in range(rows) for j in range(i + 1, rows)}
    zero = arithmetic.field.number(0)
    skew = arithmetic.field.matrix(
        rows,
        rows,
        [upper[i, j] if i < j else -upper[j, i] if j < i else zero for i in range(rows) for j in range(rows)],
    )
    identity = arithmetic.identity(rows)
    rotation = (identity - skew) * arithmetic.inverse(identity + skew)
    signs = [-1 if option and j == 0 else 1 for j in range(columns)]
    entries = [rotation[i, j] * signs[j] for i in range(rows) for j in range(columns)]
    return arithmetic.field.matrix(rows, columns, entries)


def _unit(size: int, arithmetic: Arithmetic, draw: Draw, option: int) -> Value:
    """A point of the sphere, by stereographic projection."""
    plane = [draw() for _ in range(size - 1)]
    one = arithmetic.field.number(1)
    square = sum((x * x for x in plane), arithmetic.field.number(0))
    if square == -1:
        raise UndefinedError("assumption")
    top = (one - square) / (one + square)
    return arithmetic.field.matrix(
        size, 1, [-top if option else top, *((x + x) / (one + square) for x in plane)]
    )


def _idempotent(size: int, arithmetic: Arithmetic, draw: Draw, option: int, symmetric: bool) -> Value:
    """B (C B)^{-1} C, of a rank that the option tells."""
    rank = (option + 1) % (size + 1)
    if rank == 0:
        return arithmetic.zeros(size, size)
    left = arithmetic.field.matrix(size, rank, [draw() for _ in range(size * rank)])
    right = (
        left.transpose()
        if symmetric
        else arithmetic.field.matrix(rank, size, [draw() for _ in range(size * rank)])
    )
    return left * arithmetic.inverse(right * left) * right


def compared(left: Any, sign: str, right: Any) -> bool:
    """Whether two numbers stand in a relation."""
    if sign == "=":
        return bool(left == right)
    if sign == "!=":
        return bool(left != right)
    if sign == "<":
        return bool(left < right)
    if sign == "<=":
        return bool(left <= right)
    return bool(left > right) if sign == ">" else bool(left >= right)


def independent(seed: str) -> Draw:
    """Algebraically independent numbers: sines of square roots of different primes, scaled."""
    number = generator_of(seed)
    primes = _primes(number() % 10**6)

    def draw() -> Any:
        return flint.arb(next(primes)).sqrt().sin() * 2 ** (number() % 4)

    return draw


def _primes(start: int) -> Iterator[int]:
    candidate = start
    while True:
        candidate += 1
        if flint.fmpz(candidate).is_prime():
            yield candidate


def generator_of(seed: str) -> Callable[[], int]:
    """Numbers below 2^64 that depend on a text alone."""
    generator = random.Random(seed)  # noqa: S311 (mathematics, no secrets)
    return lambda: generator.getrandbits(64)


def _all_before(name: str, before: Mapping[str, set[str]]) -> set[str]:
    """A symbol and all that must have values before it."""
    found: set[str] = set()
    waiting = {name}
    while waiting:
        found |= waiting
        waiting = set().union(*(before.get(other, set()) for other in waiting)) - found
    return found


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
            for a in names
            for b in names
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
