"""How time and memory grow over two decades of a size: exponents that fit, beside those of the theory."""

import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from measuring import shortened

from hwlib.convolution import correlate2d
from hwlib.hypergradients import learning_rate_gradient
from hwlib.learning_rates import optimal_learning_rate
from hwlib.least_squares import minimum_norm_solution

SIZES = 7
ROUNDS = 5


@dataclass(frozen=True)
class Growth:
    """A function of a size: what is made ready for it returns what is measured. The theory is exponents.

    A memory that is no power of the size, such as that of an image and a border around it, has none.
    """

    work: str
    variable: str
    smallest: int
    time: float
    memory: float | None
    make_ready: Callable[[int], Callable[[], Any]]

    def sizes(self, decades: float = 2.0) -> list[int]:
        """Sizes equally far apart on a logarithmic scale."""
        return [round(self.smallest * 10 ** (decades * place / (SIZES - 1))) for place in range(SIZES)]


def growths() -> Iterator[Growth]:
    """One size grows, the others stay."""
    rng = np.random.default_rng(5)

    def data(n, d):
        return rng.standard_normal((n, d)), rng.standard_normal(n), rng.standard_normal(d)

    def best_rate(n, d):
        X, t, w = data(n, d)
        return lambda: optimal_learning_rate(X, t, w)

    def solution(n, d):
        X, t, _ = data(n, d)
        return lambda: minimum_norm_solution(X, t)

    def hypergradient(steps, method):
        X, t, w = data(50, 20)
        return lambda: learning_rate_gradient(X, t, w, 0.01, steps, method=method)

    def correlation(side, k, **options):
        image, kernel = rng.standard_normal((side, side)), rng.standard_normal((k, k))
        return lambda: correlate2d(image, kernel, **options)

    def inside(k):
        return correlation(256, k, method="fft", padding="valid")

    def around(k):
        return correlation(64, k, method="shifts", padding="same")

    yield Growth("best learning rate, d = 500", "n", 200, 1, 1, lambda n: best_rate(n, 500))
    yield Growth("best learning rate, n = 500", "d", 200, 1, 1, lambda d: best_rate(500, d))
    yield Growth("solution of minimum norm, n = 30", "d", 1000, 1, 1, lambda d: solution(30, d))
    yield Growth("solution of minimum norm, d = 2000", "n", 8, 2, 1, lambda n: solution(n, 2000))
    for method, memory in (("reverse", 1), ("checkpoint", 0.5), ("forward", 0)):
        make_ready = partial(hypergradient, method=method)
        yield Growth(f"gradient through training, {method}", "t", 100, 1, memory, make_ready)
    yield Growth("correlation, k = 7", "n, the side", 64, 2, 2, lambda side: correlation(side, 7))
    yield Growth("correlation by fft, n = 256, valid", "k", 2, 0, 0, inside)
    yield Growth("correlation by shifts, n = 64, same", "k", 2, 2, None, around)


def measure_growth(
    growth: Growth, *, decades: float = 2.0, clock: Callable[[], float] = time.perf_counter
) -> dict[str, Any]:
    """Time all sizes in turn, look at their memory, and fit exponents to the shortest times and the peaks."""
    sizes = growth.sizes(decades)
    answers = [growth.make_ready(size) for size in sizes]
    seconds = [np.inf] * len(sizes)
    for _ in range(ROUNDS + 1):  # the first is to warm up, and is no shorter than others
        for place, answer in enumerate(answers):
            begun = clock()
            answer()
            seconds[place] = min(seconds[place], clock() - begun)
    peaks = list(map(peak_bytes, answers))
    return {
        "work": growth.work,
        "variable": growth.variable,
        "sizes": sizes,
        "seconds": [shortened(one) for one in seconds],
        "bytes": peaks,
        "time": fitted(sizes, seconds) | {"theory": growth.time},
        "memory": fitted(sizes, peaks) | {"theory": growth.memory},
    }


def peak_bytes(answer: Callable[[], Any]) -> int:
    """The most that Python and NumPy hold at a time for an answer, without what was there before."""
    tracemalloc.start()
    try:
        answer()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def fitted(sizes: list[int], measured: Sequence[float]) -> dict[str, float]:
    """Exponent of a power law by least squares of logarithms, and half the width of its interval of 95 %."""
    from scipy.stats import linregress, t  # noqa: PLC0415 - slow to import

    fit = linregress(np.log(sizes), np.log(measured))
    half_width = t.ppf(0.975, len(sizes) - 2) * fit.stderr
    return {"exponent": round(float(fit.slope), 3), "half_width": round(float(half_width), 3)}
