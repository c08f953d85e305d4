"""How large the degree of a rational expression can be, for the lemma of Schwartz and Zippel."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hwlib.checked import _expressions as ex
    from hwlib.checked._evaluation import Evaluator

Degree = tuple[int, int]  # of a numerator of each entry and of a denominator that all entries share


class Degrees:
    """Bounds on degrees, at the dimensions and indices of an evaluator."""

    def __init__(self, evaluator: Evaluator, of_symbols: Mapping[str, Degree]):
        self._evaluator = evaluator
        self._of_symbols = of_symbols
        self._locals: Mapping[str, Degree] = {}
        self._defined: dict[str, Degree] = {}

    def of_difference(self, left: ex.Expression, right: ex.Expression) -> int:
        """The degree of left minus right, numerator and denominator together."""
        return sum(_added(self.of(left), self.of(right)))

    def of(self, expression: ex.Expression) -> Degree:
        """The degrees of an expression."""
        self._evaluator.budget.spend(expression)
        method = getattr(self, f"_{type(expression).__name__.lower()}", self._added_up)
        found: Degree = method(expression)
        return found

    def _added_up(self, expression: ex.Expression) -> Degree:
        total = (0, 0)
        for part in expression.children:
            total = _added(total, self.of(part))
        return total

    def _symbol(self, expression: ex.Symbol) -> Degree:
        return self._of_name(expression.name)

    def _entry(self, expression: ex.Entry) -> Degree:
        return self._of_name(expression.name)

    def _norm(self, expression: ex.Norm) -> Degree:
        return _multiplied(*[self.of(expression.argument)] * 2)

    def _apply(self, expression: ex.Apply) -> Degree:
        numerator, denominator = self.of(expression.argument)
        size = self._evaluator.size_of(expression.argument)[0] if expression.function == "det" else 1
        return size * numerator, size * denominator

    def _derivative(self, expression: ex.Derivative) -> Degree:
        numerator, denominator = self.of(expression.body)
        for _ in expression.variables:
            numerator, denominator = numerator + denominator, 2 * denominator
        return numerator, denominator

    def _product(self, expression: ex.Product) -> Degree:
        total: Degree = (0, 0)
        for factor in expression.factors:
            total = _multiplied(total, self.of(factor))
        return total

    def _inner(self, expression: ex.Inner) -> Degree:
        return _multiplied(self.of(expression.left), self.of(expression.right))

    def _quotient(self, expression: ex.Quotient) -> Degree:
        numerator, denominator = self.of(expression.denominator)
        return _multiplied(self.of(expression.numerator), (denominator, numerator))

    def _elementwise(self, expression: ex.Elementwise) -> Degree:
        numerator, denominator = self.of(expression.right)
        if expression.operator == "over":
            rows, columns = self._evaluator.size_of(expression)
            numerator, denominator = (
                denominator + (rows * columns - 1) * numerator,
                rows * columns * numerator,
            )
        return _multiplied(self.of(expression.left), (numerator, denominator))

    def _of_name(self, name: str) -> Degree:
        if name in self._locals:
            return self._locals[name]
        definition = self._evaluator.shapes.definitions.get(name)
        if definition is None:
            return self._of_symbols.get(name, (0, 0))
        if name not in self._defined:
            outer, self._locals = self._locals, {}
            self._defined[name] = self.of(definition)
            self._locals = outer
        return self._defined[name]

    def _bound(self, expression: ex.Bound) -> Degree:
        arguments = [self.of(argument) for argument in expression.arguments]
        outer, self._locals = self._locals, dict(zip(expression.parameters, arguments, strict=True))
        known = self._evaluator.enter(expression)
        found = self.of(expression.body)
        self._evaluator.leave(known)
        self._locals = outer
        return found

    def _folded(self, expression: ex.Folded) -> Degree:
        low, high = self._evaluator.bounds_of(expression)
        outer, self._evaluator.indices = (
            self._evaluator.indices,
            {**self._evaluator.indices, expression.index: low},
        )
        total: Degree = (0, 0)
        for index in range(low, high + 1):
            self._evaluator.indices = {**outer, expression.index: index}
            part = self.of(expression.body)
            total = _multiplied(total, part) if expression.operator == "prod" else _added(total, part)
        self._evaluator.indices = outer
        return total

    def _power(self, expression: ex.Power) -> Degree:
        numerator, denominator = self.of(expression.base)
        exponent = int(self._evaluator.fraction(expression.exponent) or 0)
        if exponent < 0:
            size = self._evaluator.size_of(expression.base)[0]
            numerator, denominator = denominator + (size - 1) * numerator, size * numerator
        return abs(exponent) * numerator, abs(exponent) * denominator


def _added(first: Degree, second: Degree) -> Degree:
    return max(first[0] + second[1], second[0] + first[1]), first[1] + second[1]


def _multiplied(first: Degree, second: Degree) -> Degree:
    return first[0] + second[0], first[1] + second[1]
