"""The bench itself: it times in turn, takes medians, refuses wrong answers; its small works are right."""

import json
import re
from importlib import import_module
from itertools import count, pairwise

import bench
import choices
import growth
import numpy as np
import pytest
from measuring import BEST, OURS, Target, Work, WrongResultError, close, measure

TINY = {
    "correlations": {"side": 32, "sides_of_kernels": (3, 5), "batch": 2},
    "solutions": {"n": 6, "d": 20},
    "rates": {"side": 20, "n": 30, "d": 60},
    "training": {"n": 6, "d": 3, "t": 10, "steps": 20},
    "networks": {"name": "resnet18"},
    "steps": {},
}


@pytest.fixture(autouse=True)
def no_rest(monkeypatch):
    monkeypatch.setattr("measuring.REST", 0)


class Clock:
    """A clock that stands still but for what the answers take."""

    def __init__(self):
        self.now, self.log = 0.0, []

    def __call__(self):
        return self.now

    def answer(self, name, seconds):
        taken = iter(seconds)

        def answer():
            self.log.append(name)
            self.now += next(taken)
            return 7

        return lambda: answer


def timed(clock, answers, **options):
    ready = {name: clock.answer(name, seconds) for name, seconds in answers.items()}
    options = {"rounds": 5, "seconds": 1000.0} | options
    return measure(Work("a work", "a size", ready, (7).__eq__, **options), clock=clock)


def test_all_answer_once_and_then_in_turn_each_round_with_another_first():
    clock = Clock()
    timed(clock, {OURS: [1] * 9, "a": [1] * 9, "b": [1] * 9}, rounds=3)
    assert "".join(name[0] for name in clock.log) == "hab" + "hab" + "abh" + "bha"


def test_medians_and_quartiles_leave_the_first_answer_out():
    found = timed(Clock(), {OURS: [99, 5, 1, 3, 2, 4], "a": [99, 10, 30, 20, 50, 40]})
    assert found["seconds"][OURS] == {"median": 3.0, "low": 2.0, "high": 4.0, "times": 5}
    assert found["seconds"]["a"] == {"median": 30.0, "low": 20.0, "high": 40.0, "times": 5}


def test_a_target_is_met_or_missed_by_the_ratio_of_the_medians():
    answers = {OURS: [2] * 9, "a": [6] * 9, "b": [3] * 9}
    targets = Target("a", 3, "met"), Target("a", 3.1, "missed"), Target(BEST, 1.5), Target(BEST, 1.6)
    found = timed(Clock(), answers, targets=targets)
    assert [target.get("why") for target in found["targets"]] == [None, "missed", None, ""]
    assert [target["ratio"] for target in found["targets"]] == [3, 3, 1.5, 1.5]
    assert [target["met"] for target in found["targets"]] == [True, False, True, False]
    assert [target["peer"] for target in found["targets"]] == ["a", "a", "b", "b"]


def test_who_is_slow_is_timed_less_often_and_at_least_once():
    found = timed(Clock(), {OURS: [1] * 9, "slow": [4] * 9, "slower": [20]}, seconds=10.0)
    assert {name: one["times"] for name, one in found["seconds"].items()} == {OURS: 5, "slow": 3, "slower": 1}
    assert found["seconds"]["slower"]["median"] == 20


def test_who_is_quick_answers_often_in_one_measurement():
    clock = Clock()
    found = timed(clock, {OURS: [0.001] * 99}, rounds=2)
    assert len(clock.log) == 1 + 2 * 5
    assert found["seconds"][OURS]["median"] == pytest.approx(0.001)


@pytest.mark.parametrize("who", [OURS, "a"])
def test_a_wrong_answer_ends_the_run(who):
    answers = {OURS: lambda: lambda: 7, "a": lambda: lambda: 7} | {who: lambda: lambda: 8}
    with pytest.raises(WrongResultError, match=f"^a work, a size: {who} gave a wrong result, 8$"):
        measure(Work("a work", "a size", answers, (7).__eq__))


def test_a_peer_that_is_not_there_is_left_out_only_if_that_is_allowed():
    def absent():
        raise ModuleNotFoundError

    work = Work(
        "a work",
        "a size",
        {OURS: lambda: lambda: 7, "a": absent},
        (7).__eq__,
        (Target("a", 1), Target(BEST, 1)),
    )
    with pytest.raises(ModuleNotFoundError):
        measure(work)
    found = measure(work, absent=True)
    assert list(found["seconds"]) == [OURS]
    assert found["targets"] == []


def test_close_looks_at_all_entries_and_at_their_number():
    is_close = close([1.0, 100.0], 1e-3)
    assert is_close(np.array([1.09, 100.0]))
    assert not is_close([1.11, 100.0])
    assert not is_close([100.0])
    assert not is_close([np.nan, 100.0])


@pytest.mark.parametrize("part", TINY)
def test_small_works_are_right(part):
    for work in import_module(part).works(**TINY[part]):
        found = measure(work, absent=True)
        assert found["seconds"][OURS]["times"] > 0
        assert {target["against"] for target in found["targets"]} <= {BEST, *found["seconds"]}


@pytest.mark.parametrize("part", TINY)
def test_each_work_refuses_another_answer(part):
    for work in import_module(part).works(**TINY[part]):
        right = work.answers[OURS]()()
        wrong = [*right[:-1], right[-1] + 1] if isinstance(right, list) else np.asarray(right) + 1
        assert work.check(right)
        assert not work.check(wrong if np.ndim(right) else wrong.item())


def test_all_ways_of_a_correlation_are_timed_in_turn_beside_the_chosen_one():
    (work,) = choices.works((8,), (3,))
    found = measure(work, clock=iter(map(float, count())).__next__)
    assert list(found["seconds"]) == [OURS, "shifts", "products", "fft"]
    assert {one["median"] for one in found["seconds"].values()} == {1.0}
    assert not work.check(work.answers[OURS]()() + 1)


def test_the_parts_are_those_that_are_tested():
    assert set(TINY) == set(bench.WORKS)


def test_an_exponent_is_fitted_with_its_interval():
    sizes = [10, 30, 100, 300, 1000]
    assert growth.fitted(sizes, [size**1.5 for size in sizes]) == {"exponent": 1.5, "half_width": 0}
    noise = [1, 2, 1, 2, 1]
    times = [2 * size * factor for size, factor in zip(sizes, noise, strict=True)]
    found = growth.fitted(sizes, times)
    assert abs(found["exponent"] - 1) < found["half_width"] < 1


def test_the_peak_is_what_is_held_at_a_time():
    kept = np.ones(10**6)
    assert growth.peak_bytes(lambda: 2 * kept[:1000]) == pytest.approx(8000, rel=0.2)
    twice = growth.peak_bytes(lambda: [2 * kept, 2 * kept])
    assert twice == pytest.approx(16 * kept.size, rel=0.01)
    one_by_one = growth.peak_bytes(lambda: [np.sum(2 * kept) for _ in range(2)])
    assert one_by_one == pytest.approx(8 * kept.size, rel=0.01)


@pytest.mark.parametrize("one", list(growth.growths()), ids=lambda one: f"{one.work}: {one.variable}")
def test_sizes_grow_by_two_decades_and_are_timed(one):
    sizes = one.sizes()
    assert sizes[-1] / sizes[0] == pytest.approx(100, rel=0.01)
    assert all(before < after for before, after in pairwise(sizes))
    found = growth.measure_growth(one, decades=0.5, clock=iter(map(float, count())).__next__)
    assert found["seconds"] == [1.0] * len(sizes)
    assert found["time"]["exponent"] == 0
    assert all(peak > 0 for peak in found["bytes"])


def test_runs_are_appended_to_the_history(tmp_path):
    record = tmp_path / "benchmarks.json"
    for number in (1, 2):
        bench.keep(record, {"number": number, "works": [{"seconds": {"a": {"median": 1}}}]})
    assert [run["number"] for run in json.loads(record.read_text())] == [1, 2]


def test_what_is_kept_of_the_machine_is_its_processor():
    about = bench.surroundings()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", about["date"])
    assert about["versions"]["numpy"] == np.__version__
    assert "/" not in about["processor"]


def test_the_page_shows_a_run_of_all_works():
    last = json.loads(bench.RECORD.read_text())[-1]
    assert {growth["work"] for growth in last["growth"]} == {one.work for one in growth.growths()}
    shown = {row["work"] for row in last["works"]}
    assert shown == {"nox -s docs"} | {
        work.name for part in bench.WORKS for work in import_module(part).works(**TINY[part])
    }
