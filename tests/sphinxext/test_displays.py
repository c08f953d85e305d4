"""What a reader sees of checked mathematics."""

import re
from urllib.parse import unquote

import pytest

from hwlib.sphinxext._directives import typeset

SYMBOLS = "```{symbols}\nx: vector(n)   # a *column*\ny: vector(n)\n```\n\n"
SQUARE = r"\|x + y\|^2 = \|x\|^2 + 2 x^\top y + \|y\|^2"


def display(directive, latex, *options):
    return "\n".join((f"```{{{directive}}}", *options, "", latex, "```", ""))


def marks(page):
    """The names of the marks, in order."""
    return re.findall(r'<span class="checked-hidden">(.*?)</span>', page)


def test_a_display_shows_its_latex_as_the_math_directive_does(project):
    for directive in ("math", "checked-math"):
        latex = display(directive, "x &= x \\\\\n&= x + y - y", ":label: name", ":class: wide")
        project.write("index.md", f"# A\n\n{SYMBOLS}{latex}\nSee {{eq}}`name`.\n")
        project.build(checked_math_require=False)
        page = project.output()
        found = re.search(r'<div class="[^"]*\bmath .*?</div>', page, re.DOTALL)[0]
        assert 'href="#equation-name"' in page
        assert 'id="equation-name"' in page
        if directive == "math":
            wanted = found
    assert found == wanted


def test_a_single_line_that_marks_where_it_aligns_is_aligned(project):
    project.write("index.md", f"# A\n\n{SYMBOLS}" + display("checked-math", "x &= x"))
    project.build()
    assert r"\begin{aligned}x &amp;= x\end{aligned}" in project.output()


def test_a_display_can_go_without_wrapping_and_have_its_latex_on_the_first_line(project):
    project.write("index.md", f"# A\n\n{SYMBOLS}```{{checked-math}} x = x\n:nowrap:\n```\n")
    project.build()
    assert marks(project.output()) == ["Exact"]


def test_each_step_has_a_mark_with_a_name_and_what_it_says_when_opened(project):
    project.write("index.md", f"# A\n\n{SYMBOLS}" + display("checked-math", f"{SQUARE} \\ge 2 x^\\top y"))
    project.build()
    page = project.output()
    assert marks(page) == ["Step 1 of 2: exact", "Step 2 of 2: proved"]
    assert len(re.findall(r'<details class="checked-mark" name="relation-0"><summary>', page)) == 2
    assert re.search(
        r"<strong>Step 1 of 2: exact</strong>\. [A-Z].*odds of a false pass below 2⁻[⁰¹²³⁴⁵⁶⁷⁸⁹]+\.", page
    )
    glyphs = re.findall(r'<span aria-hidden="true" title="[^"]*">(.)</span>', page)
    assert glyphs == ["✓", "■"]


def test_the_style_sheet_of_the_marks_is_part_of_the_site(project):
    project.write("index.md", "# A\n")
    project.build()
    assert "_static/checked.css" in project.output()
    assert (project.folder / "build" / "html" / "_static" / "checked.css").is_file()


def test_a_formula_in_a_sentence_has_a_button_with_a_note(project):
    project.write("index.md", f"# A\n\n{SYMBOLS}So {{cm}}`x - x = 0 = y - y`.\n")
    project.build()
    page = project.output()
    assert marks(page) == ["Step 1 of 2: exact"]
    (name,) = re.findall(r'<button type="button" class="checked-mark" popovertarget="(.*?)">', page)
    note = re.search(rf'<span class="checked-note" id="{name}" popover>(.*?)</span></span>', page)[1]
    assert "Step 2 of 2: exact" in note


def test_a_formula_in_a_heading_has_no_button(project):
    project.write("index.md", f"# A\n\n{SYMBOLS}## When {{cm}}`x = x`\n\n{{ledger-total}}`exact`\n")
    project.build()
    assert "<button" not in project.output()
    assert '<span class="ledger-total">1</span>' in project.output()


def test_a_supposition_has_no_mark(project):
    project.write("index.md", f"# A\n\n{SYMBOLS}If {{suppose}}`x = 0`, then.\n")
    project.build()
    assert marks(project.output()) == []


def test_a_refuted_display_says_so_and_gives_a_counterexample(project):
    project.write(
        "index.md", f"# A\n\n{SYMBOLS}" + display("refuted-math", r"\|x + y\|^2 = \|x\|^2 + \|y\|^2")
    )
    project.build()
    page = project.output()
    assert marks(page) == ["Refuted"]
    block = page[page.index('<div class="checked-block checked-refuted">') :]
    assert block.index("<strong>Refuted</strong>") < block.index('<div class="math')
    why = re.sub("<[^>]*>", "", re.search(r'<p class="checked-counterexample">(.*?)</p>', block)[1])
    assert re.fullmatch(
        r"False for .*\\\(x\\\) = \[-?\d\], .*where the left side is -?\d .* right side -?\d.", why
    )


def test_only_the_steps_named_are_wrong(project):
    latex = r"\|x\|^2 = x^\top x = 2 x^\top x"
    project.write("index.md", f"# A\n\n{SYMBOLS}" + display("refuted-math", latex, ":wrong: 2"))
    project.build()
    assert marks(project.output()) == ["Step 1 of 2: exact", "Step 2 of 2: refuted"]
    assert "Step 2 is false for" in project.output()


def test_latex_in_a_reason_is_code(project):
    symbols = SYMBOLS.replace("y:", r"\theta:")
    project.write("index.md", f"# A\n\n{symbols}" + display("refuted-math", r"x \theta = 1", ":error: fit"))
    project.build()
    page = project.output()
    assert "x and <code>\\theta</code> do not fit" in page
    assert re.search(r'<p class="checked-counterexample">.*<code .*theta.*</code> do not fit</p>', page)


def test_what_is_refused_is_shown_with_the_reason(project):
    project.write("index.md", f"# A\n\n{SYMBOLS}" + display("refuted-math", "x y = 1", ":error: do not fit"))
    project.build()
    assert marks(project.output()) == ["Refused"]
    assert re.search(r'<p class="checked-counterexample">.*x and y do not fit</p>', project.output())


def test_what_is_not_checked_says_why(project):
    limit = display("math", r"\lim_{i \to \infty} x_i = 0", ":unchecked: it is a limit")
    project.write("index.md", f"# A\n\n{limit}\nAnd {{unchecked}}`of taste | |x| = 1`.\n")
    project.build()
    assert marks(project.output()) == ["Not checked", "Not checked"]
    assert "<strong>Not checked</strong>. It is a limit." in project.output()
    assert r"\(|x| = 1\)" in project.output()


def test_the_notation_is_a_folded_table_with_a_row_for_each_entry(project):
    entries = "X: matrix(n, d)  # *data*\nF: sequence(0..k, vector(n))\nj: index\na := X w\nw: vector(d)\n"
    entries += "L: function\nL(v) := \\|X v\\|\nf: function\nassume n <= d\nassume rank(X) = n\n"
    project.write("index.md", f"# A\n\n```{{symbols}}\n{entries}```\n")
    project.build()
    page = project.output()
    assert '<details class="checked-notation"><summary>Notation</summary>' in page
    rows = [
        [re.sub("<[^>]*>", "", cell).strip() for cell in re.findall(r"<td>(.*?)</td>", row, re.DOTALL)]
        for row in re.findall(r"<tr.*?</tr>", page, re.DOTALL)[1:]
    ]
    assert rows == [
        [r"\(X\)", r"matrix, \(n \times d\)", "data"],
        [r"\(F\)", r"sequence, from \(0\) to \(k\), each a vector, \(n\)", ""],
        [r"\(j\)", "positive integer", ""],
        [r"\(w\)", r"vector, \(d\)", ""],
        [r"\(f\)", "function", ""],
        [r"\(a\)", r"\(:= X w\)", ""],
        [r"\(L(v)\)", r"function, \(:= \|X v\|\)", ""],
        [r"\(n \le d\)", "assumed", ""],
        [r"\(\operatorname{rank}(X) = n\)", "assumed", ""],
    ]
    assert "<em>data</em>" in page


@pytest.mark.parametrize(
    ("assumption", "latex"),
    [
        ("n <= d", r"n \le d"),
        ("k>=3", r"k\ge 3"),
        ("x != 0", r"x \ne 0"),
        ("rank(X) = n", r"\operatorname{rank}(X) = n"),
        (r"\operatorname{rank}(X) = n", r"\operatorname{rank}(X) = n"),
        ("A is positive definite", r"A \text{ is positive definite}"),
        ("A is positive semi-definite", r"A \text{ is positive semi-definite}"),
        (r"A = A^\top", r"A = A^\top"),
        (r"x_{ab} < \tilde{\lambda}", r"x_{ab} < \tilde{\lambda}"),
    ],
)
def test_an_assumption_is_typeset(assumption, latex):
    assert typeset(assumption) == latex


def test_the_notation_can_be_open_and_say_what_a_defined_name_is(project):
    project.write("index.md", "# A\n\n```{symbols}\n:open:\n\nx: scalar\ny: scalar\ny := 2 x\n```\n")
    project.build()
    assert '<details class="checked-notation" open>' in project.output()
    assert r">\(:= 2 x\)" in project.output()
    assert "scalar, <span" in project.output()


def test_a_symbol_leads_to_its_row(project):
    project.write("index.md", f"# A\n\n{SYMBOLS}The {{symbol}}`x`.\n")
    project.build()
    (name,) = re.findall(r'href="#(symbol-\w+)"', project.output())
    assert f'id="{name}"' in project.output()


SCOPED = """
# A

```{symbols}
x: scalar
```

## First

:::{admonition} Here
```{symbols}
x: vector(n)
```
:::

{cm}`x^\\top x = \\|x\\|^2`

### Inside

{cm}`x^\\top x = \\|x\\|^2`

## Second

{cm}`\\frac{x + x}{x + x} = 1`
"""


def test_notation_is_in_force_to_the_end_of_its_section(project):
    project.write("index.md", SCOPED)
    project.build()
    assert marks(project.output()) == ["Exact"] * 3


@pytest.mark.parametrize(
    "builder", ["text", "latex", "man", "texinfo", "singlehtml", "epub", "xml", "gettext"]
)
def test_every_builder_can_write_all_of_it(project, builder):
    parts = [
        SYMBOLS,
        display("checked-math", SQUARE, ":label: square"),
        display("refuted-math", "x = y"),
        display("refuted-math", "x y = 1", ":error: do not fit"),
        display("math", "x = y", ":unchecked: no"),
        "{cm}`x = x` {suppose}`x = y` {symbol}`x` {unchecked}`no | x = y` {eq}`square`",
        "{ledger-total}`relations`\n\n```{ledger}\n```\n",
    ]
    project.write("index.md", "# A\n\n" + "\n\n".join(parts))
    settings = {"version": "1", "copyright": "x"} if builder == "epub" else {}
    project.build(builder, **settings)


def test_without_html_the_verdicts_stand_below_the_display(project):
    project.write(
        "index.md", f"# A\n\n{SYMBOLS}{display('checked-math', SQUARE)}\n{{ledger-total}}`exact`.\n"
    )
    project.build("text")
    text = project.output("index.txt")
    assert "-[ Notation ]-" in text
    assert "*[exact]*" in text
    assert text.rstrip().endswith("1.")


def test_a_display_leads_to_the_bench_with_all_that_is_declared(project):
    unchecked = display("math", "x = y", ":unchecked: nobody knows")
    project.write("index.md", f"# A\n\n{SYMBOLS}{display('checked-math', SQUARE)}\n{unchecked}\n")
    project.write("part/bench.md", "---\norphan: true\n---\n# The bench\n")
    project.write(
        "part/page.md", f"---\norphan: true\n---\n# B\n\n{SYMBOLS}" + display("checked-math", "x = x")
    )
    project.build(checked_bench="part/bench#try-it")
    (address,) = re.findall(r'class="checked-try" href="([^"]*)"', project.output())
    page, _, typed = address.partition("=")
    assert page == "part/bench.html#try-it"
    latex, notation = (unquote(text) for text in typed.split(";"))
    assert latex == SQUARE
    assert notation == "x: vector(n)\ny: vector(n)"
    assert 'href="bench.html#try-it=x%20%3D%20x;' in project.output("part/page.html")
    assert "Change it and check it" in project.output()


def test_without_a_bench_there_is_no_link(project):
    project.write("index.md", f"# A\n\n{SYMBOLS}" + display("checked-math", SQUARE))
    project.build()
    assert "checked-try" not in project.output()
