"""The directive {playground}: a still figure that becomes a bench to try things on, run by hwlib in the page.

It is a bench where JavaScript and WebAssembly run, once the reader touches it: then Python (Pyodide) and the
wheel of hwlib that this build makes are loaded from the site. Elsewhere it stays a figure with a sentence.
"""

import json
import re
import subprocess
import sys
from importlib import import_module
from importlib.metadata import distribution
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "docs" / "_playgrounds"
PYODIDE = ROOT / "build" / "served" / "pyodide"
FETCHED = ("pyodide.asm.wasm", "python_stdlib.zip")
SCROLLED = ' tabindex="0" role="region" aria-label="The network layer by layer"'  # by keyboard too
WITHOUT = "Where JavaScript and WebAssembly run, a reader can change it by hand."
sys.path.insert(0, str(SOURCES))


class Playground(SphinxDirective):
    """A playground by its name, beginning with one of its networks, and with the table or the field."""

    required_arguments = 1
    option_spec = {  # noqa: RUF012 - docutils' way
        "network": directives.unchanged_required,
        "first": lambda word: directives.choice(word, ("table", "field")),
    }

    def run(self):
        name, network = self.arguments[0], self.options["network"]
        first = self.options.get("first", "table")
        table, drawing = import_module(name.replace("-", "_")).still(network)
        for path in [*SOURCES.rglob("*.py"), Path(__file__)]:
            self.env.note_dependency(str(path))
        self.env.metadata[self.env.docname]["playground"] = "true"  # its policy must let WebAssembly run
        megabytes = round(sum(path.stat().st_size for path in PYODIDE.iterdir()) / 1e6)
        settings = f'data-playground="{name}" data-network="{network}" data-first="{first}"'
        html = (
            f'<div class="playground" id="{name}" {settings} data-megabytes="{megabytes}">'
            f'<div class="playground-still"{SCROLLED if first == "table" else ""}>'
            f"{table if first == 'table' else drawing}</div>"
            f'<p class="playground-sentence">{WITHOUT}</p></div>'
        )
        return [nodes.raw("", html, format="html")]


def add_files(app, pagename, templatename, context, doctree):
    """Give a page with a playground its script and its style; others do not load them."""
    if "playground" in (context.get("meta") or {}):
        app.add_css_file("playgrounds/playgrounds.css")
        app.add_js_file("playgrounds/page.js", loading_method="defer")


def put_archives(app, exception):
    """Put what the worker unpacks into the site, with a list of it."""
    if exception or app.builder.format != "html" or not PYODIDE.exists():
        return
    folder = Path(app.outdir, "_static", "playgrounds")
    folder.mkdir(parents=True, exist_ok=True)
    for old in [*folder.glob("*.whl"), *folder.glob("*.zip")]:
        old.unlink()
    archives = [own_wheel(folder), installed_wheel("lazy-loader", folder), modules(folder)]
    fetched = [*archives, *(PYODIDE / name for name in FETCHED)]
    loads = {
        "archives": [path.name for path in archives],
        "bytes": sum(path.stat().st_size for path in fetched),
        "platform": json.loads((PYODIDE / "platform.json").read_text()),
    }
    (folder / "loads.json").write_text(json.dumps(loads, indent=2) + "\n")


def own_wheel(folder):
    """Build the wheel of hwlib as it is now."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)  # noqa: S603 - our own words
    (wheel,) = folder.glob("hwlib-*.whl")
    return wheel


def installed_wheel(name, folder):
    """Put an installed distribution, which has the version of the lock file, back into a wheel."""
    found = distribution(name)
    added = re.compile(r"\.pyc$|/(?:INSTALLER|REQUESTED|direct_url\.json)$|^\.\.")  # by the installer
    files = {str(path): path.locate().read_bytes() for path in found.files if not added.search(str(path))}
    stem = f"{re.sub(r'[-.]+', '_', found.name)}-{found.version}"
    record = f"{stem}.dist-info/RECORD"
    lines = files[record].decode().splitlines(keepends=True)
    files[record] = "".join(line for line in lines if not added.search(line.split(",")[0])).encode()
    return zipped(folder / f"{stem}-py3-none-any.whl", files)


def modules(folder):
    """The playgrounds' own modules, which read what was typed and write what hwlib answers."""
    files = {path.relative_to(SOURCES).as_posix(): path.read_bytes() for path in SOURCES.rglob("*.py")}
    return zipped(folder / "playgrounds.zip", files)


def zipped(path, files):
    """Files in an archive that has the same bytes whenever it is made."""
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            archive.writestr(ZipInfo(name), content, ZIP_DEFLATED)
    return path


def setup(app):
    app.add_directive("playground", Playground)
    app.connect("html-page-context", add_files)
    app.connect("build-finished", put_archives, priority=400)  # before links are checked
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
