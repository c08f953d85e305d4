"""Sweeps against plain nested loops: in order, in parallel, killed and resumed."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
from concurrent.futures import (
    BrokenExecutor,
    CancelledError,
    Executor,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
)
from functools import partial
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from hwlib.optimizers import DivergenceError
from hwlib.sweeps import grid, sweep

VALUES = {"learning_rate": [0.1, 0.25], "weight_decay": [0.0, 0.5, 1.0], "seed": range(2)}


def trained(learning_rate, weight_decay, seed):
    """A weight after ten steps from a random start, where the gradient is the weight."""
    w = np.random.default_rng(seed).standard_normal()
    for _ in range(10):
        w -= learning_rate * (w + weight_decay * w)
    return float(w)


def nested_loops():
    return [
        (1 - rate * (1 + decay)) ** 10 * np.random.default_rng(seed).standard_normal()
        for rate in (0.1, 0.25)
        for decay in (0.0, 0.5, 1.0)
        for seed in (0, 1)
    ]


def dies_once(number, folder):
    """Write down that it was called; kill its process the first time that it is called with 3."""
    with (Path(folder) / "calls").open("a") as file:
        file.write(f"{number}\n")
    if number == 3 and not (Path(folder) / "died").exists():
        (Path(folder) / "died").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number**2


def calls_in(folder):
    return [int(line) for line in (folder / "calls").read_text().split()]


def spawning(workers):
    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))


class TestGrid:
    def test_is_every_combination_with_the_last_argument_fastest(self):
        assert grid({"a": [1, 2], "b": ["x", "y", "z"], "c": range(1)}) == [
            {"a": a, "b": b, "c": c} for a in (1, 2) for b in "xyz" for c in (0,)
        ]

    def test_of_no_values_is_empty_and_of_no_names_is_one_setting_without_any(self):
        assert grid({"a": []}) == []
        assert grid({}) == [{}]

    def test_refuses_what_is_one_value(self):
        with pytest.raises(TypeError, match=r"values of 'a' must be several, such as a list, got 0\.1"):
            grid({"a": 0.1})
        with pytest.raises(TypeError, match=r"values of 'a' must be several, .* got 'sgd'"):
            grid({"a": "sgd"})
        with pytest.raises(TypeError, match="values must be a mapping from names to values, got list"):
            grid([1, 2])


class TestSweep:
    @pytest.mark.parametrize("recorded", [False, True])
    @pytest.mark.parametrize("workers", [None, partial(ThreadPoolExecutor, 3), partial(spawning, 2)])
    def test_gives_what_nested_loops_give(self, workers, recorded, tmp_path):
        record = tmp_path / "record" if recorded else None
        if workers is None:
            results = sweep(trained, grid(VALUES), record=record)
        else:
            with workers() as executor:
                results = sweep(trained, grid(VALUES), executor=executor, record=record)
        np.testing.assert_allclose(results, nested_loops(), rtol=1e-12)
        assert results == sweep(trained, grid(VALUES), record=record)  # to the last bit

    def test_keeps_the_order_of_the_settings_where_the_last_is_ready_first(self):
        last_is_ready, order = Event(), []

        def function(number):
            if number == 4:
                last_is_ready.set()
            assert last_is_ready.wait(60)
            order.append(number)
            return -number

        with ThreadPoolExecutor(5) as threads:
            assert sweep(function, grid({"number": range(5)}), executor=threads) == [0, -1, -2, -3, -4]
        assert sorted(order) == [0, 1, 2, 3, 4]

    def test_tells_its_progress(self, tmp_path):
        for record, seen in [
            (None, [(0, 2), (1, 2), (2, 2)]),
            (tmp_path / "record", [(0, 2), (1, 2), (2, 2)]),
            (tmp_path / "record", [(2, 2)]),
        ]:
            progress = Progress()
            sweep(abs_of, grid({"x": [-1, 2]}), record=record, progress=progress)
            assert progress.told == seen

    def test_of_nothing_is_nothing(self):
        assert sweep(abs_of, []) == []

    def test_leaves_results_without_a_record_as_they_are(self):
        assert sweep(lambda x: (x, {x}), [{"x": 1}]) == [(1, {1})]

    def test_takes_names_that_executors_use(self):
        with ThreadPoolExecutor(1) as threads:
            assert sweep(lambda **names: names, [{"fn": 1, "self": 2}], executor=threads) == [
                {"fn": 1, "self": 2}
            ]


def abs_of(x):
    return abs(x)


class Progress:
    """What a sweep told of its progress."""

    def __init__(self):
        self.told = []

    def __call__(self, done, wanted):
        self.told.append((done, wanted))


class TestAnError:
    @pytest.mark.parametrize("workers", [None, 1, 3])
    def test_is_raised_as_it_was_with_the_setting(self, workers):
        def function(learning_rate, seed):
            if learning_rate > 1:
                raise DivergenceError("left the finite numbers")

        settings = grid({"learning_rate": [0.5, 2.0], "seed": [7, 8]})
        with ThreadPoolExecutor(workers) as threads:
            executor = threads if workers else None
            with pytest.raises(DivergenceError, match="left the finite numbers") as raised:
                sweep(function, settings, executor=executor)
        assert raised.value.__notes__ == ["in the setting {'learning_rate': 2.0, 'seed': 7}"]

    def test_lets_those_that_have_begun_end_and_be_recorded_and_no_other_begin(self, tmp_path):
        has_begun, has_failed = Event(), Event()
        called = []

        def function(number):
            called.append(number)
            if number == 0:
                assert has_begun.wait(60)
                has_failed.set()
                raise ValueError("zero")
            has_begun.set()
            assert has_failed.wait(60)
            cancelled.wait(60)
            return number

        cancelled = Event()

        class Watched(ThreadPoolExecutor):
            submitted = 0

            def submit(self, *call):
                future = super().submit(*call)
                self.submitted += 1
                if self.submitted == 1:  # its thread would be free before the sweep knows of the error
                    future.add_done_callback(lambda _: cancelled.wait(60))
                if self.submitted == 3:  # it waits for a thread
                    future.add_done_callback(lambda _: cancelled.set())
                return future

        with Watched(2) as threads, pytest.raises(ValueError, match="zero"):
            sweep(function, grid({"number": range(9)}), executor=threads, record=tmp_path / "record")
        assert sorted(called) == [0, 1]
        lines = (tmp_path / "record").read_text().splitlines()[1:]
        assert [json.loads(line) for line in lines] == [{"setting": {"number": 1}, "result": 1}]

    def test_is_the_first_in_the_order_of_the_settings(self):
        second_failed = Event()

        def function(number):
            if number == 0:
                assert second_failed.wait(60)
            try:
                raise ValueError(f"at {number}")
            finally:
                second_failed.set()

        with ThreadPoolExecutor(2) as threads, pytest.raises(ValueError, match="at 0"):
            sweep(function, grid({"number": range(2)}), executor=threads)

    def test_of_one_who_cancels_from_outside_is_passed_on(self):
        class Cancelling(ThreadPoolExecutor):
            def submit(self, *call):
                future = super().submit(Event().wait, 0)
                future.result()
                cancelled = type(future)()
                cancelled.cancel()
                cancelled.set_running_or_notify_cancel()
                return cancelled

        with Cancelling(1) as threads, pytest.raises(CancelledError):
            sweep(abs_of, [{"x": 1}], executor=threads)


class TestAKilledSweep:
    def test_repeats_only_what_was_being_computed(self, tmp_path):
        settings = grid({"number": range(6), "folder": [str(tmp_path)]})
        record = tmp_path / "record"
        script = f"from test_sweeps import *; sweep(dies_once, {settings!r}, record={str(record)!r})"
        run = subprocess.run([sys.executable, "-c", script], check=False, cwd=Path(__file__).parent)
        assert run.returncode == -signal.SIGKILL
        assert calls_in(tmp_path) == [0, 1, 2, 3]
        told = []
        with ThreadPoolExecutor(1) as threads:
            results = sweep(
                dies_once, settings, executor=threads, record=record, progress=lambda *c: told.append(c)
            )
        assert results == [0, 1, 4, 9, 16, 25]
        assert calls_in(tmp_path) == [0, 1, 2, 3, 3, 4, 5]
        assert told == [(3, 6), (4, 6), (5, 6), (6, 6)]

    def test_keeps_what_other_processes_did_when_one_is_killed(self, tmp_path):
        settings = grid({"number": range(6), "folder": [str(tmp_path)]})
        record = tmp_path / "record"
        with spawning(1) as processes, pytest.raises(BrokenExecutor) as raised:
            sweep(dies_once, settings, executor=processes, record=record)
        assert "'number': 3" in raised.value.__notes__[0]
        with spawning(2) as processes:
            assert sweep(dies_once, settings, executor=processes, record=record) == [0, 1, 4, 9, 16, 25]
        assert sorted(calls_in(tmp_path)) == [0, 1, 2, 3, 3, 4, 5]

    def test_keeps_what_was_done_before_an_executor_refused_more(self, tmp_path):
        class Breaking(ThreadPoolExecutor):
            left = 2

            def submit(self, *call):
                self.left -= 1
                if self.left < 0:
                    raise BrokenExecutor("a worker died")
                return super().submit(*call)

        with Breaking(1) as threads, pytest.raises(BrokenExecutor, match="a worker died") as raised:
            sweep(abs_of, grid({"x": [-1, -2, -3, -4]}), executor=threads, record=tmp_path / "record")
        assert raised.value.__notes__ == ["in the setting {'x': -3}"]
        assert len((tmp_path / "record").read_text().splitlines()) == 3

    @pytest.mark.parametrize("written", range(0, 150, 7))
    def test_while_it_wrote_goes_on_after_the_last_whole_line(self, tmp_path, written):
        record = tmp_path / "record"
        settings = grid({"x": [-1.5, -2.5, -3.5]})
        results = sweep(abs_of, settings, record=record)
        whole = record.read_bytes()
        record.write_bytes(whole[:written])
        assert sweep(abs_of, settings, record=record) == results
        assert record.read_bytes() == whole


class TestTheRecord:
    def test_serves_more_settings_in_another_order(self, tmp_path):
        sweep(abs_of, grid({"x": [-1, -2]}), record=tmp_path / "record")
        called = []

        def abs_of_(x):
            called.append(x)
            return abs(x)

        abs_of_.__qualname__ = "abs_of"
        assert sweep(abs_of_, grid({"x": [-3, -2, -1]}), record=tmp_path / "record") == [3, 2, 1]
        assert called == [-3]

    def test_gives_the_first_time_what_it_gives_later(self, tmp_path):
        def function(x):
            return {"pair": (x, np.float64(0.1)), "array": np.arange(2), "not finite": -float("inf")}

        wanted = [{"pair": [1, 0.1], "array": [0, 1], "not finite": -float("inf")}]
        settings = [{"x": np.int64(1)}]
        assert sweep(function, settings, record=tmp_path / "record") == wanted
        assert sweep(function, settings, record=tmp_path / "record") == wanted

    def test_keeps_every_bit_of_a_float(self, tmp_path):
        values = np.random.default_rng(0).standard_normal(20).tolist()
        assert sweep(lambda x: x / 3, grid({"x": values}), record=tmp_path / "r") == [x / 3 for x in values]
        assert sweep(lambda x: x / 3, grid({"x": values}), record=tmp_path / "r") == [x / 3 for x in values]

    def test_of_another_function_is_refused_and_left_as_it_is(self, tmp_path):
        sweep(abs_of, [{"x": 1}], record=tmp_path / "record")
        before = (tmp_path / "record").read_bytes()
        with pytest.raises(ValueError, match=r'must begin with \{"function": "trained"\}, got .*abs_of'):
            sweep(trained, grid(VALUES), record=tmp_path / "record")
        assert (tmp_path / "record").read_bytes() == before

    @pytest.mark.parametrize("content", ["x,y\n1,2", "no line", "\n"])
    def test_which_is_another_file_is_refused_and_left_as_it_is(self, tmp_path, content):
        (tmp_path / "data.csv").write_text(content)
        with pytest.raises(ValueError, match=r"record .*data\.csv must begin with"):
            sweep(abs_of, [{"x": 1}], record=tmp_path / "data.csv")
        assert (tmp_path / "data.csv").read_text() == content

    @pytest.mark.parametrize("line", ["{", "5", '{"setting": {}}', "\x80"])
    def test_that_is_damaged_is_refused_with_the_line(self, tmp_path, line):
        record = tmp_path / "record"
        sweep(abs_of, [{"x": 1}], record=record)
        record.write_bytes(record.read_bytes() + line.encode("latin-1") + b"\n")
        with pytest.raises(ValueError, match=r"record .*, line 3: must hold a setting and a result, got"):
            sweep(abs_of, [{"x": 1}], record=record)

    def test_where_there_is_no_folder_fails_before_the_first_call(self, tmp_path):
        with pytest.raises(FileNotFoundError, match="nowhere"):
            sweep(lambda x: pytest.fail("was called"), [{"x": 1}], record=tmp_path / "nowhere" / "record")

    def test_cannot_hold_everything(self, tmp_path):
        with pytest.raises(TypeError, match=r"a setting must be what JSON can hold, .*got \{1\} of type set"):
            sweep(abs_of, [{"x": {1}}], record=tmp_path / "record")
        with pytest.raises(TypeError, match=r'the result of \{"x": 1\} must be what JSON can hold'):
            sweep(lambda x: {x}, [{"x": 1}], record=tmp_path / "record")


class TestRefusedArguments:
    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"function": 3}, "function must be callable, got int"),
            ({"settings": {"x": 1}}, "settings must hold mappings from names to values, .* got 'x'"),
            ({"settings": [{1: 2}]}, r"settings must hold mappings from names to values, .* got \{1: 2\}"),
            ({"executor": 4}, r"executor must be a concurrent\.futures\.Executor, got int"),
            ({"progress": True}, "progress must be callable, got bool"),
        ],
    )
    def test_are_named(self, arguments, message):
        with pytest.raises(TypeError, match=message):
            sweep(**{"function": abs_of, "settings": []} | arguments)

    def test_an_executor_of_any_kind_will_do(self):
        class Here(Executor):
            def submit(self, call):
                with ThreadPoolExecutor(1) as threads:
                    return threads.submit(call)

        assert sweep(abs_of, [{"x": -1}], executor=Here()) == [1]
