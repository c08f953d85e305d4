"""How near a GPU comes to its memory's speed: the optimal rate, a gradient step, and a long hypergradient.

Run as ``python tests/arrays/on_a_gpu.py``; where PyTorch finds no GPU it says so and measures nothing.
"""

import json
import statistics
import time
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from hwlib.hypergradients import learning_rate_gradient
from hwlib.learning_rates import optimal_learning_rate
from hwlib.least_squares import mean_squared_error_gradient

SIZE, STEPS, ROUNDS = 32768, 1000, 20
SMALL_SIZE = 1024  # of the hypergradient, whose steps are to be short beside a wait


def measure(device: torch.device, size: int, small: int, steps: int, rounds: int) -> dict[str, Any]:
    """Seconds of each, and the share of the speed at which the device copies."""
    X, t, w0 = problem(device, size)
    target = torch.empty_like(X)
    once = X.element_size() * X.numel()  # bytes of one pass over X
    moved = {"copy": 2 * once, "optimal_learning_rate": 3 * once, "gradient step": 2 * once}
    rate = 1e-3
    seconds = alternately(
        {
            "copy": lambda: target.copy_(X),
            "optimal_learning_rate": lambda: optimal_learning_rate(X, t, w0),
            "gradient step": lambda: w0 - rate * mean_squared_error_gradient(X, t, w0),
        },
        device,
        rounds,
    )
    speed = {name: moved[name] / seconds[name] for name in seconds}
    data = problem(device, small)
    waits = {count: waits_of(partial(learning_rate_gradient, *data, rate, count)) for count in (2, steps)}
    result = learning_rate_gradient(*data, rate, steps)
    return {
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else "the processor",
        "torch": torch.__version__,
        "shape": list(X.shape),
        "seconds": seconds,
        "share of the copy's bandwidth": {name: speed[name] / speed["copy"] for name in seconds},
        "hypergradient": {
            "shape": list(data[0].shape),
            "steps": steps,
            "seconds": alternately(
                {"it": lambda: learning_rate_gradient(*data, rate, steps)}, device, max(3, rounds // 5)
            )["it"],
            "waits": waits,
            "gradient": float(result.gradient),
        },
    }


def problem(device: torch.device, size: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Data, targets and weights in float32, with singular values that a rate of 0.001 is stable for."""
    draw = torch.Generator(device).manual_seed(0)
    X = torch.randn(size, size, generator=draw, device=device)
    return (
        X,
        torch.randn(size, generator=draw, device=device),
        torch.randn(size, generator=draw, device=device),
    )


def alternately(work: dict[str, Callable[[], Any]], device: torch.device, rounds: int) -> dict[str, float]:
    """Median seconds of each, run in turn after one run that is not counted."""
    seconds: dict[str, list[float]] = {name: [] for name in work}
    for count in range(rounds + 1):
        for name, run in work.items():
            elapsed = timed(run, device)
            if count:
                seconds[name].append(elapsed)
    return {name: statistics.median(values) for name, values in seconds.items()}


def timed(run: Callable[[], Any], device: torch.device) -> float:
    wait = torch.cuda.synchronize if device.type == "cuda" else lambda: None
    wait()
    start = time.perf_counter()
    run()
    wait()
    return time.perf_counter() - start


def waits_of(run: Callable[[], Any]) -> int:
    """How often the host waits for the device, as CUDA tells; without a GPU, how often it asks for values."""
    if torch.cuda.is_available():
        torch.cuda.set_sync_debug_mode("warn")
        try:
            with warnings.catch_warnings(record=True) as told:
                warnings.simplefilter("always")
                run()
        finally:
            torch.cuda.set_sync_debug_mode("default")
        return sum("synchroniz" in str(warning.message) for warning in told)
    with AskedFor() as asked:
        run()
    return asked.count


class AskedFor(TorchFunctionMode):
    """Counts how often a value is asked for."""

    count = 0

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.count += function.__name__ in ("__bool__", "__float__", "__int__", "item", "tolist")
        return function(*args, **(kwargs or {}))


def main() -> None:
    """Measure and print, if there is a GPU."""
    if not torch.cuda.is_available():
        print("There is no GPU that PyTorch can use, so nothing is measured.")
        return
    print(json.dumps(measure(torch.device("cuda"), SIZE, SMALL_SIZE, STEPS, ROUNDS), indent=1))


if __name__ == "__main__":
    main()
