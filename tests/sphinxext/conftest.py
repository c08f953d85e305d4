"""Sphinx projects of a few lines, built in a folder of their own."""

import os
import re
from pathlib import Path

import pytest
from sphinx.testing.util import SphinxTestApp

SETTINGS = 'project = "Test"\nextensions = ["myst_parser", "hwlib.sphinxext"]\nhtml_theme = "basic"\n'
SETTINGS += 'myst_enable_extensions = ["colon_fence", "dollarmath"]\n'


class Project:
    """The pages of a project and what came of building them."""

    def __init__(self, folder):
        self.folder = folder
        self.source = folder / "docs"
        self.source.mkdir()
        self.write("conf.py", SETTINGS)

    def write(self, name, text):
        path = self.source / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    def build(self, builder="html", *, jobs=0, **settings):
        """Build it, warnings being errors, and return the names of the pages that were read."""
        app = SphinxTestApp(
            builder,
            self.source,
            builddir=self.folder / "build",
            confoverrides=settings,
            parallel=jobs,
            warningiserror=True,
            exception_on_warning=True,
        )
        read = []
        app.connect("env-before-read-docs", lambda app, env, names: read.extend(names))
        try:
            app.build()
        finally:
            app.cleanup()
        return read

    def output(self, name="index.html"):
        """One file of the site."""
        folder = {".html": "html", ".txt": "text", ".tex": "latex"}[Path(name).suffix]
        return (self.folder / "build" / folder / name).read_text()

    def line_of(self, text, name="index.md"):
        """Where a page has this line: the path as errors give it, and the number of the line."""
        path = self.source / name
        lines = [line.strip() for line in path.read_text().splitlines()]
        return f"{os.path.relpath(path)}:{lines.index(text) + 1}"


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


def shown(page):
    """The text of a page, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", page))
