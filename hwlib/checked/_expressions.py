"""The forms that an expression can take: what a formula says, without how it was typed."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from fractions import Fraction

PLACES = 2  # fields that say where an expression stands


@dataclass(frozen=True)
class Expression:
    """Any expression, with the place in the LaTeX that it was read from."""

    start: int
    end: int

    @property
    def children(self) -> list[Expression]:
        """The expressions directly within this one."""
        found: list[Expression] = []
        for name in self.__match_args__[PLACES:]:
            _collect(getattr(self, name), found)
        return found


def _collect(value: object, found: list[Expression]) -> None:
    if isinstance(value, Expression):
        found.append(value)
    elif isinstance(value, tuple):
        for part in value:
            _collect(part, found)


@dataclass(frozen=True)
class Number(Expression):
    """A numeral, exactly: 0.1 is one tenth."""

    value: Fraction


@dataclass(frozen=True)
class Constant(Expression):
    """The number "pi" or "e"."""

    name: str


@dataclass(frozen=True)
class Symbol(Expression):
    """A declared name, a dimension's name, or the index of a sum."""

    name: str


@dataclass(frozen=True)
class Entry(Expression):
    """An entry of a vector or a matrix, a member of a sequence; indices count from 1."""

    name: str
    indices: tuple[Expression, ...]


@dataclass(frozen=True)
class Filled(Expression):
    r"""``I``, ``\mathbf{0}``, ``\mathbf{1}`` or a bare 0, of the size that its place asks for.

    ``what`` is "identity" (square), "zero" (of any shape) or "ones" (a column). ``size`` is its subscript, as
    in ``I_n``.
    """

    what: str
    size: Expression | None = None


@dataclass(frozen=True)
class Sum(Expression):
    """A sum of signed terms; a single negative term is a negation."""

    terms: tuple[tuple[int, Expression], ...]


@dataclass(frozen=True)
class Product(Expression):
    """A product in the order written, of matrices or with scalars."""

    factors: tuple[Expression, ...]


@dataclass(frozen=True)
class Quotient(Expression):
    """A numerator of any shape over a scalar."""

    numerator: Expression
    denominator: Expression


@dataclass(frozen=True)
class Elementwise(Expression):
    r"""``\odot`` ("times") or ``\oslash`` ("over"), entry by entry."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Power(Expression):
    """A scalar or a square matrix to a power; a matrix to -1 is its inverse."""

    base: Expression
    exponent: Expression


@dataclass(frozen=True)
class Transpose(Expression):
    """A transpose."""

    argument: Expression


@dataclass(frozen=True)
class Apply(Expression):
    """A function that everyone knows: see FUNCTIONS."""

    function: str
    argument: Expression


#: Of scalars, and of vectors entry by entry.
ENTRYWISE = {
    "exp",
    "log",
    "sqrt",
    "sin",
    "cos",
    "tan",
    "sinh",
    "cosh",
    "tanh",
    "arctan",
    "abs",
    "sigmoid",
    "sign",
}
#: Of matrices.
OF_MATRICES = {"tr", "det", "diag", "rank"}
FUNCTIONS = ENTRYWISE | OF_MATRICES


@dataclass(frozen=True)
class Root(Expression):
    r"""The real root of a degree, as in ``\sqrt[3]{x}``."""

    degree: Expression
    argument: Expression


@dataclass(frozen=True)
class Norm(Expression):
    """A norm: kind "2", "1", "inf" or "F"."""

    kind: str
    argument: Expression


@dataclass(frozen=True)
class Inner(Expression):
    """An inner product of two vectors, or of two matrices."""

    left: Expression
    right: Expression


@dataclass(frozen=True)
class Call(Expression):
    """A defined function at its arguments, differentiated ``order`` times (one argument only)."""

    function: str
    arguments: tuple[Expression, ...]
    order: int = 0


@dataclass(frozen=True)
class FunctionGradient(Expression):
    r"""``\nabla f(x)``: the gradient of a defined function in its first argument, there.

    ``order`` 2 is its Hessian, ``\nabla^2 f(x)``.
    """

    function: str
    arguments: tuple[Expression, ...]
    order: int = 1


@dataclass(frozen=True)
class Block(Expression):
    """A matrix given by rows of blocks."""

    rows: tuple[tuple[Expression, ...], ...]


@dataclass(frozen=True)
class Folded(Expression):
    """A sum, product, minimum or maximum ("sum", "prod", "min", "max") over a range of an index.

    Without bounds the index runs over the length of what it indexes in the body.
    """

    operator: str
    index: str
    lower: Expression | None
    upper: Expression | None
    body: Expression


@dataclass(frozen=True)
class Extremum(Expression):
    """The smallest ("min") or largest ("max") of the scalars listed."""

    operator: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True)
class Derivative(Expression):
    r"""The derivative of a body in one or more declared symbols.

    ``variables`` are the symbols (each with the place where it stands), one for each time the body is
    differentiated: ``\frac{d^2}{d\eta^2}`` has eta twice. ``kind`` is "gradient" for ``\nabla_w``
    (and ``\nabla_w^2``, with w twice), "derivative" for ``\frac{d}{dw}`` and ``\frac{\partial}{\partial w}``.
    """

    kind: str
    variables: tuple[Symbol, ...]
    body: Expression


@dataclass(frozen=True)
class Relation:
    r"""One step: left, relation, right, with the places of both sides and the remark after ``&&``.

    ``sign`` is one of = != < > <= >= :=
    """

    left: Expression
    sign: str
    right: Expression
    start: int
    end: int
    remark: str = ""


@dataclass(frozen=True)
class Bound(Expression):
    """A body in which parameters have the values of arguments; what a call becomes."""

    parameters: tuple[str, ...]
    arguments: tuple[Expression, ...]
    body: Expression
    differentiated: bool = False  # something in the body is, so that the parameters are no mere numbers


def rebuilt(expression: Expression, change: Callable[[Expression], Expression]) -> Expression:
    """The same expression with each expression directly within it changed."""
    parts = {field.name: _changed(getattr(expression, field.name), change) for field in fields(expression)}
    return type(expression)(**parts)


def _changed(value: object, change: Callable[[Expression], Expression]) -> Any:
    if isinstance(value, Expression):
        return change(value)
    if isinstance(value, tuple):
        return tuple(_changed(part, change) for part in value)
    return value


def alike(first: object, second: object) -> bool:
    """Whether two expressions say the same in the same words, wherever they stand."""
    if type(first) is not type(second):
        return False
    if isinstance(first, Expression):
        return all(
            alike(getattr(first, name), getattr(second, name)) for name in first.__match_args__[PLACES:]
        )
    if isinstance(first, tuple) and isinstance(second, tuple):
        return len(first) == len(second) and all(map(alike, first, second))
    return first == second


def within(expression: Expression) -> Iterator[Expression]:
    """An expression and all the expressions in it."""
    waiting = [expression]
    while waiting:
        expression = waiting.pop()
        yield expression
        waiting.extend(reversed(expression.children))
