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

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
