"""Filters as matrices against SciPy, against dense matrices, and against gradients found by other means."""

import itertools

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import linalg, optimize, signal, sparse
from scipy.sparse.linalg import aslinearoperator, lsqr, svds

from hwlib.convolution import KERNELS, convolve2d, correlate2d
from hwlib.learning_rates import maximum_stable_learning_rate
from hwlib.least_squares import mean_squared_error_gradient, minimum_norm_solution
from hwlib.linear_maps import (
    CorrelationOperator,
    circular_singular_values,
    kernel_gradient,
    separable_factors,
    transposed_correlate2d,
)

quick = settings(deadline=None, max_examples=60)
one_or_pair = st.integers(1, 3) | st.tuples(st.integers(1, 3), st.integers(1, 3))
any_padding = (
    st.sampled_from(["same", "valid", "full"]) | st.integers(0, 4) | st.tuples(*[st.integers(0, 4)] * 2)
)
shapes = hnp.array_shapes(min_dims=2, max_dims=2, max_side=7)
kernels = hnp.arrays(
    np.int64, hnp.array_shapes(min_dims=2, max_dims=2, max_side=4), elements=st.integers(-9, 9)
)
any_options = st.fixed_dictionaries({"padding": any_padding, "stride": one_or_pair, "dilation": one_or_pair})


def pair(value):
    return value if isinstance(value, tuple) else (value, value)


def zeros_before(padding, extent):
    """How many zeros precede the rows or columns, and how many follow."""
    named = {
        "valid": (0, 0),
        "full": (extent - 1, extent - 1),
        "same": ((extent - 1) // 2, extent // 2),
    }
    return named[padding] if isinstance(padding, str) else (padding, padding)


def by_definition(kernel, image_shape, padding, stride, dilation):
    """The matrix, entry by entry: which pixel does each entry of the kernel lie on?"""
    around = [padding] * 2 if isinstance(padding, str) else pair(padding)
    axes = []
    for k, n, p, s, d in zip(kernel.shape, image_shape, around, pair(stride), pair(dilation), strict=True):
        extent = (k - 1) * d + 1
        before, after = zeros_before(p, extent)
        count = (n + before + after - extent) // s + 1
        axes.append([[i * s + a * d - before for a in range(k)] for i in range(count)])
    (height, width), (down, right) = image_shape, axes
    matrix = np.zeros((max(len(down), 0) * max(len(right), 0), height * width), np.int64)
    for (row, (i, j)), (a, b) in itertools.product(
        enumerate(itertools.product(down, right)), np.ndindex(kernel.shape)
    ):
        if 0 <= i[a] < height and 0 <= j[b] < width:
            matrix[row, i[a] * width + j[b]] += kernel[a, b]
    return matrix


def fitting(kernel, image_shape, options):
    """The operator, where the kernel fits into the padded image."""
    try:
        return CorrelationOperator(kernel, image_shape, **options)
    except ValueError as error:
        assert "more than the image of shape" in str(error)  # noqa: PT017 - what does not fit is not tried
        assume(False)


def whole_numbers(seed, *shape):
    return np.random.default_rng(seed).integers(-9, 10, shape)


seeds = st.integers(0, 2**32 - 1)


class TestTheMatrix:
    @quick
    @given(kernels, shapes, any_options)
    def test_is_that_of_the_definition(self, kernel, image_shape, options):
        A = fitting(kernel, image_shape, options)
        expected = by_definition(kernel, image_shape, **options)
        assert A.shape == expected.shape
        np.testing.assert_array_equal(A.toarray(), expected)

    @quick
    @given(kernels, shapes, any_options, seeds)
    def test_multiplies_images_and_its_transpose_multiplies_results(self, kernel, image_shape, options, seed):
        A = fitting(kernel, image_shape, options)
        matrix = by_definition(kernel, image_shape, **options)
        x, y = whole_numbers(seed, A.shape[1]), whole_numbers(seed, A.shape[0])
        np.testing.assert_array_equal(A @ x, matrix @ x)
        np.testing.assert_array_equal(A.T @ y, matrix.T @ y)
        assert (A @ x) @ y == x @ (A.T @ y)

    @quick
    @given(kernels, shapes, any_options)
    def test_has_coordinates_that_scipy_takes(self, kernel, image_shape, options):
        A = fitting(kernel, image_shape, options)
        rows, columns, values = A.coordinates()
        built = sparse.coo_array((values, (rows, columns)), A.shape)
        np.testing.assert_array_equal(built.toarray(), by_definition(kernel, image_shape, **options))
        assert np.all(values != 0)
        assert len({*zip(rows.tolist(), columns.tolist(), strict=True)}) == values.size

    @pytest.mark.parametrize("mode", ["valid", "same", "full"])
    def test_of_one_row_is_the_convolution_matrix_of_scipy_for_the_turned_kernel(self, mode):
        taps = np.array([3, -1, 4, 1, -5])
        ours = CorrelationOperator(taps[np.newaxis, ::-1], (1, 9), padding=mode).toarray()
        np.testing.assert_array_equal(ours, linalg.convolution_matrix(taps, 9, mode))

    def test_is_toeplitz_in_its_blocks_and_within_them(self):
        kernel = whole_numbers(1, 3, 3)
        blocks = CorrelationOperator(kernel, (5, 6)).toarray().reshape(5, 6, 5, 6)
        for i, a in itertools.product(range(4), repeat=2):
            np.testing.assert_array_equal(blocks[i, :, a], blocks[i + 1, :, a + 1])
        for j, b in itertools.product(range(5), repeat=2):
            np.testing.assert_array_equal(blocks[:, j, :, b], blocks[:, j + 1, :, b + 1])

    def test_of_a_separable_kernel_is_a_kronecker_product(self):
        column, row = whole_numbers(2, 3, 1), whole_numbers(3, 1, 4)
        down = CorrelationOperator(column, (6, 1)).toarray()
        right = CorrelationOperator(row, (1, 7)).toarray()
        np.testing.assert_array_equal(
            CorrelationOperator(column * row, (6, 7)).toarray(), np.kron(down, right)
        )

    def test_of_a_kernel_of_zeros_has_no_coordinates(self):
        A = CorrelationOperator(np.zeros((2, 2)), (3, 3))
        assert [part.size for part in A.coordinates()] == [0, 0, 0]
        np.testing.assert_array_equal(A.toarray(), np.zeros((9, 9)))


class TestAsADataMatrix:
    def test_is_equal_to_itself_alone_as_other_operators_are(self):
        A, B = (CorrelationOperator(np.ones((3, 3)), 5) for _ in range(2))
        assert {A: "first", B: "second"}[A] == "first"

    A = CorrelationOperator(KERNELS["gaussian"], (6, 7), stride=2)
    dense = A.toarray()

    def test_its_transpose_has_a_transpose_which_it_is(self):
        assert self.A.T.T is self.A
        assert self.A.T.shape == self.dense.T.shape
        assert self.A.T.dtype == self.A.dtype == self.dense.dtype

    def test_the_library_takes_it_for_one(self):
        rng = np.random.default_rng(0)
        w, t = rng.standard_normal(42), rng.standard_normal(12)
        for function, arguments in (
            (mean_squared_error_gradient, (t, w)),
            (minimum_norm_solution, (t,)),
            (maximum_stable_learning_rate, ()),
        ):
            np.testing.assert_allclose(
                function(self.A, *arguments), function(self.dense, *arguments), rtol=1e-7, atol=1e-9
            )

    def test_scipy_takes_it_for_a_linear_operator(self):
        operator = aslinearoperator(self.A)
        assert operator.dtype == self.A.dtype
        largest = np.linalg.svd(self.dense, compute_uv=False)[:3]
        np.testing.assert_allclose(np.sort(svds(operator, 3)[1])[::-1], largest, rtol=1e-9)
        t = np.random.default_rng(1).standard_normal(12)
        np.testing.assert_allclose(
            lsqr(operator, t, atol=1e-13, btol=1e-13)[0], np.linalg.pinv(self.dense) @ t, atol=1e-9
        )
        columns = np.eye(12)
        np.testing.assert_allclose(operator.T @ columns, self.dense.T)

    def test_cannot_be_changed_from_outside(self):
        kernel = np.ones((2, 2))
        A = CorrelationOperator(kernel, 4)
        kernel[:] = 0
        assert A.toarray().sum() == 49
        with pytest.raises(ValueError, match="read-only"):
            A.kernel[0, 0] = 0

    def test_numpy_leaves_products_from_the_left_alone(self):
        for operator in (self.A, self.A.T):
            with pytest.raises(TypeError, match="unsupported operand"):
                np.ones(12) @ operator

    @pytest.mark.parametrize("kind", ["float32", "float64", "int64"])
    def test_entries_have_the_type_of_the_kernel_with_integers_in_int64(self, kind):
        small = {"int64": np.int8}.get(kind, kind)
        A = CorrelationOperator(np.ones((2, 2), small), 3)
        assert A.dtype == A.toarray().dtype == A.coordinates()[2].dtype == np.dtype(kind)
        assert (A @ np.ones(9, kind)).dtype == (A.T @ np.ones(9, kind)).dtype == np.dtype(kind)


class TestTheTranspose:
    @quick
    @given(kernels, shapes, any_options, seeds)
    def test_is_a_full_convolution_with_zeros_between_cut_to_the_image(
        self, kernel, image_shape, options, seed
    ):
        A = fitting(kernel, image_shape, options)
        output = whole_numbers(seed, *correlate2d(np.zeros(image_shape, int), kernel, **options).shape)
        (s, z), (d, e) = pair(options["stride"]), pair(options["dilation"])
        spread = np.zeros([(n - 1) * step + 1 for n, step in zip(output.shape, (s, z), strict=True)], int)
        spread[::s, ::z] = output
        wide = np.zeros([(k - 1) * step + 1 for k, step in zip(kernel.shape, (d, e), strict=True)], int)
        wide[::d, ::e] = kernel
        around = [options["padding"]] * 2 if isinstance(options["padding"], str) else pair(options["padding"])
        top, left = (zeros_before(p, k)[0] for p, k in zip(around, wide.shape, strict=True))
        full = np.pad(signal.convolve2d(spread, wide), ((0, 40), (0, 40)))
        expected = full[top : top + image_shape[0], left : left + image_shape[1]]
        result = transposed_correlate2d(output, kernel, image_shape, **options)
        np.testing.assert_array_equal(result, expected)
        np.testing.assert_array_equal(result.ravel(), A.rmatvec(output.ravel()))

    @quick
    @given(shapes, st.tuples(*[st.integers(1, 4)] * 2), seeds)
    def test_with_stride_one_is_the_convolution(self, image_shape, kernel_shape, seed):
        output, kernel = whole_numbers(seed, *image_shape), whole_numbers(seed, *kernel_shape)
        np.testing.assert_array_equal(
            transposed_correlate2d(output, kernel, image_shape), convolve2d(output, kernel)
        )

    def test_keeps_the_type_of_the_output(self):
        for kind in (np.float16, np.float32, np.float64, np.longdouble):
            assert transposed_correlate2d(np.ones((3, 3), kind), KERNELS["box"], 3).dtype == kind


class TestGradients:
    """Of the sum of tanh of the results, which weighs every result differently."""

    @quick
    @given(kernels, shapes, any_options, seeds)
    def test_are_those_of_finite_differences(self, kernel, image_shape, options, seed):
        fitting(kernel, image_shape, options)
        rng = np.random.default_rng(seed)
        image, kernel = rng.standard_normal(image_shape), rng.standard_normal(kernel.shape) / 3

        def loss(image, kernel):
            return np.tanh(correlate2d(image, kernel, **options)).sum()

        slope = 1 - np.tanh(correlate2d(image, kernel, **options)) ** 2
        by_kernel = kernel_gradient(image, slope, kernel.shape, **options)
        by_image = transposed_correlate2d(slope, kernel, image_shape, **options)
        for gradient, at, function in (
            (by_kernel, kernel, lambda k: loss(image, k.reshape(kernel.shape))),
            (by_image, image, lambda x: loss(x.reshape(image.shape), kernel)),
        ):
            expected = optimize.approx_fprime(at.ravel(), function, 1e-6)
            np.testing.assert_allclose(gradient.ravel(), expected, atol=2e-4)

    @quick
    @given(kernels, shapes, any_options, seeds)
    def test_of_the_kernel_is_exact_for_integers(self, kernel, image_shape, options, seed):
        fitting(kernel, image_shape, options)
        image = whole_numbers(seed, *image_shape)
        output = whole_numbers(seed, *correlate2d(image, kernel, **options).shape)
        expected = np.zeros(kernel.shape, int)
        for place in np.ndindex(kernel.shape):  # linear in the kernel: its matrix, column by column
            unit = np.zeros(kernel.shape, int)
            unit[place] = 1
            expected[place] = np.sum(
                by_definition(unit, image_shape, **options) @ image.ravel() * output.ravel()
            )
        result = kernel_gradient(image, output, kernel.shape, **options)
        assert result.dtype == np.int64
        np.testing.assert_array_equal(result, expected)

    def test_of_the_kernel_keeps_the_type_of_the_image(self):
        for kind in (np.float16, np.float32, np.float64, np.longdouble):
            assert kernel_gradient(np.ones((3, 3), kind), np.ones((3, 3)), 2).dtype == kind


class TestCircularSingularValues:
    @staticmethod
    def dense(kernels, image_shape):
        """The matrix of the layer, from shifted copies of the identity."""
        outputs, inputs, height, width = kernels.shape
        pixels = np.eye(np.prod(image_shape)).reshape(-1, *image_shape)
        blocks = np.zeros((outputs, pixels.shape[0], inputs, pixels.shape[0]))
        for a, b in np.ndindex(height, width):
            shifted = np.roll(pixels, (-a, -b), (1, 2)).reshape(len(pixels), -1).T
            blocks += np.einsum("oi,pq->opiq", kernels[:, :, a, b], shifted)
        return blocks.reshape(outputs * len(pixels), inputs * len(pixels))

    @pytest.mark.parametrize("channels", [(1, 1), (3, 2), (2, 3), (4, 4)])
    @pytest.mark.parametrize("image_shape", [(5, 5), (4, 7), (3, 3)])
    def test_are_those_of_the_dense_matrix(self, channels, image_shape):
        kernels = np.random.default_rng(3).standard_normal((*channels, 3, 2))
        expected = np.linalg.svd(self.dense(kernels, image_shape), compute_uv=False)
        found = circular_singular_values(kernels, image_shape)
        assert found.dtype == np.float64
        np.testing.assert_allclose(found, expected, atol=1e-12)

    def test_the_dense_matrix_correlates(self):
        rng = np.random.default_rng(4)
        kernels, image = rng.standard_normal((1, 1, 3, 3)), rng.standard_normal((4, 5))
        by_matrix = self.dense(kernels, (4, 5)) @ image.ravel()
        expected = signal.correlate2d(
            np.pad(image, ((0, 2), (0, 2)), mode="wrap"), kernels[0, 0], mode="valid"
        )
        np.testing.assert_allclose(by_matrix.reshape(4, 5), expected)

    @pytest.mark.parametrize("turned", [np.s_[..., ::-1, ::-1], np.s_[..., ::-1, :]])
    def test_do_not_depend_on_the_way_the_kernels_lie(self, turned):
        kernels = np.random.default_rng(6).standard_normal((2, 2, 3, 3))
        np.testing.assert_allclose(
            circular_singular_values(kernels[turned], 6), circular_singular_values(kernels, 6), atol=1e-12
        )

    def test_an_integer_is_a_square(self):
        kernels = np.random.default_rng(7).standard_normal((1, 1, 2, 2))
        np.testing.assert_array_equal(
            circular_singular_values(kernels, 5), circular_singular_values(kernels, (5, 5))
        )

    @pytest.mark.parametrize("shape", [(2, 5), (5, 2)])
    def test_kernels_larger_than_the_images_are_refused(self, shape):
        message = r"kernels of 3 x 3 entries are larger than the images of image_shape \(\d, \d\)"
        with pytest.raises(ValueError, match=message):
            circular_singular_values(np.ones((1, 1, 3, 3)), shape)


class TestSeparableFactors:
    @quick
    @given(st.integers(1, 4), st.tuples(*[st.integers(1, 6)] * 2), seeds)
    def test_multiply_to_the_kernel_with_its_rank(self, rank, shape, seed):
        rng = np.random.default_rng(seed)
        kernel = rng.standard_normal((shape[0], rank)) @ rng.standard_normal((rank, shape[1]))
        columns, rows = separable_factors(kernel)
        assert columns.shape == (shape[0], min(rank, *shape))
        assert rows.shape == (min(rank, *shape), shape[1])
        np.testing.assert_allclose(columns @ rows, kernel, atol=1e-12)

    @pytest.mark.parametrize("name", sorted(KERNELS))
    def test_of_the_classical_kernels_are_as_many_as_their_exact_rank(self, name):
        scaled = KERNELS[name] * {"box": 9, "gaussian": 16}.get(name, 1)
        exact = np.rint(scaled).astype(int).tolist()
        columns, _ = separable_factors(KERNELS[name])
        assert columns.shape[1] == rank_of_integers(exact)

    @quick
    @given(kernels, any_options, seeds)
    def test_applied_one_after_the_other_are_the_filter(self, kernel, options, seed):
        image = np.random.default_rng(seed).standard_normal((12, 13))
        columns, rows = separable_factors(kernel)
        (s, z), (d, e) = pair(options["stride"]), pair(options["dilation"])
        padding = options["padding"]
        p, q = (padding, padding) if isinstance(padding, str) else pair(padding)
        down = {"padding": p if isinstance(p, str) else (p, 0), "stride": (s, 1), "dilation": (d, 1)}
        right = {"padding": q if isinstance(q, str) else (0, q), "stride": (1, z), "dilation": (1, e)}
        expected = correlate2d(image, kernel, **options)
        result = np.zeros(expected.shape)
        for column, row in zip(columns.T, rows, strict=True):
            result += correlate2d(correlate2d(image, column[:, None], **down), row[None], **right)
        np.testing.assert_allclose(result, expected, atol=1e-10)

    def test_the_first_few_are_the_best_approximation(self):
        kernel = np.random.default_rng(8).standard_normal((6, 5))
        columns, rows = separable_factors(kernel)
        dropped = np.linalg.svd(kernel, compute_uv=False)[2:]
        error = np.linalg.norm(kernel - columns[:, :2] @ rows[:2])
        assert error == pytest.approx(np.linalg.norm(dropped), rel=1e-12)

    def test_of_zeros_are_none(self):
        columns, rows = separable_factors(np.zeros((2, 3)))
        assert (columns.shape, rows.shape) == ((2, 0), (0, 3))

    @pytest.mark.parametrize(
        ("kind", "expected"),
        [(np.float16, np.float64), (np.float32, np.float32), (np.longdouble, np.float64), (int, np.float64)],
    )
    def test_are_of_a_type_that_has_a_decomposition(self, kind, expected):
        kernel = np.outer([1, 2, 1], [1, 0, -1]).astype(kind)
        columns, rows = separable_factors(kernel)
        assert columns.dtype == rows.dtype == expected
        assert columns.shape[1] == 1
        np.testing.assert_allclose(columns @ rows, kernel.astype(float), atol=1e-6)


def rank_of_integers(rows):
    """The rank, by elimination without a division."""
    rank = 0
    for j in range(len(rows[0])):
        pivot = next((row for row in rows[rank:] if row[j]), None)
        if pivot is None:
            continue
        rows.remove(pivot)
        rows.insert(rank, pivot)
        rank += 1
        rows[rank:] = [
            [pivot[j] * x - row[j] * y for x, y in zip(row, pivot, strict=True)] for row in rows[rank:]
        ]
    return rank


class TestRefusals:
    @pytest.mark.parametrize(
        ("call", "error", "message"),
        [
            (lambda: CorrelationOperator([[1, np.nan]], 3), ValueError, r"^kernel must be finite"),
            (lambda: CorrelationOperator([1, 2], 3), ValueError, r"^kernel must be 2-dimensional"),
            (
                lambda: CorrelationOperator([[1]], 0),
                ValueError,
                r"^image_shape must be an integer >= 1, got 0",
            ),
            (lambda: CorrelationOperator([[1]], 2.5), TypeError, r"^image_shape must be an integer, got 2.5"),
            (
                lambda: CorrelationOperator([[1]], (1, 2, 3)),
                ValueError,
                r"^image_shape must be an integer or a",
            ),
            (lambda: CorrelationOperator([[1]], 3, stride=0), ValueError, r"^stride must be an integer >= 1"),
            (lambda: CorrelationOperator([[1]], 3, padding="sam"), ValueError, r"^padding must be one of"),
            (
                lambda: CorrelationOperator(np.ones((4, 4)), 3, padding="valid"),
                ValueError,
                r"^kernel of shape \(4, 4\) covers 4 x 4 entries .* the image of shape \(3, 3\)",
            ),
            (lambda: CorrelationOperator([[2**63]], 3), ValueError, r"sum \|kernel\| = 9223372036854775808"),
            (
                lambda: CorrelationOperator([[1]], 3) @ np.ones(8),
                ValueError,
                r"^x must have 9 entries, got 8$",
            ),
            (
                lambda: CorrelationOperator([[1]], 3).T @ np.ones(10),
                ValueError,
                r"^y must have 9 entries, got 10$",
            ),
            (
                lambda: CorrelationOperator([[1]], 3) @ np.ones((9, 2)),
                ValueError,
                r"^x must be 1-dimensional, got shape \(9, 2\)$",
            ),
            (
                lambda: CorrelationOperator([[1]], 3) @ (np.ones(9) * np.inf),
                ValueError,
                r"^x must be finite, got 9 entries",
            ),
            (
                lambda: transposed_correlate2d(np.ones((2, 3)), [[1]], (3, 3)),
                ValueError,
                r"^output must have the shape \(3, 3\) of the result for an image of .*, got \(2, 3\)$",
            ),
            (lambda: transposed_correlate2d([[np.inf]], [[1]], 1), ValueError, r"^output must be finite"),
            (
                lambda: transposed_correlate2d([[2**62, 2**62]], [[2, 1]], (1, 2)),
                ValueError,
                r"^output and kernel must be small enough .* max \|output\| .*; pass an output of floats",
            ),
            (
                lambda: kernel_gradient(np.ones((3, 3)), np.ones((2, 2)), 2),
                ValueError,
                r"^output_gradient must have the shape \(3, 3\) of the result .* \(3, 3\), got \(2, 2\)$",
            ),
            (
                lambda: kernel_gradient(np.float16([[1]]), [[1e9]], 1),
                ValueError,
                r"^output_gradient must fit into float16, got an entry of magnitude 1e\+09",
            ),
            (
                lambda: kernel_gradient([[1]], [[1]], (0, 1)),
                ValueError,
                r"^kernel_shape must be an integer >= 1",
            ),
            (
                lambda: kernel_gradient(np.ones((3, 3)), np.ones((3, 3)), 5, padding="valid"),
                ValueError,
                r"^kernel of shape \(5, 5\) covers",
            ),
            (
                lambda: circular_singular_values(np.ones((3, 3)), 3),
                ValueError,
                r"^kernels must be 4-dimensional",
            ),
            (
                lambda: circular_singular_values(sparse.eye(3), 3),
                ValueError,
                r"^kernels must be 4-dimensional",
            ),
            (lambda: separable_factors([[np.nan]]), ValueError, r"^kernel must be finite"),
            (lambda: separable_factors([["a"]]), TypeError, r"^kernel must have real entries"),
        ],
    )
    def test_name_the_argument(self, call, error, message):
        with pytest.raises(error, match=message):
            call()
