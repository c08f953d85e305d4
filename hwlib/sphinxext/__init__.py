r"""Checked mathematics in Sphinx: a page whose formulas are false does not build.

Put ``"hwlib.sphinxext"`` into ``extensions`` of ``conf.py``. It adds the directives ``symbols``,
``checked-math``, ``refuted-math`` and ``ledger``, an option ``:unchecked:`` of ``math``, and the roles
``cm``, ``suppose``, ``unchecked``, ``symbol`` and ``ledger-total``.
"""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from ._appearance import (
    depart_block,
    depart_inline,
    depart_ledger_fold,
    depart_notation,
    show_plainly,
    visit_block,
    visit_inline,
    visit_ledger_fold,
    visit_notation,
)
from ._checking import CheckMathematics
from ._directives import CheckedMath, LedgerTable, Math, RefutedMath, Symbols
from ._ledger import Ledger, pages_to_write, show_ledger
from ._nodes import (
    checked_block,
    checked_inline,
    ledger,
    ledger_fold,
    ledger_total,
    notation,
    symbol_reference,
)
from ._roles import Formula, LedgerTotal, SymbolReference, Unchecked

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata

__all__ = ["setup"]

STATIC = Path(__file__).parent / "static"


def setup(app: Sphinx) -> ExtensionMetadata:
    """Add the directives, the roles and the settings to a Sphinx project.

    Parameters
    ----------
    app : sphinx.application.Sphinx
        The project that is built.

    Returns
    -------
    dict
        What Sphinx asks of an extension: it may read and write pages in parallel.
    """
    app.add_config_value("checked_math_require", default=True, rebuild="env", types=(bool,))
    app.add_config_value("checked_math_exclude", default=[], rebuild="env", types=(list, tuple))
    app.add_config_value("checked_ledger_times", default=True, rebuild="html", types=(bool,))
    app.add_config_value("checked_bench", default="", rebuild="html", types=(str,))
    app.add_config_value("checked_python_root", default="", rebuild="env", types=(str,))

    app.add_directive("symbols", Symbols)
    app.add_directive("checked-math", CheckedMath)
    app.add_directive("refuted-math", RefutedMath)
    app.add_directive("math", Math, override=True)
    app.add_directive("ledger", LedgerTable)
    app.add_role("cm", Formula("checked"))
    app.add_role("suppose", Formula("supposition"))
    app.add_role("unchecked", Unchecked())
    app.add_role("symbol", SymbolReference())
    app.add_role("ledger-total", LedgerTotal())

    app.add_node(notation, html=(visit_notation, depart_notation))
    app.add_node(ledger_fold, html=(visit_ledger_fold, depart_ledger_fold))
    app.add_node(checked_block, html=(visit_block, depart_block))
    app.add_node(checked_inline, html=(visit_inline, depart_inline))
    for replaced in (symbol_reference, ledger, ledger_total):
        app.add_node(replaced)

    app.add_domain(Ledger)
    app.add_transform(CheckMathematics)
    app.connect("env-updated", pages_to_write)
    app.connect("doctree-resolved", show_ledger)
    app.connect("doctree-resolved", show_plainly)
    app.connect("builder-inited", add_static_files)
    app.add_css_file("checked.css")
    return {
        "version": version("hwlib"),
        "env_version": 1,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }


def add_static_files(app: Sphinx) -> None:
    """Have the style sheet copied to the site."""
    app.config.html_static_path.append(str(STATIC))
