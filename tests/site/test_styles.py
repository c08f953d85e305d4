"""The one style file of all pages: what was left out of it is seen nowhere."""

import re

import pytest
from browsing import new_context
from faults import LAY_OUT_ALL

PAGES = ("index", "checked", "ledger", "convnets/size", "optimization/minimum_norm", "reference/optimizers")
PART = re.compile(r"/\* from (\S+) \*/")
# one element of each kind, by its names and those around it, with its style
STYLES = """() => {
  const named = (element) => element ? `${element.localName}.${element.getAttribute("class") ?? ""}` : "";
  const found = {};
  for (const element of document.querySelectorAll("body, body *")) {
    const around = element.parentElement;
    const kind = [element, around, around?.parentElement].map(named).join(" in ");
    if (kind in found) continue;
    const style = getComputedStyle(element);
    found[kind] = Object.fromEntries([...style].map((property) => [property, style[property]]));
  }
  return found;
}"""


def styles(page, address):
    """The styles of a page, with what is folded up open."""
    page.goto(address)
    page.evaluate(LAY_OUT_ALL)
    still = "*, ::before, ::after { animation: none !important; transition: none !important }"
    page.add_style_tag(content=still)  # what moves would be met half way
    page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
    return page.evaluate(STYLES)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_looks_as_with_all_styles(name, browser, origin, site):
    parts = PART.findall((site / "_static/styles.css").read_text())
    assert len(parts) > 5
    whole = "".join(f'@import "{name.removeprefix("_static/")}";\n' for name in parts)
    with new_context(browser, "phone") as context:
        page = context.new_page()
        found = styles(page, f"{origin}/{name}.html")
        answer = {"body": whole, "content_type": "text/css"}
        page.route(re.compile(r"/_static/styles\.css"), lambda route: route.fulfill(**answer))
        wanted = styles(page, f"{origin}/{name}.html")
    assert found == wanted
