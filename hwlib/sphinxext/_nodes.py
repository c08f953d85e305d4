"""What stands in a page until it is checked, and the marks that it then gets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from docutils import nodes

if TYPE_CHECKING:
    from hwlib.checked._notation import Notation

    from ._places import Place

#: A run of words with commands of LaTeX, in a message that quotes an author; it is shown as code.
LATEX = re.compile(r"(\S*\\\S*[^\s.,:;](?: \S*\\\S*[^\s.,:;])*)")


@dataclass(frozen=True)
class Claim:
    """Mathematics and what the page says of it.

    ``kind`` is "checked", "refuted", "supposition" or "unchecked". ``wrong`` and ``error`` say how a
    refuted one is wrong, ``equals`` is a Python call with its value, ``reason`` is why it is not checked.
    """

    latex: str
    place: Place
    kind: str
    wrong: tuple[int, ...] = ()
    error: str = ""
    equals: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Mark:
    """A verdict as it is shown: of what ("step 1 of 2"), the verdict, and how it was reached."""

    subject: str
    verdict: str
    detail: str


class notation(nodes.General, nodes.Element):  # noqa: N801 - docutils' way
    """The table of a ``{symbols}`` block. Attributes: notation, place, source text."""

    @property
    def declared(self) -> Notation:
        """What it declares."""
        value: Notation = self["notation"]
        return value


class checked_block(nodes.General, nodes.Element):  # noqa: N801
    """A display around its math_block. Attributes: claim; marks, once it is checked.

    Also ``typed``, if a relation is checked: what a reader would type for that, LaTeX and notation.
    """


class checked_inline(nodes.Inline, nodes.Element):  # noqa: N801
    """A formula around its math. Attributes: claim; marks, once it is checked."""


class symbol_reference(nodes.Inline, nodes.Element):  # noqa: N801
    """A symbol that leads to its row in the notation. Attributes: name, place."""


class ledger(nodes.General, nodes.Element):  # noqa: N801
    """The place of the ledger."""


class ledger_fold(nodes.General, nodes.Element):  # noqa: N801
    """The relations of a page, folded up. Attributes: summary."""


class ledger_total(nodes.Inline, nodes.TextElement):  # noqa: N801
    """The place of a number from the ledger. Attributes: total, place."""


def quoting(message: str) -> list[nodes.Node]:
    """A message with the LaTeX that it quotes as code."""
    parts = enumerate(LATEX.split(message))
    return [nodes.literal("", part) if number % 2 else nodes.Text(part) for number, part in parts]
