"""What no check can settle counts as read only as it was when somebody last read it: readings.json.

No machine can tell whether a sentence says what its assertion asserts. But it can tell that one of the two
has changed since a person found that they agree, as tools that trace requirements do with a suspect link. Nor
can it tell that a number is right which nothing but its cell computes; but that it is another one now. So is
every paragraph and heading with a number, claim, quotation or supposition, or with a formula that is not
checked, every row of a table, every display that is not checked, what is said of a figure, with the words in
it, the check of every exercise, every label, to which others may have links, and what is no page: the README,
the changes, how to cite, and the bibliography. A text that is not as it was read stops the build, which shows
it; ``nox -s docs -- read`` says that it has been read and is true.
"""

import ast
import json
import re
from hashlib import sha256
from pathlib import Path

from alternatives import alternative
from claims import CELL
from docutils import nodes
from noted import Noted
from prose import BOUND_CLASSES, NUMBER, place_of
from sphinx.addnodes import pending_xref
from sphinx.util import logging

from hwlib.sphinxext._nodes import checked_inline

ROOT = Path(__file__).parents[2]
BESIDE = (  # what is no page, but is read
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "CITATION.cff",
    "docs/references.bib",
)
BLOCKS = (nodes.paragraph, nodes.caption, nodes.title, nodes.term, nodes.row, nodes.math_block)
SAID = Noted("readings")
logger = logging.getLogger(__name__)


def collect(app, doctree):
    """Note what a page says that no check can settle."""
    said = {}
    for block in doctree.findall(lambda node: isinstance(node, BLOCKS)):
        if is_read(block) and not (is_in_a_row(block) or is_made(block)):
            said[place_of(block), written(block)] = shown(block), asserted(block)
    for cell in doctree.findall(nodes.container):
        if cell.get("nb_element") == "cell_code" and (text := alternative(cell["cell_metadata"])):
            images = [image["alt"] for image in cell.findall(nodes.image)]
            said[place_of(cell), f"alternative text: {' '.join(text.split())}"] = images, []
        if "check" in cell.get("cell_metadata", {}).get("tags", []):
            code = next(cell.findall(nodes.literal_block)).astext()
            said[place_of(cell), f"the check of an exercise: {code}"] = [], []
    source = Path(app.env.doc2path(app.env.docname))
    for words in words_in_figures(source.read_text()):
        said[source.name, f"in a figure: {words}"] = [], []
    labels = [name for name, is_explicit in doctree.nametypes.items() if is_explicit]
    said |= {(source.name, f"label: {name}"): ([], []) for name in labels}
    SAID.of(app.env)[app.env.docname] = [
        (digest(text, *numbers, *code), place, text, numbers, code)
        for (place, text), (numbers, code) in said.items()
    ]


def is_read(block):
    """Whether somebody has to read a block: it is about a cell or the source, or is not checked."""
    if isinstance(block, nodes.caption | nodes.math_block | nodes.row):
        return not block.get("checked")
    parts = block.findall(nodes.Element)
    return bool(NUMBER.search(block.astext())) or any(is_bound(node) or is_unchecked(node) for node in parts)


def is_bound(node):
    """Whether a part of a block ties it to a cell or to the source, or supposes something."""
    is_supposed = isinstance(node, checked_inline) and node["claim"].kind == "supposition"
    return is_supposed or bool(BOUND_CLASSES & set(node.get("classes", [])))


def is_unchecked(node):
    """Whether a part of a block is a formula that the checker has not seen."""
    return isinstance(node, nodes.math) and not isinstance(node.parent, checked_inline)


def is_made(block):
    """Whether a block was made by a cell or from a record; captions, which are written, stand there too."""
    while not isinstance(block, nodes.caption) and (block := block.parent):
        if block.get("nb_element") == "cell_code_output" or "recorded" in block["classes"]:
            return True
    return False


def words_in_figures(page):
    """The texts in the code of each figure of a page: labels, names of colours and the like."""
    for _, code in CELL.findall(page):
        if "plt.show()" in code:
            constants = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Constant)]
            yield ", ".join(node.value for node in constants if isinstance(node.value, str))


def is_in_a_row(block):
    """Whether a block is a part of a row, whose entries belong together."""
    return block.parent.parent is not None and isinstance(block.parent.parent, nodes.row)


def written(node):
    """A block as its page has it: bound numbers and claims as roles, formulas in LaTeX, where links lead."""
    if isinstance(node, nodes.Element):
        role = node.get("written")
        between = " | " if isinstance(node, nodes.row) else ""
        text = between.join(written(child) for child in node) + where(node)
        return f" {role} " if role else squeezed(text)
    return str(node)


def where(node):
    """Where a link leads."""
    if not isinstance(node, nodes.reference | pending_xref):
        return ""
    return f" <{node.get('reftarget') or node.get('refid') or node.get('refuri')}>"


def squeezed(text):
    """A text with single spaces, so that it may be broken into lines anew."""
    return " ".join(text.split()) if text.strip() else text


def asserted(block):
    """The assertions that a block leads to."""
    return [node["code"] for node in block.findall(nodes.reference) if "code" in node]


def shown(block):
    """The numbers that a block shows."""
    links = block.findall(nodes.reference)
    return [link.astext() for link in links if {"value", "given"} & set(link["classes"])]


def digest(*parts):
    return sha256("\0".join(parts).encode()).hexdigest()[:12]


def compare(app, env):
    """Warn of every text that nobody has read as it is, or write down that all have been."""
    path = Path(app.srcdir, "readings.json")
    known = json.loads(path.read_text()) if path.exists() else {}
    all_said = SAID.of(env) | {name: list(texts_beside(name)) for name in BESIDE}
    for docname, said in sorted(all_said.items()):
        for name, place, text, numbers, code in said:
            if name not in known.get(docname, []):
                about = "".join(f"\n    {line}" for line in (", ".join(numbers), *code) if line)
                verb = "read" if app.config.readings_accept else "not as somebody has read it"
                report = logger.info if app.config.readings_accept else logger.warning
                report("%s: %s: %s%s", place, verb, text, about)
    if app.config.readings_accept:
        found = {docname: sorted({name for name, *_ in said}) for docname, said in all_said.items() if said}
        path.write_text(json.dumps(found, indent=0, sort_keys=True) + "\n")


def texts_beside(name):
    """The paragraphs, list items and entries of a file beside the book."""
    for block in re.split(r"\n\s*\n|\n(?=[-@] ?)", (ROOT / name).read_text()):
        text = squeezed(block)
        yield digest(text), name, text, [], []


def setup(app):
    app.add_config_value("readings_accept", default=False, rebuild="", types=(bool,))
    app.connect("doctree-read", collect)
    SAID.follow(app)
    app.connect("env-updated", compare)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
