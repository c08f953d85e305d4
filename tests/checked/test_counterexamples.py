"""Counterexamples are the smallest there are: dimensions first, then small whole numbers."""

from fractions import Fraction

import pytest

from hwlib.checked import check

SYMBOLS = {
    "X": "matrix(n, d)", "w": "vector(d)", "t": "vector(n)", "A": "matrix(n, n)", "B": "matrix(n, n)",
    "x": "scalar", "y": "scalar", "k": "index", "u": "vector(n)",
}  # fmt: skip


def refuted(latex, *assumptions, symbols=SYMBOLS):
    (step,) = check(latex, symbols, None, assumptions).steps
    assert step.verdict == "refuted"
    found = step.counterexample
    return dict(found.values), found.left, found.right


@pytest.mark.parametrize(
    ("latex", "values", "left", "right"),
    [
        ("x = 0", {"x": "1"}, "1", "0"),
        ("x = 1", {"x": "0"}, "0", "1"),
        ("x^2 = x", {"x": "-1"}, "1", "-1"),
        ("x^3 = x", {"x": "2"}, "8", "2"),
        (r"x \ge 0", {"x": "-1"}, "-1", "0"),
        (r"x^2 > 0", {"x": "0"}, "0", "0"),
        (r"x + y = x", {"x": "0", "y": "1"}, "1", "0"),
        (r"k = 1", {"k": "2"}, "2", "1"),
        (r"k \le 2", {"k": "3"}, "3", "2"),
        (r"\|X w\|^2 = 0", {"d": "1", "n": "1", "X": "[1]", "w": "[1]"}, "1", "0"),
        (r"\|t\|^2 = t_1^2", {"n": "2", "t": "[0, 1]"}, "1", "0"),
        (r"\sqrt{x^2} = x", {"x": "-1"}, "1", "-1"),
        (r"|x| = -x", {"x": "1"}, "1", "-1"),
        (r"1 = 2", {}, "1", "2"),
        (r"\frac{1}{x} = x", {"x": "2"}, "1/2", "2"),
    ],
)
def test_the_least_numbers_that_refute(latex, values, left, right):
    found = refuted(latex)
    assert {name: value for name, value in found[0].items() if name in values} == values
    assert found[1:] == (left, right)


@pytest.mark.parametrize(
    ("latex", "dimensions"),
    [
        ("A B = B A", {"n": "2"}),
        ("A = A^\\top", {"n": "2"}),
        (r"\det(A) = A_{11}", {"n": "2"}),
        (r"\det(A + B) = \det A + \det B", {"n": "2"}),
        (r"\|u\|_1 = \|u\|", {"n": "2"}),
        (r"\operatorname{tr}(A)^3 = \operatorname{tr}(A^3)", {"n": "2"}),
        (r"X^\top X = X X^\top + 0 I", None),
    ],
)
def test_the_least_dimensions_that_refute(latex, dimensions):
    if dimensions is None:
        with pytest.raises(ValueError, match="the left side"):
            refuted(latex)
        return
    assert refuted(latex)[0].items() >= dimensions.items()


def matrix(text):
    return [[Fraction(entry) for entry in row.split(",")] for row in text.strip("[]").split("], [")]


def times(first, second):
    return [
        [sum(a * b for a, b in zip(row, column, strict=True)) for column in zip(*second, strict=True)]
        for row in first
    ]


def test_both_sides_of_a_commutator_are_what_they_are_by_hand():
    values, left, right = refuted("A B = B A")
    A, B = matrix(values["A"]), matrix(values["B"])
    assert times(A, B) == matrix(left) != matrix(right) == times(B, A)


def test_a_counterexample_meets_the_assumptions():
    values, _, _ = refuted("P = I", "P^2 = P", symbols={"P": "matrix(n, n)"})
    assert times(matrix(values["P"]), matrix(values["P"])) == matrix(values["P"])
    values, _, _ = refuted(r"\det(A) = 1", r"A^\top A = I", r"n \ge 2")
    A = matrix(values["A"])
    assert times(A, [list(row) for row in zip(*A, strict=True)]) == [[1, 0], [0, 1]]
    values, _, _ = refuted("x = y", "x + y = 3")
    assert Fraction(values["x"]) + Fraction(values["y"]) == 3
    values, _, _ = refuted("x = 1", "x > 1")
    assert Fraction(values["x"]) > 1
    assert refuted("k = 3", "k >= 3")[0]["k"] == "4"


def test_values_that_are_not_rational_are_shown_in_decimals():
    assert refuted(r"\sqrt{2} = 1") == ({}, "1.4142136", "1")
    assert refuted(r"\pi = \frac{22}{7}")[1:] == ("3.1415927", "3.1428571")


def test_values_that_begin_alike_are_shown_until_they_differ():
    _, left, right = refuted(r"\sqrt{2} = 1.41421356237309504880168872")
    assert left != right
    _, left, right = refuted(r"\sin^2 x + \cos^2 x = 1 + 10^{-70}")
    assert left != right


def test_a_row_and_a_matrix_are_shown_as_such():
    symbols = {"r": "matrix(1, 2)", "A": "matrix(2, 2)"}
    assert refuted("r = 0", symbols=symbols)[0]["r"] in {"[[0, 1]]", "[[1, 0]]"}
    assert refuted(r"\det(A) = 0", symbols=symbols)[0]["A"] in {"[[1, 0], [0, 1]]", "[[0, 1], [1, 0]]"}
