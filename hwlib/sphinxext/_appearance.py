"""How notation and marks look: in HTML as disclosures that need no script, elsewhere as plain text."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

from docutils import nodes

from hwlib.checked._report import GLYPHS

from ._nodes import LATEX, Mark, checked_block, checked_inline, ledger_fold, notation

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

#: So long may the LaTeX of a formula be that surely fits into a line with its mark, on a phone too.
SHORT = 40

#: From the least to the most that a verdict says: one mark of several shows the least.
WEAKEST_FIRST = tuple(reversed(GLYPHS))


def visit_notation(self: HTML5Translator, node: notation) -> None:
    """Open what folds the table."""
    opened = " open" if node["open"] else ""
    self.body.append(f'<details class="checked-notation"{opened}><summary>Notation</summary>')
    self.body.append('<div class="checked-scroll">\n')


def depart_notation(self: HTML5Translator, _node: notation) -> None:
    """Close it."""
    self.body.append("</div></details>\n")


def visit_ledger_fold(self: HTML5Translator, node: ledger_fold) -> None:
    """Open what folds the relations of a page, with what there is of them."""
    summary = escape(node["summary"])
    self.body.append(f'<details class="checked-relations"><summary>{summary}</summary>\n')


def depart_ledger_fold(self: HTML5Translator, _node: ledger_fold) -> None:
    """Close it."""
    self.body.append("</details>\n")


def visit_block(self: HTML5Translator, node: checked_block) -> None:
    """Open what holds the display and its marks."""
    self.body.append(f'<div class="checked-block checked-{node["claim"].kind}">\n')


def depart_block(self: HTML5Translator, node: checked_block) -> None:
    """Put the marks below the display, each with what it says when opened, and the link to try it."""
    marks = "".join(_disclosure(mark, node["anchor"]) for mark in node["marks"])
    self.body.append(f'<div class="checked-marks">{marks}{_link_to_try(self, node)}</div>\n</div>\n')


def visit_inline(self: HTML5Translator, node: checked_inline) -> None:
    """Open what holds the formula and its mark; a short formula is not parted from it."""
    short = " checked-short" if len(node["claim"].latex) <= SHORT else ""
    self.body.append(f'<span class="checked-inline{short}">')


def depart_inline(self: HTML5Translator, node: checked_inline) -> None:
    """Put one mark behind the formula: a button that shows a note."""
    if node["marks"]:
        self.body.append(_button(node["marks"], f"{node['anchor']}-note"))
    self.body.append("</span>")


def show_plainly(app: Sphinx, page: nodes.document, _docname: str) -> None:
    """Where there is nothing to open, put ordinary nodes that every builder can write."""
    if app.builder.format == "html":
        return
    for table in list(page.findall(notation)):
        table.replace_self([nodes.rubric("", "Notation"), *table.children])
    for inline in list(page.findall(checked_inline)):
        inline.replace_self(inline.children)
    for block in list(page.findall(checked_block)):
        verdicts = ", ".join(mark.verdict for mark in block["marks"])
        line = nodes.paragraph("", "", nodes.emphasis("", f"[{verdicts}]"))
        block.replace_self([*block.children, line])


def in_words(mark: Mark) -> str:
    """A mark's name: of what it is, and its verdict."""
    return f"{mark.subject}: {mark.verdict}" if mark.subject else mark.verdict.capitalize()


def _disclosure(mark: Mark, group: str) -> str:
    return (
        f'<details class="checked-mark" name="{group}"><summary>{_face(mark)}</summary>'
        f"<p><strong>{escape(in_words(mark))}</strong>. {_detail(mark)}</p></details>"
    )


def _link_to_try(self: HTML5Translator, node: checked_block) -> str:
    page, _, bench = self.config.checked_bench.partition("#")
    if not page or "typed" not in node:
        return ""
    typed = ";".join(quote(text, safe="") for text in node["typed"])
    address = f"{self.builder.get_relative_uri(self.builder.current_docname, page)}#{bench}={typed}"
    words = "Change it and check it"
    return (
        f'<a class="checked-try" href="{address}"><span aria-hidden="true" title="{words}">✎</span>'
        f'<span class="checked-hidden">{words}</span></a>'
    )


def _button(marks: list[Mark], name: str) -> str:
    weakest = min(marks, key=lambda mark: WEAKEST_FIRST.index(mark.verdict))
    notes = "".join(
        f'<span class="checked-line"><strong>{escape(in_words(mark))}</strong>. {_detail(mark)}</span>'
        for mark in marks
    )
    return (
        f'\N{WORD JOINER}<button type="button" class="checked-mark" popovertarget="{name}">{_face(weakest)}'
        f'</button><span class="checked-note" id="{name}" popover>{notes}</span>\N{WORD JOINER}'
    )


def _detail(mark: Mark) -> str:
    parts = enumerate(LATEX.split(mark.detail))
    return "".join(f"<code>{escape(part)}</code>" if number % 2 else escape(part) for number, part in parts)


def _face(mark: Mark) -> str:
    words = escape(in_words(mark))
    return (
        f'<span aria-hidden="true" title="{words}">{GLYPHS[mark.verdict]}</span>'
        f'<span class="checked-hidden">{words}</span>'
    )
