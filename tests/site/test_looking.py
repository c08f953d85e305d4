"""A picture that has lost a part is seen to look otherwise, and one whose letters differ is not."""

import looking
import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def page(tmp_path, monkeypatch):
    """A page of grey lines with a figure, recorded; what is called with entries takes a picture of them."""
    monkeypatch.setattr(looking, "RECORDED", tmp_path / "recorded")
    rng = np.random.default_rng(0)
    entries = np.full((800, 1280), 255, np.uint8)
    entries[::20, 200:1000] = rng.integers(0, 255, (40, 800))
    entries[300:500, 300:900] = 90

    def taken(entries):
        path = tmp_path / "page.png"
        Image.fromarray(entries).save(path)
        return path

    looking.accept(taken(entries))
    return entries, taken


def test_other_letters_are_no_difference(page):
    entries, taken = page
    entries[::20, 200:1000] = np.random.default_rng(1).integers(0, 255, (40, 800))
    looking.compare(taken(entries))


def test_a_figure_that_is_missing_is_one(page):
    entries, taken = page
    entries[300:500, 300:900] = 255
    with pytest.raises(AssertionError, match="looks otherwise"):
        looking.compare(taken(entries))


def test_another_theme_is_one(page):
    entries, taken = page
    with pytest.raises(AssertionError, match="looks otherwise"):
        looking.compare(taken(255 - entries))


def test_a_page_that_is_shorter_is_one(page):
    entries, taken = page
    with pytest.raises(AssertionError, match="of another height"):
        looking.compare(taken(entries[:600]))
