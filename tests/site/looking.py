"""How a page looks, beside how it looked when somebody last looked at it: ``--accept-pictures`` says that.

What is kept is so small that letters are grey: other letters, or a line that breaks elsewhere, are no
difference; a picture that is missing, a theme that does not come or a page without its style is one.
"""

from pathlib import Path

import numpy as np
from PIL import Image

RECORDED = Path(__file__).parent / "pictures"
WIDTH = 24  # of what is kept
PARTS = 6  # that many across are compared
MOST = 25  # of 255, the mean difference of a part
MOST_TALLER = 0.1


def reduced(path):
    """A picture so small that only its parts are seen."""
    with Image.open(path) as opened:
        picture = opened.convert("RGB")
    height = max(1, round(picture.height * WIDTH / picture.width))
    return picture.resize((WIDTH, height), Image.Resampling.BOX)


def accept(path):
    """Record a picture that somebody has looked at."""
    RECORDED.mkdir(exist_ok=True)
    reduced(path).save(RECORDED / path.name, optimize=True)


def compare(path):
    """Want a picture to look as it is recorded."""
    taken, recorded = reduced(path), reduced(RECORDED / path.name)
    assert abs(taken.height / recorded.height - 1) <= MOST_TALLER, f"{path} is of another height"
    ours, theirs = (np.asarray(one.resize(recorded.size), float) for one in (taken, recorded))
    apart = Image.fromarray(np.abs(ours - theirs).mean(axis=2).astype(np.uint8))
    parts = np.asarray(apart.resize((PARTS, max(1, apart.height * PARTS // WIDTH)), Image.Resampling.BOX))
    assert parts.max() <= MOST, f"{path} looks otherwise: part of it is {parts.max()} of 255 apart"
