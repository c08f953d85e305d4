"""Who has no mouse reaches what a page has, and sees where they are."""

import pytest
from browsing import THEMES, new_context, wait_until
from faults import View

CHAPTER = "optimization/minimum_norm.html"
HAS_WIDE_FORMULAS = "convnets/linear_map.html"
WIDE = """() => [...document.querySelectorAll("math.tml-display, .checked-ledger td")].filter(formula =>
  formula.scrollWidth > formula.clientWidth + 1 && formula.checkVisibility({visibilityProperty: true}))"""
FOCUSED = """() => {
  const element = document.activeElement;
  const seen = [element, ...element.children].some(part => {
    const {outlineStyle, outlineWidth, boxShadow} = getComputedStyle(part);
    return outlineStyle !== "none" && parseFloat(outlineWidth) > 0 || boxShadow !== "none";
  });
  return [element.outerHTML.slice(0, 120), seen, element === document.body];
}"""


def test_a_formula_wider_than_the_screen_scrolls_by_keyboard(path, browser, origin):
    with new_context(browser, "phone") as context:
        view = View(context.new_page(), origin)
        view.open(f"{origin}/{path}")
        unreachable = view.page.evaluate(
            f"() => ({WIDE})().filter(f => f.tabIndex < 0).map(f => f.outerHTML)"
        )
        assert not unreachable
        wide = view.page.evaluate(f"() => ({WIDE})().length")
        assert wide or path != HAS_WIDE_FORMULAS  # else nothing was tried on any page
        if wide:
            view.page.evaluate(f"() => ({WIDE})()[0].focus()")
            view.page.keyboard.press("ArrowRight")
            wait_until(view.page, "() => document.activeElement.scrollLeft > 0")


def test_what_is_folded_up_is_measured_when_it_is_opened(browser, origin):
    """Before, the browser would have to lay it out while somebody waits for the page."""
    with new_context(browser, "phone") as context:
        page = context.new_page()
        page.goto(f"{origin}/{HAS_WIDE_FORMULAS}")
        page.wait_for_timeout(500)  # longer than the script of the theme waits
        assert page.locator("details:not([open]) :is(pre, td)[tabindex]").count() == 0
        page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
        codes = "[...document.querySelectorAll('details pre')]"
        wide = f"{codes}.filter(code => code.scrollWidth > code.clientWidth)"
        assert page.evaluate(f"{wide}.length")
        wait_until(page, f"{wide}.every(code => code.tabIndex === 0)")


@pytest.mark.parametrize("theme", THEMES)
def test_the_focus_is_seen_wherever_it_goes(theme, browser, origin):
    with new_context(browser, theme=theme) as context:
        view = View(context.new_page(), origin)
        view.open(f"{origin}/{CHAPTER}")
        unseen = []
        for _ in range(2000):
            view.page.keyboard.press("Tab")
            element, seen, at_the_end = view.page.evaluate(FOCUSED)
            if at_the_end:
                break
            if not seen:
                unseen.append(element)
    assert at_the_end
    assert not unseen, "\n".join(unseen)


def test_the_first_stop_leads_past_the_contents(browser, origin):
    with new_context(browser) as context:
        page = context.new_page()
        page.goto(f"{origin}/{CHAPTER}")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.url.endswith("#main-content")


def test_a_slash_opens_the_search_but_not_while_somebody_types(browser, origin):
    with new_context(browser) as context:
        page = context.new_page()
        page.goto(f"{origin}/{CHAPTER}")
        page.keyboard.press("/")
        wait_until(page, "document.querySelector('#pst-search-dialog').open")
        assert page.evaluate("document.activeElement.name") == "q"
        page.keyboard.type("1/2")
        assert page.evaluate("document.activeElement.value") == "1/2"
        page.keyboard.press("Escape")
        wait_until(page, "!document.querySelector('#pst-search-dialog').open")
