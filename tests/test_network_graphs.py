"""Networks that branch: against responses to single bright pixels, and against published numbers."""

import re
from dataclasses import FrozenInstanceError
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwlib.convnets import (
    AvgPool2d,
    Conv2d,
    Flatten,
    Linear,
    MaxPool2d,
    ReceptiveField,
    Unflatten,
    receptive_field,
    summarize,
)
from hwlib.network_graphs import (
    PUBLISHED,
    Add,
    BatchNorm2d,
    CeilMaxPool2d,
    Concatenate,
    ConvTranspose2d,
    GlobalAvgPool2d,
    Graph,
    Node,
    Parallel,
    Path,
    Paths,
    Pointwise,
    Upsample,
    ZeroPad2d,
    published_network,
    series,
    to_dot,
)

# The table of Araujo, Norris and Sim (2019), for images of 224 pixels: size, stride and padding.
DISTILL = {
    "slim.alexnet_v2": (195, 32, 64),
    "slim.vgg_16": (212, 32, 90),
    "slim.mobilenet_v1": (315, 32, 126),
    "slim.resnet_v1_50": (483, 32, 239),
    "slim.resnet_v1_101": (1027, 32, 511),
    "slim.resnet_v1_152": (1507, 32, 751),
    "slim.inception_v2": (699, 32, 318),
    "slim.inception_v3": (1311, 32, 618),
}
# What torchvision publishes, without auxiliary heads: parameters, and multiply-adds in billions.
TORCHVISION = {
    "torchvision.alexnet": (61_100_840, 0.714),
    "torchvision.vgg16": (138_357_544, 15.47),
    "torchvision.resnet18": (11_689_512, 1.814),
    "torchvision.resnet34": (21_797_672, 3.664),
    "torchvision.resnet50": (25_557_032, 4.089),
    "torchvision.resnet101": (44_549_160, 7.801),
    "torchvision.resnet152": (60_192_808, 11.514),
    "torchvision.googlenet": (6_624_904, 1.498),
    "torchvision.squeezenet1_0": (1_248_424, 0.819),
    "torchvision.squeezenet1_1": (1_235_496, 0.349),
    "torchvision.mobilenet_v2": (3_504_872, 0.301),
    "torchvision.densenet121": (7_978_856, 2.834),
    "torchvision.inception_v3": (27_161_264 - 3_326_696, 5.713),
}
LENGTH = 60  # pixels of the row on which networks are run


def respond(layers, signals):
    """Run layers along the width on rows, one a signal, with all weights one; maxima count as sums."""
    for layer in layers:
        if isinstance(layer, Parallel):
            signals = sum(respond(branch, signals) for branch in layer.branches)
            continue
        rows, length = signals.shape
        if isinstance(layer, ZeroPad2d):
            signals = np.pad(signals, ((0, 0), (layer.left, layer.right)))
        elif isinstance(layer, Upsample):
            signals = signals.repeat(layer.scale_factor, axis=1)
        elif isinstance(layer, ConvTranspose2d):
            k, s, d = layer.kernel_size, layer.stride, layer.dilation
            made = np.zeros((rows, (length - 1) * s + d * (k - 1) + 1 + layer.output_padding))
            for place in range(length):
                made[:, place * s : place * s + d * (k - 1) + 1 : d] += signals[:, place, None]
            signals = made[:, layer.padding : made.shape[1] - layer.padding or None]
        elif isinstance(layer, (Conv2d, MaxPool2d, AvgPool2d)):
            k, d = layer.kernel_size, getattr(layer, "dilation", 1)
            s = layer.stride or k
            padded = np.pad(signals, ((0, 0), (layer.padding, layer.padding)))
            windows = np.lib.stride_tricks.sliding_window_view(padded, d * (k - 1) + 1, axis=1)
            signals = windows[:, ::s, ::d].sum(axis=2)
    return signals


def ways(layers):
    """Every way through branches, as a plain list of layers."""
    steps = [
        [way for branch in layer.branches for way in ways(branch)]
        if isinstance(layer, Parallel)
        else [[layer]]
        for layer in layers
    ]
    return [[layer for part in way for layer in part] for way in product(*steps)]


def span(answers):
    """The first and the last pixel that a place answers to."""
    pixels = np.flatnonzero(answers)
    return (int(pixels[0]), int(pixels[-1])) if pixels.size else None


def keeping(layers):
    """Layers between which a shortcut fits: they keep the length of rows that the pools halve evenly."""
    return [Parallel([layers, []], Add())]


same = st.sampled_from([1, 3, 5]).map(lambda k: Conv2d(1, k, padding=k // 2)) | st.just(
    Conv2d(1, 3, padding=2, dilation=2)
)
uneven = st.sampled_from([[ZeroPad2d(1, 2, 1, 2), Conv2d(1, 4)], [ZeroPad2d(0, 1, 0, 1), Conv2d(1, 2)]])
around = st.sampled_from(
    [
        [MaxPool2d(2), Upsample(2)],
        [Conv2d(1, 3, 2, 1), ConvTranspose2d(1, 3, 2, 1, output_padding=1)],
        [AvgPool2d(2), Conv2d(1, 3, padding=1), ConvTranspose2d(1, 2, 2)],
        [Conv2d(1, 3, 3), Upsample(3)],
        [Conv2d(1, 3, 2, 1), ConvTranspose2d(1, 2, 2, dilation=3, padding=1)],
        [MaxPool2d(2), MaxPool2d(2), ConvTranspose2d(1, 1, 4, output_padding=3)],
    ]
)
blocks = st.one_of(
    same.map(lambda layer: [layer]),
    uneven,
    around,
    st.lists(same, min_size=1, max_size=2).map(keeping),
    uneven.map(keeping),
    around.map(keeping),
    st.tuples(around, uneven).map(lambda pair: [Parallel([pair[0], pair[1]], Add())]),
)
networks = st.tuples(
    st.lists(blocks, min_size=1, max_size=3), st.sampled_from([[], [MaxPool2d(2)], [Conv2d(1, 3, 2, 1)]])
).map(lambda parts: [layer for block in parts[0] for layer in block] + parts[1])


@settings(deadline=None, max_examples=80)
@given(networks)
def test_each_path_sees_from_the_first_to_the_last_pixel_that_it_answers_to(layers):
    paths = receptive_field(series(layers)).along_width
    pixels = np.eye(LENGTH)
    responses = [respond(way, pixels).T for way in ways(layers)]
    middle, centres = len(responses[0]) // 2, []
    for position in range(middle, middle + paths.period):
        expected = {span(response[position]) for response in responses}
        assert {path.window(position) for path in paths.paths} == expected
        hulls = sorted(window for window in expected if window)
        covered = sorted({pixel for first, last in hulls for pixel in range(first, last + 1)})
        united = [pixel for first, last in paths.union(position) for pixel in range(first, last + 1)]
        assert united == covered
        centres.append(sorted({(first + last) / 2 for first, last in hulls}))
        assert list(paths.centres(position)) == centres[-1]
    assert paths.aligned == all(len(one) < 2 for one in centres)


@settings(deadline=None, max_examples=80)
@given(networks)
def test_a_place_answers_to_no_pixel_outside_and_to_both_ends(layers):
    field = receptive_field(series(layers))
    paths = field.along_width
    response = respond(layers, np.eye(LENGTH)).T
    middle = len(response) // 2
    spans = [span(response[position]) for position in range(middle, middle + paths.period)]
    ends = [
        (union[0][0], union[-1][1]) if (union := paths.union(position)) else None
        for position in range(middle, middle + paths.period)
    ]
    assert ends == spans
    size = field.size[1] if isinstance(field.size, tuple) else field.size
    assert size == max(last - first + 1 for first, last in filter(None, spans))


@settings(deadline=None, max_examples=40)
@given(networks)
def test_a_row_has_as_many_places_as_a_run(layers):
    _, height, width = summarize(series(layers), (1, LENGTH, LENGTH)).rows[-1].output_shape
    assert height == width == respond(layers, np.eye(LENGTH)).shape[1]


@settings(deadline=None, max_examples=40)
@given(networks)
def test_the_stride_is_what_the_run_says_in_the_mean(layers):
    paths = receptive_field(series(layers)).along_width
    response = respond(layers, np.eye(LENGTH)).T
    middle = len(response) // 2
    before, after = (span(response[middle + step]) for step in (0, paths.period))
    if before:
        assert after[0] - before[0] == paths.stride * paths.period


@settings(deadline=None, max_examples=80)
@given(networks)
def test_the_rows_of_a_summary_say_what_the_fields_do(layers):
    graph = series(layers)
    _, *rows = summarize(graph, (1, LENGTH, LENGTH)).rows
    fields = [receptive_field(graph.up_to(node.name)) for node in graph.nodes]
    assert [(row.receptive_field, row.stride) for row in rows] == [(one.size, one.stride) for one in fields]


@pytest.mark.parametrize("name", DISTILL)
def test_published_fields_are_those_of_the_table(name):
    field = receptive_field(published_network(name, head=False))
    assert (field.size, field.stride, field.padding) == DISTILL[name]
    assert field.aligned


@pytest.mark.parametrize("name", TORCHVISION)
def test_published_counts_are_those_that_torchvision_publishes(name):
    side = 299 if name.endswith("inception_v3") else 224
    summary = summarize(published_network(name), (3, side, side))
    parameters, billions = TORCHVISION[name]
    assert summary.parameters == parameters
    assert round(summary.multiply_adds / 1e9, 3) == billions
    assert summary.rows[-1].output_shape == (1000,)


def test_every_published_network_is_compared_with_something():
    assert set(PUBLISHED) == set(DISTILL) | set(TORCHVISION)


def test_a_chain_as_a_graph_has_the_same_rows_and_field():
    layers = [Conv2d(8, (3, 5), 2, (1, 0)), MaxPool2d(2), Conv2d(4, 3, dilation=2)]
    chain, graph = summarize(layers, (3, 40, 40)), summarize(series(layers), (3, 40, 40))
    as_tuples = [
        [(row.output_shape, row.parameters, row.neurons, row.multiply_adds, row.receptive_field, row.stride)
         for row in summary.rows]
        for summary in (chain, graph)
    ]  # fmt: skip
    assert as_tuples[0] == as_tuples[1]
    field, expected = receptive_field(series(layers)), receptive_field(layers)
    assert isinstance(field, ReceptiveField)
    assert (field.size, field.stride, field.padding) == (expected.size, expected.stride, expected.padding)


def test_everything_is_seen_behind_a_layer_that_reads_all():
    layers = [Conv2d(4, 3), GlobalAvgPool2d(), Flatten(), Linear(3)]
    rows = summarize(series(layers), (1, 9, 7)).rows
    assert [(row.receptive_field, row.stride) for row in rows[2:]] == [((9, 7), 0)] * 3
    joined = summarize(series([Flatten(), Parallel([[Linear(5)], [Linear(5)]], Add())]), (1, 3, 3))
    assert joined.rows[-1].output_shape == (5,)
    assert joined.parameters == 2 * 5 * 10


def test_counts_of_what_a_chain_has_no_need_of():
    def counted(layer, shape):
        row = summarize(series([layer]), shape).rows[1]
        return row.output_shape, row.parameters, row.neurons, row.multiply_adds

    up = ConvTranspose2d(6, (2, 3), (2, 1), groups=2)
    weights = 4 * 6 * 2 * 3 // 2
    assert counted(up, (4, 5, 5)) == ((6, 10, 7), weights + 6, 420, weights * 25)
    assert counted(BatchNorm2d(affine=False), (4, 5, 5)) == ((4, 5, 5), 0, 0, 0)
    assert counted(BatchNorm2d(), (4, 5, 5))[1] == 8
    assert counted(ZeroPad2d(1, 2, 3, 4), (4, 5, 5)) == ((4, 12, 8), 0, 0, 0)
    assert counted(Pointwise("relu"), (4, 5, 5)) == ((4, 5, 5), 0, 0, 0)
    assert counted(Upsample((2, 3)), (4, 5, 5)) == ((4, 10, 15), 0, 600, 0)
    both = series([Parallel([[Conv2d(3, 1)], []], Concatenate())])
    assert summarize(both, (2, 4, 4)).rows[-1].output_shape == (5, 4, 4)
    assert summarize(both, (2, 4, 4)).rows[-1].neurons == 0


@pytest.mark.parametrize("kernel", [1, 2, 3])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("padding", [0, 1])
def test_rounding_up_covers_the_image_and_begins_no_window_behind_it(kernel, stride, padding):
    lengths = range(kernel, 12 if 2 * padding <= kernel else kernel)  # PyTorch refuses more padding
    for length in lengths:
        starts = []
        while not starts or starts[-1] + kernel < length + padding:
            starts.append(-padding + stride * len(starts))
        while starts[-1] >= length:
            starts.pop()
        shape = summarize(series([CeilMaxPool2d(kernel, stride, padding)]), (1, length, length)).rows[1]
        assert shape.output_shape == (1, len(starts), len(starts))


def test_a_stride_below_one_is_a_fraction_in_rows_and_fields():
    graph = series([ConvTranspose2d(1, 4, (4, 2), 1), Conv2d(1, 3, (2, 1))])
    assert receptive_field(graph).stride == Fraction(1, 2)
    text = str(summarize(series([Upsample((3, 2))]), (1, 4, 4)))
    assert "1/3 x 1/2" in text


def test_the_part_up_to_a_node_is_what_leads_to_it():
    graph = published_network("torchvision.googlenet")
    pooled = next(node for node in graph.nodes if isinstance(node.layer, GlobalAvgPool2d))
    part = graph.up_to(pooled.inputs[0])
    whole = published_network("torchvision.googlenet", head=False)
    assert part.nodes == whole.nodes
    branch = series([Parallel([[Conv2d(1, 5)], [Conv2d(1, 3), Conv2d(1, 3)]], Add())]).up_to("conv2d_3")
    assert [node.name for node in branch.nodes] == ["conv2d_2", "conv2d_3"]


def test_the_picture_has_every_node_and_every_arrow():
    graph = Graph((Node('a "b"', Conv2d(1, 3), ("input",)), Node("c", Add(), ('a "b"', "input"))))
    text = to_dot(graph)
    arrows = re.findall(r'^  "(.*)" -> "(.*)"$', text, re.MULTILINE)
    expected = [(name, node.name) for node in graph.nodes for name in node.inputs]
    assert [tuple(end.replace('\\"', '"') for end in arrow) for arrow in arrows] == expected
    assert r'"c" [label="c\nAdd()"]' in text
    assert (text.count("{"), text.count("}")) == (1, 1)


def test_an_empty_graph_is_its_input():
    field = receptive_field(series([]))
    assert (field.size, field.stride, field.padding, field.aligned) == (1, 1, 0, True)
    assert summarize(Graph(()), (2, 3, 3)).neurons == 18


def test_a_path_that_sees_nothing_has_no_window():
    paths = receptive_field(series([ConvTranspose2d(1, 1, 2)])).along_height
    assert paths.paths == (Path(((0, 0), None), 1),)
    assert (paths.union(0), paths.union(1), paths.centres(1)) == (((0, 0),), (), ())
    assert Paths((Path((None,), 1),)).size == 0


def test_windows_that_do_not_touch_stay_apart():
    apart = Parallel([[ZeroPad2d(left=5), Conv2d(1, 2)], [ZeroPad2d(right=5), Conv2d(1, 2)]], Add())
    field = receptive_field(series([apart]))
    assert field.along_width.union(0) == ((-5, -4), (0, 1))
    assert field.size == (2, 7)


def test_padding_is_zero_where_the_first_place_sees_nothing():
    field = receptive_field(series([Conv2d(1, 5, padding=2), ConvTranspose2d(1, 1, 2, (0, 1))]))
    assert (field.along_height.union(0), field.along_width.union(0)) == (((-2, 2),), ())
    assert field.padding == (2, 0)


def test_weights_that_nodes_share_are_counted_in_the_first_of_them():
    kernel, layer = ("kernel", 8 * 8 * 3 * 3), Conv2d(8, 3, padding=1)
    nodes = [Node("a", layer, ("input",), (kernel,)), Node("b", layer, ("input",), [kernel])]
    graph = Graph((*nodes, Node("c", layer, ("b",), (kernel,)), Node("sum", Add(), ("a", "c"))))
    rows = summarize(graph, (8, 6, 6)).rows
    assert [row.parameters for row in rows] == [0, 584, 8, 8, 0]
    assert [row.multiply_adds for row in rows] == [0, 576 * 36, 576 * 36, 576 * 36, 0]
    assert summarize(graph.up_to("b"), (8, 6, 6)).parameters == 584
    with pytest.raises(ValueError, match="node 'a', .*has 584 parameters, and cannot share 585"):
        summarize(Graph((Node("a", layer, ("input",), (("kernel", 585),)),)), (8, 6, 6))


def test_graphs_are_values():
    assert series([Add()]) == series([Add()])
    assert hash(series([Add()])) == hash(series([Add()]))
    with pytest.raises(FrozenInstanceError):
        series([]).nodes = ()


class TestErrors:
    @pytest.mark.parametrize(
        ("nodes", "words"),
        [
            ([Node("a", Conv2d(1, 1), ("b",))], "node 'a', .*reads 'b', which is not before it"),
            ([Node("input", Conv2d(1, 1), ("input",))], "node 'input': the name is given twice"),
            ([Node("a", Conv2d(1, 1), ("input", "input"))], r"node 'a', .*must read one node, got"),
            ([Node("a", Add(), ())], r"node 'a', .*must read at least one node, got \(\)"),
            (
                [Node("a", Conv2d(1, 1), ("input",)), Node("b", Conv2d(1, 1), ("input",))],
                "node 'a', .*no other node reads it; leave it out",
            ),
        ],
    )
    def test_of_graphs_name_the_node(self, nodes, words):
        with pytest.raises(ValueError, match=words):
            Graph(nodes)

    @pytest.mark.parametrize(
        ("layers", "shape", "words"),
        [
            (
                [Parallel([[Conv2d(2, 1)], []], Add())],
                (1, 4, 4),
                "node 'add_2', Add.*one shape, got 2 x 4 x 4",
            ),
            ([Parallel([[Conv2d(2, 3)], []], Concatenate())], (1, 4, 4), "node 'concatenate_2'.*one size"),
            ([Parallel([[Conv2d(1, 1, 2)], []], Add())], (1, 1, 1), "node 'add_2', .*1 and 2 pixels apart"),
            ([Flatten(), Unflatten((1, 2, 2))], (1, 2, 2), "node 'unflatten_2', .*tears neighbours apart"),
            ([ConvTranspose2d(1, 1, padding=3)], (1, 4, 4), "node 'convtranspose2d_1'.*cuts off all"),
            ([ConvTranspose2d(2, 1, groups=2)], (1, 4, 4), "groups=2 does not divide the 1 channels"),
            ([Conv2d(1, 9)], (1, 4, 4), "node 'conv2d_1', .*window of 9 x 9 is larger"),
        ],
    )
    def test_of_shapes_name_the_node(self, layers, shape, words):
        with pytest.raises(ValueError, match=words):
            summarize(series(layers), shape)

    def test_of_fields_say_how_to_go_on(self):
        graph = series([Conv2d(1, 3), GlobalAvgPool2d()])
        with pytest.raises(ValueError, match=r"node 'globalavgpool2d_2'.*graph.up_to\('conv2d_1'\)"):
            receptive_field(graph)
        assert receptive_field(graph.up_to("conv2d_1")).size == 3
        strided = series([Parallel([[Conv2d(1, 1, 2)], []], Add())])
        with pytest.raises(ValueError, match="node 'add_2', .*1 and 2 pixels apart"):
            receptive_field(strided)

    def test_of_a_graph_for_another_input(self):
        graph = Graph((Node("a", Conv2d(1, 3), ("input",)),), (3, 8, 8))
        assert summarize(graph, (3, 8, 8)).parameters == 28
        with pytest.raises(ValueError, match=r"input_shape must be \(3, 8, 8\), .*got \(3, 9, 9\)"):
            summarize(graph, (3, 9, 9))

    @pytest.mark.parametrize(
        ("call", "error", "words"),
        [
            (lambda: series(Conv2d(1, 3)), TypeError, "layers must be a list"),
            (lambda: series([3]), TypeError, "layers must hold layers, got 3"),
            (
                lambda: Parallel([Conv2d(1, 3)], Add()),
                TypeError,
                "branches must be a tuple of lists of",
            ),
            (lambda: Parallel([[]], Conv2d(1, 3)), TypeError, "join must be Add"),
            (lambda: Node(1, Add(), ()), TypeError, "name must be a string, got 1"),
            (lambda: Node("a", 1, ()), TypeError, "layer must be a layer, got 1"),
            (lambda: Node("a", Add(), "b"), TypeError, "inputs must be a tuple of names"),
            (lambda: Node("a", Add(), (), "b"), TypeError, "shared must be a tuple of pairs"),
            (lambda: Node("a", Add(), (), (("b",),)), TypeError, "shared must be a tuple of pairs"),
            (lambda: Node("a", Add(), (), ((1, 1),)), TypeError, "shared must be a string"),
            (lambda: Node("a", Add(), (), (("b", -1),)), ValueError, "shared must be an integer >= 0"),
            (lambda: Graph([1]), TypeError, "nodes must be a tuple of nodes"),
            (lambda: Graph((), 3), TypeError, "input_shape must be"),
            (lambda: Graph(()).up_to("a"), ValueError, "name must be that of a node, got 'a'"),
            (lambda: to_dot([]), TypeError, "graph must be a Graph"),
            (lambda: Pointwise(1), TypeError, "name must be a string, got 1"),
            (lambda: BatchNorm2d(1), TypeError, "affine must be True or False"),
            (lambda: Upsample(0), ValueError, "scale_factor must be an integer >= 1"),
            (lambda: ZeroPad2d(-1), ValueError, "left must be an integer >= 0"),
            (lambda: ConvTranspose2d(3, 1, groups=2), ValueError, "groups must divide out_channels"),
            (lambda: published_network("resnet50"), ValueError, "name must be one of .*did you mean"),
            (lambda: published_network("slim.vgg_16", head=1), TypeError, "head must be True or False"),
        ],
    )
    def test_name_the_argument(self, call, error, words):
        with pytest.raises(error, match=words):
            call()


def test_the_number_of_ways_is_no_hindrance():
    deep = series([Parallel([[Conv2d(1, 3, padding=1)], []], Add())] * 200)
    assert receptive_field(deep).size == 401
