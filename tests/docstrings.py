"""What the public docstrings of hwlib state: their entries, and their formulas."""

import importlib
import inspect
import pkgutil
import re
from typing import NamedTuple

import hwlib

MODULES = [info.name for info in pkgutil.iter_modules(hwlib.__path__) if not info.name.startswith("_")]
SECTION = r"^{}\n-+\n(.*?)(?=\n\n[A-Z][A-Za-z ]+\n-+\n|\Z)"
FORMULA = re.compile(
    r":math:`(?P<role>[^`]+)`|^\.\. math::(?P<block>[^\n]*\n(?:\s*\n)*(?:[ ]+\S[^\n]*(?:\n|\Z))*)",
    re.MULTILINE,
)
BARE_NAME = re.compile(r"\\?[A-Za-z]+(?:_(?:\w|\{\w+\}))?(?:\^[*+])?")


class Entry(NamedTuple):
    """One line of a section, such as ``t : (n,) array_like``, with the text below it."""

    name: str
    kind: str
    text: str

    @property
    def dimensions(self):
        """The shape that is stated, as a list of names; None where there is none."""
        found = re.match(r"\(([^()]*)\) (?:array|ndarray)", self.kind)
        return [part.strip() for part in found[1].split(",") if part.strip()] if found else None


def documented():
    """Every public object of hwlib by name: modules, functions, classes, and the methods of these."""
    for module in MODULES:
        public = importlib.import_module(f"hwlib.{module}")
        yield module, public
        for name in public.__all__:
            value = getattr(public, name)
            if callable(value):
                yield f"{module}.{name}", value
            if inspect.isclass(value):
                for method, function in vars(value).items():
                    if inspect.isfunction(function) and not method.startswith("_"):
                        yield f"{module}.{name}.{method}", function


def entries(value, section):
    """The entries of a section; none where the docstring has no such section."""
    found = re.search(SECTION.format(section), inspect.getdoc(value) or "", re.DOTALL | re.MULTILINE)
    parts = re.split(r"\n(?=\S)", found[1]) if found else []
    lines = [(part.split("\n")[0], inspect.cleandoc("\n".join(part.split("\n")[1:]))) for part in parts]
    bare = (lambda line: ("", line)) if section in ("Returns", "Raises") else (lambda line: (line, ""))
    named = [(*(line.split(" : ") if " : " in line else bare(line)), text) for line, text in lines]
    return [Entry(name, kind.strip(), text) for names, kind, text in named for name in names.split(", ")]


def formulas(value):
    """The formulas of a docstring that are more than a name."""
    found = (match["role"] or match["block"] for match in FORMULA.finditer(inspect.getdoc(value) or ""))
    tidy = (" ".join(latex.split()).rstrip(".,") for latex in found)
    return [latex for latex in tidy if not BARE_NAME.fullmatch(latex)]


def prose(value):
    """The sentences of a docstring: without formulas, code, examples, references and the entries' types."""
    text = re.split(r"^(?:Examples|References)\n-+$", inspect.getdoc(value) or "", flags=re.MULTILINE)[0]
    text = FORMULA.sub("", text)
    text = re.sub(r"``.*?``|`[^`]*`", "", text, flags=re.DOTALL)
    return "\n".join(line for line in text.splitlines() if " : " not in line)
