"""Quadratic polynomials of scalars as sums of squares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import flint

from hwlib.checked._fields import IrrationalError, RationalField, UndefinedError
from hwlib.checked._randomness import generator_of
from hwlib.checked._values import Arithmetic

if TYPE_CHECKING:
    from hwlib.checked import _expressions as ex
    from hwlib.checked._problems import Problem

POINTS = 8  # of 63 bits: by Schwartz and Zippel far more than quadratics of quadratics need


def sum_of_squares(problem: Problem, small: ex.Expression, large: ex.Expression, *, strict: bool) -> str:
    """Whether large minus small is a quadratic polynomial of scalars, and a sum of squares.

    The polynomial is interpolated, compared with the difference at large random numbers, and its matrix is
    factored into L D L^T with rational numbers.
    """
    symbols = problem.shapes.declarations.symbols
    names = sorted(problem.needed)
    if (
        problem.is_piecewise
        or problem.numbers != [{}]
        or not names
        or any(symbols[name].name != "scalar" for name in names)
    ):
        return ""
    try:
        gram = _interpolated(problem, small, large, names)
        if gram is None:
            return ""
    except (IrrationalError, UndefinedError):
        return ""
    pivots = _pivots(gram)
    if pivots is None:
        return ""
    if strict and pivots[-1] <= 0:
        return ""
    return "the difference is a sum of squares"


def _interpolated(
    problem: Problem, small: ex.Expression, large: ex.Expression, names: list[str]
) -> Any | None:
    """The symmetric matrix of a quadratic form in the symbols and, last, 1; None for another function."""
    arithmetic = Arithmetic(RationalField())
    size = len(names)

    def difference(point: list[Any]) -> Any:
        values = {name: flint.fmpq_mat(1, 1, [value]) for name, value in zip(names, point, strict=True)}
        evaluator = problem.evaluator(arithmetic, {}, values)
        return evaluator.value(large)[0, 0] - evaluator.value(small)[0, 0]

    def unit(*places: int) -> list[int]:
        return [int(i in places) for i in range(size)]

    constant = difference(unit())
    plus = [difference(unit(i)) for i in range(size)]
    minus = [difference([-x for x in unit(i)]) for i in range(size)]
    gram = flint.fmpq_mat(size + 1, size + 1)
    gram[size, size] = constant
    for i in range(size):
        gram[i, i] = (plus[i] + minus[i]) / 2 - constant
        gram[i, size] = gram[size, i] = (plus[i] - minus[i]) / 4
        for j in range(i):
            mixed = difference(unit(i, j)) - plus[i] - plus[j] + constant
            gram[i, j] = gram[j, i] = mixed / 2
    number = generator_of(problem.seed)
    for _ in range(POINTS):
        point = [number() % 2**63 for _ in range(size)]
        column = flint.fmpq_mat(size + 1, 1, [*point, 1])
        if (column.transpose() * gram * column)[0, 0] != difference(point):
            return None
    return gram


def _pivots(gram: Any) -> list[Any] | None:
    """The diagonal of D in L D L^T, if no entry of it is negative; None otherwise."""
    size = gram.nrows()
    rest = flint.fmpq_mat(gram)
    pivots = []
    for k in range(size):
        pivot = rest[k, k]
        column = [rest[i, k] for i in range(k + 1, size)]
        if pivot < 0 or (pivot == 0 and any(column)):
            return None
        pivots.append(pivot)
        if pivot == 0:
            continue
        for i in range(k + 1, size):
            for j in range(k + 1, size):
                rest[i, j] -= column[i - k - 1] * column[j - k - 1] / pivot
    return pivots
