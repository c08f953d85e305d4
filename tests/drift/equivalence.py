"""Whether what a drift left is still true: by proof, or because it is listed with a reason."""

import ast
import tomllib
from pathlib import Path

import equations
from drifts import Drift, read

LISTED = Path(__file__).with_name("equivalent.toml")


def listed() -> dict[str, str]:
    """The reasons for the drifts that are known to be harmless, by their names."""
    return tomllib.loads(LISTED.read_text())["reasons"]


def reason(drift: Drift, *, says_the_same: bool = False) -> str:
    """Why nothing false was said; nothing if no reason is known."""
    if drift.number == 1:
        proof = equations.same(drift)
    elif drift.path.endswith(".py") and drift.number == 4:
        text = read(drift.path)
        proof = "the same program" if program(text) == program(drift.applied(text)) else ""
    elif drift.number == 5 and drift.rule == "literal" and says_the_same:
        proof = "all that the page says and shows is the same, and its claims hold with this number too"
    else:
        proof = ""
    return proof or listed().get(drift.name, "")


def program(text: str) -> str:
    """What a module does: its code without the types, which nothing reads while it runs."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        elif isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.AnnAssign):
            node.annotation = ast.Constant("")
    return ast.dump(tree)
