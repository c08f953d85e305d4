"""The notation of a page: one declaration a line, as in a ``{symbols}`` block."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hwlib.checked._declarations import read_kind
from hwlib.checked._errors import CheckError

if TYPE_CHECKING:
    from collections.abc import Mapping

#: A name with brackets behind it, that are in no braces.
HEAD = re.compile(r"((?:[^{}()]|\{(?:[^{}]|\{[^{}]*\})*\})+)\((.*)\)\s*")


@dataclass(frozen=True)
class Notation:
    r"""What the names of a page mean.

    Attributes
    ----------
    symbols : mapping of str to str
        The kind of each symbol, ``{"X": "matrix(n, d)"}``.
    definitions : mapping of str to str
        The LaTeX that each defined name stands for; a function is named with its arguments,
        ``{"L(w)": r"\|X w - t\|^2"}``.
    assumptions : tuple of str
        What holds besides, ``("n <= d",)``.
    descriptions : mapping of str to str
        What a reader is told of a symbol, a definition or an assumption.
    """

    symbols: Mapping[str, str] = field(default_factory=dict)
    definitions: Mapping[str, str] = field(default_factory=dict)
    assumptions: tuple[str, ...] = ()
    descriptions: Mapping[str, str] = field(default_factory=dict)

    def extended_by(self, other: Notation) -> Notation:
        """Add the entries of another notation; a name that it gives loses its old meaning."""
        replaced = {base_name(name) for name in (*other.symbols, *other.definitions)}

        def kept(entries: Mapping[str, str]) -> dict[str, str]:
            return {name: text for name, text in entries.items() if base_name(name) not in replaced}

        return Notation(
            {**kept(self.symbols), **other.symbols},
            {**kept(self.definitions), **other.definitions},
            tuple(dict.fromkeys((*self.assumptions, *other.assumptions))),
            {**kept(self.descriptions), **other.descriptions},
        )

    def written(self) -> str:
        """Write it as `read_notation` reads it, without the descriptions."""
        return "\n".join(
            [
                *(f"{name}: {kind}" for name, kind in self.symbols.items()),
                *(f"{name} := {latex}" for name, latex in self.definitions.items()),
                *(f"assume {condition}" for condition in self.assumptions),
            ]
        )


def read_notation(text: str) -> Notation:
    r"""Read declarations, one a line.

    Parameters
    ----------
    text : str
        Lines such as ``X: matrix(n, d)  # the examples``, ``a := X w - t``, ``L(w) := \|X w - t\|^2`` and
        ``assume n <= d``. A description follows ``#``; ``\#`` is a sharp. Empty lines mean nothing.

    Returns
    -------
    Notation
        What they declare.

    Raises
    ------
    CheckError
        If a line declares nothing, declares a name again or gives a kind that there is not.
    """
    symbols: dict[str, str] = {}
    definitions: dict[str, str] = {}
    assumptions: list[str] = []
    descriptions: dict[str, str] = {}
    start = 0
    for line in text.split("\n"):
        entry, description = _without_description(line)
        name, sign, meaning = _parts(entry)
        span = start + len(line) - len(line.lstrip()), start + max(len(entry.rstrip()), 1)
        start += len(line) + 1
        if not entry.strip():
            if description:
                raise CheckError("a description describes nothing", text, (span[0], span[0] + 1))
            continue
        if sign == "assume":
            key = meaning
            assumptions.append(meaning)
        elif not (name and sign and meaning):
            forms = "'name: kind', 'name := latex' or 'assume condition'"
            raise CheckError(f"this declares nothing; wanted {forms}", text, span)
        else:
            key = name
            entries = definitions if sign == ":=" else symbols
            if base_name(name) in map(base_name, entries):
                raise CheckError(f"{base_name(name)} is given twice", text, span)
            entries[name] = meaning if sign == ":=" else _kind(name, meaning, text, span)
        if description:
            descriptions[key] = description
    return Notation(symbols, definitions, tuple(assumptions), descriptions)


def base_name(name: str) -> str:
    """Name of a symbol or a function, without its parameters: L of L(w)."""
    head = HEAD.fullmatch(name)
    return re.sub(r"\s+", "", head[1] if head else name)


def parameters(name: str) -> set[str]:
    """The parameters of a function that is defined: w of L(w)."""
    head = HEAD.fullmatch(name)
    return {base_name(part) for part in head[2].split(",")} if head else set()


def _without_description(line: str) -> tuple[str, str]:
    match = re.search(r"(?<!\\)#", line)
    if match is None:
        return line, ""
    return line[: match.start()], line[match.end() :].strip().replace(r"\#", "#")


def _parts(entry: str) -> tuple[str, str, str]:
    """Name, sign (":", ":=" or "assume") and meaning of an entry."""
    if match := re.match(r"\s*assume\s+(.*\S)", entry):
        return "", "assume", match[1]
    match = re.match(r"\s*([^:]*[^:\s])\s*(:=|:)\s*(.*)", entry)
    return (match[1], match[2], match[3].strip()) if match else ("", "", "")


def _kind(name: str, kind: str, text: str, span: tuple[int, int]) -> str:
    try:
        read_kind(name, kind)
    except CheckError as error:
        raise CheckError(error.problem, text, span) from None
    return kind
