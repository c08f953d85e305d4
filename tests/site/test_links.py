"""Every link to a page of the site arrives, at its anchor too, as the browser sees it when scripts ran."""

from urllib.parse import unquote, urldefrag

import pytest
from browsing import new_context, wait_until

LINKS = "() => [...document.querySelectorAll('a[href]')].map(link => link.href)"
ANCHORS = """() => [
  ...[...document.querySelectorAll("[id], a[name]")].map(element => element.id || element.name),
  ...[...document.querySelectorAll("[data-playground]")].map(element => `${element.dataset.playground}=`),
]"""


@pytest.fixture(scope="module")
def pages(browser, origin, paths):
    """The links and the anchors of each page of the site."""
    found = {}
    with new_context(browser) as context:
        page = context.new_page()
        for path in paths:
            address = f"{origin}/{path}"
            page.goto(address, wait_until="domcontentloaded")
            found[address] = page.evaluate(LINKS), {"", "top", *page.evaluate(ANCHORS)}
    return found


def broken_links(address, pages, origin, status):
    """The links of a page that lead nowhere in the site; ``status`` says how an address is answered."""
    links, _ = pages[address]
    broken = []
    for link in dict.fromkeys(links):
        target, anchor = urldefrag(link)
        if not target.startswith(origin):
            continue
        target = f"{target}index.html" if target.endswith("/") else target
        anchor, sign, _ = anchor.partition("=")  # what follows is for a playground
        on_a_page = target in pages and unquote(anchor) + sign in pages[target][1]
        if not on_a_page and (target in pages or status(target) != 200):
            broken.append(link)
    return broken


def test_links_arrive(path, pages, origin, browser):
    with new_context(browser) as context:
        broken = broken_links(
            f"{origin}/{path}", pages, origin, lambda target: context.request.get(target).status
        )
    assert not broken


def test_a_link_that_leads_nowhere_is_seen():
    links = ["site/b.html#here", "site/b.html#gone", "site/b.html#bench=x", "site/b.html#here=x", "site/c.md"]
    pages = {"site/a.html": (links, {""}), "site/b.html": ([], {"", "here", "bench="})}
    broken = broken_links("site/a.html", pages, "site", lambda target: 404)
    assert broken == ["site/b.html#gone", "site/b.html#here=x", "site/c.md"]


def test_a_click_in_the_contents_shows_the_section(browser, origin):
    with new_context(browser) as context:
        page = context.new_page()
        page.goto(f"{origin}/optimization/minimum_norm.html")
        page.locator("#pst-secondary-sidebar a", has_text="Further reading").click()
        heading = page.locator("h2", has_text="Further reading")
        heading.wait_for()
        wait_until(
            page, "element => element.getBoundingClientRect().top < innerHeight", heading.element_handle()
        )
        assert page.url.endswith("#further-reading")
