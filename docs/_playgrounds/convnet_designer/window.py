"""The window of a layer along each axis, from the options that hwlib's layers have."""

from typing import NamedTuple


class Axis(NamedTuple):
    """A window's options along one axis."""

    kernel: int
    stride: int
    padding: int
    dilation: int


def axes_of(layer) -> tuple[Axis, Axis]:
    """The window along the height and along the width."""
    stride = layer.kernel_size if layer.stride is None else layer.stride
    options = layer.kernel_size, stride, layer.padding, getattr(layer, "dilation", 1)
    down, across = zip(*map(pair, options), strict=True)
    return Axis(*down), Axis(*across)


def pair(size: int | tuple[int, int]) -> tuple[int, int]:
    """The size along the height and along the width."""
    return (size, size) if isinstance(size, int) else size
