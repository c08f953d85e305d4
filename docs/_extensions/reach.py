"""What of hwlib the code of a page can reach, definition by definition, by their names.

A name is taken to mean every definition of that name in the modules that are imported, directly or not. What
runs when a module is imported counts wherever it is; of a package everything counts.
"""

import ast
import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path

LIBRARY = Path(__file__).parents[2] / "hwlib"
REFLECTION = {"__all__", "__dict__", "__import__", "dir", "eval", "exec", "importlib", "inspect", "vars"}


@dataclass
class Code:
    """Source text and the names in it."""

    text: str = ""
    names: set = field(default_factory=set)

    def add(self, text, tree):
        self.text += f"{text}\n"
        for node in ast.walk(tree):
            for part in ("id", "attr", "name", "value"):  # a string too, as in getattr(module, "name")
                name = getattr(node, part, None)
                self.names |= {name} if isinstance(name, str) and name.isidentifier() else set()


class Module:
    """A module's definitions by name, what runs whenever it is imported, and the words of its imports."""

    def __init__(self, path):
        source = path.read_text()
        self.definitions, self.body, self.imported = defaultdict(Code), Code(), set()
        for statement in ast.parse(source).body:
            match statement:
                case ast.Import() | ast.ImportFrom():
                    for alias in statement.names:
                        one = ast.Module([statement], [])
                        statement.names = [alias]
                        name = alias.asname or alias.name.split(".")[0]
                        self.definitions[name].add(ast.unparse(one), one)
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                    lines = [part.lineno for part in (statement, *statement.decorator_list)]
                    text = "\n".join(source.splitlines()[min(lines) - 1 : statement.end_lineno])
                    self.definitions[statement.name].add(text, statement)
                case ast.Assign([ast.Name("__all__")]) | ast.Expr(ast.Constant()):
                    pass
                case _:
                    self.body.add(ast.unparse(statement), statement)
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import | ast.ImportFrom):
                self.imported |= words(ast.unparse(node))


@cache
def modules():
    """The modules of hwlib by name; a package has the paths of its files."""
    found = {path.stem: Module(path) for path in LIBRARY.glob("*.py") if path.stem != "__init__"}
    for package in LIBRARY.glob("*/__init__.py"):
        files = sorted(package.parent.rglob("*"))
        found[package.parent.name] = [path for path in files if path.suffix in {".py", ".pyi", ".lark"}]
    return found


def reached(code):
    """Digests of what code can reach, by name."""
    mentioned = words(code)
    everything = "import *" in code or mentioned & REFLECTION
    used = imported(set(modules()) if everything else mentioned & set(modules()))
    if not used and "hwlib" not in mentioned:
        return {}
    found = {path.name: digest(path.read_bytes()) for path in LIBRARY.glob("__init__.py*")}
    waiting = {}
    for module, content in used.items():
        if isinstance(content, Module):
            found[module] = digest(content.body.text)
            mentioned |= content.body.names
            waiting |= {(module, name): definition for name, definition in content.definitions.items()}
        else:
            found[module] = digest(*(path.read_bytes() for path in content))
    while now := [key for key in waiting if everything or key[1] in mentioned]:
        for key in now:
            definition = waiting.pop(key)
            found[".".join(key)] = digest(definition.text)
            mentioned |= definition.names
    return found


def imported(names):
    """These modules, and all that they import."""
    found, waiting = {}, set(names)
    while waiting:
        name = waiting.pop()
        found[name] = module = modules()[name]
        if isinstance(module, Module):
            waiting |= module.imported & set(modules()) - set(found)
    return found


def words(text):
    """The words of a text."""
    return set(re.findall(r"\w+", text))


def digest(*parts):
    """The digest of texts, or of the bytes of files, in their order."""
    whole = sha256()
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        whole.update(b"%d " % len(content) + content)
    return whole.hexdigest()
