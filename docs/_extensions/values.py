"""The role {value}: a number in a sentence, computed by the cells above it.

``{value}`eta:.4f``` evaluates ``f"{eta:.4f}"`` in the page's kernel. What cannot be evaluated stops
the build.
"""

import os
import re
from ast import literal_eval

from docutils import nodes
from myst_nb.ext.eval import retrieve_eval_data
from myst_nb.ext.utils import RoleBase
from sphinx.errors import SphinxError


class Value(RoleBase):
    """Text of a Python expression with a format, as in an f-string."""

    def run(self):
        try:
            (output,) = retrieve_eval_data(self.document, f"f{'{' + self.text + '}'!r}")
        except Exception as error:
            place = f"{os.path.relpath(self.source)}:{self.line}"
            raise SphinxError(f"{place}: {{value}}`{self.text}`: {error}") from error
        text = typeset(literal_eval(output.data["text/plain"]))
        return [nodes.inline(self.rawtext, text, classes=["value"])], []


def typeset(number):
    """A formatted number as print has it: a true minus sign, powers of ten raised."""
    text = re.sub(r"e([+-]\d+)", lambda power: f"\N{MULTIPLICATION SIGN}10{raised(power[1])}", number)
    return text.replace("-", "\N{MINUS SIGN}")


def raised(exponent):
    """An exponent in superscript."""
    return str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def setup(app):
    app.add_role("value", Value())
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
