"""Shapes, counts and receptive fields, against hand-worked networks and against probing pixel by pixel."""

import math
import subprocess
import sys
from dataclasses import FrozenInstanceError
from html.parser import HTMLParser
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.signal import correlate2d

from hwlib.convnets import (
    AvgPool2d,
    Conv2d,
    Flatten,
    Linear,
    MaxPool2d,
    ReceptiveField,
    Row,
    Summary,
    Unflatten,
    receptive_field,
    summarize,
)

HOMEWORK_CNN = [
    Conv2d(1, 3, padding=1),
    MaxPool2d(2),
    Conv2d(1, 3, padding=1),
    MaxPool2d(2),
    Conv2d(1, 3, padding=1),
]
HOMEWORK_FCNN = [
    Flatten(),
    Linear(1024),
    Unflatten((1, 32, 32)),
    MaxPool2d(2),
    Flatten(),
    Linear(256),
    Unflatten((1, 16, 16)),
    MaxPool2d(2),
    Flatten(),
    Linear(64),
]
VGG_16 = [
    layer
    for channels, convolutions in [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)]
    for layer in [*[Conv2d(channels, 3, padding=1)] * convolutions, MaxPool2d(2)]
] + [Flatten(), Linear(4096), Linear(4096), Linear(1000)]


def pair(size):
    return size if isinstance(size, tuple) else (size, size)


def options(layer):
    """Return kernel size, stride, padding and dilation of a layer, each as (height, width)."""
    stride = layer.kernel_size if layer.stride is None else layer.stride
    return tuple(map(pair, (layer.kernel_size, stride, layer.padding, getattr(layer, "dilation", 1))))


def positions(layer, shape):
    """Return where the layer's window can begin in its padded input: rows, then columns, found by trying."""
    kernel, stride, padding, dilation = options(layer)
    return [
        [
            start
            for start in range(0, shape[axis] + 2 * padding[axis], stride[axis])
            if start + dilation[axis] * (kernel[axis] - 1) < shape[axis] + 2 * padding[axis]
        ]
        for axis in (0, 1)
    ]


def shapes_through(layers, shape):
    """Return the height and width of the input and of each layer's output."""
    shapes = [shape]
    for layer in layers:
        shapes.append(tuple(map(len, positions(layer, shapes[-1]))))
    return shapes


def pixels_seen(layers, shape, position):
    """Return a mask of the input pixels that reach an output position, walking back tap by tap.

    Also return whether no window on the way held padding.
    """
    shapes = shapes_through(layers, shape)
    seen = np.zeros(shapes[-1], dtype=bool)
    seen[position] = True
    within = True
    for layer, (height, width) in reversed(list(zip(layers, shapes, strict=False))):
        (kernel_height, kernel_width), _, (top, left), (down, across) = options(layer)
        rows, columns = positions(layer, (height, width))
        padded = np.zeros((height + 2 * top, width + 2 * left), dtype=bool)
        for i, j in np.argwhere(seen):
            for a, b in product(range(kernel_height), range(kernel_width)):
                padded[rows[i] + a * down, columns[j] + b * across] = True
        seen = padded[top : top + height, left : left + width]
        within = within and np.count_nonzero(seen) == np.count_nonzero(padded)
    return seen, within


def bounds(mask):
    """Return the first and last row and the first and last column that hold a True."""
    rows, columns = np.nonzero(mask)
    return (rows.min(), rows.max()), (columns.min(), columns.max())


def sizes(smallest, largest):
    one = st.integers(smallest, largest)
    return one | st.tuples(one, one)


convolutions = st.builds(
    Conv2d,
    out_channels=st.just(1),
    kernel_size=sizes(1, 3),
    stride=sizes(1, 2),
    padding=sizes(0, 2),
    dilation=sizes(1, 2),
)
pools = st.builds(
    lambda pool, kernel_size, stride, padded: pool(
        kernel_size, stride, tuple(size // 2 * padded for size in pair(kernel_size))
    ),
    st.sampled_from([MaxPool2d, AvgPool2d]),
    sizes(1, 3),
    st.none() | sizes(1, 3),
    st.booleans(),
)
chains = st.lists(convolutions | pools, max_size=3)


def test_homework_convolutional_network_has_30_parameters_and_2688_neurons():
    summary = summarize(HOMEWORK_CNN, (1, 32, 32))
    assert summary.parameters == 3 * (9 + 1) == 30
    assert summary.neurons == 3 * 0 + 2 * 32**2 + 2 * 16**2 + 2 * 8**2 == 2688


def test_homework_fully_connected_network_has_as_many_neurons_and_1119552_parameters():
    summary = summarize(HOMEWORK_FCNN, (1, 32, 32))
    assert summary.parameters == 1024 * 1025 + 256 * 257 + 64 * 65 == 1_119_552
    assert summary.neurons == 2688


def test_vgg_16_has_the_published_number_of_parameters():
    assert summarize(VGG_16, (3, 224, 224)).parameters == 138_357_544


def test_last_pool_of_vgg_16_sees_212_pixels():
    """The table of Araujo, Norris and Sim (2019) gives VGG-16 receptive field 212, stride 32, padding 90."""
    assert receptive_field(VGG_16[:-4]) == ReceptiveField(212, 32, 90)


def test_alexnet_has_the_published_receptive_field():
    """The table of Araujo, Norris and Sim (2019) gives AlexNet v2, to its last pool, 195, 32 and 64."""
    layers = [
        Conv2d(64, 11, stride=4),
        MaxPool2d(3, stride=2),
        Conv2d(192, 5, padding=2),
        MaxPool2d(3, stride=2),
        *[Conv2d(384, 3, padding=1)] * 3,
        MaxPool2d(3, stride=2),
    ]
    assert receptive_field(layers) == ReceptiveField(195, 32, 64)


def test_pools_stride_does_not_widen_the_pools_own_window():
    layers = [Conv2d(1, 5), MaxPool2d(2), Conv2d(1, 5)]
    assert receptive_field(layers).size == 1 + 4 * 1 + 1 * 1 + 4 * 2 == 14


def test_changing_any_of_14_x_14_pixels_and_no_other_changes_an_output():
    rng = np.random.default_rng(0)
    kernels = rng.normal(size=(2, 5, 5))

    def output(image):
        first = correlate2d(image, kernels[0], mode="valid")
        means = (first[::2, ::2] + first[1::2, ::2] + first[::2, 1::2] + first[1::2, 1::2]) / 4
        return correlate2d(means, kernels[1], mode="valid")[1, 1]

    image = rng.normal(size=(20, 20))
    changed = np.zeros(image.shape, dtype=bool)
    for pixel in np.ndindex(image.shape):
        probed = image.copy()
        probed[pixel] += 1
        changed[pixel] = output(probed) != output(image)

    field = receptive_field([Conv2d(1, 5), AvgPool2d(2), Conv2d(1, 5)])
    expected = np.zeros(image.shape, dtype=bool)
    expected[field.stride : field.stride + field.size, field.stride : field.stride + field.size] = True
    np.testing.assert_array_equal(changed, expected)


def test_position_sees_its_own_pixel_through_no_layers():
    assert receptive_field([]) == ReceptiveField(size=1, stride=1, padding=0)


@settings(deadline=None, max_examples=60)
@given(chains)
def test_receptive_field_away_from_padding_begins_and_ends_where_probing_says(layers):
    field = receptive_field(layers)
    size, stride, padding = map(pair, (field.size, field.stride, field.padding))
    position = tuple(math.ceil(padding[axis] / stride[axis]) for axis in (0, 1))
    first = tuple(position[axis] * stride[axis] - padding[axis] for axis in (0, 1))
    last = tuple(first[axis] + size[axis] - 1 for axis in (0, 1))
    shape = tuple(last[axis] + size[axis] + stride[axis] for axis in (0, 1))

    seen, within = pixels_seen(layers, shape, position)

    assert within
    assert bounds(seen) == tuple(zip(first, last, strict=True))


def test_strides_multiply_along_a_chain_of_pools():
    pools_in_a_row = [MaxPool2d(2), AvgPool2d(3), MaxPool2d((2, 5))]
    prefixes = [pools_in_a_row[:length] for length in range(4)]
    assert [receptive_field(prefix).stride for prefix in prefixes] == [1, 2, 6, (12, 30)]


@settings(deadline=None, max_examples=60)
@given(chains, st.tuples(st.integers(1, 12), st.integers(1, 12)), st.data())
def test_no_position_sees_a_pixel_outside_its_receptive_field(layers, shape, data):
    height, width = shapes_through(layers, shape)[-1]
    assume(height and width)
    position = data.draw(st.tuples(st.integers(0, height - 1), st.integers(0, width - 1)))
    field = receptive_field(layers)

    seen, _ = pixels_seen(layers, shape, position)

    for axis, pixels in enumerate(np.nonzero(seen)):
        first = position[axis] * pair(field.stride)[axis] - pair(field.padding)[axis]
        assert set(pixels) <= set(range(first, first + pair(field.size)[axis]))


@settings(deadline=None, max_examples=60)
@given(chains, st.tuples(st.integers(1, 12), st.integers(1, 12)))
def test_summary_agrees_with_counting_windows_and_with_the_receptive_field_of_each_prefix(layers, shape):
    shapes = shapes_through(layers, shape)
    assume(all(height and width for height, width in shapes))
    rows = summarize(layers, (1, *shape)).rows
    assert [row.output_shape[1:] for row in rows] == shapes
    assert [row.neurons for row in rows] == [height * width for height, width in shapes]
    fields = [receptive_field(layers[:length]) for length in range(len(layers) + 1)]
    assert [(row.receptive_field, row.stride) for row in rows] == [(f.size, f.stride) for f in fields]


@settings(deadline=None, max_examples=60)
@given(convolutions | pools, st.tuples(st.integers(1, 6), st.integers(1, 6)))
def test_layer_is_refused_exactly_where_no_window_fits(layer, shape):
    if all(positions(layer, shape)):
        assert summarize([layer], (1, *shape)).rows[1].output_shape == (1, *shapes_through([layer], shape)[1])
    else:
        with pytest.raises(ValueError, match=r"^layer 1, .* is larger than its padded input of"):
            summarize([layer], (1, *shape))


@pytest.mark.parametrize("groups", [1, 2, 4])
@pytest.mark.parametrize("bias", [True, False])
def test_convolution_counts_as_the_weights_of_its_sparse_matrix(groups, bias):
    """Number each weight and bias, then visit every output with every input it weighs."""
    layer = Conv2d(8, (2, 3), stride=(1, 2), padding=(1, 0), groups=groups, bias=bias)
    shape = (4, 5, 7)
    rows, columns = positions(layer, shape[1:])
    weights, visits = set(), 0
    for out, _, _, channel, a, b in product(range(8), rows, columns, range(4), range(2), range(3)):
        if out // (8 // groups) == channel // (4 // groups):
            weights.add((out, channel, a, b))
            visits += 1

    row = summarize([layer], shape).rows[1]

    assert row.parameters == len(weights) + 8 * bias
    assert row.multiply_adds == visits
    assert row.neurons == 8 * len(rows) * len(columns)


def test_linear_layer_counts_as_its_matrix():
    matrix = np.zeros((10, 256))
    row = summarize([Linear(10)], (256,)).rows[1]
    assert (row.parameters, row.multiply_adds, row.neurons) == (matrix.size + 10, matrix.size, 10)
    assert summarize([Linear(10, bias=False)], (256,)).parameters == matrix.size


@pytest.mark.parametrize("pool", [MaxPool2d, AvgPool2d])
def test_pool_keeps_the_channels_and_costs_no_parameters_and_no_multiply_adds(pool):
    row = summarize([pool(3, stride=2, padding=1)], (5, 8, 9)).rows[1]
    assert row == Row(f"{pool.__name__}(3, stride=2, padding=1)", (5, 4, 5), 0, 100, 0, 3, 2)


def test_pool_without_a_stride_lays_its_windows_side_by_side():
    assert receptive_field([MaxPool2d((2, 3))]).stride == (2, 3)
    assert summarize([AvgPool2d((2, 3))], (1, 6, 6)).rows[1].output_shape == (1, 3, 2)


def test_totals_are_the_sums_over_the_rows():
    summary = summarize(VGG_16, (3, 224, 224))
    for total in ("parameters", "neurons", "multiply_adds"):
        assert getattr(summary, total) == sum(getattr(row, total) for row in summary.rows)
    assert summary.multiply_adds == 15_470_264_320


def test_flatten_and_unflatten_move_values_and_make_none():
    rows = summarize([Flatten(), Unflatten((8, 2, 3))], (3, 4, 4)).rows
    assert [(row.output_shape, row.neurons, row.parameters, row.multiply_adds) for row in rows] == [
        ((3, 4, 4), 48, 0, 0),
        ((48,), 0, 0, 0),
        ((8, 2, 3), 0, 0, 0),
    ]


def test_flattened_neurons_keep_their_receptive_fields():
    convolved, flattened = summarize([Conv2d(1, 3, stride=2), Flatten()], (1, 9, 9)).rows[1:]
    assert (flattened.receptive_field, flattened.stride) == (convolved.receptive_field, convolved.stride)


def test_every_neuron_behind_a_linear_layer_sees_the_whole_input():
    layers = [Conv2d(1, 3), Flatten(), Linear(16), Unflatten((1, 4, 4)), MaxPool2d(2), Flatten(), Linear(3)]
    rows = summarize(layers, (1, 12, 10)).rows
    assert [row.receptive_field for row in rows] == [1, 3, 3, *[(12, 10)] * 5]
    assert [row.stride for row in rows] == [1, 1, 1, *[0] * 5]


def test_whole_input_can_be_a_vector():
    rows = summarize([Linear(9), Unflatten((1, 3, 3)), Conv2d(1, 3)], (7,)).rows
    assert [row.receptive_field for row in rows] == [1, 7, 7, 7]


def test_no_grid_of_receptive_fields_survives_unflatten_alone():
    layers = [Unflatten((1, 4, 4)), Conv2d(1, 3), Flatten(), Linear(2)]
    rows = summarize(layers, (16,)).rows
    assert [row.receptive_field for row in rows] == [1, None, None, None, 16]
    assert [row.stride for row in rows] == [1, None, None, None, 0]
    assert [line.split()[-1] for line in str(summarize(layers, (16,))).splitlines()[3:6]] == ["-"] * 3


def test_network_without_layers_is_its_input():
    summary = summarize((), [3, 4, 5])
    assert summary == Summary((Row("input", (3, 4, 5), 0, 60, 0, 1, 1),))


def test_pair_of_equal_sizes_is_the_one_size():
    assert Conv2d(1, [3, 3], padding=(1, 1)) == Conv2d(1, 3, padding=1)
    assert MaxPool2d(2) != AvgPool2d(2)


def test_layer_is_written_as_it_would_be_typed():
    layers = [
        Conv2d(6, (3, 5), stride=2, groups=3, bias=False),
        MaxPool2d(2),
        AvgPool2d(3, stride=(1, 2), padding=1),
        Flatten(),
        Linear(10, bias=False),
        Unflatten((1, 2, 5)),
    ]
    assert repr(layers) == (
        "[Conv2d(6, (3, 5), stride=2, groups=3, bias=False), MaxPool2d(2), "
        "AvgPool2d(3, stride=(1, 2), padding=1), Flatten(), Linear(10, bias=False), Unflatten((1, 2, 5))]"
    )


def test_numpys_integers_are_integers():
    assert repr(Conv2d(np.int64(2), (np.int32(3), np.uint8(5)))) == "Conv2d(2, (3, 5))"
    assert summarize([], tuple(np.array([1, 2, 3]))).rows[0].output_shape == (1, 2, 3)


@pytest.mark.parametrize(
    ("thing", "field"),
    [
        (Conv2d(1, 3), "stride"),
        (MaxPool2d(2), "stride"),
        (AvgPool2d(2), "kernel_size"),
        (Linear(3), "bias"),
        (Unflatten((1, 2, 3)), "shape"),
        (receptive_field([]), "size"),
        (summarize([], (1,)), "rows"),
        (summarize([], (1,)).rows[0], "neurons"),
    ],
)
def test_nothing_changes_once_made(thing, field):
    assert {thing: 1}[thing] == 1
    assert not hasattr(thing, "__dict__")
    with pytest.raises(FrozenInstanceError, match=field):
        setattr(thing, field, 1)


def test_text_is_an_aligned_table_with_thousands_separators_and_totals():
    lines = str(summarize(HOMEWORK_FCNN, (1, 32, 32))).splitlines()
    assert len(lines) == 1 + 1 + 11 + 1 + 1
    assert set(lines[1]) == set(lines[-2]) == {"-"}
    assert lines[0].split("  ")[0] == "layer"
    assert lines[4].split() == ["Linear(1024)", "1,024", "1,049,600", "1,024", "1,048,576", "32", "0"]
    assert lines[-1].split() == ["total", "1,119,552", "2,688", "1,118,208"]
    assert {len(line) for line in lines[:-1]} == {len(lines[1])}
    ends = [lines[0].index(head) + len(head) for head in ("parameters", "neurons", "multiply-adds")]
    for line, number in product([*lines[2:-2], lines[-1]], ends):
        assert line[number - 1].isdigit()
        assert line[number : number + 1] in ("", " ")


class TableReader(HTMLParser):
    """Read a table's rows as lists of (tag, scope, text), and refuse tags that do not match."""

    def __init__(self):
        super().__init__()
        self.open, self.rows, self.caption = [], [], ""

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("th", "td"):
            self.rows[-1].append([tag, dict(attrs).get("scope"), ""])

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "caption" in self.open:
            self.caption += data
        elif self.open[-1:] in (["th"], ["td"]):
            self.rows[-1][-1][2] += data


def read_table(summary):
    reader = TableReader()
    reader.feed(summary._repr_html_())
    assert reader.open == []
    return reader


def test_notebook_table_has_a_caption_headed_columns_and_headed_rows():
    table = read_table(summarize(VGG_16, (3, 224, 224)))
    assert "pixels" in table.caption
    head, *body = table.rows
    assert {(tag, scope) for tag, scope, _ in head} == {("th", "col")}
    for first, *others in body:
        assert first[:2] == ["th", "row"]
        assert {(tag, scope) for tag, scope, _ in others} == {("td", None)}
    assert {len(row) for row in table.rows} == {7}


def test_notebook_table_has_the_cells_of_the_text():
    summary = summarize([Conv2d(4, (3, 5)), Flatten(), Linear(1000)], (3, 40, 40))
    lines = [line.split() for line in str(summary).splitlines() if set(line) != {"-"}]
    assert [" ".join(cell for *_, cell in row).split() for row in read_table(summary).rows] == lines


def test_notebook_table_escapes_its_text():
    summary = Summary((Row("<script>&", (1,), 0, 1, 0, 1, 1),))
    assert "<script>" not in summary._repr_html_()
    assert read_table(summary).rows[1][0][2] == "<script>&"


def test_module_needs_no_array_library():
    command = "import sys, hwlib.convnets; sys.exit('numpy' in sys.modules)"
    process = subprocess.run([sys.executable, "-c", command], check=False)
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Conv2d(0, 3), ValueError, "out_channels must be an integer >= 1, got 0"),
        (lambda: Conv2d(1, 0), ValueError, "kernel_size must be an integer >= 1, got 0"),
        (lambda: Conv2d(1, 3.0), TypeError, r"kernel_size must be an integer, got 3\.0 of type float"),
        (lambda: Conv2d(1, (3, 0)), ValueError, "kernel_size's width must be an integer >= 1, got 0"),
        (lambda: Conv2d(1, ("3", 3)), TypeError, "kernel_size's height must be an integer, got '3'"),
        (
            lambda: Conv2d(1, (3, 3, 3)),
            ValueError,
            r"kernel_size must be an integer or a pair \(height, width\), got \(3, 3, 3\)",
        ),
        (lambda: Conv2d(1, 3, stride=0), ValueError, "stride must be an integer >= 1, got 0"),
        (lambda: Conv2d(1, 3, padding=-1), ValueError, "padding must be an integer >= 0, got -1"),
        (lambda: Conv2d(1, 3, padding="same"), TypeError, "padding must be an integer, got 'same'"),
        (lambda: Conv2d(1, 3, dilation=0), ValueError, "dilation must be an integer >= 1, got 0"),
        (lambda: Conv2d(1, 3, groups=0), ValueError, "groups must be an integer >= 1, got 0"),
        (
            lambda: Conv2d(3, 3, groups=2),
            ValueError,
            "groups must divide out_channels, got groups=2, out_channels=3",
        ),
        (lambda: Conv2d(1, 3, bias=1), TypeError, "bias must be True or False, got 1 of type int"),
        (lambda: MaxPool2d(0), ValueError, "kernel_size must be an integer >= 1, got 0"),
        (lambda: MaxPool2d(2, stride=0), ValueError, "stride must be an integer >= 1, got 0"),
        (lambda: AvgPool2d(2, padding=-1), ValueError, "padding must be an integer >= 0, got -1"),
        (
            lambda: MaxPool2d((4, 3), padding=2),
            ValueError,
            r"padding must be at most half of kernel_size, got padding=2, kernel_size=\(4, 3\)",
        ),
        (lambda: Linear(0), ValueError, "out_features must be an integer >= 1, got 0"),
        (
            lambda: Linear(out_features=True),
            TypeError,
            "out_features must be an integer, got True of type bool",
        ),
        (lambda: Linear(1, bias=None), TypeError, "bias must be True or False, got None of type NoneType"),
        (lambda: Unflatten(12), TypeError, r"shape must be \(channels, height, width\), got 12"),
        (lambda: Unflatten((3, 4)), ValueError, r"shape must be \(channels, height, width\), got \(3, 4\)"),
        (lambda: Unflatten((3, 4, 0)), ValueError, r"shape\[2\] must be an integer >= 1, got 0"),
    ],
)
def test_layer_with_an_impossible_option_is_refused_by_the_options_name(make, error, message):
    with pytest.raises(error, match=f"^{message}"):
        make()


@pytest.mark.parametrize(
    ("layer", "input_shape", "message"),
    [
        (
            Conv2d(1, 5),
            (1, 8, 8),
            r"Conv2d\(1, 5\): its window of 5 x 5 is larger than its padded input of 4 x 4",
        ),
        (
            Conv2d(1, (1, 3), padding=(0, 1), dilation=4),
            (1, 8, 8),
            r"Conv2d\(.*\): its window of 1 x 9 is larger than its padded input of 4 x 6",
        ),
        (
            MaxPool2d((2, 5)),
            (1, 8, 8),
            r"MaxPool2d\(\(2, 5\)\): its window of 2 x 5 is larger than its padded input of 4 x 4",
        ),
        (
            Conv2d(4, 3, groups=2),
            (3, 8, 8),
            r"Conv2d\(4, 3, groups=2\): groups=2 does not divide the 3 channels of its input",
        ),
        (
            Linear(10),
            (1, 8, 8),
            r"Linear\(10\): it reads a vector, got an image of 1 x 4 x 4; put Flatten\(\) before it",
        ),
        (
            Unflatten((1, 4, 4)),
            (1, 8, 8),
            r"Unflatten\(.*\): it reads a vector, got an image of 1 x 4 x 4; put Flatten\(\) before it",
        ),
    ],
)
def test_layer_that_can_not_read_its_image_is_refused_by_its_position(layer, input_shape, message):
    with pytest.raises(ValueError, match=f"^layer 2, {message}"):
        summarize([MaxPool2d(2), layer], input_shape)


def test_layer_that_can_not_read_its_vector_is_refused_by_its_position():
    with pytest.raises(
        ValueError, match=r"^layer 2, Conv2d\(1, 3\): it reads an image, got a vector of 64 values; put Unfl"
    ):
        summarize([Flatten(), Conv2d(1, 3)], (1, 8, 8))
    with pytest.raises(
        ValueError, match=r"^layer 1, Unflatten.*: 64 values do not make an image of 1 x 8 x 9"
    ):
        summarize([Unflatten((1, 8, 9))], (64,))


@pytest.mark.parametrize("count", [receptive_field, lambda layers: summarize(layers, (1, 8, 8))])
@pytest.mark.parametrize(
    ("layers", "message"),
    [
        (Conv2d(1, 3), r"got Conv2d\(1, 3\) alone; put it in a list: \[Conv2d\(1, 3\)\]"),
        ("Conv2d", "layers must be a sequence, got 'Conv2d' of type str"),
        (None, "layers must be a sequence, got None of type NoneType"),
        (iter([Conv2d(1, 3)]), "layers must be a sequence, got .* of type list_iterator"),
        ([Conv2d(1, 3), "relu"], "layer 2 must be a layer, got 'relu' of type str"),
        ([Flatten], r"layer 1 must be a layer, got the class; write Flatten\(\.\.\.\)"),
        ([int], "layer 1 must be a layer, got <class 'int'> of type type"),
    ],
)
def test_what_is_no_sequence_of_layers_is_refused(count, layers, message):
    with pytest.raises(TypeError, match=message):
        count(layers)


@pytest.mark.parametrize("layer", [Linear(10), Flatten(), Unflatten((1, 2, 2))])
def test_receptive_field_of_a_layer_without_a_window_needs_the_inputs_size(layer):
    with pytest.raises(ValueError, match=r"^layer 2, .* depends on the size of the input; use summarize\("):
        receptive_field([Conv2d(1, 3), layer])


@pytest.mark.parametrize(
    ("input_shape", "error", "message"),
    [
        (1024, TypeError, r"\(channels, height, width\) or \(features,\), got 1024"),
        ((32, 32), ValueError, r"\(channels, height, width\) or \(features,\), got \(32, 32\)"),
        ((1, 0, 32), ValueError, r"input_shape\[1\] must be an integer >= 1, got 0"),
        ((1.5,), TypeError, r"input_shape\[0\] must be an integer, got 1.5 of type float"),
    ],
)
def test_what_is_no_input_shape_is_refused(input_shape, error, message):
    with pytest.raises(error, match=message):
        summarize([], input_shape)
