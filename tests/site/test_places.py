"""The site works wherever it lies, on a stick or in a folder, and without scripts."""

import shutil

import pytest
from browsing import new_context
from faults import View
from serving import served

CHAPTER = "optimization/minimum_norm.html"
FORMULAS = """() => [...document.querySelectorAll("article math")].filter(
  formula => formula.checkVisibility()).length"""
DRAWINGS = """() => [...document.querySelectorAll("svg.drawing")].filter(
  drawing => drawing.getBoundingClientRect().height > 100).length"""


def open_chapter_and_search(view, root):
    """Read a chapter, and then look for a word in all of them."""
    view.open(f"{root}/{CHAPTER}")
    assert view.page.evaluate(FORMULAS) > 100
    assert view.page.evaluate(DRAWINGS) > 0
    view.page.keyboard.press("Control+k")
    view.page.keyboard.type("momentum")
    view.page.keyboard.press("Enter")
    result = view.page.locator("#search-results li a").first
    result.wait_for()
    view.page.wait_for_load_state("networkidle")  # it has a piece of each page to show
    result.click()
    view.page.wait_for_load_state()
    assert "momentum" in view.page.locator("article").inner_text().lower()


def test_on_a_stick(browser, site):
    with new_context(browser) as context:
        view = View(context.new_page(), "file://")
        open_chapter_and_search(view, site.as_uri())
    assert not view.faults, "\n".join(view.faults)


def test_in_a_folder_of_another_site(browser, site, tmp_path):
    shutil.copytree(site, tmp_path / "some" / "course")
    with served(tmp_path) as origin, new_context(browser) as context:
        view = View(context.new_page(), f"{origin}/some/course/")
        open_chapter_and_search(view, f"{origin}/some/course")
    assert not view.faults, "\n".join(view.faults)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_without_scripts(browser, origin, theme):
    """The text and its formulas can be read, and the drawings are there."""
    with new_context(browser, theme=theme, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{origin}/{CHAPTER}")
        assert page.locator("article h1").is_visible()
        assert page.locator("div.math math").first.bounding_box()["height"] > 20
        assert page.locator("svg.drawing").first.bounding_box()["height"] > 100
        assert page.locator("article section > p").first.is_visible()
        assert page.locator("details.hide summary").first.is_visible()
        assert page.locator(".pst-js-only:visible").count() == 0
        page.locator("a.right-next").click()
        assert page.url.endswith("adaptive_methods.html")
