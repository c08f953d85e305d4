"""What is called proved is true everywhere, far outside of what is sampled too."""

import pytest

from hwlib.checked import CheckError, check

SYMBOLS = {
    "x": "scalar", "y": "scalar", "z": "scalar", "p": "scalar", "q": "scalar",
    "u": "vector(n)", "v": "vector(n)", "w": "vector(n)",
    "A": "matrix(n, n)", "B": "matrix(n, n)", "P": "matrix(n, n)", "X": "matrix(m, n)", "Y": "matrix(m, n)",
    "i": "index", "k": "index", r"\sigma": "function",
}  # fmt: skip
ASSUMED = ("p > 0", "q >= 0", r"B \succ 0", "P^2 = P", r"P = P^\top")


def verdict(latex, *assumptions, definitions=None, symbols=SYMBOLS):
    (step,) = check(
        latex, symbols, definitions, (*ASSUMED, *assumptions) if symbols is SYMBOLS else assumptions
    ).steps
    return step.verdict


PROVED = [
    r"x^2 \ge 0",
    r"x^2 + 1 > 0",
    r"0 < 1 + x^4 y^2",
    r"x^2 + y \ge y",
    r"e^x > 0",
    r"e^{x} + \cosh(y) > 0",
    r"\sigma(x) > 0",
    r"|x| \ge 0",
    r"\|u\| \ge 0",
    r"\sqrt{q} \ge 0",
    r"p q \ge 0",
    r"p^k > 0",
    r"p^x > 0",
    r"2^x \ne 0",
    r"0 \ne e^x",
    r"q^3 \ge 0",
    r"\frac{p}{q + 1} > 0",
    r"\pi^x > 0",
    r"\frac{\|u\|^2}{n} \ge 0",
    r"k > 0",
    r"u^\top u \ge 0",
    r"u^\top A^\top A u \ge 0",
    r"u^\top B u \ge 0",
    r"u^\top B^2 u \ge 0",
    r"u^\top P u \ge 0",
    r"(A u - v)^\top (A u - v) \ge 0",
    r"u^\top A^\top B A u \ge 0",
    r"-(-2) p > 0",
    r"p (-2) < 0",
    r"x y x y \ge 0",
    r"\langle u, u \rangle \ge 0",
    r"\sum_{j=1}^{n} u_j^2 \ge 0",
    r"\sum_j u_j^2 \ge 0",
    r"\prod_{j=1}^{n} e^{u_j} > 0",
    r"\max(e^x, x^2 + 1) > 0",
    r"\min(p, q) \ge 0",
    r"\exp(u) > \mathbf{0}",
    r"\exp(u) + \mathbf{1} > \mathbf{0}",
    r"u \le u",
    r"x^2 + y^2 \ge 2 x y",
    r"x y \le \frac{x^2 + y^2}{2}",
    r"x^2 - 2 x + 2 > 0",
    r"x^2 + x y + y^2 \ge 0",
    r"x (1 - x) \le \frac{1}{4}",
    r"u^\top v \le \|u\| \|v\|",
    r"(u^\top v)^2 \le \|u\|^2 \|v\|^2",
    r"u^\top A v \le \|u\| \|A v\|",
    r"\langle X, Y \rangle \le \|X\|_F \|Y\|_F",
    r"\operatorname{tr}(X^\top Y) \le \|X\|_F \|Y\|_F",
    r"\|u + v\| \le \|u\| + \|v\|",
    r"\|u - v\| \le \|u\| + \|v\|",
    r"\|v - u\|_1 \le \|u\|_1 + \|v\|_1",
    r"\|u - v\|_\infty \le \|u - w\|_\infty + \|w - v\|_\infty",
    r"\|X + Y\|_F \le \|X\|_F + \|Y\|_F",
    r"1 + x \le e^x",
    r"x + 1 \le \exp(x)",
    r"1 \le \cosh x",
    r"\log x \le x - 1",
    r"\sqrt{x} \le \frac{x + 1}{2}",
    r"1 < 2",
    r"e < \pi",
    r"\pi \ne \frac{22}{7}",
]  # fmt: skip


@pytest.mark.parametrize("latex", PROVED)
def test_an_inequality_with_a_short_certificate_is_proved(latex):
    assert verdict(latex) == "proved"


NOT_PROVED = [
    r"\|u\|_1 \ge \|u\|_2",
    r"\|A B\|_F \le \|A\|_F \|B\|_F",
    r"x^4 + 1 \ge x",
    r"\sin x \le 1",
    r"\log p \le p",
    r"e^{2x} \ge 2 x + 1",
    r"\tanh(x) \le 1",
    r"\det(B) > 0",
    r"\operatorname{tr}(B) \ge 0",
    r"\|u + v\|_2 \le \|u\|_1 + \|v\|_1",
    r"\|u\|_\infty \le \|u\|_1",
    r"u^\top v \le \|u\| \|v\| + 1",
    r"\exp(u) \ge u",
    r"p \exp(u) \ge \mathbf{0}",
    r"\|u\|^2 + \|v\|^2 + u^\top v \ge 0",
    r"\|u\| \le \|2 u\| + \|v\|",
]


@pytest.mark.parametrize("latex", NOT_PROVED)
def test_a_true_inequality_without_a_certificate_is_only_sampled(latex):
    assert verdict(latex) == "sampled"


# False, but only where no sample lies

FAR = [
    r"(13 x - 7)^2 > 0",
    r"10^{20} - x^2 \ge 0",
    r"10^{20} + \sum_{i=-1}^{0} i x^2 \ge 0",
    r"10^{20} + \sum_{k=-1}^{0} k x^2 \ge 0",
    r"10^{20} + \sum_{n=-1}^{0} n x^2 \ge 0",
    r"10^{20} + \sum_{p=-1}^{0} p x^2 \ge 0",
    r"10^{20} + \sum_{j=-1}^{0} j x^2 \ge 0",
    r"10^{20} + \operatorname{tr}(I) x - \operatorname{tr}(I) x \ge 0",
    r"10^{40} + (\operatorname{tr}(I) - x)(\operatorname{tr}(I) - x) \operatorname{tr}(I) x \ge 0",
    r"\max(0, -x - 10^7) \le 1",
    r"\min(1, x + 10^8) \ge 0",
    r"\operatorname{sign}(x + 10^7) \ge 0",
    r"\max(0, -x - 10^{30})^2 \le 1",
    r"10^{30} + x u^\top v \ge 0",
    r"10^{30} + u^\top A u \ge 0",
    r"10^{30} + u^\top A^2 u \ge 0",
    r"10^{30} + u^\top B A u \ge 0",
    r"10^{30} + x y \ge 0",
    r"10^{30} + x^3 \ge 0",
    r"10^{30} + p x \ge 0",
    r"10^{30} - p q \ge 0",
    r"10^{30} + (-2) p \ge 0",
    r"10^{30} + (-1)(-1)(-1) p \ge 0",
    r"10^{30} + u^\top P A u \ge 0",
    r"10^{30} + u^\top v v^\top w \ge 0",
    r"10^{30} + \langle u, v \rangle \ge 0",
    r"10^{30} + \min(x, p) \ge 0",
    r"10^{30} + \sum_{j=1}^{n} u_j \ge 0",
    r"10^{30} + \prod_{j=1}^{n} u_j \ge 0",
    r"10^{30} + x \|u\| \ge 0",
    r"10^{30} + \log p \ge x",
    r"10^{30} + f(x) \ge 0",
    r"10^{30} + g(p) \ge 0",
    r"10^{30} + h \ge 0",
    r"x \le \|u\| \|v\| + 10^{20}",
    r"2^{3^4} + \sum_{i=-1}^{0} i x^2 \ge 0",
    r"2^{3^4} + \sum_{n=-1}^{0} n x^2 \ge 0",
    r"2^{3^4} + \operatorname{tr}(I) x - \operatorname{tr}(I) x \ge 0",
    r"\operatorname{sign}(x + 2^{3^4}) \ge 0",
    r"\max(0, -x - 2^{3^4}) \le 1",
    r"e^x + 10^{-30} x^2 - 10^{-37} x^3 \ge 1 + x - 10^{-20}",
    r"\log(x) \le x - 1 + 0 y",
    r"10^{20} + e^x \ge x^2",
]


@pytest.mark.parametrize("latex", FAR)
def test_an_inequality_that_is_false_far_away_is_never_called_proved(latex):
    definitions = {"f(p)": "p^3", "g(x)": "-x", "h": "x y"}
    assert verdict(latex, definitions=definitions) in {"sampled", "refuted"}


CLOSE = [
    r"e^{10^{-200}} \le 1",
    r"e^{10^{-200}} < 1",
    r"\cos(10^{-100}) \ge 1",
    r"\sqrt{1 + 10^{-300}} \le 1",
    r"\sin(10^{-150}) \ge 10^{-150}",
]


@pytest.mark.parametrize("latex", CLOSE)
def test_numbers_too_close_to_tell_apart_prove_nothing(latex):
    try:
        found = verdict(latex)
    except CheckError:
        return
    assert found != "proved"


TRUE_THOUGH_CLOSE = [
    r"e^{10^{-200}} > 1",
    r"e^{10^{-200}} \ne 1",
    r"\tanh(x) < 1",
    r"\sigma(x) < 1",
    r"e^x + 1 > e^x",
    r"\sqrt{x^2 + 1} > x",
    r"\sqrt{x^2 + 1} \ne x",
    r"\arctan(x) < 2",
    r"\cosh(x) > \sinh(x)",
]


@pytest.mark.parametrize("latex", TRUE_THOUGH_CLOSE)
def test_a_true_strict_inequality_is_not_refuted_where_its_sides_are_close(latex):
    try:
        found = verdict(latex)
    except CheckError:
        return
    assert found != "refuted"


REFUTED = [
    r"x^2 > 0",
    r"x^3 \ge 0",
    r"|x| > 0",
    r"q > 0",
    r"x^2 + y^2 \ge 3 x y",
    r"x^2 - 2 x + 1 > 0",
    r"x \ne 2",
    r"x^2 \ne y^2",
    r"1 \ne \frac{2}{2}",
    r"u^\top v \ge 0",
    r"u^\top A u \ge 0",
    r"u^\top B u > 0",
    r"u \ge \mathbf{0}",
    r"\|u + v\| \ge \|u\| + \|v\|",
    r"\|u + v\| < \|u\| + \|v\|",
    r"\|u\| \|v\| \le u^\top v",
    r"u^\top v < \|u\| \|v\|",
    r"1 + 2 x \le e^x",
    r"\log x \ge x - 1",
    r"\log x < x - 1",
    r"\sqrt{x} \le \frac{x + 1}{3}",
    r"\pi < e",
    r"\sqrt{4} \ne 2",
    r"\frac{1}{x} \le 1",
    r"x^2 \ge x",
    r"\|u\|_1 \le \|u\|_2",
]


@pytest.mark.parametrize("latex", REFUTED)
def test_a_false_inequality_is_refuted(latex):
    assert verdict(latex) == "refuted"


@pytest.mark.parametrize(
    ("assumptions", "wanted"),
    [
        (["x >= 0"], "refuted"),
        (["x > 0"], "proved"),
        (["0 < x"], "proved"),
        (["x >= 1"], "proved"),
        (["-1 < x"], "refuted"),
        (["x >= 0", "y >= 0", "y < x"], None),
        (["x >= 0", "y^2 < x"], None),
        (["x >= 0", "x^2 < x"], None),
        (["x >= 0", "2 y < x"], "refuted"),
        (["x >= 0", r"u^\top v < x"], "refuted"),
        (["x >= 0", "1 - x < x"], None),
    ],
    ids=str,
)
def test_what_bounds_prove_of_the_sign_of_a_number(assumptions, wanted):
    symbols = {"x": "scalar", "y": "scalar", "u": "vector(n)", "v": "vector(n)"}
    found = verdict("x > 0", *assumptions, symbols=symbols)
    assert found == wanted if wanted else found in {"proved", "sampled"}


def test_a_tangent_is_compared_with_a_line_of_pieces():
    symbols = {"x": "scalar"}
    assert verdict(r"e^x \ge \max(x, 0)", symbols=symbols) == "sampled"
    assert verdict(r"e^x \ge |x|", symbols=symbols) in {"sampled", "refuted"}
