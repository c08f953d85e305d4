"""A Python function agrees with LaTeX, or the data at which it does not are shown."""

import numpy as np
import pytest

from hwlib.checked import CheckError, compare, python_name

DATA = {"X": "matrix(n, d)", "w": "vector(d)", "t": "vector(n)", r"\eta": "scalar", "k": "index"}


def loss(X, t, w):
    return np.mean((X @ w - t) ** 2)


def test_a_function_that_agrees():
    step = compare(r"\frac{1}{n} \|X w - t\|^2", loss, DATA)
    assert (step.verdict, step.ok) == ("numeric", True)
    assert step.bound < 1e-9
    assert "agrees with the function" in step.method
    assert step.latex == r"\frac{1}{n} \|X w - t\|^2"


def test_the_last_side_of_a_derivation_is_compared():
    assert compare(r"f = \|w\|^2 = w^\top w", lambda w: w @ w, DATA, {"f": r"\|w\|^2"}).ok
    assert compare(r"0 = 1 = w^\top w", lambda w: w @ w, DATA).latex == r"w^\top w"


@pytest.mark.parametrize(
    "function",
    [
        lambda X, t, w: loss(X, t, w) / 2,
        lambda X, t, w: loss(X, t, -w),
        lambda X, t, w: loss(X, t, w) * (1 + 1e-8),
        lambda X, t, w: np.nan,
        lambda X, t, w: np.inf,
    ],
)
def test_a_function_that_differs_is_refuted_with_the_data(function):
    step = compare(r"\frac{1}{n} \|X w - t\|^2", function, DATA)
    assert step.verdict == "refuted"
    assert {name for name, _ in step.counterexample.values} >= {"X", "w", "t", "n", "d"}
    assert step.counterexample.left != step.counterexample.right


def test_vectors_and_matrices_are_compared_entry_by_entry():
    assert compare(r"X w", lambda X, w: X @ w, DATA).ok
    assert compare(r"X^\top X", lambda X: X.T @ X, DATA).ok
    assert not compare(r"X^\top X", lambda X: X.T @ X + np.eye(X.shape[1]), DATA).ok
    assert not compare(r"X w - t", lambda X, w, t: t - X @ w, DATA).ok


def test_a_result_of_another_size_is_an_error():
    with pytest.raises(CheckError, match="the function returned the shape .*, the LaTeX has"):
        compare("X w", lambda X, w: np.append(X @ w, 0), DATA)


def test_the_transpose_of_a_matrix_is_another_matrix():
    assert not compare("X", lambda X: X.T, {"X": "matrix(n, d)"}).ok


def test_arguments_are_of_their_kinds():
    seen = {}

    def function(**data):
        seen.update(data)
        return 0.0

    symbols = DATA | {"F": "sequence(k)", "v": "sequence(k, vector(n))", "A": "matrix(n, n)"}
    definitions = {"a": "X w - t", "s": r"\|t\|^2", "M": "A A"}
    latex = r"0 (\eta + k + s + \|a\|^2 + \sum_j F_j + \sum_j \|v_j\|^2 + \operatorname{tr}(M) + n)"
    assert compare(latex, function, symbols, definitions).ok
    assert isinstance(seen["eta"], float)
    assert isinstance(seen["s"], float)
    assert isinstance(seen["k"], int)
    assert isinstance(seen["n"], int)
    n, d, k = seen["n"], seen["d"], seen["k"]
    assert seen["X"].shape == (n, d)
    assert seen["w"].shape == (d,)
    assert seen["a"].shape == (n,)
    assert seen["F"].shape == (k,)
    assert seen["v"].shape == (k, n)
    assert np.shape(seen["M"]) in {(n, n), ()}
    np.testing.assert_allclose(seen["a"], seen["X"] @ seen["w"] - seen["t"])
    np.testing.assert_allclose(seen["s"], seen["t"] @ seen["t"])


def test_a_function_is_called_with_what_it_has_parameters_for():
    assert compare(r"\|w\|^2 + 0 \eta", lambda w: w @ w, DATA).ok


def test_the_assumptions_hold_for_the_arguments():
    def function(x):
        assert x > 0
        return np.sqrt(x)

    assert compare(r"\sqrt{x}", function, {"x": "scalar"}, None, ["x > 0"]).ok

    def singular(A):
        assert abs(np.linalg.det(A)) < 1e-9
        return 0.0

    assert compare(r"\det(A)", singular, {"A": "matrix(n, n)"}, None, ["rank(A) = n - 1"]).ok


def test_data_without_a_value_are_left_out():
    assert compare(r"\log(x)", lambda x: float(np.log(x)), {"x": "scalar"}).ok
    with pytest.raises(CheckError, match="no data were found at which this has a value"):
        compare(r"\log(-x^2)", lambda x: x, {"x": "scalar"})
    with pytest.raises(CheckError, match="no data were found at which this has a value"):
        compare(r"\frac{1}{x - x}", lambda x: x, {"x": "scalar"})
    with pytest.raises(CheckError, match="no data were found at which this has a value"):
        compare(r"e^{e^{e^{e^{10 + x^2}}}}", lambda x: x, {"x": "scalar"})


@pytest.mark.parametrize(
    "latex", ["x^{2000}", r"\sum_{i=1}^{10^{12}} x", "v_3", r"\sum_{i=1}^{x} 1", "x +", "q", "v + A"]
)
def test_what_cannot_be_evaluated_is_an_error(latex):
    with pytest.raises(CheckError):
        compare(latex, lambda **data: 0.0, {"x": "scalar", "v": "vector(n)", "A": "matrix(n, n)"})


def test_indices_for_which_there_is_too_much_to_do_are_left_out():
    symbols = {"x": "scalar", "k": "index"}
    assert compare(r"\sum_{i=1}^{k} \sum_{j=1}^{k} x", lambda x, k: k * k * x, symbols).ok


def test_a_matrix_to_a_power_that_is_no_whole_number_cannot_be_evaluated():
    with pytest.raises(CheckError, match="a whole number is wanted here, not x"):
        compare("A^{x}", lambda A, x: A**x, {"x": "scalar", "A": "matrix(n, n)"})


def test_a_rank_is_compared_too():
    assert compare(
        r"\operatorname{rank}(X)", lambda X: int(np.linalg.matrix_rank(X)), {"X": "matrix(n, d)"}
    ).ok


@pytest.mark.parametrize(
    ("latex", "name"),
    [
        ("w", "w"),
        ("w_0", "w_0"),
        ("w_{t+1}", "w_t_plus_1"),
        ("w^*", "w_star"),
        (r"\eta", "eta"),
        (r"\lambda", "lambda_"),
        (r"\tilde{\lambda}", "tilde_lambda"),
        (r"\hat{w}_{0}", "hat_w_0"),
        (r"\mathrm{lr}", "mathrm_lr"),
    ],
)
def test_a_latex_name_as_a_python_name(latex, name):
    assert python_name(latex) == name
    assert name.isidentifier()
