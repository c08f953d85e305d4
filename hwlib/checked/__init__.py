r"""Mathematics in LaTeX, checked.

`check` reads a formula or a derivation, gives it its meaning in scalars, vectors and matrices, and says of
each step whether it is true. A false one comes back with a counterexample.

How it is made, from the text to the verdict:

- ``_vocabulary``, ``_lexemes``, ``_tokens``, ``_lines``, ``grammar.lark``, ``_terms``, ``_parsing``: LaTeX
  becomes ``_expressions``;
- ``_sizes``, ``_declarations``, ``_assumptions``: what is declared and assumed;
- ``_shapes``: rows and columns, which must fit;
- ``_fields``, ``_values``, ``_evaluation``: the value of an expression at data, with derivatives;
- ``_premises``, ``_dimensions``, ``_plans``, ``_structures``, ``_randomness``, ``_data``, ``_samples``: the
  data at which a relation is tried; ``_problems``, ``_degrees``: how it is tried;
- ``_verdicts``, ``_proofs``, ``_squares``, ``_convexity``: what follows from that;
- ``_report``, ``_errors``: what a person reads;
- ``_checking``, ``_comparing``, ``_supposing``: the functions below;
- ``_notation``, ``_blocks``, ``__main__``: pages of Markdown, outside of Sphinx.
"""

from hwlib.checked._checking import check
from hwlib.checked._comparing import compare, python_name
from hwlib.checked._errors import CheckError
from hwlib.checked._report import Counterexample, Report, Step
from hwlib.checked._supposing import suppose

__all__ = ["check", "Report", "Step", "Counterexample", "CheckError", "compare", "python_name", "suppose"]
