"""Potentials against their definitions in sixty digits; ends against SciPy's solvers and optimality."""

import math
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from flint import arb, arb_mat, ctx
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from problems import FULL_ROW_RANK, RANK_DEFICIENT, each
from scipy import integrate, linalg, optimize, sparse
from scipy.sparse.linalg import aslinearoperator

from hwlib.least_squares import mean_squared_error_gradient, minimum_norm_solution
from hwlib.mirror_descent import (
    Hypentropy,
    MirrorDescent,
    NegativeEntropy,
    Potential,
    SquaredNorm,
    nearest_solution,
)
from hwlib.optimizers import DivergenceError, GradientDescent, minimize

quick = settings(deadline=None, max_examples=40)
DIGITS = 60


# Each reference is the term of one weight, as it is published, in arithmetic of any precision.


def half_square(x):
    return x * x / 2


def entropy(x):
    return x * x.log() - x


def hypentropy(scale):
    return lambda x: x * (x / scale).asinh() - (x * x + arb(scale) ** 2).sqrt()


POTENTIALS = {
    "squared norm": (SquaredNorm(), half_square),
    "entropy": (NegativeEntropy(), entropy),
    "hypentropy": (Hypentropy(1.0), hypentropy(1.0)),
    "small hypentropy": (Hypentropy(1e-4), hypentropy(1e-4)),
    "large hypentropy": (Hypentropy(1e4), hypentropy(1e4)),
}
EVERY_POTENTIAL = pytest.mark.parametrize(("potential", "term"), POTENTIALS.values(), ids=POTENTIALS.keys())
EACH_POTENTIAL = pytest.mark.parametrize("potential", [one for one, _ in POTENTIALS.values()], ids=POTENTIALS)


@pytest.fixture(autouse=True)
def many_digits():
    before, ctx.dps = ctx.dps, DIGITS
    yield
    ctx.dps = before


def slope(term, x):
    """Derivative by a central difference, whose error sixty digits leave no room for."""
    h = arb(abs(x) or 1.0) * arb(10) ** -20
    return (term(arb(x) + h) - term(arb(x) - h)) / (2 * h)


def divergence(term, w, start):
    pairs = list(zip(map(float, w), map(float, start), strict=True))
    heights = [term(arb(x)) - term(arb(y)) - slope(term, y) * (arb(x) - arb(y)) for x, y in pairs]
    return float(sum(heights, arb(0)))


def points(potential, count, seed):
    """Weights in the domain, of sizes from small to large."""
    rng = np.random.default_rng(seed)
    sizes = np.exp(rng.uniform(-4, 3, count))
    return sizes if isinstance(potential, NegativeEntropy) else sizes * rng.choice([-1, 1], count)


class TestPotentials:
    @EVERY_POTENTIAL
    def test_have_the_gradient_of_their_definition(self, potential, term):
        w = points(potential, 30, seed=0)
        assert_allclose(potential.gradient(w), [float(slope(term, x)) for x in w], rtol=1e-13)

    @EVERY_POTENTIAL
    def test_have_the_divergence_of_their_definition(self, potential, term):
        for seed in range(5):
            w, start = points(potential, 20, seed), points(potential, 20, seed + 100)
            found = potential.divergence(w, start)
            assert type(found) is float
            assert_allclose(found, divergence(term, w, start), rtol=1e-10)

    @EACH_POTENTIAL
    def test_are_known_by_their_gradient(self, potential):
        w = points(potential, 30, seed=1)
        assert_allclose(potential.inverse_gradient(potential.gradient(w)), w, rtol=1e-13)

    @EACH_POTENTIAL
    def test_have_a_divergence_that_is_positive_but_from_themselves(self, potential):
        w = points(potential, 5, seed=2)
        assert potential.divergence(w, w) == 0
        for j in range(5):
            assert potential.divergence(w * (1 + 0.1 * np.eye(5)[j]), w) > 0

    def test_are_values_that_cannot_be_changed(self):
        assert Hypentropy(2) == Hypentropy(2.0) != Hypentropy(3.0)
        with pytest.raises(FrozenInstanceError):
            Hypentropy(2.0).scale = 3.0


class TestMirrorDescent:
    slopes = np.random.default_rng(3).standard_normal((50, 4))

    def run(self, rule, w):
        state = rule.init(w)
        for one in self.slopes:
            w, state = rule.update(w, one, state)
        return w

    def test_with_the_squared_norm_is_gradient_descent(self):
        w = np.array([1.0, -2.0, 0.0, 3.0])
        rules = MirrorDescent(0.1, SquaredNorm()), GradientDescent(0.1)
        ours, plain = (self.run(rule, w) for rule in rules)
        assert_allclose(ours, plain, rtol=1e-15)

    def test_with_the_entropy_multiplies(self):
        start = [1.0, 2.0, 0.5, 1e-3]
        wanted = [
            x * math.prod(math.exp(-0.1 * g) for g in column)
            for x, column in zip(start, self.slopes.T, strict=True)
        ]
        assert_allclose(self.run(MirrorDescent(0.1, NegativeEntropy()), np.array(start)), wanted, rtol=1e-13)

    def test_with_the_hypentropy_adds_to_the_inverse_hyperbolic_sine(self):
        start = [1.0, -2.0, 0.0, 1e-3]
        wanted = [
            0.5 * math.sinh(math.asinh(x / 0.5) - 0.1 * math.fsum(column))
            for x, column in zip(start, self.slopes.T, strict=True)
        ]
        assert_allclose(self.run(MirrorDescent(0.1, Hypentropy(0.5)), np.array(start)), wanted, rtol=1e-12)

    @pytest.mark.parametrize(("scale", "potential"), [(1e6, SquaredNorm()), (1e-6, NegativeEntropy())])
    def test_with_the_hypentropy_is_between_the_others(self, scale, potential):
        """Its curvature is one over the scale for small weights, one over the weight for large ones."""
        w = np.array([1.0, 2.0, 0.5, 3.0])
        unit = scale if isinstance(potential, SquaredNorm) else 1.0
        ours, other = MirrorDescent(0.1 / unit, Hypentropy(scale)), MirrorDescent(0.1, potential)
        assert_allclose(self.run(ours, w), self.run(other, w), rtol=1e-9)

    @EACH_POTENTIAL
    @pytest.mark.parametrize("share", [0.5, 0.05])
    def test_ends_at_the_nearest_solution_at_any_rate(self, potential, share):
        rng = np.random.default_rng(4)
        X = rng.standard_normal((3, 6))
        start, somewhere = rng.uniform(0.5, 1.5, (2, 6))
        t = X @ somewhere
        near = nearest_solution(X, t, start, potential)
        softest = max(potential._inverse_curvature(near).max(), potential._inverse_curvature(start).max())
        rate = share / (2 / 3 * np.linalg.norm(X, 2) ** 2 * softest)
        run = minimize(
            lambda w: mean_squared_error_gradient(X, t, w),
            start, MirrorDescent(rate, potential), max_steps=20_000, tolerance=1e-9,
        )  # fmt: skip
        assert run.converged
        assert_allclose(run.w, near, atol=1e-6 * np.abs(near).max())

    def test_leaves_a_weight_at_zero_that_became_too_small(self):
        rule = MirrorDescent(1.0, NegativeEntropy())
        w, _ = rule.update(np.array([1.0, 1.0]), np.array([800.0, 0.0]), None)
        assert_array_equal(w, [0, 1])
        assert_array_equal(rule.update(w, np.array([-5.0, 0.0]), None)[0], [0, 1])

    def test_says_where_it_leaves_the_finite_numbers(self):
        with pytest.raises(
            DivergenceError, match=r"^step 2 with learning_rate 10 left the finite numbers; try"
        ):
            minimize(lambda w: -w, [10.0], MirrorDescent(10.0, NegativeEntropy()), max_steps=5)


def in_null_space(X, t, start, term):
    """The solution of least divergence, by SciPy's BFGS over coordinates of the null space."""
    basis, somewhere = linalg.null_space(X), np.linalg.lstsq(X, t, rcond=None)[0]
    found = optimize.minimize(
        lambda c: term(somewhere + basis @ c, start), np.zeros(basis.shape[1]), tol=1e-11
    )
    return somewhere + basis @ found.x


def along_the_line(X, t, start, gradient, bracket):
    """The solution at which the gradient's change is orthogonal to the only direction that is free."""
    (null,) = linalg.null_space(X).T
    somewhere = np.linalg.lstsq(X, t, rcond=None)[0]

    def change(way):
        return (gradient(somewhere + way * null) - gradient(start)) @ null

    return somewhere + optimize.brentq(change, *bracket(somewhere, null), xtol=1e-15, rtol=1e-14) * null


def positive_part(somewhere, null):
    """Between which ways all weights are positive."""
    ways = -somewhere / null
    return ways[null > 0].max() + 1e-13, ways[null < 0].min() - 1e-13


class TestNearestSolution:
    @each(FULL_ROW_RANK)
    def test_of_the_squared_norm_is_a_projection(self, problem):
        X, t, w0, _ = problem
        wanted = w0 + np.linalg.pinv(X) @ (t - X @ w0)
        assert_allclose(nearest_solution(X, t, w0, SquaredNorm()), wanted, rtol=1e-8, atol=1e-8)

    @pytest.mark.parametrize("seed", range(5))
    def test_of_the_entropy_is_what_root_finding_on_the_line_of_solutions_finds(self, seed):
        rng = np.random.default_rng(seed)
        X, start = rng.standard_normal((3, 4)), rng.uniform(0.1, 2, 4)
        X[0] = np.abs(X[0])  # so that positive solutions are bounded
        t = X @ rng.uniform(0.1, 2, 4)
        wanted = along_the_line(X, t, start, np.log, positive_part)
        assert_allclose(nearest_solution(X, t, start, NegativeEntropy()), wanted, rtol=1e-9)

    @pytest.mark.parametrize("seed", range(5))
    @pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
    def test_of_the_hypentropy_is_what_root_finding_on_the_line_of_solutions_finds(self, seed, scale):
        rng = np.random.default_rng(seed)
        X, start, t = rng.standard_normal((3, 4)), rng.standard_normal(4), rng.standard_normal(3)
        wanted = along_the_line(X, t, start, lambda w: np.arcsinh(w / scale), lambda *_: (-1e3, 1e3))
        assert_allclose(nearest_solution(X, t, start, Hypentropy(scale)), wanted, rtol=1e-8, atol=1e-9)

    def test_of_the_hypentropy_is_what_bfgs_finds_in_the_null_space(self):
        rng = np.random.default_rng(7)
        X, start, t = rng.standard_normal((3, 8)), rng.standard_normal(8), rng.standard_normal(3)

        def summed(w, w0):
            z, z0 = np.arcsinh(w / 0.3), np.arcsinh(w0 / 0.3)
            return np.sum(w * z - np.sqrt(w**2 + 0.09) - w0 * z0 + np.sqrt(w0**2 + 0.09) - z0 * (w - w0))

        wanted = in_null_space(X, t, start, summed)
        assert_allclose(nearest_solution(X, t, start, Hypentropy(0.3)), wanted, atol=1e-5)

    @EVERY_POTENTIAL
    @given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 4), more=st.integers(1, 5))
    @quick
    def test_solves_and_its_gradient_has_changed_along_the_rows(self, potential, term, seed, n, more):
        """The conditions of Karush, Kuhn and Tucker, in sixty digits; the problem is convex."""
        rng = np.random.default_rng(seed)
        d = n + more
        X = linalg.qr(rng.standard_normal((d, n)), mode="economic")[0].T * rng.uniform(0.5, 2, (n, 1))
        start = points(potential, d, seed)
        t = X @ points(potential, d, seed + 1)
        w = nearest_solution(X, t, start, potential)
        assert_allclose(X @ w, t, atol=1e-10 * (np.abs(w).max() + np.abs(start).max()))
        rows = arb_mat(X.tolist())
        change = arb_mat(
            [[slope(term, float(x)) - slope(term, float(y))] for x, y in zip(w, start, strict=True)]
        )
        multipliers = (rows * rows.transpose()).solve(rows * change)
        left = change - rows.transpose() * multipliers
        sizes = [abs(float(left[j, 0])) for j in range(d)]
        curvature = potential._inverse_curvature(w)
        assert max(sizes * np.minimum(curvature, 1)) < 1e-9 * max(
            1, *(abs(float(change[j, 0])) for j in range(d))
        )

    def test_is_no_less_exact_where_a_weight_is_tiny(self):
        rng = np.random.default_rng(28)
        X = linalg.qr(rng.standard_normal((3, 2)), mode="economic")[0].T * rng.uniform(0.5, 2, (2, 1))
        start = points(NegativeEntropy(), 3, seed=28)
        w = nearest_solution(X, X @ points(NegativeEntropy(), 3, seed=29), start, NegativeEntropy())
        change = np.log(w / start)
        assert w.min() < 1e-20
        assert np.abs(linalg.null_space(X).T @ change).max() < 1e-14 * np.abs(change).max()

    @pytest.mark.parametrize("alpha", [0.03, 0.3, 3.0])
    def test_of_the_hypentropy_from_zero_is_where_the_flow_on_products_ends(self, alpha):
        """Woodworth et al. (2020), by a solver of differential equations."""
        rng = np.random.default_rng(8)
        X, t = rng.standard_normal((2, 5)), rng.standard_normal(2)

        def flow(_, factors):
            u, v = np.split(factors, 2)
            g = 2 / 2 * X.T @ (X @ (u**2 - v**2) - t)
            return np.concatenate([-2 * u * g, 2 * v * g])

        end = integrate.solve_ivp(flow, (0, 500), np.full(10, alpha), "LSODA", rtol=1e-11, atol=1e-13).y[
            :, -1
        ]
        near = nearest_solution(X, t, np.zeros(5), Hypentropy(2 * alpha**2))
        assert_allclose(end[:5] ** 2 - end[5:] ** 2, near, atol=1e-7)

    def test_of_a_small_hypentropy_has_nearly_the_smallest_sum_of_sizes(self):
        rng = np.random.default_rng(9)
        X, t = rng.standard_normal((4, 10)), rng.standard_normal(4)
        program = optimize.linprog(np.ones(20), A_eq=np.hstack([X, -X]), b_eq=t)
        near = nearest_solution(X, t, np.zeros(10), Hypentropy(1e-12))
        assert program.fun * (1 - 1e-9) <= np.abs(near).sum() <= program.fun * 1.01

    @each(FULL_ROW_RANK)
    def test_of_a_large_hypentropy_is_that_of_minimum_norm(self, problem):
        X, t, w0, _ = problem
        scale = 1e6 * np.abs(minimum_norm_solution(X, t)).max()
        near = nearest_solution(X, t, 0 * w0, Hypentropy(scale))
        assert_allclose(near, minimum_norm_solution(X, t), rtol=1e-5, atol=1e-8 * scale / 1e6)

    @EACH_POTENTIAL
    @pytest.mark.parametrize(
        "form", [np.ndarray.tolist, np.asfortranarray, sparse.csr_array, aslinearoperator]
    )
    def test_is_the_same_for_every_form_of_data(self, potential, form):
        X, start = np.random.default_rng(10).standard_normal((3, 7)), points(potential, 7, seed=11)
        t = X @ points(potential, 7, seed=12)
        wanted = nearest_solution(X, t, start, potential)
        assert_allclose(nearest_solution(form(X), t, start, potential), wanted, rtol=1e-7, atol=1e-9)

    @EACH_POTENTIAL
    def test_of_a_start_that_is_a_solution_is_the_start(self, potential):
        X, start = np.random.default_rng(13).standard_normal((3, 7)), points(potential, 7, seed=14)
        assert_allclose(nearest_solution(X, X @ start, start, potential), start, rtol=1e-12)

    def test_in_single_precision_stays_there(self):
        X, t, start = np.eye(2, 3, dtype=np.float32), np.ones(2, np.float32), np.ones(3, np.float32) / 2
        w = nearest_solution(X, t, start, NegativeEntropy())
        assert w.dtype == np.float32
        assert_allclose(w, [1, 1, 0.5], rtol=1e-5)

    def test_on_the_edge_of_the_domain_is_approached(self):
        w = nearest_solution(
            [[1.0, 1.0, 1.0], [1.0, 2.0, 3.0]], [1.0, 1.0], [1.0, 1.0, 1.0], NegativeEntropy()
        )
        assert_allclose(w, [1, 0, 0], atol=1e-6)
        assert (w > 0).all()


class TestErrors:
    X, t = np.array([[1.0, 2.0]]), np.array([1.0])

    @pytest.mark.parametrize("t", [-1.0, -1e-3])
    def test_no_positive_solution(self, t):
        message = r"^X w = t must have a solution in the domain of NegativeEntropy\(\), found none: "
        with pytest.raises(ValueError, match=message):
            nearest_solution(self.X, [t], [1.0, 1.0], NegativeEntropy())

    @each(RANK_DEFICIENT)
    def test_data_without_full_row_rank(self, problem):
        X, t, w0, _ = problem
        with pytest.raises(ValueError, match=r"^X of shape .* must have full row rank"):
            nearest_solution(X, t, w0, SquaredNorm())

    @pytest.mark.parametrize("outside", [[1.0, -1.0], [0.0, 1.0]])
    def test_a_start_outside_of_the_domain(self, outside):
        with pytest.raises(ValueError, match=r"^w0 must be positive, got 1 entries that are not$"):
            nearest_solution(self.X, self.t, outside, NegativeEntropy())
        with pytest.raises(ValueError, match=r"^w must be positive, got 1 entries that are not$"):
            NegativeEntropy().gradient(outside)

    def test_a_step_from_negative_weights(self):
        rule = MirrorDescent(0.1, NegativeEntropy())
        with pytest.raises(ValueError, match=r"^w must be positive, got 1 entries that are not$"):
            rule.update(np.array([1.0, -1.0]), np.zeros(2), None)

    @pytest.mark.parametrize("potential", [SquaredNorm, None, "entropy"])
    def test_what_is_no_potential(self, potential):
        message = r"^potential must be a Potential such as SquaredNorm\(\), got "
        with pytest.raises(TypeError, match=message):
            MirrorDescent(0.1, potential)
        with pytest.raises(TypeError, match=message):
            nearest_solution(self.X, self.t, [1.0, 1.0], potential)

    @pytest.mark.parametrize(("scale", "error"), [(0, ValueError), (math.nan, ValueError), ("1", TypeError)])
    def test_a_scale_that_is_no_positive_number(self, scale, error):
        with pytest.raises(error, match=r"^scale must be a "):
            Hypentropy(scale)

    def test_weights_of_different_lengths(self):
        with pytest.raises(ValueError, match=r"^w has 2 entries but w0 has 3$"):
            SquaredNorm().divergence([1.0, 2.0], [1.0, 2.0, 3.0])

    def test_a_potential_needs_all_of_its_parts(self):
        with pytest.raises(TypeError, match="abstract"):
            Potential()
