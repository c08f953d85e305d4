"""Every public function refuses bad input, naming the argument, what came and what was wanted."""

import math
from fractions import Fraction

import numpy as np
import pytest
from scipy import sparse
from scipy.sparse.linalg import aslinearoperator

from hwlib.hypergradients import learning_rate_gradient, unroll
from hwlib.krylov import conjugate_gradients
from hwlib.learning_rates import (
    loss_after_step,
    maximum_stable_learning_rate,
    optimal_learning_rate,
    polyak_learning_rate,
)
from hwlib.least_squares import (
    mean_squared_error,
    mean_squared_error_gradient,
    minimum_norm_solution,
    row_space_component,
)
from hwlib.mirror_descent import NegativeEntropy, nearest_solution
from hwlib.optimizers import GradientDescent, minibatch_gradient, minimize
from hwlib.regularization import l2_step, weight_decay_step

X, T, W = np.array([[2.0, 1.0, 0.0], [0.0, 1.0, 1.0]]), np.array([1.0, 2.0]), np.array([1.0, 2.0, 3.0])

# Every function that takes data, called with the arguments that a test spoils one at a time.
OF_DATA = {
    "mean_squared_error": lambda X=X, t=T, w=W: mean_squared_error(X, t, w),
    "mean_squared_error_gradient": lambda X=X, t=T, w=W: mean_squared_error_gradient(X, t, w),
    "minimum_norm_solution": lambda X=X, t=T: minimum_norm_solution(X, t),
    "row_space_component": lambda X=X, w=W: row_space_component(X, w),
    "minibatch_gradient": lambda X=X, t=T: minibatch_gradient(X, t, 1, np.random.default_rng(0))(W),
    "unroll": lambda X=X, t=T, w0=W: unroll(X, t, w0, 0.1, 2),
    "learning_rate_gradient": lambda X=X, t=T, w0=W: learning_rate_gradient(X, t, w0, 0.1, 2),
    "loss_after_step": lambda X=X, t=T, w0=W: loss_after_step(X, t, w0, 0.1),
    "optimal_learning_rate": lambda X=X, t=T, w0=W: optimal_learning_rate(X, t, w0),
    "polyak_learning_rate": lambda X=X, t=T, w0=W: polyak_learning_rate(X, t, w0),
    "conjugate_gradients": lambda X=X, t=T, w0=W: conjugate_gradients(X, t, w0, max_steps=2).w,
    "nearest_solution": lambda X=X, t=T, w0=W: nearest_solution(X, t, w0, NegativeEntropy()),
    "maximum_stable_learning_rate": lambda X=X: maximum_stable_learning_rate(X),
    "l2_step": lambda X=X, t=T, w0=W: l2_step(X, t, w0, 0.1, 0.1),
    "weight_decay_step": lambda X=X, t=T, w0=W: weight_decay_step(X, t, w0, 0.1, 0.1),
}


def taking(*names):
    """Parametrise over the functions that take an argument, with the name it has there."""
    cases = [
        pytest.param(function, name, id=f"{label}-{name}")
        for label, function in OF_DATA.items()
        for name in names
        if name in function.__code__.co_varnames
    ]
    return pytest.mark.parametrize(("function", "name"), cases)


class TestData:
    @taking("X")
    @pytest.mark.parametrize(
        ("spoiled", "error", "message"),
        [
            ([[1, 2, 3], [4, 5]], ValueError, r"^X must be rectangular, got rows of different lengths$"),
            (np.zeros(3), ValueError, r"^X must be 2-dimensional, got shape \(3,\)$"),
            (np.zeros((2, 3, 1)), ValueError, r"^X must be 2-dimensional, got shape \(2, 3, 1\)$"),
            (np.zeros((0, 3)), ValueError, r"^X must not be empty, got shape \(0, 3\)$"),
            (np.zeros((2, 0)), ValueError, r"^X must not be empty, got shape \(2, 0\)$"),
            (X * [1, np.nan, 1], ValueError, r"^X must be finite, got 2 entries that are NaN or infinite$"),
            (X / [[np.inf], [1]] + [np.inf, 0, 0], ValueError, r"^X must be finite, got 2 entries"),
            (X.astype(complex), TypeError, r"^X must have real entries, got dtype complex128$"),
            (X.astype(object), TypeError, r"^X must have real entries, got dtype object$"),
            ([["a", "b", "c"]], TypeError, r"^X must have real entries, got dtype <U1$"),
            (np.asmatrix(X), TypeError, r"^X must be a 2-dimensional array, got matrix$"),
            (np.ma.masked_array(X), TypeError, r"^X must be a 2-dimensional array, got MaskedArray$"),
            (2.0, TypeError, r"^X must be an array, .* got float without shape, T, __matmul__$"),
            (None, TypeError, r"^X must be an array, a sparse array or a LinearOperator, got NoneType"),
            ("data", TypeError, r"^X must be an array, a sparse array or a LinearOperator, got str"),
        ],
    )
    def test_that_is_no_finite_real_matrix(self, function, name, spoiled, error, message):
        with pytest.raises(error, match=message):
            function(**{name: spoiled})

    @taking("X")
    @pytest.mark.parametrize("form", ["csr", "csc", "coo", "lil", "dok", "dia", "bsr"])
    def test_that_is_sparse_and_not_finite(self, function, name, form):
        spoiled = getattr(sparse, f"{form}_array")(np.array([[np.nan, 0, 1], [0, np.inf, 1]]))
        with pytest.raises(ValueError, match=r"^X must be finite, got 2 entries that are NaN or infinite$"):
            function(**{name: spoiled})

    @taking("X")
    def test_that_is_a_complex_operator(self, function, name):
        with pytest.raises(TypeError, match=r"^X must have real entries, got dtype complex128$"):
            function(**{name: aslinearoperator(X.astype(complex))})

    @taking("X")
    @pytest.mark.parametrize(
        "kind", [np.ndarray.tolist, np.asfortranarray, sparse.csr_array, aslinearoperator]
    )
    def test_that_is_given_in_any_fitting_form_is_taken(self, function, name, kind):
        function(**{name: kind(X)})


class Table:
    """What pandas and others call a table: an array whose entries have labels."""

    __matmul__ = None  # would go by label

    def __init__(self, entries):
        self.entries = np.asarray(entries)
        self.shape, self.T = self.entries.shape, self.entries.T

    def to_numpy(self):
        return self.entries


class TestTables:
    @taking("X", "t", "w", "w0")
    def test_are_taken_as_the_arrays_they_hold(self, function, name):
        table = Table({"X": X, "t": T}.get(name, W))
        np.testing.assert_equal(function(**{name: table}), function())

    @taking("X", "t", "w", "w0")
    def test_with_a_gap_are_refused(self, function, name):
        with pytest.raises(ValueError, match=rf"^{name} must be finite, got \d entries that are NaN"):
            function(**{name: Table(np.nan * {"X": X, "t": T}.get(name, W))})


class TestVectors:
    @taking("t", "w", "w0")
    @pytest.mark.parametrize(
        ("spoil", "error", "message"),
        [
            (lambda v: v[:, None], ValueError, r"^{} must be 1-dimensional, got shape \(\d, 1\)$"),
            (lambda v: v[0], ValueError, r"^{} must be 1-dimensional, got shape \(\)$"),
            (lambda v: [[1, 2], 3], ValueError, r"^{} must be rectangular, got rows of different lengths$"),
            (lambda v: [], ValueError, r"^{} must not be empty, got shape \(0,\)$"),
            (lambda v: v * np.nan, ValueError, r"^{} must be finite, got \d entries that are NaN"),
            (lambda v: v + 1j, TypeError, r"^{} must have real entries, got dtype complex128$"),
            (lambda v: v.astype(str), TypeError, r"^{} must have real entries, got dtype <U\d+$"),
            (lambda v: [None] * v.size, TypeError, r"^{} must have real entries, got dtype object$"),
            (
                np.ma.masked_array,
                TypeError,
                r"^{} must be a 1-dimensional array, got MaskedArray$",
            ),
            (lambda v: dict(enumerate(v)), TypeError, r"^{} must be a 1-dimensional array, got dict$"),
            (lambda v: 1.0, TypeError, r"^{} must be a 1-dimensional array, got float$"),
            (lambda v: None, TypeError, r"^{} must be a 1-dimensional array, got NoneType$"),
        ],
    )
    def test_that_are_no_finite_real_vectors(self, function, name, spoil, error, message):
        with pytest.raises(error, match=message.format(name)):
            function(**{name: spoil(T if name == "t" else W)})

    @taking("t")
    @pytest.mark.parametrize("count", [1, 3])
    def test_of_targets_that_do_not_match_the_rows(self, function, name, count):
        with pytest.raises(ValueError, match=rf"^X has 2 rows but t has {count} entries$"):
            function(t=np.ones(count))

    @taking("w", "w0")
    @pytest.mark.parametrize("count", [1, 2, 4])
    def test_of_weights_that_do_not_match_the_columns(self, function, name, count):
        with pytest.raises(ValueError, match=rf"^X has 3 columns but {name} has {count} entries$"):
            function(**{name: np.ones(count)})

    @taking("t", "w", "w0")
    @pytest.mark.parametrize("form", [list, tuple, np.int8, np.float32])
    def test_in_any_fitting_form_are_taken(self, function, name, form):
        v = T if name == "t" else W
        function(**{name: form(v)})


class TestNumbers:
    @pytest.mark.parametrize(
        "rate",
        [1, 0.5, np.float32(0.5), np.int64(1), Fraction(1, 2), 0],
        ids=lambda rate: type(rate).__name__,
    )
    def test_of_every_real_type_become_floats(self, rate):
        rule = GradientDescent(rate)
        assert type(rule.learning_rate) is float
        assert rule.learning_rate == rate

    @pytest.mark.parametrize("rate", [math.nan, math.inf, -1.0, np.float32("nan"), 10**400, Fraction(-1, 2)])
    def test_that_are_out_of_range_are_shown(self, rate):
        with pytest.raises(ValueError, match=r"^learning_rate must be a finite number >= 0, got ") as caught:
            GradientDescent(rate)
        assert str(caught.value).endswith(f"got {rate!r}")

    @pytest.mark.parametrize("rate", [True, np.True_, "1", 1j, None, np.array(0.1), [0.1]])
    def test_that_are_not_real_are_shown_with_their_type(self, rate):
        with pytest.raises(TypeError, match=r"^learning_rate must be a real number, got ") as caught:
            GradientDescent(rate)
        assert str(caught.value).endswith(f"got {rate!r} of type {type(rate).__name__}")

    @pytest.mark.parametrize("share", [-1e-9, 1, 1.0, math.nan, math.inf])
    def test_that_are_no_share_are_refused(self, share):
        with pytest.raises(ValueError, match=r"^momentum must "):
            GradientDescent(0.1, momentum=share)

    @pytest.mark.parametrize("steps", [3, np.int8(3), np.uint64(3), np.array(3)], ids=repr)
    def test_of_every_whole_type_count(self, steps):
        result = minimize(lambda w: w, [1.0], GradientDescent(0.5), max_steps=steps)
        assert result.steps == 3
        assert result.w == [0.125]

    @pytest.mark.parametrize(
        "steps", [True, np.True_, 3.0, "3", None, np.float64(3), np.array([3, 3]), np.array(3.0)], ids=repr
    )
    def test_that_are_not_whole_are_shown_with_their_type(self, steps):
        with pytest.raises(TypeError, match=r"^max_steps must be an integer, got ") as caught:
            minimize(lambda w: w, [1.0], GradientDescent(0.5), max_steps=steps)
        assert str(caught.value).endswith(f"got {steps!r} of type {type(steps).__name__}")

    def test_that_are_whole_but_too_small_are_shown(self):
        with pytest.raises(ValueError, match=r"^max_steps must be an integer >= 0, got -1$"):
            minimize(lambda w: w, [1.0], GradientDescent(0.5), max_steps=-1)


class TestChoices:
    OPTIONS = r"\['\w+', '\w+', '\w+'\]"

    @pytest.mark.parametrize(
        ("method", "nearest"), [("revers", "reverse"), ("forwards", "forward"), ("REVERSE", "reverse")]
    )
    def test_suggest_the_nearest(self, method, nearest):
        message = rf"^method must be one of {self.OPTIONS}, got '{method}'; did you mean '{nearest}'\?$"
        with pytest.raises(ValueError, match=message):
            learning_rate_gradient(X, T, W, 0.1, 2, method=method)

    @pytest.mark.parametrize("method", ["xyz", None, 3])
    def test_suggest_nothing_where_nothing_is_near(self, method):
        with pytest.raises(ValueError, match=rf"^method must be one of {self.OPTIONS}, got {method!r}$"):
            learning_rate_gradient(X, T, W, 0.1, 2, method=method)

    @pytest.mark.parametrize("method", ["forward", "reverse", "checkpoint"])
    def test_take_every_option(self, method):
        learning_rate_gradient(X, T, W, 0.1, 2, method=method)
