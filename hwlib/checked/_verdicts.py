"""The verdict on a relation: exact, numeric, proved or sampled, or refuted."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import log2
from typing import TYPE_CHECKING, Any

import flint

from hwlib.checked import _expressions as ex
from hwlib.checked._degrees import Degrees
from hwlib.checked._errors import CheckError
from hwlib.checked._evaluation import PIECE, NotAnIntegerError, TooLargeError
from hwlib.checked._fields import BallField, IrrationalError, PrimeField, UndefinedError
from hwlib.checked._problems import PRECISION, Problem, extremes
from hwlib.checked._proofs import proof
from hwlib.checked._randomness import generator_of
from hwlib.checked._values import Arithmetic, primal

if TYPE_CHECKING:
    from hwlib.checked._report import Counterexample
    from hwlib.checked._sizes import Numbers

BITS = 112  # odds below 2^-112 in each family of data and choice of dimensions: their sum stays below 2^-100
ATTEMPTS = 8
MAXIMAL_DEGREE = 20_000
LARGE_DEGREE = 1000
REAL_POINTS = 4
PIECEWISE_POINTS = 32
FEW = 3  # choices of dimensions that are looked at more closely
CLOSELY = 90  # special data that are looked at in such choices
SPECIAL_POINTS = 15  # the kinds of special data
ENOUGH = 10  # special data; where fewer meet the assumptions, others are tried
MORE = 8


@dataclass(frozen=True)
class Verdict:
    """A verdict with the way it was reached."""

    name: str
    method: str
    bound: float | None = None
    counterexample: Counterexample | None = None


@dataclass(frozen=True)
class Mismatch:
    """Dimensions in which a relation was seen to be false, and free numbers for which it was."""

    numbers: dict[str, int]
    draws: tuple[Any, ...] = ()
    turn: int = 0


def verdict(problem: Problem) -> Verdict:
    """Settle a relation."""
    if problem.relation.sign == "=":
        return _equality(problem)
    return _inequality(problem)


def _equality(problem: Problem) -> Verdict:
    if problem.applies({"rank"}):
        return _sampled(problem)
    try:
        found = _exact(problem)
    except IrrationalError:
        found = _numeric(problem)
    return found


# exact


@dataclass
class Tally:
    """What came of trying a relation modulo primes, in one choice of dimensions after another."""

    tried: list[Numbers]
    missing: list[tuple[Numbers, UndefinedError]]
    mismatches: list[Mismatch]
    points: int = 0
    degree: int = 0
    odds: float = 0.0


def _exact(problem: Problem) -> Verdict:
    """Both sides at random points modulo random primes; first without the equations that are assumed."""
    for weaker in problem.with_fewer_equations():
        tally = _tally(weaker)
        if tally.tried and not tally.mismatches and weaker.has_data:
            problem = weaker
            break
    else:
        tally = _tally(problem)
    if tally.mismatches:
        return _refuted(problem, tally.mismatches)
    if not tally.tried:
        raise _never_defined(problem, tally.missing)
    disagreement = _rational_check(problem, tally.tried, tally.degree) or _degenerate_check(
        problem, tally.tried
    )
    if disagreement:
        return _refuted(problem, [disagreement])
    if not problem.needed and problem.numbers == [{}]:
        return Verdict("exact", "both sides are the same rational number", 0.0)
    if not all(plan.complete for plan in problem.plans):
        return Verdict(
            "sampled", "equal at random data that solve the assumed equations, in every way they were solved"
        )
    return Verdict("exact", _said(tally), tally.odds)


def _said(tally: Tally) -> str:
    """How a relation was found to be exact, in words."""
    where = f" in {_count(len(tally.tried), 'choice')} of dimensions" if tally.tried != [{}] else ""
    without = f"; {_place(tally.missing)}" if tally.missing else ""
    return (
        f"equal at {_count(tally.points, 'random point')} modulo primes above 2^63{where}; "
        f"degree at most {tally.degree}, odds of a false pass below 2^{_exponent(tally.odds)}{without}"
    )


def _tally(problem: Problem) -> Tally:
    """Try a relation modulo primes, in all its dimensions but those that are too large after smaller ones."""
    tally = Tally([], [], [])
    for numbers in problem.numbers:
        try:
            problem.samples.premises.budget.allow()
            outcome = _modular(problem, numbers)
        except UndefinedError as error:
            tally.missing.append((numbers, error))
            continue
        except TooLargeError:
            if not tally.tried and not tally.mismatches:
                raise
            continue
        if outcome is None:
            tally.mismatches.append(Mismatch(dict(numbers)))
            continue
        tally.tried.append(numbers)
        points, degree = outcome
        tally.points, tally.degree = max(tally.points, points), max(tally.degree, degree)
        tally.odds += problem.families(numbers) * (degree / 2**63) ** points
    return tally


def _modular(problem: Problem, numbers: Numbers) -> tuple[int, int] | None:
    """How many points agreed in each family of data and the degree; None if one did not."""
    families = problem.families(numbers)
    agreed, degree, last = 0, 0, UndefinedError(None)
    for family in range(families):
        try:
            degree = degree or _degree(problem, numbers, family)
            points = max(2, -int(-BITS // (63 - log2(degree))))
            for point in range(points):
                left, right = _modular_sides(problem, numbers, family + point * families)
                if left != right:
                    return None
        except UndefinedError as error:
            last = last if isinstance(last.args[0], ex.Expression) else error
            continue
        agreed = points
    if not agreed:
        raise last
    return agreed, degree


def _degree(problem: Problem, numbers: Numbers, turn: int) -> int:
    """A bound on the degree of the difference of the sides."""
    field, values = _modular_values(problem, numbers, turn, 0)
    evaluator = problem.evaluator(Arithmetic(field), numbers, values)
    degrees = Degrees(evaluator, problem.samples.data.degrees(problem.needed, numbers, problem.plans))
    degree = max(1, degrees.of_difference(problem.relation.left, problem.relation.right))
    if degree > MAXIMAL_DEGREE:
        raise CheckError(f"the degree can be {degree}, which is too large to check", problem.seed)
    return degree


def _modular_sides(problem: Problem, numbers: Numbers, turn: int) -> tuple[Any, Any]:
    for attempt in range(ATTEMPTS):
        try:
            field, values = _modular_values(problem, numbers, turn, attempt)
            return problem.sides(Arithmetic(field), numbers, values)
        except UndefinedError as error:
            last = error
    raise last


def _modular_values(problem: Problem, numbers: Numbers, turn: int, attempt: int) -> tuple[PrimeField, Any]:
    seed = f"{problem.seed}/{sorted(numbers.items())}/{turn}/{attempt}"
    prime = _prime(seed)
    return PrimeField(prime), problem.modular(numbers, prime, seed, turn)


def _prime(seed: str) -> int:
    """A prime between 2^63 and 2^64 that depends on a text."""
    candidate = 2**63 + generator_of(seed)() % 2**62 * 2 // 2 | 1
    while not flint.fmpz(candidate).is_prime():
        candidate += 2
    return candidate


def _rational_check(problem: Problem, tried: list[Numbers], degree: int) -> Mismatch | None:
    """Data that meet the assumptions exist, and at some the sides agree without a prime."""
    large: TooLargeError | None = None
    for wide in (40, 3) if degree < LARGE_DEGREE else (3,):
        for numbers in tried:
            problem.samples.premises.budget.allow()
            for attempt in range(40):
                draws = _draws(f"{problem.seed}/{attempt}", wide, max(1, problem.freedom(numbers)))
                try:
                    values = problem.rational(numbers, iter(draws).__next__, attempt)
                    arithmetic, left, right = problem.rational_sides(numbers, values)
                except (UndefinedError, StopIteration):
                    continue
                except TooLargeError as error:
                    large = error
                    break
                if problem.is_false(arithmetic, left, right):
                    return Mismatch(dict(numbers), draws, attempt)
                return None
    raise large or problem.unmet()


def _degenerate_check(problem: Problem, tried: list[Numbers]) -> Mismatch | None:
    """Where equations are assumed, data of zeros and ones lie on families that general data miss."""
    if all(plan.complete for plan in problem.plans):
        return None
    for place, numbers in enumerate(tried):
        problem.samples.premises.budget.allow()
        try:
            for turn in range((4 if place < FEW else 1) * _special_points(problem)):
                found = _false_at(problem, numbers, turn)
                if found:
                    return found
        except TooLargeError:
            break
    return None


def _draws(seed: str, wide: int, length: int) -> tuple[int, ...]:
    number = generator_of(seed)
    return tuple(number() % 2**wide - 2 ** (wide - 1) for _ in range(length))


# numeric


def _numeric(problem: Problem) -> Verdict:
    """Both sides in balls, at two precisions."""
    points = PIECEWISE_POINTS if problem.is_piecewise else REAL_POINTS
    missing: list[tuple[Numbers, UndefinedError]] = []
    mismatches: list[Mismatch] = []
    bound, agreed, tried = 0.0, 0, 0
    for numbers in problem.numbers:
        try:
            problem.samples.premises.budget.allow()
            here, furthest, differs, last = _real(problem, numbers, points)
            if not differs and (problem.is_piecewise or tried < FEW):
                mismatches += _special_mismatches(problem, numbers)
        except TooLargeError:
            if not tried and not mismatches:
                raise
            continue
        mismatches += [Mismatch(dict(numbers))] if differs else []
        bound = max(bound, furthest)
        if here:
            agreed, tried = agreed + here, tried + 1
        else:
            missing.append((numbers, last))
    if mismatches:
        return _refuted(problem, mismatches)
    if not agreed:
        raise _never_defined(problem, missing)
    method = (
        f"enclosed in balls around zero at {_count(agreed, 'point')}, with {_digits(PRECISION)} and "
        f"{_digits(2 * PRECISION)} digits; the sides differ by less than 10^{_decimal_exponent(bound)}"
    )
    return Verdict("numeric", method, bound)


def _real(problem: Problem, numbers: Numbers, points: int) -> tuple[int, float, bool, UndefinedError]:
    """At how many points both sides have values, how far apart they can be, whether they certainly differ."""
    here, furthest, last = 0, 0.0, UndefinedError(None)
    for turn in range(ATTEMPTS * points):
        if here == points:
            break
        try:
            difference = _real_difference(problem, numbers, turn)
        except UndefinedError as error:
            last = error
            continue
        here += 1
        if difference is None:
            return here, furthest, True, last
        furthest = max(furthest, difference)
    return here, furthest, False, last


def _real_difference(problem: Problem, numbers: Numbers, turn: int) -> float | None:
    """How far apart the sides can be at a point; None if they certainly differ."""
    worst = 0.0
    for precision in problem.precisions:
        difference, scale = _enclosed(problem, numbers, turn, precision)
        if any(not entry.contains(0) for entry in difference):
            return None
        worst = max((float(abs(entry).upper() / scale) for entry in difference), default=0.0)
    return worst


def _enclosed(problem: Problem, numbers: Numbers, turn: int, precision: int) -> tuple[list[Any], Any]:
    """The difference of the sides in small balls, and the size of the sides."""
    for working in (precision + 64, 2 * precision + 64, 4 * precision + 64, 8 * precision + 64):
        with flint.ctx.workprec(working):
            values = problem.real(numbers, f"{problem.seed}/{turn}", turn)
            left, right = problem.sides(Arithmetic(BallField()), numbers, values)
            left, right = primal(left), primal(right)
            difference = (left - right).entries()
            if not all(entry.is_finite() for entry in difference):
                continue
            scale = max([flint.arb(1), *(abs(entry).upper() for entry in left.entries())])
            small = scale * flint.arb(2) ** -precision
            apart = any(not entry.contains(0) for entry in difference)
            if apart or all(entry.rad() <= small for entry in difference):
                return difference, scale
    raise UndefinedError(None)


def _special_mismatches(problem: Problem, numbers: Numbers) -> list[Mismatch]:
    """Zeros, equal numbers, signs: where roots and absolute values go wrong."""
    for turn in range((2 if problem.is_piecewise else 1) * _special_points(problem)):
        found = _false_at(problem, numbers, turn)
        if found:
            return [found]
    return []


# inequalities, and what only samples can tell


def _inequality(problem: Problem) -> Verdict:
    found = _sampled(problem)
    if found.name == "refuted":
        return found
    certificate = proof(problem, lambda relation: _holds(problem, relation))
    return Verdict("proved", certificate) if certificate else found


def _holds(problem: Problem, relation: ex.Relation) -> bool:
    """Whether an equation needed for a proof is exact."""
    sub = Problem(relation, problem.shapes, problem.samples, problem.fresh, problem.seed)
    try:
        return _exact(sub).name == "exact"
    except (IrrationalError, CheckError, TooLargeError):
        return False


def _sampled(problem: Problem) -> Verdict:
    """The relation at many points, the extreme ones included."""
    missing: list[tuple[Numbers, UndefinedError]] = []
    tried = 0
    first = 0
    for numbers in problem.numbers:
        rounds = 4 if tried < CLOSELY else 2
        first += rounds * _special_points(problem)  # other data in other dimensions
        try:
            problem.samples.premises.budget.allow()
            here, found, last = _special(problem, numbers, rounds, first)
        except TooLargeError:
            if not tried:
                raise
            continue
        if found:
            return _refuted(problem, [found])
        tried += here
        if not here:
            missing.append((numbers, last))
    on_grid = _false_on_grid(problem, problem.numbers[0]) or _false_further(problem)
    if on_grid:
        return _refuted(problem, [on_grid])
    if not tried:
        raise _never_defined(problem, missing)
    if not problem.needed and problem.numbers == [{}]:
        return _of_numbers(problem)
    return Verdict(
        "sampled", f"held at {_count(tried, 'point')}, zeros, equal, large, tiny and dependent ones included"
    )


def _of_numbers(problem: Problem) -> Verdict:
    """The verdict on numbers that are not in the wrong order: they must be told apart, or be the same."""
    _, left, right = problem.rational_sides({}, {})
    pairs = zip(primal(left).entries(), primal(right).entries(), strict=True)
    with flint.ctx.workprec(2 * problem.precisions[-1]):
        told = [first < second or first > second or first == second for first, second in pairs]
    if any(told) if problem.relation.sign == "!=" else all(told):
        return Verdict("proved", "both sides are numbers")
    raise _open(problem)


def _special(
    problem: Problem, numbers: Numbers, rounds: int, first: int
) -> tuple[int, Mismatch | None, UndefinedError]:
    """At how many special data both sides have values, and data for which the relation is false."""
    here, last = 0, UndefinedError(None)
    least = rounds * _special_points(problem)
    for turn in range(MORE * least):
        if turn >= least and not 0 < here < ENOUGH:
            break
        try:
            found = _false_at(problem, numbers, first + turn, strict=True)
        except UndefinedError as error:
            last = error
            continue
        except TooLargeError:
            if turn < least:
                raise
            break
        here += 1
        if found:
            return here, found, last
    return here, None, last


def _false_on_grid(problem: Problem, numbers: Numbers) -> Mismatch | None:
    """Whether the relation is false at small fractions, where the data are made of one or two numbers."""
    problem.samples.premises.budget.allow(4 * PIECE)
    length = problem.freedom(numbers)
    if not 1 <= length <= 2:
        return None
    largest = 6 if length == 1 else 4
    small = {Fraction(p, q) for q in range(1, largest) for p in range(-2 * q, 2 * q + 1)}
    fractions = sorted({*small, *problem.constants, *(-number for number in problem.constants)}, key=abs)
    for draws in product(fractions, repeat=length):
        for turn in range(problem.families(numbers)):
            if problem.is_false_for(numbers, draws, turn):
                return Mismatch(dict(numbers), draws, turn)
    return None


def _false_further(problem: Problem) -> Mismatch | None:
    """Whether a relation of whole numbers alone is false for some of many."""
    problem.samples.premises.budget.allow()
    for numbers in problem.further_numbers:
        try:
            found = _false_at(problem, numbers, 0)
        except (TooLargeError, NotAnIntegerError):
            continue
        if found:
            return found
    return None


def _special_points(problem: Problem) -> int:
    """How many kinds of special data are worth a try: more where numbers stand in the formula."""
    return SPECIAL_POINTS + 3 * len(problem.constants)


def _false_at(problem: Problem, numbers: Numbers, turn: int, *, strict: bool = False) -> Mismatch | None:
    """Whether the relation is false at special data; without ``strict``, data without a value pass."""
    draw = extremes(problem.seed, turn, problem.constants)
    draws: list[Any] = []

    def recorded() -> Any:
        draws.append(draw())
        return draws[-1]

    try:
        values = problem.rational(numbers, recorded, turn)
        arithmetic, left, right = problem.rational_sides(numbers, values)
    except UndefinedError:
        if strict:
            raise
        return None
    if problem.is_false(arithmetic, left, right):
        return Mismatch(dict(numbers), tuple(draws), turn)
    if problem.is_open(left, right):
        if all(abs(number) <= 4 and Fraction(number).denominator <= 10 for number in draws):
            raise _open(problem)
        raise UndefinedError(None)
    return None


def _open(problem: Problem) -> CheckError:
    return CheckError(
        f"the sides cannot be told apart with {_digits(problem.precisions[-1])} digits", problem.seed
    )


def _refuted(problem: Problem, mismatches: list[Mismatch]) -> Verdict:
    """The verdict with the smallest counterexample, the dimensions first."""
    suspects = [mismatch.numbers for mismatch in mismatches]
    smaller = [
        numbers for numbers in problem.small_numbers if sum(numbers.values()) <= sum(suspects[0].values())
    ]
    fallback = [(mismatch.numbers, mismatch.draws, mismatch.turn) for mismatch in mismatches]
    found = problem.counterexample([n for n in smaller if _may_differ(problem, n)] + suspects, fallback)
    if found is None and not problem.has_data:
        raise problem.unmet()
    if found is None:
        raise CheckError(
            "this is not true in general, but no data that meet the assumptions refute it", problem.seed
        )
    return Verdict("refuted", "the smallest counterexample found", None, found)


def _may_differ(problem: Problem, numbers: Numbers) -> bool:
    """Whether the relation can be false in these dimensions; two rational sides that are equal cannot."""
    if problem.relation.sign != "=" or problem.applies({"rank"}):
        return True
    try:
        return _modular(problem, numbers) is None or bool(problem.samples.premises.assumptions.equations)
    except (IrrationalError, UndefinedError, TooLargeError):
        return True


# what has no value


def _never_defined(problem: Problem, missing: list[tuple[Numbers, UndefinedError]]) -> CheckError:
    culprits = [
        error.args[0] for _, error in missing if error.args and isinstance(error.args[0], ex.Expression)
    ]
    if not culprits:
        return problem.unmet()
    culprit = culprits[-1]
    latex = problem.shapes.source.get(id(culprit), "")
    text = latex[culprit.start : culprit.end].strip()
    proposal = _proposal(problem, culprit)
    hint = f"; assume {proposal}?" if proposal else ""
    if isinstance(culprit, ex.Power) and problem.shapes.of[id(culprit)]:
        what = f"the inverse {text} never exists under the assumptions"
    else:
        what = f"{text} has no value at any data tried"
    return CheckError(f"{what}{hint}", latex, (culprit.start, culprit.end))


def _proposal(problem: Problem, culprit: ex.Expression) -> str:
    """An assumption under which the culprit has a value."""
    if isinstance(culprit, ex.Apply):
        latex = problem.shapes.source.get(id(culprit.argument), "")
        return f"{latex[culprit.argument.start : culprit.argument.end].strip()} > 0"
    names = [name for name in problem.shapes.declarations.dimensions if name in (problem.numbers or [{}])[0]]
    for first in names:
        for second in names:
            if first != second and all(
                _has_value(problem, culprit, {**dict.fromkeys(names, 2), first: low, second: high})
                for low, high in ((1, 2), (2, 2), (2, 3))
            ):
                return f"{first} <= {second}"
    return ""


def _has_value(problem: Problem, culprit: ex.Expression, numbers: Numbers) -> bool:
    try:
        field, values = _modular_values(problem, numbers, 0, 0)
        problem.evaluator(Arithmetic(field), numbers, values).value(culprit)
    except (UndefinedError, IrrationalError, KeyError):
        return False
    return True


# words


def _place(missing: list[tuple[Numbers, UndefinedError]]) -> str:
    places = [
        ", ".join(f"{name} = {number}" for name, number in numbers.items()) for numbers, _ in missing[:3]
    ]
    return f"without a value at {'; '.join(places)}{' and others' if len(missing) > 3 else ''}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _exponent(odds: float) -> int:
    return int(log2(odds)) if odds else -1000


def _decimal_exponent(bound: float) -> int:
    return int(log2(bound) * 0.30103) if bound else -int(PRECISION * 0.6)


def _digits(bits: int) -> int:
    return int(bits * 0.30103)
