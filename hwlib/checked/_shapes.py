r"""Shapes: every expression has rows and columns, and they must fit.

A scalar is one by one, a vector is a column. The sizes of ``I``, ``\mathbf{0}`` and ``\mathbf{1}`` are found
from their places.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn, TypeVar

from hwlib.checked import _expressions as ex
from hwlib.checked._declarations import names_in
from hwlib.checked._errors import CheckError
from hwlib.checked._sizes import LARGEST, ONE, Size

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hwlib.checked._declarations import Declarations

MAXIMAL_NODES = 20_000


class Unknown:
    r"""A size that is not known yet. That of ``I`` and ``\mathbf{1}`` cannot turn out to be the number 1."""

    def __init__(self, *, may_be_one: bool):
        self.may_be_one = may_be_one
        self.known: Size | Unknown | None = None


Kept = TypeVar("Kept", bound=ex.Expression)
Shape = tuple[Size | Unknown, Size | Unknown]
SCALAR: Shape = (ONE, ONE)


def resolved(size: Size | Unknown) -> Size | Unknown:
    """What is known of a size by now."""
    while isinstance(size, Unknown) and size.known is not None:
        if isinstance(size.known, Unknown) and size.known.known is not None:
            size.known = size.known.known  # chains become shorter
        size = size.known
    return size


def is_scalar(shape: Shape) -> bool:
    return resolved(shape[0]) == ONE == resolved(shape[1])


def described(shape: Shape) -> str:
    """A shape in words."""
    rows, columns = (resolved(size) for size in shape)
    if rows == ONE == columns:
        return "a scalar"
    names = ["?" if isinstance(size, Unknown) else str(size) for size in (rows, columns)]
    if columns == ONE:
        return f"a column of {names[0]}"
    if rows == ONE:
        return f"a row of {names[1]}"
    return f"a matrix of {names[0]} x {names[1]}"


class Shapes:
    """Finds the shapes of expressions, and writes calls out.

    ``of`` has the shape of each expression that was looked at, ``source`` the LaTeX it stands in, and
    ``stages`` those of a derivative before each variable and after the last; all by identity.
    """

    def __init__(self, declarations: Declarations, equal: Mapping[str, Size]):
        self.declarations = declarations
        self.definitions: dict[str, ex.Expression] = {}
        self.of: dict[int, Shape] = {}
        self.source: dict[int, str] = {}
        self.stages: dict[int, list[Shape]] = {}
        self.latex = ""
        self._equal = equal
        self._kept: list[ex.Expression] = []
        self._unknown: list[Unknown] = []
        self._defined: dict[str, Shape] = {}
        self._scope: dict[str, Shape] = {}
        self._nodes = 0
        self._behind: dict[str, set[str]] = {}

    # reading a whole relation or expression

    def relation(self, relation: ex.Relation, latex: str) -> ex.Relation:
        """The relation with its calls written out; both sides have one shape."""
        self.latex = latex
        left, right = self.written_out(relation.left), self.written_out(relation.right)
        first, second = self.shape(left), self.shape(right)
        if not self._unify_shapes(first, second):
            self._fail(
                f"the left side is {described(first)}, the right side {described(second)}",
                (relation.start, relation.end),
            )
        if relation.sign in {"<", ">", "<=", ">="} and not (is_scalar(first) or resolved(first[1]) == ONE):
            self._fail(
                f"an inequality compares scalars, or vectors entry by entry, not {described(first)}", left
            )
        return replace(relation, left=left, right=right)

    def names_behind(self, defined: str) -> set[str]:
        """The names that a definition is made of, through other definitions too."""
        if defined not in self._behind:
            names = names_in(self.definitions[defined])
            others = [self.names_behind(name) for name in names if name in self.definitions]
            self._behind[defined] = names.union(*others)
        return self._behind[defined]

    def written_out(self, expression: ex.Expression) -> ex.Expression:
        """Calls of defined functions become their bodies, bound to the arguments; each copy is its own."""
        self._nodes += 1
        if self._nodes > MAXIMAL_NODES:
            self._fail("the definitions, written out, are too large to check", expression)
        if isinstance(expression, ex.Call | ex.FunctionGradient):
            return self._written_call(expression)
        return self._keep(ex.rebuilt(expression, self.written_out))

    def _written_call(self, call: ex.Call | ex.FunctionGradient) -> ex.Expression:
        arguments = tuple(self.written_out(argument) for argument in call.arguments)
        definition = self.declarations.definitions.get(call.function)
        if definition is None:
            return self._keep(self._logistic(call, arguments))
        if len(arguments) != len(definition.parameters):
            wanted = ", ".join(definition.parameters)
            self._fail(f"{call.function} is a function of {wanted}; {len(arguments)} arguments came", call)
        body = self._elsewhere(definition.latex, lambda: self.written_out(definition.body))
        if call.order and len(arguments) > 1:
            self._fail(f"{call.function} is differentiated, but has {len(arguments)} arguments", call)
        if call.order:
            parameter = definition.parameters[0]
            kind = "gradient" if isinstance(call, ex.FunctionGradient) else "derivative"
            symbol = ex.Symbol(body.start, body.end, parameter)
            body = self._keep(ex.Derivative(body.start, body.end, kind, (symbol,) * call.order, body))
        differentiated = bool(call.order) or any(
            isinstance(part, ex.Derivative) for part in ex.within(definition.body)
        )
        return self._keep(
            ex.Bound(call.start, call.end, definition.parameters, arguments, body, differentiated)
        )

    def _logistic(
        self, call: ex.Call | ex.FunctionGradient, arguments: tuple[ex.Expression, ...]
    ) -> ex.Expression:
        if call.function != r"\sigma":
            self._fail(f"{call.function} is a function without a definition; define {call.function}(x)", call)
        if len(arguments) != 1:
            self._fail(r"\sigma is a function of one argument", call)
        x = self._keep(ex.Symbol(call.start, call.end, "x"))
        body: ex.Expression = self._keep(ex.Apply(call.start, call.end, "sigmoid", x))
        if call.order:
            body = self._keep(ex.Derivative(call.start, call.end, "derivative", (x,) * call.order, body))
            return ex.Bound(call.start, call.end, ("x",), arguments, body, differentiated=True)
        return ex.Apply(call.start, call.end, "sigmoid", arguments[0])

    def _keep(self, expression: Kept) -> Kept:
        self._kept.append(expression)
        self.source[id(expression)] = self.latex
        return expression

    def settle(self, names: Iterable[str]) -> list[str]:
        """Give sizes that no place asks for a name of their own; return these names."""
        taken, fresh = set(names), []
        for unknown in self._unknown:
            if isinstance(resolved(unknown), Unknown):
                name = next(n for n in _names() if n not in taken)
                taken.add(name)
                fresh.append(name)
                self._unify(unknown, Size(((name, 1),)))
        return fresh

    # shapes by kind of expression

    def shape(self, expression: ex.Expression) -> Shape:
        """Rows and columns of an expression."""
        found: Shape = getattr(self, f"_{type(expression).__name__.lower()}")(expression)
        self.of[id(expression)] = found
        self._kept.append(expression)  # an identity is not used again while its expression lives
        return found

    def _number(self, expression: ex.Number) -> Shape:
        return SCALAR

    def _constant(self, expression: ex.Constant) -> Shape:
        return SCALAR

    def _symbol(self, expression: ex.Symbol) -> Shape:
        name = expression.name
        if name in self._scope:
            return self._scope[name]
        if name in self.declarations.definitions:
            return self._definition(name)
        kind = self.declarations.symbols.get(name)
        if kind is None and name not in self.declarations.dimensions:
            self._fail(f"undeclared symbol {name}", expression)
        if kind is None or kind.name == "index":
            return SCALAR
        if kind.name == "sequence":
            self._fail(f"{name} is a sequence: its members are {name}_1, {name}_2, ...", expression)
        if kind.name == "function":
            self._fail(f"{name} is a function: give it an argument", expression)
        return self._same(kind.rows), self._same(kind.columns)

    def _definition(self, name: str) -> Shape:
        if name not in self._defined:
            definition = self.declarations.definitions[name]
            scope, self._scope = self._scope, {}

            def read() -> Shape:
                self.definitions[name] = self.written_out(definition.body)
                return self.shape(self.definitions[name])

            self._defined[name] = self._elsewhere(definition.latex, read)
            self._scope = scope
        return self._defined[name]

    def category(self, name: str) -> str:
        """Whether a definition is of a matrix; one that cannot be read is found out where it is used."""
        if self.declarations.definitions[name].parameters:
            return "function"
        try:
            shape = self._definition(name)
        except CheckError:
            return "vector"
        return "vector" if ONE in [resolved(size) for size in shape] else "matrix"

    def _elsewhere(self, latex: str, read):  # type: ignore[no-untyped-def]
        """Read with the errors shown in another text."""
        here, self.latex = self.latex, latex
        result = read()
        self.latex = here
        return result

    def _same(self, size: Size) -> Size:
        """The size with dimensions that are assumed equal under one name."""
        total = Size((), size.constant)
        for name, count in size.terms:
            total += self._equal.get(name, Size(((name, 1),))).times(count)
        return total

    def _entry(self, expression: ex.Entry) -> Shape:
        for index in expression.indices:
            self._want_scalar(index, "an index")
        name, count = expression.name, len(expression.indices)
        kind = self.declarations.symbols.get(name)
        if (
            name not in self._scope
            and name not in self.declarations.definitions
            and kind
            and kind.name == "sequence"
        ):
            return (ONE, ONE) if kind.columns == ONE else (self._same(kind.rows), ONE)
        shape = self._symbol(ex.Symbol(expression.start, expression.end, name))
        if count != (1 if resolved(shape[1]) == ONE else 2):
            self._fail(
                f"{name} is {described(shape)}; {count} ind{'ices' if count > 1 else 'ex'} came", expression
            )
        return SCALAR

    def _filled(self, expression: ex.Filled) -> Shape:
        if expression.size is not None:
            size = self._read_size(expression.size)
            return (size, size) if expression.what == "identity" else (size, ONE)
        rows = self._new(may_be_one=expression.what == "zero")
        if expression.what == "identity":
            return rows, rows
        return rows, ONE if expression.what == "ones" else self._new(may_be_one=True)

    def _read_size(self, expression: ex.Expression) -> Size:
        number = expression.value if isinstance(expression, ex.Number) else None
        if number is not None and number.denominator == 1 and 1 <= number <= LARGEST:
            return Size((), int(number))
        names = self.declarations.names.kinds
        if isinstance(expression, ex.Symbol) and names.get(expression.name) in {"dimension", "index"}:
            return self._same(Size(((expression.name, 1),)))
        return self._fail(f"a size is a dimension's name or a number, {LARGEST} at most", expression)

    def _new(self, *, may_be_one: bool) -> Unknown:
        unknown = Unknown(may_be_one=may_be_one)
        self._unknown.append(unknown)
        return unknown

    def _sum(self, expression: ex.Sum) -> Shape:
        terms = [term for _, term in expression.terms]
        shapes = [self.shape(term) for term in terms]
        for term, shape in zip(terms[1:], shapes[1:], strict=True):
            if not self._unify_shapes(shapes[0], shape):
                first = self._text(terms[0])
                self._fail(
                    f"{self._text(term)} is {described(shape)}, but {first} is {described(shapes[0])}", term
                )
        return shapes[0]

    def _product(self, expression: ex.Product) -> Shape:
        total = self.shape(expression.factors[0])
        for last, factor in zip(expression.factors, expression.factors[1:], strict=False):
            shape = self.shape(factor)
            if is_scalar(total):
                total = shape
            elif not is_scalar(shape):
                if not self._unify(total[1], shape[0]):
                    self._fail(
                        f"{described(total)} times {described(shape)}: "
                        f"{self._text(last)} and {self._text(factor)} do not fit",
                        (last.start, factor.end),
                    )
                total = (total[0], shape[1])
        return total

    def _quotient(self, expression: ex.Quotient) -> Shape:
        self._want_scalar(expression.denominator, "a denominator")
        return self.shape(expression.numerator)

    def _elementwise(self, expression: ex.Elementwise) -> Shape:
        left, right = self.shape(expression.left), self.shape(expression.right)
        if not self._unify_shapes(left, right):
            self._fail(f"entry by entry, {described(left)} and {described(right)} do not fit", expression)
        return left

    def _power(self, expression: ex.Power) -> Shape:
        self._want_scalar(expression.exponent, "an exponent")
        return self._want_square(expression.base, "a power (of a vector: \\|x\\|^2, or \\odot)")

    def _transpose(self, expression: ex.Transpose) -> Shape:
        rows, columns = self.shape(expression.argument)
        return columns, rows

    def _apply(self, expression: ex.Apply) -> Shape:
        name = expression.function
        if name in {"tr", "det"}:
            self._want_square(expression.argument, name)
            return SCALAR
        shape = self.shape(expression.argument)
        if name == "rank":
            return SCALAR
        rows, columns = (resolved(size) for size in shape)
        if name == "diag":
            if columns == ONE:
                return rows, rows
            return self._square(expression.argument, shape, name)[0], ONE
        if ONE not in (rows, columns):
            self._fail(
                f"{name} is of scalars, and of vectors entry by entry, not of {described(shape)}", expression
            )
        return shape

    def _root(self, expression: ex.Root) -> Shape:
        self._want_scalar(expression.degree, "the degree of a root")
        return self._want_scalar(expression.argument, "a root")

    def _norm(self, expression: ex.Norm) -> Shape:
        shape = self.shape(expression.argument)
        if expression.kind != "F" and ONE not in [resolved(size) for size in shape]:
            self._fail(
                f"this norm is of vectors, not of {described(shape)}; of a matrix write \\|A\\|_F", expression
            )
        return SCALAR

    def _inner(self, expression: ex.Inner) -> Shape:
        left, right = self.shape(expression.left), self.shape(expression.right)
        if not self._unify_shapes(left, right):
            self._fail(f"an inner product of {described(left)} and {described(right)}", expression)
        return SCALAR

    def _block(self, expression: ex.Block) -> Shape:
        rows = [[self.shape(block) for block in row] for row in expression.rows]
        for row, shapes in zip(expression.rows, rows, strict=True):
            for block, shape in zip(row, shapes, strict=True):
                if not self._unify(shapes[0][0], shape[0]):
                    self._fail(
                        f"{self._text(block)} is {described(shape)}, its row is {described(shapes[0])}", block
                    )
        for place, column in enumerate(zip(*rows, strict=True)):
            for number, shape in enumerate(column):
                if not self._unify(column[0][1], shape[1]):
                    block = expression.rows[number][place]
                    self._fail(f"{self._text(block)} is {described(shape)}, too wide or narrow here", block)
        height = _total(self._known(row[0][0], expression) for row in rows)
        return height, _total(self._known(shape[1], expression) for shape in rows[0])

    def _known(self, size: Size | Unknown, expression: ex.Expression) -> Size:
        self._unify(size, ONE)  # zeros among nothing but zeros are numbers
        found = resolved(size)
        if isinstance(found, Unknown):
            return self._fail("the size of a block is not known", expression)
        return found

    def _folded(self, expression: ex.Folded) -> Shape:
        for bound in (expression.lower, expression.upper):
            if bound is not None:
                self._want_scalar(bound, "a bound")
        shape = self._within({expression.index: SCALAR}, expression.body)
        if expression.operator in {"min", "max"} and not is_scalar(shape):
            self._fail(f"{expression.operator} is of scalars, not of {described(shape)}", expression.body)
        if expression.operator == "prod" and not self._unify(*shape):
            self._fail(f"a product of {described(shape)} with itself", expression.body)
        return shape

    def _extremum(self, expression: ex.Extremum) -> Shape:
        for argument in expression.arguments:
            self._want_scalar(argument, expression.operator)
        return SCALAR

    def _derivative(self, expression: ex.Derivative) -> Shape:
        stages = [self.shape(expression.body)]
        for variable in expression.variables:
            stages.append(self._differentiated(stages[-1], self._variable(variable), expression))
        self.stages[id(expression)] = stages
        return stages[-1]

    def _variable(self, variable: ex.Symbol) -> Shape:
        name, definitions, symbols = variable.name, self.declarations.definitions, self.declarations.symbols
        if name not in self._scope:
            if name in definitions:
                self._fail(f"{name} is defined; differentiate in a symbol that is not", variable)
            if name not in symbols or symbols[name].name == "index":
                self._fail(f"{name} is a whole number; nothing can be differentiated in it", variable)
        return self.shape(variable)

    def _differentiated(self, body: Shape, variable: Shape, expression: ex.Derivative) -> Shape:
        if is_scalar(body):
            return variable
        if is_scalar(variable):
            return body
        if resolved(body[1]) == ONE == resolved(variable[1]) and (
            expression.kind == "derivative" or len(expression.variables) > 1
        ):
            return body[0], variable[0]
        wanted = "a scalar" if expression.kind == "gradient" else "a scalar, or of a column in a column"
        return self._fail(
            f"the derivative of {described(body)} in {described(variable)}; it is of {wanted}", expression
        )

    def _bound(self, expression: ex.Bound) -> Shape:
        arguments = [self.shape(argument) for argument in expression.arguments]
        scope, self._scope = self._scope, dict(zip(expression.parameters, arguments, strict=True))
        here, called = self.latex, self.latex[expression.start : expression.end]
        self.latex = self.source.get(id(expression.body), here)
        try:
            return self.shape(expression.body)
        except CheckError as error:
            raise CheckError(
                f"in {called}: {error.problem}", here, (expression.start, expression.end)
            ) from None
        finally:
            self._scope, self.latex = scope, here

    def _within(self, names: Mapping[str, Shape], body: ex.Expression) -> Shape:
        scope, self._scope = self._scope, {**self._scope, **names}
        shape = self.shape(body)
        self._scope = scope
        return shape

    # wants

    def _want_scalar(self, expression: ex.Expression, what: str) -> Shape:
        shape = self.shape(expression)
        if not is_scalar(shape):
            self._fail(f"{what} is a scalar; {self._text(expression)} is {described(shape)}", expression)
        return shape

    def _want_square(self, expression: ex.Expression, what: str) -> Shape:
        return self._square(expression, self.shape(expression), what)

    def _square(self, expression: ex.Expression, shape: Shape, what: str) -> Shape:
        if not self._unify(*shape):
            self._fail(
                f"{what} is of square matrices; {self._text(expression)} is {described(shape)}", expression
            )
        return shape

    def _unify_shapes(self, first: Shape, second: Shape) -> bool:
        return self._unify(first[0], second[0]) and self._unify(first[1], second[1])

    def _unify(self, first: Size | Unknown, second: Size | Unknown) -> bool:
        first, second = resolved(first), resolved(second)
        if first is second:
            return True
        if isinstance(first, Unknown):
            if isinstance(second, Unknown):
                second.may_be_one &= first.may_be_one
            elif second == ONE and not first.may_be_one:
                return False
            first.known = second
            return True
        if isinstance(second, Unknown):
            return self._unify(second, first)
        return first == second

    def _text(self, expression: ex.Expression) -> str:
        return self.latex[expression.start : expression.end].strip() or "it"

    def _fail(self, problem: str, where: ex.Expression | tuple[int, int]) -> NoReturn:
        span = where if isinstance(where, tuple) else (where.start, where.end)
        raise CheckError(problem, self.latex, span)


def _total(sizes: Iterable[Size]) -> Size:
    total = Size()
    for size in sizes:
        total += size
    return total


def _names() -> Iterable[str]:
    yield from "mpqr"
    number = 1
    while True:
        yield f"m_{number}"
        number += 1
