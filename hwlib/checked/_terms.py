"""What the factors of a term do to each other: what each function and sum takes, and what divides what."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, TypeAlias, cast

from lark import Token

from hwlib.checked._errors import CheckError
from hwlib.checked._expressions import (
    ENTRYWISE,
    Apply,
    Block,
    Call,
    Constant,
    Derivative,
    Elementwise,
    Entry,
    Expression,
    Extremum,
    Filled,
    Folded,
    FunctionGradient,
    Inner,
    Norm,
    Number,
    Power,
    Product,
    Quotient,
    Root,
    Sum,
    Symbol,
    Transpose,
)
from hwlib.checked._lexemes import DEEPEST
from hwlib.checked._lines import span_of

# What the factors of a term can be besides expressions


@dataclass(frozen=True)
class Bracket:
    """Something in brackets: one expression, or the arguments of a function."""

    items: tuple[Expression, ...]
    sign: str


@dataclass(frozen=True)
class NamedFunction:
    """The name of a function; its argument follows."""

    name: str
    declared: bool


@dataclass(frozen=True)
class Fold:
    """A sum or product over an index; its body follows."""

    operator: str
    index: str
    bounds: tuple[Expression, ...]


@dataclass(frozen=True)
class Differentiate:
    """A derivative; its body follows."""

    kind: str
    variables: tuple[Symbol, ...]


@dataclass(frozen=True)
class NamedExtremum:
    """The name of a minimum or maximum; its arguments follow."""

    operator: str


@dataclass(frozen=True)
class Nabla:
    """A gradient without a variable; a call follows."""

    order: int


Head: TypeAlias = Expression | Bracket | NamedFunction | Fold | Differentiate | NamedExtremum | Nabla


@dataclass(frozen=True)
class Script:
    """What is written behind a factor: its kind as in the grammar, and the exponent or the count."""

    kind: str
    exponent: Expression | None
    count: int
    start: int
    end: int


@dataclass(frozen=True)
class Factor:
    head: Head
    scripts: tuple[Script, ...]
    start: int
    end: int


Item: TypeAlias = Factor | Token


class Term:
    """Reads the factors of a term: what each function, sum and derivative takes, and what divides what."""

    def __init__(self, latex: str, kinds: Mapping[str, str]):
        self.latex = latex
        self.kinds = kinds

    def read(self, items: list[Item]) -> Expression:
        """Return the term as one expression."""
        prefixes = [
            item for item in items if isinstance(item, Factor) and isinstance(item.head, Fold | Differentiate)
        ]
        if len(prefixes) > DEEPEST:
            raise self.error(
                f"more than {DEEPEST} sums and derivatives in each other", prefixes[0], prefixes[-1]
            )
        return self.product(items, 0)

    def error(self, problem: str, first: Any, last: Any = None) -> CheckError:
        start = span_of(first)[0] if isinstance(first, Token) else first.start
        last = first if last is None else last
        end = span_of(last)[1] if isinstance(last, Token) else last.end
        return CheckError(problem, self.latex, (start, end))

    def product(self, items: list[Item], position: int) -> Expression:
        """Return the product of the items from ``position`` on."""
        operands: list[Expression] = []
        operators: list[str] = []
        while position < len(items):
            item = items[position]
            if isinstance(item, Token):
                operators.append(str(item))
                position += 1
            elif operands:
                operators.append("")
            operand, after = self.operand(items, position)
            if (
                operands
                and operators[-1] == ""
                and self.is_numeral(operands[-1])
                and self.is_numeral(operand)
            ):
                problem = r"two numbers side by side: put \cdot between them; thousands are parted by {,}"
                raise self.error(problem, operands[-1], operand)
            operands.append(operand)
            position = after
        return self.divided(operands, operators)

    def is_numeral(self, operand: Expression) -> bool:
        number = (isinstance(operand, Power) and isinstance(operand.base, Number)) or isinstance(
            operand, Number
        )
        return number and self.latex[operand.start] in "0123456789."

    # Which factors belong to what

    def operand(self, items: list[Item], position: int) -> tuple[Expression, int]:
        """Return the operand that begins at ``position``, and where it ends."""
        factor = cast("Factor", items[position])
        match factor.head:
            case Bracket() as head:
                value, after = self.with_scripts(self.alone(head, factor), factor), position + 1
            case NamedFunction(declared=True) as head:
                value, after = self.call(items, position, factor, head)
            case NamedFunction() as head:
                value, after = self.apply(items, position, factor, head)
            case NamedExtremum() as head:
                value, after = self.extremum(items, position, factor, head)
            case Nabla() as head:
                value, after = self.gradient(items, position, factor, head)
            case Fold() as head:
                value, after = self.fold(items, position, factor, head)
            case Differentiate() as head:
                value, after = self.differentiate(items, position, factor, head)
            case head:
                value, after = self.with_scripts(head, factor), position + 1
        return value, after

    def alone(self, bracket: Bracket, factor: Factor) -> Expression:
        if len(bracket.items) > 1:
            problem = (
                r"a list in brackets belongs to a function; a column is \begin{pmatrix} 2 \\ 1 \end{pmatrix}"
            )
            raise self.error(problem, factor)
        if bracket.sign in {r"\{", r"\lbrace"}:
            raise self.error("a set cannot be checked; brackets are ( ) or [ ]", factor)
        return replace(bracket.items[0], start=factor.start, end=_closing(factor))

    def bracket_at(self, items: list[Item], position: int) -> tuple[Factor, Bracket] | None:
        factor = items[position] if position < len(items) else None
        if isinstance(factor, Factor) and isinstance(factor.head, Bracket):
            return factor, factor.head
        return None

    def call(
        self, items: list[Item], position: int, factor: Factor, head: NamedFunction
    ) -> tuple[Expression, int]:
        """Return a declared function at its arguments."""
        found = self.bracket_at(items, position + 1)
        if found is None:
            raise self.error(f"{head.name} is a function: its argument is wanted in brackets", factor)
        bracket, inside = found
        if any(script.kind != "PRIMES" for script in factor.scripts):
            problem = f"{head.name} has a power before its argument: put the power after the brackets"
            raise self.error(problem, factor)
        order = sum(script.count for script in factor.scripts)
        if order and len(inside.items) > 1:
            raise self.error("a prime needs a function of one argument", factor, bracket)
        arguments = tuple(map(side, inside.items))
        value = Call(factor.start, _closing(bracket), head.name, arguments, order)
        return self.with_scripts(value, bracket), position + 2

    def extremum(
        self, items: list[Item], position: int, factor: Factor, head: NamedExtremum
    ) -> tuple[Expression, int]:
        """Return the smallest or largest of those listed in brackets."""
        found = self.bracket_at(items, position + 1)
        if found is None:
            raise self.error(rf"\{head.operator} wants an index, or its arguments in brackets", factor)
        bracket, inside = found
        value = Extremum(factor.start, _closing(bracket), head.operator, inside.items)
        return self.with_scripts(value, bracket), position + 2

    def gradient(
        self, items: list[Item], position: int, factor: Factor, head: Nabla
    ) -> tuple[Expression, int]:
        """Return the gradient of a declared function at its arguments."""
        function = items[position + 1] if position + 1 < len(items) else None
        found = self.bracket_at(items, position + 2)
        if isinstance(function, Factor) and isinstance(function.head, NamedFunction) and found:
            bracket, inside = found
            if function.head.declared and not function.scripts:
                name, arguments = function.head.name, tuple(map(side, inside.items))
                value = FunctionGradient(factor.start, _closing(bracket), name, arguments, head.order)
                return self.with_scripts(value, bracket), position + 3
        problem = (
            r"\nabla wants the name it differentiates in, \nabla_w, or a declared function and its argument"
        )
        raise self.error(problem, factor)

    def apply(
        self, items: list[Item], position: int, factor: Factor, head: NamedFunction
    ) -> tuple[Expression, int]:
        """Return a function that everyone knows at its argument: a bracket, or the run that follows."""
        if found := self.bracket_at(items, position + 1):
            bracket, inside = found
            value = Apply(factor.start, _closing(bracket), head.name, self.alone(inside, bracket))
            return self.with_scripts(self.powered(value, factor), bracket), position + 2
        argument, after = self.run(items, position, factor, head)
        return self.powered(Apply(factor.start, argument.end, head.name, argument), factor), after

    def powered(self, value: Expression, factor: Factor) -> Expression:
        r"""Return ``\sin^2 x``: the value to the power that the function's name has."""
        for script in factor.scripts:
            if script.kind != "SUPERSCRIPT" or script.exponent is None:
                raise self.error("a power is wanted here", script)
            if _is_minus_one(script.exponent):
                raise self.error("the inverse function, or one over it? Write which with other words", factor)
            value = Power(value.start, value.end, value, script.exponent)
        return value

    def run(
        self, items: list[Item], position: int, factor: Factor, head: NamedFunction
    ) -> tuple[Expression, int]:
        """Return the argument without brackets: numbers, names, fractions, or one function or bar."""
        after = position + 1
        while after < len(items) and _in_run(items[after]):
            after += 1
        following = items[after] if after < len(items) else None
        if after == position + 1:
            if isinstance(following, Factor) and _is_closed(following.head):
                argument, after = self.operand(items, after)
            elif isinstance(following, Factor) and isinstance(following.head, NamedFunction):
                argument, after = self.nested(items, after)
            else:
                raise self.error(f"the argument of {head.name} is wanted here, in brackets", factor)
            following = items[after] if after < len(items) else None
            if following is not None and not (isinstance(following, Token) and following == "*"):
                raise self.error(
                    f"where does the argument of {head.name} end? Put it in brackets", factor, following
                )
            return argument, after
        closes = isinstance(following, Factor) and (
            isinstance(following.head, Bracket) or _is_closed(following.head)
        )
        if closes or (isinstance(following, Token) and following != "*"):
            raise self.error(
                f"where does the argument of {head.name} end? Put it in brackets", factor, following
            )
        inside = items[position + 1 : after]
        if len(inside) > 1 and head.name in ENTRYWISE and not all(map(self.is_scalar_item, inside)):
            raise self.error(
                f"where does the argument of {head.name} end? Put it in brackets", factor, inside[-1]
            )
        return self.product(inside, 0), after

    def is_scalar_item(self, item: Item) -> bool:
        """Whether a factor of a run is a number, not a vector or a matrix."""
        head = cast("Factor", item).head
        if isinstance(head, Symbol):
            return self.kinds.get(head.name) not in {"vector", "matrix"}
        return not isinstance(head, Filled)

    def nested(self, items: list[Item], position: int) -> tuple[Expression, int]:
        depth = position
        while depth < len(items) and isinstance(getattr(items[depth], "head", None), NamedFunction):
            depth += 1
        if depth - position > DEEPEST:
            raise self.error(
                f"more than {DEEPEST} functions of each other", items[position], items[depth - 1]
            )
        return self.operand(items, position)

    def fold(self, items: list[Item], position: int, factor: Factor, head: Fold) -> tuple[Expression, int]:
        """Return a sum over an index, of all that follows in its term."""
        self.check_body(items, position, factor)
        if head.operator != "sum":
            self.check_end(items[position + 1 :], factor, head)
        body = self.product(items, position + 1)
        lower, upper = head.bounds or (None, None)
        return Folded(factor.start, body.end, head.operator, head.index, lower, upper, body), len(items)

    def check_end(self, items: list[Item], factor: Factor, head: Fold) -> None:
        r"""Refuse ``\prod_i x_i c``: does it end before c? To a sum it makes no difference."""
        factors = [item for item in items if isinstance(item, Factor)]
        again = any(isinstance(item.head, Fold) and item.head.index == head.index for item in factors)
        *before, last = (_mentions(item, head.index) for item in factors)
        if again or (any(before) and not last):
            raise self.error(
                f"where does the {head.operator} end? Put its body in brackets", factor, factors[-1]
            )

    def differentiate(
        self, items: list[Item], position: int, factor: Factor, head: Differentiate
    ) -> tuple[Expression, int]:
        """Return a derivative of all that follows, or of what follows at once if the rest is constant."""
        self.check_body(items, position, factor)
        after = len(items)
        length = self.closed_length(items, position + 1)
        if length and position + 1 + length < after:
            after = position + 1 + length
            if not self.constant(items[after:], head.variables):
                raise self.error(
                    "where does the derivative end? Put what it differentiates in brackets", factor, items[-1]
                )
            body = self.product(items[position + 1 : after], 0)
        else:
            body = self.product(items, position + 1)
        return Derivative(factor.start, body.end, head.kind, head.variables, body), after

    def closed_length(self, items: list[Item], position: int) -> int:
        """Return of how many items a call or a bracket at ``position`` is made, 0 if none stands there."""
        head = getattr(items[position], "head", None)
        if isinstance(head, Bracket) or _is_closed(head):
            return 1
        follows = isinstance(head, NamedFunction | NamedExtremum) and self.bracket_at(items, position + 1)
        return 2 if follows else 0

    def constant(self, items: list[Item], variables: tuple[Symbol, ...]) -> bool:
        """Whether the items hold only numbers, and scalars, dimensions and indices that are no variable."""
        inside = [item for item in items if isinstance(item, Factor)]
        stack: list[Expression] = []
        for item in inside:
            if not isinstance(item.head, Expression | Bracket):
                return False
            stack += _inside(item)
        names = {variable.name for variable in variables}
        while stack:
            one = stack.pop()
            if isinstance(one, Call | FunctionGradient | Entry | Derivative):
                return False
            if isinstance(one, Symbol):
                kind = self.kinds.get(one.name, "index")
                if one.name in names or kind not in {"scalar", "dimension", "index"}:
                    return False
            stack += one.children
        return True

    def check_body(self, items: list[Item], position: int, factor: Factor) -> None:
        """Refuse a sum or a derivative of nothing."""
        if position + 1 >= len(items) or isinstance(items[position + 1], Token):
            raise self.error("what this is taken of is wanted after it", factor)

    # Powers and transposes

    def with_scripts(self, base: Expression, factor: Factor) -> Expression:
        for script in factor.scripts:
            base = self.with_script(base, script, factor)
        return base

    def with_script(self, base: Expression, script: Script, factor: Factor) -> Expression:
        span = min(base.start, factor.start), max(base.end, script.end)
        of_sequence = isinstance(base, Entry) and self.kinds.get(base.name) == "sequence"
        of_matrix = isinstance(base, Entry) and script.exponent and self.of_matrix(base, script.exponent)
        if isinstance(base, Entry) and not of_sequence and (script.exponent is None or of_matrix):
            raise self.error("the entry of a power, or the power of an entry? Declare a name for one", factor)
        if script.exponent is not None:
            return Power(*span, base, _exponent(script.exponent))
        if script.kind == "TRANSPOSE":
            return Transpose(*span, base)
        if script.kind == "INVERSE_TRANSPOSE":
            return Transpose(*span, Power(*span, base, Number(script.start, script.end, Fraction(-1))))
        if script.kind == "ELEMENTWISE_POWER":
            value = base
            for _ in range(script.count - 1):
                value = Elementwise(*span, "times", value, base)
            return value
        raise self.error("a prime differentiates a declared function: nothing else can have one", script)

    def of_matrix(self, base: Entry, exponent: Expression) -> bool:
        """Whether a matrix has both indices and a power that might be meant of the whole."""
        written = self.latex[base.start : base.end]
        power_first = "^" in written and written.find("^") < written.find("_")
        return self.kinds.get(base.name) == "matrix" and (power_first or _is_minus_one(exponent))

    # Products and quotients

    def divided(self, operands: list[Expression], operators: list[str]) -> Expression:
        """Return operands with the operators between them as one expression."""
        if "odot" in operators or "oslash" in operators:
            return self.elementwise(operands, operators)
        factors: list[Expression] = [operands[0]]
        for position, (operator, operand) in enumerate(zip(operators, operands[1:], strict=True)):
            if operator != "/":
                factors.append(operand)
                continue
            if operators[position + 1 : position + 2] == [""]:
                problem = r"what does / divide by? Put brackets round it, or write \frac{}{}"
                raise self.error(problem, operand, operands[position + 2])
            numerator = _product(factors)
            factors = [Quotient(numerator.start, operand.end, numerator, operand)]
        return _product(factors)

    def elementwise(self, operands: list[Expression], operators: list[str]) -> Expression:
        r"""Return a chain of ``\odot`` and ``\oslash``; before the first, scalars may stand."""
        scalars = 0
        while (
            scalars < len(operators) and operators[scalars] in {"", "*"} and self.is_scalar(operands[scalars])
        ):
            scalars += 1
        wrong = [operator for operator in operators[scalars:] if operator not in {"odot", "oslash"}]
        if wrong:
            problem = r"what belongs to \odot or \oslash here? Put brackets round the products beside it"
            raise self.error(problem, operands[scalars], operands[-1])
        value = operands[scalars]
        for operator, operand in zip(operators[scalars:], operands[scalars + 1 :], strict=True):
            name = "times" if operator == "odot" else "over"
            value = Elementwise(value.start, operand.end, name, value, operand)
        return _product([*operands[:scalars], value])

    def is_scalar(self, operand: Expression) -> bool:
        if isinstance(operand, Quotient):
            return self.is_scalar(operand.numerator) and self.is_scalar(operand.denominator)
        if isinstance(operand, Symbol):
            return self.kinds.get(operand.name, "index") in {"scalar", "dimension", "index"}
        return isinstance(operand, Number | Constant)


def side(expression: Expression) -> Expression:
    """Return a bare 0 as the zero of whatever shape is wanted."""
    if isinstance(expression, Number) and expression.value == 0:
        return Filled(expression.start, expression.end, "zero")
    return expression


def _mentions(factor: Factor, index: str) -> bool:
    """Whether an index stands anywhere in a factor."""
    stack = _inside(factor)
    while stack:
        one = stack.pop()
        if isinstance(one, Symbol) and one.name == index:
            return True
        stack += one.children
    return False


def _inside(factor: Factor) -> list[Expression]:
    """Return the expressions within a factor and its powers."""
    head = factor.head
    found = [*head.items] if isinstance(head, Bracket) else [head] if isinstance(head, Expression) else []
    return found + [script.exponent for script in factor.scripts if script.exponent is not None]


def _product(factors: list[Expression]) -> Expression:
    if len(factors) == 1:
        return factors[0]
    return Product(factors[0].start, factors[-1].end, tuple(factors))


def _closing(bracket: Factor) -> int:
    """Return where a bracket itself ends, before its scripts."""
    return bracket.scripts[0].start if bracket.scripts else bracket.end


def _exponent(written: Expression) -> Expression:
    """Return -1 as the number that it is, so that an inverse is known by it."""
    return Number(written.start, written.end, Fraction(-1)) if _is_minus_one(written) else written


def _is_minus_one(expression: Expression) -> bool:
    if not isinstance(expression, Sum) or len(expression.terms) != 1:
        return False
    ((sign, term),) = expression.terms
    return sign == -1 and isinstance(term, Number) and term.value == 1


def _is_closed(head: object) -> bool:
    """Whether a factor says itself where it ends."""
    return isinstance(head, Norm | Inner | Block) or (isinstance(head, Apply) and head.function == "abs")


def _in_run(item: Item) -> bool:
    """Whether a factor belongs to an argument without brackets."""
    if not isinstance(item, Factor):
        return False
    named = isinstance(item.head, Number | Constant | Symbol | Entry | Filled | Quotient | Root)
    return named or (isinstance(item.head, Apply) and item.head.function == "sqrt")
