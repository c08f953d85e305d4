"""Every page, wide and narrow, light and dark, has no fault."""

import pytest
from browsing import THEMES, WIDTHS, new_context
from faults import View

PICTURED = {"index.html": "front", "optimization/minimum_norm.html": "chapter"}


@pytest.mark.parametrize("theme", THEMES)
def test_a_page_has_no_fault(path, theme, browser, origin, pictures, look, counted):
    """It is opened once for a theme, as narrow as a phone, and then widened: setting formulas takes long."""
    with new_context(browser, "phone", theme) as context:
        view = View(context.new_page(), origin)
        view.open(f"{origin}/{path}")
        for width in WIDTHS:
            view.resize(width)
            if path in PICTURED:
                picture = pictures / f"{PICTURED[path]}-{width}-{theme}.png"
                view.page.screenshot(path=picture)
                look(picture)
        for width in WIDTHS:
            view.resize(width)
            view.inspect(width)
    counted["pages"] += theme == THEMES[0]
    counted["views"] += len(WIDTHS)
    counted["requests"] += view.requests
    counted["faults"] += len(view.faults)
    assert not view.faults, "\n".join(view.faults)


@pytest.mark.parametrize("theme", THEMES)
def test_what_the_pointer_is_over_has_no_fault(theme, browser, origin):
    with new_context(browser, "desktop", theme) as context:
        view = View(context.new_page(), origin)
        view.open(f"{origin}/index.html")
        view.page.locator("nav.bd-links a").last.hover()
        view.inspect("desktop")
    assert not view.faults, "\n".join(view.faults)
