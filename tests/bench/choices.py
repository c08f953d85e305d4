"""What is lost by the way that `hwlib.convolution` chooses to make its sums, beside the fastest way.

The choice is made by the constants of ``hwlib/_sliding.py``. Run this in an environment of nox that has SciPy
after a change of them; a ratio below one says how much longer the choice took than the fastest way.
"""

from collections.abc import Iterator
from functools import partial

import numpy as np
from bench import line
from correlations import exact
from measuring import BEST, OURS, Target, Work, close, measure

from hwlib.convolution import correlate2d


def works(sides: tuple[int, ...] = (128, 512, 1024), kernels: tuple[int, ...] = (3, 7, 11)) -> Iterator[Work]:
    """Each image with each kernel, by the chosen way and by each way there is."""
    rng = np.random.default_rng(0)
    for side in sides:
        for k in kernels:
            image, kernel = rng.standard_normal((side, side)), rng.standard_normal((k, k))
            answers = {OURS: partial(partial, correlate2d, image, kernel)} | {
                way: partial(partial, correlate2d, image, kernel, method=way)
                for way in ("shifts", "products", "fft")
            }
            check = close(exact(image, kernel), 1e-12)
            yield Work("correlation", f"{side} × {side}, k = {k}", answers, check, (Target(BEST, 1 / 1.2),))


if __name__ == "__main__":
    for work in works():
        print(line(measure(work)), flush=True)
