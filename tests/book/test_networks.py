"""What PyTorch counted and found is of today's networks, and of the locked versions."""

import json
import tomllib
from pathlib import Path

import pytest

from hwlib.convnets import receptive_field, summarize
from hwlib.network_graphs import PUBLISHED, published_network

ROOT = Path(__file__).parents[2]
RECORD = json.loads((ROOT / "docs/convnets/real_networks.json").read_text())
ADVICE = "run nox -s networks"


def test_the_record_is_of_every_published_network_of_torchvision():
    assert list(RECORD["networks"]) == [name for name in PUBLISHED if name.startswith("torchvision.")], ADVICE


def test_the_record_holds_for_the_locked_versions():
    locked = {
        (package["name"], package["version"])
        for package in tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    }
    held = {(name, found) for name, found in RECORD["holds for"].items() if name != "python"}
    assert {name for name, _ in held} == {"torch", "torchvision"}
    assert held <= locked, ADVICE


@pytest.mark.parametrize("name", RECORD["networks"])
def test_what_was_counted_and_probed_is_ours(name):
    found = RECORD["networks"][name]
    summary = summarize(published_network(name), (3, found["side"], found["side"]))
    assert summary.parameters + found["auxiliary"] == found["parameters"], ADVICE
    assert summary.multiply_adds == found["multiply_adds"], ADVICE
    field = receptive_field(published_network(name, head=False))
    for axis in ("along_height", "along_width"):
        probed = found[axis]
        ((first, last),) = getattr(field, axis).union(probed["position"])
        assert (first, last) == (probed["first"], probed["last"]), ADVICE
        assert probed["pixels"] == last - first + 1, ADVICE
