"""Suppositions: relations that are not claimed to hold always, but that can hold."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hwlib.checked._checking import Setting, setting
from hwlib.checked._errors import CheckError, shallow
from hwlib.checked._evaluation import IndexRangeError, NotAnIntegerError, TooLargeError
from hwlib.checked._fields import IrrationalError, UndefinedError
from hwlib.checked._parsing import parse_relations
from hwlib.checked._problems import Problem, extremes, readable
from hwlib.checked._report import Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hwlib.checked import _expressions as ex

ATTEMPTS = 60


@shallow()
def suppose(
    latex: str,
    symbols: Mapping[str, str],
    definitions: Mapping[str, str] | None = None,
    assumptions: Iterable[str] = (),
) -> Step:
    r"""Find data for which a supposition holds.

    Parameters
    ----------
    latex : str
        What is supposed, such as ``w_0 = 0`` or ``n > d``.
    symbols, definitions, assumptions
        As for `check`.

    Returns
    -------
    Step
        "supposition" with the data found, or "refuted" if none were; only rational data are tried.

    Raises
    ------
    CheckError
        As for `check`.

    Examples
    --------
    >>> from hwlib.checked import suppose
    >>> suppose(r"X w = t", {"X": "matrix(n, d)", "w": "vector(d)", "t": "vector(n)"}).verdict
    'supposition'
    """
    plain = setting(symbols, definitions, assumptions)
    relations = parse_relations(latex, plain.declarations.names)
    span = relations[0].start, relations[-1].end
    found = _made(latex, relations, symbols, definitions, tuple(assumptions)) or _met(latex, relations, plain)
    if found:
        return Step(latex[slice(*span)], span, "supposition", f"it can hold: {found}")
    return Step(latex[slice(*span)], span, "refuted", "no data were found for which it holds")


def _made(
    latex: str,
    relations: tuple[ex.Relation, ...],
    symbols: Mapping[str, str],
    definitions: Mapping[str, str] | None,
    assumptions: tuple[str, ...],
) -> str:
    """Data made to meet the supposition as an assumption; empty where that is not known to be possible."""
    try:
        with_it = setting(symbols, definitions, (*assumptions, latex))
        problems = [with_it.problem(relation, latex) for relation in relations]
        sides = [side for problem in problems for side in (problem.relation.left, problem.relation.right)]
        return _data(with_it, replace(problems[0], beside=tuple(sides)), latex, must_hold=False)
    except CheckError as error:
        if "no data are known" in error.problem or "no dimensions" in error.problem:
            return ""
        raise


def _met(latex: str, relations: tuple[ex.Relation, ...], plain: Setting) -> str:
    """Data that happen to meet the only relation supposed."""
    return (
        _data(plain, plain.problem(relations[0], latex), latex, must_hold=True) if len(relations) == 1 else ""
    )


def _data(prepared: Setting, problem: Problem, latex: str, *, must_hold: bool) -> str:
    try:
        return _first(prepared, problem, latex, must_hold=must_hold)
    except (TooLargeError, NotAnIntegerError, IndexRangeError) as error:
        raise readable(error, prepared.shapes) from None


def _first(prepared: Setting, problem: Problem, latex: str, *, must_hold: bool) -> str:
    """The first data found, as text; empty if there are none, TooLargeError if all were too large to try."""
    large: list[TooLargeError] = []
    for numbers in problem.numbers:
        for turn in range(ATTEMPTS):
            prepared.samples.premises.budget.allow()
            try:
                values = problem.rational(numbers, extremes(latex, turn + 1), turn)
                if must_hold and not _holds(problem, numbers, values):
                    continue
            except (UndefinedError, IrrationalError):
                continue
            except TooLargeError as error:
                large.append(error)
                continue
            return ", ".join(f"{name} = {value}" for name, value in problem.data(numbers, values)) or "always"
    if len(large) == ATTEMPTS * len(problem.numbers):
        raise large[0]
    return ""


def _holds(problem: Problem, numbers: Mapping[str, int], values: Mapping[str, object]) -> bool:
    _, left, right = problem.rational_sides(numbers, values)
    return problem.is_true(left, right)
