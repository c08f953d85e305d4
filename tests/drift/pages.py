"""The parts of a Markdown page in which something can drift, each with its place in the text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from drifts import ROOT

FENCE = re.compile(r"^[ >\t]*(`{3,}|~{3,})(\{[\w-]+\})?.*?^[ >\t]*\1`*[ \t]*$", re.DOTALL | re.MULTILINE)
CELL = re.compile(
    r"^(`{3,})\{code-cell\}[^\n]*\n(?P<options>---\n.*?^---\n|(?::[^\n]*\n)*)(?P<code>.*?)^\1",
    re.DOTALL | re.MULTILINE,
)
ROLE = re.compile(r"\{([\w:-]+)\}`([^`]*)`")
FORMULA = re.compile(r"\$(?:(?!\n\s*\n)[^$\0])+\$")
NO_PROSE = re.compile(
    r"""\A---\n(?s:.*?)^---\n        # what is said of the page
    | ^[ ]*:{3,}.*$ | ^:[\w-]+:.*$  # directives and their options
    | ^\(.*\)=$ | ^%.*$             # labels and comments
    | \{[\w:-]+\}`[^`]*`            # roles
    | (?<!`)(`+)[^`](?s:.*?)\1      # code
    | \$(?:(?!\n\s*\n)[^$])+\$     # mathematics
    | \]\([^)]*\) | <[^>\n]*>       # where links lead
    | https?://\S+""",
    re.MULTILINE | re.VERBOSE,
)
SENTENCE = re.compile(r"(?:[.?!:]\0*\s|\n\s*\n|\A)((?:(?!\n\s*\n|[.?!:]\0*\s).)*)\Z", re.DOTALL)


@dataclass(frozen=True)
class Piece:
    """A piece of a page: where it begins, and its text."""

    start: int
    text: str


@dataclass(frozen=True)
class Cell:
    """A code cell: its options and its code."""

    options: Piece
    code: Piece

    @property
    def tags(self) -> set[str]:
        """The tags of the cell."""
        found = re.search(r"^:?tags: *\[(.*)\]", self.options.text, re.MULTILINE)
        return set(re.findall(r"[\w-]+", found[1])) if found else set()

    def option(self, name: str) -> Piece | None:
        """The text of an option that goes over several lines, such as a caption."""
        found = re.search(rf"^( *){name}: \|\n((?:\1 +.*\n|\n)*)", self.options.text, re.MULTILINE)
        return Piece(self.options.start + found.start(2), found[2]) if found else None


def pages() -> list[str]:
    """The pages of the book, as paths in the project."""
    return sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md"))


def cells(text: str) -> list[Cell]:
    """The code cells of a page."""
    return [
        Cell(Piece(found.start("options"), found["options"]), Piece(found.start("code"), found["code"]))
        for found in CELL.finditer(text)
    ]


def formulas(text: str) -> Iterator[Piece]:
    """The formulas in sentences that are not said to hold."""
    for what in (FENCE, ROLE):
        text = what.sub(lambda found: re.sub(r"[^\n]", "\0", found[0]), text)
    for found in FORMULA.finditer(text):
        yield Piece(found.start(), found[0])


def roles(text: str, *names: str) -> Iterator[tuple[str, Piece]]:
    """The names and contents of the roles with these names."""
    for found in ROLE.finditer(text):
        if found[1] in names:
            yield found[1], Piece(found.start(2), found[2])


def prose(text: str) -> str:
    """A page in which everything that is no sentence is blank; what is left keeps its place."""
    for what in (FENCE, NO_PROSE):
        text = what.sub(lambda found: re.sub(r"[^\n]", "\0", found[0]), text)
    return text


def captions(text: str) -> Iterator[Piece]:
    """The captions of the figures, without what is bound or code."""
    for cell in cells(text):
        caption = cell.option("caption")
        if caption:
            yield Piece(caption.start, prose(caption.text))


def claimed(text: str) -> Iterator[Piece]:
    """The sentences that a claim stands behind."""
    sentences = prose(text)
    for found in ROLE.finditer(text):
        if found[1] == "claim":
            before = SENTENCE.search(sentences[: found.start()].rstrip())
            if before:
                yield Piece(before.start(1), before[1])
