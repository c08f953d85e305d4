"""What was found on the arrays of other libraries is of today's functions, and of the locked versions."""

import json
import tomllib
from pathlib import Path

from functions import FUNCTIONS
from libraries import LIBRARIES

ROOT = Path(__file__).parents[2]
RECORD = json.loads((ROOT / "docs/reference/arrays.json").read_text())
ADVICE = "run nox -s arrays"


def test_the_record_holds_for_the_locked_versions():
    packages = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    locked = {(package["name"], package["version"]) for package in packages}
    held = {(name, found) for name, found in RECORD["holds for"].items() if name != "python"}
    assert {name for name, _ in held} >= {"numpy", "array-api-strict", "dask", "torch", "jax"}
    assert held <= locked, ADVICE


def test_the_record_is_of_every_function_on_every_library():
    assert list(RECORD["found"]) == list(FUNCTIONS), ADVICE
    for row in RECORD["found"].values():
        assert set(row) | set(RECORD["untried"]) >= set(LIBRARIES)


def test_what_cannot_be_is_what_jax_cannot():
    for name, row in RECORD["found"].items():
        wanted = dict.fromkeys(row, "right")
        if FUNCTIONS[name].refused != "X":
            wanted |= {"SciPy sparse": "", "LinearOperator": ""}
        wanted["JAX, compiled"] = FUNCTIONS[name].compiled or "right"
        wanted["JAX, differentiated"] = FUNCTIONS[name].differentiated or "right"
        assert row == wanted
