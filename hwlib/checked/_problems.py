"""A relation together with everything needed to try it at data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import chain, islice
from math import prod
from typing import TYPE_CHECKING, Any

import flint

from hwlib.checked import _expressions as ex
from hwlib.checked._declarations import names_in
from hwlib.checked._errors import CheckError
from hwlib.checked._evaluation import Evaluator, NotAnIntegerError, TooLargeError
from hwlib.checked._fields import BallField, IrrationalError, RationalField, UndefinedError, compared
from hwlib.checked._randomness import Draw, generator_of
from hwlib.checked._report import Counterexample
from hwlib.checked._shapes import Shapes, is_scalar, resolved
from hwlib.checked._sizes import Numbers, Size
from hwlib.checked._values import Arithmetic, Value, primal

if TYPE_CHECKING:
    from hwlib.checked._assumptions import Assumed
    from hwlib.checked._plans import Plan
    from hwlib.checked._samples import Samples

PRECISION = 212  # bits, more than 60 digits
PIECEWISE = {"abs", "sign"}
MAXIMAL_CONSTANTS = 12
MAXIMAL_FAMILIES = 64
FEW = 12  # choices of dimensions in which data are looked for
REFUTING_OPERATIONS = 300_000
OPERATIONS_A_SYMBOL = 4
MANY_NUMBERS = 60
SMALL = 500  # lists of small numbers that are tried in one choice of dimensions


@dataclass(frozen=True)
class Problem:
    """A relation whose calls are written out, and the data it can be tried at."""

    relation: ex.Relation
    shapes: Shapes
    samples: Samples
    fresh: tuple[str, ...]
    seed: str
    beside: tuple[ex.Expression, ...] = ()  # what else its data must be enough for

    @cached_property
    def needed(self) -> set[str]:
        """The symbols it depends on."""
        return self.samples.premises.needed([self.relation.left, self.relation.right, *self.beside])

    @cached_property
    def plans(self) -> list[Plan]:
        """The ways in which its symbols can get values that meet the assumptions."""
        plans = self.samples.plans.of(self.needed)
        if len(plans) == 1:
            return plans
        met = [plan for plan in plans if self._is_met(plan)]
        if not met:
            raise self.unmet()
        return met

    def unmet(self) -> CheckError:
        """The error that no data meet the assumptions."""
        texts = ", ".join(self.samples.premises.assumptions.texts)
        wanted = f"that meet the assumptions {texts}" if texts else "at which both sides have a value"
        return CheckError(f"no data were found {wanted}", self.seed)

    def _is_met(self, plan: Plan) -> bool:
        """Whether data made by a plan were found to meet the assumptions."""
        for numbers in self.small_numbers[:4]:
            self.samples.premises.budget.allow(REFUTING_OPERATIONS)
            for turn in range(30):
                with suppress(UndefinedError, TooLargeError):
                    self.samples.data.rational(plan, numbers, _general(f"{self.seed}/{turn}"), turn)
                    return True
        return False

    def rational(self, numbers: Numbers, draw: Draw, turn: int) -> dict[str, Value]:
        """Rational values of its symbols, made in the ways and families that come in turn."""
        turn, way = self._way(turn)
        return self.samples.data.rational(self.plans[way], numbers, draw, turn)

    def _way(self, turn: int) -> tuple[int, int]:
        """The plan whose turn it is; data take about as long as some operations for each symbol."""
        self.samples.premises.budget.spend(self.relation.left, OPERATIONS_A_SYMBOL * len(self.needed))
        return divmod(turn, len(self.plans))

    def modular(self, numbers: Numbers, prime: int, seed: str, turn: int) -> dict[str, Value]:
        """Values modulo a prime."""
        turn, way = self._way(turn)
        return self.samples.data.modular(self.plans[way], numbers, prime, seed, turn)

    def real(self, numbers: Numbers, seed: str, turn: int) -> dict[str, Value]:
        """Real values, enclosed in balls."""
        turn, way = self._way(turn)
        return self.samples.data.real(self.plans[way], numbers, seed, turn)

    @cached_property
    def numbers(self) -> list[dict[str, int]]:
        """The dimensions and indices at which it is tried."""
        return self.samples.dimensions.numbers(self.needed, self._sizing, self._counting)

    @cached_property
    def small_numbers(self) -> list[dict[str, int]]:
        """All small dimensions and indices."""
        return self.samples.dimensions.small(self.needed, self._sizing | self._counting)

    @property
    def further_numbers(self) -> list[dict[str, int]]:
        """Many more indices, where nothing but indices matters."""
        symbols = self.samples.premises.declarations.symbols
        if self._sizing or any(symbols[name].name != "index" for name in self.needed):
            return []
        return self.samples.dimensions.further(self.needed, self._counting)

    @cached_property
    def constants(self) -> list[Fraction]:
        """The numbers that occur in it, as far as they are numbers alone."""
        evaluator = self.evaluator(Arithmetic(RationalField()), {}, {})
        found = {number for part in self.parts() if (number := evaluator.fraction(part)) is not None}
        return sorted(found, key=abs)[-MAXIMAL_CONSTANTS:]

    @property
    def _sizing(self) -> set[str]:
        return {*self.fresh, *(name for part in self.parts() for name in self._size_names(part))}

    @property
    def _counting(self) -> set[str]:
        used = {part.name for part in self.parts() if isinstance(part, ex.Symbol)}
        return used & set(self.shapes.declarations.dimensions)

    def _size_names(self, part: ex.Expression) -> list[str]:
        if not isinstance(part, ex.Filled):
            return []
        sizes = [resolved(size) for size in self.shapes.of[id(part)]]
        return [name for size in sizes if isinstance(size, Size) for name in size.names]

    def with_fewer_equations(self) -> Iterator[Problem]:
        """The same with no equations assumed, and with those that have all their solutions found."""
        equations = self.samples.premises.assumptions.equations
        easy = tuple(equation for equation in equations if self._is_easy(equation))
        for kept in dict.fromkeys(((), easy)):
            if kept != equations:
                yield replace(self, samples=self.samples.assuming(kept))

    def _is_easy(self, equation: Assumed) -> bool:
        alone = self.samples.assuming((equation,))
        try:
            return all(plan.complete for plan in alone.plans.of(alone.premises.needed_by(equation)))
        except CheckError:
            return False

    def families(self, numbers: Numbers) -> int:
        """Into how many families the data fall: of each symbol's, with each way to solve the equations."""
        options = prod(self.samples.data.options(name, numbers) for name in self.needed)
        return min(options * len(self.plans), MAXIMAL_FAMILIES)

    def parts(self) -> Iterator[ex.Expression]:
        """Every expression in it, those of its definitions too."""
        seen: set[str] = set()
        waiting: list[ex.Expression] = [self.relation.left, self.relation.right, *self.beside]
        while waiting:
            expression = waiting.pop()
            yield from ex.within(expression)
            for name in names_in(expression) & set(self.shapes.definitions):
                if name not in seen:
                    seen.add(name)
                    waiting.append(self.shapes.definitions[name])

    def applies(self, functions: set[str]) -> bool:
        """Whether one of these functions occurs in it."""
        return any(isinstance(part, ex.Apply) and part.function in functions for part in self.parts())

    @cached_property
    def is_piecewise(self) -> bool:
        """Whether it is made of pieces, such as an absolute value."""
        extremes = any(isinstance(part, ex.Extremum) for part in self.parts())
        folded = any(isinstance(part, ex.Folded) and part.operator in {"min", "max"} for part in self.parts())
        norms = any(isinstance(part, ex.Norm) and part.kind in {"1", "inf"} for part in self.parts())
        return extremes or folded or norms or self.applies(PIECEWISE)

    @property
    def precisions(self) -> list[int]:
        """Bits with which balls are worked out; more for a number, which is looked at but once."""
        return [PRECISION, 2 * PRECISION] if self.needed else [PRECISION, 2 * PRECISION, 20 * PRECISION]

    # trying

    def evaluator(self, arithmetic: Arithmetic, numbers: Numbers, values: Mapping[str, Value]) -> Evaluator:
        """What evaluates its parts at some data."""
        return Evaluator(self.shapes, arithmetic, numbers, values, self.samples.premises.budget)

    def sides(self, arithmetic: Arithmetic, numbers: Numbers, values: Mapping[str, Value]) -> tuple[Any, Any]:
        """The values of both sides."""
        evaluator = self.evaluator(arithmetic, numbers, values)
        try:
            return evaluator.value(self.relation.left), evaluator.value(self.relation.right)
        except UndefinedError as error:
            error.args = (evaluator.culprit,)
            raise

    def rational_sides(self, numbers: Numbers, values: Mapping[str, Value]) -> tuple[Arithmetic, Any, Any]:
        """Both sides at rational data: rational if they can be, enclosed in balls if not."""
        try:
            arithmetic = Arithmetic(RationalField())
            return arithmetic, *self.sides(arithmetic, numbers, values)
        except IrrationalError:
            arithmetic = Arithmetic(BallField())
            balls = {name: flint.arb_mat(value) for name, value in values.items()}
            with flint.ctx.workprec(self.precisions[-1]):
                left, right = self.sides(arithmetic, numbers, balls)
            if not all(entry.is_finite() for entry in [*left.entries(), *right.entries()]):
                raise UndefinedError(None) from None
            return arithmetic, left, right

    def is_false(self, arithmetic: Arithmetic, left: Any, right: Any) -> bool:
        """Whether values of the sides certainly do not stand in the relation."""
        with flint.ctx.workprec(2 * self.precisions[-1]):
            return self._is_false(arithmetic, left, right)

    def is_true(self, left: Any, right: Any) -> bool:
        """Whether values of the sides certainly stand in the relation."""
        pairs = zip(primal(left).entries(), primal(right).entries(), strict=True)
        stand = [compared(a, self.relation.sign, b) for a, b in pairs]
        return any(stand) if self.relation.sign == "!=" else all(stand)

    def is_open(self, left: Any, right: Any) -> bool:
        """Whether sides that must not be equal cannot be told apart: their balls overlap."""
        pairs = list(zip(primal(left).entries(), primal(right).entries(), strict=True))
        if self.relation.sign not in {"<", ">", "!="} or not isinstance(pairs[0][0], flint.arb):
            return False
        overlaps = [a.overlaps(b) for a, b in pairs]
        return all(overlaps) if self.relation.sign == "!=" else any(overlaps)

    def _is_false(self, arithmetic: Arithmetic, left: Any, right: Any) -> bool:
        sign = self.relation.sign
        pairs = list(zip(primal(left).entries(), primal(right).entries(), strict=True))
        if sign == "=":
            return any(a != b for a, b in pairs)
        if sign == "!=":
            return all(a == b for a, b in pairs)
        opposite = {"<=": ">", "<": ">=", ">=": "<", ">": "<="}[sign]
        if any(compared(a, opposite, b) for a, b in pairs):
            return True
        strict = sign in {"<", ">"}
        return strict and any(a == b for a, b in pairs)

    # refuting

    def counterexample(self, candidates: list[dict[str, int]], fallback: list[Any]) -> Counterexample | None:
        """The smallest data found for which the relation is false.

        Dimensions come first, then the sum of the sizes of the whole numbers the data are made of.
        """
        self.samples.premises.budget.allow(REFUTING_OPERATIONS)
        for numbers in candidates:
            found = self._smallest(numbers)
            if found:
                return found
        self.samples.premises.budget.allow()
        for numbers, draws, turn in fallback:
            found = self._try(numbers, draws, turn)
            if found:
                return found
        return None

    def _smallest(self, numbers: Numbers) -> Counterexample | None:
        """The counterexample from the smallest whole numbers, or from some larger ones at random."""
        length = self.freedom(numbers)
        for draws in _small_numbers(length):
            for turn in range(self.families(numbers)):
                found = self._try(numbers, draws, turn)
                if found:
                    return found
        for draws in _random_numbers(length, self.seed):
            for turn in range(self.families(numbers)):
                found = self._try(numbers, draws, turn)
                if found:
                    return found
        return None

    def freedom(self, numbers: Numbers) -> int:
        """How many free numbers the data are made from, at most."""
        return max(self._drawn(numbers, turn) for turn in range(self.families(numbers)))

    def _drawn(self, numbers: Numbers, turn: int) -> int:
        drawn: list[int] = []

        def draw() -> int:
            drawn.append(1 + len(drawn) % 3)
            return drawn[-1]

        with suppress(UndefinedError, TooLargeError):
            self.rational(numbers, draw, turn)
        return len(drawn)

    @cached_property
    def has_data(self) -> bool:
        """Whether data were found that meet the assumptions."""
        for numbers in self.small_numbers[:FEW]:
            self.samples.premises.budget.allow(REFUTING_OPERATIONS)
            for turn in range(30):
                with suppress(UndefinedError, TooLargeError):
                    self.rational(numbers, extremes(self.seed, turn), turn)
                    return True
        return False

    def is_false_for(self, numbers: Numbers, draws: tuple[Any, ...], turn: int) -> bool:
        """Whether the relation is false for the data made from free numbers."""
        return self._try(numbers, draws, turn) is not None

    def _try(self, numbers: Numbers, draws: tuple[Any, ...], turn: int) -> Counterexample | None:
        source = iter(draws)
        try:
            values = self.rational(numbers, lambda: next(source, 0), turn)
            arithmetic, left, right = self.rational_sides(numbers, values)
        except (UndefinedError, IrrationalError, TooLargeError):
            return None
        if not self.is_false(arithmetic, left, right):
            return None
        return self.shown(numbers, values, left, right)

    def shown(self, numbers: Numbers, values: Mapping[str, Value], left: Any, right: Any) -> Counterexample:
        """Data and the values of both sides, as text."""
        scalar = is_scalar(self.shapes.of[id(self.relation.left)])
        for digits in (8, 20, 60):
            texts = _text(left, digits, scalar=scalar), _text(right, digits, scalar=scalar)
            if texts[0] != texts[1]:
                return Counterexample(self.data(numbers, values), *texts)
        apart = f", apart by {_text(left - right, 3, scalar=scalar)}" if self.relation.sign == "=" else ""
        return Counterexample(self.data(numbers, values), texts[0], f"{texts[1]}{apart}")

    def data(self, numbers: Numbers, values: Mapping[str, Value]) -> tuple[tuple[str, str], ...]:
        """Dimensions, indices and symbols with their values as text."""
        symbols = self.shapes.declarations.symbols
        whole = tuple((name, str(number)) for name, number in numbers.items())
        known = [name for name in symbols if name in values]
        return whole + tuple(
            (name, _text(values[name], 8, scalar=symbols[name].name == "scalar")) for name in known
        )


def readable(error: Any, shapes: Shapes) -> CheckError:
    """An error of evaluation that other data would not mend, for a person."""
    expression = error.expression
    latex = shapes.source.get(id(expression), "")
    text = latex[expression.start : expression.end]
    if isinstance(error, TooLargeError):
        problem = error.problem
    elif isinstance(error, NotAnIntegerError):
        problem = f"a whole number is wanted here, not {text}"
    else:
        at = ", ".join(f"{name} = {number}" for name, number in error.indices.items())
        problem = f"{text} is outside of its range{f' at {at}' if at else ''}"
    return CheckError(problem, latex, (expression.start, expression.end))


def _text(value: Any, digits: int, *, scalar: bool) -> str:
    matrix = primal(value)
    rows = [
        [_number_text(matrix[i, j], digits) for j in range(matrix.ncols())] for i in range(matrix.nrows())
    ]
    if scalar:
        return rows[0][0]
    if matrix.ncols() == 1:
        return f"[{', '.join(row[0] for row in rows)}]"
    lines = ["[" + ", ".join(row) + "]" for row in rows]
    return "[" + ", ".join(lines) + "]" if (matrix.nrows(), matrix.ncols()) != (1, 1) else lines[0]


def _number_text(number: Any, digits: int) -> str:
    if isinstance(number, flint.arb):
        text = str(number.mid().str(digits, radius=False))
        return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text
    return str(number)


def _small_numbers(length: int) -> Iterator[tuple[int, ...]]:
    """Lists of whole numbers, the smallest first."""
    if length == 0 or length > MANY_NUMBERS:
        return iter([(number,) * length for number in (0, 1)])
    weights = range(1 + 3 * length)
    return islice(chain.from_iterable(_of_weight(length, weight) for weight in weights), SMALL)


def _random_numbers(length: int, seed: str) -> Iterator[tuple[Any, ...]]:
    """Lists of small whole numbers in the order of their size, then of larger ones and of fractions."""
    number = generator_of(seed)
    for largest in (1, 2, 3) if length <= MANY_NUMBERS else (1,):
        lists = [tuple(number() % (2 * largest + 1) - largest for _ in range(length)) for _ in range(120)]
        yield from sorted(lists, key=lambda values: sum(map(abs, values)))
    for _ in range(100):
        yield tuple(Fraction(number() % 41 - 20, number() % 6 + 1) for _ in range(length))


def _of_weight(length: int, weight: int) -> Iterator[tuple[int, ...]]:
    """Whole numbers whose sizes add to a weight, none above 3."""
    if weight > 3 * length:
        return
    if length == 1:
        yield from {(weight,): 0, (-weight,): 0}
        return
    for size in range(min(weight, 3) + 1):
        for first in dict.fromkeys((size, -size)):
            for rest in _of_weight(length - 1, weight - size):
                yield (first, *rest)


def _general(seed: str) -> Callable[[], Fraction]:
    """Fractions that are not zero, of no special kind."""
    number = generator_of(seed)
    return lambda: Fraction((number() % 2 * 2 - 1) * (1 + number() % 1000), 1 + number() % 100)


Extremes = Callable[[], Fraction | int]


def extremes(seed: str, turn: int, constants: Sequence[Fraction] = ()) -> Extremes:
    """Free numbers of a kind that changes with the turn: equal, signs, large, tiny, nearly dependent.

    ``constants`` are numbers in the formula, near which something may happen.
    """
    number = generator_of(f"{seed}/{turn}")
    base = [number() % 7 - 3 for _ in range(2)]
    kinds: list[Extremes] = [
        lambda: 0,
        lambda: 1,
        lambda: -1,
        lambda: base[0],
        lambda: number() % 3 - 1,
        lambda: number() % 7 - 3,
        lambda: (number() % 2 * 2 - 1) * 10**6,
        lambda: Fraction(number() % 7 - 3, 10**6),
        lambda: base[0] + Fraction(number() % 7 - 3, 10**6),
        lambda: (number() % 7 - 3) * Fraction(10) ** (number() % 13 - 6),
        lambda: Fraction(number() % 201 - 100, 10),
        lambda: base[number() % 2],
        lambda: Fraction(number() % 201 - 100, 100),
        lambda: number() % 2,
        lambda: (number() % 2 * 2 - 1) * 10**15,
    ]
    near = [(constant, step) for constant in constants for step in (0, 1, 2)]
    turn %= len(kinds) + len(near)
    if turn < len(kinds):
        return kinds[turn]
    constant, step = near[turn - len(kinds)]
    return lambda: (
        (constant * (1 + number() % 2 * step)) * (number() % 2 * 2 - 1) + (number() % 3 - 1) * (step % 2)
    )
