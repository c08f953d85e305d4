"""What a person reads when mathematics cannot be checked."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class CheckError(ValueError):
    """Mathematics that cannot be read, has shapes that do not fit, or uses an undeclared symbol.

    Its text gives the problem, the line it stands in and a caret below the place.

    Parameters
    ----------
    problem : str
        What was found and what was wanted.
    latex : str, default ""
        The LaTeX in which it was found.
    span : tuple of int, default (0, 0)
        Where: the first character and the one after the last.

    Attributes
    ----------
    problem, latex, span
        As given.
    """

    def __init__(self, problem: str, latex: str = "", span: tuple[int, int] = (0, 0)):
        self.problem = problem
        self.latex = latex
        self.span = span
        super().__init__(problem)

    def __reduce__(self) -> tuple[type[CheckError], tuple[str, str, tuple[int, int]]]:
        return CheckError, (self.problem, self.latex, self.span)

    def __str__(self) -> str:
        if not self.latex:
            return self.problem
        start, end = self.span
        first = self.latex.rfind("\n", 0, start) + 1
        last = self.latex.find("\n", start)
        line = self.latex[first : last if last >= 0 else len(self.latex)]
        caret = " " * (start - first) + "^" * max(1, min(end, first + len(line)) - start)
        return f"{self.problem}\n    {line}\n    {caret}"


@contextmanager
def shallow() -> Iterator[None]:
    """Refuse what is nested too deeply for Python, such as functions of functions of functions."""
    try:
        yield
    except RecursionError:
        raise CheckError("nested too deeply to check") from None
