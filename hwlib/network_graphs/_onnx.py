"""Read a model in the format of ONNX as a graph of layers. It needs the extra ``hwlib[onnx]``."""

import math
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import import_module
from typing import Any, NamedTuple, TypeAlias

from hwlib.convnets import AvgPool2d, Conv2d, Flatten, Linear, MaxPool2d, Shape, _Layer
from hwlib.network_graphs._graphs import INPUT, Graph
from hwlib.network_graphs._layers import (
    Add,
    BatchNorm2d,
    CeilMaxPool2d,
    Concatenate,
    ConvTranspose2d,
    GlobalAvgPool2d,
    Pointwise,
    ZeroPad2d,
)
from hwlib.network_graphs._reading import (
    HOW_TO_GO_ON,
    Reading,
    Weights,
    need,
    need_channels,
    need_values,
    refusal,
)


class _Step(NamedTuple):
    """A node of the model: its attributes, the shapes of its weights, and the shape of what it reads."""

    attributes: dict[str, Any]
    weights: list[Shape]
    shape: Shape


Layers: TypeAlias = Sequence[_Layer]
Pair: TypeAlias = tuple[int, int]
Reader: TypeAlias = Callable[[_Step], Layers]


def from_onnx(model: object) -> Graph:
    """Read a model in the format of ONNX as a graph of layers.

    Parameters
    ----------
    model : onnx.ModelProto or path
        The model, or where it lies. It has one input, whose shape is fixed but for the number of images, and
        one output.

    Returns
    -------
    Graph
        Its nodes have the names of their outputs. It is right for the model's input alone, since "same" and
        rounded-up paddings depend on its size.

    Raises
    ------
    TypeError
        If `model` is neither a model nor a path.
    FileNotFoundError
        If there is no file at the path.
    ValueError
        If it has several inputs or outputs, if the shape of its input is not fixed, or if a node is no layer
        that is known here. The message names the node, its type and how to go on.

    See Also
    --------
    from_torch : Reads a network of PyTorch.

    Notes
    -----
    Only shapes are read, no weights; those that two nodes share are counted once. Rounding up is that of
    opset 22 and of PyTorch: no window begins in the padding behind. Derived in :ref:`networks-of-pytorch`.

    Examples
    --------
    >>> from onnx import parser
    >>> from hwlib.convnets import receptive_field
    >>> from hwlib.network_graphs import from_onnx
    >>> model = parser.parse_model('''
    ...     <ir_version: 8, opset_import: ["" : 17]>
    ...     blocks (float[1, 3, 32, 32] x, float[8, 3, 5, 5] w) => (float[1, 8, 14, 14] y)
    ...     { c = Conv(x, w)  y = MaxPool<kernel_shape = [2, 2], strides = [2, 2]>(c) }''')
    >>> model.graph.initializer.add(name="w", dims=[8, 3, 5, 5], data_type=1).name
    'w'
    >>> receptive_field(from_onnx(model)).size
    6
    """
    onnx = import_module("onnx")
    if isinstance(model, (str, os.PathLike)):
        model = onnx.load(os.fspath(model), load_external_data=False)
    if not isinstance(model, onnx.ModelProto):
        raise TypeError(
            f"model must be an onnx.ModelProto or a path, got {model!r} of type {type(model).__name__}"
        )
    weights = {one.name: tuple(one.dims) for one in model.graph.initializer}
    inputs = [one for one in model.graph.input if one.name not in weights]
    if len(inputs) != 1 or len(model.graph.output) != 1:
        several = f"{len(inputs)} inputs and {len(model.graph.output)} outputs"
        raise ValueError(f"model must have one input and one output, got {several}; {HOW_TO_GO_ON}")
    shape = _input_shape(inputs[0])
    reading = Reading(shape)
    names = {inputs[0].name: INPUT}
    functions = {(one.domain, one.name) for one in model.functions}
    for node in model.graph.node:
        at_home = node.domain in ("", "ai.onnx")
        kind = node.op_type if at_home else f"{node.domain}.{node.op_type}"
        if (node.domain, node.op_type) in functions:
            raise refusal(node.output[0], kind, "it is a function of the model, no layer that is known here")
        if kind == "Constant" and (size := _size_of_constant(node)) is not None:
            weights[node.output[0]] = size
            continue
        for one in node.input:
            if one and one not in weights and one not in names:
                raise refusal(node.output[0], kind, f"its input {one!r} is neither a weight nor computed")
        before = [names[one] for one in node.input if one in names]
        read = partial(_layers, kind, node, weights, names)
        name = f"{INPUT}.node" if node.output[0] == INPUT else node.output[0]
        names[node.output[0]] = reading.append(name, kind, before, read, _parameters(kind, node, weights))
    output = model.graph.output[0].name
    if output not in names:
        raise ValueError(f"model must compute its output {output!r}, and no node does")
    return reading.graph_up_to(names[output])


def _size_of_constant(node: Any) -> Shape | None:
    """Return the shape of a constant, if it is written out."""
    (given,) = node.attribute
    value = import_module("onnx").helper.get_attribute_value(given)
    if given.name == "value":
        return tuple(value.dims)
    if given.name in ("value_floats", "value_ints"):
        return (len(value),)
    return () if given.name in ("value_float", "value_int") else None


def _parameters(kind: str, node: Any, weights: Mapping[str, Shape]) -> Weights:
    """Return the names and the sizes of what a node has learnt: the first two of its weights."""
    if kind not in PARAMETRIC:
        return ()
    return [(name, math.prod(weights[name])) for name in node.input[1:3] if name in weights]


def _input_shape(value: Any) -> Shape:
    """Return channels, height and width of the input."""
    _, *lengths = [one.dim_value for one in value.type.tensor_type.shape.dim]
    if len(lengths) != 3 or min(lengths) < 1:
        raise ValueError(
            f"input {value.name!r} must have a fixed shape (images, channels, height, width), got "
            f"{lengths} behind the images, 0 where it is not fixed; "
            "fix it with onnx.tools.update_model_dims"
        )
    return tuple(lengths)


def _layers(
    kind: str, node: Any, weights: Mapping[str, Shape], names: Mapping[str, str], shape: Shape
) -> Layers:
    """Return the layers that a node is."""
    need(kind in READERS, "it is no layer that is known here")
    first = node.input[0]
    need(kind in JOINS or first in names, f"its first input is {first!r}, which does not depend on the input")
    attribute = import_module("onnx").helper.get_attribute_value
    given = {one.name: attribute(one) for one in node.attribute}
    sizes = [weights[name] for name in node.input if name in weights]
    return READERS[kind](_Step(given, sizes, shape))


def _padding(step: _Step, kernel: Pair) -> tuple[Layers, Pair]:
    """Return a layer that pads unlike sides, if they are unlike, and else the padding of both sides."""
    mode = step.attributes.get("auto_pad", b"NOTSET").decode()
    top, left, bottom, right = step.attributes.get("pads", (0, 0, 0, 0)) if mode == "NOTSET" else (0, 0, 0, 0)
    if mode.startswith("SAME"):
        options = zip(
            step.shape[1:], kernel, *(_pair(step, name) for name in ("strides", "dilations")), strict=True
        )
        totals = [max(((n - 1) // s) * s + d * (k - 1) + 1 - n, 0) for n, k, s, d in options]
        less, more = [total // 2 for total in totals], [total - total // 2 for total in totals]
        (top, left), (bottom, right) = (less, more) if mode == "SAME_UPPER" else (more, less)
    if (top, left) == (bottom, right):
        return [], (top, left)
    return [ZeroPad2d(left, right, top, bottom)], (0, 0)


def _pair(step: _Step, name: str, default: Pair = (1, 1)) -> Pair:
    first, second = step.attributes.get(name, default)
    return first, second


def _weights(step: _Step) -> tuple[int, int, Pair]:
    """Return the numbers of channels of the weights, in their order, and the kernel's height and width."""
    found = step.weights[0] if step.weights else ()
    need(len(found) == 4, f"its weights have the shape {found}, and only kernels of 2 axes are mapped")
    first, second, height, width = found
    return first, second, (height, width)


def _bias(step: _Step, channels: int) -> bool:
    """Say whether a convolution has a bias."""
    for found in step.weights[1:]:
        need(found == (channels,), f"its bias has the shape {found}, and {channels} channels come out")
    return len(step.weights) > 1


def _conv(step: _Step) -> Layers:
    channels, of_group, kernel = _weights(step)
    before, padding = _padding(step, kernel)
    stride, dilation = _pair(step, "strides"), _pair(step, "dilations")
    groups, bias = step.attributes.get("group", 1), _bias(step, channels)
    need_channels(of_group * groups, step.shape)
    return [*before, Conv2d(channels, kernel, stride, padding, dilation, groups, bias)]


def _transposed(step: _Step) -> Layers:
    before_it, channels, kernel = _weights(step)
    need_channels(before_it, step.shape)
    automatic = step.attributes.get("auto_pad", b"NOTSET") != b"NOTSET"
    unlike = (["auto_pad"] if automatic else []) + [one for one in step.attributes if one == "output_shape"]
    need(not unlike, f"{unlike} are not mapped, only pads")
    before, padding = _padding(step, kernel)
    need(not before, "unlike pads are not mapped")
    more = _pair(step, "output_padding", (0, 0))
    stride, dilation = _pair(step, "strides"), _pair(step, "dilations")
    groups = step.attributes.get("group", 1)
    bias = _bias(step, channels * groups)
    return [ConvTranspose2d(channels * groups, kernel, stride, padding, more, groups, bias, dilation)]


def _max_pool(step: _Step) -> Layers:
    need(_pair(step, "dilations") == (1, 1), "dilations are not mapped")
    kernel = _pair(step, "kernel_shape")
    before, padding = _padding(step, kernel)
    up = step.attributes.get("ceil_mode", 0)
    need(not (up and before), "ceil_mode=1 with unlike pads is not mapped")
    return [*before, (CeilMaxPool2d if up else MaxPool2d)(kernel, _pair(step, "strides"), padding)]


def _avg_pool(step: _Step) -> Layers:
    need(not step.attributes.get("ceil_mode", 0), "ceil_mode=1 is not mapped")
    need(_pair(step, "dilations") == (1, 1), "dilations are not mapped")
    kernel = _pair(step, "kernel_shape")
    before, padding = _padding(step, kernel)
    return [*before, AvgPool2d(kernel, _pair(step, "strides"), padding)]


def _gemm(step: _Step) -> Layers:
    need(bool(step.weights), "it multiplies no weights, which is not mapped")
    need(not step.attributes.get("transA", 0), "transA=1 is not mapped")
    need(len(step.weights[0]) == 2, f"its weights have the shape {step.weights[0]}, no matrix's")
    rows, columns = step.weights[0]
    values, scores = (columns, rows) if step.attributes.get("transB", 0) else (rows, columns)
    need_values(values, step.shape)
    for found in step.weights[1:]:
        fits = found in ((scores,), (1, scores))
        need(fits, f"its bias has the shape {found}, and {scores} values come out")
    return [Linear(scores, len(step.weights) > 1)]


def _flatten(step: _Step) -> Layers:
    axis = step.attributes.get("axis", 1)
    need(axis % (1 + len(step.shape)) == 1, f"axis={axis} is not mapped, only 1")
    return [Flatten()]


def _add(step: _Step) -> Layers:
    need(not step.weights, "it adds weights, which is not mapped")
    return [Add()]


def _concatenate(step: _Step) -> Layers:
    need(not step.weights, "it joins weights, which is not mapped")
    need("axis" in step.attributes, "it has no axis")
    axis = step.attributes["axis"]
    need(axis % (1 + len(step.shape)) == 1, f"axis={axis} is not mapped, only 1, the channels")
    return [Concatenate()]


def _global_pool(_: _Step) -> Layers:
    return [GlobalAvgPool2d()]


def _norm(step: _Step) -> Layers:
    for found in step.weights:
        need_channels(math.prod(found), step.shape)
    need(len(step.weights) == 4, "its scale, shift, mean and variance are not all weights")
    return [BatchNorm2d()]


def _pointwise(name: str) -> Reader:
    return lambda _: [Pointwise(name)]


READERS: Mapping[str, Reader] = {
    **{
        name: _pointwise(name.lower())
        for name in (
            "Relu",
            "LeakyRelu",
            "Elu",
            "Gelu",
            "Sigmoid",
            "Tanh",
            "HardSwish",
            "Clip",
            "Dropout",
            "Identity",
            "LRN",
        )
    },
    "Conv": _conv,
    "ConvTranspose": _transposed,
    "MaxPool": _max_pool,
    "AveragePool": _avg_pool,
    "GlobalAveragePool": _global_pool,
    "BatchNormalization": _norm,
    "Gemm": _gemm,
    "Flatten": _flatten,
    "Add": _add,
    "Concat": _concatenate,
}
JOINS = ("Add", "Concat")
PARAMETRIC = ("Conv", "ConvTranspose", "BatchNormalization", "Gemm")
