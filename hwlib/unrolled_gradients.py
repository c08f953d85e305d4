"""Gradients through training on any loss that is given by its gradient and its Hessian-vector product."""

import math
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from hwlib._arrays import Array, floating_vector, norm
from hwlib._options import choice, fraction, real_number, whole_number
from hwlib.optimizers import DivergenceError

__all__ = [
    "differentiate_training",
    "TrainingGradients",
    "binomial_checkpoints",
    "implicit_gradients",
    "ImplicitGradients",
]

Gradient = Callable[[Array], Any]
HessianVectorProduct = Callable[[Array, Array], Any]
FRACTION_BITS = 128  # of the fixed-point numbers of the reversible method


@dataclass(frozen=True)
class TrainingGradients:
    """The derivatives of the loss after training, and what they took.

    Attributes
    ----------
    w : (d,) array
        Weights after the last step.
    learning_rates : (steps,) array
        Derivative of the final loss with respect to the rate of each step.
    momentum : float
        Derivative with respect to the momentum.
    weight_decay : float
        Derivative with respect to the weight decay.
    w0 : (d,) array
        Derivative with respect to the weights before the first step.
    stored_states : int
        Most states, weights with their velocity, that were alive at once, counted while running.
    recomputed_steps : int
        How many more gradients of the loss were taken than training alone takes, counted likewise.
    stored_bits : int
        Size of the store of lost bits when it was largest, for all weights together.
    """

    w: Array
    learning_rates: Array
    momentum: float
    weight_decay: float
    w0: Array
    stored_states: int
    recomputed_steps: int
    stored_bits: int


def differentiate_training(  # noqa: PLR0913 - the loss, the run, and how to go back
    gradient: Gradient,
    hessian_vector_product: HessianVectorProduct,
    w0: Any,
    learning_rates: Any,
    *,
    momentum: float = 0.0,
    weight_decay: float = 0.0,
    final_gradient: Gradient | None = None,
    method: str = "reverse",
    snapshots: int | None = None,
) -> TrainingGradients:
    r"""Train with momentum, and differentiate the final loss with respect to all that was chosen before.

    Parameters
    ----------
    gradient : callable
        ``gradient(w)`` is the gradient of the training loss, with the shape of w.
    hessian_vector_product : callable
        ``hessian_vector_product(w, v)`` is the product of the Hessian at w with v, with the shape of w.
    w0 : (d,) array_like
        Weights before the first step.
    learning_rates : (steps,) array_like
        Rate of each step.
    momentum : float, default 0.0
        Share of the velocity that each step keeps, in [0, 1).
    weight_decay : float, default 0.0
        Share of the weights that each step takes away, in [0, 1), whatever its rate.
    final_gradient : callable, optional
        Gradient of the loss that is asked for after training, such as that of other data. Without it, that
        of the training loss.
    method : {"reverse", "binomial", "reversible", "truncated"}
        What to keep of the states on the way.
    snapshots : int, optional
        For the binomial and the truncated method, and needed there: how many states before a step may be
        kept, at least 1.

    Returns
    -------
    TrainingGradients
        The last weights, the derivatives, and the numbers of states kept and of steps made again.

    Raises
    ------
    DivergenceError
        If the weights or a derivative leave the finite numbers; a ``ValueError``.
    ValueError
        If a shape does not fit, a number is out of its range, NaN or infinite, the method is none of
        the four, or snapshots are missing or given where they have no meaning.
    TypeError
        If an argument has the wrong type.

    Notes
    -----
    A step with the gradient g at w and the velocity b, which is zero before the first step, is

    .. math:: b \leftarrow \mu b + g, \qquad w \leftarrow (1 - \lambda) w - \eta b.

    - ``"reverse"`` keeps every state, the weights with their velocity.
    - ``"binomial"`` keeps as many as `snapshots` says, at places that make the number of steps made again
      the smallest possible [1]_.
    - ``"reversible"`` keeps the last state alone and runs the steps backwards, in fixed-point numbers of
      128 bits after the point. It keeps the bits that a multiplication would lose, so that it comes back
      to the same states exactly [2]_. The momentum has to be above 0.
    - ``"truncated"`` forgets all but the last steps, as many as `snapshots` says [3]_. Where that is not
      all, the derivatives with respect to earlier rates and to the first weights are given as zero.

    Derived in :ref:`training-backwards`.

    References
    ----------
    .. [1] A. Griewank and A. Walther, "Algorithm 799: revolve: an implementation of checkpointing for the
       reverse or adjoint mode of computational differentiation", ACM Transactions on Mathematical Software
       26(1), 2000. https://doi.org/10.1145/347837.347846
    .. [2] D. Maclaurin, D. Duvenaud and R. P. Adams, "Gradient-based Hyperparameter Optimization
       through Reversible Learning", ICML 2015. https://proceedings.mlr.press/v37/maclaurin15.html
    .. [3] A. Shaban, C.-A. Cheng, N. Hatch and B. Boots, "Truncated Back-propagation for Bilevel
       Optimization", AISTATS 2019. https://proceedings.mlr.press/v89/shaban19a.html

    Examples
    --------
    The loss is half the square of one weight, which a step at the rate 0.5 halves.

    >>> import numpy as np
    >>> from hwlib.unrolled_gradients import differentiate_training
    >>> result = differentiate_training(lambda w: w, lambda w, v: v, [8.0], [0.5, 0.5, 0.5])
    >>> result.w, result.learning_rates
    (array([1.]), array([-2., -2., -2.]))
    """
    methods = {
        "reverse": _reverse,
        "binomial": _binomial,
        "reversible": _reversible,
        "truncated": _truncated,
    }
    backwards = methods[choice("method", method, methods)]
    training = _Training(gradient, hessian_vector_product, w0, learning_rates, momentum, weight_decay)
    needs_snapshots = method in ("binomial", "truncated")
    if needs_snapshots or snapshots is not None:
        training.snapshots = whole_number("snapshots", snapshots, minimum=1)
    if not needs_snapshots and snapshots is not None:
        raise ValueError(f"snapshots must be left out with method={method!r}, got {snapshots!r}")
    if method == "reversible" and training.momentum == 0:
        raise ValueError("momentum must be above 0 to be run backwards, got 0")
    adjoint = _Adjoint(training, gradient if final_gradient is None else final_gradient)
    with np.errstate(over="ignore", invalid="ignore"):
        return adjoint.through(backwards(training))


def binomial_checkpoints(steps: int, snapshots: int) -> tuple[int, ...]:
    r"""Where a run that has room for a few states has to keep them.

    Parameters
    ----------
    steps : int
        Number of steps, at least 1.
    snapshots : int
        How many states may be kept, at least 1, that before the first step included.

    Returns
    -------
    tuple of int
        The steps before which the first run keeps the state. The first is 0.

    Raises
    ------
    ValueError
        If a number is below 1.
    TypeError
        If a number is not an integer.

    Notes
    -----
    With :math:`s` snapshots, :math:`\beta` steps can be reversed while no step is made more than
    :math:`r` times again, where

    .. math:: \beta = \prod_{j=1}^{s} \frac{r + j}{j}.

    If r is the smallest number for which that reaches `steps`, no schedule makes fewer steps again than
    this one does [1]_. Derived in :ref:`binomial-schedule`.

    References
    ----------
    .. [1] A. Griewank and A. Walther, "Algorithm 799: revolve: an implementation of checkpointing for the
       reverse or adjoint mode of computational differentiation", ACM Transactions on Mathematical Software
       26(1), 2000. https://doi.org/10.1145/347837.347846

    Examples
    --------
    >>> from hwlib.unrolled_gradients import binomial_checkpoints
    >>> binomial_checkpoints(10, 3)
    (0, 4, 7)
    """
    steps = whole_number("steps", steps, minimum=1)
    snapshots = whole_number("snapshots", snapshots, minimum=1)
    places = [0]
    while len(places) < snapshots and places[-1] < steps - 1:
        free = snapshots - len(places) + 1
        places.append(places[-1] + _distance(steps - places[-1], free))
    return tuple(places)


@dataclass(frozen=True)
class ImplicitGradients:
    """The derivatives of a loss where training has come to rest.

    Attributes
    ----------
    learning_rate : float
        Derivative with respect to the rate, the same at every step.
    momentum : float
        Derivative with respect to the momentum.
    weight_decay : float
        Derivative with respect to the weight decay.
    products : int
        How many products with the Hessian were taken.
    """

    learning_rate: float
    momentum: float
    weight_decay: float
    products: int


def implicit_gradients(
    final_gradient: Gradient,
    hessian_vector_product: HessianVectorProduct,
    w: Any,
    learning_rate: float,
    *,
    momentum: float = 0.0,
    weight_decay: float = 0.0,
    max_products: int,
    tolerance: float = 1e-10,
) -> ImplicitGradients:
    r"""Differentiate a loss where training has come to rest, without a look at the way there.

    Parameters
    ----------
    final_gradient : callable
        ``final_gradient(w)`` is the gradient of the loss that is asked for, with the shape of w.
    hessian_vector_product : callable
        ``hessian_vector_product(w, v)`` is the product of the training loss's Hessian at w with v.
    w : (d,) array_like
        Weights that a step of training leaves where they are.
    learning_rate : float
        Rate of every step, above 0.
    momentum : float, default 0.0
        Share of the velocity that each step keeps, in [0, 1).
    weight_decay : float, default 0.0
        Share of the weights that each step takes away, in [0, 1).
    max_products : int
        Most products with the Hessian to take.
    tolerance : float, default 1e-10
        Stop where the residual of the linear system is at most this share of its right side.

    Returns
    -------
    ImplicitGradients
        The derivatives, and how many products they took.

    Raises
    ------
    ValueError
        If a number is out of its range, NaN or infinite, a shape does not fit, or the matrix of the system
        is not positive definite.
    TypeError
        If an argument has the wrong type.

    Notes
    -----
    At rest the gradient of the training loss is undone by c times the weights,

    .. math:: c = \frac{\lambda (1 - \mu)}{\eta}.

    Conjugate gradients solve :math:`(H + c I) u = \nabla F(w)`, F being the loss that is asked for, and its
    derivative with respect to c is :math:`-u^\top w`. Derived in :ref:`training-at-rest`.

    Examples
    --------
    The loss is half the squared distance to 1. Weight decay pulls the weight back to 0.8.

    >>> from hwlib.unrolled_gradients import implicit_gradients
    >>> at_rest = implicit_gradients(
    ...     lambda w: w - 1, lambda w, v: v, [0.8], 0.5, weight_decay=0.125, max_products=1
    ... )
    >>> round(at_rest.weight_decay, 12)
    0.256
    """
    w = floating_vector("w", w)
    learning_rate = real_number("learning_rate", learning_rate, above=0)
    momentum = fraction("momentum", momentum)
    weight_decay = fraction("weight_decay", weight_decay)
    max_products = whole_number("max_products", max_products, minimum=1)
    tolerance = real_number("tolerance", tolerance, minimum=0)
    pull = weight_decay * (1 - momentum) / learning_rate
    slope = _like(w, "final_gradient(w)", final_gradient(w))
    u, products = _solve(
        lambda v: _like(w, "hessian_vector_product(w, v)", hessian_vector_product(w, v)) + pull * v,
        slope,
        tolerance,
        max_products,
    )
    by_pull = -float(u @ w)
    return ImplicitGradients(
        learning_rate=-by_pull * pull / learning_rate,
        momentum=-by_pull * weight_decay / learning_rate,
        weight_decay=by_pull * (1 - momentum) / learning_rate,
        products=products,
    )


def _solve(
    product: Callable[[Array], Array], right: Array, tolerance: float, max_products: int
) -> tuple[Array, int]:
    """Conjugate gradients for a matrix known by its products, and how many were taken."""
    u, residual, direction = 0 * right, right, right
    products = 0
    while products < max_products and norm(residual) > tolerance * norm(right):
        image = product(direction)
        products += 1
        curvature = float(direction @ image)
        if not curvature > 0:
            raise ValueError(
                "the Hessian plus the pull of the weight decay must be positive definite, "
                f"got the curvature {curvature:g} along a direction"
            )
        squared_norm = float(residual @ residual)
        u = u + squared_norm / curvature * direction
        residual = residual - squared_norm / curvature * image
        direction = residual + float(residual @ residual) / squared_norm * direction
    return u, products


@dataclass(frozen=True)
class _State:
    """Weights and velocity between two steps."""

    w: Array
    b: Array


# Steps from the last to the first: which one, the state before it, the state after it
_Steps = Iterator[tuple[int, _State, _State]]


class _Training:
    """Gradient descent with momentum; counts the states that are alive and the gradients taken."""

    def __init__(
        self,
        gradient: Gradient,
        hessian_vector_product: HessianVectorProduct,
        w0: Any,
        learning_rates: Any,
        momentum: float,
        weight_decay: float,
    ) -> None:
        for name, value in (("gradient", gradient), ("hessian_vector_product", hessian_vector_product)):
            if not callable(value):
                raise TypeError(f"{name} must be callable, got {value!r} of type {type(value).__name__}")
        self.gradient, self.hessian_vector_product = gradient, hessian_vector_product
        self.w0 = np.asarray(floating_vector("w0", w0))
        self.learning_rates: list[float] = floating_vector("learning_rates", learning_rates).tolist()
        self.momentum = fraction("momentum", momentum)
        self.kept = 1 - fraction("weight_decay", weight_decay)
        self.steps = len(self.learning_rates)
        self.snapshots = self.gradients = self.alive = self.most_alive = self.stored_bits = 0

    def start(self) -> _State:
        return self.count(_State(self.w0 + 0, 0 * self.w0))

    def step(self, i: int, state: _State) -> _State:
        b = self.momentum * state.b + self.slope(i, state.w)
        return self.count(_State(self.finite(i, self.kept * state.w - self.learning_rates[i] * b), b))

    def slope(self, i: int, w: Array) -> Array:
        self.gradients += 1
        return self.finite(i, _like(w, "gradient(w)", self.gradient(w)))

    def product(self, w: Array, v: Array) -> Array:
        return _like(w, "hessian_vector_product(w, v)", self.hessian_vector_product(w, v))

    def finite(self, i: int, entries: Array) -> Array:
        if not np.isfinite(entries).all():
            raise DivergenceError(f"step {i} left the finite numbers; try smaller learning_rates")
        return entries

    def count(self, state: _State) -> _State:
        self.alive += 1
        self.most_alive = max(self.most_alive, self.alive)
        weakref.finalize(state, self._release)
        return state

    def _release(self) -> None:
        self.alive -= 1


class _Adjoint:
    """Derivatives of the final loss, carried back through the steps."""

    def __init__(self, training: _Training, final_gradient: Gradient) -> None:
        self.training, self.final_gradient = training, final_gradient
        self.by_rates = np.zeros(training.steps, training.w0.dtype)
        self.by_momentum = self.by_decay = 0.0

    def through(self, steps: _Steps) -> TrainingGradients:
        training = self.training
        end = p = q = 0 * training.w0
        i = training.steps
        for i, before, after in steps:
            if i == training.steps - 1:
                end = after.w
                p = _like(end, "final_gradient(w)", self.final_gradient(end))
            p, q = self.step_back(i, before, after, p, q)
            del before, after  # before the next are made
        by_w0 = p if i == 0 else 0 * p
        numbers = (self.by_rates, by_w0, [self.by_momentum, self.by_decay])
        if not all(np.isfinite(part).all() for part in numbers):
            raise DivergenceError(
                f"the derivatives of {training.steps} steps left the finite numbers; "
                "try smaller learning_rates"
            )
        return TrainingGradients(
            w=end,
            learning_rates=self.by_rates,
            momentum=self.by_momentum,
            weight_decay=self.by_decay,
            w0=by_w0,
            stored_states=training.most_alive,
            recomputed_steps=training.gradients - training.steps,
            stored_bits=training.stored_bits,
        )

    def step_back(self, i: int, before: _State, after: _State, p: Array, q: Array) -> tuple[Array, Array]:
        """From the derivatives with respect to weights and velocity after step i to those before it."""
        training = self.training
        self.by_rates[i] = -(p @ after.b)
        self.by_decay -= float(p @ before.w)
        q = q - training.learning_rates[i] * p
        self.by_momentum += float(q @ before.b)
        return training.kept * p + training.product(before.w, q), training.momentum * q


def _reverse(training: _Training) -> _Steps:
    """Every state is kept."""
    states = [training.start()]
    for i in range(training.steps):
        states.append(training.step(i, states[-1]))
    for i in reversed(range(training.steps)):
        yield i, states[-2], states.pop()


def _truncated(training: _Training) -> _Steps:
    """The last states are kept."""
    window = min(training.snapshots, training.steps)
    states = deque([training.start()], maxlen=window + 1)
    for i in range(training.steps):
        states.append(training.step(i, states[-1]))
    for i in reversed(range(training.steps - window, training.steps)):
        yield i, states[-2], states.pop()


def _binomial(training: _Training) -> _Steps:
    """A few states are kept, and others made again from the last of these."""
    kept = [(0, training.start())]
    for end in reversed(range(training.steps)):
        place, state = kept[-1]
        while place < end:
            free = training.snapshots - len(kept) + 1
            stop = place + _distance(end + 1 - place, free) if free > 1 else end
            for i in range(place, stop):
                state = training.step(i, state)
            place = stop
            if free > 1:
                kept.append((place, state))
        if place == kept[-1][0]:
            kept.pop()
        yield end, state, training.step(end, state)
        del state


def _distance(steps: int, snapshots: int) -> int:
    """How far after the first snapshot the second has to lie, for the fewest steps in all."""
    repeats = 0
    while _reach(snapshots, repeats) < steps:
        repeats += 1
    return min(_reach(snapshots, repeats - 1), steps - _reach(snapshots - 1, repeats - 1))


def _reach(snapshots: int, repeats: int) -> int:
    """How many steps can be reversed with no step made more than `repeats` times again."""
    return math.comb(snapshots + repeats, snapshots) if repeats >= 0 else 0


def _reversible(training: _Training) -> _Steps:
    """No state is kept but the last; steps are undone."""
    momentum, kept = Fraction(training.momentum), Fraction(training.kept)
    dtype, lost = training.w0.dtype, np.zeros(len(training.w0), object)

    def rounded(i: int, numbers: Array) -> Array:
        return training.finite(i, _rounded(numbers, dtype))

    state = training.count(_State(_fixed(training.w0), 0 * lost))
    for i in range(training.steps):
        b, lost = _times(state.b, momentum, lost)
        b = b + _fixed(training.slope(i, rounded(i, state.w)))
        w, lost = _times(state.w, kept, lost)
        w = w - _fixed(training.finite(i, training.learning_rates[i] * rounded(i, b)))
        state = training.count(_State(w, b))
    training.stored_bits = sum(number.bit_length() for number in lost)
    after = training.count(_State(rounded(i, state.w), rounded(i, state.b)))
    for i in reversed(range(training.steps)):
        w = state.w + _fixed(training.learning_rates[i] * after.b)
        w, lost = _times(w, 1 / kept, lost)
        b = state.b - _fixed(training.slope(i, rounded(i, w)))
        b, lost = _times(b, 1 / momentum, lost)
        state = training.count(_State(w, b))
        before = training.count(_State(rounded(i, w), rounded(i, b)))
        yield i, before, after
        after = before
        del before


def _times(numbers: Array, factor: Fraction, lost: Array) -> tuple[Array, Array]:
    """Multiply whole numbers by a fraction: what falls off goes to the store, what is missing comes from it.

    With the inverse fraction everything comes back.
    """
    lost = lost * factor.denominator + numbers % factor.denominator
    numbers = numbers // factor.denominator * factor.numerator + lost % factor.numerator
    return numbers, lost // factor.numerator


def _fixed(numbers: Array) -> Array:
    """Floating-point numbers as multiples of the smallest fraction, rounded down."""
    ratios = (float(x).as_integer_ratio() for x in numbers)
    return np.array([(top << FRACTION_BITS) // bottom for top, bottom in ratios], object)


def _rounded(numbers: Array, dtype: Any) -> Array:
    """The nearest floating-point numbers."""
    try:
        return np.array(numbers / 2**FRACTION_BITS, dtype)
    except OverflowError:
        return np.full(len(numbers), np.inf)


def _like(w: Array, name: str, value: Any) -> Array:
    """What a caller's function returned, as an array of the kind and shape of w."""
    entries = np.asarray(value, dtype=w.dtype)
    if entries.shape != w.shape:
        raise ValueError(f"{name} must have the shape {w.shape} of w, got {entries.shape}")
    return entries
