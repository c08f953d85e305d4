"""What a page declares: symbols with their kinds, definitions, and the names of dimensions."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from hwlib.checked._errors import CheckError
from hwlib.checked._expressions import Call, Entry, Expression, Folded, FunctionGradient, Symbol
from hwlib.checked._parsing import Names, canonical, parse_expression
from hwlib.checked._sizes import ONE, Size, read_size

if TYPE_CHECKING:
    from collections.abc import Mapping

MAXIMAL_DEFINITIONS = 300
DEEPEST = 40
KINDS = ("scalar", "vector(n)", "matrix(n, d)", "sequence(k)", "index", "function")


@dataclass(frozen=True)
class Kind:
    """The kind of a symbol.

    A sequence is kept as its members side by side: scalars in a column, columns in a matrix. ``first`` is the
    index of its first member.
    """

    name: str
    rows: Size = ONE
    columns: Size = ONE
    first: Size = ONE

    @property
    def size_names(self) -> set[str]:
        """The names of its dimensions."""
        return {name for size in (self.rows, self.columns, self.first) for name in size.names}


@dataclass(frozen=True)
class Definition:
    """A name that stands for an expression, or a function of parameters."""

    name: str
    parameters: tuple[str, ...]
    body: Expression
    latex: str


@dataclass(frozen=True)
class Declarations:
    """Everything that is declared."""

    symbols: Mapping[str, Kind]
    definitions: Mapping[str, Definition]
    functions: frozenset[str]
    dimensions: tuple[str, ...]
    names: Names = field(repr=False)


def read_kind(symbol: str, text: str) -> Kind:
    """A kind from its text, such as ``matrix(n, d)``."""
    found = re.fullmatch(r"\s*([a-z]+)\s*(?:\((.*)\))?\s*", text)
    name, arguments = (found[1], _split(found[2])) if found else ("", [])
    if name in {"scalar", "index", "function"} and not arguments:
        return Kind(name)
    if name == "vector" and len(arguments) == 1:
        return Kind(name, _read_length(symbol, arguments[0]))
    if name == "matrix" and len(arguments) == 2:
        return Kind(name, *(_read_length(symbol, argument) for argument in arguments))
    if name == "sequence" and len(arguments) in {1, 2}:
        return _read_sequence(symbol, *arguments)
    near = difflib.get_close_matches(text.strip(), KINDS, 1, 0.3)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise CheckError(f"{symbol} has the kind {text!r}; known are {', '.join(KINDS)}{hint}")


def _read_length(symbol: str, text: str) -> Size:
    """The dimension of a vector or a matrix."""
    size = read_size(text)
    if not size.terms and size.constant < 1:
        raise CheckError(f"{symbol} has a dimension of {size.constant}; a dimension is 1 at least")
    return size


def _split(text: str | None) -> list[str]:
    """The arguments, at commas outside of brackets."""
    return [] if text is None else [part.strip() for part in re.split(r",(?![^(]*\))", text)]


def _read_sequence(symbol: str, range_: str, member: str = "scalar") -> Kind:
    low, high = range_.split("..") if range_.count("..") == 1 else ("1", range_)
    first, length = read_size(low), read_size(high) + read_size(low).times(-1) + ONE
    kind = read_kind(symbol, member)
    if kind.name == "scalar":
        return Kind("sequence", length, ONE, first)
    if kind.name == "vector":
        return Kind("sequence", kind.rows, length, first)
    raise CheckError(f"{symbol} is a sequence of {member!r}; it can be of scalars or of vectors")


def declare(
    symbols: Mapping[str, str],
    definitions: Mapping[str, str],
    categories_of: Mapping[str, str] = MappingProxyType({}),
) -> Declarations:
    """Read symbols and definitions.

    Definitions may use each other in any order, but not in a circle. What kind each is, "matrix" say, can be
    given; without that it is taken for a vector where it has an index.
    """
    if len(definitions) > MAXIMAL_DEFINITIONS:
        raise CheckError(f"{len(definitions)} definitions; at most {MAXIMAL_DEFINITIONS} are read")
    heads = {key: _read_head(key) for key in definitions}
    defined = {name: key for key, (name, _) in heads.items()}
    kinds = {
        canonical(key): read_kind(key, text) for key, text in symbols.items() if canonical(key) not in defined
    }
    dimensions = sorted({name for kind in kinds.values() for name in kind.size_names})
    for name in dimensions:
        if kinds.get(name, Kind("index")).name != "index":
            raise CheckError(f"{name} is a dimension, so it cannot be a {kinds[name].name} too")
    categories = dict.fromkeys(dimensions, "dimension") | {name: kind.name for name, kind in kinds.items()}
    declared = {canonical(key): read_kind(key, text).name for key, text in symbols.items()}
    categories |= {
        name: "function" if parameters else categories_of.get(name, declared.get(name, "vector"))
        for name, parameters in heads.values()
    }
    names = Names(categories)
    read: dict[str, Definition] = {}
    for key, latex in definitions.items():
        name, parameters = heads[key]
        local = Names({**dict.fromkeys(parameters, "vector"), **categories}) if parameters else names
        read[name] = Definition(name, parameters, parse_expression(latex, local), latex)
    _refuse_circles(read)
    functions = frozenset(name for name, kind in kinds.items() if kind.name == "function")
    return Declarations(kinds, read, functions, tuple(n for n in dimensions if n not in kinds), names)


def _read_head(key: str) -> tuple[str, tuple[str, ...]]:
    """The name and the parameters of ``L(w)``; a name alone has none."""
    found = re.fullmatch(r"(.*?[^\\])\((.*)\)\s*", key)
    if not found or ("{" in found[1] and found[1].count("{") != found[1].count("}")):
        return canonical(key), ()
    return canonical(found[1]), tuple(canonical(part) for part in found[2].split(","))


def _refuse_circles(definitions: Mapping[str, Definition]) -> None:
    """Refuse a definition that needs itself."""
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            circle = " -> ".join((*path[path.index(name) :], name))
            raise CheckError(f"the definitions go round in a circle: {circle}", definitions[name].latex)
        if name in done:
            return
        if len(path) > DEEPEST:
            raise CheckError(f"definitions of definitions, more than {DEEPEST} deep", definitions[name].latex)
        for other in uses(definitions[name]):
            if other in definitions:
                visit(other, (*path, name))
        done.add(name)

    for name in definitions:
        visit(name, ())


def uses(definition: Definition) -> set[str]:
    """The names that a definition uses, its own parameters left out."""
    return names_in(definition.body) - set(definition.parameters)


def names_in(expression: Expression) -> set[str]:
    """Every name in an expression: of symbols, sequences and functions."""
    found = set().union(*(names_in(part) for part in expression.children))
    if isinstance(expression, Symbol | Entry):
        found.add(expression.name)
    elif isinstance(expression, Call | FunctionGradient):
        found.add(expression.function)
    elif isinstance(expression, Folded):
        found.discard(expression.index)
    return found
