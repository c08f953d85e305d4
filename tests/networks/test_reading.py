"""What readers make of networks, against what PyTorch and ONNX say of them."""

import operator

import numpy as np
import onnx
import pytest
import torch
from onnx import helper, parser, shape_inference
from onnx.reference import ReferenceEvaluator
from torch import nn
from torch.nn import functional as F  # noqa: N812 - as everybody calls it

from hwlib.convnets import Conv2d, receptive_field, summarize
from hwlib.network_graphs import ZeroPad2d, from_onnx, from_torch

SHAPE = (4, 24, 24)


class Function(nn.Module):
    """A module that is one function."""

    def __init__(self, function, **parts):
        super().__init__()
        self.function = function
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, x):
        return self.function(self, x)


def tied():
    """Two convolutions with one kernel and a bias each."""
    parts = nn.Sequential(nn.Conv2d(4, 4, 3), nn.ReLU(), nn.Conv2d(4, 4, 3))
    parts[2].weight = parts[0].weight
    return parts


def hooked_outside():
    """A convolution in a container with a hook that pools, which is traced."""
    inner = nn.Sequential(nn.Conv2d(4, 4, 3))
    inner.register_forward_hook(lambda module, inputs, output: F.avg_pool2d(output, 2))
    return nn.Sequential(inner)


MODULES = {
    "hook that is traced": hooked_outside(),
    "convolution": nn.Conv2d(4, 6, (3, 5), (2, 1), (1, 0), (1, 2), 2, bias=False),
    "same": nn.Conv2d(4, 6, 4, padding="same"),
    "same, odd": nn.Conv2d(4, 6, 3, padding="same"),
    "valid": nn.Conv2d(4, 6, 4, padding="valid"),
    "transposed": nn.ConvTranspose2d(4, 6, (3, 2), (2, 3), (1, 0), (1, 2), 2, dilation=(2, 1)),
    "norm": nn.BatchNorm2d(4),
    "norm without parameters": nn.BatchNorm2d(4, affine=False),
    "largest": nn.MaxPool2d(3, 2, 1),
    "largest, rounded up": nn.MaxPool2d(3, 2, ceil_mode=True),
    "mean": nn.AvgPool2d((2, 3)),
    "mean, nothing to round": nn.AvgPool2d(2, ceil_mode=True),
    "global": nn.AdaptiveAvgPool2d(1),
    "adaptive": nn.AdaptiveAvgPool2d((6, 12)),
    "adaptive, all": nn.AdaptiveAvgPool2d((24, None)),
    "linear": nn.Sequential(nn.Flatten(), nn.Linear(4 * 24 * 24, 3), nn.ReLU(), nn.Linear(3, 2, bias=False)),
    "larger": nn.Upsample(scale_factor=2),
    "larger, unlike": nn.Upsample(scale_factor=(2, 3)),
    "padded": nn.ZeroPad2d((1, 2, 3, 4)),
    "dropout": nn.Dropout(),
    "sum": Function(lambda m, x: m.c(x) + x, c=nn.Conv2d(4, 4, 3, padding=1)),
    "sum in place": Function(lambda m, x: m.c(x).add_(x), c=nn.Conv2d(4, 4, 1)),
    "sum of itself": Function(lambda m, x: torch.relu(x).add(x)),
    "channels": Function(lambda m, x: torch.cat([x, m.c(x), x], dim=1), c=nn.Conv2d(4, 3, 1)),
    "sum of named ones": Function(lambda m, x: torch.add(input=x, other=m.c(x)), c=nn.Conv2d(4, 4, 1)),
    "sum in place, of what was read before": Function(
        lambda m, x: torch.cat([(y := m.c(x)) + x, y.add_(x)], 1), c=nn.Conv2d(4, 4, 1)
    ),
    "sum in place, unused": Function(
        lambda m, x: (m.c(x).add_(x), m.d(x))[1], c=nn.Conv2d(4, 4, 1), d=nn.Conv2d(4, 2, 1)
    ),
    "sums in place": Function(lambda m, x: operator.iadd(operator.iadd(m.c(x), x), x), c=nn.Conv2d(4, 4, 1)),
    "channels by axis": Function(lambda m, x: torch.cat([x, m.c(x)], axis=-3), c=nn.Conv2d(4, 3, 1)),
    "channels of vectors": Function(lambda m, x: torch.cat([torch.flatten(x, 1), x.flatten(1)], -1)),
    "channels by place": Function(lambda m, x: torch.cat((x, x), 1)),
    "functions": Function(lambda m, x: F.adaptive_avg_pool2d(F.avg_pool2d(F.max_pool2d(x, 3, 2), 2), (1, 1))),
    "functions by name": Function(lambda m, x: F.max_pool2d(x, kernel_size=3, stride=2, padding=1)),
    "flat": Function(lambda m, x: torch.flatten(x, 1)),
    "flat to the last axis": Function(lambda m, x: torch.flatten(x, 1, 3)),
    "flat from behind": Function(lambda m, x: torch.flatten(x, -3)),
    "flat by method": Function(lambda m, x: F.relu(x).flatten(start_dim=1)),
    "twice": Function(lambda m, x: m.c(m.c(x)), c=nn.Conv2d(4, 4, 3)),
    "tied": tied(),
    "shared with what is unused": Function(
        lambda m, x: (m.c(x), m.c(torch.relu(x)))[1], c=nn.Conv2d(4, 4, 3)
    ),
    "nothing": Function(lambda m, x: x),
    "unused": Function(lambda m, x: (m.c(x), m.d(x))[1], c=nn.Conv2d(4, 4, 3), d=nn.Conv2d(4, 2, 1)),
}


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel:UserWarning")  # it is meant
@pytest.mark.parametrize("name", MODULES)
def test_shapes_and_parameters_are_those_of_pytorch(name):
    module = MODULES[name].eval()
    summary = summarize(from_torch(module, SHAPE), SHAPE)
    made = module(torch.zeros(1, *SHAPE))
    assert summary.rows[-1].output_shape == tuple(made.shape[1:])
    for one in module.parameters():
        one.grad = None
    made.sum().backward() if made.requires_grad else None
    used = sum(one.numel() for one in module.parameters() if one.grad is not None)
    assert summary.parameters == used


def ends_of(paths, position):
    """The first and the last pixel that a place sees; an empty list if it sees none."""
    union = paths.union(position)
    return (union[0][0], union[-1][1]) if union else []


def positive(module):
    """The module with all weights one, without biases."""
    for one in module.parameters():
        nn.init.constant_(one, float(one.dim() > 1))
    return module.double().eval()


SEEN = ["convolution", "same", "transposed", "mean", "larger", "larger, unlike", "padded", "sum", "channels"]


@pytest.mark.parametrize("name", SEEN)
def test_a_place_sees_what_its_gradient_says(name):
    module = positive(MODULES[name])
    image = torch.ones(1, *SHAPE, dtype=torch.float64, requires_grad=True)
    made = module(image)
    field = receptive_field(from_torch(module, SHAPE))
    for axis, paths in ((1, field.along_height), (0, field.along_width)):
        middle = made.shape[3 - axis] // 2
        for position in range(middle, middle + paths.period):
            place = [made.shape[2] // 2, made.shape[3] // 2]
            place[1 - axis] = position
            (answers,) = torch.autograd.grad(made[0, :, place[0], place[1]].sum(), image, retain_graph=True)
            pixels = torch.nonzero(answers[0].sum(dim=0).sum(dim=axis)).flatten().tolist()
            assert ends_of(paths, position) == (pixels[:1] and (pixels[0], pixels[-1]))


def test_a_part_of_a_graph_counts_what_it_shares():
    module = Function(lambda m, x: m.c(x) + m.c(torch.relu(x)), c=nn.Conv2d(4, 4, 3))
    graph = from_torch(module, SHAPE)
    assert summarize(graph, SHAPE).parameters == 148
    assert [summarize(graph.up_to(name), SHAPE).parameters for name in ("c", "c_1")] == [148, 148]


def test_a_module_keeps_its_mode():
    module = nn.Sequential(nn.Conv2d(4, 4, 1), nn.Dropout()).train()
    module[0].eval()
    from_torch(module, SHAPE)
    assert [one.training for one in module.modules()] == [True, False, True]
    alone = nn.Dropout()
    from_torch(alone, SHAPE)
    assert alone.training


def test_the_graph_is_for_its_input_alone():
    graph = from_torch(nn.AdaptiveAvgPool2d((6, 6)), SHAPE)
    with pytest.raises(ValueError, match="input_shape must be"):
        summarize(graph, (4, 12, 12))


@torch.fx.wrap
def gelu(x):
    """A function that has the name of one of PyTorch's."""
    return F.avg_pool2d(x, 2)


class Wide(nn.Conv2d):
    """A convolution that sees more than PyTorch's, and says that it is at home there."""

    def forward(self, x):
        return super().forward(F.avg_pool2d(x, 2))


Wide.__name__, Wide.__module__ = "Conv2d", "torch.nn.mine"


def changed(forward):
    """A module that changes values in place, of its input and of what a convolution makes of it."""
    parts = {"c": nn.Conv2d(4, 4, 3, padding=1), "d": nn.Conv2d(4, 4, 7, padding=3)}
    return Function(lambda m, x: forward(m, x, m.c(x)), relu=nn.ReLU(inplace=True), **parts)


def hooked(register):
    """A convolution with a hook that pools."""
    part = nn.Conv2d(4, 4, 3)
    getattr(part, register)(lambda module, inputs, *_: F.avg_pool2d(inputs[0], 2))
    return part


def patched():
    """A convolution whose instance has another forward."""
    part = nn.Conv2d(4, 4, 3)
    part.forward = F.relu
    return part


def root_with_hook():
    """A module whose hook lies outside of what is traced."""
    module = Function(lambda m, x: m.c(x), c=nn.Conv2d(4, 4, 3))
    module.register_forward_hook(lambda module, inputs, output: F.avg_pool2d(output, 2))
    return module


def without_warning(normalize, part):
    """A module with weights that are normalized as PyTorch no longer recommends."""
    with pytest.warns(FutureWarning):
        return normalize(part)


AGAIN = "it changes in place what is read again, not by its result"
MORE = "arguments besides the input, such as output_size, are not mapped"
HOOKS = "it has hooks or a forward of its own, which may change what it does"


@pytest.mark.parametrize(
    ("module", "words"),
    [
        (changed(lambda m, x, y: (y.add_(m.d(x)), y)[1]), f"type call_method add_: {AGAIN}"),
        (changed(lambda m, x, y: torch.cat([y.add_(m.d(x)), y], 1)), AGAIN),
        (changed(lambda m, x, y: torch.cat([operator.iadd(y, m.d(x)), y], 1)), f"iadd: {AGAIN}"),
        (changed(lambda m, x, y: torch.cat([x.add_(m.d(y)), x], 1)), AGAIN),
        (changed(lambda m, x, y: torch.cat([m.relu(y).add_(m.d(x)), y], 1)), AGAIN),
        (changed(lambda m, x, y: torch.cat([F.relu(y, True).add_(m.d(x)), y], 1)), AGAIN),
        (changed(lambda m, x, y: torch.cat([y.relu_().add_(m.d(x)), y], 1)), AGAIN),
        (changed(lambda m, x, y: (torch.flatten(y, 1), y.add_(m.d(x)))[0]), AGAIN),
        (changed(lambda m, x, y: (y.flatten(1), y.add_(m.d(x)).relu())[0]), AGAIN),
        (changed(lambda m, x, y: (torch.add(x, m.d(x), out=y), y)[1]), "add: out is not mapped"),
        (changed(lambda m, x, y: torch.cat([x, x], dim=1, out=y)), "cat: out is not mapped"),
        (
            Function(lambda m, x: m.u(x, output_size=(48, 48)), u=nn.ConvTranspose2d(4, 4, 1, 2)),
            f"type ConvTranspose2d: {MORE}",
        ),
        (Function(lambda m, x: m.u(x, (48, 48)), u=nn.ConvTranspose2d(4, 4, 1, 2)), MORE),
        (hooked("register_forward_hook"), f"type Conv2d: {HOOKS}"),
        (hooked("register_forward_pre_hook"), HOOKS),
        (root_with_hook(), "module must have no hooks"),
        (patched(), HOOKS),
        (without_warning(nn.utils.weight_norm, nn.Conv2d(4, 4, 3)), HOOKS),
        (nn.utils.parametrizations.weight_norm(nn.Conv2d(4, 4, 3)), "ParametrizedConv2d: it is no layer"),
        (Function(lambda m, x: gelu(x)), r"type call_function .*test_reading\.gelu: it is no layer"),
        (Function(lambda m, x: torch.ops.aten.relu(x)), r"type call_function .*relu: it is no layer"),
        (Wide(4, 4, 3), r"type torch.nn.mine.Conv2d: it is no layer"),
        (nn.Conv2d(3, 4, 3), r"its weights are for 3 channels, got an input of \(4, 24, 24\)"),
        (nn.Conv2d(8, 4, 3, groups=2), "its weights are for 8 channels"),
        (nn.ConvTranspose2d(3, 4, 3), "its weights are for 3 channels"),
        (nn.BatchNorm2d(3), "its weights are for 3 channels"),
        (
            nn.Sequential(nn.Flatten(), nn.Linear(4, 2)),
            r"its weights are for 4 values, got an input of \(2304,",
        ),
        (Function(lambda m, x: x.view(x.size(0), -1)), r"call_method size: .*use torch.flatten\(x, 1\)"),
        (Function(lambda m, x: x.view(-1, 2304)), r"call_method view: .*use torch.flatten\(x, 1\)"),
        (Function(lambda m, x: torch.flatten(x, -2)), "start_dim=-2 and end_dim=-1 are not mapped"),
        (nn.PixelShuffle(2), "node '_0' of type PixelShuffle: it is no layer that is known here; read what"),
        (nn.Conv2d(4, 4, 3, padding_mode="reflect", padding=1), "type Conv2d: padding_mode='reflect'"),
        (nn.MaxPool2d(2, dilation=2), "type MaxPool2d: dilation=2 is not mapped"),
        (nn.MaxPool2d(2, return_indices=True), "return_indices=True is not mapped"),
        (nn.AvgPool2d(5, 2, ceil_mode=True), "type AvgPool2d: ceil_mode=True is not mapped where it"),
        (nn.AdaptiveAvgPool2d(7), r"windows differ in size, from an input of \(4, 24, 24\) to \(7, 7\)"),
        (nn.Flatten(2), "type Flatten: start_dim=2 and end_dim=-1"),
        (nn.Upsample(scale_factor=2, mode="bilinear"), "type Upsample: mode='bilinear'"),
        (nn.Upsample(scale_factor=1.5), "type Upsample: scale_factor=1.5"),
        (nn.Upsample(size=(48, 48)), "type Upsample: scale_factor=None"),
        (nn.ZeroPad2d((-1, 0, 0, 0)), r"type ZeroPad2d: padding=\(-1, 0, 0, 0\) cuts"),
        (nn.Conv2d(4, 4, 30), "type Conv2d: its window of 30 x 30 is larger"),
        (Function(lambda m, x: x * x), "node 'mul' of type call_function mul"),
        (Function(lambda m, x: x.permute(0, 1, 3, 2)), "node 'permute' of type call_method permute"),
        (Function(lambda m, x: x + 1), "type call_function add: it adds a number"),
        (Function(lambda m, x: torch.relu(x).add(x, alpha=2)), "type call_method add: alpha is not mapped"),
        (Function(lambda m, x: torch.cat([x, x], 2)), "type call_function cat: dim=2 is not mapped"),
        (Function(lambda m, x: (x, x)), "node 'output' of type output: a graph has one output"),
        (Function(lambda m, x: x if x.sum() > 0 else -x), "torch.fx can trace, got Function: .*; read what"),
        (
            Function(lambda m, x: m.w + x, w=nn.Parameter(torch.zeros(1))),
            "node 'w' of type get_attr w: it reads nothing that depends on the input",
        ),
        (nn.Bilinear(2, 2, 2), "node 'input2' of type placeholder: a graph has one input"),
    ],
)
def test_what_is_not_mapped_is_an_error_that_names_node_and_type(module, words):
    if not isinstance(module, Function):
        module = module if isinstance(module, nn.Bilinear) else nn.Sequential(module)
    if isinstance(module, nn.Bilinear):
        module = torch.fx.GraphModule(nn.Module(), _two_inputs())
    with pytest.raises(ValueError, match=words):
        from_torch(module, SHAPE)


def _two_inputs():
    graph = torch.fx.Graph()
    graph.placeholder("input1")
    graph.placeholder("input2")
    graph.output(None)
    return graph


def test_what_is_no_module_is_refused():
    with pytest.raises(TypeError, match=r"module must be a torch.nn.Module, got 3 of type int"):
        from_torch(3, SHAPE)
    with pytest.raises(ValueError, match="input_shape must be"):
        from_torch(nn.ReLU(), (3, 3))


def model_of(body, weights=(), shape="1, 4, 24, 24", output="y"):
    """A model of ONNX from its text; the weights are ones."""
    text = f'<ir_version: 9, opset_import: ["" : 17]> g (float[{shape}] x) => (float[] {output}) {{ {body} }}'
    model = parser.parse_model(text)
    for name, size in dict(weights).items():
        values = np.ones(size, np.float32)
        model.graph.initializer.append(onnx.numpy_helper.from_array(values, name))
    model.graph.output[0].type.tensor_type.ClearField("shape")
    return shape_inference.infer_shapes(model)


MODELS = {
    "convolution": (
        "y = Conv<strides = [2, 1], pads = [1, 0, 1, 0], dilations = [1, 2], group = 2>(x, w, b)",
        {"w": (6, 2, 3, 5), "b": (6,)},
    ),
    "unlike pads": ("y = Conv<pads = [0, 1, 2, 3]>(x, w)", {"w": (6, 4, 3, 3)}),
    "same, more behind": ('y = Conv<strides = [2, 2], auto_pad = "SAME_UPPER">(x, w)', {"w": (6, 4, 3, 3)}),
    "same, more in front": ('y = Conv<strides = [2, 3], auto_pad = "SAME_LOWER">(x, w)', {"w": (6, 4, 4, 3)}),
    "valid": ('y = Conv<auto_pad = "VALID">(x, w)', {"w": (6, 4, 3, 3)}),
    "transposed": (
        "y = ConvTranspose<strides = [2, 3], pads = [1, 0, 1, 0], output_padding = [1, 2], group = 2>(x, w)",
        {"w": (4, 3, 3, 2)},
    ),
    "transposed, one group": (
        "y = ConvTranspose<strides = [2, 3], pads = [1, 0, 1, 0], output_padding = [1, 2]>(x, w)",
        {"w": (4, 3, 3, 2)},
    ),
    "largest": ("y = MaxPool<kernel_shape = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1]>(x)", {}),
    "largest, rounded up": ("y = MaxPool<kernel_shape = [3, 3], strides = [2, 2], ceil_mode = 1>(x)", {}),
    "mean": ("y = AveragePool<kernel_shape = [2, 3]>(x)", {}),
    "global": ("a = GlobalAveragePool(x) y = Flatten(a)", {}),
    "linear": ("a = Flatten(x) y = Gemm<transB = 1>(a, w, b)", {"w": (3, 2304), "b": (3,)}),
    "linear, as it is": ("a = Flatten(x) y = Gemm(a, w)", {"w": (2304, 3)}),
    "norm": ("y = BatchNormalization(x, s, t, m, v)", dict.fromkeys("stmv", (4,))),
    "sum": ("a = Conv<pads = [1, 1, 1, 1]>(x, w) r = Relu(a) y = Add(r, x)", {"w": (4, 4, 3, 3)}),
    "channels": ("a = Conv(x, w) y = Concat<axis = 1>(a, x)", {"w": (3, 4, 1, 1)}),
    "unused": ("a = Conv(x, w) y = Relu(x)", {"w": (3, 4, 1, 1)}),
    "twice": ("a = Conv(x, w, b) y = Conv(a, w, b)", {"w": (4, 4, 3, 3), "b": (4,)}),
    "tied": ("a = Conv(x, w, b) y = Conv(a, w, c)", {"w": (4, 4, 3, 3), "b": (4,), "c": (4,)}),
    "norm with one scale": ("y = BatchNormalization(x, s, s, m, v)", dict.fromkeys("smv", (4,))),
    "constants": (
        "i = Constant<value_float = 0.0>() k = Constant<value = float {6.0}>() y = Clip(x, i, k)",
        {},
    ),
    "a constant that is a list": (
        "i = Constant<value_floats = [1.0, 1.0, 1.0, 1.0]>() y = Conv(x, w, i)",
        {"w": (4, 4, 3, 3)},
    ),
    "a tensor called input": ("input = Conv(x, w) y = Relu(input)", {"w": (3, 4, 1, 1)}),
    "transposed, nothing set": ('y = ConvTranspose<auto_pad = "NOTSET">(x, w)', {"w": (4, 3, 3, 3)}),
    "channels from behind": ("y = Concat<axis = -3>(x, x)", {}),
    "channels of vectors": ("a = Flatten<axis = -3>(x) y = Concat<axis = -1>(a, a)", {}),
    "linear, bias as a row": ("a = Flatten(x) y = Gemm(a, w, b)", {"w": (2304, 3), "b": (1, 3)}),
}
PARAMETERS = {"a constant that is a list": 148, "unused": 0, "norm": 8, "norm with one scale": 4}


@pytest.mark.parametrize("name", MODELS)
def test_shapes_are_those_that_onnx_infers(name):
    model = model_of(*MODELS[name])
    summary = summarize(from_onnx(model), SHAPE)
    inferred = [one.dim_value for one in model.graph.output[0].type.tensor_type.shape.dim]
    assert [1, *summary.rows[-1].output_shape] == inferred
    weights = sum(np.prod(one.dims) for one in model.graph.initializer)
    assert summary.parameters == PARAMETERS.get(name, weights)


@pytest.mark.parametrize(
    "name", ["convolution", "unlike pads", "same, more behind", "transposed, one group", "mean", "sum"]
)
def test_a_place_sees_what_the_reference_of_onnx_answers_to(name):
    model = model_of(*MODELS[name])
    run = ReferenceEvaluator(model)
    field = receptive_field(from_onnx(model))
    dark = run.run(None, {"x": np.zeros((1, *SHAPE), np.float32)})[0]
    for axis, paths in ((2, field.along_height), (3, field.along_width)):
        middle = dark.shape[axis] // 2
        answering = {position: [] for position in range(middle, middle + paths.period)}
        for pixel in range(SHAPE[1]):
            bright = np.zeros((1, *SHAPE), np.float32)
            np.moveaxis(bright, axis, 0)[pixel] = 1
            changed = np.moveaxis(run.run(None, {"x": bright})[0] != dark, axis, 0)
            for position, pixels in answering.items():
                pixels.extend([pixel] * bool(changed[position].any()))
        for position, pixels in answering.items():
            assert ends_of(paths, position) == (pixels[:1] and (pixels[0], pixels[-1]))


def test_a_model_is_read_from_a_file(tmp_path):
    model = model_of(*MODELS["unlike pads"])
    onnx.save(model, tmp_path / "model.onnx")
    graph = from_onnx(tmp_path / "model.onnx")
    assert graph == from_onnx(str(tmp_path / "model.onnx")) == from_onnx(model)
    assert [node.layer for node in graph.nodes] == [ZeroPad2d(1, 3, 0, 2), Conv2d(6, 3, bias=False)]


@pytest.mark.parametrize(
    ("body", "weights", "words"),
    [
        ("y = Softmax(x)", {}, "node 'y' of type Softmax: it is no layer that is known here; read what"),
        ("y = Conv(x, x)", {}, r"type Conv: its weights have the shape \(\)"),
        ("y = ConvTranspose(x, w)", {"w": (4, 3, 3)}, r"its weights have the shape \(4, 3, 3\)"),
        (
            "y = ConvTranspose<output_shape = [9, 9]>(x, w)",
            {"w": (4, 3, 3, 3)},
            r"\['output_shape'\] are not",
        ),
        ("y = ConvTranspose<pads = [0, 0, 1, 1]>(x, w)", {"w": (4, 3, 3, 3)}, "unlike pads are not mapped"),
        ("y = MaxPool<kernel_shape = [2, 2], dilations = [2, 2]>(x)", {}, "dilations are not mapped"),
        ("y = AveragePool<kernel_shape = [2, 2], ceil_mode = 1>(x)", {}, "ceil_mode=1 is not mapped"),
        ("a = Flatten(x) y = Gemm(a, a)", {}, "it multiplies no weights"),
        ("a = Flatten(x) y = Gemm<transA = 1>(a, w)", {"w": (1, 3)}, "transA=1 is not mapped"),
        ("y = Flatten<axis = 2>(x)", {}, "axis=2 is not mapped"),
        ("y = Add(x, w)", {"w": (1,)}, "it adds weights"),
        ("y = Concat<axis = 2>(x, x)", {}, "axis=2 is not mapped"),
        ("y = Concat(x, x)", {}, "it has no axis"),
        ("y = Concat<axis = 1>(x, w)", {"w": (1, 4, 24, 24)}, "it joins weights"),
        ("y = Relu(w)", {"w": (1,)}, "it reads nothing that depends on the input"),
        ("y = acme.Conv(x, w)", {"w": (4, 4, 3, 3)}, "node 'y' of type acme.Conv: it is no layer that"),
        ("a = Flatten(x) y = Gemm(w, a)", {"w": (3, 1)}, "its first input is 'w', which does not depend"),
        ("y = Conv(w, x)", {"w": (1, 4, 30, 30)}, "its first input is 'w', which does not depend"),
        ("a = Relu(x) y = Conv(x, w, a)", {"w": (4, 4, 3, 3)}, r"it reads \['input', 'a'\], and only one"),
        ("a = Flatten(x) y = Gemm(a, w, c)", {"w": (2304, 3), "c": (1,)}, r"bias has the shape \(1,\)"),
        ("a = Flatten(x) y = Gemm(a, w)", {"w": (7, 3)}, r"for 7 values, got an input of \(2304,\)"),
        ("a = Flatten(x) y = Gemm<transB = 1>(a, w)", {"w": (2304, 3)}, "for 3 values, got an input"),
        ("a = Flatten(x) y = Gemm(a, w)", {"w": (2304,)}, r"its weights have the shape \(2304,\)"),
        ("y = Conv(x, w, b)", {"w": (4, 4, 3, 3), "b": (1,)}, r"bias has the shape \(1,\)"),
        ("y = Conv(x, w)", {"w": (4, 3, 3, 3)}, r"for 3 channels, got an input of \(4, 24, 24\)"),
        ("y = Conv<group = 2>(x, w)", {"w": (4, 4, 3, 3)}, "for 8 channels, got an input"),
        ("y = ConvTranspose(x, w)", {"w": (3, 4, 3, 3)}, "for 3 channels, got an input"),
        ("y = BatchNormalization(x, s, t, m, v)", dict.fromkeys("stmv", (3,)), "for 3 channels, got an"),
        (
            "y = MaxPool<kernel_shape = [2, 2], strides = [2, 2], pads = [0, 0, 1, 1], ceil_mode = 1>(x)",
            {},
            "ceil_mode=1 with unlike pads is not mapped",
        ),
        ("y = Conv(x, w, z)", {"w": (4, 4, 3, 3)}, "its input 'z' is neither a weight nor computed"),
        ("a, b = MaxPool<kernel_shape = [2, 2]>(x) y = Relu(b)", {}, "its input 'b' is neither a weight nor"),
        (
            'y = ConvTranspose<auto_pad = "VALID">(x, w)',
            {"w": (4, 3, 3, 3)},
            r"\['auto_pad'\] are not mapped",
        ),
    ],
)
def test_what_is_not_mapped_in_a_model_is_an_error_that_names_node_and_type(body, weights, words):
    opsets = 'opset_import: ["" : 17, "acme" : 1]'
    text = f"<ir_version: 9, {opsets}> g (float[1, 4, 24, 24] x) => (float[] y) {{ {body} }}"
    model = parser.parse_model(text)
    for name, size in weights.items():
        model.graph.initializer.append(onnx.numpy_helper.from_array(np.ones(size, np.float32), name))
    with pytest.raises(ValueError, match=words):
        from_onnx(model)


def test_weights_that_are_not_dense_are_refused():
    model = model_of("y = Conv(x, w, b)", {"w": (4, 4, 3, 3)})
    values = helper.make_tensor("b", 1, [1], [1.0])
    places = helper.make_tensor("places", 7, [1], [2])
    model.graph.sparse_initializer.append(helper.make_sparse_tensor(values, places, [4]))
    with pytest.raises(ValueError, match="node 'y' of type Conv: its input 'b' is neither a weight"):
        from_onnx(model)


def test_a_function_of_the_model_is_no_layer_of_the_standard():
    model = model_of("y = Relu(x)")
    pool = helper.make_node("AveragePool", ["x"], ["y"], kernel_shape=[2, 2])
    opset = [helper.make_opsetid("", 17)]
    model.functions.append(helper.make_function("", "Relu", ["x"], ["y"], [pool], opset))
    with pytest.raises(ValueError, match="node 'y' of type Relu: it is a function of the model"):
        from_onnx(model)


def test_what_is_no_model_of_one_input_and_output_is_refused():
    with pytest.raises(TypeError, match=r"model must be an onnx.ModelProto or a path, got 3 of type int"):
        from_onnx(3)
    with pytest.raises(FileNotFoundError):
        from_onnx("nowhere.onnx")
    two = helper.make_graph([], "g", [], [helper.make_tensor_value_info("y", 1, [1])])
    with pytest.raises(ValueError, match="one input and one output, got 0 inputs and 1 outputs"):
        from_onnx(helper.make_model(two))
    with pytest.raises(ValueError, match=r"input 'x' must have a fixed shape .*got \[4, 0, 24\]"):
        from_onnx(model_of("y = Relu(x)", shape="1, 4, n, 24"))
    with pytest.raises(ValueError, match="model must compute its output 'z', and no node does"):
        from_onnx(model_of("y = Relu(x)", output="z"))
