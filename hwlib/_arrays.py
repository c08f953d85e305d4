"""Refuse arrays that would give a wrong answer, naming the argument."""

import math
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class DataMatrix(Protocol):
    """What the library asks of X: a shape, a transpose, and products with vectors."""

    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def T(self) -> "DataMatrix": ...
    def __matmul__(self, other: Any, /) -> Any: ...


def real_array(name: str, value: Any, *, ndim: int, check_finite: bool = True) -> Any:
    """Return `value` as a non-empty real array of `ndim` dimensions with finite entries."""
    if hasattr(value, "to_numpy"):  # pandas would match entries by their labels, not by their places
        value = value.to_numpy()
    if isinstance(value, list | tuple):
        try:
            value = np.asarray(value)
        except ValueError as error:
            raise ValueError(f"{name} must be rectangular, got rows of different lengths") from error
    if not hasattr(value, "shape") or isinstance(value, np.matrix | np.ma.MaskedArray):
        raise TypeError(f"{name} must be a {ndim}-dimensional array, got {type(value).__name__}")
    if len(value.shape) != ndim:
        raise ValueError(f"{name} must be {ndim}-dimensional, got shape {tuple(value.shape)}")
    if 0 in value.shape:
        raise ValueError(f"{name} must not be empty, got shape {tuple(value.shape)}")
    _refuse_unreal(name, value, check_finite=check_finite)
    return value


def data_matrix(X: Any, *, check_finite: bool = True) -> DataMatrix:
    """Return X if it is a non-empty real matrix that can be multiplied by vectors."""
    missing = [part for part in ("shape", "T", "__matmul__") if not hasattr(X, part)]
    if missing and not isinstance(X, list | tuple):
        raise TypeError(
            f"X must be an array, a sparse array or a LinearOperator, "
            f"got {type(X).__name__} without {', '.join(missing)}"
        )
    if getattr(X, "format", None) in ("coo", "dok", "lil"):  # SciPy's formats for making, not for multiplying
        X = X.tocsr()
    matrix: DataMatrix = real_array("X", X, ndim=2, check_finite=check_finite)
    return matrix


def floating_vector(name: str, value: Any) -> Array:
    """Return `value` as a vector of finite floating-point numbers."""
    return floating(real_array(name, value, ndim=1))


def floating(entries: Array) -> Array:
    """Return whole numbers in float64, others as they are."""
    whole = getattr(entries.dtype, "kind", "f") in "iub"
    return entries.astype(np.float64) if whole else entries


def targets(X: DataMatrix, t: Any) -> Array:
    """Return t as a floating vector with one entry for each row of X."""
    entries = floating_vector("t", t)
    if entries.shape[0] != X.shape[0]:
        raise ValueError(f"X has {X.shape[0]} rows but t has {entries.shape[0]} entries")
    return entries


def weights(X: DataMatrix, w: Any, name: str = "w") -> Array:
    """Return w as a floating vector with one entry for each column of X."""
    entries = floating_vector(name, w)
    if entries.shape[0] != X.shape[1]:
        raise ValueError(f"X has {X.shape[1]} columns but {name} has {entries.shape[0]} entries")
    return entries


def norm(v: Array) -> float:
    """Euclidean norm, from an inner product alone."""
    return math.sqrt(float(v @ v))


def _refuse_unreal(name: str, value: Any, *, check_finite: bool) -> None:
    """Raise if the entries are complex, objects or text, or if one of them is not finite."""
    kind = getattr(getattr(value, "dtype", None), "kind", None)
    if kind is not None and kind not in "fiub":
        raise TypeError(f"{name} must have real entries, got dtype {value.dtype}")
    entries = value if isinstance(value, np.ndarray) else getattr(value, "data", None)
    if check_finite and kind == "f" and isinstance(entries, np.ndarray) and not np.isfinite(entries).all():
        count = np.count_nonzero(~np.isfinite(entries))
        raise ValueError(f"{name} must be finite, got {count} entries that are NaN or infinite")
