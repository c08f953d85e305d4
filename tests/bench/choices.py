"""What is lost by the way that `hwlib.convolution` chooses to make its sums, beside the fastest way.

The choice is made by the constants of ``hwlib/_sliding.py``. Run this in any environment of nox after a
change of them: all ways are timed in turn on images and kernels of several sizes, the chosen one among them.
"""

import math
import time
from collections.abc import Callable

import numpy as np

from hwlib.convolution import correlate2d

WAYS = ("shifts", "products", "fft", "auto")
ROUNDS = 15


def main() -> None:
    """Print the times of all sizes, and the most that is lost."""
    most = 0.0
    for side in (128, 512, 1024):
        for k in (3, 7, 11, 31):
            times = milliseconds(side, k)
            lost = times["auto"] / min(times[way] for way in WAYS if way != "auto")
            most = max(most, lost)
            said = ", ".join(f"{way} {times[way]:.3g} ms" for way in WAYS)
            print(f"{side} x {side}, k = {k}: {said}; auto takes {lost:.2f} times the fastest")
    print(f"at most {most:.2f} times")


def milliseconds(side: int, k: int, clock: Callable[[], float] = time.perf_counter) -> dict[str, float]:
    """The shortest time of each way, round by round, so that what else the machine does falls on all."""
    rng = np.random.default_rng(0)
    image, kernel = rng.standard_normal((side, side)), rng.standard_normal((k, k))
    times = dict.fromkeys(WAYS, math.inf)
    for _ in range(ROUNDS):
        for way in WAYS:
            begun = clock()
            correlate2d(image, kernel, method=way)
            times[way] = min(times[way], 1000 * (clock() - begun))
    return times


if __name__ == "__main__":
    main()
