"""Measure the constants by which `hwlib.convolution` chooses how to make its sums.

Each way is timed on images and kernels of several sizes, and its constant is the median of the time divided
by what the model counts. Run it in any environment of nox; what it prints is for ``hwlib/_sliding.py``.
"""

import statistics
import time

import numpy as np

from hwlib import _sliding
from hwlib.convolution import correlate2d

SIZES = [(side, k) for side in (256, 512, 1024) for k in (3, 5, 7, 11, 15)]


def nanoseconds(function) -> float:
    """The shortest of some times."""
    seconds = []
    for _ in range(7):
        begun = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - begun)
    return 1e9 * min(seconds[1:])


def constants() -> dict[str, float]:
    """Nanoseconds that fit what was measured."""
    found = [measured(side, k) for side, k in SIZES]
    reaches = [[_sliding._reach(_sliding._STRIP, 1, k, 1), 1] for _, k in SIZES]
    times = [one["products"] for one in found]
    (multiply_add, written), *_ = np.linalg.lstsq(np.array(reaches), np.array(times), rcond=None)
    fitted = {"_MULTIPLY_ADD": float(multiply_add), "_PASS": float(written)}
    others = {"_SHIFT": "shifts", "_TRANSFORM": "fft", "_FACTOR": "factors"}
    return fitted | {name: statistics.median(one[key] for one in found) for name, key in others.items()}


def measured(side: int, k: int) -> dict[str, float]:
    """Nanoseconds for each thing that the model counts, at one size."""
    rng = np.random.default_rng(0)
    image, kernel = rng.standard_normal((side, side)), rng.standard_normal((k, k))
    entries = _sliding._fast_length(min(side, _sliding._TILE) + k - 1) ** 2
    counted = {
        "shifts": side**2 * k**2,
        "products": side**2 * k,
        "fft": (-(-side // _sliding._TILE)) ** 2 * entries * np.log2(entries),
    }
    times = {way: nanoseconds(lambda way=way: correlate2d(image, kernel, method=way)) for way in counted}
    ratios = {way: float(times[way] / count) for way, count in counted.items()}
    return ratios | {"factors": nanoseconds(lambda: _sliding.factors(kernel, k)) / k}


if __name__ == "__main__":
    for name, value in constants().items():
        print(f"{name} = {value:.2g}  # now {getattr(_sliding, name)}")
