"""Inputs that try to break `hwlib.checked.check`, and what came of them: ``nox -s fuzz``.

Nothing but a Report or a CheckError may come out, within a second of processor time, and a tenth of one more
for each relation after the first. The time is that of the process in the call alone, so that what else the
machine does counts little; garbage is collected before. What seems slow is measured again, for memory is shared.

Input number i of a seed is always the same, so ``nox -s fuzz -- --only i`` shows it again.
"""

import argparse
import gc
import random
import re
import signal
import string
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

from book import Formula, formulas_of_the_book, identities

from hwlib.checked import CheckError, _checking

SECONDS = 1.0
SECONDS_A_RELATION = 0.1
GIVE_UP = 5.0
MEASURED = 4  # times at most
SHARE = 50
SHORTENING = 8.0
TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\d+|\s+|.", re.DOTALL)


class TooLongError(BaseException):
    """The input took so long that it was given up."""


@dataclass(frozen=True)
class Outcome:
    """What came of an input: its number and kind, "held", "refuted", "refused" or an exception's name."""

    number: int
    kind: str
    seconds: float
    what: str
    where: str = ""
    is_slow: bool = False
    formula: Formula | None = None

    @property
    def is_bug(self) -> bool:
        """Whether this may not come out."""
        return self.what not in {"held", "refuted", "refused"}


def outcome(formula: Formula, number: int = 0, kind: str = "") -> Outcome:
    """Check a formula, and see what comes out and how long it takes."""
    found = measured(formula, number, kind)
    for _ in range(MEASURED - 1):
        if found.is_slow and not found.is_bug:
            found = min(found, measured(formula, number, kind), key=lambda one: one.seconds)
    return replace(found, formula=formula) if found.is_bug or found.is_slow else found


def measured(formula: Formula, number: int, kind: str) -> Outcome:
    """What comes out when nothing is remembered, and how long that takes."""
    _checking._read.cache_clear()
    gc.collect()
    start = time.process_time()
    where, allowed = "", SECONDS
    try:
        report = formula.check()
        what = "held" if report.ok else "refuted"
        allowed += SECONDS_A_RELATION * (len(report.steps) - 1)
    except CheckError as error:
        what = "refused"
        str(error)
    except TooLongError:
        what, where = "TooLongError", _line(sys.exc_info()[2])
    except Exception as error:
        what, where = type(error).__name__, _line(error.__traceback__)
    seconds = time.process_time() - start
    return Outcome(number, kind, seconds, what, where, is_slow=seconds > allowed)


def _line(trace) -> str:
    frames = [frame for frame in traceback.extract_tb(trace) if "hwlib" in frame.filename]
    if not frames:
        return "outside of hwlib"
    last = frames[-1]
    return f"{last.filename.rpartition('/')[2]}:{last.lineno} {last.line}"


# The inputs


def made(seed: str, number: int) -> tuple[str, Formula]:
    """The kind and the formula of an input."""
    source, kind = _source(seed, number)
    return kind, KINDS[kind][0](source)


def made_kind(seed: str, number: int) -> str:
    """The kind of an input."""
    return _source(seed, number)[1]


def _source(seed: str, number: int) -> tuple[random.Random, str]:
    source = random.Random(f"{seed}/{number}")
    return source, source.choices(list(KINDS), [weight for _, weight in KINDS.values()])[0]


@cache
def known() -> list[Formula]:
    """The formulas of the book and of the identities."""
    return formulas_of_the_book() + identities()


def changed_characters(source: random.Random) -> Formula:
    """A known formula with some characters changed."""
    formula = source.choice(known())
    return formula.with_latex("".join(_changed(source, list(formula.latex), _character)))


def changed_tokens(source: random.Random) -> Formula:
    """A known formula with some commands, numerals or letters changed."""
    formula = source.choice(known())
    return formula.with_latex("".join(_changed(source, TOKEN.findall(formula.latex), _token)))


def changed_declarations(source: random.Random) -> Formula:
    """A known formula with something declared in another way."""
    formula = source.choice(known())
    part = source.choice(["symbols", "kinds", "definitions", "assumptions", "more", "missing"])
    symbols, definitions = dict(formula.symbols), dict(formula.definitions)
    assumptions = list(formula.assumptions)
    if part == "more":
        assumptions += [_assumption(source, list(symbols)) for _ in range(source.randint(1, 3))]
    elif part == "missing" and symbols:
        del symbols[source.choice(list(symbols))]
    elif part == "kinds" or not (definitions and assumptions):
        for name in source.sample(list(symbols), min(len(symbols), source.randint(1, 2))):
            symbols[name] = _kind(source)
    elif part == "symbols":
        names = {name: "".join(_changed(source, list(name), _character)) for name in symbols}
        symbols = {names[name]: kind for name, kind in symbols.items()}
    elif part == "definitions":
        name = source.choice(list(definitions))
        definitions[name] = "".join(_changed(source, TOKEN.findall(definitions[name]), _token))
    else:
        place = source.randrange(len(assumptions))
        assumptions[place] = "".join(_changed(source, TOKEN.findall(assumptions[place]), _token))
    return replace(formula, symbols=symbols, definitions=definitions, assumptions=tuple(assumptions))


def spliced(source: random.Random) -> Formula:
    """The beginning of one known formula with the end of another, and what is declared for both."""
    first, second = source.choice(known()), source.choice(known())
    one, other = TOKEN.findall(first.latex), TOKEN.findall(second.latex)
    begin, end = source.randint(0, len(one)), source.randint(0, len(other))
    return Formula(
        "".join(one[:begin] + other[end:]),
        {**first.symbols, **second.symbols},
        {**first.definitions, **second.definitions},
        first.assumptions + second.assumptions,
    )


def _changed(source: random.Random, parts: list[str], new: Callable[[random.Random], str]) -> list[str]:
    for _ in range(source.choice([1, 1, 1, 1, 1, 2, 3, 8])):
        place = source.randint(0, len(parts))
        length = source.choice([1, 1, 1, 1, 2, 5])
        way = source.choice(["delete", "duplicate", "swap", "insert", "replace", "move"])
        piece = parts[place : place + length]
        if way == "delete":
            parts[place : place + length] = []
        elif way == "duplicate":
            parts[place:place] = piece * source.choice([1, 1, 2, 20])
        elif way == "swap":
            parts[place : place + 2] = parts[place : place + 2][::-1]
        elif way == "insert":
            parts.insert(place, new(source))
        elif way == "replace":
            parts[place : place + 1] = [new(source)]
        else:
            parts[place : place + length] = []
            there = source.randint(0, len(parts))
            parts[there:there] = piece
    return parts


def _character(source: random.Random) -> str:
    return source.choice(
        [source.choice(string.printable), source.choice(r"\{}[]()^_&|=<>+-*/'"), source.choice(STRANGE)]
    )


STRANGE = [*"\0\x07\x1b\x7f\x85\xa0\xad\u0301\u2028\u200b\u202e\ufeff\ud800\udfff√∑≤≠·×−αΣ∇²₁½①٣𝑥𝟙日😀ﬁ"]
COMMANDS = [
    r"\frac",
    r"\tfrac",
    r"\sqrt",
    r"\sum",
    r"\prod",
    r"\min",
    r"\max",
    r"\exp",
    r"\log",
    r"\sin",
    r"\tanh",
    r"\sigma",
    r"\nabla",
    r"\partial",
    r"\top",
    r"\cdot",
    r"\times",
    r"\odot",
    r"\oslash",
    r"\le",
    r"\ge",
    r"\ne",
    r"\left",
    r"\right",
    r"\big",
    r"\bigl",
    r"\langle",
    r"\rangle",
    r"\|",
    r"|",
    r"\lvert",
    r"\rVert",
    r"\operatorname{tr}",
    r"\det",
    r"\rank",
    r"\operatorname{diag}",
    r"\operatorname{rank}",
    r"\mathbf{1}",
    r"\mathbf{0}",
    r"I",
    r"\begin{bmatrix}",
    r"\end{bmatrix}",
    r"\begin{aligned}",
    r"\end{aligned}",
    r"\\",
    r"&",
    r"&&",
    r"\quad",
    r"\,",
    r"\hat",
    r"\tilde",
    r"\bar",
    r"\mathbf",
    r"\text",
    r"\infty",
    r"\alpha",
    r"\eta",
    r"\lambda",
    r"\pi",
    r"\ldots",
    r"\in",
    r"\approx",
    r"\int",
    r"\lim",
    r"'",
    r"''",
    r"!",
    r"\#",
    r"$",
    r"%",
    r"~",
    r"{",
    r"}",
    r"(",
    r")",
    r"[",
    r"]",
    r"^",
    r"_",
    r"^{-1}",
    r"^\top",
    r"^{-\top}",
    r"^2",
    r"^T",
    r"_F",
    r"_1",
    r"_{ij}",
    r"+",
    r"-",
    r"/",
    r"=",
    r":=",
    r"<",
    r">",
    r",",
    r";",
    r".",
    r":",
    r"0",
    r"1",
    r"2",
    r"3",
    r"10",
    r"1000",
    r"0.5",
    r"1e5",
    r"e",
    r"d",
    r"n",
    r"k",
    r"i",
    r"j",
    r"x",
    r"X",
    r"\mathrm",
    r"d",
    r"\lfloor",
    r"\binom",
    r"\underbrace",
    r"\label{a}",
    r"\tag{1}",
    r"\boxed",
    r"\sum_{i=1}^{n}",
    r"\prod_{j=1}^{k}",
    r"\max_{i}",
    r"\sum_i",
    r"\frac{d}{dx}",
    r"\frac{\partial}{\partial",
    r"X}",
    r"\frac{d^2}{dx^2}",
    r"\nabla_x",
    r"\nabla_x^2",
    r"\nabla",
    r"\{",
    r"\}",
    r"\not=",
    r"\coloneqq",
    r"\circ",
    r"\abs{",
    r"\norm{",
    r"\operatorname",
    r"\mathcal",
    r"\lbrack",
    r"\rbrace",
]


def _token(source: random.Random) -> str:
    letter = source.choice([*string.ascii_letters, *string.digits])
    return source.choice([source.choice(COMMANDS), source.choice(COMMANDS), letter, _character(source)])


def _kind(source: random.Random) -> str:
    def size() -> str:
        sizes = ["n", "d", "m", "k", "1", "2", "3", "0", "-1", "n+1", "2n", "n-d", "30", "31", "", "n n", "x"]
        return source.choice([*sizes, "n_1", r"\ell", "10^6", "999999999", "n+d+k", "5n+30", "-n"])

    return source.choice(
        [
            "scalar", "index", "function", f"vector({size()})", f"matrix({size()}, {size()})",
            f"matrix({size()},{size()})", f"sequence({size()})", f"sequence({size()}..{size()})",
            f"sequence({size()}, vector({size()}))", f"vector({size()}", "", "matrix", "Vector(n)", "vector(n, n)",
            f"sequence({size()}, matrix({size()}, {size()}))", "vector((n))", _character(source),
        ]
    )  # fmt: skip


def _assumption(source: random.Random, names: list[str]) -> str:
    def one() -> str:
        plain = [
            *names,
            "n",
            "d",
            "k",
            "0",
            "1",
            "2",
            "-3",
            "50",
            "10^6",
            "10^{12}",
            "0.5",
            "x",
            r"\frac{1}{3}",
        ]
        name = source.choice(plain)
        return source.choice([name, name, name, f"{name}^\\top", f"{name}^2", f"rank({name})", f"\\|{name}\\|",
                              f"{name} {source.choice(plain)}", f"{name} + {source.choice(plain)}",
                              f"{name}^\\top {source.choice(plain)}", f"{name}^{{-1}}"])  # fmt: skip

    sign = source.choice(["=", "=", "<", ">", "<=", ">=", r"\ne", "!="])
    plain = f"{one()} {sign} {one()}"
    worded = f"{source.choice(names or ['A'])} {source.choice(WORDED)}"
    return source.choice([plain, plain, plain, worded, "".join(_changed(source, list(plain), _character))])


WORDED = [
    "symmetric",
    "positive definite",
    "is positive definite",
    "orthogonal",
    "unit",
    "invertible",
    r"\succ 0",
]


# Formulas from a grammar, with shapes that mostly fit

POOL = {
    "x": "scalar", "y": "scalar", r"\eta": "scalar", "u": "vector(n)", "v": "vector(n)", "w": "vector(d)",
    "A": "matrix(n, n)", "B": "matrix(n, n)", "X": "matrix(n, d)", "F": "sequence(k)", "k": "index",
    r"\sigma": "function", "a_1": "scalar", "n": "index", r"\hat{w}": "vector(d)", "S": "sequence(0..k, vector(n))",
}  # fmt: skip


def from_a_grammar(source: random.Random) -> Formula:
    """A formula whose shapes mostly fit, of random form."""
    grammar = Grammar(source)
    lines = source.choice([1, 1, 1, 2, 4])
    shape = source.choice(["scalar", "scalar", "n", "d", "nn", "nd"])
    sides = [grammar.of(shape, source.randint(0, 4)) for _ in range(1 + lines)]
    if source.random() < 0.4:
        sides[1] = sides[0]
    signs = [source.choice(["=", "=", "=", r"\le", "<", r"\ge", r"\ne", ">", ":="]) for _ in range(lines)]
    text = sides[0] + "".join(f" {sign} {side}" for sign, side in zip(signs, sides[1:], strict=True))
    definitions = {}
    for name in source.sample([r"\lambda", "f(y)", "g(u)", "z", "h(x, y)", "C"], source.randint(0, 2)):
        shapes = {
            r"\lambda": "scalar",
            "f(y)": "scalar",
            "g(u)": "scalar",
            "z": "n",
            "h(x, y)": "scalar",
            "C": "nn",
        }
        definitions[name] = grammar.of(shapes[name], source.randint(0, 3))
        if source.random() < 0.7:
            call = name.replace("(y)", f"({grammar.of('scalar', 1)})").replace(
                "(u)", f"({grammar.of('n', 1)})"
            )
            text = (
                text.replace("x", f" {call} ", 1) if shapes[name] == "scalar" else text.replace("u", call, 1)
            )
    assumptions = [_assumption(source, list(POOL)) for _ in range(source.choice([0, 0, 0, 1, 2]))]
    symbols = {name: kind for name, kind in POOL.items() if name != "n" or source.random() < 0.1}
    return Formula(text, symbols, definitions, tuple(assumptions))


class Grammar:
    """Random LaTeX of a shape: "scalar", "n" and "d" (vectors), "nn" and "nd" (matrices)."""

    def __init__(self, source: random.Random):
        self.source = source
        self.indices: list[str] = []

    def of(self, shape: str, depth: int) -> str:
        """LaTeX of a shape, rarely of another one."""
        if self.source.random() < 0.01:
            shape = self.source.choice(["scalar", "n", "d", "nn", "nd"])
        if depth <= 0:
            return self.leaf(shape)
        rule = self.source.choice(self.rules(shape))
        return rule(depth - 1)

    def leaf(self, shape: str) -> str:
        """A name or a number."""
        indices = [f"F_{i}" for i in self.indices] + self.indices + [f"F_{{{i}-1}}" for i in self.indices]
        leaves = {
            "scalar": ["x", "y", r"\eta", "n", "d", "k", "F_1", "F_k", "2", "3", "0", "1", "0.5", r"\pi", "e", "a_1",
                       "u_1", "A_{12}", "10", "1000", *indices * 2],
            "n": ["u", "v", r"\mathbf{0}", r"\mathbf{1}", "0", "S_0", "S_k", "u", "v"],
            "d": ["w", r"\hat{w}", r"\mathbf{0}", "w_1"],
            "nn": ["A", "B", "I", "A", "B", r"\mathbf{0}", "I_n"],
            "nd": ["X", "X", r"\mathbf{0}"],
        }  # fmt: skip
        return self.source.choice(leaves[shape])

    def rules(self, shape: str) -> list[Callable[[int], str]]:
        """How LaTeX of a shape is made of smaller one."""
        common = [
            lambda deep: f"{self.of(shape, deep)} {self.source.choice('+-')} {self.of(shape, deep)}",
            lambda deep: f"({self.of(shape, deep)} - {self.of(shape, deep)})",
            lambda deep: rf"\left({self.of(shape, deep)}\right)",
            lambda deep: f"-{self.of(shape, deep)}",
            lambda deep: f"{self.of('scalar', deep)} ({self.of(shape, deep)})",
            lambda deep: rf"\frac{{{self.of(shape, deep)}}}{{{self.of('scalar', deep)}}}",
            lambda deep: self.folded(shape, deep),
            lambda deep: f"({self.of(shape, deep)}) \\odot ({self.of(shape, deep)})",
        ]
        special = {
            "scalar": [
                lambda deep: f"({self.of('n', deep)})^\\top ({self.of('n', deep)})",
                lambda deep: f"({self.of('n', deep)})^\\top ({self.of('nn', deep)}) ({self.of('n', deep)})",
                lambda deep: rf"\|{self.of(self.source.choice(['n', 'd', 'nd']), deep)}\|^2",
                lambda deep: (
                    rf"\|{self.of('n', deep)}\|_" + self.source.choice(["1", "2", r"\infty", "F", "3"])
                ),
                lambda deep: rf"\langle {self.of('n', deep)}, {self.of('n', deep)} \rangle",
                lambda deep: rf"\operatorname{{tr}}({self.of('nn', deep)})",
                lambda deep: rf"\det({self.of('nn', deep)})",
                lambda deep: rf"\operatorname{{rank}}({self.of('nd', deep)})",
                lambda deep: f"({self.of('scalar', deep)})^{{{self.of('scalar', deep)}}}",
                lambda deep: (
                    f"({self.of('scalar', deep)})^{self.source.choice(['2', '3', 'k', '{-1}', '{n-1}', '9'])}"
                ),
                lambda deep: rf"\{self.function()}({self.of('scalar', deep)})",
                lambda deep: rf"\{self.function()} {self.of('scalar', deep)}",
                lambda deep: rf"\sqrt{{{self.of('scalar', deep)}}}",
                lambda deep: rf"\sqrt[{self.source.choice('3479k')}]{{{self.of('scalar', deep)}}}",
                lambda deep: f"|{self.of('scalar', deep)}|",
                lambda deep: f"{self.of('scalar', deep)} {self.of('scalar', deep)}",
                lambda deep: rf"{self.of('scalar', deep)} \cdot {self.of('scalar', deep)}",
                lambda deep: rf"{self.of('scalar', deep)} / {self.of('scalar', deep)}",
                lambda deep: rf"\frac{{d}}{{dx}} ({self.of('scalar', deep)})",
                lambda deep: (
                    rf"\frac{{d^{self.source.choice('239')}}}{{dx^{self.source.choice('239')}}} "
                    rf"({self.of('scalar', deep)})"
                ),
                lambda deep: rf"\frac{{\partial^2}}{{\partial x \partial y}} ({self.of('scalar', deep)})",
                lambda deep: (
                    rf"\{self.source.choice(['min', 'max'])}({self.of('scalar', deep)}, "
                    f"{self.of('scalar', deep)})"
                ),
                lambda deep: rf"\sigma({self.of('scalar', deep)})",
            ],
            "n": [
                lambda deep: f"({self.of('nn', deep)}) {self.of('n', deep)}",
                lambda deep: f"({self.of('nd', deep)}) ({self.of('d', deep)})",
                lambda deep: rf"\nabla_u ({self.of('scalar', deep)})",
                lambda deep: rf"\frac{{\partial}}{{\partial v}} ({self.of('scalar', deep)})",
                lambda deep: rf"\frac{{d}}{{dx}} ({self.of('n', deep)})",
                lambda deep: rf"\{self.function()}({self.of('n', deep)})",
                lambda deep: rf"\operatorname{{diag}}({self.of('nn', deep)})",
            ],
            "d": [
                lambda deep: rf"({self.of('nd', deep)})^\top ({self.of('n', deep)})",
                lambda deep: rf"\nabla_w ({self.of('scalar', deep)})",
            ],
            "nn": [
                lambda deep: f"({self.of('nn', deep)}) ({self.of('nn', deep)})",
                lambda deep: (
                    f"({self.of('nn', deep)})^{{{self.source.choice(['-1', '2', 'k', '-2', 'n', '9'])}}}"
                ),
                lambda deep: f"({self.of('nn', deep)})^\\top",
                lambda deep: f"({self.of('nn', deep)})^{{-\\top}}",
                lambda deep: f"({self.of('n', deep)}) ({self.of('n', deep)})^\\top",
                lambda deep: f"({self.of('nd', deep)}) ({self.of('nd', deep)})^\\top",
                lambda deep: rf"\operatorname{{diag}}({self.of('n', deep)})",
                lambda deep: rf"\nabla_u^2 ({self.of('scalar', deep)})",
                lambda deep: rf"\frac{{\partial}}{{\partial A}} ({self.of('scalar', deep)})",
                lambda deep: rf"\frac{{\partial}}{{\partial u}} ({self.of('n', deep)})",
            ],
            "nd": [
                lambda deep: f"({self.of('nn', deep)}) ({self.of('nd', deep)})",
                lambda deep: f"({self.of('n', deep)}) ({self.of('d', deep)})^\\top",
                lambda deep: rf"\nabla_X ({self.of('scalar', deep)})",
            ],
        }
        return common + special[shape] * 2

    def function(self) -> str:
        """The name of a function of a number."""
        return self.source.choice(
            ["exp", "log", "sin", "cos", "tan", "tanh", "sinh", "cosh", "arctan", "ln", "sigma"]
        )

    def folded(self, shape: str, deep: int) -> str:
        """A sum or a product over an index."""
        index = self.source.choice(["i", "j", "l", "m", "x", "k"])
        low = self.source.choice(["0", "1", "1", "1", "2", *self.indices])
        high = self.source.choice(["n", "k", "3", "n-1", "k+1", "20", "0", *self.indices])
        fold = self.source.choice(
            ["sum", "sum", "prod", "max", "min"] if shape == "scalar" else ["sum", "prod"]
        )
        self.indices.append(index)
        body = self.of(shape, deep)
        self.indices.pop()
        return rf"\{fold}_{{{index}={low}}}^{{{high}}} ({body})"


# Nasty ones


def nasty(source: random.Random) -> Formula:
    """Something large, deep or strange of a known kind."""
    return source.choice(NASTY)(source)


def _size(source: random.Random) -> int:
    return source.choice([10, 30, 61, 101, 300, 1000, 5000, 20_000, 1_000_000 // 2])


def nested(source: random.Random) -> Formula:
    """Brackets in brackets."""
    many = min(_size(source), 50_000)
    before, after = source.choice(
        [
            ("(", ")"), ("[", "]"), ("{", "}"), (r"\{", r"\}"), ("|", "|"), (r"\|", r"\|"), (r"\left(", r"\right)"),
            (r"\sqrt{", "}"), (r"\frac{1}{1+", "}"), (r"\frac", ""), ("x^{", "}"), ("x_{", "}"), ("x^", ""),
            ("-", ""), ("+", ""), (r"\sum_{i=1}^{2}", ""), (r"\sum_{i=1}^{", "}"), (r"\sum_{i=1}^{2} (", ")"),
            (r"\nabla_x ", ""), (r"\nabla ", ""), (r"\nabla f(", ")"), (r"\operatorname{tr} ", ""), (r"\log ", ""),
            (r"\exp(", ")"), ("f(", ")"), ("g(", ")"), ("", r"^\top"), ("", "^2"), ("", "^{-1}"), ("", "'"),
            ("(", "+x)"), (r"\begin{bmatrix}", r"\end{bmatrix}"), (r"\begin{aligned}", r"\end{aligned}"),
            (r"\langle x, ", r"\rangle"), (r"\hat{", "}"), (r"\mathbf{", "}"), (r"\hat", ""), (r"\max(1, ", ")"),
            (r"\frac{d}{dx} ", ""), (r"\frac{d}{dx} (x + ", ")"), (r"(x + \frac{d}{dx} ", ")"), ("2^{", "}"),
            ("1/", ""), ("1/(1+", ")"), (r"\sigma(", ")"), (r"\tanh(x + ", ")"), ("|x - ", "|"), (r"\bigl(", r"\bigr)"),
            (r"\abs{", "}"), (r"\norm{", "}"), (r"\text{", "}"), (r"\sqrt[3]{", "}"), (r"x (", ")"), ("(", ")(x + y)"),
            ("(", ")^2"), ("(1 + ", ")^{2}"), ("(x + ", ")^{1000}"), ("e^{", "}"), ("(", ")^{-1}"), ("(x+", ")^x"),
        ]
    )  # fmt: skip
    cut = source.choice([many, many, many, many - 1, 0])
    inside = source.choice(["x", "x", "x", "1", "A", "", "x + y"])
    side = before * many + inside + after * cut
    text = source.choice([f"{side} = {side}", f"{side} = x", f"x = {side}", f"{side} < x", side])
    symbols = {"x": "scalar", "y": "scalar", "A": "matrix(n, n)", r"\sigma": "function"}
    return Formula(text, symbols, {"f(x)": "x^2 + 1", "g(y)": "f(f(y))"})


def long(source: random.Random) -> Formula:
    """The same over and over."""
    piece = source.choice(
        [
            "x", "x + ", "x = ", "x = x, ", r"x = x \\ ", r"&= x \\ ", "1", " ", "\n", "%\n", "&", "{}", "x x = ", "&&",
            r"\,", "x^2 + ", "u_1 + ", r"\\", ",", "(x) ", r"\alpha", "x := ", "a_1 ", "x < ", r"\sin x + ", r"\left( ",
            "0.", "x/", r"\begin{aligned} x = x \end{aligned}", r"x^{\top}", "A B", "(x + y)", "A = A^2 = ",
            r"\label{", "_x", "^x", "|x|", r"\cdot ", "2 = 2 = 2, ", r"\sqrt{x} = ", r"x \le ", "u^\\top A u = ",
            r"\sum_{i=1}^{n} u_i^2 + ", r"\det(A) + ", "A^{-1} ", "f(x) + ", r"\frac{1}{x} + ", r"\exp(x) = ",
            "x &= x && why \\\\\n", r"\|u\| \le ", r"\nabla_u u^\top A u + ",
        ]
    )  # fmt: skip
    most = max(1, 1_200_000 // len(piece))
    many = min(source.choice([3, 30, 100, 300, 700, 1000, 2000, 5000, 10**6]), most)
    end = source.choice(["x", "1", "x = x", "", " = x", "u", "A"])
    symbols = {"x": "scalar", "y": "scalar", "u": "vector(n)", "A": "matrix(n, n)", "a_1": "scalar"}
    return Formula(piece * many + end, symbols, {"f(x)": "x^2 + 1"})


def large_ranges(source: random.Random) -> Formula:
    """Sums and products to very large numbers, some through definitions."""
    number = source.choice(["10^{12}", "10^6", "999", "2000", "2001", "100", "10^{10^{10}}", "2^{1000}", "N", "N^N", "k",
                            "10^{12} n", "N k", "1000000000000", "n^{1000}", "-10^{12}", r"\frac{N}{3}", "M", "0"])  # fmt: skip
    fold = source.choice([r"\sum", r"\prod", r"\max", r"\min"])
    depth = source.choice([1, 1, 2, 3, 5])
    names = [*"ijlmpq"][:depth]
    body = source.choice([*names, "1", "x", "x^i", "F_i", "F_{i+1}", "A", r"\exp(i)", r"\frac{1}{i}", r"\sqrt{i}",
                          r"(x - i)", r"\det(A)", "A^i", "i^i", r"\frac{d}{dx} x^i", "u_i", r"f(i)", r"x^{-i}"])  # fmt: skip
    signs = "".join(f"{fold}_{{{name}=1}}^{{{number}}} " for name in names)
    side = f"{signs}{body}"
    text = source.choice(
        [f"{side} = {side}", f"{side} = 0", f"{side} \\ge 1", f"x = {side}", f"{side} = f(N)"]
    )
    symbols = {"x": "scalar", "A": "matrix(n, n)", "F": "sequence(k)", "k": "index", "u": "vector(n)"}
    definitions = {
        "N": source.choice(["10^{12}", "10^6", "2000", "10^3", r"\sum_{i=1}^{1000} i", "2^{2^{20}}", "N_0"]),
        "M": "N N N N N N", "f(x)": source.choice(["x^2", r"\sum_{j=1}^{x} j", r"\prod_{j=1}^{x} (x - j)"]),
        "N_0": "10^{1000}",
    }  # fmt: skip
    assumptions = source.choice(
        [(), (), ("k >= 10^6",), ("n >= 50",), ("n = 10^9",), ("k = 1000",), ("n > k",)]
    )
    return Formula(text, symbols, definitions, assumptions)


def towers(source: random.Random) -> Formula:
    """Powers of powers."""
    base = source.choice(
        ["x", "9", "2", "A", "e", "10", "(x+y)", "(x - x)", "0", "0.5", "(-1)", r"\pi", "k", "n", "-2"]
    )
    steps = [source.choice(["x", "9", "99", "1000", "10^6", "k", "n", "-1", "0.5", r"\frac{1}{3}", "999", "1000000",
                            "-1000", "y", "10", "e", "2k"]) for _ in range(source.choice([1, 2, 3, 5, 20]))]  # fmt: skip
    up = base
    if source.random() < 0.5:
        up += "".join("^{" + step for step in steps) + "}" * len(steps)
    else:
        for step in steps:
            up = f"({up})^{{{step}}}"
    around = source.choice(["{}", "{}", r"\exp({})", r"\sin({})", r"\log({})", r"\det({})", r"\sqrt{{{}}}",
                            r"\frac{{d}}{{dx}} ({})", r"\frac{{1}}{{{}}}", r"\tan({})", r"\tanh({})", r"|{}|",
                            r"\operatorname{{tr}}({})", r"\nabla_A ({})", r"\sigma({})", r"\sinh({})"])  # fmt: skip
    side = around.format(up)
    text = source.choice(
        [f"{side} = {side}", f"{side} = 0", f"{side} < x", f"{side} \\ge 0", f"x = {side} = {side}"]
    )
    symbols = {"x": "scalar", "y": "scalar", "A": f"matrix({source.choice(['n, n', '2, 2', '30, 30'])})", "k": "index",
               r"\sigma": "function"}  # fmt: skip
    return Formula(text, symbols, {}, source.choice([(), (), ("x > 0",), ("x > 0", "y > 0"), ("k >= 100",)]))


def strange_text(source: random.Random) -> Formula:
    """Characters that no formula has, in a formula and in declarations."""
    junk = "".join(
        source.choice([*STRANGE, *string.printable]) for _ in range(source.choice([1, 3, 10, 100, 3000]))
    )
    name = source.choice([junk[:5], "x", "", " ", "\\", "{", "x_", "x^2", "1", "I", "e", "d", r"\top", "x'", "f(x)",
                          r"\frac", r"\sum", "a b", r"\hat{x}", r"\text{" + junk[:20] + "}", "T", r"\mathrm{T}", "&"])  # fmt: skip
    text = source.choice([junk, f"x = {junk}", f"{junk} = {junk}", f"x = x{junk}", f"{name} = {name}", "", " ",
                          f"\\text{{{junk}}} = x", f"x_{{{junk}}} = x", f"x = x && {junk}", f"% {junk}\n x = x"])  # fmt: skip
    definitions = source.choice(
        [{}, {}, {name: "x"}, {"y": junk}, {f"f({name})": name}, {"f()": "x"}, {"f(x,x)": "x"}]
    )
    assumptions = source.choice([(), (), (junk,), (f"{name} > 0",), (f"rank({name}) = 1",), ("",)])
    return Formula(text, {"x": "scalar", name: source.choice(["scalar", "vector(n)", junk, "matrix(n, n)"])},
                   definitions, assumptions)  # fmt: skip


def numerals(source: random.Random) -> Formula:
    """Very long and very large numbers."""
    digits = source.choice([1, 50, 99, 100, 101, 4299, 4301, 100_000])
    number = source.choice(["9" * digits, "0." + "0" * digits + "1", "1" + "0" * digits, "." + "3" * digits,
                            "1{,}" + "000{,}" * (digits // 3) + "000", "-" + "7" * digits, "1." * digits])  # fmt: skip
    text = source.choice(
        [
            f"{number} = {number}", f"x = {number}", f"x^{{{number}}} = x", f"{number}^{{{number}}} = 1",
            f"\\sum_{{i={number}}}^{{{number}}} i = {number}", f"F_{{{number}}} = 1", f"u_{{{number}}} = 1",
            f"\\exp({number}) = 1", f"\\sin({number}) = 1", f"I_{{{number}}} = I_{{{number}}}", f"x < {number}",
            f"\\sqrt[{number}]{{x}} = x", f"\\frac{{d^{{{number}}}}}{{dx^{{{number}}}}} x = 0", f"e^{{{number}}} = 0",
            f"\\log({number}) = 0", f"\\tan({number}) = x", f"\\sum_{{i=1}}^{{{number}}} i = 1", f"F^{{({number})}} = 1",
            f"\\frac{{1}}{{{number}}} \\le x", f"|x - {number}| \\ge 0", f"A^{{{number}}} = A",
        ]
    )  # fmt: skip
    symbols = {"x": "scalar", "F": "sequence(k)", "u": "vector(n)", "A": "matrix(n, n)"}
    return Formula(
        text,
        symbols,
        {},
        source.choice([(), (), (f"x > {number}",), (f"n >= {number}",), (f"k = {number}",)]),
    )


def deep_definitions(source: random.Random) -> Formula:
    """Definitions that double, that go deep, that go round in circles."""
    many = source.choice([2, 5, 20, 40, 100, 300, 1000, 3000])
    body = source.choice(["{0} + {0}", "{0} {0}", "{0}", r"\exp({0})", r"\frac{{1}}{{1 + {0}}}", "({0})^2", "{0} - {0}",
                          r"\sqrt{{{0}}}", r"\sum_{{i=1}}^{{3}} {0}", r"\frac{{d}}{{dx}} {0}", r"\|{0}\|",
                          r"\sum_{{i=1}}^{{k}} i {0}", r"\nabla_x {0}", r"\max({0}, {0})", r"\log({0})"])  # fmt: skip
    if source.random() < 0.5:
        definitions = {f"a_{{{i}}}": body.format(f"a_{{{i - 1}}}" if i else "x") for i in range(many)}
        text = f"a_{{{many - 1}}} = {source.choice(['x', '0', f'a_{{{many - 1}}}', f'a_{{{many - 2}}}'])}"
    else:
        definitions = {f"f_{{{i}}}(y)": body.format(f"f_{{{i - 1}}}(y)" if i else "y") for i in range(many)}
        text = f"f_{{{many - 1}}}(x) = {source.choice(['x', '0', f'f_{{{many - 1}}}(x)', f'f_{{{many - 2}}}(x)'])}"
    if source.random() < 0.2:
        definitions[next(iter(definitions))] = text.partition(" =")[0].replace("(x)", "(y)")
    if source.random() < 0.2:
        text = source.choice([r"\frac{d}{dx} ", r"\nabla_x ", r"\frac{d^2}{dx^2} ", r"\nabla "]) + text
    return Formula(text, {"x": source.choice(["scalar", "scalar", "vector(n)"]), "k": "index"}, definitions)


def many_declarations(source: random.Random) -> Formula:
    """Many symbols, dimensions, indices and assumptions."""
    many = source.choice([2, 4, 6, 8, 12, 30, 100, 1000])
    kind = source.choice(["scalar", "index", "vector(n_{0})", "matrix(n_{0}, n_{1})", "matrix(n_{0}, n_{0})",
                          "sequence(n_{0})", "sequence({0})", "matrix(n, n)", "vector(n)"])  # fmt: skip
    symbols = {f"a_{{{i}}}": kind.format(f"{{{i}}}", f"{{{i + 1}}}") for i in range(many)}
    names = list(symbols)
    joined = source.choice([" ", " + ", r" \odot ", ", "]).join(names)
    text = source.choice([f"{joined} = {joined}", f"a_{{0}} = a_{{{many - 1}}}", f"\\|{names[0]}\\| \\ge 0", "1 = 1",
                          " = ".join(names), f"\\operatorname{{tr}}({joined}) = 0", f"{joined} \\le 1",
                          f"\\max({', '.join(names)}) \\ge {names[0]}", f"\\det({joined}) = 0"])  # fmt: skip
    chain = tuple(f"{one} {source.choice(['<', '>', '<=', '='])} {other}" for one, other in pairwise(names))
    bounds = ["> 0", ">= 3", "= 2", "< 10^6", "= 0", r"^\top = I"]
    single = tuple(f"{name} {source.choice(bounds)}" for name in names)
    sizes = tuple(f"n_{{{i}}} {source.choice(['<', '=', '<='])} n_{{{i + 1}}}" for i in range(many))
    return Formula(text, symbols, {}, source.choice([(), (), chain, single, sizes, chain + single]))


def literals(source: random.Random) -> Formula:
    """Matrices written out."""
    rows, columns = source.choice(
        [(1, 1), (2, 2), (5, 5), (10, 10), (20, 20), (45, 45), (200, 200), (1, 1000), (1000, 1)]
    )
    entry = source.choice(
        ["1", "x", "x^2", r"\frac{1}{x}", r"\sqrt{x}", "A", "", "u", "I", "0", r"\exp(x)", "x & 1", "{i}"]
    )
    written = r" \\ ".join(
        " & ".join(entry.replace("{i}", str(i * j % 7)) for i in range(columns)) for j in range(rows)
    )
    literal = rf"\begin{{bmatrix}} {written} \end{{bmatrix}}"
    around = source.choice(["{}", r"\det {}", r"{}^{{-1}}", r"{}^{{1000}}", r"\operatorname{{tr}} {}", r"{} {}", r"\|{}\|_F",
                            r"{}^\top", r"\frac{{d}}{{dx}} \det {}", r"\operatorname{{rank}}({})", "{} + {}"])  # fmt: skip
    side = around.format(literal, literal)
    return Formula(source.choice([f"{side} = {side}", f"{side} = 0", f"{side} = x", f"B = {side}"]),
                   {"x": "scalar", "A": "matrix(n, n)", "u": "vector(n)", "B": "matrix(m, m)"})  # fmt: skip


def large_kinds(source: random.Random) -> Formula:
    """Dimensions as large as are allowed, and larger."""
    size = source.choice(
        ["30", "30", "30", "20", "10", "31", "500", "100000", "5n+30", "5n", "n+30", "n", "999999999"]
    )
    text = source.choice(
        [
            r"\det(A B) = \det(A) \det(B)", r"(A B)^{-1} = B^{-1} A^{-1}", r"\nabla_u u^\top A u = (A + A^\top) u",
            r"\nabla_u^2 u^\top A u = A + A^\top", r"\frac{\partial}{\partial A} \det(A) = \det(A) A^{-\top}",
            r"\frac{\partial}{\partial A} \operatorname{tr}(A B) = B^\top", r"\|u\|_1 \le \sqrt{30} \|u\|",
            r"\sum_{i} u_i = \mathbf{1}^\top u", r"A^{1000} A = A^{1001}", r"A^{999} = A^{998} A", r"\det(A) \ge 0",
            r"\nabla_u \exp(u^\top A u) = \exp(u^\top A u) (A + A^\top) u", r"\|A u\| \le \|A\|_F \|u\|",
            r"\frac{\partial^2}{\partial A^2} \det(A) = 0", r"\prod_{i} u_i = 1", r"\operatorname{rank}(A B) \le 3",
            r"\nabla_A \nabla_A \operatorname{tr}(A) = 0", r"\exp(A) = A", r"\max_i u_i \ge 0", r"u = A^{-1} A u",
            r"\nabla_u^2 \log(\mathbf{1}^\top \exp(A u)) = 0", r"u^\top A u \ge 0", r"A \odot B = B \odot A", r"A = B",
            r"\nabla_u \nabla_u^2 (u^\top u)^2 = 0", r"\sum_i \sum_j A_{ij} = \mathbf{1}^\top A \mathbf{1}",
            r"(\mathbf{1}^\top u)^{1000} = 1", r"\det(A + x I) = 0", r"\frac{\partial}{\partial A} A^{-1} = 0",
            r"\nabla_A^2 \log(\det(A)) = 0", r"\nabla_F \sum_i F_i^2 = 2 F", r"\nabla^2 f(u) = 2 I", r"\nabla f(u) = 2 u",
            r"\|A\|_1 \ge 0", r"|\det(A)| \ge 0", r"\sqrt{\det(A)^2} = |\det(A)|", r"A^{-k} A^{k} = I",
        ]
    )  # fmt: skip
    symbols = {"A": f"matrix({size}, {size})", "B": f"matrix({size}, {size})", "u": f"vector({size})", "x": "scalar",
               "F": f"sequence({size})", "k": "index"}  # fmt: skip
    given = [
        "A = A^\\top", "rank(A) = 10", "rank(A) = n", "n >= 50", "n = 10", "n >= 10", "n = 10^6", "A u = 0", "u^\\top u = 1",
        "A^\\top A = I", "A^2 = A", r"\|u\| = 1", "A B = B A", "A B = I", "x > 0", "n <= 2", "A B + B A = 0", "k = 50",
        "A positive definite", "k >= 10^9", r"\det(A) > 0", "u > 0", "A u = x u", "x = 10^{1000}", "u_1 = 1", "n > 10^{30}",
        r"A \succ 0", r"\det(A) = 1", "x^2 = 2", "x < -1", r"u \ne 0", "n = k + 40", "k = n^2", "2 k = n", "A = B B^\\top",
    ]  # fmt: skip
    many = source.choice([0, 0, 1, 1, 2, 3])
    return Formula(text, symbols, {"f(u)": r"\|u\|^2"}, tuple(source.sample(given, many)))


def long_names(source: random.Random) -> Formula:
    """Names of many letters."""
    many = source.choice([5, 59, 100, 1000, 4000, 6000, 50_000])
    name = source.choice(
        ["x_{{{}}}", r"\mathrm{{{}}}", r"\text{{{}}}", r"\hat{{{}}}", "{}", r"\operatorname{{{}}}", r"\{}"]
    )
    name = name.format(source.choice(["a", "x_", "1", "ab ", r"\alpha ", ","]) * many)
    body = source.choice([f"{name} = {name}", f"{name}_1 = 1", f"x = {name}", f"{name}{name} = 1"])
    symbols = {"x": "scalar", name: source.choice(["scalar", "vector(n)", f"vector({name})"])}
    if source.random() < 0.3:
        symbols = {"x": "scalar"} | {f"y_{{{i}}}": "scalar" for i in range(many)}
    return Formula(body, symbols, source.choice([{}, {}, {name: "x"}, {f"{name}({name})": name}]))


def high_derivatives(source: random.Random) -> Formula:
    """Derivatives of derivatives, of functions of functions."""
    order = source.choice(["2", "3", "5", "8", "12", "30", "99", "1000", "k", "n", "10^{12}", "0", "-1"])
    of = source.choice(["x^9", r"\exp(x)", r"\exp(\sin(x))", r"\frac{1}{1 + x}", "f(x)", "f(f(f(x)))", r"\prod_{i=1}^{20} (x - i)",
                        r"\sqrt{1 + x^2}", r"\log(1 + \exp(x))", "x^x", r"\sigma(x)", r"\tan(x)", r"\det(A + x I)",
                        r"(I + x A)^{-1}", "|x|", r"\max(x, 1)", r"\sum_{i=1}^{100} x^i", r"\exp(\exp(\exp(x)))"])  # fmt: skip
    form = source.choice([r"\frac{{d^{{{0}}}}}{{dx^{{{0}}}}} {1}", r"\nabla_x^{{{0}}} {1}", r"\nabla^{{{0}}} f(x)",
                          r"\frac{{\partial^{{{0}}}}}{{\partial x^{{{0}}}}} ({1})", "f^{{({0})}}(x)"])  # fmt: skip
    text = form.format(order, of)
    if source.random() < 0.4:
        times = source.choice([2, 3, 5, 8, 15, 60])
        text = source.choice([r"\frac{d}{dx} ", r"\nabla_x "]) * times + f"({of})"
        text = text if source.random() < 0.7 else "f" + "'" * times + "(x)"
    side = source.choice(["0", "1", text])
    symbols = {"x": "scalar", "A": "matrix(n, n)", r"\sigma": "function", "k": "index"}
    f = source.choice(["x^3", r"\exp(x) \sin(x)", r"\frac{1}{1 + x^2}", r"\frac{d}{dx} x^3", r"\sqrt{x}"])
    return Formula(f"{text} = {side}", symbols, {"f(x)": f})


NASTY = [
    nested, long, large_ranges, towers, strange_text, numerals, deep_definitions, many_declarations, literals,
    large_kinds, long_names, high_derivatives,
]  # fmt: skip
KINDS = {
    "changed characters": (changed_characters, 20),
    "changed tokens": (changed_tokens, 25),
    "changed declarations": (changed_declarations, 10),
    "spliced": (spliced, 10),
    "from a grammar": (from_a_grammar, 20),
    **{f"nasty: {make.__name__}": (make, 1) for make in NASTY},
}


# Running


def run(seed: str, numbers: list[int]) -> list[Outcome]:
    """Try some of the inputs."""
    signal.signal(signal.SIGPROF, _give_up)
    gc.freeze()  # what lives on needs no look each time
    found = []
    for number in numbers:
        kind, formula = made(seed, number)
        signal.setitimer(signal.ITIMER_PROF, MEASURED * GIVE_UP)
        found.append(outcome(formula, number, kind))
        signal.setitimer(signal.ITIMER_PROF, 0)
    return found


def _give_up(number, frame) -> None:
    raise TooLongError


def outcomes(seed: str, count: int, first: int = 0, processes: int = 2) -> Iterator[Outcome]:
    """Try inputs in two processes."""
    shares = [list(range(at, min(at + SHARE, first + count))) for at in range(first, first + count, SHARE)]
    with ProcessPoolExecutor(processes) as pool:
        waiting = [(share, pool.submit(run, seed, share)) for share in shares]
        for share, future in waiting:
            try:
                found = future.result()
                for one in found:
                    if one.formula:
                        print(
                            f"{one.number} ({one.kind}): {one.what} {one.where}, {one.seconds:.2f} s",
                            flush=True,
                        )
                        print(f"    {shown(one.formula)}", flush=True)
                yield from found
            except BrokenProcessPool:
                yield Outcome(
                    share[0], "?", 0.0, "the process died", f"one of the inputs {share[0]} to {share[-1]}"
                )
                return


def shortened(formula: Formula, same: Callable[[Formula], bool]) -> Formula:
    """A formula with as much left out as can be while the same comes out, as far as a little time goes."""
    end = time.monotonic() + SHORTENING
    still_same = same

    def same(formula: Formula) -> bool:
        return time.monotonic() < end and still_same(formula)

    parts = TOKEN.findall(formula.latex)
    size = max(1, len(parts) // 2)
    while size:
        at = 0
        while at < len(parts):
            fewer = parts[:at] + parts[at + size :]
            if same(formula.with_latex("".join(fewer))):
                parts = fewer
            else:
                at += size
        size //= 2
    formula = formula.with_latex("".join(parts))
    for name in ("symbols", "definitions"):
        for key in list(getattr(formula, name)):
            fewer = {other: text for other, text in getattr(formula, name).items() if other != key}
            if same(replace(formula, **{name: fewer})):
                formula = replace(formula, **{name: fewer})
    for text in formula.assumptions:
        fewer = tuple(other for other in formula.assumptions if other != text)
        if same(replace(formula, assumptions=fewer)):
            formula = replace(formula, assumptions=fewer)
    return formula


def shown(formula: Formula) -> str:
    """A formula and what is declared, not too long."""
    text = f"check({formula.latex!r}, {formula.symbols!r}, {formula.definitions!r}, {formula.assumptions!r})"
    return text if len(text) < 1500 else f"{text[:900]} ... {text[-500:]} ({len(text)} characters)"


def main() -> int:
    """Try inputs; print what came of them; return the status."""
    parser = argparse.ArgumentParser(prog="nox -s fuzz --", description=__doc__.split("\n\n")[0])
    parser.add_argument("count", nargs="?", type=int, default=100_000, help="how many inputs")
    parser.add_argument("--seed", default="hwlib")
    parser.add_argument("--first", type=int, default=0, help="the number of the first input")
    parser.add_argument("--only", type=int, help="show this input, and what comes of it")
    options = parser.parse_args()
    if options.only is not None:
        kind, formula = made(options.seed, options.only)
        print(kind, shown(formula), sep="\n")
        (found,) = run(options.seed, [options.only])
        print(found)
        return int(found.is_bug or found.is_slow)
    print(f"seed {options.seed!r}, inputs {options.first} to {options.first + options.count - 1}")
    return report(list(outcomes(options.seed, options.count, options.first)))


def report(found: list[Outcome]) -> int:
    """Print a table of what came out, the slowest ten and every bug."""
    counts = Counter((one.kind, one.what) for one in found)
    results = ["held", "refuted", "refused"]
    print(f"{'':28}{'inputs':>9}" + "".join(f"{what:>9}" for what in results) + f"{'other':>9}{'slowest':>9}")
    for kind in [*KINDS, ""]:
        of = [one for one in found if kind in {"", one.kind}]
        row = [
            sum(counts[key] for key in counts if kind in {"", key[0]} and key[1] == what) for what in results
        ]
        other, slowest = len(of) - sum(row), max((one.seconds for one in of), default=0.0)
        cells = "".join(f"{number:>9}" for number in [len(of), *row, other])
        print(f"{kind or 'all':28}{cells}{slowest:>8.2f}s")
    print("\nThe slowest ten:")
    for one in sorted(found, key=lambda one: -one.seconds)[:10]:
        print(f"{one.seconds:7.2f} s  {one.number} ({one.kind}) {one.what} {one.where}")
        if one.formula:
            print(f"           {shown(one.formula)}")
    slow = [one for one in found if one.is_slow]
    bugs = [one for one in found if one.is_bug and one.what != "TooLongError"]
    print(f"\n{len(found)} inputs, {len(slow)} slower than {SECONDS:.0f} s, {len(bugs)} other exceptions")
    for place, ones in sorted(_grouped(bugs).items()):
        print(f"\n{len(ones)} times {place}: inputs {[one.number for one in ones[:10]]}")
        quickest = min(ones, key=lambda one: one.seconds)
        if quickest.formula:
            print(shown(shortened(quickest.formula, _same(place))))
    return int(bool(bugs or slow))


def _grouped(bugs: list[Outcome]) -> dict[str, list[Outcome]]:
    groups: dict[str, list[Outcome]] = {}
    for one in bugs:
        groups.setdefault(f"{one.what} at {one.where}", []).append(one)
    return groups


def _same(place: str) -> Callable[[Formula], bool]:
    def same(formula: Formula) -> bool:
        found = outcome(formula)
        return f"{found.what} at {found.where}" == place

    return same


if __name__ == "__main__":
    sys.exit(main())
