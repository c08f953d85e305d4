"""Learning rates against SciPy's minimiser, NumPy's singular values and polynomials, and training."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.polynomial import chebyshev
from problems import PROBLEMS, each, problem
from scipy import optimize, sparse
from scipy.sparse.linalg import aslinearoperator

from hwlib.learning_rates import (
    chebyshev_schedule,
    loss_after_step,
    maximum_stable_learning_rate,
    optimal_learning_rate,
    polyak_learning_rate,
    silver_schedule,
)
from hwlib.least_squares import mean_squared_error

quick = settings(deadline=None, max_examples=50)
shapes = st.tuples(st.integers(1, 8), st.integers(1, 8), st.integers(0, 2**32 - 1))
WRAPPERS = pytest.mark.parametrize("wrap", [sparse.csr_array, aslinearoperator, np.ndarray.tolist])


class Counted:
    """A matrix that is no array, and counts its products and those of its transpose."""

    def __init__(self, matrix, counter=None):
        self._matrix = matrix
        self.counter = [0] if counter is None else counter
        self.shape = matrix.shape

    @property
    def T(self):
        return Counted(self._matrix.T, self.counter)

    def __matmul__(self, v):
        assert v.ndim == 1
        self.counter[0] += 1
        return self._matrix @ v


class Single(Counted):
    """Products rounded to single precision, as on hardware without double."""

    @property
    def T(self):
        return Single(self._matrix.T, self.counter)

    def __matmul__(self, v):
        return super().__matmul__(v).astype(np.float32)


def random_problem(n, d, seed):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, d)), rng.standard_normal(n), rng.standard_normal(d)


def explicit_step(X, t, w0, learning_rate):
    return w0 - learning_rate * 2 / len(t) * X.T @ (X @ w0 - t)


class TestLossAfterStep:
    @given(shape=shapes, learning_rate=st.floats(-10, 10))
    @quick
    def test_it_is_the_loss_of_the_weights_after_a_step(self, shape, learning_rate):
        X, t, w0 = random_problem(*shape)
        w1 = explicit_step(X, t, w0, learning_rate)
        wanted = mean_squared_error(X, t, w1)
        # What rounding can leave where the terms of the residual cancel.
        size = np.linalg.norm(X, 2) * np.linalg.norm(w1) + np.linalg.norm(t) + abs(X @ w0).sum()
        assert loss_after_step(X, t, w0, learning_rate) == pytest.approx(
            wanted, rel=1e-11, abs=1e-13 * size * (math.sqrt(wanted) + 1e-13 * size)
        )

    @each(PROBLEMS)
    @pytest.mark.parametrize("learning_rate", [-0.1, 0, 0.03, 1])
    def test_it_is_a_quadratic_form_in_the_residual(self, problem, learning_rate):
        X, t, w0, _ = problem
        a, n = X @ w0 - t, len(t)
        contraction = np.eye(n) - 2 * learning_rate / n * X @ X.T
        wanted = a @ contraction @ contraction @ a / n
        assert loss_after_step(X, t, w0, learning_rate) == pytest.approx(wanted, rel=1e-12)

    @each(PROBLEMS)
    def test_it_is_convex_with_the_second_derivative_of_the_proof(self, problem):
        X, t, w0, _ = problem
        h = optimal_learning_rate(X, t, w0)
        left, middle, right = (loss_after_step(X, t, w0, rate) for rate in (-h, 0, h))
        wanted = 8 / len(t) ** 3 * np.sum((X @ X.T @ (X @ w0 - t)) ** 2)
        assert (left - 2 * middle + right) / h**2 == pytest.approx(wanted, rel=1e-9)

    def test_at_rate_zero_it_is_the_loss(self):
        X, t, w0, _ = PROBLEMS["wide"]
        assert loss_after_step(X, t, w0, 0) == mean_squared_error(X, t, w0)

    def test_it_takes_three_products(self):
        X, t, w0, _ = PROBLEMS["wide"]
        counted = Counted(X)
        assert loss_after_step(counted, t, w0, 0.1) == pytest.approx(loss_after_step(X, t, w0, 0.1))
        assert counted.counter == [3]

    @WRAPPERS
    def test_every_kind_of_data_gives_the_same_loss(self, wrap):
        X, t, w0, _ = PROBLEMS["tall"]
        assert loss_after_step(wrap(X), t, w0, 0.1) == pytest.approx(loss_after_step(X, t, w0, 0.1))


class TestOptimalLearningRate:
    @each(PROBLEMS)
    def test_no_search_finds_a_better_rate(self, problem):
        X, t, w0, _ = problem

        def loss(learning_rate):
            return mean_squared_error(X, t, explicit_step(X, t, w0, learning_rate))

        rate = optimal_learning_rate(X, t, w0)
        found = optimize.minimize_scalar(loss, bracket=(0, rate, 5 * rate), tol=1e-12)
        assert rate == pytest.approx(found.x, rel=1e-6)
        assert loss(rate) <= found.fun * (1 + 1e-12) + 1e-28

    @given(shape=shapes, factor=st.floats(0.5, 2))
    @quick
    def test_any_other_rate_is_worse(self, shape, factor):
        assume(abs(factor - 1) > 1e-4)
        X, t, w0 = random_problem(*shape)
        best = optimal_learning_rate(X, t, w0)
        least = mean_squared_error(X, t, explicit_step(X, t, w0, best))
        assert mean_squared_error(X, t, explicit_step(X, t, w0, factor * best)) > least

    @each(PROBLEMS)
    def test_the_gradient_after_the_step_is_orthogonal_to_the_one_before(self, problem):
        X, t, w0, _ = problem
        before = X.T @ (X @ w0 - t)
        after = X.T @ (X @ explicit_step(X, t, w0, optimal_learning_rate(X, t, w0)) - t)
        assert abs(before @ after) <= 1e-13 * (before @ before)

    @given(shape=shapes)
    @quick
    def test_it_lies_between_the_reciprocals_of_the_curvatures(self, shape):
        X, t, w0 = random_problem(*shape)
        curvatures = 2 / len(t) * np.linalg.svd(X, compute_uv=False) ** 2
        rate = optimal_learning_rate(X, t, w0)
        assert 1 / curvatures[0] <= rate * (1 + 1e-12)
        assert rate <= 1 / curvatures[-1] * (1 + 1e-12)

    def test_it_takes_three_products(self):
        X, t, w0, _ = PROBLEMS["wide"]
        counted = Counted(X)
        assert optimal_learning_rate(counted, t, w0) == pytest.approx(optimal_learning_rate(X, t, w0))
        assert counted.counter == [3]

    @WRAPPERS
    def test_every_kind_of_data_gives_the_same_rate(self, wrap):
        X, t, w0, _ = PROBLEMS["tall"]
        assert optimal_learning_rate(wrap(X), t, w0) == pytest.approx(optimal_learning_rate(X, t, w0))

    @pytest.mark.parametrize("unit", [1e-100, 1e-8, 1e8, 1e75])
    def test_it_scales_as_the_inverse_square_of_the_data(self, unit):
        X, t, w0, _ = PROBLEMS["wide"]
        wanted = optimal_learning_rate(X, t, w0 * 0)
        assert optimal_learning_rate(X * unit, t, w0 * 0) * unit**2 == pytest.approx(wanted)


class TestPolyakLearningRate:
    @each(PROBLEMS)
    def test_it_is_the_excess_of_the_loss_over_the_squared_slope(self, problem):
        X, t, w0, _ = problem
        least = mean_squared_error(X, t, np.linalg.lstsq(X, t, rcond=None)[0])
        slope = optimize.approx_fprime(w0, lambda w: mean_squared_error(X, t, w), 1e-7)
        wanted = (mean_squared_error(X, t, w0) - least) / (slope @ slope)
        assert polyak_learning_rate(X, t, w0, minimum=least) == pytest.approx(wanted, rel=1e-4)

    @each(PROBLEMS)
    def test_no_search_finds_a_rate_that_brings_the_weights_nearer_than_twice_it(self, problem):
        X, t, w0, _ = problem
        _, _, right = np.linalg.svd(X, full_matrices=False)
        nearest = np.linalg.lstsq(X, t, rcond=None)[0]
        nearest = nearest + w0 - right.T @ (right @ w0) if X.shape[0] < X.shape[1] else nearest
        least = mean_squared_error(X, t, nearest)
        rate = polyak_learning_rate(X, t, w0, minimum=least)

        def distance(learning_rate):
            return np.linalg.norm(explicit_step(X, t, w0, learning_rate) - nearest)

        found = optimize.minimize_scalar(distance, bracket=(0, 2 * rate, 5 * rate), tol=1e-12)
        assert 2 * rate == pytest.approx(found.x, rel=1e-5)

    @given(shape=shapes)
    @quick
    def test_half_the_reciprocals_of_the_curvatures_bound_it(self, shape):
        X, _, w0 = random_problem(*shape)
        t = X @ np.ones(shape[1])
        curvatures = 2 / len(t) * np.linalg.svd(X, compute_uv=False) ** 2
        rate = polyak_learning_rate(X, t, w0)
        assert 1 / curvatures[0] <= 2 * rate * (1 + 1e-9)
        assert 2 * rate <= 1 / curvatures[-1] * (1 + 1e-9)

    @WRAPPERS
    def test_every_kind_of_data_gives_the_same_rate(self, wrap):
        X, t, w0, _ = PROBLEMS["tall"]
        assert polyak_learning_rate(wrap(X), t, w0) == pytest.approx(polyak_learning_rate(X, t, w0))

    def test_a_minimum_that_the_loss_is_below_is_refused(self):
        loss = mean_squared_error([[2.0, 1.0]], [2.0], np.zeros(2))
        assert polyak_learning_rate([[2.0, 1.0]], [2.0], np.zeros(2), minimum=loss) == 0
        with pytest.raises(ValueError, match=r"^minimum must be at most the loss 4 at w0, got 5$"):
            polyak_learning_rate([[2.0, 1.0]], [2.0], np.zeros(2), minimum=5)
        with pytest.raises(ValueError, match=r"^minimum must be a finite number, got nan$"):
            polyak_learning_rate([[2.0, 1.0]], [2.0], np.zeros(2), minimum=math.nan)

    def test_at_the_minimum_there_is_none(self):
        with pytest.raises(ValueError, match=TestAlreadyOptimal.MATCH):
            polyak_learning_rate(np.eye(2), np.ones(2), np.ones(2))


class TestAlreadyOptimal:
    MATCH = "^w0 is already optimal: the gradient there is zero to rounding, so no rate is best$"

    @each(PROBLEMS)
    @pytest.mark.parametrize("unit", [1e-8, 1.0, 1e8])
    def test_solutions_of_least_squares_are_optimal_in_any_unit(self, problem, unit):
        for X, t in [(problem.X, unit * problem.t), (unit * problem.X, problem.t)]:
            with pytest.raises(ValueError, match=self.MATCH):
                optimal_learning_rate(X, t, np.linalg.lstsq(X, t, rcond=None)[0])

    @given(shape=shapes)
    @quick
    def test_every_solution_of_least_squares_is_optimal(self, shape):
        X, t, _ = random_problem(*shape)
        with pytest.raises(ValueError, match=self.MATCH):
            optimal_learning_rate(X, t, np.linalg.lstsq(X, t, rcond=None)[0])

    @pytest.mark.parametrize("length", [1e-8, 1.0, 1e8])
    def test_what_the_data_cannot_see_does_not_matter(self, length):
        """A long way along the null space, rounding in Xw is as long."""
        X, t, w0, _ = PROBLEMS["wide"]
        _, _, right = np.linalg.svd(X)
        invisible = right[5:].T @ (right[5:] @ w0)
        with pytest.raises(ValueError, match=self.MATCH):
            optimal_learning_rate(X, t, np.linalg.lstsq(X, t, rcond=None)[0] + length * invisible)

    def test_a_gradient_of_exactly_zero(self):
        for X, t in [(np.eye(2), np.ones(2)), (np.zeros((2, 2)), np.ones(2)), (np.eye(2), np.ones(2) / 3)]:
            with pytest.raises(ValueError, match=self.MATCH):
                optimal_learning_rate(X, t, t)

    @each(PROBLEMS)
    @pytest.mark.parametrize("unit", [1e-8, 1.0, 1e8])
    def test_near_is_not_optimal(self, problem, unit):
        """A relative 1e-6 off along each direction in turn, down to the flattest."""
        X, t = problem.X, unit * problem.t
        solution = np.linalg.lstsq(X, t, rcond=None)[0]
        _, s, right = np.linalg.svd(X, full_matrices=False)
        for sigma, direction in zip(s[: problem.singular_values.size], right, strict=False):
            near = solution + 1e-6 * np.linalg.norm(solution) * direction
            if sigma == s[0]:
                assert optimal_learning_rate(X, t, near) == pytest.approx(len(t) / 2 / sigma**2, rel=1e-3)
            assert optimal_learning_rate(X, t, near) > 0

    def test_in_single_precision(self):
        X, t, _, _ = PROBLEMS["wide"]
        solution = np.linalg.lstsq(X, t, rcond=None)[0].astype(np.float32)
        for targets in (t, t.astype(np.float32)):
            with pytest.raises(ValueError, match=self.MATCH):
                optimal_learning_rate(X.astype(np.float32), targets, solution)
        assert optimal_learning_rate(X, t, solution) > 0


def hilbert_like(n, d):
    return 1 / (np.arange(n)[:, np.newaxis] + np.arange(d) + 1.0)


class TestMaximumStableLearningRate:
    @each(PROBLEMS)
    @pytest.mark.parametrize("wrap", [np.asarray, sparse.csr_array, aslinearoperator, Counted])
    def test_it_is_n_over_the_largest_singular_value_squared(self, problem, wrap):
        wanted = len(problem.t) / np.linalg.norm(problem.X, 2) ** 2
        assert maximum_stable_learning_rate(wrap(problem.X)) == pytest.approx(wanted, rel=1e-10)

    @given(shape=shapes)
    @quick
    def test_it_is_that_for_any_shape(self, shape):
        X, _, _ = random_problem(*shape)
        assert maximum_stable_learning_rate(X) == pytest.approx(
            shape[0] / np.linalg.norm(X, 2) ** 2, rel=1e-10
        )

    @pytest.mark.parametrize("gap", [1e-6, 1e-7, 3e-8])
    def test_it_tells_the_largest_from_one_just_below(self, gap):
        for seed in range(400):
            X = problem(7, 9, np.append([1 + gap, 1], np.linspace(0.1, 0.9, 5)), seed).X
            assert maximum_stable_learning_rate(X) == pytest.approx(7 / (1 + gap) ** 2, rel=1e-8)

    @pytest.mark.parametrize(
        "spectrum",
        [
            pytest.param(np.ones(30), id="all equal"),
            pytest.param(np.append(np.full(5, 2.0), np.ones(25)), id="multiple largest"),
            pytest.param(1 + 1e-6 * np.arange(30), id="one cluster"),
            pytest.param(np.geomspace(1, 1e-12, 30), id="geometric"),
            pytest.param(np.append(np.full(29, 1e-9), 1), id="one outlier"),
        ],
    )
    @pytest.mark.parametrize("shape", [(30, 30), (30, 200), (200, 30)])
    def test_it_holds_for_any_spectrum(self, spectrum, shape):
        X = problem(*shape, spectrum, seed=0).X
        assert maximum_stable_learning_rate(X) == pytest.approx(shape[0] / max(spectrum) ** 2, rel=1e-10)

    def test_differences_along_a_line(self):
        """A known spectrum, 2 cos(k pi / 2n), crowded at its upper end."""
        n = 300
        X = sparse.diags_array([np.ones(n - 1), -np.ones(n - 1)], offsets=[0, 1], shape=(n - 1, n)).tocsr()
        wanted = (n - 1) / (2 * math.cos(math.pi / (2 * n))) ** 2
        assert maximum_stable_learning_rate(X) == pytest.approx(wanted, rel=1e-12)

    def test_large_data_takes_few_products(self):
        counted = Counted(np.random.default_rng(0).standard_normal((1000, 800)))
        wanted = 1000 / np.linalg.svd(counted._matrix, compute_uv=False)[0] ** 2
        assert maximum_stable_learning_rate(counted) == pytest.approx(wanted, rel=1e-10)
        assert counted.counter[0] < 400

    @pytest.mark.parametrize("shape", [(3, 50), (50, 3), (1, 9), (9, 1), (11, 11)])
    @pytest.mark.parametrize("wrap", [Counted, Single])
    def test_the_shorter_side_bounds_the_products(self, shape, wrap):
        X = np.random.default_rng(0).standard_normal(shape)
        operator = wrap(X)
        wanted = shape[0] / np.linalg.norm(X, 2) ** 2
        assert maximum_stable_learning_rate(operator) == pytest.approx(wanted, rel=1e-6)
        assert operator.counter[0] <= 2 * min(shape) + 1

    @given(shape=shapes)
    @quick
    def test_products_in_single_precision_are_enough_for_six_digits(self, shape):
        X, _, _ = random_problem(*shape)
        wanted = shape[0] / np.linalg.norm(X, 2) ** 2
        assert maximum_stable_learning_rate(Single(X)) == pytest.approx(wanted, rel=3e-6)

    def test_hand_worked(self):
        assert maximum_stable_learning_rate([[3]]) == pytest.approx(1 / 9)
        assert maximum_stable_learning_rate(np.ones((1, 100))) == pytest.approx(1 / 100)
        assert maximum_stable_learning_rate(np.ones((100, 1))) == pytest.approx(1)
        assert maximum_stable_learning_rate(np.ones((6, 7), dtype=bool)) == pytest.approx(1 / 7)
        assert maximum_stable_learning_rate(hilbert_like(40, 40)) == pytest.approx(
            40 / np.linalg.eigvalsh(hilbert_like(40, 40))[-1] ** 2
        )

    @pytest.mark.parametrize("unit", [1e-120, 1e-90, 1e-8, 1e8, 1e90, 1e140])
    def test_it_scales_as_the_inverse_square_of_the_data(self, unit):
        X = np.array([[2.0, 1.0], [1.0, 3.0], [0.0, 1.0]])
        wanted = maximum_stable_learning_rate(X)
        assert maximum_stable_learning_rate(X * unit) * unit * unit == pytest.approx(wanted)

    @pytest.mark.parametrize("shape", [(1, 1), (1, 5), (5, 1), (4, 6)])
    def test_no_rate_is_too_large_for_zero_data(self, shape):
        assert maximum_stable_learning_rate(np.zeros(shape)) == math.inf
        assert maximum_stable_learning_rate(sparse.csr_array(shape)) == math.inf

    def test_single_precision_is_as_good_as_its_data(self):
        X = PROBLEMS["tall"].X.astype(np.float32)
        wanted = 20 / np.linalg.norm(X.astype(float), 2) ** 2
        assert maximum_stable_learning_rate(X) == pytest.approx(wanted, rel=1e-6)

    @each(PROBLEMS)
    def test_training_converges_just_below_and_diverges_just_above(self, problem):
        X, t, _, singular_values = problem
        limit = maximum_stable_learning_rate(X)
        solution = np.linalg.lstsq(X, t, rcond=None)[0]
        top = np.linalg.svd(X)[2][0]

        def distances(learning_rate):
            w = solution + top
            for _ in range(3000):
                w = explicit_step(X, t, w, learning_rate)
            return abs(top @ (w - solution))

        assert singular_values.max() > 0
        assert distances(limit * (1 - 1e-3)) < 0.1
        assert distances(limit) == pytest.approx(1, rel=1e-3)
        assert distances(limit * (1 + 1e-3)) > 100


intervals = st.tuples(st.floats(1e-3, 1e3), st.floats(1, 100)).map(lambda pair: (pair[0], pair[0] * pair[1]))


def worst_contraction(rates, smallest, largest):
    eigenvalues = np.linspace(smallest, largest, 4001)
    return abs(np.prod(1 - np.multiply.outer(eigenvalues, rates), axis=1)).max()


class TestChebyshevSchedule:
    @given(interval=intervals, steps=st.integers(1, 12))
    @quick
    def test_the_reciprocals_are_the_roots_of_the_chebyshev_polynomial(self, interval, steps):
        smallest, largest = interval
        roots = chebyshev.chebroots([0] * steps + [1])
        wanted = (largest + smallest) / 2 + (largest - smallest) / 2 * roots
        found = 1 / chebyshev_schedule(smallest, largest, steps)
        np.testing.assert_allclose(np.sort(found), np.sort(wanted), rtol=1e-9)

    @given(interval=intervals, steps=st.integers(1, 12))
    @quick
    def test_the_worst_contraction_is_the_least_there_is(self, interval, steps):
        """One over T_n((M + m) / (M - m)), here as a hyperbolic cosine (and 0 for a point)."""
        smallest, largest = interval
        assume(largest > 1.0001 * smallest)
        wanted = 1 / math.cosh(steps * math.acosh((largest + smallest) / (largest - smallest)))
        found = worst_contraction(chebyshev_schedule(smallest, largest, steps), smallest, largest)
        assert found == pytest.approx(wanted, rel=1e-6, abs=1e-13)

    @given(interval=intervals, steps=st.integers(2, 8), data=st.data())
    @quick
    def test_no_other_schedule_contracts_more(self, interval, steps, data):
        smallest, largest = interval
        assume(largest > 1.1 * smallest)
        others = st.lists(st.floats(smallest, largest), min_size=steps, max_size=steps)
        rates = 1 / np.array(data.draw(others))
        best = worst_contraction(chebyshev_schedule(smallest, largest, steps), smallest, largest)
        assert worst_contraction(rates, smallest, largest) >= best * (1 - 1e-6)

    @pytest.mark.parametrize("steps", [2, 5, 10])
    def test_it_beats_every_constant_rate(self, steps):
        smallest, largest = 1.0, 20.0
        best = worst_contraction(chebyshev_schedule(smallest, largest, steps), smallest, largest)
        constants = np.linspace(1 / largest, 2 / largest, 50)
        assert all(worst_contraction([rate] * steps, smallest, largest) > 1.1 * best for rate in constants)

    def test_it_contracts_training_as_promised(self):
        X, t, w0, s = PROBLEMS["tall"]
        smallest, largest = 2 / 20 * s.min() ** 2, 2 / 20 * s.max() ** 2
        solution = np.linalg.lstsq(X, t, rcond=None)[0]
        w = w0
        for rate in chebyshev_schedule(smallest, largest, 8):
            w = explicit_step(X, t, w, rate)
        promised = 1 / chebyshev.chebval((largest + smallest) / (largest - smallest), [0] * 8 + [1])
        assert np.linalg.norm(w - solution) <= promised * np.linalg.norm(w0 - solution)

    def test_one_step_is_the_best_constant_rate(self):
        assert chebyshev_schedule(1, 3, 1) == pytest.approx([2 / (1 + 3)])

    def test_two_steps_by_hand(self):
        """Roots of T_2 are +-1/sqrt(2)."""
        assert chebyshev_schedule(1, 3, 2) == pytest.approx([1 / (2 + 0.5**0.5), 1 / (2 - 0.5**0.5)])

    @given(interval=intervals, steps=st.integers(1, 50))
    @quick
    def test_the_smallest_rate_comes_first_and_all_lie_in_the_interval(self, interval, steps):
        smallest, largest = interval
        rates = chebyshev_schedule(smallest, largest, steps)
        assert rates.shape == (steps,)
        assert np.all(np.diff(rates) >= 0)
        assert np.all((1 / largest <= rates * (1 + 1e-12)) & (rates <= 1 / smallest * (1 + 1e-12)))

    def test_the_largest_floats_do_not_overflow(self):
        assert chebyshev_schedule(1e308, 1.7e308, 1) == pytest.approx([1 / 1.35e308], rel=1e-12)

    def test_a_single_eigenvalue_has_a_single_rate(self):
        assert chebyshev_schedule(4, 4, 3).tolist() == [0.25, 0.25, 0.25]

    @given(interval=intervals, steps=st.integers(1, 300))
    @quick
    def test_the_stable_order_has_the_same_rates(self, interval, steps):
        ascending, stable = (chebyshev_schedule(*interval, steps, order=o) for o in ("ascending", "stable"))
        np.testing.assert_array_equal(np.sort(stable), np.sort(ascending))

    def test_the_stable_order_of_eight_is_that_of_the_paper(self):
        """Lebedev and Finogenov pair 1 with 8, 4 with 5, 2 with 7, 3 with 6."""
        ascending = chebyshev_schedule(1, 9, 8)
        places = [1, 8, 4, 5, 2, 7, 3, 6]
        stable = chebyshev_schedule(1, 9, 8, order="stable")
        np.testing.assert_array_equal(stable, ascending[np.array(places) - 1])

    @pytest.mark.parametrize("steps", [5, 31, 64, 100, 255, 256, 300, 511])
    def test_in_the_stable_order_nothing_grows_far_before_the_end_or_after_any_step(self, steps):
        """Products from the first step on are iterates, products to the last one enlarge rounding."""
        smallest, largest = 1.0, 1e4
        eigenvalues = np.linspace(smallest, largest, 3001)

        def growth(order):
            rates = chebyshev_schedule(smallest, largest, steps, order=order)
            factors = 1 - np.multiply.outer(rates, eigenvalues)
            return max(abs(np.cumprod(part, axis=0)).max() for part in (factors, factors[::-1]))

        assert growth("stable") < largest / smallest
        assert steps < 31 or growth("ascending") > 1e4 * growth("stable")

    def test_in_the_stable_order_rounding_stays_rounding(self):
        smallest, largest, steps = 1.0, 100.0, 100
        h = np.linspace(smallest, largest, 50)
        X, _, solution, _ = problem(50, 50, np.sqrt(50 * h / 2), seed=0)  # on a diagonal X rounding dies out

        def error(order):
            w = np.zeros(50)
            for rate in chebyshev_schedule(smallest, largest, steps, order=order):
                w = explicit_step(X, X @ solution, w, rate)
            return np.linalg.norm(w - solution)

        assert error("stable") < 1e-7
        assert error("ascending") > 1e9


class TestSilverSchedule:
    RATIO = 1 + math.sqrt(2)

    @pytest.mark.parametrize("power", range(1, 10))
    def test_it_is_built_as_the_paper_builds_it(self, power):
        """The schedule, a longer step, and the schedule again."""
        schedule = [math.sqrt(2)]
        for halvings in range(1, power):
            schedule = [*schedule, 1 + self.RATIO ** (halvings - 1), *schedule]
        np.testing.assert_allclose(silver_schedule(1, 2**power - 1), schedule, rtol=1e-12)

    @given(largest=st.floats(1e-3, 1e3), steps=st.integers(1, 100), more=st.integers(0, 100))
    @quick
    def test_a_shorter_schedule_is_the_beginning_of_a_longer_one(self, largest, steps, more):
        longer = silver_schedule(largest, steps + more)
        np.testing.assert_array_equal(silver_schedule(largest, steps), longer[:steps])

    @pytest.mark.parametrize("power", range(1, 9))
    def test_the_sum_and_the_growth_along_the_steepest_direction_are_powers_of_the_ratio(self, power):
        rates = silver_schedule(1, 2**power - 1)
        assert rates.sum() == pytest.approx(self.RATIO**power - 1)
        assert abs(np.prod(1 - rates)) == pytest.approx(self.RATIO**-power)

    @pytest.mark.parametrize("power", range(1, 7))
    @pytest.mark.parametrize("flat", [0.0, 0.01, 0.3])
    def test_it_keeps_the_promise_of_the_paper_on_losses_that_are_no_quadratics(self, power, flat):
        """Theorem 1.1 of part II, on Huber's loss and on a softened absolute value."""
        steps = 2**power - 1
        promised = 1 / (1 + math.sqrt(4 * self.RATIO ** (2 * power) - 3))
        start = np.geomspace(1e-2, 1e4, 2001)

        def huber(w):
            inside = np.clip(w, -1, 1)
            return flat * w**2 / 2 + (1 - flat) * (abs(w) - abs(inside) / 2) * abs(inside)

        def huber_slope(w):
            return flat * w + (1 - flat) * np.clip(w, -1, 1)

        def soft(w):
            return flat * w**2 / 2 + (1 - flat) * (np.sqrt(1 + w**2) - 1)

        def soft_slope(w):
            return flat * w + (1 - flat) * w / np.sqrt(1 + w**2)

        for loss, slope in ((huber, huber_slope), (soft, soft_slope)):
            np.testing.assert_allclose(
                slope(start[:-1]), np.diff(loss(start)) / np.diff(start), rtol=0.02, atol=1e-3
            )
            w = start
            for rate in silver_schedule(1, steps):
                w = w - rate * slope(w)
            assert (loss(w) / start**2).max() <= promised

    @pytest.mark.parametrize("power", range(1, 9))
    def test_it_keeps_it_on_every_quadratic(self, power):
        curvatures = np.linspace(0, 1, 20_001)
        left = np.ones_like(curvatures)
        for rate in silver_schedule(1, 2**power - 1):
            left = left * (1 - rate * curvatures)
        assert (curvatures * left**2 / 2).max() <= 1 / (1 + math.sqrt(4 * self.RATIO ** (2 * power) - 3))

    def test_over_many_steps_it_beats_every_stable_rate(self):
        flat = 1e-3
        left = np.prod(1 - flat * silver_schedule(1, 511))
        assert left < 0.3 < (1 - flat * 2) ** 511

    def test_it_scales_as_the_inverse_of_the_curvature(self):
        np.testing.assert_allclose(silver_schedule(4, 7) * 4, silver_schedule(1, 7), rtol=1e-15)


class TestErrors:
    X, T, W0 = np.eye(2), np.ones(2), np.zeros(2)

    @pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
    def test_rates_that_are_not_finite(self, value):
        with pytest.raises(ValueError, match=f"^learning_rate must be a finite number, got {value}"):
            loss_after_step(self.X, self.T, self.W0, value)

    @pytest.mark.parametrize("value", ["0.1", None, True, 1j])
    def test_rates_that_are_not_real(self, value):
        with pytest.raises(TypeError, match=r"^learning_rate must be a real number, got "):
            loss_after_step(self.X, self.T, self.W0, value)

    @pytest.mark.parametrize(
        "function", [optimal_learning_rate, lambda X, t, w0: loss_after_step(X, t, w0, 0.1)]
    )
    def test_arrays_that_do_not_fit(self, function):
        with pytest.raises(ValueError, match="X has 2 rows but t has 3 entries"):
            function(self.X, np.ones(3), self.W0)
        with pytest.raises(ValueError, match="X has 2 columns but w0 has 3 entries"):
            function(self.X, self.T, np.ones(3))
        with pytest.raises(ValueError, match="w0 must be finite"):
            function(self.X, self.T, [0.0, math.inf])
        with pytest.raises(TypeError, match="t must have real entries, got dtype complex128"):
            function(self.X, self.T * 1j, self.W0)

    def test_data_that_is_no_matrix(self):
        with pytest.raises(ValueError, match=r"X must be 2-dimensional, got shape \(2,\)"):
            maximum_stable_learning_rate(np.ones(2))
        with pytest.raises(ValueError, match=r"X must not be empty, got shape \(0, 2\)"):
            maximum_stable_learning_rate(np.ones((0, 2)))
        with pytest.raises(ValueError, match="X must be finite, got 1 entries"):
            maximum_stable_learning_rate(np.array([[1.0, np.nan]]))
        with pytest.raises(ValueError, match="X must be finite, got a product with it of norm nan"):
            maximum_stable_learning_rate(aslinearoperator(np.array([[1.0, 2.0], [3.0, np.nan]])))
        for value in (math.nan, math.inf, -math.inf):
            for X in ([[1.0, value], [0.0, 2.0]], sparse.csr_array([[1.0, value], [0.0, 2.0]])):
                for w0 in ([0.0, 0.0], [1.0, 3.0]):  # a product with zeros shows it too
                    with pytest.raises(
                        ValueError, match="X must be finite, got 1 entries that are NaN or inf"
                    ):
                        optimal_learning_rate(X, [0.0, 1.0], w0)
        with pytest.raises(ValueError, match="X, t and w0 must give a finite gradient, got one of norm nan"):
            optimal_learning_rate(aslinearoperator(np.array([[1.0, np.nan]])), [1.0], [0.0, 0.0])
        with pytest.raises(TypeError, match=r"X must be an array.* got int"):
            maximum_stable_learning_rate(3)

    @pytest.mark.parametrize("argument", ["smallest", "largest"])
    def test_eigenvalues_that_are_not_positive(self, argument):
        for value in (0, -1, math.nan, math.inf):
            with pytest.raises(ValueError, match=f"^{argument} must be a finite number > 0, got {value}"):
                chebyshev_schedule(**{"smallest": 1, "largest": 1, "steps": 2, argument: value})
        with pytest.raises(TypeError, match=f"^{argument} must be a real number, got '1' of type str"):
            chebyshev_schedule(**{"smallest": 1, "largest": 1, "steps": 2, argument: "1"})

    def test_an_interval_the_wrong_way_round(self):
        with pytest.raises(ValueError, match=r"^largest must be >= smallest = 2, got 1$"):
            chebyshev_schedule(2, 1, 3)

    def test_steps_that_cannot_be_counted(self):
        with pytest.raises(ValueError, match=r"^steps must be an integer >= 1, got 0$"):
            chebyshev_schedule(1, 2, 0)
        with pytest.raises(TypeError, match=r"^steps must be an integer, got 2.0 of type float$"):
            chebyshev_schedule(1, 2, 2.0)

    def test_silver_steps_without_a_curvature_or_a_number(self):
        for value in (0, -1, math.nan, math.inf):
            with pytest.raises(ValueError, match=f"^largest must be a finite number > 0, got {value}"):
                silver_schedule(value, 3)
        with pytest.raises(ValueError, match=r"^steps must be an integer >= 1, got 0$"):
            silver_schedule(1, 0)
        with pytest.raises(TypeError, match=r"^steps must be an integer, got 3.0 of type float$"):
            silver_schedule(1, 3.0)

    def test_an_order_that_there_is_not(self):
        message = r"^order must be one of \['ascending', 'stable'\], got 'stabl'; did you mean 'stable'\?$"
        with pytest.raises(ValueError, match=message):
            chebyshev_schedule(1, 2, 3, order="stabl")
