"""What the files beside the code say of it."""

import pkgutil
import re
import tomllib
from pathlib import Path

import yaml

from hwlib.hypergradients import computation_graph

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_the_readmes_picture_is_the_graph_of_two_steps():
    edges = re.findall(r"^  (\w+) --> (\w+)$", README, re.MULTILINE)
    assert sorted(edges) == sorted(computation_graph(2).edges)


def test_the_readmes_table_names_every_public_module():
    modules = re.findall(r"^\| `(\w+)` \|", README, re.MULTILINE)
    public = [info.name for info in pkgutil.iter_modules([ROOT / "hwlib"]) if not info.name.startswith("_")]
    assert sorted(modules) == sorted(public)


def test_the_readme_fits_a_page():
    assert len(README.splitlines()) <= 90


def test_ci_runs_the_readmes_line():
    (line,) = re.findall(r"^line='(.*)'$", (ROOT / ".ci/run").read_text(), re.MULTILINE)
    assert line in README.splitlines()


def test_the_version_is_one():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    newest, date = re.search(
        r"^## (\S+) - (\S+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE
    ).groups()
    assert PROJECT["version"] == newest == citation["version"]
    assert date == str(citation["date-released"])
    assert PROJECT["license"] == citation["license"]


def test_the_readme_states_the_oldest_python():
    assert f"Python {PROJECT['requires-python'].removeprefix('>=')} or newer" in README
