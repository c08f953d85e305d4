"""One table of least-squares problems for every test."""

from typing import NamedTuple

import numpy as np
import pytest


class Problem(NamedTuple):
    """Data, targets and a start, with the singular values the data was made from."""

    X: np.ndarray
    t: np.ndarray
    w0: np.ndarray
    singular_values: np.ndarray


def problem(n: int, d: int, singular_values, seed: int) -> Problem:
    """A problem whose data has the given non-zero singular values."""
    rng = np.random.default_rng(seed)
    s = np.asarray(singular_values, dtype=float)
    left, _ = np.linalg.qr(rng.standard_normal((n, s.size)))
    right, _ = np.linalg.qr(rng.standard_normal((d, s.size)))
    return Problem(left * s @ right.T, rng.standard_normal(n), rng.standard_normal(d), s)


FULL_ROW_RANK = {
    "homework": Problem(np.array([[2.0, 1.0]]), np.array([2.0]), np.zeros(2), np.array([5**0.5])),
    "single entry": problem(1, 1, [3.0], seed=1),
    "square": problem(4, 4, [4.0, 3.0, 2.0, 1.0], seed=2),
    "wide": problem(5, 20, np.linspace(1, 5, 5), seed=3),
    "ill-conditioned": problem(6, 30, np.geomspace(1, 1e-4, 6), seed=4),
}
RANK_DEFICIENT = {
    "tall": problem(20, 5, np.linspace(1, 5, 5), seed=5),
    "repeated row": problem(6, 10, [3.0, 2.0, 2.0, 1.0], seed=6),
    "tall and deficient": problem(12, 6, [2.0, 1.0], seed=7),
}
PROBLEMS = FULL_ROW_RANK | RANK_DEFICIENT


def each(table):
    """Parametrise a test over a table of problems, by name."""
    return pytest.mark.parametrize("problem", table.values(), ids=table.keys())
