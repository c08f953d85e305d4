"""``python -m hwlib.checked``: pages checked without Sphinx."""

import runpy
import sys

import pytest

from hwlib.checked import __main__ as command

DECLARED = "# Page\n\n```{symbols}\nx: vector(n)\ny: vector(n)\n```\n\n"


@pytest.fixture
def check(tmp_path, capsys):
    """Check the text of a page: the status, and the lines printed, without the page's name."""

    def run(text):
        page = tmp_path / "page.md"
        page.write_text(text)
        status = command.main([str(page)])
        return status, capsys.readouterr().out.replace(f"{page}:", "").splitlines()

    return run


def test_what_holds_is_printed_with_its_line_and_its_verdict(check):
    status, lines = check(
        f"{DECLARED}```{{checked-math}}\n:label: a\n\nx + y = y + x \\\\\n= 0 + x + y\n```\n"
    )
    assert status == 0
    assert [line.split(" (")[0] for line in lines] == [
        "11: exact: x + y = y + x",
        "12: exact: = 0 + x + y",
    ]


def test_a_refuted_step_has_its_counterexample_and_the_status_1(check):
    status, lines = check(f"{DECLARED}::::{{note}}\n:::{{checked-math}}\nx = x \\\\\n= y\n:::\n::::\n")
    assert status == 1
    assert lines[0].startswith("10: exact: x = x")
    assert lines[1].startswith("11: refuted: = y: n = 1, x = [")


def test_what_cannot_be_read_has_a_caret(check):
    status, lines = check(f"{DECLARED}{{cm}}`x = z`\n")
    assert status == 1
    assert lines[0].startswith("8: unreadable: undeclared symbol z")
    assert lines[1:] == ["    x = z", "        ^"]


def test_a_line_is_counted_from_the_first_of_its_block(check):
    status, lines = check(f"{DECLARED}{{cm}}`\nx\n= z`\n")
    assert status == 1
    assert lines[0].startswith("10: unreadable: undeclared symbol z")


def test_the_lines_of_the_front_matter_count(check):
    status, lines = check("---\ntitle: a page\n---\n{cm}`1 = 2`\n")
    assert status == 1
    assert lines[0].startswith("4: refuted: 1 = 2")


def test_roles_are_found_in_prose_and_not_in_code(check):
    status, lines = check(
        f"{DECLARED}If {{suppose}}`x = 0` then\n{{cm}}`x\n = x`, `` {{cm}}`no` ``, {{other}}`no`.\n"
        "```python\n{cm}`no`\n```\n"
        "````markdown\n```{checked-math}\nno\n```\n````\n"
        "```{code-cell} python\n{cm}`no`\n```\n"
        "~~~{math}\nx = y\n~~~\n"
        ":::{tip}\n{cm}`y = y`\n:::\n"
        "{cm}`x = x`"
    )
    assert status == 0
    assert [line.split(" ")[:2] for line in lines] == [
        ["8:", "supposition:"],
        ["9:", "exact:"],
        ["26:", "exact:"],
        ["28:", "exact:"],
    ]


def test_the_end_of_a_directive_ends_those_in_it_that_stayed_open(check):
    status, lines = check(
        f"{DECLARED}:::{{note}}\n```{{tip}}\n{{cm}}`x = x`\n:::\n{{cm}}`y = y`\n```\n{{cm}}`no`\n"
    )
    assert status == 0
    assert [line.split(" ")[:2] for line in lines] == [["10:", "exact:"], ["12:", "exact:"]]


def test_a_supposition_that_nothing_meets_fails(check):
    status, lines = check(f"{DECLARED}{{suppose}}`x^\\top x = -1`, {{suppose}}`z = 1`\n")
    assert status == 1
    assert lines[0].startswith("8: refuted: ")
    assert lines[1].startswith("8: unreadable: undeclared symbol z")


def test_notation_is_in_force_to_the_end_of_its_section(check):
    scalar = "```{symbols}\nx: scalar\n```\n\n"
    use = "{cm}`\\frac{x}{x} = 1`\n\n"
    status, lines = check(
        f"---\ntitle: x\n---\n{DECLARED}## One\n\n{scalar}{use}### In\n\n{use}## Two\n\n{use}"
    )
    assert status == 1
    assert [line.split(": ")[1] for line in lines[:3]] == ["exact", "exact", "unreadable"]


def test_a_comment_in_code_is_no_section(check):
    block = "# no heading\n{cm}`x = x`\n"
    status, lines = check(f"{DECLARED}## One\n\n```{{stub}}\n{block}```\n\n{{cm}}`y = y`\n")
    assert status == 0
    assert len(lines) == 2


@pytest.mark.parametrize(
    ("options", "latex", "status", "last"),
    [
        ("", "x = y", 0, "refuted: x = y"),
        (":wrong: 2\n\n", "x = x = y", 0, "refuted: = y"),
        ("---\nwrong: 1\n---\n", "x = y", 0, "refuted: x = y"),
        ("", "x = x", 1, "not as claimed: step 1 of 1 was to be refuted, but it is exact: x = x"),
        (":wrong: 1\n", "x = y = 2 y", 1, "not as claimed: step 2 of 2 is refuted: = 2 y"),
        (":error: do not fit\n", "x y = 1", 0, "refused: x y = 1: "),
        (":error: do not fit\n", "x = y", 1, "not as claimed: expected to be refused with 'do not fit'"),
        ("", "x y = 1", 1, "unreadable: "),
    ],
)
def test_what_is_claimed_to_be_wrong_has_to_be(check, options, latex, status, last):
    found, lines = check(f"{DECLARED}```{{refuted-math}}\n{options}{latex}\n```\n")
    assert found == status
    assert any(line.partition(": ")[2].startswith(last) for line in lines)


def test_latex_may_begin_on_the_line_of_the_fence_and_a_fence_may_stay_open(check):
    status, lines = check(f"{DECLARED}```{{checked-math}} x = x \\\\\n\n= y")
    assert status == 1
    assert lines[1].startswith("10: refuted: = y")


@pytest.mark.parametrize(
    ("entries", "line"),
    [("x: vectr(n)", "2: "), ("x: scalar\na := x + z", "3: ")],
)
def test_notation_that_means_nothing_is_unreadable(check, entries, line):
    status, lines = check(f"```{{symbols}}\n{entries}\n```")
    assert status == 1
    assert lines[0].startswith(f"{line}unreadable: ")


def test_an_empty_page_and_an_open_front_matter_have_nothing_to_check(check):
    assert check("") == (0, [])
    assert check("---\n\nText.") == (0, [])


def test_a_page_that_is_not_there_is_an_error(capsys):
    with pytest.raises(SystemExit) as error:
        command.main(["nowhere.md"])
    assert error.value.code == 2
    assert "nowhere.md: " in capsys.readouterr().err


def test_it_is_a_command(tmp_path, monkeypatch, capsys):
    page = tmp_path / "page.md"
    page.write_text("{cm}`1 + 1 = 3`")
    monkeypatch.setattr(sys, "argv", ["hwlib.checked", str(page)])
    with pytest.raises(SystemExit) as error:
        runpy.run_path(command.__file__, run_name="__main__")
    assert error.value.code == 1
    assert capsys.readouterr().out == f"{page}:1: refuted: 1 + 1 = 3: left 2, right 3\n"
