"""The array libraries, and how their arrays are made of NumPy's and read again, for tests and the record."""

import importlib
import os
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np

os.environ.update(JAX_ENABLE_X64="1", JAX_PLATFORMS="cpu")  # before JAX is imported
os.environ.setdefault("XLA_FLAGS", "--xla_force_host_platform_device_count=2")  # so that there is another


class Library(NamedTuple):
    """A library, its arrays made of NumPy's, and NumPy's made of them."""

    package: str
    make: Callable[[Any], Any]
    read: Callable[[Any], np.ndarray] = np.asarray
    missing: Callable[[], str | None] = lambda: None

    @property
    def reason(self) -> str | None:
        """Why it cannot be had here; None if it can."""
        if find_spec(self.package) is None:
            return f"{self.package} is not installed"
        return self.missing()

    @property
    def distribution(self) -> str:
        return self.package.replace("_", "-")

    @property
    def version(self) -> str:
        return version(self.distribution)


def module(name: str) -> Any:
    return importlib.import_module(name)


def in_chunks(entries: Any) -> Any:
    entries = np.asarray(entries)
    return module("dask.array").from_array(
        entries, chunks=tuple(max(1, length // 2) for length in entries.shape)
    )


def no_cuda() -> str | None:
    return None if module("torch").cuda.is_available() else "there is no GPU that PyTorch can use"


def no_cupy_device() -> str | None:
    try:
        module("cupy").cuda.runtime.getDeviceCount()
    except Exception as error:
        return f"there is no GPU that CuPy can use: {error}"
    return None


LIBRARIES = {
    "NumPy": Library("numpy", np.asarray),
    "array-api-strict": Library(
        "array_api_strict", lambda entries: module("array_api_strict").asarray(entries)
    ),
    "Dask": Library("dask", in_chunks),
    "PyTorch": Library("torch", lambda entries: module("torch").asarray(entries)),
    "JAX": Library("jax", lambda entries: module("jax.numpy").asarray(entries)),
    "CuPy": Library(
        "cupy", lambda entries: module("cupy").asarray(entries), lambda a: a.get(), no_cupy_device
    ),
    "PyTorch on CUDA": Library(
        "torch", lambda entries: module("torch").asarray(entries).cuda(), lambda a: a.cpu().numpy(), no_cuda
    ),
}
