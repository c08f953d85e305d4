"""Numbers, claims, alternative texts and exercises of a page are bound to its cells, or the build fails."""

import re

import pytest
from books import CONFIGURATION, EXERCISE, last_lines

GIVEN = """```{code-cell} python
---
tags: [given]
---
steps, rate = 12, 0.25
```
"""
RESULT = '```{code-cell} python\ny = x / 3\nassert y < x, "falls-below"\n```\n'
FIGURE = """```{code-cell} python
---
mystnb:
  figure:
    name: figure-a
    caption: |
      It ends at {value}`x:.2f`.
  image:
    alt: |
      A line to {value}`x:.2f` & down.
---
import matplotlib.pyplot as plt
figure, ax = plt.subplots()
ax.plot([0, x])
ax.set(xlabel="step", ylabel="x")
plt.show()
```
"""


def bound(book, kind):
    return re.findall(rf'<a class="[^"]*\b{kind}\b[^>]*>(.*?)</a>', book.page())


def built(book, content):
    book.write(content)
    result = book.build()
    assert result.returncode == 0, last_lines(result)


def refused(book, content):
    book.write(content)
    result = book.build()
    assert result.returncode != 0
    return last_lines(result)


def test_a_value_is_computed_by_the_cells_above_it_and_leads_there(book):
    built(book, GIVEN + RESULT + "It is {value}`y:.2f` {claim}`falls-below`, {value}`-y / 1e9:.1e`.")
    assert bound(book, "value") == ["0.08", "−8.3×10⁻¹¹"]
    (number,) = set(
        re.findall(r'<a class="value[^>]*href="#(cell-\d+)"[^>]*title="y, from cell 3"', book.page())
    )
    assert f'id="{number}"' in book.page()


def test_small_numbers_are_shown_as_words_and_arrays_entry_by_entry(book):
    built(book, GIVEN + "{given}`steps:Words`, {given}`steps:words`; {given}`rate`, {value}`[x, 2 * x]:.2f`.")
    assert bound(book, "given") == ["Twelve", "twelve", "0.25"]
    assert bound(book, "value") == ["(0.25, 0.50)"]


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("{value}`missing:.2f`", "NameError: name 'missing'"),
        ("{value}`12`", "a typed number is no result"),
        ("{value}`x`", "the digits shown are not certain"),
        ("{value}`x / 3:.12f`", "the digits shown are not certain"),
        ("{value}`x:.1f`", "the digits shown are not certain: 0.2, 0.2 or 0.3"),
        ("{given}`y:.2f`", "y comes from a cell without the tag given"),
        ("{given}`absent`", "no cell above has the name absent"),
        ("{claim}`rises-above`", "no cell above asserts it; asserted: falls-below"),
    ],
)
def test_what_is_not_bound_as_it_says_stops_the_build_and_says_where(book, sentence, words):
    said = refused(book, f"{GIVEN}{RESULT}It {{claim}}`falls-below`.\n\nHere {sentence}.")
    assert f"index.md:{book.line_of(f'Here {sentence}.')}: {sentence.split('`')[0]}" in said
    assert words in said


def test_a_given_number_that_a_cell_computes_is_no_given(book):
    content = "```{code-cell} python\n---\ntags: [given]\n---\nz = x / 2\n```\nIt is {given}`z:.2f`."
    assert "z is computed, not given" in refused(book, content)


def test_a_claim_whose_assertion_did_not_run_stops_the_build(book):
    content = '```{code-cell} python\nif x > 1:\n    assert x, "is-large"\n```\nIt is {claim}`is-large`.'
    assert "{claim}`is-large`: its assertion did not run" in refused(book, content)


def test_an_assertion_with_a_name_that_no_sentence_leads_to_stops_the_build(book):
    assert "index.md: asserted, and no sentence says so: falls-below" in refused(book, RESULT)


@pytest.mark.parametrize(
    ("sentence", "number"),
    [
        ("There are 3 of them.", "'3'"),
        ("Twelve steps.", "'Twelve'"),
        ("## Of 4 kinds", "'4'"),
        ("| a |\n|---|\n| 5.5 |", "'5.5'"),
        ("At $(0.8, 0.4)$.", "'$(0.8, 0.4)$'"),
        ("It is $2 \\mu$.", "'$2 \\\\mu$'"),
        ("It is $x^2$.", "'$x^2$'"),
    ],
)
def test_a_typed_number_stops_the_build(book, sentence, number):
    said = refused(book, sentence)
    assert re.search(rf"index\.md:\d+: {re.escape(number)} in: ", said)


def test_numbers_in_code_and_names_and_parts_of_checked_relations_are_no_typed_numbers(book):
    built(
        book,
        "```{symbols}\n\\mu: scalar   # a number\n```\n"
        "By {cm}`2 \\mu + 1 = 1 + 2 \\mu`, it is not `2 * mu`.\n"
        "For $2 \\mu$ of VGG-16 in chapter 3, the first and $w_0$, $x_2$.",
    )


def test_alternative_texts_and_captions_are_bound_too(book):
    built(book, FIGURE)
    assert 'aria-label="A line to 0.25 &amp; down.' in book.page()
    assert re.search(r"<figcaption>.*It ends at.*>0\.25<", book.page(), re.DOTALL)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("A line to", "A line of 7 to", "'7' in: alternative text"),
        (
            "alt: |\n      A line to {value}`x",
            "alt: |\n      A line to {value}`q",
            "alternative text: {value}`q:.2f`",
        ),
        ("It ends", "The 8th ends", "'8' in: The 8th ends"),
        ('xlabel="step", ', "", "the x axis of a figure has numbers and no label"),
        ("plt.show()", "ax.text(0, 0, 'after 9 steps')\nplt.show()", "'9' in: a figure: 'after 9 steps'"),
    ],
)
def test_a_figure_that_is_not_bound_stops_the_build(book, old, new, words):
    assert old in FIGURE
    assert words in refused(book, FIGURE.replace(old, new))


def test_a_stub_is_shown_and_the_check_of_the_solution_refuses_it(book):
    built(book, EXERCISE)
    assert "def" in re.search(r'<div class="stub.*?</div>', book.page(), re.DOTALL)[0]


@pytest.mark.parametrize(
    ("old", "new", "passed"),
    [
        ("    ...\n", "    return 3 * number\n", "assert triple(x) == 0.75"),
        ("assert triple(x) == 0.75", "assert triple", "assert triple"),
        ("assert triple(x) == 0.75", "assert triple(x) == 0.75\nassert x > 0", "assert x > 0"),
        ("assert triple(x) == 0.75", "print(triple(x))", "print(triple(x))"),
    ],
)
def test_a_stub_that_passes_an_assertion_of_the_check_stops_the_build(book, old, new, passed):
    assert old in EXERCISE
    said = refused(book, EXERCISE.replace(old, new))
    assert f"the stub of the exercise passes in this check: ['{passed}" in said


def test_a_check_without_a_stub_stops_the_build(book):
    stub = re.search(r"```\{stub\}.*?```\n", EXERCISE, re.DOTALL)[0]
    assert "a check without a stub before it" in refused(book, EXERCISE.replace(stub, ""))


def test_words_of_the_source_must_stand_in_the_errata(book):
    entry = 'part = "1"\nsource = "It gives 13."\nverdict = "wrong"\ntruth = "No."\nsection = "a"\n'
    (book.source / "errata.toml").write_text(f"[[entry]]\n{entry}")
    built(book, "The source says {quoted}`13`.")
    assert "{quoted}`14` stands in no entry" in refused(book, "The source says {quoted}`14`.")


def test_a_sentence_over_two_lines_is_read_as_one(book):
    built(book, "It is in section\n2.11 of it.")


def test_a_claim_has_a_name_for_those_who_hear_the_page(book):
    built(book, RESULT + "It falls. {claim}`falls-below`")
    assert re.search(r'<a aria-label="asserted in cell 2" class="[^"]*claim', book.page())


def test_what_the_source_says_is_quoted_in_the_errata_and_what_is_true_is_not(book):
    entry = 'part = "1.1"\nsource = "It gives 13."\nverdict = "wrong"\ntruth = "{}"\nsection = "here"\n'
    page = "```{errata} errata.toml\n```\n\n(here)=\n## Here"
    (book.source / "errata.toml").write_text(f"[[entry]]\n{entry.format('It does not.')}")
    built(book, page)
    (book.source / "errata.toml").write_text(f"[[entry]]\n{entry.format('It gives 14.')}")
    assert "'14.' in: It gives 14." in refused(book, page)


def test_the_bound_words_of_a_page_are_counted_and_a_page_with_cells_has_some(book):
    (book.source / "conf.py").write_text(CONFIGURATION.replace('"prose",', '"prose", "tally",'))
    built(book, f"{RESULT}It is {{value}}`y:.2f`. {{claim}}`falls-below`\n\n```{{tally}}\n```")
    rows = re.findall(r"<tr.*?</tr>", book.page(), re.DOTALL)
    assert re.findall(r"<p>(.*?)</p>", rows[-1]) == ["<strong>all</strong>", "1", "0", "1", "0", "0"]
    assert "a page with cells has bound numbers and claims" in refused(book, "Nothing.")


@pytest.mark.parametrize(
    ("vain", "real"),
    [
        ("assert True, 'falls-below'", "assert y < x, 'falls-below'"),
        ("assert 1 < 2, 'falls-below'", "assert y < 2, 'falls-below'"),
        ("assert y == y, 'falls-below'", "assert y == x / 3, 'falls-below'"),
        ("assert_equal(y, y, err_msg='falls-below')", "assert_equal(y, x / 3, err_msg='falls-below')"),
    ],
)
def test_an_assertion_that_cannot_fail_stops_the_build(book, vain, real):
    content = (
        "```{code-cell} python\nfrom numpy.testing import assert_equal\ny = x / 3\n"
        f"{vain}\n```\n\nIt is {{value}}`y:.2f`. {{claim}}`falls-below`"
    )
    assert f"this assertion cannot fail: {vain}" in refused(book, content)
    built(book, content.replace(vain, real))
