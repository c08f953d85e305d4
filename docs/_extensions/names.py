"""A function, a class or a module of hwlib that a sentence names is a link to the reference.

A literal such as ``minimize`` that is the name of one, and is no link, stops the build; so does a plain word
that can be nothing else, such as minimum_norm_solution.
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

IDENTIFIER = re.compile(r"\b[a-z]\w*(?:_|\dd\b)\w*")  # a word with an underscore, or with 2d at its end
CODE = (nodes.literal, nodes.FixedTextElement, nodes.math)
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
        f"{source.name}:{line_of(node, word, lines)}: `{word}` is {public_names()[name]}"
        for node, word in [*literals(doctree), *identifiers(doctree)]
        if (name := word.removesuffix("()")) in public_names() and is_in_a_sentence(node)
    ]
    if found:
        raise SphinxError("Names that are no links:\n" + "\n".join(found))


def literals(doctree):
    """Literals with their texts."""
    return ((literal, literal.astext()) for literal in doctree.findall(nodes.literal))


def identifiers(doctree):
    """Plain words that look like names of code, with the texts they stand in."""
    for text in doctree.findall(nodes.Text):
        if not isinstance(text.parent, CODE):
            yield from ((text, word) for word in IDENTIFIER.findall(text.astext()))


def is_in_a_sentence(node):
    """Whether a node stands in running text and not in a link, a heading or a documented object."""
    while node is not None:
        if isinstance(node, ELSEWHERE) or ":docstring of " in (node.source or ""):
            return False
        node = node.parent
    return True


def line_of(node, word, lines):
    """The line with the word: the first one at or below where its paragraph begins."""
    while node.line is None and node.parent is not None:
        node = node.parent
    first = node.line or 1
    below = (number for number, line in enumerate(lines, 1) if number >= first and word in line)
    return next(below, first)


def setup(app):
    app.connect("doctree-read", refuse_plain_names)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
