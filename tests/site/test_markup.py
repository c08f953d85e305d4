"""The HTML of every page is valid, as html-validate reads the standard."""

import json
import re
import subprocess
from pathlib import Path

import pytest

PACKAGES = Path(__file__).parents[2] / "build/site/npm"
VALID = '<!DOCTYPE html><html lang="en"><head><title>A page</title></head><body><p>a</p></body></html>'


def invalid(folder, files):
    """What is wrong with files, a line each; the settings are those of the standard and nothing else."""
    settings = folder / "html-validate.json"
    settings.write_text('{"root": true, "extends": ["html-validate:standard"]}')
    command = ["node", PACKAGES / "node_modules/html-validate/bin/html-validate.mjs"]
    result = subprocess.run(
        [*command, "--config", settings, "--formatter", "json", *files],
        capture_output=True,
        text=True,
        check=False,
    )
    return [
        f"{report['filePath']}:{message['line']}: {message['ruleId']}: {message['message']}"
        for report in json.loads(result.stdout)
        for message in report["messages"]
    ]


def test_of_every_page_is_valid(site, paths, tmp_path):
    assert invalid(tmp_path, [site / path for path in paths]) == []


def test_each_page_says_what_it_is_and_no_other_says_the_same(site, paths):
    pages = "".join(Path(site, path).read_text() for path in paths)
    said = re.findall(r'<meta name="description" content="([^"]{10,160})"', pages)
    assert len(set(said)) == len(said) == len(paths)


@pytest.mark.parametrize(
    ("html", "faults"),
    [
        (VALID, 0),
        (VALID.replace("<p>a</p>", '<p id="a">a</p><p id="a">b</p>'), 1),
        (VALID.replace("<p>a</p>", "<details><summary><p>a</p></summary></details>"), 1),
    ],
)
def test_that_is_not_valid_is_seen(html, faults, tmp_path):
    (tmp_path / "page.html").write_text(html)
    assert len(invalid(tmp_path, [tmp_path / "page.html"])) == faults
