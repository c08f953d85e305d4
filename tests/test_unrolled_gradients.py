"""Gradients through training against complex steps, dynamic programming, and dense linear algebra."""

import functools
import gc
import math
import tracemalloc
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse.linalg import aslinearoperator

from hwlib.hypergradients import learning_rate_gradient
from hwlib.least_squares import mean_squared_error_gradient
from hwlib.optimizers import DivergenceError, GradientDescent, minimize
from hwlib.regularization import weight_decay_step
from hwlib.unrolled_gradients import binomial_checkpoints, differentiate_training, implicit_gradients

EXACT = {"reverse": {}, "binomial": {"snapshots": 3}, "reversible": {}}
EACH_EXACT = pytest.mark.parametrize("method", EXACT)
EACH_METHOD = pytest.mark.parametrize(
    ("method", "options"), [*EXACT.items(), ("truncated", {"snapshots": 4})]
)
quick = settings(deadline=None, max_examples=40)
trainings = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 2**32 - 1),
        "steps": st.integers(1, 30),
        "momentum": st.floats(0.05, 0.95),
        "weight_decay": st.floats(0, 0.2),
    }
)


class Logistic:
    """Logistic regression: a loss that is no quadratic, with what complex steps can pass through."""

    def __init__(self, seed=0, examples=12, features=4, wrap=np.asarray):
        rng = np.random.default_rng(seed)
        self.X = wrap(rng.standard_normal((examples, features)))
        self.y = (rng.random(examples) < 0.5).astype(float)
        self.w0 = rng.standard_normal(features)
        self.validation = rng.standard_normal(features)
        self.called = []

    def chance(self, w):
        return 1 / (1 + np.exp(-(self.X @ w)))

    def gradient(self, w):
        self.called.append(w.copy())
        return self.X.T @ (self.chance(w) - self.y) / len(self.y)

    def product(self, w, v):
        chance = self.chance(w)
        return self.X.T @ (chance * (1 - chance) * (self.X @ v)) / len(self.y)

    def final_loss(self, w):
        return ((w - self.validation) ** 4).sum()

    def final_gradient(self, w):
        return 4 * (w - self.validation) ** 3

    def rates(self, steps):
        return np.random.default_rng(steps).uniform(0.1, 0.8, steps)


def trained(loss, w0, rates, momentum, weight_decay):
    """The recurrence, transcribed."""
    w, b = w0, 0 * w0
    for rate in rates:
        b = momentum * b + loss.X.T @ (loss.chance(w) - loss.y) / len(loss.y)
        w = (1 - weight_decay) * w - rate * b
    return w


def complex_steps(loss, rates, momentum, weight_decay):
    """Every derivative, by a step into the complex numbers, without cancellation."""
    tiny = 1e-100j

    def slope(*arguments):
        return loss.final_loss(trained(loss, *arguments)).imag / 1e-100

    def along(vector, slope_at):
        return np.array([slope_at(vector + tiny * unit) for unit in np.eye(len(vector))])

    start = loss.w0 + 0j
    return {
        "learning_rates": along(rates, lambda moved: slope(start, moved, momentum, weight_decay)),
        "momentum": slope(start, rates, momentum + tiny, weight_decay),
        "weight_decay": slope(start, rates, momentum, weight_decay + tiny),
        "w0": along(start, lambda moved: slope(moved, rates, momentum, weight_decay)),
    }


def differentiate(loss, rates, **options):
    return differentiate_training(
        loss.gradient, loss.product, loss.w0, rates, final_gradient=loss.final_gradient, **options
    )


class TestDerivatives:
    @EACH_EXACT
    @given(training=trainings)
    @quick
    def test_every_one_is_that_of_complex_steps(self, method, training):
        loss = Logistic(training["seed"])
        rates = loss.rates(training["steps"])
        numbers = {name: training[name] for name in ("momentum", "weight_decay")}
        result = differentiate(loss, rates, method=method, **EXACT[method], **numbers)
        for name, wanted in complex_steps(loss, rates, **numbers).items():
            slack = 1e-11 * (1 + np.max(np.abs(wanted)))
            np.testing.assert_allclose(getattr(result, name), wanted, rtol=1e-9, atol=slack)
        np.testing.assert_allclose(result.w, trained(loss, loss.w0, rates, **numbers), rtol=1e-12)

    @EACH_EXACT
    def test_so_it_is_through_a_thousand_steps(self, method):
        loss, rates = Logistic(3), np.full(1000, 0.3)
        result = differentiate(loss, rates, momentum=0.9, weight_decay=0.01, method=method, **EXACT[method])
        tiny = 1e-100j
        start = loss.w0 + 0j
        for name, arguments in {
            "momentum": (rates, 0.9 + tiny, 0.01),
            "weight_decay": (rates, 0.9, 0.01 + tiny),
            "learning_rates": (rates + tiny, 0.9, 0.01),
        }.items():
            wanted = loss.final_loss(trained(loss, start, *arguments)).imag / 1e-100
            assert np.sum(getattr(result, name)) == pytest.approx(wanted, rel=1e-9)

    @pytest.mark.parametrize("method", ["reverse", "binomial"])
    def test_without_momentum_too(self, method):
        loss, rates = Logistic(1), Logistic().rates(9)
        result = differentiate(loss, rates, method=method, **EXACT[method])
        for name, wanted in complex_steps(loss, rates, 0.0, 0.0).items():
            np.testing.assert_allclose(getattr(result, name), wanted, rtol=1e-10, atol=1e-12)

    def test_one_rate_for_all_is_the_hypergradient_of_least_squares(self):
        rng = np.random.default_rng(0)
        X, t, w0 = rng.standard_normal((6, 4)), rng.standard_normal(6), rng.standard_normal(4)
        result = differentiate_training(
            lambda w: mean_squared_error_gradient(X, t, w),
            lambda w, v: X.T @ (X @ v) * (2 / 6), w0, [0.1] * 20,
        )  # fmt: skip
        wanted = learning_rate_gradient(X, t, w0, 0.1, 20, method="forward").gradient
        assert result.learning_rates.sum() == pytest.approx(wanted, rel=1e-12)

    def test_the_run_is_that_of_the_optimizer_and_of_a_step_of_weight_decay(self):
        rng = np.random.default_rng(0)
        X, t, w0 = rng.standard_normal((6, 4)), rng.standard_normal(6), rng.standard_normal(4)

        def gradient(w):
            return mean_squared_error_gradient(X, t, w)

        def product(w, v):
            return X.T @ (X @ v) * (2 / 6)

        run = minimize(gradient, w0, GradientDescent(0.05, momentum=0.8), max_steps=7)
        result = differentiate_training(gradient, product, w0, [0.05] * 7, momentum=0.8)
        np.testing.assert_allclose(result.w, run.w, rtol=1e-12)
        result = differentiate_training(gradient, product, w0, [0.05], weight_decay=0.1)
        np.testing.assert_allclose(result.w, weight_decay_step(X, t, w0, 0.05, 0.1), rtol=1e-12)

    @pytest.mark.parametrize("window", [1, 4, 11, 12, 40])
    def test_the_truncated_ones_are_those_of_the_last_steps(self, window):
        """The rates before them are zero; the rest is the whole, from the state where they begin."""
        loss, rates = Logistic(2), Logistic().rates(12)
        whole = differentiate(loss, rates, momentum=0.7, weight_decay=0.1)
        part = differentiate(
            loss, rates, momentum=0.7, weight_decay=0.1, method="truncated", snapshots=window
        )
        forgotten = max(0, 12 - window)
        assert part.learning_rates[:forgotten].tolist() == [0] * forgotten
        assert part.learning_rates[forgotten:].tolist() == whole.learning_rates[forgotten:].tolist()
        assert part.w0.tolist() == ([0] * 4 if forgotten else whole.w0.tolist())
        if not forgotten:
            assert (part.momentum, part.weight_decay) == (whole.momentum, whole.weight_decay)

    def test_the_truncated_sums_are_those_of_a_switch_before_the_window(self):
        """Move momentum and decay from some step on only."""
        loss, rates, tiny = Logistic(2), Logistic().rates(12), 1e-100j
        part = differentiate(loss, rates, momentum=0.7, weight_decay=0.1, method="truncated", snapshots=5)
        for name in ("momentum", "weight_decay"):
            w, b = loss.w0 + 0j, 0j * loss.w0
            for i, rate in enumerate(rates):
                moved = {"momentum": 0.7, "weight_decay": 0.1}
                moved[name] += tiny * (i >= 7)
                b = moved["momentum"] * b + loss.X.T @ (loss.chance(w) - loss.y) / len(loss.y)
                w = (1 - moved["weight_decay"]) * w - rate * b
            assert getattr(part, name) == pytest.approx(loss.final_loss(w).imag / 1e-100, rel=1e-11)

    @EACH_METHOD
    @pytest.mark.parametrize("wrap", [sparse.csr_array, aslinearoperator])
    def test_every_kind_of_data_gives_the_same(self, wrap, method, options):
        plain, wrapped = (
            differentiate(Logistic(wrap=kind), Logistic().rates(9), momentum=0.5, method=method, **options)
            for kind in (np.asarray, wrap)
        )
        np.testing.assert_allclose(wrapped.learning_rates, plain.learning_rates, rtol=1e-10)

    @EACH_METHOD
    def test_single_precision_stays_single(self, method, options):
        loss = Logistic()
        wanted = differentiate(loss, loss.rates(9), momentum=0.5, method=method, **options)
        loss.w0 = loss.w0.astype(np.float32)
        single = differentiate(loss, loss.rates(9), momentum=0.5, method=method, **options)
        for name in ("w", "learning_rates", "w0"):
            assert getattr(single, name).dtype == np.float32
            np.testing.assert_allclose(getattr(single, name), getattr(wanted, name), rtol=1e-3)

    @EACH_METHOD
    def test_arguments_are_left_as_they_were(self, method, options):
        loss = Logistic()
        rates, start = loss.rates(9), loss.w0.copy()
        differentiate(loss, rates, momentum=0.5, method=method, **options)
        assert rates.tolist() == loss.rates(9).tolist()
        assert loss.w0.tolist() == start.tolist()

    def test_the_final_loss_is_the_training_loss_unless_another_is_given(self):
        loss = Logistic()
        arguments = (loss.gradient, loss.product, loss.w0, loss.rates(3))
        np.testing.assert_array_equal(
            differentiate_training(*arguments).w0,
            differentiate_training(*arguments, final_gradient=loss.gradient).w0,
        )


@functools.cache
def fewest(steps, snapshots):
    """Steps to make again, by dynamic programming over the place of the second snapshot."""
    if steps == 1:
        return 0
    alone = steps * (steps - 1) // 2
    if snapshots == 1:
        return alone
    return min(
        place + fewest(steps - place, snapshots - 1) + fewest(place, snapshots) for place in range(1, steps)
    )


def counted(steps, **options):
    return differentiate_training(
        lambda w: w, lambda w, v: v, [1.0], np.full(steps, 0.1), momentum=0.5, **options
    )


class TestBinomialCheckpoints:
    @pytest.mark.parametrize("snapshots", [1, 2, 3, 4, 5, 8, 40, 90])
    def test_no_schedule_makes_fewer_steps_again(self, snapshots):
        for steps in range(1, 81):
            result = counted(steps, method="binomial", snapshots=snapshots)
            assert result.recomputed_steps == fewest(steps, snapshots)
            assert result.stored_states <= snapshots + 2

    @pytest.mark.parametrize(("steps", "snapshots"), [(1000, 10), (1001, 10), (1002, 10), (500, 3)])
    def test_the_number_is_that_of_the_paper(self, steps, snapshots):
        repeats = next(r for r in range(steps) if math.comb(snapshots + r, r) >= steps)
        wanted = repeats * steps - math.comb(snapshots + repeats, repeats - 1)
        assert counted(steps, method="binomial", snapshots=snapshots).recomputed_steps == wanted

    @pytest.mark.parametrize("snapshots", [1, 2, 3, 7])
    @pytest.mark.parametrize("steps", [1, 2, 5, 37])
    def test_no_step_is_made_again_more_often_than_is_said(self, steps, snapshots):
        repeats = next(r for r in range(steps + 1) if math.comb(snapshots + r, r) >= steps)
        times = np.zeros(steps)

        def gradient(w):
            times[round(math.log(w[0], 0.5))] += 1
            return w

        differentiate_training(
            gradient, lambda w, v: v, [1.0], np.full(steps, 0.5),
            final_gradient=lambda w: w, method="binomial", snapshots=snapshots,
        )  # fmt: skip
        assert times.max() <= repeats + 1

    @pytest.mark.parametrize(("steps", "snapshots"), [(1, 1), (1, 5), (4, 9), (10, 3), (100, 5), (37, 1)])
    def test_the_places_are_as_good_as_any(self, steps, snapshots):
        """The first run, and between each two of its places the best that is left."""
        places = binomial_checkpoints(steps, snapshots)
        assert places[0] == 0
        assert len(places) == min(steps, snapshots)
        ends = [*places[1:], steps]
        gaps = np.subtract(ends, places)
        left = [fewest(int(gap), snapshots - i) for i, gap in enumerate(gaps)]
        assert places[-1] + sum(left) == fewest(steps, snapshots)

    def test_more_snapshots_than_frames_of_the_interpreter(self):
        assert counted(3000, method="binomial", snapshots=2500).recomputed_steps == 2999 + 499


class TestWhatIsKept:
    STEPS = (1, 2, 9, 60)

    def test_reverse_keeps_every_state_and_makes_none_again(self):
        for steps in self.STEPS:
            result = counted(steps)
            assert (result.stored_states, result.recomputed_steps, result.stored_bits) == (steps + 1, 0, 0)

    def test_truncated_keeps_the_last(self):
        for steps in self.STEPS:
            result = counted(steps, method="truncated", snapshots=5)
            assert result.recomputed_steps == 0
            assert result.stored_states <= min(steps, 5) + 2

    def test_reversible_keeps_a_few_and_makes_each_again(self):
        results = [counted(steps, method="reversible") for steps in self.STEPS]
        assert {result.stored_states for result in results[1:]} == {results[-1].stored_states}
        assert results[-1].stored_states <= 5
        assert [result.recomputed_steps for result in results] == list(self.STEPS)

    @pytest.mark.parametrize(
        ("method", "options", "states"),
        [("reverse", {}, 40), ("binomial", {"snapshots": 8}, 0), ("truncated", {"snapshots": 8}, 0)],
    )
    def test_measured_memory_grows_as_the_count(self, method, options, states):
        """In states, of a vector of weights and one of velocity each."""

        def peak(steps):
            w0 = np.ones(20_000)
            gc.collect()
            tracemalloc.start()
            try:
                differentiate_training(
                    lambda w: w, lambda w, v: v, w0, np.full(steps, 0.1),
                    momentum=0.5, method=method, **options,
                )  # fmt: skip
                return tracemalloc.get_traced_memory()[1] / (2 * w0.nbytes)
            finally:
                tracemalloc.stop()

        assert peak(60) - peak(20) == pytest.approx(states, abs=0.6)


class TestReversible:
    @given(training=trainings)
    @quick
    def test_it_comes_back_through_the_very_same_weights(self, training):
        loss = Logistic(training["seed"])
        differentiate(
            loss, loss.rates(training["steps"]), method="reversible",
            momentum=training["momentum"], weight_decay=training["weight_decay"],
        )  # fmt: skip
        forwards, backwards = np.split(np.array(loss.called), 2)
        np.testing.assert_array_equal(backwards[::-1], forwards)

    @pytest.mark.parametrize(("momentum", "weight_decay"), [(0.9, 0.0), (0.5, 0.0), (0.99, 0.01), (0.1, 0.3)])
    def test_it_keeps_as_many_bits_as_the_factors_take(self, momentum, weight_decay):
        loss = Logistic()
        result = differentiate(
            loss, np.full(2000, 0.1), momentum=momentum, weight_decay=weight_decay, method="reversible"
        )
        each_step = -math.log2(momentum) - math.log2(1 - weight_decay)
        assert result.stored_bits / 4 == pytest.approx(2000 * each_step, abs=110)

    def test_multiplying_by_a_fraction_is_undone_by_its_inverse(self):
        from hwlib.unrolled_gradients import _times  # noqa: PLC0415 - what no public function shows

        rng = np.random.default_rng(0)
        numbers = np.array([int(x) for x in rng.integers(-(2**62), 2**62, 9)], object)
        store = np.array([int(x) for x in rng.integers(0, 2**62, 9)], object)
        for factor in (Fraction(9, 10), Fraction(0.9), Fraction(1), Fraction(1, 3)):
            there, lost = _times(numbers, factor, store)
            assert np.all(np.abs(there - numbers * factor) <= factor.denominator)
            back, left = _times(there, 1 / factor, lost)
            assert (back.tolist(), left.tolist()) == (numbers.tolist(), store.tolist())


class TestImplicitGradients:
    NUMBERS = {"learning_rate": 0.5, "momentum": 0.6, "weight_decay": 0.05}  # noqa: RUF012 - never changed

    def at_rest(self, loss):
        steps = np.full(3000, self.NUMBERS["learning_rate"])
        return trained(loss, loss.w0, steps, self.NUMBERS["momentum"], self.NUMBERS["weight_decay"])

    def implicit(self, loss, w, **options):
        return implicit_gradients(
            loss.final_gradient, loss.product, w, **{"max_products": 50} | self.NUMBERS | options
        )

    @pytest.mark.parametrize("name", ["learning_rate", "momentum", "weight_decay"])
    @pytest.mark.parametrize("seed", [0, 1])
    def test_they_are_those_of_a_solution_that_has_moved(self, name, seed):
        """Newton's method finds where training rests for other numbers, to all digits; differences."""
        loss = Logistic(seed)
        start = self.at_rest(loss)

        def loss_at_rest(step):
            numbers = dict(self.NUMBERS)
            numbers[name] += step
            rate, kept, decay = numbers.values()
            pull, w = decay * (1 - kept) / rate, start
            for _ in range(5):
                hessian = np.column_stack([loss.product(w, unit) for unit in np.eye(4)])
                slope = loss.X.T @ (loss.chance(w) - loss.y) / 12 + pull * w
                w = w - np.linalg.solve(hessian + pull * np.eye(4), slope)
            return loss.final_loss(w)

        by_step = [(loss_at_rest(h) - loss_at_rest(-h)) / (2 * h) for h in (1e-3, 5e-4)]
        wanted = (4 * by_step[1] - by_step[0]) / 3
        assert getattr(self.implicit(loss, start), name) == pytest.approx(wanted, rel=1e-6)

    def test_they_are_the_limit_of_the_unrolled_ones(self):
        loss = Logistic()
        unrolled = differentiate(loss, np.full(1500, 0.5), momentum=0.6, weight_decay=0.05)
        implicit = self.implicit(loss, unrolled.w)
        assert implicit.learning_rate == pytest.approx(unrolled.learning_rates.sum(), rel=1e-8)
        assert implicit.momentum == pytest.approx(unrolled.momentum, rel=1e-8)
        assert implicit.weight_decay == pytest.approx(unrolled.weight_decay, rel=1e-8)

    def test_products_are_counted_and_no_more_than_weights(self):
        loss, calls = Logistic(), []
        w = self.at_rest(loss)

        def product(w, v):
            calls.append(v)
            return loss.product(w, v)

        result = implicit_gradients(loss.final_gradient, product, w, **self.NUMBERS, max_products=50)
        assert result.products == len(calls) <= 4 + 1
        few = implicit_gradients(loss.final_gradient, product, w, **self.NUMBERS, max_products=2)
        assert few.products == 2
        assert few.weight_decay != pytest.approx(result.weight_decay, rel=1e-3)

    def test_no_gradient_is_no_derivative(self):
        result = implicit_gradients(
            lambda w: 0 * w, lambda w, v: v, [1.0], 0.5, weight_decay=0.1, max_products=3
        )
        assert (result.weight_decay, result.products) == (0, 0)


class TestErrors:
    def call(self, **options):
        arguments = {
            "gradient": lambda w: w,
            "hessian_vector_product": lambda w, v: v,
            "w0": [1.0, 2.0],
            "learning_rates": [0.1, 0.1],
        }
        return differentiate_training(**arguments | options)

    @pytest.mark.parametrize(
        ("options", "error", "message"),
        [
            ({"gradient": 1}, TypeError, "^gradient must be callable, got 1 of type int$"),
            (
                {"hessian_vector_product": None},
                TypeError,
                "^hessian_vector_product must be callable, got None of type NoneType$",
            ),
            (
                {"gradient": lambda w: w[:1]},
                ValueError,
                r"^gradient\(w\) must have the shape \(2,\) of w, got \(1,\)$",
            ),
            (
                {"hessian_vector_product": lambda w, v: 1.0},
                ValueError,
                r"^hessian_vector_product\(w, v\) must have the shape \(2,\) of w, got \(\)$",
            ),
            (
                {"final_gradient": lambda w: w[None]},
                ValueError,
                r"^final_gradient\(w\) must have the shape \(2,\) of w, got \(1, 2\)$",
            ),
            ({"learning_rates": 0.1}, TypeError, "^learning_rates must be a 1-dimensional array, got float$"),
            ({"learning_rates": []}, ValueError, "^learning_rates must not be empty"),
            ({"w0": [[1.0]]}, ValueError, "^w0 must be 1-dimensional"),
            ({"w0": [math.nan]}, ValueError, "^w0 must be finite"),
            ({"momentum": 1.0}, ValueError, r"^momentum must lie in \[0, 1\), got 1.0$"),
            ({"weight_decay": -0.1}, ValueError, r"^weight_decay must lie in \[0, 1\), got -0.1$"),
            (
                {"method": "binomal", "snapshots": 1},
                ValueError,
                r"^method must be one of \['reverse', 'binomial', 'reversible', 'truncated'\], "
                "got 'binomal'; did you mean 'binomial'",
            ),
            ({"method": "binomial"}, TypeError, "^snapshots must be an integer, got None"),
            (
                {"method": "truncated", "snapshots": 0},
                ValueError,
                "^snapshots must be an integer >= 1, got 0$",
            ),
            (
                {"snapshots": 3},
                ValueError,
                "^snapshots must be left out with method='reverse', got 3$",
            ),
            (
                {"method": "reversible"},
                ValueError,
                "^momentum must be above 0 to be run backwards, got 0$",
            ),
        ],
    )
    def test_options_that_make_no_sense(self, options, error, message):
        with pytest.raises(error, match=message):
            self.call(**options)

    @EACH_METHOD
    def test_training_that_diverges(self, method, options):
        message = r"^step \d+ left the finite numbers; try smaller learning_rates$"
        with pytest.raises(DivergenceError, match=message):
            self.call(learning_rates=[10.0] * 500, momentum=0.5, method=method, **options)

    @EACH_METHOD
    def test_a_velocity_that_overflows_while_the_gradients_do_not(self, method, options):
        options = options | {"gradient": lambda w: np.full_like(w, 1.2e308), "momentum": 0.9}
        with pytest.raises(DivergenceError, match="^step 1 left the finite numbers"):
            self.call(learning_rates=[1e-300] * 5, method=method, **options)

    @EACH_EXACT
    def test_derivatives_that_overflow_before_the_weights_do(self, method):
        message = "^the derivatives of 200 steps left the finite numbers; try smaller learning_rates$"
        with pytest.raises(DivergenceError, match=message):
            self.call(learning_rates=[10.0] * 200, momentum=0.5, method=method, **EXACT[method])

    def test_an_implicit_one_where_the_loss_is_not_convex(self):
        with pytest.raises(ValueError, match="^the Hessian plus .* must be positive definite, got .* -1 "):
            implicit_gradients(lambda w: w, lambda w, v: -v, [1.0], 0.5, max_products=3)

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"learning_rate": 0.0}, "^learning_rate must be a finite number > 0, got 0.0$"),
            ({"momentum": 1.5}, r"^momentum must lie in \[0, 1\)"),
            ({"max_products": 0}, "^max_products must be an integer >= 1, got 0$"),
            ({"tolerance": -1.0}, "^tolerance must be a finite number >= 0, got -1.0$"),
            ({"w": [[1.0]]}, "^w must be 1-dimensional"),
        ],
    )
    def test_options_of_an_implicit_one(self, options, message):
        arguments = {"w": [1.0], "learning_rate": 0.5, "max_products": 3}
        with pytest.raises(ValueError, match=message):
            implicit_gradients(lambda w: w, lambda w, v: v, **arguments | options)

    @pytest.mark.parametrize(("steps", "snapshots"), [(0, 1), (1, 0)])
    def test_checkpoints_for_nothing(self, steps, snapshots):
        with pytest.raises(ValueError, match="^(steps|snapshots) must be an integer >= 1, got 0$"):
            binomial_checkpoints(steps, snapshots)
