"""The directive {playground}: a still figure that becomes a bench to try things on, run by hwlib in the page.

It is a bench where JavaScript and WebAssembly run, once the reader touches it: then Python (Pyodide) and the
wheel of hwlib that this build makes are loaded from the site. Elsewhere it stays a figure with a sentence.
"""

import json
import subprocess
import sys
from html import escape
from importlib import import_module
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "docs" / "_playgrounds"
SERVED = ROOT / "build" / "served"
FETCHED = [SERVED / "pyodide" / name for name in ("pyodide.asm.wasm", "python_stdlib.zip")]
WITHOUT = "Where JavaScript and WebAssembly run, a reader can change it by hand."
NAMES = sorted(path.parent.name for path in SOURCES.glob("*/__init__.py"))
sys.path.insert(0, str(SOURCES))


class Playground(SphinxDirective):
    """A playground by its name, with what it begins with."""

    required_arguments = 1
    option_spec = {  # noqa: RUF012 - docutils' way
        "example": directives.unchanged_required,
        "network": directives.unchanged_required,
        "first": lambda word: directives.choice(word, ("table", "field")),
    }

    def run(self):
        name = self.arguments[0]
        module = name.replace("-", "_")
        still = import_module(module).still(**self.options)
        for path in [*SOURCES.rglob("*.py"), Path(__file__)]:
            self.env.note_dependency(str(path))
        self.env.metadata[self.env.docname]["playground"] = "true"  # its policy must let WebAssembly run
        megabytes = round(sum(path.stat().st_size for path in [*FETCHED, *wheels(module)]) / 1e6)
        data = {"playground": name, "megabytes": str(megabytes), **self.options}
        settings = " ".join(f'data-{key}="{escape(value)}"' for key, value in data.items())
        html = (
            f'<div class="playground" id="{name}" {settings}>{still}'
            f'<p class="playground-sentence">{WITHOUT}</p></div>'
        )
        return [nodes.raw("", html, format="html")]


def wheels(module):
    """The wheels that a playground needs beside that of hwlib, in the order of their names."""
    names = {"lazy-loader", *import_module(module).DISTRIBUTIONS}
    return sorted(path for name in names for path in SERVED.glob(f"wheels/{name.replace('-', '_')}-*.whl"))


def add_files(app, pagename, templatename, context, doctree):
    """Give a page with a playground its script and its style; others do not load them."""
    if "playground" in (context.get("meta") or {}):
        app.add_css_file("playgrounds/playgrounds.css")
        app.add_js_file("playgrounds/page.js", loading_method="defer")


def put_archives(app, exception):
    """Put what the worker unpacks into the site, with a list of it."""
    if exception or app.builder.format != "html" or not SERVED.exists():
        return
    folder = Path(app.outdir, "_static", "playgrounds")
    folder.mkdir(parents=True, exist_ok=True)
    for old in [*folder.glob("*.whl"), *folder.glob("*.zip")]:
        old.unlink()
    own = [own_wheel(folder), modules(folder)]
    loads = {
        "playgrounds": {name: load(own, wheels(name)) for name in NAMES},
        "platform": json.loads((SERVED / "pyodide" / "platform.json").read_text()),
    }
    (folder / "loads.json").write_text(json.dumps(loads, indent=2) + "\n")


def load(own, others):
    """What a playground loads: the addresses of archives, and the bytes of all that is fetched."""
    addresses = [path.name for path in own] + [f"../wheels/{path.name}" for path in others]
    return {
        "archives": addresses,
        "bytes": sum(path.stat().st_size for path in [*own, *others, *FETCHED]),
    }


def own_wheel(folder):
    """Build the wheel of hwlib as it is now."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)  # noqa: S603 - our own words
    (wheel,) = folder.glob("hwlib-*.whl")
    return wheel


def modules(folder):
    """Put the playgrounds' own modules, which speak with hwlib for the page, into an archive.

    It has the same bytes whenever it is made.
    """
    path = folder / "playgrounds.zip"
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for module in sorted(SOURCES.rglob("*.py")):
            name = ZipInfo(module.relative_to(SOURCES).as_posix())
            archive.writestr(name, module.read_bytes(), ZIP_DEFLATED)
    return path


def setup(app):
    app.add_directive("playground", Playground)
    app.connect("html-page-context", add_files)
    app.connect("build-finished", put_archives, priority=400)  # before links are checked
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
