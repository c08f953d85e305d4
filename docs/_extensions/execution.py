"""What a reader of the log is told when a cell fails."""

import os
import re

import myst_nb.core.execute
from alternatives import compute_alternative
from exercises import try_stub
from myst_nb.core.execute.base import ExecutionError
from recorded import RecordingClient
from sphinx.errors import SphinxError


class CellError(SphinxError):
    """A cell has failed."""

    category = "A cell has failed"


class ReportingClient(RecordingClient):
    """A client whose errors name the cell and the line; MyST-NB's name the page alone."""

    def code_cell_outputs(self, cell_index):
        try:
            outputs = super().code_cell_outputs(cell_index)
        except ExecutionError as error:
            raise CellError(self._describe(error.__cause__)) from None
        compute_alternative(self, cell_index)
        try_stub(self, cell_index)
        return outputs

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


def setup(app):
    # MyST-NB has no setting for its client class.
    myst_nb.core.execute.NotebookClientInline = ReportingClient
    app.setup_extension("dependencies")  # when a page is read again
    app.setup_extension("recorded")  # and when its cells are run again
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
