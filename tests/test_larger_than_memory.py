"""Functions on Dask's arrays: the answers of NumPy's, in the fewest passes, with few chunks in memory."""

import threading
import weakref
from collections import Counter
from functools import partial

import dask
import dask.array as da
import numpy as np
import pytest
from scipy.sparse.linalg import LinearOperator

from hwlib.hypergradients import learning_rate_gradient, unroll
from hwlib.krylov import conjugate_gradients
from hwlib.learning_rates import (
    loss_after_step,
    maximum_stable_learning_rate,
    optimal_learning_rate,
    polyak_learning_rate,
)
from hwlib.least_squares import (
    mean_squared_error,
    mean_squared_error_gradient,
    minimum_norm_solution,
    row_space_component,
)
from hwlib.optimizers import Adam, GradientDescent, minimize

STEPS = 6


class Source:
    """A matrix whose chunks are made when they are read: how often each was, and how many lived at once."""

    def __init__(self, shape, chunks):
        self.entries = np.random.default_rng(0).standard_normal(shape)
        self.made, self.alive, self.most_alive = Counter(), 0, 0
        self._lock = threading.RLock()
        self.X = da.map_blocks(self._make, chunks=da.core.normalize_chunks(chunks, shape), dtype=float)

    def _make(self, block_info=None):
        place = tuple(slice(*ends) for ends in block_info[None]["array-location"])
        with self._lock:
            self.made[str(place)] += 1
            self.alive += 1
            self.most_alive = max(self.most_alive, self.alive)
        chunk = self.entries[place].copy()
        weakref.finalize(chunk, self._release)
        return chunk

    def _release(self):
        with self._lock:
            self.alive -= 1

    @property
    def passes(self):
        """How often each chunk was made, if all were made as often."""
        (passes,) = {self.made[place] for place in self.made} or {0}
        assert len(self.made) in (0, self.X.npartitions)
        return passes


TALL, WIDE = (120, 7), (12, 40)
T, W = np.random.default_rng(1).standard_normal(TALL[0]), np.random.default_rng(2).standard_normal(TALL[1])
CHUNKS = {"rows": (3, 7), "uneven rows": (7, 7), "tiles": (3, 3)}
GRADIENT = {
    "mean_squared_error": (1, mean_squared_error),
    "mean_squared_error_gradient": (1, mean_squared_error_gradient),
    "loss_after_step": (2, lambda X, t, w: loss_after_step(X, t, w, 0.1)),
    "optimal_learning_rate": (2, optimal_learning_rate),
    "polyak_learning_rate": (2, polyak_learning_rate),
    "unroll": (STEPS, lambda X, t, w: unroll(X, t, w, 0.1, STEPS, l2=0.1)),
    "conjugate_gradients": (2 * STEPS + 2, lambda X, t, w: conjugate_gradients(X, t, w, max_steps=STEPS).w),
}
HYPERGRADIENT = {"forward": STEPS + 1, "reverse": 2 * STEPS + 1, "checkpoint": 2 * STEPS + 1 + 3}

each_chunking = pytest.mark.parametrize("chunks", CHUNKS.values(), ids=CHUNKS)


@pytest.fixture(autouse=True)
def in_one_thread():
    with dask.config.set(scheduler="synchronous"):
        yield


def plain(value):
    return np.asarray(dask.compute(value)[0])


def assert_few_lived(source):
    """One chunk, or the tiles of one row of them."""
    assert source.most_alive <= source.X.numblocks[1]


class TestEachFunction:
    @each_chunking
    @pytest.mark.parametrize("name", GRADIENT)
    def test_gives_numpys_answer_in_the_fewest_passes_with_few_chunks(self, name, chunks):
        passes, function = GRADIENT[name]
        source = Source(TALL, chunks)
        np.testing.assert_allclose(
            plain(function(source.X, T, W)), function(source.entries, T, W), rtol=1e-10
        )
        assert source.passes == passes
        assert_few_lived(source)

    @each_chunking
    @pytest.mark.parametrize("method", HYPERGRADIENT)
    def test_of_hypergradients_shares_passes(self, method, chunks):
        source = Source(TALL, chunks)
        found = learning_rate_gradient(source.X, T, W, 0.1, STEPS, l2=0.1, method=method)
        known = learning_rate_gradient(source.entries, T, W, 0.1, STEPS, l2=0.1)
        for name in ("loss", "gradient", "l2_gradient"):
            assert float(getattr(found, name)) == pytest.approx(getattr(known, name), rel=1e-9)
        assert source.passes == HYPERGRADIENT[method]
        assert_few_lived(source)

    @each_chunking
    def test_of_the_largest_rate_takes_a_pass_for_each_step_of_lanczos(self, chunks):
        source = Source(TALL, chunks)
        counted = Counting(source.entries)
        rate = float(maximum_stable_learning_rate(source.X))
        assert rate == pytest.approx(TALL[0] / np.linalg.svd(source.entries)[1][0] ** 2, rel=1e-9)
        maximum_stable_learning_rate(counted.operator)
        assert source.passes == counted.products["X"] + 1  # the last confirms what was found
        assert_few_lived(source)

    def test_of_the_largest_rate_shares_passes_for_wide_data_too(self):
        source = Source((60, 90), (2, 90))
        float(maximum_stable_learning_rate(source.X))
        assert_few_lived(source)

    @pytest.mark.parametrize("chunks", [(1, 40), (1, 20)])
    @pytest.mark.parametrize(
        "function",
        [
            lambda X: minimum_norm_solution(X, np.arange(12.0)),
            lambda X: row_space_component(X, np.arange(40.0)),
        ],
    )
    def test_by_conjugate_gradients_takes_a_pass_a_product(self, function, chunks):
        source = Source(WIDE, chunks)
        left, _, right = np.linalg.svd(source.entries, full_matrices=False)
        source.entries[:] = left * np.repeat([1.0, 2.0, 3.0], 4) @ right  # three steps end at rounding
        np.testing.assert_allclose(plain(function(source.X)), function(source.entries), rtol=1e-8, atol=1e-9)
        counted = Counting(source.entries)
        function(counted.operator)
        assert source.passes == 1 + counted.products.total()  # the first looks whether X is finite
        assert_few_lived(source)


class Counting:
    """A matrix as an operator that counts its products."""

    def __init__(self, entries):
        self.products = Counter()

        def multiply(name, matrix):
            def product(v):
                self.products[name] += 1
                return matrix @ v

            return product

        self.operator = LinearOperator(
            entries.shape, matvec=multiply("X", entries), rmatvec=multiply("X^T", entries.T), dtype=float
        )


class TestTraining:
    @each_chunking
    @pytest.mark.parametrize("optimizer", [GradientDescent(0.1), Adam(0.1)])
    def test_takes_a_pass_a_step_and_one_that_looks_whether_it_has_converged(self, optimizer, chunks):
        source = Source(TALL, chunks)
        found, known = (
            minimize(partial(mean_squared_error_gradient, X, T), W, optimizer, max_steps=STEPS)
            for X in (source.X, source.entries)
        )
        assert type(found.w) is np.ndarray
        np.testing.assert_allclose(found.w, known.w, rtol=1e-10)
        assert source.passes == STEPS + 1
        assert_few_lived(source)

    def test_has_no_graph_that_grows_with_the_steps(self):
        source, sizes = Source(TALL, (30, 7)), []
        w0 = da.from_array(W)

        def gradient(w):
            slope = mean_squared_error_gradient(source.X, T, w)
            sizes.append(len(dict(slope.__dask_graph__())))
            return slope

        result = minimize(gradient, w0, Adam(0.1), max_steps=STEPS)
        assert isinstance(result.w, da.Array)
        assert len(sizes) == STEPS + 1
        assert len(set(sizes[1:])) == 1

    @pytest.mark.parametrize("chunks", [(120, 1), (3, 7), (7, 3)])
    def test_cuts_no_chunk_of_the_data_where_the_targets_are_cut_otherwise(self, chunks):
        source = Source(TALL, chunks)
        slope = mean_squared_error_gradient(source.X, da.from_array(T, 50), da.from_array(W, 2))
        np.testing.assert_allclose(slope, mean_squared_error_gradient(source.entries, T, W), rtol=1e-10)
        made = {key for row in source.X.__dask_keys__() for key in row}
        readers = {
            str(name)
            for name, task in dict(slope.__dask_graph__()).items()
            if made & set(getattr(task, "dependencies", ()))
        }
        assert readers
        assert not [name for name in readers if "rechunk" in name or "getitem" in name]

    def test_takes_targets_of_dask(self):
        source = Source(TALL, (3, 7))
        t = (source.X @ W).persist()
        source.made.clear()
        assert float(optimal_learning_rate(source.X, t, np.zeros(7))) == pytest.approx(
            optimal_learning_rate(source.entries, source.entries @ W, np.zeros(7)), rel=1e-10
        )
        assert source.passes == 2

    def test_refuses_a_start_that_is_optimal_and_data_that_are_not_finite(self):
        source = Source(TALL, (3, 7))
        with pytest.raises(ValueError, match="w0 is already optimal"):
            optimal_learning_rate(source.X, source.entries @ W, W)
        source.entries[5, 5] = np.nan
        with pytest.raises(ValueError, match="X, t and w0 must give a finite gradient, got one of norm nan"):
            optimal_learning_rate(source.X, T, W)


def test_columns_of_chunks_hold_everything_at_once():
    """A product with X needs all of them; so the chapter says that chunks should have whole rows."""
    source = Source(TALL, (120, 1))
    mean_squared_error_gradient(source.X, T, W).compute()
    assert source.passes == 1
    assert source.most_alive == 7
