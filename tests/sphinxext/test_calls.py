"""Python calls that formulas are compared with, read without eval."""

import numpy as np
import pytest

from hwlib.checked import CheckError
from hwlib.sphinxext._calls import Call

X = np.array([[2.0, 1.0]])
DATA = {"X": X, "t": np.array([2.0]), "w": np.array([1.0, 1.0]), "eta": 0.5}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("least_squares.mean_squared_error(X, t, w)", 1.0),
        ("hwlib.least_squares.mean_squared_error(X, t, w)", 1.0),
        ("math.sqrt(4 * eta + 2 ** 2 - 2 / 1)", 2.0),
        ("-math.floor(+eta + 7 % 4 // 2)", -1),
        ("2 * math.hypot(3, 4) - 1", 9.0),
        ("math.prod([1, 2, 3], start=2)", 12),
        ("math.prod((2, 3))", 6),
        ("numpy.linalg.norm(X @ w)", 3.0),
        ("regularization.l2_step(X, t, w, 0.5, l2=0.0)[1]", 0.0),
        ("numpy.transpose(X).T[0, 1]", 1.0),
        ("hypergradients.learning_rate_gradient(X, t, w, eta, 1).loss", 16.0),
    ],
)
def test_have_their_value(text, value):
    assert Call(text, "hwlib")(**DATA) == pytest.approx(value)


def test_know_the_modules_that_they_reach():
    call = Call("least_squares.mean_squared_error(X, t, w)", "hwlib")
    assert [module.__name__ for module in call.modules] == ["hwlib.least_squares"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("f(", "this is no Python expression"),
        ("\0", "this is no Python expression"),
        ("eta + 1", "this calls no function"),
        ("least_squares.nothing(X)", "there is no function least_squares.nothing in hwlib"),
        ("nothing.at.all(X)", "there is no function nothing.at.all in hwlib"),
        ("math.pi(2)", "there is no function math.pi"),
        ("open('x')", "there is no function open"),
        ("math.__loader__(1)", "only functions that a dotted name leads to"),
        ("(lambda: 1)()", "only functions that a dotted name leads to"),
        ("math.sqrt(4)(1)", "only functions that a dotted name leads to"),
    ],
)
def test_of_another_form_are_refused(text, problem):
    with pytest.raises(CheckError, match=problem.replace(".", r"\.")):
        Call(text, "hwlib")


def test_without_a_root_are_given_in_full():
    with pytest.raises(CheckError, match=r"there is no function least_squares\.mean_squared_error\n"):
        Call("least_squares.mean_squared_error(X, t, w)")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("math.sqrt(etta)", "the formula has no etta; did you mean eta?"),
        ("math.sqrt(zzz)", "the formula has no zzz; there are X, eta, t, w"),
        ("math.sqrt(eta if eta else 1)", "this is neither a call nor simple arithmetic"),
        ("math.sqrt(eta < 1)", "this is neither a call nor simple arithmetic"),
        ("math.sqrt(1 << 2)", "this is neither a call nor simple arithmetic"),
        ("math.sqrt(not eta)", "this is neither a call nor simple arithmetic"),
        ("math.sqrt(eta.__class__)", "this is neither a call nor simple arithmetic"),
        ("math.prod(*X)", "this is neither a call nor simple arithmetic"),
        ("math.prod([1], **X)", "this is neither a call nor simple arithmetic"),
    ],
)
def test_with_other_arguments_are_refused(text, problem):
    with pytest.raises(CheckError) as error:
        Call(text)(**DATA)
    assert error.value.problem == problem
