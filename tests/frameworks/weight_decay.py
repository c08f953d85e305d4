"""Run the frameworks side by side: does what ``translate`` says to be the same take the same steps?

Every pair of conventions that some update rule has both of, for each such rule, at a constant rate and at one
that is halved, is run on one least-squares problem in double precision. What was found, and for which
versions, is written beside the page that shows it. Run as ``nox -s frameworks``.

Where no framework can be run, the published update is transcribed here: the book's own step, Loshchilov and
Hutter's and that of TensorFlow Addons, which is no longer maintained and does not go with today's Keras.
"""

import json
import os
import platform
import re
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

os.environ.update(KERAS_BACKEND="torch", JAX_ENABLE_X64="1", JAX_PLATFORMS="cpu")  # before their imports

import jax.numpy as jnp
import keras
import numpy as np
import optax
import torch

from hwlib.least_squares import mean_squared_error_gradient
from hwlib.regularization import ADAPTIVE, CONVENTIONS, MOMENTUM, PLAIN, NoEquivalentError, translate

RECORD = Path(__file__).parents[2] / "docs/hyperparameters/weight_decay_conventions.json"
VERSIONS = {name: version(name).split("+")[0] for name in ("torch", "optax", "jax", "keras", "numpy")}
STEPS, EXAMPLES, FEATURES = 100, 20, 5
RATES = {PLAIN: 0.05, MOMENTUM: 0.01, ADAPTIVE: 0.02}
MOMENTUM_KEPT = 0.9
EPSILON = 1e-16  # so small that it makes no difference whether it is added before a correction
SHARE = 0.02  # what each source takes from the weights in the first step
SCHEDULES = {"constant": np.ones(STEPS), "halved": np.repeat([1.0, 0.5], STEPS // 2)}
SAME = 1e-9  # apart by rounding alone

rng = np.random.default_rng(0)
X = rng.standard_normal((EXAMPLES, FEATURES))
T = X @ rng.standard_normal(FEATURES) + rng.standard_normal(EXAMPLES)
START = rng.standard_normal(FEATURES)


def slope(w):
    """Gradient of the mean loss."""
    return mean_squared_error_gradient(X, T, np.asarray(w))


def options_of(rule, epsilon):
    """What the constructors of a rule's optimizers are given."""
    return {epsilon: EPSILON} if rule == ADAPTIVE else {"momentum": MOMENTUM_KEPT * (rule == MOMENTUM)}


def run_torch(rule, rates, numbers, *, optimizer=None, loss=None, shrink=None):
    """Run PyTorch: its own decay, the gradient of a loss with a penalty, or a share taken by hand."""
    w = torch.tensor(START, requires_grad=True)
    optimizer = optimizer or (torch.optim.Adam if rule == ADAPTIVE else torch.optim.SGD)
    run = optimizer([w], lr=1.0, **options_of(rule, "eps"))
    for i, (rate, number) in enumerate(zip(rates, numbers, strict=True)):
        run.zero_grad()
        if loss:
            loss(w, number).backward()
        else:
            w.grad = torch.tensor(slope(w.detach()))
        (group,) = run.param_groups
        group["lr"] = rate
        if shrink:
            with torch.no_grad():
                w -= shrink(number, i) * w
        elif not loss:
            group["weight_decay"] = number
        run.step()
        yield w.detach().numpy().copy()


def run_own(optimizer, rule, rates, numbers):
    """Run an optimizer of PyTorch with its own decay."""
    return run_torch(rule, rates, numbers, optimizer=optimizer)


def run_penalty(factor, of_sum, rule, rates, numbers):
    """Let PyTorch differentiate a loss with a penalty."""
    inputs, targets = torch.tensor(X), torch.tensor(T)

    def loss(w, number):
        squares = (inputs @ w - targets) ** 2
        return (squares.sum() if of_sum else squares.mean()) + factor * number * (w**2).sum()

    shorter = EXAMPLES if of_sum and rule != ADAPTIVE else 1  # the sum is steeper; Adam does not see it
    return run_torch(rule, rates / shorter, numbers, loss=loss)


def run_keras(optimizer, rule, rates, numbers):
    """Run a Keras optimizer."""
    keras.config.set_floatx("float64")
    w = keras.Variable(START)
    run = optimizer(learning_rate=1.0, weight_decay=1.0, **options_of(rule, "epsilon"))
    for rate, number in zip(rates, numbers, strict=True):
        run.learning_rate, run.weight_decay = rate, number
        gradient = slope(w.value.detach())
        run.apply([keras.ops.convert_to_tensor(gradient)], [w])
        yield w.value.detach().numpy().copy()


def chained(place):
    """A chain of optax with the decayed weights first, before the rate, or last."""

    def build(rule, rate, number):
        adam, trace = optax.scale_by_adam(eps=EPSILON), optax.trace(MOMENTUM_KEPT)
        parts = {
            "rule": {PLAIN: optax.identity(), MOMENTUM: trace, ADAPTIVE: adam}[rule],
            "rate": optax.scale_by_learning_rate(rate),
        }
        decay = optax.add_decayed_weights(number)
        order = {"first": [decay, *parts.values()], "before the rate": [parts["rule"], decay, parts["rate"]]}
        return optax.chain(*order.get(place, [*parts.values(), decay]))

    return build


def run_optax(build, rule, rates, numbers):
    """Run a transformation of optax; what it remembers does not depend on the rate and the decay."""
    w = jnp.array(START)
    state = build(rule, rates[0], numbers[0]).init(w)
    for rate, number in zip(rates, numbers, strict=True):
        updates, state = build(rule, float(rate), float(number)).update(jnp.array(slope(w)), state, w)
        w = optax.apply_updates(w, updates)
        yield np.array(w)


def optax_adamw(rule, rate, number):
    return optax.adamw(rate, eps=EPSILON, weight_decay=number)


def decayed(schedule, divisor, rule, rates, numbers):
    """Take the share that was published, and let PyTorch do the rest of the step."""
    return run_torch(rule, rates, numbers, shrink=lambda number, i: schedule[i] * number / divisor)


def runs_of(name, schedule):
    """How a convention is run, and what with."""
    constant = np.ones(STEPS)
    kinds = {
        "decay": (decayed, constant, 1),
        "penalty": (run_penalty, 1, False),
        "half_penalty": (run_penalty, 0.5, False),
        "penalty_of_sum": (run_penalty, 1, True),
        "half_penalty_of_sum": (run_penalty, 0.5, True),
        "torch.optim.SGD": (run_own, torch.optim.SGD),
        "torch.optim.Adam": (run_own, torch.optim.Adam),
        "torch.optim.AdamW": (run_own, torch.optim.AdamW),
        "keras.optimizers.SGD": (run_keras, keras.optimizers.SGD),
        "keras.optimizers.Adam": (run_keras, keras.optimizers.Adam),
        "keras.optimizers.AdamW": (run_keras, keras.optimizers.AdamW),
        "optax.adamw": (run_optax, optax_adamw),
        "optax.add_decayed_weights (first)": (run_optax, chained("first")),
        "optax.add_decayed_weights (before the rate)": (run_optax, chained("before the rate")),
        "tensorflow_addons": (decayed, constant, 1),
        "loshchilov_hutter": (decayed, schedule, 1),
        "loshchilov_hutter_normalized": (decayed, schedule, STEPS**0.5),
    }
    run, *details = kinds[name]
    by = {run_own: "torch", run_penalty: "torch", run_keras: "keras", run_optax: "optax"}.get(
        run, "transcribed"
    )
    return lambda *where: run(*details, *where), by


def path_of(name, rule, schedule, numbers):
    """The weights after each step."""
    numbers = np.broadcast_to(numbers, STEPS).tolist()
    run, _ = runs_of(name, schedule)
    return np.array(list(run(rule, RATES[rule] * schedule, numbers)))


def translated(number, source, target, rule, schedule):
    """The number of the target; where none does the same, the one that would in plain gradient descent."""
    details = {"learning_rate": RATES[rule], "schedule": schedule, "examples": EXAMPLES}
    try:
        return translate(number, source, target, rule=rule, **details), True
    except NoEquivalentError:
        ends = {"gradient": "half_penalty", "weights": "decay"}
        first, last = (ends[CONVENTIONS[name].acts_on] for name in (source, target))
        factors = [
            translate(1.0, source, first, rule=rule, **details),
            translate(1.0, first, last, **details),
            translate(1.0, last, target, rule=rule, **details),
        ]
        return number * np.prod(factors, axis=0), False


def compare(rule, schedule_name):
    """How far apart each pair of conventions runs, as a share of what the decay does."""
    schedule = SCHEDULES[schedule_name]
    names = [name for name, convention in CONVENTIONS.items() if rule in convention.rules]
    without = np.array(list(run_torch(rule, RATES[rule] * schedule, [0.0] * STEPS)))
    apart, numbers = [], []
    for source in names:
        number = translated(SHARE, "decay", source, rule, np.ones(STEPS))[0][0]
        path = path_of(source, rule, schedule, number)
        effect = np.linalg.norm(path - without, axis=1).max()
        row = []
        for target in names:
            other, same = translated(number, source, target, rule, schedule)
            gap = np.linalg.norm(path_of(target, rule, schedule, other) - path, axis=1).max() / effect
            if (gap < SAME) != same:
                raise SystemExit(f"{source} and {target}, {rule}, {schedule_name}: apart by {gap:.1e}")
            row.append(float(f"{gap:.1e}"))
        apart.append(row)
        numbers.append(float(number))
    return {"rule": rule, "schedule": schedule_name, "names": names, "numbers": numbers, "apart": apart}


def last_in_the_chain():
    """What the weights are multiplied by where optax's decayed weights are added after the rate."""
    rates, numbers = np.full(STEPS, RATES[PLAIN]), [SHARE] * STEPS
    w = np.array(next(run_optax(chained("last"), PLAIN, rates, numbers)))
    left = w + RATES[PLAIN] * slope(START)
    np.testing.assert_allclose(left / START, left[0] / START[0])
    return round(float(left[0] / START[0]), 12)


def main():
    # Keras's velocity holds the rate: with momentum a changing rate makes another run, decay or not
    wanted = [(rule, name) for rule in RATES for name in SCHEDULES if (rule, name) != (MOMENTUM, "halved")]
    record = {
        "holds for": VERSIONS | {"python": platform.python_version()},
        "problem": {"steps": STEPS, "examples": EXAMPLES, "rates": RATES, "share": SHARE},
        "conventions": {name: asdict(convention) for name, convention in CONVENTIONS.items()},
        "run by": {name: runs_of(name, SCHEDULES["constant"])[1] for name in CONVENTIONS},
        "runs": [compare(*where) for where in wanted],
        "last in the chain": {"number": SHARE, "factor": last_in_the_chain()},
    }
    lines = re.sub(r"\[[^][{}]*\]", lambda found: " ".join(found[0].split()), json.dumps(record, indent=1))
    RECORD.write_text(lines + "\n")  # an innermost list a line
    pairs = sum(len(run["names"]) ** 2 for run in record["runs"])
    print(f"{pairs} pairs, each as translate says; written to {RECORD}")


if __name__ == "__main__":
    main()
