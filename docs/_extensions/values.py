"""The roles {value} and {given}: numbers in sentences, from the cells above them.

``{value}`eta:.4f``` shows ``f"{eta:.4f}"``, a result, and leads to the cell that computes it.
``{given}`steps``` shows a number of the problem, which a cell with the tag ``given`` says. What cannot be
evaluated, is no result or shows digits that are not certain stops the build. The format ``words`` is for
small whole numbers.
"""

import ast
import builtins
import os
import re
from ast import literal_eval

from docutils import nodes
from myst_nb.ext.eval import retrieve_eval_data
from myst_nb.ext.utils import RoleBase
from sphinx.errors import SphinxError

from hwlib.sphinxext._places import line_with

WORDS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
]


class BoundNumber(RoleBase):
    """Text of a Python expression with a format, as in an f-string."""

    kind = "value"

    def run(self):
        try:
            client = self.document["nb_renderer"].renderer.nb_client
            text = typeset(self.kind, self.text, client, lambda code: evaluated(self.document, code))
        except Exception as error:
            written = f"{{{self.kind}}}`{self.text}`"
            raise SphinxError(f"{place_of(self, written)}: {written}: {error}") from error
        index = cell_of(split(self.text)[0], client)
        link = nodes.reference(self.rawtext, text, refid=anchor(index), classes=[self.kind], internal=True)
        link["reftitle"] = f"{split(self.text)[0]}, from cell {number_of(index, client)}"
        link["written"] = f"{{{self.kind}}}`{self.text}`"
        return [link], []


def place_of(role, written):
    """The file and the line of a role; parsers count the lines of what is nested in ways of their own."""
    return f"{os.path.relpath(role.source)}:{line_with(role.source, role.line - 1, written)}"


class Given(BoundNumber):
    """The same of a number that the problem gives."""

    kind = "given"


def evaluated(document, code):
    (output,) = retrieve_eval_data(document, code)
    return literal_eval(output.data["text/plain"])


def typeset(kind, text, client, evaluate):
    """The text of a bound number; ``evaluate`` works out an expression in the page's kernel."""
    expression, form = split(text)
    names = names_in(expression)
    if not names:
        raise ValueError("a typed number is no result; name what it is")
    if kind == "given":
        require_given(names, client)
    words = form.lower() == "words"
    code = f"__import__('book_kernel').shown(({expression}), {'' if words else form!r})"
    low, number, high = evaluate(code)
    if kind == "value" and not low == number == high:
        raise ValueError(f"the digits shown are not certain: {low}, {number} or {high}; show fewer")
    if words:
        word = WORDS[int(number)]
        return word.capitalize() if form == "Words" else word
    return as_print_has_it(number)


def split(text):
    """The expression and the format of a role's text."""
    depth, colon = 0, len(text)
    for place, character in enumerate(text):
        depth += (character in "([{") - (character in ")]}")
        if character == ":" and depth == 0:
            colon = place
    return text[:colon], text[colon + 1 :]


def names_in(expression):
    """The names that an expression has from cells."""
    tree = ast.parse(expression.strip(), mode="eval")
    inner = {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    loaded = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return loaded - inner - set(dir(builtins))


def cell_of(expression, client):
    """The last cell run so far that binds a name of the expression."""
    wanted = names_in(expression)
    for index in range(client._last_cell_executed, -1, -1):
        if wanted & set(bound_in(client, index)):
            return index
    raise ValueError("no cell above has these names")


def bound_in(client, index):
    """The names that a cell binds, each with the expression it is bound to, as far as that is plain."""
    cell = client.notebook.cells[index]
    if cell.cell_type != "code":
        return {}
    found = {}
    for node in ast.walk(ast.parse(cell.source)):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                found |= _assigned(target, node.value)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.setdefault(node.id, None)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.setdefault(node.name, None)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found |= {name.asname or name.name.split(".")[0]: None for name in node.names}
    return found


def _assigned(target, value):
    if isinstance(target, ast.Name):
        return {target.id: value}
    if not isinstance(target, ast.Tuple):
        return {}
    values = value.elts if isinstance(value, ast.Tuple) else [None] * len(target.elts)
    found = {}
    for part, bound in zip(target.elts, values, strict=True):
        found |= _assigned(part, bound)
    return found


def require_given(names, client):
    """Refuse names that something else than a cell with the tag ``given``, and a literal in it, has bound."""
    for name in names - {"np"}:
        index = next(
            (i for i in range(client._last_cell_executed, -1, -1) if name in bound_in(client, i)), None
        )
        if index is None:
            raise ValueError(f"no cell above has the name {name}")
        if "given" not in client.notebook.cells[index].metadata.get("tags", []):
            raise ValueError(f"{name} comes from a cell without the tag given")
        value = bound_in(client, index)[name]
        if value is None or not is_literal(value):
            raise ValueError(f"{name} is computed, not given")


def is_literal(value):
    """Whether an expression is made of numbers and texts alone, and arrays of them."""
    allowed = (ast.Constant, ast.List, ast.Tuple, ast.Dict, ast.UnaryOp, ast.BinOp, ast.Call, ast.Attribute)
    allowed += (ast.Name, ast.operator, ast.unaryop, ast.expr_context)
    calls = {ast.unparse(node.func) for node in ast.walk(value) if isinstance(node, ast.Call)}
    names = {node.id for node in ast.walk(value) if isinstance(node, ast.Name)}
    return (
        all(isinstance(node, allowed) for node in ast.walk(value))
        and calls <= {"np.array"}
        and names <= {"np"}
    )


def number_of(index, client):
    """The number of a cell among those that run, as a reader counts them."""
    return sum(cell.cell_type == "code" for cell in client.notebook.cells[: index + 1])


def anchor(index):
    """The name of a cell in links."""
    return f"cell-{index}"


def as_print_has_it(number):
    """A formatted number with a true minus sign and powers of ten raised."""
    text = re.sub(r"e([+-]\d+)", lambda power: f"\N{MULTIPLICATION SIGN}10{raised(power[1])}", number)
    return text.replace("-", "\N{MINUS SIGN}")


def raised(exponent):
    """An exponent in superscript."""
    return str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def anchor_cells(app, doctree):
    """Give every cell that a link leads to its anchor."""
    wanted = {link["refid"] for link in doctree.findall(nodes.reference) if "refid" in link}
    for cell in list(doctree.findall(nodes.container)):
        if cell.get("nb_element") == "cell_code" and anchor(cell["cell_index"]) in wanted:
            around = cell.parent if isinstance(cell.parent, nodes.figure) else cell
            target = nodes.target("", "", ids=[anchor(cell["cell_index"])])
            around.parent.insert(around.parent.index(around), target)


def setup(app):
    app.add_role("value", BoundNumber())
    app.add_role("given", Given())
    app.connect("doctree-read", anchor_cells)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
