"""Random numbers that depend on a text alone."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import flint

Draw = Callable[[], Any]  # the next free number, in the field at hand


def generator_of(seed: str) -> Callable[[], int]:
    """Numbers below 2^64 that depend on a text alone."""
    generator = random.Random(seed.encode(errors="surrogatepass"))  # noqa: S311 (mathematics, no secrets)
    return lambda: generator.getrandbits(64)


def independent(seed: str) -> Draw:
    """Algebraically independent numbers: sines of square roots of different primes, scaled."""
    number = generator_of(seed)
    primes = _primes(number() % 10**6)

    def draw() -> Any:
        return flint.arb(next(primes)).sqrt().sin() * 2 ** (number() % 4)

    return draw


def _primes(start: int) -> Iterator[int]:
    candidate = start
    while True:
        candidate += 1
        if flint.fmpz(candidate).is_prime():
            yield candidate
