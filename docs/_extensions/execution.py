"""When cells run, and what a reader of the log is told when one fails.

A page runs again when its text changes, and when anything changes that its cells can reach: the
modules of hwlib it names, what those import, the figures' style, these extensions, the lock file and
the interpreter.
"""

import ast
import os
import re
import sys
from functools import cache
from itertools import chain
from pathlib import Path

import myst_nb.core.execute
from myst_nb.core.execute.base import ExecutionError
from myst_nb.core.execute.inline import NotebookClientInline
from sphinx.errors import SphinxError

ROOT = Path(__file__).parents[2]
CELL = re.compile(r"^(`{3,}|~{3,})\{code-cell\}[^\n]*\n(.*?)^\1", re.DOTALL | re.MULTILINE)
SURROUNDINGS = [ROOT / "uv.lock", ROOT / "docs" / "matplotlibrc", *Path(__file__).parent.glob("*.py")]


class CellError(SphinxError):
    """A cell has failed."""

    category = "A cell has failed"


class ReportingClient(NotebookClientInline):
    """MyST-NB's client, whose errors name the page alone, with cell and line added."""

    def code_cell_outputs(self, cell_index):
        try:
            return super().code_cell_outputs(cell_index)
        except ExecutionError as error:
            raise CellError(self._describe(error.__cause__)) from None

    def _describe(self, failure):
        index = self._last_cell_executed
        cells = self.notebook.cells
        number = sum(cell.cell_type == "code" for cell in cells[: index + 1])
        lines = re.findall(r"Cell In\[\d+\], line (\d+)", re.sub(r"\x1b\[[\d;]*m", "", str(failure)))
        offset = int(lines[0]) - 1 if lines else 0
        line = self._first_line(index) + offset
        name = getattr(failure, "ename", type(failure).__name__)
        value = getattr(failure, "evalue", str(failure)).strip().split("\n")[0]
        code = cells[index].source.splitlines()[offset].strip()
        return f"{os.path.relpath(self.path)}:{line}: cell {number}: {code}\n{name}: {value}"

    def _first_line(self, index):
        """Line of the page on which the code of a cell begins, below the directive's options."""
        first = self.notebook.cells[index].source.splitlines()[0]
        page = self.path.read_text().splitlines()
        return page.index(first, self.cell_line(index) - 1) + 1


def note_dependencies(app, docname, source):
    """Have Sphinx read a page with cells again when what the cells depend on is newer."""
    code = "\n".join(cell for _, cell in CELL.findall(source[0]))
    if not code:
        return
    words = set(re.findall(r"\w+", code))
    modules = [path for path in ROOT.glob("hwlib/[!_]*") if path.stem in words]
    for path in {*SURROUNDINGS, *chain.from_iterable(map(reachable, modules))}:
        app.env.note_dependency(path)


@cache
def reachable(path):
    """A module of hwlib and all the modules of hwlib that it imports, directly or not; all of a package."""
    if path.is_dir():
        return frozenset([*path.rglob("*.py"), *path.rglob("*.lark")])
    found = {path, ROOT / "hwlib" / "__init__.py"}
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("hwlib."):
            found |= reachable(ROOT.joinpath(*node.module.split(".")).with_suffix(".py"))
    return frozenset(found)


def setup(app):
    # MyST-NB has no setting for its client class.
    myst_nb.core.execute.NotebookClientInline = ReportingClient
    app.connect("source-read", note_dependencies)
    app.add_config_value("interpreter", sys.version, "env")
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
