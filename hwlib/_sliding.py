"""Ways to slide a kernel over a large image, and which of them is the fastest for it."""

import math
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from hwlib._arrays import Array
from hwlib._windows import Pair, Windows

_STRIP = 4  # windows down that a product with one band gives: more waste zeros, fewer waste calls
_STRETCH = 8  # the same to the right, where the matrices of a product are narrower
_BLOCK_BYTES = 2**18  # what is added up stays in a core's L2 cache
_TILE = 512  # windows each way in a transform: larger ones leave the caches
_LARGEST_EXACT = 2**53  # float64 holds all integers up to this

# Nanoseconds on one core. The choice is made by their ratios; tests/bench/choices.py says what it loses.
_SHIFT = 0.6  # for a window and an entry that is not zero: a product, and its addition
_MULTIPLY_ADD = 0.045  # in a product of matrices
_PASS = 0.3  # for a window: it is written and added
_TRANSFORM = 0.8  # for an entry and a halving: its transform, there, times the kernel's, and back
_FACTOR = 15_000  # for a pair of factors: it is found


class Factors(NamedTuple):
    """Columns and rows, of which the sum of the products is a kernel; one of each in a line."""

    columns: Array
    rows: Array


def factors(kernel: Array, most: int) -> Factors | None:
    """Return the factors of a kernel, or nothing if it needs more than so many, or they round too much.

    Each pair is the column and the row of the largest entry that is left, and no singular vector: a kernel of
    small integers has factors without rounding, and still does not see what it should not see.
    """
    columns: list[Array] = []
    rows: list[Array] = []
    left = kernel
    negligible = np.abs(kernel).max() * max(kernel.shape) * np.finfo(kernel.dtype).eps
    while (sizes := np.abs(left)).max() > negligible:
        if len(rows) == most:
            return None
        i, j = divmod(int(sizes.argmax()), kernel.shape[1])
        columns.append(left[:, j])
        rows.append(left[i] / left[i, j])
        left = left - np.outer(columns[-1], rows[-1])
    height, width = kernel.shape
    found = Factors(np.reshape(columns, (-1, height)), np.reshape(rows, (-1, width)))
    return found if _within_bound(found, kernel) else None


def slide(image: Array, kernel: Array, windows: Windows, method: str) -> Array | None:
    """Return the result by a method or by the fastest one, or nothing where shifts are the fastest.

    Raise ValueError where the method would not keep what is promised of the result.
    """
    pairs = None
    if method == "auto":
        method, pairs = _fastest(image, kernel, windows)
    else:
        reason = _refusal(method, image, kernel)
        if method == "separable" and not reason:
            pairs = factors(kernel, min(kernel.shape))
            reason = "" if pairs else "the factors of this kernel round too much"
        if reason:
            raise ValueError(f"method must be one that keeps its promise here, got {method!r}: {reason}")
    if pairs:
        return _by_passes(image, pairs, windows)
    ways = {"products": _by_products, "fft": _by_transforms}
    return ways[method](image, kernel, windows) if method in ways else None


def _fastest(image: Array, kernel: Array, windows: Windows) -> tuple[str, Factors | None]:
    """Name the way of the smallest cost among those that keep what is promised, with its factors."""
    costs = _costs(kernel, windows)
    for_one_pair = costs.pop("separable")
    in_order = sorted(costs, key=costs.__getitem__)
    method = next(method for method in in_order if not _refusal(method, image, kernel))
    pay = int(costs[method] / for_one_pair)
    if pay and not _refusal_of_type(image):
        pairs = factors(kernel, pay)
        if pairs and not _refusal("separable", image, kernel):
            return "separable", pairs
    return method, None


def _costs(kernel: Array, windows: Windows) -> dict[str, float]:
    """Nanoseconds of each way; those of "separable" are for one pair of factors."""
    (height, width), (down, right), (below, beside) = kernel.shape, windows.stride, windows.dilation
    rows, columns = windows.output
    across = _MULTIPLY_ADD * _reach(_STRIP, down, height, below) + _PASS
    along = _MULTIPLY_ADD * _reach(_STRETCH, right, width, beside) + _PASS
    tiles, shape = _tiles(kernel, windows)
    entries = math.prod(shape)
    return {
        "shifts": _SHIFT * np.count_nonzero(kernel) * rows * columns,
        "products": across * width * rows * columns,
        "separable": (across * rows + along * windows.padded[0]) * columns + _FACTOR,
        "fft": _TRANSFORM * math.prod(tiles) * entries * math.log2(entries),
    }


def _refusal(method: str, image: Array, kernel: Array) -> str:
    """Say why a way would not keep what is promised of the result; nothing if it would."""
    if method == "shifts":
        return ""
    if method == "products" and image.dtype.kind == "i":
        exact = _largest_sum(image, kernel) <= _LARGEST_EXACT
        return "" if exact else "sums of these integers could be more than float64 holds exactly"
    if method == "products":
        return _refusal_of_type(image)
    if reason := _refusal_of_type(image):
        return reason
    # a transform adds up the whole image
    within = image.size * _largest_sum(image, kernel) < np.finfo(image.dtype).max / 16
    return "" if within else f"what comes on the way to the result could leave {image.dtype}"


def _refusal_of_type(image: Array) -> str:
    return "" if image.dtype in (np.float32, np.float64) else f"it is not for sums in {image.dtype}"


def _largest_sum(image: Array, kernel: Array) -> float:
    """Bound of all sums and of their parts."""
    peak = max(image.max().item(), -image.min().item(), 1)
    if kernel.dtype.kind == "i":
        total = sum(map(abs, kernel.ravel().tolist()))
    else:
        total = kernel.size * np.abs(kernel).max().item()
    return peak * max(total, 1)  # type: ignore[no-any-return]  # exact for integers


def _within_bound(pairs: Factors, kernel: Array) -> bool:
    """Whether what the factors leave out and what their passes round is less than 4 k l eps sum |K|."""
    epsilon = np.finfo(kernel.dtype).eps
    left_out = np.abs(kernel - pairs.columns.T @ pairs.rows).sum()
    sizes = np.abs(pairs.columns).sum(axis=1) @ np.abs(pairs.rows).sum(axis=1)
    rounded = epsilon * (sum(kernel.shape) + len(pairs.rows)) * sizes
    return bool(left_out + rounded <= 4 * kernel.size * epsilon * np.abs(kernel).sum())


def _by_products(image: Array, kernel: Array, windows: Windows) -> Array:
    """Multiply strips of the image by a banded matrix for each column of the kernel, and add."""
    if image.dtype.kind == "i":
        return _by_products(image.astype(np.float64), kernel.astype(np.float64), windows).astype(np.int64)
    (down, right), (below, beside), columns = windows.stride, windows.dilation, windows.output[1]
    bands = [_band(weights, _STRIP, down, below).T for weights in kernel.T]
    starts = [divmod(beside * b, right) for b in range(len(bands))]
    padded = _padded_for_strips(image, len(kernel), windows)
    strips = {  # of every so many columns, for BLAS wants those of a product side by side
        phase: _strips(np.ascontiguousarray(padded[:, phase::right]), bands[0].shape[1], windows)
        for phase in {phase for _, phase in starts}
    }
    result = np.empty((-(-windows.output[0] // _STRIP), _STRIP, columns), image.dtype)
    height = max(1, _BLOCK_BYTES // result[0].nbytes)
    scratch = np.empty_like(result[:height])
    for first in range(0, len(result), height):
        block = result[first : first + height]
        for number, (band, (left, phase)) in enumerate(zip(bands, starts, strict=True)):
            read = strips[phase][first : first + height, :, left : left + columns]
            sums = np.matmul(band, read, out=scratch[: len(block)] if number else block)
            if number:
                block += sums
    return result.reshape(-1, columns)[: windows.output[0]]


def _by_passes(image: Array, pairs: Factors, windows: Windows) -> Array:
    """Pass along the rows and then along the columns, for each pair of factors, and add."""
    (down, right), (below, beside), columns = windows.stride, windows.dilation, windows.output[1]
    padded = _padded_for_strips(image, pairs.columns.shape[1], windows)
    stretches = -(-columns // _STRETCH)
    width = _reach(stretches * _STRETCH, right, pairs.rows.shape[1], beside)
    padded = np.pad(padded, ((0, 0), (0, max(0, width - padded.shape[1]))))
    passed = np.empty((len(padded), stretches, _STRETCH), image.dtype)
    result = np.zeros((-(-windows.output[0] // _STRIP), _STRIP, columns), image.dtype)
    for column, row in zip(*pairs, strict=True):
        along = _band(row, _STRETCH, right, beside)
        read = sliding_window_view(padded, len(along), axis=1)[:, :: _STRETCH * right][:, :stretches]
        np.matmul(read.swapaxes(0, 1), along, out=passed.swapaxes(0, 1))
        across = _band(column, _STRIP, down, below).T
        result += across @ _strips(passed.reshape(len(padded), -1)[:, :columns], across.shape[1], windows)
    return result.reshape(-1, columns)[: windows.output[0]]


def _by_transforms(image: Array, kernel: Array, windows: Windows) -> Array:
    """Multiply the transform of each tile of the image by that of the kernel."""
    padded, (down, right), (below, beside) = windows.pad(image), windows.stride, windows.dilation
    (tiles_down, tiles_right), shape = _tiles(kernel, windows)
    spread = np.zeros((_reach(1, 1, len(kernel), below), _reach(1, 1, kernel.shape[1], beside)), kernel.dtype)
    spread[::below, ::beside] = kernel
    by_frequency = np.conj(np.fft.rfft2(spread, shape))
    result = np.empty(windows.output, image.dtype)
    height, width = -(-result.shape[0] // tiles_down), -(-result.shape[1] // tiles_right)
    for i in range(0, result.shape[0], height):
        for j in range(0, result.shape[1], width):
            tile = result[i : i + height, j : j + width]
            read = padded[i * down :, j * right :][: shape[0], : shape[1]]
            sums = np.fft.irfft2(np.fft.rfft2(read, shape) * by_frequency, shape)
            tile[:] = sums[::down, ::right][: tile.shape[0], : tile.shape[1]]
    return result


def _reach(outputs: int, step: int, length: int, spacing: int) -> int:
    """How many entries of a line so many windows cover."""
    return (outputs - 1) * step + (length - 1) * spacing + 1


def _band(weights: Array, outputs: int, step: int, spacing: int) -> Array:
    """Matrix by which a line is multiplied so that each column gives the sum of one window."""
    band = np.zeros((_reach(outputs, step, len(weights), spacing), outputs), weights.dtype)
    for window in range(outputs):
        band[window * step : window * step + (len(weights) - 1) * spacing + 1 : spacing, window] = weights
    return band


def _padded_for_strips(image: Array, length: int, windows: Windows) -> Array:
    """Return the image with its zeros, and more below for the last strip."""
    outputs = -(-windows.output[0] // _STRIP) * _STRIP
    height = _reach(outputs, windows.stride[0], length, windows.dilation[0])
    return windows._replace(padded=(max(windows.padded[0], height), windows.padded[1])).pad(image)


def _strips(lines: Array, reach: int, windows: Windows) -> Array:
    """Overlapping strips of rows, each for the windows of one product."""
    strips = sliding_window_view(lines, reach, axis=0)[:: _STRIP * windows.stride[0]]
    return strips[: -(-windows.output[0] // _STRIP)].swapaxes(1, 2)


def _tiles(kernel: Array, windows: Windows) -> tuple[Pair, Pair]:
    """How many tiles there are each way, and how many entries each way are transformed of one."""
    counts, lengths = [], []
    for axis in (0, 1):
        tiles = -(-windows.output[axis] // _TILE)
        outputs = -(-windows.output[axis] // tiles)
        reach = _reach(outputs, windows.stride[axis], kernel.shape[axis], windows.dilation[axis])
        counts.append(tiles)
        lengths.append(_fast_length(reach))
    return (counts[0], counts[1]), (lengths[0], lengths[1])


def _fast_length(least: int) -> int:
    """Return the next length without prime factors above 5, which are slow to transform."""
    return next(length for length in range(least, 2 * least + 1) if 30**64 % length == 0)
