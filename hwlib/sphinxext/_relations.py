r"""Whether LaTeX states a relation: something that is true or false.

The signs that count are those that can be checked: ``= < > \le \ge \ne :=`` and ``\equiv`` with their
synonyms. They don't count in subscripts and superscripts (``\sum_{j=1}^k``), in text, and as delimiters
(``\left<``); in any other place they do.
"""

from __future__ import annotations

import re

TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|:=|\S", re.DOTALL)
SIGNS = {
    *(":=", "=", "<", ">", r"\le", r"\leq", r"\leqq", r"\leqslant", r"\lt", r"\lneq"),
    *(r"\ge", r"\geq", r"\geqq", r"\geqslant", r"\gt", r"\gneq", r"\ne", r"\neq", r"\equiv"),
    *(r"\coloneq", r"\coloneqq", r"\triangleq"),
}
TEXT = {
    r"\text",
    r"\textrm",
    r"\textit",
    r"\textbf",
    r"\mbox",
    r"\tag",
    r"\label",
    r"\operatorname",
    r"\mathrm",
}
DELIMITED = {r"\left", r"\right", r"\middle"} | {
    rf"\{size}{side}" for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m")
}
ALIGNING = re.compile(r"\\(?:begin|end)\s*\{(?:align(?:ed|at)?|gather(?:ed)?|split|equation|eqnarray)\*?\}")
SCRIPTS = {"_", "^"}


def relation_signs(latex: str) -> list[str]:
    """List the signs of the relations that LaTeX states, in order."""
    tokens = TOKEN.findall(re.sub(r"(?<!\\)%.*", "", latex))
    signs = []
    place = 0
    while place < len(tokens):
        token = tokens[place]
        place += 1
        if token in SCRIPTS or token.rstrip("*") in TEXT:
            place = _after_argument(tokens, place)
        elif token in DELIMITED:
            place += 1
        elif token in SIGNS:
            signs.append(token)
    return signs


def _after_argument(tokens: list[str], place: int) -> int:
    """Where the argument that begins at a place ends: a token or a group in braces."""
    depth = 0
    while place < len(tokens):
        depth += {"{": 1, "}": -1}.get(tokens[place], 0)
        place += 1
        if depth <= 0:
            break
    return place


def without_alignment(latex: str) -> str:
    r"""LaTeX of one step without what aligned it with others: ``&``, ``\\`` and broken environments."""
    kept = []
    depth = 0
    for token in re.findall(r"\\begin\s*\{[^}]*\}|\\end\s*\{[^}]*\}|\\.|[^\\]", latex, re.DOTALL):
        if token.startswith(r"\begin"):
            depth += not ALIGNING.search(token)
        elif token.startswith(r"\end") and not ALIGNING.search(token):
            depth -= 1
        if depth == 0 and (token in {"&", r"\\"} or ALIGNING.search(token)):
            continue
        kept.append(token)
    return "".join(kept).strip()
