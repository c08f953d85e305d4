"""The checked formulas of the book and of the collection of identities, with what is declared for each."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from hwlib.checked import Report, check
from hwlib.checked._pages import blocks_in_force

ROOT = Path(__file__).parents[2]
IDENTITIES = Path(__file__).with_name("identities.toml")


@dataclass(frozen=True)
class Formula:
    """What `check` is given, and where it was found."""

    latex: str
    symbols: dict[str, str] = field(default_factory=dict)
    definitions: dict[str, str] = field(default_factory=dict)
    assumptions: tuple[str, ...] = ()
    place: str = ""

    def check(self) -> Report:
        """The report of the checker."""
        return check(self.latex, self.symbols, self.definitions, self.assumptions)

    def with_latex(self, latex: str) -> "Formula":
        """Other LaTeX for the same declarations."""
        return replace(self, latex=latex)


def formulas_of_the_book() -> list[Formula]:
    """What the pages claim to hold."""
    pages = sorted((ROOT / "docs").rglob("*.md"))
    return [formula for page in pages for formula in formulas_of_a_page(page)]


def formulas_of_a_page(page: Path) -> Iterator[Formula]:
    """What a page claims to hold, each formula with the notation that is in force."""
    place = page.relative_to(ROOT).as_posix()
    for block, notation in blocks_in_force(page.read_text(encoding="utf-8")):
        if block.name in {"checked-math", "cm"}:
            yield Formula(
                block.text,
                dict(notation.symbols),
                dict(notation.definitions),
                notation.assumptions,
                f"{place}:{block.line}",
            )


def identities() -> list[Formula]:
    """The true identities of the collection."""
    entries = tomllib.loads(IDENTITIES.read_text(encoding="utf-8"))["identity"]
    return [
        Formula(
            entry["latex"],
            entry["symbols"],
            entry.get("definitions", {}),
            tuple(entry.get("assumptions", ())),
            entry["source"],
        )
        for entry in entries
        if entry["true"]
    ]
