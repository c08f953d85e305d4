"""What the formulas of the docstrings mean: for each, in its order, the function it has to agree with.

Names and their kinds come from the parameters that a docstring describes; here stands what these do not
tell. A parameter has the name that the book gives it.
"""

import itertools
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from docstrings import entries

from hwlib.checked import check, compare, python_name
from hwlib.checked._verdicts import BITS, _prime
from hwlib.convnets import Conv2d, Linear, receptive_field, summarize
from hwlib.convolution import convolve2d, correlate2d
from hwlib.hypergradients import computation_graph, learning_rate_gradient, unroll
from hwlib.krylov import conjugate_gradients
from hwlib.learning_rates import (
    chebyshev_schedule,
    loss_after_step,
    maximum_stable_learning_rate,
    optimal_learning_rate,
    polyak_learning_rate,
    silver_schedule,
)
from hwlib.least_squares import (
    mean_squared_error,
    mean_squared_error_gradient,
    minimum_norm_solution,
    row_space_component,
)
from hwlib.linear_maps import kernel_gradient, separable_factors, transposed_correlate2d
from hwlib.mirror_descent import Hypentropy, MirrorDescent, NegativeEntropy, SquaredNorm, nearest_solution
from hwlib.network_graphs import ConvTranspose2d, series
from hwlib.optimizers import (
    AdaGrad,
    Adam,
    AdamState,
    AdamW,
    BarzilaiBorwein,
    GradientDescent,
    RMSProp,
    SignDescent,
)
from hwlib.optimizers import minibatch_gradient as gradient_of_batches
from hwlib.regularization import (
    CONVENTIONS,
    equivalent_l2,
    equivalent_weight_decay,
    l2_step,
    translate,
    weight_decay_step,
)
from hwlib.unrolled_gradients import differentiate_training, implicit_gradients

BOOK_NAMES = {
    "X": "X", "t": "t", "w": "w", "w0": "w_0", "steps": "T", "batch_size": "b",
    "learning_rate": r"\eta", "l2": r"\tilde\lambda", "weight_decay": r"\lambda",
    "momentum": r"\mu", "decay": r"\gamma", "epsilon": r"\epsilon", "beta1": r"\beta_1", "beta2": r"\beta_2",
    "smallest": "m", "largest": "M", "minimum": "L^*", "scale": r"\beta",
}  # fmt: skip
ROUNDINGS, ROUNDINGS_OF_TRANSFORMS = 4, 10  # to which tests/test_convolution.py holds its sums
RANGES = {"at least 0": ["0 < {}"], "above 0": ["0 < {}"], "in [0, 1)": ["0 < {}", "{} < 1"]}


@dataclass(frozen=True)
class Notation:
    """The names that formulas may use."""

    symbols: dict[str, str] = field(default_factory=dict)
    definitions: dict[str, str] = field(default_factory=dict)
    assumptions: tuple[str, ...] = ()

    def __or__(self, other):
        return Notation(
            self.symbols | other.symbols,
            self.definitions | other.definitions,
            (*self.assumptions, *other.assumptions),
        )

    def check(self, latex):
        report = check(latex, self.symbols, self.definitions, self.assumptions)
        assert report.ok, report

    def compare(self, latex, function):
        step = compare(latex, function, self.symbols, self.definitions, self.assumptions)
        assert step.verdict == "numeric", step


@dataclass(frozen=True)
class Meaning:
    """What the formulas of a docstring mean; ``checks`` has one entry for each."""

    checks: list[Callable[[str, Notation], None]]
    notation: Notation = Notation()


def notation_of(value):
    """The names that the parameters of a docstring bring along, by their shapes, types and ranges."""
    symbols, assumptions = {}, []
    for entry in entries(value, "Parameters"):
        name, dimensions = BOOK_NAMES.get(entry.name), entry.dimensions
        if name and dimensions:
            symbols[name] = f"{'vector' if len(dimensions) == 1 else 'matrix'}({', '.join(dimensions)})"
        elif name and re.match("float|int", entry.kind):
            symbols[name] = "scalar" if entry.kind.startswith("float") else "index"
            if entry.kind.startswith("float"):
                found = [bounds for words, bounds in RANGES.items() if words in entry.text]
                assumptions += [bound.format(name) for bounds in found[:1] for bound in bounds]
    return Notation(symbols, {}, tuple(assumptions))


def holds(latex, notation):
    """The formula is a relation that is true."""
    notation.check(latex)


def has_a_meaning(latex, notation):
    """The formula is an expression whose shapes fit."""
    notation.check(f"{latex} = {latex}")


def equals(function, named=None):
    """The formula, or what it says of the name of the result, is the value of the function."""

    def verify(latex, notation):
        left, right = latex.split(" = ", 1) if named else (None, latex)
        assert left == named
        notation.compare(right, function)

    return verify


def returned_by(function, named=None):
    """The formula is what the function returns for the parameters that have a name in the book."""
    parameters = [entry.name for entry in entries(function, "Parameters") if entry.name in BOOK_NAMES]

    def call(**data):
        return function(**{name: data[python_name(BOOK_NAMES[name])] for name in parameters})

    return equals(call, named)


def both(*checks):
    """The formula passes several checks."""

    def verify(latex, notation):
        for one in checks:
            one(latex, notation)

    return verify


def each(*checks):
    r"""The formula is some formulas with ``\qquad`` between them, and each passes its own check."""

    def verify(latex, notation):
        for part, one in zip(re.split(r",? \\qquad ", latex), checks, strict=True):
            one(part, notation)

    return verify


def updates(**functions):
    r"""The formula is assignments such as ``b \leftarrow \mu b + g``, one after the other."""

    def verify(latex, notation):
        known = {}
        for part, (name, function) in zip(re.split(r", \\qquad ", latex), functions.items(), strict=True):
            target, new = part.split(r" \leftarrow ")
            assert target == name
            for assigned, body in known.items():
                new = re.sub(rf"(?<![\\A-Za-z]){assigned}(?![A-Za-z])", lambda _, body=body: f"({body})", new)
            notation.compare(new, function)
            known[name] = new

    return verify


def rounded_down(function):
    r"""The formula is ``\lfloor ... / s \rfloor + 1``, and its data make the quotient a whole number."""

    def verify(latex, notation):
        assert re.fullmatch(r"\\lfloor .* / s \\rfloor \+ 1", latex)
        notation.compare(latex.replace(r"\lfloor", "(").replace(r"\rfloor", ")"), function)

    return verify


def grows_as(count):
    """The formula, without its O, grows with t as the count does."""

    def verify(latex, notation):
        sizes = {"1": lambda t: 1, "t": lambda t: t, r"\sqrt{t}": math.sqrt}
        order = re.sub(r"O\((.*)\)", r"\1", latex)
        assert order in sizes
        size = sizes[order]
        short, long = 100, 10_000
        np.testing.assert_allclose(count(long) / count(short), size(long) / size(short), rtol=0.05)

    return verify


def power_of_two(is_right, before=""):
    """The formula is a power of two behind some LaTeX, and the function finds it right."""

    def verify(latex, notation):
        found = re.fullmatch(rf"{before}2\^\{{(-?\d+)\}}", latex)
        assert found
        assert is_right(2.0 ** int(found[1]))

    return verify


# ---- update rules, for one coordinate


ANY = {"w": 1.0, "eta": 0.1, "epsilon": 0.1}  # for what an assignment does not depend on


def after(rule, data, state, part):
    """The weight (part 0) or the state (part 1) after one step."""
    w, gradient = np.array([data["w"]]), np.array([data.get("g", 0.0)])
    return rule.update(w, gradient, state)[part]


def momentum_step(part, **data):
    data = ANY | data
    return after(GradientDescent(data["eta"], momentum=data["mu"]), data, np.array([data["b"]]), part)


def nesterov_step(**data):
    """In the formula b is the velocity after the step."""
    before = np.array([(data["b"] - data["g"]) / data["mu"]])
    return after(GradientDescent(data["eta"], momentum=data["mu"], nesterov=True), data, before, 0)


def sign_step(**data):
    return after(SignDescent(data["eta"]), data, None, 0)


def fitted_rate(short, s, y):
    """What the gradient is multiplied by after a step s along which it changed from zero to y."""
    rule = BarzilaiBorwein(1.0, short)
    w, state = rule.update(np.zeros_like(s), np.zeros_like(y), rule.init(s))
    w, _ = rule.update(w + s, y, state)
    return (s - w) @ y / (y @ y)


def adagrad_step(part, **data):
    data = ANY | data
    return after(AdaGrad(data["eta"], epsilon=data["epsilon"]), data, np.array([data["v"]]), part)


def rmsprop_step(part, **data):
    data = ANY | data
    rule = RMSProp(data["eta"], decay=data["gamma"], epsilon=data["epsilon"])
    return after(rule, data, np.array([data["v"]]), part)


def adam_step(**data):
    """In the formula m and v are the moments after the step; a step without gradient makes them."""
    rule = Adam(data["eta"], data["beta_1"], data["beta_2"], data["epsilon"])
    state = AdamState(data["k"] - 1, np.array([data["m"] / rule.beta1]), np.array([data["v"] / rule.beta2]))
    return after(rule, data, state, 0)


def adamw_decay(**data):
    rule = AdamW(data["eta"], weight_decay=data["lambda_"])
    return after(rule, data, rule.init([0.0]), 0)


def decoupled_share(eta, c):
    """What AdamW takes from a weight of 1."""
    rule = AdamW(eta, weight_decay=c)
    return 1 - rule.update(np.ones(1), np.zeros(1), rule.init([1.0]))[0]


def share_of_each_convention(latex, notation):
    """The formula gives what the number c of each convention takes in plain gradient descent."""
    for name, convention in CONVENTIONS.items():
        powers = {"p": "learning_rate", "q": "schedule", "r": "examples", "s": "steps"}
        named = latex.replace(r"\lambda = a", f"{convention.constant:g}")
        for letter, field_name in powers.items():
            named = named.replace(f"^{letter}", f"^{{{getattr(convention, field_name):g}}}")
        rule = convention.rules[0]
        notation.compare(named, partial(share_taken, name, rule))


def share_taken(name, rule, c, eta, m=1.0, n=1, T=1):
    end, same = ("decay", 1) if CONVENTIONS[name].acts_on == "weights" else ("half_penalty", eta * m)
    options = {"learning_rate": eta, "schedule": np.full(int(T), m), "examples": int(n)}
    return same * translate(c, name, end, rule=rule, **options)[0]


def needed_for_full_rank(latex, notation):
    """The formula is a relation of n and d that holds where a matrix of random entries is taken."""
    for n, d in itertools.product((1, 2, 3), repeat=2):
        X = np.random.default_rng(0).standard_normal((n, d))
        holds_here = check(latex.replace("n", str(n)).replace("d", str(d)), {}).ok
        assert holds_here != is_refused(minimum_norm_solution, X, np.ones(n))


def whole_batch(x, t, w):
    X = np.reshape(x, (len(t), len(w)))
    return gradient_of_batches(X, t, len(t), np.random.default_rng(0))(w)


def mirror_step(z, eta, g):
    """The coordinate of one weight after a step."""
    potential = Hypentropy(1.0)
    rule, w = MirrorDescent(eta, potential), potential.inverse_gradient([z])
    return potential.gradient(rule.update(w, np.array([g]), None)[0])[0]


BREGMAN = r"\psi(w) - \psi(w_0) - (\nabla \psi(w_0))^\top (w - w_0)"


def is_the_potential(potential):
    """The formula is the potential: it has its gradient and its divergence."""

    def verify(latex, notation):
        left, right = latex.split(" = ", 1)
        assert left == r"\psi(w)"
        named = notation | Notation({}, {left: right})
        named.compare(r"\nabla \psi(w)", lambda w, beta=1.0: potential(beta).gradient(w))
        named.compare(BREGMAN, lambda w, w_0, beta=1.0: potential(beta).divergence(w, w_0))

    return verify


# ---- training


def one_step(X, t, w_i, eta, tilde_lambda):
    return unroll(X, t, w_i, eta, 1, l2=tilde_lambda)


def penalised_loss(X, t, w, tilde_lambda):
    return learning_rate_gradient(X, t, w, 0.1, 0, l2=tilde_lambda).loss


def stored_weights(method):
    return lambda t: learning_rate_gradient([[1.0]], [1.0], [0.0], 0.1, t, method=method).stored_weights


def unrolled_step(part, **data):
    """The velocity (part 0) or the weight (part 1) after a step with decay; one without a rate brings b."""
    data = ANY | {"b": 0.0, "g": 0.0, "mu": 0.5, "lambda_": 0.0} | data
    slopes = iter([[data["b"]], [data["g"]]])
    result = differentiate_training(
        lambda w: next(slopes), lambda w, v: v, [data["w"] / (1 - data["lambda_"])], [0.0, data["eta"]],
        momentum=data["mu"], weight_decay=data["lambda_"], final_gradient=lambda w: [1.0],
    )  # fmt: skip
    return -result.learning_rates[-1:] if part == 0 else result.w


def undone_times(s, r):
    """The most steps of which none is made again more than r times, found by counting."""
    return next(steps for steps in range(1, 1000) if most_repeats(steps + 1, s) > r)


def most_repeats(steps, snapshots):
    """How often, at most, a step of a binomial run is made again."""
    taken = []
    differentiate_training(
        lambda w: taken.append(float(w[0])) or -np.ones(1), lambda w, v: v, [0.0], np.ones(steps),
        final_gradient=lambda w: w, method="binomial", snapshots=int(snapshots),
    )  # fmt: skip
    return max(taken.count(place) for place in taken) - 1


def pull_of_decay(lambda_, mu, eta):
    """What is left of the gradient at rest where the weight is 1, by the derivative in the decay."""
    options = {"momentum": mu, "weight_decay": lambda_, "max_products": 1}
    at_rest = implicit_gradients(lambda w: w, lambda w, v: v, [1.0], eta, **options)
    return -(1 - mu) / eta / at_rest.weight_decay - 1


def slope_in_pull(A, v, w, c):
    """The derivative in c, with the rate 1 and no momentum, for which c is the decay."""
    return implicit_gradients(
        lambda w: v, lambda w, u: A.T @ (A @ u), w, 1.0, weight_decay=c, max_products=20, tolerance=1e-14
    ).weight_decay


def edges_into(node):
    """The formula computes a node of the graph of two steps from its predecessors."""

    def verify(latex, notation):
        spelled = {r"\tilde L_i": "loss0", "g_i": "gradient0", "w_{i+1}": "w1", "w_i": "w0"}
        spelled |= {r"\tilde\lambda": "l2", r"\eta": "learning_rate"}
        left, right = latex.split(" = ")
        named = {name for symbol, name in spelled.items() if symbol in right}
        assert spelled.get(left) == node
        assert named == {argument for argument, result in computation_graph(1).edges if result == node}
        parts = {
            "loss0": r"\tilde L(w_i; \tilde\lambda)",
            "gradient0": r"\nabla \tilde L(w_i; \tilde\lambda)",
        }
        if node in parts:
            assert right == parts[node]
        else:
            notation.compare(right, lambda w_i, g_i, eta: w_i - eta * g_i)

    return verify


def reciprocal_rate(m, M, k, T):
    return 1 / chebyshev_schedule(m, M, T)[k]


def stable_rate(n, sigma_1):
    return maximum_stable_learning_rate(sigma_1 * np.eye(n))


# ---- windows on images


def outputs(n, **options):
    """How many outputs a column of n pixels gives."""
    kernel = np.ones((options.pop("k"), 1))
    return len(correlate2d(np.ones((n, 1)), kernel, **options))


def outputs_with_zeros(n, P, d, k, s):
    """With P / 2 zeros on each side."""
    return outputs(int(n), k=k, stride=s, dilation=d, padding=(int(P) // 2, 0))


def outputs_of_layer(n, p, d, k, s):
    layer = Conv2d(1, (k, 1), stride=s, padding=(p, 0), dilation=d)
    counts = [summarize([layer], (1, int(n) + more, 1 + 0)).rows[1].output_shape[1] for more in (0, s - 1)]
    assert counts[0] == counts[1], "the remainder is dropped"
    return counts[0]


def outputs_of_transposed(n, p, d, k, s):
    layer = ConvTranspose2d(1, (k, 1), (s, 1), (p, 0), dilation=(d, 1))
    return summarize(series([layer]), (1, int(n), 1)).rows[1].output_shape[1]


def zeros_of_same(k, d):
    n = k * d
    return n - outputs(n, k=k, dilation=d, padding="valid")


def weights_of_layer(c_out, c_in, g, k_h, k_w):
    layer = Conv2d(int(c_out), (k_h, k_w), groups=g, bias=False)
    return summarize([layer], (int(c_in), k_h, k_w)).parameters


def pixel_read(function, output, tap, **options):
    """The row of the pixel that output and kernel entry `tap` multiply, in a column that tells its rows."""
    kernel = np.zeros((tap + 1, 1))
    kernel[tap] = 1
    length = 200
    return function(np.arange(1.0, length + 1)[:, None], kernel, **options)[output, 0] - 1


def correlation_row(s, i, d, a, p):
    return pixel_read(correlate2d, i, a, stride=s, dilation=d, padding=(p, 0))


def correlation_column(s, j, d, b, p):
    return correlation_row(s, j, d, b, p)


def convolution_row(i, a):
    return pixel_read(convolve2d, i, a, padding="full")


def convolution_column(j, b):
    return convolution_row(j, b)


def carried_back(k, x, y):
    """The inner product of x with what the transpose makes of y."""
    return transposed_correlate2d([y], [k], (1, len(x)), padding="valid")[0] @ x


def zeros_between(s):
    """How many zeros the transpose leaves between copies of a kernel of one entry."""
    return np.count_nonzero(transposed_correlate2d([[1, 1]], [[1]], (1, s + 1), stride=s) == 0)


def gradient_row(s, i, d, a, p):
    """The row of the pixel that makes entry a of the kernel's gradient of output i."""
    image, options = np.arange(1.0, 201)[:, None], {"stride": s, "dilation": d, "padding": (p, 0)}
    only = np.zeros(correlate2d(image, np.ones((a + 1, 1)), **options).shape)
    only[i] = 1
    return kernel_gradient(image, only, (a + 1, 1), **options)[a, 0] - 1


def gradient_column(s, j, d, b, p):
    return gradient_row(s, j, d, b, p)


def product_of_factors(u, v, sigma):
    u, v = (np.reshape(vectors, (len(sigma), -1)) for vectors in (u, v))
    columns, rows = separable_factors(u.T * sigma @ v)
    return columns @ rows


def flipped(k, a):
    """The entry of a kernel of k rows that convolution multiplies where correlation multiplies entry a."""
    image = np.arange(2.0 * k)[:, None] ** 2
    correlated = correlate2d(image, np.eye(k)[:, [a]], padding="valid")
    (row,) = (
        r
        for r in range(k)
        if np.array_equal(convolve2d(image, np.eye(k)[:, [r]], padding="valid"), correlated)
    )
    return row


def flipped_column(l, b):  # noqa: E741 - the formula says l
    return flipped(l, b)


def subscripts(pattern, rows, columns):
    """The subscripts of the pixels that a formula names."""

    def verify(latex, notation):
        found = re.fullmatch(pattern, latex)
        assert found
        notation.compare(found[1], rows)
        notation.compare(found[2], columns)

    return verify


def is_the_bound_of_int64(bound):
    """The smallest power of two that is refused as the product of max |image| and sum |kernel|."""
    powers = (power for power in range(1, 64) if is_refused(correlate2d, [[2 ** (power - 1)]], [[2]]))
    return bound == 2.0 ** next(powers)


def is_the_bound_of_float64(bound):
    """The largest power of two that products take as max |image| times sum |kernel|."""
    powers = (2 ** (power - 1) for power in range(1, 63))
    refused = (half for half in powers if is_refused(correlate2d, [[half]], [[2]], method="products"))
    return bound == next(refused)


def says(pattern):
    """Whether a formula is the bound that tests hold the function to."""

    def holds_to(latex, notation):
        assert re.fullmatch(pattern, latex)

    return holds_to


def is_refused(function, *arguments, **options):
    try:
        function(*arguments, **options)
    except ValueError:
        return True
    return False


def is_below_every_prime(bound):
    return all(bound < _prime(str(seed)) < 2 * bound for seed in range(50))


def is_above_the_odds(bound):
    """The odds in one family of data and choice of dimensions, of which 2 to the power 12 may be tried."""
    step = check(r"\|X w\|^2 = w^\top X^\top X w", DATA).steps[0]
    return step.bound < bound == 2.0 ** (12 - BITS)


def along_height(size):
    return size[0] if isinstance(size, tuple) else size


def field_of_three(part, k=(1, 1, 1), d=(1, 1, 1), s=(1, 1, 1), p=(0, 0, 0)):
    """The receptive field of three layers along the height."""
    options = zip(*(np.array(option, int).tolist() for option in (k, d, s, p)), strict=True)
    layers = [Conv2d(1, (a, 1), dilation=b, stride=(c, 1), padding=(e, 0)) for a, b, c, e in options]
    return along_height(getattr(receptive_field(layers), part))


def of_three_layers(function, named):
    r"""A sum or product over the layers, for three of them; j_l is the product that the docstring says."""

    def verify(latex, notation):
        left, right = latex.split(" = ", 1)
        assert left == named
        right = right.replace("j_l", r"\prod_{m=1}^{l-1} s_m").replace("{L}", "{3}")
        notation.compare(right.replace("{l-1}", "{3-1}") if named == "j_l" else right, function)

    return verify


def distance_before_third(s):
    return field_of_three("stride", s=(*s[:2], 1))


def pixels_seen(i, R, S, P):
    """The first and the last row of the pixels that output i of one layer depends on."""
    image = np.eye(i * S + R + S)
    answers = [correlate2d(row[:, None], np.ones((R, 1)), stride=S, padding=(P, 0))[i, 0] for row in image]
    return np.flatnonzero(answers)[[0, -1]]


DATA = {"X": "matrix(n, d)", "t": "vector(n)", "w": "vector(d)"}
LOSS = {"L(w)": r"\frac{1}{n} \|X w - t\|^2"}
PENALISED = LOSS | {r"\tilde L(w)": r"L(w) + \tilde\lambda \|w\|^2"}
RESIDUALS = LOSS | {"a": "X w_0 - t"}
TWO_WEIGHTS = {"w": "vector(d)", "w_0": "vector(d)"}
ENTROPY = r"\sum_{j=1}^{d} (w_j \log w_j - w_j)"
POSITIVE = (r"\min_j w_j > 0", r"\min_j w_{0,j} > 0")
COORDINATE = dict.fromkeys(("w", "g", "b", "v", "m"), "scalar")
WINDOW = dict.fromkeys("ijabsdpk", "index")
KERNEL = r"\(I {} K\)_\{{ij\}} = \\sum_\{{a, b\}} I_\{{(.*?),(?:\\[,;]) (.*?)\}} \\, K_\{{ab\}}"
LAYERS = {f"{name}_{layer}": "index" for name in "kdsp" for layer in (1, 2, 3)}
OPTIONS = {name: rf"\begin{{bmatrix}} {name}_1 \\ {name}_2 \\ {name}_3 \end{{bmatrix}}" for name in "kdsp"}
SMALL = tuple(f"{name} <= 4" for name in "ijabsdk")


FORMULAS = {
    "least_squares": Meaning([equals(mean_squared_error, named="L(w)")], Notation(DATA)),
    "least_squares.mean_squared_error": Meaning([returned_by(mean_squared_error, named="L(w)")]),
    "least_squares.mean_squared_error_gradient": Meaning(
        [both(holds, returned_by(mean_squared_error_gradient, named=r"\nabla L(w)"))], Notation({}, LOSS)
    ),
    "least_squares.minimum_norm_solution": Meaning(
        [holds, needed_for_full_rank, returned_by(minimum_norm_solution, named="w^*"), has_a_meaning],
        Notation({}, {"w": r"X^\top (X X^\top)^{-1} t"}, ("rank(X) = n",)),
    ),
    "least_squares.row_space_component": Meaning(
        [returned_by(row_space_component)],
        Notation({}, {"X^+": r"X^\top (X X^\top)^{-1}"}, ("rank(X) = n",)),
    ),
    "optimizers.GradientDescent": Meaning(
        [updates(b=partial(momentum_step, 1), w=partial(momentum_step, 0)), updates(w=nesterov_step)],
        Notation(COORDINATE),
    ),
    "optimizers.SignDescent": Meaning([updates(w=sign_step)], Notation(COORDINATE)),
    "optimizers.AdaGrad": Meaning(
        [updates(v=partial(adagrad_step, 1), w=partial(adagrad_step, 0))],
        Notation(COORDINATE, {}, ("0 < v",)),
    ),
    "optimizers.RMSProp": Meaning(
        [updates(v=partial(rmsprop_step, 1), w=partial(rmsprop_step, 0))],
        Notation(COORDINATE, {}, ("0 < v",)),
    ),
    "optimizers.Adam": Meaning([updates(w=adam_step)], Notation(COORDINATE | {"k": "index"}, {}, ("0 < v",))),
    "optimizers.AdamW": Meaning([updates(w=adamw_decay)], Notation(COORDINATE)),
    "optimizers.minibatch_gradient": Meaning(
        [equals(whole_batch)], Notation({"x": "sequence(b, vector(d))", "t": "sequence(b)", "w": "vector(d)"})
    ),
    "hypergradients.unroll": Meaning(
        [each(equals(one_step, named="w_{i+1}"), equals(penalised_loss, named=r"\tilde L(w)"))],
        Notation({"w_i": "vector(d)", "w": "vector(d)"}, PENALISED),
    ),
    "hypergradients.learning_rate_gradient": Meaning(
        [
            grows_as(stored_weights("forward")),
            grows_as(stored_weights("reverse")),
            grows_as(stored_weights("checkpoint")),
            grows_as(stored_weights("checkpoint")),
        ]
    ),
    "unrolled_gradients.differentiate_training": Meaning(
        [updates(b=partial(unrolled_step, 0), w=partial(unrolled_step, 1))],
        Notation(COORDINATE | {r"\eta": "scalar"}),
    ),
    "unrolled_gradients.binomial_checkpoints": Meaning(
        [equals(undone_times, named=r"\beta")],
        Notation({"s": "index", "r": "index"}, {}, ("s <= 3", "r <= 3")),
    ),
    "unrolled_gradients.implicit_gradients": Meaning(
        [equals(pull_of_decay, named="c"), holds, equals(slope_in_pull)],
        Notation(
            {"A": "matrix(d, d)", "v": "vector(d)", "w": "vector(d)", "c": "scalar"},
            {"H": r"A^\top A", "F(w)": r"v^\top w", "u": r"(H + c I)^{-1} v"},
            ("0 < c", "c < 1"),
        ),
    ),
    "hypergradients.computation_graph": Meaning(
        [each(edges_into("loss0"), edges_into("gradient0"), edges_into("w1"))],
        Notation({"w_i": "vector(d)", "g_i": "vector(d)", r"\eta": "scalar"}),
    ),
    "learning_rates.loss_after_step": Meaning(
        [holds, both(holds, returned_by(loss_after_step, named=r"L_1(\eta)"))],
        Notation({}, RESIDUALS | {r"L_1(\eta)": r"L(w_0 - \eta \nabla L(w_0))"}),
    ),
    "learning_rates.optimal_learning_rate": Meaning(
        [holds, returned_by(optimal_learning_rate, named=r"\eta^*")], Notation({}, RESIDUALS)
    ),
    "learning_rates.maximum_stable_learning_rate": Meaning(
        [equals(stable_rate), has_a_meaning, has_a_meaning],
        Notation({r"\sigma_1": "scalar"}, {}, (r"0 < \sigma_1",)),
    ),
    "learning_rates.chebyshev_schedule": Meaning(
        [
            equals(lambda T: len(chebyshev_schedule(1.0, 2.0, T)) - 1),
            equals(reciprocal_rate, named=r"\frac{1}{\eta_k}"),
            holds,
        ],
        Notation(DATA | {"k": "index"}, LOSS, ("m < M", "k < T")),
    ),
    "learning_rates.polyak_learning_rate": Meaning(
        [returned_by(polyak_learning_rate, named=r"\eta")], Notation({}, LOSS, ("L^* < 0",))
    ),
    "learning_rates.silver_schedule": Meaning(
        [
            equals(lambda M, nu: silver_schedule(M, 2**nu)[-1], named=r"\eta"),
            equals(lambda: silver_schedule(1.0, 4)[-1] - 1, named=r"\rho"),
        ],
        Notation({r"\nu": "index"}, {r"\rho": r"1 + \sqrt{2}"}, (r"\nu <= 4",)),
    ),
    "krylov.conjugate_gradients": Meaning(
        [
            holds,
            holds,
            equals(lambda X, t, w_0: conjugate_gradients(X, t, w_0, max_steps=1).w, named="w_1"),
            holds,
            has_a_meaning,
        ],
        Notation(
            {},
            {
                "r": "t - X w_0",
                "p": r"X^\top r",
                "r_1": r"r - \frac{\|p\|^2}{\|X p\|^2} X p",
                "q": r"X^\top r_1 + \frac{\|X^\top r_1\|^2}{\|p\|^2} p",
            },
        ),
    ),
    "mirror_descent.Potential.divergence": Meaning(
        [equals(lambda w, w_0: NegativeEntropy().divergence(w, w_0))],
        Notation({}, {r"\psi(w)": ENTROPY}, POSITIVE),
    ),
    "mirror_descent.SquaredNorm": Meaning(
        [is_the_potential(lambda beta: SquaredNorm())], Notation(TWO_WEIGHTS)
    ),
    "mirror_descent.NegativeEntropy": Meaning(
        [is_the_potential(lambda beta: NegativeEntropy())], Notation(TWO_WEIGHTS, {}, POSITIVE)
    ),
    "mirror_descent.Hypentropy": Meaning([is_the_potential(Hypentropy)], Notation(TWO_WEIGHTS)),
    "mirror_descent.MirrorDescent": Meaning(
        [updates(z=mirror_step)], Notation({"z": "scalar", "g": "scalar"})
    ),
    "mirror_descent.nearest_solution": Meaning(
        [
            holds,
            equals(lambda X, t, w_0: nearest_solution(X, t, w_0, SquaredNorm())),
        ],
        Notation({}, {"w": r"w_0 + X^\top (X X^\top)^{-1} (t - X w_0)"}, ("rank(X) = n",)),
    ),
    "optimizers.BarzilaiBorwein": Meaning(
        [
            equals(partial(fitted_rate, False), named=r"\eta"),
            equals(partial(fitted_rate, True), named=r"\eta"),
        ],
        Notation({"s": "vector(d)", "y": "vector(d)"}, {}, (r"0 < s^\top y",)),
    ),
    "regularization.l2_step": Meaning(
        [
            equals(penalised_loss, named=r"\tilde L(w)"),
            both(holds, returned_by(l2_step, named="w_1")),
        ],
        Notation({"w": "vector(d)"}, PENALISED | {"w_1": r"w_0 - \eta \nabla \tilde L(w_0)"}),
    ),
    "regularization.weight_decay_step": Meaning(
        [returned_by(weight_decay_step, named="w_1"), equals(decoupled_share, named=r"\lambda")],
        Notation({"c": "scalar"}, LOSS, ("0 < c",)),
    ),
    "regularization.Convention": Meaning(
        [share_of_each_convention],
        Notation(
            {"c": "scalar", r"\eta": "scalar", "m": "scalar", "n": "index", "T": "index"},
            {},
            ("0 < c", r"0 < \eta", "0 < m"),
        ),
    ),
    "regularization.equivalent_l2": Meaning([returned_by(equivalent_l2, named=r"\tilde\lambda")]),
    "regularization.equivalent_weight_decay": Meaning(
        [returned_by(equivalent_weight_decay, named=r"\lambda")]
    ),
    "convolution.correlate2d": Meaning(
        [
            subscripts(KERNEL.format(r"\\star"), correlation_row, correlation_column),
            equals(lambda k, d: zeros_of_same(k, d) + 1),
            rounded_down(outputs_with_zeros),
            equals(zeros_of_same),
            power_of_two(is_the_bound_of_int64, r"\\max \|I\| \\sum \|K\| < "),
            says(rf"{ROUNDINGS} k l \\, \\varepsilon \\max \|I\| \\sum \|K\|"),
            says(rf"{ROUNDINGS_OF_TRANSFORMS} \\, \\varepsilon \\log_2 N \\, \\\|I\\\| \\sum \|K\|"),
            power_of_two(is_the_bound_of_float64, r"\\max \|I\| \\sum \|K\| \\le "),
        ],
        Notation(
            WINDOW | {"q": "index"}, {"P": "2 p", "n": "(q + P) s + (k - 1) d + 1 - P"}, ("p <= s", *SMALL)
        ),
    ),
    "convolution.convolve2d": Meaning(
        [
            subscripts(KERNEL.format(r"\*"), convolution_row, convolution_column),
            subscripts(
                r"I \* K = I \\star \\tilde K, \\qquad \\tilde K_\{ab\} = K_\{(.*?),\\, (.*?)\}",
                flipped,
                flipped_column,
            ),
        ],
        Notation(WINDOW | {"l": "index"}, {}, ("a <= i", "b <= j", "a < k", "b < l", "i <= 4", "j <= 4")),
    ),
    "linear_maps.transposed_correlate2d": Meaning(
        [
            both(holds, equals(carried_back, named=r"\langle A x, y \rangle")),
            equals(zeros_between),
        ],
        Notation(
            {"k": "vector(2)", "x": "vector(3)", "y": "vector(2)", "s": "index"},
            {"A": r"\begin{bmatrix} k_1 & k_2 & 0 \\ 0 & k_1 & k_2 \end{bmatrix}"},
            ("s <= 4",),
        ),
    ),
    "linear_maps.kernel_gradient": Meaning(
        [
            subscripts(
                r"\\frac\{\\partial L\}\{\\partial K_\{ab\}\} = "
                r"\\sum_\{i, j\} I_\{(.*?),\\; (.*?)\} \\, G_\{ij\}",
                gradient_row,
                gradient_column,
            )
        ],
        Notation(WINDOW, {}, ("p <= s", *SMALL)),
    ),
    "linear_maps.separable_factors": Meaning(
        [equals(product_of_factors, named="K")],
        Notation(
            {
                "u": "sequence(R, vector(k))",
                "v": "sequence(R, vector(l))",
                r"\sigma": "sequence(R)",
            },
            {},
            (r"0 < \min_r \sigma_r", "R <= k", "R <= l"),
        ),
    ),
    "convnets.Conv2d": Meaning(
        [rounded_down(outputs_of_layer), equals(weights_of_layer)],
        Notation(
            WINDOW | dict.fromkeys(("q", "g", "u", "v", "k_h", "k_w"), "index"),
            {"n": "(q + 2 p) s + d (k - 1) + 1 - 2 p", "c_{in}": "g u", "c_{out}": "g v"},
        ),
    ),
    "convnets.Linear": Meaning(
        [equals(lambda n, m: summarize([Linear(n, bias=False)], (m,)).parameters)],
        Notation({"n": "index", "m": "index"}),
    ),
    "network_graphs.ConvTranspose2d": Meaning(
        [equals(outputs_of_transposed)],
        Notation(
            dict.fromkeys("npdks", "index"),
            {},
            ("s (n - 1) + d (k - 1) + 1 > 2 p",),
        ),
    ),
    "convnets.receptive_field": Meaning(
        [
            of_three_layers(distance_before_third, named="j_l"),
            each(
                of_three_layers(partial(field_of_three, "size"), named="R"),
                of_three_layers(partial(field_of_three, "stride"), named="S"),
                of_three_layers(partial(field_of_three, "padding"), named="P"),
            ),
            equals(lambda i, S, P: pixels_seen(i, 1, S, P)[0]),
            equals(lambda i, R, S, P: pixels_seen(i, R, S, P)[1]),
        ],
        Notation(
            LAYERS | dict.fromkeys("iRSP", "index"),
            OPTIONS,
            ("P <= S", *(f"{name} <= 4" for name in (*LAYERS, "i", "S", "R"))),
        ),
    ),
    "checked.check": Meaning([power_of_two(is_below_every_prime), power_of_two(is_above_the_odds)]),
}
