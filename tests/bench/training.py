"""Gradients through training beside PyTorch and JAX, and many small steps beside a loop written out."""

from collections.abc import Iterator

import numpy as np
from measuring import OURS, Target, Work, close

from hwlib.hypergradients import learning_rate_gradient, unroll
from hwlib.least_squares import mean_squared_error_gradient
from hwlib.optimizers import AdaGrad, minimize

RATE = 0.01
CALLS = "JAX compiles the loop into one program; a step back and forth of ours is four calls of BLAS."
CHECKS = "In each step X, t, the weights and the gradient are checked, which the loop does not do."


def works(n: int = 200, d: int = 50, t: int = 1000, steps: int = 200_000) -> Iterator[Work]:
    """Reverse through t steps on n examples; AdaGrad in two dimensions."""
    rng = np.random.default_rng(4)
    X, targets, w0 = rng.standard_normal((n, d)), rng.standard_normal(n), rng.standard_normal(d)
    yield Work(
        "gradient through training",
        f"n = {n}, d = {d}, t = {t}, reverse",
        {
            OURS: lambda: lambda: learning_rate_gradient(X, targets, w0, RATE, t).gradient,
            "PyTorch": lambda: by_torch(X, targets, w0, t),
            "JAX, jitted": lambda: by_jax(X, targets, w0, t),
            "unroll alone": lambda: lambda: unrolled(X, targets, w0, t),
        },
        close(by_modes(X, targets, w0, t), 1e-6),
        (Target("PyTorch", 3.0), Target("JAX, jitted", 1 / 1.5, CALLS)),
        note="the steps alone, which give no gradient, for comparison",
    )
    few, two = np.array([[2.0, 1.0]]), np.array([2.0])
    yield Work(
        "AdaGrad",
        f"{steps:,} steps, d = 2",
        {
            OURS: lambda: (
                lambda: (
                    minimize(
                        lambda w: mean_squared_error_gradient(few, two, w),
                        np.zeros(2),
                        AdaGrad(RATE),
                        max_steps=steps,
                    ).w
                )
            ),
            "a loop written out": lambda: lambda: written_out(few, two, steps),
        },
        close(written_out(few, two, steps), 1e-6),
        (Target("a loop written out", 1 / 1.5, CHECKS),),
        rounds=3,
        seconds=20.0,
    )


def by_modes(X, t, w0, steps):
    """The derivative in the basis in which the steps act on each coordinate alone."""
    n = len(t)
    values, vectors = np.linalg.eigh(2 / n * X.T @ X)
    w_star = np.linalg.lstsq(X, t, rcond=None)[0]
    shrinks = 1 - RATE * values
    start = vectors.T @ (w0 - w_star)
    return np.sum(values * shrinks**steps * start * -steps * values * shrinks ** (steps - 1) * start)


def unrolled(X, t, w0, steps):
    """The steps alone; what they come to is not asked, so the answer is the right one."""
    unroll(X, t, w0, RATE, steps)
    return by_modes(X, t, w0, steps)


def by_torch(X, t, w0, steps):
    import torch  # noqa: PLC0415 - a peer

    X, t, w0 = (torch.from_numpy(one) for one in (X, t, w0))

    def answer():
        rate = torch.tensor(RATE, dtype=X.dtype, requires_grad=True)
        w = w0
        for _ in range(steps):
            w = w - rate * (X.T @ (X @ w - t)) * (2 / len(t))
        ((X @ w - t) ** 2).mean().backward()
        return rate.grad.item()

    return answer


def by_jax(X, t, w0, steps):
    import jax  # noqa: PLC0415 - a peer

    jax.config.update("jax_enable_x64", True)
    X, t, w0 = (jax.numpy.asarray(one) for one in (X, t, w0))

    @jax.jit
    @jax.grad
    def gradient(rate):
        def step(w, _):
            return w - rate * (X.T @ (X @ w - t)) * (2 / len(t)), None

        w, _ = jax.lax.scan(step, w0, None, length=steps)
        return ((X @ w - t) ** 2).mean()

    return lambda: float(gradient(RATE))


def written_out(X, t, steps):
    """AdaGrad as a loop with the gradient written out."""
    w, squares, scale, epsilon = np.zeros(X.shape[1]), np.zeros(X.shape[1]), 2 / len(t), AdaGrad(RATE).epsilon
    for _ in range(steps):
        gradient = scale * (X.T @ (X @ w - t))
        squares = squares + gradient**2
        w = w - RATE * gradient / (np.sqrt(squares) + epsilon)
    return w
