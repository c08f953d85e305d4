"""The bench for mathematics says in the page what hwlib says in CPython."""

import json
import random
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from browsing import PATIENCE, begin, begin_by_keys, opened, show, wait_until, with_a_friend

from hwlib.checked._pages import blocks_in_force

sys.path.insert(0, str(Path(__file__).parents[2] / "docs" / "_playgrounds"))
import check_it_yourself

DOCS = Path(__file__).parents[2] / "docs"
BENCH = ".checker"
CHECKED = "checked.html"
SIGNS = {"+": "-", "-": "+", "2": "3", "n": "d", r"^\top": "", "(": "", r"\frac": r"\cdot"}
AS_THE_BROWSER_WRITES_IT = """html => {
  const made = document.createElement("div");
  made.innerHTML = html;
  return made.innerHTML;
}"""
SHOWN = """() => [
  document.querySelector(".checker-verdicts").innerHTML,
  document.querySelector(".checker > [role=status]").textContent,
]"""


@pytest.fixture(scope="module")
def bench(browser, origin):
    with opened(browser, f"{origin}/{CHECKED}", BENCH) as page:
        yield page


def address(latex, notation):
    return f"#check-it-yourself={quote(latex, safe='')};{quote(notation, safe='')}"


def shown(page, latex, notation):
    """What the page shows when it has checked something."""
    show(page, BENCH, address(latex, notation))
    return page.evaluate(SHOWN)


def said(page, latex, notation):
    """What hwlib says in CPython, written as the page writes it."""
    answered = json.loads(check_it_yourself.answer(json.dumps({"latex": latex, "notation": notation})))
    return [page.evaluate(AS_THE_BROWSER_WRITES_IT, answered["html"]), answered["words"]]


def claims_of_the_book():
    """What stands in displays and sentences, each with the notation in force."""
    pages = sorted(DOCS.rglob("*.md"))
    return [
        (block.text, notation.written())
        for page in pages
        for block, notation in blocks_in_force(page.read_text())
        if block.name in {"checked-math", "refuted-math", "cm"}
    ]


def changed(latex, rng):
    """LaTeX with one sign changed, which may make it false, or nonsense."""
    places = [(at, sign) for sign in SIGNS for at in range(len(latex)) if latex.startswith(sign, at)]
    at, sign = rng.choice(places)
    return latex[:at] + SIGNS[sign] + latex[at + len(sign) :]


def test_of_the_books_mathematics_the_page_says_what_hwlib_says(bench):
    rng = random.Random(0)  # noqa: S311 - no secrets
    words = ""
    for latex, notation in rng.sample(claims_of_the_book(), 100):
        for typed in (latex, changed(latex, rng)) if rng.random() < 0.5 and "2" in latex else (latex,):
            answer = shown(bench, typed, notation)
            assert answer == said(bench, typed, notation), typed
            words += answer[1]
    assert all(verdict in words for verdict in ("exact", "numeric", "definition", "refuted", "Refused"))


def test_a_formula_is_typeset_if_hwlib_can_read_it_and_only_then(bench):
    shown(bench, "x^2 &= x x && \\text{a square}", "x: scalar")
    assert bench.locator(".checker > .math math").count() == 1
    shown(bench, "x^2 = x y", "x: scalar")
    assert bench.locator(".checker > .math").inner_text() == ""
    shown(bench, r"\href{javascript:alert(1)}{x} = <img src=x onerror=alert(1)>", "x: scalar")
    assert bench.locator(".checker :is(img, a, script, math)").count() == 0


def test_what_is_typed_is_checked_without_a_button_and_is_in_the_address(page, origin):
    begin(page, f"{origin}/{CHECKED}", BENCH)
    page.get_by_role("button", name="Its factor lost").click()
    wait_until(page, "document.querySelector('.checker-verdicts').textContent.includes('refuted')")
    page.get_by_label("LaTeX", exact=True).fill(r"\nabla L(w) = \frac{2}{n} X^\top (X w - t)")
    wait_until(page, "document.querySelector('.checker-verdicts').textContent.includes('exact')")
    with with_a_friend(page, BENCH) as friend:
        assert friend.evaluate(SHOWN) == page.evaluate(SHOWN)
    page.go_back()
    wait_until(page, "document.querySelectorAll('.checker .checker-steps li').length === 2")
    assert page.get_by_label("LaTeX", exact=True).input_value().startswith(r"\nabla L(w) &=")


def test_a_display_of_another_page_comes_to_the_bench(page, origin):
    page.goto(f"{origin}/hyperparameters/learning_rate.html")
    block = page.locator(".checked-block:has(.checked-try)").first
    verdicts = [text.split(": ")[-1].lower() for text in block.locator(".checked-hidden").all_inner_texts()]
    block.locator(".checked-try").click()
    page.wait_for_selector(BENCH, timeout=PATIENCE)
    checked = page.locator(".checker .checker-steps strong").all_inner_texts()
    assert checked
    assert checked == verdicts[: len(checked)]  # those of its steps; of functions and the link come after


def test_it_can_be_used_by_keyboard_alone(page, origin):
    begin_by_keys(page, f"{origin}/{CHECKED}", BENCH)
    assert page.evaluate("document.activeElement.id") == "check-it-yourself-latex"
    assert page.evaluate("document.activeElement.selectionStart") == 0  # not at the end
    page.keyboard.press("Control+A")
    page.keyboard.type("x + 1 = x")
    page.keyboard.press("Tab")
    page.keyboard.press("Control+A")
    page.keyboard.type("x: scalar")
    wait_until(page, "document.querySelector('.checker > [role=status]').textContent === 'Steps: 1 refuted.'")
    while page.evaluate("document.activeElement.textContent") != "Its transpose lost":
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    wait_until(page, "document.querySelector('.checker-verdicts').textContent.includes('do not fit')")
