"""An error shows the line, and a caret under the place."""

import pickle

import pytest

from hwlib.checked import CheckError, check
from hwlib.checked._errors import CheckError as Original
from hwlib.checked._errors import shallow


def test_an_error_is_a_value_error_that_can_be_sent_to_another_process():
    error = CheckError("what came", "a + b", (4, 5))
    assert isinstance(error, ValueError)
    assert Original is CheckError
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert (copy.problem, copy.latex, copy.span, str(copy)) == ("what came", "a + b", (4, 5), str(error))


@pytest.mark.parametrize(
    ("latex", "span", "lines"),
    [
        ("a + b", (4, 5), ["    a + b", "        ^"]),
        ("a + b", (0, 5), ["    a + b", "    ^^^^^"]),
        ("a + b", (5, 5), ["    a + b", "         ^"]),
        ("a\nb + c\nd", (6, 7), ["    b + c", "        ^"]),
        ("a\nb + c\nd", (2, 9), ["    b + c", "    ^^^^^"]),
        ("a\nb", (2, 3), ["    b", "    ^"]),
        ("a\n", (2, 2), ["    ", "    ^"]),
    ],
)
def test_the_caret_stands_below_the_place(latex, span, lines):
    assert str(CheckError("what came", latex, span)).splitlines() == ["what came", *lines]


def test_what_is_nested_too_deeply_for_python_is_an_error():
    @shallow()
    def endless(number):
        return endless(number + 1)

    with pytest.raises(CheckError, match="nested too deeply to check"):
        endless(0)


def test_without_latex_an_error_is_one_line():
    assert str(CheckError("what came")) == "what came"


@pytest.mark.parametrize(
    ("latex", "caret"),
    [
        ("x + q = x", "    ^"),
        ("x = X t", "    ^^^"),
        ("x + x^{t} = x", "       ^"),
        ("x = x \\\\\nX = t", "^^^^^"),
    ],
)
def test_the_place_of_a_mistake_in_a_formula(latex, caret):
    with pytest.raises(CheckError) as caught:
        check(latex, {"x": "scalar", "X": "matrix(n, d)", "t": "vector(n)"})
    assert str(caught.value).splitlines()[-1] == "    " + caret


def test_an_unknown_name_is_told_its_nearest():
    with pytest.raises(CheckError, match=r"unknown command \\bet; did you mean \\beta\?"):
        check(r"\bet = 1", {r"\beta": "scalar"})
