"""Cells run again only if the code of their page, or what it can reach, is other than it was, not for a word.

What the cells said, and the expressions in sentences, is kept beside the doctrees. An expression counts as
code of the page: all that the page shows is of one run.
"""

import json
from pathlib import Path

import reach
from dependencies import code_of, record_of
from myst_nb.core.execute.inline import NotebookClientInline
from nbformat import from_dict


class RecordingClient(NotebookClientInline):
    """MyST-NB's client, which starts a kernel only if it has to."""

    folder, surroundings = Path(), ""

    def start_client(self):
        key, path = self._key(), self._path_of_record()
        self._record = json.loads(path.read_text()) if path.is_file() else {}
        if self._record.get("key") != key:
            self._run(key)
            return
        self._client, self._last_cell_executed, self._cell_error = None, -1, None
        self.notebook.metadata["language_info"] = from_dict(self._record["language_info"])
        self.logger.info("Took what the cells said the last time")

    def _run(self, key):
        super().start_client()
        self._client.shutdown_kernel = "immediate"  # it keeps nothing; asked politely, it takes seconds
        info = self.notebook.metadata.get("language_info")
        self._record = {"key": key, "language_info": info, "cells": [], "evaluated": {}}

    def code_cell_outputs(self, cell_index):
        self._have_outputs(cell_index)
        cell = self.notebook.cells[cell_index]
        return cell.get("execution_count"), cell.get("outputs", [])

    def _have_outputs(self, last):
        while self._last_cell_executed < last:
            if self._client:
                super().code_cell_outputs(self._last_cell_executed + 1)
            else:
                self._last_cell_executed += 1
            cell = self.notebook.cells[self._last_cell_executed]
            if cell.cell_type == "code" and self._client:
                said = {"execution_count": cell.execution_count, "outputs": cell.outputs}
                self._record["cells"].append(json.dumps(said))  # now: what shows them also changes them
            elif cell.cell_type == "code":
                cell.update(from_dict(json.loads(self._record["cells"][self._count() - 1])))

    def _count(self):
        """How many cells have run."""
        return sum(cell.cell_type == "code" for cell in self.notebook.cells[: self._last_cell_executed + 1])

    def eval_variable(self, name):
        asked = f"{self._count()}: {name}"
        if self._client:
            self._record["evaluated"][asked] = json.dumps(super().eval_variable(name))
        return from_dict(json.loads(self._record["evaluated"][asked]))

    def finalise_client(self):
        if self._client:
            super().finalise_client()

    def close_client(self, *error):
        if not self._client:
            self.exec_metadata = self._record["execution"]
            return
        super().close_client(*error)
        if error == (None, None, None):
            self._record["execution"] = self.exec_metadata
            path = self._path_of_record()
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(self._record))

    def _key(self):
        run = [[cell.source, cell.metadata] for cell in self.notebook.cells if cell.cell_type == "code"]
        code = code_of(self.path.read_text())
        beside = record_of(self.path)
        return reach.digest(
            self.surroundings, code, beside, json.dumps([run, sorted(reach.reached(code).items())])
        )

    def _path_of_record(self):
        return self.folder / f"{reach.digest(str(self.path))}.json"


def begin(app):
    """Tell the client where records are, and what all pages are made with."""
    RecordingClient.folder = Path(app.doctreedir) / "cells"
    RecordingClient.surroundings = app.config.surroundings


def setup(app):
    app.connect("builder-inited", begin)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
