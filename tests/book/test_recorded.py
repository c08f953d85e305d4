"""The cells of a page are run again for other code or for a new question, and not for another word."""

import re

from books import last_lines

CELL = '```{code-cell} python\nimport uuid\n\nrun = f"run-{uuid.uuid4().hex}"\nrun\n```\n\n'


def run_of(book, content):
    """Build the book, and say by which run of its cells the page was made."""
    book.write(content)
    result = book.build()
    assert result.returncode == 0, last_lines(result)
    return re.search(r"run-[0-9a-f]{32}", book.page())[0]


def test_another_word_does_not_run_the_cells(book):
    first = run_of(book, CELL + "One word: {value}`x:.2f`.")
    assert run_of(book, CELL + "Another word: {value}`x:.2f`.") == first
    assert "Another word" in book.page()
    assert ">0.25</a>" in book.page()


def test_other_code_runs_them(book):
    first = run_of(book, CELL)
    assert run_of(book, CELL.replace("\nrun\n", "\nprint(run)\n")) != first


def test_another_record_beside_the_page_runs_them(book):
    first = run_of(book, CELL)
    record = book.source / "index.json"
    record.write_text("[1]")
    second = run_of(book, CELL)
    assert second != first
    assert run_of(book, CELL) == second
    record.write_text("[2]")
    assert run_of(book, CELL) != second


def test_other_options_of_a_cell_run_them(book):
    first = run_of(book, CELL)
    assert run_of(book, CELL.replace("python\n", "python\n---\ntags: [hide-input]\n---\n")) != first


def test_a_new_question_runs_them_and_is_answered(book):
    first = run_of(book, CELL + "It is {value}`x:.2f`.")
    assert run_of(book, CELL + "It is {value}`x:.2f`, and with less {value}`x / 2:.3f`.") != first
    assert ">0.125</a>" in book.page()


def test_a_question_is_another_one_after_another_cell(book):
    after, before = "```{code-cell} python\nx = 0.75\n```\n\n", "It is {value}`x:.2f`.\n\n"
    run_of(book, CELL + before + after)
    run_of(book, CELL + after + before)
    assert ">0.75</a>" in book.page()
    run_of(book, CELL + before + after)
    assert ">0.25</a>" in book.page()


def test_cells_that_failed_are_not_kept(book):
    failing = CELL + "```{code-cell} python\nassert x > 1\n```\n\nSome words."
    for content in (failing, failing.replace("Some", "Other")):
        book.write(content)
        result = book.build()
        assert result.returncode != 0
        assert "cell 3: assert x > 1" in last_lines(result)


def test_figures_and_alternative_texts_are_kept_too(book):
    drawing = (
        "```{code-cell} python\n---\nmystnb:\n  image:\n    alt: A line from {value}`x:.2f`\n---\n"
        "import matplotlib.pyplot as plt\nplt.plot([0, 1])\nplt.xlabel('x')\nplt.ylabel('y')\nplt.show()\n"
        "```\n\n"
    )
    first = run_of(book, CELL + drawing)
    drawn = re.search(r"<svg.*?</svg>", book.page(), re.DOTALL)[0]
    assert run_of(book, CELL + drawing + "One more word.") == first
    assert re.search(r"<svg.*?</svg>", book.page(), re.DOTALL)[0] == drawn
    assert 'aria-label="A line from 0.25"' in drawn
