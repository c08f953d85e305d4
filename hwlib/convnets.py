"""Sizes of convolutional networks: layers as data, what they cost, and what their neurons see.

Nothing is computed on images here. A network is a list of layers, and its shapes, counts and receptive
fields follow from the layers' options alone, so the module needs no array library.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import MISSING, dataclass, fields
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from hwlib._options import flag, settle, whole_number

if TYPE_CHECKING:
    from fractions import Fraction

__all__ = [
    "Conv2d",
    "MaxPool2d",
    "AvgPool2d",
    "Linear",
    "Flatten",
    "Unflatten",
    "Row",
    "Summary",
    "ReceptiveField",
    "summarize",
    "receptive_field",
]

Size: TypeAlias = int | tuple[int, int]
Shape: TypeAlias = tuple[int, ...]
Stride: TypeAlias = "int | Fraction | tuple[int | Fraction, int | Fraction]"


class _Window(NamedTuple):
    """How one position of a layer's output reads the layer's input, along one axis."""

    kernel: int
    stride: int
    padding: int
    dilation: int

    @property
    def reach(self) -> int:
        return self.dilation * (self.kernel - 1) + 1

    def padded(self, length: int) -> int:
        return length + 2 * self.padding

    def positions(self, length: int) -> int:
        return (self.padded(length) - self.reach) // self.stride + 1


class _Field(NamedTuple):
    """What output position i sees of the input along one axis: `size` pixels from i * stride - padding."""

    size: int = 1
    stride: int = 1
    padding: int = 0

    def through(self, window: _Window) -> "_Field":
        return _Field(
            self.size + (window.reach - 1) * self.stride,
            self.stride * window.stride,
            self.padding + window.padding * self.stride,
        )


_View: TypeAlias = tuple[_Field, ...] | None


@dataclass(frozen=True, slots=True, repr=False)
class _Layer(ABC):
    """What a layer knows about itself, given the shape of its input. A new layer is one subclass."""

    @abstractmethod
    def _output_shape(self, shape: Shape) -> Shape:
        """Return the output's shape, or raise ValueError if the layer can't read an input of `shape`."""

    def _parameters(self, shape: Shape) -> int:
        return 0

    def _fan_in(self, shape: Shape) -> int:
        """Return how many input values one neuron weighs and adds."""
        return 0

    def _neurons(self, shape: Shape) -> int:
        return math.prod(self._output_shape(shape))

    def _multiply_adds(self, shape: Shape) -> int:
        return self._neurons(shape) * self._fan_in(shape)

    def _view(self, view: _View, whole: Shape) -> _View:
        """Return what the output sees of the network's input, of extent `whole`; None if no grid tells."""
        return view

    def __repr__(self) -> str:
        given = ((field, getattr(self, field.name)) for field in fields(self))
        options = [
            repr(value) if field.default is MISSING else f"{field.name}={value!r}"
            for field, value in given
            if value != field.default
        ]
        return f"{type(self).__name__}({', '.join(options)})"


@dataclass(frozen=True, slots=True, repr=False)
class _Sliding(_Layer, ABC):
    """A layer that slides a window over an image."""

    @abstractmethod
    def _windows(self) -> tuple[_Window, _Window]:
        """Return the window along the height and along the width."""

    def _output_channels(self, channels: int) -> int:
        return channels

    def _output_shape(self, shape: Shape) -> Shape:
        channels, *lengths = _image(shape)
        axes = list(zip(self._windows(), lengths, strict=True))
        if any(window.reach > window.padded(length) for window, length in axes):
            reach = _times(window.reach for window, _ in axes)
            padded = _times(window.padded(length) for window, length in axes)
            raise ValueError(f"its window of {reach} is larger than its padded input of {padded}")
        return self._output_channels(channels), *(window.positions(length) for window, length in axes)

    def _view(self, view: _View, whole: Shape) -> _View:
        # not strict: behind a Linear layer, a vector given to the network is still its one axis
        return view and tuple(
            field.through(window) for field, window in zip(view, self._windows(), strict=False)
        )


@dataclass(frozen=True, slots=True, repr=False)
class Conv2d(_Sliding):
    r"""Convolutional layer: each neuron weighs a window of its input, with weights shared by all positions.

    Parameters
    ----------
    out_channels : int
        Number of channels of the output.
    kernel_size : int or (int, int)
        Height and width of the kernel.
    stride : int or (int, int), default 1
        Step between the windows of neighbouring outputs, in pixels of the layer's input.
    padding : int or (int, int), default 0
        Rows of zeros added above and below, and columns added on the left and on the right.
    dilation : int or (int, int), default 1
        Distance between neighbouring entries of the kernel, in pixels of the layer's input.
    groups : int, default 1
        Number of groups of channels that are convolved apart. It divides the channels in and out.
    bias : bool, default True
        Whether each output channel has a bias.

    Raises
    ------
    TypeError
        If a size is neither an integer nor a pair of integers, or `bias` is not a bool.
    ValueError
        If an option is too small, or `groups` does not divide `out_channels`.

    See Also
    --------
    summarize : What a chain of layers costs.

    Notes
    -----
    Along an axis of :math:`n` pixels, a kernel of size :math:`k` with stride :math:`s`, padding :math:`p` and
    dilation :math:`d` gives :math:`\lfloor (n + 2p - d(k - 1) - 1) / s \rfloor + 1` outputs [1]_. There are
    :math:`c_{out} (c_{in} / g) k_h k_w` weights for :math:`g` groups.
    Derived in :ref:`sizes-of-networks`.

    Names, defaults and rounding are those of PyTorch. Keras says `filters`, `strides` and
    `dilation_rate`, and its `padding="same"` may add one more row below than above, one more column on the
    right than on the left; here both sides get the same.

    References
    ----------
    .. [1] V. Dumoulin and F. Visin (2016), "A guide to convolution arithmetic for deep learning",
       `arXiv:1603.07285 <https://arxiv.org/abs/1603.07285>`__.

    Examples
    --------
    >>> from hwlib.convnets import Conv2d, summarize
    >>> Conv2d(16, 3, padding=1)
    Conv2d(16, 3, padding=1)
    >>> summarize([Conv2d(16, (3, 5), stride=2)], (3, 32, 32)).rows[-1].output_shape
    (16, 15, 14)
    """

    out_channels: int
    kernel_size: Size
    stride: Size = 1
    padding: Size = 0
    dilation: Size = 1
    groups: int = 1
    bias: bool = True

    def __post_init__(self) -> None:
        settle(self, "out_channels", whole_number, minimum=1)
        settle(self, "kernel_size", _size, minimum=1)
        settle(self, "stride", _size, minimum=1)
        settle(self, "padding", _size, minimum=0)
        settle(self, "dilation", _size, minimum=1)
        settle(self, "groups", whole_number, minimum=1)
        settle(self, "bias", flag)
        if self.out_channels % self.groups:
            raise ValueError(
                f"groups must divide out_channels, got groups={self.groups}, out_channels={self.out_channels}"
            )

    def _windows(self) -> tuple[_Window, _Window]:
        return _windows(self.kernel_size, self.stride, self.padding, self.dilation)

    def _output_channels(self, channels: int) -> int:
        if channels % self.groups:
            raise ValueError(f"groups={self.groups} does not divide the {channels} channels of its input")
        return self.out_channels

    def _fan_in(self, shape: Shape) -> int:
        return shape[0] // self.groups * math.prod(_pair(self.kernel_size))

    def _parameters(self, shape: Shape) -> int:
        return self.out_channels * (self._fan_in(shape) + self.bias)


@dataclass(frozen=True, slots=True, repr=False)
class _Pool(_Sliding):
    """A layer that makes one value of each window, in each channel, without weights."""

    kernel_size: Size
    stride: Size | None = None
    padding: Size = 0

    def __post_init__(self) -> None:
        settle(self, "kernel_size", _size, minimum=1)
        if self.stride is not None:
            settle(self, "stride", _size, minimum=1)
        settle(self, "padding", _size, minimum=0)
        if any(2 * window.padding > window.kernel for window in self._windows()):
            raise ValueError(
                f"padding must be at most half of kernel_size, "
                f"got padding={self.padding}, kernel_size={self.kernel_size}"
            )

    def _windows(self) -> tuple[_Window, _Window]:
        stride = self.kernel_size if self.stride is None else self.stride
        return _windows(self.kernel_size, stride, self.padding, 1)


@dataclass(frozen=True, slots=True, repr=False)
class MaxPool2d(_Pool):
    """Pooling layer that keeps the largest value of each window, in each channel.

    Parameters
    ----------
    kernel_size : int or (int, int)
        Height and width of the window.
    stride : int or (int, int), optional
        Step between neighbouring windows. None, the default, is `kernel_size`: windows side by side.
    padding : int or (int, int), default 0
        Rows and columns added on each side, at most half of `kernel_size`. They hold minus infinity, so
        they never win.

    Raises
    ------
    TypeError
        If a size is neither an integer nor a pair of integers.
    ValueError
        If a size is too small, or `padding` is more than half of `kernel_size`.

    See Also
    --------
    AvgPool2d : The mean of each window.

    Notes
    -----
    The size of the output is that of `Conv2d` with dilation 1. There are no parameters.
    Derived in :ref:`sizes-of-networks`.

    Names, defaults and rounding down are those of PyTorch: rows and columns that fill no window are dropped.
    Caffe, and PyTorch with `ceil_mode=True`, round up. Keras says `pool_size` and `strides`.

    Examples
    --------
    >>> from hwlib.convnets import MaxPool2d, summarize
    >>> summarize([MaxPool2d(2)], (1, 33, 32)).rows[-1].output_shape
    (1, 16, 16)
    """


@dataclass(frozen=True, slots=True, repr=False)
class AvgPool2d(_Pool):
    """Pooling layer that takes the mean of each window, in each channel.

    Parameters
    ----------
    kernel_size : int or (int, int)
        Height and width of the window.
    stride : int or (int, int), optional
        Step between neighbouring windows. None, the default, is `kernel_size`: windows side by side.
    padding : int or (int, int), default 0
        Rows and columns of zeros added on each side, at most half of `kernel_size`.

    Raises
    ------
    TypeError
        If a size is neither an integer nor a pair of integers.
    ValueError
        If a size is too small, or `padding` is more than half of `kernel_size`.

    See Also
    --------
    MaxPool2d : The largest value of each window.

    Notes
    -----
    The size of the output is that of `Conv2d` with dilation 1. There are no parameters.
    Derived in :ref:`sizes-of-networks`.

    Names, defaults and rounding down are those of PyTorch. Whether the zeros of the padding count in the mean
    (PyTorch's `count_include_pad=True`) or not (Keras) changes no shape, count or receptive field.

    Examples
    --------
    >>> from hwlib.convnets import AvgPool2d, summarize
    >>> summarize([AvgPool2d(3, stride=2, padding=1)], (8, 28, 28)).rows[-1].output_shape
    (8, 14, 14)
    """


@dataclass(frozen=True, slots=True, repr=False)
class Linear(_Layer):
    """Fully connected layer: each neuron weighs every value of a vector.

    Parameters
    ----------
    out_features : int
        Length of the output.
    bias : bool, default True
        Whether each output has a bias.

    Raises
    ------
    TypeError
        If `out_features` is not an integer, or `bias` is not a bool.
    ValueError
        If `out_features` is less than 1.

    See Also
    --------
    Flatten : From an image to a vector.

    Notes
    -----
    From :math:`m` values to :math:`n` there are :math:`n m` weights and :math:`n` biases.
    Derived in :ref:`sizes-of-networks`.

    The length of the input is not an option: `summarize` finds it, as PyTorch's `LazyLinear` does. PyTorch's
    `Linear` and Keras' `Dense` also accept an image, and then act on its last axis alone. Here an image is
    refused, for that is seldom meant.

    Examples
    --------
    >>> from hwlib.convnets import Linear, summarize
    >>> summarize([Linear(10)], (256,)).parameters
    2570
    """

    out_features: int
    bias: bool = True

    def __post_init__(self) -> None:
        settle(self, "out_features", whole_number, minimum=1)
        settle(self, "bias", flag)

    def _output_shape(self, shape: Shape) -> Shape:
        _features(shape)
        return (self.out_features,)

    def _fan_in(self, shape: Shape) -> int:
        return _features(shape)

    def _parameters(self, shape: Shape) -> int:
        return self.out_features * (self._fan_in(shape) + self.bias)

    def _view(self, view: _View, whole: Shape) -> _View:
        # stride 0: all neurons see the same, and so do, by the recursion, all that come after them
        return tuple(_Field(length, stride=0) for length in whole)


@dataclass(frozen=True, slots=True, repr=False)
class Flatten(_Layer):
    """Write the values of an image as a vector.

    See Also
    --------
    Unflatten : The way back.

    Notes
    -----
    The values stay the same neurons, so the layer adds none. A vector stays as it is.
    PyTorch, where channels come first, and Keras, where they come last, order the values differently; no
    count depends on that.

    Examples
    --------
    >>> from hwlib.convnets import Flatten, summarize
    >>> summarize([Flatten()], (3, 8, 8)).rows[-1].output_shape
    (192,)
    """

    def _output_shape(self, shape: Shape) -> Shape:
        return (math.prod(shape),)

    def _neurons(self, shape: Shape) -> int:
        return 0


@dataclass(frozen=True, slots=True, repr=False)
class Unflatten(_Layer):
    """Write the values of a vector as an image.

    Parameters
    ----------
    shape : (int, int, int)
        Channels, height and width of the image.

    Raises
    ------
    TypeError
        If `shape` is not a tuple or a list of integers.
    ValueError
        If `shape` has not three entries, or one of them is less than 1.

    See Also
    --------
    Flatten : The way there.

    Notes
    -----
    The values stay the same neurons, so the layer adds none. This is PyTorch's `Unflatten(1, shape)` and
    Keras' `Reshape(shape)`, where channels come last.

    Examples
    --------
    A fully connected layer from an image to an image of the same size.

    >>> from hwlib.convnets import Flatten, Linear, Unflatten, summarize
    >>> summarize([Flatten(), Linear(64), Unflatten((1, 8, 8))], (1, 8, 8)).rows[-1].output_shape
    (1, 8, 8)
    """

    shape: tuple[int, int, int]

    def __post_init__(self) -> None:
        settle(self, "shape", _shape, lengths={3: "(channels, height, width)"})

    def _output_shape(self, shape: Shape) -> Shape:
        features = _features(shape)
        if features != math.prod(self.shape):
            raise ValueError(f"{features:,} values do not make an image of {_times(self.shape)}")
        return self.shape

    def _neurons(self, shape: Shape) -> int:
        return 0

    def _view(self, view: _View, whole: Shape) -> _View:
        return view if view and all(field.stride == 0 for field in view) else None


@dataclass(frozen=True, slots=True)
class Row:
    """One layer of a network in numbers.

    Parameters
    ----------
    layer : str
        The layer as it would be written in Python, or "input".
    output_shape : tuple of int
        (channels, height, width) of an image, (features,) of a vector.
    parameters : int
        Number of weights and biases.
    neurons : int
        Number of values that the layer makes.
    multiply_adds : int
        Number of multiplications by a weight, each with the addition of its product, for one image.
    receptive_field : int, (int, int) or None
        Size of the receptive field of one neuron in the network's input: an int if height and width agree.
    stride : int, Fraction, (int, int) or None
        Distance between the receptive fields of neighbouring neurons in the network's input. A fraction where
        a transposed layer of a graph makes more neurons than there are pixels.

    See Also
    --------
    summarize : Makes the rows, and says how they are counted.

    Examples
    --------
    >>> from hwlib.convnets import Conv2d, summarize
    >>> row = summarize([Conv2d(4, 5, stride=2)], (3, 32, 32)).rows[1]
    >>> row.layer, row.parameters, row.multiply_adds, row.receptive_field, row.stride
    ('Conv2d(4, 5, stride=2)', 304, 58800, 5, 2)
    """

    layer: str
    output_shape: Shape
    parameters: int
    neurons: int
    multiply_adds: int
    receptive_field: Size | None
    stride: "Stride | None"


@dataclass(frozen=True, slots=True)
class Summary:
    """A network in numbers, layer by layer; as text or in a notebook, a table.

    Parameters
    ----------
    rows : tuple of Row
        The input, then the layers in their order: `rows[3]` is layer 3.

    Attributes
    ----------
    parameters : int
        Sum over the rows.
    neurons : int
        Sum over the rows, so the values of the input count too.
    multiply_adds : int
        Sum over the rows.

    See Also
    --------
    summarize : Makes the summary.

    Examples
    --------
    >>> from hwlib.convnets import Flatten, Linear, summarize
    >>> summary = summarize([Flatten(), Linear(10)], (1, 28, 28))
    >>> summary.parameters, summary.neurons, summary.multiply_adds
    (7850, 794, 7840)
    >>> [row.layer for row in summary.rows]
    ['input', 'Flatten()', 'Linear(10)']
    """

    rows: tuple[Row, ...]

    @property
    def parameters(self) -> int:
        """Number of weights and biases.

        Returns
        -------
        int
            Sum over the rows.
        """
        return sum(row.parameters for row in self.rows)

    @property
    def neurons(self) -> int:
        """Number of values, those of the input among them.

        Returns
        -------
        int
            Sum over the rows.
        """
        return sum(row.neurons for row in self.rows)

    @property
    def multiply_adds(self) -> int:
        """Number of multiplications by a weight for one image.

        Returns
        -------
        int
            Sum over the rows.
        """
        return sum(row.multiply_adds for row in self.rows)

    def __str__(self) -> str:
        table = list(self._cells())
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
        head, *body, foot = (_aligned(cells, widths) for cells in table)
        return "\n".join([head, rule, *body, rule, foot])

    def _repr_html_(self) -> str:
        head, *body, foot = (tuple(map(escape, cells)) for cells in self._cells())
        header = "".join(f'<th scope="col">{cell}</th>' for cell in head)
        return (
            "<table><caption>The network layer by layer; receptive field and stride in pixels of its input"
            f"</caption>\n<thead>\n<tr>{header}</tr>\n</thead>\n"
            f"<tbody>\n{''.join(map(_html_row, body))}</tbody>\n<tfoot>\n{_html_row(foot)}</tfoot>\n</table>"
        )

    def _cells(self) -> Iterator[tuple[str, ...]]:
        """Yield the cells of the table: the head, the rows, the totals."""
        yield "layer", "output shape", "parameters", "neurons", "multiply-adds", "receptive field", "stride"
        for row in self.rows:
            counts = (f"{count:,}" for count in (row.parameters, row.neurons, row.multiply_adds))
            seen = map(_size_text, (row.receptive_field, row.stride))
            yield row.layer, _times(row.output_shape), *counts, *seen
        yield "total", "", f"{self.parameters:,}", f"{self.neurons:,}", f"{self.multiply_adds:,}", "", ""


@dataclass(frozen=True, slots=True)
class ReceptiveField:
    """Which pixels of its input one output position of a chain of layers sees.

    Parameters
    ----------
    size : int or (int, int)
        Height and width of the receptive field in pixels of the input: an int if they agree.
    stride : int or (int, int)
        Distance between the receptive fields of neighbouring output positions.
    padding : int or (int, int)
        How far the receptive field of output position 0 begins in front of the input's pixel 0.

    See Also
    --------
    receptive_field : Makes it, and says which pixels it holds.

    Examples
    --------
    >>> from hwlib.convnets import Conv2d, receptive_field
    >>> receptive_field([Conv2d(1, (3, 7), padding=(1, 3))])
    ReceptiveField(size=(3, 7), stride=1, padding=(1, 3))
    """

    size: Size
    stride: Stride
    padding: Size


class _Network(ABC):
    """What `summarize` and `receptive_field` take besides a list: a network that answers for itself."""

    @abstractmethod
    def _summary(self, input_shape: Shape) -> Summary:
        """Return what `summarize` returns for an input of this shape."""

    @abstractmethod
    def _receptive_field(self) -> ReceptiveField:
        """Return what `receptive_field` returns."""


def summarize(layers: Sequence[_Layer] | _Network, input_shape: Sequence[int]) -> Summary:
    """Count what each layer of a network makes, stores, computes and sees.

    Parameters
    ----------
    layers : sequence of layers or Graph
        `Conv2d`, `MaxPool2d`, `AvgPool2d`, `Linear`, `Flatten` and `Unflatten`, in their order; or a graph of
        `hwlib.network_graphs`, whose rows have the names of its nodes.
    input_shape : (int, int, int) or (int,)
        (channels, height, width) of an image, or (features,) of a vector.

    Returns
    -------
    Summary
        Its `rows`, of which the first is the input, and the totals `parameters`, `neurons` and
        `multiply_adds`. Printed, it is a table.

    Raises
    ------
    TypeError
        If `layers` is not a sequence of layers, or `input_shape` not a tuple or a list of integers.
    ValueError
        If `input_shape` has neither three entries nor one, or an entry less than 1; or if a layer can't read
        what comes to it. The message names the layer by its position, counted from 1, and its options.

    See Also
    --------
    receptive_field : The receptive field alone, for an input of any size.

    Notes
    -----
    Shapes follow from the layers' windows [1]_; the rest is counted so:

    - Neurons are values: those of the input, and those that each layer makes. `Flatten` and `Unflatten` move
      values and make none.
    - A neuron of `Conv2d` or `Linear` that weighs :math:`m` values costs :math:`m` multiply-adds, those with
      padded zeros among them. Biases and pooling layers cost none. A multiply-add is two
      floating-point operations.
    - The receptive field is that of `receptive_field`, so it may reach into padding. A neuron behind a
      `Linear` layer counts as seeing the whole input, with stride 0, as its neighbours see the same.
      `Flatten` keeps its neurons' size and stride. `Unflatten` with no `Linear` before it tears neighbours
      apart: size and stride are None until the next `Linear`.

    Derived in :ref:`sizes-of-networks`.

    References
    ----------
    .. [1] V. Dumoulin and F. Visin (2016), "A guide to convolution arithmetic for deep learning",
       `arXiv:1603.07285 <https://arxiv.org/abs/1603.07285>`__.

    Examples
    --------
    >>> from hwlib.convnets import Conv2d, MaxPool2d, summarize
    >>> summary = summarize([Conv2d(1, 3, padding=1), MaxPool2d(2), Conv2d(1, 3, padding=1)], (1, 32, 32))
    >>> summary.parameters, summary.neurons
    (20, 2560)
    >>> print(summary)
    layer                    output shape  parameters  neurons  multiply-adds  receptive field  stride
    --------------------------------------------------------------------------------------------------
    input                     1 x 32 x 32           0    1,024              0                1       1
    Conv2d(1, 3, padding=1)   1 x 32 x 32          10    1,024          9,216                3       1
    MaxPool2d(2)              1 x 16 x 16           0      256              0                4       2
    Conv2d(1, 3, padding=1)   1 x 16 x 16          10      256          2,304                8       2
    --------------------------------------------------------------------------------------------------
    total                                          20    2,560         11,520
    """
    shape = _shape("input_shape", input_shape, lengths={3: "(channels, height, width)", 1: "(features,)"})
    if isinstance(layers, _Network):
        return layers._summary(shape)
    whole = shape[-2:]
    view: _View = tuple(_Field() for _ in whole)
    rows = [Row("input", shape, 0, math.prod(shape), 0, *_size_and_stride(view))]
    for position, layer in _enumerated(layers):
        try:
            output_shape = layer._output_shape(shape)
        except ValueError as error:
            raise ValueError(f"layer {position}, {layer!r}: {error}") from None
        view = layer._view(view, whole)
        counts = layer._parameters(shape), layer._neurons(shape), layer._multiply_adds(shape)
        rows.append(Row(repr(layer), output_shape, *counts, *_size_and_stride(view)))
        shape = output_shape
    return Summary(tuple(rows))


def receptive_field(layers: Sequence[_Layer] | _Network) -> ReceptiveField:
    r"""Return which pixels of its input one output position of a chain of layers sees.

    Parameters
    ----------
    layers : sequence of layers or Graph
        `Conv2d`, `MaxPool2d` and `AvgPool2d`, in their order. With none, a position sees its own pixel. Or a
        graph of `hwlib.network_graphs`.

    Returns
    -------
    ReceptiveField
        `size`, `stride` and `padding`, each an int if height and width agree, else (height, width). Of a
        graph it is a `JoinedField`, which has the paths besides.

    Raises
    ------
    TypeError
        If `layers` is not a sequence of layers.
    ValueError
        If a layer has no window: `Linear`, `Flatten`, `Unflatten`.

    See Also
    --------
    summarize : Receptive fields, shapes and counts for an input of known size.

    Notes
    -----
    Layer :math:`l` with kernel size :math:`k_l`, stride :math:`s_l`, padding :math:`p_l` and dilation
    :math:`d_l` looks at outputs of the layer before that are :math:`j_l = \prod_{m=1}^{l-1} s_m` input pixels
    apart. Its own stride moves its window but does not widen it, so the size :math:`R`, the stride :math:`S`
    and the padding :math:`P` of :math:`L` layers are

    .. math:: R = 1 + \sum_{l=1}^{L} d_l (k_l - 1) j_l, \qquad S = \prod_{l=1}^{L} s_l, \qquad
              P = \sum_{l=1}^{L} p_l j_l,

    and output position :math:`i` sees no input pixels but those from :math:`i S - P` to
    :math:`i S - P + R - 1` [1]_. The first and the last of them are seen, unless some layer's window reaches
    into padding; in between, dilation or a stride larger than the kernel can leave pixels out.
    Derived in :ref:`receptive-field-formula`.

    References
    ----------
    .. [1] A. Araujo, W. Norris and J. Sim (2019), "Computing receptive fields of convolutional neural
       networks", Distill, `doi:10.23915/distill.00021 <https://doi.org/10.23915/distill.00021>`__.

    Examples
    --------
    >>> from hwlib.convnets import Conv2d, MaxPool2d, receptive_field
    >>> receptive_field([Conv2d(1, 5, padding=2), MaxPool2d(2), Conv2d(1, 5, padding=2)])
    ReceptiveField(size=14, stride=2, padding=6)
    """
    if isinstance(layers, _Network):
        return layers._receptive_field()
    height, width = _Field(), _Field()
    for position, layer in _enumerated(layers):
        if not isinstance(layer, _Sliding):
            raise ValueError(
                f"layer {position}, {layer!r}: what it sees depends on the size of the input; "
                "use summarize(layers, input_shape)"
            )
        down, across = layer._windows()
        height, width = height.through(down), width.through(across)
    return ReceptiveField(*(_joined(sizes) for sizes in zip(height, width, strict=True)))


def _enumerated(layers: object) -> Iterator[tuple[int, _Layer]]:
    """Yield the layers with their positions, counted from 1, and refuse what is not a layer."""
    if isinstance(layers, _Layer):
        raise TypeError(f"layers must be a sequence, got {layers!r} alone; put it in a list: [{layers!r}]")
    if isinstance(layers, (str, bytes)) or not isinstance(layers, Sequence):
        raise TypeError(f"layers must be a sequence, got {layers!r} of type {type(layers).__name__}")
    for position, layer in enumerate(layers, start=1):
        if isinstance(layer, type) and issubclass(layer, _Layer):
            raise TypeError(f"layer {position} must be a layer, got the class; write {layer.__name__}(...)")
        if not isinstance(layer, _Layer):
            raise TypeError(f"layer {position} must be a layer, got {layer!r} of type {type(layer).__name__}")
        yield position, layer


def _size(name: str, value: Any, *, minimum: int) -> Size:
    """Return `value`, an integer or a pair, as a Size whose entries are at least `minimum`."""
    if not isinstance(value, (tuple, list)):
        return whole_number(name, value, minimum=minimum)
    if len(value) != 2:
        raise ValueError(f"{name} must be an integer or a pair (height, width), got {value!r}")
    height, width = value
    return _joined(
        (
            whole_number(f"{name}'s height", height, minimum=minimum),
            whole_number(f"{name}'s width", width, minimum=minimum),
        )
    )


def _shape(name: str, value: Any, *, lengths: dict[int, str]) -> Shape:
    """Return `value` as a tuple of positive integers, as many as one of `lengths`."""
    wanted = f"{name} must be {' or '.join(lengths.values())}, got {value!r}"
    if not isinstance(value, (tuple, list)):
        raise TypeError(wanted)
    if len(value) not in lengths:
        raise ValueError(wanted)
    return tuple(whole_number(f"{name}[{axis}]", entry, minimum=1) for axis, entry in enumerate(value))


def _image(shape: Shape) -> Shape:
    """Return `shape` if it is an image's."""
    if len(shape) != 3:
        raise ValueError(
            f"it reads an image, got a vector of {shape[0]:,} values; "
            "put Unflatten((channels, height, width)) before it"
        )
    return shape


def _features(shape: Shape) -> int:
    """Return the length of a vector of `shape`."""
    if len(shape) != 1:
        raise ValueError(f"it reads a vector, got an image of {_times(shape)}; put Flatten() before it")
    return shape[0]


@lru_cache
def _windows(kernel: Size, stride: Size, padding: Size, dilation: Size) -> tuple[_Window, _Window]:
    """Return the windows along the height and along the width."""
    down, across = zip(*map(_pair, (kernel, stride, padding, dilation)), strict=True)
    return _Window(*down), _Window(*across)


def _pair(size: Size) -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else size


def _joined(sizes: Sequence[int]) -> Size:
    """Return one int for sizes that agree, else the pair."""
    return sizes[0] if sizes[0] == sizes[-1] else (sizes[0], sizes[-1])


def _size_text(size: "Stride | None") -> str:
    if size is None:
        return "-"
    if isinstance(size, tuple):
        return " x ".join(map(_size_text, size))
    return f"{size:,}" if isinstance(size, int) else f"{size}"


def _size_and_stride(view: _View) -> tuple[Size | None, Size | None]:
    if view is None:
        return None, None
    return _joined([field.size for field in view]), _joined([field.stride for field in view])


def _times(sizes: Iterable[int]) -> str:
    return " x ".join(f"{size:,}" for size in sizes)


def _aligned(cells: tuple[str, ...], widths: list[int]) -> str:
    """Return a line of the table: the first column to the left, the others to the right."""
    name, *numbers = cells
    right = [f"{cell:>{width}}" for cell, width in zip(numbers, widths[1:], strict=True)]
    return "  ".join([name.ljust(widths[0]), *right]).rstrip()


def _html_row(cells: tuple[str, ...]) -> str:
    name, *numbers = cells
    right = "".join(f'<td style="text-align: right">{cell}</td>' for cell in numbers)
    return f'<tr><th scope="row">{name}</th>{right}</tr>\n'
