"""Each playground is a still figure until it is touched, loads nothing before, and has no fault when open."""

import time

import pytest
from browsing import PATIENCE, THEMES, WIDTHS, new_context
from faults import View

PLAYGROUNDS = {
    "convnets/size.html": (".designer", "table"),
    "convnets/receptive_fields.html": (".designer", "svg"),
    "convnets/filters.html": (".filter", "[role=table]"),
    "checked.html": (".checker", ".math, .checker-steps"),
    "hyperparameters/learning_rate.html": (".chooser", "svg, p"),
    "optimization/adaptive_methods.html": (".chooser", "svg, p"),
}
LOADED = {
    ".designer": ".whl",
    ".checker": ".whl",
    ".filter": ".whl",
    ".chooser": "_bench.json",
}  # without which there is none
# what stays where the window is would lie over a bench that is taller
UNCOVERED = "#pst-skip-link, .bd-header-article { visibility: hidden !important }"
CONTROLS = ":is(button, input, select, textarea, summary)"
SMALL = """controls => controls.filter(
  control => control.getClientRects().length && control.getBoundingClientRect().height < 24
).map(control => control.outerHTML)"""
UNNAMED = "fields => fields.filter(field => !field.labels.length).map(field => field.outerHTML)"

pytestmark = pytest.mark.parametrize(
    ("name", "bench"), [(name, bench) for name, (bench, _) in PLAYGROUNDS.items()]
)


def test_nothing_loads_before_it_is_touched_and_nothing_foreign_after(name, bench, page, origin, tables):
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(f"{origin}/{name}", wait_until="networkidle")
    loaded = ("pyodide", ".whl", "worker.js", "loads.json", "_bench.json")
    assert not [url for url in requests if any(part in url for part in loaded)]
    begun = time.monotonic()
    page.get_by_role("button", name="Change it by hand").click()
    page.wait_for_selector(bench, timeout=PATIENCE)
    seconds = time.monotonic() - begun
    tables["playgrounds"].append({"answers after": f"{seconds:.1f} s", "page": name})
    assert [url for url in requests if url.endswith(LOADED[bench])]
    assert all(url.startswith((origin, "data:")) for url in requests)


def test_without_scripts_there_is_a_still_figure_and_a_sentence(name, bench, browser, origin):
    with new_context(browser, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{origin}/{name}")
        shown = page.locator(f".playground-still :is({PLAYGROUNDS[name][1]})")
        assert shown.count()
        assert all(part.is_visible() for part in shown.all())
        assert "JavaScript" in page.locator(".playground-sentence").inner_text()


def test_without_webassembly_there_is_no_button_where_it_is_needed(name, bench, page, origin):
    page.add_init_script("delete window.WebAssembly")
    page.goto(f"{origin}/{name}")
    needs_it = LOADED[bench] == ".whl"
    assert ("WebAssembly" in page.locator(".playground-sentence").inner_text()) == needs_it
    assert page.locator(".playground button").count() == int(not needs_it)


def test_from_a_file_it_says_that_it_needs_a_server(name, bench, page, site):
    page.goto((site / name).resolve().as_uri())
    assert "web server" in page.locator(".playground-sentence").inner_text()


def test_a_load_that_fails_can_be_tried_again(name, bench, page, origin):
    page.route(f"**/*{LOADED[bench]}", lambda route: route.abort())
    page.goto(f"{origin}/{name}")
    page.get_by_role("button", name="Change it by hand").click()
    page.wait_for_selector(".playground-sentence [role=alert]", timeout=PATIENCE)
    assert page.locator(".playground-still").is_visible()
    page.unroute(f"**/*{LOADED[bench]}")
    page.get_by_role("button", name="Change it by hand").click()
    page.wait_for_selector(bench, timeout=PATIENCE)


@pytest.mark.parametrize("theme", THEMES)
def test_it_has_no_fault_and_its_controls_fit_a_finger(
    name, bench, theme, browser, origin, pictures, look, counted
):
    with new_context(browser, "phone", theme) as context:
        view = View(context.new_page(), origin)
        view.open(f"{origin}/{name}")
        view.page.get_by_role("button", name="Change it by hand").click()
        view.page.wait_for_selector(bench, timeout=PATIENCE)
        stem = name.removesuffix(".html").replace("/", "-")
        for width in WIDTHS:
            view.resize(width)
            picture = pictures / f"{stem}-bench-{width}-{theme}.png"
            view.page.locator(bench).screenshot(path=picture, style=UNCOVERED)
            look(picture)
        for width in WIDTHS:
            view.resize(width)
            view.inspect(f"{width}, with the bench")
            assert not view.page.eval_on_selector_all(f"{bench} {CONTROLS}", SMALL), width
        fields = f"{bench} :is(input, select, textarea)"
        assert not view.page.eval_on_selector_all(fields, UNNAMED)
    counted["views"] += len(WIDTHS)
    counted["requests"] += view.requests
    counted["faults"] += len(view.faults)
    assert not view.faults, "\n".join(view.faults)
