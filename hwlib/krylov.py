"""The method that no other combination of the same gradients beats."""

import math
from typing import Any

import numpy as np

from hwlib._arrays import least_squares_problem, norm, product, refuse_entries
from hwlib._libraries import at_once, namespace
from hwlib._options import flag, real_number, whole_number
from hwlib.least_squares import mean_squared_error_gradient
from hwlib.optimizers import OptimizationResult

__all__ = ["conjugate_gradients"]


def conjugate_gradients(
    X: Any, t: Any, w0: Any, *, max_steps: int, tolerance: float = 0.0, record: bool = False
) -> OptimizationResult:
    r"""Minimise the mean squared error over all that gradients so far can be combined to.

    Parameters
    ----------
    X : (n, d) array, sparse array or LinearOperator
        Data, one row for each example.
    t : (n,) array_like
        Targets.
    w0 : (d,) array_like
        Weights to start from.
    max_steps : int
        Most steps to make.
    tolerance : float, default 0
        Stop where the Euclidean norm of the gradient is at most this.
    record : bool, default False
        Keep every iterate. Without it memory does not grow with the steps.

    Returns
    -------
    OptimizationResult
        The last iterate, the steps made, whether the tolerance was met, and the path if recorded.

    Raises
    ------
    ValueError
        If the gradient at w0 is not finite, a number is out of its range, the shapes do not fit, or an entry
        is NaN or infinite.
    TypeError
        If an argument has the wrong type.

    Notes
    -----
    The first step is exact line search: with the residuals :math:`r = t - X w_0` and the direction
    :math:`p = X^\top r`

    .. math:: w_1 = w_0 + \frac{\|X^\top r\|^2}{\|X p\|^2} p.

    Each later direction :math:`q` is the new gradient, made conjugate to those before it,
    :math:`(X p)^\top X q = 0`. In exact arithmetic no point of :math:`w_0` plus a linear combination of the
    gradients so far has a smaller loss, and the steps are at most as many as the singular values of X that
    differ and are not zero; rounding makes them more. A step takes one product with X and one with its
    transpose. This is the form for least squares, which never forms :math:`X^\top X` [1]_. Whether the
    tolerance was met is decided by a gradient that is computed afresh at the end. Derived in
    :ref:`conjugate-directions`.

    References
    ----------
    .. [1] M. R. Hestenes and E. Stiefel, "Methods of Conjugate Gradients for Solving Linear Systems", Journal
       of Research of the National Bureau of Standards 49(6), 1952, section 10.
       https://doi.org/10.6028/jres.049.044

    Examples
    --------
    >>> import numpy as np
    >>> from hwlib.krylov import conjugate_gradients
    >>> X, t = np.array([[2.0, 1.0]]), np.array([2.0])
    >>> conjugate_gradients(X, t, np.zeros(2), max_steps=1).w
    array([0.8, 0.4])
    """
    X, t, w = least_squares_problem(X, t, w0, "w0")
    w = 1 * w  # a copy
    max_steps = whole_number("max_steps", max_steps)
    tolerance = real_number("tolerance", tolerance, minimum=0)
    record = flag("record", record)
    with np.errstate(invalid="ignore"):
        residual = t - product(X, w)
        gradient = product(X.T, residual)
        residual, gradient = at_once((residual, gradient))
        direction = gradient
        length = norm(gradient)
    if not length < math.inf:
        refuse_entries(X=X, t=t, w0=w)
        raise ValueError(f"X, t and w0 must give a finite gradient, got one of norm {float(length):g}")
    scale = 2 / X.shape[0]
    path = [w]
    steps = 0
    while steps < max_steps and scale * norm(gradient) > tolerance:
        squared_norm = gradient @ gradient
        length = norm(direction)
        unit = direction / length  # so that X may have any unit
        image = at_once(product(X, unit))
        way = squared_norm / length / (image @ image)
        w = w + way * unit
        residual = residual - way * image
        gradient = product(X.T, residual)
        direction = gradient + (gradient @ gradient / squared_norm) * direction
        w, residual, gradient, direction = at_once((w, residual, gradient, direction))
        steps += 1
        if record:
            path.append(w)
    converged = bool(norm(mean_squared_error_gradient(X, t, w)) <= tolerance)
    return OptimizationResult(w, steps, converged, namespace(w).stack(path) if record else None)
