"""The directive {errata}: a table of claims and verdicts from a TOML file, each with its link."""

import tomllib
from pathlib import Path

from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

VERDICTS = {"right": "right", "wrong": "**wrong**", "missing": "*missing*"}
ROW = "| {part} | {source} | {verdict} | {truth} | [](#{section}) |"


class Errata(SphinxDirective):
    """One row for each entry; an unknown verdict or label stops the build."""

    required_arguments = 1

    def run(self):
        path, _ = self.env.relfn2path(self.arguments[0])
        self.env.note_dependency(path)
        entries = tomllib.loads(Path(self.env.srcdir, path).read_text())["entry"]
        rows = [ROW.format(**entry | {"verdict": VERDICTS[entry["verdict"]]}) for entry in entries]
        table = ["| part | the source | verdict | the truth | shown in |", "|---|---|---|---|---|", *rows]
        self.content = StringList(table, path)
        nodes = self.parse_content_to_nodes()
        for node in nodes:
            node["classes"].append("errata")
        return nodes


def setup(app):
    app.add_directive("errata", Errata)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
