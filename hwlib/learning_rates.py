"""The best learning rate for one step, the largest stable one, and schedules for many steps."""

import math
from typing import Any

import numpy as np

from hwlib._arrays import (
    Array,
    DataMatrix,
    data_matrix,
    epsilon,
    least_squares_problem,
    norm,
    plain,
    product,
    products,
    real_scalar,
    refuse_entries,
    refuse_what_is_not_finite,
)
from hwlib._libraries import at_once, beside, is_lazy, known, library, namespace
from hwlib._options import choice, real_number, whole_number

__all__ = [
    "loss_after_step",
    "optimal_learning_rate",
    "polyak_learning_rate",
    "maximum_stable_learning_rate",
    "chebyshev_schedule",
    "silver_schedule",
]


def loss_after_step(X: Any, t: Any, w0: Any, learning_rate: float) -> float:
    r"""Loss after one step of gradient descent, as a function of the learning rate.

    Parameters
    ----------
    X : (n, d) array, sparse array or LinearOperator
        Data, one row for each example.
    t : (n,) array_like
        Targets.
    w0 : (d,) array_like
        Weights before the step.
    learning_rate : float
        Rate of the step, any finite number.

    Returns
    -------
    float
        The loss after the step, in the squared unit of the targets.

    Raises
    ------
    ValueError
        If the shapes do not fit, or a number is NaN or infinite.
    TypeError
        If an argument has the wrong type.

    Notes
    -----
    With :math:`a = Xw_0 - t`,

    .. math:: L_1(\eta) = \frac{1}{n} a^\top \left[I - \frac{2\eta}{n} X X^\top\right]^2 a,

    which takes three products with X or its transpose. Derived in :ref:`loss-after-one-step`.

    Examples
    --------
    >>> import numpy as np
    >>> from hwlib.learning_rates import loss_after_step
    >>> X, t, w0 = np.array([[2.0, 1.0]]), np.array([2.0]), np.zeros(2)
    >>> loss_after_step(X, t, w0, 0.0)
    4.0
    >>> loss_after_step(X, t, w0, 0.05)
    1.0
    """
    X, t, w = least_squares_problem(X, t, w0, "w0")
    learning_rate = real_scalar("learning_rate", learning_rate, like=X)
    n: int = X.shape[0]
    with np.errstate(invalid="ignore"):
        a = product(X, w) - t
        a, gradient = at_once((a, product(X.T, a)))
        residual = a - (2 * learning_rate / n) * product(X, gradient)
        loss: float = plain(residual @ residual) / n
    refuse_what_is_not_finite(loss, X=X, t=t, w0=w)
    return loss


def optimal_learning_rate(X: Any, t: Any, w0: Any) -> float:
    r"""Learning rate that makes the loss after one step smallest.

    Parameters
    ----------
    X : (n, d) array, sparse array or LinearOperator
        Data, one row for each example.
    t : (n,) array_like
        Targets.
    w0 : (d,) array_like
        Weights before the step.

    Returns
    -------
    float
        The rate, above 0.

    Raises
    ------
    ValueError
        If the gradient at w0 is zero to rounding: w0 is already optimal and every rate is as good.
        Also if the gradient is not finite, the shapes do not fit, or an entry is NaN or infinite.
    TypeError
        If an argument is not a real array.

    Notes
    -----
    With :math:`a = Xw_0 - t`,

    .. math:: \eta^* = \frac{n}{2} \frac{\|X^\top a\|^2}{\|X X^\top a\|^2},

    the exact line search of steepest descent [1]_, in three products with X or its transpose.
    Derived in :ref:`optimal-rate`.

    References
    ----------
    .. [1] J. Nocedal and S. J. Wright, "Numerical Optimization", 2nd ed., Springer, 2006,
       section 3.3. https://doi.org/10.1007/978-0-387-40065-5

    Examples
    --------
    >>> import numpy as np
    >>> from hwlib.learning_rates import optimal_learning_rate
    >>> optimal_learning_rate(np.array([[2.0, 1.0]]), np.array([2.0]), np.zeros(2))
    0.1
    """
    X, t, w = least_squares_problem(X, t, w0, "w0")
    _, _, bend = _steepest_direction(X, t, w)
    n: int = X.shape[0]
    return n / 2 / bend**2  # type: ignore[no-any-return]  # a float, or where X lives


def polyak_learning_rate(X: Any, t: Any, w0: Any, *, minimum: float = 0.0) -> float:
    r"""Learning rate of Polyak, from the loss, its gradient and the smallest loss there is.

    Parameters
    ----------
    X : (n, d) array, sparse array or LinearOperator
        Data, one row for each example.
    t : (n,) array_like
        Targets.
    w0 : (d,) array_like
        Weights before the step.
    minimum : float, default 0
        Smallest loss, at most the loss at w0. It is 0 where some weights fit all targets.

    Returns
    -------
    float
        The rate, at least 0.

    Raises
    ------
    ValueError
        If the gradient at w0 is zero to rounding: w0 is already optimal. Also if the minimum is above the
        loss at w0, the gradient is not finite, the shapes do not fit, or an entry is NaN or infinite.
    TypeError
        If an argument has the wrong type.

    Notes
    -----
    .. math:: \eta = \frac{L(w_0) - L^*}{\|\nabla L(w_0)\|^2}

    where :math:`L^*` is the minimum. For every convex loss, a step at this rate brings the weights nearer to
    each minimiser [1]_; on least squares twice this rate brings them nearest. Derived in
    :ref:`greedy-steps`.

    References
    ----------
    .. [1] B. T. Polyak, "Minimization of unsmooth functionals", USSR Computational Mathematics and
       Mathematical Physics 9(3), 1969. https://doi.org/10.1016/0041-5553(69)90061-5

    Examples
    --------
    >>> import numpy as np
    >>> from hwlib.learning_rates import polyak_learning_rate
    >>> polyak_learning_rate(np.array([[2.0, 1.0]]), np.array([2.0]), np.zeros(2))
    0.05
    """
    X, t, w = least_squares_problem(X, t, w0, "w0")
    minimum = real_scalar("minimum", minimum, like=X)
    a, slope, _ = _steepest_direction(X, t, w)
    n: int = X.shape[0]
    loss = norm(a) ** 2 / n
    if known(minimum > loss):
        raise ValueError(f"minimum must be at most the loss {float(loss):g} at w0, got {float(minimum):g}")
    return (loss - minimum) / (2 / n * slope) ** 2  # type: ignore[no-any-return]  # a float, or where X lives


def maximum_stable_learning_rate(X: Any) -> float:
    r"""Learning rate below which gradient descent on the least-squares loss converges.

    Parameters
    ----------
    X : (n, d) array, sparse array or LinearOperator
        Data, one row for each example.

    Returns
    -------
    float
        The rate, to a relative 1e-8 for data in float64; infinite if X is zero.

    Raises
    ------
    ValueError
        If X is empty, not a matrix, or has an entry that is NaN or infinite.
    TypeError
        If X is not a real array.

    Notes
    -----
    .. math:: \frac{n}{\sigma_1^2}

    where :math:`\sigma_1` is the largest singular value of X, found by the Lanczos method [1]_ on the
    smaller of :math:`X X^\top` and :math:`X^\top X`, of which only products are needed.
    Derived in :ref:`largest-stable-rate`.

    References
    ----------
    .. [1] G. H. Golub and C. F. Van Loan, "Matrix Computations", 4th ed., Johns Hopkins University
       Press, 2013, section 10.1. https://doi.org/10.56021/9781421407944

    Examples
    --------
    >>> import numpy as np
    >>> from hwlib.learning_rates import maximum_stable_learning_rate
    >>> maximum_stable_learning_rate(np.array([[2.0, 1.0]]))
    0.2
    """
    X = data_matrix(X, finite=False)
    n: int = X.shape[0]
    largest = _largest_singular_value(X)
    if largest == 0:
        return plain(largest + math.inf)  # type: ignore[no-any-return]  # a float, or where X lives
    return n / largest / largest  # type: ignore[no-any-return]  # a float, or where X lives


def chebyshev_schedule(smallest: float, largest: float, steps: int, *, order: str = "ascending") -> Array:
    r"""Learning rates that, together, contract a quadratic the most in a given number of steps.

    Parameters
    ----------
    smallest : float
        Smallest eigenvalue of the Hessian, above 0.
    largest : float
        Largest eigenvalue of the Hessian, at least `smallest`.
    steps : int
        Number of steps, at least 1.
    order : {"ascending", "stable"}
        The smallest rate first; or short and long rates in turn, so that rounding stays small.

    Returns
    -------
    (steps,) array
        One rate for each step.

    Raises
    ------
    ValueError
        If a number is out of its range, NaN or infinite.
    TypeError
        If an argument has the wrong type.

    Notes
    -----
    The rates are the reciprocals of the roots of the Chebyshev polynomial on the interval of the
    eigenvalues, from :math:`m` to :math:`M` [1]_; for :math:`k` from 0 to :math:`T - 1`

    .. math:: \frac{1}{\eta_k} = \frac{M + m}{2} + \frac{M - m}{2} \cos \frac{(2k + 1) \pi}{2T}.

    The Hessian of the least-squares loss is :math:`\nabla^2 L(w) = \frac{2}{n} X^\top X`. In exact
    arithmetic the order does not matter. In floating point the long rates, one after the other, enlarge what
    the steps before them have rounded; the stable order [2]_ puts a short rate before each long one.
    Derived in :ref:`chebyshev-steps`, the order in :ref:`planned-steps`.

    References
    ----------
    .. [1] D. Young, "On Richardson's Method for Solving Linear Systems with Positive Definite
       Matrices", Journal of Mathematics and Physics 32, 1953. https://doi.org/10.1002/sapm1953321243
    .. [2] V. I. Lebedev and S. A. Finogenov, "Ordering of the iterative parameters in the cyclical Chebyshev
       iterative method", USSR Computational Mathematics and Mathematical Physics 11(2), 1971.
       https://doi.org/10.1016/0041-5553(71)90169-8

    Examples
    --------
    >>> from hwlib.learning_rates import chebyshev_schedule
    >>> chebyshev_schedule(1.0, 3.0, 1)
    array([0.5])
    """
    smallest = real_number("smallest", smallest, above=0)
    largest = real_number("largest", largest, above=0)
    steps = whole_number("steps", steps, minimum=1)
    if largest < smallest:
        raise ValueError(f"largest must be >= smallest = {smallest:g}, got {largest:g}")
    order = choice("order", order, ("ascending", "stable"))
    cosines = np.cos((2 * np.arange(steps) + 1) * np.pi / (2 * steps))
    rates = 1 / ((largest / 2 + smallest / 2) + (largest / 2 - smallest / 2) * cosines)
    return rates[_stable_order(steps)] if order == "stable" else rates


def silver_schedule(largest: float, steps: int) -> Array:
    r"""Learning rates for many steps on any smooth convex loss, some of them beyond the stable limit.

    Parameters
    ----------
    largest : float
        Largest curvature: the gradient changes by at most this times the distance; above 0.
    steps : int
        Number of steps, at least 1.

    Returns
    -------
    (steps,) array
        One rate for each step.

    Raises
    ------
    ValueError
        If a number is out of its range, NaN or infinite.
    TypeError
        If an argument has the wrong type.

    Notes
    -----
    Let :math:`M` be the largest curvature. If the number of the step, counted from one, can be halved
    :math:`\nu` times, its rate is

    .. math:: \eta = \frac{1 + \rho^{\nu - 1}}{M}

    with the silver ratio :math:`\rho = 1 + \sqrt{2}`. What is promised [1]_ holds for numbers of steps that
    are one less than a power of two: the schedule of the power before, a longer step, and that schedule
    again. Derived in :ref:`silver-steps`.

    References
    ----------
    .. [1] J. M. Altschuler and P. A. Parrilo, "Acceleration by stepsize hedging: Silver Stepsize Schedule
       for smooth convex optimization", Mathematical Programming 213, 2025.
       https://doi.org/10.1007/s10107-024-02164-2

    Examples
    --------
    >>> from hwlib.learning_rates import silver_schedule
    >>> silver_schedule(1.0, 7).round(3)
    array([1.414, 2.   , 1.414, 3.414, 1.414, 2.   , 1.414])
    """
    largest = real_number("largest", largest, above=0)
    steps = whole_number("steps", steps, minimum=1)
    number = np.arange(1, steps + 1)
    halvings: Array = np.log2(number & -number)
    return (1 + (1 + math.sqrt(2)) ** (halvings - 1)) / largest


def _steepest_direction(X: DataMatrix, t: Array, w: Array) -> tuple[Array, Any, Any]:
    """Residuals, norm of X^T times them, and how much X stretches the unit vector along that.

    Raise where the gradient is known not to be finite, or to be zero to rounding.
    """
    with np.errstate(invalid="ignore"):
        prediction = product(X, w)
        a = prediction - t
        a, gradient = at_once((a, product(X.T, a)))
        slope = norm(gradient)
    refuse_what_is_not_finite(slope, X=X, t=t, w0=w)
    if known(slope < math.inf, wait=True) is False:
        raise ValueError(f"X, t and w0 must give a finite gradient, got one of norm {float(slope):g}")
    bend = 0.0 if known(slope == 0, wait=True) else at_once(norm(product(X, gradient / slope)))
    # bend lies between the singular values of X, so this is a gradient that rounding can leave.
    rounding = 16 * max(X.shape) * epsilon(prediction)
    if known(slope <= rounding * bend * (norm(a) + norm(t) + bend * norm(w)), wait=True):
        raise ValueError("w0 is already optimal: the gradient there is zero to rounding, so no rate is best")
    return a, slope, bend


def _stable_order(steps: int) -> list[int]:
    """Places in which each is followed by its mirror image, and so, recursively, are the pairs' first."""
    if steps == 1:
        return [0]
    order = [place for first in _stable_order(steps // 2) for place in (first, steps - 1 - first)]
    return order + [steps // 2] * (steps % 2)


def _with_fewer_columns(X: Any) -> Any:
    """X or its transpose: the one with fewer columns, of Dask's with fewer blocks of them.

    Where there is one block of columns, both products of a step share a pass over the rows.
    """
    rows, columns = X.numblocks if is_lazy(X) else X.shape
    return X.T if rows <= columns else X


def _largest_singular_value(X: DataMatrix) -> Any:
    """By Lanczos steps with full reorthogonalisation on X X^T or X^T X."""
    rows = _with_fewer_columns(X)
    forward, backward = products(rows)
    start = beside(X, np.random.default_rng(0).standard_normal(rows.shape[1]))
    units = [start / norm(start)]
    with np.errstate(invalid="ignore"):
        scale = norm(at_once(forward(units[0])))
    if scale == 0:
        return scale
    if not scale < math.inf:
        refuse_entries(X=X)
        raise ValueError(f"X must be finite, got a product with it of norm {float(scale):g}")
    diagonal: list[float] = []
    off_diagonal: list[float] = []
    next_look = 1
    xp = namespace(units[0])
    stacked = xp.stack(units)
    while True:
        image = at_once(backward(forward(units[-1]) / scale) / scale)
        negligible = 45 * epsilon(image)
        diagonal.append(float(units[-1] @ image))
        image = image - diagonal[-1] * units[-1]
        if off_diagonal:
            image = image - off_diagonal[-1] * units[-2]
        # In floating point once is not enough; this is the second time (Giraud, Langou and Rozloznik 2005).
        later = units[stacked.shape[0] :]
        for basis in (stacked, xp.stack(later)) if later else (stacked,):
            image = image - basis.T @ (basis @ image)
        image = at_once(image)
        remainder = float(norm(image))
        size = len(diagonal)
        exhausted = remainder <= negligible * max(diagonal)
        if exhausted or size == next_look:
            stacked = xp.stack(units)
            tridiagonal = np.diag(diagonal) + np.diag(off_diagonal, 1) + np.diag(off_diagonal, -1)
            values, vectors = np.linalg.eigh(tridiagonal)
            # An eigenvalue lies within this residual of the estimate (Parlett 1998, theorem 4.5.1).
            # A residual far below the accuracy wanted tells the largest from one close to it.
            if exhausted or remainder * abs(vectors[-1, -1]) <= negligible * values[-1]:
                if library(X) is None:
                    return scale * math.sqrt(values[-1])
                right = beside(X, vectors[:, -1]) @ stacked
                return at_once(norm(forward(right)) / norm(right))
            next_look += 1 + size // 8
        off_diagonal.append(remainder)
        units.append(image / remainder)
