"""Every reference leads somewhere, every entry of a table of links is used, and addresses are well formed."""

import inspect
import re
import sys
import tomllib
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from books import last_lines
from pybtex.database import parse_file

DOCS = Path(__file__).parents[2] / "docs"
ROOT = DOCS.parent
sys.path.insert(0, str(ROOT / "tests"))
from docstrings import documented  # noqa: E402 - it lies in the folder above

PAGES = {path.relative_to(DOCS).as_posix(): path.read_text() for path in sorted(DOCS.rglob("*.md"))}
BIBLIOGRAPHY = parse_file(DOCS / "references.bib").entries
ERRATA = tomllib.loads((DOCS / "errata.toml").read_text())["entry"]
DOCSTRINGS = {name: inspect.getdoc(value) or "" for name, value in documented()}
REFERENCES = {
    f"{name} [{number}]": " ".join(text.split())
    for name, docstring in DOCSTRINGS.items()
    for number, text in re.findall(
        r"^\.\. \[(\d+)\] (.*?)(?=^\.\. \[|\n\n|\Z)", docstring, re.DOTALL | re.MULTILINE
    )
}
DOI = re.compile(r"10\.\d{4,9}/[-._;()/:A-Za-z0-9]*[A-Za-z0-9)]")
# arXiv's papers have five digits since 2015: /abs/ year, month . number
ARXIV = re.compile(r"/abs/((0[7-9]|1[0-4])(0[1-9]|1[0-2])\.\d{4}|(1[5-9]|2\d)(0[1-9]|1[0-2])\.\d{5})")
ADDRESS = re.compile(r"https?://[^\s<>\"`{}|\\^]+")


def is_well_formed(address):
    """A secure address of a host with a domain, without a sentence's punctuation at its end."""
    parts = urlsplit(address)
    host = re.fullmatch(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}", parts.netloc)
    doi = parts.netloc != "doi.org" or DOI.fullmatch(parts.path[1:])
    arxiv = parts.netloc != "arxiv.org" or ARXIV.fullmatch(parts.path)
    return bool(parts.scheme == "https" and host and doi and arxiv and address[-1] not in ".,;:!?")


def plain(text):
    """Letters and digits of a title or a name, without LaTeX's marks."""
    return re.sub(r"[\W_]+", " ", re.sub(r"[{}]|\\.", "", text)).strip().lower()


# ---- the bibliography


@pytest.mark.parametrize("key", BIBLIOGRAPHY)
def test_every_entry_is_cited_and_complete(key):
    entry = BIBLIOGRAPHY[key]
    groups = [group for page in PAGES.values() for group in re.findall(r"\{cite:[pt]\}`([^`]+)`", page)]
    assert key in {cited.strip() for group in groups for cited in group.split(",")}
    assert entry.fields["title"]
    assert entry.persons.get("author") or entry.persons.get("editor")
    assert re.fullmatch(r"(19|20)\d\d", entry.fields["year"])
    assert key.endswith(entry.fields["year"]) or entry.type == "misc"


@pytest.mark.parametrize("key", BIBLIOGRAPHY)
def test_every_entry_has_a_well_formed_doi_or_address_or_is_in_print(key):
    fields = BIBLIOGRAPHY[key].fields
    if "doi" in fields:
        assert DOI.fullmatch(fields["doi"])
    if "url" in fields:
        assert is_well_formed(fields["url"])
    assert {"doi", "url"} & set(fields) or {"publisher", "pages"} <= set(fields)
    for posted in re.findall(r"arxiv\.org/abs/(\d\d)", fields.get("url", "")):
        assert abs(int(fields["year"]) - 2000 - int(posted)) <= 3, "it is on arXiv about when it is out"


def test_every_citation_has_an_entry():
    cited = {
        key.strip()
        for page in PAGES.values()
        for group in re.findall(r"\{cite:[pt]\}`([^`]+)`", page)
        for key in group.split(",")
    }
    assert cited <= set(BIBLIOGRAPHY)


# ---- the docstrings' references


@pytest.mark.parametrize("name", DOCSTRINGS)
def test_every_reference_of_a_docstring_is_given_and_used(name):
    given = re.findall(r"^\.\. \[(\d+)\]", DOCSTRINGS[name], re.MULTILINE)
    assert set(re.findall(r"\[(\d+)\]_", DOCSTRINGS[name])) == set(given)
    assert given == [str(number) for number in range(1, len(given) + 1)]


@pytest.mark.parametrize("reference", REFERENCES)
def test_a_reference_of_a_docstring_is_as_in_the_bibliography(reference):
    text = REFERENCES[reference]
    addresses = [*ADDRESS.findall(text), *re.findall(r"doi:(10\S*[^\s.,])", text)]
    assert addresses
    assert len({re.sub(r"https://doi\.org/", "", address.rstrip(".,")) for address in addresses}) == 1
    for named in re.findall(r"arXiv:(\S+) <|doi:(\S+) <", text):
        assert addresses[0].endswith("".join(named))
    for entry in BIBLIOGRAPHY.values():
        address = entry.fields.get("doi") or entry.fields.get("url")
        if address and address in addresses[0]:
            words = plain(ADDRESS.sub("", text))
            assert plain(entry.fields["title"]) in words
            assert entry.fields["year"] in words.split()
            assert all(plain(" ".join(person.last_names)) in words for person in entry.persons["author"])


@pytest.mark.parametrize(
    "source", [*PAGES, *DOCSTRINGS, "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "CITATION.cff"]
)
def test_every_address_is_well_formed(source):
    path = ROOT / source
    text = PAGES.get(source) or DOCSTRINGS.get(source) or (path.read_text() if path.is_file() else "")
    for address in ADDRESS.findall(text):
        address = address.rstrip(")").rstrip(".,") if source in DOCSTRINGS else address.split(")")[0]  # noqa: PLW2901
        assert is_well_formed(address), address


@pytest.mark.parametrize("source", ["README.md", "CHANGELOG.md", "CONTRIBUTING.md"])
def test_every_file_that_is_linked_is_there(source):
    for target in re.findall(r"\]\(([^)]+)\)", (ROOT / source).read_text()):
        assert urlsplit(target).scheme or (ROOT / target.split("#")[0]).exists(), target


# ---- the index and the errata


def test_the_index_describes_the_chapters_of_its_tables_of_contents_in_their_order():
    described = re.findall(r"^\[\]\((\S+)\.md\)\n: \S", PAGES["index.md"], re.MULTILINE)
    contents = re.findall(r"```\{toctree\}\n(?::[^\n]*\n)*(.*?)```", PAGES["index.md"], re.DOTALL)
    listed = [name for names in contents for name in names.split()]
    assert len(listed) == len(set(listed))
    chapters = [name for name in listed if name.count("/") == 1 and "reference" not in name]
    assert described == [*chapters, "larger_than_memory", "checked"]
    assert set(listed) | {"index"} == {
        page.removesuffix(".md") for page in PAGES if not re.match("reference/(?!index)", page)
    }


def test_the_reference_lists_a_page_for_every_module():
    listed = re.findall(r"^(\w+)$", PAGES["reference/index.md"].split("```{toctree}")[1], re.MULTILINE)
    modules = [name for name in DOCSTRINGS if "." not in name]
    assert sorted(listed) == sorted(modules)
    for module in modules:
        assert re.search(rf"auto(module|function):: hwlib\.{module}\b", PAGES[f"reference/{module}.md"])


@pytest.mark.parametrize("entry", ERRATA, ids=[entry["section"] for entry in ERRATA])
def test_every_erratum_leads_to_the_section_that_shows_it(entry):
    (section,) = [
        re.split(r"^\([\w-]+\)=\n##? ", page.split(f"({entry['section']})=\n")[1], flags=re.MULTILINE)[0]
        for page in PAGES.values()
        if f"({entry['section']})=\n" in page
    ]
    assert (entry["verdict"] == "missing") == bool(re.match("Not answered|.* is lost", entry["source"]))
    assert entry["verdict"] == "wrong" or not entry["section"].startswith("error-")
    if entry["verdict"] == "wrong":
        assert re.search(r"refuted-math|^\s*assert |assert_allclose", section, re.MULTILINE)


def test_the_errata_table_has_a_row_and_a_verdict_for_every_entry(book):
    with (book.source / "conf.py").open("a") as configuration:
        configuration.write('extensions = ["myst_parser", "errata", "failures"]\n')
    bound = re.compile(r"\{[a-z]+\}`[^`]*`")  # computed and checked with the page itself, not here
    (book.source / "errata.toml").write_text(bound.sub("...", (DOCS / "errata.toml").read_text()))
    sections = [entry["section"] for entry in ERRATA]
    assert len(sections) == len(set(sections)), "each has its own place"
    places = "".join(f"\n({section})=\n## {section}\n" for section in sorted(sections))
    (book.source / "index.md").write_text(f"# Errata\n\n```{{errata}} errata.toml\n```\n{places}")
    result = book.build()
    assert result.returncode == 0, last_lines(result)
    table = re.search(r'<table class="errata.*?</table>', book.page(), re.DOTALL)[0]
    rows = [
        re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)
        for row in re.findall(r"<tr.*?</tr>", table, re.DOTALL)
    ]
    rows = [[re.sub(r"<[^>]*>", "", cell).strip() for cell in row] for row in rows if row]
    assert [row[0] for row in rows] == [entry["part"] for entry in ERRATA]
    assert [row[2] for row in rows] == [entry["verdict"] for entry in ERRATA]
    assert [row[4] for row in rows] == [entry["section"] for entry in ERRATA]
    assert all(row[1] and row[3] for row in rows)
    assert Counter(row[2] for row in rows).keys() == {"right", "wrong", "missing"}
