"""The directive {errata}: a table of claims and verdicts from a TOML file, each with its link.

The columns of the part and of the source are quoted: their numbers are the source's.

The role {quoted} is for what the source says, in other pages: the words must stand in errata.toml.
"""

import tomllib
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.errors import SphinxError
from sphinx.util.docutils import SphinxDirective, SphinxRole

VERDICTS = {"right": "right", "wrong": "**wrong**", "missing": "*missing*"}
COLUMNS = ["part", "the source", "verdict", "the truth", "shown in"]
ROW = "| {part} | {source} | {verdict} | {truth} | [](#{section}) |"


class Errata(SphinxDirective):
    """One row for each entry; an unknown verdict or label stops the build."""

    required_arguments = 1

    def run(self):
        path, _ = self.env.relfn2path(self.arguments[0])
        self.env.note_dependency(path)
        text = Path(self.env.srcdir, path).read_text()
        lines = [number for number, line in enumerate(text.splitlines(), 1) if line == "[[entry]]"]
        entries = tomllib.loads(text)["entry"]
        rows = [ROW.format(**entry | {"verdict": VERDICTS[entry["verdict"]]}) for entry in entries]
        table = [f"| {' | '.join(COLUMNS)} |", "|---" * len(COLUMNS) + "|", *rows]
        self.content = StringList(table, path)
        tables = self.parse_content_to_nodes()
        for node in tables:
            node["classes"].append("errata")
            for body in node.findall(nodes.tbody):
                for row, line in zip(body, lines, strict=True):
                    for part in row.findall():
                        part.source, part.line = path, line
                    for entry in row[: COLUMNS.index("verdict")]:
                        entry["classes"].append("quoted")
        return tables


class Quoted(SphinxRole):
    """Words of the source."""

    def run(self):
        path = Path(self.env.srcdir, "errata.toml")
        self.env.note_dependency(str(path))
        said = [entry["source"] for entry in tomllib.loads(path.read_text())["entry"]]
        if not any(self.text in words for words in said):
            source, line = self.get_source_info()
            raise SphinxError(f"{source}:{line}: {{quoted}}`{self.text}` stands in no entry of errata.toml")
        return [nodes.inline(self.rawtext, self.text, classes=["quoted"])], []


def setup(app):
    app.add_directive("errata", Errata)
    app.add_role("quoted", Quoted())
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
