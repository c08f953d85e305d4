"""Learning rates and gradient steps on more data than memory holds, and what they take; writes a record.

The data is made again by every pass, from a seed, or read from disk. Beside each run stands the floor: two
processes without Dask that make, or read, every chunk once and sum it. One run loses a worker on its way.
Run as ``nox -s larger``; the page that shows the record is docs/larger_than_memory.md.
"""

import argparse
import json
import logging
import os
import platform
import signal
import tempfile
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path

import dask.array as da
import numpy as np
import zarr
from data import chunk, chunks_made, data
from distributed import Client, LocalCluster
from watching import Log, PeakMemory, peak_of_this_process

from hwlib.learning_rates import optimal_learning_rate
from hwlib.least_squares import mean_squared_error, mean_squared_error_gradient
from hwlib.optimizers import GradientDescent, minimize

ROOT = Path(__file__).parents[2]
SEED = 7
SMALL = (2000, 300)
SAME = 1e-10  # of answers whose sums were taken in another order


def read_options(arguments):
    """Sizes, so that all of this can be tried where there is little."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    for name, value, text in (
        ("rows", 500_000, "rows of what is made again by every pass"),
        ("columns", 10_000, "columns of all data"),
        ("chunk-rows", 1_600, "rows of a chunk"),
        ("stored-rows", 100_000, "rows of what is on disk, and of what is made while a worker is killed"),
        ("steps", 20, "gradient steps"),
        ("workers", 2, "processes, of one thread each"),
        ("worker-mib", 1_536, "memory limit of a worker"),
    ):
        parser.add_argument(f"--{name}", type=int, default=value, help=f"{text} ({value})")
    parser.add_argument("--folder", type=Path, default=ROOT / "build", help="where there is room on disk")
    parser.add_argument("--record", type=Path, default=ROOT / "docs/larger_than_memory.json")
    return parser.parse_args(arguments)


class Run:
    """A cluster that trains on one matrix, and what that took."""

    def __init__(self, options, shape, folder):
        self.options, self.shape, self.folder = options, shape, folder
        self.chunks = (options.chunk_rows, shape[1])
        self.seconds, self.passes, self.client = {}, {}, None
        self.forget = lambda *step: None  # has what was read be read again, before each work and each step
        self.aside = 0.0  # seconds that this took

    def generated(self):
        """The data, made anew by every pass."""
        return data(self.shape, self.chunks, SEED)

    @contextmanager
    def cluster(self):
        """Fresh workers, so that their peaks are of one run."""
        workers = LocalCluster(
            n_workers=self.options.workers, threads_per_worker=1,
            memory_limit=self.options.worker_mib * 2**20, local_directory=str(self.folder),
            dashboard_address=":0", silence_logs=logging.CRITICAL,
        )  # fmt: skip
        with workers, Client(workers) as self.client:
            yield

    @contextmanager
    def timed(self, name):
        """The seconds that something takes, and how often it makes each chunk."""
        self.forget()
        before, began, self.aside = self._made(), time.perf_counter(), 0.0
        yield
        self.seconds[name] = time.perf_counter() - began - self.aside
        self.passes[name] = (self._made() - before) / -(-self.shape[0] // self.chunks[0])
        print(f"{self.shape}: {name} took {self.seconds[name]:.1f} s", flush=True)

    def _made(self):
        return sum(self.client.run(chunks_made).values()) if self.client else chunks_made()

    def train(self, X, after_step=None):
        """Targets of planted weights, the best first rate, and steps at that rate."""
        start = np.zeros(X.shape[1])
        with self.timed("targets"):
            t = (X @ planted(X.shape[1])).persist()
            loss = float(t @ t) / X.shape[0]
        with self.timed("rate"):
            self.rate = float(optimal_learning_rate(X, t, start))
        with self.timed("steps"):
            result = minimize(
                partial(mean_squared_error_gradient, X, t), start, GradientDescent(self.rate),
                max_steps=self.options.steps, callback=after_step or self.forget,
            )  # fmt: skip
        self.w = np.asarray(result.w)
        with self.timed("loss"):
            self.losses = [loss, float(mean_squared_error(X, t, self.w))]

    def record(self):
        """What the page shows."""
        return {
            "shape": self.shape,
            "chunk rows": self.chunks[0],
            "bytes": 8 * self.shape[0] * self.shape[1],
            "seconds": rounded(self.seconds),
            "passes": self.passes,
            "rate": self.rate,
            "losses": self.losses,
        }


def planted(columns):
    """Weights that the targets are made of."""
    return np.random.default_rng(SEED).standard_normal(columns)


def rounded(seconds):
    return {name: round(number, 2) for name, number in seconds.items()}


def measured(run, X_of, read):
    """A run with its memory, between two measurements of the floor."""
    first = floor(run, read)
    with PeakMemory() as memory, run.cluster():
        run.train(X_of())
        peaks = list(run.client.run(peak_of_this_process).values())
    floors = {"before": first, "after": floor(run, read)}
    memory_taken = {"peak bytes": memory.bytes, "worker peak bytes": max(peaks)}
    return run.record() | memory_taken | {"floor seconds": rounded(floors)}


def floor(run, read):
    """Seconds in which as many processes, without Dask, have read each chunk and summed it."""
    run.forget()
    firsts = range(0, run.shape[0], run.chunks[0])
    with ProcessPoolExecutor(run.options.workers, mp_context=get_context("spawn")) as processes:
        list(processes.map(abs, range(99)))  # they have started
        began = time.perf_counter()
        list(processes.map(read, firsts))
        return time.perf_counter() - began


def sum_of_made(shape, rows, first):
    """Sum of a chunk that is made for that."""
    return chunk((first // rows, 0), SEED, (min(rows, shape[0] - first), shape[1])).sum()


def sum_of_stored(path, rows, first):
    """Sum of a chunk that is read for that."""
    return zarr.open_array(path, mode="r")[first : first + rows].sum()


def store(run, path):
    """Write the data to disk, chunk by chunk."""
    with run.cluster():
        array = zarr.create_array(
            path, shape=run.shape, chunks=run.chunks, dtype="float64", compressors=None
        )  # random bits do not get smaller
        run.generated().to_zarr(array)


def forget(run, path, *step):
    """Have the system drop the files of a folder from its memory, so that they are read from disk again."""
    began = time.perf_counter()
    os.sync()
    for file in Path(path).rglob("*"):
        if file.is_file():
            descriptor = os.open(file, os.O_RDONLY)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)
    run.aside += time.perf_counter() - began


def read_from_disk(options, folder):
    """The run on data that Zarr has written, and that the system forgets before each step."""
    run = Run(options, (options.stored_rows, options.columns), folder)
    path = folder / "data.zarr"
    store(run, path)
    run.forget = partial(forget, run, path)
    record = measured(run, partial(da.from_zarr, str(path)), partial(sum_of_stored, path, options.chunk_rows))
    del record["passes"]  # chunks are not made but read
    return record


def with_a_killed_worker(options, folder):
    """Two runs that should be one: half-way through the second a worker is killed."""
    quiet, killed = (Run(options, (options.stored_rows, options.columns), folder) for _ in range(2))
    with quiet.cluster():
        quiet.train(quiet.generated())
    log = Log()

    def kill_soon(step, w):
        log.say(f"step {step} is done") if abs(step - options.steps // 2) <= 1 else None
        if step == options.steps // 2:
            half_a_step = quiet.seconds["steps"] / (options.steps + 1) / 2
            threading.Timer(half_a_step, kill_one, [killed.client, log]).start()

    with killed.cluster(), log.listening():
        killed.train(killed.generated(), kill_soon)
    return {
        "shape": killed.shape,
        "log": log.lines,
        "seconds": {
            "undisturbed": round(quiet.seconds["steps"], 2),
            "killed": round(killed.seconds["steps"], 2),
        },
        "difference": apart(killed.w, quiet.w),
    }


def kill_one(client, log):
    """End the busiest worker as the system does when memory runs out; between passes, wait for the next."""
    numbers, tasks = client.run(os.getpid), {}
    while not any(tasks.values()):
        tasks = client.processing()
    busiest = max(tasks, key=lambda address: len(tasks[address]))
    log.say(f"a worker is killed that has {len(tasks[busiest])} tasks before it")
    os.kill(numbers[busiest], signal.SIGKILL)


def beside_memory(options, folder):
    """How far the weights are from those that plain NumPy finds for the same data as one array in memory."""
    differences = {}
    for name, chunks in {"rows": (130, SMALL[1]), "tiles": (130, 70)}.items():
        run = Run(options, SMALL, folder)
        run.chunks = chunks
        X = run.generated()
        run.train(X)
        w = trained_in_memory(X.compute(), options.steps)
        differences[name] = apart(run.w, w)
    return {"shape": SMALL, "differences": differences}


def apart(found, known):
    """Largest difference, relative to the largest number."""
    return float(np.max(np.abs(found - known)) / np.max(np.abs(known)))


def trained_in_memory(X, steps):
    """The same as formulas of NumPy, without hwlib."""
    n, d = X.shape
    t, w = X @ planted(d), np.zeros(d)
    slope = X.T @ t
    rate = n / 2 * np.sum(slope**2) / np.sum((X @ slope) ** 2)
    for _ in range(steps):
        w = w - 2 * rate / n * (X.T @ (X @ w - t))
    return w


def main(arguments=None):
    """Do every run, write the record, and stop if an answer is not what it should be."""
    options = read_options(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.folder) as temporary:
        folder = Path(temporary)
        made = Run(options, (options.rows, options.columns), folder)
        read = partial(sum_of_made, made.shape, options.chunk_rows)
        record = {
            "holds for": {name: version(name) for name in ("dask", "distributed", "numpy", "zarr")}
            | {"python": platform.python_version()},
            "cores": len(os.sched_getaffinity(0)),
            "workers": options.workers,
            "worker limit": options.worker_mib * 2**20,
            "steps": options.steps,
            "generated": measured(made, made.generated, read),
            "stored": read_from_disk(options, folder),
            "killed": with_a_killed_worker(options, folder),
            "small": beside_memory(options, folder),
        }
    options.record.write_text(json.dumps(record, indent=1) + "\n")
    print(f"written to {options.record}")
    worst = max(record["killed"]["difference"], *record["small"]["differences"].values())
    if worst > SAME:
        raise SystemExit(f"answers that should be one are apart by {worst:.1e}")


if __name__ == "__main__":
    main()
