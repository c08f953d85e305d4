"""Hypergradients against complex steps, closed forms, paths through the graph, and measured memory."""

import gc
import graphlib
import math
import re
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import PROBLEMS, each
from scipy import sparse
from scipy.sparse.linalg import aslinearoperator

from hwlib.hypergradients import computation_graph, learning_rate_gradient, unroll
from hwlib.learning_rates import maximum_stable_learning_rate, optimal_learning_rate
from hwlib.least_squares import mean_squared_error, mean_squared_error_gradient
from hwlib.optimizers import DivergenceError

METHODS = ["forward", "reverse", "checkpoint"]
EACH_METHOD = pytest.mark.parametrize("method", METHODS)
WRAPPERS = pytest.mark.parametrize("wrap", [sparse.csr_array, aslinearoperator, np.ndarray.tolist])

quick = settings(deadline=None, max_examples=60)
trainings = st.fixed_dictionaries(
    {
        "shape": st.tuples(st.integers(1, 6), st.integers(1, 6), st.integers(0, 2**32 - 1)),
        "share": st.floats(0, 1.02),
        "steps": st.integers(0, 40),
        "l2": st.floats(0, 2),
    }
)


def drawn(training):
    """Data, a rate up to just beyond stability, the number of steps and the penalty."""
    n, d, seed = training["shape"]
    rng = np.random.default_rng(seed)
    X, t, w0 = rng.standard_normal((n, d)), rng.standard_normal(n), rng.standard_normal(d)
    learning_rate = training["share"] * 2 / (2 / n * np.linalg.norm(X, 2) ** 2 + 2 * training["l2"])
    return (X, t, w0, learning_rate, training["steps"]), training["l2"]


def penalised_loss(X, t, w, l2):
    """Without conjugation, so that complex steps pass through."""
    return ((X @ w - t) ** 2).sum() / len(t) + l2 * (w**2).sum()


def final_loss(X, t, w0, learning_rate, steps, l2):
    w = w0.astype(complex)
    for _ in range(steps):
        w = w - learning_rate * (2 / len(t) * (X.T @ (X @ w - t)) + 2 * l2 * w)
    return penalised_loss(X, t, w, l2)


def complex_step(f, x):
    """Derivative of a real analytic f at x, without cancellation."""
    return f(x + 1e-100j).imag / 1e-100


def magnitude(arguments, l2):
    """Sizes of the terms whose sum is a derivative, which may cancel."""
    X, t, w0, learning_rate, steps = arguments
    w_max = max(np.linalg.norm(unroll(X, t, w0, learning_rate, i, l2=l2)) for i in range(steps + 1))
    slope = (np.linalg.norm(X, 2) * w_max + np.linalg.norm(t)) * np.linalg.norm(X, 2) + (1 + l2) * w_max
    return (1 + learning_rate) * (1 + steps) * (slope + w_max) ** 2


class TestUnroll:
    @each(PROBLEMS)
    @pytest.mark.parametrize("steps", [0, 1, 7, 100])
    @pytest.mark.parametrize("l2", [0.0, 0.05])
    def test_every_eigenvector_is_contracted_by_its_own_factor(self, problem, steps, l2):
        """w_t - w* = (I - eta H)^t (w0 - w*), each eigenvalue of H alone."""
        X, t, w0, _ = problem
        n, d = X.shape
        eigenvalues, vectors = np.linalg.eigh(2 / n * X.T @ X + 2 * l2 * np.eye(d))
        rate = 1.5 / eigenvalues[-1]
        penalty_rows = math.sqrt(n * l2) * np.eye(d)
        stationary = np.linalg.lstsq(np.vstack([X, penalty_rows]), np.append(t, np.zeros(d)), rcond=None)[0]
        shift = vectors.T @ (w0 - stationary) * (1 - rate * eigenvalues) ** steps
        wanted = stationary + vectors @ shift
        tolerance = 1e-11 * (1 + np.linalg.norm(stationary))
        np.testing.assert_allclose(unroll(X, t, w0, rate, steps, l2=l2), wanted, rtol=0, atol=tolerance)

    def test_the_homework_by_hand(self):
        X, t, w0, _ = PROBLEMS["homework"]
        assert unroll(X, t, w0, 0.1, 1) == pytest.approx([0.8, 0.4])
        assert unroll(X, t, w0, 0.05, 2) == pytest.approx([0.6, 0.3])
        assert unroll(X, t, w0, 0.05, 2, l2=1.0) == pytest.approx([0.56, 0.28])

    def test_two_runs_in_a_row_are_one_long_run(self):
        X, t, w0, _ = PROBLEMS["wide"]
        halfway = unroll(X, t, w0, 0.05, 10, l2=0.1)
        assert unroll(X, t, halfway, 0.05, 7, l2=0.1).tolist() == unroll(X, t, w0, 0.05, 17, l2=0.1).tolist()

    def test_no_steps_give_a_copy_of_the_start(self):
        X, t, w0, _ = PROBLEMS["wide"]
        result = unroll(X, t, w0, 0.1, 0)
        assert result.tolist() == w0.tolist()
        assert not np.shares_memory(result, w0)

    @WRAPPERS
    def test_every_kind_of_data_gives_the_same_weights(self, wrap):
        X, t, w0, _ = PROBLEMS["tall"]
        np.testing.assert_allclose(
            unroll(wrap(X), t, w0, 0.1, 9, l2=0.1), unroll(X, t, w0, 0.1, 9, l2=0.1), rtol=1e-12
        )

    def test_single_precision_stays_single(self):
        X, t, w0, _ = (np.float32(part) for part in PROBLEMS["wide"])
        assert unroll(X, t, w0, 0.1, 3, l2=0.1).dtype == np.float32


class TestLearningRateGradient:
    @given(training=trainings)
    @quick
    def test_forward_reverse_and_checkpoint_agree_to_rounding(self, training):
        arguments, l2 = drawn(training)
        forward, reverse, checkpoint = (
            learning_rate_gradient(*arguments, l2=l2, method=method) for method in METHODS
        )
        size = magnitude(arguments, l2)
        assert forward.loss == reverse.loss == checkpoint.loss
        for name in ("gradient", "l2_gradient"):
            wanted = pytest.approx(getattr(reverse, name), rel=1e-12, abs=1e-13 * size)
            assert getattr(forward, name) == wanted
            assert getattr(checkpoint, name) == pytest.approx(getattr(reverse, name), rel=1e-15, abs=0)

    @given(training=trainings, method=st.sampled_from(METHODS))
    @quick
    def test_both_derivatives_are_those_of_an_independent_unroll(self, training, method):
        arguments, l2 = drawn(training)
        X, t, w0, learning_rate, steps = arguments
        by_rate = complex_step(lambda rate: final_loss(X, t, w0, rate, steps, l2), learning_rate)
        by_l2 = complex_step(lambda factor: final_loss(X, t, w0, learning_rate, steps, factor), l2)
        result = learning_rate_gradient(*arguments, l2=l2, method=method)
        rounding = 1e-13 * magnitude(arguments, l2)
        assert result.gradient == pytest.approx(by_rate, rel=1e-11, abs=rounding)
        assert result.l2_gradient == pytest.approx(by_l2, rel=1e-11, abs=rounding)

    @EACH_METHOD
    @each(PROBLEMS)
    def test_both_derivatives_over_the_table_of_problems(self, problem, method):
        X, t, w0, s = problem
        rate, l2 = 0.3 * len(t) / s.max() ** 2, 0.01
        result = learning_rate_gradient(X, t, w0, rate, 20, l2=l2, method=method)
        by_rate = complex_step(lambda rate: final_loss(X, t, w0, rate, 20, l2), rate)
        by_l2 = complex_step(lambda factor: final_loss(X, t, w0, rate, 20, factor), l2)
        assert result.gradient == pytest.approx(by_rate, rel=1e-9)
        assert result.l2_gradient == pytest.approx(by_l2, rel=1e-9)

    @EACH_METHOD
    @each(PROBLEMS)
    def test_the_loss_is_the_penalised_loss_of_the_last_weights(self, problem, method):
        X, t, w0, s = problem
        rate = 0.3 * len(t) / s.max() ** 2
        result = learning_rate_gradient(X, t, w0, rate, 6, l2=0.2, method=method)
        w = unroll(X, t, w0, rate, 6, l2=0.2)
        assert result.loss == pytest.approx(penalised_loss(X, t, w, 0.2), rel=1e-12)

    @EACH_METHOD
    @each(PROBLEMS)
    def test_it_vanishes_after_one_step_at_the_optimal_rate_and_changes_sign_there(self, problem, method):
        X, t, w0, _ = problem
        best = optimal_learning_rate(X, t, w0)
        below, there, above = (
            learning_rate_gradient(X, t, w0, share * best, 1, method=method).gradient
            for share in (0.9, 1, 1.1)
        )
        assert below < 0 < above
        assert abs(there) < 1e-10 * above

    @EACH_METHOD
    def test_one_weight_by_hand(self, method):
        """L1 = (1 - 2 eta)^2 from w0 = 1, t = 0: slope -4 (1 - 2 eta); w1 = 1 - 2 eta (1 + l2)."""
        result = learning_rate_gradient([[1]], [0], [1], 0.125, 1, method=method)
        assert result.loss == pytest.approx(0.75**2)
        assert result.gradient == pytest.approx(-4 * 0.75)
        assert result.l2_gradient == pytest.approx(0.75**2 - 2 * 0.75 * 2 * 0.125)

    @EACH_METHOD
    def test_no_steps_leave_the_rate_without_effect(self, method):
        X, t, w0, _ = PROBLEMS["wide"]
        result = learning_rate_gradient(X, t, w0, 0.1, 0, l2=0.5, method=method)
        assert result.loss == pytest.approx(penalised_loss(X, t, w0, 0.5))
        assert result.gradient == 0
        assert result.l2_gradient == pytest.approx(w0 @ w0)
        assert result.stored_weights == 1

    @EACH_METHOD
    @WRAPPERS
    def test_every_kind_of_data_gives_the_same_derivatives(self, wrap, method):
        X, t, w0, _ = PROBLEMS["tall"]
        plain, wrapped = (
            learning_rate_gradient(data, t, w0, 0.1, 9, l2=0.1, method=method) for data in (X, wrap(X))
        )
        assert wrapped.gradient == pytest.approx(plain.gradient, rel=1e-10)
        assert wrapped.l2_gradient == pytest.approx(plain.l2_gradient, rel=1e-10)
        assert wrapped.stored_weights == plain.stored_weights

    def test_reverse_is_the_default(self):
        X, t, w0, _ = PROBLEMS["tall"]
        default = learning_rate_gradient(X, t, w0, 0.1, 9)
        assert default == learning_rate_gradient(X, t, w0, 0.1, 9, l2=0.0, method="reverse")

    @EACH_METHOD
    def test_arguments_are_left_as_they_were(self, method):
        X, t, w0, _ = (np.array(part) for part in PROBLEMS["tall"])
        before = X.tolist(), t.tolist(), w0.tolist()
        learning_rate_gradient(X, t, w0, 0.1, 9, l2=0.1, method=method)
        assert (X.tolist(), t.tolist(), w0.tolist()) == before


def stored_weights(method, steps):
    return learning_rate_gradient([[1.0]], [1.0], [0.0], 0.1, steps, method=method).stored_weights


def peak_of_training(method, steps):
    """Most memory in use at once while differentiating, in weight vectors, and the library's count."""
    d = 15_000
    rng = np.random.default_rng(0)
    X, t, w0 = rng.standard_normal((1, d)) / d**0.5, np.ones(1), rng.standard_normal(d)
    gc.collect()
    tracemalloc.start()
    try:
        result = learning_rate_gradient(X, t, w0, 0.1, steps, method=method)
        return tracemalloc.get_traced_memory()[1] / w0.nbytes, result.stored_weights
    finally:
        tracemalloc.stop()


class TestStoredWeights:
    STEPS = (*range(1, 40), 48, 49, 63, 64, 99, 100, 101, 150, 224, 225, 300, 440, 483, 484, 700, 999, 1000)

    def test_forward_keeps_the_same_two_however_long_the_training(self):
        assert {stored_weights("forward", steps) for steps in self.STEPS} == {2}

    def test_reverse_keeps_every_iterate(self):
        assert all(stored_weights("reverse", steps) == steps + 1 for steps in self.STEPS)

    def test_checkpoint_keeps_twice_the_square_root(self):
        counts = [stored_weights("checkpoint", steps) for steps in self.STEPS]
        for steps, count in zip(self.STEPS, counts, strict=True):
            assert count <= min(2 * math.sqrt(steps) + (2 if steps < 10 else 0), steps + 1)
        long = [(steps, count) for steps, count in zip(self.STEPS, counts, strict=True) if steps >= 30]
        exponent, _ = np.polyfit(*np.log(np.transpose(long)), 1)
        assert exponent == pytest.approx(0.5, abs=0.03)

    @pytest.mark.parametrize(("method", "short", "long"), [("reverse", 10, 30), ("checkpoint", 16, 121)])
    def test_measured_memory_grows_as_the_count(self, method, short, long):
        (small_peak, small_count), (large_peak, large_count) = (
            peak_of_training(method, steps) for steps in (short, long)
        )
        assert large_count - small_count >= 12
        assert large_peak - small_peak == pytest.approx(large_count - small_count, abs=0.5)

    def test_measured_memory_of_forward_does_not_grow(self):
        peaks = [peak_of_training("forward", steps)[0] for steps in (5, 30)]
        assert peaks[1] == pytest.approx(peaks[0], abs=0.5)


def value_of(node, values, X, t):
    """What a node is, from the values of all the others."""
    kind, i = re.fullmatch(r"(\D+)(\d+)", node).groups()
    i = int(i)
    if kind == "loss":
        return penalised_loss(X, t, values[f"w{i}"], values["l2"])
    if kind == "gradient":
        w = values[f"w{i}"]
        return 2 / len(t) * X.T @ (X @ w - t) + 2 * values["l2"] * w
    return values[f"w{i - 1}"] - values["learning_rate"] * values[f"gradient{i - 1}"]


def evaluate(graph, X, t, leaves):
    values = dict(leaves)
    for node in graph.nodes:
        if node not in leaves:
            values[node] = value_of(node, values, X, t)
    return values


class TestComputationGraph:
    LEAVES = ("learning_rate", "l2", "w0")

    def test_an_edge_is_the_pair_that_the_docstring_says(self):
        graph = computation_graph(0)
        words = re.search(r"Pairs \((\w+), (\w+)\)", type(graph).__doc__).groups()
        edges = [dict(zip(words, edge, strict=True)) for edge in graph.edges]
        assert {"argument": "w0", "result": "loss0"} in edges

    def test_two_steps_have_the_ten_quantities_of_the_question(self):
        graph = computation_graph(2)
        assert sorted(graph.nodes) == sorted(
            ("w0", "w1", "w2", "loss0", "loss1", "loss2", "gradient0", "gradient1", "l2", "learning_rate")
        )

    @pytest.mark.parametrize("steps", [0, 1, 2, 5, 30])
    def test_it_is_acyclic_and_in_an_order_of_computation(self, steps):
        graph = computation_graph(steps)
        assert len(set(graph.nodes)) == len(graph.nodes) == 3 * steps + 4
        assert len(set(graph.edges)) == len(graph.edges)
        arguments = {node: {a for a, result in graph.edges if result == node} for node in graph.nodes}
        order = list(graphlib.TopologicalSorter(arguments).static_order())
        assert set(order) == set(graph.nodes)
        position = {node: i for i, node in enumerate(graph.nodes)}
        assert all(position[argument] < position[result] for argument, result in graph.edges)
        assert {node for node in graph.nodes if not arguments[node]} == set(self.LEAVES)

    @pytest.mark.parametrize("steps", [0, 1, 2, 4])
    def test_an_edge_is_where_changing_the_argument_changes_the_result(self, steps):
        X, t, w0, _ = PROBLEMS["wide"]
        graph = computation_graph(steps)
        values = evaluate(graph, X, t, {"learning_rate": 0.1, "l2": 0.3, "w0": w0})
        results = [node for node in graph.nodes if node not in self.LEAVES]
        found = {
            (argument, result)
            for argument in graph.nodes
            for result in results
            if np.any(value_of(result, values | {argument: values[argument] + 0.01}, X, t) != values[result])
        }
        assert set(graph.edges) == found

    @pytest.mark.parametrize("leaf", LEAVES)
    def test_what_a_leaf_reaches_is_what_it_changes_in_training(self, leaf):
        X, t, w0, _ = PROBLEMS["wide"]
        graph = computation_graph(3)

        def training(leaves):
            values = dict(leaves)
            rate, l2 = leaves["learning_rate"], leaves["l2"]
            for i in range(4):
                w = values[f"w{i}"] = unroll(X, t, leaves["w0"], rate, i, l2=l2)
                values[f"loss{i}"] = mean_squared_error(X, t, w) + l2 * w @ w
                values[f"gradient{i}"] = mean_squared_error_gradient(X, t, w) + 2 * l2 * w
            return values

        leaves = {"learning_rate": 0.1, "l2": 0.3, "w0": w0}
        before, after = training(leaves), training(leaves | {leaf: leaves[leaf] + 0.01})
        reached = {leaf}
        for argument, result in graph.edges:
            if argument in reached:
                reached.add(result)
        assert reached == {node for node in graph.nodes if np.any(before[node] != after[node])}

    @pytest.mark.parametrize("leaf", ["learning_rate", "l2"])
    def test_the_chain_rule_along_its_edges_gives_the_hypergradient(self, leaf):
        """In one dimension: sum over all paths of the products of the local derivatives."""
        X, t, steps = np.array([[1.5], [-0.5], [1.0]]), np.array([1.0, 2.0, -1.0]), 5
        graph = computation_graph(steps)
        values = evaluate(graph, X, t, {"learning_rate": 0.2, "l2": 0.3, "w0": np.array([0.7])})
        derivative = dict.fromkeys(graph.nodes, 0.0) | {leaf: 1.0}
        for node in graph.nodes:
            for argument in (a for a, result in graph.edges if result == node):
                nudged = values | {argument: values[argument] + 1e-100j}
                local = np.imag(value_of(node, nudged, X, t)).item() / 1e-100
                derivative[node] += local * derivative[argument]
        result = learning_rate_gradient(X, t, [0.7], 0.2, steps, l2=0.3)
        wanted = {"learning_rate": result.gradient, "l2": result.l2_gradient}[leaf]
        assert derivative[f"loss{steps}"] == pytest.approx(wanted, rel=1e-12)

    @pytest.mark.parametrize("steps", [0, 1, 3])
    def test_the_dot_text_says_the_same(self, steps):
        graph = computation_graph(steps)
        first, *statements, last = graph.to_dot().split("\n")
        assert first == "digraph training {"
        assert last == "}"
        assert all(re.fullmatch(r"  [^;]+;", statement) for statement in statements)
        direction, *rest = [statement.strip(" ;") for statement in statements]
        assert direction == "rankdir=LR"
        assert tuple(statement for statement in rest if "->" not in statement) == graph.nodes
        assert tuple(tuple(s.split(" -> ")) for s in rest if "->" in s) == graph.edges
        assert all(re.fullmatch(r"[A-Za-z_]\w*", node) for node in graph.nodes)


class TestErrors:
    X, T, W0 = np.array([[2.0, 1.0]]), np.array([2.0]), np.zeros(2)

    @EACH_METHOD
    def test_training_that_diverges(self, method):
        message = "^training with learning_rate 10 left the finite numbers; try a smaller learning_rate$"
        with pytest.raises(DivergenceError, match=message):
            learning_rate_gradient(self.X, self.T, self.W0, 10, 1000, method=method)
        with pytest.raises(DivergenceError, match=message):
            unroll(self.X, self.T, self.W0, 10, 1000)

    @EACH_METHOD
    def test_derivatives_that_overflow_before_the_weights_do(self, method):
        steps = 110
        assert np.isfinite(unroll(self.X, self.T, self.W0, 10, steps)).all()
        message = "^the derivatives of 110 steps with learning_rate 10 left the finite numbers"
        with pytest.raises(DivergenceError, match=message):
            learning_rate_gradient(self.X, self.T, self.W0, 10, steps, method=method)

    @EACH_METHOD
    def test_a_rate_a_little_too_large_is_still_differentiated(self, method):
        rate = 1.01 * maximum_stable_learning_rate(self.X)
        assert learning_rate_gradient(self.X, self.T, self.W0, rate, 100, method=method).gradient > 0

    def test_divergence_is_a_value_error(self):
        assert issubclass(DivergenceError, ValueError)

    @pytest.mark.parametrize(
        ("method", "suggestion"),
        [
            ("revers", r"; did you mean 'reverse'\?$"),
            ("checkpoints", r"; did you mean 'checkpoint'\?$"),
            ("forwards", r"; did you mean 'forward'\?$"),
            ("zzz", "got 'zzz'$"),
            (None, "got None$"),
        ],
    )
    def test_an_unknown_method_lists_the_options(self, method, suggestion):
        listed = r"^method must be one of \['reverse', 'forward', 'checkpoint'\], got .*"
        with pytest.raises(ValueError, match=listed) as error:
            learning_rate_gradient(self.X, self.T, self.W0, 0.1, 3, method=method)
        assert re.search(suggestion, str(error.value))

    @pytest.mark.parametrize("function", [unroll, learning_rate_gradient])
    def test_numbers_are_refused_by_name(self, function):
        for value in (-0.1, math.nan, math.inf):
            with pytest.raises(ValueError, match=f"^learning_rate must be a finite number >= 0, got {value}"):
                function(self.X, self.T, self.W0, value, 3)
            with pytest.raises(ValueError, match=f"^l2 must be a finite number >= 0, got {value}"):
                function(self.X, self.T, self.W0, 0.1, 3, l2=value)
        with pytest.raises(ValueError, match=r"^steps must be an integer >= 0, got -1$"):
            function(self.X, self.T, self.W0, 0.1, -1)
        for value in (2.0, "2", True, None):
            with pytest.raises(TypeError, match=r"^steps must be an integer, got "):
                function(self.X, self.T, self.W0, 0.1, value)
        for value in ("0.1", True, 1j, None):
            with pytest.raises(TypeError, match=r"^learning_rate must be a real number, got "):
                function(self.X, self.T, self.W0, value, 3)
            with pytest.raises(TypeError, match=r"^l2 must be a real number, got "):
                function(self.X, self.T, self.W0, 0.1, 3, l2=value)

    @pytest.mark.parametrize("function", [unroll, learning_rate_gradient])
    def test_arrays_are_refused_by_name(self, function):
        with pytest.raises(ValueError, match="X has 1 rows but t has 2 entries"):
            function(self.X, np.ones(2), self.W0, 0.1, 0)
        with pytest.raises(ValueError, match="X has 2 columns but w0 has 3 entries"):
            function(self.X, self.T, np.zeros(3), 0.1, 0)
        with pytest.raises(ValueError, match="w0 must be finite, got 1 entries"):
            function(self.X, self.T, [0.0, math.nan], 0.1, 0)
        with pytest.raises(TypeError, match="w0 must have real entries, got dtype complex128"):
            function(self.X, self.T, self.W0 * 1j, 0.1, 0)

    def test_a_graph_of_steps_that_cannot_be_counted(self):
        with pytest.raises(ValueError, match=r"^steps must be an integer >= 0, got -2$"):
            computation_graph(-2)
        with pytest.raises(TypeError, match=r"^steps must be an integer, got 1.5 of type float$"):
            computation_graph(1.5)
