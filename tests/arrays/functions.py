"""Every function that takes arrays, and what it should give, written out for NumPy."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from hwlib.hypergradients import learning_rate_gradient, unroll
from hwlib.krylov import conjugate_gradients
from hwlib.learning_rates import (
    loss_after_step,
    maximum_stable_learning_rate,
    optimal_learning_rate,
    polyak_learning_rate,
)
from hwlib.least_squares import (
    mean_squared_error,
    mean_squared_error_gradient,
    minimum_norm_solution,
    row_space_component,
)
from hwlib.mirror_descent import Hypentropy, MirrorDescent, NegativeEntropy, SquaredNorm, nearest_solution
from hwlib.optimizers import (
    AdaGrad,
    Adam,
    AdamW,
    BarzilaiBorwein,
    GradientDescent,
    RMSProp,
    SignDescent,
    minibatch_gradient,
    minimize,
)
from hwlib.regularization import l2_step, weight_decay_step

RATE, L2, STEPS, BEND = 0.05, 0.1, 6, 2.0
rng = np.random.default_rng(0)
X, T, W = rng.standard_normal((4, 7)), rng.standard_normal(4), rng.standard_normal(7)


class Function(NamedTuple):
    """What is called with data, targets and weights, what it gives, and why JAX cannot, if it cannot.

    Of spoiled numbers it refuses those of `refused`.
    """

    ours: Callable[[Any, Any, Any], Any]
    expected: Callable[[Any, Any, Any], Any]
    compiled: str | None = None
    differentiated: str | None = None
    refused: str = "X"
    name: str = ""


def loss(X: Any, t: Any, w: Any, l2: float = 0.0) -> Any:
    return ((X @ w - t) ** 2).mean() + l2 * (w**2).sum()


def gradient(X: Any, t: Any, w: Any, l2: float = 0.0) -> Any:
    return 2 / len(t) * X.T @ (X @ w - t) + 2 * l2 * w


def trained(X: Any, t: Any, w: Any, rate: Any = RATE, l2: Any = L2, steps: int = STEPS) -> Any:
    for _ in range(steps):
        w = w - rate * gradient(X, t, w, l2)
    return w


def by_rate(X: Any, t: Any, w: Any, rate: float = RATE, l2: float = L2, steps: int = STEPS) -> float:
    """A complex step, which cancels nothing."""
    small = 1e-100
    return loss(X, t, trained(X, t, w, rate + 1j * small, l2, steps), l2).imag / small


def exact_rate(X: Any, t: Any, w: Any) -> float:
    slope = gradient(X, t, w)
    return slope @ slope / (2 / len(t) * np.sum((X @ slope) ** 2))


def running(rule: Any) -> Callable[[Any, Any, Any], Any]:
    def run(X: Any, t: Any, w: Any) -> Any:
        return minimize(lambda w: mean_squared_error_gradient(X, t, w), w, rule, max_steps=STEPS).w

    return run


def batch_gradient(X: Any, t: Any, w: Any) -> Any:
    rows = np.random.default_rng(0).choice(len(t), 2, replace=False)
    return gradient(X[rows], t[rows], w)


def by_hand(step: Callable[..., Any]) -> Callable[[Any, Any, Any], Any]:
    """Weights after some steps of a rule that is given all weights and gradients so far."""

    def run(X: Any, t: Any, w: Any) -> Any:
        iterates, gradients = [w], []
        for _ in range(STEPS):
            gradients.append(gradient(X, t, iterates[-1]))
            iterates.append(step(iterates, gradients))
        return iterates[-1]

    return run


def momentum(iterates: Any, gradients: Any) -> Any:
    return iterates[-1] - RATE * sum(0.9**age * g for age, g in enumerate(reversed(gradients)))


def fitted(iterates: Any, gradients: Any) -> Any:
    rate = RATE
    if len(gradients) > 1:
        moved, bent = iterates[-1] - iterates[-2], gradients[-1] - gradients[-2]
        rate = moved @ moved / (moved @ bent)
    return iterates[-1] - rate * gradients[-1]


def mean(values: Any, kept: float) -> Any:
    return (1 - kept) * sum(kept**age * value for age, value in enumerate(reversed(values)))


def adam(iterates: Any, gradients: Any, decay: float = 0.0) -> Any:
    k = len(gradients)
    first = mean(gradients, 0.9) / (1 - 0.9**k)
    second = mean([g**2 for g in gradients], 0.999) / (1 - 0.999**k)
    return (1 - RATE * decay) * iterates[-1] - RATE * first / (np.sqrt(second) + 1e-8)


def hyperbolic(iterates: Any, gradients: Any) -> Any:
    return BEND * np.sinh(np.arcsinh(iterates[-1] / BEND) - RATE * gradients[-1])


def nearest(X: Any, t: Any, w: Any) -> Any:
    """Of all positive weights that solve as some do, those of a gradient that rows combine to."""
    combination = np.zeros(len(t))
    for _ in range(50):
        found = np.exp(X.T @ combination)
        combination = combination + np.linalg.solve(X * found @ X.T, X @ (positive(w) - found))
    return found


def positive(w: Any) -> Any:
    return w * w + 0.5


READS = "it reads numbers on the way"
LOOKS = "how many steps it takes depends on the values"
FUNCTIONS = {
    "mean_squared_error": Function(mean_squared_error, loss),
    "mean_squared_error_gradient": Function(mean_squared_error_gradient, gradient),
    "minimum_norm_solution": Function(
        lambda X, t, w: minimum_norm_solution(X, t), lambda X, t, w: np.linalg.pinv(X) @ t, LOOKS
    ),
    "row_space_component": Function(
        lambda X, t, w: row_space_component(X, w), lambda X, t, w: np.linalg.pinv(X) @ X @ w, LOOKS
    ),
    "minimize with GradientDescent": Function(
        running(GradientDescent(RATE, momentum=0.9)), by_hand(momentum)
    ),
    "minimize with BarzilaiBorwein": Function(running(BarzilaiBorwein(RATE)), by_hand(fitted)),
    "minimize with SignDescent": Function(
        running(SignDescent(RATE)), by_hand(lambda w, g: w[-1] - RATE * np.sign(g[-1]))
    ),
    "minimize with AdaGrad": Function(
        running(AdaGrad(RATE)),
        by_hand(lambda w, g: w[-1] - RATE * g[-1] / (np.sqrt(sum(s**2 for s in g)) + 1e-10)),
    ),
    "minimize with RMSProp": Function(
        running(RMSProp(RATE)),
        by_hand(lambda w, g: w[-1] - RATE * g[-1] / (np.sqrt(mean([s**2 for s in g], 0.9)) + 1e-8)),
    ),
    "minimize with Adam": Function(running(Adam(RATE)), by_hand(adam)),
    "minimize with AdamW": Function(
        running(AdamW(RATE, weight_decay=0.5)), by_hand(lambda w, g: adam(w, g, decay=0.5))
    ),
    "minimize with MirrorDescent": Function(
        running(MirrorDescent(RATE, Hypentropy(BEND))), by_hand(hyperbolic)
    ),
    "SquaredNorm, divergence": Function(
        lambda X, t, w: SquaredNorm().divergence(w, w * w),
        lambda X, t, w: np.sum((w - w**2) ** 2) / 2,
        refused="w",
    ),
    "NegativeEntropy, divergence": Function(
        lambda X, t, w: NegativeEntropy().divergence(positive(w), positive(2 * w)),
        lambda X, t, w: np.sum(
            positive(w) * np.log(positive(w) / positive(2 * w)) - positive(w) + positive(2 * w)
        ),
        refused="w",
    ),
    "Hypentropy, gradient": Function(
        lambda X, t, w: Hypentropy(BEND).gradient(w),
        lambda X, t, w: np.log((w + np.sqrt(w**2 + BEND**2)) / BEND),
        refused="w",
    ),
    "nearest_solution": Function(
        lambda X, t, w: nearest_solution(X, X @ positive(w), 0 * w + 1, NegativeEntropy()), nearest, LOOKS
    ),
    "minibatch_gradient": Function(
        lambda X, t, w: minibatch_gradient(X, t, 2, np.random.default_rng(0))(w), batch_gradient
    ),
    "unroll": Function(lambda X, t, w: unroll(X, t, w, RATE, STEPS, l2=L2), trained),
    **{
        f"learning_rate_gradient, {method}": Function(
            lambda X, t, w, method=method: (
                learning_rate_gradient(X, t, w, RATE, STEPS, l2=L2, method=method).gradient
            ),
            by_rate,
        )
        for method in ("forward", "reverse", "checkpoint")
    },
    "loss_after_step": Function(
        lambda X, t, w: loss_after_step(X, t, w, RATE),
        lambda X, t, w: loss(X, t, w - RATE * gradient(X, t, w)),
    ),
    "optimal_learning_rate": Function(optimal_learning_rate, exact_rate),
    "polyak_learning_rate": Function(
        polyak_learning_rate, lambda X, t, w: loss(X, t, w) / np.sum(gradient(X, t, w) ** 2)
    ),
    "maximum_stable_learning_rate": Function(
        lambda X, t, w: maximum_stable_learning_rate(X),
        lambda X, t, w: len(X) / np.linalg.norm(X, 2) ** 2,
        LOOKS,
        READS,
    ),
    "conjugate_gradients": Function(
        lambda X, t, w: conjugate_gradients(X, t, w, max_steps=4).w,
        lambda X, t, w: w + np.linalg.pinv(X) @ (t - X @ w),
        LOOKS,
    ),
    "l2_step": Function(
        lambda X, t, w: l2_step(X, t, w, RATE, L2), lambda X, t, w: w - RATE * gradient(X, t, w, L2)
    ),
    "weight_decay_step": Function(
        lambda X, t, w: weight_decay_step(X, t, w, RATE, L2),
        lambda X, t, w: (1 - L2) * w - RATE * gradient(X, t, w),
    ),
}
FUNCTIONS = {name: function._replace(name=name) for name, function in FUNCTIONS.items()}
