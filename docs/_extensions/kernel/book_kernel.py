"""What a kernel that runs a page knows beside its cells: which named assertions held, what numbers look like.

An assertion is named by its message: ``assert gap < 1e-9, "same-point"``, or ``err_msg="same-point"`` in
those of NumPy.
"""

import ast
import copy
import re
import sys

from IPython.core.error import InputRejected

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)+")
CERTAIN = 1e-9  # relative: what another machine may compute differently
HELD = set()
IPYTHON = {"In", "Out", "get_ipython", "exit", "quit", "open"}


def claim_of(statement):
    """The name of the claim that a statement asserts, or None."""
    if isinstance(statement, ast.Assert):
        message = statement.msg
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        message = next((word.value for word in statement.value.keywords if word.arg == "err_msg"), None)
    else:
        return None
    named = isinstance(message, ast.Constant) and isinstance(message.value, str)
    return message.value if named and NAME.fullmatch(message.value) else None


class Noting(ast.NodeTransformer):
    """Have each named assertion note that it held, and each figure looked at before it is shown.

    An assertion that cannot fail is refused.
    """

    def visit_Assert(self, node):
        if cannot_fail(node.test):
            raise InputRejected(f"this assertion cannot fail: {ast.unparse(node)}")
        return self._followed(node)

    def visit_Expr(self, node):
        if ast.unparse(node) == "plt.show()":
            return [*_parsed("__import__('book_kernel').inspect_figures()", node), node]
        if _is_assertion(node.value) and is_of_one_thing(node.value.args):
            raise InputRejected(f"this assertion cannot fail: {ast.unparse(node)}")
        return self._followed(node)

    def _followed(self, node):
        name = claim_of(node)
        return (
            node if name is None else [node, *_parsed(f"__import__('book_kernel').HELD.add({name!r})", node)]
        )


def cannot_fail(test):
    """Whether what is asserted names nothing, or compares a thing with itself."""
    if isinstance(test, ast.Compare) and is_of_one_thing([test.left, *test.comparators]):
        return True
    return not any(isinstance(part, ast.Name) for part in ast.walk(test))


def is_of_one_thing(parts):
    """Whether the first two of some expressions are the same."""
    return len(parts) > 1 and ast.unparse(parts[0]) == ast.unparse(parts[1])


def _parsed(code, place):
    return [ast.fix_missing_locations(ast.copy_location(part, place)) for part in ast.parse(code).body]


def inspect_figures():
    """Refuse an axis whose label does not say what it shows."""
    plt = sys.modules["matplotlib.pyplot"]
    for number in plt.get_fignums():
        for axes in plt.figure(number).axes:
            for axis in (axes.xaxis, axes.yaxis):
                ticks = [text.get_text() for text in axis.get_ticklabels()]
                numbers = [text for text in ticks if re.search(r"\d", text)]
                if axes.axison and numbers and not axis.get_label_text():
                    raise ValueError(f"the {axis.axis_name} axis of a figure has numbers and no label")


def shown(value, form):
    """A value as text, and as it would be if it were a little smaller and a little larger."""
    if isinstance(value, dict):
        raise TypeError("a dictionary has no format")
    if isinstance(value, list | tuple) or getattr(value, "ndim", 0):
        entries = [shown(entry, form) for entry in value]
        return tuple("(" + ", ".join(texts) + ")" for texts in zip(*entries, strict=True))
    if not (isinstance(value, float) or getattr(getattr(value, "dtype", None), "kind", "") == "f"):
        return (format(value, form),) * 3
    nearby = [float(value) * (1 + change) for change in (-CERTAIN, 0, CERTAIN)]
    return tuple(format(number, form) if form else repr(number).removesuffix(".0") for number in nearby)


def passes(check, stub, names):
    """The assertions of a check that hold when a stub takes the place of the solution, each tried alone.

    They are tried among copies of the page's names, with what the check computes besides.
    """
    statements = ast.parse(check).body
    asserted = [statement for statement in statements if _asserts(statement)]
    passed = []
    for one in asserted:
        kept = [other for other in statements if other is one or not _asserts(other)]
        trial = {k: _copied(value) for k, value in names.items() if k not in IPYTHON and k[0] != "_"}
        exec(stub, trial)  # noqa: S102 (the page's own code, in the page's kernel)
        try:
            exec(compile(ast.Module(kept, []), "check", "exec"), trial)  # noqa: S102 (as above)
        except Exception:  # noqa: S112 (whatever it raises, it refuses the stub)
            continue
        passed.append(ast.unparse(one))
    return passed if asserted else [check]


def _asserts(statement):
    return not isinstance(statement, ast.FunctionDef) and any(map(_is_assertion, ast.walk(statement)))


def _is_assertion(node):
    is_call = isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1].startswith("assert_")
    return is_call or isinstance(node, ast.Assert)


def _copied(value):
    try:
        return copy.deepcopy(value)
    except Exception:
        return value  # a module, say


def load_ipython_extension(shell):
    """Have every cell note what it asserts."""
    shell.ast_transformers.append(Noting())
