"""Gradients through training against JAX, which differentiates the whole run by itself.

The loss is that of a small network, written for JAX. ``differentiate_training`` gets its gradient and its
products with the Hessian from JAX, and nothing else. How far the derivatives are apart is written beside the
page that shows it. Run as ``nox -s frameworks``.
"""

import json
import os
import platform
from importlib.metadata import version
from pathlib import Path

os.environ.update(JAX_ENABLE_X64="1", JAX_PLATFORMS="cpu")  # before the import

import jax
import jax.numpy as jnp
import numpy as np

from hwlib.unrolled_gradients import differentiate_training

RECORD = Path(__file__).parents[2] / "docs/hyperparameters/through_training.json"
STEPS, EXAMPLES, FEATURES, HIDDEN = 1000, 30, 3, 4
NUMBERS = {"momentum": 0.9, "weight_decay": 0.001}
METHODS = {"reverse": {}, "binomial": {"snapshots": 10}, "reversible": {}}
SAME = 1e-8  # apart by rounding alone, which a thousand steps multiply

rng = np.random.default_rng(0)
X = rng.standard_normal((2 * EXAMPLES, FEATURES))
T = np.sin(X @ rng.standard_normal(FEATURES))
START = 0.5 * rng.standard_normal(HIDDEN * (FEATURES + 1))
RATES = 0.05 * (1 + np.cos(np.linspace(0, np.pi, STEPS))) / 2 + 0.001


def loss(w, rows):
    """Mean squared error of a network with one hidden layer, on some of the examples."""
    first, second = w[: HIDDEN * FEATURES].reshape(FEATURES, HIDDEN), w[HIDDEN * FEATURES :]
    return jnp.mean((jnp.tanh(X[rows] @ first) @ second - T[rows]) ** 2)


def training_loss(w):
    return loss(w, slice(None, EXAMPLES))


def final_loss(w):
    return loss(w, slice(EXAMPLES, None))


slope = jax.grad(training_loss)


@jax.jit
def hessian_vector_product(w, v):
    return jax.jvp(slope, (w,), (v,))[1]


def loss_after_training(w0, rates, momentum, weight_decay):
    """The recurrence again, as JAX wants it."""

    def step(state, rate):
        w, b = state
        b = momentum * b + slope(w)
        return ((1 - weight_decay) * w - rate * b, b), None

    (w, _), _ = jax.lax.scan(step, (w0, jnp.zeros_like(w0)), rates)
    return final_loss(w)


def main():
    names = ("w0", "learning_rates", "momentum", "weight_decay")
    everything = jax.jit(jax.grad(loss_after_training, argnums=(0, 1, 2, 3)))
    by_jax = dict(zip(names, everything(START, RATES, *NUMBERS.values()), strict=True))
    apart = {}
    for method, options in METHODS.items():
        result = differentiate_training(
            jax.jit(slope), hessian_vector_product, START, RATES,
            final_gradient=jax.grad(final_loss), method=method, **NUMBERS, **options,
        )  # fmt: skip
        apart[method] = {
            name: float(f"{np.max(np.abs(getattr(result, name) - wanted)) / np.max(np.abs(wanted)):.1e}")
            for name, wanted in by_jax.items()
        }
    record = {
        "holds for": {name: version(name) for name in ("jax", "numpy")}
        | {"python": platform.python_version()},
        "steps": STEPS,
        "apart": apart,
    }
    RECORD.write_text(json.dumps(record, indent=1) + "\n")
    worst = max(number for numbers in apart.values() for number in numbers.values())
    if worst > SAME:
        raise SystemExit(f"JAX's derivatives are others: apart by {worst:.1e}")
    print(f"apart by at most {worst:.1e}; written to {RECORD}")


if __name__ == "__main__":
    main()
