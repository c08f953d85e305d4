"""Every function on the arrays of every library: the same answer, where and in the type that the data is."""

import subprocess
import sys

import numpy as np
import pytest
from functions import FUNCTIONS, L2, LOOKS, RATE, READS, STEPS, T, W, X, by_rate, gradient, loss
from libraries import LIBRARIES, module
from scipy.sparse.linalg import aslinearoperator

from hwlib._libraries import home, known
from hwlib._libraries import library as type_of_array
from hwlib.hypergradients import learning_rate_gradient, unroll
from hwlib.krylov import conjugate_gradients
from hwlib.learning_rates import loss_after_step, maximum_stable_learning_rate, optimal_learning_rate
from hwlib.least_squares import mean_squared_error, mean_squared_error_gradient, minimum_norm_solution
from hwlib.optimizers import Adam, BarzilaiBorwein, DivergenceError, GradientDescent, minimize

EACH_FUNCTION = pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS.keys())


@pytest.fixture(params=LIBRARIES.values(), ids=LIBRARIES.keys())
def library(request):
    if request.param.reason:
        pytest.skip(request.param.reason)
    return request.param


@EACH_FUNCTION
def test_gives_what_the_formula_gives(library, function):
    result = function.ours(*map(library.make, (X, T, W)))
    np.testing.assert_allclose(library.read(result), function.expected(X, T, W), rtol=1e-10)


class TestWhereAndAs:
    """Results live where the data lived, in its type."""

    @EACH_FUNCTION
    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_the_data_is(self, library, function, dtype):
        data = [library.make(part.astype(dtype)) for part in (X, T, W)]
        result = function.ours(*data)
        if library is LIBRARIES["NumPy"] and np.ndim(function.expected(X, T, W)) == 0:
            assert type(result) is float
        else:
            assert home(result) == home(data[0])
            assert result.dtype == data[0].dtype
        np.testing.assert_allclose(library.read(result), function.expected(X, T, W), rtol=2e-3)

    @EACH_FUNCTION
    def test_and_not_by_way_of_numpy(self, library, function, monkeypatch):
        data = list(map(library.make, (X, T, W)))
        refuse_numpy(data[0], monkeypatch)
        function.ours(*data)

    def test_lists_are_put_beside_the_data(self, library):
        result = mean_squared_error_gradient(library.make(X), T.tolist(), W.tolist())
        assert home(result) == home(library.make(X))
        np.testing.assert_allclose(library.read(result), gradient(X, T, W))

    def test_a_recorded_path_is_too(self, library):
        X_, t, w = map(library.make, (X, T, W))
        run = minimize(
            lambda w: mean_squared_error_gradient(X_, t, w), w, Adam(RATE), max_steps=3, record=True
        )
        assert run.path.shape == (4, len(W))
        assert home(run.path) == home(w)
        path = conjugate_gradients(X_, t, w, max_steps=3, record=True).path
        assert path.shape == (4, len(W))
        assert home(path) == home(w)

    def test_all_that_a_hypergradient_holds_is_too(self, library):
        result = learning_rate_gradient(*map(library.make, (X, T, W)), RATE, 3, l2=L2)
        numpy = learning_rate_gradient(X, T, W, RATE, 3, l2=L2)
        assert (result.stored_weights, type(result.stored_weights)) == (4, int)
        for name in ("loss", "gradient", "l2_gradient"):
            np.testing.assert_allclose(library.read(getattr(result, name)), getattr(numpy, name), rtol=1e-12)


def refuse_numpy(array, monkeypatch):
    """Let arrays of this kind refuse to become NumPy's; numbers alone may be read."""

    def refuse(original):
        def refused(self, *arguments, **options):
            assert self.ndim == 0, "copied through NumPy"
            return original(self, *arguments, **options)

        return refused

    kind = type(array)
    for name in ("__array__", "numpy", "__dlpack__", "__buffer__", "tolist", "compute"):
        if hasattr(kind, name) and kind is not np.ndarray:
            monkeypatch.setattr(kind, name, refuse(getattr(kind, name)))


# Whose first pass Dask computes, for a second would keep all chunks until then
TWO_PASSES = ("loss_after_step", "optimal_learning_rate", "polyak_learning_rate")
# What Dask computes at every step, so that a loop does not pile it up
COMPUTED = (
    "conjugate_gradients",
    "learning_rate_gradient",
    "maximum_stable_learning_rate",
    "minimize",
    "minimum_norm_solution",
    "nearest_solution",
    "row_space_component",
    "unroll",
)


def type_of(library):
    return type_of_array(library.make(T))


OTHERS = [name for name in LIBRARIES if name != "NumPy"]


@pytest.fixture(params=OTHERS)
def other(request):
    if LIBRARIES[request.param].reason:
        pytest.skip(LIBRARIES[request.param].reason)
    return LIBRARIES[request.param]


class TestMixes:
    """Arrays of two libraries, devices or types are refused, and both are named."""

    def test_data_here_and_targets_there(self, other):
        ours = type_of(other)
        with pytest.raises(TypeError, match=rf"^t must be an array of numpy as X is, got one of {ours}$"):
            mean_squared_error(X, other.make(T), W)
        with pytest.raises(
            TypeError, match=rf"^learning_rate must be an array of numpy as X is, got one of {ours}"
        ):
            loss_after_step(X, T, W, other.make(RATE))
        with pytest.raises(TypeError, match=rf"^t must be an array of numpy as X is, got one of {ours}$"):
            mean_squared_error(aslinearoperator(X), other.make(T), W)

    def test_targets_here_and_data_there(self, other):
        if other is LIBRARIES["Dask"]:
            np.testing.assert_allclose(mean_squared_error(other.make(X), T, W).compute(), loss(X, T, W))
            return
        with pytest.raises(
            TypeError, match=rf"^t must be an array of {type_of(other)} as X is, got one of numpy$"
        ):
            optimal_learning_rate(other.make(X), T, other.make(W))

    def test_a_gradient_from_elsewhere(self, other):
        ours = type_of(other)
        with pytest.raises(
            TypeError, match=rf"^the gradient must be an array of {ours} as w0 is, got one of numpy$"
        ):
            minimize(lambda w: W, other.make(W), GradientDescent(RATE), max_steps=1)
        with pytest.raises(
            TypeError, match=rf"^gradient must be an array of {ours} as w is, got one of numpy$"
        ):
            GradientDescent(RATE).update(other.make(W), W, other.make(W))

    def test_two_types(self, other):
        with pytest.raises(TypeError, match=r"^w must have dtype \S*float64 as X has, got dtype \S*float32$"):
            mean_squared_error(other.make(X), other.make(T), other.make(W.astype("float32")))

    @pytest.mark.parametrize("name", ["array-api-strict", "JAX", "PyTorch"])
    def test_two_devices(self, name):
        library = LIBRARIES[name]
        if library.reason:
            pytest.skip(library.reason)
        elsewhere = {
            "array-api-strict": lambda v: v.to_device(module("array_api_strict").Device("device1")),
            "JAX": lambda v: module("jax").device_put(v, module("jax").devices()[1]),
            "PyTorch": lambda v: v.to("meta"),
        }[name]
        with pytest.raises(ValueError, match=r"^t must be on the device .+ as X is, got it on .+$"):
            unroll(library.make(X), elsewhere(library.make(T)), library.make(W), RATE, 2)


class TestSpoiledData:
    @EACH_FUNCTION
    def test_is_refused_where_it_is_known(self, other, function):
        data = {"X": X.copy(), "t": T, "w": W.copy()}
        data[function.refused][..., 2] = np.nan
        error, message = (
            ValueError,
            rf"^{function.refused} must be finite, got entries that are NaN or infinite$",
        )
        if other is LIBRARIES["Dask"]:
            if not function.name.startswith(COMPUTED):
                return
            if function.name.startswith("minimize"):  # which knows no X
                error, message = DivergenceError, r"^step 1 with learning_rate 0.05 left the finite numbers"
        with pytest.raises(error, match=message):
            function.ours(*map(other.make, data.values()))

    @pytest.mark.parametrize("name", ["t", "w0"])
    def test_is_named(self, other, name):
        data = {"X": X, "t": T, "w0": W}
        data[name] = data[name] * np.nan
        with pytest.raises(
            ValueError, match=rf"^{name} must be finite, got entries that are NaN or infinite$"
        ):
            unroll(**{key: other.make(value) for key, value in data.items()}, learning_rate=RATE, steps=2)

    @pytest.mark.parametrize("dtype", ["int64", "complex128"])
    def test_is_not_of_floating_point_numbers(self, other, dtype):
        with pytest.raises(TypeError, match=rf"^X must have floating-point entries, got dtype \S*{dtype}$"):
            mean_squared_error(other.make(X.astype(dtype)), other.make(T), other.make(W))

    def test_has_another_shape(self, other):
        with pytest.raises(ValueError, match=r"^X has 4 rows but t has 3 entries$"):
            mean_squared_error(other.make(X), other.make(T[:3]), other.make(W))
        with pytest.raises(ValueError, match=r"^X must be 2-dimensional, got shape \(7,\)$"):
            mean_squared_error(other.make(W), other.make(T), other.make(W))
        with pytest.raises(ValueError, match=r"^gradient must return shape \(7,\) like w0, got \(4,\)$"):
            minimize(lambda w: other.make(T), other.make(W), GradientDescent(RATE), max_steps=1)

    def test_has_no_full_row_rank(self, other):
        deficient = np.vstack([X[:3], X[:2].sum(axis=0)])
        with pytest.raises(ValueError, match=r"must have full row rank 4, found rank 3$"):
            minimum_norm_solution(other.make(deficient), other.make(T))

    def test_is_already_optimal(self, other):
        if other is LIBRARIES["Dask"]:
            return
        with pytest.raises(ValueError, match=r"^w0 is already optimal"):
            optimal_learning_rate(other.make(X), other.make(X @ W), other.make(W))

    def test_of_zeros_has_no_largest_stable_rate(self, other):
        assert other.read(maximum_stable_learning_rate(other.make(0 * X))) == np.inf


class TestRates:
    """A rate may be an array without dimensions, so that one can differentiate by it."""

    def test_as_an_array_of_no_dimension(self, other):
        X_, t, w, rate = map(other.make, (X, T, W, np.array(RATE)))
        np.testing.assert_allclose(
            other.read(loss_after_step(X_, t, w, rate)), loss(X, T, W - RATE * gradient(X, T, W))
        )
        run = minimize(lambda w: mean_squared_error_gradient(X_, t, w), w, GradientDescent(rate), max_steps=2)
        np.testing.assert_allclose(other.read(run.w), unroll(X, T, W, RATE, 2))

    def test_are_held_to_their_limits(self, other):
        if other is not LIBRARIES["Dask"]:
            with pytest.raises(ValueError, match=r"^learning_rate must be a finite number >= 0, got -"):
                GradientDescent(other.make(np.array(-RATE)))
        with pytest.raises(
            ValueError, match=r"^learning_rate must be a real number, got an array of shape \(7,\)$"
        ):
            GradientDescent(other.make(W))

    def test_that_are_too_large_are_told(self, other):
        data = tuple(map(other.make, (X, T, W)))
        with pytest.raises(
            DivergenceError, match=r"^training with learning_rate 1e\+200 left the finite numbers"
        ):
            learning_rate_gradient(*data, 1e200, 5)
        limit = 2 / np.linalg.eigvalsh(2 / 4 * X.T @ X)[-1]
        with pytest.raises(DivergenceError, match=rf"a learning_rate below {limit:.6g} is stable$"):
            minimize(
                lambda w: mean_squared_error_gradient(data[0], data[1], w),
                data[2],
                GradientDescent(1e4),
                max_steps=1000,
            )


class TestSynchronisation:
    """On a device, the host waits a fixed number of times, however many the steps."""

    @pytest.mark.parametrize("method", ["forward", "reverse", "checkpoint"])
    @pytest.mark.parametrize("name", ["array-api-strict", "PyTorch", "JAX"])
    def test_hypergradients_wait_as_often_for_many_steps_as_for_few(self, name, method, monkeypatch):
        library = LIBRARIES[name]
        if library.reason:
            pytest.skip(library.reason)
        data = tuple(map(library.make, (X, T, W)))
        waits = count_waits(type(data[0]), monkeypatch)
        counts = []
        for steps in (2, 60):
            waits.clear()
            learning_rate_gradient(*data, RATE, steps, l2=L2, method=method)
            counts.append(len(waits))
        assert counts[0] == counts[1] <= 2


def count_waits(kind, monkeypatch):
    """A list that grows whenever a value of an array of this kind is asked for."""
    waits = []
    for name in ("__bool__", "__float__", "__int__", "__index__", "item", "tolist", "__array__"):
        original = getattr(kind, name, None)
        if original is not None:
            monkeypatch.setattr(
                kind, name, lambda *a, original=original, **k: waits.append(1) or original(*a, **k)
            )
    return waits


class TestDask:
    """What Dask is to compute is left to it, block by block, and each pass over the data is made once."""

    @EACH_FUNCTION
    def test_nothing_is_computed_before_it_is_asked_for(self, function, monkeypatch):
        def never(*_, **__):
            raise AssertionError("computed")

        make = LIBRARIES["Dask"].make
        with module("dask").config.set(scheduler=never):
            if function.name.startswith((*COMPUTED, *TWO_PASSES)):
                with pytest.raises(AssertionError, match="computed"):
                    function.ours(*map(make, (X, T, W)))
            else:
                function.ours(*map(make, (X, T, W)))

    def test_a_gradient_takes_one_pass(self):
        data, passes = counted_rows()
        mean_squared_error_gradient(data, T, W).compute(scheduler="synchronous")
        assert passes() == 1

    def test_training_takes_one_pass_a_step(self):
        data, passes = counted_rows()
        with module("dask").config.set(scheduler="synchronous"):
            unroll(data, T, W, RATE, 5)
            assert passes() == 5
            result = minimize(
                lambda w: mean_squared_error_gradient(data, T, w), W, GradientDescent(RATE), max_steps=5
            )
        assert passes() == 5 + 6
        assert type(result.w) is np.ndarray  # as the weights to start from
        np.testing.assert_allclose(result.w, unroll(X, T, W, RATE, 5))

    def test_going_back_takes_one_more(self):
        data, passes = counted_rows()
        with module("dask").config.set(scheduler="synchronous"):
            learning_rate_gradient(data, T, W, RATE, 5)
        assert passes() <= 5 + 2 + 5

    def test_chunks_of_unknown_sizes_are_refused(self):
        data = LIBRARIES["Dask"].make(X)
        with pytest.raises(ValueError, match=r"^X must have chunks of known sizes, got shape \(nan, 7\)"):
            mean_squared_error(data[data[:, 0] > 0], T, W)

    def test_a_rate_is_fitted_without_a_look_at_the_curvature(self):
        make = LIBRARIES["Dask"].make
        for short in (False, True):
            rule = BarzilaiBorwein(RATE, short=short)
            lazy, state, w, known = make(W), rule.init(make(W)), W, rule.init(W)
            for _ in range(3):
                lazy, state = rule.update(lazy, gradient(X, T, lazy), state)
                w, known = rule.update(w, gradient(X, T, w), known)
            np.testing.assert_allclose(lazy.compute(), w)
            up, state = rule.update(make(W), make(W), (make(W) + 1, make(W)))
            np.testing.assert_allclose(up.compute(), W - RATE * W)


def counted_rows():
    """The data as rows that Dask reads one by one, and how often it has read them all."""
    read = []

    def rows(block_info):
        read.append(1)
        start, stop = block_info[None]["array-location"][0]
        return X[start:stop]

    data = module("dask.array").map_blocks(rows, chunks=((2, 2), (7,)), dtype=X.dtype, meta=X[:0])
    read.clear()
    return data, lambda: len(read) / 2


class TestWithoutWhatItTakes:
    def test_the_error_says_what_to_install(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "array_api_compat", None)
        data = list(map(LIBRARIES["array-api-strict"].make, (X, T, W)))
        message = (
            r"^an array of array_api_strict needs array-api-compat: python -m pip install 'hwlib\[arrays\]'$"
        )
        with pytest.raises(ImportError, match=message):
            mean_squared_error(*data)

    def test_numpy_and_scipy_need_nothing_more(self):
        program = (
            "import sys, numpy as np\n"
            "from scipy.sparse import csr_array\n"
            "from hwlib.learning_rates import optimal_learning_rate\n"
            "for X in (np.eye(2), csr_array(np.eye(2))):\n"
            "    optimal_learning_rate(X, np.ones(2), np.zeros(2))\n"
            "assert not {'array_api_compat', 'dask', 'torch', 'jax'} & set(sys.modules)\n"
        )
        subprocess.run([sys.executable, "-c", program], check=True)


class TestJax:
    """Compiled and differentiated by JAX, where that can be."""

    @pytest.fixture
    def jax(self):
        if LIBRARIES["JAX"].reason:
            pytest.skip(LIBRARIES["JAX"].reason)
        return module("jax")

    @EACH_FUNCTION
    def test_compiled(self, jax, function):
        data = tuple(map(LIBRARIES["JAX"].make, (X, T, W)))
        compiled = jax.jit(function.ours)
        if function.compiled == LOOKS:
            with pytest.raises(jax.errors.ConcretizationTypeError):
                compiled(*data)
        else:
            np.testing.assert_allclose(compiled(*data), function.expected(X, T, W), rtol=1e-10)

    @EACH_FUNCTION
    @pytest.mark.parametrize("place", [0, 1, 2], ids=["X", "t", "w"])
    def test_differentiated(self, jax, function, place):
        """Along a random direction, against the expected values at either side."""
        rng = np.random.default_rng(place)
        data, along = [X, T, W], rng.standard_normal((X, T, W)[place].shape)
        weighting = rng.standard_normal(np.shape(function.expected(X, T, W)))

        def at(shift):
            moved = [part + shift * along if i == place else part for i, part in enumerate(data)]
            return np.sum(weighting * function.expected(*moved))

        def ours(part):
            moved = [part if i == place else value for i, value in enumerate(arrays)]
            return (weighting * function.ours(*moved)).sum()

        arrays = tuple(map(LIBRARIES["JAX"].make, data))
        if function.differentiated == READS and place == 0:
            with pytest.raises(jax.errors.ConcretizationTypeError):
                jax.grad(ours)(arrays[place])
            return
        wanted = (at(1e-5) - at(-1e-5)) / 2e-5
        found = (jax.grad(ours)(arrays[place]) * along).sum()
        np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-7)

    def test_training_by_its_rate_is_the_hypergradient(self, jax):
        X_, t, w = map(LIBRARIES["JAX"].make, (X, T, W))

        def by_hand(rate):
            return mean_squared_error(X_, t, unroll(X_, t, w, rate, STEPS))

        def by_running(rate):
            run = minimize(
                lambda w: mean_squared_error_gradient(X_, t, w), w, GradientDescent(rate), max_steps=STEPS
            )
            return mean_squared_error(X_, t, run.w)

        wanted = learning_rate_gradient(X, T, W, RATE, STEPS).gradient
        for train in (by_hand, by_running, jax.jit(by_hand), jax.jit(by_running)):
            np.testing.assert_allclose(jax.grad(train)(RATE), wanted, rtol=1e-10)

    def test_what_is_not_finite_is_not_looked_for_while_compiling(self, jax):
        data = tuple(map(LIBRARIES["JAX"].make, (X * np.nan, T, W)))
        assert np.isnan(jax.jit(mean_squared_error)(*data))


class TestPyTorch:
    """Differentiated by PyTorch."""

    @pytest.mark.skipif(bool(LIBRARIES["PyTorch"].reason), reason="torch is not installed")
    def test_training_by_its_rate_is_the_hypergradient(self):
        torch = module("torch")
        rate = torch.tensor(RATE, dtype=torch.float64, requires_grad=True)
        data = tuple(map(LIBRARIES["PyTorch"].make, (X, T, W)))
        mean_squared_error(*data[:2], unroll(*data, rate, STEPS)).backward()
        np.testing.assert_allclose(float(rate.grad), learning_rate_gradient(X, T, W, RATE, STEPS).gradient)

    @pytest.mark.skipif(bool(LIBRARIES["PyTorch"].reason), reason="torch is not installed")
    def test_what_is_to_be_measured_on_a_gpu_runs(self, capsys):
        torch, script = module("torch"), module("on_a_gpu")
        found = script.measure(torch.device("cpu"), size=64, small=16, steps=30, rounds=2)
        assert set(found["seconds"]) == {"copy", "optimal_learning_rate", "gradient step"}
        assert found["share of the copy's bandwidth"]["copy"] == 1
        data = tuple(part.double() for part in script.problem(torch.device("cpu"), 16))
        by_complex_step = by_rate(*(part.numpy() for part in data), rate=1e-3, l2=0, steps=30)
        np.testing.assert_allclose(found["hypergradient"]["gradient"], by_complex_step, rtol=1e-4)
        assert found["hypergradient"]["waits"][2] == found["hypergradient"]["waits"][30] <= 2
        if not torch.cuda.is_available():
            script.main()
            assert (
                capsys.readouterr().out == "There is no GPU that PyTorch can use, so nothing is measured.\n"
            )


def test_a_condition_that_refuses_to_be_looked_at_is_not_known():
    class Traced:
        def __bool__(self):
            raise TypeError

    assert known(Traced()) is None
