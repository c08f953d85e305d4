"""What every chapter has in common."""

import ast
import inspect
import re
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
CHAPTERS = sorted(
    path
    for folder in ("optimization", "hyperparameters", "convnets")
    for path in (DOCS / folder).glob("*.md")
)
MODULES = [path.stem for path in (DOCS.parent / "hwlib").glob("[!_]*.py")]
PAGES = sorted(set(DOCS.rglob("*.md")))

each_chapter = pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)


def cells(text):
    """The code cells of a page, without their options."""
    for cell in re.findall(r"^```\{code-cell\} python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        yield re.sub(r"\A(?:---\n.*?^---\n|(?::[^\n]*\n)*)", "", cell, flags=re.DOTALL | re.MULTILINE)


def test_every_question_of_the_source_has_its_chapter():
    assert {path.stem for path in CHAPTERS} >= {
        "minimum_norm",
        "adaptive_methods",
        "computation_graph",
        "learning_rate",
        "weight_decay",
        "filters",
        "size",
        "receptive_fields",
    }


@each_chapter
def test_has_the_one_shape(chapter):
    headings = re.findall(r"^(?::::\{admonition\} (What you .*)|## (.*))$", chapter.read_text(), re.MULTILINE)
    names = [first or second for first, second in headings]
    wanted = [
        "What you will be able to do",
        "The question",
        None,
        "Where it matters today",
        "Exercises",
        "Further reading",
    ]
    wanted[2] = next(
        name for name in names if name in ("Where the source went wrong", "What the source says")
    )
    assert [name for name in names if name in wanted] == wanted


@each_chapter
def test_every_exercise_has_a_solution_that_is_run(chapter):
    text = chapter.read_text()
    exercises = re.findall(r"^```\{exercise-start\}.*\n:label: (\S+)$", text, re.MULTILINE)
    solutions = dict(
        re.findall(
            r"^```\{solution-start\} (\S+)\n(.*?)^```\{solution-end\}$", text, re.DOTALL | re.MULTILINE
        )
    )
    assert len(exercises) >= 2
    assert sorted(exercises) == sorted(solutions)
    for solution in solutions.values():
        assert ":class: dropdown" in solution
        assert any("assert" in cell for cell in cells(solution))


@each_chapter
def test_every_figure_has_a_caption_and_a_text_alternative(chapter):
    text = chapter.read_text()
    figures = [
        cell
        for cell in re.findall(r"^```\{code-cell\}.*?^```$", text, re.DOTALL | re.MULTILINE)
        if "plt.show()" in cell
    ]
    assert figures
    for figure in figures:
        assert re.search(r"^    caption: \|$", figure, re.MULTILINE)
        assert re.search(r"^    alt: \|$", figure, re.MULTILINE)


@each_chapter
def test_its_cells_run_where_hwlib_and_matplotlib_are_installed(chapter):
    allowed = {"hwlib", "numpy", "matplotlib", "IPython", *sys.stdlib_module_names}
    for cell in cells(chapter.read_text()):
        for node in ast.walk(ast.parse(cell)):
            if isinstance(node, ast.Import):
                assert {name.name.split(".")[0] for name in node.names} <= allowed
            if isinstance(node, ast.ImportFrom):
                assert node.module.split(".")[0] in allowed


@each_chapter
def test_its_lines_of_code_fit_the_page(chapter):
    assert max(len(line) for cell in cells(chapter.read_text()) for line in cell.splitlines()) <= 80


@each_chapter
def test_no_comparison_is_left_without_an_assertion(chapter):
    for cell in cells(chapter.read_text()):
        for node in ast.walk(ast.parse(cell)):
            if isinstance(node, ast.Expr):
                assert not isinstance(node.value, ast.Compare | ast.BoolOp), ast.unparse(node)
                assert "allclose(" not in ast.unparse(node).replace("testing.assert_allclose(", "")


@pytest.mark.parametrize("module", MODULES)
def test_every_function_is_named_in_a_chapter_and_names_the_section_that_derives_it(module):
    deriving = [*CHAPTERS, DOCS / "larger_than_memory.md"]
    labels = {
        label for page in deriving for label in re.findall(r"^\(([\w-]+)\)=$", page.read_text(), re.MULTILINE)
    }
    chapters = "\n".join(page.read_text() for page in deriving)
    public = import_module(f"hwlib.{module}")
    for name in public.__all__:
        function = getattr(public, name)
        if inspect.isfunction(function):
            assert f"{{func}}`~hwlib.{module}.{name}`" in chapters, name
            named = re.findall(r":ref:`([\w-]+)`", function.__doc__)
            assert named, name
            assert set(named) <= labels


def test_no_label_is_given_twice():
    label = r"^\(([\w-]+)\)=$|^:label: (\S+)$|^    name: ([\w-]+)$"
    given = ["".join(names) for page in PAGES for names in re.findall(label, page.read_text(), re.MULTILINE)]
    assert len(given) > 50
    assert sorted(given) == sorted(set(given))


def test_no_output_is_committed():
    assert not list(DOCS.rglob("*.ipynb"))
    assert not [path for path in DOCS.rglob("*") if path.suffix in {".png", ".jpg", ".pdf"}]


def test_the_errata_name_every_part_of_the_source_that_was_answered_or_left_open():
    entries = tomllib.loads((DOCS / "errata.toml").read_text())["entry"]
    assert {entry["verdict"] for entry in entries} == {"right", "wrong", "missing"}
    parts = {entry["part"] for entry in entries}
    assert parts == {
        "1.1.1", "1.2.1", "1.2.2", "2.1.1", "2.1.2", "2.1.3", "2.2.1", "2.2.2", "2.2.3",
        "2.3.1", "2.3.2", "2.3.3", "3.1", "3.2", "3.3",
    }  # fmt: skip


def test_every_entry_of_the_bibliography_is_cited_and_can_be_found():
    entries = re.split(r"^@\w+\{", (DOCS / "references.bib").read_text(), flags=re.MULTILINE)[1:]
    keys = [entry.split(",")[0] for entry in entries]
    assert len(keys) == len(set(keys))
    cited = {
        key
        for page in PAGES
        for group in re.findall(r"\{cite:[pt]\}`([^`]+)`", page.read_text())
        for key in group.split(",")
    }
    assert cited == set(keys)
    for key, entry in zip(keys, entries, strict=True):
        in_print = re.search(r"^\s*publisher = ", entry, re.MULTILINE) and "pages = " in entry
        address = re.search(r"^\s*(doi = \{10\.\d{4,}/\S+\}|url = \{https://\S+\}),?$", entry, re.MULTILINE)
        assert address or in_print, key
