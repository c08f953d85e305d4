"""Where the windows of a kernel lie on an image, and the type in which their products are summed."""

from typing import Any, Literal, NamedTuple

import numpy as np

from hwlib._arrays import Array, real_array
from hwlib._options import choice, whole_number

Padding = Literal["same", "valid", "full"] | int | tuple[int, int]
Pair = tuple[int, int]
_INT64_MAX = 2**63 - 1


def operands(image_name: str, image: Any, kernel_name: str, kernel: Any) -> tuple[Array, Array]:
    """Return image and kernel as checked matrices of the type in which their products are summed."""
    image, kernel = matrix(image_name, image), matrix(kernel_name, kernel)
    if image.dtype.kind == "f":
        dtype = image.dtype.newbyteorder("=")
    elif kernel.dtype.kind == "f":
        dtype = np.result_type(image.dtype, kernel.dtype)
    else:
        _refuse_overflow(image_name, image, kernel_name, kernel)
        dtype = np.dtype(np.int64)
    with np.errstate(over="ignore"):
        weights = kernel.astype(dtype)
    if dtype.kind == "f" and not np.isfinite(weights).all():
        largest = np.abs(kernel).max()
        raise ValueError(f"{kernel_name} must fit into {dtype}, got an entry of magnitude {largest:g}")
    return image.astype(dtype, copy=False), weights


def matrix(name: str, value: Any) -> Array:
    """Return `value` as a NumPy array of two dimensions."""
    return numpy_array(name, value, ndim=2)


def numpy_array(name: str, value: Any, *, ndim: int) -> Array:
    """Return `value` as a NumPy array of so many dimensions."""
    entries = real_array(name, value, ndim=ndim)
    if not isinstance(entries, np.ndarray):
        raise TypeError(f"{name} must be a NumPy array or a list of rows, got {type(value).__name__}")
    return entries


def _refuse_overflow(image_name: str, image: Array, kernel_name: str, kernel: Array) -> None:
    """Raise if a sum of products of these integers could leave int64."""
    peak = max(abs(int(image.min())), abs(int(image.max())))
    total = sum(abs(int(weight)) for weight in kernel.ravel().tolist())
    if max(peak, total, peak * total) > _INT64_MAX:
        raise ValueError(
            f"{image_name} and {kernel_name} must be small enough for sums in int64, got "
            f"max |{image_name}| = {peak} and sum |{kernel_name}| = {total}; "
            f"pass an {image_name} of floats for a rounded result"
        )


def pair(name: str, value: Any, *, minimum: int) -> Pair:
    """Return an integer, or a pair (height, width) of them, as a pair."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    entries = tuple(value) if isinstance(value, (tuple, list)) else (value, value)
    if len(entries) != 2:
        raise ValueError(f"{name} must be an integer or a pair (height, width), got {value!r}")
    height, width = (whole_number(name, entry, minimum=minimum) for entry in entries)
    return height, width


def _zeros_around(padding: Any, extent: Pair, odd_zero: Literal["before", "after"]) -> tuple[Pair, Pair]:
    """Return how many zeros precede and follow the image, as two pairs."""
    if not isinstance(padding, str):
        around = pair("padding", padding, minimum=0)
        return around, around
    mode = choice("padding", padding, ["same", "valid", "full"])
    if mode == "valid":
        return (0, 0), (0, 0)
    height, width = extent[0] - 1, extent[1] - 1
    if mode == "full":
        return (height, width), (height, width)
    fewer, more = (height // 2, width // 2), (height - height // 2, width - width // 2)
    return (fewer, more) if odd_zero == "after" else (more, fewer)


class Windows(NamedTuple):
    """Where the windows of a kernel lie on an image with zeros around it."""

    image: Pair
    before: Pair  # zeros before the first row and column
    padded: Pair  # rows and columns, zeros included
    stride: Pair
    dilation: Pair
    output: Pair  # windows down and to the right

    def inside(self, padded: Array) -> Array:
        """Return the part of a padded image that is the image."""
        (top, left), (height, width) = self.before, self.image
        return padded[top : top + height, left : left + width]

    def pad(self, image: Array) -> Array:
        """Return the image with its zeros."""
        padded = np.zeros(self.padded, image.dtype)
        self.inside(padded)[:] = image
        return padded

    def read(self, padded: Array, a: int, b: int, first: int = 0, rows: int | None = None) -> Array:
        """Return what entry (a, b) of the kernel lies on, in some rows of windows or in all of them."""
        (down, right), (count, columns) = self.stride, self.output
        rows = count if rows is None else rows
        i, j = first * down + a * self.dilation[0], b * self.dilation[1]
        return padded[i : i + rows * down : down, j : j + columns * right : right]


def windows_on(
    image_shape: Any,
    kernel_shape: Pair,
    padding: Any,
    stride: Any,
    dilation: Any,
    *,
    odd_zero: Literal["before", "after"] = "after",
) -> Windows:
    """Return where windows lie, or raise if there is none."""
    steps, dilations = pair("stride", stride, minimum=1), pair("dilation", dilation, minimum=1)
    extent = (kernel_shape[0] - 1) * dilations[0] + 1, (kernel_shape[1] - 1) * dilations[1] + 1
    before, after = _zeros_around(padding, extent, odd_zero)
    size = before[0] + image_shape[0] + after[0], before[1] + image_shape[1] + after[1]
    if extent[0] > size[0] or extent[1] > size[1]:
        raise ValueError(
            f"kernel of shape {tuple(kernel_shape)} covers {extent[0]} x {extent[1]} entries at dilation "
            f"{dilations}, more than the image of shape {tuple(image_shape)}, "
            f"which is {size[0]} x {size[1]} with padding {padding!r}"
        )
    output = (size[0] - extent[0]) // steps[0] + 1, (size[1] - extent[1]) // steps[1] + 1
    return Windows(image_shape, before, size, steps, dilations, output)
