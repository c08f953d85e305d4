"""Formulas as MathML, written when the book is built: a page needs no script to show them.

Temml makes the MathML, in Node; a formula that it cannot read stops the build.
"""

import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

from docutils import nodes
from mathml import mended
from sphinx.errors import SphinxError
from sphinx.util.math import get_node_equation_number

DOCS = Path(__file__).parents[1]
SERVED = DOCS.parent / "build" / "served" / "mathematics"
SIGNS = re.compile(r"[.,;:!?)\u2019\u201d]+")


class FormulaError(SphinxError):
    """A formula cannot be shown."""

    category = "A formula cannot be shown"


@cache
def node_of(process):
    """The Node of a process of Sphinx; each that writes pages has one of its own."""
    command = [Path(sys.executable).with_name("node"), DOCS / "_formulas.mjs", SERVED / "temml.mjs"]
    return subprocess.Popen(  # noqa: S603 - our own words
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", bufsize=1
    )


def as_mathml(latex, macros, *, display, page):
    """A formula of LaTeX as MathML, for a page."""
    node = node_of(os.getpid())
    node.stdin.write(json.dumps({"latex": latex, "displayMode": display, "macros": macros}) + "\n")
    said = json.loads(node.stdout.readline())
    if "error" in said:
        raise FormulaError(f"{page}: {latex}\n{said['error']}")
    return mended(said["mathml"])


def show_inline(translator, node):
    """Write a formula of a sentence."""
    show(translator, node, node.astext(), "span")


def show_block(translator, node):
    """Write a displayed formula, with its number if it has one; lines that nothing else parts are split."""
    latex = node.astext()
    show(translator, node, rf"\begin{{split}}{latex}\end{{split}}" if r"\\" in latex else latex, "div")


def show(translator, node, latex, tag):
    """Write a formula into an element of its own, which is where it scrolls."""
    macros, page = translator.config.formula_macros, translator.builder.current_docname
    formula = as_mathml(latex, macros, display=tag == "div", page=page)
    translator.body.append(translator.starttag(node, tag, "", CLASS="math notranslate nohighlight"))
    if node.get("number"):
        translator.body.append(f'<span class="eqno">({get_node_equation_number(translator, node)})</span>')
    translator.body.append(f"{formula}</{tag}>")
    raise nodes.SkipNode


def keep_together(app, doctree, docname):
    """Keep the sign behind a formula in its line: a browser may break the line between the two."""
    for formula in list(doctree.findall(nodes.math)):
        behind = formula.next_node(descend=False, siblings=True)
        if isinstance(behind, nodes.Text) and (signs := SIGNS.match(behind)):
            parent, place = formula.parent, formula.parent.index(formula)
            parent[place + 1] = nodes.Text(behind[signs.end() :])
            parent[place] = nodes.inline("", "", formula, nodes.Text(signs[0]), classes=["kept"])


def setup(app):
    app.add_config_value("formula_macros", {}, "env", types=dict)
    app.add_html_math_renderer("mathml", (show_inline, None), (show_block, None))
    app.connect("doctree-resolved", keep_together)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
