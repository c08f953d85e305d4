"""A supposition is one that can hold: data that meet it are found, or it is refuted."""

import pytest

from hwlib.checked import CheckError, suppose

DATA = {
    "X": "matrix(n, d)", "w": "vector(d)", "t": "vector(n)", "x": "scalar", "y": "scalar", "k": "index",
    "A": "matrix(n, n)", "u": "vector(n)", "P": "matrix(n, n)",
}  # fmt: skip


@pytest.mark.parametrize(
    ("latex", "assumptions"),
    [
        ("w = 0", []),
        ("X w = t", []),
        ("n > d", []),
        ("n < d \\le 3", []),
        ("k \\ge 3", []),
        ("x > 0", []),
        ("x = 1, y = 2", []),
        ("x = y \\\\ y = 2", []),
        (r"\|u\| = 1", []),
        (r"A = A^\top", []),
        ("P^2 = P", []),
        (r"\operatorname{rank}(X) = 1", []),
        ("x^2 = 4", []),
        ("x^2 = y", []),
        (r"x \ne y", []),
        ("1 = 1", []),
        (r"\sqrt{x} = 1", []),
        (r"\det(A) = 0", []),
        ("x > 0", ["x < 1"]),
        ("x < 10^9", []),
    ],
    ids=str,
)
def test_what_can_hold_is_a_supposition(latex, assumptions):
    step = suppose(latex, DATA, None, assumptions)
    assert step.verdict == "supposition"
    assert step.ok
    assert step.method.startswith("it can hold: ")


@pytest.mark.parametrize(
    ("latex", "assumptions"),
    [
        ("x^2 = -1", []),
        ("x > 0, x < 0", []),
        ("x = 1, x = 2", []),
        ("x = 0 \\\\ y = 1 \\\\ y = 2", []),
        ("n > d, d > n", []),
        ("n > d", ["n <= d"]),
        ("k < 1", []),
        ("1 = 2", []),
        ("x < 0", ["x > 0"]),
        (r"\|u\| = -1", []),
        ("x \\ne x", []),
        ("x < x", []),
        (r"\operatorname{rank}(X) = n + 1", []),
        (r"\|u\|^2 < 0", []),
        (r"e^x = 0", []),
        (r"\tanh(x) = -1", []),  # but for more digits than there are
        (r"\tanh(x) \le -1", []),
    ],
    ids=str,
)
def test_what_cannot_hold_is_refuted(latex, assumptions):
    step = suppose(latex, DATA, None, assumptions)
    assert step.verdict == "refuted"
    assert not step.ok
    assert step.method == "no data were found for which it holds"


def test_the_data_found_are_told():
    assert suppose("x = 3", DATA).method == "it can hold: x = 3"
    assert suppose("n > d", DATA).method.startswith("it can hold: ")
    assert suppose("1 = 1", DATA).method == "it can hold: always"
    half = suppose(r"\tanh(x) = 2\sigma(x) - 1", DATA | {r"\sigma": "function"})
    assert half.method == "it can hold: x = 0"


def test_a_supposition_about_a_definition():
    assert suppose("a = 0", DATA, {"a": "X w - t"}).ok
    assert not suppose("a = 1", DATA, {"a": "2"}).ok


@pytest.mark.parametrize(
    "latex",
    [
        "x +",
        "x = q",
        "x = u",
        "X = A",
        "A^{x} = I",
        "x = ",
        "x",
        r"u_5 = 1",
        r"\sum_{i=1}^{10^{12}} x = 1",
        "n^{2000} > 3",
    ],
)
def test_what_cannot_be_read_is_an_error(latex):
    with pytest.raises(CheckError):
        suppose(latex, DATA)
