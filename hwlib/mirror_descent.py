"""Descent in the geometry of a potential, and the solution at which it ends."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from hwlib._arrays import (
    Array,
    DataMatrix,
    data_matrix,
    epsilon,
    floating_vector,
    norm,
    plain,
    refuse_mix,
    refuse_what_is_not_finite,
    targets,
    weights,
)
from hwlib._libraries import at_once, known, library, namespace
from hwlib._options import real_number, settle
from hwlib.least_squares import minimum_norm_solution, row_space_component
from hwlib.optimizers import Optimizer

__all__ = [
    "Potential",
    "SquaredNorm",
    "NegativeEntropy",
    "Hypentropy",
    "MirrorDescent",
    "nearest_solution",
]

MOST_NEWTON_STEPS = 200


class Potential(ABC):
    """Strictly convex function of the weights, a sum with a term for each of them.

    Its gradient maps the weights to other coordinates, in which mirror descent makes plain steps. A new
    potential implements ``_gradient``, ``_inverse_gradient``, ``_inverse_curvature`` and ``_divergence``.
    """

    def gradient(self, w: Any) -> Array:
        """Gradient of the potential.

        Parameters
        ----------
        w : (d,) array_like
            Weights in the potential's domain.

        Returns
        -------
        (d,) array
            The gradient, which tells the weights.

        Raises
        ------
        ValueError
            If w is not a vector of finite numbers in the domain.
        TypeError
            If w is not a real array.
        """
        w = floating_vector("w", w)
        gradient = self._gradient(self._inside("w", w))
        refuse_what_is_not_finite(gradient, w=w)
        return gradient

    def inverse_gradient(self, z: Any) -> Array:
        """Weights at which the potential has a given gradient.

        Parameters
        ----------
        z : (d,) array_like
            Gradient.

        Returns
        -------
        (d,) array
            The weights.

        Raises
        ------
        ValueError
            If z is not a vector of finite numbers.
        TypeError
            If z is not a real array.
        """
        z = floating_vector("z", z)
        w = self._inverse_gradient(z)
        refuse_what_is_not_finite(w, z=z)
        return w

    def divergence(self, w: Any, w0: Any) -> float:
        r"""Bregman divergence: how far the potential at w lies above its tangent at w0.

        Parameters
        ----------
        w : (d,) array_like
            Weights in the potential's domain.
        w0 : (d,) array_like
            Weights in the domain, where the tangent is taken.

        Returns
        -------
        float
            The divergence, which is 0 where w is w0 and positive elsewhere.

        Raises
        ------
        ValueError
            If the shapes do not fit, or an argument is not a vector of finite numbers in the domain.
        TypeError
            If an argument is not a real array.

        Notes
        -----
        .. math:: \psi(w) - \psi(w_0) - (\nabla \psi(w_0))^\top (w - w_0)

        Derived in :ref:`bregman-nearest`.
        """
        w, w0 = floating_vector("w", w), floating_vector("w0", w0)
        if w.shape != w0.shape:
            raise ValueError(f"w has {w.shape[0]} entries but w0 has {w0.shape[0]}")
        refuse_mix(w, "w0", w0, beside="w")
        divergence: float = plain(self._divergence(self._inside("w", w), self._inside("w0", w0)))
        refuse_what_is_not_finite(divergence, w=w, w0=w0)
        return divergence

    @abstractmethod
    def _gradient(self, w: Array) -> Array:
        """Gradient at w."""

    @abstractmethod
    def _inverse_gradient(self, z: Array) -> Array:
        """Weights where the gradient is z."""

    @abstractmethod
    def _inverse_curvature(self, w: Array) -> Array:
        """How fast the weights change with the gradient."""

    @abstractmethod
    def _divergence(self, w: Array, w0: Array) -> Any:
        """Divergence of w from w0."""

    def _inside(self, name: str, w: Array) -> Array:
        """Return w if it lies in the domain."""
        return w

    def _moved(self, w: Array, change: Array) -> Array:
        """Weights whose gradient is that at w and the change."""
        return self._inverse_gradient(self._gradient(w) + change)

    def _damped(self, change: Array) -> Array:
        """Newton's step, shortened so that it cannot go too far.

        Where the inverse curvature grows at most e-fold while the gradient changes by 1, the dual objective
        still falls at the end of the shortened step.
        """
        xp = namespace(change)
        largest = xp.max(xp.abs(change))
        shortened: Array = change * (xp.log1p(largest) / (largest + xp.finfo(change.dtype).smallest_normal))
        return shortened


@dataclass(frozen=True)
class SquaredNorm(Potential):
    r"""Half the squared Euclidean norm, whose mirror descent is gradient descent.

    Notes
    -----
    .. math:: \psi(w) = \frac{1}{2} \|w\|^2

    Used in :ref:`bregman-nearest`.

    Examples
    --------
    >>> from hwlib.mirror_descent import SquaredNorm
    >>> SquaredNorm().divergence([3.0, 4.0], [0.0, 0.0])
    12.5
    """

    def _gradient(self, w: Array) -> Array:
        return w

    def _inverse_gradient(self, z: Array) -> Array:
        return z

    def _inverse_curvature(self, w: Array) -> Array:
        return namespace(w).ones_like(w)  # type: ignore[no-any-return]  # an array

    def _divergence(self, w: Array, w0: Array) -> Any:
        return (w - w0) @ (w - w0) / 2

    def _damped(self, change: Array) -> Array:
        return change


@dataclass(frozen=True)
class NegativeEntropy(Potential):
    r"""Negative entropy of positive weights, whose mirror descent multiplies.

    Notes
    -----
    .. math:: \psi(w) = \sum_{j=1}^{d} (w_j \log w_j - w_j)

    Used in :ref:`potentials`.

    Examples
    --------
    >>> from hwlib.mirror_descent import NegativeEntropy
    >>> NegativeEntropy().gradient([1.0, 1.0])
    array([0., 0.])
    """

    def _gradient(self, w: Array) -> Array:
        return namespace(w).log(w)  # type: ignore[no-any-return]  # an array

    def _inverse_gradient(self, z: Array) -> Array:
        return namespace(z).exp(z)  # type: ignore[no-any-return]  # an array

    def _inverse_curvature(self, w: Array) -> Array:
        return w

    def _divergence(self, w: Array, w0: Array) -> Any:
        xp = namespace(w)
        return xp.sum(w * xp.log(w / w0) - w + w0)

    def _inside(self, name: str, w: Array) -> Array:
        xp = namespace(w)
        outside = w <= 0
        if known(xp.any(outside)):
            count = xp.nonzero(outside)[0].shape[0]
            raise ValueError(f"{name} must be positive, got {count} entries that are not")
        return w

    def _moved(self, w: Array, change: Array) -> Array:
        xp = namespace(w)
        if known(xp.any(w < 0)):  # at 0 there is a weight that has become too small for its type, and stays
            self._inside("w", w)
        return w * xp.exp(change)  # type: ignore[no-any-return]  # an array


@dataclass(frozen=True)
class Hypentropy(Potential):
    r"""Hyperbolic entropy, which is between a squared norm and an entropy of the weights' sizes.

    Parameters
    ----------
    scale : float
        Size of weight at which the one becomes the other, above 0.

    Raises
    ------
    ValueError
        If the scale is not above 0, NaN or infinite.
    TypeError
        If the scale is not a real number.

    Notes
    -----
    With the scale :math:`\beta`, the potential [1]_ is

    .. math::

        \psi(w) = \sum_{j=1}^{d} \left( w_j \log \frac{w_j + \sqrt{w_j^2 + \beta^2}}{\beta}
        - \sqrt{w_j^2 + \beta^2} \right)

    Used in :ref:`potentials`.

    References
    ----------
    .. [1] U. Ghai, E. Hazan and Y. Singer, "Exponentiated Gradient Meets Gradient Descent", ALT 2020.
       https://arxiv.org/abs/1902.01903

    Examples
    --------
    >>> from hwlib.mirror_descent import Hypentropy
    >>> Hypentropy(scale=2.0).inverse_gradient([0.0])
    array([0.])
    """

    scale: float

    def __post_init__(self) -> None:
        settle(self, "scale", real_number, above=0)

    def _gradient(self, w: Array) -> Array:
        xp = namespace(w)
        asinh = xp.arcsinh if xp is np else xp.asinh  # NumPy has the shorter name since version 2
        return asinh(w / self.scale)  # type: ignore[no-any-return]  # an array

    def _inverse_gradient(self, z: Array) -> Array:
        return self.scale * namespace(z).sinh(z)  # type: ignore[no-any-return]  # an array

    def _inverse_curvature(self, w: Array) -> Array:
        xp = namespace(w)
        return xp.hypot(w, self.scale * xp.ones_like(w))  # type: ignore[no-any-return]  # an array

    def _divergence(self, w: Array, w0: Array) -> Any:
        change = self._gradient(w) - self._gradient(w0)
        roots = self._inverse_curvature(w) + self._inverse_curvature(w0)  # their difference would cancel
        return namespace(w).sum(w * change - (w - w0) * (w + w0) / roots)


@dataclass(frozen=True)
class MirrorDescent(Optimizer[None]):
    r"""Gradient descent in the coordinates that the gradient of a potential gives the weights.

    Parameters
    ----------
    learning_rate : float
        Step size, at least 0.
    potential : SquaredNorm, NegativeEntropy or Hypentropy
        The potential, or another `Potential`.

    Raises
    ------
    ValueError
        If the rate is negative, NaN or infinite.
    TypeError
        If the rate is not a real number, or the potential is none.

    Notes
    -----
    With :math:`z` the gradient of the potential at the weights and :math:`g` that of the loss [1]_,

    .. math:: z \leftarrow z - \eta g

    tells the weights after the step. With `NegativeEntropy` this is the exponentiated
    gradient method [2]_ for weights that need not sum to 1. On least squares it ends, where it converges
    to a solution, at `nearest_solution`. Derived in :ref:`bregman-nearest`.

    References
    ----------
    .. [1] A. Beck and M. Teboulle, "Mirror descent and nonlinear projected subgradient methods for convex
       optimization", Operations Research Letters 31(3), 2003.
       https://doi.org/10.1016/S0167-6377(02)00231-6
    .. [2] J. Kivinen and M. K. Warmuth, "Exponentiated Gradient versus Gradient Descent for Linear
       Predictors", Information and Computation 132(1), 1997. https://doi.org/10.1006/inco.1996.2612

    Examples
    --------
    >>> import numpy as np
    >>> from hwlib.mirror_descent import MirrorDescent, NegativeEntropy
    >>> rule = MirrorDescent(learning_rate=1.0, potential=NegativeEntropy())
    >>> w = np.array([1.0, 2.0])
    >>> w, state = rule.update(w, np.array([np.log(2), 0.0]), rule.init(w))
    >>> w
    array([0.5, 2. ])
    """

    learning_rate: float
    potential: Potential

    def __post_init__(self) -> None:
        super().__post_init__()
        _refuse_what_is_none(self.potential)

    def _start(self, zeros: Array) -> None:
        return None

    def _step(self, w: Array, gradient: Array, state: None) -> tuple[Array, None]:
        return self.potential._moved(w, -self.learning_rate * gradient), None


def nearest_solution(X: Any, t: Any, w0: Any, potential: Potential) -> Array:
    r"""Solution of :math:`Xw = t` whose Bregman divergence from a start is the smallest.

    Parameters
    ----------
    X : (n, d) array, sparse array or LinearOperator
        Data of full row rank.
    t : (n,) array_like
        Targets.
    w0 : (d,) array_like
        Start, in the potential's domain.
    potential : Potential
        Potential of the divergence, such as `SquaredNorm()`.

    Returns
    -------
    (d,) array
        The nearest solution.

    Raises
    ------
    ValueError
        If X has not full row rank, or no solution was found in the domain: there may be none. Also if the
        shapes do not fit, an entry is NaN or infinite, or the start lies outside of the domain.
    TypeError
        If an argument is not a real array, or the potential is none.

    Notes
    -----
    With `SquaredNorm` it is

    .. math:: w_0 + X^\top (X X^\top)^{-1} (t - X w_0)

    The nearest solution is the only one at which the potential's gradient differs from that at the start
    by a combination of the rows of X. Newton's method looks for the combination. Each of its steps is a
    `minimum_norm_solution`, so X is touched through products alone unless it is an array, and is
    shortened so that it cannot go too far. A solution on the edge of the domain is only approached.
    Derived in :ref:`bregman-nearest`.

    Examples
    --------
    >>> import numpy as np
    >>> from hwlib.mirror_descent import NegativeEntropy, nearest_solution
    >>> nearest_solution(np.array([[2.0, 1.0]]), [2.0], [0.1, 0.6], NegativeEntropy())
    array([0.4, 1.2])
    """
    X = data_matrix(X)
    t = targets(X, t)
    _refuse_what_is_none(potential)
    w = w0 = potential._inside("w0", weights(X, w0, "w0"))
    minimum_norm_solution(X, t)  # refuses an X without full row rank
    z = potential._gradient(w0)
    xp = namespace(z)
    tolerance = math.sqrt(epsilon(z))
    negligible = tolerance**1.5  # beside the largest: steps get shorter by it, and rounding stays small
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for _ in range(MOST_NEWTON_STEPS):
            softness = potential._inverse_curvature(w)
            scales = xp.maximum(softness, negligible * xp.max(softness)) ** 0.5
            try:
                step = minimum_norm_solution(_with_scaled_columns(X, scales), t - X @ w) / scales
                change = row_space_component(X, step)  # where scales are small, rounding led out of it
            except ValueError:  # the weights are about to leave the finite numbers
                break
            z, change = at_once((z + potential._damped(change), change))
            w = potential._inverse_gradient(z)
            if known(xp.max(xp.abs(change)) <= tolerance * xp.max(xp.abs(z)), wait=True):
                break
        left = norm(t - X @ w)
        near = left <= tolerance * (norm(t) + norm(X @ w0))
    if known(near, wait=True) is False:
        raise ValueError(
            f"X w = t must have a solution in the domain of {potential}, found none: "
            f"{float(left):g} was left of t"
        )
    return w


@dataclass(frozen=True)
class _Products:
    """A matrix that is known by its products with vectors."""

    shape: tuple[int, ...]
    times: Callable[[Array], Array]
    transpose_times: Callable[[Array], Array]

    @property
    def T(self) -> "_Products":
        return _Products(self.shape[::-1], self.transpose_times, self.times)

    def __matmul__(self, v: Array) -> Array:
        return self.times(v)


def _with_scaled_columns(X: DataMatrix, scales: Array) -> Any:
    """X with each column multiplied by a number."""
    if isinstance(X, np.ndarray) or library(X) is not None:
        return X * scales
    return _Products(X.shape, lambda v: X @ (scales * v), lambda u: scales * (X.T @ u))


def _refuse_what_is_none(potential: Any) -> None:
    if not isinstance(potential, Potential):
        raise TypeError(f"potential must be a Potential such as SquaredNorm(), got {potential!r}")
