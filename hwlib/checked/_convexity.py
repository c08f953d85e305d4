"""Inequalities between a convex function and its tangent."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import flint

from hwlib.checked import _expressions as ex
from hwlib.checked._fields import BallField, UndefinedError
from hwlib.checked._values import Arithmetic, primal

if TYPE_CHECKING:
    from collections.abc import Callable

    from hwlib.checked._problems import Problem

CONVEX, CONCAVE = {"exp", "cosh"}, {"log", "sqrt"}
TOUCHING = (0, 1, -1)


def tangent(
    problem: Problem, small: ex.Expression, large: ex.Expression, holds: Callable[[ex.Relation], bool]
) -> str:
    """Whether large is convex, or small concave, in one scalar, and the other side is its tangent."""
    names = sorted(problem.needed)
    if (
        len(names) != 1
        or problem.shapes.declarations.symbols[names[0]].name != "scalar"
        or problem.numbers != [{}]
    ):
        return ""
    symbol = ex.Symbol(small.start, small.end, names[0])
    for curve, line, kinds in ((large, small, CONVEX), (small, large, CONCAVE)):
        if not _is_curve(curve, symbol, kinds) or not _is_line(problem, line, symbol, holds):
            continue
        if any(_touches(problem, curve, line, symbol, place) for place in TOUCHING):
            return f"a {'convex' if kinds is CONVEX else 'concave'} function and its tangent"
    return ""


def _is_curve(expression: ex.Expression, symbol: ex.Symbol, kinds: set[str]) -> bool:
    if isinstance(expression, ex.Apply):
        return expression.function in kinds and ex.alike(expression.argument, symbol)
    power = isinstance(expression, ex.Power) and isinstance(expression.base, ex.Constant)
    return (
        power
        and "exp" in kinds
        and isinstance(expression, ex.Power)
        and ex.alike(expression.exponent, symbol)
    )


def _is_line(
    problem: Problem, expression: ex.Expression, symbol: ex.Symbol, holds: Callable[[ex.Relation], bool]
) -> bool:
    """Whether the second derivative is zero."""
    where = expression.start, expression.end
    copy = problem.shapes.written_out(expression)
    second = ex.Derivative(*where, "derivative", (symbol, symbol), copy)
    relation = ex.Relation(second, "=", ex.Number(*where, Fraction(0)), *where)
    problem.shapes.shape(second)
    problem.shapes.shape(relation.right)
    return holds(relation)


def _touches(
    problem: Problem, curve: ex.Expression, line: ex.Expression, symbol: ex.Symbol, place: int
) -> bool:
    """Whether values and slopes agree at a place, both exactly: their balls are points."""
    arithmetic = Arithmetic(BallField())
    evaluator = problem.evaluator(arithmetic, {}, {symbol.name: flint.arb_mat(1, 1, [place])})
    slopes = [ex.Derivative(part.start, part.end, "derivative", (symbol,), part) for part in (curve, line)]
    for slope in slopes:
        problem.shapes.shape(slope)
    try:
        pairs = [[primal(evaluator.value(part))[0, 0] for part in parts] for parts in ((curve, line), slopes)]
    except UndefinedError:
        return False
    return all(first == second for first, second in pairs)
