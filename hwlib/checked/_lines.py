"""Lines and commas: where one chain of relations ends and the next begins."""

from lark import Token

from hwlib.checked._errors import CheckError


def chains(tokens: list[Token], latex: str) -> list[Token]:
    """Return the tokens with a SEPARATOR between chains, where before there were BREAKs.

    A line that begins with a relation goes on from the line before. So does one without a relation that
    begins with a sign, or that the line before waits for. After a comma or a semicolon, and on any other
    line, a new chain begins; each must have a relation.

    Parameters
    ----------
    tokens : list of Token
        As the scanner wrote them; a BREAK is a comma, a semicolon or the end of a line.
    latex : str
        Their text, for errors.

    Returns
    -------
    list of Token
        Those of the chains, one after the other.

    Raises
    ------
    CheckError
        If a chain has no relation, or if it can't be told whether a line goes on.
    """
    found: list[list[Token]] = []
    for piece, ended_by_comma, on_new_line in _pieces(tokens):
        if found and on_new_line and _goes_on(piece, found[-1], ended_by_comma, latex):
            found[-1] += piece
        else:
            found.append(list(piece))
    result: list[Token] = []
    for chain in found:
        _check_relation(chain, latex)
        if result:
            result.append(Token("SEPARATOR", ",", start_pos=chain[0].start_pos, end_pos=chain[0].start_pos))
        result += chain
    return result


def one_expression(tokens: list[Token]) -> list[Token]:
    """Return the tokens without the ends of lines and the punctuation at the end."""
    while tokens and tokens[-1].type == "BREAK":
        tokens = tokens[:-1]
    return [token for token in tokens if not ends_line(token)]


def _pieces(tokens: list[Token]) -> list[tuple[list[Token], bool, bool]]:
    """Return what stands between BREAKs, each with whether a comma and whether a line's end is before it."""
    found: list[tuple[list[Token], bool, bool]] = []
    piece: list[Token] = []
    comma, line = False, False
    for token in tokens:
        if token.type != "BREAK":
            piece.append(token)
            continue
        if piece:
            found.append((piece, comma, line))
            piece, comma, line = [], False, False
        line |= ends_line(token)
        comma |= not ends_line(token)
    return [*found, (piece, comma, line)] if piece else found


def _goes_on(piece: list[Token], before: list[Token], ended_by_comma: bool, latex: str) -> bool:
    first = piece[0]
    if first.type == "RELATION":
        return True
    if ended_by_comma:
        return False
    unfinished = before[-1].type in {"RELATION", "SIGN", "OPERATOR"}
    waits = unfinished or not _has_relation(before)
    if first.type == "OPERATOR" or first == "+":
        return True
    if not _has_relation(piece):
        return waits or first.type == "SIGN"
    if first.type == "SIGN" and not waits:
        problem = (
            "does this line go on from the one before, or begin a new relation? To begin, end the line "
            "before with a comma; to go on, put the relation on a line of its own"
        )
        raise CheckError(problem, latex, (span_of(first)[0], span_of(piece[-1])[1]))
    return unfinished


def ends_line(token: Token) -> bool:
    """Whether it is a line's end, not a comma."""
    return token.type == "BREAK" and str(token) == r"\\"


def _has_relation(tokens: list[Token]) -> bool:
    return any(token.type == "RELATION" for token in tokens)


def _check_relation(chain: list[Token], latex: str) -> None:
    first = chain[0]
    if first.type == "RELATION":
        sign = latex[slice(*span_of(first))]
        raise CheckError(f"nothing stands before {sign}: a left side is wanted", latex, span_of(first))
    if not _has_relation(chain):
        raise CheckError(
            r"no relation: one of = \ne < \le > \ge := is wanted",
            latex,
            (span_of(first)[0], span_of(chain[-1])[1]),
        )


def span_of(token: Token) -> tuple[int, int]:
    """Return where a token begins and ends."""
    return token.start_pos or 0, token.end_pos or 0
