"""Checking LaTeX: the public functions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from hwlib.checked import _expressions as ex
from hwlib.checked._assumptions import Assumptions, equal_sizes, read_assumptions
from hwlib.checked._declarations import Declarations, declare
from hwlib.checked._errors import CheckError, shallow
from hwlib.checked._evaluation import Budget, IndexRangeError, NotAnIntegerError, TooLargeError
from hwlib.checked._lexemes import MOST_CHARACTERS
from hwlib.checked._parsing import Names, parse_relations
from hwlib.checked._premises import Premises
from hwlib.checked._problems import Problem, readable
from hwlib.checked._report import Report, Step
from hwlib.checked._samples import Samples
from hwlib.checked._shapes import Shapes
from hwlib.checked._verdicts import Verdict, verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

MAXIMAL_RELATIONS = 200
MOST_DECLARED = 300
ASSIGNMENT = re.compile(r":=|\\coloneqq(?![A-Za-z])")


@dataclass(frozen=True)
class Setting:
    """What is declared and assumed, ready for relations to be tried."""

    declarations: Declarations
    shapes: Shapes
    samples: Samples

    def problem(self, relation: ex.Relation, latex: str) -> Problem:
        """A relation as something to try."""
        written = self.shapes.relation(relation, latex)
        fresh = self.shapes.settle(self.declarations.names.kinds)
        return Problem(written, self.shapes, self.samples, tuple(fresh), latex[relation.start : relation.end])


@shallow()
def check(
    latex: str,
    symbols: Mapping[str, str],
    definitions: Mapping[str, str] | None = None,
    assumptions: Iterable[str] = (),
) -> Report:
    r"""Check each step of a derivation that is written in LaTeX.

    Parameters
    ----------
    latex : str
        One relation, a chain of them (``a = b = c``), or lines with ``&=`` and ``\\``. Relations are
        ``=``, ``\le``, ``\ge``, ``<``, ``>``, ``\ne``, and ``:=`` for a definition. A text after ``&&`` is a
        remark.
    symbols : mapping of str to str
        The kind of each name: "scalar", "vector(n)" (a column), "matrix(n, d)", "sequence(k)" (numbers from
        index 1 to k; "sequence(0..k)" and "sequence(k, vector(n))" too), "index" (a whole number from 1) or
        "function" (``\sigma``, the logistic function). All numbers are real. A dimension is a name, a number
        or a sum of these.
    definitions : mapping of str to str, optional
        Names, or functions such as "L(w)", with the LaTeX that they stand for.
    assumptions : iterable of str, default ()
        Relations that hold: between dimensions ("n <= d"), bounds ("x > 0"), structure (``A = A^\top``,
        ``Q^\top Q = I``, ``\|u\| = 1``, ``P^2 = P``, ``A \succ 0``, "rank(X) = n"), and equations that are
        linear in one of their symbols (``X v = 0``).

    Returns
    -------
    Report
        The verdict on each step.

    Raises
    ------
    CheckError
        The mathematics cannot be read, has shapes that do not fit, uses an undeclared symbol, or has a value
        nowhere under the assumptions.

    Notes
    -----
    An equation whose sides are rational in the entries of the data is compared at random points modulo
    random primes above :math:`2^{63}`; by the lemma of Schwartz and Zippel [1]_ [2]_ a false step passes, in
    the dimensions tried, with probability below :math:`2^{-100}`: "exact". Other equations are enclosed in
    balls [3]_ at two precisions: "numeric". Inequalities are "proved" where a short certificate was found.
    Everything else is "sampled". Derivatives are exact.
    How it works is told in :ref:`how-checking-works`.

    References
    ----------
    .. [1] J. T. Schwartz, "Fast probabilistic algorithms for verification of polynomial identities",
       Journal of the ACM 27(4), 1980. doi:10.1145/322217.322225
    .. [2] R. Zippel, "Probabilistic algorithms for sparse polynomials", EUROSAM 1979.
       doi:10.1007/3-540-09519-5_73
    .. [3] F. Johansson, "Arb: efficient arbitrary-precision midpoint-radius interval arithmetic", IEEE
       Transactions on Computers 66(8), 2017. doi:10.1109/TC.2017.2690633

    Examples
    --------
    >>> from hwlib.checked import check
    >>> symbols = {"X": "matrix(n, d)", "w": "vector(d)"}
    >>> report = check(r"\|X w\|^2 = w^\top X^\top X w", symbols)
    >>> report.ok, report.steps[0].verdict
    (True, 'exact')
    >>> print(check(r"\|X w\|^2 = 2 w^\top X^\top X w", symbols))
    refuted: \|X w\|^2 = 2 w^\top X^\top X w
        n = 1, d = 1, X = [1], w = [1]: left 1, right 2
    """
    if type(latex) is not str:
        raise CheckError(f"latex is a text, not {latex!r}")
    prepared = setting(symbols, {**(definitions or {}), **_assignments(latex)}, assumptions)
    relations = parse_relations(latex, _with_parameters(prepared.declarations))
    if len(relations) > MAXIMAL_RELATIONS:
        raise CheckError(f"{len(relations)} relations; at most {MAXIMAL_RELATIONS} are checked at once")
    problems = [_problem(relation, latex, prepared) for relation in relations]  # all shapes before all values
    steps = [_step(*pair, latex) for pair in zip(relations, problems, strict=True)]
    return Report(all(step.ok for step in steps), tuple(steps))


def setting(
    symbols: Mapping[str, str], definitions: Mapping[str, str] | None, assumptions: Iterable[str]
) -> Setting:
    """Read what is declared and assumed."""
    for what, mapping in (("symbols", symbols), ("definitions", definitions or {})):
        if not isinstance(mapping, Mapping):
            raise CheckError(f"{what} is a mapping from names to texts, not {mapping!r}")
    if isinstance(assumptions, str):
        raise CheckError(f"assumptions is a list of texts, not the text {assumptions!r}")
    texts = tuple(assumptions)
    for what, given in (("symbols", symbols), ("definitions", definitions or {}), ("assumptions", texts)):
        parts = [part for pair in given.items() for part in pair] if isinstance(given, Mapping) else given
        wrong = [part for part in parts if type(part) is not str]
        if wrong:
            raise CheckError(f"{what} are texts, not {wrong[0]!r}")
        if len(given) > MOST_DECLARED and what != "definitions":
            raise CheckError(f"{len(given)} {what}; at most {MOST_DECLARED} are read")
        longest = max(map(len, parts), default=0)
        if longest > MOST_CHARACTERS:
            raise CheckError(f"{longest} characters in {what}; at most {MOST_CHARACTERS} are read")
    declarations, assumed = _read(tuple(symbols.items()), tuple((definitions or {}).items()), texts)
    shapes = Shapes(declarations, equal_sizes(assumed))
    return Setting(declarations, shapes, Samples(Premises(declarations, assumed, shapes, Budget())))


@lru_cache(maxsize=64)
def _read(
    symbols: tuple[tuple[str, str], ...],
    definitions: tuple[tuple[str, str], ...],
    assumptions: tuple[str, ...],
) -> tuple[Declarations, Assumptions]:
    first = declare(dict(symbols), dict(definitions))
    shapes = Shapes(first, {})
    kinds = {name: shapes.category(name) for name in first.definitions}
    matrices = {name: kind for name, kind in kinds.items() if kind == "matrix"}
    declarations = declare(dict(symbols), dict(definitions), matrices) if matrices else first
    return declarations, read_assumptions(assumptions, declarations)


def _step(relation: ex.Relation, problem: Problem | None, latex: str) -> Step:
    span = relation.start, relation.end
    if problem is None:
        found = Verdict("definition", "it says what a name stands for")
    else:
        found = _settled(relation, problem, latex)
    return Step(
        latex[slice(*span)],
        span,
        found.name,
        found.method,
        found.bound,
        found.counterexample,
        relation.remark,
    )


def _problem(relation: ex.Relation, latex: str, prepared: Setting) -> Problem | None:
    """A relation as something to try, its shapes fitting; None for one that introduces a name."""
    if _introduces(relation, prepared.declarations):
        if isinstance(relation.left, ex.Symbol):
            prepared.shapes.relation(replace(relation, sign="="), latex)
        return None
    if relation.sign == ":=":
        raise CheckError(
            "a definition has a name, or a function of names, on its left",
            latex,
            (relation.start, relation.end),
        )
    return prepared.problem(relation, latex)


def _settled(relation: ex.Relation, problem: Problem, latex: str) -> Verdict:
    problem.samples.premises.budget.begin()
    try:
        return verdict(problem)
    except (TooLargeError, NotAnIntegerError, IndexRangeError) as error:
        raise readable(error, problem.shapes) from None
    except CheckError as error:
        if error.span == (0, 0):  # it is about the relation as a whole
            raise CheckError(error.problem, latex, (relation.start, relation.end)) from None
        raise


def _with_parameters(declarations: Declarations) -> Names:
    """The names declared, and the parameters of functions, for the line that defines one."""
    parameters = {name for definition in declarations.definitions.values() for name in definition.parameters}
    return Names({**dict.fromkeys(parameters, "vector"), **declarations.names.kinds})


def _introduces(relation: ex.Relation, declarations: Declarations) -> bool:
    """Whether a line only says again, or says first, what a name is defined as."""
    left = relation.left
    name = left.name if isinstance(left, ex.Symbol) else left.function if isinstance(left, ex.Call) else ""
    definition = declarations.definitions.get(name)
    if definition is None or relation.sign not in {"=", ":="}:
        return False
    if isinstance(left, ex.Call):
        plain = tuple(part.name for part in left.arguments if isinstance(part, ex.Symbol))
        if plain != definition.parameters or left.order:
            return False
    return ex.alike(definition.body, relation.right)


def _assignments(latex: str) -> dict[str, str]:
    """What lines with ``:=`` define."""
    found = {}
    for line in _lines(latex) if ASSIGNMENT.search(latex) else []:
        parts = ASSIGNMENT.split(line)
        if len(parts) == 2:
            head = re.sub(r"&|\\begin\{\w+\*?\}", "", parts[0]).strip()
            body = re.split(r"&&|\\end\{(?:aligned|align|gathered|split|equation)", parts[1])[0]
            if not re.search(r"\^\s*\{?-?\d", head):
                found[head] = body.strip().rstrip(".,;").removesuffix(r"\quad").strip()
    return found


def _lines(latex: str) -> list[str]:
    """The lines of a display; those of a matrix are none of their own."""
    lines, depth = [""], 0
    for part in re.split(r"(\\\\|\\(?:begin|end)\{\w*matrix\})", latex):
        depth += part.startswith(r"\begin") - part.startswith(r"\end")
        if part == r"\\" and depth == 0:
            lines.append("")
        else:
            lines[-1] += part
    return lines
