"""Values and derivatives are those that NumPy finds, derivatives by complex steps."""

import numpy as np
import pytest

from hwlib.checked import CheckError, check, compare

STEP = 1e-200


def slope(function):
    """The derivative of a function of a scalar, by a complex step."""
    return lambda x: np.imag(function(x + STEP * 1j)) / STEP


def gradient(function):
    """The gradient of a function of an array, by complex steps."""

    def at(x):
        result = np.zeros_like(x)
        for place in np.ndindex(x.shape):
            moved = x.astype(complex)
            moved[place] += STEP * 1j
            result[place] = np.imag(function(moved)) / STEP
        return result

    return at


def jacobian(function):
    """The Jacobian of a column in a column, a row for each entry of the value."""

    def at(x):
        columns = []
        for place in range(x.size):
            moved = x.astype(complex)
            moved[place] += STEP * 1j
            columns.append(np.imag(function(moved)) / STEP)
        return np.stack(columns, axis=1)

    return at


def agrees(latex, function, symbols, definitions=None, assumptions=()):
    step = compare(latex, function, symbols, definitions, assumptions)
    assert step.ok, str(step)


SCALAR = {"x": "scalar"}


@pytest.mark.parametrize(
    ("latex", "function"),
    [
        (r"e^x", np.exp),
        (r"\exp(x^2)", lambda x: np.exp(x**2)),
        (r"\log(1 + x^2)", lambda x: np.log(1 + x**2)),
        (r"\sqrt{2 + x}", lambda x: np.sqrt(2 + x)),
        (r"\sin x", np.sin),
        (r"\cos x", np.cos),
        (r"\tan x", np.tan),
        (r"\sinh x", np.sinh),
        (r"\cosh x", np.cosh),
        (r"\tanh x", np.tanh),
        (r"\arctan x", np.arctan),
        (r"\sigma(x)", lambda x: 1 / (1 + np.exp(-x))),
        (r"\sqrt[3]{x + 3}", lambda x: (x + 3) ** (1 / 3)),
        (r"2^x", lambda x: 2**x),
        (r"(x + 3)^x", lambda x: (x + 3) ** x),
        (r"(x + 3)^{-5/2}", lambda x: (x + 3) ** -2.5),
        (r"\frac{x^3}{x + 4}", lambda x: x**3 / (x + 4)),
        (r"\sum_{j=1}^{4} j x^j", lambda x: sum(j * x**j for j in range(1, 5))),
        (r"\prod_{j=1}^{4} (x + j)", lambda x: (x + 1) * (x + 2) * (x + 3) * (x + 4)),
        (r"\tanh(\sin(x^2))", lambda x: np.tanh(np.sin(x**2))),
        (r"\det\begin{bmatrix} x & 1 \\ x^2 & x \end{bmatrix}", lambda x: x * x - x**2),
        (r"\operatorname{tr}\left(\begin{bmatrix} x & 1 \\ 2 & 3 \end{bmatrix}^3\right)",
         lambda x: x**3 + 6 * x + 18 + 27),
    ],
)  # fmt: skip
def test_the_derivative_of_a_function_of_a_number(latex, function):
    symbols = SCALAR | {r"\sigma": "function"}
    agrees(latex, lambda x: np.real(function(x + 0j)), symbols)
    agrees(rf"\frac{{d}}{{dx}} \left({latex}\right)", slope(function), symbols)


DATA = {"x": "vector(n)", "A": "matrix(n, n)", "X": "matrix(n, d)", "w": "vector(d)", "t": "vector(n)"}


@pytest.mark.parametrize(
    ("name", "latex", "function"),
    [
        ("x", r"\|x\|^2", lambda x, A: x @ x),
        ("x", r"\|x\|^4", lambda x, A: (x @ x) ** 2),
        ("x", r"\|x\|", lambda x, A: np.sqrt(x @ x)),
        ("x", r"x^\top A x", lambda x, A: x @ A @ x),
        ("x", r"\exp(x^\top A x)", lambda x, A: np.exp(x @ A @ x)),
        ("x", r"\mathbf{1}^\top \tanh(A x)", lambda x, A: np.sum(np.tanh(A @ x))),
        ("x", r"\prod_{j=1}^{n} x_j", lambda x, A: np.prod(x)),
        ("x", r"\log(1 + \langle x, x \rangle)", lambda x, A: np.log(1 + x @ x)),
        ("x", r"\mathbf{1}^\top (x \oslash (\mathbf{1} + x \odot x))", lambda x, A: np.sum(x / (1 + x * x))),
        ("A", r"\operatorname{tr}(A)", lambda x, A: np.trace(A)),
        ("A", r"\operatorname{tr}(A^3)", lambda x, A: np.trace(A @ A @ A)),
        ("A", r"\|A\|_F^2", lambda x, A: np.sum(A * A)),
        ("A", r"\|A\|_F", lambda x, A: np.sqrt(np.sum(A * A))),
        ("A", r"x^\top A^\top A x", lambda x, A: x @ A.T @ A @ x),
        ("A", r"\operatorname{tr}((A A^\top + I)^{-1})",
         lambda x, A: np.trace(np.linalg.inv(A @ A.T + np.eye(len(x))))),
        ("A", r"\mathbf{1}^\top \operatorname{diag}(A)", lambda x, A: np.sum(np.diag(A))),
        ("A", r"\langle A, A^\top \rangle", lambda x, A: np.sum(A * A.T)),
    ],
)  # fmt: skip
def test_the_gradient_of_a_number_in_a_vector_or_a_matrix(name, latex, function):
    def value(x, A):
        return function(x, A)

    def rate(x, A):
        if name == "x":
            return gradient(lambda moved: function(moved, A))(x)
        return gradient(lambda moved: function(x, moved))(A)

    def of_data(wanted):
        return lambda **data: wanted(data.get("x", np.zeros(data["n"])), data.get("A"))

    agrees(latex, of_data(value), DATA)
    agrees(rf"\nabla_{name} \left({latex}\right)", of_data(rate), DATA)


def test_the_derivative_of_a_determinant_where_the_matrix_has_no_inverse():
    symbols = {"a": "scalar", "b": "scalar", "x": "scalar"}
    assert check(r"\frac{d}{dx} \det\begin{bmatrix} a x & a \\ b x & b \end{bmatrix} = 0", symbols).ok
    singular = r"\begin{bmatrix} a & b & 1 \\ a & b & 1 \\ 2 & 3 & x \end{bmatrix}"
    moved = r"\begin{bmatrix} a + x & b & 1 \\ a & b & 1 \\ 2 & 3 & 5 \end{bmatrix}"
    assert check(rf"\frac{{d}}{{dx}} \det {singular} = 0", symbols).ok
    assert check(r"f'(0) = 5 b - 3", symbols, {"f(x)": rf"\det {moved}"}).ok
    assert not check(r"f'(0) = 5 b + 3", symbols, {"f(x)": rf"\det {moved}"}).ok
    assert check(r"f'(0) = 1", {"x": "scalar"}, {"f(x)": r"\det\begin{bmatrix} x \end{bmatrix}"}).ok


def test_a_second_derivative_of_a_determinant_at_a_singular_matrix():
    definitions = {"f(x)": r"\det\begin{bmatrix} x & 0 & 0 \\ 0 & x & 0 \\ 0 & 0 & b \end{bmatrix}"}
    assert check(r"f''(0) = 2 b", {"x": "scalar", "b": "scalar"}, definitions).ok


def test_a_jacobian_has_a_row_for_each_entry_of_the_value():
    def function(X, w):
        return np.tanh(X @ w)

    def wanted(X, w):
        return jacobian(lambda moved: function(X, moved))(w)

    agrees(r"\frac{\partial}{\partial w} \tanh(X w)", wanted, DATA)
    assert check(r"\frac{\partial}{\partial w} X w = X", DATA).ok


def test_a_hessian_is_the_jacobian_of_the_gradient():
    def wanted(A, x):
        return jacobian(lambda moved: (A + A.T) @ moved * np.exp(moved @ A @ moved))(x)

    agrees(r"\nabla_x^2 e^{x^\top A x}", wanted, DATA)
    assert check(r"\nabla_x^2 (x^\top A x) = A + A^\top", DATA).ok


@pytest.mark.parametrize(
    ("latex", "is_true"),
    [
        (r"\frac{d}{dx} (x \frac{d}{dx} x^3) = 9 x^2", True),
        (r"\frac{\partial^2}{\partial x \partial y} (x^2 y^3) = 6 x y^2", True),
        (r"\frac{\partial^2}{\partial y \partial x} (x^2 y^3) = 6 x y^2", True),
        (r"\frac{d}{dx} (x \frac{d}{dy} (x + y)) = 1", True),
        (r"\frac{d}{dx} (x \frac{d}{dy} (x y)) = 2 x", True),
        (r"\frac{d}{dx} (x \frac{d}{dy} (x y)) = x", False),
        (r"\frac{d^3}{dx^3} x^4 = 24 x", True),
        (r"\frac{d}{dx} y = 0", True),
        (r"\frac{d^2}{dx^2} (y x) = 0", True),
    ],
)
def test_derivatives_of_derivatives_do_not_mix_up_their_directions(latex, is_true):
    assert check(latex, {"x": "scalar", "y": "scalar"}).ok is is_true


@pytest.mark.parametrize(
    ("latex", "is_true"),
    [
        (r"g(x) = 2 x", True),
        (r"g(3) = 6", True),
        (r"h(x) = y", True),
        (r"h(y) = y", True),
        (r"\frac{d}{dy} f(y) = 2 y", True),
        (r"f'(y + 1) = 2 y + 2", True),
        (r"\frac{d}{dx} f(2 x) = 8 x", True),
        (r"\frac{d}{dx} f(2 x) = 4 x", False),
        (r"f'(2 x) = 4 x", True),
        (r"\frac{d}{dx} c = y", True),
        (r"\frac{d}{dx} k(x) = 2 x y", True),
        (r"k(y) = x y^2", True),
        (r"k(y) = y^3", False),
    ],
)
def test_a_function_differentiates_its_own_parameter_and_no_other_name(latex, is_true):
    definitions = {
        "f(x)": "x^2",
        "g(x)": r"\frac{d}{dx} f(x)",
        "h(x)": r"\frac{d}{dx} (x y)",
        "c": "x y",
        "k(z)": "z c",
    }
    assert check(latex, {"x": "scalar", "y": "scalar"}, definitions).ok is is_true


@pytest.mark.parametrize(
    "latex",
    [
        r"\sum_{i=2}^{1} x = 0",
        r"\prod_{i=2}^{1} x = 1",
        r"\prod_{i=2}^{1} A = I",
        r"\sum_{i=2}^{1} A = \mathbf{0}",
        r"x^0 = 1",
        r"A^0 = I",
        r"0^0 = 1",
        r"\sum_{i=1}^{3} \sum_{j=1}^{i} j = 10",
        r"\prod_{i=1}^{3} \sum_{j=1}^{i} j = 18",
        r"\min(3, 1, 2) = 1",
        r"\max_{i=1}^{5} (i - 3)^2 = 4",
        r"\min_{i=1}^{5} (i - 3)^2 = 0",
        r"\sum_{i=-2}^{2} i^2 = 10",
        r"A^{-2} = (A^{-1})^2",
        r"e^0 = 1",
        r"e^2 = e e",
        r"x^{2 \cdot 3} = (x^2)^3",
        r"|{-3}|^2 = 9",
        r"|{-3}|^3 = 27",
        r"\sqrt[2]{9} = 3",
        r"\|\begin{bmatrix} 3 \\ -4 \end{bmatrix}\|_2 = 5",
        r"\|\begin{bmatrix} 3 \\ -4 \end{bmatrix}\|_1 = 7",
        r"\|\begin{bmatrix} 3 \\ -4 \end{bmatrix}\|_\infty = 4",
        r"\|\begin{bmatrix} 3 & -4 \end{bmatrix}\|_1 = 7",
        r"\left\|\begin{bmatrix} 1 & 1 \\ 1 & 1 \end{bmatrix}\right\|_F = 2",
        r"\log e = 1",
        r"\cos \pi = -1",
        r"\operatorname{sign}(-2) = -1",
        r"\operatorname{rank}\begin{bmatrix} 1 & 2 \\ 2 & 4 \end{bmatrix} = 1",
    ],
)
def test_values_that_every_textbook_agrees_on(latex):
    report = check(latex, {"A": "matrix(n, n)", "x": "scalar"})
    assert report.ok, str(report)


@pytest.mark.parametrize(
    "latex",
    [r"\sqrt[3]{-8} = -2", r"\sqrt[3]{x^3} = x", r"\sqrt[1]{x} = x", r"\sqrt[3]{-x} = -\sqrt[3]{x}"],
)
def test_an_odd_root_is_that_of_every_real_number(latex):
    assert check(latex, {"x": "scalar"}).ok


def test_the_cube_root_of_a_cube_is_not_the_absolute_value():
    assert not check(r"\sqrt[3]{x^3} = |x|", {"x": "scalar"}).ok


@pytest.mark.parametrize("latex", [r"\sqrt[0]{x} = 1", r"\sqrt[x]{2} = 2", r"\sqrt[1/2]{x} = x"])
def test_the_degree_of_a_root_is_a_whole_number_that_is_not_zero(latex):
    with pytest.raises(CheckError):
        check(latex, {"x": "scalar"}, None, ["x > 0"])


def test_a_root_of_degree_zero_has_no_value_but_those_of_other_degrees_have():
    symbols = {"x": "scalar", "k": "index"}
    assert check(r"\sqrt[k-1]{x}^{k-1} = x", symbols, None, ["x > 0"]).ok
    assert not check(r"\sqrt[k-1]{x} = x", symbols, None, ["x > 0"]).ok


def test_entries_of_sequences_count_from_where_they_are_declared():
    symbols = {"F": "sequence(0..k)", "v": "sequence(k, vector(n))", "n": "index", "k": "index"}
    assert check(r"\sum_j F_j = F_0 + \sum_{j=1}^{k} F_j", symbols).ok
    assert check(r"\sum_j v_j = \sum_{j=1}^{k} v_j", symbols).ok
    assert not check(r"\sum_j v_j = \sum_{j=2}^{k} v_j", symbols).ok


def test_a_sum_without_bounds_runs_over_the_rows_or_the_columns_that_it_indexes():
    symbols = {"A": "matrix(n, d)"}
    assert check(r"\sum_i \sum_j A_{ij}^2 = \|A\|_F^2", symbols).ok
    assert not check(r"\sum_i A_{ij}^2 = \|A\|_F^2", {"A": "matrix(n, 2)", "j": "index"}, None, ["j <= 2"]).ok


def test_a_sum_without_bounds_over_a_parameter():
    assert check(r"f(y) = \mathbf{1}^\top y", {"y": "vector(n)"}, {"f(x)": r"\sum_i x_i"}).ok


def test_a_parameter_can_be_an_exponent_or_a_bound():
    definitions = {"f(m)": r"\sum_{i=1}^{m} x^i", "g(m)": "x^m"}
    assert check("f(3) = x + x^2 + x^3", {"x": "scalar"}, definitions).ok
    assert check("g(3) = x x x", {"x": "scalar"}, definitions).ok
    assert not check("g(3) = x x", {"x": "scalar"}, definitions).ok


@pytest.mark.parametrize(
    ("latex", "problem"),
    [
        (r"\sum_{i=1}^{10^{12}} x = 0", "1000000000000 terms; at most 2000 are checked"),
        (r"\sum_{i=1}^{10^{90}} x = 0", "very large terms; at most 2000 are checked"),
        (r"x^{2000} = 0", "the exponent is 2000; at most 1000 is checked"),
        (r"x^{(2^{999})^{999}} = 0", "this number is too large to check"),
        (r"x^{2^{2^{2^{2^2}}}} = 0", "too large|exponent"),
        (r"\sum_{i=1}^{2000} \sum_{j=1}^{2000} x = 0", "this takes too many operations to check"),
        (r"\sum_{i=1}^{1/2} x = 0", "a whole number is wanted here, not 1/2"),
        (r"\sum_{i=1}^{x} x = 0", "a whole number is wanted here, not x"),
        (r"\sum_j x = 0", "a whole number is wanted here"),
        (r"A^{1/2} = A", "a whole number is wanted here, not 1/2"),
        (r"v_0 = 1", "v_0 is outside of its range"),
        (r"\sum_{i=1}^{9} v_i = 0", "v_i is outside of its range at i = "),
    ],
)
def test_what_cannot_be_written_out_is_refused(latex, problem):
    with pytest.raises(CheckError, match=problem):
        check(latex, {"x": "scalar", "A": "matrix(n, n)", "v": "vector(n)"})


@pytest.mark.parametrize(
    "latex",
    [r"\frac{d}{dx} \max(x, x) = 1", r"\frac{d}{dx} |0 x| = 0", r"\min_{i=2}^{1} x = 1", r"\log(-x^2) = x"],
)
def test_what_has_a_value_nowhere_is_an_error(latex):
    with pytest.raises(CheckError, match="has no value|no data|never exists"):
        check(latex, {"x": "scalar"})


@pytest.mark.parametrize(
    ("latex", "is_true"),
    [
        (r"\frac{d}{dx} |x| = \operatorname{sign}(x)", True),
        (r"\frac{d}{dx} \operatorname{sign}(x) = 0", True),
        (r"\frac{d}{dx} \max(x, 0) = \frac{1 + \operatorname{sign}(x)}{2}", True),
        (r"\frac{d}{dx} \max(x, 0) = 1", False),
        (r"\frac{d}{dx} \min(x, x^2) = 1", False),
        (r"\frac{d}{dx} |x| = 1", False),
        (r"\nabla_v \|v\|_1 = \operatorname{sign}(v)", True),
    ],
)
def test_the_derivative_of_what_is_made_of_pieces(latex, is_true):
    assert check(latex, {"x": "scalar", "v": "vector(n)"}).ok is is_true


@pytest.mark.parametrize(("total", "ok"), [("10 x", True), ("2 x", False)])
def test_what_is_defined_by_a_name_is_worked_out_anew_where_that_name_varies(total, ok):
    definitions = {"g": "2 x", "h": "g + 0"}
    report = check(rf"h + \frac{{d}}{{dx}} h^2 = {total}", {"x": "scalar"}, definitions)
    assert report.ok == ok
