"""Figures: drawings in the page itself that follow its light or dark theme."""

import re
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

PIXELS_PER_POINT = 1.6  # the style's 10 points are then the 16 pixels of the text around
THEMED = {  # the colours of matplotlibrc, and what _static/book.css makes of them on light and dark
    "#222222": "currentColor",
    "#ffffff": "var(--pst-color-background)",
    "#0072b2": "var(--figure-blue)",
    "#d55e00": "var(--figure-vermillion)",
    "#009e73": "var(--figure-green)",
    "#cc79a7": "var(--figure-purple)",
}


class InlineDrawings(SphinxPostTransform):
    """Put the drawings that cells made into the page itself, in the colours of its theme."""

    default_priority = 800
    formats = ("html",)

    def run(self, **options):
        for number, image in enumerate(list(self.document.findall(nodes.image))):
            path = Path(self.env.srcdir, image["uri"])
            if path.suffix == ".svg" and "jupyter_execute" in path.parts:
                drawing = themed(path.read_text(), f"drawing{number}-", image.get("alt", ""))
                image.replace_self(nodes.raw("", drawing, format="html"))


def themed(svg, prefix, alternative):
    """An SVG file as an element of a page: colours by theme, names of its own, an alternative text."""
    svg = svg[svg.index("<svg") :]
    for colour, theme_colour in THEMED.items():
        svg = svg.replace(colour, theme_colour)
    svg = re.sub(r'(\bid="|"#|url\(#)', rf"\1{prefix}", svg)
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    points = float(re.search(r'width="([\d.]+)pt"', svg)[1])
    attributes = f'class="drawing" role="img" aria-label="{escape(alternative)}"'
    return svg.replace("<svg", f'<svg {attributes} style="max-width: {points * PIXELS_PER_POINT:.0f}px"', 1)


def setup(app):
    app.add_post_transform(InlineDrawings)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
