"""The bench for mathematics, which the page runs in Pyodide, here in CPython."""

import json
import re
import sys
from pathlib import Path

import pytest

from hwlib.checked import CheckError, check

sys.path.insert(0, str(Path(__file__).parents[2] / "docs" / "_playgrounds"))
import check_it_yourself
from check_it_yourself.examples import EXAMPLES


def ask(latex, notation="x: scalar"):
    return json.loads(check_it_yourself.answer(json.dumps({"latex": latex, "notation": notation})))


def test_the_examples_show_each_kind_of_verdict_in_turn():
    said = [ask(example.latex, example.notation)["words"] for example in EXAMPLES]
    wanted = ["2 exact", "1 refuted", "Refused", "1 exact", "1 numeric", "1 proved", "1 refuted"]
    assert all(part in words for part, words in zip(wanted, said, strict=True)), said


def test_the_catalogue_has_the_examples_as_they_are_typed():
    listed = json.loads(check_it_yourself.catalogue())["examples"]
    assert [(one["latex"], one["notation"]) for one in listed] == [(e.latex, e.notation) for e in EXAMPLES]


def test_each_step_is_shown_with_its_verdict_and_how_it_was_reached():
    latex = "(x + 1)^2 &= x^2 + 2x + 1 \\\\ &= x^2 + 1"
    right, wrong = check(latex, {"x": "scalar"}).steps
    answered = ask(latex)
    assert answered["words"] == "Steps: 1 exact, 1 refuted."
    assert re.findall("<strong>(.*?)</strong>", answered["html"]) == ["exact", "refuted"]
    assert right.method in answered["html"]
    assert str(wrong.counterexample) in answered["html"]
    assert latex in answered["formula"]


@pytest.mark.parametrize("latex", ["x = = 1", "x = z", "x =", "", "<script>x</script> = 1"])
def test_what_is_refused_is_answered_in_hwlibs_words_and_not_typeset(latex):
    with pytest.raises(CheckError) as error:
        check(latex, {"x": "scalar"})
    answered = ask(latex)
    assert answered["formula"] == ""
    assert answered["words"] == f"Refused: {error.value.problem}."
    assert "<script" not in answered["html"]
    shown = answered["html"].replace("&lt;", "<").replace("&gt;", ">").replace("&#x27;", "'")
    assert all(line in shown for line in str(error.value).split("\n"))


def test_notation_that_declares_nothing_is_refused_with_its_line():
    answered = ask("x = x", "x: scalar\nwhat")
    assert "this declares nothing" in answered["words"]
    assert "    what\n    ^^^^" in answered["html"]


def test_the_still_figure_has_the_formula_and_the_verdicts():
    still = check_it_yourself.still("gradient")
    assert still.count("<strong>exact</strong>") == 2
    assert r"\nabla L(w) &amp;= \frac{2}{n} X^\top (Xw - t)" in still
