"""A call in Python that a formula is compared with, read without ``eval``."""

from __future__ import annotations

import ast
import difflib
import operator
from importlib import import_module
from typing import TYPE_CHECKING

from hwlib.checked import CheckError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType

OPERATORS: Mapping[type[ast.AST], Callable[..., object]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.MatMult: operator.matmul,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}


class Call:
    """A call such as ``learning_rates.loss_after_step(X, t, w_0, eta)``.

    It may have numbers, the data's names, lists, arithmetic and further calls as arguments, and be followed
    by ``.attribute`` or ``[0]``; a function is a dotted name that begins with a module.

    Parameters
    ----------
    text : str
        The call.
    root : str, default ""
        The package in which functions are looked up first.

    Raises
    ------
    CheckError
        If it is no call of that form, or calls what there is not.
    """

    def __init__(self, text: str, root: str = ""):
        self.text = text
        self.root = root
        self.modules: set[ModuleType] = set()
        try:
            self.tree: ast.expr = ast.parse(text, mode="eval").body
        except (SyntaxError, ValueError):
            raise CheckError("this is no Python expression", text, (0, len(text))) from None
        self._functions: dict[str, Callable[..., object]] = {}
        if not any(isinstance(node, ast.Call) for node in ast.walk(self.tree)):
            raise self._error("this calls no function", self.tree)
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                self._functions[ast.unparse(node.func)] = self._function(node.func)

    def __call__(self, **data: object) -> object:
        """Value of the call for data by name."""
        return self._value(self.tree, data)

    def _value(self, node: ast.expr, data: Mapping[str, object]) -> object:  # noqa: PLR0911 - a case each
        match node:
            case ast.Call(function, arguments, keywords) if all(key.arg for key in keywords):
                named = {str(key.arg): self._value(key.value, data) for key in keywords}
                values = [self._value(argument, data) for argument in arguments]
                return self._functions[ast.unparse(function)](*values, **named)
            case ast.Name(name):
                return self._datum(node, name, data)
            case ast.Constant(value):
                return value
            case ast.List(elements):
                return [self._value(element, data) for element in elements]
            case ast.Tuple(elements):
                return tuple(self._value(element, data) for element in elements)
            case ast.BinOp(left, sign, right) if type(sign) in OPERATORS:
                return OPERATORS[type(sign)](self._value(left, data), self._value(right, data))
            case ast.UnaryOp(sign, operand) if type(sign) in OPERATORS:
                return OPERATORS[type(sign)](self._value(operand, data))
            case ast.Attribute(value, name) if not name.startswith("_"):
                return getattr(self._value(value, data), name)
            case ast.Subscript(value, index):
                return operator.getitem(self._value(value, data), self._value(index, data))  # type: ignore[call-overload]
        raise self._error("this is neither a call nor simple arithmetic", node)

    def _datum(self, node: ast.expr, name: str, data: Mapping[str, object]) -> object:
        if name in data:
            return data[name]
        near = difflib.get_close_matches(name, data, n=1, cutoff=0.5)
        known = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(data))}"
        raise self._error(f"the formula has no {name}; {known}", node)

    def _function(self, node: ast.expr) -> Callable[..., object]:
        parts = ast.unparse(node).split(".")
        if not all(part.isidentifier() and not part.startswith("_") for part in parts):
            raise self._error("only functions that a dotted name leads to can be called", node)
        for start in dict.fromkeys((self.root, "")):
            found = self._followed([part for part in (*start.split("."), *parts) if part])
            if callable(found):
                return found
        where = f" in {self.root}" if self.root else ""
        raise self._error(f"there is no function {'.'.join(parts)}{where}", node)

    def _followed(self, parts: list[str]) -> object:
        for length in range(len(parts) - 1, 0, -1):
            try:
                module = import_module(".".join(parts[:length]))
            except ModuleNotFoundError:
                continue
            found: object = module
            for part in parts[length:]:
                found = getattr(found, part, None)
            self.modules.add(module)
            return found
        return None

    def _error(self, problem: str, node: ast.expr) -> CheckError:
        return CheckError(problem, self.text, (node.col_offset, node.end_col_offset or node.col_offset + 1))
