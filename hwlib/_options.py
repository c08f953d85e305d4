"""Refuse numbers and choices that would give a wrong answer, naming the argument."""

import difflib
import math
import operator
from collections.abc import Callable, Iterable
from numbers import Real
from typing import Any


def real_number(name: str, value: Any, *, minimum: float = -math.inf, above: float = -math.inf) -> float:
    """Return `value` as a float that is finite, at least `minimum` and greater than `above`."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} must be a real number, got {value!r} of type {type(value).__name__}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not (math.isfinite(number) and number >= minimum and number > above):
        bounds = [f">= {minimum:g}"] * (minimum > -math.inf) + [f"> {above:g}"] * (above > -math.inf)
        wanted = " ".join(["a finite number", *bounds])
        raise ValueError(f"{name} must be {wanted}, got {value!r}")
    return number


def fraction(name: str, value: Any) -> float:
    """Return `value` as a float in [0, 1)."""
    number = real_number(name, value)
    if not 0 <= number < 1:
        raise ValueError(f"{name} must lie in [0, 1), got {value!r}")
    return number


def whole_number(name: str, value: Any, *, minimum: int = 0) -> int:
    """Return `value` as an int that is at least `minimum`."""
    boolean = isinstance(value, bool) or getattr(getattr(value, "dtype", None), "kind", "") == "b"
    try:
        number = None if boolean else operator.index(value)  # NumPy 1 takes its bools for indices
    except TypeError:
        number = None
    if number is None:
        raise TypeError(f"{name} must be an integer, got {value!r} of type {type(value).__name__}")
    if number < minimum:
        raise ValueError(f"{name} must be an integer >= {minimum}, got {number}")
    return number


def flag(name: str, value: Any) -> bool:
    """Return `value` if it is True or False."""
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be True or False, got {value!r} of type {type(value).__name__}")
    return value


def settle(options: object, name: str, check: Callable[..., Any], **limits: Any) -> None:
    """Replace a field of a frozen dataclass by its checked value."""
    object.__setattr__(options, name, check(name, getattr(options, name), **limits))


def choice(name: str, value: Any, options: Iterable[str]) -> str:
    """Return `value` if it is one of `options`; else list them and suggest the nearest."""
    options = list(options)
    if isinstance(value, str) and value in options:
        return value
    nearest = difflib.get_close_matches(str(value).lower(), options, n=1)
    suggestion = f"; did you mean {nearest[0]!r}?" if nearest else ""
    raise ValueError(f"{name} must be one of {options}, got {value!r}{suggestion}")
