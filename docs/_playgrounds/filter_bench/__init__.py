"""The filter bench: what a kernel makes of an image that the reader paints, place by place.

This runs in the page, in Pyodide, and in the build, which makes the still figure with it. All results are
hwlib's; what is here reads what the reader set, and writes down the sums behind the results.
"""

import json
import sys
from fractions import Fraction
from html import escape
from pathlib import Path

if sys.platform == "emscripten":  # PyPI has no NumPy for it
    sys.path.append(str(Path(__file__).parent / "small_arrays"))

from hwlib.convolution import KERNELS, convolve2d, correlate2d

from .settings import PRESETS, SIZE, SOURCE_ANSWER

DISTRIBUTIONS = ()
LARGEST = 999


def catalogue(_: str = "") -> str:
    """Say in JSON which kernels and settings there are to begin with."""
    kernels = [
        {
            "title": name.replace("_", " "),
            "entries": [typed(entry) for row in kernel.tolist() for entry in row],
        }
        for name, kernel in KERNELS.items()
        if kernel.shape == (3, 3)
    ]
    presets = [preset._asdict() | {"setting": preset.setting._asdict()} for preset in PRESETS]
    source = [[written(entry) for entry in row] for row in SOURCE_ANSWER]
    return json.dumps({"kernels": kernels, "presets": presets, "source": source})


def answer(request: str) -> str:
    """Say in JSON what hwlib makes of the image and the kernel in a JSON request."""
    asked = json.loads(request)
    try:
        return json.dumps(results(**asked))
    except ValueError as error:
        return json.dumps({"error": str(error)})


def results(image: str, kernel: list[str], place: tuple[int, int], *, is_search: bool) -> dict:
    """Both results, the sums behind them at a place, and all that in words."""
    pixels, weights = pixels_of(image), weights_of(kernel)
    ways = {"correlation": correlate2d, "convolution": convolve2d}
    made = {name: way(pixels, weights).tolist() for name, way in ways.items()}
    row, column = place
    here = {name: written(matrix[row][column]) for name, matrix in made.items()}
    under = {"correlation": kernel, "convolution": kernel[::-1]}  # convolution turns the kernel
    sums = {name: f"{products(pixels, under[name], row, column)} = {here[name]}" for name in ways}
    words = (
        f"Row {row + 1}, column {column + 1}: the correlation is {here['correlation']}, "
        f"the convolution {here['convolution']}."
    )
    right = [
        [entry == wanted for entry, wanted in zip(*rows, strict=True)]
        for rows in zip(made["correlation"], SOURCE_ANSWER, strict=True)
    ]
    return {
        **{name: [[written(entry) for entry in line] for line in matrix] for name, matrix in made.items()},
        "sums": sums,
        "right": right if is_search else None,
        "search": search_in_words(right) if is_search else "",
        "words": words,
    }


def pixels_of(image: str) -> list[list[int]]:
    """The rows of an image that is written as zeros and ones."""
    if len(image) != SIZE**2 or set(image) - {"0", "1"}:
        raise ValueError(f"image must be {SIZE**2} zeros and ones, got {image!r}")
    return [[int(pixel) for pixel in image[first : first + SIZE]] for first in range(0, SIZE**2, SIZE)]


def weights_of(kernel: list[str]) -> list[list[int | float]]:
    """The rows of a kernel from what was typed."""
    entries = [entry_of(text) for text in kernel]
    return [entries[first : first + 3] for first in range(0, 9, 3)]


def entry_of(text: str) -> int | float:
    """A whole number, a decimal or a fraction that was typed."""
    try:
        number = Fraction(text.replace("−", "-")) if len(text) <= 8 else None
    except (ValueError, ZeroDivisionError):
        number = None
    if number is None or abs(number) > LARGEST:
        raise ValueError(
            f"an entry of the kernel must be a number of size {LARGEST} or less, such as −2, 0.5 or 1/9, "
            f"got {text!r}"
        )
    return int(number) if number.denominator == 1 else float(number)


def products(pixels: list[list[int]], kernel: list[str], row: int, column: int) -> str:
    """What lies on top of each other at a place, multiplied and added."""
    terms = []
    for at, weight in enumerate(kernel):
        i, j = row + at // 3 - 1, column + at % 3 - 1
        is_inside = 0 <= i < SIZE and 0 <= j < SIZE
        factor = weight.replace("-", "−")
        terms.append(
            f"{pixels[i][j] if is_inside else 0}·{f'({factor})' if factor.startswith('−') else factor}"
        )
    return " + ".join(terms)


def search_in_words(right: list[list[bool]]) -> str:
    """How near the image is to one of those that the source can have had."""
    count = sum(entry for row in right for entry in row)
    if count == SIZE**2:
        return "Found: the filter turns this image into the source's answer. It is not the only one."
    return f"{count} of the {SIZE**2} entries are those of the source's answer."


def typed(entry: float) -> str:
    """An entry of a kernel as a reader would type it."""
    return str(Fraction(entry).limit_denominator(LARGEST)).replace("-", "−")


def written(number: float) -> str:
    """A result with three digits at most behind the point."""
    rounded = round(number, 3) + 0.0  # -0.0 becomes 0.0
    return f"{rounded:.3f}".rstrip("0").rstrip(".").replace("-", "−")


def still(begin: str) -> str:
    """Return a preset's image, kernel and both results in HTML."""
    (setting,) = [setting for name, _, setting in PRESETS if name == begin]
    shown = results(*setting[:3], is_search=False)
    kernel = [setting.kernel[first : first + 3] for first in range(0, 9, 3)]
    grids = {
        "Image": pixels_of(setting.image),
        "Kernel": kernel,
        "Correlation": shown["correlation"],
        "Convolution": shown["convolution"],
    }
    tables = "".join(table(caption, rows) for caption, rows in grids.items())
    return f'<div class="playground-still"><div class="filter-grids">{tables}</div></div>'


def table(caption: str, rows: list) -> str:
    """A matrix under its caption; it has no headers, so it is no <table>."""
    name = ' class="filter-image"' if caption == "Image" else ""
    lines = "".join(f'<div role="row">{"".join(map(cell, row))}</div>' for row in rows)
    return (
        f'<div class="filter-grid"><p aria-hidden="true">{caption}</p>'
        f'<div role="table" aria-label="{caption}"{name}>{lines}</div></div>'
    )


def cell(entry: int | str) -> str:
    """A number in a matrix."""
    number = escape(str(entry))
    return f'<div role="cell" data-number="{number}">{number}</div>'
