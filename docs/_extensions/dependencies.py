"""Which pages are read, and so run, again: those made from something that has other content now.

Sphinx goes by the times of files: it misses an edit with an old time and takes a touch for an edit. Here the
content counts: of the page, of the files it includes, and of what its code can reach in hwlib, definition by
definition. The lock file, the interpreter, what is installed and these extensions count for every page.
"""

import ast
import re
import sys
from collections import defaultdict
from functools import cache
from hashlib import sha256
from importlib.metadata import distributions
from pathlib import Path

from sphinx.util import logging

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "hwlib"
CELL = re.compile(r"^(`{3,}|~{3,}|:{3,})\{code-cell\}[^\n]*\n(.*?)^\1", re.DOTALL | re.MULTILINE)
CALL = re.compile(r"^\s*:equals:(.*)|\{(?:value|given)\}`([^`]*)`", re.MULTILINE)
DOCSTRINGS = re.compile(r"^\s*\.\. auto", re.MULTILINE)
REFLECTION = {"__all__", "__dict__", "__import__", "dir", "eval", "exec", "importlib", "inspect", "vars"}
logger = logging.getLogger(__name__)
contents_now = {}  # of each page when the build began: what is edited after that counts next time


class Module:
    """A module of hwlib: its definitions by name, and what runs whenever it is imported."""

    def __init__(self, path):
        source = path.read_text()
        self.definitions, self.always, self.imported = defaultdict(list), [], set()
        for node in ast.parse(source).body:
            match node:
                case ast.Import() | ast.ImportFrom():
                    self.imported |= words(ast.unparse(node))
                    for alias in node.names:
                        node.names = [alias]
                        self.definitions[alias.asname or alias.name].append((ast.unparse(node), names(node)))
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                    first = min([node, *node.decorator_list], key=lambda part: part.lineno).lineno
                    text = "\n".join(source.splitlines()[first - 1 : node.end_lineno])
                    self.definitions[node.name].append((text, names(node)))
                    inner = [part for part in ast.walk(node) if isinstance(part, ast.Import | ast.ImportFrom)]
                    self.imported |= {word for part in inner for word in words(ast.unparse(part))}
                case ast.Assign(targets=[ast.Name("__all__")]) | ast.Expr(ast.Constant()):
                    pass
                case _:
                    self.always.append((ast.unparse(node), names(node)))


def words(text):
    """The words of a text that can be names."""
    return set(re.findall(r"\w+", text))


def names(tree):
    """The names that code mentions, those in strings too, as in ``getattr(module, "name")``."""
    return {
        name
        for node in ast.walk(tree)
        for field in ("id", "attr", "name", "value")
        if isinstance(name := getattr(node, field, None), str) and name.isidentifier()
    }


@cache
def modules():
    """The modules of hwlib; a package has None."""
    found = {path.stem: Module(path) for path in LIBRARY.glob("*.py") if path.stem != "__init__"}
    return found | {path.parent.name: None for path in LIBRARY.glob("*/__init__.py")}


def reached(code):
    """Digests of what code can reach in hwlib; where a name may mean several things, it means them all."""
    mentioned = words(code)
    everything = bool(mentioned & REFLECTION) or "import *" in code
    waiting = set(modules()) if everything else mentioned & set(modules())
    if not waiting and "hwlib" not in mentioned:
        return {}
    found = {path.name: digest(path) for path in LIBRARY.glob("__init__.py*")}
    used = {}
    while waiting:
        module = modules()[name := waiting.pop()]
        used[name] = module
        if module:
            mentioned |= {word for _, inner in module.always for word in inner}
            found[name] = digest_of(text for text, _ in module.always)
            waiting |= module.imported & set(modules()) - set(used)
        else:
            files = sorted(path for path in (LIBRARY / name).rglob("*") if path.suffix in {".py", ".lark"})
            found[name] = digest_of(map(digest, files))
    definitions = {
        f"{module}.{name}": (name, parts)
        for module, own in used.items()
        if own
        for name, parts in own.definitions.items()
    }
    while new := [
        key for key, (name, _) in definitions.items() if everything or name in mentioned if key not in found
    ]:
        for key in new:
            _, parts = definitions[key]
            found[key] = digest_of(text for text, _ in parts)
            mentioned |= {word for _, inner in parts for word in inner}
    return found


def digest_of(texts):
    """The digest of some texts in their order."""
    return sha256("\0".join(texts).encode()).hexdigest()


@cache
def digest(path):
    """The digest of a file when the build first asks for it."""
    return sha256(path.read_bytes()).hexdigest() if path.is_file() else "missing"


def contents(env, docname):
    """Digests of what a page is made from, but for the files that are known once it is read."""
    path = Path(env.doc2path(docname))
    text = path.read_text()
    code = [cell for _, cell in CELL.findall(text)] + ["".join(call) for call in CALL.findall(text)]
    return {"its text": digest(path), **reached("\n".join(code))}


def files(env, docname):
    """Digests of the files that a page depends on; hwlib's modules count by definition, unless it documents them."""
    paths = {Path(env.srcdir, path).resolve() for path in env.dependencies.get(docname, ())}
    if not DOCSTRINGS.search(Path(env.doc2path(docname)).read_text()):
        paths = {path for path in paths if path.parent != LIBRARY}
    return {str(path): digest(path) for path in paths}


def find_outdated(app, env, added, changed, removed):
    """Have pages with other contents read, and keep Sphinx from reading those that were merely touched."""
    modules.cache_clear()
    digest.cache_clear()
    contents_now.update({docname: contents(env, docname) for docname in env.found_docs})
    known = getattr(env, "page_contents", {})
    outdated = set()
    for docname in (env.found_docs & known.keys()) - added:
        now = contents_now[docname] | files(env, docname)
        if reasons := [name for name in now | known[docname] if now.get(name) != known[docname].get(name)]:
            logger.info("%s: changed: %s", docname, ", ".join(reasons))
            outdated.add(docname)
        elif Path(env.doctreedir, f"{docname}.doctree").is_file() and docname not in env.reread_always:
            changed.discard(docname)
    return outdated


def note_contents(app, doctree):
    """Keep what a page was made from."""
    docname = app.env.docname
    app.env.page_contents = getattr(app.env, "page_contents", {})
    app.env.page_contents[docname] = contents_now[docname] | files(app.env, docname)


def merge_contents(app, env, docnames, other):
    """Take over the pages that another process has read."""
    env.page_contents = getattr(env, "page_contents", {})
    env.page_contents |= {docname: other.page_contents[docname] for docname in docnames}


def forget_contents(app, env, docname):
    """Forget a page that is read again or gone."""
    getattr(env, "page_contents", {}).pop(docname, None)


def surroundings():
    """The digest of what every page is made with."""
    own = [path for path in Path(__file__).parent.rglob("*") if path.suffix not in {".pyc", ""}]
    paths = [ROOT / "uv.lock", ROOT / "docs" / "matplotlibrc", *sorted(own)]
    installed = sorted(f"{found.name} {found.version}" for found in distributions())
    return digest_of([sys.version, *installed, *map(digest, paths)])


def setup(app):
    # When a setting for "env" changes, Sphinx reads every page again
    app.add_config_value("surroundings", surroundings(), "env")
    app.connect("env-get-outdated", find_outdated)
    app.connect("doctree-read", note_contents, priority=900)  # when all files are noted
    app.connect("env-merge-info", merge_contents)
    app.connect("env-purge-doc", forget_contents)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
