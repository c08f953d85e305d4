"""The rate bench: the loss after one step along the learning rate, and the loss if that rate is kept."""

from math import isclose

import numpy as np
from choosing import Answer, Bench, Choice, Control, Preset
from plot import Axis, Plot, in_words

from hwlib.learning_rates import loss_after_step, maximum_stable_learning_rate, optimal_learning_rate
from hwlib.least_squares import mean_squared_error, mean_squared_error_gradient
from hwlib.optimizers import GradientDescent, minimize

X, T = np.diag([2.0, 1.0]), np.array([2.0, 2.0])  # those of the chapter
STARTS = {"steep": np.array([0.0, 0.0]), "flat": np.array([0.9, 0.0])}
COLORS = {"steep": "figure-blue", "flat": "figure-green"}  # as in the chapter's figure
STEPS = 20

LIMIT = maximum_stable_learning_rate(X)
BEST = {name: optimal_learning_rate(X, T, w0) for name, w0 in STARTS.items()}
RATES = {f"{rate:.6g}": float(rate) for rate in sorted({*(np.arange(230) / 200), LIMIT, *BEST.values()})}

ONE_STEP = Plot(
    Axis("learning rate η", 0, 1.15, (0, 0.2, 0.4, 0.6, 0.8, 1)),
    Axis("loss after the step", 0, 5, (0, 1, 2, 3, 4, 5)),
    "The loss after one step over the learning rate, with the chosen rate",
)
KEPT = Plot(
    Axis("step", 0, STEPS + 0.5, (0, 5, 10, 15, 20)),
    Axis("loss", 1e-10, 1e10, (1e-10, 1e-5, 1, 1e5, 1e10), is_logarithmic=True),
    "The loss over the steps if the chosen rate is kept",
)


def answer(start: str, written: str) -> Answer:
    """Say what a rate gives from a start."""
    w0, rate, color = STARTS[start], RATES[written], COLORS[start]
    after = loss_after_step(X, T, w0, rate)
    path = minimize(gradient, w0, GradientDescent(rate), max_steps=STEPS, record=True).path
    losses = [mean_squared_error(X, T, w) for w in path]
    ends_and_middle = [(eta, loss_after_step(X, T, w0, eta)) for eta in np.linspace(0, 1.15, 3)]
    lowest = BEST[start], loss_after_step(X, T, w0, BEST[start])
    one_step = (
        ONE_STEP.parabola(ends_and_middle, color)
        + ONE_STEP.dot(lowest, "figure-vermillion", 4)
        + ONE_STEP.label((lowest[0], lowest[1] + 0.25), "η*", "figure-vermillion", "middle")
        + ONE_STEP.line([(rate, 0), (rate, 5)], f"plot-chosen {color}")
        + ONE_STEP.dot((rate, after), f"figure-handle {color}", 6)
    )
    steps = list(enumerate(losses))
    kept = KEPT.line(steps, color) + KEPT.dots(steps, color)
    return Answer(words(start, rate, losses), (one_step, kept))


def gradient(w):
    """Of the chapter's loss."""
    return mean_squared_error_gradient(X, T, w)


def words(start: str, rate: float, losses: list[float]) -> str:
    """What a rate does."""
    is_best = " This is the best rate for one step." if rate == BEST[start] else ""
    side = "at" if isclose(rate, LIMIT) else "below" if rate < LIMIT else "above"
    return (
        f"At η = {rate:.4g} one step takes the loss from {in_words(losses[0])} to {in_words(losses[1])}."
        f"{is_best} The rate is {side} the limit of stability, {LIMIT:g}: "
        f"kept for {STEPS} steps, it leaves {in_words(losses[-1])}."
    )


LIMIT_LINE = ONE_STEP.line([(LIMIT, 0), (LIMIT, 5)], "plot-limit") + ONE_STEP.label(
    (LIMIT + 0.02, 4.6), "limit n/σ₁²"
)

BENCH = Bench(
    controls=(
        Control(
            "start",
            "Start",
            "list",
            tuple(Choice(name, f"{name}: ({w0[0]:g}, {w0[1]:g})") for name, w0 in STARTS.items()),
        ),
        Control(
            "rate",
            "Learning rate η",
            "slider",
            tuple(
                Choice(written, f"{rate:.4g}", (ONE_STEP.place((rate, 0))[0], None))
                for written, rate in RATES.items()
            ),
            drawing=0,
        ),
    ),
    presets=(
        Preset("The best rate for one step, flat start", ("flat", f"{BEST['flat']:.6g}")),
        Preset("The best rate for one step, steep start", ("steep", f"{BEST['steep']:.6g}")),
        Preset("The limit", ("flat", f"{LIMIT:.6g}")),
        Preset("Just above it", ("flat", f"{LIMIT + 0.005:.6g}")),
    ),
    frames=(ONE_STEP.frame(LIMIT_LINE), KEPT.frame()),
    answer=answer,
)
