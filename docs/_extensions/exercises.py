"""Exercises: the directive {stub} shows what a reader starts from; the solution's check must refuse it.

The check is the cell with the tag ``check`` in the solution. When it has run, it is run again with the stub
in the place of the solution, on copies of the page's names: an assertion that a stub passes stops the build.
"""

import os

from docutils import nodes
from sphinx.errors import SphinxError
from sphinx.util.docutils import SphinxDirective

STUBS = {}  # by page: the last stub that was read


class Stub(SphinxDirective):
    """Code that is shown and not run."""

    has_content = True

    def run(self):
        code = "\n".join(self.content)
        STUBS[str(self.env.doc2path(self.env.docname))] = code
        block = nodes.literal_block(code, code, language="python", classes=["stub"])
        self.set_source_info(block)
        return [block]


def try_stub(client, index):
    """Have the check of a solution refuse the stub of its exercise."""
    cell = client.notebook.cells[index]
    if "check" not in cell.metadata.get("tags", []):
        return
    place = f"{os.path.relpath(client.path)}:{client.cell_line(index)}"
    stub = STUBS.pop(str(client.path), None)
    if stub is None:
        raise SphinxError(f"{place}: a check without a stub before it")
    trial = f"__import__('book_kernel').passes({cell.source!r}, {stub!r}, globals())"
    (output,) = client.eval_variable(trial)
    passed = output.get("data", {}).get("text/plain", output.get("evalue"))
    if passed != "[]":
        raise SphinxError(f"{place}: the stub of the exercise passes in this check: {passed}")


def setup(app):
    app.add_directive("stub", Stub)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
