"""The directive {tally}: how many numbers, claims and exercises of each page are bound to its cells.

A page with cells that has no bound number or no claim stops the build.
"""

from docutils import nodes
from noted import Noted
from sphinx.errors import SphinxError
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode
from tables import table

KINDS = ("value", "given", "claim", "quoted", "stub")
NEEDED = ("value", "claim")
HEADINGS = ("page", "results", "givens", "claims", "quotations", "exercises")
COUNTED = Noted("bound_words")


class tally(nodes.General, nodes.Element):  # noqa: N801 - docutils' way
    """The place of the table."""


class Tally(SphinxDirective):
    """A row for each page that has bound words, and their sum."""

    def run(self):
        return [tally()]


def count(app, doctree):
    """Count the bound words of a page."""
    kinds = [
        kind for node in doctree.findall(nodes.Element) for kind in node.get("classes", []) if kind in KINDS
    ]
    counts = {kind: kinds.count(kind) for kind in KINDS}
    has_cells = any(node.get("nb_element") == "cell_code" for node in doctree.findall(nodes.container))
    if has_cells and not all(counts[kind] for kind in NEEDED):
        raise SphinxError(
            f"{app.env.docname}: a page with cells has bound numbers and claims; here: {counts}"
        )
    counts["table"] = any(True for _ in doctree.findall(tally))
    COUNTED.of(app.env)[app.env.docname] = counts


def pages_to_write(app, env):
    """The pages with the table are written again when it has changed."""
    known, env.tallied = getattr(env, "tallied", None), dict(COUNTED.of(env))
    return [name for name, counts in COUNTED.of(env).items() if counts["table"] and known != env.tallied]


def show(app, doctree, docname):
    """Put the table in its place."""
    for place in list(doctree.findall(tally)):
        pages = {
            name: counts
            for name, counts in COUNTED.of(app.env).items()
            if any(counts[kind] for kind in KINDS)
        }
        order = [name for name in app.env.collect_relations() if name in pages]
        rows = [row(link(app, docname, name), pages[name]) for name in order]
        total = {kind: sum(counts[kind] for counts in pages.values()) for kind in KINDS}
        rows.append(row(nodes.strong("", "all"), total))
        place.replace_self(table(HEADINGS, rows, (40, *[12] * len(KINDS)), "tally"))


def link(app, docname, name):
    return make_refnode(app.builder, docname, name, "", nodes.Text(app.env.titles[name].astext()))


def row(first, counts):
    return [first, *(counts[kind] for kind in KINDS)]


def setup(app):
    app.add_node(tally)
    app.add_directive("tally", Tally)
    app.connect("doctree-read", count)
    COUNTED.follow(app)
    app.connect("env-updated", pages_to_write)
    app.connect("doctree-resolved", show)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
