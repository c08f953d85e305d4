"""Refuse arrays that would give a wrong answer, naming the argument."""

import math
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from hwlib._libraries import beside, home, in_chunks_of, is_lazy, known, library, namespace
from hwlib._options import real_number

Array = NDArray[Any]


class DataMatrix(Protocol):
    """What the library asks of X: a shape, a transpose, and products with vectors."""

    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def T(self) -> "DataMatrix": ...
    def __matmul__(self, other: Any, /) -> Any: ...


def real_array(name: str, value: Any, *, ndim: int) -> Any:
    """Return `value` as a non-empty real array of `ndim` dimensions with finite entries.

    Entries of other libraries are not looked at; they may be many, on a device, or not computed yet.
    """
    value = _shaped(name, value, ndim)
    _refuse_type(name, value)
    if library(value) is None:
        _refuse_entries(name, value)
    return value


def data_matrix(X: Any, *, finite: bool = True) -> DataMatrix:
    """Return X if it is a non-empty real matrix that can be multiplied by vectors.

    Unless they are to be `finite`, entries of dense arrays are not looked at, which would take as long as a
    product: `refuse_what_is_not_finite` does where the result is not finite.
    """
    if library(X) is None and not isinstance(X, list | tuple):
        missing = [part for part in ("shape", "T", "__matmul__") if not hasattr(X, part)]
        if missing:
            raise TypeError(
                f"X must be an array, a sparse array or a LinearOperator, "
                f"got {type(X).__name__} without {', '.join(missing)}"
            )
    if getattr(X, "format", None) in ("coo", "dok", "lil"):  # SciPy's formats for making, not for multiplying
        X = X.tocsr()
    matrix: DataMatrix = _shaped("X", X, 2)
    _refuse_type("X", matrix)
    if finite and library(matrix) is None:
        _refuse_entries("X", matrix)
    return matrix


def floating_vector(name: str, value: Any) -> Array:
    """Return `value` as a vector of finite floating-point numbers."""
    return floating(real_array(name, value, ndim=1))


def floating(entries: Array) -> Array:
    """Return whole numbers in float64, others as they are."""
    whole = getattr(entries.dtype, "kind", "f") in "iub"
    return entries.astype(np.float64) if whole else entries


def least_squares_problem(X: Any, t: Any, w: Any, name: str = "w") -> tuple[DataMatrix, Array, Array]:
    """Return X, t and w as arrays that fit each other; their entries are not looked at."""
    if (
        type(X) is type(t) is type(w) is np.ndarray
        and X.ndim == 2
        and X.size
        and t.shape == X.shape[:1]
        and w.shape == X.shape[1:]
        and X.dtype.kind == t.dtype.kind == w.dtype.kind == "f"
    ):
        return X, t, w  # soon, for loops that call a function again and again
    X = data_matrix(X, finite=False)
    return X, targets(X, t, finite=False), weights(X, w, name, finite=False)


def targets(X: DataMatrix, t: Any, *, finite: bool = True) -> Array:
    """Return t as a floating vector with one entry for each row of X; for `finite` see `data_matrix`."""
    if not _is_plain(X, t) or finite:
        t = _vector_beside(X, "t", t)
    if t.shape[0] != X.shape[0]:
        raise ValueError(f"X has {X.shape[0]} rows but t has {t.shape[0]} entries")
    return in_chunks_of(X, 0, t)  # type: ignore[no-any-return]  # checked


def weights(X: DataMatrix, w: Any, name: str = "w", *, finite: bool = True) -> Array:
    """Return w as a floating vector with one entry for each column of X; for `finite` see `data_matrix`."""
    if not _is_plain(X, w) or finite:
        w = _vector_beside(X, name, w)
    if w.shape[0] != X.shape[1]:
        raise ValueError(f"X has {X.shape[1]} columns but {name} has {w.shape[0]} entries")
    return in_chunks_of(X, 1, w)  # type: ignore[no-any-return]  # checked


def product(X: DataMatrix, v: Array) -> Any:
    """X @ v, for small arrays of NumPy in less time."""
    return X.dot(v) if type(X) is np.ndarray else X @ v


def products(X: DataMatrix) -> tuple[Callable[[Array], Any], Callable[[Array], Any]]:
    """Functions that multiply a vector by X and by its transpose, for loops."""
    transpose = X.T
    if type(X) is np.ndarray:
        return X.dot, transpose.dot  # type: ignore[attr-defined]  # an array's
    return lambda v: X @ v, lambda u: transpose @ u


def real_scalar(name: str, value: Any, *, like: Any = None, **limits: float) -> Any:
    """Return `value` as a float; an array of another library without dimensions stays one.

    So one can differentiate with respect to it. Its limits are looked at where its value is known.
    """
    if library(value) is None:
        return real_number(name, value, **limits)
    if value.shape != ():
        raise ValueError(f"{name} must be a real number, got an array of shape {tuple(value.shape)}")
    _refuse_type(name, value)
    if like is not None:
        refuse_mix(like, name, value)
    lowest, above = limits.get("minimum", -math.inf), limits.get("above", -math.inf)
    fits = namespace(value).isfinite(value) & (value >= lowest) & (value > above)
    if known(fits) is False:
        real_number(name, float(value), **limits)  # raises
    return value


def refuse_mix(X: Any, name: str, value: Any, *, beside: str = "X") -> None:
    """Raise if X and another array are not of one library, on one device, and of one type."""
    ours, theirs = home(X), home(value)
    if ours == theirs == ("numpy", "cpu"):
        return
    if ours[0] != theirs[0]:
        raise TypeError(f"{name} must be an array of {ours[0]} as {beside} is, got one of {theirs[0]}")
    if None not in (ours[1], theirs[1]) and ours[1] != theirs[1]:
        raise ValueError(f"{name} must be on the device {ours[1]} as {beside} is, got it on {theirs[1]}")
    if X.dtype != value.dtype:
        raise TypeError(f"{name} must have dtype {X.dtype} as {beside} has, got dtype {value.dtype}")


def all_finite(numbers: Any) -> Any:
    """Whether all numbers are finite: True or False, or where they live if they are not NumPy's."""
    if isinstance(numbers, float):
        return math.isfinite(numbers)
    if isinstance(numbers, np.ndarray):
        return bool(np.count_nonzero(np.isfinite(numbers)) == numbers.size)  # sooner than all()
    xp = namespace(numbers)
    return xp.all(xp.isfinite(numbers))


def refuse_what_is_not_finite(result: Any, **data: Any) -> None:
    """Raise if a result is known not to be finite because one of the data, which is named, is not.

    In a dense array a number that is not finite makes every product with it one that is not.
    """
    if known(all_finite(result)) is False:
        refuse_entries(**data)


def refuse_entries(**data: Any) -> None:
    """Raise if an entry of the data is known not to be finite, naming which."""
    for name, value in data.items():
        _refuse_entries(name, value)


def norm(v: Array) -> Any:
    """Euclidean norm, from an inner product alone; a float if the vector is NumPy's."""
    if type(v) is np.ndarray:
        return math.sqrt(v.dot(v))
    xp = namespace(v)
    return math.sqrt(v @ v) if xp is np else xp.sqrt(v @ v)


def plain(number: Any) -> Any:
    """A NumPy number as a float; one of another library as it is, where it is."""
    return float(number) if library(number) is None else number


def epsilon(entries: Array) -> float:
    """Relative distance of neighbouring numbers of the type of an array."""
    return float(namespace(entries).finfo(entries.dtype).eps)


def _is_plain(X: DataMatrix, vector: Any) -> bool:
    """Whether a floating vector is NumPy's, as X is."""
    return type(vector) is type(X) is np.ndarray and vector.ndim == 1 and vector.dtype.kind == "f"


def _vector_beside(X: DataMatrix, name: str, value: Any) -> Array:
    """Return `value` as a floating vector that lives where X does."""
    if library(X) is not None and isinstance(value, list | tuple):
        value = beside(X, real_array(name, value, ndim=1))
    if is_lazy(X) and isinstance(value, np.ndarray):  # Dask's arrays are made of NumPy's
        value = beside(X, floating_vector(name, value))
    vector = floating_vector(name, value)
    refuse_mix(X, name, vector)
    return vector


def _shaped(name: str, value: Any, ndim: int) -> Any:
    """Return `value` as a non-empty array of `ndim` dimensions."""
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
    return value


def _refuse_type(name: str, value: Any) -> None:
    """Raise if the entries are complex, objects or text; outside of NumPy, also if they are whole numbers."""
    xp = namespace(value)
    kind = getattr(getattr(value, "dtype", None), "kind", None)
    if xp is np:
        if kind is not None and kind not in "fiub":
            raise TypeError(f"{name} must have real entries, got dtype {value.dtype}")
        return
    if not xp.isdtype(value.dtype, "real floating"):
        raise TypeError(f"{name} must have floating-point entries, got dtype {value.dtype}")
    if any(math.isnan(length) for length in value.shape):
        raise ValueError(
            f"{name} must have chunks of known sizes, got shape {value.shape}; "
            "compute_chunk_sizes() finds them"
        )


def _refuse_entries(name: str, value: Any) -> None:
    """Raise if an entry is known not to be finite."""
    if library(value) is not None:
        xp = namespace(value)
        if known(xp.all(xp.isfinite(value)), wait=True) is False:
            raise ValueError(f"{name} must be finite, got entries that are NaN or infinite")
        return
    kind = getattr(getattr(value, "dtype", None), "kind", None)
    entries = value if isinstance(value, np.ndarray) else getattr(value, "data", None)
    if kind == "f" and isinstance(entries, np.ndarray) and not np.isfinite(entries).all():
        count = np.count_nonzero(~np.isfinite(entries))
        raise ValueError(f"{name} must be finite, got {count} entries that are NaN or infinite")
