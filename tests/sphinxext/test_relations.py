"""What counts as a relation, and how one step of an aligned display is shown alone."""

import pytest

from hwlib.sphinxext._relations import relation_signs, without_alignment


@pytest.mark.parametrize(
    ("latex", "signs"),
    [
        ("a = b", ["="]),
        (r"a < b \le c \neq d", ["<", r"\le", r"\neq"]),
        ("a := b", [":="]),
        (r"i = 1, \dots, n", ["="]),
        (r"\frac{a = b}{2}", ["="]),
        (r"\begin{aligned} a &= b \\ &> c \end{aligned}", ["=", ">"]),
        (r"X \in \mathbb{R}^{n \times d}", []),
        (r"\sum_{j=1}^k F_j", []),
        (r"\max_{i \le n} x_i", []),
        (r"\sum_ {j = 1} ^ {\substack{a = b}} x", []),
        (r"x^= y", []),
        (r"\text{so $a = b$}", []),
        (r"\operatorname*{arg\,min}_{w : X w = t} \|w\|", []),
        (r"\left< x, y \right>", []),
        (r"\bigl< x, y \bigr> = 1", ["="]),
        (r"a \to b \leftarrow c \approx d", []),
        ("a % = b", []),
        (r"5 \% = c", ["="]),
        ("x_", []),
        ("", []),
    ],
)
def test_signs_count_but_in_scripts_texts_and_delimiters(latex, signs):
    assert relation_signs(latex) == signs


@pytest.mark.parametrize(
    ("step", "alone"),
    [
        ("a &= b", "a = b"),
        (r"&= \frac{1}{2} \\", r"= \frac{1}{2}"),
        (r"\begin{aligned} a &= b \\ &", "a = b"),
        (r"= c \end{aligned}", "= c"),
        (
            r"A &= \begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix} \\ &",
            r"A = \begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}",
        ),
        (r"\text{a \& b} = 1", r"\text{a \& b} = 1"),
    ],
)
def test_a_step_is_shown_without_what_aligned_it(step, alone):
    assert " ".join(without_alignment(step).split()) == alone
