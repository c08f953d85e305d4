"""Drifts of what sentences assert: words turned round, claims renamed, assertions weakened."""

import re
from collections.abc import Iterator

from drifts import Drift, read
from pages import captions, cells, claimed, pages, roles
from programs import weakened_assertions

OPPOSITES = [
    ("more", "less"), ("larger", "smaller"), ("largest", "smallest"), ("higher", "lower"),
    ("longer", "shorter"),
    ("most", "least"), ("faster", "slower"), ("first", "last"), ("left", "right"), ("above", "below"),
    ("over", "under"), ("converges", "diverges"), ("converge", "diverge"), ("same", "different"),
    ("rises", "falls"), ("grows", "shrinks"), ("grow", "shrink"), ("increases", "decreases"),
    ("increasing", "decreasing"), ("always", "never"), ("before", "after"), ("inside", "outside"),
    ("best", "worst"), ("better", "worse"), ("stable", "unstable"), ("dashed", "solid"), ("dark", "bright"),
    ("horizontal", "vertical"), ("light", "dark"), ("blue", "green"), ("purple", "orange"), ("all", "no"),
    ("every", "no"), ("both", "neither"), ("equal", "unequal"), ("square", "cube"),
    ("linearly", "quadratically"),
    ("with", "without"), ("steep", "flat"), ("exactly", "hardly"), ("to", "from"), ("is", "is not"),
    ("are", "are not"), ("can", "cannot"), ("does", "does not"),
]  # fmt: skip
OTHER = dict(OPPOSITES) | {second: first for first, second in OPPOSITES if " " not in second}
WORD = re.compile(rf"\b({'|'.join(OTHER)})\b", re.IGNORECASE)


def drifts() -> Iterator[Drift]:
    """Every claim and caption turned round, every claim renamed, every assertion weakened."""
    for path in pages():
        text = read(path)
        for piece in claimed(text):
            yield from turned_round("claim", path, piece.start, piece.text)
        for piece in captions(text):
            yield from turned_round("caption", path, piece.start, piece.text)
        for _, piece in roles(text, "claim"):
            yield Drift(3, "claim renamed", path, piece.start, piece.text, piece.text + "-too")
        named = "{claim}" in text
        for cell in cells(text):
            for change in weakened_assertions(cell.code.text, named):
                yield Drift(3, change.rule, path, cell.code.start + change.start, change.old, change.new)


def turned_round(rule: str, path: str, start: int, text: str) -> Iterator[Drift]:
    """A word replaced by its opposite."""
    for found in WORD.finditer(text):
        new = OTHER[found[0].lower()]
        new = new.capitalize() if found[0][0].isupper() else new
        yield Drift(3, rule, path, start + found.start(), found[0], new)
