"""Some of all the drifts, drawn by chance."""

from collections import defaultdict
from collections.abc import Iterable
from random import Random

from drifts import Drift


def by_turns(drifts: Iterable[Drift], count: int, rng: Random) -> list[Drift]:
    """At most so many drifts, the rules that made them taking turns."""
    by_rule = defaultdict(list)
    for drift in drifts:
        by_rule[drift.rule].append(drift)
    for same_rule in by_rule.values():
        rng.shuffle(same_rule)
    rules = sorted(by_rule)
    rng.shuffle(rules)
    chosen: dict[str, Drift] = {}
    while len(chosen) < count and any(by_rule.values()):
        for rule in rules:
            if by_rule[rule] and len(chosen) < count:
                drift = by_rule[rule].pop()
                chosen[drift.name] = drift
    return list(chosen.values())
