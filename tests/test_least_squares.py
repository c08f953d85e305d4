"""The loss, its gradient and its solution of minimum norm against NumPy, differences and fractions."""

import math
import tracemalloc
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from problems import FULL_ROW_RANK, PROBLEMS, RANK_DEFICIENT, each
from problems import problem as make_problem
from scipy import sparse
from scipy.linalg import hilbert
from scipy.sparse.linalg import LinearOperator, aslinearoperator

from hwlib.least_squares import (
    mean_squared_error,
    mean_squared_error_gradient,
    minimum_norm_solution,
    row_space_component,
)

SPARSE_FORMATS = ["csr", "csc", "coo", "lil", "dok", "dia", "bsr"]
KINDS = {"array": np.asarray, "sparse": sparse.csr_array, "operator": aslinearoperator}
HOPELESS = make_problem(20, 30, np.r_[np.linspace(1, 0.5, 16), 1e-6, 1e-8, 1e-10, 1e-12], seed=6)
BY_PRODUCTS = pytest.mark.parametrize(
    "kind", [KINDS["sparse"], KINDS["operator"]], ids=["sparse", "operator"]
)
EVERY_KIND = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())

seeds = st.integers(0, 2**32 - 1)
sides = st.integers(1, 8)
quick = settings(deadline=None, max_examples=60)


def fractions(values):
    return [Fraction(float(value)) for value in values]


def exact_loss(X, t, w):
    """Evaluate the definition in rational numbers."""
    w = fractions(w)
    residuals = [
        sum(x * v for x, v in zip(fractions(row), w, strict=True)) - Fraction(float(target))
        for row, target in zip(X, t, strict=True)
    ]
    return sum(r * r for r in residuals) / len(residuals)


def as_gram_matrix_solution(X, t):
    """Solve the displayed formula X^T (X X^T)^-1 t in rational numbers by Gauss and Jordan."""
    rows = [fractions(row) for row in X]
    n = len(rows)
    gram = [[sum(a * b for a, b in zip(rows[i], rows[j], strict=True)) for j in range(n)] for i in range(n)]
    system = [[*gram[i], Fraction(float(t[i]))] for i in range(n)]
    for i in range(n):
        pivot = next(k for k in range(i, n) if system[k][i] != 0)
        system[i], system[pivot] = system[pivot], system[i]
        system[i] = [entry / system[i][i] for entry in system[i]]
        for k in set(range(n)) - {i}:
            system[k] = [a - system[k][i] * b for a, b in zip(system[k], system[i], strict=True)]
    return [float(sum(system[i][-1] * rows[i][j] for i in range(n))) for j in range(len(rows[0]))]


class CountedProducts:
    """A matrix that shows nothing but its shape and its products with vectors."""

    def __init__(self, matrix, log=None):
        self._matrix, self.shape = matrix, matrix.shape
        self.log = [] if log is None else log

    @property
    def T(self):
        return CountedProducts(self._matrix.T, self.log)

    def __matmul__(self, v):
        assert v.shape == (self.shape[1],), "a product with something else than a vector"
        self.log.append(self.shape)
        return self._matrix @ v


class TestLoss:
    def test_of_the_homework_at_zero_is_four(self):
        assert mean_squared_error([[2, 1]], [2], [0, 0]) == 4.0
        assert mean_squared_error_gradient([[2, 1]], [2], [0, 0]).tolist() == [-8.0, -4.0]

    @each(PROBLEMS)
    @EVERY_KIND
    def test_is_its_definition_in_fractions(self, problem, kind):
        X, t, w, _ = problem
        loss = mean_squared_error(kind(X), t, w)
        assert isinstance(loss, float)
        assert loss == pytest.approx(float(exact_loss(X, t, w)), rel=1e-13)

    @each(PROBLEMS)
    @EVERY_KIND
    def test_gradient_is_its_central_difference(self, problem, kind):
        X, t, w, _ = problem
        X = kind(X)
        # A central difference of a quadratic has no truncation error, so the step may be large.
        difference = [
            (mean_squared_error(X, t, w + e) - mean_squared_error(X, t, w - e)) / 2 for e in np.eye(w.size)
        ]
        assert_allclose(mean_squared_error_gradient(X, t, w), difference, rtol=1e-11, atol=1e-12)

    @each(PROBLEMS)
    def test_gradient_is_its_complex_step_difference(self, problem):
        X, t, w, _ = problem
        step = 1e-30
        imaginary = [np.imag(np.mean((X @ (w + 1j * step * e) - t) ** 2)) / step for e in np.eye(w.size)]
        assert_allclose(mean_squared_error_gradient(X, t, w), imaginary, rtol=1e-13, atol=1e-14)

    @each(PROBLEMS)
    def test_gradient_lies_in_the_row_space(self, problem):
        X, t, w, _ = problem
        gradient = mean_squared_error_gradient(X, t, w)
        assert_allclose(row_space_component(X, gradient), gradient, rtol=1e-12, atol=1e-13)

    @pytest.mark.parametrize("form", SPARSE_FORMATS)
    @pytest.mark.parametrize("container", ["array", "matrix"])
    def test_takes_every_sparse_format(self, form, container):
        X, t, w, _ = PROBLEMS["wide"]
        stored = getattr(sparse, f"{form}_{container}")(X)
        assert mean_squared_error(stored, t, w) == pytest.approx(np.mean((X @ w - t) ** 2))
        assert_allclose(mean_squared_error_gradient(stored, t, w), 2 / 5 * X.T @ (X @ w - t))

    def test_of_int8_data_does_not_overflow(self):
        X, t, w = np.array([[100, 100]], np.int8), np.array([-100], np.int8), np.array([100, 100], np.int8)
        assert mean_squared_error(X, t, w) == 20_100**2
        assert mean_squared_error_gradient(X, t, w).tolist() == [2 * 100 * 20_100] * 2

    def test_of_boolean_data_counts_true_as_one(self):
        assert mean_squared_error(np.array([[True, True]]), np.array([False]), [1, 2]) == 9.0

    def test_of_float32_data_has_a_float32_gradient(self):
        X, t, w, _ = (np.asarray(part, np.float32) for part in PROBLEMS["wide"])
        gradient = mean_squared_error_gradient(X, t, w)
        assert gradient.dtype == np.float32
        assert_allclose(gradient, mean_squared_error_gradient(*PROBLEMS["wide"][:3]), rtol=1e-4, atol=1e-5)


class TestMinimumNormSolution:
    def test_of_the_homework_is_four_and_two_fifths(self):
        assert_allclose(minimum_norm_solution([[2, 1]], [2]), [0.8, 0.4], rtol=1e-15)

    @each(FULL_ROW_RANK)
    @EVERY_KIND
    def test_is_the_pseudoinverse_times_the_targets(self, problem, kind):
        X, t, _, s = problem
        expected = np.linalg.pinv(X) @ t
        error = np.linalg.norm(minimum_norm_solution(kind(X), t) - expected)
        assert error <= 1e-14 * s.max() / s.min() * np.linalg.norm(expected)

    @each({name: FULL_ROW_RANK[name] for name in ("single entry", "square", "wide")})
    @EVERY_KIND
    def test_is_the_displayed_formula_in_fractions(self, problem, kind):
        expected = as_gram_matrix_solution(problem.X, problem.t)
        assert_allclose(minimum_norm_solution(kind(problem.X), problem.t), expected, rtol=1e-12, atol=1e-13)

    @quick
    @given(seeds, sides, sides)
    def test_is_shorter_than_every_other_solution(self, seed, n, extra):
        X, t, w, _ = make_problem(n, n + extra, np.linspace(1, 2, n), seed)
        shortest = minimum_norm_solution(X, t)
        other = shortest + w - np.linalg.pinv(X) @ (X @ w)
        assert_allclose(X @ other, t, atol=1e-12)
        assert np.linalg.norm(shortest) <= np.linalg.norm(other) + 1e-12
        assert shortest @ (other - shortest) == pytest.approx(0, abs=1e-11)

    @pytest.mark.parametrize("condition", [1e2, 1e4, 1e6, 1e8, 1e10])
    @pytest.mark.parametrize(("n", "d"), [(5, 9), (10, 10), (20, 60)])
    def test_is_as_accurate_as_lstsq(self, condition, n, d):
        ours, theirs = [], []
        for seed in range(5):
            X = make_problem(n, d, np.geomspace(1, 1 / condition, n), seed).X
            # A combination of the rows, computed in fractions, is the solution of minimum norm.
            rational = [fractions(row) for row in X]
            coefficients = [Fraction(int(c)) for c in np.random.default_rng(seed).integers(-9, 10, n)]
            w = [sum(c * row[j] for c, row in zip(coefficients, rational, strict=True)) for j in range(d)]
            t = np.array([float(sum(x * v for x, v in zip(row, w, strict=True))) for row in rational])
            w = np.array([float(v) for v in w])
            ours.append(np.linalg.norm(minimum_norm_solution(X, t) - w))
            theirs.append(np.linalg.norm(np.linalg.lstsq(X, t, rcond=None)[0] - w))
        assert max(ours) <= 10 * max(theirs)

    @pytest.mark.parametrize("condition", [1e2, 1e4, 1e6, 1e8])
    @pytest.mark.parametrize(("n", "d"), [(5, 9), (60, 100)])
    @BY_PRODUCTS
    def test_by_products_is_right_up_to_the_condition_number(self, condition, n, d, kind):
        X, t, _, _ = make_problem(n, d, np.geomspace(1, 1 / condition, n), seed=8)
        expected = np.linalg.lstsq(X, t, rcond=None)[0]
        error = np.linalg.norm(minimum_norm_solution(kind(X), t) - expected)
        assert error <= 10 * condition * np.finfo(float).eps * np.linalg.norm(expected)

    @BY_PRODUCTS
    def test_by_products_of_rows_of_very_different_length(self, kind):
        X = np.geomspace(1, 1e-9, 30)[:, None] * make_problem(30, 60, np.ones(30), seed=9).X
        t = X @ np.ones(60)
        assert_allclose(minimum_norm_solution(kind(X), t), np.linalg.pinv(X) @ t, rtol=0, atol=1e-7)

    @BY_PRODUCTS
    def test_of_targets_zero_is_zero(self, kind):
        assert minimum_norm_solution(kind(FULL_ROW_RANK["wide"].X), np.zeros(5)).tolist() == [0.0] * 20

    def test_of_a_large_sparse_array_never_makes_it_dense(self):
        n, d = 100, 50_000
        columns = np.random.default_rng(0).choice(d, (n, 10), replace=False)
        X = sparse.csr_array((np.ones(10 * n), columns.ravel(), range(0, 10 * n + 1, 10)), (n, d))
        t = np.ones(n)
        tracemalloc.start()
        try:
            w = minimum_norm_solution(X, t)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert_allclose(X @ w, t, atol=1e-12)
        assert peak < n * d * X.dtype.itemsize / 2

    def test_by_products_keeps_few_vectors_where_rounding_is_harmless(self):
        n, d = 300, 30_000
        scale = np.linspace(1, 30, n)
        products = LinearOperator(
            (n, d), lambda v: scale * v[:n], lambda v: np.append(scale * v, np.zeros(d - n)), dtype=float
        )
        tracemalloc.start()
        try:
            w = minimum_norm_solution(products, np.ones(n))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert_allclose(w[:n], 1 / scale, rtol=1e-9)
        assert peak < 20 * w.nbytes

    @pytest.mark.parametrize("form", SPARSE_FORMATS)
    def test_takes_every_sparse_format(self, form):
        X, t, _, _ = FULL_ROW_RANK["wide"]
        solution = minimum_norm_solution(getattr(sparse, f"{form}_array")(X), t)
        assert_allclose(solution, np.linalg.pinv(X) @ t, atol=1e-13)

    def test_asks_an_operator_for_products_with_vectors_alone(self):
        X, t, _, _ = FULL_ROW_RANK["wide"]
        products = CountedProducts(X)
        assert_allclose(minimum_norm_solution(products, t), np.linalg.pinv(X) @ t, atol=1e-13)
        # Two solutions, one of them a test of the rank, of five steps with two products each.
        assert 20 <= len(products.log) <= 24

    @pytest.mark.parametrize("dtype", [np.int8, np.uint64, np.bool_, np.float16])
    def test_of_data_that_lapack_does_not_take_is_computed_in_float64(self, dtype):
        X = np.array([[1, 0, 1], [0, 1, 1]], dtype)
        solution = minimum_norm_solution(X, [1, 2])
        assert solution.dtype == np.float64
        assert_allclose(solution, [0, 1, 1], atol=1e-15)

    @EVERY_KIND
    def test_of_float32_data_is_float32(self, kind):
        X, t, _, _ = FULL_ROW_RANK["wide"]
        solution = minimum_norm_solution(kind(X.astype(np.float32)), t.astype(np.float32))
        assert solution.dtype == np.float32
        assert_allclose(solution, np.linalg.pinv(X) @ t, atol=1e-6)


class TestArrays:
    @pytest.mark.parametrize("condition", [1, 1e2, 1e6, 1e10])
    @pytest.mark.parametrize("shape", [(9, 9), (7, 40)])
    def test_are_solved_as_well_as_by_numpy(self, condition, shape):
        """Both against rational numbers; the targets are such that the solution is as large as it can be."""
        X, t, _, _ = make_problem(*shape, np.geomspace(1, 1 / condition, shape[0]), seed=9)
        exact = as_gram_matrix_solution(X, t)
        ours, numpys = minimum_norm_solution(X, t), np.linalg.lstsq(X, t, rcond=None)[0]
        size = np.linalg.norm(exact)
        error, numpys_error = (np.linalg.norm(w - exact) / size for w in (ours, numpys))
        assert error <= 20 * condition * np.finfo(float).eps
        assert error <= 10 * numpys_error + 10 * np.finfo(float).eps

    @pytest.mark.parametrize("scale", [1e-200, 1e200])
    def test_may_have_any_unit(self, scale):
        X, t, _, _ = FULL_ROW_RANK["wide"]
        assert_allclose(minimum_norm_solution(scale * X, t) * scale, np.linalg.pinv(X) @ t, rtol=1e-11)

    @pytest.mark.parametrize("condition", [1e12, 5e12, 2e14, 1e15])
    def test_have_the_rank_that_numpy_finds(self, condition):
        X, t, _, _ = make_problem(8, 500, np.geomspace(1, 1 / condition, 8), seed=10)
        rank = np.linalg.matrix_rank(X)
        if rank == 8:
            assert_allclose(X @ minimum_norm_solution(X, t), t, atol=1e-14 * condition)
        else:
            with pytest.raises(ValueError, match=f"full row rank 8, found rank {rank}$"):
                minimum_norm_solution(X, t)


class TestRank:
    @each(RANK_DEFICIENT)
    @EVERY_KIND
    def test_that_is_not_full_is_found_and_named(self, problem, kind):
        X, t, _, s = problem
        n, d = X.shape
        message = rf"^X of shape \({n}, {d}\) must have full row rank {n}, found rank {s.size}$"
        with pytest.raises(ValueError, match=message):
            minimum_norm_solution(kind(X), t)

    @each(RANK_DEFICIENT)
    @EVERY_KIND
    def test_is_asked_for_even_where_there_is_a_solution(self, problem, kind):
        X, _, w, s = problem
        with pytest.raises(ValueError, match=f"found rank {s.size}$"):
            minimum_norm_solution(kind(X), X @ w)

    @EVERY_KIND
    def test_of_zeros_is_zero(self, kind):
        with pytest.raises(ValueError, match=r"must have full row rank 2, found rank 0$"):
            minimum_norm_solution(kind(np.zeros((2, 3))), [1, 1])

    @EVERY_KIND
    def test_of_a_row_twice_with_equal_targets_is_one(self, kind):
        with pytest.raises(ValueError, match=r"must have full row rank 2, found rank 1$"):
            minimum_norm_solution(kind(np.array([[2.0, 1.0], [2.0, 1.0]])), [2, 2])

    @EVERY_KIND
    def test_of_more_rows_than_columns_refutes_the_source(self, kind):
        X = np.array([[2.0, 1.0], [1.0, 1.0], [0.0, 1.0]])
        assert np.linalg.matrix_rank(X @ X.T) == 2
        with pytest.raises(ValueError, match=r"must have full row rank 3, found rank 2$"):
            minimum_norm_solution(kind(X), X @ [1, 1])

    def test_of_more_rows_than_columns_costs_one_product_a_column(self):
        products = CountedProducts(RANK_DEFICIENT["tall"].X)
        with pytest.raises(ValueError, match=r"must have full row rank 20, found rank 5$"):
            minimum_norm_solution(products, np.ones(20))
        assert products.log == [(5, 20)] * 5

    @quick
    @given(seeds, st.integers(2, 20), st.integers(1, 20), st.data())
    def test_found_by_products_is_the_one_of_the_data(self, seed, n, d, data):
        rank = data.draw(st.integers(1, min(n - 1, d)), label="rank")
        condition = 10.0 ** data.draw(st.integers(0, 6), label="exponent of the condition number")
        X, t, _, _ = make_problem(n, d, np.geomspace(1, 1 / condition, rank), seed)
        with pytest.raises(ValueError, match=f"must have full row rank {n}, found rank {rank}$"):
            minimum_norm_solution(aslinearoperator(X), t)

    def test_of_an_operator_with_a_hopeless_condition_is_not_called_deficient(self):
        X, t, _, _ = HOPELESS
        with pytest.raises(
            ValueError, match=r"^X of shape \(20, 30\) is too ill-conditioned .* as an array$"
        ):
            minimum_norm_solution(aslinearoperator(X), t)
        assert_allclose(X @ minimum_norm_solution(X, t), t, atol=1e-4)

    @pytest.mark.parametrize("seed", range(3))
    def test_of_an_operator_beyond_float32_is_not_called_deficient(self, seed):
        X = make_problem(20, 30, np.geomspace(1, 1e-7, 20), seed).X.astype(np.float32)
        with pytest.raises(ValueError, match=r"^X of shape \(20, 30\) is too ill-conditioned"):
            minimum_norm_solution(aslinearoperator(X), np.ones(20, np.float32))

    def test_of_a_hilbert_matrix_is_the_numerical_one(self):
        for X in (hilbert(14), aslinearoperator(hilbert(14))):
            with pytest.raises(ValueError, match=f"found rank {np.linalg.matrix_rank(hilbert(14))}$"):
                minimum_norm_solution(X, np.ones(14))


class TestRowSpaceComponent:
    def test_of_the_homework_is_a_multiple_of_its_row(self):
        assert_allclose(row_space_component([[2, 1]], [1, 0]), [0.8, 0.4], rtol=1e-15)

    @each(PROBLEMS)
    @EVERY_KIND
    def test_is_the_pseudoinverse_times_the_product(self, problem, kind):
        X, _, w, _ = problem
        assert_allclose(row_space_component(kind(X), w), np.linalg.pinv(X) @ X @ w, atol=1e-10)

    @each(PROBLEMS)
    @EVERY_KIND
    def test_leaves_its_own_result_alone(self, problem, kind):
        component = row_space_component(kind(problem.X), problem.w0)
        assert_allclose(row_space_component(kind(problem.X), component), component, atol=1e-10)

    @each(PROBLEMS)
    @EVERY_KIND
    def test_of_the_rest_is_zero(self, problem, kind):
        rest = problem.w0 - row_space_component(kind(problem.X), problem.w0)
        assert_allclose(problem.X @ rest, 0, atol=1e-12)
        assert_allclose(row_space_component(kind(problem.X), rest), 0, atol=1e-10)

    @quick
    @given(seeds, st.integers(1, 20), st.integers(1, 20), st.data())
    def test_is_a_symmetric_projection_for_every_rank(self, seed, n, d, data):
        rank = data.draw(st.integers(1, min(n, d)), label="rank")
        X, _, w, _ = make_problem(n, d, np.linspace(1, 3, rank), seed)
        v = np.random.default_rng(seed + 1).standard_normal(d)
        for kind in KINDS.values():
            Pw, Pv = row_space_component(kind(X), w), row_space_component(kind(X), v)
            assert Pw @ v == pytest.approx(w @ Pv, abs=1e-11)
            assert Pw @ (w - Pw) == pytest.approx(0, abs=1e-11)

    @EVERY_KIND
    def test_of_data_zero_is_zero(self, kind):
        assert row_space_component(kind(np.zeros((2, 3))), [1, 2, 3]).tolist() == [0.0] * 3

    def test_asks_an_operator_for_products_with_vectors_alone(self):
        X, _, w, _ = PROBLEMS["wide"]
        products = CountedProducts(X)
        assert_allclose(row_space_component(products, w), np.linalg.pinv(X) @ X @ w, atol=1e-13)
        assert 10 <= len(products.log) <= 13

    def test_of_an_operator_with_a_hopeless_condition_is_refused(self):
        X = HOPELESS.X
        hidden = np.linalg.svd(X)[2][19]
        with pytest.raises(ValueError, match=r"^X of shape \(20, 30\) is too ill-conditioned"):
            row_space_component(aslinearoperator(X), hidden)
        assert_allclose(row_space_component(X, hidden), hidden, atol=1e-5)

    def test_of_float32_is_float32(self):
        component = row_space_component(np.array([[2, 1]], np.float32), np.array([1, 0], np.float32))
        assert component.dtype == np.float32


@each(PROBLEMS)
@EVERY_KIND
def test_nothing_that_is_given_is_changed(problem, kind):
    X, t, w, _ = problem
    before = X.copy(), t.copy(), w.copy()
    mean_squared_error(kind(X), t, w)
    mean_squared_error_gradient(kind(X), t, w)
    row_space_component(kind(X), w)
    if problem.singular_values.size == X.shape[0]:
        minimum_norm_solution(kind(X), t)
    for old, new in zip(before, (X, t, w), strict=True):
        np.testing.assert_array_equal(old, new)


def test_an_operator_that_gives_nan_is_refused():
    operator = LinearOperator(
        (1, 2), matvec=lambda v: np.array([math.nan]), rmatvec=lambda u: np.full(2, math.nan), dtype=float
    )
    with pytest.raises(ValueError, match=r"^X must be finite, got an operator whose product"):
        minimum_norm_solution(operator, [1.0])
    with pytest.raises(ValueError, match=r"^X must be finite, got an operator whose product"):
        row_space_component(operator, [1.0, 1.0])


def test_nothing_as_large_as_the_square_of_the_features_is_formed():
    X = np.random.default_rng(0).standard_normal((2, 3000))
    tracemalloc.start()
    minimum_norm_solution(X, np.ones(2))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * X.nbytes
