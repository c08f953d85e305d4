"""The checks of a view find each kind of fault in a page made to have it."""

import pytest
from browsing import new_context
from faults import View
from serving import served

PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>A page</title>
<link rel="icon" href="data:,"></head><body><main><h1>A page</h1>{}</main></body></html>"""
FAULTS = {
    '<img src="http://example.org/x.png" alt="x">': ("foreign request", "failed request", "console"),
    '<img src="missing.png" alt="x">': ("status 404", "console"),
    "<script>console.error('no')</script>": ("console: no",),
    "<script>throw new Error('no')</script>": ("exception: no",),
    '<div style="width: 1300px">wide</div>': ("overflow: desktop, folded", "overflow: desktop, unfolded"),
    "<details><summary>more</summary><div style='width: 1300px'>wide</div></details>": (
        "overflow: desktop, unfolded",
    ),
    r"<p>Let \(x\) be</p>": ("raw LaTeX",),
    "<p>Let $$x$$ be</p>": ("raw LaTeX",),
    r"<p>a \frac{1}{2}</p>": ("raw LaTeX",),
    r"<p><code>\frac{1}{2}</code></p>": (),
    '<p style="color: #999; background: #fff">pale</p>': ("axe color-contrast",),
    "<details><summary>more</summary><p style='color: #999; background: #fff'>pale</p></details>": (
        "axe color-contrast",
    ),
    '<button aria-label="close">open</button>': ("axe label-content-name-mismatch",),
    "<style>a { display: inline-block; width: 9px; height: 9px; overflow: hidden }</style>"
    "<a href='#a'>a</a><a href='#b'>b</a>": ("axe target-size", "axe target-size"),
    "<h4>deep</h4>": ("axe heading-order",),
    '<span class="math">x</span>': ("mathematics",),
    "": (),
}


@pytest.mark.parametrize(("content", "kinds"), FAULTS.items(), ids=[text[:30] for text in FAULTS])
def test_a_fault_is_found(content, kinds, browser, tmp_path):
    (tmp_path / "index.html").write_text(PAGE.format(content))
    with served(tmp_path) as origin, new_context(browser) as context:
        view = View(context.new_page(), origin)
        view.open(f"{origin}/index.html")
        view.inspect("desktop")
    assert len(view.faults) == len(kinds), view.faults
    for kind in kinds:
        assert any(fault.startswith(kind) for fault in view.faults), view.faults
