"""The data at which relations are tried meet what they were made for, and depend on the text alone."""

from itertools import islice

import flint
import pytest

from hwlib.checked._checking import setting
from hwlib.checked._fields import PrimeField, UndefinedError, compared
from hwlib.checked._parsing import parse_relations
from hwlib.checked._randomness import generator_of, independent
from hwlib.checked._structures import unit
from hwlib.checked._values import Arithmetic

SQUARE = {"A": "matrix(n, n)"}


def problem(latex, symbols, assumptions=()):
    prepared = setting(symbols, None, assumptions)
    (relation,) = parse_relations(latex, prepared.declarations.names)
    return prepared.problem(relation, latex)


def orders(found, first, second):
    return {(n[first] > n[second]) - (n[first] < n[second]) for n in found}


@pytest.mark.parametrize(("first", "second"), [("n", "d"), ("p", "q"), ("r", "s"), ("a", "b")])
def test_every_order_of_two_dimensions_is_tried_with_ones_and_without(first, second):
    found = problem("X = X", {"X": f"matrix({first}, {second})"}).numbers
    assert dict.fromkeys((first, second), 1) in found
    assert orders(found, first, second) == {-1, 0, 1}
    assert orders([n for n in found if min(n.values()) > 1], first, second) == {-1, 0, 1}
    assert max(max(n.values()) for n in found) >= 4


def test_assumptions_about_dimensions_are_kept():
    found = problem("X = X", {"X": "matrix(n, d)"}, ["n < d"]).numbers
    assert orders(found, "n", "d") == {-1}
    assert {n["k"] for n in problem("k = k", {"k": "index"}, ["k >= 3", "k \\le 5"]).numbers} <= {3, 4, 5}
    assert all(n["n"] == 7 for n in problem("A = A", SQUARE, ["n = 7"]).numbers)


def test_indices_are_tried_with_large_numbers_too():
    assert max(n["k"] for n in problem("k = k", {"k": "index"}).numbers) > 100


def test_a_relation_of_numbers_alone_is_tried_once():
    assert problem("1 = 1", SQUARE).numbers == [{}]


def test_dimensions_that_leave_no_rows_are_left_out():
    assert min(n["n"] for n in problem("x = x", {"x": "vector(n-2)"}).numbers) == 3


def test_many_dimensions_are_tried_in_reasonable_time():
    symbols = {f"x_{{{j}}}": f"vector(n_{{{j}}})" for j in range(14)}
    assert len(problem(" + ".join(rf"\|x_{{{j}}}\|^2" for j in range(14)) + "= 0", symbols).numbers) >= 2


def test_free_numbers_depend_on_the_text_alone():
    assert [generator_of("a")() for _ in range(2)] == [generator_of("a")()] * 2
    assert generator_of("a")() != generator_of("b")()


def test_independent_numbers_are_irrational_and_different():
    draw = independent("some text")
    numbers = [draw() for _ in range(50)]
    assert len({str(number.mid()) for number in numbers}) == 50
    assert all(not number.contains_integer() or abs(number) < 8 for number in numbers)
    assert [str(x) for x in islice(iter(independent("a"), None), 3)] == [
        str(x) for x in islice(iter(independent("a"), None), 3)
    ]


@pytest.mark.parametrize(
    ("sign", "pairs"),
    [
        ("=", {(1, 1)}),
        ("!=", {(1, 2), (2, 1)}),
        ("<", {(1, 2)}),
        ("<=", {(1, 2), (1, 1)}),
        (">", {(2, 1)}),
        (">=", {(2, 1), (1, 1)}),
    ],
)
def test_numbers_are_compared_as_the_sign_says(sign, pairs):
    assert {pair for pair in [(1, 1), (1, 2), (2, 1)] if compared(pair[0], sign, pair[1])} == pairs


def identity(size):
    return flint.fmpq_mat(size, size, [int(i == j) for i in range(size) for j in range(size)])


@pytest.mark.parametrize(
    ("assumption", "holds"),
    [
        (r"A = A^\top", lambda A, n: A.transpose() == A),
        (r"A^\top A = I", lambda A, n: A.transpose() * A == identity(n)),
        ("A^2 = A", lambda A, n: A * A == A),
        (r"A \succ 0", lambda A, n: A.transpose() == A and all(minor(A, k) > 0 for k in range(1, n + 1))),
        (r"A \succeq 0", lambda A, n: A.transpose() == A and all(minor(A, k) >= 0 for k in range(1, n + 1))),
        ("rank(A) = 1", lambda A, n: A.rank() == 1),
        (r"A + A^\top = 0", lambda A, n: -A.transpose() == A),
    ],
)
def test_structured_matrices_have_their_structure(assumption, holds):
    one = problem("A = A", SQUARE, [assumption])
    found = 0
    for turn in range(12):
        number = generator_of(str(turn))
        values = one.rational({"n": 3}, lambda: number() % 9 - 4, turn)  # noqa: B023
        assert holds(values["A"], 3)
        found += 1
    assert found == 12


def test_the_sphere_modulo_a_prime_lacks_what_projection_does_not_reach():
    field = PrimeField(5)
    point = unit(2, Arithmetic(field), lambda: field.number(1), 0)
    assert (point.transpose() * point)[0, 0] == 1
    with pytest.raises(UndefinedError):  # 1 + 2^2 is 0
        unit(2, Arithmetic(field), lambda: field.number(2), 0)


def minor(A, size):
    return flint.fmpq_mat(size, size, [A[i, j] for i in range(size) for j in range(size)]).det()
