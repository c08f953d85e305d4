"""The directive {durations}: how long each page took to run and to check, as recorded in durations.json.

A build writes what it measured beside the site and not into it, for two builds of one commit are the same:
``cp build/book/durations.json docs/`` after ``nox -s docs -- clean`` records it.
"""

import json
import os
import platform
import time
from pathlib import Path

from docutils.statemachine import StringList
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from hwlib.sphinxext._ledger import Ledger

RECORD = Path(__file__).parents[1] / "durations.json"
logger = logging.getLogger(__name__)
BEGUN = time.monotonic()
read_now = []


class Durations(SphinxDirective):
    """A row for each page with cells or relations, the slowest first."""

    def run(self):
        self.env.note_dependency(str(RECORD))
        record = json.loads(RECORD.read_text())
        pages = sorted(record["pages"].items(), key=lambda page: -sum(page[1].values()))
        rows = [
            f"| [](/{name}.md) | {times['cells']:.1f} s | {times['relations']:.1f} s |"
            for name, times in pages
        ]
        total = {kind: sum(times[kind] for _, times in pages) for kind in ("cells", "relations")}
        lines = [
            f"Recorded with Python {record['python']} on {record['cores']} cores, in a build of "
            f"{record['build']:.0f} s. The cells and relations alone, dealt evenly to all cores, "
            f"would take {sum(total.values()) / record['cores']:.0f} s.",
            "",
            "| page | its cells | its relations |",
            "|---|---|---|",
            *rows,
            f"| **all** | {total['cells']:.1f} s | {total['relations']:.1f} s |",
        ]
        self.content = StringList(lines, str(RECORD))
        shown = self.parse_content_to_nodes()
        for node in shown:
            node["classes"].append("recorded")
        return shown


def recorded_seconds():
    """What each page took when it was recorded."""
    return of_all(json.loads(RECORD.read_text())["pages"])


def of_all(pages):
    """What each page took, its cells and its relations together."""
    return {name: sum(times.values()) for name, times in pages.items()}


def record(app, exception):
    """Write what this build knows of the time that each page took."""
    if exception or app.builder.format != "html":
        return
    relations, pages = Ledger.of(app.env).relations, {}
    for name in sorted(app.env.found_docs):
        cells = (NbMetadataCollector.get_exec_data(app.env, name) or {}).get("runtime") or 0.0
        checks = sum(relation.seconds for relation in relations.get(name, ()))
        if cells or checks:
            pages[name] = {"cells": round(cells, 1), "relations": round(checks, 1)}
    record = {
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "build": round(time.monotonic() - BEGUN, 1),
        "pages": pages,
    }
    Path(app.outdir).parent.joinpath("durations.json").write_text(json.dumps(record, indent=1) + "\n")
    tell_slowest({name: seconds for name, seconds in of_all(pages).items() if name in read_now})


def tell_slowest(seconds):
    """Say which page took longest of those that this build has read."""
    if seconds:
        slowest = max(seconds, key=seconds.get)
        everything = sum(seconds.values())
        logger.info("Slowest page: %s, %.1f s of %.1f s for all.", slowest, seconds[slowest], everything)


def note_read(app, env, docnames):
    """Keep which pages this build reads."""
    read_now.extend(docnames)


def setup(app):
    app.add_directive("durations", Durations)
    app.connect("env-before-read-docs", note_read)
    app.connect("build-finished", record)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
