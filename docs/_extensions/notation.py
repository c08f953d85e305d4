"""The directive {notation}: what the letters of the chapters mean, with links to where they are declared.

It lists those that more than one chapter declares; any other is of its chapter alone, which has a table.
"""

from itertools import groupby

from docutils import nodes
from noted import Noted
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode
from tables import table

CHAPTERS = ("optimization/", "hyperparameters/", "convnets/")
HEADINGS = {"symbol": 15, "description": 45, "declared in": 40}  # with their widths
DECLARED = Noted("symbols_declared")


class notation_index(nodes.General, nodes.Element):  # noqa: N801 - docutils' way
    """The place of the table."""


class NotationIndex(SphinxDirective):
    """A row for each meaning of a symbol that recurs."""

    def run(self):
        return [notation_index("", nodes.math("", "", checked=True))]  # so that the page has mathematics


def collect(app, doctree):
    """Note down what a page declares, as its tables show it."""
    name = app.env.docname
    DECLARED.of(app.env)[name] = {
        "has_index": any(True for _ in doctree.findall(notation_index)),
        "symbols": list(symbols(doctree)) if name.startswith(CHAPTERS) else [],
    }


def symbols(doctree):
    """The LaTeX of each symbol that is described, what is said of it, and where."""
    shown = (node for node in doctree.findall(nodes.table) if "checked-symbols" in node["classes"])
    for name, _, description in (row for node in shown for row in node[0][-1]):
        targets = list(name.findall(nodes.target))  # an assumption has none
        if targets and description.astext():
            (formula,) = name.findall(nodes.math)
            yield formula.astext(), description[0].deepcopy(), targets[0]["ids"][0]


def pages_to_write(app, env):
    """The pages with the table are written again when it has changed."""
    listed = {
        name: [(latex, description.astext(), anchor) for latex, description, anchor in page["symbols"]]
        for name, page in DECLARED.of(env).items()
    }
    known, env.symbols_listed = getattr(env, "symbols_listed", None), listed
    return [name for name, page in DECLARED.of(env).items() if page["has_index"] and known != listed]


def show(app, doctree, docname):
    """Put the table in its place."""
    for place in list(doctree.findall(notation_index)):
        place.replace_self(table(HEADINGS, rows(app, docname), HEADINGS.values(), "notation-index"))


def rows(app, docname):
    """The rows of the table, in the order of the alphabet."""
    order = [name for name in app.env.collect_relations() if name in DECLARED.of(app.env)]
    found = [
        (key(latex), latex, description, name, anchor)
        for name in order
        for latex, description, anchor in DECLARED.of(app.env)[name]["symbols"]
    ]
    found.sort(key=lambda one: one[0])  # a stable sort: the pages stay in their order
    for _, same in groupby(found, key=lambda one: one[0]):
        meanings = {}
        for _, latex, description, name, anchor in same:
            meanings.setdefault(description.astext(), []).append((latex, description, name, anchor))
        if len({name for uses in meanings.values() for *_, name, _ in uses}) > 1:
            for number, uses in enumerate(meanings.values()):
                yield row(app, docname, uses, is_first=number == 0)


def key(latex):
    r"""What a symbol is sorted by: \hat{w} and \hat w are one, near w."""
    plain = latex.translate(str.maketrans("", "", "{} "))
    letter = plain.removeprefix("\\hat").removeprefix("\\tilde").removeprefix("\\bar").lstrip("\\")
    return letter.lower(), letter, plain


def row(app, docname, uses, *, is_first):
    """A symbol, one of its meanings, and links to the chapters that declare it so."""
    latex, description, *_ = uses[0]
    shown = [nodes.math(latex, latex, checked=True)] if is_first else []
    anchors = {name: anchor for *_, name, anchor in reversed(uses)}  # the first of each chapter
    links = []
    for name, anchor in reversed(anchors.items()):
        title = nodes.Text(app.env.titles[name].astext())
        links += [nodes.Text("; ")] if links else []
        links.append(make_refnode(app.builder, docname, name, anchor, title))
    return [shown, [child.deepcopy() for child in description.children], links]


def setup(app):
    app.add_node(notation_index)
    app.add_directive("notation", NotationIndex)
    app.connect("doctree-read", collect)
    DECLARED.follow(app)
    app.connect("env-updated", pages_to_write)
    app.connect("doctree-resolved", show)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
