"""Every page with cells can be downloaded as a notebook without outputs."""

import re
from pathlib import Path

import nbformat

NUMBER = re.compile(r"\{(?:value|given)\}`([^`]+?)(?::[^:`]*)?`")
CLAIM = re.compile(r"\{claim\}`[^`]*`")


def offer_notebook(app, pagename, templatename, context, doctree):
    """Write the notebook beside the page's source and have the theme link to it."""
    executed = Path(app.outdir).parent / "jupyter_execute" / f"{pagename}.ipynb"
    if app.builder.format != "html" or not executed.exists():
        return
    notebook = nbformat.read(executed, as_version=4)
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"  # those it has are random
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        else:
            cell.source = CLAIM.sub("", NUMBER.sub(r"`\1`", cell.source))
    target = Path(app.outdir, "_sources", f"{pagename}.ipynb")
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, target)
    context["ipynb_source"] = f"{pagename}.ipynb"


def forget_notebook(app, env, docname):
    """Remove what ran on a page that is read again: it may have no cells now."""
    (Path(app.outdir).parent / "jupyter_execute" / f"{docname}.ipynb").unlink(missing_ok=True)


def setup(app):
    app.connect("env-purge-doc", forget_notebook)
    app.connect("html-page-context", offer_notebook, priority=100)  # before the theme looks for it
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
