"""A function, a class or a module of hwlib that a sentence names is a link to the reference.

A literal such as ``minimize`` that is the name of one, and is no link, stops the build.
"""

import pkgutil
import re
from functools import cache
from importlib import import_module
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.errors import SphinxError

import hwlib

ELSEWHERE = (addnodes.pending_xref, nodes.reference, addnodes.desc, nodes.title, nodes.citation)


@cache
def public_names():
    """Every name by which a reader may call something of hwlib, with the role that links it."""
    names = {}
    for info in pkgutil.iter_modules(hwlib.__path__):
        if info.name.startswith("_"):
            continue
        module = f"hwlib.{info.name}"
        public = import_module(module)
        names[module] = f"{{mod}}`{module}`"
        for name in public.__all__:
            value = getattr(public, name)
            role = "class" if isinstance(value, type) else "func" if callable(value) else "data"
            names |= dict.fromkeys(
                (name, f"{info.name}.{name}", f"{module}.{name}"), f"{{{role}}}`~{module}.{name}`"
            )
    return names


def refuse_plain_names(app, doctree):
    """Raise with every name on a page that ought to be a link, and how to write it."""
    source = Path(app.env.doc2path(app.env.docname))
    lines = source.read_text().splitlines()
    found = [
        f"{source.name}:{line_of(literal, lines)}: `{literal.astext()}` is {public_names()[name]}"
        for literal in doctree.findall(nodes.literal)
        if (name := literal.astext().removesuffix("()")) in public_names() and is_in_a_sentence(literal)
    ]
    if found:
        raise SphinxError("Names that are no links:\n" + "\n".join(found))


def is_in_a_sentence(literal):
    """Whether a literal stands in running text and not in a link, a heading or a documented object."""
    node = literal
    while node is not None:
        if isinstance(node, ELSEWHERE):
            return False
        node = node.parent
    return True


def line_of(literal, lines):
    """The line with the literal: the first one at or below where its paragraph begins."""
    node = literal
    while node.line is None and node.parent is not None:
        node = node.parent
    first = node.line or 1
    written = re.compile(rf"`{re.escape(literal.astext())}`")
    return next(
        (number for number, line in enumerate(lines, 1) if number >= first and written.search(line)), first
    )


def setup(app):
    app.connect("doctree-read", refuse_plain_names)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
