"""Rows and columns must fit whatever the dimensions are; the error says what came and what was wanted."""

import re

import pytest

from hwlib.checked import CheckError, check

DATA = {
    "X": "matrix(n, d)", "A": "matrix(n, n)", "w": "vector(d)", "t": "vector(n)", "x": "scalar", "k": "index",
    "F": "sequence(k)", "V": "sequence(k, vector(n))", r"\sigma": "function", "h": "function",
    "r": "matrix(1, n)", "u": "vector(2)", "M": "matrix(2, 2)",
}  # fmt: skip
DEFINITIONS = {"f(z)": r"\|z\|^2", "g(z, y)": r"z^\top y", "a": "X w - t", "b": "X t", "p(q)": "q_1"}

WRONG = [
    ("X t = t", "a matrix of n x d times a column of n: X and t do not fit"),
    ("X + A = X", "A is a matrix of n x n, but X is a matrix of n x d"),
    ("X w = w", "the left side is a column of n, the right side a column of d"),
    (r"\|X w\|^2 = X", "the left side is a scalar, the right side a matrix of n x d"),
    (r"t^\top = t", "the left side is a row of n, the right side a column of n"),
    (r"\frac{x}{t} = x", "a denominator is a scalar; t is a column of n"),
    ("2^t = x", "an exponent is a scalar; t is a column of n"),
    ("t^2 = x", r"a power (of a vector: \|x\|^2, or \odot) is of square matrices; t is a column of n"),
    ("X^2 = X", "is of square matrices; X is a matrix of n x d"),
    ("X^{-1} = X", "is of square matrices; X is a matrix of n x d"),
    (r"\operatorname{tr}(X) = x", "tr is of square matrices; (X) is a matrix of n x d"),
    (r"\det(X) = x", "det is of square matrices; (X) is a matrix of n x d"),
    (r"\operatorname{diag}(X) = t", "diag is of square matrices; (X) is a matrix of n x d"),
    (r"\exp(X) = X", "exp is of scalars, and of vectors entry by entry, not of a matrix of n x d"),
    (r"\sqrt[3]{t} = t", "a root is a scalar; t is a column of n"),
    (r"\sqrt[t]{x} = x", "the degree of a root is a scalar; t is a column of n"),
    (r"\|X\| = x", r"this norm is of vectors, not of a matrix of n x d; of a matrix write \|A\|_F"),
    (r"\|X\|_1 = x", "this norm is of vectors, not of a matrix of n x d"),
    (r"\langle t, w \rangle = x", "an inner product of a column of n and a column of d"),
    (r"t \odot w = t", "entry by entry, a column of n and a column of d do not fit"),
    (r"\min(x, t) = x", "min is a scalar; t is a column of n"),
    (r"\max_i V_i = x", "max is of scalars, not of a column of n"),
    (r"\prod_{i=1}^{k} t = t", "a product of a column of n with itself"),
    (r"\sum_{i=1}^{t} x = x", "a bound is a scalar; t is a column of n"),
    ("t_{w} = x", "an index is a scalar; w is a column of d"),
    ("t_{1 2} = x", None),
    ("X_1 = x", "X is a matrix: two indices are wanted, not 1"),
    ("t_{1,2} = x", "t is a vector: one index is wanted, not 1,2"),
    ("F_{1,2} = x", "F is a sequence: one index is wanted, not 1,2"),
    ("F = x", "F is a sequence: its members are F_1, F_2, ..."),
    (r"\sigma = x", r"\sigma is a function: its argument is wanted in brackets"),
    ("h(x) = x", "h is a function without a definition; define h(x)"),
    (r"\sigma(x, x) = x", r"\sigma is a function of one argument"),
    ("f(t, t) = x", "f is a function of z; 2 arguments came"),
    ("g(t) = x", "g is a function of z, y; 1 arguments came"),
    (r"\nabla g(t, t) = t", "g is differentiated, but has 2 arguments"),
    ("p(X) = x", "in p(X): q is a matrix of n x d; 1 index came"),
    ("q = x", "undeclared symbol q"),
    (r"\frac{d}{d\sigma} x = x", r"\sigma is a function: give it an argument"),
    ("g'(t, t) = x", "a prime needs a function of one argument"),
    ("g(t, w) = x", "in g(t, w): a row of n times a column of d"),
    ("b = t", "a matrix of n x d times a column of n: X and t do not fit"),
    ("I_{x} = A", None),
    ("I_{1/2} = A", "a size is a dimension's name or a number"),
    (r"\nabla_a \|a\|^2 = a", "a is defined; differentiate in a symbol that is not"),
    (r"\frac{d}{dk} x^k = x", "k is a whole number; nothing can be differentiated in it"),
    (r"\frac{d}{dn} n = 1", "n is a whole number; nothing can be differentiated in it"),
    (r"\nabla_t A t = A", "the derivative of a column of n in a column of n; it is of a scalar"),
    (r"\frac{\partial}{\partial A} t = A", "the derivative of a column of n in a matrix of n x n"),
    (r"\begin{bmatrix} X & w \end{bmatrix} = X", "w is a column of d, its row is a matrix of n x d"),
    (r"\begin{bmatrix} X & t \\ X & X \end{bmatrix} = X", "X is a matrix of n x d, too wide or narrow here"),
    (r"\begin{bmatrix} I \end{bmatrix} = I", "the size of a block is not known"),
    ("A > A", "an inequality compares scalars, or vectors entry by entry, not a matrix of n x n"),
    (r"t^\top \le t^\top", "an inequality compares scalars, or vectors entry by entry, not a row of n"),
    ("I = 1", "the left side is a matrix of ? x ?, the right side a scalar"),
    (r"\mathbf{1} = 1", "the left side is a column of ?, the right side a scalar"),
    ("x + t = t", "t is a column of n, but x is a scalar"),
]


@pytest.mark.parametrize(("latex", "problem"), WRONG)
def test_what_does_not_fit_is_refused(latex, problem):
    with pytest.raises(CheckError, match=re.escape(problem) if problem else "."):
        check(latex, DATA, DEFINITIONS)


FITTING = [
    (r"I t = t"),
    (r"I X I = X"),
    (r"A \mathbf{1} = A \mathbf{1}_n"),
    (r"A + \mathbf{0} = A"),
    (r"A + 0 = A"),
    (r"I_n A = A"),
    (r"I_2 M = M"),
    (r"\mathbf{1}_2^\top u = u_1 + u_2"),
    (r"\mathbf{0}_n + t = t"),
    (r"\operatorname{tr}(I_n) = n"),
    (r"\operatorname{diag}(\operatorname{diag}(t)) = t"),
    (r"x t = t x"),
    (r"A x = x A"),
    (r"t t^\top t = \|t\|^2 t"),
    (r"r t = t^\top r^\top"),
    (r"r_{12} = r_{12}"),
    (
        r"\begin{bmatrix} A & t \\ t^\top & x \end{bmatrix}^\top"
        r"= \begin{bmatrix} A^\top & t \\ t^\top & x \end{bmatrix}"
    ),
    (r"\begin{bmatrix} X \\ X \end{bmatrix} w = \begin{bmatrix} X w \\ X w \end{bmatrix}"),
    (r"\begin{bmatrix} I & A \\ \mathbf{0} & A \end{bmatrix} = \begin{bmatrix} I & A \\ 0 & A \end{bmatrix}"),
    (r"\sum_{i=1}^{k} F_i t = t \sum_{i=1}^{k} F_i"),
    (r"\sum_{i=1}^{k} V_i^\top t = t^\top \sum_{i=1}^{k} V_i"),
    (r"\sigma'(x) = \sigma(x) (1 - \sigma(x))"),
    (r"f(X w) = \|X w\|^2"),
    (r"f(f(t)) = \|t\|^4"),
    (r"\nabla f(t) = 2 t"),
    (r"\exp(t)^\top t = t^\top \exp(t)"),
    (r"\tanh(t^\top) = \tanh(t)^\top"),
    (r"I = I"),
    (r"x^2 + 0 = x^2"),
]


@pytest.mark.parametrize("latex", FITTING)
def test_what_fits_is_true_here(latex):
    report = check(latex, DATA, DEFINITIONS, ["k >= 1", "n >= 2"] if "12" in latex else [])
    assert report.ok, str(report)


def test_a_matrix_is_refused_even_where_its_dimensions_could_agree():
    with pytest.raises(CheckError, match="do not fit"):
        check("X X = X", {"X": "matrix(n, d)"})
    assert check("X X = X X", {"X": "matrix(n, d)"}, None, ["n = d"]).ok


def test_a_quadratic_form_is_a_scalar():
    assert check(r"w^\top X^\top X w + x = \|X w\|^2 + x", DATA).ok
    with pytest.raises(CheckError):
        check(r"\begin{bmatrix} x \end{bmatrix} + A = A", DATA)


def test_an_error_in_a_definition_shows_the_definition():
    with pytest.raises(CheckError) as caught:
        check("b = t", DATA, DEFINITIONS)
    assert caught.value.latex == "X t"


def test_an_error_in_a_call_shows_the_call():
    with pytest.raises(CheckError) as caught:
        check("x + g(t, w) = x", DATA, DEFINITIONS)
    assert str(caught.value).splitlines()[1:] == ["    x + g(t, w) = x", "        ^^^^^^^"]


def test_definitions_that_are_wrong_but_not_used_do_not_disturb():
    assert check("x = x", DATA, DEFINITIONS).ok
