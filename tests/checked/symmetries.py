"""Whether two relations say the same up to a symmetry, found in their forms without evaluating anything.

The symmetries: terms of a sum and scalar factors change places; a sign moves out of a product, an absolute
value or an even power; a transpose turns a product round, and is nothing on a scalar, on a symmetric matrix
and in a norm; a trace is cyclic; products with 0 and 1 and sums of numerals are carried out; a side and the
other of an equality change places; a bound index has any name.
"""

from fractions import Fraction

from hwlib.checked import _expressions as ex

Form = tuple  # a head and what belongs to it; sums are ("sum", ((coefficient, form), ...))

SCALAR_KINDS = {"scalar", "index"}
OF_A_MATRIX = {"tr", "det", "rank"}
MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
NOTHING = Fraction(0)


class Symmetries:
    """Normal forms of expressions under what is declared."""

    def __init__(self, formula):
        self.kinds = dict(formula.symbols)
        self.defined = set(formula.definitions)
        self.symmetric = {
            text.partition("=")[0].strip()
            for text in formula.assumptions
            if "=" in text and text.partition("=")[2].strip() == text.partition("=")[0].strip() + r"^\top"
        }
        self.symmetric |= {
            text.split()[0] for text in formula.assumptions if "definite" in text or "symmetric" in text
        }

    def between(self, first: list[ex.Relation], second: list[ex.Relation]) -> bool:
        """Whether relations are read in other ways than others, and yet say the same."""
        if len(first) != len(second) or all(_alike(a, b) for a, b in zip(first, second, strict=True)):
            return False
        return all(self.relation(a) == self.relation(b) for a, b in zip(first, second, strict=True))

    def relation(self, one: ex.Relation) -> Form:
        """The normal form of a relation."""
        left, right, sign = self.form(one.left), self.form(one.right), one.sign
        if sign in {">", ">="}:
            left, right, sign = right, left, MIRRORED[sign]
        if sign in {"=", "!="}:
            left, right = sorted((left, right), key=repr)
        return sign, left, right

    def form(self, one: ex.Expression) -> Form:
        """The normal form of an expression."""
        return _as_sum(self.terms(one))

    def terms(self, one: ex.Expression) -> dict[Form, Fraction]:
        """An expression as a sum of forms with rational coefficients."""
        handler = getattr(self, f"_{type(one).__name__.lower()}", None)
        if handler:
            return handler(one)
        return {self._plain(one): Fraction(1)}

    # what is a scalar, by its form alone

    def is_scalar(self, one: ex.Expression) -> bool:
        """Whether an expression is certainly a scalar."""
        if isinstance(one, ex.Number | ex.Constant | ex.Norm | ex.Inner | ex.Extremum):
            return True
        if isinstance(one, ex.Symbol):
            return self.kinds.get(one.name, "scalar" if one.name not in self.defined else "") in SCALAR_KINDS
        if isinstance(one, ex.Entry):
            return one.name in self.kinds and "vector" not in self.kinds[one.name].partition(",")[2]
        if isinstance(one, ex.Apply):
            return one.function in OF_A_MATRIX or (one.function != "diag" and self.is_scalar(one.argument))
        if isinstance(one, ex.Power | ex.Quotient | ex.Transpose | ex.Folded | ex.Sum | ex.Elementwise | ex.Root):
            return self.is_scalar(next(part for part in self._parts(one)))
        if isinstance(one, ex.Product):
            return all(map(self.is_scalar, one.factors)) or self._is_form(one)
        return False

    def _parts(self, one: ex.Expression):
        if isinstance(one, ex.Folded):
            return iter((one.body,))
        if isinstance(one, ex.Root):
            return iter((one.argument,))
        return one.children

    def _is_form(self, one: ex.Product) -> bool:
        """Whether a product begins with a row and ends with a column."""
        factors = [factor for factor in one.factors if not self.is_scalar(factor)]
        if len(factors) < 2:
            return False
        first, last = factors[0], factors[-1]
        return isinstance(first, ex.Transpose) and self._is_vector(first.argument) and self._is_vector(last)

    def _is_vector(self, one: ex.Expression) -> bool:
        if isinstance(one, ex.Symbol):
            return self.kinds.get(one.name, "").startswith("vector")
        if isinstance(one, ex.Sum):
            return any(self._is_vector(term) for _, term in one.terms)
        if isinstance(one, ex.Product):
            return self._is_vector(one.factors[-1])
        return isinstance(one, ex.Filled) and one.what == "ones"

    # sums and products

    def _number(self, one: ex.Number) -> dict[Form, Fraction]:
        return {("one",): one.value} if one.value else {}

    def _filled(self, one: ex.Filled) -> dict[Form, Fraction]:
        return {} if one.what == "zero" else {("filled", one.what): Fraction(1)}

    def _sum(self, one: ex.Sum) -> dict[Form, Fraction]:
        total: dict[Form, Fraction] = {}
        for sign, term in one.terms:
            for form, coefficient in self.terms(term).items():
                total[form] = total.get(form, NOTHING) + sign * coefficient
        return {form: coefficient for form, coefficient in total.items() if coefficient}

    def _product(self, one: ex.Product) -> dict[Form, Fraction]:
        coefficient, scalars, others = Fraction(1), [], []
        for factor in one.factors:
            terms = self.terms(factor)
            if not terms:
                return {}
            outer, form = _taken_out(terms)
            coefficient *= outer
            if form == ("one",):
                continue
            if self.is_scalar(factor):
                scalars += form[1] if form[0] == "scalars" else [form]
            else:
                inner, rest = _split(form)
                scalars += inner
                others += rest
        if self._is_form(one):
            turned = [_transposed(form, self.symmetric) for form in reversed(others)]
            others = min(others, turned, key=repr)
            scalars.append(("product", tuple(others)))
            others = []
        return {_joined(scalars, others): coefficient}

    def _quotient(self, one: ex.Quotient) -> dict[Form, Fraction]:
        below = self.terms(one.denominator)
        if not below:
            return {self._plain(one): Fraction(1)}
        outer, form = _taken_out(below)
        inverse = [] if form == ("one",) else [("power", form, (("one", Fraction(-1)),))]
        result = {}
        for above, coefficient in self.terms(one.numerator).items():
            scalars, others = _split(above)
            if self.is_scalar(one.numerator):
                scalars, others = scalars + others, []
            result[_joined([*scalars, *inverse], others)] = coefficient / outer
        return result

    def _power(self, one: ex.Power) -> dict[Form, Fraction]:
        exponent = self.terms(one.exponent)
        whole = exponent.get(("one",), NOTHING) if set(exponent) <= {("one",)} else None
        if whole == 1:
            return self.terms(one.base)
        outer, base = _taken_out(self.terms(one.base))
        if whole is not None and whole.denominator == 1 and (outer or whole > 0):
            if base == ("one",) or not outer:
                return {("one",): outer**whole} if outer else {}
            if base[0] == "sum" and whole % 2 == 0:
                base = _without_sign(base)
            return {("power", base, _as_sum(exponent)): outer**whole}
        return {("power", self.form(one.base), _as_sum(exponent)): Fraction(1)}

    def _elementwise(self, one: ex.Elementwise) -> dict[Form, Fraction]:
        left, right = _taken_out(self.terms(one.left)), _taken_out(self.terms(one.right))
        if one.operator != "times":
            return {("over", left[1], right[1]): left[0] / right[0] if right[0] else NOTHING}
        coefficient = left[0] * right[0]
        return {("times", *sorted((left[1], right[1]), key=repr)): coefficient} if coefficient else {}

    # transposes, norms and functions

    def _transpose(self, one: ex.Transpose) -> dict[Form, Fraction]:
        if self.is_scalar(one.argument):
            return self.terms(one.argument)
        return {
            _transposed(form, self.symmetric): coefficient
            for form, coefficient in self.terms(one.argument).items()
        }

    def _norm(self, one: ex.Norm) -> dict[Form, Fraction]:
        terms = self.terms(one.argument)
        if not terms:
            return {}
        outer, form = _taken_out(terms)
        if one.kind in {"2", "F"}:
            form = min(form, _transposed(form, self.symmetric), key=repr)
        return {("norm", "2" if one.kind == "F" else one.kind, _without_sign(form)): abs(outer)}

    def _apply(self, one: ex.Apply) -> dict[Form, Fraction]:
        outer, form = _taken_out(self.terms(one.argument))
        if one.function == "abs":
            return {("abs", _without_sign(form)): abs(outer)}
        if one.function in {"tr", "det", "rank"}:
            choices = [form, _transposed(form, self.symmetric)]
            if form[0] == "product":
                choices += [
                    ("product", one[1][at:] + one[1][:at]) for one in list(choices) for at in range(len(one[1]))
                ]
            return {(one.function, outer, min(choices, key=repr)): Fraction(1)}
        return {(one.function, self.form(one.argument)): Fraction(1)}

    def _inner(self, one: ex.Inner) -> dict[Form, Fraction]:
        left, right = _taken_out(self.terms(one.left)), _taken_out(self.terms(one.right))
        coefficient = left[0] * right[0]
        return {("inner", *sorted((left[1], right[1]), key=repr)): coefficient} if coefficient else {}

    def _extremum(self, one: ex.Extremum) -> dict[Form, Fraction]:
        return {("extremum", one.operator, *sorted(map(self.form, one.arguments), key=repr)): Fraction(1)}

    def _folded(self, one: ex.Folded) -> dict[Form, Fraction]:
        body = _renamed(self.form(one.body), one.index)
        bounds = [None if bound is None else self.form(bound) for bound in (one.lower, one.upper)]
        return {("folded", one.operator, *bounds, body): Fraction(1)}

    def _plain(self, one: ex.Expression) -> Form:
        parts = tuple(
            value if isinstance(value, str | int) else None
            for name, value in vars(one).items()
            if name not in {"start", "end"}
        )
        return (type(one).__name__, parts, *(self.form(child) for child in one.children))


def _alike(first: ex.Relation, second: ex.Relation) -> bool:
    return (
        first.sign == second.sign and ex.alike(first.left, second.left) and ex.alike(first.right, second.right)
    )


def _as_sum(terms: dict[Form, Fraction]) -> Form:
    if len(terms) == 1:
        ((form, coefficient),) = terms.items()
        if coefficient == 1:
            return form
    return ("sum", tuple(sorted(terms.items(), key=repr)))


def _taken_out(terms: dict[Form, Fraction]) -> tuple[Fraction, Form]:
    """A single term's coefficient and its form; a sum of several as it is."""
    if not terms:
        return NOTHING, ("one",)
    if len(terms) == 1:
        ((form, coefficient),) = terms.items()
        return coefficient, form
    return Fraction(1), _as_sum(terms)


def _split(form: Form) -> tuple[list[Form], list[Form]]:
    """The scalar factors of a form, and its others in their order."""
    if form[0] == "scalars":
        return list(form[1]), []
    if form[0] == "mixed":
        return list(form[1]), list(form[2])
    if form[0] == "product":
        return [], list(form[1])
    return [], [] if form == ("one",) else [form]


def _joined(scalars: list[Form], others: list[Form]) -> Form:
    scalars = sorted(scalars, key=repr)
    if not scalars and not others:
        return ("one",)
    if not others:
        return scalars[0] if len(scalars) == 1 else ("scalars", tuple(scalars))
    if scalars:
        return ("mixed", tuple(scalars), tuple(others))
    return others[0] if len(others) == 1 else ("product", tuple(others))


def _transposed(form: Form, symmetric: set[str]) -> Form:
    if form[0] == "transpose":
        return form[1]
    if form[0] == "product":
        return ("product", tuple(_transposed(part, symmetric) for part in reversed(form[1])))
    if form[0] == "mixed":
        return ("mixed", form[1], tuple(_transposed(part, symmetric) for part in reversed(form[2])))
    if form[0] == "sum":
        return _as_sum({_transposed(part, symmetric): coefficient for part, coefficient in form[1]})
    if form[0] in {"one", "scalars"} or form == ("filled", "identity"):
        return form
    if form[0] == "Symbol" and form[1][0] in symmetric:
        return form
    return ("transpose", form)


def _without_sign(form: Form) -> Form:
    """The same for a form and for its negative."""
    if form[0] != "sum":
        return form
    return min(form, _as_sum({part: -coefficient for part, coefficient in form[1]}), key=repr)


def _renamed(form, index: str):
    """A form in which the bound index has no name."""
    if isinstance(form, tuple):
        return tuple(_renamed(part, index) for part in form)
    return "\0" if form == index else form
