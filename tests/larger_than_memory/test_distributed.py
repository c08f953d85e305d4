"""Dask's cluster: the answers of NumPy, a small run of all that is measured, and a sweep."""

import json
from collections.abc import Iterator

import measure
import numpy as np
import pytest
from data import chunk, chunks_made, data
from distributed import Client, LocalCluster

from hwlib.hypergradients import learning_rate_gradient
from hwlib.learning_rates import loss_after_step, maximum_stable_learning_rate, optimal_learning_rate
from hwlib.least_squares import mean_squared_error_gradient, minimum_norm_solution
from hwlib.optimizers import GradientDescent, minimize
from hwlib.sweeps import grid, sweep

SHAPE = (60, 8)


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """Two workers in this process, which start at once."""
    workers = {"n_workers": 2, "threads_per_worker": 1, "processes": False, "dashboard_address": ":0"}
    with LocalCluster(**workers) as cluster, Client(cluster) as client:
        yield client


class TestTheData:
    def test_are_whole_numbers_of_32_bits_between_minus_one_and_one(self):
        entries = chunk((3, 1), seed=5, shape=(300, 333))
        whole = entries * 2.0**31
        np.testing.assert_array_equal(whole, np.round(whole))
        assert -1 <= entries.min() < -0.999
        assert 0.999 < entries.max() < 1
        assert abs(entries.mean()) < 4 * np.sqrt(1 / 3 / entries.size)
        assert np.mean(entries**2) == pytest.approx(1 / 3, rel=0.02)

    def test_are_the_numbers_that_the_generator_gives_for_the_place(self):
        bits = np.random.SFC64([5, 3, 1]).random_raw(50_000)
        low, high = bits & 0xFFFFFFFF, bits >> 32
        wanted = np.stack([low, high], axis=1).ravel().astype(np.uint32).astype(np.int32) / 2**31
        np.testing.assert_array_equal(chunk((3, 1), seed=5, shape=(400, 250)).ravel(), wanted)

    def test_are_the_same_each_time_and_others_in_each_chunk_and_of_each_seed(self):
        X = data(SHAPE, (20, 4), seed=1)
        before = chunks_made()
        entries = X.compute(scheduler="synchronous")
        assert chunks_made() == before + 6
        np.testing.assert_array_equal(entries, X.compute(scheduler="synchronous"))
        parts = {entries[i : i + 20, j : j + 4].tobytes() for i in (0, 20, 40) for j in (0, 4)}
        assert len(parts) == 6
        assert not np.any(entries == data(SHAPE, (20, 4), seed=2).compute(scheduler="synchronous"))


@pytest.mark.parametrize("chunks", [(7, 8), (7, 3)])
class TestOnACluster:
    def test_answers_are_those_of_numpy(self, client, chunks):
        X = data(SHAPE, chunks, seed=1)
        entries = X.compute()
        t, w = np.arange(60.0), np.arange(8.0)
        for function in (
            lambda X: optimal_learning_rate(X, t, w),
            lambda X: loss_after_step(X, t, w, 0.1),
            lambda X: mean_squared_error_gradient(X, t, w),
            maximum_stable_learning_rate,
            lambda X: minimum_norm_solution(X[:, :3].T, w[:3]),
            lambda X: learning_rate_gradient(X, t, w, 0.1, 4, method="reverse").gradient,
            lambda X: learning_rate_gradient(X, t, w, 0.1, 4, method="forward").gradient,
        ):
            np.testing.assert_allclose(np.asarray(function(X)), function(entries), rtol=1e-8)

    def test_training_is_that_of_numpy(self, client, chunks):
        X = data(SHAPE, chunks, seed=1)
        t = (X @ np.arange(8.0)).persist()
        found, known = (
            minimize(
                lambda w, X=X, t=t: mean_squared_error_gradient(X, t, w),
                np.zeros(8),
                GradientDescent(0.5),
                max_steps=5,
            )
            for X, t in ((X, t), (X.compute(), t.compute()))
        )
        np.testing.assert_allclose(found.w, known.w, rtol=1e-12)


def test_sweeps_run_on_the_cluster_in_order(client, tmp_path):
    told = []
    settings = grid({"base": [2, 3], "exponent": range(4)})
    results = sweep(
        power,
        settings,
        executor=client.get_executor(),
        record=tmp_path / "record",
        progress=lambda *c: told.append(c),
    )
    assert results == [1, 2, 4, 8, 1, 3, 9, 27]
    assert told == [(done, 8) for done in range(9)]
    with pytest.raises(ZeroDivisionError) as raised:
        sweep(power, grid({"base": [1, 0], "exponent": [-1]}), executor=client.get_executor())
    assert raised.value.__notes__ == ["in the setting {'base': 0, 'exponent': -1}"]


def power(base, exponent):
    return base**exponent


def test_all_that_is_measured_in_small(tmp_path):
    """Also from disk, beside memory, and with a worker killed half-way."""
    sizes = {
        "rows": 1200,
        "columns": 60,
        "chunk-rows": 100,
        "stored-rows": 900,
        "steps": 4,
        "worker-mib": 400,
    }
    places = {"folder": tmp_path / "room", "record": tmp_path / "record.json"}
    measure.main([f"--{name}={value}" for name, value in (sizes | places).items()])
    record = json.loads(places["record"].read_text())
    made, stored, killed = record["generated"], record["stored"], record["killed"]
    assert made["bytes"] == 8 * 1200 * 60
    assert made["passes"] == {"targets": 1, "rate": 2, "steps": 5, "loss": 1}
    for run in (made, stored):
        assert 0 < run["worker peak bytes"] < record["worker limit"]
        assert run["worker peak bytes"] < run["peak bytes"] < 3 * record["worker limit"]
        assert run["losses"][1] < run["losses"][0]
        assert min(*run["seconds"].values(), *run["floor seconds"].values()) > 0
    assert killed["difference"] < 1e-12
    log = "\n".join(killed["log"])
    for said in ("a worker is killed", "was killed by signal 9", "Restarting worker", "Register worker"):
        assert said in log
    assert "127.0.0.1" not in log
    assert max(record["small"]["differences"].values()) < 1e-10
    assert list(places["folder"].iterdir()) == []  # nothing is left
