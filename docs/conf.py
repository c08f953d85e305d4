"""Configuration of the book."""

import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_extensions"))

# The project, from the one place that knows it
_project = tomllib.loads((HERE.parent / "pyproject.toml").read_text())["project"]
project = _project["name"]
author = _project["authors"][0]["name"]
release = version = _project["version"]
copyright = f"2026, {author}"

extensions = [
    "sphinx.ext.autodoc",
    "numpydoc",
    "myst_nb",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_exercise",
    "sphinx_togglebutton",
    "sphinxcontrib.bibtex",
    "hwlib.sphinxext",
    # this book's own, in _extensions
    "alternatives",
    "citations",
    "claims",
    "dealing",
    "descriptions",
    "drift",
    "durations",
    "errata",
    "execution",
    "exercises",
    "failures",
    "fields",
    "figures",
    "fonts",
    "formulas",
    "kernels",
    "legend",
    "links",
    "names",
    "nested",
    "notation",
    "notebooks",
    "offline",
    "playgrounds",
    "prose",
    "readings",
    "styles",
    "tally",
    "theme",
    "values",
]
exclude_patterns = ["_extensions", "_playgrounds", "_static"]
numfig = True
nitpicky = True

# Pages
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
bibtex_bibfiles = ["references.bib"]
bibtex_reference_style = "author_year"

# Cells are run while their page is read, so that a sentence can use the values above it
nb_execution_mode = "inline"
nb_render_markdown_format = "myst"
nb_execution_raise_on_error = True
nb_execution_timeout = 120
nb_merge_streams = True  # kernels send one output in one piece or in several
nb_eval_name_regex = r".+"  # {value} formats an expression, not only a name

# Docstrings
autodoc_member_order = "bysource"
autodoc_typehints = "none"
numpydoc_show_class_members = False

# Mathematics: every relation is checked
checked_python_root = "hwlib"
checked_bench = "checked#check-it-yourself"
checked_ledger_times = False  # two builds of one commit give the same bytes; the page of times has them

# Mathematics, written as MathML
html_math_renderer = "mathml"
formula_macros = {r"\R": r"\mathbb{R}", r"\norm": r"\left\lVert #1 \right\rVert"}

# The site
html_theme = "sphinx_book_theme"
html_title = project
html_static_path = ["_static", "../build/served"]
html_css_files = ["mathematics/Temml-STIX2.css", "book.css"]
html_js_files = [("book.js", {"defer": "defer"})]
template_bridge = "finishing.Templates"
html_domain_indices = False  # the reference has a page for each module, and the index has them all
html_favicon = "_static/favicon.svg"
html_context = {"default_mode": "auto"}  # unset, the theme logs an error on every page
html_theme_options = {
    "navbar_persistent": [],  # the sidebar has a search button
    "show_toc_level": 2,
    "use_fullscreen_button": False,
    "show_navbar_depth": 2,
}
