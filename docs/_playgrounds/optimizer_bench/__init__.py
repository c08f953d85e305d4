"""The optimizer bench: the path of an update rule, and how far from the minimum norm it ends."""

from functools import cache
from itertools import product

import numpy as np
from choosing import Answer, Bench, Choice, Control, Preset
from plot import Axis, Plot, in_words

from hwlib.least_squares import mean_squared_error_gradient, minimum_norm_solution
from hwlib.optimizers import (
    AdaGrad,
    Adam,
    GradientDescent,
    RMSProp,
    SignDescent,
    minimize,
)

X, T = np.array([[2.0, 1.0]]), np.array([2.0])  # those of the chapter
TOLERANCE, MOST_STEPS = 1e-9, 1000
MINIMUM_NORM = minimum_norm_solution(X, T)

RULES = {
    "gradient-descent": ("Gradient descent", GradientDescent),
    "momentum": ("Gradient descent, momentum 0.9", lambda rate: GradientDescent(rate, momentum=0.9)),
    "adagrad": ("AdaGrad", AdaGrad),
    "adagrad-from-one": (
        "AdaGrad, accumulator from one",
        lambda rate: AdaGrad(rate, initial_accumulator=1.0, epsilon=0.0, delayed=True),
    ),
    "rmsprop": ("RMSProp", RMSProp),
    "adam": ("Adam", Adam),
    "sign-descent": ("Sign descent", SignDescent),
}
COLORS = {"gradient-descent": "figure-blue", "momentum": "figure-blue"}  # as in the chapter's figure
RATES = ("0.01", "0.02", "0.05", "0.1", "0.18", "0.22")
STARTS = ("0,0", "1,1", "0,1.2", "1.2,-0.2", "-0.4,0.4")
PENALTIES = ("0", "0.1", "1")
RUNS = list(product(STARTS, PENALTIES))

PLANE = Plot(
    Axis("w⁽¹⁾", -0.6, 1.6, (-0.5, 0, 0.5, 1, 1.5)),
    Axis("w⁽²⁾", -0.35, 1.3, (0, 0.5, 1)),
    "The path of the weights over lines of equal loss without the penalty, and the solution of minimum norm",
)


def answer(rule: str, rate: str, start: str, penalty: str) -> Answer:
    """Say where a rule goes."""
    path, slopes = (part[:, RUNS.index((start, penalty))] for part in all_runs(rule, rate))
    path, end = until_rest(path, slopes)
    seen = thinned(near(path))
    color = COLORS.get(rule, "figure-purple")
    drawing = (
        PLANE.line(seen, color)
        + PLANE.dot(seen[0], f"plot-start {color}", 4)
        + PLANE.dot(seen[-1], f"figure-handle {color}", 5)
    )
    penalized = "" if penalty == "0" else f" with the penalty {penalty}‖w‖²"
    words = f"{RULES[rule][0]} from {pair(start_of(start))} at the rate {rate}{penalized} {end}"
    return Answer(words, (drawing,))


@cache
def all_runs(rule: str, rate: str) -> tuple[np.ndarray, np.ndarray]:
    """The weights of all runs before the first step and after each, and the norms of the gradients there.

    The runs are made as one: every rule goes coordinate by coordinate, so none knows of the others.
    """
    data = np.kron(np.eye(len(RUNS)), X)  # X for each run, along the diagonal
    targets = np.tile(T, len(RUNS))
    penalties = np.repeat([float(penalty) for _, penalty in RUNS], 2)

    def gradient(w):
        return len(RUNS) * mean_squared_error_gradient(data, targets, w) + 2 * penalties * w

    w0 = np.concatenate([start_of(start) for start, _ in RUNS])
    optimizer = RULES[rule][1](float(rate))
    path = minimize(gradient, w0, optimizer, max_steps=MOST_STEPS, tolerance=TOLERANCE, record=True).path
    one_by_one = (-1, len(RUNS), 2)
    slopes = np.array([gradient(w) for w in path]).reshape(one_by_one)
    return path.reshape(one_by_one), np.hypot(*np.moveaxis(slopes, -1, 0))


def until_rest(path: np.ndarray, slopes: np.ndarray) -> tuple[np.ndarray, str]:
    """A path as far as its rest, and how it ends in words.

    A rule with a memory can pass where the gradient is zero, so rest is where it stays within the tolerance.
    """
    is_moving = slopes > TOLERANCE
    steps = len(path) - 1 if is_moving[-1] else int(np.flatnonzero([True, *is_moving])[-1])
    w = path[steps]
    how = "has not come to rest after" if is_moving[-1] else "comes to rest after"
    return path[: steps + 1], (
        f"{how} {steps:,} {'step' if steps == 1 else 'steps'}, at {pair(w)}: "
        f"{in_words(np.hypot(*(w - MINIMUM_NORM)))} from the solution of minimum norm."
    )


def pair(w: np.ndarray) -> str:
    """Weights as they are written."""
    return f"({in_words(w[0])}, {in_words(w[1])})"


def near(path: np.ndarray) -> np.ndarray:
    """A path as far as it is near enough to be drawn."""
    far = np.flatnonzero(np.abs(path).max(axis=1) > 1e3)
    return path[: far[0]] if len(far) else path


def start_of(written: str) -> np.ndarray:
    """The weights of a start."""
    return np.array([float(weight) for weight in written.split(",")])


def thinned(path: np.ndarray) -> np.ndarray:
    """The first dozen points of a path, then ever fewer, and the last."""
    some = np.geomspace(1, len(path), 60).round().astype(int) - 1
    return path[np.union1d(np.arange(min(12, len(path))), some)]


def contours() -> str:
    """Lines of equal loss: the residual is the same along each."""
    lines = [
        PLANE.line([(-0.6, 2 + residual + 1.2), (1.6, 2 + residual - 3.2)], "plot-contour")
        for residual in np.arange(-4, 5) / 2
        if residual
    ]
    return "".join(lines)


SOLUTIONS = (
    PLANE.line([(-0.6, 2 + 1.2), (1.6, 2 - 3.2)], "figure-green")
    + PLANE.dot(MINIMUM_NORM, "figure-vermillion", 5)
    + PLANE.label((0.76, 0.29), "w*", "figure-vermillion", "end")
    + PLANE.label((0.45, 1.19), "solutions", "figure-green")
)

CHOICES = "".join(PLANE.dot(start_of(start), "plot-choice", 4) for start in STARTS)

BENCH = Bench(
    controls=(
        Control("rule", "Method", "list", tuple(Choice(name, title) for name, (title, _) in RULES.items())),
        Control("rate", "Learning rate", "slider", tuple(Choice(rate, rate) for rate in RATES)),
        Control(
            "start",
            "Start",
            "list",
            tuple(Choice(start, pair(start_of(start)), PLANE.place(start_of(start))) for start in STARTS),
            drawing=0,
        ),
        Control(
            "penalty",
            "Penalty λ‖w‖², with λ",
            "slider",
            tuple(Choice(penalty, penalty) for penalty in PENALTIES),
        ),
    ),
    presets=(
        Preset("Gradient descent from zero", ("gradient-descent", "0.01", "0,0", "0")),
        Preset("Adam from zero", ("adam", "0.01", "0,0", "0")),
        Preset("Gradient descent from elsewhere", ("gradient-descent", "0.05", "1.2,-0.2", "0")),
        Preset("A rate too large", ("gradient-descent", "0.22", "0,0", "0")),
    ),
    frames=(PLANE.frame(contours() + SOLUTIONS + CHOICES),),
    answer=answer,
)
