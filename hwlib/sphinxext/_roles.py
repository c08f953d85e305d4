"""The roles: formulas in a sentence, links to the notation, numbers from the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.util.docutils import SphinxRole

from hwlib.checked._blocks import Failure

from ._ledger import Ledger
from ._nodes import Claim, checked_inline, ledger_total, symbol_reference
from ._places import Place, place_of
from ._targets import new_target

if TYPE_CHECKING:
    from docutils.nodes import Node, system_message


class Formula(SphinxRole):
    """A formula of which the page claims something: that it holds, or that it is supposed."""

    def __init__(self, kind: str):
        self.kind = kind

    def run(self) -> tuple[list[Node], list[system_message]]:
        """Put the formula with its claim into the page."""
        text = verbatim(self.rawtext)
        return [self._claimed(text, Claim(text, self._place(text), self.kind))], []

    def _place(self, text: str) -> Place:
        return place_of(*self.get_source_info(), text)

    def _claimed(self, latex: str, claim: Claim) -> checked_inline:
        formula = nodes.math(latex, latex, checked=True)
        target = new_target(self.env, self.inliner.document)
        return checked_inline(self.rawtext, target, formula, claim=claim, anchor=target["ids"][0])


class Unchecked(Formula):
    """A formula that is not checked: ``reason | latex``."""

    def __init__(self) -> None:
        super().__init__("unchecked")

    def run(self) -> tuple[list[Node], list[system_message]]:
        """Put the formula with the reason into the page."""
        text = verbatim(self.rawtext)
        reason, bar, latex = (part.strip() for part in text.partition("|"))
        place = self._place(text)
        if not (reason and bar and latex):
            problem = f"{text!r} gives no reason or no formula; wanted 'reason | latex'"
            Ledger.of(self.env).fail(self.env.docname, place, text, Failure(problem))
        claim = Claim(latex, place, self.kind, reason=reason)
        return [self._claimed(latex, claim)], []


class SymbolReference(SphinxRole):
    """A symbol with a link to its row in the notation."""

    def run(self) -> tuple[list[Node], list[system_message]]:
        """Put the symbol into the page; its row is found when the whole page is read."""
        name = verbatim(self.rawtext)
        place = place_of(*self.get_source_info(), name)
        formula = nodes.math(name, name, checked=True)
        return [symbol_reference(self.rawtext, formula, name=name, place=place)], []


class LedgerTotal(SphinxRole):
    """A number from the ledger of the whole project."""

    def run(self) -> tuple[list[Node], list[system_message]]:
        """Put a place for the number into the page; it is known when all pages are read."""
        place = place_of(*self.get_source_info(), self.text)
        return [ledger_total(self.rawtext, "", total=self.text, place=place)], []


def verbatim(rawtext: str) -> str:
    """Text between a role's backquotes, backslashes and all."""
    return rawtext[rawtext.index("`") + 1 : rawtext.rindex("`")].strip()
