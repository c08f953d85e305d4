"""Below each page with marks of verdicts: what they mean, and a link to what they promise."""

import re

from hwlib.checked._report import GLYPHS

PROMISES = "checked", "verdicts"  # a page, and a place there


def put_legend(app, pagename, templatename, context, doctree):
    """Name the marks that the page has."""
    body = context.get("body", "")
    marks = [
        f"{glyph}\N{NO-BREAK SPACE}{verdict}"
        for verdict, glyph in GLYPHS.items()
        if re.search(rf'class="checked-hidden">[^<]*\b{verdict}<', body, re.IGNORECASE)
    ]
    if app.builder.format != "html" or not marks:
        return
    page, place = PROMISES
    address = f"{app.builder.get_relative_uri(pagename, page)}#{place}"
    context["body"] = (
        f'{body}<p class="legend">Marks of formulas: {", ".join(marks)}. '
        f'<a href="{address}">What they promise</a></p>\n'
    )


def setup(app):
    app.connect("html-page-context", put_legend)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
