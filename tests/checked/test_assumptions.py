"""What is assumed is met by the data, in all its cases; nothing more is taken for granted."""

import pytest

from hwlib.checked import CheckError, check
from hwlib.checked._assumptions import equal_sizes, read_assumptions
from hwlib.checked._declarations import declare
from hwlib.checked._sizes import Size

SQUARE = dict.fromkeys(("A", "B", "P", "R", "Q", "S"), "matrix(n, n)")
SCALARS = dict.fromkeys("abcdefxyz", "scalar")
DATA = (
    SQUARE
    | dict.fromkeys("abcxyz", "scalar")
    | {"X": "matrix(n, d)", "u": "vector(n)", "v": "vector(n)", "w": "vector(d)"}
)


def is_true(latex, *assumptions, symbols=DATA, definitions=None):
    report = check(latex, symbols, definitions, assumptions)
    return report.ok


TRUE = [
    (r"A = A^\top", [r"A = A^\top"]),
    (r"A = A^\top", [r"A^\top = A"]),
    (r"(A B)^\top = B A", [r"A = A^\top", r"B = B^\top"]),
    (r"A = A^\top", [r"A \succ 0"]),
    (r"A = A^\top", ["A is positive definite"]),
    (r"A = A^\top", ["A positive semidefinite"]),
    (r"A^{-1} A = I", [r"A \succ 0"]),
    (r"\det(A) > 0", [r"A \succ 0"]),
    (r"\det(A) \ge 0", [r"A \succeq 0"]),
    (r"A_{11} > 0", [r"A \succ 0"]),
    (r"A_{11} > 0", [r"A \succ 0", r"A = A^\top"]),
    (r"Q Q^\top = I", [r"Q^\top Q = I"]),
    (r"Q^\top Q = I", [r"Q Q^\top = I"]),
    (r"Q^{-1} = Q^\top", [r"I = Q^\top Q"]),
    (r"Q^{-1} = Q^\top", [r"Q^\top Q = I", r"Q Q^\top = I"]),
    (r"\det(Q)^2 = 1", [r"Q^\top Q = I"]),
    (r"\|X w\|^2 = \|w\|^2", [r"X^\top X = I"]),
    (r"\|X^\top u\|^2 = \|u\|^2", [r"X X^\top = I"]),
    (r"u^\top u = 1", [r"\|u\| = 1"]),
    (r"\|u\| = 1", [r"\|u\|^2 = 1"]),
    (r"\|u\| = 1", [r"u^\top u = 1"]),
    (r"(I - 2 u u^\top)^2 = I", [r"1 = \|u\|_2"]),
    (r"P^k = P", ["P^2 = P"]),
    (r"(I - P)^2 = I - P", ["P P = P"]),
    (r"(2 P - I)^\top (2 P - I) = I", ["P = P^2", r"P = P^\top"]),
    (r"\operatorname{tr}(P) = \operatorname{rank}(P)", ["P^2 = P"]),
    (r"\operatorname{rank}(X) = 2", ["rank(X) = 2"]),
    (r"(X^\top X)^{-1} X^\top X = I", ["rank(X) = d"]),
    (r"\det(A) = 0", ["rank(A) = n - 1"]),
    (r"\det(A) = 0", ["rank(A) = 0"]),
    (r"\operatorname{rank}(X) \le n", [r"rank(X) = \min(n, d)"]),
    (r"x + y = 0", ["x = -y"]),
    (r"a b = 0", ["a b = 0"]),
    (r"u^\top v = 0", [r"\|u\| = 1", r"u^\top v = 0"]),
    (r"\|u + v\|^2 = \|u\|^2 + \|v\|^2", [r"u^\top v = 0"]),
    (r"A^\top = -A", [r"A + A^\top = 0"]),
    (r"u^\top A u = 0", [r"A + A^\top = 0"]),
    (r"\|X w - u\|^2 = 0", ["X w = u"]),
    (r"A B = B A", ["B = A^2 + A"]),
    (r"a^2 = b^2", ["c = 0", "a = b + c"]),
    (r"B = B^\top", [r"A = A^\top", r"B = A + A^2"]),
    (r"\sqrt{x^2} = x", ["x >= 0"]),
    (r"\sqrt{x^2} = -x", ["x < 0"]),
    (r"|x| < 1", ["-1 < x < 1"]),
    (r"x^2 < 1", ["-1 < x", "x < 1"]),
    (r"\sqrt{x^2} = x", ["x > y", "y > 0"]),
    (r"|u_1| = u_1", ["u > 0"]),
    (r"k \ge 3", ["k >= 3"]),
    (r"X X^\top = X X^\top", ["n = d"]),
    (r"X A = A X", ["n = d", "n = 1"]),
    (r"\det(A) = 0", ["A u = 0", r"u \ne 0"]),
    (r"\det(A - a I) = 0", ["A u = a u", r"u \ne 0"]),
    (r"u = 0", ["A u = 0", "rank(A) = n"]),
    (r"|e - 3| = 3 - e", ["e < 3"]),
    (r"a^2 = b^2", ["c = 0", "c = x y", "a = b + c"]),
    (r"\mathbf{1}^\top A \mathbf{1} = 0", [r"A \mathbf{1} = 0", r"\mathbf{1}^\top A = 0"]),
    (r"\mathbf{1}^\top A = 0", [r"A = A^\top", r"A \mathbf{1} = 0"]),
    (r"e^{x + y} = 1", ["x = -y"]),
    (r"\frac{x}{x} = 1", [r"e^x \ne 1"]),
    (r"\sqrt{x^2} = x", [r"x > \sqrt{y}", "y > 0"]),
    (r"\sqrt{y^2} = y", [r"y > \sqrt{x}", "x > 0"]),
]


@pytest.mark.parametrize(("latex", "assumptions"), TRUE, ids=str)
def test_what_follows_from_an_assumption_is_true(latex, assumptions):
    assert is_true(latex, *assumptions, symbols=DATA | {"k": "index"})


FALSE = [
    (r"A = A^\top", []),
    (r"A B = B A", [r"A = A^\top", r"B = B^\top"]),
    (r"A^{-1} A = \mathbf{0}", [r"A \succ 0"]),
    (r"\det(A) > 0", [r"A \succeq 0"]),
    (r"A B = B A", [r"A \succ 0", r"B \succ 0"]),
    (r"u^\top A B u \ge 0", [r"A \succ 0", r"B \succ 0"]),
    (r"A = I", [r"A \succ 0"]),
    (r"\det(Q) = 1", [r"Q^\top Q = I"]),
    (r"\det(Q) = -1", [r"Q^\top Q = I"]),
    (r"Q = Q^\top", [r"Q^\top Q = I"]),
    (r"X X^\top = I", [r"X^\top X = I"]),
    (r"X^\top X = I", [r"X X^\top = I"]),
    (r"u_1 = 1", [r"\|u\| = 1"]),
    (r"u_1 \ge 0", [r"\|u\| = 1"]),
    (r"P = P^\top", ["P^2 = P"]),
    (r"P = I", ["P^2 = P"]),
    (r"P = \mathbf{0}", ["P^2 = P"]),
    (r"\operatorname{tr}(P) = 1", ["P^2 = P"]),
    (r"\det(P) = 0", ["P^2 = P"]),
    (r"\operatorname{tr}(P) (n - \operatorname{tr}(P)) = 0", ["P^2 = P", r"P = P^\top"]),
    (r"X^\top X = X X^\top", ["rank(X) = 1", "n = d"]),
    (r"X = \mathbf{0}", ["rank(X) = 1"]),
    (r"\det(A) = 0", ["rank(A) = n"]),
    (r"a = 0", ["a b = 0"]),
    (r"b = 0", ["a b = 0"]),
    (r"w = 0", ["X w = 0"]),
    (r"X = \mathbf{0}", ["X w = 0"]),
    (r"\det(A) = 0", ["A u = 0"]),
    (r"u = v", [r"u^\top v = 0"]),
    (r"A = \mathbf{0}", [r"A + A^\top = 0"]),
    (r"\operatorname{tr}(A) \operatorname{tr}(B) = 0", ["A B = 0"]),
    (r"\sqrt{x^2} = x", ["x > -1"]),
    (r"x < 1/2", ["-1 < x < 1"]),
    (r"x > 0", ["x >= 0"]),
    (r"|u_1| = u_1", []),
    (r"k = 3", ["k >= 3"]),
    (r"X A = A X", ["n = d"]),
    (r"x = y", ["x <= y"]),
    (r"x < y", [r"x \ne y"]),
]


@pytest.mark.parametrize(("latex", "assumptions"), FALSE, ids=str)
def test_what_does_not_follow_from_an_assumption_is_refuted(latex, assumptions):
    assert not is_true(latex, *assumptions, symbols=DATA | {"k": "index"})


# Two that are made alike are not the same, and each goes through all its cases by itself

INDEPENDENT = [
    (r"\det(Q) = \det(S)", [r"Q^\top Q = I", r"S^\top S = I"], DATA),
    (r"\det(Q S) = 1", [r"Q^\top Q = I", r"S S^\top = I"], DATA),
    (r"\operatorname{tr}(P) = \operatorname{tr}(R)", ["P^2 = P", "R^2 = R"], DATA),
    (
        r"\operatorname{tr}(P) = \operatorname{tr}(R)",
        ["P^2 = P", "R^2 = R", r"P = P^\top", r"R = R^\top"],
        DATA,
    ),
    (r"u^\top v = 1", [r"\|u\| = 1", r"\|v\| = 1"], {"u": "vector(1)", "v": "vector(1)"}),
    (r"u_1 v_1 \ge 0", [r"\|u\| = 1", r"\|v\| = 1"], {"u": "vector(1)", "v": "vector(1)"}),
    (r"\det(Q) \det(I - 2 P) = -1", ["P^2 = P", r"Q^\top Q = I"], {"P": "matrix(3, 3)", "Q": "matrix(3, 3)"}),
    (r"\det(P) = 0", ["P^2 = P"], {"P": "matrix(5, 5)"}),
    (r"\det(I - P) = 0", ["P^2 = P"], {"P": "matrix(5, 5)"}),
    (r"\det(P) = 0", ["P^2 = P"], {"P": "matrix(n+10, n+10)"}),
    (r"\sqrt{2} \det(P) = 0", ["P^2 = P"], {"P": "matrix(5, 5)"}),
]


@pytest.mark.parametrize(("latex", "assumptions", "symbols"), INDEPENDENT, ids=str)
def test_each_symbol_goes_through_its_own_cases(latex, assumptions, symbols):
    assert not is_true(latex, *assumptions, symbols=symbols)


MANY_CASES = [
    (r"b d = 0", ["a b = 0", "c d = 0"], SCALARS),
    (r"b d f = 0", ["a b = 0", "c d = 0", "e f = 0"], SCALARS),
    (r"a d f = 0", ["a b = 0", "c d = 0", "e f = 0"], SCALARS),
    (r"a c e = 0", ["a b = 0", "c d = 0", "e f = 0"], SCALARS),
    (r"x_1 y_2 x_3 y_4 x_5 y_6 = 0", [r"x \odot y = 0"], {"x": "vector(6)", "y": "vector(6)"}),
]


@pytest.mark.parametrize(("latex", "assumptions", "symbols"), MANY_CASES, ids=str)
def test_no_case_of_a_product_that_is_zero_is_forgotten(latex, assumptions, symbols):
    try:
        (step,) = check(latex, symbols, None, assumptions).steps
    except CheckError:
        return
    assert step.verdict in {"refuted", "sampled"}


def test_an_assumption_about_a_row_or_a_column_keeps_its_length():
    row = {"r": "matrix(1, n)"}
    assert is_true(r"r r^\top = 1", r"\|r\| = 1", symbols=row)
    assert not is_true(r"r r^\top = r_{11}^2", r"\|r\| = 1", symbols=row)


@pytest.mark.parametrize("assumption", [r"u \succ 0", r"X \succ 0", r"x \succ 0", "w is positive definite"])
def test_only_square_matrices_are_definite(assumption):
    with pytest.raises(CheckError, match="square"):
        check(r"\|u\|^2 + \|w\|^2 + \|X\|_F^2 + x = 0", DATA, None, [assumption])


# What no data are known for

REFUSED = [
    (["x^2 = 1"], "it is linear in none of its symbols"),
    ([r"\sqrt{x} = y^2"], "it is linear in none of its symbols"),
    ([r"\operatorname{rank}(X X^\top) = 1"], "it is linear in none of its symbols"),
    (["Q^2 = Q", r"Q^\top Q = I"], "no data are known for Q that is idempotent and orthonormal columns"),
    (["x + y = 1", "x - y + x = 1", "y = 3 x"], "must be linear in a symbol of its own|no data"),
    (["x = y^2", "y = x^2"], r"no data are known that meet x = y\^2, y = x\^2: each must be linear"),
    (["rank(A) = rank(Q)", "rank(Q) = rank(A)"], "no data are known"),
    (["n^{2000} > 3"], "the exponent is 2000; at most 1000 is checked"),
    (["n > d", "d > n"], "no dimensions up to 9 meet the assumptions n > d, d > n"),
    (["n >= 10"], "no dimensions up to 9"),
    (["rank(X) = n + 1"], "no data were found"),
    (["rank(X) = 1/2"], "no data were found"),
    ([r"nothing \succ 0"], "nothing|one name is wanted"),
    ([r"G \succ 0"], "G is not a declared symbol"),
    ([3], "assumptions are texts, not 3"),
    (["x"], "relation"),
    (["x ="], "wanted"),
    (["g > 0"], "undeclared symbol g"),
    (["X = A"], "the left side is a matrix of n x d"),
    (["x > u"], "the left side is a scalar"),
    ([r"A > B"], "an inequality compares scalars"),
    (["u_5 = 0"], "outside of its range"),
    (["u_5 > 0"], "outside of its range"),
    ([r"A^{x} = I"], "a whole number is wanted here, not x|linear in none"),
]
OF_NUMBERS = [
    (["x = 1", "x = 2"], "no data were found that meet the assumptions x = 1, x = 2"),
    (["x > 1", "x < 0"], "no data were found that meet the assumptions"),
    (["1 = 2"], "no data were found|not true"),
    (["x^{2000} > 0"], "no data were found that meet the assumptions"),
]


@pytest.mark.parametrize(("assumptions", "problem"), REFUSED, ids=str)
def test_an_assumption_that_no_data_meet_is_an_error_that_says_so(assumptions, problem):
    with pytest.raises(CheckError, match=problem):
        check(r"\|X w\|^2 + u^\top A u + u^\top Q u + x + y = 1", DATA, None, assumptions)


@pytest.mark.parametrize(("assumptions", "problem"), OF_NUMBERS, ids=str)
def test_an_assumption_that_no_numbers_meet_is_an_error_that_says_so(assumptions, problem):
    with pytest.raises(CheckError, match=problem):
        check("x + y = 1", DATA, None, assumptions)


def test_an_identity_is_not_exact_if_no_data_meet_what_is_assumed():
    with pytest.raises(CheckError, match="no data were found that meet the assumptions x > 1, x < 0"):
        check("x + y = y + x", DATA, None, ["x > 1", "x < 0"])


def test_a_product_of_three_matrices_gives_none_of_them_a_structure():
    assumed = read_assumptions(["A B A = I", r"B^\top A = I"], declare(SQUARE, {}))
    assert not assumed.structure
    assert len(assumed.equations) == 2


def test_a_text_is_no_list_of_assumptions():
    with pytest.raises(CheckError, match="assumptions is a list of texts, not the text 'x > 0'"):
        check("x = x", DATA, None, "x > 0")


def test_a_definition_can_be_assumed_about_through_its_symbols():
    definitions = {"r": "X w - u"}
    assert is_true(r"\|X w\|^2 = \|u\|^2", "r = 0", definitions=definitions)
    assert not is_true(r"\|X w\|^2 = 0", "r = 0", definitions=definitions)
    with pytest.raises(CheckError, match="r is not a declared symbol"):
        check("x = x", DATA, {"r": "A"}, [r"r \succ 0"])


def test_an_assumption_about_other_symbols_does_not_disturb():
    assert is_true("x + x = 2 x", "y z = 1", "rank(X) = 1", "n > d")
    assert is_true("x + x = 2 x", r"rank(A) = 1", "x > y", "y > 0")


def test_dimensions_that_are_assumed_equal_fit():
    assert is_true(r"X A = X A", "n = d")
    assert is_true(r"X A = X A", "d = n")
    with pytest.raises(CheckError, match="do not fit"):
        check("X A = X A", DATA)


def sizes(*texts):
    declarations = declare({"A": "matrix(n, d)", "B": "matrix(m, p)"}, {})
    return equal_sizes(read_assumptions(texts, declarations))


@pytest.mark.parametrize(
    ("texts", "equal"),
    [
        (["n = d"], {"n": "d"}),
        (["d = 2"], {"d": "2"}),
        (["n = d", "d = m"], {"n": "m", "d": "m"}),
        (["d = m", "n = d"], {"n": "m", "d": "m"}),
        (["n = n"], {}),
        (["n = d", "d = n"], {"n": "d"}),
        (["n <= d", "n = d + 1", "n + 1 = d"], {}),
        (["n = d", "d = 3"], {"n": "3", "d": "3"}),
    ],
    ids=str,
)
def test_equal_dimensions_have_one_name(texts, equal):
    found = sizes(*texts)
    assert {name: str(size) for name, size in found.items()} == equal
    assert all(isinstance(size, Size) for size in found.values())


def test_an_assumption_on_what_is_defined_alone_may_name_a_dimension():
    definitions = {"A": r"\begin{bmatrix} 0 & 1 \\ 1 & 0 \end{bmatrix}"}
    assert check("A = A^\\top", {"b": "vector(n)"}, definitions, ["rank(A) = n"]).ok
    with pytest.raises(CheckError, match="no data were found that meet the assumptions rank"):
        check("A = A^\\top", {"b": "vector(n)"}, definitions, ["rank(A) = n", "n >= 3"])


def test_what_is_assumed_not_to_be_zero_may_be_irrational():
    symbols = {"x": "scalar", "y": "scalar", "c": "scalar"}
    assert check("x y = c", symbols, assumptions=["x y = c", r"y \ne \sqrt{2}", "y \\ne 0"]).ok
