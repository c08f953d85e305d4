"""The PDF that ``nox -s pdf`` has printed: every page, an outline, links that arrive, drawings in lines."""

import re
from html import unescape
from pathlib import Path
from unicodedata import normalize

import pytest
from pypdf import PdfReader

BUILD = Path(__file__).parents[2] / "build"
HEADING = re.compile(r'<h1>((?:(?!<h1>).)*?)<a class="headerlink"', re.DOTALL)
ORDER = re.compile(r'<a class="reference internal" href="([^"#]+)">')


@pytest.fixture(scope="module")
def book():
    return PdfReader(BUILD / "hwlib.pdf")


def words(text):
    """A text without its spaces, which a PDF has elsewhere, and without ligatures."""
    return "".join(normalize("NFKC", text).split())


def titles():
    """The titles of the pages in the order of the contents."""
    site = BUILD / "html"
    contents = re.search(r'<nav class="bd-links.*?</nav>', (site / "index.html").read_text(), re.DOTALL)[0]
    pages = ["index.html", *dict.fromkeys(ORDER.findall(contents))]
    assert len(pages) > 20
    texts = [(site / page).read_text() for page in pages]
    return [words(unescape(re.sub(r"<[^>]*>", "", HEADING.search(text)[1]))) for text in texts]


def tops(book):
    """The entries of the outline for whole pages."""
    return [one for one in book.outline if not isinstance(one, list)]


def test_the_outline_has_every_page_in_order(book):
    assert [words(one.title) for one in tops(book)] == titles()
    sheets = [book.get_destination_page_number(one) for one in tops(book)]
    assert sheets == sorted(sheets)
    assert len(set(sheets)) == len(sheets)


def links(book):
    for sheet in book.pages:
        yield from (one.get_object() for one in sheet.get("/Annots", []))


def test_a_link_leaves_the_book_for_the_web_alone(book):
    addresses = [link["/A"]["/URI"] for link in links(book) if "/A" in link]
    assert addresses
    assert [address for address in addresses if not address.startswith("https://")] == []


def test_a_link_within_the_book_arrives_at_a_sheet(book):
    sheets = {sheet.indirect_reference.idnum for sheet in book.pages}
    ends = [link["/Dest"] for link in links(book) if "/Dest" in link]
    assert len(ends) > 1000
    assert all(end[0].idnum in sheets for end in ends)


def test_the_links_of_the_errata_arrive_at_the_sections_they_name(book):
    page = (BUILD / "html" / "errata.html").read_text()
    table = re.search(r"<table[^>]*errata.*?</table>", page, re.DOTALL)[0]
    named = re.findall(r'href="[^"]*#[^"]*"><span class="std std-ref">(.*?)</span>', table)
    assert len(named) >= 20
    pages = tops(book)
    (at,) = [number for number, one in enumerate(pages) if one.title.startswith("Errata")]
    first, after = (book.get_destination_page_number(pages[number]) for number in (at, at + 1))
    sheets = book.pages[first:after]
    ends = [end.get_object() for sheet in sheets for end in sheet.get("/Annots", [])]
    numbers = {sheet.indirect_reference.idnum: number for number, sheet in enumerate(book.pages)}
    arrived = {numbers[end["/Dest"][0].idnum] for end in ends if "/Dest" in end}
    texts = [  # a heading at the foot of a sheet goes over to the next, its anchor does not
        words(book.pages[number].extract_text() + book.pages[number + 1].extract_text()) for number in arrived
    ]
    plain = [words(unescape(re.sub(r"<[^>]*>", "", name))) for name in named if "math" not in name]
    assert [name for name in plain if not any(name in text for text in texts)] == []


def test_mathematics_is_typeset(book):
    assert not [number for number, sheet in enumerate(book.pages) if r"\(" in sheet.extract_text()]


def test_drawings_are_lines_and_only_pictures_have_pixels(book):
    pictures = sum(page.read_text().count("<image ") for page in (BUILD / "html").rglob("*.html"))
    assert 0 < sum(len(sheet.images) for sheet in book.pages) <= pictures
