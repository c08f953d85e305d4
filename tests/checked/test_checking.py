"""Each step of a derivation has its verdict, and the report says why."""

import pickle
import re

import pytest

from hwlib.checked import CheckError, Counterexample, Report, Step, _verdicts, check
from hwlib.checked._checking import setting

DATA = {
    "X": "matrix(n, d)", "w": "vector(d)", "t": "vector(n)", "x": "scalar", "y": "scalar", "k": "index",
    "A": "matrix(n, n)", "B": "matrix(n, n)", "v": "vector(n)",
}  # fmt: skip


def only(latex, symbols=DATA, definitions=None, assumptions=()):
    (step,) = check(latex, symbols, definitions, assumptions).steps
    return step


@pytest.mark.parametrize(
    ("latex", "verdict"),
    [
        (r"\|X w - t\|^2 = w^\top X^\top X w - 2 t^\top X w + t^\top t", "exact"),
        (r"\det(A B) = \det(A) \det(B)", "exact"),
        (r"x + x = 2 x", "exact"),
        ("1 + 1 = 2", "exact"),
        (r"\sum_{j=1}^{k} j = \frac{k (k + 1)}{2}", "exact"),
        (r"\sum_{j=1}^{n} 1 = n", "exact"),
        (r"\sqrt{x^2} = |x|", "numeric"),
        (r"e^{x + y} = e^x e^y", "numeric"),
        (r"\sin^2 x + \cos^2 x = 1", "numeric"),
        (r"\sqrt{2}^2 = 2", "numeric"),
        (r"\operatorname{rank}(X^\top X) = \operatorname{rank}(X)", "sampled"),
        (r"\|v\|_\infty \le \|v\|_2", "sampled"),
        (r"x^2 \ge 0", "proved"),
        (r"x^2 > 0", "refuted"),
        (r"A B = B A", "refuted"),
        (r"\sqrt{x^2} = x", "refuted"),
        (r"\operatorname{rank}(A B) = \operatorname{rank}(A)", "refuted"),
    ],
)
def test_a_relation_gets_the_strongest_verdict_that_it_deserves(latex, verdict):
    assert only(latex).verdict == verdict


WRONG = [
    r"\|X w\|^2 = \|w\|^2",
    r"(A + B)^2 = A^2 + 2 A B + B^2",
    r"(A B)^\top = A^\top B^\top",
    r"(A B)^{-1} = A^{-1} B^{-1}",
    r"\det(A + B) = \det(A) + \det(B)",
    r"\operatorname{tr}(A B) = \operatorname{tr}(A) \operatorname{tr}(B)",
    r"\nabla_w \|X w - t\|^2 = X^\top (X w - t)",
    r"\nabla_w (w^\top X^\top X w) = X^\top X w",
    r"\sum_{j=1}^{k} j = \frac{k (k - 1)}{2}",
    r"\prod_{j=1}^{k} x = k x",
    r"\frac{d}{dx} x^k = k x^k",
    r"\|v\| = \|v\|_1",
    r"\|v\|_1 = \|v\|_\infty",
    r"e^{x y} = e^x e^y",
    r"\log(1 + x^2) = 2 \log x",
    r"\sin(2 x) = 2 \sin x",
    r"\max(x, y) = x",
    r"|x + y| = |x| + |y|",
    r"\sqrt{x^2 + y^2} = x + y",
    r"x^{1/2} x^{1/2} = x^2",
    r"(A v) \odot v = A (v \odot v)",
    r"X^\top (X X^\top)^{-1} X = I",
    r"\det(2 A) = 2 \det(A)",
    r"\det(-A) = -\det(A)",
    r"x^k = x^{k + 2}",
    r"(k - 1)(k - 2)(k - 3)(k - 4) x = 0",
]


@pytest.mark.parametrize("latex", WRONG)
def test_what_is_false_is_refuted_with_data_that_anyone_can_check(latex):
    step = only(latex)
    assert step.verdict == "refuted"
    assert not step.ok
    assert step.bound is None
    assert step.counterexample.left != step.counterexample.right


def test_the_sum_of_the_first_four_squares_is_wrong_only_beyond_them():
    symbols = {"k": "index"}
    wrong = r"\sum_{j=1}^{k} j^2 = \frac{k (k+1) (2k+1)}{6} + (k-1)(k-2)(k-3)(k-4)"
    assert not check(wrong, symbols).ok


@pytest.mark.parametrize("names", [("n", "d"), ("p", "q"), ("r", "s"), ("k", "m"), ("m", "n")])
def test_matrices_that_are_wider_than_high_and_higher_than_one_are_tried(names):
    n, d = names
    symbols = {"A": f"matrix({n}, {n})", "B": f"matrix({n}, {n})", "X": f"matrix({n}, {d})"}
    latex = r"\operatorname{tr}(I - X^\top (X X^\top)^{-1} X) (A B - B A) = 0"
    assert not check(latex, symbols).ok


def test_a_dimension_that_is_also_a_number_is_tried_beyond_the_small_ones():
    latex = r"(n-1)(n-2)(n-3)(n-4)(n-5)(n-6) \|v\|^2 = 0"
    assert not check(latex, {"v": "vector(n)"}).ok


def test_what_is_false_only_for_large_numbers_is_found_when_its_numbers_are_written_in_it():
    assert not check(r"\max(x, 10^9) = 10^9", DATA).ok
    assert not check(r"\min(x, -10^{12}) = -10^{12}", DATA).ok
    assert not check(r"|x - 10^9| = 10^9 - x", DATA).ok


def test_numbers_too_large_to_tell_apart_pass_nothing():
    wrong = r"e^{e^{e^{6 + x^2}}} = 2 e^{e^{e^{6 + x^2}}}"
    try:
        report = check(wrong, DATA)
    except CheckError:
        return
    assert not report.ok


def test_matrices_with_more_than_two_hundred_entries_can_be_compared():
    symbols = {"A": "matrix(15, 15)", "B": "matrix(15, 15)"}
    assert check(r"(A B)^\top = B^\top A^\top", symbols).ok
    assert not check(r"(A B)^\top = A^\top B^\top", symbols).ok


# reports

CHAIN = r"""\|X w - t\|^2 &= (X w - t)^\top (X w - t) && \text{by definition} \\
&= w^\top X^\top X w - 2 t^\top X w + t^\top t \\
&= 0 && wrong"""


def test_a_chain_is_a_step_for_each_of_its_relations():
    report = check(CHAIN, DATA)
    assert isinstance(report, Report)
    assert [step.verdict for step in report.steps] == ["exact", "exact", "refuted"]
    assert not report.ok
    assert [step.remark for step in report.steps] == ["by definition", "", "wrong"]
    assert all(step.latex.replace("&", "") in CHAIN.replace("&", "") for step in report.steps)
    assert str(report).splitlines()[0].startswith(r"exact: \|X w - t\|^2 &= (X w - t)^\top (X w - t)")
    assert "refuted: = 0" in str(report)
    assert str(report.steps[2].counterexample) in str(report)


def test_relations_with_commas_are_each_a_step():
    assert [step.verdict for step in check("x = x, x = y; y^2 \\ge 0", DATA).steps] == [
        "exact",
        "refuted",
        "proved",
    ]


def test_a_step_is_ok_unless_it_is_refuted():
    assert only("x = x").ok
    assert Step("x", (0, 1), "sampled", "somehow").ok
    assert not Step("x", (0, 1), "refuted", "somehow").ok


def test_a_counterexample_without_data_has_the_two_sides_alone():
    assert str(Counterexample((), "1", "2")) == "left 1, right 2"
    assert str(only("1 = 2").counterexample) == "left 1, right 2"


def test_the_odds_and_the_degree_are_in_the_report():
    step = only(r"(A B)^\top = B^\top A^\top")
    assert step.bound < 2**-100
    assert "random points modulo primes above 2^63" in step.method
    assert "degree at most 2" in step.method
    numeric = only(r"e^{x + y} = e^x e^y")
    assert numeric.bound < 1e-50
    assert "balls around zero" in numeric.method
    assert only("1 + 1 = 2").bound == 0


def test_dimensions_without_a_value_are_told():
    step = only(r"X^\top (X X^\top)^{-1} X X^\top = X^\top")
    assert step.verdict == "exact"
    first = re.search(r"without a value at n = (\d), d = (\d)", step.method)
    assert first[1] > first[2]
    assert "and others" in step.method
    assert (
        "without a value"
        not in only(r"X^\top (X X^\top)^{-1} X X^\top = X^\top", assumptions=["n <= d"]).method
    )


def test_the_same_text_gives_the_same_report():
    assert check(CHAIN, DATA) == check(CHAIN, DATA)
    assert pickle.loads(pickle.dumps(check(CHAIN, DATA))) == check(CHAIN, DATA)  # noqa: S301 - our own


# definitions


def test_a_line_that_introduces_a_name_is_its_definition():
    report = check(r"a := X w - t \\ \|a\|^2 = a^\top a \\ a = X w - t", DATA)
    assert [step.verdict for step in report.steps] == ["definition", "exact", "definition"]


def test_a_definition_in_an_aligned_environment():
    latex = r"\begin{aligned} f(z) &:= z^2 && a square \\ f(x + y) &= x^2 + 2 x y + y^2. \end{aligned}"
    report = check(latex, DATA | {"z": "scalar"})
    assert [step.verdict for step in report.steps] == ["definition", "exact"]
    assert report.steps[0].remark == "a square"


def test_a_definition_said_again_is_none_if_it_says_something_else():
    definitions = {"a": "x + y", "f(z)": "z^2"}
    assert only("a = x + y", DATA, definitions).verdict == "definition"
    assert only("a = y + x", DATA, definitions).verdict == "exact"
    assert only("a = x - y", DATA, definitions).verdict == "refuted"
    assert only("a \\ge x + y", DATA, definitions).verdict in {"proved", "sampled"}
    assert only("f(z) = z^2", DATA | {"z": "scalar"}, definitions).verdict == "definition"
    assert only("f(x) = x^2", DATA, definitions).verdict == "exact"
    assert only("f'(z) = z^2", DATA | {"z": "scalar"}, definitions).verdict == "refuted"
    assert only("f(x + 1) = x^2", DATA, definitions).verdict == "refuted"


def test_a_definition_replaces_the_symbol_of_the_same_name():
    assert only("x = 2", DATA, {"x": "1 + 1"}).verdict == "exact"


def test_only_a_name_can_be_defined():
    with pytest.raises(CheckError, match="a definition has a name, or a function of names, on its left"):
        check("a := 1 \\\\ a := 2", DATA)
    with pytest.raises(CheckError, match="a definition has a name, or a function of names, on its left"):
        check("x^2 := 4", DATA)


# what has no value


def test_an_inverse_that_never_exists_is_an_error_that_proposes_an_assumption():
    with pytest.raises(CheckError, match=r"the inverse \(A - A\)\^\{-1\} never exists under the assumptions"):
        check(r"(A - A)^{-1} = A", DATA)
    with pytest.raises(CheckError, match=r"never exists under the assumptions; assume n <= d\?"):
        check(r"(X X^\top)^{-1} X = X", DATA, None, ["n > d"])


def test_a_logarithm_of_what_is_never_positive_proposes_that_it_is():
    with pytest.raises(CheckError, match=r"has no value at any data tried; assume \(?-x\^2\)? > 0\?"):
        check(r"\log(-x^2) = 1", DATA)


def test_a_fraction_over_zero_has_no_value():
    with pytest.raises(CheckError, match="has no value"):
        check(r"\frac{1}{x - x} = 1", DATA)
    with pytest.raises(CheckError, match="has no value"):
        check(r"\frac{1}{x - x} \ge 1", DATA)
    with pytest.raises(CheckError, match="has no value"):
        check(r"\frac{\sqrt{x}}{x - x} = 1", DATA)


# limits


@pytest.mark.parametrize(
    "latex",
    [
        r"\operatorname{tr}(I_{30000}) = 30000",
        r"\mathbf{1}_{100000000}^\top \mathbf{1} = 100000000",
        r"((x^{1000})^{1000})^{1000} = ((x^{1000})^{1000})^{1000}",
        r"((1000 x)^{1000})^{19} = (1000 x)^{1000} ((1000 x)^{1000})^{18}",
        r"(x^{1000})^{100} \ge 0",
    ],
)
def test_what_is_too_large_is_refused_at_once(latex):
    with pytest.raises(CheckError, match="too large|at most"):
        check(latex, DATA)


def test_what_takes_too_long_is_refused():
    many = r"\sum_{i=1}^{1999} (x + i)^2"
    with pytest.raises(CheckError, match="this takes too many operations to check"):
        check(rf"\sqrt{{x}} + {many} = {many} + \sqrt{{x}}", DATA)


def test_there_are_limits_to_derivatives_of_derivatives_and_to_relations():
    assert check(r"\frac{d^6}{dx^6} x^6 = 720", DATA).ok
    with pytest.raises(CheckError, match="more than 6 derivatives within each other"):
        check(r"\frac{d^7}{dx^7} x^7 = 5040", DATA)
    with pytest.raises(CheckError, match="201 relations; at most 200 are checked at once"):
        check("x" + "= x" * 201, DATA)


@pytest.mark.parametrize(
    ("sign", "left", "right", "verdict"),
    [
        (r"\ne", (r"\sqrt{2}", r"\sqrt{3}"), (r"\sqrt{2}", "1"), "proved"),  # one entry differs
        (r"\ne", (r"\sqrt{2}", r"\sqrt{3}"), (r"\sqrt{2}", r"\sqrt{3}"), ""),
        ("<", ("1", r"\sqrt{2}"), ("2", r"\sqrt{3}"), "proved"),
        ("<", ("1", r"\sqrt{2} \sqrt{2}"), ("2", "2"), ""),  # nobody can tell the second ones apart
        (r"\le", ("1", r"\sqrt{2} \sqrt{2}"), ("2", "2"), ""),
        ("<", ("1", "4"), ("2", "3"), "refuted"),
    ],
)
def test_vectors_of_numbers_are_compared_in_all_their_entries(sign, left, right, verdict):
    first, second = (rf"\begin{{bmatrix}} {a} \\ {b} \end{{bmatrix}}" for a, b in (left, right))
    if verdict:
        assert check(f"{first} {sign} {second}", {}).steps[0].verdict == verdict
    else:
        with pytest.raises(CheckError, match="cannot be told apart"):
            check(f"{first} {sign} {second}", {})


def test_what_cannot_be_enclosed_or_told_apart_is_an_error():
    with pytest.raises(CheckError, match="no data were found at which both sides have a value"):
        check(r"\sin(10^{600} x) = \sin(10^{600} x)", DATA)
    with pytest.raises(CheckError, match="the sides cannot be told apart with 1276 digits"):
        check(r"\sqrt{2} \sqrt{3} \le \sqrt{6}", DATA)


def test_sides_that_are_equal_but_irrational_are_not_taken_for_different():
    with pytest.raises(CheckError, match="the sides cannot be told apart with 127 digits"):
        check(r"\sqrt{x + 2} \sqrt{x + 3} < \sqrt{(x + 2) (x + 3)}", DATA)


def test_every_index_up_to_some_number_is_tried_where_nothing_else_matters():
    assert only(r"(k - 37)^2 \ge 1").counterexample.values == (("k", "37"),)
    assert check("2^{k^2} > k", DATA).ok


@pytest.mark.parametrize("latex", [r"x^2 y^2 \ge 0", r"\sum_{i=1}^{1999} (x + y)^2 \ge 0"])
def test_an_assumption_that_few_data_meet_gets_more_of_them(latex):
    assert only(latex, assumptions=["x^2 < 10^{-40}", r"y \ne x"]).ok


def test_an_assumption_that_hardly_any_data_meet_is_tried_to_an_end():
    symbols = dict.fromkeys("xyz", "scalar")
    assumptions = [r"x^2 < \frac{z^2}{1000}", r"y^2 < \frac{z^2}{1000}"]
    assert only(r"x^2 y^2 z^2 \ge 0", symbols, None, assumptions).ok


def test_numbers_that_grow_too_large_for_special_data_are_left_out():
    latex = r"v^\top A^\top A v (x^{1000})^5 = 0"
    assert only(latex, assumptions=["A v = 0"]).verdict == "sampled"


def test_what_holds_modulo_a_prime_alone_is_not_believed(monkeypatch):
    monkeypatch.setattr(_verdicts, "_prime", lambda seed: 5)
    assert not check("x^5 = x", DATA).ok  # Fermat


def test_declarations_and_assumptions_have_an_end():
    long = "x + " * 6000 + "x"
    for arguments in ((DATA | {"a": long}, {}, []), (DATA, {"a": long}, []), (DATA, {}, [f"{long} > 0"])):
        with pytest.raises(CheckError, match=r"2400\d characters in \w+; at most 20000 are read"):
            check("x = x", *arguments)


def test_symbols_and_definitions_are_mappings():
    with pytest.raises(CheckError, match="symbols is a mapping from names to texts, not"):
        check("x = x", [("x", "scalar")])
    with pytest.raises(CheckError, match="definitions is a mapping from names to texts, not 'a'"):
        setting(DATA, "a", [])


@pytest.mark.parametrize("latex", [3, None, b"x = x"])
def test_only_a_text_is_checked(latex):
    with pytest.raises(CheckError, match="latex is a text, not"):
        check(latex, DATA)


def test_long_chains_of_definitions_end_in_an_error_or_a_verdict():
    definitions = {f"a_{{{j}}}": f"a_{{{j + 1}}} + 1" for j in range(1500)} | {"a_{1500}": "x"}
    with pytest.raises(CheckError):
        check("a_{0} = x", DATA, definitions)


def test_definitions_that_grow_when_written_out_are_refused():
    definitions = {f"f_{{{j}}}(x)": f"f_{{{j + 1}}}(x) f_{{{j + 1}}}(x)" for j in range(30)} | {
        "f_{30}(x)": "x"
    }
    with pytest.raises(CheckError, match="the definitions, written out, are too large to check"):
        check("f_{0}(x) = x", DATA, definitions)


@pytest.mark.parametrize("latex", ["(3x - 1)^2 > 0", "(3x - 2)^2 + (3y - 1)^2 > 0"])
def test_an_inequality_that_is_false_at_a_single_small_fraction_is_refuted(latex):
    assert check(latex, {"x": "scalar", "y": "scalar"}).steps[0].verdict == "refuted"


def test_an_equation_is_solved_beside_an_assumption_on_other_symbols():
    symbols = dict.fromkeys("xyzu", "scalar")
    assert check("x y u = z u", symbols, None, ["x y = z", r"u \ne 0", r"x \ne 0"]).ok


def test_an_inequality_is_tried_at_the_few_data_that_meet_narrow_assumptions():
    symbols = dict.fromkeys("xyzu", "scalar")
    narrow = [*(f"{name}^3 > 26.9999" for name in symbols), "x + y + z + u < 12.000001"]
    assert check("x > 1", symbols, None, narrow).ok
    assert not check("x > 3", symbols, None, narrow).ok
