"""Every formula of a docstring is true, and is the function's own."""

import re

import pytest
from docstring_formulas import FORMULAS, notation_of
from docstrings import documented, formulas, prose

DOCUMENTED = dict(documented())
WITH_FORMULAS = {name: value for name, value in DOCUMENTED.items() if formulas(value)}
EACH = [
    pytest.param(name, place, id=f"{name}-{place}")
    for name, value in WITH_FORMULAS.items()
    for place in range(len(formulas(value)))
]
SIGN_OR_DIGIT = re.compile(r"[+-]|\\le\b|<|(?<!_)\d")
CHANGED = {"+": "-", "-": "+", r"\le": ">", "<": ">", **{str(digit): str(digit + 1) for digit in range(9)}}


def verify(name, place, latex):
    meaning = FORMULAS[name]
    meaning.checks[place](latex, notation_of(DOCUMENTED[name]) | meaning.notation)


def test_every_formula_has_a_check_and_every_check_its_formula():
    assert {name: len(formulas(value)) for name, value in WITH_FORMULAS.items()} == {
        name: len(meaning.checks) for name, meaning in FORMULAS.items()
    }


@pytest.mark.parametrize(("name", "place"), EACH)
def test_every_formula_is_true_of_the_function(name, place):
    verify(name, place, formulas(DOCUMENTED[name])[place])


@pytest.mark.parametrize(("name", "place"), EACH)
def test_a_formula_with_another_sign_or_digit_is_not(name, place):
    latex = formulas(DOCUMENTED[name])[place]
    for found in SIGN_OR_DIGIT.finditer(latex):
        changed = latex[: found.start()] + CHANGED[found[0]] + latex[found.end() :]
        with pytest.raises((AssertionError, ValueError)):
            verify(name, place, changed)


@pytest.mark.parametrize("name", DOCUMENTED)
def test_no_relation_or_power_stands_in_a_sentence_without_being_a_formula(name):
    sentences = re.sub(r'"[^"]*"', "", prose(DOCUMENTED[name]))
    assert not re.findall(r"[^\n]*[=<>^][^\n]*", sentences)
