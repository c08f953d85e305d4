"""What the bench begins with, and what the homework left of its image."""

from typing import NamedTuple

SIZE = 5
SOURCE_ANSWER = [
    [0, 1, 2, 3, 2],
    [2, 3, 3, 2, 1],
    [1, 1, 1, -1, -1],
    [-2, -2, -2, -1, -1],
    [-1, -2, -3, -2, -1],
]
PREWITT = "−1 −1 −1 0 0 0 1 1 1"


class Setting(NamedTuple):
    """What the reader sets."""

    image: str  # zeros and ones, row by row
    kernel: tuple[str, ...]  # as it is typed, row by row
    place: tuple[int, int] = (2, 2)  # whose sum is shown
    is_search: bool = False  # for the source's image


class Preset(NamedTuple):
    """A setting by its name."""

    name: str
    title: str
    setting: Setting


def preset(name: str, title: str, image: str, kernel: str, **more) -> Preset:
    """A preset whose image and kernel are written with spaces."""
    return Preset(name, title, Setting(image.replace(" ", ""), tuple(kernel.split()), **more))


PRESETS = (
    preset("pixel", "A bright pixel", "00000 00000 00100 00000 00000", "1 2 3 4 5 6 7 8 9"),
    preset("horizontal", "A horizontal edge", "00000 00000 00000 11111 11111", PREWITT),
    preset("vertical", "A vertical edge", "00011 00011 00011 00011 00011", PREWITT),
    preset("find", "Find the image", "00000 00000 00000 00000 00000", PREWITT, is_search=True),
)
