"""Which functions give the right answer on which library's arrays, and why some cannot, as a record.

Run as ``nox -s arrays``.
"""

import json
import platform
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from functions import FUNCTIONS, Function, T, W, X
from libraries import LIBRARIES, module
from scipy import sparse
from scipy.sparse.linalg import aslinearoperator

TOLERANCE, OF_DERIVATIVES = 1e-9, 1e-5
RECORD = Path(__file__).parents[2] / "docs/reference/arrays.json"
Answer = Callable[[Function], Any]


def as_jax(function: Callable[..., Any]) -> Any:
    return function(*map(LIBRARIES["JAX"].make, (X, T, W)))


def compiled(function: Function) -> Any:
    """The answer of the function that JAX has compiled, less what it should be."""
    return as_jax(module("jax").jit(function.ours)) - function.expected(X, T, W)


def differentiated(function: Function) -> Any:
    """JAX's derivatives with respect to data and weights along a direction, less quotients of differences."""
    rng = np.random.default_rng(0)
    along = rng.standard_normal(X.shape), rng.standard_normal(W.shape)

    def at(shift: float) -> Any:
        return np.sum(function.expected(X + shift * along[0], T, W + shift * along[1]))

    derivatives = as_jax(module("jax").grad(lambda X, t, w: function.ours(X, t, w).sum(), argnums=(0, 2)))
    found = sum(np.sum(one * way) for one, way in zip(derivatives, along, strict=True))
    apart = found - (at(1e-5) - at(-1e-5)) / 2e-5  # a quotient knows half the digits
    return TOLERANCE / OF_DERIVATIVES * apart


def on(library: Any) -> Answer:
    return lambda function: (
        library.read(function.ours(*map(library.make, (X, T, W)))) - function.expected(X, T, W)
    )


def multiplied(wrap: Callable[[Any], Any]) -> Answer:
    """The answer for data that can only be multiplied."""
    return lambda function: function.ours(wrap(X), T, W) - function.expected(X, T, W)


MULTIPLIED = multiplied(sparse.csr_array), multiplied(aslinearoperator)


def what_came(answer: Answer, function: Function) -> str:
    """Say that the answer is right, or why there is none; nothing for data that it does not take."""
    if function.refused != "X" and answer in MULTIPLIED:
        return ""
    try:
        apart = np.max(np.abs(np.asarray(answer(function))))
    except Exception as error:
        known = function.compiled if answer is compiled else function.differentiated
        if known is None or type(error).__name__ not in (
            "ConcretizationTypeError",
            "TracerBoolConversionError",
        ):
            raise
        return known
    if not apart < TOLERANCE:
        raise SystemExit(f"{function.name} is apart by {apart:.1e} from what is expected")
    return "right"


def main() -> None:
    """Try every function on everything, print the table, and write the record."""
    warnings.simplefilter("error")
    columns: dict[str, Answer] = dict(zip(("SciPy sparse", "LinearOperator"), MULTIPLIED, strict=True))
    columns |= {name: on(library) for name, library in LIBRARIES.items() if not library.reason}
    columns |= {"JAX, compiled": compiled, "JAX, differentiated": differentiated}
    table = {
        name: {column: what_came(answer, function) for column, answer in columns.items()}
        for name, function in FUNCTIONS.items()
    }
    for name, row in table.items():
        print(f"{name:36}", *("+" if found == "right" else "-" if found else "." for found in row.values()))
        print(
            *(
                f"{'':36} - {column}: {found}\n"
                for column, found in row.items()
                if found not in ("right", "")
            ),
            end="",
        )
    print("columns:", ", ".join(columns))
    untried = {name: library.reason for name, library in LIBRARIES.items() if library.reason}
    print(*(f"{name} not tried: {reason}" for name, reason in untried.items()), sep="\n")
    versions = {library.distribution: library.version for library in LIBRARIES.values() if not library.reason}
    record = {
        "holds for": versions | {"python": platform.python_version()},
        "tolerances": {"answers": TOLERANCE, "derivatives": OF_DERIVATIVES},
        "untried": untried,
        "found": table,
    }
    RECORD.write_text(json.dumps(record, indent=1) + "\n")
    print(f"written to {RECORD}")


if __name__ == "__main__":
    main()
