"""A sentence about a cell, or an assertion behind it, that is not as somebody has read it stops the build."""

import json

import pytest
from books import CONFIGURATION, EXERCISE, Book, last_lines

CELL = '```{code-cell} python\ny = x / 3\nassert y < x, "falls-below"\n```\n'
FIGURE = """```{code-cell} python
---
mystnb:
  figure:
    name: figure-a
    caption: |
      It rises.
  image:
    alt: |
      A line up.
---
import matplotlib.pyplot as plt
figure, ax = plt.subplots()
ax.plot([0, x])
ax.set(xlabel="step", ylabel="x")
plt.show()
```
"""
ROW = "| a | b |\n|---|---|\n| {value}`x:.2f` | {value}`y:.2f` |\n"
CONTENT = (
    f"{CELL}\nAs always, it falls. {{claim}}`falls-below`\n\n{FIGURE}\n{ROW}\nAnother sentence.\n\n"
    f"It has $\\eta h s$ and {{value}}`x:.2f` in [a figure](#figure-a).\n\n{EXERCISE}"
)


@pytest.fixture(scope="module")
def read_book(tmp_path_factory):
    book = Book(tmp_path_factory.mktemp("book"))
    (book.source / "conf.py").write_text(CONFIGURATION.replace('"prose",', '"prose", "readings",'))
    book.write(CONTENT)
    first = book.build()
    accepted = book.build("-D", "readings_accept=1")
    assert accepted.returncode == 0, last_lines(accepted)
    return book, first


def test_what_nobody_has_read_stops_the_build_and_is_shown_with_its_assertion(read_book):
    book, first = read_book
    assert first.returncode != 0
    line = book.line_of("As always, it falls. {claim}`falls-below`")
    text = "As always, it falls. {claim}`falls-below`\n    assert y < x, 'falls-below'"
    assert f"index.md:{line}: not as somebody has read it: {text}" in first.stderr


@pytest.mark.parametrize(
    ("old", "new"), [("As always, it", "As always,\nit"), ("Another sentence.", "Another one.")]
)
def test_other_line_ends_and_sentences_without_cells_are_no_matter(read_book, old, new):
    book, _ = read_book
    book.write(CONTENT.replace(old, new))
    result = book.build()
    assert result.returncode == 0, last_lines(result)


def test_what_is_written_beside_the_book_is_read_too(read_book):
    book, _ = read_book
    book.write(CONTENT)
    path = book.source / "readings.json"
    before = path.read_text()
    known = json.loads(before)
    path.write_text(json.dumps(known | {"CHANGELOG.md": known["CHANGELOG.md"][1:]}))
    result = book.build()
    path.write_text(before)
    assert result.returncode != 0
    assert "CHANGELOG.md: not as somebody has read it" in result.stderr


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("it falls", "it rises", "As always, it rises."),
        ("assert y < x", "assert y < 2 * x", "assert y < 2 * x"),
        ("It rises.", "It falls.", "It falls."),
        ("A line up.", "A line down.", "alternative text: A line down."),
        ('ylabel="x"', 'ylabel="y"', "in a figure: step, y"),
        ("y = x / 3", "y = x / 4", "{value}`y:.2f`\n    0.25, 0.06"),
        ("name: figure-a", "name: figure-b", "label: figure-b"),
        ("$\\eta h s$", "$\\eta h$", r"It has \eta h and"),
        ("(#figure-a)", "(#exercise-a)", "a figure <exercise-a>"),
        (
            "assert triple(x) == 0.75",
            "assert triple(x) >= 0.75",
            "the check of an exercise: assert triple(x) >= 0.75",
        ),
        (
            "{value}`x:.2f` | {value}`y:.2f`",
            "{value}`y:.2f` | {value}`x:.2f`",
            "{value}`y:.2f` | {value}`x:.2f`",
        ),
    ],
)
def test_a_text_or_an_assertion_that_has_changed_stops_the_build(read_book, old, new, told):
    book, _ = read_book
    assert CONTENT.count(old) == 1
    book.write(CONTENT.replace(old, new))
    result = book.build()
    assert result.returncode != 0
    assert "not as somebody has read it" in result.stderr
    assert told in result.stderr
