"""Read a network of PyTorch as a graph of layers. It needs the extra ``hwlib[torch]``."""

import operator
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import import_module
from typing import Any, NamedTuple, TypeAlias

from hwlib.convnets import AvgPool2d, Conv2d, Flatten, Linear, MaxPool2d, Shape, _Layer, _shape
from hwlib.network_graphs._graphs import INPUT, Graph
from hwlib.network_graphs._layers import (
    Add,
    BatchNorm2d,
    CeilMaxPool2d,
    Concatenate,
    ConvTranspose2d,
    GlobalAvgPool2d,
    Pointwise,
    Upsample,
    ZeroPad2d,
)
from hwlib.network_graphs._reading import (
    HOW_TO_GO_ON,
    Reading,
    UnmappedError,
    Weights,
    need,
    need_channels,
    need_values,
    refusal,
)

Layers: TypeAlias = Sequence[_Layer]


class _Step(NamedTuple):
    """A module with its options, or the call of a function with its arguments, and the shape it reads."""

    options: Any
    shape: Shape

    def option(self, name: str, place: int, default: Any) -> Any:
        """Return an option of a module by its name, or of a call by its name or its place."""
        if not hasattr(self.options, "kwargs"):
            return getattr(self.options, name, default)
        given = self.options.args
        return self.options.kwargs.get(name, given[place] if place < len(given) else default)


Reader: TypeAlias = Callable[[_Step], Layers]


def from_torch(module: object, input_shape: Sequence[int]) -> Graph:
    """Read a network of PyTorch as a graph of layers.

    Parameters
    ----------
    module : torch.nn.Module
        The network. It is traced with ``torch.fx`` [1]_ in evaluation mode; nothing is computed.
    input_shape : (int, int, int)
        Channels, height and width of its input.

    Returns
    -------
    Graph
        What the output depends on, with the names of ``torch.fx``, for `summarize` and `receptive_field`. It
        is right for `input_shape` alone, since adaptive and rounded-up poolings depend on it.

    Raises
    ------
    TypeError
        If `module` is not a module of PyTorch, or `input_shape` not a tuple or a list of integers.
    ValueError
        If `input_shape` has not three entries of at least 1, if the module cannot be traced or has hooks, or
        if a step of it is no layer that is known here. The message names the node, its type and how to go on.

    See Also
    --------
    from_onnx : Reads a model in the format of ONNX.

    Notes
    -----
    Parameters that the output does not depend on in evaluation mode, such as those of auxiliary heads, are
    not in the graph. Weights that two steps share are counted once. Derived in :ref:`networks-of-pytorch`.

    References
    ----------
    .. [1] J. Reed, Z. DeVito, H. He, A. Ussery and J. Ansel (2022), "torch.fx: Practical program capture and
       transformation for deep learning in Python", MLSys,
       `arXiv:2112.08429 <https://arxiv.org/abs/2112.08429>`__.

    Examples
    --------
    >>> from torch import nn
    >>> from hwlib.convnets import receptive_field
    >>> from hwlib.network_graphs import from_torch
    >>> module = nn.Sequential(nn.Conv2d(3, 8, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 8, 5))
    >>> receptive_field(from_torch(module, (3, 32, 32))).size
    14
    """
    shape = _shape("input_shape", input_shape, lengths={3: "(channels, height, width)"})
    torch = import_module("torch")
    if not isinstance(module, torch.nn.Module):
        raise TypeError(f"module must be a torch.nn.Module, got {module!r} of type {type(module).__name__}")
    alone = _kind_of_module(module) in READERS
    if not alone and _is_changed(module):
        raise ValueError(
            f"module must have no hooks and no forward of its own, got {type(module).__name__} with some; "
            "they may change what it does"
        )
    traced = _traced(torch.nn.Sequential(module) if alone else module)
    tensors = {id(tensor): name for name, tensor in module.named_parameters()}
    reading = Reading(shape)
    names: dict[str, str] = {}
    memory: dict[Any, Any] = {}  # of a node, the first whose values it may hold itself
    *steps, output = traced.graph.nodes
    for node in steps:
        kind = _kind(node, traced)
        part = traced.get_submodule(node.target) if node.op == "call_module" else None
        memory[node] = memory[node.all_input_nodes[0]] if _keeps_memory(kind, node, part) else node
        if node.op == "placeholder":
            if names:
                raise refusal(node.name, "placeholder", "a graph has one input, and this is another one")
            names[node.name] = INPUT
            continue
        joins = kind in JOINS
        inputs = [names[one.name] for one in (_joined_nodes(node) if joins else node.all_input_nodes)]
        why = _what_is_lost(kind, node, part, memory)
        if why:
            raise refusal(node.name, kind, why)
        reader = JOINS[kind] if joins else READERS.get(kind, _unknown)
        read = partial(_read, reader, node if part is None else part)
        weights = _weights(part, tensors) if kind in READERS else ()
        names[node.name] = reading.append(node.name, kind, inputs, read, weights)
    returned = output.args[0]
    if not hasattr(returned, "op"):
        raise refusal(output.name, "output", "a graph has one output; give a module that returns one tensor")
    return reading.graph_up_to(names[returned.name])


def _is_changed(module: Any) -> bool:
    """Say whether a module may do something else than its type does."""
    return bool(module._forward_hooks or module._forward_pre_hooks or "forward" in vars(module))


def _what_is_lost(kind: str, node: Any, part: Any, memory: Mapping[Any, Any]) -> str:
    """Say what a step does that a graph of layers would not tell; an empty string if nothing."""
    if kind in READERS and part is not None:
        if _is_changed(part):
            return "it has hooks or a forward of its own, which may change what it does"
        if len(node.args) + len(node.kwargs) != 1:
            return "arguments besides the input, such as output_size, are not mapped"
    if kind in IN_PLACE:
        holders = [one for one, first in memory.items() if first is memory[node] and one is not node]
        if any(user not in memory for one in holders for user in one.users):
            return "it changes in place what is read again, not by its result"
    return ""


def _keeps_memory(kind: str, node: Any, part: Any) -> bool:
    """Say whether what comes out may be what goes in, or a view of it."""
    options = node.kwargs if part is None else vars(part)
    step = kind.rsplit(" ", maxsplit=1)[-1]
    keeps = step.endswith("_") or step in VIEWS or kind in IN_PLACE or options.get("inplace", False)
    return bool(node.all_input_nodes and keeps)


def _weights(part: Any, names: Mapping[int, str]) -> Weights:
    """Return the names and the sizes of a module's own parameters."""
    if part is None:
        return ()
    own = part.named_parameters(recurse=False, remove_duplicate=False)
    return [(names[id(tensor)], tensor.numel()) for _, tensor in own]


def _traced(module: Any) -> Any:
    """Return what ``torch.fx`` makes of a module in evaluation mode, and leave the module as it was."""
    modes = [(one, one.training) for one in module.modules()]
    fx = import_module("torch.fx")

    class Proxy(fx.Proxy):  # type: ignore[misc,name-defined]  # imported when it is needed
        """What stands for a tensor; torch.fx alone would read "y += x" as "y = y + x"."""

        def __iadd__(self, other: Any) -> Any:
            return self.tracer.create_proxy("call_function", operator.iadd, (self, other), {})

    class Tracer(fx.Tracer):  # type: ignore[misc,name-defined]  # imported when it is needed
        """Traces with such proxies."""

        def proxy(self, node: Any) -> Any:
            return Proxy(node, self)

    try:
        tracer = Tracer()
        graph = tracer.trace(module.eval())
        return fx.GraphModule(tracer.root, graph)
    except Exception as error:
        raise ValueError(
            f"module must be one that torch.fx can trace, got {type(module).__name__}: {error}; "
            f"{HOW_TO_GO_ON}"
        ) from error
    finally:
        for one, training in modes:
            one.training = training


def _kind(node: Any, traced: Any) -> str:
    """Return what a node does: the name of a module, or that of a function or a method."""
    if node.op == "call_module":
        return _kind_of_module(traced.get_submodule(node.target))
    name = getattr(node.target, "__name__", str(node.target))
    torch = import_module("torch")
    homes = (operator, torch, torch.nn.functional)
    if node.op != "call_function" or any(getattr(home, name, None) is node.target for home in homes):
        return f"{node.op} {name}"
    return f"{node.op} {getattr(node.target, '__module__', None)}.{name}"


def _kind_of_module(module: Any) -> str:
    """Return the name of a module's type, with where it is at home unless that is PyTorch's of that name."""
    kind = type(module)
    known = getattr(import_module("torch").nn, kind.__name__, None) is kind
    return kind.__name__ if known else f"{kind.__module__}.{kind.__name__}"


def _read(reader: Reader, options: Any, shape: Shape) -> Layers:
    return reader(_Step(options, shape))


def _unknown(_: _Step) -> Layers:
    raise UnmappedError("it is no layer that is known here")


def _image_by_view(_: _Step) -> Layers:
    raise UnmappedError(
        "it is no layer that is known here; to make a vector of an image use torch.flatten(x, 1)"
    )


def _conv(step: _Step) -> Layers:
    of = step.options
    need_channels(of.in_channels, step.shape)
    need(of.padding_mode == "zeros", f"padding_mode={of.padding_mode!r} is not mapped, only 'zeros'")
    padding, before = of.padding, []
    if isinstance(padding, str):
        total = [d * (k - 1) for k, d in zip(of.kernel_size, of.dilation, strict=True)]
        total = [0, 0] if padding == "valid" else total
        padding = tuple(size // 2 for size in total)
        odd = [size % 2 for size in total]
        before = [ZeroPad2d(0, odd[1], 0, odd[0])] if any(odd) else []
    options = (of.kernel_size, of.stride, padding, of.dilation, of.groups, of.bias is not None)
    return [*before, Conv2d(of.out_channels, *options)]


def _transposed(step: _Step) -> Layers:
    of = step.options
    need_channels(of.in_channels, step.shape)
    options = (of.kernel_size, of.stride, of.padding, of.output_padding, of.groups, of.bias is not None)
    return [ConvTranspose2d(of.out_channels, *options, of.dilation)]


_MAX_POOL_OPTIONS = (("dilation", 4, 1), ("ceil_mode", 5, False), ("return_indices", 6, False))


def _max_pool(step: _Step) -> Layers:
    dilation, up, indices = (step.option(*one) for one in _MAX_POOL_OPTIONS)
    need(dilation in (1, (1, 1)), f"dilation={dilation} is not mapped, only 1")
    need(not indices, "return_indices=True is not mapped")
    return [(CeilMaxPool2d if up else MaxPool2d)(*_pool_options(step))]


def _avg_pool(step: _Step) -> Layers:
    pool = AvgPool2d(*_pool_options(step))
    if step.option("ceil_mode", 4, default=False):
        up = CeilMaxPool2d(*_pool_options(step))
        same = up._output_shape(step.shape) == pool._output_shape(step.shape)
        need(same, f"ceil_mode=True is not mapped where it changes sizes, as for an input of {step.shape}")
    return [pool]


def _pool_options(step: _Step) -> tuple[Any, Any, Any]:
    kernel, stride = step.option("kernel_size", 1, None), step.option("stride", 2, None)
    return kernel, stride or kernel, step.option("padding", 3, 0)


def _adaptive_pool(step: _Step) -> Layers:
    size = step.option("output_size", 1, None)
    height, width = size if isinstance(size, (tuple, list)) else (size, size)
    wanted = (step.shape[1] if height is None else height, step.shape[2] if width is None else width)
    if wanted == (1, 1):
        return [GlobalAvgPool2d()]
    even = step.shape[1] % wanted[0] == 0 and step.shape[2] % wanted[1] == 0
    need(even, f"its windows differ in size, from an input of {step.shape} to {wanted}")
    kernel = (step.shape[1] // wanted[0], step.shape[2] // wanted[1])
    return [Pointwise("adaptive_pool") if kernel == (1, 1) else AvgPool2d(kernel)]


def _flatten(step: _Step) -> Layers:
    start, end = step.option("start_dim", 1, 0), step.option("end_dim", 2, -1)
    axes = 1 + len(step.shape)
    whole = (start % axes, end % axes) == (1, axes - 1)
    need(whole, f"start_dim={start} and end_dim={end} are not mapped, only 1 and -1")
    return [Flatten()]


def _upsample(step: _Step) -> Layers:
    mode, factor = step.options.mode, step.options.scale_factor
    factors = factor if isinstance(factor, (tuple, list)) else (factor, factor)
    need(mode == "nearest", f"mode={mode!r} is not mapped, only 'nearest'")
    whole = all(one is not None and one == int(one) for one in factors)
    need(whole, f"scale_factor={factor} is not mapped, only whole numbers")
    return [Upsample((int(factors[0]), int(factors[1])))]


def _zero_pad(step: _Step) -> Layers:
    padding = step.options.padding
    need(min(padding) >= 0, f"padding={padding} cuts pixels off, which is not mapped")
    return [ZeroPad2d(*padding)]


def _norm(step: _Step) -> Layers:
    need_channels(step.options.num_features, step.shape)
    return [BatchNorm2d(step.options.affine)]


def _linear(step: _Step) -> Layers:
    need_values(step.options.in_features, step.shape)
    return [Linear(step.options.out_features, step.options.bias is not None)]


def _pointwise(name: str) -> Reader:
    return lambda _: [Pointwise(name)]


def _add(step: _Step) -> Layers:
    _need_options(step, {"input", "other", "alpha"})
    need(step.options.kwargs.get("alpha", 1) == 1, "alpha is not mapped, only 1")
    need(len(_joined_nodes(step.options)) == 2, "it adds a number, not two tensors, which is not mapped")
    return [Add()]


def _concatenate(step: _Step) -> Layers:
    _need_options(step, {"tensors", "dim", "axis"})
    given = step.options.kwargs
    dim = given.get("dim", given.get("axis", step.options.args[1] if len(step.options.args) > 1 else 0))
    need(dim % (1 + len(step.shape)) == 1, f"dim={dim} is not mapped, only 1, the channels")
    return [Concatenate()]


def _need_options(step: _Step, known: set[str]) -> None:
    more = sorted(step.options.kwargs.keys() - known)
    need(not more, f"{', '.join(more)} is not mapped")


def _joined_nodes(node: Any) -> list[Any]:
    """Return the nodes that a join reads, in their order, one as often as it is read."""
    named = (value for key, value in node.kwargs.items() if key in ("input", "other", "tensors"))
    values = [*node.args, *named]
    flat = [one for value in values for one in (value if isinstance(value, (tuple, list)) else [value])]
    return [one for one in flat if hasattr(one, "op")]


_SAME_EVERYWHERE = {
    name: _pointwise(name.lower())
    for name in (
        *("ReLU", "ReLU6", "LeakyReLU", "ELU", "GELU", "SiLU", "Sigmoid", "Tanh", "Hardswish", "Hardsigmoid"),
        *("Dropout", "Dropout2d", "Identity", "LocalResponseNorm"),
    )
}
_FUNCTIONS_EVERYWHERE = {
    f"{op} {name}": _pointwise(name)
    for op in ("call_function", "call_method")
    for name in ("relu", "relu_", "relu6", "gelu", "silu", "sigmoid", "tanh", "dropout", "contiguous")
}
READERS: Mapping[str, Reader] = {
    **_SAME_EVERYWHERE,
    **_FUNCTIONS_EVERYWHERE,
    "Conv2d": _conv,
    "ConvTranspose2d": _transposed,
    "BatchNorm2d": _norm,
    "MaxPool2d": _max_pool,
    "AvgPool2d": _avg_pool,
    "AdaptiveAvgPool2d": _adaptive_pool,
    "Linear": _linear,
    "Flatten": _flatten,
    "Upsample": _upsample,
    "ZeroPad2d": _zero_pad,
    "call_function max_pool2d": _max_pool,
    "call_function avg_pool2d": _avg_pool,
    "call_function adaptive_avg_pool2d": _adaptive_pool,
    "call_function flatten": _flatten,
    "call_method flatten": _flatten,
    "call_method size": _image_by_view,
    "call_method view": _image_by_view,
    "call_method reshape": _image_by_view,
    "call_function reshape": _image_by_view,
}
JOINS: Mapping[str, Reader] = {
    **{f"call_function {function.__name__}": _add for function in (operator.add, operator.iadd)},
    "call_method add": _add,
    "call_method add_": _add,
    "call_function cat": _concatenate,
    "call_function concat": _concatenate,
}
IN_PLACE = ("call_function iadd", "call_method add_")
VIEWS = ("Identity", "Dropout", "Dropout2d", "Flatten", "dropout", "contiguous", "flatten")
