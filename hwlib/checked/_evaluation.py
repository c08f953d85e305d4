"""The value of an expression at data, in any of the fields."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from hwlib.checked import _expressions as ex
from hwlib.checked._fields import RationalField, UndefinedError, height
from hwlib.checked._shapes import Shapes, is_scalar, resolved
from hwlib.checked._sizes import ONE, Size
from hwlib.checked._values import Arithmetic, Dual, Value, primal
from hwlib.checked._values import shape as shape_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

TOTAL = 180_000  # operations in a check
SHARE = 30_000
PIECE = 60_000
LEAST = 5000
MAXIMAL_TERMS = 2000
MAXIMAL_EXPONENT = 1000
MAXIMAL_DERIVATIVES = 6  # within each other
MAXIMAL_BITS = 100_000
ENTRIES_AN_OPERATION = 20
OPERATIONS_A_FUNCTION = 4
LEAVES = (ex.Number, ex.Constant, ex.Symbol, ex.Entry)


class TooLargeError(Exception):
    """A sum or an exponent is too large to be written out."""

    def __init__(self, problem: str, expression: ex.Expression):
        super().__init__(problem)
        self.problem = problem
        self.expression = expression


class NotAnIntegerError(Exception):
    """A whole number was wanted at this place."""

    def __init__(self, expression: ex.Expression):
        super().__init__()
        self.expression = expression


class Budget:
    """How much may be evaluated before a check is given up: of one piece of it, and in all.

    A piece always gets some operations, so that a check whose total is used up still ends with an answer.
    """

    def __init__(self) -> None:
        self._total, self.operations = TOTAL, 0
        self.allow()

    def begin(self) -> None:
        """Start to check a relation, with what others have left over and a share of its own."""
        self._total, self.operations = min(TOTAL, self._total + max(self.operations, 0) + SHARE), 0
        self.allow()

    def allow(self, operations: int = PIECE) -> None:
        """Start a piece of it, such as one choice of dimensions."""
        self._total += max(self.operations, 0)
        self.operations = max(min(operations, self._total), LEAST)
        self._total -= self.operations

    def spend(self, expression: ex.Expression, operations: int = 1) -> None:
        """Use up operations; TooLargeError when none are left."""
        self.operations -= operations
        if self.operations < 0:
            raise self.spent(expression)

    def spent(self, expression: ex.Expression) -> TooLargeError:
        """The error that none are left."""
        return TooLargeError("this takes too many operations to check", expression)


class Evaluator:
    """Evaluates expressions at one point.

    ``numbers`` has the dimensions and indices, ``values`` the symbols. After an UndefinedError, ``culprit``
    is the expression without a value.
    """

    def __init__(
        self,
        shapes: Shapes,
        arithmetic: Arithmetic,
        numbers: Mapping[str, int],
        values: Mapping[str, Value],
        budget: Budget,
    ):
        self.shapes = shapes
        self.arithmetic = arithmetic
        self.budget = budget
        self.values = values
        self.numbers = numbers
        self.culprit: ex.Expression | None = None
        self._locals: Mapping[str, Value] = {}
        self.indices: Mapping[str, int] = {}
        self._defined: dict[str, Value] = {}
        self._numerals: dict[int, Value] = {}  # by identity
        self._tag = 0
        self._grows = isinstance(arithmetic.field, RationalField)

    def value(self, expression: ex.Expression) -> Value:
        """The value of an expression."""
        self.budget.operations -= 1
        if self.budget.operations < 0:
            raise self.budget.spent(expression)
        try:
            value = METHODS[type(expression)](self, expression)
        except UndefinedError:
            self.culprit = self.culprit or expression
            raise
        if isinstance(expression, LEAVES):
            return value
        matrix = primal(value)
        entries = matrix.nrows() * matrix.ncols() * 3**self._tag  # a product has three parts in each dual
        if entries >= ENTRIES_AN_OPERATION:
            self.budget.spend(expression, entries // ENTRIES_AN_OPERATION)
        if self._grows and entries and height(matrix[0, 0]) > MAXIMAL_BITS:
            raise TooLargeError("the numbers grow too large to check", expression)
        return value

    # whole numbers: dimensions, indices, exponents, bounds

    def fraction(self, expression: ex.Expression) -> Fraction | None:
        """The value of an expression of numbers, dimensions and indices; None for any other."""
        method = FRACTIONS.get(type(expression))
        return method(self, expression) if method else None

    def _fraction_of_number(self, expression: ex.Number) -> Fraction:
        return expression.value

    def _fraction_of_filled(self, expression: ex.Filled) -> Fraction | None:
        scalar = expression.what == "zero" and is_scalar(self.shapes.of[id(expression)])
        return Fraction(0) if scalar else None

    def _fraction_of_symbol(self, expression: ex.Symbol) -> Fraction | None:
        return self._whole(expression.name)

    def _fraction_of_sum(self, expression: ex.Sum) -> Fraction | None:
        total = Fraction(0)
        for sign, term in expression.terms:
            part = self.fraction(term)
            if part is None:
                return None
            total += sign * part
        return total

    def _fraction_of_product(self, expression: ex.Product) -> Fraction | None:
        total = Fraction(1)
        for factor in expression.factors:
            part = self.fraction(factor)
            if part is None:
                return None
            total *= part
        return total

    def _fraction_of_quotient(self, expression: ex.Quotient) -> Fraction | None:
        top, bottom = self.fraction(expression.numerator), self.fraction(expression.denominator)
        return None if top is None or not bottom else top / bottom

    def _fraction_of_extremum(self, expression: ex.Extremum) -> Fraction | None:
        numbers = [self.fraction(part) for part in expression.arguments]
        known = [number for number in numbers if number is not None]
        if len(known) < len(numbers):
            return None
        return min(known) if expression.operator == "min" else max(known)

    def _whole(self, name: str) -> Fraction | None:
        if name in self.indices:
            return Fraction(self.indices[name])
        if name in self._locals:
            return None
        if name in self.shapes.definitions:
            self.budget.spend(self.shapes.definitions[name])
            return self.fraction(self.shapes.definitions[name])
        return Fraction(self.numbers[name]) if name in self.numbers else None

    def _fraction_of_power(self, power: ex.Power) -> Fraction | None:
        self.budget.spend(power)
        base, exponent = self.fraction(power.base), self.fraction(power.exponent)
        if base is None or exponent is None or exponent.denominator != 1 or (base == 0 and exponent < 0):
            return None
        self._limit(exponent, power)
        if abs(exponent) * max(base.numerator.bit_length(), base.denominator.bit_length()) > 10_000:
            raise TooLargeError("this number is too large to check", power)
        return base ** int(exponent)

    def _limit(self, exponent: Fraction, expression: ex.Expression) -> None:
        if abs(exponent) > MAXIMAL_EXPONENT:
            raise TooLargeError(
                f"the exponent is {_short(exponent)}; at most {MAXIMAL_EXPONENT} is checked", expression
            )

    def _integer(self, expression: ex.Expression) -> int:
        number = self.fraction(expression)
        if number is None or number.denominator != 1:
            raise NotAnIntegerError(expression)
        return int(number)

    # leaves

    def _number(self, expression: ex.Number) -> Value:
        value = self._numerals.get(id(expression))
        if value is None:
            value = self._numerals[id(expression)] = self.arithmetic.number(expression.value)
        return value

    def _constant(self, expression: ex.Constant) -> Value:
        return self.arithmetic.constant(expression.name)

    def _symbol(self, expression: ex.Symbol) -> Value:
        return self._named(expression.name)

    def _named(self, name: str) -> Value:
        if name in self._locals:
            return self._locals[name]
        if name in self.indices:
            return self.arithmetic.number(self.indices[name])
        if name in self.shapes.definitions:
            if name not in self._defined:
                outer = self._locals, self.indices
                self._locals, self.indices = {}, {}
                self._defined[name] = self.value(self.shapes.definitions[name])
                self._locals, self.indices = outer
            return self._defined[name]
        if name in self.values:
            return self.values[name]
        return self.arithmetic.number(self.numbers[name])

    def _entry(self, expression: ex.Entry) -> Value:
        name = expression.name
        places = [self._integer(index) for index in expression.indices]
        value = self._named(name)
        rows, columns = shape_of(value)
        kind = (
            None
            if name in self._locals or name in self.shapes.definitions
            else self.shapes.declarations.symbols[name]
        )
        if kind is not None and kind.name == "sequence":
            places = [places[0] - kind.first.value(self.numbers) + 1]
            if self._is_of_vectors(kind.rows, kind.columns, expression):
                self._within_range(places, (columns,), expression)
                return self.arithmetic.column(value, places[0] - 1)
        self._within_range(places, (rows, columns), expression)
        return self.arithmetic.entry(value, places[0] - 1, places[1] - 1 if len(places) > 1 else 0)

    def _is_of_vectors(self, rows: Size, columns: Size, expression: ex.Entry) -> bool:
        return not (columns.constant == 1 and not columns.terms)

    def _within_range(self, places: list[int], sizes: tuple[int, ...], expression: ex.Entry) -> None:
        if not all(1 <= place <= size for place, size in zip(places, sizes, strict=False)):
            raise IndexRangeError(expression, dict(self.indices))

    def _filled(self, expression: ex.Filled) -> Value:
        rows, columns = self.size_of(expression)
        if expression.what == "identity":
            return self.arithmetic.identity(rows)
        make = self.arithmetic.zeros if expression.what == "zero" else self.arithmetic.ones
        return make(rows, columns)

    def size_of(self, expression: ex.Expression) -> tuple[int, int]:
        sizes = [resolved(size) for size in self.shapes.of[id(expression)]]
        rows, columns = (size.value(self.numbers) for size in sizes if isinstance(size, Size))
        return rows, columns

    # arithmetic

    def _sum(self, expression: ex.Sum) -> Value:
        total: Value = None
        for sign, term in expression.terms:
            value = self.value(term)
            value = self.arithmetic.negative(value) if sign < 0 else value
            total = value if total is None else self.arithmetic.add(total, value)
        return total

    def _product(self, expression: ex.Product) -> Value:
        total = self.value(expression.factors[0])
        for factor in expression.factors[1:]:
            total = self.arithmetic.multiply(total, self.value(factor))
        return total

    def _quotient(self, expression: ex.Quotient) -> Value:
        reciprocal = self.arithmetic.reciprocals(self.value(expression.denominator))
        return self.arithmetic.multiply(reciprocal, self.value(expression.numerator))

    def _elementwise(self, expression: ex.Elementwise) -> Value:
        left, right = self.value(expression.left), self.value(expression.right)
        if expression.operator == "over":
            right = self.arithmetic.reciprocals(right)
        return self.arithmetic.hadamard(left, right)

    def _power(self, expression: ex.Power) -> Value:
        exponent = self.fraction(expression.exponent)
        if exponent is None or exponent.denominator != 1:
            return self._real_power(expression)
        self._limit(exponent, expression)
        base = expression.base
        if exponent > 0 and exponent % 2 == 0 and isinstance(base, ex.Norm) and base.kind in {"2", "F"}:
            return self.arithmetic.power(self._sum_of_squares(base.argument), int(exponent) // 2)
        if exponent % 2 == 0 and isinstance(base, ex.Apply) and base.function == "abs":
            return self.arithmetic.power(self.value(base.argument), int(exponent))
        if isinstance(base, ex.Constant) and base.name == "e" and exponent:
            return self.arithmetic.entrywise("exp", self.value(expression.exponent))
        return self.arithmetic.power(self.value(base), int(exponent))

    def _real_power(self, expression: ex.Power) -> Value:
        if max(self.size_of(expression)) > 1:
            raise NotAnIntegerError(expression.exponent)
        exponent = self.value(expression.exponent)
        if isinstance(expression.base, ex.Constant) and expression.base.name == "e":
            return self.arithmetic.entrywise("exp", exponent)
        logarithm = self.arithmetic.entrywise("log", self.value(expression.base))
        return self.arithmetic.entrywise("exp", self.arithmetic.multiply(exponent, logarithm))

    def _transpose(self, expression: ex.Transpose) -> Value:
        return self.arithmetic.transpose(self.value(expression.argument))

    # functions

    def _apply(self, expression: ex.Apply) -> Value:
        argument = self.value(expression.argument)
        if expression.function == "diag":
            of_column = resolved(self.shapes.of[id(expression.argument)][1]) == ONE
            return self.arithmetic.diagonal(argument, of_column=of_column)
        functions = {
            "tr": self.arithmetic.trace,
            "det": self.arithmetic.determinant,
            "rank": self.arithmetic.rank,
        }
        if expression.function == "det":
            entries = shape_of(argument)[0] ** 3 * 3**self._tag
            self.budget.spend(expression, entries // ENTRIES_AN_OPERATION)
        if expression.function in functions:
            return functions[expression.function](argument)
        if not self.arithmetic.field.exact:
            self.budget.spend(expression, OPERATIONS_A_FUNCTION)
        return self.arithmetic.entrywise(expression.function, argument)

    def _root(self, expression: ex.Root) -> Value:
        degree, argument = self._integer(expression.degree), self.value(expression.argument)
        if degree < 1:
            raise UndefinedError("root")
        if degree == 1:
            return argument
        if degree % 2 == 0:
            return self._positive_root(argument, degree)
        sizes = self.arithmetic.entrywise("abs", argument)
        return self.arithmetic.multiply(
            self.arithmetic.entrywise("sign", argument), self._positive_root(sizes, degree)
        )

    def _positive_root(self, argument: Value, degree: int) -> Value:
        if degree == 2:
            return self.arithmetic.entrywise("sqrt", argument)
        logarithm = self.arithmetic.entrywise("log", argument)
        share = self.arithmetic.number(Fraction(1, degree))
        return self.arithmetic.entrywise("exp", self.arithmetic.multiply(share, logarithm))

    def _norm(self, expression: ex.Norm) -> Value:
        if expression.kind in {"2", "F"}:
            return self.arithmetic.entrywise("sqrt", self._sum_of_squares(expression.argument))
        sizes = self.arithmetic.entrywise("abs", self.value(expression.argument))
        rows, columns = shape_of(sizes)
        entries = [self.arithmetic.entry(sizes, i, j) for i in range(rows) for j in range(columns)]
        if expression.kind == "inf":
            return self.arithmetic.extremum("max", entries)
        total = entries[0]
        for entry in entries[1:]:
            total = self.arithmetic.add(total, entry)
        return total

    def _sum_of_squares(self, argument: ex.Expression) -> Value:
        value = self.value(argument)
        turned = self.arithmetic.transpose(value)
        rows, columns = shape_of(value)
        factors = (turned, value) if columns <= rows else (value, turned)
        return self.arithmetic.trace(self.arithmetic.multiply(*factors))

    def _inner(self, expression: ex.Inner) -> Value:
        left, right = self.value(expression.left), self.value(expression.right)
        return self.arithmetic.trace(self.arithmetic.multiply(self.arithmetic.transpose(left), right))

    def _block(self, expression: ex.Block) -> Value:
        return self.arithmetic.blocks([[self.value(block) for block in row] for row in expression.rows])

    # ranges

    def _folded(self, expression: ex.Folded) -> Value:
        low, high = self.bounds_of(expression)
        outer, total = self.indices, None
        values = []
        for index in range(low, high + 1):
            self.indices = {**outer, expression.index: index}
            value = self.value(expression.body)
            if expression.operator in {"min", "max"}:
                values.append(value)
            elif total is None:
                total = value
            else:
                join = self.arithmetic.add if expression.operator == "sum" else self.arithmetic.multiply
                total = join(total, value)
        self.indices = outer
        if values:
            return self.arithmetic.extremum(expression.operator, values)
        if total is not None:
            return total
        if expression.operator in {"min", "max"}:
            raise UndefinedError(expression.operator)
        rows, columns = self.size_of(expression)
        return (
            self.arithmetic.zeros(rows, columns)
            if expression.operator == "sum"
            else self.arithmetic.identity(rows)
        )

    def bounds_of(self, expression: ex.Folded) -> tuple[int, int]:
        if expression.lower is not None and expression.upper is not None:
            return self._limited(self._integer(expression.lower), self._integer(expression.upper), expression)
        ranges = {
            self._range_of(part, place)
            for part in ex.within(expression.body)
            if isinstance(part, ex.Entry)
            for place, index in enumerate(part.indices)
            if isinstance(index, ex.Symbol) and index.name == expression.index
        }
        if len(ranges) != 1:
            raise NotAnIntegerError(expression)
        return ranges.pop()

    def _limited(self, low: int, high: int, expression: ex.Expression) -> tuple[int, int]:
        if high - low >= MAXIMAL_TERMS:
            problem = f"{_short(high - low + 1)} terms; at most {MAXIMAL_TERMS} are checked"
            raise TooLargeError(problem, expression)
        return low, high

    def _range_of(self, entry: ex.Entry, place: int) -> tuple[int, int]:
        rows, columns = shape_of(self._named(entry.name))
        symbols = self.shapes.declarations.symbols
        if entry.name in symbols and symbols[entry.name].name == "sequence":
            kind = symbols[entry.name]
            first = kind.first.value(self.numbers)
            length = columns if self._is_of_vectors(kind.rows, kind.columns, entry) else rows
            return first, first + length - 1
        return 1, (rows, columns)[place]

    def _extremum(self, expression: ex.Extremum) -> Value:
        return self.arithmetic.extremum(
            expression.operator, [self.value(part) for part in expression.arguments]
        )

    # names

    def _bound(self, expression: ex.Bound) -> Value:
        outer = self.enter(expression)
        result = self.value(expression.body)
        self.leave(outer)
        return result

    def enter(self, expression: ex.Bound) -> tuple[Mapping[str, Value], Mapping[str, int]]:
        """Give the parameters their values; return what was known before."""
        outer = self._locals, self.indices
        named = list(zip(expression.parameters, expression.arguments, strict=True))
        numbers = {} if expression.differentiated else {name: self.fraction(part) for name, part in named}
        whole = {
            name: int(number) for name, number in numbers.items() if number is not None and number % 1 == 0
        }
        values = {name: self.value(part) for name, part in named if name not in whole}
        self._locals, self.indices = values, whole
        return outer

    def leave(self, outer: tuple[Mapping[str, Value], Mapping[str, int]]) -> None:
        """Know again what was known before."""
        self._locals, self.indices = outer

    # derivatives

    def _derivative(self, expression: ex.Derivative) -> Value:
        return self._differentiated(expression, len(expression.variables))

    def _differentiated(self, expression: ex.Derivative, times: int) -> Value:
        """The derivative in the first so many of its variables."""
        if times == 0:
            return self.value(expression.body)
        of_scalar = is_scalar(self.shapes.stages[id(expression)][times - 1])
        name = expression.variables[times - 1].name
        return self._rates(expression, name, of_scalar, lambda: self._differentiated(expression, times - 1))

    def _rates(
        self, expression: ex.Expression, name: str, of_scalar: bool, evaluate: Callable[[], Value]
    ) -> Value:
        """The rates of change in every entry of a symbol: of a scalar in its shape, else side by side."""
        here = self._named(name)
        rows, columns = shape_of(here)
        self._tag += 1
        tag = self._tag
        if tag > MAXIMAL_DERIVATIVES:
            raise TooLargeError(f"more than {MAXIMAL_DERIVATIVES} derivatives within each other", expression)
        entries = rows * columns
        self.budget.spend(expression, entries * (2 + entries // ENTRIES_AN_OPERATION))
        rates = []
        for place in range(rows * columns):
            changed = Dual(tag, here, self.arithmetic.unit(rows, columns, place))
            rates.append(self.arithmetic.rate(self._with(name, changed, evaluate), tag))
        self._tag -= 1
        if of_scalar:
            return self.arithmetic.blocks([rates[i * columns : (i + 1) * columns] for i in range(rows)])
        return self.arithmetic.blocks([rates])

    def _with(self, name: str, value: Value, evaluate: Callable[[], Value]) -> Value:
        outer = self.values, self._locals, self._defined
        if name in self._locals:
            self._locals = {**self._locals, name: value}
        else:
            self.values = {**self.values, name: value}
            behind = self.shapes.names_behind
            self._defined = {d: known for d, known in self._defined.items() if name not in behind(d)}
        result = evaluate()
        self.values, self._locals, self._defined = outer
        return result


METHODS: Mapping[type[ex.Expression], Callable[[Evaluator, Any], Value]] = {
    kind: getattr(Evaluator, f"_{kind.__name__.lower()}")
    for kind in ex.Expression.__subclasses__()
    if kind not in (ex.Call, ex.FunctionGradient)  # these are written out before
}


FRACTIONS: Mapping[type[ex.Expression], Callable[[Evaluator, Any], Fraction | None]] = {
    kind: getattr(Evaluator, method)
    for kind in ex.Expression.__subclasses__()
    if hasattr(Evaluator, method := f"_fraction_of_{kind.__name__.lower()}")
}


class IndexRangeError(Exception):
    """An index lies outside of what it indexes."""

    def __init__(self, expression: ex.Entry, indices: Mapping[str, int]):
        super().__init__()
        self.expression = expression
        self.indices = indices


def _short(number: Fraction | int) -> str:
    large = max(abs(number.numerator), number.denominator).bit_length() > 100
    return "very large" if large else str(number)
