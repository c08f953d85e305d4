"""Drifts of labels, links and citations, of figures and what is said in their stead, and of exercises."""

import re
from collections.abc import Iterator

import pages
from drifts import Drift, read
from programs import changed_drawings, emptied_assertions
from quantities import in_words
from statements import turned_round

PATTERNS = {
    "label": r"^\(([\w-]+)\)=$|^:label: (\S+)$|^    name: ([\w-]+)$",
    "link": r"\]\(([#\w./-]+)\)",
    "reference": r"\{(?:ref|numref|eq)\}`(?:[^`<]*<)?([\w-]+)>?`",
    "code reference": r"\{(?:func|class|mod|meth|data|attr|obj)\}`~?([\w.]+)`",
    "citation": r"\{cite:[pt]\}`(\w+)[^`]*`",
}
STUB = re.compile(r"^(`{3,})\{stub\}.*?\n(.*?)^\1$", re.DOTALL | re.MULTILINE)


def drifts() -> Iterator[Drift]:
    """Everything that leads somewhere broken, every figure and exercise changed."""
    for path in pages.pages():
        text = read(path)
        for rule, pattern in PATTERNS.items():
            for found in re.finditer(pattern, text, re.MULTILINE):
                group = found.lastindex
                yield Drift(8, rule, path, found.start(group), found[group], misspelt(found[group]))
        yield from of_figures(path, text)
        yield from of_exercises(path, text)
    bibliography = read("docs/references.bib")
    for found in re.finditer(r"^\s*doi = \{(.*?)\}|^\s*url = \{(.*?)\}", bibliography, re.MULTILINE):
        group = found.lastindex
        broken = found[group].replace("10.", "1O.", 1) if group == 1 else found[group].replace("://", ":/", 1)
        yield Drift(8, "address", "docs/references.bib", found.start(group), found[group], broken)


def misspelt(name: str) -> str:
    """A name with two letters in the middle exchanged, or one left out where they are the same."""
    for middle in range(len(name) // 2, len(name) - 1):
        first, second = name[middle : middle + 2]
        if first != second and (first + second).isalpha():
            return name[:middle] + second + first + name[middle + 2 :]
    return name + "x"


def of_figures(path: str, text: str) -> Iterator[Drift]:
    """What a figure draws, and its alternative text."""
    for cell in pages.cells(text):
        for change in changed_drawings(cell.code.text):
            yield Drift(8, change.rule, path, cell.code.start + change.start, change.old, change.new)
        alternative = cell.option("alt")
        if alternative:
            said = pages.prose(alternative.text)
            for drift in (*in_words(path, 0, said), *turned_round("", path, 0, said)):
                yield Drift(
                    8, "alternative text", path, alternative.start + drift.start, drift.old, drift.new
                )


def of_exercises(path: str, text: str) -> Iterator[Drift]:
    """A stub that is the solution; a check that asserts nothing."""
    cells = pages.cells(text)
    for stub in STUB.finditer(text):
        solution = next((cell for cell in cells if cell.code.start > stub.end()), None)
        if solution and "check" not in solution.tags:
            yield Drift(8, "stub", path, stub.start(2), stub[2], solution.code.text)
    for cell in cells:
        if "check" in cell.tags:
            for change in emptied_assertions(cell.code.text):
                yield Drift(8, change.rule, path, cell.code.start + change.start, change.old, change.new)
