"""What a page says of itself where others list it: a search engine, a message with its address.

A chapter says what the reader will be able to do, another page how it begins, and one without text its name.
"""

from html import escape
from textwrap import shorten

from docutils import nodes

AIMS = "What you will be able to do"
LONGEST = 160  # letters; a search engine cuts what is longer


def describe(app, pagename, templatename, context, doctree):
    """Put the description of a page into its head."""
    said = said_first(doctree) if doctree else ""
    name = {"genindex": "Index", "search": "Search"}.get(pagename, context.get("title"))
    content = escape(shorten(said or f"{app.config.project}: {name}", LONGEST, placeholder=" …"))
    context["metatags"] = f'{context.get("metatags", "")}<meta name="description" content="{content}">\n'


def said_first(doctree):
    """The aims of a chapter, or the first paragraph of a page that is none, as text."""
    for box in doctree.findall(nodes.admonition):
        if box[0].astext() == AIMS:
            return " ".join(item.astext() for item in box.findall(nodes.list_item))
    paragraphs = (one for one in doctree.findall(nodes.paragraph) if isinstance(one.parent, nodes.section))
    return next((one.astext() for one in paragraphs), "")


def setup(app):
    app.connect("html-page-context", describe)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
