"""The solution of minimum norm, beside NumPy's least squares and the normal equations."""

from collections.abc import Iterator

import numpy as np
from measuring import OURS, Target, Work

from hwlib.least_squares import minimum_norm_solution

ALL_DIGITS = "Reflections keep the digits that X Xᵀ loses, and their time is LAPACK's, as is that of lstsq."


def works(n: int = 500, d: int = 5000, conditions: tuple[float, ...] = (1e2, 1e10)) -> Iterator[Work]:
    """Data with singular values from one down to the reciprocal of a condition number."""
    rng = np.random.default_rng(1)
    left, _ = np.linalg.qr(rng.standard_normal((n, n)))
    right, _ = np.linalg.qr(rng.standard_normal((d, n)))
    for condition in conditions:
        singular_values = np.geomspace(1, 1 / condition, n)
        X = left * singular_values @ right.T
        w = right @ rng.standard_normal(n)
        t = X @ w
        bound = 100 * condition * np.finfo(float).eps * np.linalg.norm(w)
        answers = {
            OURS: lambda X=X, t=t: lambda: minimum_norm_solution(X, t),
            "NumPy lstsq": lambda X=X, t=t: lambda: np.linalg.lstsq(X, t, rcond=None)[0],
        }
        if condition < 1e6:  # it squares the condition
            answers["Cholesky of X Xᵀ"] = lambda X=X, t=t: by_cholesky(X, t)
        yield Work(
            "solution of minimum norm",
            f"{n} × {d}, condition {condition:.0e}",
            answers,
            lambda found, w=w, bound=bound: bool(np.linalg.norm(found - w) <= bound),
            (Target("NumPy lstsq", 2.0, ALL_DIGITS),),
        )


def by_cholesky(X, t):
    from scipy.linalg import cho_factor, cho_solve  # noqa: PLC0415 - a peer

    return lambda: X.T @ cho_solve(cho_factor(X @ X.T), t)
