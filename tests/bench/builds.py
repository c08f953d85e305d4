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
BARE = """
extensions = ["myst_nb"]
nb_execution_mode = "off"
html_theme = "sphinx_book_theme"
exclude_patterns = ["_*", "bibliography.md"]
suppress_warnings = ["*"]
"""
BUILD = """
import sys
from pathlib import Path
sys.path.insert(0, "docs")
from _building import build
sys.exit(build(Path("docs"), Path(sys.argv[1])))
"""


def measure_builds() -> list[dict[str, Any]]:
    """Two rows: cold, and all cached."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "conf").mkdir()
        (folder / "conf" / "conf.py").write_text(BARE)
        bare_command = ["-m", "sphinx", "-q", "-j", "auto", "-c", f"{folder}/conf", "docs", f"{folder}/bare"]
        bare = timed(bare_command)
        cold = timed(["-c", BUILD, name])
        cells = json.loads((folder / "book" / "durations.json").read_text())["pages"].values()
        cached = timed(["-c", BUILD, name])
    own_time = sum(page["cells"] for page in cells)
    peer = "bare Sphinx and the cells' own time"
    return [
        row("from nothing", {OURS: cold, peer: bare + own_time}, peer),
        row("all cached", {OURS: cached, "bare Sphinx": bare}, "bare Sphinx"),
    ]


def timed(arguments: list[str]) -> float:
    """Seconds that a program of Python takes, which must not fail."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
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
        "targets": [met(Target(peer, TARGET), times)],
    }
