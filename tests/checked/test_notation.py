"""The notation of a page, one declaration a line."""

from dataclasses import replace
from pathlib import Path

import pytest

from hwlib.checked import CheckError
from hwlib.checked._notation import Notation, base_name, parameters, read_notation
from hwlib.checked._pages import blocks_in_force

PAGES = sorted((Path(__file__).parents[2] / "docs").rglob("*.md"))

TEXT = r"""
X: matrix(n, d)            # the examples, one a row
\eta : scalar              # the rate \# 1

\tilde{\lambda}: scalar
a := X w_0 - t             # the residual
L(w) := \frac{1}{n} \|X w - t\|^2
  assume n <= d            # more features
assume rank(X) = n
"""


def test_is_read_with_its_descriptions():
    read = read_notation(TEXT)
    assert read.symbols == {"X": "matrix(n, d)", r"\eta": "scalar", r"\tilde{\lambda}": "scalar"}
    assert read.definitions == {"a": "X w_0 - t", "L(w)": r"\frac{1}{n} \|X w - t\|^2"}
    assert read.assumptions == ("n <= d", "rank(X) = n")
    assert read.descriptions == {
        "X": "the examples, one a row",
        r"\eta": "the rate # 1",
        "a": "the residual",
        "n <= d": "more features",
    }


@pytest.mark.parametrize(
    ("text", "problem", "caret"),
    [
        ("x: scalar\nx : vector(n)", "x is given twice", "x : vector(n)"),
        ("f(x) := x\nf(y) := y", "f is given twice", "f(y) := y"),
        ("x: scalr", "x has the kind 'scalr'", "x: scalr"),
        ("x", "this declares nothing; wanted 'name: kind', 'name := latex' or 'assume condition'", "x"),
        ("x:", "this declares nothing", "x:"),
        (": scalar", "this declares nothing", ": scalar"),
        ("x :=   # y", "this declares nothing", "x :="),
        ("  # y", "a description describes nothing", "#"),
    ],
)
def test_that_declares_nothing_is_refused_with_a_caret(text, problem, caret):
    with pytest.raises(CheckError) as error:
        read_notation(text)
    assert error.value.problem.startswith(problem)
    assert text[slice(*error.value.span)] == caret


def test_may_give_a_defined_name_a_kind():
    read = read_notation("x: scalar\nx := 2 y")
    assert (read.symbols, read.definitions) == ({"x": "scalar"}, {"x": "2 y"})


def test_is_extended_by_another_whose_names_lose_their_old_meaning():
    first = read_notation("x: scalar # old\na := 2 x # old\nL(w) := w\ny: scalar\nassume x > 0")
    second = read_notation("a: vector(n)\nx := 3 y\nL(v) := v\nassume x > 0\nassume y > 0")
    both = first.extended_by(second)
    assert both.symbols == {"y": "scalar", "a": "vector(n)"}
    assert both.definitions == {"x": "3 y", "L(v)": "v"}
    assert both.assumptions == ("x > 0", "y > 0")
    assert both.descriptions == {}
    assert Notation().extended_by(first) == first


@pytest.mark.parametrize(
    ("name", "base", "inside"),
    [
        ("w_0", "w_0", set()),
        ("L(w)", "L", {"w"}),
        ("f(x, \\tilde{y} )", "f", {"x", r"\tilde{y}"}),
        ("w^{(1)}", "w^{(1)}", set()),
        ("L^{(1)}(w)", "L^{(1)}", {"w"}),
        (r"\hat{ w }", r"\hat{w}", set()),
        (r"\tilde{\hat{L}}(w)", r"\tilde{\hat{L}}", {"w"}),
    ],
)
def test_a_functions_name_is_without_its_parameters(name, base, inside):
    assert base_name(name) == base
    assert parameters(name) == inside


def test_it_is_written_as_it_is_read():
    notations = [notation for page in PAGES for _, notation in blocks_in_force(page.read_text())]
    assert len(notations) > 400
    for notation in (read_notation(TEXT), *notations):
        assert read_notation(notation.written()) == replace(notation, descriptions={})
