r"""What the bench begins with: mathematics with each kind of verdict."""

from typing import NamedTuple


class Example(NamedTuple):
    """LaTeX, and the notation it is written in, as in a ``{symbols}`` block."""

    name: str
    title: str
    latex: str
    notation: str


LEAST_SQUARES = r"""X: matrix(n, d)
t: vector(n)
w: vector(d)
L(w) := \frac{1}{n} \|X w - t\|^2"""

EXAMPLES = (
    Example(
        "gradient",
        "A gradient",
        r"""\nabla L(w) &= \frac{2}{n} X^\top (Xw - t) \\
            &= \frac{2}{n} X^\top X w - \frac{2}{n} X^\top t""",
        LEAST_SQUARES,
    ),
    Example("factor", "Its factor lost", r"\nabla L(w) = \frac{1}{n} X^\top (Xw - t)", LEAST_SQUARES),
    Example("transpose", "Its transpose lost", r"\nabla L(w) = \frac{2}{n} X (Xw - t)", LEAST_SQUARES),
    Example(
        "inverse",
        "An inverse",
        r"X X^\top (X X^\top)^{-1} t = t",
        "X: matrix(n, d)\nt: vector(n)\nassume rank(X) = n",
    ),
    Example("roots", "Roots", r"\|x\| = \sqrt{x^\top x}", "x: vector(n)"),
    Example(
        "inequality",
        "An inequality",
        r"\langle x, y \rangle^2 \le \|x\|^2 \|y\|^2",
        "x: vector(n)\ny: vector(n)",
    ),
    Example("sigmoid", "Tanh and sigmoid", r"\tanh(x) = 2\sigma(x) - 1", "x: scalar\n\\sigma: function"),
)
