"""The fonts of formulas and of icons, cut down to what the pages show.

Only a formula that a reader types can need the whole font of formulas; the style has it as the second choice.
"""

import logging
import re
from html import unescape
from pathlib import Path

import pydata_sphinx_theme
from fontTools import subset
from formulas import SERVED
from links import pages_of
from styles import ALL

FORMULA = re.compile(r"<math\b.*?</math>", re.DOTALL)
UNSEEN = re.compile(r"<annotation\b.*?</annotation>|<[^>]*>", re.DOTALL)
# what a browser shows for a letter that stands alone in a formula, and for <msqrt>
DRAWN = {"√", chr(0x210E), *map(chr, range(0x1D434, 0x1D468)), *map(chr, range(0x1D6E2, 0x1D71C))}

SHOWN = "mathematics/shown.woff2"

THEME = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static"
STYLE = re.compile(r'<link rel="stylesheet" href="([^"]*_static/)')
ASKED = """<script>
if (location.protocol !== "file:") {{
  const attributes = {{ rel: "preload", as: "font", type: "font/woff2", href: "{}", crossOrigin: "" }};
  document.head.append(Object.assign(document.createElement("link"), attributes));
}}
</script>
"""
ICONS = "vendor/fontawesome/webfonts/fa-solid-900.woff2"
NAMED_ICON = re.compile(r'--fa:"\\([0-9a-f]+)"')
OWN_ICON = re.compile("[\ue000-\uf8ff]")


def put_fonts(app, exception):
    """Put the fonts beside the pages that show them."""
    if exception or app.builder.format != "html" or not SERVED.exists():
        return
    logging.getLogger("fontTools").setLevel(logging.WARNING)  # it tells of every table
    site = Path(app.outdir)
    pages = [page.read_text() for page in pages_of(site)]
    cut(SERVED / "STIXTwoMath.woff2", in_formulas(pages) | DRAWN, site / "_static" / SHOWN)
    if (site / ALL).exists():
        put_icons(site)


def hasten(page):
    """Have a page with formulas load their font at once: if it came after the text, that would move.

    A script asks for it, since a browser that reads the book from a folder may not be asked.
    """
    style = STYLE.search(page) if "<math" in page else None
    return page.replace(style[0], ASKED.format(style[1] + SHOWN) + style[0], 1) if style else page


def in_formulas(pages):
    """The characters that formulas of pages show."""
    formulas = "".join(formula for page in pages for formula in FORMULA.findall(page))
    return set(unescape(UNSEEN.sub("", formulas)))


def put_icons(site):
    """Leave in the font of icons those that the style names, and those that it needs itself."""
    style = (site / ALL).read_text()
    named = {chr(int(rule[1], 16)) for rule in NAMED_ICON.finditer(style)}
    cut(THEME / ICONS, named | set(OWN_ICON.findall(style)), site / "_static" / ICONS)


def cut(source, characters, target):
    """Write a font with these characters alone, and what is made of them: tall brackets, wide accents."""
    options = subset.Options(layout_features=["*"], flavor="woff2")
    font = subset.load_font(source, options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text="".join(sorted(characters)))
    subsetter.subset(font)
    target.parent.mkdir(parents=True, exist_ok=True)
    subset.save_font(font, target, options)


def setup(app):
    app.connect("build-finished", put_fonts, priority=700)  # when all styles are written
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
