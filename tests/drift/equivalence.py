"""Whether what a drift left is still true: by proof, or because it is listed with a reason."""

import ast
import tomllib
from pathlib import Path

import equations
import pages
from drifts import Drift, read
from programs import Code, is_call_of_assertion

LISTED = Path(__file__).with_name("equivalent.toml")


def listed() -> dict[str, str]:
    """The reasons for the drifts that are known to be harmless, by their names."""
    return tomllib.loads(LISTED.read_text())["reasons"]


def reason(drift: Drift, *, says_the_same: bool = False, draws_the_same: bool = False) -> str:
    """Why nothing false was said; nothing if no reason is known.

    On a page that says the same, a number in a cell, or a given one, was free to be another: its claims hold
    with this one too. With other code they hold as well, but a figure could be a false one.
    """
    if drift.number == 1:
        proof = equations.same(drift)
    elif drift.path.endswith(".py") and drift.number == 4:
        text = read(drift.path)
        proof = "the same program" if program(text) == program(drift.applied(text)) else ""
    elif says_the_same and drift.rule in {"literal", "given"}:
        proof = "all that the page says is the same, and its claims hold with this number too"
    elif says_the_same and draws_the_same and drift.number == 5 and not is_asserted(drift):
        proof = "all that the page says and draws is the same, and its claims hold with this code too"
    else:
        proof = ""
    return proof or listed().get(drift.name, "")


def is_asserted(drift: Drift) -> bool:
    """Whether a drift is in an assertion of a cell, which it may weaken."""
    for cell in pages.cells(read(drift.path)):
        code = Code(cell.code.text)
        for node in ast.walk(code.tree):
            if isinstance(node, ast.Assert) or is_call_of_assertion(node):
                start, end = code.span(node)
                if start <= drift.start - cell.code.start < end:
                    return True
    return False


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
