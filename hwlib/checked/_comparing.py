"""LaTeX against a Python function, at the same data."""

from __future__ import annotations

import inspect
import keyword
import re
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import flint
import numpy as np

from hwlib.checked import _expressions as ex
from hwlib.checked._checking import Setting, setting
from hwlib.checked._errors import CheckError, shallow
from hwlib.checked._evaluation import IndexRangeError, NotAnIntegerError, TooLargeError
from hwlib.checked._fields import BallField, UndefinedError
from hwlib.checked._parsing import parse_expression, parse_relations
from hwlib.checked._problems import PRECISION, Problem, readable
from hwlib.checked._randomness import generator_of
from hwlib.checked._report import Counterexample, Step
from hwlib.checked._values import Arithmetic, primal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from hwlib.checked._sizes import Numbers

TOLERANCE = 1e-9
DRAWS = 4


@shallow()
def compare(
    latex: str,
    function: Callable[..., Any],
    symbols: Mapping[str, str],
    definitions: Mapping[str, str] | None = None,
    assumptions: Iterable[str] = (),
) -> Step:
    r"""Compare the value of LaTeX with that of a Python function, at random data.

    Parameters
    ----------
    latex : str
        An expression, or a derivation, whose last side is compared.
    function : callable
        Called with those of the data that it has parameters for, by keyword: a float for a scalar, an array
        for a vector or a matrix, an int for an index or a dimension. The keywords are the names as
        `python_name` writes them.
    symbols, definitions, assumptions
        As for `check`. The values of definitions are among the data.

    Returns
    -------
    Step
        "numeric", or "refuted" with the data at which the two differ by more than 1e-9 of their size.

    Raises
    ------
    CheckError
        As for `check`.

    Examples
    --------
    >>> from hwlib.checked import compare
    >>> compare(r"\|x\|^2", lambda x: x @ x, {"x": "vector(n)"}).verdict
    'numeric'
    """
    prepared = setting(symbols, definitions, assumptions)
    side = _last_side(latex, prepared)
    problem = prepared.problem(ex.Relation(side, "=", side, side.start, side.end), latex)
    try:
        return _compared(problem, prepared, latex, function)
    except (TooLargeError, NotAnIntegerError, IndexRangeError) as error:
        raise readable(error, prepared.shapes) from None


def python_name(latex: str) -> str:
    r"""A LaTeX name as a Python name.

    Parameters
    ----------
    latex : str
        A name such as ``\tilde{\lambda}`` or ``w^*``.

    Returns
    -------
    str
        The words in it joined by underscores; a star is called star.

    Examples
    --------
    >>> from hwlib.checked import python_name
    >>> python_name(r"\tilde{\lambda}"), python_name("w_0"), python_name("w^*"), python_name(r"\lambda")
    ('tilde_lambda', 'w_0', 'w_star', 'lambda_')
    """
    words = re.findall(r"\w+", latex.replace("*", " star ").replace("+", " plus ").replace("_", " "))
    name = "_".join(words)
    return f"{name}_" if keyword.iskeyword(name) else name


def _compared(problem: Problem, prepared: Setting, latex: str, function: Callable[..., Any]) -> Step:
    side, worst, tried = problem.relation.left, 0.0, 0
    for numbers in problem.numbers:
        for draw in range(DRAWS):
            prepared.samples.premises.budget.allow()
            try:
                arguments, expected, values = _data(problem, prepared, numbers, draw)
            except UndefinedError:
                continue
            except TooLargeError:
                if not tried:
                    raise
                continue
            actual = np.asarray(function(**_accepted(function, arguments)), dtype=float)
            if actual.size != len(expected):
                raise CheckError(
                    f"the function returned the shape {actual.shape}, the LaTeX has {len(expected)} entries"
                )
            size = max(1.0, *map(abs, expected))
            apart = float(np.abs(actual.ravel() - expected).max()) / size
            if not apart <= TOLERANCE:
                return _refutation(problem, latex, numbers, values, expected, actual)
            worst, tried = max(worst, apart), tried + 1
    if not tried:
        raise CheckError("no data were found at which this has a value", latex, (side.start, side.end))
    method = f"agrees with the function at {tried} random data to {TOLERANCE:.0e} of its size"
    return Step(latex[side.start : side.end], (side.start, side.end), "numeric", method, worst)


def _accepted(function: Callable[..., Any], arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments that a function has parameters for."""
    parameters = inspect.signature(function).parameters
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()):
        return arguments
    return {name: value for name, value in arguments.items() if name in parameters}


def _last_side(latex: str, prepared: Setting) -> ex.Expression:
    names = prepared.declarations.names
    try:
        return parse_relations(latex, names)[-1].right
    except CheckError:
        return parse_expression(latex, names)


def _data(
    problem: Problem, prepared: Setting, numbers: Numbers, draw: int
) -> tuple[dict[str, Any], Any, Any]:
    """Arguments for the function, the value of the LaTeX, and the rational values behind both."""
    number = generator_of(f"{problem.seed}/{draw}")
    declarations = prepared.declarations
    values = problem.rational(numbers, lambda: Fraction(number() % 2**21 - 2**20, 2**19), draw)
    floats = {
        name: np.array([float(x.p) / float(x.q) for x in value.entries()]) for name, value in values.items()
    }
    balls = {
        name: flint.arb_mat(value.nrows(), value.ncols(), floats[name].tolist())
        for name, value in values.items()
    }
    with flint.ctx.workprec(2 * PRECISION):
        evaluator = problem.evaluator(Arithmetic(BallField()), numbers, balls)
        expected = _floats(evaluator.value(problem.relation.left))
        arguments: dict[str, Any] = {python_name(name): value for name, value in numbers.items()}
        for name, value in values.items():
            kind = declarations.symbols[name]
            arguments[python_name(name)] = _argument(floats[name], kind.name, value.nrows(), value.ncols())
        for name, body in prepared.shapes.definitions.items():
            value = primal(evaluator.value(body))
            single = (value.nrows(), value.ncols()) == (1, 1)
            kind_name = "scalar" if single else "vector" if value.ncols() == 1 else "matrix"
            arguments[python_name(name)] = _argument(_floats(value), kind_name, value.nrows(), value.ncols())
    return arguments, expected, values


def _floats(value: Any) -> Any:
    entries = primal(value).entries()
    if not all(entry.is_finite() for entry in entries):
        raise UndefinedError(None)
    return np.array([float(entry.mid()) for entry in entries])


def _argument(entries: Any, kind: str, rows: int, columns: int) -> Any:
    if kind == "scalar":
        return float(entries[0])
    if kind == "matrix" or columns > 1:
        matrix = entries.reshape(rows, columns)
        return matrix.T if kind == "sequence" else matrix
    return entries


def _refutation(
    problem: Problem, latex: str, numbers: Numbers, values: Any, expected: Any, actual: Any
) -> Step:
    left, right = (", ".join(f"{number:.10g}" for number in np.ravel(side)) for side in (expected, actual))
    side = problem.relation.left
    counterexample = Counterexample(problem.data(numbers, values), left, right)
    return Step(
        latex[side.start : side.end],
        (side.start, side.end),
        "refuted",
        "the function differs",
        None,
        counterexample,
    )
