r"""The least-squares loss :math:`L(w) = \frac{1}{n} \|Xw - t\|^2` and its solution of minimum norm."""

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
    refuse_entries,
    refuse_what_is_not_finite,
    targets,
    weights,
)
from hwlib._libraries import at_once, beside, library

__all__ = [
    "mean_squared_error",
    "mean_squared_error_gradient",
    "minimum_norm_solution",
    "row_space_component",
]


def mean_squared_error(X: Any, t: Any, w: Any) -> float:
    r"""Mean of the squared residuals of the linear model Xw.

    Parameters
    ----------
    X : (n, d) array, sparse array or LinearOperator
        Data, one row for each example.
    t : (n,) array_like
        Targets.
    w : (d,) array_like
        Weights.

    Returns
    -------
    float
        The loss, in the squared unit of the targets.

    Raises
    ------
    ValueError
        If the shapes do not fit, or an entry is NaN or infinite.
    TypeError
        If an argument is not a real array.

    Notes
    -----
    .. math:: L(w) = \frac{1}{n} \|Xw - t\|^2

    The mean carries no factor 1/2, as in ``torch.nn.MSELoss`` and Keras's ``MeanSquaredError``.
    Whole numbers are computed in float64. Set up in :ref:`least-squares-loss`.

    Examples
    --------
    >>> import numpy as np
    >>> from hwlib.least_squares import mean_squared_error
    >>> mean_squared_error(np.array([[2, 1]]), np.array([2]), np.zeros(2))
    4.0
    """
    X, t, w = least_squares_problem(X, t, w)
    with np.errstate(invalid="ignore"):
        residual = product(X, w) - t
        loss: float = plain(residual @ residual) / X.shape[0]
    refuse_what_is_not_finite(loss, X=X, t=t, w=w)
    return loss


def mean_squared_error_gradient(X: Any, t: Any, w: Any) -> Array:
    r"""Gradient of the mean squared error with respect to the weights.

    Parameters
    ----------
    X : (n, d) array, sparse array or LinearOperator
        Data, one row for each example.
    t : (n,) array_like
        Targets.
    w : (d,) array_like
        Weights.

    Returns
    -------
    (d,) array
        The gradient, always in the row space of X.

    Raises
    ------
    ValueError
        If the shapes do not fit, or an entry is NaN or infinite.
    TypeError
        If an argument is not a real array.

    Notes
    -----
    .. math:: \nabla L(w) = \frac{2}{n} X^\top (Xw - t)

    Derived in :ref:`gradient-in-row-space`.

    Examples
    --------
    >>> import numpy as np
    >>> from hwlib.least_squares import mean_squared_error_gradient
    >>> mean_squared_error_gradient(np.array([[2, 1]]), np.array([2]), np.zeros(2))
    array([-8., -4.])
    """
    X, t, w = least_squares_problem(X, t, w)
    with np.errstate(invalid="ignore"):
        gradient: Array = product(X.T, product(X, w) - t) * (2 / X.shape[0])
    refuse_what_is_not_finite(gradient, X=X, t=t, w=w)
    return gradient


def minimum_norm_solution(X: Any, t: Any) -> Array:
    r"""Solution of :math:`Xw = t` with the smallest Euclidean norm.

    Parameters
    ----------
    X : (n, d) array, sparse array or LinearOperator
        Data of full row rank, so :math:`n \le d`.
    t : (n,) array_like
        Targets.

    Returns
    -------
    (d,) array
        The solution of minimum norm.

    Raises
    ------
    ValueError
        If X has not full row rank: there may then be no solution at all. The message says which
        rank was found. Also if the shapes do not fit, or an entry is NaN or infinite.
    TypeError
        If an argument is not a real array.

    Notes
    -----
    .. math:: w^* = X^\top (X X^\top)^{-1} t

    An array of NumPy is solved by reflections that make it triangular [2]_ or, where they do not show
    that the rank is full, by its singular value decomposition. Neither forms :math:`X X^\top`, so neither
    squares the condition number. Everything else is touched through products alone, by the conjugate
    gradient method for least squares [1]_, whose iterates, like those of stochastic gradient descent, stay
    in the row space of X; where that does not converge, its gradients are kept orthogonal to one another,
    so that n steps suffice. An X for which the residual does not come down to rounding even so is refused.
    Derived in :ref:`minimum-norm-formula`.

    References
    ----------
    .. [1] A. Bjorck, "Numerical Methods for Least Squares Problems", SIAM, 1996, section 7.4.
       https://doi.org/10.1137/1.9781611971484
    .. [2] G. H. Golub and C. F. Van Loan, "Matrix Computations", 4th ed., Johns Hopkins University
       Press, 2013, section 5.6. https://doi.org/10.56021/9781421407944

    Examples
    --------
    >>> import numpy as np
    >>> from hwlib.least_squares import minimum_norm_solution
    >>> minimum_norm_solution(np.array([[2, 1]]), np.array([2]))
    array([0.8, 0.4])
    """
    X = data_matrix(X)
    t = targets(X, t)
    if library(X) is not None:
        refuse_entries(X=X, t=t)
    rank, solution = _solve_array(X, t) if isinstance(X, np.ndarray) else _solve_by_products(X, t)
    if solution is None:
        raise ValueError(f"X of shape {X.shape} must have full row rank {X.shape[0]}, found rank {rank}")
    return solution


def row_space_component(X: Any, w: Any) -> Array:
    r"""Orthogonal projection of w onto the row space of X.

    Parameters
    ----------
    X : (n, d) array, sparse array or LinearOperator
        Data, of any rank.
    w : (d,) array_like
        Weights.

    Returns
    -------
    (d,) array
        The part of w that lies in the row space; the rest is orthogonal to every row.

    Raises
    ------
    ValueError
        If the shapes do not fit, an entry is NaN or infinite, or an operator is too ill-conditioned.
    TypeError
        If an argument is not a real array.

    Notes
    -----
    .. math:: X^+ X w

    where :math:`X^+` is the pseudoinverse. Derived in :ref:`row-space-picture`.

    Examples
    --------
    >>> import numpy as np
    >>> from hwlib.least_squares import row_space_component
    >>> row_space_component(np.array([[2, 1]]), np.array([1, 0]))
    array([0.8, 0.4])
    """
    X = data_matrix(X)
    w = weights(X, w)
    if isinstance(X, np.ndarray):
        _, _, right = _singular_value_decomposition(X)
        return right.T @ (right @ w)  # type: ignore[no-any-return]
    if library(X) is not None:
        refuse_entries(X=X, w=w)
    component, solved = _least_squares_by_products(X, at_once(X @ w), norm(w))
    if not solved:
        raise ValueError(_ill_conditioned(X))
    return component


def _singular_value_decomposition(X: Array) -> tuple[Array, Array, Array]:
    """Thin decomposition cut off at the numerical rank."""
    left, singular_values, right = np.linalg.svd(_for_lapack(X), full_matrices=False)
    negligible = singular_values[0] * max(X.shape) * np.finfo(singular_values.dtype).eps
    rank = np.count_nonzero(singular_values > negligible)
    return left[:, :rank], singular_values[:rank], right[:rank]


def _for_lapack(X: Array) -> Array:
    return X if X.dtype in (np.float32, np.float64) else X.astype(np.float64)


def _solve_array(X: Array, t: Array) -> tuple[int, Array | None]:
    """Rank of X, and the solution of minimum norm if that is full row rank."""
    solution = _solve_by_reflections(_for_lapack(X), t) if X.shape[0] <= X.shape[1] else None
    if solution is not None:
        return X.shape[0], solution
    left, singular_values, right = _singular_value_decomposition(X)
    rank = singular_values.size
    return rank, right.T @ (left.T @ t / singular_values) if rank == X.shape[0] else None


def _solve_by_reflections(X: Array, t: Array) -> Array | None:
    """Solution Q L^-1 t where X = L Q^T with a lower triangle, or nothing if L may be singular."""
    n, d = X.shape
    reflections, scales = np.linalg.qr(X.T, mode="raw")
    lower = np.tril(reflections[:, :n])
    try:
        solved = np.linalg.solve(lower, np.column_stack([t, np.eye(n, dtype=X.dtype)]))
    except np.linalg.LinAlgError:
        return None
    with np.errstate(all="ignore"):  # a condition that overflows is not small
        condition = np.linalg.norm(lower) * np.linalg.norm(solved[:, 1:])
    if not condition * max(n, d) * np.finfo(X.dtype).eps < 1:
        return None
    solution = np.zeros(d, solved.dtype)
    solution[:n] = solved[:, 0]
    for place in reversed(range(n)):
        reflection = reflections[place, place:]
        reflection[0] = 1  # as LAPACK keeps them, where the triangle's diagonal was
        solution[place:] -= scales[place] * (reflection @ solution[place:]) * reflection
    return solution


def _solve_by_products(X: DataMatrix, t: Array) -> tuple[int, Array | None]:
    """As `_solve_array`; the rank is computed only where it falls short."""
    n, d = X.shape
    # Some t have a solution although X has not full row rank; a random right-hand side has none.
    random = beside(X, np.random.default_rng(0).standard_normal(n))
    if n <= d and _least_squares_by_products(X, random)[1]:
        w, solved = _least_squares_by_products(X, t)
        if solved:
            return n, w
    rank = _rank_by_products(X)
    if rank == n:
        raise ValueError(_ill_conditioned(X))
    return rank, None


def _least_squares_by_products(X: DataMatrix, t: Array, norm_of_source: float = 0.0) -> tuple[Array, bool]:
    """Least-squares solution of minimum norm, and whether it solves Xw = t up to rounding.

    The rounding of t counts too if it was computed as X times a vector, the source.
    """
    n, _ = X.shape
    w, solved = _conjugate_gradients(X, t, norm_of_source, 2 * n + 50, orthogonalise=False)
    if solved:
        return w, solved
    # Rounding costs an ill-conditioned X many more than the n steps of exact arithmetic; they are enough
    # again where the gradients are kept orthogonal, which takes memory and time.
    return _conjugate_gradients(X, t, norm_of_source, n + 1, orthogonalise=True)


def _conjugate_gradients(
    X: DataMatrix, t: Array, norm_of_source: float, max_steps: int, *, orthogonalise: bool
) -> tuple[Array, bool]:
    n, d = X.shape
    residual = t
    direction = gradient = at_once(X.T @ residual)
    if not norm(gradient) < math.inf:
        raise ValueError("X must be finite, got an operator whose product with a vector is not")
    w = 0 * gradient
    relative = epsilon(gradient)
    norm_of_t = norm(t)
    norm_of_X = 0.0
    units: list[Array] = []

    def rounding() -> Any:
        return 8 * relative * (norm_of_t + norm_of_X * max(norm(w), norm_of_source))

    for _ in range(max_steps):
        squared_gradient = gradient @ gradient
        if norm(gradient) <= max(n, d) * relative * norm_of_X * norm(residual):
            break
        image = at_once(X @ direction)
        norm_of_X = max(norm_of_X, norm(image) / norm(direction))
        step = squared_gradient / (image @ image)
        w = w + step * direction
        residual = residual - step * image
        if norm(residual) <= rounding():
            break
        if orthogonalise:
            units.append(gradient / norm(gradient))
        gradient = _orthogonal_to(units, X.T @ residual)
        direction = gradient + (gradient @ gradient / squared_gradient) * direction
        w, residual, gradient, direction = at_once((w, residual, gradient, direction))
    return w, bool(norm(residual) <= rounding())


def _ill_conditioned(X: DataMatrix) -> str:
    return f"X of shape {X.shape} is too ill-conditioned to be solved by products alone; pass X as an array"


def _orthogonal_to(units: list[Array], v: Array) -> Array:
    """What is left of v beside orthonormal vectors; twice, for rounding."""
    for unit in units + units:
        v = v - (unit @ v) * unit
    return v


def _rank_by_products(X: DataMatrix) -> int:
    """Rank of min(n, d) random combinations of the rows; with probability one that of X."""
    n, d = X.shape
    rng = np.random.default_rng(0)
    combined = [at_once(X.T @ beside(X, rng.standard_normal(n))) for _ in range(min(n, d))]
    if library(X) is not None:
        return _independent(combined)
    combinations = np.stack(combined)
    return _singular_value_decomposition(combinations)[1].size


def _independent(vectors: list[Array]) -> int:
    """How many of the vectors are no combination of those before, to rounding."""
    negligible = vectors[0].shape[0] * epsilon(vectors[0]) * max(norm(v) for v in vectors)
    units: list[Array] = []
    for v in vectors:
        rest = _orthogonal_to(units, v)
        if norm(rest) > negligible:
            units.append(rest / norm(rest))
    return len(units)
