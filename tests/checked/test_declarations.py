"""Kinds, dimensions and definitions are read, and what is wrong with them is said."""

import re

import pytest

from hwlib.checked import CheckError, check
from hwlib.checked._declarations import declare, names_in, read_kind, uses
from hwlib.checked._sizes import ONE, Size, read_size


@pytest.mark.parametrize(
    ("text", "rows", "columns", "first"),
    [
        ("scalar", "1", "1", "1"),
        ("index", "1", "1", "1"),
        ("function", "1", "1", "1"),
        ("vector(n)", "n", "1", "1"),
        (" vector ( 2 ) ", "2", "1", "1"),
        ("matrix(n, d)", "n", "d", "1"),
        ("matrix(n+1, 2d-3)", "1 + n", "2d - 3", "1"),
        ("sequence(k)", "k", "1", "1"),
        ("sequence(0..k)", "k + 1", "1", "0"),
        ("sequence(2..k)", "k - 1", "1", "2"),
        ("sequence(k, vector(n))", "n", "k", "1"),
        ("sequence(0..2, vector(n))", "n", "3", "0"),
    ],
)
def test_a_kind_has_rows_columns_and_a_first_index(text, rows, columns, first):
    kind = read_kind("a", text)
    found = {str(size) for size in (kind.rows,)}, {str(kind.columns)}, {str(kind.first)}
    wanted = {rows, rows.replace("1 + n", "n + 1")}, {columns}, {first}
    assert all(one & other for one, other in zip(found, wanted, strict=True))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("vectr(n)", "a has the kind 'vectr(n)'; known are scalar, vector(n), matrix(n, d)"),
        ("vectr(n)", "did you mean vector(n)?"),
        ("matrix(n)", "a has the kind 'matrix(n)'"),
        ("vector(n, d)", "a has the kind 'vector(n, d)'"),
        ("vector", "a has the kind 'vector'"),
        ("scalar(n)", "a has the kind 'scalar(n)'"),
        ("", "a has the kind ''"),
        ("123", "a has the kind '123'"),
        (
            "sequence(k, matrix(n, n))",
            "a is a sequence of 'matrix(n, n)'; it can be of scalars or of vectors",
        ),
        ("sequence(k, sequence(k))", "a is a sequence of 'sequence(k)'"),
        ("vector(n*d)", "a dimension is a name, a number or a sum of them, not 'n*d'"),
        ("vector()", "a dimension is a name"),
        ("vector(17)", "the dimension 17 is too large to check; give it a name, or 16 at most"),
        ("vector(6n)", "the dimension 6n is too large to check"),
        (3, "symbols are texts, not 3"),
        (None, "symbols are texts, not None"),
        (["scalar"], "symbols are texts, not ['scalar']"),
    ],
)
def test_a_kind_that_is_none_is_refused(text, problem):
    with pytest.raises(CheckError, match=re.escape(problem)):
        check("1 = 1", {"a": text})


@pytest.mark.parametrize(
    ("text", "value"),
    [("n", 7), ("2", 2), ("n+d", 10), ("n - 1", 6), ("2n+3d-1", 22), ("-d+n", 4), ("n+n", 14), ("n-n+1", 1),
     ("d_{0}", 5), ("d_0", 5), (r"\ell", 9), ("n_{max}", 4)],
)  # fmt: skip
def test_a_dimension_is_a_sum_of_names_and_numbers(text, value):
    assert read_size(text).value({"n": 7, "d": 3, "d_0": 5, r"\ell": 9, "n_{max}": 4}) == value


@pytest.mark.parametrize(
    "text", ["", "n d", "n*2", "n^2", "(n)", "n+", "+", "1.5", "n_", "!", "1e9", "9" * 10]
)
def test_a_dimension_that_is_none_is_refused(text):
    try:
        size = read_size(text)
    except CheckError:
        return
    pytest.fail(f"{text!r} was read as {size}")


def test_sizes_add_up_and_are_written_as_usual():
    assert str(read_size("n") + read_size("n") + ONE) == "2n + 1"
    assert str(read_size("n").times(-1)) == "-n"
    assert str(read_size("d-n-2")) == "d - n - 2"
    assert str(Size()) == "0"
    assert read_size("n+d") == read_size("d+n")
    assert read_size("n+d").names == ["d", "n"]


def test_a_dimension_is_nothing_else():
    with pytest.raises(CheckError, match="n is a dimension, so it cannot be a scalar too"):
        check("1 = 1", {"x": "vector(n)", "n": "scalar"})
    assert check("n + n = 2 n", {"x": "vector(n)", "n": "index"}).ok


@pytest.mark.parametrize(
    ("definitions", "circle"),
    [
        ({"a": "a + 1"}, "a -> a"),
        ({"a": "b", "b": "a"}, "a -> b -> a"),
        ({"c": "a", "a": "b", "b": "x a"}, "a -> b -> a"),
        ({"f(z)": "f(z - 1)"}, "f -> f"),
        ({"f(z)": "g(z)", "g(z)": r"f(z)"}, "f -> g -> f"),
        ({"a": r"\nabla f(a)", "f(z)": "z^2"}, "a -> a"),
    ],
)
def test_definitions_do_not_go_round_in_circles(definitions, circle):
    with pytest.raises(CheckError, match=f"the definitions go round in a circle: {re.escape(circle)}"):
        check("x = x", {"x": "scalar"}, definitions)


def test_definitions_use_each_other_in_any_order():
    definitions = {"c": "a b", "a": "x + 1", "b": "a - 2", "f(x)": "c x"}
    assert check("c = x^2 - 1", {"x": "scalar"}, definitions).ok
    assert check("f(2) = 2 x^2 - 2", {"x": "scalar"}, definitions).ok


def test_a_long_chain_of_definitions_does_no_harm():
    definitions = {f"a_{{{j}}}": f"a_{{{j + 1}}} + 1" for j in range(30)} | {"a_{30}": "x"}
    assert check("a_{0} = x + 30", {"x": "scalar"}, definitions).ok


def test_definitions_are_not_too_deep():
    definitions = {f"a_{{{j}}}": f"a_{{{j + 1}}} + 1" for j in range(60)} | {"a_{60}": "x"}
    with pytest.raises(CheckError, match="definitions of definitions, more than 40 deep"):
        check("x = x", {"x": "scalar"}, definitions)


def test_a_name_is_known_in_any_spelling():
    assert check(r"w_{0} + \hat{w} = \hat w + w_0", {"w_0": "scalar", r"\hat{w}": "scalar"}).ok


def test_a_definition_of_a_matrix_has_two_indices():
    symbols = {"X": "matrix(n, d)"}
    assert check(r"\sum_i G_{ii} = \|X\|_F^2", symbols, {"G": r"X^\top X"}).ok
    assert check(r"\sum_i g_i = \mathbf{1}^\top X \mathbf{1}", symbols, {"g": r"X \mathbf{1}"}).ok


def test_a_parameter_hides_a_symbol_of_its_name():
    symbols = {"x": "scalar", "y": "scalar"}
    assert check("f(y) = y^2", symbols, {"f(x)": "x^2"}).ok
    declared = declare({"x": "scalar"}, {"f(x, y)": "x + y + z", "z": "x"})
    assert uses(declared.definitions["f"]) == {"z"}
    assert names_in(declared.definitions["z"].body) == {"x"}


def test_names_with_brackets_in_them_are_no_functions():
    declared = declare({}, {"w_{(1)}": "1", r"w^{(2)}": "2"})
    assert all(not definition.parameters for definition in declared.definitions.values())


@pytest.mark.parametrize("name", ["", "ab", "2", "x +", "f(", "{"])
def test_a_name_that_is_none_is_refused(name):
    with pytest.raises(CheckError):
        check("1 = 1", {name: "scalar"})
    with pytest.raises(CheckError):
        check("1 = 1", {}, {name: "1"})


@pytest.mark.parametrize("kind", ["vector(0)", "matrix(2, 0)", "matrix(1 - 3, 2)", "sequence(k, vector(0))"])
def test_nothing_has_a_dimension_of_zero_or_less(kind):
    with pytest.raises(CheckError, match="a dimension is 1 at least"):
        check("1 = 1", {"x": kind})
