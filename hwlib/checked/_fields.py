"""The number systems in which expressions are evaluated.

A prime field decides whether rational expressions agree, the rational numbers give counterexamples that
can be checked by hand, balls of real numbers enclose everything else. Each makes python-flint's matrices.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import flint

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

Matrix = Any  # fmpz_mod_mat, fmpq_mat or arb_mat: python-flint has no common type
Scalar = Any  # fmpz_mod, fmpq or arb


class IrrationalError(Exception):
    """A root, an exponential and so on was wanted of a field that does not have it."""


class UndefinedError(Exception):
    """The data lie where the expression has no value."""


def height(number: Scalar) -> int:
    """The bits that a rational number takes."""
    return int(max(number.p.height_bits(), number.q.height_bits()))


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


class PrimeField:
    """The integers modulo a prime."""

    exact: ClassVar[bool] = True

    def __init__(self, prime: int):
        self._context = flint.fmpz_mod_ctx(prime)

    def matrix(self, rows: int, columns: int, entries: Sequence[Scalar]) -> Matrix:
        return flint.fmpz_mod_mat(rows, columns, list(entries), self._context)

    def number(self, value: Fraction | int) -> Scalar:
        if isinstance(value, int):
            return flint.fmpz_mod(value, self._context)
        return self.number(value.numerator) / self.number(value.denominator)

    def entrywise(self, function: str, value: Scalar) -> Scalar:
        raise IrrationalError(function)

    def constant(self, name: str) -> Scalar:
        raise IrrationalError(name)

    def extremum(self, operator: str, first: Scalar, second: Scalar) -> Scalar:
        raise IrrationalError(operator)


class RationalField:
    """The rational numbers."""

    exact: ClassVar[bool] = True

    def matrix(self, rows: int, columns: int, entries: Sequence[Scalar]) -> Matrix:
        return flint.fmpq_mat(rows, columns, list(entries))

    def number(self, value: Fraction | int) -> Scalar:
        return flint.fmpq(value) if isinstance(value, int) else flint.fmpq(value.numerator, value.denominator)

    def entrywise(self, function: str, value: Scalar) -> Scalar:
        if function == "abs":
            return abs(value)
        if function == "sign":
            return flint.fmpq((value > 0) - (value < 0))
        raise IrrationalError(function)

    def constant(self, name: str) -> Scalar:
        raise IrrationalError(name)

    def extremum(self, operator: str, first: Scalar, second: Scalar) -> Scalar:
        return min(first, second) if operator == "min" else max(first, second)


class BallField:
    """Real numbers, each enclosed in a ball; the radius is of the size of the working precision."""

    exact: ClassVar[bool] = False

    def matrix(self, rows: int, columns: int, entries: Sequence[Scalar]) -> Matrix:
        return flint.arb_mat(rows, columns, list(entries))

    def number(self, value: Fraction | int) -> Scalar:
        return flint.arb(value) if isinstance(value, int) else flint.arb(value.numerator) / value.denominator

    def entrywise(self, function: str, value: Scalar) -> Scalar:
        if function in {"log", "sqrt"} and not value > 0:
            return self._at_the_edge(function, value)
        if function in _PLAIN:
            return getattr(value, _PLAIN[function])()
        if function == "sigmoid":
            return 1 / (1 + (-value).exp())
        return self._by_sign(function, value)

    def _at_the_edge(self, function: str, value: Scalar) -> Scalar:
        if function == "sqrt" and value == 0:
            return value
        raise UndefinedError(function)

    def _by_sign(self, function: str, value: Scalar) -> Scalar:
        if function == "abs":
            return abs(value)
        if value == 0 or value > 0 or value < 0:
            return flint.arb((value > 0) - (value < 0))
        raise UndefinedError(function)

    def constant(self, name: str) -> Scalar:
        return flint.arb.pi() if name == "pi" else flint.arb.const_e()

    def extremum(self, operator: str, first: Scalar, second: Scalar) -> Scalar:
        return first.min(second) if operator == "min" else first.max(second)


_PLAIN = {
    "exp": "exp",
    "log": "log",
    "sqrt": "sqrt",
    "sin": "sin",
    "cos": "cos",
    "tan": "tan",
    "sinh": "sinh",
    "cosh": "cosh",
    "tanh": "tanh",
    "arctan": "atan",
}

Field = PrimeField | RationalField | BallField
