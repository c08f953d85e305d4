"""The two steps against their definition in plain Python, and their equivalence over whole runs."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import PROBLEMS, each
from scipy import sparse
from scipy.sparse.linalg import aslinearoperator

from hwlib.least_squares import mean_squared_error, mean_squared_error_gradient
from hwlib.optimizers import AdaGrad
from hwlib.regularization import (
    CONVENTIONS,
    NoEquivalentError,
    equivalent_l2,
    equivalent_weight_decay,
    l2_step,
    translate,
    weight_decay_step,
)

STEPS = pytest.mark.parametrize("step", [l2_step, weight_decay_step])
X, T, W0 = np.array([[2.0, 1.0], [0.0, 1.0]]), np.array([2.0, -1.0]), np.array([1.0, 0.5])

quick = settings(deadline=None, max_examples=50)
rates = st.floats(1e-6, 1e6)
factors = st.floats(0, 1e6)


def by_definition(X, t, w, learning_rate, shrink):
    """Each weight times `shrink`, less the rate times its derivative, in Python's floats."""
    X, t, w = X.tolist(), t.tolist(), w.tolist()
    residual = [sum(x * u for x, u in zip(row, w, strict=True)) - s for row, s in zip(X, t, strict=True)]
    derivatives = [
        2 / len(X) * sum(r * row[j] for r, row in zip(residual, X, strict=True)) for j in range(len(w))
    ]
    return [shrink * u - learning_rate * g for u, g in zip(w, derivatives, strict=True)]


class TestSteps:
    @each(PROBLEMS)
    def test_l2_step_shrinks_by_twice_rate_times_factor(self, problem):
        wanted = by_definition(problem.X, problem.t, problem.w0, 0.3, 1 - 2 * 0.3 * 0.7)
        step = l2_step(problem.X, problem.t, problem.w0, 0.3, 0.7)
        np.testing.assert_allclose(step, wanted, rtol=1e-12, atol=1e-12)

    @each(PROBLEMS)
    def test_weight_decay_step_shrinks_by_the_decay_whatever_the_rate(self, problem):
        wanted = by_definition(problem.X, problem.t, problem.w0, 0.3, 1 - 0.7)
        step = weight_decay_step(problem.X, problem.t, problem.w0, 0.3, 0.7)
        np.testing.assert_allclose(step, wanted, rtol=1e-12, atol=1e-12)

    @each(PROBLEMS)
    def test_l2_step_follows_the_slope_of_the_penalised_loss(self, problem):
        X, t, w0, _ = problem

        def penalised(w):
            return mean_squared_error(X, t, w) + 0.7 * sum(u * u for u in w)

        def slope(j, h=1e-3):  # central differences are exact for a quadratic, but for rounding
            move = h * np.eye(w0.size)[j]
            return (penalised(w0 + move) - penalised(w0 - move)) / (2 * h)

        descent = (w0 - l2_step(X, t, w0, 0.3, 0.7)) / 0.3
        np.testing.assert_allclose(descent, [slope(j) for j in range(w0.size)], rtol=1e-8, atol=1e-8)

    def test_one_weight_by_hand(self):
        """L = (2w - 1)^2 at w = 3 has slope 20; the penalty 0.5 w^2 has slope 3; the decay takes a tenth."""
        x, t, w = np.array([[2.0]]), np.array([1.0]), np.array([3.0])
        assert l2_step(x, t, w, 0.01, 0.5)[0] == pytest.approx(3 - 0.01 * 20 - 0.01 * 3)
        assert weight_decay_step(x, t, w, 0.01, 0.1)[0] == pytest.approx(3 - 0.01 * 20 - 0.1 * 3)

    @STEPS
    def test_without_regularization_both_are_gradient_descent(self, step):
        wanted = W0 - 0.1 * mean_squared_error_gradient(X, T, W0)
        np.testing.assert_allclose(step(X, T, W0, 0.1, 0.0), wanted, rtol=1e-15)

    def test_at_rate_zero_only_the_decay_is_left(self):
        assert l2_step(X, T, W0, 0, 5).tolist() == W0.tolist()
        np.testing.assert_allclose(weight_decay_step(X, T, W0, 0, 0.25), [0.75, 0.375])

    @STEPS
    @pytest.mark.parametrize("wrap", [sparse.csr_array, aslinearoperator, np.ndarray.tolist])
    def test_every_kind_of_data_gives_the_same_step(self, step, wrap):
        np.testing.assert_allclose(step(wrap(X), T, W0, 0.1, 0.2), step(X, T, W0, 0.1, 0.2), rtol=1e-14)

    @STEPS
    def test_single_precision_stays_single(self, step):
        result = step(X.astype(np.float32), T.astype(np.float32), W0.astype(np.float32), 0.1, 0.2)
        assert result.dtype == np.float32

    @STEPS
    def test_whole_numbers_are_computed_as_reals(self, step):
        whole = step(np.array([[2, 1]]), np.array([2]), np.array([1, 0]), 0.1, 0.25)
        real = step(np.array([[2.0, 1.0]]), np.array([2.0]), np.array([1.0, 0.0]), 0.1, 0.25)
        assert whole.tolist() == real.tolist()

    @STEPS
    def test_arguments_are_left_as_they_were(self, step):
        w = W0.copy()
        result = step(X, T, w, 0.0, 0.0)
        result += 1
        assert w.tolist() == W0.tolist()


class TestEquivalence:
    @each(PROBLEMS)
    def test_whole_training_runs_agree(self, problem):
        learning_rate = 0.4 * len(problem.t) / problem.singular_values.max() ** 2
        l2 = equivalent_l2(0.02, learning_rate)
        penalised = decayed = problem.w0
        for _ in range(200):
            penalised = l2_step(problem.X, problem.t, penalised, learning_rate, l2)
            decayed = weight_decay_step(problem.X, problem.t, decayed, learning_rate, 0.02)
            np.testing.assert_allclose(penalised, decayed, rtol=1e-11, atol=1e-12)

    def test_a_run_with_changing_rates_agrees_where_each_step_is_translated(self):
        penalised = decayed = W0
        for i in range(50):
            learning_rate = 0.1 / (1 + i)
            penalised = l2_step(X, T, penalised, learning_rate, 0.3)
            decayed = weight_decay_step(
                X, T, decayed, learning_rate, equivalent_weight_decay(0.3, learning_rate)
            )
        np.testing.assert_allclose(penalised, decayed, rtol=1e-13)

    def test_the_run_ends_at_the_ridge_solution(self):
        """Ridge regression as least squares with rows sqrt(n l2) I appended."""
        w = W0
        for _ in range(2000):
            w = weight_decay_step(X, T, w, 0.1, 0.06)
        rows = math.sqrt(2 * 0.06 / (2 * 0.1)) * np.eye(2)
        ridge = np.linalg.lstsq(np.vstack([X, rows]), np.append(T, [0, 0]), rcond=None)[0]
        np.testing.assert_allclose(w, ridge, rtol=1e-12)

    @given(weight_decay=factors, learning_rate=rates)
    @quick
    def test_decay_to_penalty_and_back(self, weight_decay, learning_rate):
        back = equivalent_weight_decay(equivalent_l2(weight_decay, learning_rate), learning_rate)
        assert back == pytest.approx(weight_decay, rel=1e-14, abs=1e-300)

    @given(l2=factors, learning_rate=rates)
    @quick
    def test_penalty_to_decay_and_back(self, l2, learning_rate):
        back = equivalent_l2(equivalent_weight_decay(l2, learning_rate), learning_rate)
        assert back == pytest.approx(l2, rel=1e-14, abs=1e-300)

    def test_by_hand(self):
        assert equivalent_l2(weight_decay=0.5, learning_rate=0.125) == 2
        assert equivalent_weight_decay(l2=2, learning_rate=0.125) == 0.5

    def test_the_largest_floats_do_not_overflow(self):
        assert equivalent_l2(weight_decay=1e308, learning_rate=1e308) == 0.5
        assert equivalent_weight_decay(l2=1e-308, learning_rate=1e308) == pytest.approx(2)

    def test_under_an_adaptive_rule_they_differ(self):
        optimizer = AdaGrad(0.1)
        gradient = mean_squared_error_gradient(X, T, W0)
        penalised, _ = optimizer.update(W0, gradient + 2 * 0.3 * W0, optimizer.init(W0))
        moved, _ = optimizer.update(W0, gradient, optimizer.init(W0))
        decayed = moved - equivalent_weight_decay(0.3, 0.1) * W0
        assert abs(penalised - decayed).max() > 0.01


# What a number c takes from the weights: for decays in every step, for penalties in plain gradient descent.
SHARES = {
    "decay": lambda c, rate, multiplier, examples, steps: c,
    "penalty": lambda c, rate, multiplier, examples, steps: 2 * rate * multiplier * c,
    "half_penalty": lambda c, rate, multiplier, examples, steps: rate * multiplier * c,
    "penalty_of_sum": lambda c, rate, multiplier, examples, steps: 2 * rate * multiplier * c / examples,
    "half_penalty_of_sum": lambda c, rate, multiplier, examples, steps: rate * multiplier * c / examples,
    "tensorflow_addons": lambda c, rate, multiplier, examples, steps: c,
    "loshchilov_hutter": lambda c, rate, multiplier, examples, steps: multiplier * c,
    "loshchilov_hutter_normalized": lambda c, rate, multiplier, examples, steps: (
        multiplier * c / math.sqrt(steps)
    ),
}
RULES = ["gradient descent", "momentum", "adaptive"]
names = st.sampled_from(list(CONVENTIONS))
schedules = st.lists(st.floats(1e-3, 10), min_size=1, max_size=5)


def share(name, *arguments):
    """PyTorch, Keras and optax all multiply by the rate, wherever it acts."""
    return SHARES.get(name, SHARES["half_penalty"])(*arguments)


def common_rules(source, target):
    return [rule for rule in RULES if all(rule in CONVENTIONS[name].rules for name in (source, target))]


class TestTranslation:
    @given(names, names, factors, rates, schedules, st.integers(1, 1000), st.data())
    @quick
    def test_takes_the_same_share_in_every_step_or_there_is_none(
        self, source, target, number, learning_rate, schedule, examples, data
    ):
        rule = data.draw(st.sampled_from([None, *common_rules(source, target)]))
        plainest = (common_rules(source, target) or [None])[0]
        options = {"learning_rate": learning_rate, "schedule": schedule, "examples": examples, "rule": rule}
        acts_on_the_same = CONVENTIONS[source].acts_on == CONVENTIONS[target].acts_on
        exists = acts_on_the_same or (rule or plainest) == "gradient descent" or number == 0
        if not plainest or not exists:
            with pytest.raises(NoEquivalentError) as refusal:
                translate(number, source, target, **options)
            assert repr(source) in str(refusal.value)
            assert repr(target) in str(refusal.value)
            return
        translated = translate(number, source, target, **options)
        for multiplier, other in zip(schedule, translated, strict=True):
            settings_of_step = learning_rate, multiplier, examples, len(schedule)
            wanted = share(source, number, *settings_of_step)
            assert share(target, other, *settings_of_step) == pytest.approx(wanted, rel=1e-12, abs=1e-300)

    @pytest.mark.parametrize("name", CONVENTIONS)
    def test_into_itself_changes_nothing_and_needs_nothing(self, name):
        assert translate(0.3, name, name, learning_rate=0.07) == 0.3
        assert translate(0.3, name, name, learning_rate=0.07, schedule=[1, 0]).tolist() == [0.3, 0.3]

    def test_is_that_of_the_two_functions_for_plain_gradient_descent(self):
        assert translate(0.02, "decay", "penalty", learning_rate=0.05) == pytest.approx(
            equivalent_l2(0.02, 0.05), rel=1e-15
        )
        assert translate(0.3, "penalty", "decay", learning_rate=0.05) == pytest.approx(
            equivalent_weight_decay(0.3, 0.05), rel=1e-15
        )

    def test_no_decay_is_no_decay_everywhere(self):
        assert translate(0, "torch.optim.Adam", "torch.optim.AdamW", learning_rate=0.1) == 0

    def test_says_why_there_is_none(self):
        with pytest.raises(NoEquivalentError, match="acts on the gradient: momentum carries"):
            translate(0.1, "torch.optim.SGD", "keras.optimizers.SGD", learning_rate=0.1, rule="momentum")
        with pytest.raises(NoEquivalentError, match="acts on the weights: an adaptive rule divides"):
            translate(0.1, "keras.optimizers.Adam", "torch.optim.Adam", learning_rate=0.1)
        with pytest.raises(NoEquivalentError, match="no update rule has both"):
            translate(0.1, "keras.optimizers.SGD", "keras.optimizers.Adam", learning_rate=0.1)

    def test_a_rule_that_not_both_have_is_refused(self):
        with pytest.raises(ValueError, match=r"^rule must be one of \['adaptive'\], got 'momentum'"):
            translate(0.1, "torch.optim.AdamW", "decay", learning_rate=0.1, rule="momentum")

    def test_a_number_that_is_needed_is_asked_for(self):
        with pytest.raises(
            ValueError, match="^examples must be given between 'penalty_of_sum' and 'penalty'"
        ):
            translate(0.1, "penalty_of_sum", "penalty", learning_rate=0.1)
        with pytest.raises(ValueError, match="^steps must be given between 'decay' and 'loshchilov_hutter_n"):
            translate(0.1, "decay", "loshchilov_hutter_normalized", learning_rate=0.1)
        assert translate(0.1, "decay", "loshchilov_hutter_normalized", learning_rate=1, steps=4) == 0.2

    def test_a_schedule_that_cannot_be_is_refused(self):
        def follow(schedule, **options):
            return translate(
                0.1, "decay", "torch.optim.AdamW", learning_rate=0.1, schedule=schedule, **options
            )

        with pytest.raises(
            ValueError, match="^schedule must be > 0 in every step for 'torch.optim.AdamW', got 0"
        ):
            follow([1.0, 0.0])
        with pytest.raises(ValueError, match="^schedule must be >= 0 in every step, got -1"):
            follow([1.0, -1.0])
        with pytest.raises(ValueError, match="^steps is 3 but schedule has 2 entries"):
            follow([1.0, 0.5], steps=3)

    def test_the_table_is_immutable(self):
        with pytest.raises(TypeError):
            CONVENTIONS["decay"] = None
        with pytest.raises(AttributeError):
            CONVENTIONS["decay"].constant = 2.0


class TestTheSource:
    def test_decaying_twice_is_neither_step(self):
        l2, learning_rate = 0.3, 0.1
        weight_decay = equivalent_weight_decay(l2, learning_rate)
        twice = by_definition(X, T, W0, learning_rate, 1 - weight_decay - 2 * learning_rate * l2)
        assert abs(twice - l2_step(X, T, W0, learning_rate, l2)).max() > 0.01
        assert abs(twice - weight_decay_step(X, T, W0, learning_rate, weight_decay)).max() > 0.01

    def test_a_penalty_of_zero_is_not_equivalent_to_a_decay(self):
        assert equivalent_l2(0.1, 0.1) != 0
        difference = l2_step(X, T, W0, 0.1, 0.0) - weight_decay_step(X, T, W0, 0.1, 0.1)
        np.testing.assert_allclose(difference, 0.1 * W0)


class TestErrors:
    @pytest.mark.parametrize(
        ("call", "argument"),
        [
            (lambda v: l2_step(X, T, W0, v, 0.1), "learning_rate"),
            (lambda v: l2_step(X, T, W0, 0.1, v), "l2"),
            (lambda v: weight_decay_step(X, T, W0, v, 0.1), "learning_rate"),
            (lambda v: weight_decay_step(X, T, W0, 0.1, v), "weight_decay"),
            (lambda v: equivalent_l2(v, 0.1), "weight_decay"),
            (lambda v: equivalent_l2(0.1, v), "learning_rate"),
            (lambda v: equivalent_weight_decay(v, 0.1), "l2"),
            (lambda v: equivalent_weight_decay(0.1, v), "learning_rate"),
            (lambda v: translate(v, "decay", "penalty", learning_rate=0.1), "weight_decay"),
            (lambda v: translate(0.1, "decay", "penalty", learning_rate=v), "learning_rate"),
        ],
    )
    def test_numbers_are_refused_by_name(self, call, argument):
        for value in (-1, math.nan, math.inf):
            with pytest.raises(ValueError, match=f"^{argument} must be a finite number >=? 0, got {value}"):
                call(value)
        for value, kind in (("0.1", "str"), (True, "bool"), (1j, "complex"), (None, "NoneType")):
            with pytest.raises(TypeError, match=f"^{argument} must be a real number, got .* of type {kind}"):
                call(value)

    @pytest.mark.parametrize("translate", [equivalent_l2, equivalent_weight_decay])
    def test_no_translation_at_rate_zero(self, translate):
        with pytest.raises(ValueError, match="learning_rate must be a finite number > 0, got 0"):
            translate(0.1, 0)

    @STEPS
    def test_arrays_are_refused_by_name(self, step):
        with pytest.raises(ValueError, match="X has 2 columns but w0 has 3 entries"):
            step(X, T, np.zeros(3), 0.1, 0.1)
        with pytest.raises(ValueError, match="X has 2 rows but t has 3 entries"):
            step(X, np.zeros(3), W0, 0.1, 0.1)
        with pytest.raises(ValueError, match="w0 must be finite, got 1 entries"):
            step(X, T, np.array([1.0, np.nan]), 0.1, 0.1)
        with pytest.raises(ValueError, match="w0 must be 1-dimensional"):
            step(X, T, W0[:, np.newaxis], 0.1, 0.1)
        with pytest.raises(TypeError, match="w0 must have real entries, got dtype complex128"):
            step(X, T, W0 * 1j, 0.1, 0.1)
        with pytest.raises(TypeError, match=r"X must be an array.* got str"):
            step("data", T, W0, 0.1, 0.1)
