"""The directives: notation, displays that hold or are wrong or are not checked, and the ledger."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.directives.patches import MathDirective
from sphinx.util.docutils import SphinxDirective

from hwlib.checked import CheckError
from hwlib.checked._blocks import unreadable
from hwlib.checked._notation import Notation, base_name, read_notation

from ._ledger import Ledger
from ._nodes import Claim, checked_block, ledger, notation
from ._places import Place, place_of
from ._targets import new_target

if TYPE_CHECKING:
    from docutils.nodes import Node
    from sphinx.util.typing import OptionSpec


#: Words of an assumption that are no LaTeX: "rank", "is positive definite".
WORD = r"(?<![\\A-Za-z{_^])([a-z]{2,}(?:[ -][a-z]{2,})*)"


class Symbols(SphinxDirective):
    """The names, definitions and assumptions that hold from here to the end of the section."""

    has_content = True
    option_spec: ClassVar[OptionSpec] = {"open": directives.flag}

    def run(self) -> list[Node]:
        """Show them as a table."""
        self.assert_has_content()
        text = "\n".join(self.content)
        place = place_of(*self.get_source_info(), text)
        try:
            declared = read_notation(text)
        except CheckError as error:
            Ledger.of(self.env).fail(self.env.docname, place, text, unreadable(error, text))
            return []
        anchors: dict[str, str] = {}
        rows = self._rows(declared, anchors)
        node = notation("", table(rows), notation=declared, anchors=anchors, place=place, latex=text)
        node["open"] = "open" in self.options
        return [node]

    def _rows(self, declared: Notation, anchors: dict[str, str]) -> list[nodes.row]:
        functions = {base_name(name): name for name in declared.definitions}
        rows = []
        for name in dict.fromkeys((*declared.symbols, *declared.definitions)):
            if name in declared.definitions or base_name(name) not in functions:
                target = new_target(self.env, self.state.document, "symbol", name)
                anchors.setdefault(base_name(name), target["ids"][0])
                kind = declared.symbols.get(name, declared.symbols.get(base_name(name), ""))
                meaning = in_words(kind, declared.definitions.get(name, ""))
                shown = nodes.paragraph("", "", target, formula(name))
                rows.append(
                    row([shown], [nodes.paragraph("", "", *meaning)], self._described(declared, name))
                )
        for assumption in declared.assumptions:
            shown = nodes.paragraph("", "", formula(typeset(assumption)))
            rows.append(row([shown], [nodes.paragraph("", "assumed")], self._described(declared, assumption)))
        return rows

    def _described(self, declared: Notation, key: str) -> list[Node]:
        text = declared.descriptions.get(key, "")
        children, messages = self.parse_inline(text, lineno=self.lineno)
        return [nodes.paragraph("", "", *children), *messages]


class CheckedMath(MathDirective):
    """A display whose every step holds."""

    option_spec: ClassVar[OptionSpec] = {
        **(MathDirective.option_spec or {}),
        "equals": directives.unchanged_required,
    }
    kind = "checked"

    def run(self) -> list[Node]:
        """Show it as the math directive does, inside what its marks will be put into."""
        shown = super().run()
        block = next(node for node in shown if isinstance(node, nodes.math_block))
        block["checked"] = True
        targets = [node for node in shown if isinstance(node, nodes.target)]
        if not targets:
            targets = [new_target(self.env, self.state.document)]
        latex = block.astext()
        claim = self._claim(latex, place_of(*self.get_source_info(), latex, "".join(self.arguments)))
        if "&" in latex and r"\\" not in latex and r"\begin" not in latex and not block["no-wrap"]:
            # Sphinx aligns more lines than one
            block.children = [nodes.Text(rf"\begin{{aligned}}{latex}\end{{aligned}}")]
        return [checked_block("", targets[0], block, claim=claim, anchor=targets[0]["ids"][0])]

    def _claim(self, latex: str, place: Place) -> Claim:
        return Claim(latex, place, self.kind, equals=self.options.get("equals", ""))


class RefutedMath(CheckedMath):
    """A display with a step that is wrong, or that is refused with an error."""

    option_spec: ClassVar[OptionSpec] = {
        **(MathDirective.option_spec or {}),
        "wrong": directives.positive_int_list,
        "error": directives.unchanged_required,
    }
    kind = "refuted"

    def _claim(self, latex: str, place: Place) -> Claim:
        wrong = tuple(self.options.get("wrong", ()))
        return Claim(latex, place, self.kind, wrong, self.options.get("error", ""))


class Math(CheckedMath):
    """The math directive, with a reason for what is not checked."""

    option_spec: ClassVar[OptionSpec] = {
        **(MathDirective.option_spec or {}),
        "unchecked": directives.unchanged_required,
    }
    kind = "unchecked"

    def run(self) -> list[Node]:
        """Show it; without a reason, as the math directive does."""
        return super().run() if "unchecked" in self.options else MathDirective.run(self)

    def _claim(self, latex: str, place: Place) -> Claim:
        return Claim(latex, place, self.kind, reason=self.options["unchecked"])


class LedgerTable(SphinxDirective):
    """The ledger: every relation of the project."""

    def run(self) -> list[Node]:
        """Put a place for it into the page; it is known when all pages are read."""
        page_has_mathematics = formula("")
        return [ledger("", page_has_mathematics)]


def formula(latex: str) -> nodes.math:
    """LaTeX that is shown and claims nothing."""
    return nodes.math(latex, latex, checked=True)


def in_words(kind: str, definition: str) -> list[Node]:
    """Say what a symbol is: its kind, its definition."""
    name, _, dimensions = kind.removesuffix(")").partition("(")
    parts: list[Node] = [nodes.Text("positive integer" if kind == "index" else name)] if kind else []
    if dimensions:
        parts = [nodes.Text(f"{name}, "), *sizes(name, dimensions)]
    if definition:
        parts += [nodes.Text(", ")] if parts else []
        parts.append(formula(rf":= {definition}"))
    return parts


def sizes(name: str, dimensions: str) -> list[Node]:
    """The dimensions of a vector or a matrix, the indices of a sequence and what its members are."""
    if name != "sequence":
        return [formula(r" \times ".join(part.strip() for part in dimensions.split(",")))]
    range_, _, members = (part.strip() for part in dimensions.partition(","))
    low, _, high = range_.rpartition("..")
    parts: list[Node] = [nodes.Text("from "), formula(low or "1"), nodes.Text(" to "), formula(high)]
    return [*parts, nodes.Text(", each a "), *in_words(members, "")] if members else parts


def typeset(assumption: str) -> str:
    """LaTeX of an assumption: its signs and its words as mathematics has them."""
    for sign, command in (("<=", r"\le"), (">=", r"\ge"), ("!=", r"\ne")):
        assumption = re.sub(rf"{sign} *", rf"\{command} ", assumption)
    assumption = re.sub(rf"{WORD}(?=\()", r"\\operatorname{\1}", assumption)
    return re.sub(rf"{WORD}(?= |$)", r"\\text{ \1}", assumption)


def table(rows: list[nodes.row]) -> nodes.table:
    """A table of three columns with a head."""
    names = ("symbol", "meaning", "description")
    head = nodes.row("", *(nodes.entry("", nodes.paragraph("", name)) for name in names))
    columns = [nodes.colspec(colwidth=width) for width in (20, 30, 50)]
    group = nodes.tgroup("", *columns, nodes.thead("", head), nodes.tbody("", *rows), cols=3)
    return nodes.table("", group, classes=["checked-symbols"])


def row(*cells: list[Node]) -> nodes.row:
    """A row of the table."""
    return nodes.row("", *(nodes.entry("", *content) for content in cells))
