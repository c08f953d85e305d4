"""The directive {playground}: a still figure that becomes a bench to try things on.

It is a bench once the reader touches it, where JavaScript and WebAssembly run: then Python (Pyodide) and the
wheel of hwlib that this build makes are loaded from the site. Elsewhere it stays a figure with a sentence.

What needs NumPy, of which PyPI has no wheel for Pyodide, is computed here for every setting that the reader
can choose; WebAssembly is not needed for that.
"""

import json
import re
import subprocess
import sys
from html import escape, unescape
from importlib import import_module
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docutils import nodes
from docutils.parsers.rst import directives
from formulas import as_mathml
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "docs" / "_playgrounds"
SERVED = ROOT / "build" / "served"
FETCHED = [SERVED / "pyodide" / name for name in ("pyodide.asm.wasm", "python_stdlib.zip")]
WITHOUT = "Where JavaScript and WebAssembly run, a reader can change it by hand."
WITHOUT_CHOOSING = "Where JavaScript runs, a reader can change it by hand."
DISPLAY = re.compile(r"\\\[(.*?)\\\]", re.DOTALL)
sys.path.insert(0, str(SOURCES))


class Playground(SphinxDirective):
    """A playground by its name, with what it begins with."""

    required_arguments = 1
    option_spec = {  # noqa: RUF012 - docutils' way
        "example": directives.unchanged_required,
        "network": directives.unchanged_required,
        "first": lambda word: directives.choice(word, ("table", "field")),
        "begin": directives.unchanged_required,
    }

    def run(self):
        name = self.arguments[0]
        module = import_module(name.replace("-", "_"))
        for path in [*Path(SOURCES, module.__name__).rglob("*.py"), *SOURCES.glob("*.py"), Path(__file__)]:
            self.env.note_dependency(str(path))
        metadata = self.env.metadata[self.env.docname]
        if is_computed(module.__name__):
            computed = module.BENCH.computed()
            metadata.setdefault("computed", {})[module.__name__] = computed
            still, without = module.BENCH.still(**self.options), WITHOUT_CHOOSING
            megabytes = f"{len(computed.encode()) / 1e6:.1f}"
        else:
            metadata["webassembly"] = "true"  # its policy must let it run
            still, without = module.still(**self.options), WITHOUT
            size = sum(path.stat().st_size for path in [*FETCHED, *wheels(module.__name__)])
            megabytes = f"{size / 1e6:.0f}"
        metadata["playground"] = "true"
        data = {"playground": name, "megabytes": megabytes, **self.options}
        if DISPLAY.search(still):
            data["macros"] = json.dumps(self.config.formula_macros)
            still = DISPLAY.sub(self.shown, still)
        settings = " ".join(f'data-{key}="{escape(value)}"' for key, value in data.items())
        html = (
            f'<div class="playground" id="{name}" {settings}>{still}'
            f'<p class="playground-sentence">{without}</p></div>'
        )
        return [nodes.raw("", html, format="html")]

    def shown(self, display):
        """The MathML of a display in a still figure."""
        latex, macros = unescape(display[1]), self.config.formula_macros
        return as_mathml(latex, macros, display=True, page=self.env.docname)


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
    """Put what the worker unpacks into the site, with a list of it, and what has been computed."""
    if exception or app.builder.format != "html" or not SERVED.exists():
        return
    folder = Path(app.outdir, "_static", "playgrounds")
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        if old.suffix in {".json", ".whl", ".zip"}:
            old.unlink()
    names = sorted(path.parent.name for path in SOURCES.glob("*/__init__.py"))
    live = [name for name in names if not is_computed(name)]
    own = [own_wheel(folder), modules(folder, live)]
    loads = {
        "playgrounds": {name: load(own, wheels(name)) for name in live},
        "platform": json.loads((SERVED / "pyodide" / "platform.json").read_text()),
    }
    (folder / "loads.json").write_text(json.dumps(loads, indent=2) + "\n")
    for page in app.env.metadata.values():
        for name, computed in page.get("computed", {}).items():
            (folder / f"{name}.json").write_text(computed)


def is_computed(name):
    """Whether all that a playground answers is computed here."""
    return hasattr(import_module(name), "BENCH")


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


def modules(folder, names):
    """Put the playgrounds' own modules, which speak with hwlib in the page, into an archive.

    It has the same bytes whenever it is made.
    """
    path = folder / "playgrounds.zip"
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for module in sorted(path for name in names for path in Path(SOURCES, name).rglob("*.py")):
            name = ZipInfo(module.relative_to(SOURCES).as_posix())
            archive.writestr(name, module.read_bytes(), ZIP_DEFLATED)
    return path


def setup(app):
    app.add_directive("playground", Playground)
    app.connect("html-page-context", add_files)
    app.connect("build-finished", put_archives, priority=400)  # before links are checked
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
