"""The checked mathematics of a Markdown page, read without Sphinx."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hwlib.checked._errors import CheckError
from hwlib.checked._notation import Notation, read_notation

if TYPE_CHECKING:
    from collections.abc import Iterator

FENCE = re.compile(r"^(?P<indent>[ \t>]*)(?P<fence>`{3,}|~{3,}|:{3,})\s*(?P<head>.*?)\s*$")
DIRECTIVE = re.compile(r"^\{(?P<name>[\w:-]+)\}\s*(?P<argument>.*)$")
HEADING = re.compile(r"^ {0,3}(#{1,6})\s")
OPTION = re.compile(r"^:([\w-]+):\s*(.*)$")
CODE_SPAN = re.compile(r"(?:\{([\w:-]+)\})?(?<!`)(`+)(?!`)((?:(?!\n\s*\n).)+?)(?<!`)\2(?!`)", re.DOTALL)

BLOCKS = {"symbols", "checked-math", "refuted-math"}
ROLES = {"cm", "suppose"}
#: Directives whose content is no Markdown.
LITERAL = {"code", "code-block", "code-cell", "sourcecode", "math", "raw", "eval-rst", "highlight", "mermaid"}


@dataclass(frozen=True)
class Heading:
    """The beginning of a section; ``level`` is the number of its ``#``."""

    level: int


@dataclass(frozen=True)
class Block:
    """A directive or a role: its name, its text, the line on which the text begins, its options."""

    name: str
    text: str
    line: int
    options: dict[str, str] = field(default_factory=dict)


def blocks_in_force(text: str) -> Iterator[tuple[Block, Notation]]:
    """Go through all that is to be checked on a page, each with the notation that is in force there."""
    scopes = [(0, Notation())]
    for part in read_page(text):
        if isinstance(part, Heading):
            while scopes[-1][0] >= part.level:
                scopes.pop()
            scopes.append((part.level, scopes[-1][1]))
            continue
        if part.name == "symbols":
            level, notation = scopes[-1]
            with suppress(CheckError):  # whoever goes through the blocks will see it again
                scopes[-1] = level, notation.extended_by(read_notation(part.text))
        yield part, scopes[-1][1]


def read_page(text: str) -> Iterator[Heading | Block]:
    """Go through the headings of a page, given with ``#``, and all that is to be checked, in order."""
    lines = _without_front_matter(text.split("\n"))
    prose: list[tuple[int, str]] = []
    open_fences: list[str] = []  # of directives whose content is Markdown
    place = 0
    while place < len(lines):
        fence = FENCE.match(lines[place])
        level = 0 if open_fences else _level(lines[place])  # in a directive, it may be a comment in code
        if not fence and not level:
            prose.append((place + 1, lines[place]))
            place += 1
            continue
        yield from _roles(prose)
        prose = []
        if not fence:
            yield Heading(level)
            prose.append((place + 1, lines[place]))
        elif _is_block(fence["head"]):
            end = _end(lines, place, fence["fence"])
            yield _block(lines, place, end, fence)
            place = end
        elif not fence["head"] and any(_closes(fence["fence"], opened) for opened in open_fences):
            while not _closes(fence["fence"], open_fences.pop()):
                pass
        elif _is_literal(fence["fence"], fence["head"]):
            place = _end(lines, place, fence["fence"])
        else:
            open_fences.append(fence["fence"])
        place += 1
    yield from _roles(prose)


def _level(line: str) -> int:
    """The level of a heading; 0 for any other line."""
    heading = HEADING.match(line)
    return len(heading[1]) if heading else 0


def _closes(fence: str, opened: str) -> bool:
    return fence[0] == opened[0] and len(fence) >= len(opened)


def _is_block(head: str) -> bool:
    directive = DIRECTIVE.match(head)
    return directive is not None and directive["name"] in BLOCKS


def _is_literal(fence: str, head: str) -> bool:
    directive = DIRECTIVE.match(head)
    if directive:
        return directive["name"] in LITERAL
    return not fence.startswith(":")


def _without_front_matter(lines: list[str]) -> list[str]:
    if lines[0].strip() != "---" or "---" not in lines[1:]:
        return lines
    end = lines.index("---", 1)
    return [""] * (end + 1) + lines[end + 1 :]


def _end(lines: list[str], start: int, fence: str) -> int:
    """The line that closes a fence, else the one after the last."""
    closing = re.compile(rf"^[ \t>]*{re.escape(fence[0])}{{{len(fence)},}}\s*$")
    return next((place for place in range(start + 1, len(lines)) if closing.match(lines[place])), len(lines))


def _block(lines: list[str], start: int, end: int, fence: re.Match[str]) -> Block:
    directive = DIRECTIVE.match(fence["head"])
    assert directive is not None  # noqa: S101 - its fence was found to have one
    content = [line.removeprefix(fence["indent"]) for line in lines[start + 1 : end]]
    options: dict[str, str] = {}
    first = 0
    if content and content[0].strip() == "---" and "---" in content[1:]:
        first = content.index("---", 1) + 1
        options = dict(re.findall(r"^([\w-]+):\s*(.*)$", "\n".join(content[1 : first - 1]), re.MULTILINE))
    else:
        while first < len(content) and (option := OPTION.match(content[first])):
            options[option[1]] = option[2]
            first += 1
    while first < len(content) and not content[first].strip():
        first += 1
    text = "\n".join(content[first:]).rstrip()
    if directive["argument"]:
        apart = "\n" * (first + 1)  # as many lines as there are between the two
        return Block(directive["name"], f"{directive['argument']}{apart}{text}".rstrip(), start + 1, options)
    return Block(directive["name"], text, start + first + 2, options)


def _roles(prose: list[tuple[int, str]]) -> Iterator[Block]:
    """Go through the roles of lines that follow each other; code between backquotes has none."""
    if not prose:
        return
    text = "\n".join(line for _, line in prose)
    for span in CODE_SPAN.finditer(text):
        if span[1] in ROLES:
            formula = span[3].lstrip()
            line = prose[0][0] + text.count("\n", 0, span.end(3) - len(formula))
            yield Block(span[1], formula.rstrip(), line)
