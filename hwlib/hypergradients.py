"""Gradients of the final training loss with respect to the hyperparameters, through every step."""

import math
import weakref
from dataclasses import dataclass
from typing import Any

import numpy as np

from hwlib._arrays import (
    Array,
    all_finite,
    least_squares_problem,
    plain,
    product,
    products,
    real_scalar,
    refuse_entries,
)
from hwlib._libraries import at_once, is_lazy, known, side_by_side
from hwlib._options import choice, whole_number
from hwlib.optimizers import DivergenceError

__all__ = [
    "unroll",
    "Hypergradient",
    "learning_rate_gradient",
    "ComputationGraph",
    "computation_graph",
]


def unroll(X: Any, t: Any, w0: Any, learning_rate: float, steps: int, *, l2: float = 0.0) -> Array:
    r"""Weights after some steps of gradient descent at a constant rate.

    Parameters
    ----------
    X : (n, d) array, sparse array or LinearOperator
        Data, one row for each example.
    t : (n,) array_like
        Targets.
    w0 : (d,) array_like
        Weights before the first step.
    learning_rate : float
        Rate of every step, at least 0.
    steps : int
        Number of steps, at least 0.
    l2 : float, default 0
        Factor of the L2 penalty, at least 0.

    Returns
    -------
    (d,) array
        The weights after the last step.

    Raises
    ------
    DivergenceError
        If the weights leave the finite numbers; a ``ValueError``.
    ValueError
        If the shapes do not fit, or a number is out of its range, NaN or infinite.
    TypeError
        If an argument has the wrong type.

    Notes
    -----
    .. math:: w_{i+1} = w_i - \eta \nabla \tilde L(w_i), \qquad
        \tilde L(w) = \frac{1}{n} \|Xw - t\|^2 + \tilde\lambda \|w\|^2

    Drawn in :ref:`unrolled-training`.

    Examples
    --------
    >>> import numpy as np
    >>> from hwlib.hypergradients import unroll
    >>> unroll(np.array([[2.0, 1.0]]), np.array([2.0]), np.zeros(2), 0.1, 1)
    array([0.8, 0.4])
    """
    training = _Training(X, t, w0, learning_rate, steps, l2)
    with np.errstate(over="ignore", invalid="ignore"):
        w = training.start()
        for _ in range(training.steps):
            w = training.step(w)
    training.refuse_divergence(all_finite(w))
    return w


@dataclass(frozen=True)
class Hypergradient:
    """The loss at the end of training, and its derivatives.

    Attributes
    ----------
    loss : float
        Penalised loss at the last weights.
    gradient : float
        Derivative of the loss with respect to the learning rate.
    stored_weights : int
        Most iterates that were alive at once, counted while running.
    l2_gradient : float
        Derivative of the loss with respect to the factor of the L2 penalty.
    """

    loss: float
    gradient: float
    stored_weights: int
    l2_gradient: float


def learning_rate_gradient(
    X: Any,
    t: Any,
    w0: Any,
    learning_rate: float,
    steps: int,
    *,
    l2: float = 0.0,
    method: str = "reverse",
) -> Hypergradient:
    r"""Derivatives of the loss after training with respect to its hyperparameters.

    Parameters
    ----------
    X : (n, d) array, sparse array or LinearOperator
        Data, one row for each example.
    t : (n,) array_like
        Targets.
    w0 : (d,) array_like
        Weights before the first step.
    learning_rate : float
        Rate of every step, at least 0.
    steps : int
        Number of steps, at least 0.
    l2 : float, default 0
        Factor of the L2 penalty, at least 0.
    method : {"reverse", "forward", "checkpoint"}
        How to differentiate. All three give the same derivatives to rounding.

    Returns
    -------
    Hypergradient
        The loss, its derivatives, and the number of iterates that were alive at once.

    Raises
    ------
    DivergenceError
        If the weights or a derivative leave the finite numbers; a ``ValueError``.
    ValueError
        If the shapes do not fit, a number is out of its range, NaN or infinite, or the method is
        none of the three.
    TypeError
        If an argument has the wrong type.

    Notes
    -----
    - ``"forward"`` carries the derivatives of the iterate along with it [1]_ and keeps no iterate:
      memory :math:`O(1)`.
    - ``"reverse"`` keeps every iterate and carries the derivative of the loss back [2]_: :math:`O(t)`.
    - ``"checkpoint"`` keeps every :math:`\sqrt{t}`-th iterate and makes the others again when they
      are needed [3]_: :math:`O(\sqrt{t})`, for one more run of the training.

    Derived in :ref:`memory-of-hypergradients`.

    References
    ----------
    .. [1] L. Franceschi, M. Donini, P. Frasconi and M. Pontil, "Forward and Reverse Gradient-Based
       Hyperparameter Optimization", ICML 2017. https://proceedings.mlr.press/v70/franceschi17a.html
    .. [2] D. Maclaurin, D. Duvenaud and R. P. Adams, "Gradient-based Hyperparameter Optimization
       through Reversible Learning", ICML 2015. https://proceedings.mlr.press/v37/maclaurin15.html
    .. [3] T. Chen, B. Xu, C. Zhang and C. Guestrin, "Training Deep Nets with Sublinear Memory Cost",
       2016. https://arxiv.org/abs/1604.06174

    Examples
    --------
    One step at the optimal rate: the derivative is zero.

    >>> import numpy as np
    >>> from hwlib.hypergradients import learning_rate_gradient
    >>> X, t, w0 = np.array([[2.0, 0.0], [0.0, 1.0]]), np.array([2.0, 2.0]), np.zeros(2)
    >>> abs(round(learning_rate_gradient(X, t, w0, 5 / 17, 1).gradient, 12))
    0.0
    >>> learning_rate_gradient(X, t, w0, 0.1, 9).stored_weights
    10
    >>> learning_rate_gradient(X, t, w0, 0.1, 9, method="forward").stored_weights
    2
    """
    methods = {
        "reverse": _reverse,
        "forward": _forward,
        "checkpoint": _checkpoint,
    }
    differentiate = methods[choice("method", method, methods)]
    training = _Training(X, t, w0, learning_rate, steps, l2)
    with np.errstate(over="ignore", invalid="ignore"):
        finite, result = differentiate(training)
    training.refuse_divergence(finite)
    if known(all_finite(result.loss + result.gradient + result.l2_gradient), wait=True) is False:
        raise DivergenceError(
            f"the derivatives of {training.steps} steps with learning_rate "
            f"{float(training.learning_rate):g} left the finite numbers; try a smaller learning_rate"
        )
    return result


@dataclass(frozen=True)
class ComputationGraph:
    """Which quantity of an unrolled training is computed from which.

    Attributes
    ----------
    nodes : tuple of str
        Names of the quantities, in an order in which they can be computed.
    edges : tuple of (str, str)
        Pairs (argument, result).
    """

    nodes: tuple[str, ...]
    edges: tuple[tuple[str, str], ...]

    def to_dot(self) -> str:
        """The graph in the DOT language of Graphviz.

        Returns
        -------
        str
            One directed graph, left to right.

        Examples
        --------
        >>> from hwlib.hypergradients import computation_graph
        >>> print(computation_graph(0).to_dot())
        digraph training {
          rankdir=LR;
          learning_rate;
          l2;
          w0;
          loss0;
          w0 -> loss0;
          l2 -> loss0;
        }
        """
        statements = [*self.nodes, *(f"{argument} -> {result}" for argument, result in self.edges)]
        return "\n".join(["digraph training {", "  rankdir=LR;", *(f"  {s};" for s in statements), "}"])


def computation_graph(steps: int) -> ComputationGraph:
    r"""Computation graph of the penalised loss after some steps of gradient descent.

    Parameters
    ----------
    steps : int
        Number of steps, at least 0.

    Returns
    -------
    ComputationGraph
        With the nodes ``learning_rate``, ``l2`` and, for each step i, ``w{i}``, ``loss{i}`` and,
        but for the last, ``gradient{i}``.

    Raises
    ------
    ValueError
        If `steps` is negative.
    TypeError
        If `steps` is not an integer.

    Notes
    -----
    The edges are the arguments of

    .. math::

        \tilde L_i = \tilde L(w_i; \tilde\lambda), \qquad
        g_i = \nabla \tilde L(w_i; \tilde\lambda), \qquad
        w_{i+1} = w_i - \eta g_i.

    Drawn in :ref:`unrolled-training`.

    Examples
    --------
    >>> from hwlib.hypergradients import computation_graph
    >>> graph = computation_graph(2)
    >>> len(graph.nodes)
    10
    >>> [argument for argument, result in graph.edges if result == "w2"]
    ['w1', 'learning_rate', 'gradient1']
    """
    steps = whole_number("steps", steps)
    nodes = ["learning_rate", "l2"]
    edges = []
    for i in range(steps + 1):
        nodes += [f"w{i}", f"loss{i}"]
        edges += [(f"w{i}", f"loss{i}"), ("l2", f"loss{i}")]
        if i < steps:
            nodes.append(f"gradient{i}")
            edges += [(f"w{i}", f"gradient{i}"), ("l2", f"gradient{i}")]
            edges += [(source, f"w{i + 1}") for source in (f"w{i}", "learning_rate", f"gradient{i}")]
    return ComputationGraph(tuple(nodes), tuple(edges))


class _Training:
    """Gradient descent on the penalised loss; counts the iterates that are alive."""

    def __init__(self, X: Any, t: Any, w0: Any, learning_rate: float, steps: int, l2: float) -> None:
        self.X, self.t, self.w0 = least_squares_problem(X, t, w0, "w0")
        self.learning_rate = real_scalar("learning_rate", learning_rate, like=self.X, minimum=0)
        self.steps = whole_number("steps", steps)
        self.l2 = real_scalar("l2", l2, like=self.X, minimum=0)
        self.times, self.transpose_times = products(self.X)
        self.scale = 2 / self.X.shape[0]
        self.scaled_rate = self.learning_rate * self.scale
        self.shrinking = 1 - 2 * self.learning_rate * self.l2
        self.shrinks = not isinstance(self.shrinking, float) or self.shrinking != 1
        self.lazy = is_lazy(self.X)
        self.most_alive = 0
        self._alive = alive = dict[int, weakref.ref[Array]]()
        self._forget = lambda gone: alive.pop(id(gone))  # without this training, which would then hold itself

    def start(self) -> Array:
        return self.count(self.w0 + 0)

    def step(self, w: Array) -> Array:
        return self.count(self.at_once(self.following(w)))

    def following(self, w: Array) -> Array:
        return self.shrunk(w) - self.scaled_rate * self.slopes(w)[0]  # type: ignore[no-any-return]  # as w is

    def shrunk(self, v: Array) -> Array:
        return self.shrinking * v if self.shrinks else v

    def loss(self, w: Array) -> Any:
        residual = self.times(w) - self.t
        return plain(residual @ residual) / self.X.shape[0] + self.l2 * plain(w @ w)

    def gradient(self, w: Array) -> Array:
        return self.scale * self.slopes(w)[0] + 2 * self.l2 * w  # type: ignore[no-any-return]  # as w is

    def slopes(self, w: Array, *directions: Array) -> list[Array]:
        """X^T (X w - t), and X^T X v for each direction v."""
        if not self.lazy or not directions:
            curved = [self.transpose_times(self.times(v)) for v in directions]
            return [self.transpose_times(self.times(w) - self.t), *curved]
        # For several products Dask would keep all chunks; for one product of matrices it need not.
        images = self.X @ side_by_side([w, *directions])
        residuals = images - side_by_side([self.t, *(0 * self.t for _ in directions)])
        return list((self.X.T @ residuals).T)

    def at_once(self, values: Any) -> Any:
        """The values, computed at every step where they are Dask's."""
        return at_once(values) if self.lazy else values

    def refuse_divergence(self, finite: Any) -> None:
        """Raise if the last weights are not finite; once some are not, those after them are not either."""
        if known(finite, wait=True) is False:
            refuse_entries(X=self.X, t=self.t, w0=self.w0)
            raise DivergenceError(
                f"training with learning_rate {float(self.learning_rate):g} left the finite numbers; "
                "try a smaller learning_rate"
            )

    def count(self, w: Array) -> Array:
        reference = weakref.ref(w, self._forget)
        self._alive[id(reference)] = reference
        self.most_alive = max(self.most_alive, len(self._alive))
        return w


class _Adjoint:
    """Derivatives of the final loss, carried back through the steps."""

    def __init__(self, training: _Training, w: Array) -> None:
        self.training = training
        self.of_l2 = w @ w
        self.loss, self.finite, gradient = training.at_once(
            (training.loss(w), all_finite(w), training.gradient(w))
        )
        # The derivative with respect to the weights, and sums over the steps of three inner products
        self.carried = gradient, 0.0, 0.0, 0.0

    def step_back(self, w: Array) -> None:
        """From the weights after a step to those before it, w."""
        training = self.training
        p, with_hessian, with_targets, with_weights = self.carried
        image = training.times(p)
        curved = training.transpose_times(image)
        self.carried = training.at_once(
            (
                training.shrunk(p) - training.scaled_rate * curved,
                with_hessian + product(curved, w),
                with_targets + product(image, training.t),
                with_weights + product(p, w),
            )
        )

    def result(self) -> tuple[Any, Hypergradient]:
        training = self.training
        _, with_hessian, with_targets, with_weights = self.carried
        # No gradient at w was made again: p times X^T (X w - t) is X^T X p times w less X p times t.
        along_gradients = training.scale * (with_hessian - with_targets) + 2 * training.l2 * with_weights
        of_l2 = self.of_l2 - 2 * training.learning_rate * with_weights
        derivatives = plain(-along_gradients), training.most_alive, plain(of_l2)
        return self.finite, Hypergradient(self.loss, *derivatives)


def _forward(training: _Training) -> tuple[Any, Hypergradient]:
    rate = training.learning_rate
    w = training.start()
    by_learning_rate = by_l2 = 0 * w
    for _ in range(training.steps):
        slope, along_learning_rate, along_l2 = training.slopes(w, by_learning_rate, by_l2)
        gradient = training.scale * slope + 2 * training.l2 * w
        by_learning_rate = (
            training.shrunk(by_learning_rate) - gradient - training.scaled_rate * along_learning_rate
        )
        by_l2 = training.shrunk(by_l2) - 2 * rate * w - training.scaled_rate * along_l2
        following = training.shrunk(w) - training.scaled_rate * slope
        following, by_learning_rate, by_l2 = training.at_once((following, by_learning_rate, by_l2))
        w = training.count(following)
        del following  # w alone is alive
    loss, slope = training.at_once((training.loss(w), training.gradient(w)))
    result = Hypergradient(
        loss,
        plain(slope @ by_learning_rate),
        training.most_alive,
        plain(w @ w + slope @ by_l2),
    )
    return all_finite(w), result


def _reverse(training: _Training) -> tuple[Any, Hypergradient]:
    iterates = [training.start()]
    for _ in range(training.steps):
        iterates.append(training.step(iterates[-1]))
    adjoint = _Adjoint(training, iterates.pop())
    while iterates:
        adjoint.step_back(iterates.pop())
    return adjoint.result()


def _checkpoint(training: _Training) -> tuple[Any, Hypergradient]:
    segment = math.isqrt(training.steps)
    checkpoints = []
    w = training.start()
    for i in range(training.steps):
        if i % segment == 0:
            checkpoints.append(w)
        w = training.step(w)
    adjoint = _Adjoint(training, w)
    del w
    remaining = training.steps
    while checkpoints:
        iterates = [checkpoints.pop()]
        while len(checkpoints) * segment + len(iterates) < remaining:
            iterates.append(training.step(iterates[-1]))
        while iterates:
            adjoint.step_back(iterates.pop())
            remaining -= 1
    return adjoint.result()
