"""Layers that graphs need besides those of a chain: joins, transposed ones, and what keeps shapes."""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hwlib._options import flag, settle, whole_number
from hwlib.convnets import MaxPool2d, Shape, Size, _image, _Layer, _pair, _size, _times, _Window, _windows


@dataclass(frozen=True, slots=True, repr=False)
class Join(_Layer, ABC):
    """A layer that makes one value of several."""

    @abstractmethod
    def _joined_shape(self, shapes: Sequence[Shape]) -> Shape:
        """Return the output's shape, or raise ValueError if the inputs do not go together."""

    def _output_shape(self, shape: Shape) -> Shape:
        return self._joined_shape([shape])


@dataclass(frozen=True, slots=True, repr=False)
class Add(Join):
    """Join that adds values, place by place and channel by channel.

    See Also
    --------
    Concatenate : Keeps the channels of each.

    Notes
    -----
    Derived in :ref:`fields-of-joins`.

    Examples
    --------
    >>> from hwlib.convnets import Conv2d, receptive_field
    >>> from hwlib.network_graphs import Add, Parallel, series
    >>> receptive_field(series([Parallel([[Conv2d(1, 3, padding=1)], []], Add())])).size
    3
    """

    def _joined_shape(self, shapes: Sequence[Shape]) -> Shape:
        if len(set(shapes)) > 1:
            raise ValueError(f"it adds values of one shape, got {' and '.join(map(_times, shapes))}")
        return shapes[0]


@dataclass(frozen=True, slots=True, repr=False)
class Concatenate(Join):
    """Join that puts the channels of its inputs behind each other.

    See Also
    --------
    Add : Makes one channel of those that have the same place in their order.

    Notes
    -----
    The values stay the same neurons, so the layer adds none.
    Derived in :ref:`fields-of-joins`.

    Examples
    --------
    >>> from hwlib.convnets import Conv2d, summarize
    >>> from hwlib.network_graphs import Concatenate, Parallel, series
    >>> graph = series([Parallel([[Conv2d(4, 1)], [Conv2d(2, 3, padding=1)]], Concatenate())])
    >>> summarize(graph, (3, 8, 8)).rows[-1].output_shape
    (6, 8, 8)
    """

    def _joined_shape(self, shapes: Sequence[Shape]) -> Shape:
        if len({shape[1:] for shape in shapes}) > 1:
            raise ValueError(f"it joins channels of one size, got {' and '.join(map(_times, shapes))}")
        return sum(shape[0] for shape in shapes), *shapes[0][1:]

    def _neurons(self, shape: Shape) -> int:
        return 0


@dataclass(frozen=True, slots=True, repr=False)
class Spreading(_Layer, ABC):
    """A layer whose input is spread out: each of its positions writes a window of the output."""

    @abstractmethod
    def _windows(self) -> tuple[_Window, _Window]:
        """Return the window that a position writes, along the height and along the width."""


@dataclass(frozen=True, slots=True, repr=False)
class ConvTranspose2d(Spreading):
    r"""Transposed convolution: each input value spreads over a window of the output.

    Parameters
    ----------
    out_channels : int
        Number of channels of the output.
    kernel_size : int or (int, int)
        Height and width of the kernel.
    stride : int or (int, int), default 1
        Step between the windows of neighbouring inputs, in pixels of the layer's output.
    padding : int or (int, int), default 0
        Rows and columns of the output that are cut off on each side.
    output_padding : int or (int, int), default 0
        Rows and columns that are added to the output below and on the right.
    groups : int, default 1
        Number of groups of channels that are convolved apart. It divides the channels in and out.
    bias : bool, default True
        Whether each output channel has a bias.
    dilation : int or (int, int), default 1
        Distance between neighbouring entries of the kernel, in pixels of the layer's output.

    Raises
    ------
    TypeError
        If a size is neither an integer nor a pair of integers, or `bias` is not a bool.
    ValueError
        If an option is too small, or `groups` does not divide `out_channels`.

    See Also
    --------
    Upsample : Without weights.

    Notes
    -----
    Along an axis of :math:`n` places, a kernel of size :math:`k` with stride :math:`s`, padding :math:`p` and
    dilation :math:`d` gives :math:`(n - 1) s - 2p + d(k - 1) + 1` outputs, and those of the output padding.
    The order of the options and their names are those of PyTorch. Derived in :ref:`transposed-layers`.

    Examples
    --------
    >>> from hwlib.convnets import summarize
    >>> from hwlib.network_graphs import ConvTranspose2d, series
    >>> summarize(series([ConvTranspose2d(8, 2, stride=2)]), (16, 7, 7)).rows[-1].output_shape
    (8, 14, 14)
    """

    out_channels: int
    kernel_size: Size
    stride: Size = 1
    padding: Size = 0
    output_padding: Size = 0
    groups: int = 1
    bias: bool = True
    dilation: Size = 1

    def __post_init__(self) -> None:
        settle(self, "out_channels", whole_number, minimum=1)
        settle(self, "kernel_size", _size, minimum=1)
        settle(self, "stride", _size, minimum=1)
        settle(self, "padding", _size, minimum=0)
        settle(self, "output_padding", _size, minimum=0)
        settle(self, "groups", whole_number, minimum=1)
        settle(self, "bias", flag)
        settle(self, "dilation", _size, minimum=1)
        if self.out_channels % self.groups:
            raise ValueError(
                f"groups must divide out_channels, got groups={self.groups}, out_channels={self.out_channels}"
            )

    def _windows(self) -> tuple[_Window, _Window]:
        return _windows(self.kernel_size, self.stride, self.padding, self.dilation)

    def _output_shape(self, shape: Shape) -> Shape:
        channels, *lengths = _image(shape)
        if channels % self.groups:
            raise ValueError(f"groups={self.groups} does not divide the {channels} channels of its input")
        axes = zip(self._windows(), lengths, _pair(self.output_padding), strict=True)
        sizes = [
            (n - 1) * window.stride - 2 * window.padding + window.reach + more for window, n, more in axes
        ]
        if min(sizes) < 1:
            raise ValueError(f"its padding cuts off all of its output, which would be {_times(sizes)}")
        return self.out_channels, *sizes

    def _parameters(self, shape: Shape) -> int:
        weights = shape[0] * self.out_channels // self.groups * math.prod(_pair(self.kernel_size))
        return weights + self.out_channels * self.bias

    def _multiply_adds(self, shape: Shape) -> int:
        return math.prod(shape) * self.out_channels // self.groups * math.prod(_pair(self.kernel_size))


@dataclass(frozen=True, slots=True, repr=False)
class Upsample(Spreading):
    """Layer that repeats each value along height and width: the nearest neighbour's.

    Parameters
    ----------
    scale_factor : int or (int, int)
        How often a value is repeated along the height and along the width.

    Raises
    ------
    TypeError
        If `scale_factor` is neither an integer nor a pair of integers.
    ValueError
        If `scale_factor` is less than 1.

    See Also
    --------
    ConvTranspose2d : With weights.

    Notes
    -----
    Derived in :ref:`fields-of-joins`.

    Examples
    --------
    >>> from hwlib.convnets import summarize
    >>> from hwlib.network_graphs import Upsample, series
    >>> summarize(series([Upsample(2)]), (16, 7, 7)).rows[-1].output_shape
    (16, 14, 14)
    """

    scale_factor: Size

    def __post_init__(self) -> None:
        settle(self, "scale_factor", _size, minimum=1)

    def _windows(self) -> tuple[_Window, _Window]:
        return _windows(self.scale_factor, self.scale_factor, 0, 1)

    def _output_shape(self, shape: Shape) -> Shape:
        channels, height, width = _image(shape)
        down, across = _pair(self.scale_factor)
        return channels, height * down, width * across


@dataclass(frozen=True, slots=True, repr=False)
class ZeroPad2d(_Layer):
    """Layer that adds rows and columns of zeros, on each side as many as it is told.

    Parameters
    ----------
    left, right, top, bottom : int, default 0
        How many columns or rows are added on that side.

    Raises
    ------
    TypeError
        If one of them is not an integer.
    ValueError
        If one of them is less than 0.

    See Also
    --------
    hwlib.convnets.Conv2d : Pads both sides alike.

    Notes
    -----
    The zeros are no neurons. The order is that of PyTorch's `ZeroPad2d`. TensorFlow's "same" pads an even
    image so before a layer with stride 2 whose kernel has an odd size, larger than one: one zero less on the
    left than on the right.
    Derived in :ref:`fields-of-joins`.

    Examples
    --------
    >>> from hwlib.convnets import Conv2d, receptive_field
    >>> from hwlib.network_graphs import ZeroPad2d, series
    >>> receptive_field(series([ZeroPad2d(right=1, bottom=1), Conv2d(1, 3, stride=2)])).padding
    0
    """

    left: int = 0
    right: int = 0
    top: int = 0
    bottom: int = 0

    def __post_init__(self) -> None:
        for side in ("left", "right", "top", "bottom"):
            settle(self, side, whole_number, minimum=0)

    def _output_shape(self, shape: Shape) -> Shape:
        channels, height, width = _image(shape)
        return channels, self.top + height + self.bottom, self.left + width + self.right

    def _neurons(self, shape: Shape) -> int:
        return 0


@dataclass(frozen=True, slots=True, repr=False)
class CeilMaxPool2d(MaxPool2d):
    """Pooling layer that rounds its output's size up: the last window may reach beyond the image.

    Parameters
    ----------
    kernel_size : int or (int, int)
        Height and width of the window.
    stride : int or (int, int), optional
        Step between neighbouring windows. None, the default, is `kernel_size`: windows side by side.
    padding : int or (int, int), default 0
        Rows and columns added on each side, at most half of `kernel_size`.

    Raises
    ------
    TypeError
        If a size is neither an integer nor a pair of integers.
    ValueError
        If a size is too small, or `padding` is more than half of `kernel_size`.

    See Also
    --------
    hwlib.convnets.MaxPool2d : Rounds down.

    Notes
    -----
    This is PyTorch's `MaxPool2d` with `ceil_mode=True`: a window that would begin in the padding on the right
    or below is left out. Derived in :ref:`fields-of-joins`.

    Examples
    --------
    >>> from hwlib.convnets import summarize
    >>> from hwlib.network_graphs import CeilMaxPool2d, series
    >>> summarize(series([CeilMaxPool2d(2)]), (1, 33, 32)).rows[-1].output_shape
    (1, 17, 16)
    """

    def _output_shape(self, shape: Shape) -> Shape:
        channels, *lengths = _image(shape)
        return channels, *(
            _rounded_up(window, length) for window, length in zip(self._windows(), lengths, strict=True)
        )


def _rounded_up(window: _Window, length: int) -> int:
    """Return how many windows begin in the image or in the padding before it, if they cover it."""
    count = -(-max(window.padded(length) - window.reach, 0) // window.stride) + 1
    return count - ((count - 1) * window.stride >= length + window.padding)


@dataclass(frozen=True, slots=True, repr=False)
class GlobalAvgPool2d(_Layer):
    """Pooling layer that takes the mean over all places, in each channel.

    See Also
    --------
    hwlib.convnets.AvgPool2d : The mean of each window.

    Notes
    -----
    A neuron behind it counts as seeing the whole input. PyTorch says `AdaptiveAvgPool2d(1)`.
    Derived in :ref:`fields-of-joins`.

    Examples
    --------
    >>> from hwlib.convnets import summarize
    >>> from hwlib.network_graphs import GlobalAvgPool2d, series
    >>> summarize(series([GlobalAvgPool2d()]), (64, 7, 7)).rows[-1].output_shape
    (64, 1, 1)
    """

    def _output_shape(self, shape: Shape) -> Shape:
        return _image(shape)[0], 1, 1


@dataclass(frozen=True, slots=True, repr=False)
class BatchNorm2d(_Layer):
    """Batch normalization, which scales and shifts each channel.

    Parameters
    ----------
    affine : bool, default True
        Whether each channel has a scale and a shift that are learnt.

    Raises
    ------
    TypeError
        If `affine` is not a bool.

    See Also
    --------
    Pointwise : Without parameters.

    Notes
    -----
    It changes values in place, so it adds no neurons; its multiplications are not counted, for they can be
    put into the layer before it. Derived in :ref:`fields-of-joins`.

    Examples
    --------
    >>> from hwlib.convnets import summarize
    >>> from hwlib.network_graphs import BatchNorm2d, series
    >>> summarize(series([BatchNorm2d()]), (64, 7, 7)).parameters
    128
    """

    affine: bool = True

    def __post_init__(self) -> None:
        settle(self, "affine", flag)

    def _output_shape(self, shape: Shape) -> Shape:
        return _image(shape)

    def _neurons(self, shape: Shape) -> int:
        return 0

    def _parameters(self, shape: Shape) -> int:
        return 2 * shape[0] * self.affine


@dataclass(frozen=True, slots=True, repr=False)
class Pointwise(_Layer):
    """Any function that acts at each place alone and has no parameters.

    Parameters
    ----------
    name : str
        What it is called, such as "relu" or "dropout".

    Raises
    ------
    TypeError
        If `name` is not a string.

    See Also
    --------
    BatchNorm2d : With parameters.

    Notes
    -----
    It changes values in place, so it adds no neurons. Derived in :ref:`fields-of-joins`.

    Examples
    --------
    >>> from hwlib.convnets import receptive_field
    >>> from hwlib.network_graphs import Pointwise, series
    >>> receptive_field(series([Pointwise("relu")])).size
    1
    """

    name: str

    def __post_init__(self) -> None:
        settle(self, "name", _name)

    def _output_shape(self, shape: Shape) -> Shape:
        return shape

    def _neurons(self, shape: Shape) -> int:
        return 0


def _name(name: str, value: Any) -> str:
    """Return `value` if it is a string."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a string, got {value!r} of type {type(value).__name__}")
    return value
