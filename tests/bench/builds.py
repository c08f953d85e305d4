"""The book built from nothing and from what was kept, beside bare Sphinx and the cells' own time."""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from measuring import OURS, Target, met, spread

ROOT = Path(__file__).parents[2]
TARGET = 1 / 1.5
WHY = "What was kept is copied, looked through for changes, and moved into place when all is whole."
BARE = """
extensions = ["myst_nb"]
nb_execution_mode = "off"
html_theme = "sphinx_book_theme"
exclude_patterns = ["_*", "bibliography.md"]
suppress_warnings = ["*"]
"""


def measure_builds() -> list[dict[str, Any]]:
    """Two rows: cold, and all cached; of the last commit, for a new record is refused until it is read."""
    with tempfile.TemporaryDirectory() as name:
        conf, clone = Path(name) / "conf", Path(name) / "clone"
        subprocess.run(["git", "clone", "--quiet", "--shared", ROOT, clone], check=True)  # noqa: S607 - whichever is there
        (clone / "build").mkdir()
        (clone / "build" / "served").symlink_to(ROOT / "build" / "served")
        conf.mkdir()
        (conf / "conf.py").write_text(BARE)
        bare = timed(clone, "-m", "sphinx", "-Q", "-j", "auto", "-c", conf, "docs", f"{name}/bare")
        cold = timed(clone, "docs/_building.py")
        cells = json.loads((clone / "build" / "book" / "durations.json").read_text())["pages"].values()
        cached = timed(clone, "docs/_building.py")
    own_time = sum(page["cells"] for page in cells)
    peer = "bare Sphinx and the cells' own time"
    return [
        row("from nothing", {OURS: cold, peer: bare + own_time}, peer),
        row("all cached", {OURS: cached, "bare Sphinx": bare}, "bare Sphinx"),
    ]


def timed(folder: Path, *arguments: str | Path) -> float:
    """Seconds that a program of Python takes in a folder, which must not fail."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, *arguments], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def row(size: str, seconds: dict[str, float], peer: str) -> dict[str, Any]:
    """One measurement of each, once."""
    times = {name: spread([one]) for name, one in seconds.items()}
    note = "once each; bare Sphinx runs no cell and checks nothing"
    return {
        "work": "nox -s docs",
        "size": size,
        "note": note,
        "seconds": times,
        "targets": [met(Target(peer, TARGET, WHY), times)],
    }
