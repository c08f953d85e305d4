"""Update rules against loops over plain floats, and the loop that runs them against its promises."""

import itertools
import math
import tracemalloc
from dataclasses import FrozenInstanceError, dataclass
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from problems import FULL_ROW_RANK, PROBLEMS, each
from scipy import optimize, sparse
from scipy.sparse.linalg import aslinearoperator

from hwlib.learning_rates import optimal_learning_rate
from hwlib.least_squares import mean_squared_error_gradient, row_space_component
from hwlib.optimizers import (
    AdaGrad,
    Adam,
    AdamState,
    AdamW,
    BarzilaiBorwein,
    DivergenceError,
    GradientDescent,
    RMSProp,
    SignDescent,
    minibatch_gradient,
    minimize,
)

quick = settings(deadline=None, max_examples=40)
gradients = st.lists(st.floats(-10, 10), min_size=1, max_size=30)


# Each reference follows one coordinate with Python's floats, from the algorithm as it is published.


def gradient_descent(w, slopes, rate, momentum=0.0, nesterov=False):
    velocity = 0.0
    for g in slopes:
        velocity = momentum * velocity + g
        w -= rate * (g + momentum * velocity if nesterov else velocity)
    return w


def sutskever(w, slopes, rate, momentum):
    """Apply momentum as Keras has it: the velocity holds the rate."""
    velocity = 0.0
    for g in slopes:
        velocity = momentum * velocity - rate * g
        w += velocity
    return w


def sign_descent(w, slopes, rate):
    for g in slopes:
        w -= rate * ((g > 0) - (g < 0))
    return w


def adagrad(w, slopes, rate, initial_accumulator=0.0, epsilon=1e-10, delayed=False):
    total = initial_accumulator
    for g in slopes:
        divisor = total if delayed else total + g * g
        w -= rate * g / (math.sqrt(divisor) + epsilon)
        total += g * g
    return w


def rmsprop(w, slopes, rate, decay=0.9, initial_accumulator=0.0, epsilon=1e-8):
    mean = initial_accumulator
    for g in slopes:
        mean = decay * mean + (1 - decay) * g * g
        w -= rate * g / (math.sqrt(mean) + epsilon)
    return w


def adamw(w, slopes, rate=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=0.0):
    """Average the moments with the bias-corrected weights of section 3, not by recursion."""
    for k in range(1, len(slopes) + 1):
        ages = range(k - 1, -1, -1)
        first = sum(beta1**a * g for a, g in zip(ages, slopes, strict=False)) / sum(beta1**a for a in ages)
        second = sum(beta2**a * g * g for a, g in zip(ages, slopes, strict=False)) / sum(
            beta2**a for a in ages
        )
        w = w * (1 - rate * weight_decay) - rate * first / (math.sqrt(second) + epsilon)
    return w


RULES = {
    "gradient descent": (GradientDescent, gradient_descent, (0.1,)),
    "heavy ball": (GradientDescent, gradient_descent, (0.1, 0.9)),
    "Nesterov": (GradientDescent, gradient_descent, (0.1, 0.9, True)),
    "sign descent": (SignDescent, sign_descent, (0.1,)),
    "AdaGrad": (AdaGrad, adagrad, (0.1,)),
    "AdaGrad from 1": (AdaGrad, adagrad, (0.1, 1.0, 0.0)),
    "delayed AdaGrad": (AdaGrad, adagrad, (0.1, 1.0, 0.0, True)),
    "RMSProp": (RMSProp, rmsprop, (0.1,)),
    "RMSProp as in PyTorch": (RMSProp, rmsprop, (0.01, 0.99)),
    "RMSProp from 1": (RMSProp, rmsprop, (0.1, 0.9, 1.0, 0.0)),
    "Adam": (Adam, adamw, ()),
    "Adam with short memory": (Adam, adamw, (0.1, 0.5, 0.8, 1e-3)),
    "AdamW": (AdamW, lambda w, slopes: adamw(w, slopes, weight_decay=0.01), ()),
    "AdamW with strong decay": (AdamW, adamw, (0.1, 0.8, 0.9, 1e-6, 0.5)),
}
EVERY_RULE = pytest.mark.parametrize(("rule", "reference", "options"), RULES.values(), ids=RULES.keys())


def run(rule, w, slopes):
    state = rule.init(w)
    for slope in slopes:
        w, state = rule.update(w, slope, state)
    return w


class TestRules:
    @EVERY_RULE
    @quick
    @given(first=gradients, second=gradients)
    def test_move_each_coordinate_as_published(self, rule, reference, options, first, second):
        slopes = list(itertools.zip_longest(first, second, fillvalue=1.0))
        w = run(rule(*options), np.array([1.0, -2.0]), np.array(slopes))
        expected = [
            reference(start, coordinate, *options)
            for start, coordinate in zip([1.0, -2.0], zip(*slopes, strict=True), strict=True)
        ]
        assert_allclose(w, expected, rtol=1e-10, atol=1e-10)

    @EVERY_RULE
    def test_keep_float32(self, rule, reference, options):
        slopes = np.array([[1.0, -2.0], [0.5, 3.0]], np.float32)
        w = run(rule(*options), np.ones(2, np.float32), slopes)
        assert w.dtype == np.float32
        assert_allclose(w, run(rule(*options), np.ones(2), slopes), rtol=1e-6)

    @EVERY_RULE
    def test_change_nothing_that_they_are_given_and_remember_nothing_themselves(
        self, rule, reference, options
    ):
        optimizer = rule(*options)
        w, slope = np.array([1.0, 2.0]), np.array([3.0, -4.0])
        for array in (w, slope):
            array.flags.writeable = False
        w1, state = optimizer.update(w, slope, optimizer.init(w))
        before = repr((w1, state))
        once, state_once = optimizer.update(w1, slope, state)
        twice, state_twice = optimizer.update(w1, slope, state)
        assert repr((w1, state)) == before
        assert repr((once, state_once)) == repr((twice, state_twice))
        assert not np.shares_memory(once, w1)

    @EVERY_RULE
    def test_are_frozen_values(self, rule, reference, options):
        optimizer = rule(*options)
        assert optimizer == rule(*options)
        assert hash(optimizer) == hash(rule(*options))
        with pytest.raises(FrozenInstanceError):
            optimizer.learning_rate = 1.0

    @EVERY_RULE
    def test_of_rate_zero_leave_the_weights_alone(self, rule, reference, options):
        optimizer = rule(0, *options[1:])
        w = np.array([1.0, 2.0])
        assert_array_equal(run(optimizer, w, np.ones((3, 2))), w)

    @quick
    @given(slopes=gradients, momentum=st.floats(0, 0.99))
    def test_with_momentum_agree_with_the_form_whose_velocity_holds_the_rate(self, slopes, momentum):
        w = run(GradientDescent(0.1, momentum), np.ones(1), np.array(slopes)[:, None])
        assert_allclose(w, sutskever(1.0, slopes, 0.1, momentum), rtol=1e-10, atol=1e-10)

    @quick
    @given(slopes=gradients)
    def test_rmsprop_and_adam_without_memory_are_sign_descent(self, slopes):
        slopes = np.array([round(g) for g in slopes], float)[:, None]
        signs = run(SignDescent(0.1), np.ones(1), slopes)
        assert_allclose(run(RMSProp(0.1, decay=0.0), np.ones(1), slopes), signs, atol=1e-6)
        assert_allclose(run(Adam(0.1, 0.0, 0.0), np.ones(1), slopes), signs, atol=1e-6)

    def test_have_the_defaults_of_pytorch(self):
        assert Adam() == Adam(1e-3, 0.9, 0.999, 1e-8)
        assert AdamW() == AdamW(1e-3, 0.9, 0.999, 1e-8, 1e-2)
        assert AdaGrad(1) == AdaGrad(1.0, 0.0, 1e-10, delayed=False)
        assert GradientDescent(1) == GradientDescent(1.0, 0.0, nesterov=False)

    def test_rmsprop_keeps_the_decay_of_the_lecture(self):
        assert RMSProp(1) == RMSProp(1.0, 0.9, 0.0, 1e-8)

    def test_adamw_without_decay_is_adam(self):
        slopes = np.random.default_rng(0).standard_normal((20, 3))
        w = np.ones(3)
        assert_array_equal(run(AdamW(weight_decay=0), w, slopes), run(Adam(), w, slopes))

    @EVERY_RULE
    def test_take_whole_numbers_without_overflow(self, rule, reference, options):
        optimizer = rule(*options)
        once, _ = optimizer.update(np.zeros(2), np.array([100, -3], np.int8), optimizer.init([0, 0]))
        wanted, _ = optimizer.update(np.zeros(2), [100.0, -3.0], optimizer.init(np.zeros(2)))
        assert_array_equal(once, wanted)

    def test_adam_counts_its_steps(self):
        rule = Adam()
        state = rule.init(np.zeros(2))
        assert isinstance(state, AdamState)
        assert state.steps == 0
        _, state = rule.update(np.zeros(2), np.ones(2), state)
        assert state.steps == 1


class TestBarzilaiBorwein:
    @each(PROBLEMS)
    @pytest.mark.parametrize("short", [False, True])
    def test_the_rate_fits_the_last_step_best(self, problem, short):
        """No search finds a better one: for the step over the rate, or for the rate times the change."""
        X, t, w0, _ = problem
        rule = BarzilaiBorwein(0.001, short)
        first_slope = mean_squared_error_gradient(X, t, w0)
        w1, state = rule.update(w0, first_slope, rule.init(w0))
        assert_allclose(w1, w0 - 0.001 * first_slope, rtol=1e-15)
        slope = mean_squared_error_gradient(X, t, w1)
        w2, _ = rule.update(w1, slope, state)
        rate = (w1 - w2) @ slope / (slope @ slope)
        step, change = w1 - w0, slope - first_slope

        def misfit(log_rate):
            tried = math.exp(log_rate)
            return np.sum((step - tried * change) ** 2 if short else (step / tried - change) ** 2)

        found = optimize.minimize_scalar(
            misfit, bracket=(math.log(rate) - 1, math.log(rate) + 0.5), tol=1e-12
        )
        assert rate == pytest.approx(math.exp(found.x), rel=1e-5)

    @each(PROBLEMS)
    def test_on_least_squares_it_is_line_search_a_step_late(self, problem):
        X, t, w0, _ = problem
        path = minimize(
            lambda w: mean_squared_error_gradient(X, t, w),
            w0,
            BarzilaiBorwein(0.01),
            max_steps=4,
            record=True,
        ).path
        for before, w, after in zip(path, path[1:], path[2:], strict=False):
            slope = mean_squared_error_gradient(X, t, w)
            if np.linalg.norm(slope) > 1e-6 * np.linalg.norm(mean_squared_error_gradient(X, t, w0)):
                wanted = w - optimal_learning_rate(X, t, before) * slope
                assert_allclose(after, wanted, rtol=1e-6, atol=1e-8)

    @pytest.mark.parametrize("short", [False, True])
    def test_it_comes_to_the_solution(self, short):
        X, t, w0, _ = PROBLEMS["tall"]
        result = minimize(
            lambda w: mean_squared_error_gradient(X, t, w),
            w0,
            BarzilaiBorwein(0.01, short),
            max_steps=200,
            tolerance=1e-10,
        )
        assert result.converged
        assert_allclose(result.w, np.linalg.lstsq(X, t, rcond=None)[0], atol=1e-9)

    def test_without_curvature_it_takes_the_rate_it_was_given(self):
        rule = BarzilaiBorwein(0.5)
        for slope in ([1.0], [3.0]):  # the same as before, and one of negative curvature
            _, state = rule.update(np.zeros(1), np.ones(1), rule.init([0.0]))
            w, _ = rule.update(np.array([-0.5]), slope, state)
            assert_array_equal(w, -0.5 - 0.5 * np.array(slope))

    def test_of_rate_zero_it_leaves_the_weights_alone(self):
        assert_array_equal(run(BarzilaiBorwein(0), np.ones(2), np.ones((3, 2))), np.ones(2))

    def test_the_short_rate_is_the_shorter(self):
        X, t, w0, _ = PROBLEMS["square"]
        slopes = [mean_squared_error_gradient(X, t, w) for w in (w0, w0 - 0.01)]
        ends = []
        for short in (False, True):
            rule = BarzilaiBorwein(0.1, short)
            _, state = rule.update(w0, slopes[0], rule.init(w0))
            w, _ = rule.update(w0 - 0.01, slopes[1], state)
            ends.append(np.linalg.norm(w - (w0 - 0.01)))
        assert ends[1] < ends[0]

    def test_keeps_float32_and_is_a_frozen_value(self):
        rule = BarzilaiBorwein(0.1, short=True)
        slopes = np.array([[1.0, -2.0], [0.5, 3.0]], np.float32)
        assert run(rule, np.ones(2, np.float32), slopes).dtype == np.float32
        assert (rule, hash(rule)) == (BarzilaiBorwein(0.1, True), hash(BarzilaiBorwein(0.1, True)))
        with pytest.raises(FrozenInstanceError):
            rule.short = False

    def test_refuses_a_choice_that_is_none(self):
        with pytest.raises(TypeError, match=r"^short must be True or False, got 1 of type int$"):
            BarzilaiBorwein(0.1, 1)


ALL_RULES = [GradientDescent, BarzilaiBorwein, SignDescent, AdaGrad, RMSProp, Adam, AdamW]


class TestRefusedRules:
    @pytest.mark.parametrize("rule", ALL_RULES)
    @pytest.mark.parametrize("rate", [-1e-300, -1, math.nan, math.inf, -math.inf])
    def test_rate_that_is_negative_or_not_finite(self, rule, rate):
        with pytest.raises(ValueError, match=r"^learning_rate must be a finite number >= 0, got "):
            rule(rate)

    @pytest.mark.parametrize("rule", ALL_RULES)
    @pytest.mark.parametrize("rate", ["0.1", None, 1j, True, [0.1]])
    def test_rate_that_is_no_real_number(self, rule, rate):
        with pytest.raises(TypeError, match=r"^learning_rate must be a real number, got .* of type "):
            rule(rate)

    @pytest.mark.parametrize(
        ("rule", "name"),
        [
            (GradientDescent, "momentum"),
            (RMSProp, "decay"),
            (Adam, "beta1"),
            (Adam, "beta2"),
            (AdamW, "beta2"),
        ],
    )
    @pytest.mark.parametrize("share", [-0.1, 1, 1.5])
    def test_share_outside_zero_to_one(self, rule, name, share):
        with pytest.raises(ValueError, match=rf"^{name} must lie in \[0, 1\), got {share}$"):
            rule(0.1, **{name: share})

    @pytest.mark.parametrize("rule", [AdaGrad, RMSProp])
    def test_accumulator_or_epsilon_below_zero(self, rule):
        with pytest.raises(ValueError, match=r"^initial_accumulator must be a finite number >= 0, got -1$"):
            rule(0.1, initial_accumulator=-1)
        with pytest.raises(ValueError, match=r"^epsilon must be a finite number >= 0, got -1$"):
            rule(0.1, epsilon=-1)

    @pytest.mark.parametrize("rule", [AdaGrad, RMSProp])
    def test_division_by_zero_at_the_first_step(self, rule):
        with pytest.raises(ValueError, match=r"^epsilon must be > 0 where initial_accumulator is 0"):
            rule(0.1, epsilon=0)

    @pytest.mark.parametrize("rule", [Adam, AdamW])
    def test_epsilon_zero_where_moments_start_at_zero(self, rule):
        with pytest.raises(ValueError, match=r"^epsilon must be a finite number > 0, got 0$"):
            rule(epsilon=0)

    def test_decay_below_zero(self):
        with pytest.raises(ValueError, match=r"^weight_decay must be a finite number >= 0, got -0.1$"):
            AdamW(weight_decay=-0.1)

    def test_lookahead_along_no_velocity(self):
        with pytest.raises(ValueError, match=r"^momentum must be > 0 with nesterov=True, got 0.0$"):
            GradientDescent(0.1, nesterov=True)

    def test_delay_with_nothing_to_divide_by(self):
        with pytest.raises(ValueError, match=r"^initial_accumulator must be > 0 with delayed=True"):
            AdaGrad(0.1, delayed=True)

    @EVERY_RULE
    @pytest.mark.parametrize("shape", [(1,), (2,), (3, 1), ()])
    def test_gradient_that_would_be_broadcast(self, rule, reference, options, shape):
        optimizer = rule(*options)
        state = optimizer.init(np.zeros(3))
        with pytest.raises(ValueError, match=r"^gradient must have the shape \(3,\) of w, got \("):
            optimizer.update(np.zeros(3), np.ones(shape), state)

    @pytest.mark.parametrize("rule", [GradientDescent, AdaGrad, RMSProp, Adam, AdamW])
    def test_weights_that_are_no_vector(self, rule):
        with pytest.raises(ValueError, match=r"^w must be finite, got 1 entries that are NaN or infinite$"):
            rule(0.1).init([0.0, math.nan])
        with pytest.raises(TypeError, match=r"^w must be a 1-dimensional array, got float$"):
            rule(0.1).init(0.0)

    def test_of_a_flag_that_is_neither_true_nor_false_is_refused(self):
        with pytest.raises(TypeError, match=r"^nesterov must be True or False, got 'no' of type str$"):
            GradientDescent(0.1, 0.9, nesterov="no")
        with pytest.raises(TypeError, match=r"^delayed must be True or False, got 1 of type int$"):
            AdaGrad(0.1, 1.0, delayed=1)


def homework_gradient(w):
    return np.array([[8.0, 4.0], [4.0, 2.0]]) @ w - [8.0, 4.0]


def cell_of_the_source(steps):
    """Run the source's cell with plain floats."""
    w, v, eta = [0.0, 0.0], [1.0, 1.0], 0.01
    for _ in range(steps):
        grad = [8 * w[0] + 4 * w[1] - 8, 4 * w[0] + 2 * w[1] - 4]
        w = [w[i] - eta / math.sqrt(v[i]) * grad[i] for i in range(2)]
        v = [v[i] + grad[i] ** 2 for i in range(2)]
    return w


class TestTheHomework:
    def test_run_is_delayed_adagrad_and_not_rmsprop(self):
        rule = AdaGrad(0.01, initial_accumulator=1.0, epsilon=0.0, delayed=True)
        w = minimize(homework_gradient, [0, 0], rule, max_steps=200_000).w
        assert [f"{v:.8f}" for v in w] == ["0.68022007", "0.63955986"]
        assert_allclose(w, cell_of_the_source(200_000), rtol=1e-12)

    def test_rmsprop_from_one_solves_the_system_but_not_with_minimum_norm(self):
        w = minimize(homework_gradient, [0, 0], RMSProp(0.01, initial_accumulator=1.0), max_steps=50_000).w
        assert_allclose(w, [0.67050581, 0.65898838], atol=5e-9)

    @pytest.mark.parametrize("rule", [AdaGrad(0.01), RMSProp(0.01)])
    def test_from_zero_both_coordinates_move_alike(self, rule):
        result = minimize(homework_gradient, [0, 0], rule, max_steps=50_000, tolerance=1e-9, record=True)
        assert_allclose(result.path[:, 0], result.path[:, 1], atol=1e-8)
        assert_allclose(result.w, [2 / 3, 2 / 3], atol=1e-8)

    @pytest.mark.parametrize(
        "rule",
        [GradientDescent(0.05), GradientDescent(0.05, 0.5), GradientDescent(0.05, 0.5, nesterov=True)],
    )
    def test_gradient_descent_finds_the_solution_of_minimum_norm(self, rule):
        result = minimize(homework_gradient, [0, 0], rule, max_steps=1_000, tolerance=1e-12)
        assert_allclose(result.w, [0.8, 0.4], rtol=1e-12)


class TestMinibatchGradient:
    @each(PROBLEMS)
    def test_of_the_whole_data_is_the_full_gradient(self, problem):
        X, t, w, _ = problem
        gradient = minibatch_gradient(X, t, X.shape[0], np.random.default_rng(0))
        assert_allclose(gradient(w), mean_squared_error_gradient(X, t, w), rtol=1e-12, atol=1e-13)

    @each(PROBLEMS)
    @pytest.mark.parametrize(
        "kind",
        [
            aslinearoperator,
            *(
                getattr(sparse, f"{form}_{container}")
                for form in ("csr", "csc", "coo", "lil", "dok", "dia", "bsr")
                for container in ("array", "matrix")
            ),
        ],
    )
    def test_of_every_kind_of_matrix_is_that_of_the_array(self, problem, kind):
        X, t, w, _ = problem
        size = (X.shape[0] + 1) // 2
        dense = minibatch_gradient(X, t, size, np.random.default_rng(1))
        other = minibatch_gradient(kind(X), t, size, np.random.default_rng(1))
        for _ in range(3):
            assert_allclose(other(w), dense(w), rtol=1e-12, atol=1e-12)

    @each(PROBLEMS)
    def test_stays_in_the_row_space(self, problem):
        X, t, w, _ = problem
        slope = minibatch_gradient(X, t, 1, np.random.default_rng(0))(w)
        assert_allclose(row_space_component(X, slope), slope, atol=1e-11)

    @pytest.mark.parametrize("kind", [np.asarray, aslinearoperator])
    @pytest.mark.parametrize("size", [1, 2, 3, 5])
    def test_has_the_full_gradient_as_mean_over_all_batches(self, kind, size):
        X, t, w, _ = PROBLEMS["wide"]
        batches = list(itertools.combinations(range(5), size))

        class EveryBatch(np.random.Generator):
            remaining = iter(batches)

            def choice(self, n, size, replace):
                assert (n, replace) == (5, False)
                return np.array(next(self.remaining))

        gradient = minibatch_gradient(kind(X), t, size, EveryBatch(np.random.PCG64(0)))
        slopes = [gradient(w) for _ in batches]
        for batch, slope in zip(batches, slopes, strict=True):
            rows = list(batch)
            by_hand = sum(2 / size * X[j] * (X[j] @ w - t[j]) for j in rows)
            assert_allclose(slope, by_hand, rtol=1e-12, atol=1e-12)
        assert_allclose(np.mean(slopes, axis=0), mean_squared_error_gradient(X, t, w), rtol=1e-12, atol=1e-12)

    def test_draws_every_batch_with_equal_chance_and_no_example_twice(self):
        X = np.eye(4)
        gradient = minibatch_gradient(X, np.ones(4), 2, np.random.default_rng(0))
        counts = {}
        for _ in range(6_000):
            drawn = tuple(np.flatnonzero(gradient(np.zeros(4))))
            counts[drawn] = counts.get(drawn, 0) + 1
        assert sorted(counts) == list(itertools.combinations(range(4), 2))
        # The standard deviation of a count is about 29.
        assert all(abs(count - 1_000) < 5 * 29 for count in counts.values())

    @pytest.mark.parametrize("size", [1, 2, 5])
    def test_leads_from_zero_to_the_solution_of_minimum_norm(self, size):
        X, t, _, _ = FULL_ROW_RANK["wide"]
        gradient = minibatch_gradient(X, t, size, np.random.default_rng(0))
        w = minimize(gradient, np.zeros(20), GradientDescent(0.04), max_steps=20_000).w
        assert_allclose(w, np.linalg.pinv(X) @ t, atol=1e-10)

    def test_of_wrong_size_is_refused(self):
        X, t, rng = np.ones((3, 2)), np.ones(3), np.random.default_rng(0)
        with pytest.raises(ValueError, match=r"^batch_size must be at most the 3 rows of X, got 4$"):
            minibatch_gradient(X, t, 4, rng)
        with pytest.raises(ValueError, match=r"^batch_size must be an integer >= 1, got 0$"):
            minibatch_gradient(X, t, 0, rng)

    @pytest.mark.parametrize("rng", [0, None, np.random.RandomState(0)])
    def test_without_a_generator_is_refused(self, rng):
        with pytest.raises(TypeError, match=r"^rng must be a numpy.random.Generator, got "):
            minibatch_gradient(np.ones((3, 2)), np.ones(3), 1, rng)


def quadratic(*curvatures):
    hessian = np.array(curvatures, float)
    return lambda w: hessian * w


class TestMinimize:
    def test_converges_where_the_gradient_is_within_the_tolerance(self):
        result = minimize(quadratic(1, 2), [3, 4], GradientDescent(0.1), max_steps=1000, tolerance=1e-6)
        assert result.converged
        assert 0 < result.steps < 1000
        assert np.linalg.norm([1, 2] * result.w) <= 1e-6
        # One step less was not enough.
        shorter = minimize(
            quadratic(1, 2), [3, 4], GradientDescent(0.1), max_steps=result.steps - 1, tolerance=1e-6
        )
        assert not shorter.converged
        assert shorter.steps == result.steps - 1
        assert np.linalg.norm([1, 2] * shorter.w) > 1e-6

    def test_says_so_if_the_last_allowed_step_converges(self):
        result = minimize(quadratic(1), [1], GradientDescent(1.0), max_steps=1)
        assert (result.steps, result.converged, result.w.tolist()) == (1, True, [0.0])

    def test_makes_no_step_from_an_optimum(self):
        result = minimize(quadratic(1), [0], GradientDescent(1.0), max_steps=5, record=True)
        assert (result.steps, result.converged) == (0, True)
        assert result.path.tolist() == [[0.0]]

    def test_makes_no_step_where_none_is_allowed(self):
        w0 = np.array([1.0])
        result = minimize(quadratic(1), w0, GradientDescent(1.0), max_steps=0)
        assert (result.steps, result.converged, result.w.tolist()) == (0, False, [1.0])
        assert not np.shares_memory(result.w, w0)

    @pytest.mark.parametrize("tolerance", [1e-200, 1e200])
    def test_compares_with_a_tolerance_whose_square_is_no_float(self, tolerance):
        result = minimize(quadratic(1), [1], GradientDescent(0.1), max_steps=1, tolerance=tolerance)
        assert result.converged == (tolerance > 1)

    def test_with_tolerance_zero_goes_on_to_the_last_step(self):
        result = minimize(quadratic(1), [1], GradientDescent(0.1), max_steps=50)
        assert (result.steps, result.converged) == (50, False)
        assert result.w == pytest.approx([0.9**50])

    def test_records_every_iterate(self):
        result = minimize(quadratic(1, 2), [1, 1], GradientDescent(0.1), max_steps=20, record=True)
        powers = np.arange(21)[:, None]
        assert_allclose(result.path, np.array([0.9, 0.8]) ** powers, rtol=1e-13)
        assert_array_equal(result.path[-1], result.w)

    def test_records_nothing_unless_asked(self):
        assert minimize(quadratic(1), [1], GradientDescent(0.1), max_steps=2).path is None

    def test_calls_back_after_every_step(self):
        calls = []
        result = minimize(
            quadratic(1), [8], GradientDescent(0.5), max_steps=3, callback=lambda k, w: calls.append((k, *w))
        )
        assert calls == [(1, 4.0), (2, 2.0), (3, 1.0)]
        assert result.steps == 3

    def test_result_and_arguments_are_left_alone(self):
        w0 = np.array([1.0, 1.0])
        result = minimize(quadratic(1, 2), w0, Adam(0.1), max_steps=10)
        assert w0.tolist() == [1.0, 1.0]
        with pytest.raises(FrozenInstanceError):
            result.w = w0

    def test_keeps_float32(self):
        start = np.ones(2, np.float32)
        result = minimize(lambda w: w, start, Adam(0.1), max_steps=5, record=True)
        assert result.w.dtype == result.path.dtype == np.float32

    @pytest.mark.parametrize("rule", [GradientDescent(0.1, 0.5), AdaGrad(0.1), RMSProp(0.1), AdamW(0.1)])
    def test_without_record_takes_no_more_memory_for_more_steps(self, rule):
        def peak(steps):
            tracemalloc.start()
            try:
                minimize(lambda w: w, np.ones(1000), rule, max_steps=steps)
                return tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()

        peak(10)
        assert peak(1000) < peak(20) + 8_000

    def test_runs_any_rule_that_has_the_two_methods(self):
        @dataclass(frozen=True)
        class Halve:
            learning_rate: float = 0.5

            def init(self, w):
                return None

            def update(self, w, gradient, state):
                return w / 2, state

        assert minimize(quadratic(1), [8], Halve(), max_steps=3).w.tolist() == [1.0]


class TestDivergence:
    def test_stops_at_the_first_iterate_that_is_not_finite(self):
        calls = []
        with pytest.raises(DivergenceError) as caught:
            minimize(
                quadratic(1),
                [1],
                GradientDescent(1e100),
                max_steps=1000,
                callback=lambda k, w: calls.append(w),
            )
        # The iterates are close to 1e100, 1e200, 1e300, and then too large.
        assert str(caught.value).startswith("step 4 with learning_rate 1e+100 left the finite numbers;")
        assert len(calls) == 3
        assert np.isfinite(calls).all()
        assert isinstance(caught.value, ValueError)

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_of_one_curvature_names_the_limit(self, dtype):
        message = "on this quadratic a learning_rate below 0.5 is stable$"
        with pytest.raises(DivergenceError, match=message):
            minimize(lambda w: 4 * w, np.ones(1, dtype), GradientDescent(1.0), max_steps=10_000)

    @each(PROBLEMS)
    @pytest.mark.parametrize(
        ("momentum", "nesterov"), [(0.0, False), (0.3, False), (0.9, False), (0.9, True)]
    )
    def test_names_a_limit_below_which_it_is_stable_and_above_which_not(self, problem, momentum, nesterov):
        X, t, w0, s = problem

        def gradient(w):
            return mean_squared_error_gradient(X, t, w)

        def growth(rate):
            """Loss, without the part that no weights remove, late in a run by that early in it."""
            losses = []
            rule = GradientDescent(rate, momentum, nesterov)
            unavoidable = np.sum((t - X @ np.linalg.pinv(X) @ t) ** 2)
            minimize(
                gradient,
                w0,
                rule,
                max_steps=3_000,
                callback=lambda _, w: losses.append(np.sum((X @ w - t) ** 2) - unavoidable),
            )
            return max(losses[-50:]) / max(losses[:50])

        hopeless = GradientDescent(100 * X.shape[0] / s.max() ** 2, momentum, nesterov)
        with pytest.raises(DivergenceError) as caught:
            minimize(gradient, w0, hopeless, max_steps=10_000)
        limit = float(str(caught.value).split(" below ")[1].split(" is stable")[0])
        assert growth(0.99 * limit) < 1
        assert growth(1.01 * limit) > 10

    def test_of_other_rules_names_no_limit(self):
        with pytest.raises(DivergenceError, match=r"step 1 with .*; try a smaller learning_rate$"):
            minimize(lambda w: -w, [1.7e308], SignDescent(1e308), max_steps=3)

    @pytest.mark.parametrize(
        "gradient",
        [
            pytest.param(lambda w: w**3, id="cubic"),
            pytest.param(lambda w: 1e-12 * w**3, id="nearly flat"),
            pytest.param(lambda w: -w, id="concave"),
            pytest.param(lambda w: np.array([1.0, -1.0]) * w[::-1], id="no gradient of anything"),
            pytest.param(lambda w: w * math.nan, id="not a number"),
        ],
    )
    def test_where_there_is_no_convex_quadratic_names_no_limit(self, gradient):
        with pytest.raises(DivergenceError, match=r"; try a smaller learning_rate$"):
            minimize(gradient, [3.0, 2.0], GradientDescent(1e13), max_steps=10_000)

    def test_with_constant_gradient_names_no_limit(self):
        with pytest.raises(DivergenceError, match=r"; try a smaller learning_rate$"):
            minimize(lambda w: np.ones(1), [0], GradientDescent(1e308), max_steps=3)

    def test_of_random_batches_names_no_limit_although_some_draw_one_example_several_times(self):
        for seed in range(60):
            gradient = minibatch_gradient(np.diag([1.0, 3.0]), [1, 1], 1, np.random.default_rng(seed))
            with pytest.raises(DivergenceError, match=r"; try a smaller learning_rate$"):
                minimize(gradient, [5, 5], GradientDescent(10), max_steps=10_000)


class TestRefusedRuns:
    @pytest.mark.parametrize(
        ("returned", "came"),
        [
            (np.ones(3), r"\(3,\)"),
            (np.ones((2, 1)), r"\(2, 1\)"),
            (np.float64(1), r"\(\)"),
            ([1, 1], "list"),
            (1.0, "float"),
            (None, "NoneType"),
        ],
    )
    def test_gradient_of_another_shape(self, returned, came):
        with pytest.raises(ValueError, match=rf"^gradient must return shape \(2,\) like w0, got {came}$"):
            minimize(lambda w: returned, [1, 1], GradientDescent(0.1), max_steps=1)

    @pytest.mark.parametrize("dtype", [np.int8, np.complex128, np.bool_])
    def test_gradient_of_another_kind(self, dtype):
        with pytest.raises(TypeError, match=r"^gradient must return floating-point numbers, got dtype "):
            minimize(lambda w: np.ones(2, dtype), [1, 1], GradientDescent(0.1), max_steps=1)

    def test_gradient_that_is_no_function(self):
        with pytest.raises(TypeError, match=r"^gradient must be callable, got ndarray$"):
            minimize(np.ones(2), [1, 1], GradientDescent(0.1), max_steps=1)

    def test_callback_that_is_no_function(self):
        with pytest.raises(TypeError, match=r"^callback must be callable, got int$"):
            minimize(lambda w: w, [1, 1], GradientDescent(0.1), max_steps=1, callback=3)

    @pytest.mark.parametrize("optimizer", [GradientDescent, "Adam", None, SimpleNamespace(), {}])
    def test_optimizer_that_is_none(self, optimizer):
        with pytest.raises(
            TypeError, match=r"^optimizer must be an update rule such as GradientDescent\(0.1\), got"
        ):
            minimize(lambda w: w, [1, 1], optimizer, max_steps=1)

    @pytest.mark.parametrize(
        ("options", "error", "message"),
        [
            ({"max_steps": -1}, ValueError, "^max_steps must be an integer >= 0, got -1$"),
            ({"max_steps": 1.5}, TypeError, "^max_steps must be an integer, got 1.5 of type float$"),
            (
                {"max_steps": 1, "tolerance": -1},
                ValueError,
                "^tolerance must be a finite number >= 0, got -1$",
            ),
            ({"max_steps": 1, "record": 1}, TypeError, "^record must be True or False, got 1 of type int$"),
            ({"max_steps": 1, "tolerance": math.nan}, ValueError, "^tolerance must be a finite number >= 0"),
        ],
    )
    def test_numbers_out_of_range(self, options, error, message):
        with pytest.raises(error, match=message):
            minimize(lambda w: w, [1, 1], GradientDescent(0.1), **options)

    @pytest.mark.parametrize(
        ("w0", "error", "message"),
        [
            ([[1.0]], ValueError, r"^w0 must be 1-dimensional, got shape \(1, 1\)$"),
            ([], ValueError, r"^w0 must not be empty, got shape \(0,\)$"),
            ([math.nan], ValueError, "^w0 must be finite, got 1 entries that are NaN or infinite$"),
            ([1j], TypeError, "^w0 must have real entries, got dtype complex128$"),
        ],
    )
    def test_start(self, w0, error, message):
        with pytest.raises(error, match=message):
            minimize(lambda w: w, w0, GradientDescent(0.1), max_steps=1)
