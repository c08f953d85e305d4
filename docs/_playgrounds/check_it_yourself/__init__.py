"""Check it yourself: what hwlib says of the mathematics that a reader types in the page.

This runs in the page, in Pyodide, and in the build, which makes the still figure with it. All verdicts are
hwlib's; what is here reads what the reader typed and writes what hwlib answers.
"""

import json
from collections import Counter
from html import escape

from hwlib.checked import CheckError, Report, check
from hwlib.checked._notation import read_notation
from hwlib.checked._report import GLYPHS

from .examples import EXAMPLES

DISTRIBUTIONS = ("lark", "python-flint")


def catalogue(_: str = "") -> str:
    """Say in JSON which examples there are to begin with."""
    return json.dumps({"examples": [example._asdict() for example in EXAMPLES]})


def answer(request: str) -> str:
    """Say in JSON what hwlib says of the LaTeX and the notation in a JSON request."""
    asked = json.loads(request)
    try:
        report = checked(asked["latex"], asked["notation"])
    except CheckError as error:
        return json.dumps({"formula": "", "html": refusal(error), "words": f"Refused: {error.problem}."})
    return json.dumps(
        {"formula": displayed(asked["latex"]), "html": steps(report), "words": in_words(report)}
    )


def still(example: str) -> str:
    """Return an example's formula and verdicts in HTML."""
    shown = next(one for one in EXAMPLES if one.name == example)
    formula, verdicts = escape(displayed(shown.latex)), steps(checked(shown.latex, shown.notation))
    return rf'<div class="playground-still"><div class="math">\[{formula}\]</div>{verdicts}</div>'


def checked(latex: str, notation: str) -> Report:
    """Have hwlib check LaTeX with the notation of a ``{symbols}`` block."""
    declared = read_notation(notation)
    return check(latex, declared.symbols, declared.definitions, declared.assumptions)


def displayed(latex: str) -> str:
    """LaTeX of a display whose lines stand below one another."""
    return rf"\begin{{aligned}}{latex}\end{{aligned}}"


def steps(report: Report) -> str:
    """The steps as a list in HTML, each with its verdict."""
    items = "".join(
        f'<li class="checker-{step.verdict}"><span aria-hidden="true">{GLYPHS[step.verdict]}</span> '
        f"<strong>{step.verdict}</strong> <code>{escape(' '.join(step.latex.split()))}</code>"
        f"<p>{escape(str(step.counterexample or step.method))}</p></li>"
        for step in report.steps
    )
    return f'<ol class="checker-steps">{items}</ol>'


def refusal(error: CheckError) -> str:
    """What cannot be read, and the line with a mark under the place."""
    problem, _, place = str(error).partition("\n")
    line = f'<pre tabindex="0" role="region" aria-label="The place">{escape(place)}</pre>' if place else ""
    return (
        f'<p class="checker-refused"><span aria-hidden="true">{GLYPHS["refused"]}</span> '
        f"<strong>refused</strong> {escape(problem)}</p>{line}"
    )


def in_words(report: Report) -> str:
    """How many steps have which verdict."""
    counts = Counter(step.verdict for step in report.steps)
    return f"Steps: {', '.join(f'{count} {verdict}' for verdict, count in counts.items())}."
