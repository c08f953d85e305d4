"""Drifts of the library: mutants by the operators of cosmic-ray, three in four of the numerical modules."""

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from random import Random

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names
from drifts import ROOT, Drift, read

NUMERICAL = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "hwlib").glob("*.py"))
CHECKED = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "hwlib/checked").glob("_*.py"))
SHARE_OF_NUMERICAL = 0.75


def drifts(rng: Random) -> Iterator[Drift]:
    """Mutants without end: the module, the operator and the place are drawn by chance."""
    families = operators()
    while True:
        path = rng.choice(NUMERICAL if rng.random() < SHARE_OF_NUMERICAL else CHECKED)
        operator = rng.choice(families[rng.choice(sorted(families))])
        text = read(path)
        places = occurrences(text, operator)
        if places:
            changed = mutate_code(text, get_operator(operator)(), rng.randrange(places))
            if changed and changed != text:
                start, old, new = difference(text, changed)
                yield Drift(4, operator.removeprefix("core/"), path, start, old, new)


def operators() -> dict[str, list[str]]:
    """The operators of cosmic-ray that need no settings, by family."""
    families = defaultdict(list)
    for name in sorted(operator_names()):
        if not get_operator(name).arguments():
            families[name.split("_")[0]].append(name)
    return families


@cache
def occurrences(text: str, name: str) -> int:
    """In how many places of a module an operator can change something."""
    operator = get_operator(name)()
    return sum(len(list(operator.mutation_positions(node))) for node in nodes(text))


@cache
def nodes(text: str) -> list:
    """All that a module is made of."""
    return list(ast_nodes(get_ast(text)))


def difference(first: str, second: str) -> tuple[int, str, str]:
    """Where two texts differ, and the two pieces, widened to whole words."""
    start = alike(first, second)
    end = alike(first[start:][::-1], second[start:][::-1])
    while start and (first[start - 1].isalnum() or first[start - 1] in "_."):
        start -= 1
    return start, first[start : len(first) - end], second[start : len(second) - end]


def alike(first: str, second: str) -> int:
    """How many characters two texts have in common at the beginning."""
    pairs = zip(first, second, strict=False)
    return next(
        (place for place, (one, other) in enumerate(pairs) if one != other), min(len(first), len(second))
    )
