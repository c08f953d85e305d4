"""The benches whose reader chooses among settings show in the page what hwlib says in CPython."""

import random
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from browsing import PATIENCE, begin, begin_by_keys, opened, show, wait_until, with_a_friend

sys.path.insert(0, str(Path(__file__).parents[2] / "docs" / "_playgrounds"))
import optimizer_bench
import rate_bench

CHOOSER = ".chooser"
RATE = "hyperparameters/learning_rate.html"
PAGES = {
    "rate-bench": (RATE, rate_bench.BENCH),
    "optimizer-bench": ("optimization/adaptive_methods.html", optimizer_bench.BENCH),
}
SHOWN = """() => [
  document.querySelector(".chooser-words").textContent,
  ...[...document.querySelectorAll(".chooser .plot-moving")].map(group => group.innerHTML),
]"""
AS_THE_BROWSER_WRITES_IT = """drawings => drawings.map(drawing => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", "g");
  made.innerHTML = drawing;
  return made.innerHTML;
})"""


def address(name, setting):
    return f"#{name}={';'.join(quote(written, safe='') for written in setting)}"


def said(page, answer):
    """What hwlib says in CPython, written as the page writes it."""
    return [answer.words, *page.evaluate(AS_THE_BROWSER_WRITES_IT, list(answer.drawings))]


@pytest.mark.parametrize("name", PAGES)
def test_at_a_hundred_settings_the_page_shows_what_hwlib_says(name, browser, origin):
    where, bench = PAGES[name]
    settings = random.Random(0).sample(bench.settings(), 100)  # noqa: S311 - no secrets
    with opened(browser, f"{origin}/{where}", CHOOSER) as page:
        for setting in settings:
            show(page, CHOOSER, address(name, setting))
            assert page.evaluate(SHOWN) == said(page, bench.answer(*setting)), setting


def test_dragging_over_the_parabola_moves_the_rate(page, origin):
    begin(page, f"{origin}/{RATE}", CHOOSER)
    box = page.locator(".chooser svg.plot").first.bounding_box()
    unit = box["width"] / 320
    rates = []
    page.mouse.move(box["x"] + 100 * unit, box["y"] + 100 * unit)
    page.mouse.down()
    for x in (100, 150, 200, 250):
        page.mouse.move(box["x"] + x * unit, box["y"] + 50 * unit)
        rates.append(float(page.locator(".chooser-controls span").inner_text()))
    page.mouse.up()
    page.mouse.move(box["x"] + 100 * unit, box["y"] + 100 * unit)
    expected = [(x - 46) / (320 - 46 - 10) * 1.15 for x in (100, 150, 200, 250)]
    assert rates == pytest.approx(expected, abs=0.02)
    wait_until(page, "location.hash !== ''")
    assert float(page.url.split(";")[-1]) == pytest.approx(rates[-1], abs=1e-3)


def test_pointing_at_a_start_chooses_the_nearest(page, origin):
    begin(page, f"{origin}/{PAGES['optimizer-bench'][0]}", CHOOSER)
    box = page.locator(".chooser svg.plot").bounding_box()
    x, y = optimizer_bench.PLANE.place((1.05, 0.9))
    page.mouse.click(box["x"] + x * box["width"] / 320, box["y"] + y * box["width"] / 320)
    assert page.get_by_label("Start").locator("option:checked").inner_text() == "(1, 1)"
    assert "from (1, 1)" in page.locator(".chooser-words").inner_text()


def test_a_preset_is_shared_by_its_address_and_left_by_going_back(page, origin):
    begin(page, f"{origin}/{RATE}", CHOOSER)
    first = page.evaluate(SHOWN)
    page.get_by_role("button", name="The limit").click()
    wait_until(page, "document.querySelector('.chooser-words').textContent.includes('at the limit')")
    with with_a_friend(page, CHOOSER) as friend:
        assert friend.evaluate(SHOWN) == page.evaluate(SHOWN)
    page.go_back()
    wait_until(page, "first => document.querySelector('.chooser-words').textContent === first", first[0])


def test_it_can_be_used_by_keyboard_alone(page, origin):
    begin_by_keys(page, f"{origin}/{RATE}", CHOOSER)
    assert page.evaluate("document.activeElement.id") == "rate-bench-start"
    page.keyboard.press("ArrowUp")  # the steep start stands above the flat one
    page.keyboard.press("Tab")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    answer = rate_bench.answer("steep", list(rate_bench.RATES)[1])
    told = "words => document.querySelector('.chooser [role=status]').textContent === words"
    wait_until(page, told, answer.words)
    assert page.evaluate("document.activeElement.getAttribute('aria-valuetext')") == "0.005"


def test_what_no_control_offers_leaves_it_as_it_is(page, origin):
    page.goto(f"{origin}/{RATE}#rate-bench=steep;0.12345")
    page.wait_for_selector(CHOOSER, timeout=PATIENCE)
    assert page.evaluate(SHOWN)[0] == rate_bench.answer("steep", "0.3").words  # the chapter begins with it
    assert page.url.endswith("#rate-bench=steep;0.3")
