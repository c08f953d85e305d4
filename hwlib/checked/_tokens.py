r"""The scanner: LaTeX to tokens, with everything settled that depends on the context.

What is one name and what is a product of several, which bar opens and which closes, whether ``^T``
transposes, where a ``\frac`` differentiates and which index runs where: all of it is settled here, from what
is declared, so that the grammar only has to say how formulas nest.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property

from lark import Token

from hwlib.checked._errors import CheckError
from hwlib.checked._lexemes import (
    ARGUMENTS,
    DEEPEST,
    FRACTIONS,
    GREEK,
    WORDS,
    Lexemes,
    Script,
    canonical,
    scripted,
)
from hwlib.checked._vocabulary import (
    BARS,
    BEGINS_OPERAND,
    BLACKBOARD,
    BRACKETS,
    CLOSING_SIZES,
    CONSTANTS,
    ENDS_OPERAND,
    ENVIRONMENTS,
    FILLED,
    FOLDS,
    FUNCTIONS,
    MATRICES,
    MOST_DIGITS,
    NORM_KINDS,
    OPENING_SIZES,
    OPERATORS,
    RELATIONS,
    SIZES,
    TRANSPOSES,
    UNCHECKABLE,
)

__all__ = ["Names", "canonical", "scan"]


@dataclass(frozen=True)
class Names:
    """What is declared.

    Parameters
    ----------
    kinds : mapping of str to str
        From the canonical name to "scalar", "vector", "matrix", "sequence", "index", "dimension" or
        "function".
    """

    kinds: Mapping[str, str]

    @cached_property
    def commands(self) -> frozenset[str]:
        """The commands that a declared name begins with, besides Greek letters and accents."""
        found = (re.match(r"\\[A-Za-z]+", name) for name in self.kinds)
        return frozenset(match.group() for match in found if match) - ARGUMENTS.keys()

    def unknown(self, name: str) -> str:
        """Say that a name is not declared, which ones are, and which is nearest."""
        if not self.kinds:
            return f"undeclared symbol {name}: nothing is declared"
        shown = sorted(self.kinds)[:30]
        problem = f"undeclared symbol {name}; declared are {', '.join(shown)}"
        problem += ", ..." if len(self.kinds) > len(shown) else ""
        near = get_close_matches(name, self.kinds, 1, 0.5)
        return f"{problem}; did you mean {near[0]}?" if near else problem


@dataclass
class _Frame:
    """An open bracket, and the indices bound by sums within it up to here."""

    closing: str
    opened: int
    bound: set[str] = field(default_factory=set)


def scan(latex: str, names: Names, *, plain: bool = False) -> tuple[list[Token], list[tuple[int, str]]]:
    r"""Return the tokens of the formulas, chains of relations apart, and the remarks with their places.

    Parameters
    ----------
    latex : str
        The LaTeX.
    names : Names
        What is declared.
    plain : bool, default False
        Whether ``rank(X)`` is read as ``\operatorname{rank}(X)``.

    Returns
    -------
    tokens : list of Token
        With lines and commas still as BREAK.
    remarks : list of (int, str)
        Each text after ``&&`` and where it begins.

    Raises
    ------
    CheckError
        If it cannot be read.
    """
    lexemes = Lexemes(latex, plain=plain)
    scanner = _Scanner(lexemes, names)
    scanner.whole()
    return scanner.tokens, lexemes.remarks


class _Scanner:
    """Reads lexemes from left to right and writes tokens."""

    def __init__(self, lexemes: Lexemes, names: Names):
        self.lexemes = lexemes
        self.names = names
        self.tokens: list[Token] = []
        self.frames = [_Frame("", 0)]
        self.environments: list[str] = []
        self.operand_ended = False
        self.forced = ""

    def whole(self) -> None:
        self.read(0, len(self.lexemes.items))
        self.check_closed(1)
        if self.environments:
            raise self.error(rf"\begin{{{self.environments[-1]}}} has no \end", len(self.lexemes.items))

    def read(self, first: int, last: int) -> None:
        """Write the tokens of a range of lexemes."""
        while first < last:
            first = self.step(first, last)

    def step(self, index: int, last: int) -> int:
        """Write the tokens of what begins at ``index``, and return where it ends."""
        lexeme = self.lexemes.items[index]
        text = lexeme.text
        if self.forced and text not in _DELIMITERS:
            raise self.error("a bracket is wanted here, after a command that sizes it", index)
        if atom := self.lexemes.atom(index, last, self.names.commands):
            return self.name(index, last, *atom)
        if handler := _HANDLERS.get(text) or _HANDLERS.get(lexeme.kind):
            return handler(self, index, last)
        if lexeme.kind == "number":
            if len(text) > MOST_DIGITS:
                raise self.error(f"a number of {len(text)} characters: at most {MOST_DIGITS} are read", index)
            self.write("NUMBER", text, index)
        elif text in RELATIONS or text.startswith(r"\not"):
            self.relation(index)
        elif text in OPERATORS:
            self.write("OPERATOR", OPERATORS[text], index)
        elif text.strip("\\") in FUNCTIONS:
            self.write("FUNCTION", FUNCTIONS[text.strip("\\")], index)
        else:
            raise self.unreadable(index)
        return index + 1

    def write(self, kind: str, value: str, first: int, after: int | None = None) -> None:
        """Write a token that stands for the lexemes from ``first`` up to ``after``."""
        items = self.lexemes.items
        end = items[(after or first + 1) - 1].end
        if (
            self.operand_ended
            and kind in BEGINS_OPERAND
            and len(self.frames) == 1
            and first in self.lexemes.apart
        ):
            problem = r"a \quad within a product: a comma is wanted between two relations"
            raise self.error(problem, first)
        self.tokens.append(Token(kind, value, start_pos=items[first].start, end_pos=end))
        self.operand_ended = kind in ENDS_OPERAND

    def error(self, problem: str, first: int, last: int | None = None) -> CheckError:
        return self.lexemes.error(problem, first, last)

    # Brackets

    def open(self, closing: str, index: int) -> None:
        self.frames.append(_Frame(closing, index))
        self.forced = ""
        if len(self.frames) > DEEPEST:
            raise self.error(f"brackets nested deeper than {DEEPEST}", index)

    def close(self, closing: str, index: int) -> None:
        frame = self.frames[-1]
        text = self.lexemes.text(index)
        if frame.closing != closing:
            if not frame.closing or frame.closing == "}":
                raise self.error(f"this {text} closes nothing", index)
            opening = self.lexemes.text(frame.opened)
            raise self.error(f"{text} stands where {frame.closing} is wanted, to close {opening}", index)
        self.frames.pop()
        self.forced = ""

    def check_closed(self, depth: int) -> None:
        """Refuse brackets that are open within an argument that ends, or at the end."""
        if len(self.frames) > depth:
            frame = self.frames[-1]
            text = self.lexemes.text(frame.opened)
            raise self.error(f"this {text} is never closed: {frame.closing} is wanted", frame.opened)

    def braced(self, argument: Script, of: int) -> None:
        """Write an argument between OPEN and CLOSE."""
        self.write("OPEN", "{", argument.first)
        self.within(argument, of)
        self.write("CLOSE", "}", argument.after - 1)

    def within(self, argument: Script, of: int) -> None:
        """Write an argument, in which brackets open and close."""
        if argument.first >= argument.last:
            raise self.error(f"{self.lexemes.text(of)} has an empty argument", of)
        self.open("}", of)
        depth = len(self.frames)
        self.read(argument.first, argument.last)
        self.check_closed(depth)
        self.frames.pop()

    def sized(self, index: int) -> int:
        r"""Return where a bracket begins, with its ``\left``."""
        return index - 1 if self.forced else index

    def bracket(self, index: int, last: int) -> int:
        text = self.lexemes.text(index)
        if text in BRACKETS:
            self.write("BRACKET", text, self.sized(index), index + 1)
            self.open(BRACKETS[text], index)
        else:
            self.close(text, index)
            self.write("BRACKET_END", text, index)
        return index + 1

    def angle(self, index: int, last: int) -> int:
        if self.lexemes.text(index) == r"\langle":
            self.write("INNER", "<", self.sized(index), index + 1)
            self.open(r"\rangle", index)
        else:
            self.close(r"\rangle", index)
            self.write("INNER_END", ">", index)
        return index + 1

    def size(self, index: int, last: int) -> int:
        text = self.lexemes.text(index)
        if self.lexemes.text(index + 1) == ".":
            raise self.error(f"{text}. cannot be read: write both brackets, or none", index, index + 2)
        if index + 1 >= last:
            raise self.error(f"a bracket is wanted after {text}", index)
        self.forced = "open" if text in OPENING_SIZES else "close" if text in CLOSING_SIZES else "any"
        return index + 1

    def bar(self, index: int, last: int) -> int:
        """A bar closes if it says so, or if an operand has ended and the same bar is open; else it opens."""
        text = self.lexemes.text(index)
        kind, side = BARS[text]
        side = self.forced.replace("any", "") or side
        closing = {"ABSOLUTE": "|", "NORM": r"\|"}[kind]
        if side == "close" or (not side and self.operand_ended and self.frames[-1].closing == closing):
            self.close(closing, index)
            self.write(kind + "_END", text, index)
            return self.norm_kind(index + 1) if kind == "NORM" else index + 1
        self.write(kind, text, self.sized(index), index + 1)
        self.open(closing, index)
        return index + 1

    def norm_kind(self, index: int) -> int:
        """Write the subscript that says which norm, and the power, in this order."""
        subscript, superscript, after = self.lexemes.scripts(index, len(self.lexemes.items))
        if subscript:
            kind = NORM_KINDS.get(self.lexemes.joined(subscript.first, subscript.last))
            if kind is None:
                raise self.error(r"no known norm: _1, _2, _\infty or _F is wanted", subscript.sign, after)
            self.write("NORM_KIND", kind, subscript.sign, subscript.after)
        if superscript:
            self.superscript(superscript, "")
        return after

    def norm_of(self, index: int, last: int) -> int:
        r"""``\norm{x}`` and ``\abs{x}``."""
        text = self.lexemes.text(index)
        kind = "NORM" if text == r"\norm" else "ABSOLUTE"
        argument = self.lexemes.argument(index + 1, last, text)
        self.write(kind, text, index)
        self.within(argument, index)
        self.write(kind + "_END", text, argument.after - 1)
        return self.norm_kind(argument.after) if kind == "NORM" else argument.after

    # Lines, columns and separators

    def separate(self, kind: str, value: str, index: int) -> int:
        self.write(kind, value, index)
        self.frames[-1].bound.clear()
        return index + 1

    def sign(self, index: int, last: int) -> int:
        return self.separate("SIGN", self.lexemes.text(index), index)

    def comma(self, index: int, last: int) -> int:
        return self.separate("COMMA" if len(self.frames) > 1 else "BREAK", self.lexemes.text(index), index)

    def semicolon(self, index: int, last: int) -> int:
        if len(self.frames) > 1:
            raise self.error(
                f"{self.lexemes.text(index)} within brackets cannot be read: a comma is wanted", index
            )
        return self.separate("BREAK", self.lexemes.text(index), index)

    def full_stop(self, index: int, last: int) -> int:
        following = self.lexemes.items[index + 1 : index + 2]
        if len(self.frames) > 1 or (following and following[0].kind not in {"newline", "end"}):
            raise self.error("a full stop within a formula: it is read at its end only", index)
        return index + 1

    def skip(self, index: int, last: int) -> int:
        return index + 1

    def column(self, index: int, last: int) -> int:
        in_matrix = self.frames[-1].closing.startswith(r"\end")
        return self.separate("CELL_END", "&", index) if in_matrix else index + 1

    def newline(self, index: int, last: int) -> int:
        if self.frames[-1].closing.startswith(r"\end"):
            at_end = self.lexemes.items[index + 1 : index + 2]
            return index + 1 if at_end and at_end[0].kind == "end" else self.separate("ROW_END", r"\\", index)
        return self.separate("BREAK", r"\\", index) if len(self.frames) == 1 else index + 1

    def environment(self, index: int, last: int) -> int:
        lexeme = self.lexemes.items[index]
        name = lexeme.text[lexeme.text.index("{") + 1 : lexeme.text.index("}")]
        begins = lexeme.kind == "begin"
        if name in MATRICES:
            if begins:
                self.open(rf"\end{{{name}}}", index)
                self.write("MATRIX", name, index)
            else:
                self.close(rf"\end{{{name}}}", index)
                self.write("MATRIX_END", name, index)
        elif name not in ENVIRONMENTS:
            known = ", ".join(sorted(MATRICES | ENVIRONMENTS))
            raise self.error(f"the environment {name} cannot be read; {known} can", index)
        elif begins:
            self.environments.append(name)
        elif not self.environments or self.environments.pop() != name:
            raise self.error(rf"no \begin{{{name}}} is open here", index)
        return index + 1

    def relation(self, index: int) -> None:
        text = self.lexemes.text(index)
        if len(self.frames) > 1:
            raise self.error(f"the relation {text} within brackets cannot be read", index)
        self.separate("RELATION", RELATIONS.get(text, "!="), index)

    # Names

    def name(self, index: int, last: int, base: str, after: int) -> int:
        """Write a name: the longest that is declared, then what its scripts mean beyond that."""
        subscript, superscript, end = self.lexemes.scripts(after, last)
        found, subscript, superscript = self.declared(base, subscript, superscript)
        if found is None and (subscript or not self.bound(base)):
            return self.known_to_all(index, base, after, last)
        name = found or base
        kind = "index" if found is None else self.names.kinds[name]
        closing = superscript.sign if superscript and superscript.after == end else end
        if kind == "function":
            self.write("DECLARED_FUNCTION", name, index, closing)
        elif subscript:
            self.entry(name, kind, index, subscript, closing)
        else:
            self.write("NAME", name, index, closing)
        if superscript:
            self.superscript(superscript, name)
        return end

    def declared(
        self, base: str, subscript: Script | None, superscript: Script | None
    ) -> tuple[str | None, Script | None, Script | None]:
        """Return the longest declared name that begins so, and the scripts beyond it."""
        heads: list[tuple[Script | None, Script | None]] = [(None, subscript)]
        if subscript:
            commas = self.lexemes.commas(subscript.first, subscript.last)[:4]
            heads += [
                (subscript._replace(last=comma), subscript._replace(first=comma + 1)) for comma in commas
            ]
            heads.append((subscript, None))
        for head, rest in reversed(heads):
            for power, beyond in ((superscript, None), (None, superscript)):
                name = scripted(self.lexemes, base, head, power)
                if name in self.names.kinds and not (head is None and power is None and self.bound(base)):
                    if head:
                        self.refuse_bound(name, head)
                    return name, rest, beyond
        return None, subscript, superscript

    def refuse_bound(self, name: str, subscript: Script) -> None:
        """Refuse a declared ``w_i`` where a sum runs over i: it might be meant as the ith entry of w."""
        index = subscript.first
        while index < subscript.last:
            atom = self.lexemes.atom(index, subscript.last, self.names.commands)
            if atom and self.bound(atom[0]):
                problem = (
                    f"{name} is declared as one symbol, but {atom[0]} is an index that runs here: rename one"
                )
                raise self.error(problem, subscript.sign, subscript.after)
            index = atom[1] if atom else index + 1

    def bound(self, name: str) -> bool:
        return any(name in frame.bound for frame in self.frames)

    def known_to_all(self, index: int, base: str, after: int, last: int) -> int:
        """Write what has a meaning without being declared, or say that it is undeclared."""
        subscript, superscript, end = self.lexemes.scripts(after, last)
        word = self.word(base)
        if base in FILLED and base not in self.names.kinds:
            self.write("FILLED", FILLED[base], index, after)
            if subscript:
                self.braced(subscript, subscript.sign)
            if superscript:
                self.superscript(superscript, base)
            return end
        if base in CONSTANTS and not subscript:
            self.write("CONSTANT", CONSTANTS[base], index, after)
            if superscript:
                self.superscript(superscript, base)
            return end
        if word in FUNCTIONS:
            self.write("FUNCTION", FUNCTIONS[word], index, after)
            return after
        if word in {"min", "max"}:
            return self.fold(index, last, after)
        raise self.undeclared(index, base, subscript, superscript, end)

    def word(self, base: str) -> str:
        r"""Return the letters of ``\operatorname{tr}``, ``\mathrm{tr}`` or ``\text{tr}``."""
        match = re.fullmatch(r"(\\[a-z]+\*?)\s*\{?([A-Za-z]+)\}?", base)
        return match[2] if match and match[1] in WORDS else ""

    def undeclared(
        self, index: int, base: str, subscript: Script | None, superscript: Script | None, end: int
    ) -> CheckError:
        if self.bound(base):
            return self.error(f"{base} is an index that runs here and has no subscript", index, end)
        if strange := re.fullmatch(r"\\mathbb ([A-Z])", base):
            what = BLACKBOARD.get(strange[1])
            if what:
                return self.error(f"{base} is {what}, which cannot be checked", index, end)
        if base.startswith((r"\text{", r"\textrm{", r"\text ")):
            problem = rf"{base} is text within a formula: a remark goes after && at the end of its line"
            return self.error(problem, index, end)
        if superscript and not self.like_a_name(superscript):
            superscript = None
        name = scripted(self.lexemes, base, subscript, superscript)
        return self.error(self.names.unknown(name), index, end)

    def entry(self, name: str, kind: str, index: int, subscript: Script, end: int) -> None:
        """Write an entry of a vector, matrix or sequence with its indices."""
        whole = self.lexemes.joined(subscript.first, subscript.last)
        if kind not in {"vector", "matrix", "sequence"}:
            shown = f"{name}_{whole}" if len(whole) == 1 else f"{name}_{{{whole}}}"
            problem = f"{self.names.unknown(shown)} ({name} is a {kind} and has no entries)"
            raise self.error(problem, index, end)
        commas = self.lexemes.commas(subscript.first, subscript.last)
        indices = self.split(subscript.first, subscript.last)
        letters = [
            item for item in self.lexemes.items[subscript.first : subscript.last] if item.kind != "other"
        ]
        pair = not commas and len(letters) == subscript.last - subscript.first == 2
        digits = not commas and re.fullmatch(r"\d\d", whole)
        if kind == "matrix" and pair:
            indices = [(subscript.first, subscript.first + 1), (subscript.first + 1, subscript.last)]
        elif pair and all(item.kind == "letter" for item in letters):
            raise self.error(f"{name} is a {kind}: one index is wanted, not {whole}", index, end)
        wanted = 2 if kind == "matrix" else 1
        if len(indices) != wanted and not (kind == "matrix" and digits):
            count = "two indices are" if wanted == 2 else "one index is"
            raise self.error(f"{name} is a {kind}: {count} wanted, not {whole}", index, end)
        self.write("NAME", name, index, end)
        self.write("INDICES", "_", subscript.sign)
        if kind == "matrix" and digits:
            self.write("NUMBER", whole[0], subscript.first)
            self.write("COMMA", ",", subscript.first)
            self.write("NUMBER", whole[1], subscript.first)
        else:
            for position, (first, last) in enumerate(indices):
                if position:
                    self.write("COMMA", ",", first - 1)
                self.within(Script(first - 1, first, last, last), index)
        self.write("CLOSE", "}", subscript.after - 1)

    def like_a_name(self, superscript: Script) -> bool:
        r"""Whether a superscript is no power but part of a name: ``w^*``, ``w^{(1)}``, ``X^+``."""
        texts = [item.text for item in self.lexemes.items[superscript.first : superscript.last]]
        bracketed = texts[:1] == ["("] and texts[-1] == ")" and "(" not in texts[1:]
        return bracketed or (
            len(texts) == 1 and texts[0] in {"*", "+", "-", r"\ast", r"\star", r"\dagger", r"\circ"}
        )

    # Scripts

    def caret(self, index: int, last: int) -> int:
        if not self.operand_ended and not (self.tokens and self.tokens[-1].type.endswith("FUNCTION")):
            raise self.error(
                "a superscript of nothing: a name, a number or a bracket is wanted before it", index
            )
        if index and self.tokens[-1].type in {"TRANSPOSE", "INVERSE_TRANSPOSE", "ELEMENTWISE_POWER"}:
            raise self.error("two superscripts: put the first into brackets with its base", index)
        argument = self.lexemes.argument(index + 1, last, "^")
        ended = self.operand_ended
        self.superscript(argument, "")
        self.operand_ended = ended
        if self.lexemes.text(argument.after) == "^":
            raise self.error("two superscripts: put the first into brackets with its base", argument.after)
        return argument.after

    def subscript(self, index: int, last: int) -> int:
        raise self.error(
            "this subscript belongs to no name: entries are read from declared names only", index
        )

    def superscript(self, script: Script, base: str) -> None:
        """Write a power, a transpose, primes, or a power entry by entry."""
        sign, first, last, after = script
        texts = [item.text for item in self.lexemes.items[first:last]]
        negative = texts[:1] == ["-"]
        body = self.lexemes.joined(first + negative, last)
        if body in TRANSPOSES and (body != "T" or "T" not in self.names.kinds):
            kind = "INVERSE_TRANSPOSE" if negative else "TRANSPOSE"
            self.write(kind, body, sign, after)
        elif body == "T" and self.names.kinds.get(base) in {"vector", "matrix"}:
            problem = (
                rf"T is declared, so ^T may be a power or a transpose: write {base}^\top for the transpose"
            )
            raise self.error(problem, sign, after)
        elif texts and not set(texts) - {"'", r"\prime"}:
            self.write("PRIMES", str(len(texts)), sign, after)
        elif self.like_a_name(script):
            shown = self.lexemes.joined(first, last)
            shown = shown if len(shown) == 1 else f"{{{shown}}}"
            problem = (
                self.names.unknown(f"{base}^{shown}") if base else f"^{shown} is read as part of a name only"
            )
            raise self.error(
                f"{problem} (a power has no brackets)" if texts[0] == "(" else problem, sign, after
            )
        elif texts and texts[0] in {r"\odot", r"\circ"}:
            if not re.fullmatch(r"[2-9]", "".join(texts[1:])):
                raise self.error(r"a number from 2 to 9 is wanted after ^\odot", sign, after)
            self.write("ELEMENTWISE_POWER", texts[1], sign, after)
        else:
            self.write("SUPERSCRIPT", "^", sign)
            self.braced(script, sign)

    def primes(self, index: int, last: int) -> int:
        after = index
        while self.lexemes.text(after) == "'":
            after += 1
        if not self.tokens or self.tokens[-1].type != "DECLARED_FUNCTION":
            raise self.error(
                "a prime differentiates a declared function: nothing else can have one", index, after
            )
        if after - index > 9:
            raise self.error("more than 9 primes", index, after)
        self.write("PRIMES", str(after - index), index, after)
        return after

    # Fractions, roots, derivatives

    def fraction(self, index: int, last: int) -> int:
        text = self.lexemes.text(index)
        top = self.lexemes.argument(index + 1, last, text)
        bottom = self.lexemes.argument(top.after, last, f"the denominator of {text}")
        if not self.derivative(index, top, bottom):
            self.write("FRACTION", text, index)
            self.braced(top, index)
            self.braced(bottom, index)
        return bottom.after

    def derivative(self, index: int, top: Script, bottom: Script) -> bool:
        r"""Write ``\frac{d}{dx}`` or ``\frac{d f}{d x}``; return False if the fraction is a quotient."""
        differential = self.differential(top.first, top.last)
        if differential is None:
            return False
        sign, after = differential
        order, body = self.order(after, top.last)
        closed = body < top.last
        if closed and sign == "d" and self.names.kinds.get("d", "dimension") != "dimension":
            return False
        variables = self.variables(sign, bottom)
        if variables is None:
            return False
        if len(variables) != order:
            problem = f"the numerator says order {order}, the denominator {len(variables)}"
            raise self.error(problem, index, bottom.after)
        self.write("DERIVATIVE", "derivative", index, bottom.after)
        self.tokens += variables
        if closed:
            self.braced(top._replace(first=body), index)
        self.operand_ended = closed
        return True

    def differential(self, index: int, last: int) -> tuple[str, int] | None:
        """Return the sign of differentiation at ``index`` and what comes after it."""
        if index < last and self.lexemes.text(index) == r"\partial":
            return r"\partial", index + 1
        atom = self.lexemes.atom(index, last, self.names.commands)
        return ("d", atom[1]) if atom and atom[0] in {"d", r"\mathrm d"} else None

    def order(self, index: int, last: int) -> tuple[int, int]:
        """Return the power at ``index``, at least 1 and less than 10, and what comes after it."""
        if index < last and self.lexemes.text(index) == "^":
            argument = self.lexemes.argument(index + 1, last, "^")
            if re.fullmatch(r"[1-9]", self.lexemes.joined(argument.first, argument.last)):
                return int(self.lexemes.text(argument.first)), argument.after
        return 1, index

    def variables(self, sign: str, bottom: Script) -> list[Token] | None:
        """Return the variables of a denominator, or None if it is not made of differentials alone."""
        found: list[Token] = []
        index = bottom.first
        while index < bottom.last:
            differential = self.differential(index, bottom.last)
            if differential is None or differential[0] != sign:
                return None
            read = self.variable(differential[1], bottom.last)
            if read is None:
                return None
            variable, index = read
            times, index = self.order(index, bottom.last)
            found += [variable] * times
        return found or None

    def variable(self, index: int, last: int) -> tuple[Token, int] | None:
        """Return the declared name at ``index`` as a variable, and what comes after it."""
        atom = self.lexemes.atom(index, last, self.names.commands)
        if atom is None:
            return None
        subscript, superscript, after = self.lexemes.scripts(atom[1], last)
        name, rest, power = self.declared(atom[0], subscript, superscript)
        if name is None or rest:
            if name is None and self.bound(atom[0]) and not subscript:
                name = atom[0]
            elif name is None:
                raise self.undeclared(index, atom[0], subscript, superscript, after)
            else:
                raise self.error(
                    f"a derivative in an entry of {name}: declare the entry as a name", index, after
                )
        end = power.sign if power else after
        items = self.lexemes.items
        return Token("VARIABLE", name, start_pos=items[index].start, end_pos=items[end - 1].end), end

    def nabla(self, index: int, last: int) -> int:
        subscript, superscript, after = self.lexemes.scripts(index + 1, last)
        order = 1
        if superscript:
            power = self.lexemes.joined(superscript.first, superscript.last)
            if power != "2":
                raise self.error(r"\nabla^2 is the Hessian; no other power is read", index, after)
            order = 2
        if subscript is None:
            self.write("NABLA", str(order), index, after)
            return after
        read = self.variable(subscript.first, subscript.last)
        if read is None or read[1] != subscript.last:
            raise self.error(r"a declared name is wanted as the subscript of \nabla", index, after)
        self.write("DERIVATIVE", "gradient", index, after)
        self.tokens += [read[0]] * order
        return after

    def root(self, index: int, last: int) -> int:
        after = index + 1
        degree: Script | None = None
        if self.lexemes.text(after) == "[":
            end = after
            while end < last and self.lexemes.text(end) != "]":
                end = self.lexemes.partner[end] + 1 if self.lexemes.text(end) == "{" else end + 1
            if end >= last:
                raise self.error("this [ is never closed: ] is wanted", after)
            degree, after = Script(after, after + 1, end, end + 1), end + 1
        argument = self.lexemes.argument(after, last, r"\sqrt")
        self.write("ROOT", r"\sqrt", index)
        if degree:
            self.braced(degree, index)
        self.braced(argument, index)
        return argument.after

    # Sums, products and extrema over an index

    def fold(self, index: int, last: int, after: int | None = None) -> int:
        text = self.lexemes.text(index)
        operator = FOLDS.get(text) or self.word(self.lexemes.joined(index, after or index + 1))
        subscript, superscript, end = self.lexemes.scripts(after or index + 1, last)
        if subscript is None:
            if operator in {"min", "max"} and superscript is None:
                self.write("EXTREMUM", operator, index, after)
                return end
            raise self.error(rf"{text} names no index: write {text}_{{j=1}}^{{k}} or {text}_j", index, end)
        indices, bounds = self.range(index, subscript, superscript, end)
        for first, name in indices:
            self.write("FOLD", operator, index, end)
            self.write("VARIABLE", name, first)
            for bound in bounds:
                self.braced(bound, index)
        self.frames[-1].bound.update(name for _, name in indices)
        self.operand_ended = False
        return end

    def range(
        self, index: int, subscript: Script, superscript: Script | None, end: int
    ) -> tuple[list[tuple[int, str]], list[Script]]:
        """Return the indices of a sum, with their places, and its bounds as ranges of lexemes."""
        _, first, last, _ = subscript
        signs = [i for i in range(first, last) if self.lexemes.text(i) in RELATIONS]
        kinds = [RELATIONS[self.lexemes.text(i)] for i in signs]
        names, bounds = (first, last), list[Script]()
        if kinds == ["="] and superscript:
            names = (first, signs[0])
            bounds = [Script(signs[0], signs[0] + 1, last, last), superscript]
        elif kinds == ["<=", "<="] and not superscript:
            names = (signs[0] + 1, signs[1])
            bounds = [Script(index, first, signs[0], signs[0]), Script(signs[1], signs[1] + 1, last, last)]
        elif kinds or superscript:
            text = self.lexemes.text(index)
            problem = rf"a range is wanted: {text}_{{j=1}}^{{k}}, {text}_{{1 \le j \le k}} or {text}_j"
            raise self.error(problem, index, end)
        return [self.index(index, *one) for one in self.split(*names)], bounds

    def split(self, first: int, last: int) -> list[tuple[int, int]]:
        commas = self.lexemes.commas(first, last)
        return list(zip([first, *(comma + 1 for comma in commas)], [*commas, last], strict=True))

    def index(self, of: int, first: int, last: int) -> tuple[int, str]:
        """Return an index that begins to run here."""
        atom = self.lexemes.atom(first, last, self.names.commands)
        text = self.lexemes.text(of)
        if atom is None or atom[1] != last:
            raise self.error(
                f"{text} runs over an index: a single letter is wanted here", max(first, of), last
            )
        kind = self.names.kinds.get(atom[0], "index")
        if kind not in {"index", "dimension", "scalar"}:
            raise self.error(f"{text} runs over an index, but {atom[0]} is a {kind}", first, last)
        return first, atom[0]

    # What cannot be read

    def unreadable(self, index: int) -> CheckError:
        lexeme = self.lexemes.items[index]
        text = lexeme.text
        if text in UNCHECKABLE:
            return self.error(f"{text} is {UNCHECKABLE[text]}", index)
        if text == r"\partial":
            return self.error(
                r"\partial is read in fractions such as \frac{\partial}{\partial x} only", index
            )
        if lexeme.kind == "command":
            near = get_close_matches(text, _KNOWN, 1, 0.6)
            return self.error(
                f"unknown command {text}" + (f"; did you mean {near[0]}?" if near else ""), index
            )
        return self.error(f"{text} cannot be read here", index)


_CLOSING = frozenset(BRACKETS.values())
_DELIMITERS = {*BRACKETS, *_CLOSING, *BARS, r"\langle", r"\rangle"}
_HANDLERS = {
    **dict.fromkeys("{}", _Scanner.skip),
    **dict.fromkeys({*BRACKETS, *_CLOSING}, _Scanner.bracket),
    **dict.fromkeys((r"\langle", r"\rangle"), _Scanner.angle),
    **dict.fromkeys(SIZES | OPENING_SIZES | CLOSING_SIZES, _Scanner.size),
    **dict.fromkeys(BARS, _Scanner.bar),
    **dict.fromkeys((r"\norm", r"\abs"), _Scanner.norm_of),
    **dict.fromkeys(("begin", "end"), _Scanner.environment),
    "newline": _Scanner.newline,
    **dict.fromkeys("+-", _Scanner.sign),
    ",": _Scanner.comma,
    ";": _Scanner.semicolon,
    ".": _Scanner.full_stop,
    "&": _Scanner.column,
    "^": _Scanner.caret,
    "_": _Scanner.subscript,
    "'": _Scanner.primes,
    **dict.fromkeys(FRACTIONS, _Scanner.fraction),
    r"\sqrt": _Scanner.root,
    r"\nabla": _Scanner.nabla,
    **dict.fromkeys(FOLDS, _Scanner.fold),
}
_KNOWN = sorted(
    {
        text
        for text in (*_HANDLERS, *RELATIONS, *OPERATORS, *GREEK, *BARS, *ARGUMENTS)
        if text.startswith("\\")
    }
    | {"\\" + name for name in FUNCTIONS}
)
