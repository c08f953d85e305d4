"""The best rate beside the products that it takes, the largest stable one beside SciPy's singular value."""

from collections.abc import Iterator

import numpy as np
from measuring import OURS, Target, Work

from hwlib.learning_rates import maximum_stable_learning_rate, optimal_learning_rate

PRODUCTS = "Both take their time for products with X and its transpose, and need about as many of them."


def works(side: int = 4000, n: int = 2000, d: int = 20000) -> Iterator[Work]:
    """A dense matrix for the best rate, sparse ones for the largest stable rate."""
    rng = np.random.default_rng(2)
    X, t, w = rng.standard_normal((side, side)), rng.standard_normal(side), rng.standard_normal(side)

    def products():
        a = X @ w - t
        gradient = X.T @ a
        image = X @ gradient
        return side / 2 * (gradient @ gradient) / (image @ image)

    best = products()
    yield Work(
        "best learning rate",
        f"{side} × {side}",
        {OURS: lambda: lambda: optimal_learning_rate(X, t, w), "three products": lambda: products},
        lambda found: bool(abs(found / best - 1) < 1e-10),
        (Target("three products", 1 / 1.1),),
    )
    yield from stable(n, d, "uniform", rng.uniform)
    yield from stable(n, d, "normal", rng.standard_normal)


def stable(n, d, word, draw):
    from scipy.sparse import random_array  # noqa: PLC0415 - a peer

    X = random_array(
        (n, d), density=0.01, format="csr", rng=np.random.default_rng(3), data_sampler=draw_sizes(draw)
    )
    largest = np.sqrt(np.linalg.eigvalsh((X @ X.T).toarray())[-1])
    yield Work(
        "largest stable learning rate",
        f"{n} × {d}, 1 % {word}",
        {
            OURS: lambda: lambda: maximum_stable_learning_rate(X),
            "SciPy svds": lambda: by_scipy(X),
        },
        lambda rate: bool(abs(rate * largest**2 / n - 1) < 1e-8),
        (Target("SciPy svds", 1.0, PRODUCTS),),
    )


def draw_sizes(draw):
    return lambda size: draw(size=size)


def by_scipy(X):
    from scipy.sparse.linalg import svds  # noqa: PLC0415 - a peer

    return lambda: X.shape[0] / svds(X, k=1, return_singular_vectors=False)[0] ** 2
