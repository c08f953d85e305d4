"""What is assumed of the symbols, and how to find data for which it holds.

Assumptions about dimensions choose dimensions. Symmetric, definite, orthonormal, unit, idempotent and
low-rank data are made by rational maps from free numbers. Any other equation must be linear in one of its
symbols, which is then solved for. Inequalities are tried.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from hwlib.checked import _expressions as ex
from hwlib.checked._declarations import Declarations, names_in, uses
from hwlib.checked._errors import CheckError
from hwlib.checked._parsing import canonical, parse_assumption
from hwlib.checked._sizes import Size

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DEFINITE = re.compile(
    r"^\s*(?P<name>\S+)\s*(?:\\succ(?P<weak>eq)?\s*0|(?:is )?positive (?P<semi>semi)?-?definite)\s*$"
)


@dataclass(frozen=True)
class Assumed:
    """One relation that is assumed, with the text it came from."""

    text: str
    relation: ex.Relation


@dataclass(frozen=True)
class Assumptions:
    """All that is assumed.

    ``structure`` gives for a symbol how its data are made: "symmetric", "definite", "semidefinite",
    "orthonormal columns", "orthonormal rows", "unit", "idempotent", "projection"; ``ranks`` the rank of a
    matrix; ``bounds`` the numbers between which a scalar lies.
    """

    sizes: tuple[Assumed, ...]
    relations: tuple[Assumed, ...]
    structure: Mapping[str, str]
    ranks: Mapping[str, ex.Expression]
    bounds: Mapping[str, tuple[Fraction | None, Fraction | None]]
    equations: tuple[Assumed, ...]
    texts: tuple[str, ...]


def read_assumptions(texts: Sequence[str], declarations: Declarations) -> Assumptions:
    """Read assumptions, and sort them by how they are met."""
    sizes: list[Assumed] = []
    relations: list[Assumed] = []
    structure: dict[str, set[str]] = {}
    ranks: dict[str, ex.Expression] = {}
    equations: list[Assumed] = []
    for text in texts:
        definite = DEFINITE.match(text)
        if definite:
            name = canonical(definite["name"])
            if name not in declarations.symbols or name in declarations.definitions:
                raise CheckError(f"{name} is not a declared symbol", text)
            kind = declarations.symbols[name]
            if kind.name != "matrix" or kind.rows != kind.columns:
                raise CheckError(f"definite is said of square matrices; {name} is none", text)
            weak = definite["weak"] or definite["semi"]
            structure.setdefault(name, set()).add("semidefinite" if weak else "definite")
            continue
        for relation in parse_assumption(text, declarations.names):
            assumed = Assumed(text, relation)
            if _is_of_sizes(relation, declarations):
                sizes.append(assumed)
                continue
            relations.append(assumed)
            known = _structure(relation, declarations) if relation.sign == "=" else None
            if known:
                structure.setdefault(known[0], set()).add(known[1])
            elif relation.sign == "=" and (rank := _rank(relation)):
                ranks[rank[0]] = rank[1]
            elif relation.sign == "=":
                equations.append(assumed)
    return Assumptions(
        tuple(sizes),
        tuple(relations),
        {name: _joined(name, kinds) for name, kinds in structure.items()},
        ranks,
        _bounds(relations),
        tuple(equations),
        tuple(texts),
    )


def equal_sizes(assumptions: Assumptions) -> dict[str, Size]:
    """Dimensions that are another one, or a number: n = d."""
    equal: dict[str, Size] = {}
    for assumed in assumptions.sizes:
        left, right = assumed.relation.left, assumed.relation.right
        if assumed.relation.sign != "=" or not isinstance(left, ex.Symbol):
            continue
        if isinstance(right, ex.Symbol):
            other = equal.get(right.name, Size(((right.name, 1),)))
        elif isinstance(right, ex.Number) and right.value.denominator == 1:
            other = Size((), int(right.value))
        else:
            continue
        equal = {name: other if size == Size(((left.name, 1),)) else size for name, size in equal.items()}
        if left.name not in other.names:
            equal.setdefault(left.name, other)
    return equal


def all_names(expression: ex.Expression, declarations: Declarations) -> set[str]:
    """The names that an expression mentions, itself or through definitions."""
    found: set[str] = set()
    waiting = names_in(expression)
    while waiting:
        name = waiting.pop()
        found.add(name)
        if name in declarations.definitions:
            waiting |= uses(declarations.definitions[name]) - found
    return found


def free_names(expression: ex.Expression, declarations: Declarations) -> set[str]:
    """The symbols that an expression depends on, through its definitions too."""
    found = all_names(expression, declarations)
    return {name for name in found if name in declarations.symbols and name not in declarations.definitions}


def _is_of_sizes(relation: ex.Relation, declarations: Declarations) -> bool:
    names = names_in(relation.left) | names_in(relation.right)
    whole = set(declarations.dimensions) | {
        n for n, kind in declarations.symbols.items() if kind.name == "index"
    }
    return bool(names) and names <= whole


def _structure(relation: ex.Relation, declarations: Declarations) -> tuple[str, str] | None:
    for left, right in ((relation.left, relation.right), (relation.right, relation.left)):
        found = _one_sided(left, right)
        if found and found[0] in declarations.symbols and found[0] not in declarations.definitions:
            return found
    return None


def _one_sided(left: ex.Expression, right: ex.Expression) -> tuple[str, str] | None:
    """Which structure a relation gives to which symbol, read from left to right."""
    if isinstance(left, ex.Symbol):
        if isinstance(right, ex.Transpose) and ex.alike(right.argument, left):
            return left.name, "symmetric"
        if _is_square_of(right, left):
            return left.name, "idempotent"
    if isinstance(right, ex.Filled) and right.what == "identity" and isinstance(left, ex.Product):
        return _orthonormal(left)
    if isinstance(right, ex.Number) and right.value == 1:
        return _unit(left)
    return None


def _is_square_of(expression: ex.Expression, symbol: ex.Symbol) -> bool:
    if isinstance(expression, ex.Power):
        two = isinstance(expression.exponent, ex.Number) and expression.exponent.value == 2
        return two and ex.alike(expression.base, symbol)
    factors = expression.factors if isinstance(expression, ex.Product) else ()
    return len(factors) == 2 and all(ex.alike(factor, symbol) for factor in factors)


def _orthonormal(product: ex.Product) -> tuple[str, str] | None:
    if len(product.factors) != 2:
        return None
    first, second = product.factors
    if isinstance(first, ex.Transpose) and isinstance(second, ex.Symbol) and ex.alike(first.argument, second):
        return second.name, "orthonormal columns"
    if isinstance(second, ex.Transpose) and isinstance(first, ex.Symbol) and ex.alike(second.argument, first):
        return first.name, "orthonormal rows"
    return None


def _unit(left: ex.Expression) -> tuple[str, str] | None:
    if isinstance(left, ex.Power) and isinstance(left.exponent, ex.Number) and left.exponent.value == 2:
        left = left.base
    if isinstance(left, ex.Norm) and left.kind == "2" and isinstance(left.argument, ex.Symbol):
        return left.argument.name, "unit"
    if isinstance(left, ex.Product) and (found := _orthonormal(left)) and found[1] == "orthonormal columns":
        return found[0], "unit"
    return None


def _joined(name: str, kinds: set[str]) -> str:
    if len(kinds) == 1:
        return next(iter(kinds))
    if kinds == {"symmetric", "idempotent"}:
        return "projection"
    if kinds == {"orthonormal columns", "orthonormal rows"}:
        return "orthonormal columns"
    if "symmetric" in kinds and len(kinds) == 2 and kinds & {"definite", "semidefinite"}:
        return (kinds - {"symmetric"}).pop()
    raise CheckError(f"no data are known for {name} that is {' and '.join(sorted(kinds))}")


def _rank(relation: ex.Relation) -> tuple[str, ex.Expression] | None:
    left = relation.left
    if isinstance(left, ex.Apply) and left.function == "rank" and isinstance(left.argument, ex.Symbol):
        return left.argument.name, relation.right
    return None


def _bounds(relations: Sequence[Assumed]) -> dict[str, tuple[Fraction | None, Fraction | None]]:
    """Numbers below and above a scalar."""
    bounds: dict[str, tuple[Fraction | None, Fraction | None]] = {}
    for assumed in relations:
        left, sign, right = assumed.relation.left, assumed.relation.sign, assumed.relation.right
        if sign in {">", ">="}:
            left, right, sign = right, left, "<"
        if sign not in {"<", "<="}:
            continue
        if isinstance(right, ex.Symbol) and (number := _number(left)) is not None:
            low, high = bounds.get(right.name, (None, None))
            bounds[right.name] = number if low is None else max(low, number), high
        if isinstance(left, ex.Symbol) and (number := _number(right)) is not None:
            low, high = bounds.get(left.name, (None, None))
            bounds[left.name] = low, number if high is None else min(high, number)
    return bounds


def _number(expression: ex.Expression) -> Fraction | None:
    if isinstance(expression, ex.Filled) and expression.what == "zero":
        return Fraction(0)
    if isinstance(expression, ex.Sum) and len(expression.terms) == 1:
        sign, term = expression.terms[0]
        inner = _number(term)
        return None if inner is None else sign * inner
    return expression.value if isinstance(expression, ex.Number) else None
