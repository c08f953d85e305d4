"""Formulas: written when the book is built, in a font of their own, and copied as LaTeX."""

import re
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from browsing import new_context, wait_until
from faults import LAY_OUT_ALL
from PIL import Image

EXTENSIONS = Path(__file__).parents[2] / "docs" / "_extensions"
CHAPTER = "optimization/minimum_norm.html"
HAS_WIDE_FORMULAS = "convnets/linear_map.html"
LOSS = r"L(w) = \frac{1}{n} \norm{Xw - t}^2"
CONFIGURATION = f"""
import sys
sys.path.insert(0, {str(EXTENSIONS)!r})
extensions = ["myst_parser", "fonts", "formulas"]
myst_enable_extensions = ["dollarmath"]
html_math_renderer = "mathml"
html_theme = "basic"
"""
SELECT = """latex => {
  const formulas = [...document.querySelectorAll("article .math")];
  const wanted = formulas.find(one => one.querySelector("annotation").textContent.includes(latex));
  const range = document.createRange();
  range.setStartBefore(wanted.closest("section > *").previousElementSibling);
  range.setEndAfter(wanted);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}"""


def built(folder, text):
    """Build a book of one page, and return what Sphinx said and the page."""
    (folder / "conf.py").write_text(CONFIGURATION)
    (folder / "index.md").write_text(f"# A page\n\n{text}\n")
    command = [sys.executable, "-m", "sphinx", "-q", folder, folder / "html"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    page = folder / "html" / "index.html"
    return result.stdout + result.stderr, page.read_text() if page.exists() else ""


def test_a_formula_is_mathml_that_keeps_its_latex(tmp_path):
    said, page = built(tmp_path, r"Half, $\frac{1}{2}$.")
    assert said == ""
    assert "<mfrac><mn>1</mn><mn>2</mn></mfrac>" in page
    assert r'<annotation encoding="application/x-tex">\frac{1}{2}</annotation>' in page
    assert r"\frac" not in page.replace(r">\frac{1}{2}</annotation>", "")


def test_the_sign_behind_a_formula_stays_with_it(tmp_path):
    _, page = built(tmp_path, "*First*. Here is $x$. And $y$ too, *then* $z$.")
    assert page.count('<span class="kept">') == 2
    assert "<em>First</em>. Here" in page
    assert "</math></span>.</span> And" in page
    assert page.count(".</span></p>") == 1


@pytest.mark.parametrize(("inside", "stretchy"), [("g", "false"), (r"\frac{g}{2}", "true")])
def test_the_bars_of_a_norm_stretch_if_they_have_to(inside, stretchy, tmp_path):
    _, page = built(tmp_path, rf"$\left\lVert {inside} \right\rVert$")
    bars = re.findall(r"<mo ([^>]*)>‖</mo>", page)
    assert [f'stretchy="{stretchy}"' in bar for bar in bars] == [True, True]


def test_a_root_has_its_sign(browser, origin):
    """Chromium draws it with a glyph of the font that no text has."""
    with new_context(browser) as context:
        page = context.new_page()
        page.goto(f"{origin}/hyperparameters/many_steps.html")
        root = page.locator("msqrt:visible").first
        root.scroll_into_view_if_needed()
        black = np.asarray(Image.open(BytesIO(root.screenshot())).convert("L")) < 128
        root.evaluate("root => root.firstElementChild.style.visibility = 'hidden'")
        sign = np.asarray(Image.open(BytesIO(root.screenshot())).convert("L")) < 128
    assert 0 < sign.sum() < black.sum()


def test_a_display_has_its_number(tmp_path):
    said, page = built(tmp_path, "```{math}\n:label: half\nx = 1/2\n```\n\nSee {eq}`half`.")
    assert said == ""
    assert '<span class="eqno">(1)</span>' in page


def test_a_formula_that_cannot_be_read_stops_the_build(tmp_path):
    said, page = built(tmp_path, r"It is $\frac{1}{2$.")
    assert r"FormulaError: index: \frac{1}{2" in said
    assert page == ""


def test_a_page_loads_the_part_of_the_font_that_it_shows(path, browser, origin):
    with new_context(browser) as context:
        page = context.new_page()
        fonts = set()
        page.on("request", lambda request: fonts.add(Path(request.url).name))
        page.goto(f"{origin}/{path}")
        page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
        page.evaluate("document.fonts.ready.then(() => undefined)")
        assert "STIXTwoMath.woff2" not in fonts
        assert ("shown.woff2" in fonts) == (page.locator("math:visible").count() > 0)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_formula_has_the_colour_of_the_text(theme, browser, origin):
    with new_context(browser, theme=theme) as context:
        page = context.new_page()
        page.goto(f"{origin}/{CHAPTER}")
        formula, text = (
            page.locator(selector).first.evaluate("element => getComputedStyle(element).color")
            for selector in ("div.math math", "article p")
        )
        assert formula == text


def test_what_is_copied_has_formulas_as_latex(browser, origin):
    with new_context(browser) as context:
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = context.new_page()
        page.goto(f"{origin}/{CHAPTER}")
        page.evaluate(SELECT, LOSS)
        page.keyboard.press("Control+c")
        copied = page.evaluate("navigator.clipboard.readText()")
    assert f"$${LOSS}$$" in " ".join(copied.split())
    assert "The loss is the mean of the squared residuals" in copied


def test_a_screen_reader_is_given_the_parts_of_a_formula(browser, origin):
    with new_context(browser) as context:
        page = context.new_page()
        page.goto(f"{origin}/{CHAPTER}")
        tree = context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    roles = [node["role"]["value"] for node in tree]
    assert roles.count("MathMLMath") > 50
    for part in ("Fraction", "Identifier", "Number", "Operator", "Sub", "Sup", "Under"):
        assert any(role.startswith(f"MathML{part}") for role in roles), part


def test_the_search_shows_each_formula_once(browser, origin):
    with new_context(browser) as context:
        page = context.new_page()
        page.goto(f"{origin}/search.html?q=residual")
        page.locator("#search-results .context").nth(3).wait_for()
        shown = " ".join(page.locator("#search-results .context").all_inner_texts())
    assert "‖" in shown
    assert r"\lVert" not in shown


@pytest.mark.parametrize("scripts", [True, False])
def test_a_formula_below_the_screen_is_laid_out_when_somebody_comes_near(scripts, browser, origin):
    last = "[...document.querySelectorAll('div.math > math')].filter(one => !one.closest('details')).at(-1)"
    laid_out = f"() => {last}.checkVisibility({{contentVisibilityAuto: true}})"
    with new_context(browser, "phone", java_script_enabled=scripts) as context:
        page = context.new_page()
        page.goto(f"{origin}/{CHAPTER}")
        assert not page.evaluate(laid_out)
        page.evaluate(f"() => {last}.scrollIntoView()")
        wait_until(page, laid_out)


def test_the_first_tab_lays_out_all_formulas_and_makes_the_wide_ones_stops(browser, origin):
    formulas = "[...document.querySelectorAll('div.math > math')].filter(one => !one.closest('details'))"
    wide = f"{formulas}.filter(one => one.scrollWidth > one.clientWidth)"
    with new_context(browser, "phone") as context:
        page = context.new_page()
        page.goto(f"{origin}/{HAS_WIDE_FORMULAS}")
        page.keyboard.press("Tab")
        assert page.evaluate(f"{formulas}.every(one => one.checkVisibility({{contentVisibilityAuto: true}}))")
        assert page.evaluate(f"{wide}.length")
        assert page.evaluate(f"{wide}.every(one => one.tabIndex === 0)")
        page.reload()
        at_once = f"() => {{ ({LAY_OUT_ALL})(); return {wide}.every(one => one.tabIndex === 0); }}"
        assert page.evaluate(at_once)  # where the focus goes next is decided before the next frame
