"""Conjugate gradients against SciPy's iterates, and against the best point of each Krylov space."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import PROBLEMS, each, problem
from scipy import sparse
from scipy.sparse.linalg import aslinearoperator, cg, lsqr

from hwlib.krylov import conjugate_gradients
from hwlib.learning_rates import optimal_learning_rate
from hwlib.least_squares import mean_squared_error, mean_squared_error_gradient

quick = settings(deadline=None, max_examples=50)
shapes = st.tuples(st.integers(1, 8), st.integers(1, 8), st.integers(0, 2**32 - 1))


def random_problem(n, d, seed):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, d)), rng.standard_normal(n), rng.standard_normal(d)


def best_in_krylov_space(X, t, w0, steps):
    """Dense least squares over an orthonormal basis of the gradients, made by QR from power to power."""
    basis = np.zeros((X.shape[1], 0))
    power = X.T @ (X @ w0 - t)
    for _ in range(steps):
        basis, _ = np.linalg.qr(np.column_stack([basis, power]))
        power = X.T @ (X @ basis[:, -1])
    coefficients = np.linalg.lstsq(X @ basis, t - X @ w0, rcond=None)[0]
    return w0 + basis @ coefficients


class TestConjugateGradients:
    @pytest.mark.parametrize("name", ["homework", "square", "wide", "tall"])
    def test_no_point_of_the_krylov_space_has_a_smaller_loss(self, name):
        X, t, w0, singular_values = PROBLEMS[name]
        path = conjugate_gradients(X, t, w0, max_steps=singular_values.size, record=True).path
        for steps, w in enumerate(path[1:], 1):
            np.testing.assert_allclose(w, best_in_krylov_space(X, t, w0, steps), rtol=1e-7, atol=1e-9)

    @given(shape=shapes, steps=st.integers(1, 3))
    @quick
    def test_nor_on_random_data(self, shape, steps):
        X, t, w0 = random_problem(*shape)
        w = conjugate_gradients(X, t, w0, max_steps=steps).w
        best = best_in_krylov_space(X, t, w0, min(steps, *X.shape))
        slack = 1e-8 * mean_squared_error(X, t, w0)
        assert mean_squared_error(X, t, w) <= mean_squared_error(X, t, best) + slack

    @each(PROBLEMS)
    def test_its_iterates_are_those_of_scipy_on_the_normal_equations(self, problem):
        X, t, w0, singular_values = problem
        steps = min(3, len({*singular_values}))  # SciPy divides by zero at the solution
        path = []
        cg(X.T @ X, X.T @ t, x0=w0, rtol=0, maxiter=steps, callback=lambda w: path.append(w.copy()))
        ours = conjugate_gradients(X, t, w0, max_steps=steps, record=True).path
        np.testing.assert_allclose(ours[1:], path, rtol=1e-6, atol=1e-8)

    @pytest.mark.parametrize("steps", [1, 2, 3, 4])
    def test_its_iterates_are_those_of_lsqr(self, steps):
        X, t, w0, _ = PROBLEMS["tall"]
        wanted = lsqr(X, t, x0=w0, atol=0, btol=0, conlim=0, iter_lim=steps)[0]
        np.testing.assert_allclose(conjugate_gradients(X, t, w0, max_steps=steps).w, wanted, rtol=1e-9)

    @each(PROBLEMS)
    def test_the_first_step_is_exact_line_search(self, problem):
        X, t, w0, _ = problem
        wanted = w0 - optimal_learning_rate(X, t, w0) * mean_squared_error_gradient(X, t, w0)
        np.testing.assert_allclose(conjugate_gradients(X, t, w0, max_steps=1).w, wanted, rtol=1e-12)

    @pytest.mark.parametrize("shape", [(9, 14), (14, 9)])
    def test_it_takes_a_step_for_each_different_singular_value(self, shape):
        X, t, w0, _ = problem(*shape, [5.0, 5.0, 3.0, 3.0, 3.0, 1.0], seed=0)
        path = conjugate_gradients(X, t, w0, max_steps=3, record=True).path
        slopes = [np.linalg.norm(mean_squared_error_gradient(X, t, w)) for w in path]
        assert slopes[2] > 1e-3 * slopes[0]
        assert slopes[3] < 1e-12 * slopes[0]

    def test_directions_are_conjugate_and_gradients_orthogonal(self):
        X, t, w0, _ = PROBLEMS["square"]
        path = conjugate_gradients(X, t, w0, max_steps=4, record=True).path
        images = np.diff(path, axis=0) @ X.T
        slopes = np.array([mean_squared_error_gradient(X, t, w) for w in path[:-1]])
        for vectors in (images, slopes):
            units = vectors / np.linalg.norm(vectors, axis=1)[:, None]
            np.testing.assert_allclose(units @ units.T, np.eye(4), atol=1e-9)

    def test_it_stops_at_the_tolerance_and_says_so(self):
        X, t, w0, _ = PROBLEMS["ill-conditioned"]
        whole = conjugate_gradients(X, t, w0, max_steps=4, record=True)
        slopes = [np.linalg.norm(mean_squared_error_gradient(X, t, w)) for w in whole.path]
        stopped = conjugate_gradients(X, t, w0, max_steps=100, tolerance=slopes[3] * 1.0001)
        assert min(slopes[:3]) > slopes[3]
        assert (stopped.steps, stopped.converged, stopped.path) == (3, True, None)
        np.testing.assert_array_equal(stopped.w, whole.path[3])
        assert (whole.steps, whole.converged, whole.path.shape) == (4, False, (5, 30))

    def test_it_does_not_claim_a_tolerance_that_rounding_denies(self):
        X, t, w0, _ = problem(30, 30, np.geomspace(1, 1e-6, 30), seed=0)
        result = conjugate_gradients(X, 1e8 * t, w0, max_steps=10_000, tolerance=1e-12)
        true_slope = np.linalg.norm(mean_squared_error_gradient(X, 1e8 * t, result.w))
        assert result.converged == (true_slope <= 1e-12)

    def test_at_a_solution_it_makes_no_step(self):
        start = np.array([1.0, 2.0])
        result = conjugate_gradients(np.eye(2), [1.0, 2.0], start, max_steps=5)
        assert (result.steps, result.converged) == (0, True)
        assert not np.shares_memory(result.w, start)

    @pytest.mark.parametrize(
        "wrap", [sparse.csr_array, sparse.coo_array, aslinearoperator, np.ndarray.tolist]
    )
    def test_every_kind_of_data_gives_the_same_iterates(self, wrap):
        X, t, w0, _ = PROBLEMS["tall"]
        wanted = conjugate_gradients(X, t, w0, max_steps=4).w
        np.testing.assert_allclose(conjugate_gradients(wrap(X), t, w0, max_steps=4).w, wanted, rtol=1e-10)

    @pytest.mark.parametrize("unit", [1e-120, 1e-8, 1e8, 1e120])
    def test_it_does_not_depend_on_the_unit_of_the_data(self, unit):
        X, t, w0, _ = PROBLEMS["tall"]
        wanted = conjugate_gradients(X, t, w0, max_steps=3).w
        found = conjugate_gradients(X * unit, t, w0 / unit, max_steps=3).w
        np.testing.assert_allclose(found * unit, wanted, rtol=1e-9)

    def test_single_precision_stays_single(self):
        X, t, w0, _ = PROBLEMS["tall"]
        single = conjugate_gradients(*(part.astype(np.float32) for part in (X, t, w0)), max_steps=3).w
        assert single.dtype == np.float32
        np.testing.assert_allclose(single, conjugate_gradients(X, t, w0, max_steps=3).w, rtol=1e-4)

    def test_a_step_takes_two_products(self):
        counts = []

        class Counted:
            def __init__(self, matrix):
                self._matrix, self.shape = matrix, matrix.shape

            @property
            def T(self):
                return Counted(self._matrix.T)

            def __matmul__(self, v):
                counts.append(v.shape)
                return self._matrix @ v

        X, t, w0, _ = PROBLEMS["tall"]
        conjugate_gradients(Counted(X), t, w0, max_steps=3)
        assert len(counts) == 2 + 2 * 3 + 2


class TestErrors:
    @pytest.mark.parametrize(
        ("options", "error", "message"),
        [
            ({"max_steps": -1}, ValueError, r"^max_steps must be an integer >= 0, got -1$"),
            ({"max_steps": 2.0}, TypeError, r"^max_steps must be an integer, got 2.0 of type float$"),
            (
                {"max_steps": 2, "tolerance": -1.0},
                ValueError,
                r"^tolerance must be a finite number >= 0, got",
            ),
            ({"max_steps": 2, "tolerance": math.nan}, ValueError, r"^tolerance must be a finite number"),
            ({"max_steps": 2, "record": 1}, TypeError, r"^record must be True or False, got 1 of type int$"),
        ],
    )
    def test_options_that_make_no_sense(self, options, error, message):
        with pytest.raises(error, match=message):
            conjugate_gradients(np.eye(2), np.ones(2), np.zeros(2), **options)

    def test_an_operator_that_is_not_finite(self):
        spoiled = aslinearoperator(np.array([[1.0, math.nan]]))
        with pytest.raises(
            ValueError, match=r"^X, t and w0 must give a finite gradient, got one of norm nan$"
        ):
            conjugate_gradients(spoiled, [1.0], [0.0, 0.0], max_steps=1)
