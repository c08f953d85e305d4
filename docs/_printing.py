"""Print the book: every page of the built site, in the order of reading, as one PDF with outline and links.

The browser prints page by page. Here they are put together: a link from one page to another, which the
browser takes for one that leaves the book, leads within the PDF.
"""

import re
import sys
from collections import defaultdict
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urldefrag, urljoin

from playwright.sync_api import sync_playwright
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, FloatObject, NameObject, NullObject

CHROMIUM = "/usr/bin/chromium"
LINK = re.compile(r'<a [^>]*href="([^"]+)"')
MARGINS = {"top": "18mm", "bottom": "18mm", "left": "16mm", "right": "16mm"}
ORDER = "[...document.querySelectorAll('.bd-links a.internal')].map(link => link.href.split('#')[0])"
# What is folded up is opened. The browser notes down where an anchor is if a link in the page leads to it.
PREPARE = """anchors => {
  for (const fold of document.querySelectorAll("details:not(.checked-mark)")) fold.open = true;
  const links = document.createElement("p");
  links.style.cssText = "font-size: 1px; line-height: 1px; color: transparent";
  for (const anchor of anchors) {
    const link = document.createElement("a");
    link.href = `#${anchor}`;
    link.textContent = ". ";
    link.style.color = "inherit";
    links.append(link);
  }
  document.querySelector("article").append(links);
}"""


class Printed(NamedTuple):
    """A page of the site in the PDF: its first sheet, and the places of its anchors."""

    first: int
    places: dict[str, tuple[int, float, float]]  # sheet, counted from the first; left and top


def print_book(site: Path, target: Path) -> None:
    """Print all pages of a built site into one PDF."""
    anchors = anchors_wanted(site)
    writer, printed = PdfWriter(), {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(color_scheme="light", service_workers="block")
        page.goto((site / "index.html").as_uri())
        for address in dict.fromkeys([page.url, *page.evaluate(ORDER)]):
            page.goto(address)
            page.evaluate(PREPARE, sorted(anchors[address]))
            sheets = page.pdf(format="A4", print_background=True, outline=True, tagged=True, margin=MARGINS)
            reader = PdfReader(BytesIO(sheets))
            printed[address] = Printed(len(writer.pages), places(reader))
            writer.append(reader)
            print(f"{address.removeprefix(site.as_uri())}: {len(reader.pages)} sheets", flush=True)
        browser.close()
    lead_within(writer, printed)
    writer.add_metadata({"/Title": "hwlib"})
    writer.write(target)
    print(f"{len(writer.pages)} sheets: {target}")


def anchors_wanted(site: Path) -> dict[str, set[str]]:
    """The anchors to which the pages link, by the address of their page."""
    wanted = defaultdict(set)
    for path in site.rglob("*.html"):
        for link in LINK.findall(path.read_text()):
            address, anchor = urldefrag(urljoin(path.as_uri(), unescape(link)))
            if anchor and "=" not in anchor:  # a state of a playground
                wanted[address].add(unquote(anchor))
    return wanted


def places(reader: PdfReader) -> dict[str, tuple[int, float, float]]:
    """Where the anchors of a printed page are."""
    return {
        name.lstrip("/"): (reader.get_destination_page_number(one), float(one.left or 0), float(one.top or 0))
        for name, one in reader.named_destinations.items()
    }


def lead_within(writer: PdfWriter, printed: dict[str, Printed]) -> None:
    """Have the links between the pages lead to sheets, and those to other files of the site lead nowhere."""
    firsts = {page.first: page for page in printed.values()}
    here = None
    for number, sheet in enumerate(writer.pages):
        here = firsts.get(number, here)
        for annotation in (one.get_object() for one in sheet.get("/Annots", [])):
            address, anchor = urldefrag(annotation.get("/A", {}).get("/URI", ""))
            there = printed.get(address)
            if "/Dest" in annotation:
                there, anchor = here, str(annotation["/Dest"]).lstrip("/")
            if there is not None or address.startswith("file:"):
                annotation.pop("/A", None)
            if there is not None:
                annotation[NameObject("/Dest")] = destination(writer, there, unquote(anchor))


def destination(writer: PdfWriter, there: Printed, anchor: str) -> ArrayObject:
    """The place of an anchor, or the top of the page if it has none."""
    if anchor in there.places:
        sheet, left, top = there.places[anchor]
        where = [FloatObject(left), FloatObject(top), NullObject()]
    else:
        sheet, where = 0, [NullObject(), NullObject(), NullObject()]
    page = writer.pages[there.first + sheet]
    return ArrayObject([page.indirect_reference, NameObject("/XYZ"), *where])


if __name__ == "__main__":
    print_book(Path(sys.argv[1]).resolve(), Path(sys.argv[2]))
