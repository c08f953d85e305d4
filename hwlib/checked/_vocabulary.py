"""What each command means to the scanner, or why it means nothing."""

RELATIONS = {
    "=": "=", r"\equiv": "=", r"\ne": "!=", r"\neq": "!=", "!=": "!=", r"\not=": "!=",
    r"\le": "<=", r"\leq": "<=", r"\leqslant": "<=", "<=": "<=",
    r"\ge": ">=", r"\geq": ">=", r"\geqslant": ">=", ">=": ">=",
    "<": "<", r"\lt": "<", ">": ">", r"\gt": ">", ":=": ":=", r"\coloneqq": ":=",
}  # fmt: skip
OPERATORS = {
    r"\cdot": "*", r"\times": "*", "*": "*", "/": "/",
    r"\odot": "odot", r"\circ": "odot", r"\oslash": "oslash",
}  # fmt: skip
FUNCTIONS = {
    "exp": "exp", "log": "log", "ln": "log", "sqrt": "sqrt", "abs": "abs",
    "sin": "sin", "cos": "cos", "tan": "tan", "sinh": "sinh", "cosh": "cosh", "tanh": "tanh",
    "arctan": "arctan",
    "sigmoid": "sigmoid", "sign": "sign", "sgn": "sign",
    "tr": "tr", "Tr": "tr", "trace": "tr", "det": "det", "diag": "diag", "rank": "rank",
}  # fmt: skip
FOLDS = {r"\sum": "sum", r"\prod": "prod", r"\min": "min", r"\max": "max", "min": "min", "max": "max"}
FILLED = {
    rf"\{alphabet} {sign}": what
    for alphabet in ("mathbf", "boldsymbol", "bm", "mathbb", "mathrm")
    for sign, what in (("I", "identity"), ("0", "zero"), ("1", "ones"))
} | {"I": "identity"}
CONSTANTS = {"e": "e", r"\mathrm e": "e", r"\pi": "pi"}
TRANSPOSES = {r"\top", r"\intercal", "T", r"\mathsf T", r"\mathrm T", r"\text T", "{T}"}
BRACKETS = {"(": ")", "[": "]", r"\{": r"\}", r"\lbrace": r"\rbrace", r"\lbrack": r"\rbrack"}
BARS = {
    "|": ("ABSOLUTE", ""), r"\vert": ("ABSOLUTE", ""),
    r"\lvert": ("ABSOLUTE", "open"), r"\rvert": ("ABSOLUTE", "close"),
    r"\|": ("NORM", ""), r"\Vert": ("NORM", ""),
    r"\lVert": ("NORM", "open"), r"\rVert": ("NORM", "close"),
}  # fmt: skip
SIZES = {r"\big", r"\Big", r"\bigg", r"\Bigg"}
OPENING_SIZES = {r"\left"} | {size + "l" for size in SIZES}
CLOSING_SIZES = {r"\right"} | {size + "r" for size in SIZES}
NORM_KINDS = {"1": "1", "2": "2", r"\infty": "inf", "F": "F", r"\mathrm F": "F", r"\text F": "F"}
MATRICES = {"bmatrix", "pmatrix", "matrix", "smallmatrix", "Bmatrix"}
ENVIRONMENTS = {
    "aligned",
    "align",
    "align*",
    "equation",
    "equation*",
    "gathered",
    "gather",
    "gather*",
    "split",
}
BLACKBOARD = {
    "E": "an expectation", "P": "a probability",
    "R": "a set", "N": "a set", "Z": "a set", "Q": "a set", "C": "a set",
}  # fmt: skip
UNCHECKABLE = {
    **dict.fromkeys(
        (r"\approx", r"\sim", r"\simeq", r"\cong", r"\propto", r"\to", r"\rightarrow", r"\leftarrow",
         r"\gets", r"\mapsto", r"\iff", r"\implies", r"\Rightarrow", r"\Leftrightarrow", r"\in", r"\notin",
         r"\subset", r"\subseteq", r"\ll", r"\gg", r"\preceq", r"\succeq", r"\prec", r"\succ", r"\perp",
         r"\mid", ":"),
        r"no relation that can be checked: those are = \ne < \le > \ge and := (for a definition)",
    ),
    **dict.fromkeys(
        (r"\cdots", r"\dots", r"\ldots", r"\vdots", r"\ddots"),
        r"no formula: write the whole sum or product with \sum or \prod",
    ),
    **dict.fromkeys((r"\lfloor", r"\lceil", r"\rfloor", r"\rceil"), "rounding, which cannot be checked"),
    **dict.fromkeys((r"\int", r"\iint", r"\oint"), "an integral, which cannot be checked"),
    **dict.fromkeys((r"\lim", r"\limsup", r"\liminf"), "a limit, which cannot be checked"),
    **dict.fromkeys((r"\sup", r"\inf", r"\argmin", r"\argmax", r"\arg"),
                    "no value that can be computed and checked"),
    **dict.fromkeys((r"\forall", r"\exists", r"\land", r"\lor", r"\neg", r"\square", r"\therefore"),
                    "logic, which cannot be checked"),
    **dict.fromkeys((r"\underbrace", r"\overbrace", r"\underset", r"\overset", r"\stackrel"),
                    "a label: leave it out, and put what it says after && at the end of the line"),
    **dict.fromkeys((r"\pm", r"\mp"), "two formulas at once: write them one by one"),
    r"\infty": "no number (it is read as the subscript of a norm only)",
    r"\binom": "a binomial coefficient, which cannot be checked",
    "!": "a factorial, which cannot be checked: write a product with \\prod",
    "$": "not part of a formula: leave it out",
    r"\[": "not part of a formula: leave it out",
    r"\]": "not part of a formula: leave it out",
    r"\(": "not part of a formula: leave it out",
    r"\)": "not part of a formula: leave it out",
    r"\middle": "a bar that is read nowhere",
    r"\star": r"no operation that can be checked: \cdot is a product, \odot one entry by entry",
    r"\ast": r"no operation that can be checked: \cdot is a product, \odot one entry by entry",
    r"\otimes": "a Kronecker product, which cannot be checked",
    r"\top": "a transpose: write it as a superscript, ^\\top",
    "#": "no mathematics",
}  # fmt: skip

MOST_DIGITS = 100
#: Tokens after which an operand has ended, so that a bar may close.
ENDS_OPERAND = {
    "NUMBER", "CONSTANT", "NAME", "FILLED", "CLOSE", "BRACKET_END", "NORM_END", "NORM_KIND", "ABSOLUTE_END",
    "INNER_END", "MATRIX_END", "TRANSPOSE", "INVERSE_TRANSPOSE", "ELEMENTWISE_POWER", "PRIMES",
}  # fmt: skip
#: Tokens with which an operand begins.
BEGINS_OPERAND = {
    "NUMBER", "CONSTANT", "NAME", "FILLED", "FUNCTION", "DECLARED_FUNCTION", "BRACKET", "FRACTION", "ROOT",
    "NORM", "ABSOLUTE", "INNER", "MATRIX", "FOLD", "EXTREMUM", "DERIVATIVE", "NABLA",
}  # fmt: skip
