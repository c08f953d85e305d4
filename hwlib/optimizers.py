"""Update rules as immutable values, and the loop that runs them."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np

from hwlib._arrays import (
    Array,
    DataMatrix,
    all_finite,
    data_matrix,
    floating,
    floating_vector,
    norm,
    real_scalar,
    refuse_mix,
    targets,
)
from hwlib._libraries import at_once, beside, is_lazy, known, library, namespace
from hwlib._options import flag, fraction, real_number, settle, whole_number
from hwlib.least_squares import mean_squared_error_gradient

__all__ = [
    "Optimizer",
    "DivergenceError",
    "GradientDescent",
    "BarzilaiBorwein",
    "SignDescent",
    "AdaGrad",
    "RMSProp",
    "AdamState",
    "Adam",
    "AdamW",
    "minibatch_gradient",
    "OptimizationResult",
    "minimize",
]

State = TypeVar("State")


class Optimizer(ABC, Generic[State]):
    """Update rule: a state before the first step, and a step from one state to the next.

    A rule is an immutable value; what it has to remember between steps is handed in and out. A new rule
    implements ``_start`` and ``_step``.

    Attributes
    ----------
    learning_rate : float
        Step size.
    """

    learning_rate: float

    def __post_init__(self) -> None:
        settle(self, "learning_rate", real_scalar, minimum=0)

    def init(self, w: Any) -> State:
        """State before the first step.

        Parameters
        ----------
        w : (d,) array_like
            Weights before the first step.

        Returns
        -------
        State
            Whatever the rule remembers between steps.

        Raises
        ------
        ValueError
            If w is not a vector of finite numbers.
        TypeError
            If w is not a real array.
        """
        return self._start(0 * floating_vector("w", w))

    def update(self, w: Array, gradient: Any, state: State) -> tuple[Array, State]:
        """One step.

        Parameters
        ----------
        w : (d,) array
            Weights.
        gradient : (d,) array_like
            Gradient at w.
        state : State
            State from `init`, or from the step before.

        Returns
        -------
        w : (d,) array
            Weights after the step; a new array.
        state : State
            State after the step.

        Raises
        ------
        ValueError
            If the gradient has another shape than the weights.
        """
        if not (
            type(gradient) is type(w) is np.ndarray
            and gradient.shape == w.shape
            and gradient.dtype.kind == "f"
        ):
            gradient = _fitting(w, gradient)
        return self._step(w, gradient, state)

    @abstractmethod
    def _start(self, zeros: Array) -> State:
        """State before the first step, from as many zeros as there are weights."""

    @abstractmethod
    def _step(self, w: Array, gradient: Array, state: State) -> tuple[Array, State]:
        """Weights and state after a step."""


class DivergenceError(ValueError):
    """The iterates left the floating-point numbers: the learning rate is too large."""


@dataclass(frozen=True)
class GradientDescent(Optimizer[Array]):
    r"""Gradient descent, with heavy-ball or Nesterov momentum if wanted.

    Parameters
    ----------
    learning_rate : float
        Step size, at least 0.
    momentum : float, default 0
        Share of the velocity that is kept, in [0, 1).
    nesterov : bool, default False
        Look ahead along the velocity; needs a momentum above 0.

    Raises
    ------
    ValueError
        If a number is out of its range, NaN or infinite.
    TypeError
        If a number is not real, or `nesterov` is neither True nor False.

    Notes
    -----
    With velocity :math:`b`, from zero, and gradient :math:`g`:

    .. math:: b \leftarrow \mu b + g, \qquad w \leftarrow w - \eta b

    and with `nesterov` :math:`w \leftarrow w - \eta (g + \mu b)`. This is PyTorch's and optax's form,
    where the rate multiplies the whole velocity; in Keras, as in Sutskever et al. [1]_, the velocity
    holds the rate. At a constant rate the two agree. Used in :ref:`gradient-in-row-space`.

    References
    ----------
    .. [1] I. Sutskever, J. Martens, G. Dahl and G. Hinton, "On the importance of initialization and
       momentum in deep learning", ICML 2013. https://proceedings.mlr.press/v28/sutskever13.html

    Examples
    --------
    >>> import numpy as np
    >>> from hwlib.optimizers import GradientDescent
    >>> rule = GradientDescent(learning_rate=0.1)
    >>> w = np.array([1.0, 2.0])
    >>> w, state = rule.update(w, np.array([10.0, 0.0]), rule.init(w))
    >>> w
    array([0., 2.])
    """

    learning_rate: float
    momentum: float = 0.0
    nesterov: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        settle(self, "momentum", fraction)
        if flag("nesterov", self.nesterov) and self.momentum == 0:
            raise ValueError("momentum must be > 0 with nesterov=True, got 0.0")

    def _start(self, zeros: Array) -> Array:
        return zeros

    def _step(self, w: Array, gradient: Array, state: Array) -> tuple[Array, Array]:
        velocity = self.momentum * state + gradient
        direction = gradient + self.momentum * velocity if self.nesterov else velocity
        return w - self.learning_rate * direction, velocity

    def _largest_stable_rate(self, curvature: float) -> float:
        """Rate below which a quadratic whose Hessian has this largest eigenvalue is minimised."""
        return 2 * (1 + self.momentum) / (1 + 2 * self.momentum * self.nesterov) / curvature


@dataclass(frozen=True)
class BarzilaiBorwein(Optimizer[tuple[Array, Array] | None]):
    r"""Gradient descent whose rate is fitted to how the last step changed the gradient.

    Parameters
    ----------
    learning_rate : float
        Step size of the first step, and wherever the last one met no curvature above 0; at least 0.
    short : bool, default False
        Take the shorter of the rates below.

    Raises
    ------
    ValueError
        If the rate is negative, NaN or infinite.
    TypeError
        If the rate is not a real number, or `short` is neither True nor False.

    Notes
    -----
    With :math:`s` the last step and :math:`y` the change of the gradient along it, the rate [1]_ is

    .. math:: \eta = \frac{s^\top s}{s^\top y}

    and with `short` :math:`\eta = \frac{s^\top y}{y^\top y}`. It is not limited: on a quadratic
    whose curvatures lie above 0 the iteration converges [2]_, elsewhere it may not. Derived in
    :ref:`delayed-steps`.

    References
    ----------
    .. [1] J. Barzilai and J. M. Borwein, "Two-Point Step Size Gradient Methods", IMA Journal of Numerical
       Analysis 8(1), 1988. https://doi.org/10.1093/imanum/8.1.141
    .. [2] M. Raydan, "On the Barzilai and Borwein choice of steplength for the gradient method", IMA Journal
       of Numerical Analysis 13(3), 1993. https://doi.org/10.1093/imanum/13.3.321

    Examples
    --------
    >>> import numpy as np
    >>> from hwlib.optimizers import BarzilaiBorwein
    >>> rule = BarzilaiBorwein(learning_rate=0.25)
    >>> w, state = rule.update(np.array([1.0]), np.array([2.0]), rule.init([1.0]))
    >>> w, state = rule.update(w, np.array([1.0]), state)  # the slope is 2 w, and now it is known
    >>> w
    array([0.])
    """

    learning_rate: float
    short: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        flag("short", self.short)

    def _start(self, zeros: Array) -> None:
        return None

    def _step(
        self, w: Array, gradient: Array, state: tuple[Array, Array] | None
    ) -> tuple[Array, tuple[Array, Array]]:
        rate = self.learning_rate if state is None else self._fitted_rate(w - state[0], gradient - state[1])
        return w - rate * gradient, (w, gradient)

    def _fitted_rate(self, step: Array, change: Array) -> Any:
        curvature = step @ change
        upwards = curvature > 0
        if known(upwards) is False:
            return self.learning_rate
        if known(upwards):
            return curvature / (change @ change) if self.short else step @ step / curvature
        xp = namespace(curvature)
        one = xp.ones_like(curvature)
        above, below = (curvature, change @ change) if self.short else (step @ step, curvature)
        return xp.where(upwards, above / xp.where(upwards, below, one), self.learning_rate * one)


@dataclass(frozen=True)
class SignDescent(Optimizer[None]):
    r"""Steps of one size along the sign of every coordinate of the gradient.

    Parameters
    ----------
    learning_rate : float
        Step size in each coordinate, at least 0.

    Raises
    ------
    ValueError
        If the rate is negative, NaN or infinite.
    TypeError
        If the rate is not a real number.

    Notes
    -----
    .. math:: w \leftarrow w - \eta \operatorname{sign}(g)

    This is RMSProp and Adam without their memory [1]_. Compared in :ref:`adaptive-paths`.

    References
    ----------
    .. [1] L. Balles and P. Hennig, "Dissecting Adam: The Sign, Magnitude and Variance of Stochastic
       Gradients", ICML 2018. https://proceedings.mlr.press/v80/balles18a.html

    Examples
    --------
    >>> import numpy as np
    >>> from hwlib.optimizers import SignDescent
    >>> rule = SignDescent(learning_rate=0.5)
    >>> w = np.zeros(2)
    >>> w, state = rule.update(w, np.array([-8.0, -4.0]), rule.init(w))
    >>> w
    array([0.5, 0.5])
    """

    learning_rate: float

    def _start(self, zeros: Array) -> None:
        return None

    def _step(self, w: Array, gradient: Array, state: None) -> tuple[Array, None]:
        return w - self.learning_rate * namespace(gradient).sign(gradient), None


@dataclass(frozen=True)
class AdaGrad(Optimizer[Array]):
    r"""Each coordinate's rate divided by the root of the sum of its squared gradients.

    Parameters
    ----------
    learning_rate : float
        Step size, at least 0.
    initial_accumulator : float, default 0
        Value from which every sum starts, at least 0.
    epsilon : float, default 1e-10
        Added to the root, at least 0; above 0 if `initial_accumulator` is 0.
    delayed : bool, default False
        Divide by the sum before the present gradient is added; needs an `initial_accumulator` above 0.

    Raises
    ------
    ValueError
        If a number is out of its range, NaN or infinite.
    TypeError
        If a number is not real.

    Notes
    -----
    .. math:: v \leftarrow v + g^2, \qquad w \leftarrow w - \frac{\eta}{\sqrt{v} + \epsilon} \, g

    with the square, root and quotient taken coordinate by coordinate [1]_. Defaults are PyTorch's;
    Keras and optax start the sums at 0.1, Keras with an epsilon of 1e-7 under the root, optax likewise.
    With `delayed` the two assignments change places, so that the rate does not depend on the
    gradient it multiplies [2]_. Derived in :ref:`adagrad-counterexample`.

    References
    ----------
    .. [1] J. Duchi, E. Hazan and Y. Singer, "Adaptive Subgradient Methods for Online Learning and
       Stochastic Optimization", JMLR 12, 2011. https://jmlr.org/papers/v12/duchi11a.html
    .. [2] X. Li and F. Orabona, "On the Convergence of Stochastic Gradient Descent with Adaptive
       Stepsizes", AISTATS 2019. https://proceedings.mlr.press/v89/li19c.html

    Examples
    --------
    The gradients of the two coordinates differ, their steps do not:

    >>> import numpy as np
    >>> from hwlib.optimizers import AdaGrad
    >>> rule = AdaGrad(learning_rate=0.5)
    >>> w = np.zeros(2)
    >>> w, state = rule.update(w, np.array([-8.0, -4.0]), rule.init(w))
    >>> w
    array([0.5, 0.5])
    """

    learning_rate: float
    initial_accumulator: float = 0.0
    epsilon: float = 1e-10
    delayed: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        _settle_accumulator(self)
        if flag("delayed", self.delayed) and self.initial_accumulator == 0:
            raise ValueError("initial_accumulator must be > 0 with delayed=True, got 0.0")

    def _start(self, zeros: Array) -> Array:
        return zeros + self.initial_accumulator

    def _step(self, w: Array, gradient: Array, state: Array) -> tuple[Array, Array]:
        accumulator = state + gradient**2
        divisor = (state if self.delayed else accumulator) ** 0.5 + self.epsilon
        return w - self.learning_rate * gradient / divisor, accumulator


@dataclass(frozen=True)
class RMSProp(Optimizer[Array]):
    r"""Each coordinate's rate divided by the root of a running mean of its squared gradients.

    Parameters
    ----------
    learning_rate : float
        Step size, at least 0.
    decay : float, default 0.9
        Share of the running mean that is kept, in [0, 1).
    initial_accumulator : float, default 0
        Value from which every running mean starts, at least 0.
    epsilon : float, default 1e-8
        Added to the root, at least 0; above 0 if `initial_accumulator` is 0.

    Raises
    ------
    ValueError
        If a number is out of its range, NaN or infinite.
    TypeError
        If a number is not real.

    Notes
    -----
    .. math::

        v \leftarrow \gamma v + (1 - \gamma) g^2, \qquad
        w \leftarrow w - \frac{\eta}{\sqrt{v} + \epsilon} \, g

    The decay of 0.9 is that of the lecture which introduced the method [1]_, of Keras and of optax;
    PyTorch keeps 0.99. Epsilon stands outside the root, as in PyTorch; in Keras and, by default, in
    optax it stands inside. Derived in :ref:`adaptive-paths`.

    References
    ----------
    .. [1] T. Tieleman and G. Hinton, "Lecture 6.5 - RMSProp", Neural Networks for Machine Learning,
       Coursera, 2012. https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf

    Examples
    --------
    >>> import numpy as np
    >>> from hwlib.optimizers import RMSProp
    >>> rule = RMSProp(learning_rate=0.5, decay=0.75)
    >>> w = np.zeros(2)
    >>> w, state = rule.update(w, np.array([-8.0, -4.0]), rule.init(w))
    >>> w
    array([1., 1.])
    """

    learning_rate: float
    decay: float = 0.9
    initial_accumulator: float = 0.0
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        super().__post_init__()
        _settle_accumulator(self)
        settle(self, "decay", fraction)

    def _start(self, zeros: Array) -> Array:
        return zeros + self.initial_accumulator

    def _step(self, w: Array, gradient: Array, state: Array) -> tuple[Array, Array]:
        accumulator = self.decay * state + (1 - self.decay) * gradient**2
        return w - self.learning_rate * gradient / (accumulator**0.5 + self.epsilon), accumulator


class AdamState(NamedTuple):
    """What Adam and AdamW remember between steps.

    Attributes
    ----------
    steps : int
        Steps made.
    first_moment : (d,) array
        Running mean of the gradients.
    second_moment : (d,) array
        Running mean of their squares.
    """

    steps: int
    first_moment: Array
    second_moment: Array


@dataclass(frozen=True)
class Adam(Optimizer[AdamState]):
    r"""Running mean of the gradient over the root of the running mean of its square.

    Parameters
    ----------
    learning_rate : float, default 0.001
        Step size, at least 0.
    beta1 : float, default 0.9
        Share of the first moment that is kept, in [0, 1).
    beta2 : float, default 0.999
        Share of the second moment that is kept, in [0, 1).
    epsilon : float, default 1e-8
        Added to the root, above 0.

    Raises
    ------
    ValueError
        If a number is out of its range, NaN or infinite.
    TypeError
        If a number is not real.

    Notes
    -----
    After :math:`k` steps the moments :math:`m` and :math:`v`, which start at zero, are corrected for
    that start, and epsilon is added to the corrected root:

    .. math::

        w \leftarrow w - \eta \,
        \frac{m / (1 - \beta_1^k)}{\sqrt{v / (1 - \beta_2^k)} + \epsilon}

    This is algorithm 1 of the paper [1]_ and what PyTorch and optax do. Keras adds epsilon to the
    uncorrected root, the paper's "epsilon hat", with 1e-7 as default. Compared in :ref:`adaptive-paths`.

    References
    ----------
    .. [1] D. P. Kingma and J. Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015.
       https://arxiv.org/abs/1412.6980

    Examples
    --------
    >>> import numpy as np
    >>> from hwlib.optimizers import Adam
    >>> rule = Adam(learning_rate=0.5)
    >>> w = np.zeros(2)
    >>> w, state = rule.update(w, np.array([-8.0, -4.0]), rule.init(w))
    >>> w
    array([0.5, 0.5])
    """

    learning_rate: float = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        super().__post_init__()
        settle(self, "beta1", fraction)
        settle(self, "beta2", fraction)
        settle(self, "epsilon", real_number, above=0)

    def _start(self, zeros: Array) -> AdamState:
        return AdamState(0, zeros, zeros)

    def _step(self, w: Array, gradient: Array, state: AdamState) -> tuple[Array, AdamState]:
        steps = state.steps + 1
        first = self.beta1 * state.first_moment + (1 - self.beta1) * gradient
        second = self.beta2 * state.second_moment + (1 - self.beta2) * gradient**2
        corrected_root = (second / (1 - self.beta2**steps)) ** 0.5
        direction = first / (1 - self.beta1**steps) / (corrected_root + self.epsilon)
        return w - self.learning_rate * direction, AdamState(steps, first, second)


@dataclass(frozen=True)
class AdamW(Adam):
    r"""Adam with weight decay that is not divided by the root of the second moment.

    Parameters
    ----------
    learning_rate : float, default 0.001
        Step size, at least 0.
    beta1 : float, default 0.9
        Share of the first moment that is kept, in [0, 1).
    beta2 : float, default 0.999
        Share of the second moment that is kept, in [0, 1).
    epsilon : float, default 1e-8
        Added to the root, above 0.
    weight_decay : float, default 0.01
        Decay for each unit of the learning rate, at least 0.

    Raises
    ------
    ValueError
        If a number is out of its range, NaN or infinite.
    TypeError
        If a number is not real.

    Notes
    -----
    .. math:: w \leftarrow (1 - \eta \lambda) w

    comes before the step of Adam [1]_. As in PyTorch, optax and Keras the decay is scaled by the
    learning rate; in the paper it is scaled by the schedule's multiplier alone. The default is
    PyTorch's; optax has 1e-4 and Keras 4e-3. Derived in :ref:`decay-of-adaptive-methods`.

    References
    ----------
    .. [1] I. Loshchilov and F. Hutter, "Decoupled Weight Decay Regularization", ICLR 2019.
       https://arxiv.org/abs/1711.05101

    Examples
    --------
    >>> import numpy as np
    >>> from hwlib.optimizers import AdamW
    >>> rule = AdamW(learning_rate=0.5, weight_decay=0.5)
    >>> w = np.array([1.0, 2.0])
    >>> w, state = rule.update(w, np.array([0.0, 0.0]), rule.init(w))
    >>> w
    array([0.75, 1.5 ])
    """

    weight_decay: float = 0.01

    def __post_init__(self) -> None:
        super().__post_init__()
        settle(self, "weight_decay", real_number, minimum=0)

    def _step(self, w: Array, gradient: Array, state: AdamState) -> tuple[Array, AdamState]:
        return super()._step(w - self.learning_rate * self.weight_decay * w, gradient, state)


def minibatch_gradient(X: Any, t: Any, batch_size: int, rng: np.random.Generator) -> Callable[[Array], Array]:
    r"""Gradient of the mean squared error over a fresh random batch at each call.

    Parameters
    ----------
    X : (n, d) array, sparse array or LinearOperator
        Data, one row for each example.
    t : (n,) array_like
        Targets.
    batch_size : int
        Number of examples in a batch, from 1 to n.
    rng : numpy.random.Generator
        Source of the batches; every call of the result draws from it.

    Returns
    -------
    callable
        Takes weights of shape (d,) and returns a gradient of shape (d,), in the row space of X.

    Raises
    ------
    ValueError
        If the shapes do not fit, an entry is NaN or infinite, or the batch is larger than the data.
    TypeError
        If an argument has the wrong type.

    Notes
    -----
    A batch of :math:`b` rows :math:`x_j`, here written as columns, with targets :math:`t_j` is drawn
    without replacement, each one independently of the last, so that the gradient is unbiased:

    .. math:: \frac{2}{b} \sum_{j=1}^{b} x_j (x_j^\top w - t_j)

    Data loaders go through a shuffled epoch instead. Where X can be indexed, only the batch is read;
    an operator, which cannot, is multiplied whole. Derived in :ref:`gradient-in-row-space`.

    Examples
    --------
    >>> import numpy as np
    >>> from hwlib.optimizers import minibatch_gradient
    >>> X, t = np.array([[2.0, 1.0], [4.0, 2.0]]), np.array([2.0, 4.0])
    >>> gradient = minibatch_gradient(X, t, 1, np.random.default_rng(0))
    >>> g = gradient(np.zeros(2))
    >>> g[0] / g[1]
    2.0
    """
    X = data_matrix(X)
    t = targets(X, t)
    n = X.shape[0]
    batch_size = whole_number("batch_size", batch_size, minimum=1)
    if batch_size > n:
        raise ValueError(f"batch_size must be at most the {n} rows of X, got {batch_size}")
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng must be a numpy.random.Generator, got {type(rng).__name__}")
    rows = X.tocsr() if hasattr(X, "tocsr") else X  # not every sparse format can be indexed
    return partial(_draw_gradient, rows, t, batch_size, rng)


@dataclass(frozen=True)
class OptimizationResult:
    """Where `minimize` ended, and how.

    Attributes
    ----------
    w : (d,) array
        The last iterate.
    steps : int
        Steps made.
    converged : bool
        Whether the gradient at `w` is within the tolerance.
    path : (steps + 1, d) array or None
        All iterates, the first one included, if they were recorded.
    """

    w: Array
    steps: int
    converged: bool
    path: Array | None


def minimize(
    gradient: Callable[[Array], Array],
    w0: Any,
    optimizer: Optimizer[Any],
    *,
    max_steps: int,
    tolerance: float = 0.0,
    record: bool = False,
    callback: Callable[[int, Array], object] | None = None,
) -> OptimizationResult:
    """Run an optimizer until the gradient is small.

    Parameters
    ----------
    gradient : callable
        Takes weights of shape (d,) and returns the gradient, of the same shape.
    w0 : (d,) array_like
        Weights to start from.
    optimizer : Optimizer
        Update rule, such as `GradientDescent` or `Adam`.
    max_steps : int
        Most steps to make.
    tolerance : float, default 0
        Stop where the Euclidean norm of the gradient is at most this.
    record : bool, default False
        Keep every iterate. Without it memory does not grow with the steps.
    callback : callable, optional
        Called after each step with the number of steps made and the weights; for progress, say.

    Returns
    -------
    OptimizationResult
        The last iterate, the steps made, whether the tolerance was met, and the path if recorded.

    Raises
    ------
    DivergenceError
        At the first iterate that is not finite. A ``ValueError`` that gives the step, the rate and,
        for gradient descent on a quadratic, the rate below which it would be stable.
    ValueError
        If a number is out of its range, or the gradient has another shape than the weights.
    TypeError
        If an argument has the wrong type.

    Notes
    -----
    Used throughout the book, first in :ref:`gradient-in-row-space`.

    Examples
    --------
    >>> import numpy as np
    >>> from hwlib.least_squares import mean_squared_error_gradient
    >>> from hwlib.optimizers import GradientDescent, minimize
    >>> X, t = np.array([[2.0, 1.0]]), np.array([2.0])
    >>> result = minimize(
    ...     lambda w: mean_squared_error_gradient(X, t, w),
    ...     np.zeros(2),
    ...     GradientDescent(learning_rate=0.05),
    ...     max_steps=100,
    ...     tolerance=1e-12,
    ... )
    >>> result.w
    array([0.8, 0.4])
    """
    max_steps = whole_number("max_steps", max_steps)
    tolerance = real_number("tolerance", tolerance, minimum=0)
    record = flag("record", record)
    w = start = 1 * floating_vector("w0", w0)  # a copy
    if not callable(gradient):
        raise TypeError(f"gradient must be callable, got {type(gradient).__name__}")
    if callback is not None and not callable(callback):
        raise TypeError(f"callback must be callable, got {type(callback).__name__}")
    if isinstance(optimizer, type) or not (hasattr(optimizer, "init") and hasattr(optimizer, "update")):
        raise TypeError(f"optimizer must be an update rule such as GradientDescent(0.1), got {optimizer!r}")
    state = optimizer.init(w)
    checked = getattr(type(optimizer), "update", None) is Optimizer.update  # what it would check is checked
    step = optimizer._step if checked else optimizer.update
    lazy = is_lazy(w)
    path = [w]
    steps = 0
    with np.errstate(over="ignore", invalid="ignore"):
        while True:
            slope = _slope(gradient, w)
            small = norm(slope) <= tolerance
            converged = known(small, wait=True)
            if converged or steps == max_steps:
                break
            steps += 1
            w, state = step(w, slope, state)
            if lazy:
                w, state = at_once((w, state))
            if not known(norm(w) < math.inf, wait=True) and known(all_finite(w), wait=True) is False:
                raise DivergenceError(_describe_divergence(gradient, start, optimizer, steps))
            if record:
                path.append(w)
            if callback is not None:
                callback(steps, w)
    converged = small if converged is None else converged
    return OptimizationResult(w, steps, converged, namespace(w).stack(path) if record else None)


def _draw_gradient(X: DataMatrix, t: Array, batch_size: int, rng: np.random.Generator, w: Array) -> Array:
    n = X.shape[0]
    batch = rng.choice(n, batch_size, replace=False)
    if library(X) is not None:
        xp, rows = namespace(X), beside(X, batch, whole=True)
        return mean_squared_error_gradient(xp.take(X, rows, axis=0), xp.take(t, rows, axis=0), w)
    if hasattr(X, "__getitem__"):
        return mean_squared_error_gradient(X[batch], t[batch], w)
    share = np.zeros(n)
    share[batch] = 2 / batch_size
    return X.T @ (share * (X @ w - t))  # type: ignore[no-any-return]


def _slope(gradient: Callable[[Array], Array], w: Array) -> Array:
    """Return what a function says is the gradient at w, if it can be that."""
    slope = gradient(w)
    if type(slope) is type(w) is np.ndarray and slope.shape == w.shape and slope.dtype.kind == "f":
        return slope  # soon, once a step
    if getattr(slope, "shape", None) != w.shape:
        came = tuple(slope.shape) if hasattr(slope, "shape") else type(slope).__name__
        raise ValueError(f"gradient must return shape {tuple(w.shape)} like w0, got {came}")
    if getattr(slope.dtype, "kind", "f") != "f":
        raise TypeError(f"gradient must return floating-point numbers, got dtype {slope.dtype}")
    if is_lazy(slope):
        slope = at_once(slope)
        if not is_lazy(w):  # the weights are few, whatever the data
            slope = np.asarray(slope)
    if library(w) is not None or library(slope) is not None:
        refuse_mix(w, "the gradient", slope, beside="w0")
    return slope


def _fitting(w: Array, gradient: Any) -> Array:
    """Return a gradient that is given for a step as an array of the kind and shape of w."""
    if np.shape(gradient) != np.shape(w):
        raise ValueError(f"gradient must have the shape {np.shape(w)} of w, got {np.shape(gradient)}")
    entries = floating(np.asarray(gradient) if isinstance(gradient, list | tuple) else gradient)
    if library(w) is not None or library(entries) is not None:
        refuse_mix(w, "gradient", entries, beside="w")
    return entries


def _settle_accumulator(rule: AdaGrad | RMSProp) -> None:
    """Check the fields that AdaGrad and RMSProp share."""
    settle(rule, "initial_accumulator", real_number, minimum=0)
    settle(rule, "epsilon", real_number, minimum=0)
    if rule.epsilon == rule.initial_accumulator == 0:
        raise ValueError("epsilon must be > 0 where initial_accumulator is 0, got 0.0")


def _describe_divergence(
    gradient: Callable[[Array], Array], w0: Array, optimizer: Optimizer[Any], step: int
) -> str:
    message = f"step {step} with learning_rate {float(optimizer.learning_rate):g} left the finite numbers"
    curvature = _largest_curvature(gradient, w0)
    if curvature is None or not isinstance(optimizer, GradientDescent):
        return f"{message}; try a smaller learning_rate"
    limit = optimizer._largest_stable_rate(curvature)
    return f"{message}; on this quadratic a learning_rate below {limit:.6g} is stable"


def _largest_curvature(gradient: Callable[[Array], Array], w0: Array) -> float | None:
    """Largest eigenvalue of the Hessian by the power method, or None if there is no convex quadratic."""
    xp = namespace(w0)
    at_start = _slope(gradient, w0)

    def change(v: Array) -> Array:
        return _slope(gradient, w0 + v) - at_start

    direction = beside(w0, np.random.default_rng(0).standard_normal(w0.shape))
    image, twice = change(direction), change(2 * direction)
    rounding = 1e-6 * float(norm(image)) + 1e-5 * xp.abs(2 * image)
    affine = bool(xp.any(image != 0)) and bool(xp.all(xp.abs(twice - 2 * image) <= rounding))
    # The gradient of a random batch changes from call to call, if only by chance.
    if not affine or any(bool(xp.any(change(direction) != image)) for _ in range(30)):
        return None
    curvature, previous = float(norm(image)) / float(norm(direction)), 0.0
    while curvature - previous > 1e-9 * curvature:
        direction = image / norm(image)
        image = change(direction)
        curvature, previous = float(norm(image)), curvature
    return curvature if direction @ image > 0.9 * curvature else None
