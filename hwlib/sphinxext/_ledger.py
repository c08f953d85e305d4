"""The ledger: every relation of the project with its verdict, and what is not as a page claims."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from sphinx.domains import Domain
from sphinx.errors import SphinxError
from sphinx.util.nodes import make_refnode

from ._nodes import ledger, ledger_fold, ledger_total, quoting
from ._relations import without_alignment

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from docutils.nodes import Element
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

    from hwlib.checked._blocks import Failure, Outcome

    from ._places import Place

VERDICTS = (
    "exact", "proved", "numeric", "sampled", "definition", "supposition", "refuted", "refused", "unchecked",
)  # fmt: skip
POWER = re.compile(r"(?<=\d)\^(-?\d+)")
COLUMNS = (("step", 7), ("relation", 38), ("verdict", 14), ("how", 33), ("time", 8))
TOTALS = ("relations", "checked", "pages", *VERDICTS)


class MathematicsError(SphinxError):
    """Pages claim what is not so."""

    category = "Mathematics that is not as the page claims"


@dataclass(frozen=True)
class Relation:
    """A row of the ledger.

    ``number`` is its number on the page, ``count`` how many relations the row stands for (an unchecked
    display may have several), ``method`` how the verdict was reached or why there is none.
    """

    anchor: str
    number: str
    latex: str
    verdict: str
    method: str
    bound: float | None = None
    seconds: float = 0.0
    count: int = 1


class Ledger(Domain):
    """The relations of each page and the failures of each page."""

    name = "ledger"
    label = "Ledger"
    initial_data: ClassVar[dict[str, Any]] = {"relations": {}, "failures": {}, "places": {}, "outcomes": {}}
    data_version = 2

    @classmethod
    def of(cls, env: BuildEnvironment) -> Ledger:
        """Get the ledger of a project."""
        domain = env.get_domain(cls.name)
        assert isinstance(domain, cls)  # noqa: S101 - Sphinx keeps it by name
        return domain

    def resolve_any_xref(self, *args: Any) -> list[Any]:
        """Find nothing: the ledger has no objects that a page can name."""
        return []

    @property
    def relations(self) -> dict[str, list[Relation]]:
        """The relations of each page."""
        pages: dict[str, list[Relation]] = self.data["relations"]
        return pages

    @property
    def failures(self) -> dict[str, list[tuple[int, str, str]]]:
        """What is wrong on each page, each with its line, its file and line, and what it is."""
        pages: dict[str, list[tuple[int, str, str]]] = self.data["failures"]
        return pages

    @property
    def readers(self) -> dict[str, dict[str, tuple[Relation, ...]]]:
        """The pages that show the ledger or its totals, each with the relations that it was written with."""
        pages: dict[str, dict[str, tuple[Relation, ...]]] = self.data["places"]
        return pages

    @property
    def outcomes(self) -> dict[str, dict[str, tuple[Outcome, float]]]:
        """What came of the claims of each page, with seconds, for when the page is read again."""
        pages: dict[str, dict[str, tuple[Outcome, float]]] = self.data["outcomes"]
        return pages

    def note(self, docname: str, relation: Relation) -> None:
        """Add a relation of a page."""
        self.relations.setdefault(docname, []).append(relation)

    def fail(self, docname: str, place: Place, text: str, failure: Failure) -> None:
        """Add something that is wrong on a page, in text that stands in a place."""
        line, where = place.line(text, failure.position), place.of(text, failure.position)
        self.failures.setdefault(docname, []).append((line, where, failure.message))

    def all(self) -> Iterator[Relation]:
        """Go through the relations of all pages."""
        for docname in sorted(self.relations):
            yield from self.relations[docname]

    def totals(self) -> dict[str, int]:
        """Count the relations by verdict."""
        counts = by_verdict(self.all())
        relations = counts.total()
        pages = sum(bool(page) for page in self.relations.values())
        numbers = {"relations": relations, "checked": relations - counts["unchecked"], "pages": pages}
        return {**numbers, **{verdict: counts[verdict] for verdict in VERDICTS}}

    def clear_doc(self, docname: str) -> None:
        """Forget a page that is read again or gone."""
        for pages in (self.relations, self.failures, self.readers):
            pages.pop(docname, None)

    def merge_domaindata(self, docnames: Collection[str], otherdata: dict[str, Any]) -> None:
        """Take over the pages that another process read."""
        for key in self.initial_data:
            self.data[key].update({name: page for name, page in otherdata[key].items() if name in docnames})

    def check_consistency(self) -> None:
        """Stop the build, when all pages are read, with everything that is wrong on any."""
        failures = [
            failure for docname in sorted(self.failures) for failure in sorted(self.failures[docname])
        ]
        if failures:
            raise MathematicsError("\n\n".join(f"{place}: {message}" for _, place, message in failures))


def pages_to_write(_app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Have Sphinx write again the pages that show a ledger which has changed."""
    own = Ledger.of(env)
    known = {docname: tuple(page) for docname, page in own.relations.items()}
    changed = [docname for docname, seen in own.readers.items() if seen != known]
    own.readers.update(dict.fromkeys(own.readers, known))
    return changed


def show_ledger(app: Sphinx, page: nodes.document, docname: str) -> None:
    """Put the table and the numbers where a page has places for them."""
    own = Ledger.of(app.env)
    for place in list(page.findall(ledger)):
        place.replace_self(tables(app, own, docname))
    totals = own.totals()
    for number_place in list(page.findall(ledger_total)):
        number = str(totals[number_place["total"]])
        number_place.replace_self(nodes.inline("", number, classes=["ledger-total"]))


def by_verdict(relations: Iterable[Relation]) -> Counter[str]:
    """Count relations by their verdicts."""
    counts: Counter[str] = Counter()
    for relation in relations:
        counts[relation.verdict] += relation.count
    return counts


def in_words(counts: Mapping[str, int]) -> str:
    """Numbers of relations by verdict as they are shown."""
    return ", ".join(f"{counts[verdict]} {verdict}" for verdict in VERDICTS if counts[verdict])


def tables(app: Sphinx, own: Ledger, reader: str) -> list[nodes.Node]:
    """The ledger as a page shows it: the totals, and for each page with relations a table, folded up."""
    totals = own.totals()
    summary = f"Relations: {totals['relations']}. Pages: {totals['pages']}. Verdicts: {in_words(totals)}."
    found: list[nodes.Node] = [nodes.paragraph("", summary)]
    for docname in in_reading_order(app, own):
        title = nodes.Text(app.env.titles[docname].astext())
        link = make_refnode(app.builder, reader, docname, "", title)
        rows = [
            row(
                make_refnode(app.builder, reader, docname, relation.anchor, nodes.Text(relation.number)),
                relation,
                timed=app.config.checked_ledger_times,
            )
            for relation in own.relations[docname]
        ]
        shown = table(rows, timed=app.config.checked_ledger_times)
        fold = ledger_fold("", shown, summary=in_words(by_verdict(own.relations[docname])))
        found += [nodes.rubric("", "", link), fold if app.builder.format == "html" else shown]
    return found


def in_reading_order(app: Sphinx, own: Ledger) -> list[str]:
    """The pages with relations, in the order of the tables of contents."""
    order = dict.fromkeys((*app.env.collect_relations(), *sorted(own.relations)))
    return [docname for docname in order if docname in own.relations]


def row(link: nodes.reference, relation: Relation, *, timed: bool) -> nodes.row:
    """The row of a relation."""
    latex = without_alignment(relation.latex)
    verdict = relation.verdict + (f" ({relation.count})" if relation.count > 1 else "")
    cells: list[list[nodes.Node]] = [[link], [nodes.math(latex, latex)], [nodes.Text(verdict)], how(relation)]
    if timed:
        cells.append([nodes.Text(duration(relation.seconds) if relation.verdict != "unchecked" else "")])
    return nodes.row("", *(cell(*content) for content in cells))


def table(rows: list[nodes.row], *, timed: bool) -> nodes.table:
    """The table of a page."""
    shown = COLUMNS if timed else COLUMNS[:-1]
    head = nodes.row("", *(cell(nodes.Text(name)) for name, _ in shown))
    columns = [nodes.colspec(colwidth=width) for _, width in shown]
    group = nodes.tgroup("", *columns, nodes.thead("", head), nodes.tbody("", *rows), cols=len(columns))
    return nodes.table("", group, classes=["checked-ledger", "colwidths-given"])


def duration(seconds: float) -> str:
    """A time in whole milliseconds."""
    number = f"{1000 * seconds:.0f}" if seconds >= 0.001 else "<1"
    return f"{number}\N{NO-BREAK SPACE}ms"


def how(relation: Relation) -> list[nodes.Node]:
    """How a verdict was reached, with its powers raised, and the bound if that does not say it."""
    found: list[nodes.Node] = []
    for number, part in enumerate(POWER.split(relation.method)):
        found += [nodes.superscript("", part)] if number % 2 else quoting(part)
    if relation.bound and relation.verdict != "exact":
        found += [nodes.Text("; bound "), nodes.math("", in_powers(relation.bound))]
    return found


def in_powers(number: float) -> str:
    """LaTeX of a number with two digits and a power of ten."""
    digits, _, exponent = f"{number:.1e}".partition("e")
    return rf"{digits} \cdot 10^{{{int(exponent)}}}" if abs(int(exponent)) > 3 else f"{number:.2g}"


def cell(*content: nodes.Node) -> Element:
    """A cell of a table with one paragraph in it."""
    return nodes.entry("", nodes.paragraph("", "", *content))
