"""A block of a page and what was claimed of it: that it holds, or that it is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hwlib.checked._checking import check
from hwlib.checked._errors import CheckError
from hwlib.checked._notation import base_name, parameters
from hwlib.checked._supposing import suppose

if TYPE_CHECKING:
    from hwlib.checked._notation import Notation
    from hwlib.checked._report import Step


@dataclass(frozen=True)
class Failure:
    """Something that is not as the page claims: what, and where in the block's LaTeX."""

    message: str
    position: int = 0


@dataclass(frozen=True)
class Outcome:
    """What came of a block.

    ``problem`` is the text of the error in a block that was expected to be refused.
    """

    steps: tuple[Step, ...] = ()
    failures: tuple[Failure, ...] = ()
    problem: str = ""


def examine_notation(text: str, own: Notation, whole: Notation) -> Outcome:
    """Check the notation of a block: that its entries can be read, and that their shapes fit.

    ``own`` is what the block says, ``whole`` what is in force with it.
    """
    known = {base_name(name) for name in (*whole.symbols, *whole.definitions)}
    checkable = {
        name: definition for name, definition in own.definitions.items() if parameters(name) <= known
    }
    relations = [f"{name} := {definition}" for name, definition in checkable.items()] or ["1 = 1"]
    failures = []
    for relation in relations:
        try:
            _steps(relation, whole)
        except CheckError as error:
            inside = error.latex.removeprefix(relation.partition(":= ")[0] + ":= ")
            failures.append(Failure(str(error), max(text.find(inside), 0) if inside else 0))
    return Outcome(failures=tuple(dict.fromkeys(failures)))


def examine(latex: str, notation: Notation) -> Outcome:
    """Check a block that is claimed to hold."""
    try:
        steps = _steps(latex, notation)
    except CheckError as error:
        return Outcome(failures=(unreadable(error, latex),))
    return Outcome(steps, tuple(refutation(number, steps) for number in _refuted(steps)))


def examine_refuted(latex: str, notation: Notation, wrong: tuple[int, ...] = (), error: str = "") -> Outcome:
    """Check a block that is claimed to be wrong.

    ``wrong`` are the numbers of the steps that must be refuted, all others then hold; without it, one at
    least must be. ``error`` is part of the message with which the block must be refused instead.
    """
    try:
        steps = _steps(latex, notation)
    except CheckError as refusal:
        if error and error in refusal.problem:
            return Outcome(problem=refusal.problem)
        return Outcome(failures=(unreadable(refusal, latex),))
    refuted = _refuted(steps)
    if error:
        failures = [Failure(f"expected to be refused with {error!r}, but it was read")]
    elif wrong:
        failures = [refutation(number, steps) for number in refuted if number not in wrong]
        failures += [_held(number, steps) for number in wrong if number not in refuted]
    else:
        failures = [] if refuted else [_held(len(steps), steps)]
    return Outcome(steps, tuple(failures))


def examine_supposition(latex: str, notation: Notation) -> Outcome:
    """Check that a supposition can be read and that there is something for which it holds."""
    try:
        step = suppose(latex, notation.symbols, notation.definitions, notation.assumptions)
    except CheckError as error:
        return Outcome(failures=(unreadable(error, latex),))
    problem = f"nothing was found for which this holds: {one_line(latex)}\n    {step.method}"
    return Outcome((step,), () if step.ok else (Failure(problem),))


def unreadable(error: CheckError, latex: str) -> Failure:
    """Say that something cannot be checked, with the caret below the place."""
    return Failure(str(error), error.span[0] if error.latex == latex else 0)


def refutation(number: int, steps: tuple[Step, ...]) -> Failure:
    """Say that a step is false, and for which data."""
    step = steps[number - 1]
    why = step.counterexample or step.method
    said = f"step {number} of {len(steps)} is refuted: {one_line(step.latex)}"
    return Failure(f"{said}\n    {why}", beginning(step))


def beginning(step: Step) -> int:
    """Where the text of a step begins, after what is empty."""
    return step.span[0] + len(step.latex) - len(step.latex.lstrip())


def said(step: Step) -> str:
    """A step with its verdict in one line."""
    why = f": {step.counterexample}" if step.counterexample else f" ({step.method})"
    return f"{step.verdict}: {one_line(step.latex)}{why}"


def one_line(latex: str) -> str:
    """LaTeX without its line breaks."""
    return " ".join(latex.split())


def _steps(latex: str, notation: Notation) -> tuple[Step, ...]:
    return check(latex, notation.symbols, notation.definitions, notation.assumptions).steps


def _refuted(steps: tuple[Step, ...]) -> list[int]:
    return [number for number, step in enumerate(steps, 1) if not step.ok]


def _held(number: int, steps: tuple[Step, ...]) -> Failure:
    if not 1 <= number <= len(steps):
        return Failure(f"there is no step {number} of {len(steps)} that could be wrong")
    step = steps[number - 1]
    said = f"step {number} of {len(steps)} was to be refuted, but it is {step.verdict}"
    return Failure(f"{said}: {one_line(step.latex)}", beginning(step))
