"""Check a page once it is read: each claim under the notation in force where it stands."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Generator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cache
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.transforms import SphinxTransform
from sphinx.util.nodes import get_node_line, get_node_source

import hwlib.checked
from hwlib.checked import CheckError, compare
from hwlib.checked._blocks import (
    Failure,
    Outcome,
    examine,
    examine_notation,
    examine_refuted,
    examine_supposition,
    one_line,
    unreadable,
)
from hwlib.checked._notation import Notation, base_name

from ._calls import Call
from ._ledger import TOTALS, Ledger, Relation
from ._nodes import (
    Claim,
    Mark,
    checked_block,
    checked_inline,
    ledger,
    ledger_total,
    notation,
    quoting,
    symbol_reference,
)
from ._places import Place, place_of
from ._relations import relation_signs

if TYPE_CHECKING:
    from hwlib.checked._report import Counterexample, Step

CHECKER = [
    path
    for folder in (Path(hwlib.checked.__file__).parent, Path(__file__).parent)
    for path in folder.iterdir()
    if path.suffix in {".py", ".lark"}
]
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
Claimed = checked_block | checked_inline
Scope = tuple[Notation, Mapping[str, str]]


class CheckMathematics(SphinxTransform):
    """Give every claim its marks and the ledger its rows; note everything that is wrong."""

    default_priority = 600  # before Sphinx's domains look at the page, at 850

    def apply(self, **_options: object) -> None:
        """Check the page."""
        self.own = Ledger.of(self.env)
        self.numbered = 0
        self.known = self.own.outcomes.get(self.env.docname, {})
        self.used: dict[str, tuple[Outcome, float]] = {}
        claims = list(in_scope(self.document, Notation(), {}))
        for node, meaning, anchors in claims:
            if isinstance(node, symbol_reference):
                self._link(node, anchors)
            elif isinstance(node, notation):
                self._check_notation(node, meaning)
            else:
                self._check(node, meaning)
        self.own.outcomes[self.env.docname] = self.used
        if claims:
            for path in CHECKER:
                self.env.note_dependency(str(path))
        for kind in (ledger, ledger_total):
            for place in self.document.findall(kind):
                self._note_reader(place)
        if self.config.checked_math_require and not self._is_excluded():
            self._refuse_plain_relations()

    def _check_notation(self, node: notation, meaning: Notation) -> None:
        for failure in examine_notation(node["latex"], node.declared, meaning).failures:
            self._fail(node["place"], node["latex"], failure)

    def _check(self, node: Claimed, meaning: Notation) -> None:
        claim: Claim = node["claim"]
        outcome, seconds = self._remembered(claim, meaning)
        start = perf_counter()
        compared = self._compared(claim, meaning) if claim.equals else Outcome()
        seconds += perf_counter() - start
        for failure in (*outcome.failures, *compared.failures):
            self._fail(claim.place, claim.latex, failure)
        self.numbered += 1
        marks = [*marks_of(claim, outcome), *(mark_of(claim.equals, step) for step in compared.steps)]
        node["marks"] = marks
        if isinstance(node, checked_block) and claim.kind != "unchecked" and relation_signs(claim.latex):
            node["typed"] = claim.latex, meaning.written()
        if claim.kind == "refuted":
            show_as_refuted(node, outcome)
        self._note(node["anchor"], claim, outcome, compared, seconds)
        if isinstance(node.parent, nodes.title):
            node.replace_self(node.children[-1])

    def _remembered(self, claim: Claim, meaning: Notation) -> tuple[Outcome, float]:
        """What comes of a claim, with seconds: as when the page was last read, if all is the same."""
        key = repr(
            (claim.kind, claim.latex, claim.wrong, claim.error, claim.equals != "", meaning, checker())
        )
        if key not in self.known:
            start = perf_counter()
            outcome = self._outcome(claim, meaning)
            self.known = {**self.known, key: (outcome, perf_counter() - start)}
        self.used[key] = self.known[key]
        return self.used[key]

    def _outcome(self, claim: Claim, meaning: Notation) -> Outcome:
        if claim.kind == "unchecked":
            return Outcome()
        if claim.kind == "supposition":
            return examine_supposition(claim.latex, meaning)
        if claim.kind == "refuted":
            return examine_refuted(claim.latex, meaning, claim.wrong, claim.error)
        if claim.equals and not relation_signs(claim.latex):
            return Outcome()
        return examine(claim.latex, meaning)

    def _compared(self, claim: Claim, meaning: Notation) -> Outcome:
        try:
            call = Call(claim.equals, self.config.checked_python_root)
            for module in call.modules:
                self.env.note_dependency(str(module.__file__))
            step = compare(claim.latex, call, meaning.symbols, meaning.definitions, meaning.assumptions)
        except CheckError as error:
            return Outcome(failures=(unreadable(error, claim.latex),))
        except Exception as error:  # whatever the called function raises
            return failed(f"{claim.equals}: {type(error).__name__}: {error}")
        if step.ok:
            return Outcome((step,))
        return failed(f"{claim.equals} is something else\n    {step.counterexample or step.method}")

    def _note(self, anchor: str, claim: Claim, outcome: Outcome, compared: Outcome, seconds: float) -> None:
        steps = (*outcome.steps, *compared.steps)
        rows: list[Relation] = []
        if claim.kind == "unchecked":
            count = max(1, len(relation_signs(claim.latex)))
            rows.append(Relation(anchor, "", claim.latex, "unchecked", claim.reason, count=count))
        elif outcome.problem:
            rows.append(Relation(anchor, "", claim.latex, "refused", outcome.problem, seconds=seconds))
        for number, step in enumerate(steps, 1):
            method = str(step.counterexample or step.method)
            if number > len(outcome.steps):
                method = f"{claim.equals} {method}"
            suffix = f".{number}" if len(steps) > 1 else ""
            share = seconds / len(steps)
            rows.append(Relation(anchor, suffix, step.latex, step.verdict, method, step.bound, share))
        for row in rows:
            self.own.note(self.env.docname, replace(row, number=f"{self.numbered}{row.number}"))

    def _link(self, node: symbol_reference, anchors: Mapping[str, str]) -> None:
        anchor = anchors.get(base_name(node["name"]))
        if anchor is None:
            self._fail(node["place"], "", Failure(f"no notation in force here declares {node['name']}"))
            node.replace_self(node.children)
        else:
            node.replace_self(nodes.reference("", "", *node.children, refid=anchor, internal=True))

    def _note_reader(self, place: nodes.Element) -> None:
        self.own.readers.setdefault(self.env.docname, {})
        if isinstance(place, ledger_total) and place["total"] not in TOTALS:
            problem = f"the ledger has no total {place['total']!r}; there are {', '.join(TOTALS)}"
            self._fail(place["place"], "", Failure(problem))

    def _is_excluded(self) -> bool:
        return any(fnmatchcase(self.env.docname, pattern) for pattern in self.config.checked_math_exclude)

    def _refuse_plain_relations(self) -> None:
        for node in (*self.document.findall(nodes.math), *self.document.findall(nodes.math_block)):
            source = get_node_source(node) or ""
            latex = node.astext()
            if node.get("checked") or ":docstring of " in source or not relation_signs(latex):
                continue
            path = str(self.env.doc2path(self.env.docname))
            problem = (
                f"a relation ({relation_signs(latex)[0]}) that nothing checks: {one_line(latex)}\n    "
                "Put it into checked-math or cm, or say why not with unchecked."
            )
            self._fail(place_of(path, get_node_line(node) or 1, latex), latex, Failure(problem))

    def _fail(self, place: Place, text: str, failure: Failure) -> None:
        self.own.fail(self.env.docname, place, text, failure)


@cache
def checker() -> str:
    """A digest of what checks: the code, and the arithmetic that it uses."""
    code = b"".join(path.read_bytes() for path in sorted(CHECKER))
    return hashlib.sha256(code + version("python-flint").encode()).hexdigest()


def in_scope(
    node: nodes.Element, meaning: Notation, anchors: Mapping[str, str]
) -> Generator[tuple[Claimed | symbol_reference | notation, Notation, Mapping[str, str]], None, Scope]:
    """Go through what is claimed below a node, each with the notation in force there.

    Returns the notation in force at the end: a block holds to the end of its section, and no longer.
    """
    for child in node.children:
        if isinstance(child, Claimed | symbol_reference):
            yield child, meaning, anchors
        elif isinstance(child, notation):
            meaning = meaning.extended_by(child.declared)
            anchors = {**anchors, **child["anchors"]}
            yield child, meaning, anchors
            yield from in_scope(child, meaning, anchors)
        elif isinstance(child, nodes.section):
            yield from in_scope(child, meaning, anchors)
        elif isinstance(child, nodes.Element):
            meaning, anchors = yield from in_scope(child, meaning, anchors)
    return meaning, anchors


def failed(message: str) -> Outcome:
    """An outcome that is one failure."""
    return Outcome(failures=(Failure(message),))


def marks_of(claim: Claim, outcome: Outcome) -> list[Mark]:
    """The marks of a claim, one a step."""
    if claim.kind == "unchecked":
        return [Mark("", "not checked", sentence(claim.reason))]
    if claim.kind == "supposition":
        return []
    if outcome.problem:
        return [Mark("", "refused", sentence(outcome.problem))]
    count = len(outcome.steps)
    return [
        mark_of(f"Step {number} of {count}" if count > 1 else "", step)
        for number, step in enumerate(outcome.steps, 1)
    ]


def mark_of(subject: str, step: Step) -> Mark:
    """The mark of a step."""
    said = f"At {step.counterexample}" if step.counterexample else step.method
    return Mark(subject, step.verdict, sentence(said))


def sentence(text: str) -> str:
    """A text with a capital at its beginning, a full stop at its end, and powers raised."""
    raised = re.sub(r"\^(-?\d+)", lambda power: power[1].translate(SUPERSCRIPTS), text)
    return f"{raised[:1].upper()}{raised[1:].rstrip('.')}."


def show_as_refuted(node: Claimed, outcome: Outcome) -> None:
    """Say above the display that it is wrong, and below it why."""
    label = nodes.strong("", "Refused" if outcome.problem else "Refuted")
    place = node.index(next(iter(node.findall(nodes.math_block))))
    node.insert(place, nodes.paragraph("", "", label, classes=["checked-label"]))
    if outcome.problem:
        node.append(nodes.paragraph("", "", *quoting(outcome.problem), classes=["checked-counterexample"]))
    for number, step in enumerate(outcome.steps, 1):
        if step.counterexample:
            which = f"Step {number} is false" if len(outcome.steps) > 1 else "False"
            which += " for " if step.counterexample.values else ": "
            node.append(counterexample(which, step.counterexample))


def counterexample(introduction: str, found: Counterexample) -> nodes.paragraph:
    """A counterexample as a sentence."""
    sentence = nodes.paragraph("", introduction, classes=["checked-counterexample"])
    for name, value in found.values:
        formula = nodes.math(name, name, checked=True)
        sentence += [formula, nodes.Text(f" = {value}, ")]
    where = "where " if found.values else ""
    sentence += nodes.Text(f"{where}the left side is {found.left} and the right side {found.right}.")
    return sentence
