"""What was found: the steps of a derivation with their verdicts."""

from __future__ import annotations

from dataclasses import dataclass

#: A glyph for each verdict, so that none is told by its colour.
GLYPHS = {
    "exact": "✓",
    "proved": "■",
    "numeric": "≈",
    "sampled": "\N{TILDE OPERATOR}",
    "definition": "◇",
    "refuted": "✗",
    "refused": "✗",
    "not checked": "○",
}


@dataclass(frozen=True)
class Counterexample:
    """Data for which a step is false.

    Attributes
    ----------
    values : tuple of (str, str)
        Each dimension and symbol with its value as text, ``("X", "[[1, 0]]")``.
    left, right : str
        The two sides' values.
    """

    values: tuple[tuple[str, str], ...]
    left: str
    right: str

    def __str__(self) -> str:
        data = ", ".join(f"{name} = {value}" for name, value in self.values)
        return (
            f"{data}: left {self.left}, right {self.right}"
            if data
            else f"left {self.left}, right {self.right}"
        )


@dataclass(frozen=True)
class Step:
    """One relation of a derivation.

    Attributes
    ----------
    latex : str
        The step as it was written.
    span : tuple of int
        Its first character in the LaTeX given, and the one after its last.
    verdict : str
        "exact", "numeric", "proved", "sampled", "definition" or "refuted"; "supposition" of `suppose`.
    method : str
        How the verdict was reached, for a person to read.
    bound : float or None
        "exact": the odds that a false step passes are at most this. "numeric": the two sides differ by at
        most this. None elsewhere.
    counterexample : Counterexample or None
        Of a refuted step.
    remark : str
        The text after ``&&``.
    """

    latex: str
    span: tuple[int, int]
    verdict: str
    method: str
    bound: float | None = None
    counterexample: Counterexample | None = None
    remark: str = ""

    @property
    def ok(self) -> bool:
        """Whether it was not refuted."""
        return self.verdict != "refuted"

    def __str__(self) -> str:
        said = str(self.counterexample) if self.counterexample else self.method
        return f"{self.verdict}: {' '.join(self.latex.split())}\n    {said}"


@dataclass(frozen=True)
class Report:
    """The verdicts on a derivation.

    Attributes
    ----------
    ok : bool
        Whether no step was refuted.
    steps : tuple of Step
        The steps in the order written.
    """

    ok: bool
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        return "\n".join(map(str, self.steps))
