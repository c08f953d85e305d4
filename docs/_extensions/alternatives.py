"""Alternative texts of figures may use {value} and {given}: they are worked out when the cell has run."""

import re
from ast import literal_eval

from docutils import nodes
from sphinx.errors import SphinxError
from values import typeset

BOUND = re.compile(r"\{(value|given)\}`([^`]*)`")
COMPUTED = {}  # by page and cell


def alternative(metadata):
    """The alternative text in a cell's options, as it is written."""
    return str(metadata.get("mystnb", {}).get("image", {}).get("alt", ""))


def compute_alternative(client, index):
    """Work out the bound numbers of a cell's alternative text."""

    def evaluated(code):
        (output,) = client.eval_variable(code)
        if output["output_type"] == "error":
            raise ValueError(f"{output['ename']}: {output['evalue']}")
        return literal_eval(output["data"]["text/plain"])

    def text_of(match):
        try:
            return typeset(match[1], match[2], client, evaluated)
        except Exception as error:
            place = f"{client.path}:{client.cell_line(index)}"
            raise SphinxError(f"{place}: alternative text: {match[0]}: {error}") from error

    written = alternative(client.notebook.cells[index].metadata)
    if BOUND.search(written):
        COMPUTED[str(client.path), index] = BOUND.sub(text_of, written)


def put_alternatives(app, doctree):
    """Give the images their computed texts."""
    path = str(app.env.doc2path(app.env.docname))
    for cell in doctree.findall(nodes.container):
        key = path, cell.get("cell_index")
        if cell.get("nb_element") == "cell_code" and key in COMPUTED:
            for image in cell.findall(nodes.image):
                image["alt"] = COMPUTED[key]


def setup(app):
    app.connect("doctree-read", put_alternatives)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
