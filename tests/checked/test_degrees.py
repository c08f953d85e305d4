"""The bound on a degree is never below the degree that is found by interpolation along a random line."""

import random

import pytest

from hwlib.checked import CheckError, check
from hwlib.checked._checking import setting
from hwlib.checked._degrees import Degrees
from hwlib.checked._fields import PrimeField
from hwlib.checked._parsing import parse_relations
from hwlib.checked._values import Arithmetic

PRIME = 2**61 - 1

MATRICES = {"A": "matrix(n, n)", "B": "matrix(n, n)"}
VECTORS = dict.fromkeys(("x", "y", "z", "w"), "vector(n)")
SCALARS = {"a": "scalar", "b": "scalar", "c": "scalar"}
SYMBOLS = MATRICES | VECTORS | SCALARS


def polynomial_through(points, values):
    """Coefficients modulo PRIME, the constant first, by Newton's divided differences."""
    divided = list(values)
    for order in range(1, len(points)):
        for i in range(len(points) - 1, order - 1, -1):
            step = pow(points[i] - points[i - order], -1, PRIME)
            divided[i] = (divided[i] - divided[i - 1]) * step % PRIME
    result = [0]
    for point, coefficient in zip(reversed(points), reversed(divided), strict=True):
        result = [
            ((result[i - 1] if i else 0) - point * (result[i] if i < len(result) else 0)) % PRIME
            for i in range(len(result) + 1)
        ]
        result[0] = (result[0] + coefficient) % PRIME
    return trimmed(result)


def trimmed(polynomial):
    while polynomial and polynomial[-1] == 0:
        polynomial = polynomial[:-1]
    return polynomial


def divided(first, second):
    """Quotient and remainder."""
    quotient, rest = [0] * max(len(first) - len(second) + 1, 1), list(first)
    inverse = pow(second[-1], -1, PRIME)
    for shift in range(len(first) - len(second), -1, -1):
        factor = rest[shift + len(second) - 1] * inverse % PRIME
        quotient[shift] = factor
        for i, coefficient in enumerate(second):
            rest[shift + i] = (rest[shift + i] - factor * coefficient) % PRIME
    return trimmed(quotient), trimmed(rest)


def combined(first, factor, second):
    """first - factor * second."""
    result = list(first) + [0] * (len(factor) + len(second))
    for i, a in enumerate(factor):
        for j, b in enumerate(second):
            result[i + j] = (result[i + j] - a * b) % PRIME
    return trimmed(result)


def true_degrees(points, values):
    """The degrees of numerator and denominator of the rational function of least total degree."""
    modulus = [1]
    for point in points:
        modulus = combined([0, *modulus], [point], modulus)
    previous, current = modulus, polynomial_through(points, values)
    before, now = [], [1]
    best = (len(current) - 1, 0)
    while current:
        best = min(best, (len(current) - 1, len(now) - 1), key=sum)
        quotient, rest = divided(previous, current)
        previous, current = current, rest
        before, now = now, combined(before, quotient, now)
    return best


def along_a_line(problem, numbers, seed):
    """The first entry of left minus right as the free numbers move along a random line."""
    field = PrimeField(PRIME)
    generator = random.Random(seed)  # noqa: S311 - no secrets
    starts = [generator.randrange(PRIME) for _ in range(500)]
    directions = [generator.randrange(PRIME) for _ in range(500)]

    def at(t):
        draws = (field.number(a + t * b) for a, b in zip(starts, directions, strict=True))
        samples = problem.samples
        values = samples.data.values(problem.plans[0], Arithmetic(field), numbers, lambda: next(draws), 0)
        left, right = problem.sides(Arithmetic(field), numbers, values)
        return int((left - right).entries()[0]), field, values

    return at


def bound_and_truth(latex, symbols, definitions=None, assumptions=(), numbers=None):
    prepared = setting(symbols, definitions, assumptions)
    (relation,) = parse_relations(latex, prepared.declarations.names)
    problem = prepared.problem(relation, latex)
    at = along_a_line(problem, numbers or {"n": 4}, latex)
    _, field, values = at(1)
    evaluator = problem.evaluator(Arithmetic(field), numbers or {"n": 4}, values)
    degrees = Degrees(
        evaluator, problem.samples.data.degrees(problem.needed, numbers or {"n": 4}, problem.plans)
    )
    bound = degrees.of_difference(problem.relation.left, problem.relation.right)
    points = list(range(2, 2 * 40))
    return bound, true_degrees(points, [at(t)[0] for t in points])


@pytest.mark.parametrize(
    ("latex", "definitions"),
    [
        (r"x^\top A y = a", None),
        (r"\det(A) = a", None),
        (r"\det(A - b I)^2 = a", None),
        (r"\operatorname{tr}(A^3) = a b", None),
        (r"A^{-1} = B", None),
        (r"(A + A^\top)^{-1} x = y", None),
        (r"(A B)^{-2} = B", None),
        (r"\frac{a}{b} = \frac{b}{c}", None),
        (r"\left(\frac{a}{b} + \frac{b}{c}\right)^3 = c", None),
        (r"\|x\|^2 \|y\|^2 = a", None),
        (r"\|A\|_F^4 = a", None),
        (r"\langle x, y \rangle^2 = \langle A, B \rangle", None),
        (r"x \odot y \odot z = w", None),
        (r"\mathbf{1}^\top (x \oslash y) = a", None),
        (r"\frac{1}{\mathbf{1}^\top (x \oslash y)} = \frac{1}{\mathbf{1}^\top (z \oslash w)}", None),
        (r"\prod_{i=1}^{n} x_i = a", None),
        (r"\sum_{i=1}^{n} x_i^i = a", None),
        (r"\prod_{i=1}^{n} \frac{x_i}{y_i} = a", None),
        (r"\sum_{i=1}^{n} \frac{1}{x_i} = a", None),
        (r"\frac{d}{da} \frac{a^3}{a + b} = c", None),
        (r"\frac{d^2}{da^2} \frac{b}{a} = c", None),
        (r"\nabla_x (x^\top A x)^2 = y", None),
        (r"\frac{\partial}{\partial A} \det(A) = B", None),
        (r"\operatorname{diag}(x) y = z", None),
        (
            r"\begin{bmatrix} a & b \\ b & c \end{bmatrix}^{-1}"
            r"= \begin{bmatrix} b & a \\ a & c \end{bmatrix}",
            None,
        ),
        (r"f(a b) = c", {"f(p)": r"p^3 + \frac{1}{p}"}),
        (r"f(7) = a", {"f(p)": r"a^p"}),
        (r"f(5) = b", {"f(p)": r"\sum_{i=1}^{p} a^i"}),
        (r"f(A x) = a", {"f(p)": r"\sum_i p_i^2"}),
        (r"g = c", {"g": r"h^2", "h": r"\frac{a}{b + 1}"}),
        (r"f(a, x) = b", {"f(p, q)": r"p^2 \|q\|^2"}),
    ],
)
def test_no_degree_is_above_its_bound(latex, definitions):
    bound, truth = bound_and_truth(latex, SYMBOLS, definitions)
    assert sum(truth) <= bound


@pytest.mark.parametrize(
    ("latex", "symbols", "assumptions"),
    [
        (r"\operatorname{tr}(A) = a", MATRICES | SCALARS, [r"A \succ 0"]),
        (r"\operatorname{tr}(A^2) = a", MATRICES | SCALARS, [r"A \succeq 0"]),
        (r"\operatorname{tr}(A) = a", MATRICES | SCALARS, [r"A = A^\top"]),
        (r"\operatorname{tr}(A B) = a", MATRICES | SCALARS, [r"A^\top A = I"]),
        (r"\operatorname{tr}(A B) = a", MATRICES | SCALARS, [r"A A^\top = I"]),
        (r"\operatorname{tr}(A B) = a", MATRICES | SCALARS, ["A^2 = A"]),
        (r"\operatorname{tr}(A B) = a", MATRICES | SCALARS, ["A^2 = A", r"A = A^\top"]),
        (r"\operatorname{tr}(A B) = a", MATRICES | SCALARS, ["rank(A) = 2"]),
        (r"x^\top y = a", SYMBOLS, [r"\|x\| = 1"]),
        (r"x^\top y = a", SYMBOLS, ["A x = y"]),
    ],
)
def test_no_degree_is_above_its_bound_in_the_free_numbers_of_structured_data(latex, symbols, assumptions):
    bound, truth = bound_and_truth(latex, symbols, None, assumptions, {"n": 3})
    assert sum(truth) <= bound


@pytest.mark.parametrize(
    ("numerator", "denominator"),
    [([5], [1]), ([1, 2, 3], [1]), ([0, 0, 0, 7], [3, 1]), ([4, 1], [1, 0, 0, 0, 2])],
)
def test_the_interpolation_of_these_tests_finds_known_degrees(numerator, denominator):
    def at(polynomial, t):
        return sum(c * t**i for i, c in enumerate(polynomial))

    points = list(range(2, 30))
    values = [at(numerator, t) * pow(at(denominator, t), -1, PRIME) % PRIME for t in points]
    assert true_degrees(points, values) == (len(numerator) - 1, len(denominator) - 1)


def test_the_odds_of_a_false_pass_follow_from_the_degree_in_every_choice_of_dimensions():
    (step,) = check(r"\det(A^\top) = \det(A)", {"A": "matrix(n, n)"}).steps
    assert 0 < step.bound < 2**-100
    assert "degree at most 6" in step.method


def test_a_degree_too_large_for_the_odds_is_refused():
    tower = r"((((a^{1000})^{1000})^{1000})^{1000})^{1000}"
    with pytest.raises(CheckError, match="the degree can be 1000000000000000, which is too large to check"):
        check(rf"{tower} = {tower}", SCALARS)
