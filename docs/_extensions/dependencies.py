"""Which pages are read again: those made from something that has other content now.

Sphinx goes by the times of files: it misses an edit with an old time and takes a touch for an edit. Here the
content counts: of the page, of the files it includes, of a record beside it, and of what its code can reach
in hwlib. The files that lock versions, the interpreter, what is installed, the style and these extensions
count for every page.
"""

import re
import sys
from importlib.metadata import distributions
from pathlib import Path

import reach
from noted import Noted
from sphinx.util import logging

ROOT = Path(__file__).parents[2]
CODE = re.compile(
    r"^(?P<fence>`{3,}|~{3,}|:{3,})\{(?:code-cell|stub)\}.*?^(?P=fence)|^\s*:equals:[^\n]*|\{(?:value|given)\}`[^`]*`",
    re.DOTALL | re.MULTILINE,
)
PLAYGROUND = re.compile(r"^(?:`{3,}|~{3,}|:{3,})\{playground\} *(\S+)", re.MULTILINE)
DOCSTRINGS = re.compile(r"^\s*\.\. auto", re.MULTILINE)
MADE_FROM = Noted("page_contents")
logger = logging.getLogger(__name__)
when_begun = {}  # the contents of each page when the build began: what is edited after that counts next time


def contents(env, docname):
    """Digests of the text of a page and of what its code can reach."""
    path = Path(env.doc2path(docname))
    text = path.read_text()
    return {
        "the page": reach.digest(text),
        "the record beside it": reach.digest(record_of(path)),
        **reach.reached(code_of(text)),
    }


def record_of(page):
    """The text of the JSON file that has the name of a page and lies beside it, for the page's cells."""
    record = page.with_suffix(".json")
    return record.read_text() if record.is_file() else ""


def code_of(text):
    """The code in the text of a page, in cells and in sentences, and that of its playgrounds."""
    modules = [ROOT / "docs" / "_playgrounds" / name.replace("-", "_") for name in PLAYGROUND.findall(text)]
    behind = [path.read_text() for module in modules for path in sorted(module.rglob("*.py"))]
    return "\n".join([*(match[0] for match in CODE.finditer(text)), *behind])


def files(env, docname):
    """Digests of the files that Sphinx has noted for a page.

    A module of hwlib counts there only if the page shows its docstrings; its code counts in ``contents``.
    """
    paths = {Path(env.srcdir, path).resolve() for path in env.dependencies.get(docname, ())}
    if not DOCSTRINGS.search(env.doc2path(docname).read_text()):
        paths = {path for path in paths if path.parent != reach.LIBRARY}
    return {str(path): reach.digest(path.read_bytes()) if path.is_file() else "missing" for path in paths}


def find_outdated(app, env, added, changed, removed):
    """Have pages with other contents read, and keep Sphinx from reading those that were merely touched."""
    when_begun.update({docname: contents(env, docname) for docname in env.found_docs})
    outdated = set()
    for docname in MADE_FROM.of(env).keys() & env.found_docs - added:
        before, now = MADE_FROM.of(env)[docname], when_begun[docname] | files(env, docname)
        if why := [name for name in before | now if before.get(name) != now.get(name)]:
            logger.info("\n%s is read again for what has changed: %s", docname, ", ".join(why))
            outdated.add(docname)
        elif Path(env.doctreedir, f"{docname}.doctree").is_file():
            changed.discard(docname)
    return outdated


def note_contents(app, doctree):
    """Keep what a page was made from."""
    docname = app.env.docname
    MADE_FROM.of(app.env)[docname] = when_begun[docname] | files(app.env, docname)


def surroundings():
    """The digest of what every page is made with."""
    own = sorted(Path(__file__).parent.rglob("*.py"))
    locks = [ROOT / name for name in ("uv.lock", "package-lock.json")]
    beside = [ROOT / "docs" / name for name in ("_formulas.mjs", "matplotlibrc", "numbers.toml")]
    paths = [*locks, *beside, *own]
    installed = sorted(f"{found.name} {found.version}" for found in distributions())
    return reach.digest(sys.version, *installed, *(path.read_bytes() for path in paths if path.is_file()))


def setup(app):
    # Sphinx reads every page again when a setting of the kind "env" has changed
    app.add_config_value("surroundings", surroundings(), "env")
    app.connect("env-get-outdated", find_outdated)
    app.connect("doctree-read", note_contents, priority=900)  # when all files are noted
    MADE_FROM.follow(app)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
