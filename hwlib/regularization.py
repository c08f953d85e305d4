"""A penalty on the weights, their decay, and when the two are the same."""

from typing import Any

from hwlib._arrays import Array, data_matrix, weights
from hwlib._options import real_number
from hwlib.least_squares import mean_squared_error_gradient

__all__ = [
    "l2_step",
    "weight_decay_step",
    "equivalent_l2",
    "equivalent_weight_decay",
]


def l2_step(X: Any, t: Any, w0: Any, learning_rate: float, l2: float) -> Array:
    r"""One step of gradient descent on the loss with an L2 penalty.

    Parameters
    ----------
    X : (n, d) array, sparse array or LinearOperator
        Data, one row for each example.
    t : (n,) array_like
        Targets.
    w0 : (d,) array_like
        Weights before the step.
    learning_rate : float
        Rate of the step, at least 0.
    l2 : float
        Factor of the penalty, at least 0.

    Returns
    -------
    (d,) array
        The weights after the step.

    Raises
    ------
    ValueError
        If the shapes do not fit, or a number is negative, NaN or infinite.
    TypeError
        If an argument has the wrong type.

    Notes
    -----
    The penalised loss is :math:`\tilde L(w) = L(w) + \tilde\lambda \|w\|^2`, without a factor 1/2, so

    .. math:: w_1 = w_0 - \eta \nabla \tilde L(w_0) = (1 - 2 \eta \tilde\lambda) w_0 - \eta \nabla L(w_0).

    PyTorch's ``SGD(weight_decay=...)`` penalises with a factor 1/2, so its value is twice this one.
    Derived in :ref:`penalty-step`.

    Examples
    --------
    >>> import numpy as np
    >>> from hwlib.regularization import l2_step
    >>> l2_step(np.array([[2.0, 1.0]]), np.array([2.0]), np.array([1.0, 0.0]), 0.1, 0.5)
    array([0.9, 0. ])
    """
    learning_rate = real_number("learning_rate", learning_rate, minimum=0)
    l2 = real_number("l2", l2, minimum=0)
    X = data_matrix(X)
    w = weights(X, w0, "w0")
    return w - learning_rate * (mean_squared_error_gradient(X, t, w) + 2 * l2 * w)


def weight_decay_step(X: Any, t: Any, w0: Any, learning_rate: float, weight_decay: float) -> Array:
    r"""One step of gradient descent with weight decay.

    Parameters
    ----------
    X : (n, d) array, sparse array or LinearOperator
        Data, one row for each example.
    t : (n,) array_like
        Targets.
    w0 : (d,) array_like
        Weights before the step.
    learning_rate : float
        Rate of the step, at least 0.
    weight_decay : float
        Share of the weights that each step takes away, at least 0, whatever the learning rate.

    Returns
    -------
    (d,) array
        The weights after the step.

    Raises
    ------
    ValueError
        If the shapes do not fit, or a number is negative, NaN or infinite.
    TypeError
        If an argument has the wrong type.

    Notes
    -----
    .. math:: w_1 = (1 - \lambda) w_0 - \eta \nabla L(w_0)

    Frameworks scale their decoupled ``weight_decay``, say :math:`c`, by the rate: :math:`\lambda = \eta c`.
    Derived in :ref:`decay-step`.

    Examples
    --------
    >>> import numpy as np
    >>> from hwlib.regularization import weight_decay_step
    >>> weight_decay_step(np.array([[2.0, 1.0]]), np.array([2.0]), np.array([1.0, 0.0]), 0.1, 0.1)
    array([0.9, 0. ])
    """
    learning_rate = real_number("learning_rate", learning_rate, minimum=0)
    weight_decay = real_number("weight_decay", weight_decay, minimum=0)
    X = data_matrix(X)
    w = weights(X, w0, "w0")
    return (1 - weight_decay) * w - learning_rate * mean_squared_error_gradient(X, t, w)


def equivalent_l2(weight_decay: float, learning_rate: float) -> float:
    r"""Factor of the L2 penalty that does the same as a weight decay.

    Parameters
    ----------
    weight_decay : float
        Share of the weights that each step takes away, at least 0.
    learning_rate : float
        Rate of the steps, above 0.

    Returns
    -------
    float
        The factor of the penalty.

    Raises
    ------
    ValueError
        If a number is out of its range, NaN or infinite.
    TypeError
        If a number is not real.

    Notes
    -----
    .. math:: \tilde\lambda = \frac{\lambda}{2 \eta}

    holds for gradient descent without momentum, for each step with its own rate, and for no adaptive
    method.
    Derived in :ref:`equivalence-of-penalty-and-decay`.

    Examples
    --------
    >>> from hwlib.regularization import equivalent_l2
    >>> equivalent_l2(weight_decay=0.1, learning_rate=0.1)
    0.5
    """
    weight_decay = real_number("weight_decay", weight_decay, minimum=0)
    return weight_decay / real_number("learning_rate", learning_rate, above=0) / 2


def equivalent_weight_decay(l2: float, learning_rate: float) -> float:
    r"""Weight decay that does the same as an L2 penalty.

    Parameters
    ----------
    l2 : float
        Factor of the penalty, at least 0.
    learning_rate : float
        Rate of the steps, above 0.

    Returns
    -------
    float
        The share of the weights that each step takes away.

    Raises
    ------
    ValueError
        If a number is out of its range, NaN or infinite.
    TypeError
        If a number is not real.

    Notes
    -----
    .. math:: \lambda = 2 \eta \tilde\lambda

    holds for gradient descent without momentum, for each step with its own rate, and for no adaptive
    method.
    Derived in :ref:`equivalence-of-penalty-and-decay`.

    Examples
    --------
    >>> from hwlib.regularization import equivalent_weight_decay
    >>> equivalent_weight_decay(l2=0.5, learning_rate=0.1)
    0.1
    """
    l2 = real_number("l2", l2, minimum=0)
    return 2 * (real_number("learning_rate", learning_rate, above=0) * l2)
