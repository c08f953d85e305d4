"""The book's own extensions, on books of one page."""

import re

import nbformat
import pytest
from books import CONFIGURATION, last_lines


def test_a_cell_that_fails_stops_the_build_and_the_last_lines_say_where(book):
    book.write("```{code-cell} python\n---\ntags: [hide-input]\n---\ny = x\nz = y / 0\n```")
    result = book.build()
    assert result.returncode != 0
    place = f"index.md:{book.line_of('z = y / 0')}"
    assert f"{place}: cell 2: z = y / 0\nZeroDivisionError: " in last_lines(result)


def test_a_cell_that_cannot_be_parsed_is_named_too(book):
    book.write("```{code-cell} python\nz = = 1\n```")
    place = f"index.md:{book.line_of('z = = 1')}"
    assert f"{place}: cell 2: z = = 1\nSyntaxError: " in last_lines(book.build())


def test_a_drawing_is_part_of_the_page_and_has_its_colours_and_a_text(book):
    book.write(
        "```{code-cell} python\n---\nmystnb:\n  image:\n    alt: A line & a dot\n---\n"
        "import matplotlib.pyplot as plt\nplt.plot([0, 1])\nplt.xlabel('x')\nplt.ylabel('y')\nplt.show()\n```"
    )
    result = book.build()
    assert result.returncode == 0, last_lines(result)
    drawing = re.search(r"<svg.*?</svg>", book.page(), re.DOTALL)[0]
    assert 'aria-label="A line &amp; a dot"' in drawing
    assert "currentColor" in drawing
    assert "#222222" not in drawing
    names = re.findall(r'\bid="([^"]*)"', drawing)
    assert names
    assert all(name.startswith("drawing0-") for name in names)
    assert set(re.findall(r'(?:href="#|url\(#)([^")]*)', drawing)) <= set(names)


def test_the_notebook_has_the_cells_without_their_outputs(book):
    book.write("It is {value}`x:.2f`.\n\n```{code-cell} python\nx + 1\n```")
    assert book.build().returncode == 0
    notebook = nbformat.read(book.site / "_sources" / "index.ipynb", as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.source for cell in cells] == ["x = 0.25", "x + 1"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in cells)
    assert any("It is `x`." in cell.source for cell in notebook.cells)


def test_a_page_that_has_no_cells_any_more_offers_no_notebook(book):
    book.write("")
    assert book.build().returncode == 0
    assert (book.site.parent / "jupyter_execute" / "index.ipynb").exists()
    (book.source / "index.md").write_text("# A page\n")
    assert book.build().returncode == 0
    assert not (book.site.parent / "jupyter_execute" / "index.ipynb").exists()


def test_a_link_to_a_page_that_is_gone_stops_the_build(book):
    (book.source / "other.md").write_text("---\norphan: true\n---\n\n# Another\n")
    book.write('<a href="other.html">x</a>')
    assert book.build().returncode == 0
    (book.source / "other.md").unlink()
    book.write('<a href="other.html">x</a> again')
    result = book.build()
    assert result.returncode != 0
    assert "Links that lead nowhere:\nindex.html: other.html" in last_lines(result)


def test_when_the_last_page_goes_the_one_before_it_no_longer_names_it(book):
    for name in ("first", "last"):
        (book.source / f"{name}.md").write_text(f"# Page {name}\n")
    book.write("```{toctree}\nfirst\nlast\n```")
    assert book.build().returncode == 0
    assert "last.html" in (book.site / "first.html").read_text()
    (book.source / "last.md").unlink()
    book.write("```{toctree}\nfirst\n```")
    result = book.build()
    assert result.returncode == 0, last_lines(result)
    assert "last.html" not in (book.site / "first.html").read_text()


def test_a_link_that_leads_nowhere_stops_the_build(book):
    book.write('[there](#a-page)\n\n<a href="nowhere.html">x</a> <a href="#nothing">y</a>')
    result = book.build()
    assert result.returncode != 0
    assert "Links that lead nowhere:\nindex.html: #nothing\nindex.html: nowhere.html" in last_lines(result)


ENTRY = '[[entry]]\npart = "1"\nsource = "It is 2."\nverdict = "{}"\ntruth = "No."\nsection = "{}"\n'


def test_the_errata_are_a_table_with_links(book):
    (book.source / "errata.toml").write_text(ENTRY.format("wrong", "here"))
    book.write("```{errata} errata.toml\n```\n\n(here)=\n## Here")
    result = book.build()
    assert result.returncode == 0, last_lines(result)
    assert re.search(r'<table class="errata.*<strong>wrong</strong>.*href="#here"', book.page(), re.DOTALL)


@pytest.mark.parametrize(("verdict", "section"), [("unknown", "here"), ("wrong", "nowhere")])
def test_errata_with_an_unknown_verdict_or_place_stop_the_build(book, verdict, section):
    (book.source / "errata.toml").write_text(ENTRY.format(verdict, section))
    book.write("```{errata} errata.toml\n```\n\n(here)=\n## Here")
    assert book.build().returncode != 0


CHAPTERS = {
    "optimization/first": "\\hat w: vector(d)    # the solution\nn: index    # the examples\nb: scalar",
    "hyperparameters/second": "\\hat{w}: vector(d)  # the solution\nb: scalar  # a bias\nq: scalar  # alone",
    "convnets/third": "n: index    # the pixels\nassume n >= 2    # an image",
    "elsewhere": "q: scalar    # in no chapter",
}


def test_the_notation_lists_what_several_chapters_declare_with_each_meaning(book):
    (book.source / "conf.py").write_text(CONFIGURATION.replace('"prose",', '"prose", "notation",'))
    for name, declarations in CHAPTERS.items():
        page = book.source / f"{name}.md"
        page.parent.mkdir(exist_ok=True)
        page.write_text(f"# On {page.stem}\n\n```{{symbols}}\n{declarations}\n```\n")
    listed = "\n".join(CHAPTERS)
    book.write(f"```{{notation}}\n```\n\n```{{toctree}}\n{listed}\n```")
    result = book.build()
    assert result.returncode == 0, last_lines(result)
    table = re.search(r"<table[^>]*notation-index.*?</table>", book.page(), re.DOTALL)[0]
    rows = [
        (
            re.sub(r"\\[()]", "", re.sub("<[^>]*>", "", cells[0])).strip(),
            re.sub("<[^>]*>", "", cells[1]).strip(),
            re.findall(r'href="([^"#]*)#[^"]+"[^>]*>([^<]*)', cells[2]),
        )
        for cells in re.findall(r"<td>(.*?)</td>\s*" * 3, table, re.DOTALL)
    ]
    first, second, third = ((f"{name}.html", f"On {name.split('/')[1]}") for name in list(CHAPTERS)[:3])
    assert rows == [
        ("n", "the examples", [first]),
        ("", "the pixels", [third]),
        (r"\hat w", "the solution", [first, second]),
    ]
    (book.source / "convnets/third.md").write_text("# On third\n")
    assert book.build().returncode == 0
    assert "the pixels" not in book.page()


def test_the_marks_that_a_page_has_are_explained_below_it(book):
    (book.source / "conf.py").write_text(CONFIGURATION.replace('"prose",', '"prose", "legend",'))
    (book.source / "checked.md").write_text("# Checked\n\n(verdicts)=\n## Verdicts\n")
    book.write("{cm}`1 + 1 = 2`\n\n```{refuted-math}\n1 + 1 = 3\n```\n\n```{toctree}\nchecked\n```")
    result = book.build()
    assert result.returncode == 0, last_lines(result)
    (legend,) = re.findall(r'<p class="legend">.*?</p>', book.page())
    assert "✓\xa0exact, ✗\xa0refuted. " in legend
    assert 'href="checked.html#verdicts"' in legend
    assert "legend" not in (book.site / "checked.html").read_text()


def test_the_fields_of_a_named_tuple_are_told_once_by_its_class(book):
    configuration = CONFIGURATION.replace('"errata",', '"errata", "sphinx.ext.autodoc", "fields",')
    (book.source / "conf.py").write_text(f"{configuration}sys.path.insert(0, {str(book.source)!r})\n")
    (book.source / "pairs.py").write_text(
        "from typing import NamedTuple\n\n\n"
        'class Pair(NamedTuple):\n    """Has left and right."""\n\n    left: int\n    right: int\n\n'
        '    def swapped(self):\n        """The other way round."""\n'
    )
    book.write("```{eval-rst}\n.. autoclass:: pairs.Pair\n   :members:\n```")
    result = book.build()
    assert result.returncode == 0, last_lines(result)
    text = re.sub("<[^>]*>", "", book.page())
    assert "Has left and right." in text
    assert "The other way round." in text
    assert "Alias for field number" not in text
