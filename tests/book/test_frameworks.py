"""What was found by running the frameworks is of today's conventions, and of the locked versions."""

import json
import tomllib
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from hwlib.regularization import CONVENTIONS, NoEquivalentError, translate

ROOT = Path(__file__).parents[2]
RECORD = json.loads((ROOT / "docs/hyperparameters/weight_decay_conventions.json").read_text())
THROUGH_TRAINING = json.loads((ROOT / "docs/hyperparameters/through_training.json").read_text())
LIBRARIES = ("torch", "keras", "optax")
ADVICE = "run nox -s frameworks"


def test_the_record_is_of_these_conventions():
    now = json.loads(json.dumps({name: asdict(convention) for name, convention in CONVENTIONS.items()}))
    assert RECORD["conventions"] == now, ADVICE


@pytest.mark.parametrize(
    ("record", "libraries"),
    [(RECORD, {"torch", "optax", "keras", "jax"}), (THROUGH_TRAINING, {"jax", "numpy"})],
    ids=["weight decay", "through training"],
)
def test_the_record_holds_for_the_locked_versions(record, libraries):
    locked = {
        (package["name"], package["version"])
        for package in tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    }
    held = {(name, found) for name, found in record["holds for"].items() if name != "python"}
    assert {name for name, _ in held} >= libraries
    assert held <= locked, ADVICE


def test_jax_was_compared_through_a_long_run_by_every_exact_method():
    assert THROUGH_TRAINING["steps"] >= 1000
    assert set(THROUGH_TRAINING["apart"]) == {"reverse", "binomial", "reversible"}
    for apart in THROUGH_TRAINING["apart"].values():
        assert set(apart) == {"w0", "learning_rates", "momentum", "weight_decay"}
        assert max(apart.values()) < 1e-8


def test_the_record_says_by_what_each_convention_was_run():
    assert set(RECORD["run by"]) == set(CONVENTIONS)
    for name, by in RECORD["run by"].items():
        library = name.split(".")[0]
        assert by in ((library,) if library in LIBRARIES else (*LIBRARIES, "transcribed"))


def test_every_pair_was_run_with_every_rule_that_has_both():
    for rule in ("gradient descent", "momentum", "adaptive"):
        runs = [run for run in RECORD["runs"] if run["rule"] == rule]
        assert {run["schedule"] for run in runs} >= {"constant"}
        for run in runs:
            assert run["names"] == [name for name, one in CONVENTIONS.items() if rule in one.rules]
            assert np.shape(run["apart"]) == (len(run["names"]),) * 2


@pytest.mark.parametrize("run", RECORD["runs"], ids=lambda run: f"{run['rule']}-{run['schedule']}")
def test_what_translate_says_is_what_was_found(run):
    problem = RECORD["problem"]
    options = {"learning_rate": problem["rates"][run["rule"]], "rule": run["rule"]}
    options |= {"examples": problem["examples"], "steps": problem["steps"]}
    for source, number, row in zip(run["names"], run["numbers"], run["apart"], strict=True):
        assert translate(number, source, source, **options) == number
        for target, apart in zip(run["names"], row, strict=True):
            if apart < 1e-9:
                assert translate(number, source, target, **options) > 0
            else:
                assert apart > 0.1
                with pytest.raises(NoEquivalentError):
                    translate(number, source, target, **options)
