"""Short certificates for inequalities: sums of squares, positive factors, Cauchy-Schwarz, the triangle."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

from hwlib.checked import _expressions as ex
from hwlib.checked._convexity import tangent
from hwlib.checked._errors import CheckError
from hwlib.checked._shapes import is_scalar
from hwlib.checked._squares import sum_of_squares

if TYPE_CHECKING:
    from hwlib.checked._problems import Problem

Holds = Callable[[ex.Relation], bool]

POSITIVE, NONNEGATIVE, UNKNOWN = 2, 1, 0
OF_FUNCTIONS = {
    "exp": POSITIVE,
    "cosh": POSITIVE,
    "sigmoid": POSITIVE,
    "abs": NONNEGATIVE,
    "sqrt": NONNEGATIVE,
}


def proof(problem: Problem, holds: Holds) -> str:
    """How an inequality is proved, in words; empty if no certificate was found."""
    relation = problem.relation
    small, large = relation.left, relation.right
    signs = _Signs(problem)
    if relation.sign == "!=":
        apart = POSITIVE in {signs.of_difference(large, small), signs.of_difference(small, large)}
        return "the difference has a sign" if apart else ""
    if relation.sign in {">", ">="}:
        small, large = large, small
    strict = relation.sign in {"<", ">"}
    if signs.of_difference(large, small) >= (POSITIVE if strict else NONNEGATIVE):
        return "the difference is a sum of terms that cannot be negative"
    if not is_scalar(problem.shapes.of[id(small)]):
        return ""
    if strict:
        return sum_of_squares(problem, small, large, strict=True)
    return (
        _cauchy_schwarz(problem, small, large, holds)
        or _triangle(problem, small, large, holds)
        or sum_of_squares(problem, small, large, strict=False)
        or tangent(problem, small, large, holds)
    )


class _Signs:
    """What is known of the signs of expressions from their form."""

    def __init__(self, problem: Problem):
        self._problem = problem
        self._assumptions = problem.samples.premises.assumptions
        self._indices: list[str] = []  # indices of sums, which may be negative

    def of_difference(self, large: ex.Expression, small: ex.Expression) -> int:
        """The sign of large minus small, once terms that occur in both are struck."""
        terms = [*self._terms(large, 1), *self._terms(small, -1)]
        left: list[tuple[int, ex.Expression]] = []
        for sign, term in terms:
            twin = next((pair for pair in left if pair[0] == -sign and _same(pair[1], term)), None)
            if twin:
                left.remove(twin)
            else:
                left.append((sign, term))
        signs = [self.of(term) if sign > 0 else self._negated(term) for sign, term in left]
        if min(signs, default=NONNEGATIVE) < NONNEGATIVE:
            return UNKNOWN
        return max(signs, default=NONNEGATIVE)

    def _terms(self, expression: ex.Expression, sign: int) -> list[tuple[int, ex.Expression]]:
        if isinstance(expression, ex.Sum):
            return [pair for inner, term in expression.terms for pair in self._terms(term, sign * inner)]
        if isinstance(expression, ex.Filled) and expression.what == "zero":
            return []
        return [(sign, expression)]

    def _negated(self, term: ex.Expression) -> int:
        """The sign of minus a term: known if the term is a product with an odd number of minus signs."""
        if isinstance(term, ex.Product):
            rest = [factor for factor in term.factors if not self._is_negative(factor)]
            if (len(term.factors) - len(rest)) % 2:
                return min((self.of(factor) for factor in rest), default=POSITIVE)
        return UNKNOWN

    def _is_negative(self, factor: ex.Expression) -> bool:
        return (
            isinstance(factor, ex.Sum)
            and len(factor.terms) == 1
            and factor.terms[0][0] < 0
            and self.of(factor.terms[0][1]) == POSITIVE
        )

    def of(self, expression: ex.Expression) -> int:
        """The sign of an expression."""
        method = getattr(self, f"_{type(expression).__name__.lower()}", lambda _: UNKNOWN)
        sign: int = method(expression)
        return sign

    def _number(self, expression: ex.Number) -> int:
        return POSITIVE if expression.value > 0 else NONNEGATIVE

    def _constant(self, expression: ex.Constant) -> int:
        return POSITIVE

    def _filled(self, expression: ex.Filled) -> int:
        return {"zero": NONNEGATIVE, "ones": POSITIVE, "identity": UNKNOWN}[expression.what]

    def _norm(self, expression: ex.Norm) -> int:
        return NONNEGATIVE

    def _symbol(self, expression: ex.Symbol) -> int:
        return self._of_symbol(expression.name)

    def _sum(self, expression: ex.Sum) -> int:
        return self.of_difference(expression, ex.Filled(0, 0, "zero"))

    def _quotient(self, expression: ex.Quotient) -> int:
        return self.of(expression.numerator) if self.of(expression.denominator) else UNKNOWN

    def _apply(self, expression: ex.Apply) -> int:
        return OF_FUNCTIONS.get(expression.function, UNKNOWN)

    def _folded(self, expression: ex.Folded) -> int:
        self._indices.append(expression.index)
        body = self.of(expression.body)
        self._indices.pop()
        return min(body, NONNEGATIVE) if expression.operator == "sum" else body

    def _extremum(self, expression: ex.Extremum) -> int:
        return min(self.of(part) for part in expression.arguments)

    def _inner(self, expression: ex.Inner) -> int:
        return NONNEGATIVE if ex.alike(expression.left, expression.right) else UNKNOWN

    def _of_symbol(self, name: str) -> int:
        declarations = self._problem.shapes.declarations
        if name in self._indices or name in declarations.definitions:
            return UNKNOWN
        if name in declarations.dimensions or declarations.symbols[name].name == "index":
            return POSITIVE
        low = self._assumptions.bounds.get(name, (None, None))[0]
        if low is None or low < 0:
            return UNKNOWN
        return POSITIVE if low > 0 or self._is_strictly_positive(name) else NONNEGATIVE

    def _is_strictly_positive(self, name: str) -> bool:
        for assumed in self._assumptions.relations:
            left, sign, right = assumed.relation.left, assumed.relation.sign, assumed.relation.right
            if sign == ">":
                left, sign, right = right, "<", left
            above = isinstance(right, ex.Symbol) and right.name == name
            if sign == "<" and above and isinstance(left, ex.Number | ex.Filled):
                return True  # its lower bound is not negative
        return False

    def _power(self, power: ex.Power) -> int:
        if isinstance(power.base, ex.Constant):
            return POSITIVE
        base = self.of(power.base)
        if base == POSITIVE and is_scalar(self._problem.shapes.of[id(power)]):
            return POSITIVE
        exponent = power.exponent
        if isinstance(exponent, ex.Number) and exponent.value > 0 and exponent.value % 2 == 0:
            return NONNEGATIVE if is_scalar(self._problem.shapes.of[id(power)]) else UNKNOWN
        return (
            base
            if isinstance(exponent, ex.Number) and exponent.value > 0 and base == NONNEGATIVE
            else UNKNOWN
        )

    def _product(self, product: ex.Product) -> int:
        shapes = self._problem.shapes.of
        scalars = [factor for factor in product.factors if is_scalar(shapes[id(factor)])]
        others = [factor for factor in product.factors if not is_scalar(shapes[id(factor)])]
        scalars = self._without_pairs(scalars)
        sign = min((self.of(factor) for factor in scalars), default=POSITIVE)
        if len(scalars) < len(product.factors) - len(others):
            sign = min(sign, NONNEGATIVE)
        if not others:
            return sign
        if not is_scalar(shapes[id(product)]):
            return UNKNOWN
        return min(sign, self._of_form(others))

    def _without_pairs(self, factors: list[ex.Expression]) -> list[ex.Expression]:
        """Factors without those that occur twice, whose product is a square."""
        kept: list[ex.Expression] = []
        for factor in factors:
            twin = next((other for other in kept if _same(other, factor)), None)
            if twin is None:
                kept.append(factor)
            else:
                kept.remove(twin)
        return kept

    def _of_form(self, factors: list[ex.Expression]) -> int:
        """The sign of u^T ... u: a palindrome under transposition, perhaps with a definite matrix amid it."""
        mirrored = [_transposed(factor) for factor in reversed(factors)]
        middle = len(factors) // 2
        for i in range(middle):
            if not ex.alike(factors[i], mirrored[i]):
                return UNKNOWN
        if len(factors) % 2 == 0:
            return NONNEGATIVE
        core = factors[middle]
        structure = self._assumptions.structure.get(core.name) if isinstance(core, ex.Symbol) else None
        squared = (
            isinstance(core, ex.Power)
            and isinstance(core.exponent, ex.Number)
            and core.exponent.value % 2 == 0
        )
        if squared and isinstance(core, ex.Power) and isinstance(core.base, ex.Symbol):
            kind = self._assumptions.structure.get(core.base.name)
            return NONNEGATIVE if kind in {"symmetric", "definite", "semidefinite", "projection"} else UNKNOWN
        return NONNEGATIVE if structure in {"definite", "semidefinite", "projection"} else UNKNOWN


def _same(first: ex.Expression, second: ex.Expression) -> bool:
    """Whether two expressions are alike; two I of different sizes are not."""
    return ex.alike(first, second) and not any(isinstance(part, ex.Filled) for part in ex.within(first))


def _transposed(factor: ex.Expression) -> ex.Expression:
    return (
        factor.argument
        if isinstance(factor, ex.Transpose)
        else ex.Transpose(factor.start, factor.end, factor)
    )


def _norms(expression: ex.Expression) -> tuple[list[ex.Norm], Fraction] | None:
    """The norms whose product an expression is, and the power of each."""
    factors = expression.factors if isinstance(expression, ex.Product) else (expression,)
    norms, powers = [], set()
    for factor in factors:
        norm, power = factor, Fraction(1)
        if isinstance(factor, ex.Power) and isinstance(factor.exponent, ex.Number):
            norm, power = factor.base, factor.exponent.value
        if not isinstance(norm, ex.Norm) or norm.kind not in {"2", "F"}:
            return None
        norms.append(norm)
        powers.add(power)
    return (norms, powers.pop()) if len(powers) == 1 else None


def _cauchy_schwarz(problem: Problem, small: ex.Expression, large: ex.Expression, holds: Holds) -> str:
    """Whether large is a product of two norms and small the inner product, or squares of these."""
    found = _norms(large)
    if not found or len(found[0]) != 2 or found[1] not in {1, 2}:
        return ""
    (first, second), power = found
    where = (problem.relation.start, problem.relation.end)
    inner = ex.Inner(*where, first.argument, second.argument)
    two = ex.Number(*where, Fraction(2))
    left = ex.Power(*where, small, two) if power == 1 else small
    relation = ex.Relation(left, "=", ex.Power(*where, inner, two), *where)
    return "Cauchy-Schwarz" if _fits(problem, relation) and holds(relation) else ""


def _triangle(problem: Problem, small: ex.Expression, large: ex.Expression, holds: Holds) -> str:
    """Whether small is a norm, and large the sum of norms whose arguments add up to its own."""
    if not isinstance(small, ex.Norm) or not isinstance(large, ex.Sum) or len(large.terms) != 2:
        return ""
    parts = [
        term
        for sign, term in large.terms
        if sign > 0 and isinstance(term, ex.Norm) and term.kind == small.kind
    ]
    if len(parts) != 2:
        return ""
    where = (problem.relation.start, problem.relation.end)
    for signs in ((1, 1), (1, -1), (-1, 1)):
        total = ex.Sum(*where, tuple((s, part.argument) for s, part in zip(signs, parts, strict=True)))
        relation = ex.Relation(small.argument, "=", total, *where)
        if _fits(problem, relation) and holds(relation):
            return "the triangle inequality"
    return ""


def _fits(problem: Problem, relation: ex.Relation) -> bool:
    """Give the parts of a relation of our own making their shapes, if they have them."""
    try:
        left, right = problem.shapes.shape(relation.left), problem.shapes.shape(relation.right)
    except CheckError:
        return False
    return left == right or is_scalar(left) == is_scalar(right)
