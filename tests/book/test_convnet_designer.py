"""The convnet designer's modules, which the page runs in Pyodide, here in CPython."""

import json
import random
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from hwlib.convnets import Conv2d, MaxPool2d, ReceptiveField, Row, receptive_field, summarize
from hwlib.convolution import correlate2d

sys.path.insert(0, str(Path(__file__).parents[2] / "docs" / "_playgrounds"))
import convnet_designer
from convnet_designer.drawing import runs
from convnet_designer.field import field_of
from convnet_designer.networks import NETWORKS, as_typed
from convnet_designer.typing_in import KINDS, STARTING_OPTIONS, understood
from convnet_designer.window import pair

IMAGE = (14, 15)


def ask(typed, layers=(), selected=0, place=None, pixel=None):
    request = {"input": typed, "layers": layers, "selected": selected, "place": place, "pixel": pixel}
    return json.loads(convnet_designer.answer(json.dumps(request)))


def layer(kind, **options):
    return {"kind": kind, "options": options}


def random_convolution(rng):
    height, width = rng.randint(1, 3), rng.randint(1, 3)
    return Conv2d(1, (height, width), rng.randint(1, 3), rng.randint(0, 2), rng.randint(1, 2))


@pytest.mark.parametrize("seed", range(20))
def test_the_pixels_are_those_that_the_neuron_answers_to(seed):
    rng = random.Random(seed)  # noqa: S311 - no secrets
    layers = [random_convolution(rng), random_convolution(rng)]
    rows = summarize(layers, (1, *IMAGE)).rows
    place = tuple(rng.randrange(length) for length in rows[-1].output_shape[1:])
    field = field_of(layers, rows, place, None)
    seen = np.zeros(IMAGE, dtype=bool)
    seen[np.ix_(*map(list, field.seen))] = True
    np.testing.assert_array_equal(seen, answered(layers, place))
    for frame, pixels in zip(field.frames, field.seen, strict=True):
        assert all(frame.first <= pixel < frame.first + frame.size for pixel in pixels)


def answered(layers, place):
    """Which pixels of an image change the neuron, tried one at a time."""
    mask = np.zeros(IMAGE, dtype=bool)
    for pixel in np.ndindex(mask.shape):
        values = np.zeros(mask.shape)
        values[pixel] = 1
        for one in layers:
            kernel = np.ones(pair(one.kernel_size))
            values = correlate2d(
                values, kernel, padding=one.padding, stride=one.stride, dilation=one.dilation
            )
        mask[pixel] = values[place] != 0
    return mask


def test_the_frame_is_hwlibs_receptive_field():
    layers = [Conv2d(1, 5, padding=2), MaxPool2d(2), Conv2d(1, (3, 5), stride=2)]
    field = field_of(layers, summarize(layers, (1, 32, 32)).rows, (1, 2), None)
    reached = receptive_field(layers)
    assert isinstance(reached, ReceptiveField)
    assert tuple(frame.size for frame in field.frames) == reached.size
    assert [frame.first for frame in field.frames] == [1 * 4 - 2, 2 * 4 - 2]


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)
def test_a_network_is_typed_as_it_is_read(network):
    typed = as_typed(network)
    read = understood(typed["input"], typed["layers"])
    assert read.layers == network.layers
    assert read.summary == summarize(network.layers, network.input_shape)
    assert not read.errors


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_layer_is_one_that_hwlib_takes(kind):
    image = {"Linear": "64", "Unflatten": "64"}.get(kind, "1, 8, 8")
    answered = ask(image, [layer(kind, **STARTING_OPTIONS[kind])], selected=1)
    assert not answered["errors"]
    assert answered["arithmetic"]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("32, 32", "input_shape must be (channels, height, width) or (features,), got (32, 32)"),
        ("abc", "input_shape must be (channels, height, width) or (features,), got 'abc'"),
        ("1, 0, 8", "input_shape[1] must be an integer >= 1, got 0"),
    ],
)
def test_an_input_that_is_none_is_refused_in_hwlibs_words(typed, words):
    answered = ask(typed, [layer("Flatten")])
    assert answered["errors"] == [{"layer": 0, "words": words}]
    assert answered["rows"] == []


def test_layers_before_a_wrong_one_are_counted_and_each_wrong_one_is_named():
    layers = [
        layer("Conv2d", out_channels="4", kernel_size="3"),
        layer("MaxPool2d", kernel_size="0"),
        layer("Conv9d"),
    ]
    answered = ask("1, 8, 8", layers, selected=3)
    assert [row["parameters"] for row in answered["rows"]] == ["0", "40"]
    assert [error["layer"] for error in answered["errors"]] == [2, 3]
    assert answered["errors"][0]["words"] == "kernel_size must be an integer >= 1, got 0"
    assert answered["total"] is None


@pytest.mark.parametrize(
    ("typed", "layers", "words"),
    [
        ("64", [layer("Linear", out_features="3")], "The input is a vector"),
        (
            "1, 8, 8",
            [layer("Flatten"), layer("Linear", out_features="3")],
            "counts as seeing the whole image",
        ),
        ("1, 8, 8", [layer("Flatten"), layer("Unflatten", shape="1, 4, 16")], "torn neighbours apart"),
        ("1, 9999, 9999", [layer("Conv2d", out_channels="1", kernel_size="3")], "too many to draw"),
        ("1, 5000, 5000", [layer("Flatten"), layer("Linear", out_features="1")], "the whole image."),
        ("1, 4, 4", [layer("Conv2d", out_channels="1", kernel_size="1", padding="2")], "sees no pixel"),
        (
            "1, 4, 4",
            [layer("Conv2d", out_channels="1", kernel_size="3", padding="1")],
            "reaches into the padding",
        ),
    ],
)
def test_what_cannot_be_drawn_as_a_rectangle_is_said(typed, layers, words):
    assert words in ask(typed, layers, selected=len(layers), place=[0, 0])["field"]["words"]


def test_a_neuron_is_found_by_the_pixel_in_the_middle_of_its_field():
    layers = [layer("Conv2d", out_channels="1", kernel_size="3", stride="2")]
    assert ask("1, 9, 9", layers, selected=1, pixel=[5, 3])["field"]["place"] == [2, 1]
    assert ask("1, 9, 9", layers, selected=1, pixel=[99, -9])["field"]["place"] == [3, 0]


def test_neighbours_make_one_run():
    assert runs([0, 1, 2, 5, 7, 8]) == [(0, 3), (5, 1), (7, 2)]


def test_a_row_is_shown_with_all_that_hwlib_says_of_it():
    assert list(ask("1, 8, 8")["rows"][0]) == [name for name in Row.__slots__ if name]


def test_the_legend_says_how_far_on_the_dashed_frame_is_drawn():
    layers = [layer("Conv2d", out_channels="1", kernel_size="3", stride="1, 2")]
    field = ask("1, 8, 9", layers, selected=1, place=[0, 0])["field"]
    frames = {
        name: int(x)
        for name, x in re.findall(r'<rect class="field-(frame|neighbour)" x="(-?\d+)"', field["drawing"])
    }
    (further,) = re.findall(r"next neuron, (\d+) further on", field["legend"])
    assert frames["neighbour"] - frames["frame"] == int(further) == 2
