"""No number in the book's sentences is typed: each is bound to a cell, given, or of a kind in numbers.toml.

This looks at the parsed page: paragraphs, headings, captions, tables, alternative texts, and the mathematics
in sentences that is no checked relation.
"""

import ast
import os
import re
import tomllib
from itertools import groupby
from pathlib import Path

from alternatives import BOUND, alternative
from claims import CELL
from docutils import nodes
from sphinx import addnodes
from sphinx.errors import SphinxError
from values import WORDS

from hwlib.sphinxext._nodes import checked_block, checked_inline, notation

KINDS = tomllib.loads((Path(__file__).parents[1] / "numbers.toml").read_text())
NUMBER_WORDS = [*WORDS[2:], *KINDS["words"]]
NUMBER = re.compile(rf"\d[\d.,]*|\b(?:{'|'.join(NUMBER_WORDS)})\b", re.IGNORECASE)
KNOWN = re.compile(
    "|".join(rf"(?<!\w)(?:{pattern})(?!\w)" for pattern in [*KINDS["names"], *KINDS["references"]])
)
ELSEWHERE = (  # what is no sentence, or is looked at by somebody else
    nodes.literal,
    nodes.literal_block,
    nodes.doctest_block,
    nodes.comment,
    nodes.raw,
    nodes.math,
    nodes.math_block,
    nodes.problematic,
    nodes.citation,
    checked_block,
    checked_inline,
    notation,
    addnodes.pending_xref,
    addnodes.desc,
    addnodes.toctree,
)
BOUND_CLASSES = {"value", "given", "claim", "quoted", "recorded"}
INDICES = re.compile(r"_\s*(?:\{(?:[^{}]|\{[^{}]*\})*\}|\\\w+|\w)")
FILLING = re.compile(r"\\left|\\right|\\[bB]ig+[lr]?|\\[,;:! ]|\\q?quad|\s|(?<=[_^])\{(\w)\}|[{}&]|\\\\")
WORD = re.compile(r"\\(?:times|dots|ldots|cdots|cdot|frac|tfrac|dfrac|mathbf|text|infty|top)|[\W\d_]")


def refuse_typed_numbers(app, doctree):
    """Raise with every number of a page that is typed."""
    relations = [plain(node["claim"].latex) for node in doctree.findall(checked_block)]
    relations += [plain(node["claim"].latex) for node in doctree.findall(checked_inline)]
    relations += [plain(latex) for node in doctree.findall(notation) for latex in latex_of(node.declared)]
    found = [
        *typed_in_texts(doctree),
        *typed_in_alternatives(doctree),
        *typed_in_formulas(doctree, relations),
        *typed_in_figures(Path(app.env.doc2path(app.env.docname))),
    ]
    if found:
        lines = "\n".join(f"{place}: {number!r} in: {text}" for place, number, text in found)
        raise SphinxError(
            f"Numbers that are typed ({len(found)}); bind them with {{value}}, {{given}} or {{cm}}:\n{lines}"
        )


def typed_in_texts(doctree):
    for element in doctree.findall(nodes.TextElement):
        for is_text, run in groupby(element, lambda child: isinstance(child, nodes.Text)):
            texts = list(run)  # a sentence over several lines has a text for each
            if is_text and not is_bound(element):
                words = " ".join("".join(texts).split())
                for number in typed_numbers(words):
                    yield place_of(element), number, words[:90]


def typed_in_alternatives(doctree):
    for cell in doctree.findall(nodes.container):
        if cell.get("nb_element") == "cell_code":
            written = alternative(cell["cell_metadata"])
            for number in typed_numbers(BOUND.sub("", written)):
                yield place_of(cell), number, f"alternative text: {' '.join(written.split())[:70]}"


def typed_in_formulas(doctree, relations):
    for formula in doctree.findall(nodes.math):
        latex = formula.astext()
        if not is_bound(formula.parent) and is_typed(latex, relations):
            yield place_of(formula), f"${latex}$", "a formula that is in no checked relation of the page"


def typed_in_figures(source):
    """Numbers in the words that cells write into their figures."""
    text = source.read_text()
    for cell in CELL.finditer(text):
        if "plt.show()" not in cell[2]:
            continue
        first = text[: cell.start(2)].count("\n")
        for node in ast.walk(ast.parse(cell[2])):
            words = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
            if re.search(r"\s", words):
                rest = re.sub(r"^[^$]*\$|\$.*$", " ", re.sub(r"\$[^$]*\$", " ", words))
                for number in typed_numbers(rest):
                    place = f"{os.path.relpath(source)}:{first + node.lineno}"
                    yield place, number, f"a figure: {words!r}"


def is_bound(node):
    """Whether a part of the page is, or stands in, something that is no sentence, or that binds it."""
    while node is not None:
        if isinstance(node, ELSEWHERE) or BOUND_CLASSES & set(node.get("classes", [])):
            return True
        if isinstance(node, nodes.caption):
            return False
        if node.get("nb_element") == "cell_code_output":  # a table, say, that a cell has made
            return True
        if ":docstring of " in (node.source or ""):  # looked at by the tests of docstrings
            return True
        node = node.parent
    return False


def typed_numbers(words):
    """The numbers in words, but for those of the kinds that are listed."""
    return NUMBER.findall(KNOWN.sub(" ", words))


def is_typed(latex, relations):
    """Whether a formula has a numeral that is no index or exponent, and is a part of no checked relation."""
    if not re.search(r"\d", INDICES.sub("", latex)):
        return False
    is_of_numbers = not WORD.sub("", latex)
    return is_of_numbers or not any(plain(latex) in relation for relation in relations)


def plain(latex):
    """LaTeX without what does not change its meaning."""
    return FILLING.sub(r"\1", latex)


def latex_of(declared):
    """The LaTeX in a page's notation: names with their definitions, and assumptions."""
    yield from (f"{name}={latex}" for name, latex in declared.definitions.items())
    yield from declared.assumptions


def place_of(node):
    """The file, which may be included in the page, and the line that a node comes from."""
    while node.parent is not None and not (node.line and node.source):
        node = node.parent
    return f"{Path(node.source or node.get('source', '')).name}:{node.line or 0}"


def setup(app):
    app.connect("doctree-read", refuse_typed_numbers, priority=400)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
