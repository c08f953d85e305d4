"""What the last full drill found: the role {drift} for its totals, the directive {drift} for its tables.

``nox -s drift`` writes ``docs/drift.json``; what was done about a miss stands in ``tests/drift/missed.toml``.
"""

import json
import tomllib
from pathlib import Path

from docutils import nodes
from myst_nb.ext.utils import RoleBase
from sphinx.util.docutils import SphinxDirective
from tables import table

RECORD = Path(__file__).parents[1] / "drift.json"
SINCE = Path(__file__).parents[2] / "tests" / "drift" / "missed.toml"
CLASSES = ("class", "what drifts", "drifts", "caught", "missed", "still true", "median time")
CHANGES = ("place", "rule", "before", "after")
SHORT = 60


class drift(nodes.General, nodes.Element):  # noqa: N801 - docutils' way
    """The place of a table or of a total, filled when the page is written; ``what`` is its name."""


class Drift(SphinxDirective):
    """A table of the record: the classes, the drifts that were missed, or those that leave all true."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self):
        self.env.note_dependency(RECORD)
        self.env.note_dependency(SINCE)
        return [drift(what=self.arguments[0], is_table=True)]


class Total(RoleBase):
    """A total over all classes, or something said of the whole drill, such as its date."""

    def run(self):
        self.inliner.document.settings.env.note_dependency(RECORD)
        return [drift(what=self.text, is_table=False)], []


def show(app, doctree, docname):
    """Put the tables in their places."""
    for place in list(doctree.findall(drift)):
        place.replace_self(filled(json.loads(RECORD.read_text()), place["what"], place["is_table"]))


def filled(record, what, is_table):
    """A table, a total over all classes, or what the record says under a name."""
    if is_table:
        return table_of_classes(record) if what == "classes" else table_of_changes(record[what], what)
    total = what in record["classes"][0]
    return nodes.Text(str(sum(one[what] for one in record["classes"]) if total else record[what]))


def table_of_classes(record):
    rows = []
    for one in record["classes"]:
        counts = [one["number"], one["name"], one["drifts"], one["caught"], one["missed"], one["still true"]]
        rows.append([*counts, f"{one['seconds']:.1f} s"])
    return table(CLASSES, rows, (6, 34, 10, 10, 10, 14, 16), "drift-classes")


def table_of_changes(changes, what):
    if not changes:
        return nodes.paragraph("", "None.")
    since = tomllib.loads(SINCE.read_text())["since"] if what == "missed" else {}
    head = (*CHANGES, "since then" if since else "why")
    rows = [
        [one["place"], one["rule"], code(one["old"]), code(one["new"]), since.get(one["name"], one["why"])]
        for one in changes
    ]
    return table(head, rows, (25, 14, 18, 18, 25), "drift-changes")


def code(text):
    """A piece of a file, shortened."""
    text = " ".join(text.split())
    if not text:
        return nodes.emphasis("", "nothing")
    return nodes.literal("", text if len(text) <= SHORT else f"{text[:SHORT]} ...")


def setup(app):
    app.add_node(drift)
    app.add_directive("drift", Drift)
    app.add_role("drift", Total())
    app.connect("doctree-resolved", show)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
