"""Steps of the book that SymPy reads and decides by itself, checked by both from their LaTeX."""

import sys
from collections.abc import Iterator
from pathlib import Path

from measuring import OURS, Target, Work

sys.path.append(str(Path(__file__).parents[1] / "checked"))

from book import formulas_of_the_book

STEPS = (
    r"(2 - \lambda)^2 - 1 = \lambda^2 - 4\lambda + 3",
    r"9x_1^2 + 12x_1x_2 + 4x_2^2 = (3x_1 + 2x_2)^2",
    r"k + (k - 1)(d - 1) = (k - 1) d + 1",
    r"n + P - ((k - 1) d + 1) = n + P - (k - 1) d - 1",
    r"\sqrt{(6 \cos\theta)^2 + (6 \sin\theta)^2} = 6",
    r"k + k = 2k",
    r"1 - \frac{2}{h_1} h_1 = -1",
    r"1 - \frac{1}{h} h = 0",
    r"2 (2^k - 1) + 1 = 2^{k+1} - 1",
    r"1 - (1 + \rho^{k-1}) = - \rho^{k-1}",
    r"1 - \frac{k}{T} = \frac{T - k}{T}",
    r"\sum_{i=1}^{k} 4 = 4k",
)


def works(steps: tuple[str, ...] = STEPS) -> Iterator[Work]:
    """All of them, one after another."""
    by_latex = {formula.latex: formula for formula in formulas_of_the_book()}
    formulas = [by_latex[latex] for latex in steps]
    yield Work(
        "steps checked",
        f"{len(steps)} steps of the book that SymPy reads and decides",
        {
            OURS: lambda: lambda: [formula.check().ok for formula in formulas],
            "SymPy": lambda: by_sympy(steps),
        },
        [True].__mul__(len(steps)).__eq__,
        (Target("SymPy", 10.0),),
        note="SymPy keeps what it has worked out before",
    )


def by_sympy(steps):
    import sympy  # noqa: PLC0415 - a peer
    from sympy.parsing.latex import parse_latex  # noqa: PLC0415 - a peer

    def holds(latex):
        read = parse_latex(latex, backend="lark")
        return bool(read == sympy.true or sympy.simplify(read.lhs - read.rhs) == 0)

    return lambda: [holds(latex) for latex in steps]
