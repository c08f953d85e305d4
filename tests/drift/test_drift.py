"""The drill makes true things false, one at a time, and leaves no trace; ``nox -s drift`` runs it."""

import json
import os
import tomllib
from random import Random

import caches
import cells
import documents
import equations
import equivalence
import pages
import programs
import pytest
import quantities
import references
import statements
from drawing import by_turns
from drifts import CLASSES, HOW_MANY, read
from workshop import cause, restore, told

GENERATORS = [equations, quantities, statements, cells, documents, caches, references]
PAGE = """---
file_format: mystnb
---

(here)=
# Two steps

It takes 20 steps, {given}`rate` each, and ends lower.{claim}`ends-lower` `code 3` is no prose.

```{code-cell} python
---
mystnb:
  figure:
    caption: |
      The first of 3 lines.
tags: [given, hide-input]
---
rate = 0.5
assert rate < 1, "ends-lower"
```
"""


@pytest.mark.parametrize("generator", GENERATORS, ids=lambda module: module.__name__)
def test_drifts_are_drawn_by_the_seed_and_change_the_project(generator):
    drifts = list(generator.drifts())
    first, second = (by_turns(drifts, 30, Random(1)) for _ in range(2))  # noqa: S311 - no secret
    assert first == second
    assert len({drift.name for drift in first}) == 30
    for drift in first:
        text = read(drift.path)
        assert drift.applied(text) != text


def test_there_are_hundreds_and_enough_of_each_class():
    assert HOW_MANY.keys() == CLASSES.keys()
    assert sum(HOW_MANY.values()) >= 400
    assert min(HOW_MANY.values()) >= 30


def test_at_most_one_in_fifty_is_listed_as_still_true_and_each_with_a_reason():
    reasons = equivalence.listed()
    assert 50 * len(reasons) <= sum(HOW_MANY.values())
    assert all(len(reason.split()) > 3 for reason in reasons.values())


def test_what_is_no_sentence_is_blank():
    said = pages.prose(PAGE)
    assert len(said) == len(PAGE)
    words = " ".join(said.replace("\0", "").split())
    assert words == "# Two steps It takes 20 steps, each, and ends lower. is no prose."


def test_the_parts_of_a_page_are_found():
    (cell,) = pages.cells(PAGE)
    assert cell.tags == {"given", "hide-input"}
    assert cell.code.text.startswith("rate = 0.5\n")
    assert [piece.text.strip() for piece in pages.captions(PAGE)] == ["The first of 3 lines."]
    assert [piece.text.replace("\0", "") for piece in pages.claimed(PAGE)] == [
        "It takes 20 steps,  each, and ends lower."
    ]


def test_a_change_of_code_is_one_literal_operator_or_name():
    changes = programs.changes(
        "from hwlib.a import f, g\nx = f(2) + max(y)\nplt.plot(3)\nrng = default_rng(4)"
    )
    assert {(change.old, change.new) for change in changes} == {
        ("2", "3"),
        ("+", "-"),
        ("max", "min"),
        ("f", "g"),
    }


def test_types_are_no_part_of_a_program():
    assert equivalence.program("def f(x: int) -> int: return x") == equivalence.program("def f(x): return x")
    assert equivalence.program("x = 1") != equivalence.program("x = 2")


def test_a_drift_with_a_proof_is_known_to_be_still_true():
    drifts = [
        drift
        for drift in equations.drifts()
        if drift.rule == "order" and drift.path == "docs/convnets/size.md"
    ]
    assert any(equivalence.reason(drift) == "a symmetry" for drift in drifts)


def test_code_in_an_assertion_of_several_lines_is_never_called_harmless():
    same = {"says_the_same": True, "draws_the_same": True}
    changed = [drift for drift in cells.drifts() if drift.rule == "operator"]
    asserted = [drift for drift in changed if equivalence.is_asserted(drift)]
    lines = [read(drift.path).splitlines()[drift.line(read(drift.path)) - 1] for drift in asserted]
    assert any("assert" not in line for line in lines)
    assert not any(equivalence.reason(drift, **same) for drift in asserted)
    assert all(equivalence.reason(drift, **same) for drift in changed if drift not in asserted)


def test_the_pages_of_a_function_are_those_whose_cells_name_what_needs_it():
    assert "docs/convnets/receptive_fields.md" in caches.users("receptive_field")
    assert "docs/hyperparameters/weight_decay.md" not in caches.users("receptive_field")
    assert caches.users("_largest_curvature") == caches.users("minimize") != frozenset()


def test_a_folder_is_put_back(tmp_path):
    kept, folder = tmp_path / "kept", tmp_path / "folder"
    for place in (kept, folder):
        place.mkdir()
        for name in ("same", "changed"):
            (place / name).write_text("before")
            os.utime(place / name, (1, 1))
    (folder / "changed").write_text("after")
    (folder / "new").write_text("")
    (kept / "gone").write_text("")
    restore(kept, folder)
    assert {path.name: path.read_text() for path in folder.iterdir()} == {
        "same": "before", "changed": "before", "gone": "",
    }  # fmt: skip


def test_the_cause_is_the_line_that_names_it():
    assert (
        cause("x\nFAILED tests/a.py::b - assert 1\nnox > Session failed.")
        == "FAILED tests/a.py::b - assert 1"
    )
    assert cause("much\nCellError: 1\n\nnox > Session docs failed.") == "much CellError: 1"


def test_what_a_page_tells_is_its_words_and_outputs():
    cell = '<div class="cell_input"><pre>x = 1</pre></div><div class="cell_output"><pre>1</pre></div>'
    assert told(f"<p>One <b>is</b></p>{cell}<svg><path/></svg>") == "One is 1"


def test_of_each_drift_that_was_missed_it_is_written_what_was_done():
    missed = {one["name"] for one in json.loads(read("docs/drift.json"))["missed"]}
    assert set(tomllib.loads(read("tests/drift/missed.toml"))["since"]) == missed
