"""Whose an array is: the functions for it, where it lives, and whether its values are known yet."""

from importlib import import_module
from typing import Any

import numpy as np

_WITHOUT_NAMESPACE = ("cupy", "dask", "torch")  # whose arrays need not have the method __array_namespace__


def namespace(value: Any) -> Any:
    """The module whose functions compute where a value lives; NumPy for all that no other library made.

    Matrices that can only be multiplied, such as SciPy's, count as NumPy's, whose vectors they take.
    """
    if isinstance(value, np.ndarray | float) or library(value) is None:
        return np
    return _compat(value).array_namespace(value)


def library(value: Any) -> str | None:
    """Name of the library of an array that is not NumPy's; None for everything else."""
    name = type(value).__module__.partition(".")[0]
    if name in _WITHOUT_NAMESPACE:
        return name
    if name in ("numpy", "sparse") or not hasattr(value, "__array_namespace__"):
        return None
    return name.removesuffix("lib")  # JAX's arrays are of jaxlib, those that it traces of jax


def is_lazy(value: Any) -> bool:
    """Whether a value is computed only when it is asked for."""
    return library(value) == "dask"


def home(value: Any) -> tuple[str, Any]:
    """Library and device of an array; the device is None where JAX does not say it while it compiles."""
    if library(value) is None:
        return "numpy", "cpu"
    place = _compat(value).device(value)
    return str(library(value)), getattr(place, "device_set", place)  # JAX's arrays may lie on several


def known(condition: Any, *, wait: bool = False) -> bool | None:
    """Whether a condition holds; None while that is not known: where JAX compiles, or Dask is yet to compute.

    With `wait` Dask computes it.
    """
    if condition is True or condition is False:
        return condition
    if is_lazy(condition) and not wait:
        return None
    try:
        return bool(condition)
    except TypeError:  # JAX's error where it compiles
        return None


def at_once(values: Any) -> Any:
    """An array or a tuple with some, computed in one pass if they are Dask's.

    The numbers come here, and are Dask's again: what follows depends on no worker's memory, nothing piles up
    in a loop, and a second pass does not begin before the first has ended, which would keep all chunks.
    """
    if not any(map(is_lazy, values if isinstance(values, tuple) else (values,))):
        return values
    array, base = import_module("dask.array"), import_module("dask.base")
    lazy, repack = base.unpack_collections(values)
    computed = base.compute(*lazy)
    return repack([array.from_array(v, was.chunks) for v, was in zip(computed, lazy, strict=True)])[0]


def in_chunks_of(X: Any, axis: int, vector: Any) -> Any:
    """A vector along an axis of X, in the chunks of X if they are Dask's: else Dask would cut those of X."""
    return vector.rechunk((X.chunks[axis],)) if is_lazy(X) else vector


def side_by_side(vectors: list[Any]) -> Any:
    """Dask's vectors as the columns of a matrix, each chunk of which has all columns."""
    return namespace(vectors[0]).stack(vectors, axis=1).rechunk({1: -1})


def beside(array: Any, numbers: Any, *, whole: bool = False) -> Any:
    """NumPy's numbers as an array of the library, device and, unless they are whole, type of another."""
    xp = namespace(array)
    if xp is np:
        return numbers
    place = _compat(array).device(array)
    dtype = xp.int64 if whole else array.dtype
    return xp.asarray(numbers, dtype=dtype, device=None if hasattr(place, "device_set") else place)


def _compat(value: Any) -> Any:
    """What knows the namespaces and devices of all libraries; NumPy alone does not need it."""
    try:
        return import_module("array_api_compat")
    except ImportError as error:
        raise ImportError(
            f"an array of {library(value)} needs array-api-compat: python -m pip install 'hwlib[arrays]'"
        ) from error
