"""Drifts of the checked relations: one token changed, by the generator that ``nox -s mutate`` has."""

import sys
from collections.abc import Iterator
from pathlib import Path

from drifts import ROOT, Drift, read
from pages import pages

sys.path.append(str(Path(__file__).parents[1] / "checked"))
import mutating
from book import Formula, formulas_of_a_page

from hwlib.checked import CheckError


def drifts() -> Iterator[Drift]:
    """Every token of every relation changed."""
    for path in pages():
        text = read(path)
        for formula, start in placed(path, text):
            try:
                edits = list(mutating.Edits(formula).all())
            except CheckError:
                continue  # what the project itself cannot read is no place for a drift
            for edit in edits:
                old = formula.latex[edit.start : edit.end]
                if old != edit.text:
                    yield Drift(1, edit.kind, path, start + edit.start, old, edit.text)


def placed(path: str, text: str) -> Iterator[tuple[Formula, int]]:
    """The checked formulas of a page that stand there as one text, each with its place."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    for formula in formulas_of_a_page(ROOT / path):
        line = int(formula.place.rpartition(":")[2])
        start = text.find(formula.latex, starts[max(line - 2, 0)])
        if 0 <= start < starts[min(line + 2, len(starts) - 1)]:
            yield formula, start


def same(drift: Drift) -> str:
    """Why the relation still holds, if that can be proved or is listed; else nothing."""
    text = read(drift.path)
    for formula, start in placed(drift.path, text):
        if start <= drift.start <= start + len(formula.latex):
            at = drift.start - start
            latex = formula.latex[:at] + drift.new + formula.latex[at + len(drift.old) :]
            return reason(formula, formula.with_latex(latex), drift.rule)
    return ""


def reason(formula: Formula, mutant: Formula, kind: str) -> str:
    """Why every relation that is changed says the same."""
    try:
        pairs = zip(mutating.relations(formula), mutating.relations(mutant), strict=True)
        changed = [(first, second) for first, second in pairs if first.latex != second.latex]
    except (CheckError, ValueError):
        return ""
    verdicts = [mutating.judged(kind, *pair) for pair in changed]
    verdicts = mutating.with_reasons(verdicts, mutating.listed())
    if all(one.what in {"symmetry", "listed"} for one in verdicts):
        return "; ".join(sorted({one.why if one.what == "listed" else "a symmetry" for one in verdicts}))
    return ""
