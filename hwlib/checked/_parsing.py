"""LaTeX to relations and expressions."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

from lark import Lark, Token, Transformer_NonRecursive
from lark.exceptions import UnexpectedToken, VisitError
from lark.lexer import Lexer

from hwlib.checked._errors import CheckError
from hwlib.checked._expressions import (
    Apply,
    Block,
    Constant,
    Derivative,
    Entry,
    Expression,
    Filled,
    Inner,
    Norm,
    Number,
    Quotient,
    Relation,
    Root,
    Sum,
    Symbol,
)
from hwlib.checked._lines import chains, ends_line, one_expression, span_of
from hwlib.checked._terms import (
    Bracket,
    Differentiate,
    Factor,
    Fold,
    Head,
    Item,
    Nabla,
    NamedExtremum,
    NamedFunction,
    Script,
    Term,
    side,
)
from hwlib.checked._tokens import Names, canonical, scan

__all__ = ["Names", "canonical", "parse_assumption", "parse_expression", "parse_relations"]

DEEPEST_EXPRESSION = 100


def parse_relations(latex: str, names: Names, *, inline: bool = False) -> tuple[Relation, ...]:
    r"""Read relations: each pair of neighbours in each chain is one.

    Parameters
    ----------
    latex : str
        One relation, a chain, or several lines.
    names : Names
        What is declared.
    inline : bool, default False
        Whether it stands within a line of text, where it can have no lines and no remarks of its own.

    Returns
    -------
    tuple of Relation
        In the order written, each with the remark of its line.

    Raises
    ------
    CheckError
        If it cannot be read.
    """
    tokens, remarks = scan(latex, names)
    if inline:
        lines = [span_of(token)[0] for token in tokens if ends_line(token)]
        for place in [*lines, *(start for start, _ in remarks)][:1]:
            problem = "a formula within a line of text has no lines and no remarks"
            raise CheckError(problem, latex, (place, place + 2))
    return _with_remarks(_relations(tokens, latex, names), remarks)


def parse_assumption(text: str, names: Names) -> tuple[Relation, ...]:
    r"""Read an assumption: as ``parse_relations``, and ``rank(X) = n`` needs no backslash.

    Parameters
    ----------
    text : str
        Such as ``0 < x < 1``, which are two relations.
    names : Names
        What is declared.

    Returns
    -------
    tuple of Relation
        In the order written.

    Raises
    ------
    CheckError
        If it cannot be read.
    """
    return _relations(scan(text, names, plain=True)[0], text, names)


def parse_expression(latex: str, names: Names) -> Expression:
    """Read one expression.

    Parameters
    ----------
    latex : str
        Without a relation.
    names : Names
        What is declared.

    Returns
    -------
    Expression
        What it says.

    Raises
    ------
    CheckError
        If it cannot be read.
    """
    expression: Expression = _read("sum", one_expression(scan(latex, names)[0]), latex, names)
    expression = side(expression)
    _check_depth(expression, latex)
    return expression


def _relations(tokens: list[Token], latex: str, names: Names) -> tuple[Relation, ...]:
    found: tuple[Relation, ...] = _read("relations", chains(tokens, latex), latex, names)
    for relation in found:
        _check_depth(relation.left, latex)
        _check_depth(relation.right, latex)
    return found


def _with_remarks(relations: tuple[Relation, ...], remarks: list[tuple[int, str]]) -> tuple[Relation, ...]:
    """Give each remark to the last relation that begins before it."""
    found = list(relations)
    for place, text in remarks:
        before = [i for i, relation in enumerate(found) if relation.start <= place]
        which = before[-1] if before else 0
        both = f"{found[which].remark} {text}".strip()
        found[which] = replace(found[which], remark=both)
    return tuple(found)


class _Written(Lexer):
    """Hands the scanner's tokens to Lark."""

    def __init__(self, _: object):
        pass

    def lex(self, tokens: Any) -> Iterator[Token]:  # type: ignore[override]
        return iter(tokens)


@cache
def _grammar() -> Lark:
    text = files("hwlib.checked").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(text, start=["relations", "sum"], parser="lalr", lexer=_Written)


def _read(start: str, tokens: list[Token], latex: str, names: Names) -> Any:
    """Parse tokens and give them their meaning; every error becomes a CheckError."""
    if not tokens:
        raise CheckError("nothing to read: a formula is wanted", latex)
    try:
        tree = _grammar().parse(tokens, start=start)
        return _Meaning(latex, names).transform(tree)
    except UnexpectedToken as error:
        raise _unexpected(error, latex) from None
    except VisitError as error:
        raise error.orig_exc from None


def _unexpected(error: UnexpectedToken, latex: str) -> CheckError:
    token, end = error.token, len(latex.rstrip())
    start, stop = (end, end + 1) if token.type == "$END" else span_of(token)
    found = latex[start:stop].strip() or "the end"
    if "NUMBER" in error.expected and "OPERATOR" not in error.expected:
        return CheckError(
            f"found {found} where a number, a name or a bracket is wanted", latex, (start, stop)
        )
    return CheckError(f"{found} is not wanted here: an operator or the end is", latex, (start, stop))


def _check_depth(expression: Expression, latex: str) -> None:
    stack = [(expression, 1)]
    while stack:
        one, depth = stack.pop()
        if depth > DEEPEST_EXPRESSION:
            raise CheckError(f"nested deeper than {DEEPEST_EXPRESSION}", latex, (one.start, one.end))
        stack += [(child, depth + 1) for child in one.children]


class _Meaning(Transformer_NonRecursive[Token, Any]):
    """Gives each rule of the grammar its meaning, from the innermost outwards."""

    def __init__(self, latex: str, names: Names):
        super().__init__(visit_tokens=False)
        self.latex = latex
        self.term_reader = Term(latex, names.kinds)

    # Relations, sums, terms

    def relations(self, children: list[Any]) -> tuple[Relation, ...]:
        return tuple(relation for chain in _values(children) for relation in chain)

    def chain(self, children: list[Any]) -> list[Relation]:
        sides = [side(child) for child in children[::2]]
        signs: list[Token] = children[1::2]
        starts = [sides[0].start, *(span_of(sign)[0] for sign in signs[1:])]
        return [
            Relation(left, str(sign), right, start, right.end)
            for (left, right), sign, start in zip(pairwise(sides), signs, starts, strict=True)
        ]

    def sum(self, children: list[Any]) -> Expression:
        first = children[0]
        if len(children) == 1:
            return self.term_reader.read(first)
        start = span_of(first)[0] if isinstance(first, Token) else first[0].start
        signs: list[int] = [1]
        terms: list[Expression] = []
        for child in children:
            if isinstance(child, Token):
                signs[len(terms) :] = [-1 if child == "-" else 1]
            else:
                terms.append(self.term_reader.read(child))
                signs.append(1)
        if len(terms) == 1:
            if signs[0] == 1:
                return terms[0]
            return Sum(start, terms[0].end, ((-1, terms[0]),))
        sided = tuple(zip(signs, (side(term) for term in terms), strict=False))
        return Sum(start, terms[-1].end, sided)

    def term(self, children: list[Item]) -> list[Item]:
        return children

    def factor(self, children: list[Any]) -> Factor:
        (head, start, end), *scripts = children
        return Factor(head, tuple(scripts), start, max([end, *(script.end for script in scripts)]))

    def script(self, children: list[Any]) -> Script:
        token: Token = children[0]
        start, end = span_of(token)
        if token.type == "SUPERSCRIPT":
            return Script(token.type, children[2], 0, start, span_of(children[3])[1])
        count = int(token) if token.type in {"ELEMENTWISE_POWER", "PRIMES"} else 0
        return Script(token.type, None, count, start, end)

    # Atoms: the head of a factor, with its span

    def number(self, children: list[Token]) -> tuple[Head, int, int]:
        span = span_of(children[0])
        return Number(*span, Fraction(children[0].replace("{,}", ""))), *span

    def constant(self, children: list[Token]) -> tuple[Head, int, int]:
        span = span_of(children[0])
        return Constant(*span, str(children[0])), *span

    def name(self, children: list[Token]) -> tuple[Head, int, int]:
        span = span_of(children[0])
        return Symbol(*span, str(children[0])), *span

    def entry(self, children: list[Any]) -> tuple[Head, int, int]:
        span = span_of(children[0])
        return Entry(*span, str(children[0]), tuple(_values(children))), *span

    def filled(self, children: list[Any]) -> tuple[Head, int, int]:
        start, end = span_of(children[0])
        size = next(_values(children), None)
        end = span_of(children[-1])[1]
        return Filled(start, end, str(children[0]), size), start, end

    def function(self, children: list[Token]) -> tuple[Head, int, int]:
        return NamedFunction(str(children[0]), declared=False), *span_of(children[0])

    def call(self, children: list[Token]) -> tuple[Head, int, int]:
        return NamedFunction(str(children[0]), declared=True), *span_of(children[0])

    def extremum(self, children: list[Token]) -> tuple[Head, int, int]:
        return NamedExtremum(str(children[0])), *span_of(children[0])

    def nabla(self, children: list[Token]) -> tuple[Head, int, int]:
        return Nabla(int(children[0])), *span_of(children[0])

    def bracket(self, children: list[Any]) -> tuple[Head, int, int]:
        return Bracket(tuple(_values(children)), str(children[0])), *_outer(children)

    def fraction(self, children: list[Any]) -> tuple[Head, int, int]:
        numerator, denominator = _values(children)
        return Quotient(*_outer(children), numerator, denominator), *_outer(children)

    def root(self, children: list[Any]) -> tuple[Head, int, int]:
        start, end = _outer(children)
        *degree, argument = _values(children)
        if degree:
            return Root(start, end, degree[0], argument), start, end
        return Apply(start, end, "sqrt", argument), start, end

    def norm(self, children: list[Any]) -> tuple[Head, int, int]:
        (argument,) = _values(children)
        kind = str(children[-1]) if children[-1].type == "NORM_KIND" else "2"
        return Norm(*_outer(children), kind, side(argument)), *_outer(children)

    def absolute(self, children: list[Any]) -> tuple[Head, int, int]:
        (argument,) = _values(children)
        start, end = _outer(children)
        doubled = self.latex[start : start + 2] == "||" == self.latex[end - 2 : end]
        if doubled and isinstance(argument, Apply) and argument.end == end - 1:
            raise CheckError(r"a norm is written \|x\|, not ||x||", self.latex, (start, end))
        return Apply(start, end, "abs", argument), start, end

    def inner(self, children: list[Any]) -> tuple[Head, int, int]:
        left, right = _values(children)
        return Inner(*_outer(children), side(left), side(right)), *_outer(children)

    def row(self, children: list[Any]) -> tuple[Expression, ...]:
        return tuple(side(child) for child in _values(children))

    def matrix(self, children: list[Any]) -> tuple[Head, int, int]:
        start, end = _outer(children)
        rows = tuple(_values(children))
        if len({len(row) for row in rows}) > 1:
            lengths = ", ".join(str(len(row)) for row in rows)
            raise CheckError(
                f"rows of {lengths} entries: as many are wanted in each", self.latex, (start, end)
            )
        return Block(start, end, rows), start, end

    def fold(self, children: list[Any]) -> tuple[Head, int, int]:
        fold = Fold(str(children[0]), str(children[1]), tuple(_values(children)))
        return fold, *span_of(children[0])

    def derivative(self, children: list[Token]) -> tuple[Head, int, int]:
        return Differentiate(str(children[0]), _variables(children)), *span_of(children[0])

    def derivative_of(self, children: list[Any]) -> tuple[Head, int, int]:
        body = self.term_reader.read(children[-2])
        span = span_of(children[0])
        return Derivative(*span, "derivative", _variables(children), body), *span


def _values(children: list[Any]) -> Iterator[Any]:
    return (child for child in children if not isinstance(child, Token))


def _outer(children: list[Any]) -> tuple[int, int]:
    return span_of(children[0])[0], span_of(children[-1])[1]


def _variables(children: list[Any]) -> tuple[Symbol, ...]:
    tokens = (child for child in children if isinstance(child, Token) and child.type == "VARIABLE")
    return tuple(Symbol(*span_of(token), str(token)) for token in tokens)
