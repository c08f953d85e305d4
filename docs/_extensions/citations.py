"""References of docstrings read [1] in the text too, as numpydoc means them to.

numpydoc gives them unique names while pages are read and takes the names back from what docutils notes
down of citations; in a Markdown page docutils notes nothing.
"""

import re

from docutils import nodes
from sphinx.addnodes import pending_xref

UNIQUE = re.compile(r"\[R[0-9a-f]{12}-(\d+)\]")


def restore_numbers(app, doctree):
    for reference in doctree.findall(pending_xref):
        if unique := UNIQUE.fullmatch(reference.astext()):
            reference[0].replace(reference[0][0], nodes.Text(f"[{unique[1]}]"))


def setup(app):
    app.connect("doctree-read", restore_numbers)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
