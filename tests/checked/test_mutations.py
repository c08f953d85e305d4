"""A formula with one token changed is refuted, refused, or says the same; ``nox -s mutate`` does the book."""

import mutating
import pytest
from book import ROOT, Formula
from symmetries import Symmetries

FORMULAS = [
    Formula(r"\|X w - t\|^2 = w^\top X^\top X w - 2 t^\top X w + \|t\|^2",
            {"X": "matrix(n, d)", "w": "vector(d)", "t": "vector(n)"}),
    Formula(r"\nabla_w \frac{1}{n} \|X w - t\|^2 = \frac{2}{n} X^\top (X w - t)",
            {"X": "matrix(n, d)", "w": "vector(d)", "t": "vector(n)"}),
    Formula(r"(A B)^{-1} = B^{-1} A^{-1}", {"A": "matrix(n, n)", "B": "matrix(n, n)"}),
    Formula(r"\sum_{i=1}^{k} (2 i - 1) = k^2", {"k": "index"}),
    Formula(r"\sigma(-x) = 1 - \sigma(x)", {"x": "scalar", r"\sigma": "function"}),
    Formula(r"(u^\top v)^2 \le \|u\|^2 \|v\|^2", {"u": "vector(n)", "v": "vector(n)"}),
    Formula(r"w_{1} = w_0 - \eta g(w_0)", {"w_0": "vector(d)", r"\eta": "scalar"},
            {"g(w)": "2 w", "w_1": r"(1 - 2 \eta) w_0"}),
    Formula(r"\log(2 + x^2) = \log(x^2 + 2)", {"x": "scalar"}),
]  # fmt: skip

ALL = {"x": "scalar", "y": "scalar", "u": "vector(n)", "v": "vector(n)", "A": "matrix(n, n)",
       "B": "matrix(n, n)", "S": "matrix(n, n)", "F": "sequence(k)", "k": "index"}  # fmt: skip
DEFINITIONS = {"H": r"A^\top A + x I", "L": r"\|u\|^2", "z": r"\mathbf{0}"}
ASSUMED = (r"S = S^\top", "y > 0")

SAME = [
    (r"x A u = v", r"A x u = v"),
    (r"u^\top A v = x", r"v^\top A^\top u = x"),
    (r"\|u - v\| = x", r"\|v - u\| = x"),
    (r"S u = v", r"S^\top u = v"),
    (r"H u = v", r"H^\top u = v"),
    (r"L = x", r"L^\top = x"),
    (r"\operatorname{tr}(A B) = x", r"\operatorname{tr}(B A) = x"),
    (r"\sum_{i=1}^{k} x F_i = y", r"x \sum_{j=1}^{k} F_j = y"),
    (r"A u = 0", r"2 \cdot A u = 0"),
    (r"x + y \le k", r"x + y \le 2 \cdot k"),
    (r"x < x^2 + y", r"x < x^2 + 3 \cdot y"),
    (r"A z + u = v", r"B z + u = v"),
    (r"x = y", r"y = x"),
]  # fmt: skip
OTHER = [
    (r"A B = S", r"B A = S"),
    (r"A u = v", r"A^\top u = v"),
    (r"\operatorname{tr}(A B S) = x", r"\operatorname{tr}(B A S) = x"),
    (r"\sum_{i=1}^{k} i F_i = y", r"\sum_{i=1}^{k} k F_i = y"),
    (r"x + y \le k", r"2 \cdot x + y \le k"),
    (r"x + y \le k", r"x + y < k"),
    (r"A u = v", r"2 \cdot A u = v"),
    (r"\|u\| = x", r"\|u\|^2 = x"),
    (r"x = y", r"x = y"),
]  # fmt: skip


@pytest.mark.parametrize("formula", FORMULAS, ids=[formula.latex for formula in FORMULAS])
def test_no_mutant_passes_that_does_not_say_the_same(formula):
    verdicts = mutating.judge(formula)
    assert [one for one in verdicts if one.what in mutating.WRONG] == []
    assert sum(one.what in {"refuted", "refused"} for one in verdicts) > 5


def says_the_same(first, second):
    formula = Formula(first, ALL, DEFINITIONS, ASSUMED)
    return Symmetries(formula).between(mutating.read(formula), mutating.read(formula.with_latex(second)))


@pytest.mark.parametrize(("first", "second"), SAME)
def test_a_symmetry_is_seen(first, second):
    assert says_the_same(first, second)


@pytest.mark.parametrize(("first", "second"), OTHER)
def test_what_says_something_else_is_no_symmetry(first, second):
    assert not says_the_same(first, second)


def test_the_kinds_of_change_are_all_made():
    kinds = {kind for formula in FORMULAS for kind, _ in mutating.mutants(formula)}
    assert kinds >= {
        "sign",
        "factor",
        "exponent",
        "transpose",
        "order",
        "symbol",
        "fraction",
        "bound",
        "numeral",
    }


def test_the_listed_mutants_are_of_pages_and_have_reasons():
    for (page, relation, mutant), reason in mutating.listed().items():
        assert (ROOT / page).exists()
        assert relation != mutant
        assert len(reason.split()) > 3


@pytest.mark.parametrize(
    ("latex", "symbols"),
    [
        (r"\log(2 + x^2) \ne \log(x^2 + 2)", {"x": "scalar"}),
        (r"\log(2 + x^2) < \log(x^2 + 2)", {"x": "scalar"}),
        (r"\log(2 + x^2) > \log 2", {"x": "scalar"}),
        (
            r"\frac{1}{1/c + 1/k^3} < k^2",
            {"c": "index", "k": "index", "n": "index", "m": "index", "p": "index"},
        ),
    ],
)
def test_a_false_strict_relation_that_once_passed_does_not_pass(latex, symbols):
    verdict = mutating.judged("none", Formula(r"x = 1", {"x": "scalar"}), Formula(latex, symbols))
    assert verdict.what in {"refuted", "refused"}
