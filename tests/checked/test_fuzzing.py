"""Whatever the input, `check` answers with a report or a CheckError; ``nox -s fuzz`` tries many more."""

import fuzzing
import pytest
from book import Formula

from hwlib.checked import CheckError, check, compare, suppose

DEEP = {f"f_{{{i}}}(y)": rf"\exp(f_{{{i - 1}}}(y))" if i else "y" for i in range(299)}

REMEMBERED = {
    "a diagonal of an unsized diagonal": Formula(
        r"\operatorname{diag}(\operatorname{diag}(\mathbf{1})) = \sinh(u + v)",
        {"u": "vector(n)", "v": "vector(n)"},
    ),
    "a determinant of a diagonal of zeros": Formula(r"\det(\operatorname{diag}(\mathbf{0})) = 0"),
    "a function in an inequality": Formula(r"g(x) + 1 \ge g(x)", {"x": "scalar"}, {"g(y)": "y^2"}),
    "functions of functions of functions": Formula("f_{298}(x) = 0", {"x": "scalar"}, DEEP),
    "a gradient of functions of functions": Formula(r"\nabla f_{298}(x) = 0", {"x": "scalar"}, DEEP),
    "a long name": Formula("x = y", {"x": "scalar", "y" + "_y" * 50_000: "scalar"}),
    "a thousand zeros below each other": Formula(
        r"\|\begin{bmatrix} " + r"0 \\ " * 999 + r"0 \end{bmatrix}\| = x", {"x": "scalar"}
    ),
}


@pytest.mark.parametrize("formula", REMEMBERED.values(), ids=REMEMBERED)
def test_an_input_that_once_broke_it_is_answered(formula):
    found = fuzzing.outcome(formula)
    assert not found.is_bug, found


@pytest.mark.parametrize("kind", fuzzing.KINDS)
def test_inputs_of_each_kind_are_answered(kind):
    weight = fuzzing.KINDS[kind][1]
    numbers = [number for number in range(4000) if fuzzing.made_kind("tests", number) == kind]
    formulas = [fuzzing.made("tests", number)[1] for number in numbers[: 6 + weight]]
    assert [found for found in map(fuzzing.outcome, formulas) if found.is_bug] == []


def test_an_input_is_the_same_each_time_it_is_made():
    assert fuzzing.made("tests", 17) == fuzzing.made("tests", 17)
    assert fuzzing.made("tests", 17) != fuzzing.made("tests", 18)


@pytest.mark.parametrize(
    "function",
    [
        lambda: check("f_{298}(x) = 0", {"x": "scalar"}, DEEP),
        lambda: suppose("f_{298}(x) = 0", {"x": "scalar"}, DEEP),
        lambda: compare("f_{298}(x)", lambda x: x, {"x": "scalar"}, DEEP),
    ],
    ids=["check", "suppose", "compare"],
)
def test_what_is_nested_too_deeply_is_refused(function):
    with pytest.raises(CheckError, match="nested too deeply"):
        function()


def test_a_declaration_that_is_too_long_is_refused():
    with pytest.raises(CheckError, match="30000 characters in symbols; at most 20000 are read"):
        check("x = 1", {"x": "scalar", "y" * 30_000: "scalar"})


def test_more_declarations_than_anyone_writes_are_refused():
    with pytest.raises(CheckError, match="301 symbols; at most 300 are read"):
        check("1 = 1", {f"x_{{{i}}}": "scalar" for i in range(301)})


def test_an_exception_is_told_from_an_answer():
    class Broken(Formula):
        def check(self):
            raise IndexError("list index out of range")

    found = fuzzing.outcome(Broken("x = x"))
    assert found.is_bug
    assert found.what == "IndexError"
    assert not fuzzing.outcome(Formula("x = y")).is_bug


def test_an_input_is_shortened_while_the_same_comes_out():
    formula = Formula("x + y = y + x + z", {"x": "scalar", "y": "scalar"}, {}, ("x > 0",))
    short = fuzzing.shortened(formula, lambda other: "z" in other.latex)
    assert short == Formula("z")
