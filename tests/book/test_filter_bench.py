"""The filter bench: what it says of images and kernels, and the small arrays hwlib gets in the page."""

import ast
import json
import random
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import signal

sys.path.insert(0, str(Path(__file__).parents[2] / "docs" / "_playgrounds"))
import filter_bench
from filter_bench.settings import PRESETS, SOURCE_ANSWER

from hwlib.convolution import KERNELS

DOCS = Path(__file__).parents[2] / "docs"
SMALL_ARRAYS = DOCS / "_playgrounds" / "filter_bench" / "small_arrays"
FILTER = """
import json, sys
import numpy
from hwlib.convolution import KERNELS, convolve2d, correlate2d

answers = [numpy.__file__]
for way, image, kernel, options in json.load(sys.stdin):
    try:
        kernel = KERNELS[kernel] if isinstance(kernel, str) else kernel
        answers.append(globals()[way](image, kernel, **options).tolist())
    except ValueError as error:
        answers.append(str(error))
json.dump(answers, sys.stdout)
"""


def numbers(sentence):
    """The numbers of a sum that is written out, and what it says they come to."""
    terms, _, total = sentence.replace("−", "-").replace("·", "*").partition(" = ")
    return eval(terms), float(total)  # noqa: S307 - our own words


def cases():
    rng = random.Random(0)  # noqa: S311 - no secrets
    for name in KERNELS:
        yield "correlate2d", [[rng.randint(0, 1) for _ in range(5)] for _ in range(5)], name, {}
    for case in range(400):
        whole = [rng.randint(-9, 9) for _ in range(200)]
        entries = iter(whole if case % 3 else [entry / 7 for entry in whole])
        rows, columns, height, width = (rng.randint(1, 5) for _ in range(4))
        image = [[next(entries) for _ in range(columns)] for _ in range(rows)]
        kernel = [[next(entries) if rng.random() < 0.8 else 0 for _ in range(width)] for _ in range(height)]
        options = {
            "padding": rng.choice(["same", "valid", "full", 1, [0, 2]]),
            "stride": rng.randint(1, 3),
            "dilation": rng.choice([1, 1, 2, [1, 3]]),
        }
        yield rng.choice(["correlate2d", "convolve2d"]), image, kernel, options
    yield "correlate2d", [[1, 2], [3]], [[1]], {}
    yield "correlate2d", [[2**62, 1]], [[2, 2]], {}
    yield "correlate2d", [[True, False]], [[True]], {}


def filtered(asked, path):
    """What hwlib answers with the NumPy that is found on a path first, and which that is."""
    run = subprocess.run(
        [sys.executable, "-c", FILTER],
        input=json.dumps(asked),
        env={"PYTHONPATH": str(path)},
        cwd=DOCS.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    which, *answers = json.loads(run.stdout)
    return Path(which), answers


def test_with_small_arrays_hwlib_says_what_it_says_with_numpy():
    asked = list(cases())
    small, answers = filtered(asked, SMALL_ARRAYS)
    large, expected = filtered(asked, DOCS.parent)
    assert small == SMALL_ARRAYS / "numpy" / "__init__.py"
    assert large == Path(np.__file__)
    assert len(answers) == len(asked)
    for one, answer, wanted in zip(asked, answers, expected, strict=True):
        assert repr(answer) == repr(wanted), one  # so that 1 is not 1.0
    assert {type(answer) for answer in answers} == {list, str}


def test_the_source_is_that_of_the_chapter():
    (cell,) = re.findall(
        r":tags: \[given\]\nanswer = np\.array\((.*?)\)\n```",
        (DOCS / "convnets/filters.md").read_text(),
        re.DOTALL,
    )
    assert ast.literal_eval(cell) == SOURCE_ANSWER


def some_settings(how_many):
    rng = random.Random(1)  # noqa: S311 - no secrets
    for _ in range(how_many):
        image = "".join(rng.choice("01") for _ in range(25))
        kernel = [rng.choice(["−2", "-1", "0", "1", "3", "0.5", "1/9", "−1/3"]) for _ in range(9)]
        yield image, kernel, (rng.randrange(5), rng.randrange(5))


def test_it_shows_what_scipy_finds_and_sums_that_come_to_it():
    for image, kernel, (row, column) in some_settings(60):
        shown = filter_bench.results(image, kernel, (row, column), is_search=False)
        pixels = np.array([int(pixel) for pixel in image]).reshape(5, 5)
        weights = np.array([eval(entry.replace("−", "-")) for entry in kernel]).reshape(3, 3)  # noqa: S307 - our own words
        for way, by_scipy in (("correlation", signal.correlate2d), ("convolution", signal.convolve2d)):
            result = np.array([[float(entry.replace("−", "-")) for entry in line] for line in shown[way]])
            assert_allclose(result, by_scipy(pixels, weights, mode="same"), atol=6e-4)
            total, said = numbers(shown["sums"][way])
            assert_allclose([total, said], result[row, column], atol=6e-4)


def test_a_search_counts_the_entries_that_are_right_and_both_images_are_found():
    first = "0000000111111100111000100"
    second = "0000100111111110111000101"
    kernel = ["-1", "-1", "-1", "0", "0", "0", "1", "1", "1"]
    for image in (first, second):
        found = filter_bench.results(image, kernel, (0, 0), is_search=True)
        assert found["search"].startswith("Found")
        assert np.all(found["right"])
    blank = filter_bench.results("0" * 25, kernel, (0, 0), is_search=True)
    zeros = sum(entry == 0 for row in SOURCE_ANSWER for entry in row)
    assert blank["search"] == f"{zeros} of the 25 entries are those of the source's answer."
    assert filter_bench.results(first, kernel, (0, 0), is_search=False)["search"] == ""


@pytest.mark.parametrize("entry", ["", "x", "1/0", "1e9", "nan", "1" * 9])
def test_what_is_no_entry_of_a_kernel_is_refused(entry):
    asked = {"image": "0" * 25, "kernel": [entry] * 9, "place": [0, 0], "is_search": False}
    assert (
        f"such as −2, 0.5 or 1/9, got {entry!r}"
        in json.loads(filter_bench.answer(json.dumps(asked)))["error"]
    )


def test_its_kernels_are_hwlibs():
    offered = json.loads(filter_bench.catalogue())["kernels"]
    assert len(offered) == sum(kernel.shape == (3, 3) for kernel in KERNELS.values())
    for kernel in offered:
        entries = np.reshape([filter_bench.entry_of(entry) for entry in kernel["entries"]], (3, 3))
        assert_array_equal(entries, KERNELS[kernel["title"].replace(" ", "_")])


def test_the_still_figure_shows_a_pixel_spread_as_it_is_and_turned():
    still = filter_bench.still("pixel")
    grids = {
        caption: [re.findall(r'data-number="(.*?)"', row) for row in body.split('role="row"')[1:]]
        for caption, body in re.findall(r'aria-label="(\w+)"(.*?)</div></div></div></div>', still)
    }
    middle = {name: np.array(grids[name], int)[1:4, 1:4] for name in ("Correlation", "Convolution")}
    kernel = np.array(grids["Kernel"], int)
    assert_array_equal(middle["Convolution"], kernel)
    assert_array_equal(middle["Correlation"], kernel[::-1, ::-1])


def test_the_presets_can_be_answered():
    for preset in PRESETS:
        assert "error" not in json.loads(filter_bench.answer(json.dumps(preset.setting._asdict())))
