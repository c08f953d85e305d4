"""Whether two relations say the same up to a symmetry, found in their forms without evaluating anything.

The symmetries: terms of a sum and scalar factors change places; a sign moves out of a product, an absolute
value or an even power; a transpose turns a product round, and is nothing on a scalar, on a symmetric matrix
and in a norm; a trace is cyclic; products with 0 and 1 and sums of numerals are carried out; a side and the
other of an equality change places; a bound index has any name; a factor without the index moves out of a sum;
beside 0 a number is no factor. What is defined as 0, as a scalar or as something symmetric is that. An
inequality may also become weaker: its larger side by something that cannot be negative.
"""

from fractions import Fraction

from hwlib.checked import CheckError
from hwlib.checked import _expressions as ex
from hwlib.checked._checking import setting
from hwlib.checked._shapes import SCALAR, Shapes, is_scalar

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
        prepared = setting(formula.symbols, formula.definitions, formula.assumptions)
        self.declarations = prepared.declarations
        self.bounds = prepared.samples.premises.assumptions.bounds
        self.whole = {*prepared.declarations.dimensions} | {
            n for n, kind in self.kinds.items() if kind == "index"
        }
        self.bodies = {name: one.body for name, one in prepared.declarations.definitions.items()}
        self.parameters = {name: one.parameters for name, one in prepared.declarations.definitions.items()}
        self.bodies |= {
            one.relation.left.name: one.relation.right
            for one in prepared.samples.premises.assumptions.equations
            if isinstance(one.relation.left, ex.Symbol) and _is_plain(one.relation.right)
        }
        self.plain = {name: body for name, body in self.bodies.items() if not self.parameters.get(name)}
        for name, body in self.plain.items():
            form = self.form(body)
            if form == _transposed(form, self.symmetric):
                self.symmetric.add(name)

    def between(self, first: list[ex.Relation], second: list[ex.Relation]) -> bool:
        """Whether relations are read in other ways than others, and yet say the same."""
        if len(first) != len(second) or all(_alike(a, b) for a, b in zip(first, second, strict=True)):
            return False
        return all(
            self.relation(a) == self.relation(b) or self.is_weaker(b, a)
            for a, b in zip(first, second, strict=True)
        )

    def is_weaker(self, second: ex.Relation, first: ex.Relation) -> bool:
        """Whether an inequality has become another one that follows, by the signs of what was added."""
        if first.sign != second.sign or first.sign not in MIRRORED:
            return False
        added = self._difference(second)
        for form, coefficient in self._difference(first).items():
            added[form] = added.get(form, NOTHING) - coefficient
        return all(
            coefficient >= 0 and self.not_negative(form) for form, coefficient in added.items() if coefficient
        )

    def _difference(self, one: ex.Relation) -> dict[Form, Fraction]:
        """The larger side minus the smaller one."""
        large, small = (one.right, one.left) if one.sign in {"<", "<="} else (one.left, one.right)
        total = dict(self.terms(large))
        for form, coefficient in self.terms(small).items():
            total[form] = total.get(form, NOTHING) - coefficient
        return total

    def not_negative(self, form: Form) -> bool:
        """Whether a form cannot be negative where it has a value."""
        head = form[0]
        if head in {"one", "norm", "abs"} or (head in {"exp", "sqrt", "cosh", "sigmoid"} and len(form) == 2):
            return True
        if head == "Symbol":
            low = self.bounds.get(form[1][0], (None, None))[0]
            return form[1][0] in self.whole or (low is not None and low >= 0)
        if head == "scalars":
            return all(map(self.not_negative, form[1]))
        if head == "sum":
            return all(coefficient >= 0 and self.not_negative(part) for part, coefficient in form[1])
        if head == "power":
            return form[2] == ("sum", ((("one",), Fraction(2)),)) or self.not_negative(form[1])
        if head == "folded":
            return self.not_negative(form[-1])
        return head == "Constant"

    def relation(self, one: ex.Relation) -> Form:
        """The normal form of a relation."""
        left, right, sign = self.form(one.left), self.form(one.right), one.sign
        if not self.terms(one.right):
            left = self._scaled(self.terms(one.left), any_sign=sign in {"=", "!="})
        if not self.terms(one.left):
            right = self._scaled(self.terms(one.right), any_sign=sign in {"=", "!="})
        if sign in {">", ">="}:
            left, right, sign = right, left, MIRRORED[sign]
        if sign in {"=", "!="}:
            left, right = sorted((left, right), key=repr)
        return sign, left, right

    def _scaled(self, terms: dict[Form, Fraction], *, any_sign: bool) -> Form:
        """A sum beside 0, divided by the number before its first term."""
        if not terms:
            return _as_sum(terms)
        first = terms[min(terms, key=repr)]
        number = first if any_sign else abs(first)
        return _as_sum({form: coefficient / number for form, coefficient in terms.items()})

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
        return self._has_scalar_shape(one) or self._has_scalar_form(one)

    def _has_scalar_shape(self, one: ex.Expression) -> bool:
        """What the shapes say; names that nothing is declared for are indices of sums."""
        shapes = Shapes(self.declarations, {})
        known = {*self.declarations.symbols, *self.declarations.definitions, *self.declarations.dimensions}
        shapes._scope = {part.name: SCALAR for part in ex.within(one) if isinstance(part, ex.Symbol)}
        shapes._scope = {name: shape for name, shape in shapes._scope.items() if name not in known}
        try:
            return is_scalar(shapes.shape(shapes.written_out(one)))
        except CheckError:
            return False

    def _has_scalar_form(self, one: ex.Expression) -> bool:
        if isinstance(one, ex.Number | ex.Constant | ex.Norm | ex.Inner | ex.Extremum):
            return True
        if isinstance(one, ex.Symbol) and one.name in self.plain and one.name not in self.kinds:
            return self.is_scalar(self.plain[one.name])
        if isinstance(one, ex.Symbol):
            return self.kinds.get(one.name, "scalar" if one.name not in self.defined else "") in SCALAR_KINDS
        if isinstance(one, ex.Entry):
            return "vector" not in self.kinds.get(one.name, "").partition(",")[2]
        if isinstance(one, ex.Derivative):
            return self.is_scalar(one.body) and all(map(self.is_scalar, one.variables))
        if isinstance(one, ex.Call):
            return self._is_scalar_call(one)
        if isinstance(one, ex.Apply):
            return one.function in OF_A_MATRIX or (one.function != "diag" and self.is_scalar(one.argument))
        if isinstance(
            one, ex.Power | ex.Quotient | ex.Transpose | ex.Folded | ex.Sum | ex.Elementwise | ex.Root
        ):
            return self.is_scalar(next(part for part in self._parts(one)))
        if isinstance(one, ex.Product):
            return all(map(self.is_scalar, one.factors)) or self._is_form(one)
        return False

    def _is_scalar_call(self, one: ex.Call) -> bool:
        """Whether the body of what is called is a scalar, where the parameters are what the arguments are."""
        if one.function not in self.bodies:
            return all(map(self.is_scalar, one.arguments))
        if one.order and not all(map(self.is_scalar, one.arguments)):
            return False
        kinds, plain = self.kinds, self.plain
        given = dict(zip(self.parameters[one.function], one.arguments, strict=True))
        said = {name: "scalar" if self.is_scalar(part) else self._kind(part) for name, part in given.items()}
        self.kinds, self.plain = (
            {**kinds, **said},
            {name: body for name, body in plain.items() if name not in said},
        )
        found = self.is_scalar(self.bodies[one.function])
        self.kinds, self.plain = kinds, plain
        return found

    def _kind(self, one: ex.Expression) -> str:
        return "vector(?)" if self._is_vector(one) else "matrix(?)"

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
            if one.name in self.plain and one.name not in self.kinds:
                return self._is_vector(self.plain[one.name])
            return self.kinds.get(one.name, "").startswith("vector")
        if isinstance(one, ex.Entry):
            return not self.is_scalar(one)
        if isinstance(one, ex.Sum):
            return any(self._is_vector(term) for _, term in one.terms)
        if isinstance(one, ex.Product):
            return self._is_vector(one.factors[-1])
        return isinstance(one, ex.Filled) and one.what == "ones"

    # sums and products

    def _number(self, one: ex.Number) -> dict[Form, Fraction]:
        return {("one",): one.value} if one.value else {}

    def _symbol(self, one: ex.Symbol) -> dict[Form, Fraction]:
        body = self.plain.get(one.name)
        if body is not None and _is_plain(body):
            return self.terms(body)
        return {self._plain(one): Fraction(1)}

    def _block(self, one: ex.Block) -> dict[Form, Fraction]:
        return {("block", *(tuple(map(self.form, row)) for row in one.rows)): Fraction(1)}

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
                    ("product", one[1][at:] + one[1][:at])
                    for one in list(choices)
                    for at in range(len(one[1]))
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
        bounds = [None if bound is None else self.form(bound) for bound in (one.lower, one.upper)]
        coefficient, form = _taken_out(self.terms(one.body))
        scalars, others = _split(form)
        if one.operator == "sum" and not coefficient:
            return {}
        if one.operator != "sum":
            return {("folded", one.operator, *bounds, _renamed(self.form(one.body), one.index)): Fraction(1)}
        if self.is_scalar(one.body):
            scalars, others = scalars + others, []
        outer = [factor for factor in scalars if not _mentions(factor, one.index)]
        inner = _joined([factor for factor in scalars if _mentions(factor, one.index)], others)
        folded = ("folded", one.operator, *bounds, _renamed(inner, one.index))
        if self.is_scalar(one.body):
            return {_joined([*outer, folded], []): coefficient}
        return {_joined(outer, [folded]): coefficient}

    def _derivative(self, one: ex.Derivative) -> dict[Form, Fraction]:
        coefficient, form = _taken_out(self.terms(one.body))
        scalars, others = _split(form)
        if not self.is_scalar(one.body):
            return {self._plain(one): Fraction(1)}
        varying = {*self.bodies, *(variable.name for variable in one.variables)}
        outer = [factor for factor in scalars if not any(_mentions(factor, name) for name in varying)]
        inner = _joined([factor for factor in scalars + others if factor not in outer], [])
        head = ("Derivative", tuple(sorted(variable.name for variable in one.variables)), inner)
        if all(map(self.is_scalar, one.variables)):
            return {_joined([*outer, head], []): coefficient}
        return {_joined(outer, [head]): coefficient}

    def _plain(self, one: ex.Expression) -> Form:
        parts = tuple(
            value if isinstance(value, str | int) else None
            for name, value in vars(one).items()
            if name not in {"start", "end"}
        )
        return (type(one).__name__, parts, *(self.form(child) for child in one.children))


def _alike(first: ex.Relation, second: ex.Relation) -> bool:
    return (
        first.sign == second.sign
        and ex.alike(first.left, second.left)
        and ex.alike(first.right, second.right)
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
    if form[0] == "block":
        turned = zip(*form[1:], strict=True) if len({len(row) for row in form[1:]}) == 1 else None
        return (
            ("block", *(tuple(_transposed_entry(e, symmetric) for e in row) for row in turned))
            if turned
            else form
        )
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


def _is_plain(one: ex.Expression) -> bool:
    """Whether an expression is a number, or zeros."""
    return isinstance(one, ex.Number) or (isinstance(one, ex.Filled) and one.what == "zero")


def _mentions(form, index: str) -> bool:
    return any(_mentions(part, index) for part in form) if isinstance(form, tuple) else form == index


def _renamed(form, index: str):
    """A form in which the bound index has no name."""
    if isinstance(form, tuple):
        return tuple(_renamed(part, index) for part in form)
    return "\0" if form == index else form


def _transposed_entry(form: Form, symmetric: set[str]) -> Form:
    """A block of a matrix, transposed: a number is what it was."""
    if form == ("sum", ()) or (form[0] == "sum" and all(part == ("one",) for part, _ in form[1])):
        return form
    return _transposed(form, symmetric)
