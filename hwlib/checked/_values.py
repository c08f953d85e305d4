"""Matrices, and matrices with a derivative carried along (dual numbers).

A scalar is a matrix of one row and one column. A dual value is one along with its rate of change in the
direction of its tag; tags nest, so derivatives of derivatives come from the same rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import flint

from hwlib.checked._fields import Field, Matrix, UndefinedError

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Dual:
    """A value and its rate of change; no rate at all is zero."""

    tag: int
    value: Value
    rate: Value


Value = Any  # a Matrix or a Dual
Optional = Any  # a value, or None for zero


class Arithmetic:
    """The operations of a field on matrices and on their duals."""

    def __init__(self, field: Field):
        self.field = field

    # making

    def number(self, value: Fraction | int) -> Value:
        return self.field.matrix(1, 1, [self.field.number(value)])

    def constant(self, name: str) -> Value:
        return self.field.matrix(1, 1, [self.field.constant(name)])

    def zeros(self, rows: int, columns: int) -> Matrix:
        return self.field.matrix(rows, columns, [self.field.number(0)] * (rows * columns))

    def ones(self, rows: int, columns: int) -> Matrix:
        return self.field.matrix(rows, columns, [self.field.number(1)] * (rows * columns))

    def unit(self, rows: int, columns: int, place: int) -> Matrix:
        """All zeros but for a one at a place, counted along the rows."""
        entries = [self.field.number(int(i == place)) for i in range(rows * columns)]
        return self.field.matrix(rows, columns, entries)

    def identity(self, size: int) -> Matrix:
        entries = [self.field.number(int(i % (size + 1) == 0)) for i in range(size * size)]
        return self.field.matrix(size, size, entries)

    # linear

    def add(self, first: Value, second: Value) -> Value:
        if isinstance(first, Dual) or isinstance(second, Dual):
            tag, a, da, b, db = _apart(first, second)
            return _dual(tag, self.add(a, b), self._plus(da, db))
        return first + second

    def _plus(self, first: Optional, second: Optional) -> Optional:
        if first is None or second is None:
            return second if first is None else first
        return self.add(first, second)

    def negative(self, value: Value) -> Value:
        return self._linear(value, lambda matrix: -matrix)

    def subtract(self, first: Value, second: Value) -> Value:
        return self.add(first, self.negative(second))

    def transpose(self, value: Value) -> Value:
        return self._linear(value, lambda matrix: matrix.transpose())

    def trace(self, value: Value) -> Value:
        return self._linear(value, self._trace)

    def _trace(self, matrix: Matrix) -> Matrix:
        return self.field.matrix(
            1, 1, [sum((matrix[i, i] for i in range(matrix.nrows())), self.field.number(0))]
        )

    def entry(self, value: Value, row: int, column: int) -> Value:
        return self._linear(value, lambda matrix: self.field.matrix(1, 1, [matrix[row, column]]))

    def column(self, value: Value, column: int) -> Value:
        def chosen(matrix: Matrix) -> Matrix:
            rows = matrix.nrows()
            return self.field.matrix(rows, 1, [matrix[i, column] for i in range(rows)])

        return self._linear(value, chosen)

    def diagonal(self, value: Value, *, of_column: bool) -> Value:
        """A column as a diagonal matrix, the diagonal of a square one as a column."""

        def turned(matrix: Matrix) -> Matrix:
            size = matrix.nrows()
            if not of_column:
                return self.field.matrix(size, 1, [matrix[i, i] for i in range(size)])
            zero = self.field.number(0)
            return self.field.matrix(
                size, size, [matrix[i, 0] if i == j else zero for i in range(size) for j in range(size)]
            )

        return self._linear(value, turned)

    def _linear(self, value: Value, operation: Callable[[Matrix], Matrix]) -> Value:
        if isinstance(value, Dual):
            return Dual(value.tag, self._linear(value.value, operation), self._linear(value.rate, operation))
        return operation(value)

    def blocks(self, rows: list[list[Value]]) -> Value:
        """A matrix of blocks."""
        tag = max((value.tag for row in rows for value in row if isinstance(value, Dual)), default=0)
        if tag:
            parts = [[_split(value, tag) for value in row] for row in rows]
            rates = [[self._zeros_like(a) if da is None else da for a, da in row] for row in parts]
            return Dual(tag, self.blocks([[a for a, _ in row] for row in parts]), self.blocks(rates))
        entries = [
            block[i, j]
            for row in rows
            for i in range(row[0].nrows())
            for block in row
            for j in range(block.ncols())
        ]
        height = sum(row[0].nrows() for row in rows)
        return self.field.matrix(height, len(entries) // height, entries)

    # products

    def multiply(self, first: Value, second: Value) -> Value:
        """The product of matrices that fit, or of a scalar with any."""
        if isinstance(first, Dual) or isinstance(second, Dual):
            return self._product(self.multiply, first, second)
        if first.ncols() == second.nrows():
            return first * second
        if first.nrows() == first.ncols() == 1:
            return second * first[0, 0]
        return first * second[0, 0]

    def hadamard(self, first: Value, second: Value) -> Value:
        """The product entry by entry."""
        if isinstance(first, Dual) or isinstance(second, Dual):
            return self._product(self.hadamard, first, second)
        entries = [a * b for a, b in zip(first.entries(), second.entries(), strict=True)]
        return self.field.matrix(first.nrows(), first.ncols(), entries)

    def _product(self, multiply: Callable[[Value, Value], Value], first: Value, second: Value) -> Value:
        tag, a, da, b, db = _apart(first, second)
        left = None if da is None else multiply(da, b)
        right = None if db is None else multiply(a, db)
        return _dual(tag, multiply(a, b), self._plus(left, right))

    def power(self, base: Value, exponent: int) -> Value:
        """A square matrix to an integer power."""
        if exponent < 0:
            return self.power(self.inverse(base), -exponent)
        result = self.identity(shape(base)[0])
        while exponent:
            if exponent & 1:
                result = self.multiply(result, base)
            exponent >>= 1
            if exponent:
                base = self.multiply(base, base)
        return result

    def inverse(self, value: Value) -> Value:
        if isinstance(value, Dual):
            inverse = self.inverse(value.value)
            return Dual(
                value.tag, inverse, self.negative(self.multiply(self.multiply(inverse, value.rate), inverse))
            )
        try:
            return value.inv()
        except ZeroDivisionError:
            raise UndefinedError("inverse") from None

    def reciprocals(self, value: Value) -> Value:
        """One over each entry."""
        if isinstance(value, Dual):
            inverse = self.reciprocals(value.value)
            square = self.hadamard(inverse, inverse)
            return Dual(value.tag, inverse, self.negative(self.hadamard(square, value.rate)))
        one = self.field.number(1)
        entries = value.entries()
        if any(entry == 0 or (not self.field.exact and not (entry > 0 or entry < 0)) for entry in entries):
            raise UndefinedError("inverse")
        return self.field.matrix(value.nrows(), value.ncols(), [one / entry for entry in entries])

    def determinant(self, value: Value) -> Value:
        if not isinstance(value, Dual):
            return self.field.matrix(1, 1, [value.det()])
        try:
            inverse = self.inverse(value.value)
        except UndefinedError:
            return self._determinant_by_traces(value)
        determinant = self.determinant(value.value)
        turning = self.trace(self.multiply(inverse, value.rate))
        return Dual(value.tag, determinant, self.multiply(determinant, turning))

    def _determinant_by_traces(self, value: Value) -> Value:
        """The determinant, by the method of Faddeev and Le Verrier, for matrices without an inverse."""
        size = shape(value)[0]
        identity, coefficient = self.identity(size), self.number(1)
        product: Value = self.zeros(size, size)
        for order in range(1, size + 1):
            product = self.multiply(value, self.add(product, self.multiply(coefficient, identity)))
            coefficient = self.multiply(self.number(Fraction(-1, order)), self.trace(product))
        return self.negative(coefficient) if size % 2 else coefficient

    # functions

    def entrywise(self, function: str, value: Value) -> Value:
        """A function of each entry."""
        if isinstance(value, Dual):
            slope = self._slope(function, value.value)
            return Dual(value.tag, self.entrywise(function, value.value), self.hadamard(slope, value.rate))
        entries = [self.field.entrywise(function, entry) for entry in value.entries()]
        return self.field.matrix(value.nrows(), value.ncols(), entries)

    def _slope(self, function: str, value: Value) -> Value:
        """The derivative of a function, at each entry."""
        ones = self._ones_like(value)
        at = self.entrywise
        slopes: dict[str, Callable[[], Value]] = {
            "exp": lambda: at("exp", value),
            "log": lambda: self.reciprocals(value),
            "sqrt": lambda: self.reciprocals(self.add(at("sqrt", value), at("sqrt", value))),
            "sin": lambda: at("cos", value),
            "cos": lambda: self.negative(at("sin", value)),
            "tan": lambda: self.add(ones, self._square(at("tan", value))),
            "sinh": lambda: at("cosh", value),
            "cosh": lambda: at("sinh", value),
            "tanh": lambda: self.subtract(ones, self._square(at("tanh", value))),
            "arctan": lambda: self.reciprocals(self.add(ones, self._square(value))),
            "sigmoid": lambda: self.subtract(at("sigmoid", value), self._square(at("sigmoid", value))),
            "abs": lambda: self._direction(value),
            "sign": lambda: self.subtract(self._direction(value), self._direction(value)),
        }
        return slopes[function]()

    def _direction(self, value: Value) -> Value:
        """The signs of the entries, none of which is zero."""
        signs = self.entrywise("sign", primal(value))
        if any(entry == 0 for entry in signs.entries()):
            raise UndefinedError("derivative")
        return signs

    def _square(self, value: Value) -> Value:
        return self.hadamard(value, value)

    def extremum(self, operator: str, values: list[Value]) -> Value:
        """The smallest ("min") or largest ("max") of scalars."""
        best = values[0]
        for value in values[1:]:
            best = self._better(operator, best, value)
        return best

    def _better(self, operator: str, first: Value, second: Value) -> Value:
        a, b = primal(first)[0, 0], primal(second)[0, 0]
        self.field.extremum(operator, a, b)  # a prime field has none
        if not isinstance(first, Dual) and not isinstance(second, Dual):
            return self.field.matrix(1, 1, [self.field.extremum(operator, a, b)])
        if a < b or b < a:
            return first if (a < b) == (operator == "min") else second
        raise UndefinedError("derivative")

    def rank(self, value: Value) -> Value:
        matrix = primal(value)
        return self.number(int(matrix.rank() if self.field.exact else _points(matrix).rank()))

    # derivatives

    def rate(self, value: Value, tag: int) -> Value:
        """The rate of change in the direction of a tag."""
        if isinstance(value, Dual) and value.tag == tag:
            return value.rate
        return self._zeros_like(value)

    def _zeros_like(self, value: Value) -> Matrix:
        return self.zeros(*shape(value))

    def _ones_like(self, value: Value) -> Matrix:
        return self.ones(*shape(value))


def primal(value: Value) -> Matrix:
    """The value without its rates of change."""
    while isinstance(value, Dual):
        value = value.value
    return value


def _points(matrix: Matrix) -> Matrix:
    """A matrix of balls that are points, as a matrix of rational numbers."""
    if not all(entry.is_finite() and entry.is_exact() for entry in matrix.entries()):
        raise UndefinedError("rank")
    pairs = [entry.man_exp() for entry in matrix.entries()]
    entries = [flint.fmpq(mantissa) * flint.fmpq(2) ** int(exponent) for mantissa, exponent in pairs]
    return flint.fmpq_mat(matrix.nrows(), matrix.ncols(), entries)


def shape(value: Value) -> tuple[int, int]:
    """Rows and columns."""
    matrix = primal(value)
    return matrix.nrows(), matrix.ncols()


def _split(value: Value, tag: int) -> tuple[Value, Optional]:
    return (value.value, value.rate) if isinstance(value, Dual) and value.tag == tag else (value, None)


def _apart(first: Value, second: Value) -> tuple[int, Value, Optional, Value, Optional]:
    """The larger tag of two values, and each value without it and its rate."""
    left = first.tag if isinstance(first, Dual) else 0
    right = second.tag if isinstance(second, Dual) else 0
    if left == right:
        return left, first.value, first.rate, second.value, second.rate
    if left > right:
        return left, first.value, first.rate, second, None
    return right, first, None, second.value, second.rate


def _dual(tag: int, value: Value, rate: Optional) -> Value:
    return value if rate is None else Dual(tag, value, rate)
