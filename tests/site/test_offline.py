"""After the first visit the book can be read without a network."""

import pytest
from browsing import begin, new_context, wait_until
from faults import NOT_SET
from playwright.sync_api import Error
from serving import served

KEPT = """async () => {
  const names = await caches.keys();
  const requests = await Promise.all(names.map(async name => (await caches.open(name)).keys()));
  return requests.flat().map(({ url }) => url);
}"""
FONT_IS_LOADED = """() => [...document.fonts].some(
  font => font.family.includes("Formulas") && font.status === "loaded")"""
READY = "navigator.serviceWorker.controller !== null"


@pytest.fixture
def reader(browser):
    """A page of a reader whose browser may keep the book."""
    with new_context(browser, service_workers="allow") as context:
        yield context.new_page()


def visit(page, address):
    """Read a page until the worker has kept it."""
    page.goto(address)
    wait_until(page, READY)
    wait_until(page, f"({KEPT})().then(kept => kept.some(url => url.includes('book.js')))")


def test_all_pages_can_be_read_when_the_server_has_stopped(reader, site, paths):
    with served(site) as origin:
        visit(reader, f"{origin}/index.html")
    with pytest.raises(Error, match="ECONNREFUSED"):
        reader.request.get(f"{origin}/index.html")
    for path in paths:
        response = reader.goto(f"{origin}/{path}")
        assert response.from_service_worker
        assert reader.locator("#main-content").inner_text().strip()
    reader.goto(f"{origin}/")
    assert reader.evaluate("getComputedStyle(document.querySelector('.bd-main')).display") == "flex"
    assert reader.evaluate(NOT_SET) == []
    reader.locator(".bd-main a", has_text="errata").last.click()
    assert reader.url == f"{origin}/errata.html"


def test_the_search_finds_pages_when_the_server_has_stopped(reader, site):
    with served(site) as origin:
        visit(reader, f"{origin}/search.html")
    reader.goto(f"{origin}/search.html?q=checkpoint")
    reader.locator("#search-results li a").first.click()
    reader.locator("article math").first.scroll_into_view_if_needed()
    wait_until(reader, FONT_IS_LOADED)


@pytest.mark.parametrize(
    ("name", "bench", "words", "said"),
    [
        ("checked.html", ".checker", ".checker-verdicts", "exact"),
        ("hyperparameters/learning_rate.html", ".chooser", ".chooser-words", "limit of stability"),
    ],
)
def test_a_playground_that_was_opened_opens_when_the_server_has_stopped(
    name, bench, words, said, reader, site
):
    with served(site) as origin:
        visit(reader, f"{origin}/{name}")
        begin(reader, f"{origin}/{name}", bench)
    begin(reader, f"{origin}/{name}", bench)
    assert said in reader.locator(words).inner_text()


def test_a_page_that_has_changed_is_read_as_it_is_now(reader, tmp_path, site):
    for name in ("_static", "index.html", "searchindex.js", "checked.html"):
        (tmp_path / name).symlink_to(site / name)
    script = (site / "offline.js").read_text()
    first, _, rest = script.partition("\n")
    few = first.split('"pages": ')[0] + '"pages": ["index.html", "checked.html"]};'
    (tmp_path / "offline.js").write_text(f"{few}\n{rest}")
    with served(tmp_path) as origin:
        visit(reader, f"{origin}/index.html")
        (tmp_path / "checked.html").unlink()
        (tmp_path / "checked.html").write_text("<h1>Changed</h1>")
        reader.goto(f"{origin}/checked.html")
        reader.reload()  # a browser may show a page that it has just loaded again
        assert reader.locator("h1").inner_text() == "Changed"
    reader.goto(f"{origin}/checked.html")
    assert reader.locator("h1").inner_text() == "Changed"
