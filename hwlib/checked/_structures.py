"""Matrices of a structure, and solutions of linear equations, made by rational maps from free numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hwlib.checked._fields import PrimeField, UndefinedError

if TYPE_CHECKING:
    from hwlib.checked._randomness import Draw
    from hwlib.checked._values import Arithmetic, Value


def solution(
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


def symmetric(size: int, arithmetic: Arithmetic, draw: Draw) -> Value:
    upper = {(i, j): draw() for i in range(size) for j in range(i, size)}
    return arithmetic.field.matrix(
        size, size, [upper[min(i, j), max(i, j)] for i in range(size) for j in range(size)]
    )


def definite(size: int, arithmetic: Arithmetic, draw: Draw, semi: bool) -> Value:
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


def orthonormal(rows: int, columns: int, arithmetic: Arithmetic, draw: Draw, option: int) -> Value:
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


def unit(size: int, arithmetic: Arithmetic, draw: Draw, option: int) -> Value:
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


def idempotent(size: int, arithmetic: Arithmetic, draw: Draw, option: int, symmetric: bool) -> Value:
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
