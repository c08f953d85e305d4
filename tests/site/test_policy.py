"""The policy of a page holds when somebody tries to break it."""

import pytest
from browsing import new_context, wait_until
from faults import View

CHAPTER = "optimization/minimum_norm.html"
# What was put into a page before the browser saw it, and what it would have done
ATTACKS = {
    "an inline script": "<script>window.broken = true</script>",
    "a handler": '<img src="data:," alt="" onerror="window.broken = true">',
    "a script from elsewhere": '<script src="http://127.0.0.2/broken.js"></script>',
    "an image from elsewhere": '<img src="http://127.0.0.2/x.png" alt="" onload="window.broken = true">',
    "a style from elsewhere": '<link rel="stylesheet" href="http://127.0.0.2/broken.css">',
    "a page within the page": '<iframe src="http://127.0.0.2/broken.html"></iframe>',
    "an object": '<object data="http://127.0.0.2/broken.swf"></object>',
    "another base": '<base href="http://127.0.0.2/">',
    "a form that tells": '<form action="http://127.0.0.2/" id="tell"></form>',
}
VIOLATIONS = """() => {
  window.violations = [];
  document.addEventListener("securitypolicyviolation", event => violations.push(event.effectiveDirective));
}"""


@pytest.fixture
def page(browser):
    with new_context(browser) as context:
        yield context.new_page()


def attacked(page, origin, html, attack):
    """Open the front page as html, with an attack in its text, and say what that did and what was stopped."""
    body = html.replace("<article", f"{attack}<article", 1)
    page.route(f"{origin}/index.html", lambda route: route.fulfill(body=body, content_type="text/html"))
    page.add_init_script(f"({VIOLATIONS})()")
    page.goto(f"{origin}/index.html")
    if "<form" in attack:
        page.evaluate("document.getElementById('tell').submit()")
        wait_until(page, "violations.length > 0")
    return page.evaluate("[window.broken, window.violations]")


@pytest.fixture(scope="module")
def front(site):
    return (site / "index.html").read_text()


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_an_attack_fails(attack, page, origin, front):
    broken, violations = attacked(page, origin, front, attack)
    assert violations
    assert not broken


def test_without_a_policy_an_attack_succeeds(page, origin, front):
    """So that the test above can fail."""
    unprotected = front.replace("Content-Security-Policy", "no-policy")
    assert attacked(page, origin, unprotected, ATTACKS["an inline script"]) == [True, []]


@pytest.mark.parametrize(
    ("code", "directive"),
    [
        ("eval('1')", "script-src"),
        ("fetch('http://127.0.0.2/')", "connect-src"),
        ("new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))", "script-src"),
        ("new Worker(URL.createObjectURL(new Blob([''])))", "worker-src"),
    ],
)
def test_a_script_of_the_site_may_not(code, directive, page, origin):
    """What the browser's own console runs is under no policy, so the script is one that the site serves."""
    script = f"try {{ Promise.resolve({code}).catch(() => 0); }} catch {{}}"
    page.route(
        f"{origin}/_static/try.js", lambda route: route.fulfill(body=script, content_type="text/javascript")
    )
    page.add_init_script(f"({VIOLATIONS})()")
    page.goto(f"{origin}/genindex.html")  # a page without mathematics
    page.evaluate(
        "document.head.append(Object.assign(document.createElement('script'), {src: '_static/try.js'}))"
    )
    wait_until(page, "violations.length > 0")
    assert page.evaluate("violations") == [directive]


def test_every_page_has_one(path, site):
    head = (site / path).read_text().split("</head>")[0]
    assert head.index("Content-Security-Policy") < head.index("<script")


def test_only_pages_that_run_python_may_compile_webassembly(site):
    pages = {path: path.read_text() for path in site.rglob("*.html")}
    allowed = {path.name for path, text in pages.items() if "'wasm-unsafe-eval'" in text.split("</head>")[0]}
    assert allowed == {"checked.html", "filters.html", "receptive_fields.html", "size.html"}


def test_nothing_of_the_book_is_stopped(browser, origin):
    """The views see what is stopped while a page opens; this is what a reader does then."""
    with new_context(browser) as context:
        view = View(context.new_page(), origin)
        view.page.add_init_script("window.print = () => { window.printed = true }")
        view.open(f"{origin}/{CHAPTER}")
        view.page.locator(".dropdown-download-buttons > button").click()
        view.page.locator("[data-action=print]").click()
        assert view.page.evaluate("window.printed")
        view.page.locator(".theme-switch-button").click()
        view.page.locator(".theme-change-button[data-mode=dark]").click()
        assert view.page.evaluate("document.documentElement.dataset.theme") == "dark"
        view.page.locator("details.hide summary").first.click()
        view.page.locator("button.copybtn").first.click()
    assert not view.faults, "\n".join(view.faults)
