"""The three fields agree where they can be compared, and each says what it does not have."""

import random
from fractions import Fraction

import flint
import pytest

from hwlib.checked._checking import setting
from hwlib.checked._expressions import Relation
from hwlib.checked._fields import BallField, IrrationalError, PrimeField, RationalField, UndefinedError
from hwlib.checked._parsing import parse_expression
from hwlib.checked._values import Arithmetic, primal

PRIME = 2**61 - 1
SYMBOLS = {
    "A": "matrix(n, n)",
    "B": "matrix(n, n)",
    "x": "vector(n)",
    "y": "vector(n)",
    "a": "scalar",
    "b": "scalar",
}
RATIONAL = [
    r"A B + B A - 3 A",
    r"A^{-1} x",
    r"(A^\top A + I)^{-2} y",
    r"\det(A B)",
    r"\operatorname{tr}(A^4)",
    r"\operatorname{diag}(A) \odot x",
    r"\operatorname{diag}(x) A",
    r"x \oslash y",
    r"\frac{x^\top A y}{a^2 + b^2 + 1}",
    r"\langle A, B \rangle^3",
    r"\|x\|^2 \|A\|_F^4",
    r"\sum_{i=1}^{n} \prod_{j=1}^{i} x_j",
    r"\begin{bmatrix} A & x \\ y^\top & a \end{bmatrix}^{-1}",
    r"\nabla_x \frac{x^\top A x}{1 + x^\top x}",
    r"\nabla_x^2 (x^\top A x)^2",
    r"\frac{\partial}{\partial A} \det(A)",
    r"\frac{\partial}{\partial x} ((A x) \odot x)",
    r"\frac{d^2}{da^2} \frac{a^3}{a + b}",
    r"\nabla_x \det\begin{bmatrix} A & x \\ y^\top & a \end{bmatrix}",
]


def evaluated(latex, field, numbers, values):
    prepared = setting(SYMBOLS, None, ())
    expression = parse_expression(latex, prepared.declarations.names)
    problem = prepared.problem(Relation(expression, "=", expression, 0, len(latex)), latex)
    return primal(problem.evaluator(Arithmetic(field), numbers, values).value(problem.relation.left))


def data(latex, size):
    generator = random.Random(latex)  # noqa: S311 - no secrets
    shapes = {"A": (size, size), "B": (size, size), "x": (size, 1), "y": (size, 1), "a": (1, 1), "b": (1, 1)}
    return {
        name: (rows, columns, [generator.randrange(1, 50) for _ in range(rows * columns)])
        for name, (rows, columns) in shapes.items()
    }


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("latex", RATIONAL)
def test_a_rational_expression_has_one_value_in_all_fields(latex, size):
    numbers = {"n": size}
    drawn = data(latex, size)
    rational = evaluated(
        latex, RationalField(), numbers, {name: flint.fmpq_mat(*entries) for name, entries in drawn.items()}
    )
    modular = evaluated(
        latex,
        PrimeField(PRIME),
        numbers,
        {name: PrimeField(PRIME).matrix(*entries) for name, entries in drawn.items()},
    )
    real = evaluated(
        latex, BallField(), numbers, {name: flint.arb_mat(*entries) for name, entries in drawn.items()}
    )
    for exact, residue, ball in zip(rational.entries(), modular.entries(), real.entries(), strict=True):
        assert int(residue) == int(exact.p) * pow(int(exact.q), -1, PRIME) % PRIME
        assert ball.contains(flint.arb(exact.p) / exact.q) or ball.overlaps(flint.arb(exact.p) / exact.q)
        assert float(ball.rad()) < 1e-6 * max(1, abs(float(ball.mid())))


def test_a_prime_field_has_no_roots_no_order_and_no_pi():
    field = PrimeField(PRIME)
    one = field.number(1)
    for attempt in (
        lambda: field.entrywise("sqrt", one),
        lambda: field.constant("pi"),
        lambda: field.extremum("min", one, one),
    ):
        with pytest.raises(IrrationalError):
            attempt()


def test_a_prime_field_reads_fractions_and_negative_numbers():
    field = PrimeField(7)
    assert int(field.number(Fraction(1, 3))) == 5
    assert int(field.number(-1)) == 6
    assert field.number(14) == 0


def test_rational_numbers_have_signs_and_sizes_but_no_roots():
    field = RationalField()
    half = field.number(Fraction(-1, 2))
    assert field.entrywise("abs", half) == flint.fmpq(1, 2)
    assert [field.entrywise("sign", field.number(n)) for n in (-3, 0, 5)] == [-1, 0, 1]
    assert field.extremum("min", half, field.number(1)) == half
    assert field.extremum("max", half, field.number(1)) == 1
    assert field.number(0) == 0 != half
    with pytest.raises(IrrationalError):
        field.entrywise("sqrt", half)
    with pytest.raises(IrrationalError):
        field.constant("e")


def test_balls_have_edges_where_functions_end():
    field = BallField()
    assert field.entrywise("sqrt", flint.arb(0)) == 0
    for function in ("log", "sqrt"):
        with pytest.raises(UndefinedError):
            field.entrywise(function, flint.arb(-1))
    with pytest.raises(UndefinedError):
        field.entrywise("log", flint.arb(0))
    with pytest.raises(UndefinedError):
        field.entrywise("sign", flint.arb(0, 1))
    assert field.entrywise("sign", flint.arb(-2)) == -1
    assert field.entrywise("abs", flint.arb(-2)) == 2
    assert field.constant("pi").overlaps(flint.arb.pi())
    assert field.constant("e").overlaps(flint.arb(1).exp())
    assert field.extremum("min", flint.arb(1), flint.arb(2)) == 1
    assert field.extremum("max", flint.arb(1), flint.arb(2)) == 2


def test_nothing_is_divided_by_zero_or_by_what_might_be_zero():
    for arithmetic in map(Arithmetic, (PrimeField(PRIME), RationalField(), BallField())):
        with pytest.raises(UndefinedError):
            arithmetic.reciprocals(arithmetic.zeros(2, 1))
        with pytest.raises(UndefinedError):
            arithmetic.inverse(arithmetic.ones(2, 2))
    balls = Arithmetic(BallField())
    with pytest.raises(UndefinedError):
        balls.reciprocals(flint.arb_mat(1, 1, [flint.arb(0, 1)]))


def test_a_rank_is_seen_in_balls_that_are_points_alone():
    balls = Arithmetic(BallField())
    assert balls.rank(flint.arb_mat(2, 2, [0.5, 3, 1, 6]))[0, 0] == 1
    assert balls.rank(balls.identity(2))[0, 0] == 2
    with pytest.raises(UndefinedError):
        balls.rank(flint.arb_mat(1, 1, [flint.arb(1) / 3]))
