"""Time works of hwlib and of its peers in turn, in one process, and refuse wrong results.

A work is one question with a size. Whoever answers it is made ready first, which is not timed, and answers
once to have the answer checked. Then all answer in turn, round after round, each round beginning with
another, so that what else the machine does falls on all of them, with a rest between. What is kept are
medians and quartiles, and how many times the peer's median is ours.
"""

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

OURS = "hwlib"
BEST = "the best"  # the fastest of the peers
SHORTEST = 0.005  # seconds of a measurement; shorter answers are given many times in it
REST = 0.05  # seconds before each measurement: threads of who answered last still turn over, waiting for work
ROUNDS, SECONDS = 15, 1.5  # for each who answers, whichever ends sooner


class WrongResultError(Exception):
    """An answer that is not the right one."""


@dataclass(frozen=True)
class Target:
    """How many times faster than a peer hwlib is meant to be, and why it is not, where that was found out."""

    peer: str
    at_least: float
    why: str = ""


@dataclass(frozen=True)
class Work:
    """A question, and who answers it: functions that make ready and return the function that is timed."""

    name: str
    size: str
    answers: dict[str, Callable[[], Callable[[], Any]]]
    check: Callable[[Any], bool]
    targets: tuple[Target, ...] = ()
    note: str = ""
    rounds: int = ROUNDS
    seconds: float = SECONDS


@dataclass
class Answering:
    """Who answers a work, and how long it took."""

    answer: Callable[[], Any]
    first: float
    repeats: int = 1
    seconds: list[float] = field(default_factory=list)

    def once(self, clock: Callable[[], float]) -> None:
        """Time one measurement."""
        begun = clock()
        for _ in range(self.repeats):
            self.answer()
        self.seconds.append((clock() - begun) / self.repeats)

    def spent(self) -> float:
        """Seconds given so far."""
        return sum(self.seconds) * self.repeats


def measure(
    work: Work, *, absent: bool = False, clock: Callable[[], float] = time.perf_counter
) -> dict[str, Any]:
    """Check what all answer, time them in turn, and say what was found.

    With ``absent``, peers that are not installed are left out.
    """
    all_of_them = {}
    for name, make_ready in work.answers.items():
        try:
            answer = make_ready()
        except ModuleNotFoundError:
            if not absent or name == OURS:
                raise
            continue
        begun = clock()
        result = answer()
        first = clock() - begun
        if not work.check(result):
            raise WrongResultError(f"{work.name}, {work.size}: {name} gave a wrong result, {result!r:.200}")
        repeats = max(1, int(SHORTEST / max(first, 1e-9)))
        all_of_them[name] = Answering(answer, first, min(repeats, 1000))
    in_turn(list(all_of_them.values()), work, clock)
    times = {name: spread(one.seconds) for name, one in all_of_them.items()}
    return {
        "work": work.name,
        "size": work.size,
        "note": work.note,
        "seconds": times,
        "targets": [met(target, times) for target in work.targets if has(target, times)],
    }


def in_turn(answering: list[Answering], work: Work, clock: Callable[[], float]) -> None:
    """Let each answer in every round, until it has had its time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        for number in range(work.rounds):
            start = number % len(answering)
            for one in answering[start:] + answering[:start]:
                if not one.seconds and one.first > work.seconds:
                    one.seconds.append(one.first)  # once is all the time that there is
                elif one.spent() < work.seconds and one.first <= work.seconds:
                    time.sleep(REST)
                    one.once(clock)
    finally:
        if collecting:
            gc.enable()


def spread(seconds: list[float]) -> dict[str, Any]:
    """Median, quartiles and number of measurements."""
    low, middle, high = (
        statistics.quantiles(seconds, n=4, method="inclusive") if len(seconds) > 1 else seconds * 3
    )
    return {
        "median": shortened(middle),
        "low": shortened(low),
        "high": shortened(high),
        "times": len(seconds),
    }


def shortened(number: float) -> float:
    """Four digits are more than a machine repeats."""
    return float(f"{number:.4g}")


def fastest_peer(times: dict[str, dict[str, Any]]) -> str:
    """Whose median is the smallest of the peers'."""
    return min((name for name in times if name != OURS), key=lambda name: times[name]["median"])


def has(target: Target, times: dict[str, dict[str, Any]]) -> bool:
    """Whether the peer of a target has answered."""
    return len(times) > 1 if target.peer == BEST else target.peer in times


def met(target: Target, times: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """A target beside what was measured."""
    peer = fastest_peer(times) if target.peer == BEST else target.peer
    ratio = times[peer]["median"] / times[OURS]["median"]
    is_met = ratio >= target.at_least
    return {
        "against": target.peer,
        "peer": peer,
        "at least": target.at_least,
        "ratio": shortened(ratio),
        "met": is_met,
    } | ({} if is_met else {"why": target.why})


def close(expected: Any, tolerance: float) -> Callable[[Any], bool]:
    """Whether all entries are as expected, but for this share of the largest."""
    import numpy as np  # noqa: PLC0415 - the harness alone needs none

    expected = np.asarray(expected)

    def is_close(found: Any) -> bool:
        found = np.asarray(found)
        if found.shape != expected.shape:
            return False
        return bool(np.abs(found - expected).max() <= tolerance * np.abs(expected).max())

    return is_close
