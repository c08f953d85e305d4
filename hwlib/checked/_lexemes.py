"""LaTeX cut into its smallest pieces, their arguments, and the normal form of a name."""

import re
from typing import NamedTuple

from hwlib.checked._errors import CheckError

MOST_CHARACTERS = 20_000
MOST_LEXEMES = 5_000
DEEPEST = 60

_LETTERS = r"""
\alpha \beta \gamma \delta \epsilon \varepsilon \zeta \eta \theta \vartheta \iota \kappa \varkappa \lambda
\mu \nu \xi \pi \varpi \rho \varrho \sigma \varsigma \tau \upsilon \phi \varphi \chi \psi \omega
\Gamma \Delta \Theta \Lambda \Xi \Pi \Sigma \Upsilon \Phi \Psi \Omega \ell \hbar \imath \jmath
"""
_ACCENTS = r"""
\hat \tilde \bar \vec \dot \ddot \check \breve \acute \grave \mathring \widehat \widetilde
\overline \underline \mathbf \boldsymbol \bm \mathit \mathsf \mathtt \mathcal \mathbb \mathfrak \mathscr
\textbf \textit
"""
GREEK = frozenset(_LETTERS.split())
#: Functions that an assumption may call without a backslash.
PLAIN_WORDS = ("rank", "trace", "tr", "det", "diag", "sqrt", "exp", "log", "abs", "max", "min")
WORDS = frozenset({r"\text", r"\textrm", r"\mathrm", r"\operatorname", r"\operatorname*"})
ACCENTS = WORDS | frozenset(_ACCENTS.split())
FRACTIONS = (r"\frac", r"\tfrac", r"\dfrac", r"\cfrac")
#: Commands that take arguments, with their number.
ARGUMENTS = dict.fromkeys(ACCENTS | {r"\sqrt", r"\norm", r"\abs", "_", "^"}, 1) | dict.fromkeys(FRACTIONS, 2)

_MATRIX = re.compile(r"\\(begin|end)\s*\{\w*matrix\}")
_LEXEME = r"""
    (?P<newline>\\\\(?:\*|\s*\[-?[\d.]+\s*[a-z]{2}\])?)
    | (?P<remark>&\s*&)
    | (?P<skip>\s+ | ~ | %[^\n]* | \\[,;:!>\s]
        | \\(?:label|tag\*?|color|textcolor|[hv]space\*?|[hv]?phantom)\s*\{[^{}]*\}
        | \\(?:quad|qquad|displaystyle|textstyle|limits|nolimits|nonumber|notag|boxed)(?![A-Za-z]) )
    | (?P<begin>\\begin\s*\{[^{}]*\}(?:\[[tbc]\])?)
    | (?P<end>\\end\s*\{[^{}]*\})
    | (?P<number>\d+(?:\{,\}\d{3})*(?:\.\d+)?|\.\d+)
    | (?P<symbol>\\not\s*= | :=|<=|>=|!=)
    | (?P<command>\\operatorname\*? | \\[A-Za-z]+ | \\.)
    | (?P<letter>[A-Za-z])
    | (?P<other>.)
    """
_FLAGS = re.VERBOSE | re.DOTALL | re.ASCII
_PIECE = re.compile(_LEXEME, _FLAGS)
#: Also words without a backslash, before a bracket.
_PLAIN_PIECE = re.compile(rf"(?P<word>(?:{'|'.join(PLAIN_WORDS)})(?=\s*\())|{_LEXEME}", _FLAGS)


class Lexeme(NamedTuple):
    """One piece of LaTeX: its kind, its text and where it stands."""

    kind: str
    text: str
    start: int
    end: int


class Script(NamedTuple):
    """A subscript, superscript or argument: its sign, the range of its lexemes and the first one after it."""

    sign: int
    first: int
    last: int
    after: int


class Lexemes:
    r"""LaTeX as pieces, with the brace that belongs to each brace.

    Parameters
    ----------
    latex : str
        The text, of at most ``MOST_CHARACTERS``.
    plain : bool, default False
        Whether ``rank(`` is a function, as ``\operatorname{rank}(`` is.

    Attributes
    ----------
    items : list of Lexeme
        The pieces that mean something.
    remarks : list of (int, str)
        The texts after ``&&``, and where they begin.
    apart : set of int
        The items with a ``\quad`` before them.
    """

    def __init__(self, latex: str, *, plain: bool = False):
        if len(latex) > MOST_CHARACTERS:
            raise CheckError(f"{len(latex)} characters: a formula has at most {MOST_CHARACTERS}")
        self.latex = latex
        self.items: list[Lexeme] = []
        self.remarks: list[tuple[int, str]] = []
        self.apart: set[int] = set()
        self.partner: dict[int, int] = {}
        self._cut(_PLAIN_PIECE if plain else _PIECE)

    def error(self, problem: str, first: int, last: int | None = None) -> CheckError:
        """Return the error for the lexemes from ``first`` up to ``last``, or for one."""
        if first >= len(self.items):
            end = len(self.latex.rstrip())
            return CheckError(problem, self.latex, (end, end + 1))
        final = self.items[max(first, (last or first + 1) - 1)]
        return CheckError(problem, self.latex, (self.items[first].start, final.end))

    def text(self, index: int) -> str:
        """Return the lexeme's text, or nothing after the last."""
        return self.items[index].text if index < len(self.items) else ""

    def argument(self, index: int, last: int, of: str) -> Script:
        """Return the argument that begins at ``index``: a group in braces, a name, or one piece."""
        if index >= last or self.text(index) == "}":
            raise self.error(f"{of} has no argument here", index - 1)
        if self.text(index) == "{":
            return Script(index - 1, index + 1, self.partner[index], self.partner[index] + 1)
        if self.text(index) in ACCENTS and of not in ACCENTS:
            after = self.argument(index + 1, last, self.text(index)).after
            return Script(index - 1, index, after, after)
        if self.text(index) in ARGUMENTS or self.items[index].kind in {"newline", "begin", "end"}:
            raise self.error(f"put braces around the argument of {of}", index)
        return Script(index - 1, index, index + 1, index + 1)

    def scripts(self, index: int, last: int) -> tuple[Script | None, Script | None, int]:
        """Return the subscript and the superscript that begin at ``index``, and what comes after them."""
        found: dict[str, Script] = {}
        while index < last and self.text(index) in {"_", "^"}:
            kind = self.text(index)
            if kind in found:
                which = "subscripts" if kind == "_" else "superscripts"
                raise self.error(f"two {which}: put the first into brackets or braces with its base", index)
            found[kind] = self.argument(index + 1, last, kind)
            index = found[kind].after
        return found.get("_"), found.get("^"), index

    def commas(self, first: int, last: int) -> list[int]:
        """Return where commas stand between ``first`` and ``last``, outside braces and brackets."""
        found, depth, index = [], 0, first
        while index < last:
            text = self.text(index)
            depth += (text in {"(", "["}) - (text in {")", "]"})
            if text == "," and depth == 0:
                found.append(index)
            index = self.partner[index] + 1 if text == "{" else index + 1
        return found

    def atom(self, index: int, last: int, commands: frozenset[str]) -> tuple[str, int] | None:
        """Return the name without its scripts that begins at ``index``, and what comes after it.

        ``commands`` are those that are names besides letters, accents and Greek.
        """
        if index >= last:
            return None
        kind, text = self.items[index][:2]
        if kind == "letter" or text in GREEK or text in commands:
            return text, index + 1
        if text in ACCENTS:
            argument = self.argument(index + 1, last, text)
            return self._after_command(text, self._argument_text(argument)), argument.after
        if text == "{":
            inner = self.atom(index + 1, self.partner[index], commands)
            if inner and inner[1] == self.partner[index]:
                return inner[0], inner[1] + 1
        return None

    def joined(self, first: int, last: int) -> str:
        """Return the normal form of the lexemes: no spaces, no braces round a single one."""
        result, index = "", first
        while index < last:
            text = self.text(index)
            if text in {"_", "^"} or text in ACCENTS:
                argument = self.argument(index + 1, last, text)
                result, index = self._after_command(result, text), argument.after
                result = self._after_command(result, self._argument_text(argument))
            elif text == "{":
                inside = self.joined(index + 1, self.partner[index])
                result, index = self._after_command(result, inside), self.partner[index] + 1
            else:
                result, index = self._after_command(result, text), index + 1
        return result

    def _argument_text(self, argument: Script) -> str:
        text = self.joined(argument.first, argument.last)
        single = len(text) == 1 or re.fullmatch(r"\\[A-Za-z]+", text)
        return text if single else f"{{{text}}}"

    @staticmethod
    def _after_command(before: str, text: str) -> str:
        apart = text[:1].isalnum() and re.search(r"\\[A-Za-z]+$", before)
        return f"{before} {text}" if apart else before + text

    def _cut(self, piece: re.Pattern[str]) -> None:
        """Cut the text into items and remarks.

        Where an argument is wanted, a number without braces gives its first digit only: a half is ``frac12``.
        """
        position, matrices = 0, 0
        braces = _Braces(self.latex, self.partner)
        while match := piece.match(self.latex, position):
            kind, text = match.lastgroup or "", match.group()
            if kind == "number" and braces.wanted:
                text = text[: 1 + text.startswith(".")]
            elif kind == "remark":
                if not matrices and not braces.open:
                    position = self._remark(match.start(), match.end())
                    continue
                kind, text = "other", "&"
            position += len(text)
            if kind == "skip":
                if text in {r"\quad", r"\qquad"}:
                    self.apart.add(len(self.items))
                continue
            matrices += {"begin": 1, "end": -1}.get(kind, 0) if _MATRIX.match(text) else 0
            braces.see(text, len(self.items), position - len(text))
            self.items.append(Lexeme(kind, text, position - len(text), position))
            if len(self.items) > MOST_LEXEMES:
                raise CheckError(f"more than {MOST_LEXEMES} symbols: check the formula in parts")
        braces.finish(self.items)

    def _remark(self, start: int, position: int) -> int:
        """Keep the remark that begins at ``position``; return where it ends."""
        match = re.compile(r"\\\\|\\end\s*\{").search(self.latex, position)
        end = match.start() if match else len(self.latex)
        text = re.sub(r"\\text\s*\{([^{}]*)\}", r"\1", self.latex[position:end])
        self.remarks.append((start, " ".join(text.replace(r"\quad", " ").replace("~", " ").split())))
        return end


class _Braces:
    """Finds the partner of each brace, and where a command's argument is wanted next."""

    def __init__(self, latex: str, partner: dict[int, int]):
        self.latex = latex
        self.partner = partner
        self.open: list[tuple[int, int]] = []
        self.wanted = 0

    def see(self, text: str, index: int, start: int) -> None:
        if text == "{":
            self.open.append((index, max(self.wanted - 1, 0)))
            self.wanted = 0
            if len(self.open) > DEEPEST:
                raise CheckError(f"braces nested deeper than {DEEPEST}", self.latex, (start, start + 1))
        elif text == "}":
            if not self.open:
                raise CheckError("this } closes no {", self.latex, (start, start + 1))
            opening, self.wanted = self.open.pop()
            self.partner[opening] = index
        else:
            self.wanted = max(self.wanted - 1, 0) + ARGUMENTS.get(text, 0)

    def finish(self, items: list[Lexeme]) -> None:
        if self.open:
            start = items[self.open[-1][0]].start
            raise CheckError("this { is never closed: a } is wanted", self.latex, (start, start + 1))


def canonical(name: str) -> str:
    r"""Return the normal form of a LaTeX name: ``w_{0}`` and ``w_0`` are one name.

    Parameters
    ----------
    name : str
        A letter, a command or an accented one, with a subscript, a superscript, both or none.

    Returns
    -------
    str
        The name without spaces, without braces round a single piece, the subscript first.

    Raises
    ------
    CheckError
        If it is not one name.
    """
    lexemes = Lexemes(name)
    last = len(lexemes.items)
    commands = frozenset(item.text for item in lexemes.items[:1] if re.fullmatch(r"\\[A-Za-z]+", item.text))
    atom = lexemes.atom(0, last, commands - ARGUMENTS.keys())
    if atom is None:
        problem = "a name is wanted: a letter, a Greek letter or one with an accent"
        raise CheckError(problem, name, (0, len(name)))
    subscript, superscript, after = lexemes.scripts(atom[1], last)
    if after < last:
        start = lexemes.items[after].start
        problem = r"one name is wanted; a name of several letters is written \mathrm{...}"
        raise CheckError(problem, name, (start, len(name)))
    return scripted(lexemes, atom[0], subscript, superscript)


def scripted(lexemes: Lexemes, base: str, subscript: Script | None, superscript: Script | None) -> str:
    """Return the normal form of a name with the scripts given."""
    for sign, script in (("_", subscript), ("^", superscript)):
        if script:
            base += sign + lexemes._argument_text(script)
    return base
