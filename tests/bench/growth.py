"""How time grows over two decades of a size, and the exponents that fit, beside those of the theory."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
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
    """A function of a size: what is made ready for it returns what is timed."""

    work: str
    variable: str
    smallest: int
    theory: float
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

    def hypergradient(steps):
        X, t, w = data(50, 20)
        return lambda: learning_rate_gradient(X, t, w, 0.01, steps)

    def correlation(side, k, method="auto"):
        image, kernel = rng.standard_normal((side, side)), rng.standard_normal((k, k))
        return lambda: correlate2d(image, kernel, method=method)

    yield Growth("best learning rate, d = 500", "n", 200, 1, lambda n: best_rate(n, 500))
    yield Growth("best learning rate, n = 500", "d", 200, 1, lambda d: best_rate(500, d))
    yield Growth("solution of minimum norm, n = 30", "d", 1000, 1, lambda d: solution(30, d))
    yield Growth("solution of minimum norm, d = 2000", "n", 8, 2, lambda n: solution(n, 2000))
    yield Growth("gradient through training, reverse", "t", 100, 1, hypergradient)
    yield Growth("correlation, k = 7", "n, the side", 64, 2, lambda side: correlation(side, 7))
    yield Growth("correlation by fft, n = 256", "k", 2, 0, lambda k: correlation(256, k, "fft"))
    yield Growth("correlation by shifts, n = 64", "k", 2, 2, lambda k: correlation(64, k, "shifts"))


def measure_growth(
    growth: Growth, *, decades: float = 2.0, clock: Callable[[], float] = time.perf_counter
) -> dict[str, Any]:
    """Time all sizes in turn, and fit an exponent to their shortest times."""
    sizes = growth.sizes(decades)
    answers = [growth.make_ready(size) for size in sizes]
    seconds = [np.inf] * len(sizes)
    for _ in range(ROUNDS + 1):  # the first is to warm up, and is no shorter than others
        for place, answer in enumerate(answers):
            begun = clock()
            answer()
            seconds[place] = min(seconds[place], clock() - begun)
    exponent, half_width = fitted(sizes, seconds)
    return {
        "work": growth.work,
        "variable": growth.variable,
        "sizes": sizes,
        "seconds": [shortened(one) for one in seconds],
        "exponent": round(exponent, 3),
        "half_width": round(half_width, 3),
        "theory": growth.theory,
    }


def fitted(sizes: list[int], seconds: list[float]) -> tuple[float, float]:
    """Exponent of a power law by least squares of logarithms, and half the width of its interval of 95 %."""
    from scipy.stats import linregress, t  # noqa: PLC0415 - slow to import

    fit = linregress(np.log(sizes), np.log(seconds))
    return float(fit.slope), float(t.ppf(0.975, len(sizes) - 2) * fit.stderr)
