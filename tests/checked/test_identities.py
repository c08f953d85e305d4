"""Identities of the Matrix Cookbook and other texts are found true, well-known mistakes false."""

import re
import tomllib
from pathlib import Path

import pytest

from hwlib.checked import CheckError, check

FILE = Path(__file__).with_name("identities.toml")
IDENTITIES = tomllib.loads(FILE.read_text(encoding="utf-8"))["identity"]
VERDICTS = {"exact": {"exact"}, "numeric": {"numeric"}, "inequality": {"proved", "sampled"}}


def each(identities):
    """Parametrise a test over identities, by source and formula."""
    return pytest.mark.parametrize(
        "identity", identities, ids=[f"{identity['source']}: {identity['latex']}" for identity in identities]
    )


def checked(identity):
    """What the checker says of an identity."""
    return check(
        identity["latex"],
        identity["symbols"],
        identity.get("definitions"),
        tuple(identity.get("assumptions", ())),
    )


@each([identity for identity in IDENTITIES if identity["true"]])
def test_a_true_identity_gets_the_verdict_that_its_kind_deserves(identity):
    report = checked(identity)
    assert report.ok, str(report)
    assert {step.verdict for step in report.steps} <= VERDICTS[identity["verdict"]], str(report)


@each([identity for identity in IDENTITIES if not identity["true"] and "error" not in identity])
def test_a_mistake_is_refuted_by_a_counterexample(identity):
    report = checked(identity)
    assert not report.ok, str(report)
    assert all(step.counterexample for step in report.steps if step.verdict == "refuted")


@each([identity for identity in IDENTITIES if "error" in identity])
def test_a_mistake_that_fits_no_shape_is_refused(identity):
    with pytest.raises(CheckError, match=re.escape(identity["error"])):
        checked(identity)


def test_the_collection_is_large_and_has_no_entry_twice():
    keys = ("latex", "symbols", "definitions", "assumptions")
    entries = {str([identity.get(key) for key in keys]) for identity in IDENTITIES}
    assert len(entries) == len(IDENTITIES)
    assert sum(identity["true"] for identity in IDENTITIES) >= 290
    assert sum(not identity["true"] for identity in IDENTITIES) >= 120
