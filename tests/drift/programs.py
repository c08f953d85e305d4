"""Changes of Python code: a literal, an operator, a name; data disturbed, functions made constant."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

SIGNS = {
    ast.Add: ("+", "-"), ast.Sub: ("-", "+"), ast.Mult: ("*", "/"), ast.Div: ("/", "*"), ast.Pow: ("**", "*"),
    ast.FloorDiv: ("//", "*"), ast.Mod: ("%", "*"), ast.Lt: ("<", ">"), ast.Gt: (">", "<"),
    ast.LtE: ("<=", ">="), ast.GtE: (">=", "<="), ast.Eq: ("==", "!="), ast.NotEq: ("!=", "=="),
}  # fmt: skip
OTHER_NAME = {
    "min": "max", "max": "min", "argmin": "argmax", "argmax": "argmin", "sum": "prod", "prod": "sum",
    "zeros": "ones", "ones": "zeros", "sin": "cos", "cos": "sin", "exp": "log", "log": "exp",
    "mean": "median",
    "cumsum": "cumprod", "sqrt": "square", "square": "sqrt", "all": "any", "any": "all", "floor": "ceil",
}  # fmt: skip
NO_FACT = {"default_rng", "RandomState"}  # another seed gives other data: no sentence is less true
TOLERANCES = {"rtol", "atol", "err_msg"}
DRAWING = re.compile(r"^(?:ax\w*|axes|plt|figure|fig)\b")
# reversed, or where that makes no difference, raised by one
DISTURBED = "(lambda a: a[::-1] if a.ndim and (a[::-1] != a).any() else a + 1)(\nnp.asarray({}))"
SCALED = "(lambda a: 1.1 * a if a.any() else a + 1)(\nnp.asarray({}))"


@dataclass(frozen=True)
class Change:
    """A piece of code replaced by another."""

    rule: str
    start: int
    old: str
    new: str


class Code:
    """Python code, and where its parts stand in it."""

    def __init__(self, text: str):
        self.text = text
        self.tree = ast.parse(text)
        self.starts = [0]
        for line in text.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))
        self.lines = text.splitlines()

    def place(self, line: int, column: int) -> int:
        """The place of a line and a column, which ast counts in bytes."""
        return self.starts[line - 1] + len(self.lines[line - 1].encode()[:column].decode())

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Where a part begins and ends."""
        return self.place(node.lineno, node.col_offset), self.place(node.end_lineno, node.end_col_offset)

    def replaced(self, rule: str, node: ast.AST, new: str) -> Change:
        """A part replaced; a {} in the new text stands for the old one."""
        start, end = self.span(node)
        old = self.text[start:end]
        return Change(rule, start, old, new.replace("{}", old))

    def facts(self, node: ast.AST | None = None) -> Iterator[ast.AST]:
        """All parts of the code but docstrings, seeds, tolerances, texts and what drawings are given."""
        node = node or self.tree
        yield node
        if isinstance(node, ast.JoinedStr):
            return
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called.split(".")[-1] in NO_FACT or DRAWING.match(called):
                return
        for child in ast.iter_child_nodes(node):
            if not (isinstance(child, ast.keyword) and child.arg in TOLERANCES):
                yield from self.facts(child)


def changes(text: str) -> Iterator[Change]:
    """A literal, an operator or a called name changed, one at a time."""
    code = Code(text)
    imported = imported_functions(code.tree)
    for node in code.facts():
        yield from of_literal(code, node)
        yield from of_operator(code, node)
        if isinstance(node, ast.Call):
            yield from of_called(code, node.func, imported)


def of_literal(code: Code, node: ast.AST) -> Iterator[Change]:
    if isinstance(node, ast.Constant) and type(node.value) in {int, float}:
        number = node.value
        yield code.replaced("literal", node, str(number + 1) if type(number) is int else other(number))


def other(number: float) -> str:
    """Another number, written as short."""
    return f"{number * 1.5:.3g}" if number else "1.0"


def of_operator(code: Code, node: ast.AST) -> Iterator[Change]:
    if isinstance(node, ast.BinOp):
        signs, between = [node.op], [(node.left, node.right)]
    elif isinstance(node, ast.Compare):
        signs, between = node.ops, list(zip([node.left, *node.comparators], node.comparators, strict=False))
    else:
        return
    for sign, (left, right) in zip(signs, between, strict=True):
        if type(sign) in SIGNS and not any(isinstance(getattr(x, "value", 0), str) for x in (left, right)):
            old, new = SIGNS[type(sign)]
            start = code.text.find(old, code.span(left)[1], code.span(right)[0])
            if start >= 0:
                yield Change("operator", start, old, new)


def imported_functions(tree: ast.AST) -> list[str]:
    """The functions of the library that the code imports."""
    return [
        name.asname or name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("hwlib")
        for name in node.names
    ]


def of_called(code: Code, function: ast.expr, imported: list[str]) -> Iterator[Change]:
    """Another function called: its opposite, or the next that is imported."""
    name = ast.unparse(function).split(".")[-1]
    end = code.span(function)[1]
    if name in OTHER_NAME:
        yield Change("called name", end - len(name), name, OTHER_NAME[name])
    elif name in imported and len(imported) > 1:
        following = imported[(imported.index(name) + 1) % len(imported)]
        yield Change("called name", end - len(name), name, following)


def weakened_assertions(text: str, named: bool = True) -> Iterator[Change]:
    """The data of an assertion shuffled, or a function in it replaced by a constant."""
    code = Code(text)
    for node in ast.walk(code.tree):
        if isinstance(node, ast.Assert) and (node.msg or not named):
            for part in ast.walk(node.test):
                yield from of_comparison(code, part)
        elif is_call_of_assertion(node) and (not named or "err_msg" in {word.arg for word in node.keywords}):
            for side, other in zip(node.args[:2], node.args[1::-1], strict=True):
                if not isinstance(side, ast.Constant):
                    yield code.replaced("function made constant", side, "1.0")
                if names_something(side) and names_something(other):  # else all is beside one number
                    yield code.replaced("data shuffled", side, DISTURBED)


def names_something(part: ast.AST) -> bool:
    """Whether code is not of numbers alone."""
    return any(isinstance(inner, ast.Name) for inner in ast.walk(part))


def of_comparison(code: Code, part: ast.AST) -> Iterator[Change]:
    """A side of an equation made constant, or an inequality turned round: some constants obey it."""
    if not isinstance(part, ast.Compare):
        return
    if all(isinstance(sign, ast.Eq) for sign in part.ops):
        for side in (part.left, *part.comparators):
            if any(isinstance(inner, ast.Name | ast.Call) for inner in ast.walk(side)):
                yield code.replaced("function made constant", side, "1.0")
    else:
        for change in of_operator(code, part):
            yield Change("inequality turned round", change.start, change.old, change.new)


def is_call_of_assertion(node: ast.AST) -> bool:
    """Whether a part of the code is a call such as that of assert_allclose."""
    return isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1].startswith("assert_")


def emptied_assertions(text: str) -> Iterator[Change]:
    """What an assertion asserts replaced by what is always true."""
    code = Code(text)
    for node in ast.walk(code.tree):
        if isinstance(node, ast.Assert):
            yield code.replaced("check weakened", node.test, "True")
        elif is_call_of_assertion(node):
            first, second = node.args[:2]
            yield code.replaced("check weakened", first, ast.unparse(second))


PLOTS = {
    "plot", "scatter", "bar", "barh", "step", "semilogx", "semilogy", "loglog", "imshow", "matshow",
    "contour", "contourf", "fill_between", "axvline", "axhline", "quiver", "hist", "stem", "errorbar",
    "pcolormesh",
}  # fmt: skip
RELATIVE = {"imshow", "matshow", "pcolormesh"}  # their colours are those of the least and the largest


def changed_drawings(text: str) -> Iterator[Change]:
    """What a plot is given, scaled or reversed."""
    code = Code(text)
    for node in ast.walk(code.tree):
        if not (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in PLOTS
        ):
            continue
        for argument in node.args:
            if isinstance(argument, ast.Starred | ast.JoinedStr) or (
                isinstance(argument, ast.Constant) and (isinstance(argument.value, str) or not argument.value)
            ):
                continue
            if node.func.attr not in RELATIVE:
                yield code.replaced("drawn data scaled", argument, SCALED)
            if not isinstance(argument, ast.Constant):
                yield code.replaced("drawn data reversed", argument, DISTURBED)
