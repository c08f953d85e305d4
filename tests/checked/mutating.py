"""Mutants of the book's mathematics, one token changed at a time: ``nox -s mutate``.

Each checked relation of each page is changed in one place: a sign, a factor, an exponent, a transpose, an
index, the order of two factors, a symbol for another of its kind, a fraction, the bound of a sum. The
checker has to refute or refuse each mutant, with the symbols, definitions and assumptions of the page. One
that passes is in order only if it says the same as the original up to a symmetry, which `symmetries` finds
in the forms of both without evaluating anything, or if it stands with a reason in ``true_mutants.toml``.
"""

import argparse
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from book import Formula, formulas_of_the_book
from symmetries import Symmetries

from hwlib.checked import CheckError
from hwlib.checked import _expressions as ex
from hwlib.checked._checking import setting
from hwlib.checked._parsing import parse_relations

LISTED = Path(__file__).with_name("true_mutants.toml")
LEAST = 500
WRONG = {"PASSED", "BROKEN"}
OTHER_FUNCTION = {
    r"\exp": r"\log", r"\log": r"\exp", r"\ln": r"\exp", r"\sin": r"\cos", r"\cos": r"\sin",
    r"\tanh": r"\tan", r"\operatorname{tr}": r"\det", r"\det": r"\operatorname{tr}", r"\min": r"\max",
    r"\max": r"\min", r"\sum": r"\prod", r"\prod": r"\sum",
}  # fmt: skip
OTHER_RELATION = {
    r"\le": r"\ge", r"\ge": r"\le", r"\leq": r"\geq", r"\geq": r"\leq", "<": ">", ">": "<", "=": r"\ne",
    r"\ne": "=", r"\neq": "=",
}  # fmt: skip


@dataclass(frozen=True)
class Edit:
    """A piece of LaTeX replaced by another."""

    kind: str
    start: int
    end: int
    text: str

    def applied(self, latex: str) -> str:
        """The LaTeX with the piece replaced."""
        return latex[: self.start] + self.text + latex[self.end :]


@dataclass(frozen=True)
class Mutant:
    """A relation, what became of it, and where it stands."""

    kind: str
    place: str
    relation: str
    mutant: str

    @property
    def page(self) -> str:
        """The page, without the line."""
        return self.place.partition(":")[0]


@dataclass(frozen=True)
class Verdict:
    """What the checker said of a mutant: "refuted", "refused", "symmetry", "listed", "PASSED" or "BROKEN"."""

    mutant: Mutant
    what: str
    why: str = ""


# Making mutants


def relations(formula: Formula) -> Iterator[Formula]:
    """Each relation of a formula by itself, but all together where some line defines a name."""
    if ":=" in formula.latex or r"\coloneqq" in formula.latex:
        yield formula
        return
    for relation in read(formula):
        sides = formula.latex[: relation.left.end], formula.latex[relation.right.start : relation.right.end]
        sign = sign_of(formula.latex, relation)
        yield formula.with_latex(f"{sides[0][relation.left.start :]} {sign} {sides[1]}")


def read(formula: Formula) -> list[ex.Relation]:
    """The relations of a formula, with the places of all that is in them."""
    names = setting(formula.symbols, formula.definitions, formula.assumptions).declarations.names
    return parse_relations(formula.latex, names)


def sign_of(latex: str, relation: ex.Relation) -> str:
    """The sign of a relation as it is written."""
    between = latex[relation.left.end : relation.right.start]
    for nothing in ("&", r"\\", "{}"):
        between = between.replace(nothing, " ")
    return between.split()[-1]


class Edits:
    """All the edits of the relations of a formula."""

    def __init__(self, formula: Formula):
        self.formula = formula
        self.latex = formula.latex
        self.known = {**formula.symbols, **dict.fromkeys(formula.definitions, "definition")}

    def all(self) -> Iterator[Edit]:
        """Go through the edits."""
        for relation in read(self.formula):
            if relation.sign == ":=":
                continue
            yield from self.of_relation(relation)
            for side in (relation.left, relation.right):
                yield from self.of_side(side)
                yield from self.within(side, None)

    def text(self, expression: ex.Expression) -> str:
        return self.latex[expression.start : expression.end]

    def of_relation(self, relation: ex.Relation) -> Iterator[Edit]:
        """The sign of the relation turned round."""
        sign = sign_of(self.latex, relation)
        start = self.latex.rfind(sign, relation.left.end, relation.right.start)
        if sign in OTHER_RELATION:
            yield Edit("relation", start, start + len(sign), OTHER_RELATION[sign])

    def of_side(self, side: ex.Expression) -> Iterator[Edit]:
        """A sign or a factor before a whole side."""
        if (isinstance(side, ex.Number) and side.value == 0) or (
            isinstance(side, ex.Filled) and side.what == "zero"
        ):
            return
        if not self.text(side).startswith("-"):
            yield Edit("sign", side.start, side.start, "-")
        if not isinstance(side, ex.Sum):
            yield Edit("factor", side.start, side.start, r"2 \cdot ")

    def within(self, one: ex.Expression, parent: ex.Expression | None) -> Iterator[Edit]:
        """The edits of an expression and of all the expressions in it."""
        handler = getattr(self, f"of_{type(one).__name__.lower()}", None)
        if handler:
            yield from handler(one, parent)
        for child in one.children:
            if not (isinstance(one, ex.Entry) or (isinstance(one, ex.Power) and child is one.exponent)):
                yield from self.within(child, one)

    def of_sum(self, one: ex.Sum, parent) -> Iterator[Edit]:
        previous = one.start
        for place, (sign, term) in enumerate(one.terms):
            start = self.latex.find("-" if sign < 0 else "+", previous, term.start)
            if start >= 0:
                other = "+" if sign < 0 else "-" if place else ""
                yield Edit("sign", start, start + 1, other)
            if not isinstance(term, ex.Number):
                yield Edit("factor", term.start, term.start, r"2 \cdot ")
            previous = term.end

    def of_number(self, one: ex.Number, parent) -> Iterator[Edit]:
        if isinstance(parent, ex.Product) and one.value != 1:
            yield Edit("factor", one.start, one.end, " ")
        if one.value.denominator == 1 and self.text(one).isdigit():
            kind = "bound" if isinstance(parent, ex.Folded) else "numeral"
            yield Edit(kind, one.start, one.end, str(int(one.value) + 1))
            if kind == "bound":
                yield Edit(kind, one.start, one.end, str(int(one.value) - 1))

    def of_power(self, one: ex.Power, parent) -> Iterator[Edit]:
        exponent = self.text(one.exponent)
        hat = self.latex.rfind("^", one.start, one.exponent.start)
        gap = self.latex[hat + 1 : one.exponent.start]
        if hat < 0 or gap.strip(" {"):
            return
        braced = "{" in gap
        after = self.latex.find("}", one.exponent.end) + 1 if braced else one.exponent.end
        yield Edit("exponent", hat, after, "")
        if exponent.isdigit():
            more = str(int(exponent) + 1)
            yield Edit("exponent", one.exponent.start, one.exponent.end, more if braced else f"{{{more}}}")
        elif exponent == "-1":
            yield Edit("exponent", one.exponent.start, one.exponent.end, "-2")
        else:
            more = f"{exponent} + 1"
            yield Edit("exponent", one.exponent.start, one.exponent.end, more if braced else f"{{{more}}}")

    def of_transpose(self, one: ex.Transpose, parent) -> Iterator[Edit]:
        text = self.text(one)
        for written in (r"^\top", r"^{\top}", "^T", "^{T}", r"^\intercal"):
            if text.endswith(written):
                yield Edit("transpose", one.end - len(written), one.end, "")

    def of_symbol(self, one: ex.Symbol, parent) -> Iterator[Edit]:
        written = self.name(one)
        if written is None:
            return
        end = one.start + len(written)
        for other in self.alike(one.name):
            yield Edit("symbol", one.start, end, other + (" " if other.startswith("\\") else ""))
        scripted = isinstance(parent, ex.Transpose | ex.Power) and parent.start == one.start
        kind = self.known.get(one.name, "index")
        variable = isinstance(parent, ex.Derivative) and one in parent.variables
        if not scripted and not variable and kind.startswith(("vector", "matrix", "definition")):
            yield Edit("transpose", end, end, r"^\top ")
        if isinstance(parent, ex.Folded):
            for shifted in (f"{written}+1", f"{written}-1"):
                yield Edit("bound", one.start, end, shifted)

    def of_entry(self, one: ex.Entry, parent) -> Iterator[Edit]:
        text = [self.text(index) for index in one.indices]
        if len(text) == 1:
            braced = self.latex[one.indices[0].start - 1] == "{"
            for shifted in (f"{text[0]}+1", f"{text[0]}-1"):
                yield Edit(
                    "index", one.indices[0].start, one.indices[0].end, shifted if braced else f"{{{shifted}}}"
                )
        elif len(text) == 2 and text[0] != text[1]:
            first, second = one.indices
            between = self.latex[first.end : second.start]
            yield Edit("index", first.start, second.end, text[1] + between + text[0])
        name = next((name for name in self.known if self.text(one).startswith(name + "_")), None)
        if name:
            for other in self.alike(name):
                yield Edit("symbol", one.start, one.start + len(name), other)

    def of_product(self, one: ex.Product, parent) -> Iterator[Edit]:
        for first, second in zip(one.factors, one.factors[1:], strict=False):
            between = self.latex[first.end : second.start] or " "
            if self.text(first) != self.text(second):
                yield Edit(
                    "order", first.start, second.end, f"{self.text(second)}{between}{self.text(first)}"
                )

    def of_quotient(self, one: ex.Quotient, parent) -> Iterator[Edit]:
        above = self.text(one.numerator)
        dropped = " " if above == "1" and isinstance(parent, ex.Product) else f"({above})"
        yield Edit("fraction", one.start, one.end, dropped)

    def of_apply(self, one: ex.Apply, parent) -> Iterator[Edit]:
        yield from self.other_function(one)

    def of_folded(self, one: ex.Folded, parent) -> Iterator[Edit]:
        yield from self.other_function(one)
        for bound in (one.lower, one.upper):
            if bound is not None and not isinstance(bound, ex.Number | ex.Symbol):
                yield Edit("bound", bound.end, bound.end, "+1")
                yield Edit("bound", bound.end, bound.end, "-1")

    def of_filled(self, one: ex.Filled, parent) -> Iterator[Edit]:
        for first, second in ((r"\mathbf{1}", r"\mathbf{0}"), (r"\mathbf{0}", r"\mathbf{1}")):
            if self.text(one).startswith(first):
                yield Edit("symbol", one.start, one.start + len(first), second)

    def other_function(self, one: ex.Expression) -> Iterator[Edit]:
        for name, other in OTHER_FUNCTION.items():
            if self.text(one).startswith(name) and not self.text(one)[len(name) :][:1].isalpha():
                yield Edit("function", one.start, one.start + len(name), other)

    def name(self, one: ex.Symbol) -> str | None:
        """A symbol's name as it is written, without the scripts behind it; None if that cannot be told."""
        text = self.text(one)
        if text in self.known or text == one.name:
            return text
        written = [name for name in {*self.known, one.name} if text.startswith((f"{name}^", f"{name} ^"))]
        return max(written, key=len) if written else None

    def alike(self, name: str) -> list[str]:
        """The next names of the same kind, at most two."""
        kind = self.known.get(name)
        if kind is None:
            return []
        others = sorted(other for other, of in self.known.items() if of == kind and "(" not in other)
        if name not in others:
            return []
        place = others.index(name)
        return (others[place + 1 :] + others[:place])[:2]


def mutants(formula: Formula) -> Iterator[tuple[str, Formula]]:
    """The mutants of a relation and their kinds, each once."""
    seen = {formula.latex}
    for edit in Edits(formula).all():
        latex = edit.applied(formula.latex)
        if latex not in seen:
            seen.add(latex)
            yield edit.kind, formula.with_latex(latex)


# Judging them


def judged(kind: str, original: Formula, mutant: Formula) -> Verdict:
    """What the checker says of a mutant, and what there is to say for it if it passes."""
    described = Mutant(kind, original.place, one_line(original.latex), one_line(mutant.latex))
    try:
        report = mutant.check()
    except CheckError as error:
        return Verdict(described, "refused", error.problem)
    except Exception as error:
        return Verdict(described, "BROKEN", repr(error))
    if not report.ok:
        return Verdict(described, "refuted", str(report))
    symmetry = Symmetries(original).between(read(original), read(mutant))
    return Verdict(described, "symmetry" if symmetry else "PASSED", str(report))


def judge(formula: Formula) -> list[Verdict]:
    """The verdicts on all mutants of a formula."""
    found = []
    for relation in relations(formula):
        try:
            if not relation.check().ok:
                raise AssertionError("refuted before it is changed")
            found += [judged(kind, relation, mutant) for kind, mutant in mutants(relation)]
        except (CheckError, AssertionError) as error:
            unchanged = Mutant("none", relation.place, one_line(relation.latex), one_line(relation.latex))
            found.append(Verdict(unchanged, "BROKEN", str(error)))
    return found


def one_line(latex: str) -> str:
    """LaTeX without its line breaks."""
    return " ".join(latex.split())


def listed() -> dict[tuple[str, str, str], str]:
    """The reasons for the mutants that are known to be true, by page, relation and mutant."""
    entries = tomllib.loads(LISTED.read_text(encoding="utf-8")).get("mutant", [])
    return {
        (entry["page"], entry["relation"], mutant): entry["reason"]
        for entry in entries
        for mutant in entry["mutants"]
    }


def with_reasons(verdicts: list[Verdict], reasons: dict[tuple[str, str, str], str]) -> list[Verdict]:
    """The verdicts, with "listed" for those that pass with a reason."""
    return [
        Verdict(one.mutant, "listed", reasons[key(one)])
        if one.what == "PASSED" and key(one) in reasons
        else one
        for one in verdicts
    ]


def key(verdict: Verdict) -> tuple[str, str, str]:
    """What a mutant is listed under."""
    return verdict.mutant.page, verdict.mutant.relation, verdict.mutant.mutant


def main() -> int:
    """Mutate the book; print a table; return the status."""
    parser = argparse.ArgumentParser(prog="nox -s mutate --", description=__doc__.split("\n\n")[0])
    parser.add_argument("pages", nargs="*", help="parts of the names of the pages; all without any")
    parser.add_argument("--show", help="print every mutant with this outcome, such as refused")
    options = parser.parse_args()
    formulas = [
        formula
        for formula in formulas_of_the_book()
        if not options.pages or any(part in formula.place for part in options.pages)
    ]
    reasons, verdicts = listed(), []
    with ProcessPoolExecutor(2) as pool:
        for found in pool.map(judge, formulas, chunksize=1):
            verdicts += with_reasons(found, reasons)
            show([one for one in verdicts[-len(found) :] if found and one.what in {*WRONG, options.show}])
    return summary(verdicts, reasons, whole=not options.pages)


def show(verdicts: list[Verdict]) -> None:
    """Print mutants, what they come from and what the checker said of them."""
    for one in verdicts:
        print(f"{one.what}: {one.mutant.place} ({one.mutant.kind})")
        print(
            f"    {one.mutant.relation}\n    {one.mutant.mutant}\n    {one_line(one.why)[:200]}", flush=True
        )


def summary(verdicts: list[Verdict], reasons: dict[tuple[str, str, str], str], *, whole: bool) -> int:
    """Print the table and what is wrong; return the status."""
    for name in ("kind", "page"):
        print(table(name, verdicts), end="\n\n")
    passed = [one for one in verdicts if one.what in WRONG]
    gone = set(reasons) - {key(one) for one in verdicts if one.what == "listed"} if whole else set()
    for page, _, mutant in sorted(gone):
        print(f"listed, but it does not occur or does not pass: {page}: {mutant}")
    few = whole and len(verdicts) < LEAST
    print(
        f"{len(verdicts)} mutants, {len(passed)} passed unexplained or broken"
        + f" (at least {LEAST} wanted)" * few
    )
    return int(bool(passed or gone or few))


def table(name: str, verdicts: list[Verdict]) -> str:
    """How many mutants there are of each outcome, by kind or by page."""
    columns = ["refuted", "refused", "symmetry", "listed", *sorted({one.what for one in verdicts} & WRONG)]
    counts = Counter((getattr(one.mutant, name), one.what) for one in verdicts)
    rows = [f"{name:44}" + "".join(f"{column:>10}" for column in columns) + f"{'all':>10}"]
    for row in [*sorted({getattr(one.mutant, name) for one in verdicts}), "all"]:
        numbers = [
            sum(count for (of, what), count in counts.items() if what == column and row in {of, "all"})
            for column in columns
        ]
        rows.append(f"{row:44}" + "".join(f"{number:>10}" for number in [*numbers, sum(numbers)]))
    return "\n".join(rows)


if __name__ == "__main__":
    sys.exit(main())
