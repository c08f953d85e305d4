"""The role {claim}: the sentence before it is asserted, by that name, in a cell above.

``{claim}`same-point``` shows a mark that leads to the cell. A name that no assertion has, or whose assertion
did not run, stops the build; so does a name that no sentence has.
"""

import ast
import re
import sys
from pathlib import Path

from docutils import nodes
from myst_nb.ext.utils import RoleBase
from sphinx.errors import SphinxError
from values import anchor, evaluated, number_of, place_of

sys.path.insert(0, str(Path(__file__).parent / "kernel"))
from book_kernel import claim_of

CELL = re.compile(
    r"^(`{3,})\{code-cell\}[^\n]*\n(?:---\n.*?^---\n)?(?::[^\n]*\n)*(.*?)^\1", re.DOTALL | re.MULTILINE
)
MARK = "\N{CHECK MARK}"


class claim_mark(nodes.reference):  # noqa: N801 - docutils' way
    """The mark: a link with a name for those who hear the page. Attributes: claim, cell, code, reftitle."""


class Claim(RoleBase):
    """A mark for the sentence before it."""

    def run(self):
        written = f"{{claim}}`{self.text}`"
        place = f"{place_of(self, written)}: {written}"
        client = self.document["nb_renderer"].renderer.nb_client
        asserted = claims_above(client)
        if self.text not in asserted:
            known = ", ".join(asserted) or "none"
            raise SphinxError(f"{place}: no cell above asserts it; asserted: {known}")
        if self.text not in evaluated(self.document, "__import__('book_kernel').HELD"):
            raise SphinxError(f"{place}: its assertion did not run")
        index, code = asserted[self.text]
        link = claim_mark(
            self.rawtext, MARK, refid=anchor(index), classes=["claim"], internal=True, claim=self.text
        )
        link["cell"], link["code"], link["written"] = number_of(index, client), code, written
        link["reftitle"] = f"asserted in cell {link['cell']}: {code}"
        return [link], []


def join_marks(app, doctree, docname):
    """Have each mark stand at its sentence, whether or not a space is written between them."""
    for mark in doctree.findall(claim_mark):
        place = mark.parent.index(mark)
        before = mark.parent[place - 1] if place else None
        if isinstance(before, nodes.Text):
            mark.parent[place - 1] = nodes.Text(before.rstrip())


def visit_claim_mark(translator, node):
    """Open the link; a check mark alone would be read out as that, or not at all."""
    named = {"title": node["reftitle"], "aria-label": f"asserted in cell {node['cell']}"}
    translator.body.append(translator.starttag(node, "a", "", href=f"#{node['refid']}", **named))


def depart_claim_mark(translator, node):
    translator.body.append("</a>")


def claims_above(client):
    """The named assertions of the cells that have run: the cell and the code of each."""
    found = {}
    for index, cell in enumerate(client.notebook.cells[: client._last_cell_executed + 1]):
        if cell.cell_type == "code":
            for node in ast.walk(ast.parse(cell.source)):
                if name := claim_of(node):
                    if name in found:
                        raise SphinxError(f"two assertions have the name {name}")
                    found[name] = index, ast.unparse(node)
    return found


def refuse_claims_without_a_sentence(app, doctree):
    """Raise with the named assertions of a page that no sentence leads to."""
    source = Path(app.env.doc2path(app.env.docname))
    cells = [ast.parse(cell) for _, cell in CELL.findall(source.read_text())]
    asserted = {claim_of(node) for cell in cells for node in ast.walk(cell)} - {None}
    told = {link["claim"] for link in doctree.findall(nodes.reference) if "claim" in link}
    if asserted - told:
        raise SphinxError(
            f"{source.name}: asserted, and no sentence says so: {', '.join(sorted(asserted - told))}"
        )


def setup(app):
    app.connect("doctree-read", refuse_claims_without_a_sentence)
    app.add_role("claim", Claim())
    app.connect("doctree-resolved", join_marks)
    app.add_node(claim_mark, html=(visit_claim_mark, depart_claim_mark))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
