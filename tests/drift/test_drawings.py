"""What a figure draws, each piece of it scaled and turned round: the assertions of its cell refuse all."""

import contextlib
import copy
import io

import matplotlib
import matplotlib.pyplot as plt
import pages
import pytest
from drifts import ROOT, read
from programs import changed_drawings

DRAWING = [path for path in pages.pages() if "plt.show()" in read(path)]


@pytest.mark.filterwarnings("ignore")  # of what is false
@pytest.mark.parametrize("path", DRAWING)
def test_a_figure_that_shows_other_data_is_refused(path, monkeypatch):
    monkeypatch.chdir((ROOT / path).parent)
    matplotlib.use("agg")
    text, names, passed = read(path), {"__name__": path}, []
    with matplotlib.rc_context(fname=ROOT / "docs" / "matplotlibrc"):
        for cell in pages.cells(text):
            code, before = cell.code.text, copied(names)
            refused = run(code, names)
            assert not refused or "raises-exception" in cell.tags, refused
            for change in changed_drawings(code):
                end = change.start + len(change.old)
                if not run(code[: change.start] + change.new + code[end:], copied(before)):
                    line = text.count("\n", 0, cell.code.start + change.start) + 1
                    passed.append(f"{path}:{line}: {change.rule}: {change.old}")
    assert not passed, "\n".join(passed)


def run(code, names):
    """Run a cell, and return what it raised."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(code, "cell", "exec"), names)  # noqa: S102 (the page's own code)
    except Exception as error:
        return error
    finally:
        plt.close("all")
    return None


def copied(names):
    """Copies of all that can be copied: a module, say, cannot."""
    copies = dict(names)
    for name, value in names.items():
        with contextlib.suppress(TypeError):
            copies[name] = copy.deepcopy(value)
    return copies
