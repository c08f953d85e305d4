"""A page that claims what is not so does not build, and the error says where."""

import os
import re
import subprocess
import sys

import pytest

from hwlib.sphinxext._ledger import MathematicsError

DECLARED = "# A\n\n```{symbols}\nx: vector(n)\ny: vector(n)\n```\n\n"


def block(directive, *lines):
    return "\n".join((f"```{{{directive}}}", *lines, "```", ""))


def failure(project, page, **settings):
    """What the build says, of a project of one page."""
    project.write("index.md", page)
    with pytest.raises(MathematicsError) as error:
        project.build(**settings)
    return str(error.value)


@pytest.mark.parametrize("jobs", [0, 2])
def test_a_false_step_is_named_with_its_line_its_latex_and_a_counterexample(project, jobs):
    latex = (r"\|x\|^2 &= x^\top x \\", r"&= 2 x^\top x \\", r"&= x^\top x + x^\top x")
    project.write("other.md", "# Other\n")
    page = DECLARED + block("checked-math", ":label: name", "", *latex)
    said = failure(project, page + block("toctree", "other"), jobs=jobs)
    place = re.escape(project.line_of(latex[1]))
    step = re.escape(r"step 2 of 3 is refuted: = 2 x^\top x")
    assert re.fullmatch(rf"{place}: {step}.*\n    n = 1, x = \[-?\d\]: left -?\d, right -?\d", said)


def test_mathematics_that_cannot_be_read_is_shown_with_a_caret(project):
    latex = r"x^\top z = 0"
    said = failure(project, DECLARED + block("checked-math", latex))
    assert said.startswith(f"{project.line_of(latex)}: undeclared symbol z")
    assert said.endswith(f"\n    {latex}\n           ^")


def test_everything_that_is_wrong_on_any_page_is_said_in_order(project):
    project.write("other.md", DECLARED + "{cm}`x = y`\n")
    said = failure(
        project,
        f"{DECLARED}{{cm}}`x = 2 x`\n\nand $x = y$\n\n{{cm}}`z = 0`\n\n{block('toctree', 'other')}",
    )
    lines = re.findall(r"(\w+)\.md:(\d+): ", said)
    assert lines == [("index", "8"), ("index", "10"), ("index", "12"), ("other", "8")]


def test_the_line_is_found_in_nested_blocks_too(project):
    inner = block("checked-math", "x = y")
    said = failure(project, f"{DECLARED}::::{{note}}\nText.\n\n:::{{tip}}\n{inner}:::\n::::\n")
    assert said.startswith(f"{project.line_of('x = y')}: step 1 of 1 is refuted: x = y\n")


def test_the_line_counts_from_an_argument_on_the_directives_own_line(project):
    said = failure(project, f"{DECLARED}```{{checked-math}} x = x \\\\\n\n= y\n```\n")
    assert said.startswith(f"{project.line_of('= y')}: step 2 of 2 is refuted")


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["x = x"], "step 1 of 1 was to be refuted, but it is exact: x = x"),
        ([":wrong: 1, 2", "", "x = x = y"], "step 1 of 2 was to be refuted, but it is exact: x = x"),
        ([":wrong: 1", "", "x = y = 2 y"], "step 2 of 2 is refuted: = 2 y"),
        ([":wrong: 3", "", "x = y"], "there is no step 3 of 1 that could be wrong"),
        ([":error: do not fit", "", "x = y"], "expected to be refused with 'do not fit', but it was read"),
        ([":error: something else", "", "x y = 1"], "do not fit"),
        (["x y = 1"], "do not fit"),
    ],
)
def test_what_is_not_wrong_as_claimed_fails(project, lines, message):
    assert message in failure(project, DECLARED + block("refuted-math", *lines))


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ("Plain $x = y$.", "a relation (=) that nothing checks: x = y"),
        ("$$\nx_{i=1}\n\\le 2\n$$", r"a relation (\le) that nothing checks: x_{i=1} \le 2"),
        ("```{math}\nx < y\n```", "a relation (<) that nothing checks: x < y"),
        ("```{eval-rst}\nRole :math:`x = y`.\n```", "a relation (=) that nothing checks: x = y"),
    ],
)
def test_a_plain_relation_fails(project, page, message):
    said = failure(project, f"# A\n\n{page}\n")
    assert re.match(r"\S*index\.md:[34567]: ", said)
    assert message in said


def test_a_plain_relation_may_stand_on_pages_that_are_excluded(project):
    project.write("index.md", f"# A\n\n{block('toctree', 'api/b')}\n\n$\\sum_{{j=1}}^k j$")
    project.write("api/b.md", "# B\n\n$x = y$\n")
    project.build(checked_math_exclude=["api/*"])
    with pytest.raises(MathematicsError, match=re.escape("b.md:3: a relation (=)")):
        project.build()
    project.build(checked_math_require=False)


def test_a_relation_in_a_docstring_is_left_alone(project):
    project.write(
        "conf.py", (project.source / "conf.py").read_text() + "extensions += ['sphinx.ext.autodoc']\n"
    )
    project.write("index.md", "# A\n\n```{eval-rst}\n.. autofunction:: documented.square\n```\n")
    project.write("documented.py", 'def square(x):\n    """Give :math:`y = x^2`."""\n')
    sys.path.insert(0, str(project.source))
    try:
        project.build()
    finally:
        sys.path.remove(str(project.source))


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ("x: vectr(n)", "x has the kind 'vectr(n)'"),
        ("x: scalar\nx: scalar", "x is given twice"),
        ("A: matrix(n, d)\nx: vector(n)\na := A x", "do not fit"),
        ("a := b\nb := a", "circle"),
        ("x: scalar\nassume y > 0", "y"),
        ("f(x) := z", "undeclared symbol z"),
    ],
)
def test_notation_that_means_nothing_fails_where_it_stands(project, entries, message):
    said = failure(project, f"# A\n\n```{{symbols}}\n{entries}\n```\n")
    assert message in said.split("\n")[0]
    assert re.match(r"\S*index\.md:[4-6]: ", said)


@pytest.mark.parametrize(
    ("role", "message"),
    [
        ("{symbol}`z`", "no notation in force here declares z"),
        ("{ledger-total}`all`", "the ledger has no total 'all'; there are relations, checked, pages, exact"),
        ("{suppose}`x^\\top x = -1`", r"nothing was found for which this holds: x^\top x = -1"),
        ("{suppose}`x y = 0`", "do not fit"),
        ("{unchecked}`x = y`", "'x = y' gives no reason or no formula; wanted 'reason | latex'"),
    ],
)
def test_a_role_that_has_nothing_to_show_fails(project, role, message):
    said = failure(project, f"{DECLARED}A {role}.\n")
    assert said.startswith(project.line_of(f"A {role}."))
    assert message in said


EQUAL = "# A\n\n```{symbols}\nX: matrix(n, d)\nt: vector(n)\nw_0: vector(d)\n\\eta: scalar\n```\n\n"
LOSS = r"\frac{1}{n} \|X w_0 - t\|^2"


def test_the_last_side_agrees_with_a_python_call(project):
    equals = ":equals: least_squares.mean_squared_error(X, t, w_0)"
    project.write("index.md", EQUAL + block("checked-math", equals, "", LOSS))
    project.build(checked_python_root="hwlib")
    assert "least_squares.mean_squared_error(X, t, w_0): numeric" in project.output()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("least_squares.mean_squared_error(X, t, 2 * w_0)", "is something else\n    "),
        ("least_squares.mean_squared_error(X, t, w)", "the formula has no w; did you mean w_0?"),
        ("least_squares.mean_squared_error(X, t)", "TypeError: mean_squared_error() missing 1 required"),
        ("least_squares.mean(X, t)", "there is no function least_squares.mean in hwlib"),
    ],
)
def test_a_python_call_that_disagrees_fails(project, call, message):
    page = EQUAL + block("checked-math", f":equals: {call}", "", LOSS)
    said = failure(project, page, checked_python_root="hwlib")
    assert said.startswith(project.line_of(LOSS))
    assert message in said


RESTRUCTURED = r"""
Bare
====

.. symbols::

   x: vector(n)
   y: vector(n)
   t: scalar

Of course :cm:`t + t = 2 t`, if :suppose:`x = 0`.

.. checked-math::

   \|x + y\|^2 &= (x + y)^\top (x + y) \\
               &= \|x\|^2 + FACTOR x^\top y + \|y\|^2

.. math:: \sum_{j=1}^3 j
   :label: sum
"""


@pytest.mark.parametrize(
    "options", [["-b", "html"], ["-b", "html", "-j", "2"], ["-b", "latex"], ["-b", "text"]]
)
def test_a_bare_project_with_another_theme_builds_when_all_of_it_holds_and_not_otherwise(tmp_path, options):
    (tmp_path / "conf.py").write_text('extensions = ["hwlib.sphinxext"]\nhtml_theme = "alabaster"\n')
    page = tmp_path / "index.rst"

    def build():
        command = [sys.executable, "-m", "sphinx", *options, str(tmp_path), str(tmp_path / "out")]
        environment = os.environ | {"NO_COLOR": "1"}
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)

    page.write_text(RESTRUCTURED.replace("FACTOR", ""))
    result = build()
    assert result.returncode != 0
    last = "\n".join(result.stderr.splitlines()[-10:])
    line = 1 + next(n for n, text in enumerate(page.read_text().splitlines()) if "x^\\top y" in text)
    assert f"index.rst:{line}: step 2 of 2 is refuted: = \\|x\\|^2 + x^\\top y + \\|y\\|^2\n" in last.replace(
        "  ", " "
    )
    assert re.search(r"n = 1, x = \[-?\d\], y = \[-?\d\]: left -?\d+, right -?\d+", last)

    page.write_text(RESTRUCTURED.replace("FACTOR", "2"))
    result = build()
    assert result.returncode == 0, result.stderr
    assert "WARNING" not in result.stderr
