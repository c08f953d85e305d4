"""hwlib beside its peers, all in one process: ``nox -s bench``; ``-- correlations rates`` picks works.

Whole runs are appended to ``docs/benchmarks.json``. The page "How fast it is" shows the last one in its
tables and figures, and all of them in its history.
"""

import argparse
import datetime
import json
import os
import platform
import re
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from growth import growths, measure_growth
from measuring import OURS, measure

RECORD = Path(__file__).parents[2] / "docs" / "benchmarks.json"
WORKS = ("correlations", "solutions", "rates", "training", "networks", "steps")
PARTS = (*WORKS, "growth", "builds")
VERSIONS = (
    "numpy",
    "scipy",
    "torch",
    "jax",
    "opencv-python-headless",
    "torchinfo",
    "torchscan",
    "sympy",
    "sphinx",
)


def main() -> None:
    """Run all parts or those named, and keep what a whole run found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"some of {', '.join(PARTS)}; all if none is named")
    parts = parser.parse_args().parts or PARTS
    if unknown := set(parts) - set(PARTS):
        parser.error(f"no part of it: {', '.join(unknown)}")
    rows, grown = [], []
    for part in WORKS:
        for work in import_module(part).works() if part in parts else ():
            rows.append(measure(work))
            print(line(rows[-1]), flush=True)
    for growth in growths() if "growth" in parts else ():
        grown.append(measure_growth(growth))
        print(growth_line(grown[-1]), flush=True)
    if "builds" in parts:
        rows += import_module("builds").measure_builds()
        print("\n".join(map(line, rows[-2:])), flush=True)
    if set(parts) == set(PARTS):
        keep(RECORD, surroundings() | {"works": rows, "growth": grown})
        print(f"written to {RECORD}")


def surroundings() -> dict[str, Any]:
    """When, on what and with which versions."""
    return {
        "date": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "threads": os.environ.get("OMP_NUM_THREADS", "as many as there are cores"),
        "python": platform.python_version(),
        "versions": {name: found for name in VERSIONS if (found := installed(name))},
    }


def processor() -> str:
    """What Linux calls the processor, or else what Python does."""
    path = Path("/proc/cpuinfo")
    found = re.search(r"^model name\s*: (.*)$", path.read_text(), re.MULTILINE) if path.exists() else None
    return found[1] if found else platform.processor()


def installed(name: str) -> str:
    """The version without what a build adds to it, or nothing."""
    try:
        return version(name).split("+")[0]
    except PackageNotFoundError:
        return ""


def keep(record: Path, run: dict[str, Any]) -> None:
    """Append a run to the history."""
    history = json.loads(record.read_text()) if record.exists() else []
    text = json.dumps([*history, run], indent=1, ensure_ascii=False)
    lines = re.sub(r"[\[{][^][{}]*[\]}]", lambda found: " ".join(found[0].split()), text)
    record.write_text(lines + "\n")


def line(row: dict[str, Any]) -> str:
    """What is printed of a work."""
    times = ", ".join(f"{name} {1000 * one['median']:.3g} ms" for name, one in row["seconds"].items())
    targets = (
        f"{target['ratio']:.3g} x {target['peer']}"
        f" ({'met' if target['met'] else 'missed'}: {target['at least']:.3g})"
        for target in row["targets"]
    )
    return f"{row['work']}, {row['size']}: {times}; {OURS} is {', '.join(targets)}"


def growth_line(grown: dict[str, Any]) -> str:
    """What is printed of how something grows."""
    exponents = (
        "{name} {exponent} ± {half_width} ({theory})".format(name=name, **grown[name])
        for name in ("time", "memory")
    )
    return f"{grown['work']}, {grown['variable']}: {', '.join(exponents)}"


if __name__ == "__main__":
    main()
