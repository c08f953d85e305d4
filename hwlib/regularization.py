"""A penalty on the weights, their decay, when the two are the same, and what frameworks call either."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from hwlib._arrays import (
    Array,
    DataMatrix,
    data_matrix,
    floating_vector,
    norm,
    real_scalar,
    refuse_what_is_not_finite,
    weights,
)
from hwlib._options import choice, real_number, whole_number
from hwlib.least_squares import mean_squared_error_gradient

__all__ = [
    "l2_step",
    "weight_decay_step",
    "equivalent_l2",
    "equivalent_weight_decay",
    "Convention",
    "CONVENTIONS",
    "NoEquivalentError",
    "translate",
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
    X = data_matrix(X, finite=False)
    learning_rate = real_scalar("learning_rate", learning_rate, like=X, minimum=0)
    l2 = real_scalar("l2", l2, like=X, minimum=0)
    w = _start(X, w0)
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
    X = data_matrix(X, finite=False)
    learning_rate = real_scalar("learning_rate", learning_rate, like=X, minimum=0)
    weight_decay = real_scalar("weight_decay", weight_decay, like=X, minimum=0)
    w = _start(X, w0)
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


PLAIN, MOMENTUM, ADAPTIVE = RULES = ("gradient descent", "momentum", "adaptive")


@dataclass(frozen=True)
class Convention:
    r"""What a number that is called weight decay or penalty does in a step.

    Attributes
    ----------
    acts_on : str
        ``"weights"`` if a share of them is taken away beside the step, ``"gradient"`` if a multiple of the
        weights is added to it before the rule sees it.
    rules : tuple of str
        Update rules that have it: ``"gradient descent"``, ``"momentum"``, ``"adaptive"``.
    constant : float
        Constant factor of the share.
    learning_rate : int
        Power of the base rate in the share.
    schedule : int
        Power of the schedule's multiplier in the share.
    examples : int
        Power of the number of examples in the share.
    steps : float
        Power of the number of steps in the share.

    Notes
    -----
    The number :math:`c` takes from the weights, in a step of plain gradient descent and, if it acts on the
    weights, of every rule, the share

    .. math:: \lambda = a \, c \, \eta^p m^q n^r T^s

    with the constant :math:`a`, the base rate :math:`\eta`, the schedule's multiplier :math:`m` for this
    step, :math:`n` examples, :math:`T` steps, and the powers from above. Derived in
    :ref:`decay-conventions`.

    Examples
    --------
    >>> from hwlib.regularization import CONVENTIONS
    >>> CONVENTIONS["torch.optim.Adam"].acts_on, CONVENTIONS["keras.optimizers.Adam"].acts_on
    ('gradient', 'weights')
    """

    acts_on: str
    rules: tuple[str, ...] = RULES
    constant: float = 1.0
    learning_rate: int = 1
    schedule: int = 1
    examples: int = 0
    steps: float = 0.0


#: What a number called weight decay means where: an immutable mapping from names to `Convention`.
#:
#: ``decay``
#:     The book's :math:`(1 - \lambda) w`.
#: ``penalty``, ``half_penalty``
#:     A penalty on the mean loss, without and with a factor 1/2; with ``_of_sum``, on the sum of the losses.
#: ``torch.optim...``, ``keras.optimizers...``, ``optax.adamw``
#:     The argument ``weight_decay`` of this name. In Keras every optimizer has it from the same base class.
#: ``optax.add_decayed_weights (first)``, ``optax.add_decayed_weights (before the rate)``
#:     As the first of a chain, or just before ``scale_by_learning_rate``.
#: ``tensorflow_addons``
#:     Its ``DecoupledWeightDecayExtension``: the learning rate does not multiply it.
#: ``loshchilov_hutter``
#:     Their paper's: the schedule multiplies it, the base rate does not; ``_normalized``: divided by the
#:     root of the number of steps.
#:
#: :meta hide-value:
CONVENTIONS: Mapping[str, Convention] = MappingProxyType(
    {
        "decay": Convention("weights", learning_rate=0, schedule=0),
        "penalty": Convention("gradient", constant=2.0),
        "half_penalty": Convention("gradient"),
        "penalty_of_sum": Convention("gradient", constant=2.0, examples=-1),
        "half_penalty_of_sum": Convention("gradient", examples=-1),
        "torch.optim.SGD": Convention("gradient", rules=(PLAIN, MOMENTUM)),
        "torch.optim.Adam": Convention("gradient", rules=(ADAPTIVE,)),
        "torch.optim.AdamW": Convention("weights", rules=(ADAPTIVE,)),
        "keras.optimizers.SGD": Convention("weights", rules=(PLAIN, MOMENTUM)),
        "keras.optimizers.Adam": Convention("weights", rules=(ADAPTIVE,)),
        "keras.optimizers.AdamW": Convention("weights", rules=(ADAPTIVE,)),
        "optax.adamw": Convention("weights", rules=(ADAPTIVE,)),
        "optax.add_decayed_weights (first)": Convention("gradient"),
        "optax.add_decayed_weights (before the rate)": Convention("weights"),
        "tensorflow_addons": Convention("weights", learning_rate=0, schedule=0),
        "loshchilov_hutter": Convention("weights", learning_rate=0),
        "loshchilov_hutter_normalized": Convention("weights", learning_rate=0, steps=-0.5),
    }
)


class NoEquivalentError(ValueError):
    """No number of the one convention does what a number of the other does."""


def translate(
    weight_decay: float,
    source: str,
    target: str,
    *,
    learning_rate: float,
    schedule: Any = None,
    steps: int | None = None,
    examples: int | None = None,
    rule: str | None = None,
) -> float | Array:
    r"""Number of another convention that does in every step the same as a weight decay.

    Parameters
    ----------
    weight_decay : float
        Number of the source, at least 0.
    source : str
        Name of a convention in `CONVENTIONS`.
    target : str
        Name of the other.
    learning_rate : float
        Base rate, above 0, with the mean loss; with the sum of n losses plain gradient descent takes an n-th
        of it for the same step.
    schedule : (steps,) array_like, optional
        What the base rate is multiplied by in each step, at least 0. Without it the rate is constant.
    steps : int, optional
        Number of steps of the run. Needed for normalised decay where there is no schedule.
    examples : int, optional
        Number of examples that the loss is a sum over. Needed for penalties on a sum.
    rule : str, optional
        Update rule, one of those that both conventions have. By default the first of ``"gradient descent"``,
        ``"momentum"`` and ``"adaptive"`` that is.

    Returns
    -------
    (steps,) array or float
        The number that does the same in each step; without a schedule it is one number.

    Raises
    ------
    NoEquivalentError
        A ``ValueError`` that names both, if none does the same: one of them acts on the weights, the other on
        the gradient, and the rule is not plain gradient descent; or no rule has both.
    ValueError
        If a number is out of its range, NaN or infinite, a name is unknown, or a number is missing.
    TypeError
        If an argument has the wrong type.

    Notes
    -----
    Both numbers take the same share from the weights; see `Convention`. Loshchilov and Hutter's normalised
    decay [1]_ is their plain one times the root of the number of steps. Derived in
    :ref:`decay-conventions`.

    References
    ----------
    .. [1] I. Loshchilov and F. Hutter, "Decoupled Weight Decay Regularization", ICLR 2019.
       https://arxiv.org/abs/1711.05101

    Examples
    --------
    >>> from hwlib.regularization import translate
    >>> translate(0.5, "torch.optim.AdamW", "tensorflow_addons", learning_rate=0.01)
    0.005
    >>> translate(0.5, "torch.optim.AdamW", "tensorflow_addons", learning_rate=0.01, schedule=[1.0, 0.5])
    array([0.005 , 0.0025])
    """
    weight_decay = real_number("weight_decay", weight_decay, minimum=0)
    learning_rate = real_number("learning_rate", learning_rate, above=0)
    ours = CONVENTIONS[choice("source", source, CONVENTIONS)]
    theirs = CONVENTIONS[choice("target", target, CONVENTIONS)]
    rule = _common_rule(source, target, rule)
    if weight_decay and ours.acts_on != theirs.acts_on and rule != PLAIN:
        raise NoEquivalentError(
            f"no number of {target!r}, which acts on the {theirs.acts_on}, does what {weight_decay:g} of "
            f"{source!r} does, which acts on the {ours.acts_on}: {_WHAT_COMES_BETWEEN[rule]}"
        )
    multipliers = _multipliers(schedule, steps)
    given: dict[str, Any] = {
        "learning_rate": learning_rate,
        "schedule": multipliers,
        "examples": None if examples is None else whole_number("examples", examples, minimum=1),
        "steps": len(multipliers) if steps is None and schedule is not None else steps,
    }
    number: float | Array = weight_decay * (ours.constant / theirs.constant)
    for name, value in given.items():
        power = getattr(ours, name) - getattr(theirs, name)
        if power and value is None:
            raise ValueError(f"{name} must be given between {source!r} and {target!r}, got None")
        if power < 0 and np.any(value == 0):
            raise ValueError(f"{name} must be > 0 in every step for {target!r}, got 0")
        if power:
            number = number * value**power if power > 0 else number / value**-power
    return number if schedule is None else np.full(multipliers.shape, number)


_WHAT_COMES_BETWEEN = {
    MOMENTUM: "momentum carries what is in the gradient into the steps after",
    ADAPTIVE: "an adaptive rule divides what is in the gradient, coordinate by coordinate",
}


def _start(X: DataMatrix, w0: Any) -> Array:
    """Return w0 as weights, refused by the name that it has here."""
    w = weights(X, w0, "w0", finite=False)
    refuse_what_is_not_finite(norm(w), w0=w)
    return w


def _common_rule(source: str, target: str, rule: str | None) -> str:
    """Return the rule if both conventions have it; the plainest that both have if it is None."""
    common = [one for one in CONVENTIONS[source].rules if one in CONVENTIONS[target].rules]
    if not common:
        raise NoEquivalentError(f"no number of {target!r} does what {source!r} does: no update rule has both")
    return common[0] if rule is None else choice("rule", rule, common)


def _multipliers(schedule: Any, steps: int | None) -> Any:
    """Return what the base rate is multiplied by, none of it negative; 1 where there is no schedule."""
    if steps is not None:
        steps = whole_number("steps", steps, minimum=1)
    if schedule is None:
        return 1.0
    multipliers = floating_vector("schedule", schedule)
    if (multipliers < 0).any():
        raise ValueError(f"schedule must be >= 0 in every step, got {multipliers.min():g}")
    if steps not in (None, len(multipliers)):
        raise ValueError(f"steps is {steps} but schedule has {len(multipliers)} entries")
    return multipliers
