"""What the parser reads in formulas, and what it says of those it can't read."""

import sys
from dataclasses import fields, replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwlib.checked import _expressions as ex
from hwlib.checked._errors import CheckError
from hwlib.checked._parsing import Names, canonical, parse_assumption, parse_expression, parse_relations

NAMES = Names(
    {
        "X": "matrix", "A": "matrix", "B": "matrix", "J": "matrix",
        "a": "vector", "b": "vector", "t": "vector", "u": "vector", "v": "vector", "w": "vector",
        "w_0": "vector", r"\hat w": "vector", "w^*": "vector", "w_{i+1}": "vector", "g_i": "vector",
        r"\mathbf x": "vector",
        "x": "scalar", "y": "scalar", "z": "scalar", "c": "scalar", r"\eta": "scalar", r"\lambda": "scalar",
        r"\theta": "scalar", r"\eta^*": "scalar", r"\tilde\lambda": "scalar", "w^{(1)}": "scalar",
        "r": "scalar", r"P_{\text{max}}": "scalar", r"\mathrm{sg}": "scalar", "X^+": "matrix",
        "F": "sequence", "S": "sequence", r"\gamma": "sequence",
        "k": "index", "l": "index", "n": "dimension", "d": "dimension", "m": "dimension",
        "L": "function", r"\tilde L": "function", r"\sigma": "function", "f": "function", "g_B": "function",
    }
)  # fmt: skip


def at_zero(value):
    """Return an expression without the places it was read from."""
    if isinstance(value, tuple):
        return tuple(map(at_zero, value))
    if not isinstance(value, ex.Expression):
        return value
    inside = {field.name: at_zero(getattr(value, field.name)) for field in fields(value)[2:]}
    return replace(value, start=0, end=0, **inside)


def read(latex, names=NAMES):
    return at_zero(parse_expression(latex, names))


def sides(latex, names=NAMES):
    """Return relations as (left, sign, right)."""
    return [(at_zero(r.left), r.sign, at_zero(r.right)) for r in parse_relations(latex, names)]


def steps(latex):
    """Return each relation as it was written."""
    return [latex[r.start : r.end] for r in parse_relations(latex, NAMES)]


def built(form):
    return lambda *parts: form(0, 0, *parts)


symbol, entry, product, quotient = map(built, (ex.Symbol, ex.Entry, ex.Product, ex.Quotient))
power, transpose, apply, norm, inner = map(built, (ex.Power, ex.Transpose, ex.Apply, ex.Norm, ex.Inner))
call, gradient, block, folded = map(built, (ex.Call, ex.FunctionGradient, ex.Block, ex.Folded))
derivative, extremum, root, elementwise = map(built, (ex.Derivative, ex.Extremum, ex.Root, ex.Elementwise))
filled, constant = built(ex.Filled), built(ex.Constant)


def number(value):
    return ex.Number(0, 0, Fraction(value))


def plus(*terms):
    return ex.Sum(0, 0, tuple((1, term) for term in terms))


def minus(first, *rest):
    return ex.Sum(0, 0, ((1, first), *((-1, term) for term in rest)))


def negative(term):
    return ex.Sum(0, 0, ((-1, term),))


def times(*factors):
    return product(factors)


ONE, TWO, THREE, ZERO = number(1), number(2), number(3), filled("zero")
X, A, B, w, a, b, t, u, v = map(symbol, ("X", "A", "B", "w", "a", "b", "t", "u", "v"))
x, y, c, eta, k, n, i, j = map(symbol, ("x", "y", "c", r"\eta", "k", "n", "i", "j"))
w_0, w_hat, w_star = symbol("w_0"), symbol(r"\hat w"), symbol("w^*")


# Names


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("w_{0}", "w_0"),
        (" w _ 0 ", "w_0"),
        (r"\hat{w}", r"\hat w"),
        (r"\tilde{\lambda}", r"\tilde\lambda"),
        (r"\mathbf{x}_{1}", r"\mathbf x_1"),
        ("w^{*}", "w^*"),
        ("w^*_{0}", "w_0^*"),
        ("w_{t + 1}", "w_{t+1}"),
        ("w^{(1)}", "w^{(1)}"),
        ("w_{10}", "w_{10}"),
        ("{w}_{0}", "w_0"),
        ("A_{FCNN}", "A_{FCNN}"),
        (r"P_{\text{max}}", r"P_{\text{max}}"),
        (r"P_\text{max}", r"P_{\text{max}}"),
        (r"\mathrm{sg}", r"\mathrm{sg}"),
        (r"\hat{\mathbf{x}}", r"\hat{\mathbf x}"),
        (r"\R", r"\R"),
        ("w_{i_{1}}", "w_{i_1}"),
        (r"w_{\hat{k}}", r"w_{\hat k}"),
    ],
)
def test_a_name_has_one_normal_form(written, name):
    assert canonical(written) == name
    assert canonical(name) == name


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("ab", "one name is wanted"),
        ("", "a name is wanted"),
        ("3", "a name is wanted"),
        (r"\frac", "a name is wanted"),
        ("w'", "one name is wanted"),
        (r"\hat", r"\hat has no argument"),
        ("w_{0", "never closed"),
    ],
)
def test_what_is_not_one_name_is_refused(written, problem):
    with pytest.raises(CheckError, match=problem.replace("\\", r"\\")):
        canonical(written)


@pytest.mark.parametrize(
    ("latex", "meaning"),
    [
        ("w_0", w_0),
        ("w_{0}", w_0),
        ("{w}_0", w_0),
        (r"\hat{w}", w_hat),
        ("w^*", w_star),
        ("w^{*}", w_star),
        ("w_{i+1}", symbol("w_{i+1}")),
        ("X^+", symbol("X^+")),
        (r"P_{\text{max}}", symbol(r"P_{\text{max}}")),
        (r"\mathrm{sg}", symbol(r"\mathrm{sg}")),
        ("w_1", entry("w", (ONE,))),
        (r"\hat w_k", entry(r"\hat w", (k,))),
        ("w^*_k", entry("w^*", (k,))),
        ("w_k^*", entry("w^*", (k,))),
        ("w_{0,k}", entry("w_0", (k,))),
        ("F_{k-1}", entry("F", (minus(k, ONE),))),
        ("w_{2k}", entry("w", (times(TWO, k),))),
        ("w_{10}", entry("w", (number(10),))),
        ("A_{kl}", entry("A", (k, symbol("l")))),
        ("A_{12}", entry("A", (ONE, TWO))),
        ("A_{1k}", entry("A", (ONE, k))),
        ("A_{k+1,l}", entry("A", (plus(k, ONE), symbol("l")))),
        ("w_1^2", power(entry("w", (ONE,)), TWO)),
        ("w^2_1", power(entry("w", (ONE,)), TWO)),
        ("A_{12}^2", power(entry("A", (ONE, TWO)), TWO)),
        ("F_{F_1}", entry("F", (entry("F", (ONE,)),))),
        ("xy", times(x, y)),
    ],
)
def test_the_longest_declared_name_wins_and_an_index_beyond_it_is_an_entry(latex, meaning):
    assert read(latex) == meaning


def test_what_is_declared_goes_before_what_everyone_knows():
    declared = Names(
        {"e": "vector", r"\pi": "scalar", "I": "matrix", r"\R": "scalar", r"\operatorname{tr}": "scalar"}
    )
    assert read("e", declared) == symbol("e")
    assert read("e_1", declared) == entry("e", (ONE,))
    assert read(r"\pi I", declared) == times(symbol(r"\pi"), symbol("I"))
    assert read(r"\R^2", declared) == power(symbol(r"\R"), TWO)
    assert read(r"\operatorname{tr}(e)", declared) == times(symbol(r"\operatorname{tr}"), symbol("e"))
    assert read(r"e^{\pi x}") == power(constant("e"), times(constant("pi"), x))


@pytest.mark.parametrize(
    ("latex", "meaning"),
    [
        ("3", THREE),
        ("0.5", number("1/2")),
        (".5", number("1/2")),
        ("1{,}119{,}552", number(1119552)),
        (r"10^{-9}", power(number(10), negative(number(9)))),
        (r"x^2y", times(power(x, TWO), y)),
        (r"\frac12", quotient(ONE, TWO)),
        (r"\frac1n", quotient(ONE, n)),
        (r"\frac{1}2", quotient(ONE, TWO)),
        (r"\tfrac{1}{2}x", times(quotient(ONE, TWO), x)),
        (r"\sqrt2x", times(apply("sqrt", TWO), x)),
        (r"\sqrt[3]{x}", root(THREE, x)),
    ],
)
def test_numbers_are_exact_and_an_argument_without_braces_is_one_sign(latex, meaning):
    assert read(latex) == meaning


# Sums, products, quotients, powers


@pytest.mark.parametrize(
    ("latex", "meaning"),
    [
        ("x + y - c", ex.Sum(0, 0, ((1, x), (1, y), (-1, c)))),
        ("-x^2", negative(power(x, TWO))),
        ("+x", x),
        ("- x + y", ex.Sum(0, 0, ((-1, x), (1, y)))),
        (r"2 \cdot x \times y * c", times(TWO, x, y, c)),
        ("x(y + 1)", times(x, plus(y, ONE))),
        ("X[w_0 - t]", times(X, minus(w_0, t))),
        (r"\left(1 - x\right) w", times(minus(ONE, x), w)),
        (r"\Bigl(1 - x\Bigr) \big[ w \big]", times(minus(ONE, x), w)),
        ("1/n", quotient(ONE, n)),
        ("2/(1 + 9)", quotient(TWO, plus(ONE, number(9)))),
        ("(x)/(y)", quotient(x, y)),
        ("xy/c", quotient(times(x, y), c)),
        (r"x/y \cdot c", times(quotient(x, y), c)),
        ("x/y/c", quotient(quotient(x, y), c)),
        (r"x \: \, y \; \! ~ {} \quad", times(x, y)),
        ("{x} + {}{y}", plus(x, y)),
        (r"\displaystyle x % half of it" "\n y", times(x, y)),
        ("x + 0", plus(x, ZERO)),
        ("0", ZERO),
        ("0 x", times(number(0), x)),
    ],
)
def test_terms_are_read_as_mathematics_is_written(latex, meaning):
    assert read(latex) == meaning


@pytest.mark.parametrize(
    ("latex", "meaning"),
    [
        (r"X^\top X w", times(transpose(X), X, w)),
        ("X^T w", times(transpose(X), w)),
        (r"X^{\mathsf T}", transpose(X)),
        (r"X^{\mathrm{T}}", transpose(X)),
        (r"X^\intercal", transpose(X)),
        (r"(X X^\top)^{-1} t", times(power(times(X, transpose(X)), number(-1)), t)),
        (r"A^{-\top}", transpose(power(A, number(-1)))),
        ("A^{-T}", transpose(power(A, number(-1)))),
        ("A^{k-1}", power(A, minus(k, ONE))),
        (r"\left[I - A\right]^2", power(minus(filled("identity", None), A), TWO)),
        (r"a^{\odot 3}", elementwise("times", elementwise("times", a, a), a)),
        (r"a \odot b \oslash t", elementwise("over", elementwise("times", a, b), t)),
        (r"2x\frac{x}{2} a \odot b", times(TWO, x, quotient(x, TWO), elementwise("times", a, b))),
        ("I_n", filled("identity", n)),
        (r"\mathbf{1}^\top \mathbf 0", times(transpose(filled("ones", None)), filled("zero", None))),
        (r"\mathbf{1}_{n} + \mathbb{1}", plus(filled("ones", n), filled("ones", None))),
    ],
)
def test_matrices_have_transposes_inverses_and_products_entry_by_entry(latex, meaning):
    assert at_zero(read(latex)) == meaning


def test_a_capital_t_that_is_declared_is_a_power_of_scalars_and_asked_about_for_matrices():
    names = Names({"T": "index", "X": "matrix", "x": "scalar"})
    assert read("x^T", names) == power(x, symbol("T"))
    assert read("x^{T-1}", names) == power(x, minus(symbol("T"), ONE))
    with pytest.raises(CheckError, match=r"T is declared, .* write X\^\\top"):
        read("X^T", names)


# Bars, norms, brackets


@pytest.mark.parametrize(
    ("latex", "meaning"),
    [
        ("|x|", apply("abs", x)),
        ("|x||y|", times(apply("abs", x), apply("abs", y))),
        ("|x - |y||", apply("abs", minus(x, apply("abs", y)))),
        ("||x| - |y||", apply("abs", minus(apply("abs", x), apply("abs", y)))),
        (r"\left| |x| y \right|", apply("abs", times(apply("abs", x), y))),
        (r"\lvert x \rvert^2", power(apply("abs", x), TWO)),
        (r"\abs{x}", apply("abs", x)),
        (r"\|w\|", norm("2", w)),
        (r"\|w\|^2", power(norm("2", w), TWO)),
        (r"\|w\|_2^2", power(norm("2", w), TWO)),
        (r"\|w\|^2_1", power(norm("1", w), TWO)),
        (r"\|X\|_{F}", norm("F", X)),
        (r"\|X\|_\infty", norm("inf", X)),
        (r"\norm{X w - t}^2", power(norm("2", minus(times(X, w), t)), TWO)),
        (r"\lVert w \rVert \Vert a \Vert", times(norm("2", w), norm("2", a))),
        (r"\bigl\|w\bigr\| \big|x\big|", times(norm("2", w), apply("abs", x))),
        (r"\|2\,(\|u\|)\|", norm("2", times(TWO, norm("2", u)))),
        (r"\|0\|", norm("2", ZERO)),
        (r"\langle a, b \rangle^2", power(inner(a, b), TWO)),
        (r"\left\langle X a, 0 \right\rangle", inner(times(X, a), ZERO)),
    ],
)
def test_a_bar_closes_where_an_operand_ended_and_opens_elsewhere(latex, meaning):
    assert read(latex) == meaning


@pytest.mark.parametrize(
    ("latex", "rows"),
    [
        (r"\begin{pmatrix} 2 & 1 \end{pmatrix}", ((TWO, ONE),)),
        (r"\begin{bmatrix} 2/3 \\ 0 \\ \end{bmatrix}", ((quotient(TWO, THREE),), (ZERO,))),
        (
            r"\begin{bmatrix} A & -B \\ 0 & I \end{bmatrix}",
            ((A, negative(B)), (ZERO, filled("identity", None))),
        ),
        (r"\begin{bmatrix} A && B \end{bmatrix}", None),
    ],
)
def test_matrices_are_blocks_by_rows(latex, rows):
    if rows is None:
        with pytest.raises(CheckError, match="found .* where a number, a name or a bracket is wanted"):
            read(latex)
    else:
        assert read(latex) == block(rows)


# Functions


@pytest.mark.parametrize(
    ("latex", "meaning"),
    [
        (r"\log(x)y", times(apply("log", x), y)),
        (r"\ln(x)^2", power(apply("log", x), TWO)),
        (r"\sin^2 x", power(apply("sin", x), TWO)),
        (r"\sin^2(x) y", times(power(apply("sin", x), TWO), y)),
        (r"\sin 2x \cos y", times(apply("sin", times(TWO, x)), apply("cos", y))),
        (r"\cos k\theta + 1", plus(apply("cos", times(k, symbol(r"\theta"))), ONE)),
        (r"\cos \frac{x}{2} \cdot y", times(apply("cos", quotient(x, TWO)), y)),
        (r"\log \sqrt{x}", apply("log", apply("sqrt", x))),
        (r"\operatorname{tr} A^\top B", apply("tr", times(transpose(A), B))),
        (r"\operatorname{tr}(A) B", times(apply("tr", A), B)),
        (r"\mathrm{tr}(A) + \text{tr}(B)", plus(apply("tr", A), apply("tr", B))),
        (r"\log \det A", apply("log", apply("det", A))),
        (r"\log |x|", apply("log", apply("abs", x))),
        (r"\det \begin{pmatrix} 1 \end{pmatrix}", apply("det", block(((ONE,),)))),
        (r"\operatorname{diag}(a)", apply("diag", a)),
        (r"\operatorname{rank} X", apply("rank", X)),
        (r"\exp a", apply("exp", a)),
        (r"\cos x \quad + \quad {}y", plus(apply("cos", x), y)),
        (r"\operatorname{sgn}[x]", apply("sign", x)),
        ("L(w)", call("L", (w,), 0)),
        (r"\tilde L\left(w\right)^2", power(call(r"\tilde L", (w,), 0), TWO)),
        ("f(x, 0)", call("f", (x, ZERO), 0)),
        ("f''(x)", call("f", (x,), 2)),
        ("f'''''''''(x)", call("f", (x,), 9)),
        (r"f^{\prime}(x)", call("f", (x,), 1)),
        (r"\sigma(x)(1 - \sigma(x))", times(call(r"\sigma", (x,), 0), minus(ONE, call(r"\sigma", (x,), 0)))),
        ("g_B(w) u", times(call("g_B", (w,), 0), u)),
        (r"\nabla L(w)^\top u", times(transpose(gradient("L", (w,), 1)), u)),
        (r"\nabla^2 L(w)", gradient("L", (w,), 2)),
        (r"\min(x, y)", extremum("min", (x, y))),
        (r"\max\{x, 0\}^2", power(extremum("max", (x, number(0))), TWO)),
    ],
)
def test_functions_take_brackets_or_the_run_that_follows(latex, meaning):
    assert read(latex) == meaning


# Sums over an index


@pytest.mark.parametrize(
    ("latex", "meaning"),
    [
        (r"\sum_{j=1}^{k} F_j", folded("sum", "j", ONE, k, entry("F", (j,)))),
        (r"\sum^k_{j=1} F_j", folded("sum", "j", ONE, k, entry("F", (j,)))),
        (r"\sum_{j=1}^k F_j + 1", plus(folded("sum", "j", ONE, k, entry("F", (j,))), ONE)),
        (r"\sum_j w_j^2", folded("sum", "j", None, None, power(entry("w", (j,)), TWO))),
        (r"\max_i |w_i|", folded("max", "i", None, None, apply("abs", entry("w", (i,))))),
        (r"\min_{1 \le i \le n} w_i", folded("min", "i", ONE, n, entry("w", (i,)))),
        (r"\operatorname{max}_i w_i", folded("max", "i", None, None, entry("w", (i,)))),
        (
            r"\sum_{i,j} A_{ij}",
            folded("sum", "i", None, None, folded("sum", "j", None, None, entry("A", (i, j)))),
        ),
        (
            r"2 \sum_{j=1}^{l} (F_j - 1) \prod_{i=1}^{j-1} S_i",
            times(
                TWO,
                folded(
                    "sum",
                    "j",
                    ONE,
                    symbol("l"),
                    times(
                        minus(entry("F", (j,)), ONE),
                        folded("prod", "i", ONE, minus(j, ONE), entry("S", (i,))),
                    ),
                ),
            ),
        ),
        (r"\sum_{k=0}^{n} x^k", folded("sum", "k", number(0), n, power(x, k))),
        (r"\prod_{j=1}^{k} 2 x", folded("prod", "j", ONE, k, times(TWO, x))),
        (
            r"\prod_{j=1}^{k} 2 \log(F_j)",
            folded("prod", "j", ONE, k, times(TWO, apply("log", entry("F", (j,))))),
        ),
        (
            r"\sum_j F_j \sum_j S_j",
            folded(
                "sum",
                "j",
                None,
                None,
                times(entry("F", (j,)), folded("sum", "j", None, None, entry("S", (j,)))),
            ),
        ),
        (r"\prod_{x=1}^{2} x", folded("prod", "x", ONE, TWO, x)),
    ],
)
def test_a_sum_extends_over_its_term_and_binds_its_index_there(latex, meaning):
    assert read(latex) == meaning


# Derivatives


@pytest.mark.parametrize(
    ("latex", "meaning"),
    [
        (r"\frac{d}{dx} x^2", derivative("derivative", (x,), power(x, TWO))),
        (r"\frac{d}{d \eta} \eta x + 1", plus(derivative("derivative", (eta,), times(eta, x)), ONE)),
        (r"\frac{d^2}{dx^2} x", derivative("derivative", (x, x), x)),
        (r"\frac{\mathrm{d}}{\mathrm{d} x} x", derivative("derivative", (x,), x)),
        (r"\frac{\partial^2}{\partial x \partial y} xy", derivative("derivative", (x, y), times(x, y))),
        (r"\frac{\partial w_{i+1}}{\partial w_0}", derivative("derivative", (w_0,), symbol("w_{i+1}"))),
        (r"\frac{\partial L(w)}{\partial w}", derivative("derivative", (w,), call("L", (w,), 0))),
        (r"\frac{d x}{d \eta^*}", derivative("derivative", (symbol(r"\eta^*"),), x)),
        (r"\frac{d}{n}", quotient(symbol("d"), n)),
        (r"\frac{n}{d}", quotient(n, symbol("d"))),
        (r"\frac{d}{d+1}", quotient(symbol("d"), plus(symbol("d"), ONE))),
        (r"\frac{d^2}{n}", quotient(power(symbol("d"), TWO), n)),
        (r"\nabla_w \|w\|^2", derivative("gradient", (w,), power(norm("2", w), TWO))),
        (r"\nabla_{w_0}^2 \frac{1}{2} \|w_0\|", derivative(
            "gradient", (w_0, w_0), times(quotient(ONE, TWO), norm("2", w_0)))),
        (r"\nabla^2_w L(w)", derivative("gradient", (w, w), call("L", (w,), 0))),
        (r"\frac{d}{dx} (x^2) y", times(derivative("derivative", (x,), power(x, TWO)), y)),
        (r"\frac{d}{dx} L(x) \cdot (2n - y^2)", times(
            derivative("derivative", (x,), call("L", (x,), 0)), minus(times(TWO, n), power(y, TWO)))),
        (r"\frac{d}{dx} (x) 2^k (n)^\top", times(
            derivative("derivative", (x,), x), power(TWO, k), transpose(n))),
        (r"\frac{d}{dx} (x^2 y)", derivative("derivative", (x,), times(power(x, TWO), y))),
        (r"\sum_i \frac{d}{dx} (x) i",
         folded("sum", "i", None, None, times(derivative("derivative", (x,), x), i))),
    ],
)  # fmt: skip
def test_fractions_of_differentials_and_nablas_differentiate(latex, meaning):
    assert read(latex) == meaning


def test_d_as_a_declared_scalar_divides_where_it_stands_before_something():
    names = Names({"d": "scalar", "x": "scalar", "y": "scalar"})
    assert read(r"\frac{d x}{d y}", names) == quotient(times(symbol("d"), x), times(symbol("d"), y))
    assert read(r"\frac{d}{d y} y", names) == derivative("derivative", (y,), y)
    assert read(r"\sum_x \frac{d}{dx} x", names) == folded(
        "sum", "x", None, None, derivative("derivative", (x,), x)
    )
    assert read(r"\sum_j \frac{d}{dj} j", names) == folded(
        "sum", "j", None, None, derivative("derivative", (j,), j)
    )


# Relations, chains and lines


@pytest.mark.parametrize(
    ("sign", "meaning"),
    [
        ("=", "="), (r"\equiv", "="), (r"\ne", "!="), (r"\neq", "!="), ("!=", "!="), (r"\not=", "!="),
        (r"\le", "<="), (r"\leq", "<="), (r"\leqslant", "<="), ("<=", "<="),
        (r"\ge", ">="), (r"\geq", ">="), (r"\geqslant", ">="), (">=", ">="),
        ("<", "<"), (r"\lt", "<"), (">", ">"), (r"\gt", ">"), (":=", ":="), (r"\coloneqq", ":="),
    ],
)  # fmt: skip
def test_each_relation_sign_is_known(sign, meaning):
    assert sides(f"x {sign} y") == [(x, meaning, y)]


def test_each_pair_of_neighbours_in_a_chain_is_one_relation():
    assert sides(r"x = y \le c") == [(x, "=", y), (y, "<=", c)]
    assert steps(r"x = y \le c") == ["x = y", r"\le c"]


@pytest.mark.parametrize(
    ("latex", "written"),
    [
        (r"x = y, \quad c = 1.", ["x = y", "c = 1"]),
        (r"x = y; c = 1", ["x = y", "c = 1"]),
        ("x = 0.5.", ["x = 0.5"]),
        (r"x &= y \\ &\le c \\[2pt] c &= 1", ["x &= y", r"\le c", "c &= 1"]),
        (r"\begin{aligned} x &= y, \\ c &= 1. \end{aligned}", ["x &= y", "c &= 1"]),
        (r"\begin{align*} x &= y \\ \end{align*}", ["x &= y"]),
        (r"x \\ = y", [r"x \\ = y"]),
        (r"x \\ + c = y", [r"x \\ + c = y"]),
        (r"x = \\ y", [r"x = \\ y"]),
        (r"x = \\ y = c", [r"x = \\ y", "= c"]),
        (
            r"x = {} & y \\ & - c \\ & \cdot c \\ & + 1 = y",
            [r"x = {} & y \\ & - c \\ & \cdot c \\ & + 1", "= y"],
        ),
        (r"x = y, \\ -c = 1", ["x = y", "-c = 1"]),
        (r"x = \left( y \\ & + c \right) \label{here} \tag{1} \nonumber", [r"x = \left( y \\ & + c \right)"]),
        (r"\boxed{x = y}", ["x = y"]),
    ],
)
def test_lines_and_commas_part_chains(latex, written):
    assert steps(latex) == written


def test_a_remark_belongs_to_the_relation_of_its_line():
    latex = r"x &= y && \text{by $y$ itself} \\ &= c + {} \\ & 1 && for~one, (say \\ c &= 1, & & last"
    assert [relation.remark for relation in parse_relations(latex, NAMES)] == [
        "by $y$ itself",
        "for one, (say",
        "last",
    ]
    assert [r.remark for r in parse_relations(r"x && left \\ &= y && right", NAMES)] == ["left right"]
    assert [r.remark for r in parse_relations(r"&& early \\ x &= y \\ &= c", NAMES)] == ["early", ""]


def test_spans_give_back_what_was_written():
    latex = r"x = \left(\frac{1}{2} + y\right) \|w\|^2_2"
    (relation,) = parse_relations(latex, NAMES)
    first, second = relation.right.factors
    assert latex[relation.right.start : relation.right.end] == latex[4:]
    assert latex[first.start : first.end] == r"\left(\frac{1}{2} + y\right)"
    assert latex[second.start : second.end] == r"\|w\|^2_2"
    assert latex[first.terms[0][1].start : first.terms[0][1].end] == r"\frac{1}{2}"


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("rank(X) = n", [(apply("rank", X), "=", n)]),
        ("n <= d", [(n, "<=", symbol("d"))]),
        ("x != 0", [(x, "!=", ZERO)]),
        ("tr(A) = 0", [(apply("tr", A), "=", ZERO)]),
        ("0 < x < 1", [(ZERO, "<", x), (x, "<", ONE)]),
        ("max(x, y) >= 1", [(extremum("max", (x, y)), ">=", ONE)]),
        (r"A = A^\top", [(A, "=", transpose(A))]),
    ],
)
def test_assumptions_may_be_typed_plainly(text, meaning):
    found = parse_assumption(text, NAMES)
    assert [(at_zero(r.left), r.sign, at_zero(r.right)) for r in found] == meaning


def test_a_formula_within_a_line_of_text_has_no_lines_and_no_remarks():
    assert len(parse_relations("x = y", NAMES, inline=True)) == 1
    for latex in (r"x = y \\ = c", "x = y && so"):
        with pytest.raises(CheckError, match="no lines and no remarks"):
            parse_relations(latex, NAMES, inline=True)


def test_an_expression_may_end_in_punctuation():
    assert read(r"x, \\") == x
    assert read(r"x \\ + y.") == plus(x, y)


# What can't be read

TWO_WAYS = "where does the argument of"


@pytest.mark.parametrize(
    ("latex", "problem", "place"),
    [
        # braces, brackets, bars
        (r"\frac{x}", r"the denominator of \frac has no argument here", "}"),
        ("{x = y", "this { is never closed: a } is wanted", "{"),
        ("x} = y", "this } closes no {", "}"),
        ("(x = y", "the relation = within brackets cannot be read", "="),
        ("(x + y", "this ( is never closed: ) is wanted", "("),
        ("x) = y", "this ) closes nothing", ")"),
        ("(x] = y", "] stands where ) is wanted, to close (", "]"),
        (r"\sqrt[3{x} = 1", "this [ is never closed: ] is wanted", "["),
        (r"\frac{(x}{y)} = 1", "this ( is never closed", "("),
        (r"\frac{x)}{y} = 1", "this ) closes nothing", ")"),
        (r"\frac{}{x} = 1", r"\frac has an empty argument", r"\frac"),
        ("x^{} = 1", "^ has an empty argument", "^"),
        ("|x = 1", "the relation = within brackets", "="),
        (r"\|x\| + \|x", r"this \| is never closed", r"\|"),
        ("||w|| = 1", r"a norm is written \|x\|, not ||x||", "||w||"),
        (r"\|w\|_3 = 1", r"no known norm: _1, _2, _\infty or _F is wanted", "_3"),
        (r"\left. x \right| = 1", r"\left. cannot be read: write both brackets, or none", r"\left."),
        (r"\left x = 1", "a bracket is wanted here, after a command that sizes it", "x"),
        (r"x = 1 \right", r"a bracket is wanted after \right", r"\right"),
        ("(x, y) = a", r"a list in brackets belongs to a function; a column is \begin{pmatrix}", "(x, y)"),
        (r"\{x\} = 1", "a set cannot be checked", r"\{x\}"),
        (r"f(x; y) = 1", "; within brackets cannot be read: a comma is wanted", ";"),
        (r"\begin{cases} x \end{cases}", "the environment cases cannot be read; ", r"\begin{cases}"),
        (r"\begin{aligned} x = y", r"\begin{aligned} has no \end", ""),
        (r"x = y \end{aligned}", r"no \begin{aligned} is open here", r"\end{aligned}"),
        (r"\begin{bmatrix} x \end{pmatrix}", r"\end{pmatrix} stands where \end{bmatrix} is wanted", None),
        (
            r"\begin{bmatrix} x \\ x & y \end{bmatrix} = 1",
            "rows of 1, 2 entries: as many are wanted in each",
            None,
        ),
        # what is missing or too much
        ("x = ", "found the end where a number, a name or a bracket is wanted", ""),
        ("x = y +", "found the end where a number", ""),
        (r"x = 2 \cdot -y", "found - where a number", "-"),
        ("x = (y + ) c", "found ) where a number", ")"),
        ("x = y, = c", "nothing stands before =: a left side is wanted", "="),
        ("= x", "nothing stands before =: a left side is wanted", "="),
        ("x + y", r"no relation: one of = \ne < \le > \ge := is wanted", "x + y"),
        (r"x = y \\ c", r"no relation", "c"),
        (
            r"x = y \\ - c = 1",
            "does this line go on from the one before, or begin a new relation?",
            "- c = 1",
        ),
        ("", "nothing to read: a formula is wanted", None),
        (r"x = y \quad c = 1", r"a \quad within a product: a comma is wanted between two relations", "c"),
        ("x = 2 3", r"two numbers side by side: put \cdot between them", "2 3"),
        ("x = 1.2.3", "two numbers side by side", "1.2.3"),
        ("x = y. c", "a full stop within a formula", "."),
        ("x = " + "1" * 101, "a number of 101 characters: at most 100 are read", "1" * 101),
        (r"x = \langle a \rangle", r"\rangle is not wanted here", r"\rangle"),
        (r"x = |a, b|", ", is not wanted here: an operator or the end is", ","),
        # names
        (r"\hat v = 1", r"undeclared symbol \hat v; declared are ", r"\hat v"),
        ("w^{(2)} = 1", "did you mean w^{(1)}? (a power has no brackets)", "^{(2)}"),
        ("A^+ = 1", "undeclared symbol A^+; declared are", "^+"),
        ("(x)^{(2)} = 1", "^{(2)} is read as part of a name only", "^{(2)}"),
        ("x_1 = 1", "undeclared symbol x_1; ", "x_1"),
        ("x_{12} = 1", "(x is a scalar and has no entries)", "x_{12}"),
        ("q^* = 1", "undeclared symbol q^*", "q^*"),
        ("q^2 = 1", "undeclared symbol q;", "q^2"),
        ("e_1 = 1", "undeclared symbol e_1", "e_1"),
        ("A_k = 1", "A is a matrix: two indices are wanted, not k", "A_k"),
        ("A_{123} = 1", "A is a matrix: two indices are wanted, not 123", "A_{123}"),
        ("w_{kl} = 1", "w is a vector: one index is wanted, not kl", "w_{kl}"),
        ("w_{k,l} = 1", "w is a vector: one index is wanted, not k,l", "w_{k,l}"),
        ("(x)_1 = 1", "this subscript belongs to no name", "_"),
        ("x_1_2 = 1", "two subscripts", "_"),
        (r"w_i = \sum_i w_i", "undeclared symbol i", "i"),
        (r"\sum_i w_i + i = 1", "undeclared symbol i", "i"),
        (
            r"\sum_i w_{i+1} = 1",
            "w_{i+1} is declared as one symbol, but i is an index that runs here",
            "_{i+1}",
        ),
        (r"\sum_j j_1 = 1", "j is an index that runs here and has no subscript", "j_1"),
        ("x_ = 1", "undeclared symbol", None),
        ("x = w_", "_ has no argument here", "_"),
        (r"x = \hat", r"\hat has no argument here", r"\hat"),
        # powers
        ("^2 = 1", "a superscript of nothing", "^"),
        ("x^2^3 = 1", "two superscripts", "^"),
        ("(x)^2^3 = 1", "two superscripts", "^"),
        (r"(x)^\top{}^2 = 1", "two superscripts", "^"),
        (r"x^\frac12 = 1", "put braces around the argument of ^", r"\frac"),
        (r"\hat\mathbf x = 1", r"put braces around the argument of \hat", r"\mathbf"),
        (r"a^{\odot 10} = 1", r"a number from 2 to 9 is wanted after ^\odot", r"^{\odot 10}"),
        ("x' = 1", "a prime differentiates a declared function", "'"),
        ("x^{'} = 1", "a prime differentiates a declared function", "^{'}"),
        ("f" + "'" * 10 + "(x) = 1", "more than 9 primes", "'" * 10),
        (r"A_{kl}^\top = 1", "the entry of a power, or the power of an entry?", r"A_{kl}^\top"),
        ("A^{-1}_{kl} = 1", "the entry of a power, or the power of an entry?", "A^{-1}_{kl}"),
        ("A_{kl}^{-1} = 1", "the entry of a power, or the power of an entry?", "A_{kl}^{-1}"),
        ("A^2_{kl} = 1", "the entry of a power, or the power of an entry?", "A^2_{kl}"),
        # functions
        ("x = f", "f is a function: its argument is wanted in brackets", "f"),
        ("x = f^2(x)", "f has a power before its argument: put the power after the brackets", "f^2"),
        ("x = f'(x, y)", "a prime needs a function of one argument", "f'(x, y)"),
        (r"x = \nabla f", r"\nabla wants the name it differentiates in", r"\nabla"),
        (r"x = \nabla w", r"\nabla wants the name it differentiates in", r"\nabla"),
        (r"x = \nabla f'(x)", r"\nabla wants the name it differentiates in", r"\nabla"),
        (r"x = \nabla^3 f(x)", r"\nabla^2 is the Hessian; no other power is read", r"\nabla^3"),
        (r"x = \nabla_{w + 1} x", r"a declared name is wanted as the subscript of \nabla", r"\nabla_{w + 1}"),
        (r"x = \nabla_1 x", r"a declared name is wanted as the subscript of \nabla", r"\nabla_1"),
        (r"x = \nabla_q x", "undeclared symbol q", "q"),
        (r"x = \sin", "the argument of sin is wanted here, in brackets", r"\sin"),
        (r"x = \log \sum_j F_j", "the argument of log is wanted here, in brackets", r"\log"),
        (r"x = \sin x / 2", TWO_WAYS, r"\sin x /"),
        (r"x = \sin x (y)", TWO_WAYS, r"\sin x (y)"),
        (r"a = \cos \theta a", TWO_WAYS, r"\cos \theta a"),
        (r"a = \exp x \mathbf 1", TWO_WAYS, r"\exp x \mathbf 1"),
        (r"x = \log x |y|", TWO_WAYS, r"\log x |y|"),
        (r"x = \log \det(A) x", TWO_WAYS, r"\log \det(A) x"),
        (r"x = \log |x| y", TWO_WAYS, r"\log |x| y"),
        (r"x = \sin^{-1} y", "the inverse function, or one over it?", r"\sin^{-1}"),
        (r"x = \sin^\top y", "a power is wanted here", r"^\top"),
        (r"x = \min", r"\min wants an index, or its arguments in brackets", r"\min"),
        (r"x = \operatorname{relu}(y)", r"undeclared symbol \operatorname{relu}", r"\operatorname{relu}"),
        # quotients and products entry by entry
        ("1/2 x = 1", r"what does / divide by? Put brackets round it, or write \frac{}{}", "2 x"),
        (r"A b \odot a = 1", r"what belongs to \odot or \oslash here?", r"A b \odot a"),
        (r"a \odot b \cdot c = 1", r"what belongs to \odot or \oslash here?", r"a \odot b \cdot c"),
        # sums
        (r"\sum x = 1", r"\sum names no index: write \sum_{j=1}^{k} or \sum_j", r"\sum"),
        (r"\max^2 x = 1", r"\max names no index", r"\max^2"),
        (r"\sum_{j=1} x = 1", r"a range is wanted: \sum_{j=1}^{k}", r"\sum_{j=1}"),
        (r"\sum_{j \ne 1} x = 1", "a range is wanted", r"\sum_{j \ne 1}"),
        (r"\sum_j^2 x = 1", "a range is wanted", r"\sum_j^2"),
        (r"\sum_{j+1} x = 1", r"\sum runs over an index: a single letter is wanted here", "j+1"),
        (r"\sum_{} x = 1", r"\sum runs over an index: a single letter is wanted here", None),
        (r"\min_w \|w\| = 1", r"\min runs over an index, but w is a vector", "w"),
        (r"x = \prod_j F_j x", "where does the prod end? Put its body in brackets", r"\prod_j F_j x"),
        (r"x = \prod_j F_j \prod_j S_j", "where does the prod end?", r"\prod_j F_j \prod_j S_j"),
        (r"x = \max_j x^j / 2", "where does the max end?", r"\max_j x^j / 2"),
        (r"x = \sum_j", "what this is taken of is wanted after it", r"\sum_j"),
        (r"x = \sum_j \cdot x", "what this is taken of is wanted after it", r"\sum_j"),
        (r"x = \frac{d}{dx} / x", "what this is taken of is wanted after it", r"\frac{d}{dx}"),
        (r"\frac{d}{dx}^2 x = 1", "a superscript of nothing", "^"),
        # derivatives
        (r"\frac{d^2}{dx} x = 1", "the numerator says order 2, the denominator 1", r"\frac{d^2}{dx}"),
        (r"\frac{d^k}{dx} x = 1", "a superscript of nothing", "^"),
        (r"\frac{d}{dq} x = 1", "undeclared symbol q", "q"),
        (r"\frac{d}{dw_1} x = 1", "a derivative in an entry of w: declare the entry as a name", "w_1"),
        (r"\partial x = 1", r"\partial is read in fractions such as", r"\partial"),
        (r"\frac{\partial x + y}{\partial x} = 1", "+ is not wanted here", "+"),
        (r"\frac{d}{dx} (x) x = 1", "where does the derivative end?", r"\frac{d}{dx} (x) x"),
        (r"\nabla_w L(w) L(w) = 1", "where does the derivative end?", r"\nabla_w L(w) L(w)"),
        (r"\nabla_w L(w) a = 1", "where does the derivative end?", r"\nabla_w L(w) a"),
        (r"\nabla_w \|w\| (x + F_1) = 1", "where does the derivative end?", r"\nabla_w \|w\| (x + F_1)"),
        (r"\frac{d}{dx} \sin(x) y^x = 1", "where does the derivative end?", None),
        # what cannot be checked
        (r"x \approx y", r"\approx is no relation that can be checked: those are = \ne <", r"\approx"),
        (r"x \in y", r"\in is no relation that can be checked", r"\in"),
        (r"w \leftarrow w", r"\leftarrow is no relation that can be checked", r"\leftarrow"),
        (r"x = 1 + \cdots + y", r"\cdots is no formula: write the whole sum or product", r"\cdots"),
        (r"\mathbb{E} x = 1", r"\mathbb E is an expectation, which cannot be checked", r"\mathbb{E}"),
        (r"\mathbb{Y} x = 1", r"undeclared symbol \mathbb Y", r"\mathbb{Y}"),
        (r"\lfloor x \rfloor = 1", r"\lfloor is rounding, which cannot be checked", r"\lfloor"),
        (r"\int x = 1", r"\int is an integral", r"\int"),
        (r"x = \infty", r"\infty is no number", r"\infty"),
        ("k! = 1", "! is a factorial", "!"),
        ("$x = 1$", "$ is not part of a formula: leave it out", "$"),
        (r"\[x = 1\]", r"\[ is not part of a formula: leave it out", r"\["),
        (r"\underbrace{x}_{y} = 1", r"\underbrace is a label", r"\underbrace"),
        (r"x = y \text{ so}", r"\text{so} is text within a formula: a remark goes after &&", r"\text{ so}"),
        (r"x \pm 1 = y", r"\pm is two formulas at once", r"\pm"),
        (r"x = \etta", r"unknown command \etta; did you mean \eta?", r"\etta"),
        (r"x = \qqqqqq", r"unknown command \qqqqqq", r"\qqqqqq"),
        ("x = \N{MINUS SIGN}y", "\N{MINUS SIGN} cannot be read here", "\N{MINUS SIGN}"),
    ],
)
def test_an_error_says_what_was_found_and_where(latex, problem, place):
    with pytest.raises(CheckError) as caught:
        parse_relations(latex, NAMES)
    assert problem in caught.value.problem
    if latex:
        assert caught.value.latex == latex
    start, end = caught.value.span
    if place == "":
        assert start == len(latex.rstrip())
    elif place is not None:
        assert latex[start:end] == place
    assert problem in str(caught.value)


def test_an_error_names_the_nearest_declared_name_or_that_there_are_none():
    with pytest.raises(
        CheckError, match=r"undeclared symbol \\hat w; declared are \\hat v, x; did you mean \\hat v\?"
    ):
        parse_expression(r"\hat w", Names({r"\hat v": "vector", "x": "scalar"}))
    with pytest.raises(CheckError, match="undeclared symbol x: nothing is declared"):
        parse_expression("x", Names({}))
    with pytest.raises(CheckError, match=r"declared are x_1, .*, \.\.\.; did you mean"):
        parse_expression(
            "x_0", Names({f"x_{{{count}}}": "scalar" for count in range(11, 90)} | {"x_1": "scalar"})
        )


def test_an_expression_holds_no_relation_and_no_list():
    with pytest.raises(CheckError, match="= is not wanted here"):
        parse_expression("x = y", NAMES)
    with pytest.raises(CheckError, match=", is not wanted here"):
        parse_expression("x, y", NAMES)


# The book's own formulas

BOOK = Names(
    {
        **NAMES.kinds,
        **dict.fromkeys((r"\rho", "s", "C", r"\mu", "m", "M", "N", "g", "p", "q", "v_0"), "scalar"),
        **dict.fromkeys(("e_0", "R_3", "P_{FCNN}", "e_t", r"\eta_k", r"\tilde L_t"), "scalar"),
        **dict.fromkeys(("x_1", "w_1", "w_i", "w_t", "z_i", "z_{i+1}", "z_t", "a_i"), "vector"),
        **dict.fromkeys(("p_{i+1}", "g_t"), "vector"),
        **dict.fromkeys(("H", "K", r"\tilde K"), "matrix"),
        **dict.fromkeys(("R", "J", "S", "h", r"\gamma", r"\sigma"), "sequence"),
        **dict.fromkeys(("L_1", "C_T", "x"), "function"),
        **dict.fromkeys(("T", "i", "j", "t"), "index"),
    }
)  # fmt: skip


@pytest.mark.parametrize(
    ("latex", "count"),
    [
        (r"x_1 = \begin{pmatrix} 2 & 1 \end{pmatrix}, \qquad M = 2.", 2),
        (
            r"""
            \begin{aligned}
            w^* &= x_1^\top (x_1 x_1^\top)^{-1} M \\
                &= \begin{pmatrix} 2 \\ 1 \end{pmatrix} \cdot \frac{1}{5} \cdot 2
                 = \begin{pmatrix} 0.8 \\ 0.4 \end{pmatrix}
            \end{aligned}
            """,
            3,
        ),
        (r"g = 2 x_1^\top r = 2r \begin{pmatrix} 2 \\ 1 \end{pmatrix}", 2),
        (
            r"\hat w = \begin{pmatrix} 2/3 \\ 2/3 \end{pmatrix} \ne \begin{pmatrix} 0.8 \\ 0.4 "
            r"\end{pmatrix}.",
            2,
        ),
        (r"v = \begin{pmatrix} v_0 + 16s \\ v_0 + 4s \end{pmatrix}", 1),
        (r"M = 2 \sqrt{\frac{v_0 + 4s}{v_0 + 16s}} .", 1),
        (r"M = \tfrac{1}{2} \sum_i h_i u_i^2, \qquad g_i = h_i u_i.", 2),
        (r"2 \prod_{i=1}^{k} \Bigl(1 - \frac{3\eta}{2\sqrt{i}}\Bigr) \le 2 e_0^{-C \sqrt{k}}", 1),
        (r"L(w) = \frac{1}{n} \norm{Xw - b}^2", 1),
        (r"\nabla L(w) = \frac{2}{n} X^\top (Xw - b).", 1),
        (
            r"w_{i+1} = w_i - \eta g_B(w_i) = X^\top a_i - \frac{2\eta}{b} X^\top r = X^\top \left(a_i - "
            r"\frac{2\eta}{b} r\right).",
            3,
        ),
        (r"\norm{w^* + v}^2 = \norm{w^*}^2 + \norm{v}^2 \ge \norm{w^*}^2.", 2),
        (r"\norm{X^\top u}^2 = u^\top X X^\top u = 0", 2),
        (r"v^\top w^* = (Xv)^\top (X X^\top)^{-1} b = 0", 2),
        (r"X^+ = X^\top (X X^\top)^{-1}", 1),
        (
            r"\frac{\partial w_{i+1}}{\partial w_i} = I - \eta H, \qquad \frac{\partial w_{i+1}}{\partial "
            r"\eta} = -g_i.",
            2,
        ),
        (
            r"\begin{aligned} z_{i+1} &= (I - \eta H) z_i - g_i, \\ \frac{d \tilde L_t}{d \eta} &= "
            r"g_t^\top z_t. \end{aligned}",
            2,
        ),
        (r"\frac{d \tilde L_t}{d \tilde\lambda} = \norm{w_t}^2 - 2\eta \sum_{l=0}^{t-1} p_{i+1}^\top a .", 1),
        (r"\frac{d e_t}{d \eta} = -t\, s\, (1 - \eta s)^{t-1} e_0 .", 1),
        (
            r"""
            \begin{aligned}
            L_1(\eta) &= \frac{1}{n} \norm{X w_1 - b}^2 \\
            &= \frac{1}{n} \norm{X w_0 - \frac{2\eta}{n} X X^\top a - b}^2 \\
            &= \frac{1}{n} \norm{\left[I - \frac{2\eta}{n} X X^\top\right] a}^2 \\
            &= \frac{1}{n} a^\top \left[I - \frac{2\eta}{n} X X^\top\right]^2 a.
            \end{aligned}
            """,
            4,
        ),
        (
            r"""
            \begin{aligned}
            L_1(\eta) = \frac{1}{n} \norm{a}^2
             &- \frac{4 \eta}{n^2} \norm{X^\top a}^2 \\
             &+ \frac{4 \eta^2}{n^3} \norm{X X^\top a}^2,
            \end{aligned}
            """,
            1,
        ),
        (r"L_1''(\eta) = \frac{8}{n^3} \norm{X X^\top a}^2 \ge 0.", 2),
        (
            r"""
            \begin{aligned}
            0 = L_1'(\eta^*) = &- \frac{4}{n^2} \norm{X^\top a}^2 \\
                &+ \frac{8 \eta^*}{n^3} \norm{X X^\top a}^2,
            \end{aligned}
            """,
            2,
        ),
        (r"\eta^* = \frac{n}{2} \cdot \frac{\norm{X^\top a}^2}{\norm{X X^\top a}^2}.", 1),
        (
            r"\begin{aligned} &L_1(\eta) - L_1(\eta^*) \\ &\quad = \frac{4}{n^3} \norm{a}^2 (\eta - "
            r"\eta^*)^2. \end{aligned}",
            1,
        ),
        (r"0 < \eta < \frac{2}{h_1} = \frac{n}{\sigma_1^2}.", 3),
        (r"\frac{1}{\eta^*} = \frac{2}{n} \cdot \frac{\sum_i \sigma_i^2 \gamma_i^2}{\sum_i \gamma_i^2}", 1),
        (r"\frac{1}{\eta_k} = {}&\frac{M + m}{2} \\ &+ \frac{M - m}{2} \cos \frac{(2k + 1)\pi}{2T}.", 1),
        (r"C_T(x(h)) = \frac{M + m - 2s}{M - m}", 1),
        (
            r"""
            \begin{aligned}
            w_1 &= w_0 - \eta \nabla \tilde L(w_0) \\
            &= w_0 - \eta \left( \frac{2}{n} X^\top a + 2 \tilde\lambda w_0 \right) \\
            &= (1 - 2 \eta \tilde\lambda) w_0 - \frac{2 \eta}{n} X^\top a .
            \end{aligned}
            """,
            3,
        ),
        (r"\tilde\lambda = \frac{\lambda}{2 \eta} .", 1),
        (r"\tilde\lambda = \lambda (1 - \mu) / (2 \eta)", 1),
        (r"K_{ij} = \sum_{l, m} A_{i + l - k,\; j + m - k} \, \tilde K_{lm}", 1),
        (r"J = \begin{bmatrix} -1 \\ 0 \\ 1 \end{bmatrix} \begin{bmatrix} 1 & 1 & 1 \end{bmatrix}", 1),
        (
            r"""
            \begin{aligned}
            P_{FCNN} &= N^4 \left(1 + \tfrac{1}{4^2} + \tfrac{1}{16^2}\right) \\
                     &\quad + N^2 \left(1 + \tfrac{1}{4} + \tfrac{1}{16}\right) \\
                     &= \tfrac{273}{256} N^4 + \tfrac{21}{16} N^2
            \end{aligned}
            """,
            2,
        ),
        (r"\begin{aligned} R_j &= R_{j-1} + (F_j - 1) J_{j-1} \\ J_j &= J_{j-1} S_j \end{aligned}", 2),
        (r"R_l = 1 + \sum_{j=1}^{l} (F_j - 1) \prod_{i=1}^{j-1} S_i.", 1),
        (r"R_3 = 1 + 4 \cdot 1 + 1 \cdot 1 + 4 \cdot 2 = 14.", 2),
        (
            r"""
            \begin{aligned}
            R_3 &= 1 + (F_1 - 1) S_0 + (F_2 - 1) S_0 S_1 \\
                &\quad + (F_3 - 1) S_0 S_1 S_2 \\
                &= 1 + (5 - 1) \cdot 1 + (2 - 1) \cdot 1 \cdot 2 \\
                &\quad + (5 - 1) \cdot 1 \cdot 2 \cdot 1 \\
                &= 1 + 4 + 2 + 8 = 15.
            \end{aligned}
            """,
            4,
        ),
        (r"\sigma_l = \sqrt{\tfrac{2}{3} l}.", 1),
    ],
)
def test_the_books_formulas_are_read(latex, count):
    assert len(parse_relations(latex, BOOK)) == count


# Limits


@pytest.mark.parametrize(
    ("latex", "problem"),
    [
        ("x" * 1_000_000, "1000000 characters: a formula has at most 20000"),
        ("x = " + "x" * 19_000, "more than 5000 symbols: check the formula in parts"),
        ("(" * 5_000 + "x" + ")" * 5_000, "more than 5000 symbols"),
        ("(" * 2_000 + "x" + ")" * 2_000, "brackets nested deeper than 60"),
        ("{" * 2_000 + "x" + "}" * 2_000, "braces nested deeper than 60"),
        ("x^{" * 61 + "x" + "}" * 61, "braces nested deeper than 60"),
        (r"\sqrt" * 1_000 + "x", r"put braces around the argument of \sqrt"),
        (r"\hat" * 1_000 + "x", r"put braces around the argument of \hat"),
        ("x = " + r"\log" * 500 + " x", "more than 60 functions of each other"),
        ("x = " + r"\sum_j" * 500 + " x", "more than 60 sums and derivatives in each other"),
        ("x = " + r"\frac{d}{dx} (x)" * 100, "more than 60 sums and derivatives in each other"),
        ("x = " + r"a \odot " * 500 + " a", "nested deeper than 100"),
        ("x = " + "x /" * 500 + " x", "nested deeper than 100"),
        (r"w_{" + "1," * 2_000 + "1}", "one index is wanted"),
        (r"\begin{pmatrix}" * 1_000, "brackets nested deeper than 60"),
    ],
)
def test_monstrous_input_is_refused_at_once(latex, problem):
    with pytest.raises(CheckError) as caught:
        parse_relations(latex, NAMES)
    assert problem in caught.value.problem


@pytest.mark.parametrize(
    "latex",
    [
        "x = " + "(" * 58 + "x" + ")" * 58,
        "x = " + r"\frac{1}{" * 58 + "x" + "}" * 58,
        "x = " + "x^{" * 58 + "2" + "}" * 58,
        "x = " + "-(" * 58 + "x" + ")" * 58,
        "F_{" * 58 + "1" + "}" * 58 + " = 1",
        "x = 1" + " + x" * 2_000,
        "x = " + "x" * 4_900,
        "x" + r"\\ = x" * 1_600,
    ],
)
def test_what_is_just_within_the_limits_is_read_even_with_little_stack_left(latex):
    limit = sys.getrecursionlimit()
    depth = 0
    frame = sys._getframe()
    while frame:
        depth, frame = depth + 1, frame.f_back
    sys.setrecursionlimit(depth + 600)
    try:
        assert parse_relations(latex, NAMES)
    finally:
        sys.setrecursionlimit(limit)


PIECES = r"""
x y w A f j 1 2 0 . , ; + - * / = < \le ( ) [ ] { } |
\| ^ _ ' & && \\ \frac \sqrt \sum_{j=1}^{k} \sum_j
^\top ^{-1} ^2 \frac{d}{dx} \frac{\partial}{\partial\eta} \nabla_w \nabla \sin \log \operatorname{tr}
\left \right \cdot \odot
_1 I e \begin{pmatrix} \end{pmatrix} \begin{aligned} \end{aligned} \langle \rangle \max \hat \mathbf \text \pi
\norm \approx \foo ~ % $ \ é
"""


@settings(deadline=None, max_examples=400)
@given(st.lists(st.sampled_from(PIECES.split()), max_size=25), st.sampled_from(["", " "]))
def test_whatever_is_typed_is_read_or_refused_with_a_place_within_it(pieces, between):
    latex = between.join(pieces)
    for parse in (parse_relations, parse_expression, parse_assumption, lambda text, _: canonical(text)):
        error = refusal(parse, latex)
        if error:
            start, end = error.span
            assert error.latex in {"", latex}
            assert 0 <= start <= end <= len(latex) + 1
            assert error.problem in str(error)


def refusal(parse, latex):
    try:
        parse(latex, NAMES)
    except CheckError as error:
        return error
    return None
