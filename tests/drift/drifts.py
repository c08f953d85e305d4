"""A drift: one piece of one file of the project replaced by another, so that something is no longer true."""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parents[2]
CLASSES = {
    1: "equations",
    2: "numbers and given values",
    3: "claims and captions",
    4: "library code",
    5: "cells of pages",
    6: "docstrings, README, changes, citation",
    7: "caches and versions",
    8: "references, links, figures, exercises",
}
HOW_MANY = {1: 50, 2: 60, 3: 55, 4: 60, 5: 50, 6: 45, 7: 30, 8: 55}
WEAKENED = {"data shuffled", "function made constant", "inequality turned round", "check weakened"}
LEAST = {number: 97 if number == 4 else 100 for number in CLASSES}  # percent that have to be caught


@dataclass(frozen=True)
class Drift:
    """What is changed and where; ``keeps_time`` says that the file looks as old as before."""

    number: int
    rule: str
    path: str
    start: int
    old: str
    new: str
    keeps_time: bool = False

    @property
    def asks_for_more(self) -> bool:
        """Whether the code itself has to refuse it: a claim that passes so is no claim, whoever reads it."""
        return self.rule in WEAKENED

    @property
    def name(self) -> str:
        """A short name that the same drift has in every run."""
        said = repr((self.rule, self.path, self.start, self.old, self.new))
        return f"{self.number}-{sha256(said.encode()).hexdigest()[:8]}"

    def applied(self, text: str) -> str:
        """The text of the file with the piece replaced."""
        end = self.start + len(self.old)
        if text[self.start : end] != self.old:
            raise ValueError(f"{self.path} has no {self.old!r} at {self.start}")
        return text[: self.start] + self.new + text[end:]

    def line(self, text: str) -> int:
        """The line of the file on which the piece begins."""
        return text.count("\n", 0, self.start) + 1


@cache  # who edits a file while the drill runs does not disturb it
def read(path: str) -> str:
    """The text of a file of the project, its line ends as they are."""
    return (ROOT / path).read_bytes().decode()
