"""Correlation and convolution against SciPy, against their definition, and against their algebra."""

import itertools
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from docstring_formulas import ROUNDINGS, ROUNDINGS_OF_TRANSFORMS
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import fft, ndimage, signal, sparse

from hwlib import _sliding, convolution
from hwlib.convolution import KERNELS, convolve2d, correlate2d

PREWITT = [[-1, -1, -1], [0, 0, 0], [1, 1, 1]]
HOMEWORK_IMAGE = [[int(pixel) for pixel in row] for row in ("00000", "00111", "11110", "01110", "00100")]
BOTH = pytest.mark.parametrize("slide", [correlate2d, convolve2d])

quick = settings(deadline=None, max_examples=60)
one_or_pair = st.integers(1, 3) | st.tuples(st.integers(1, 3), st.integers(1, 3))
any_padding = st.integers(0, 4) | st.tuples(st.integers(0, 4), st.integers(0, 4))


def matrices(largest=9):
    shapes = hnp.array_shapes(min_dims=2, max_dims=2, max_side=largest)
    return hnp.arrays(np.int64, shapes, elements=st.integers(-9, 9))


def pair(value):
    return value if isinstance(value, tuple) else (value, value)


def by_definition(image, kernel, top_left, bottom_right, stride, dilation):
    """Four loops over the definition, in Python's integers."""
    (s, z), (d, e), (top, left) = pair(stride), pair(dilation), top_left
    (n, m), (k, h) = np.shape(image), np.shape(kernel)
    rows = range(-top, n + bottom_right[0] - (k - 1) * d, s)
    columns = range(-left, m + bottom_right[1] - (h - 1) * e, z)
    result = [[0] * len(columns) for _ in rows]
    for (r, i), (c, j) in itertools.product(enumerate(rows), enumerate(columns)):
        for a, b in itertools.product(range(k), range(h)):
            if 0 <= i + a * d < n and 0 <= j + b * e < m:
                result[r][c] += int(image[i + a * d][j + b * e]) * int(kernel[a][b])
    return result


def spread(kernel, dilation):
    """Return the kernel with zeros between its entries."""
    d, e = pair(dilation)
    spread_kernel = np.zeros(((kernel.shape[0] - 1) * d + 1, (kernel.shape[1] - 1) * e + 1), kernel.dtype)
    spread_kernel[::d, ::e] = kernel
    return spread_kernel


def zeros_around(padding, extent):
    """How many zeros precede and follow the image in a correlation."""
    whole = [size - 1 for size in extent]
    if padding == "same":
        fewer = [size // 2 for size in whole]
        return tuple(fewer), tuple(np.subtract(whole, fewer))
    around = {"full": tuple(whole), "valid": (0, 0)}.get(padding, padding)
    return around, around


def fits(image, kernel, padding, dilation):
    spread_shape = spread(kernel, dilation).shape
    return all(k <= n + 2 * p for k, n, p in zip(spread_shape, image.shape, pair(padding), strict=True))


class TestTheHomework:
    answer = np.array(
        [[0, 1, 2, 3, 2], [2, 3, 3, 2, 1], [1, 1, 1, -1, -1], [-2, -2, -2, -1, -1], [-1, -2, -3, -2, -1]]
    )

    def test_its_answer_is_the_cross_correlation(self):
        np.testing.assert_array_equal(correlate2d(HOMEWORK_IMAGE, PREWITT), self.answer)

    def test_the_convolution_has_the_opposite_sign(self):
        np.testing.assert_array_equal(convolve2d(HOMEWORK_IMAGE, PREWITT), -self.answer)

    def test_each_row_is_the_row_below_less_the_row_above_in_sums_of_three(self):
        framed = np.pad(HOMEWORK_IMAGE, 1)
        three = framed[:, :-2] + framed[:, 1:-1] + framed[:, 2:]
        np.testing.assert_array_equal(three[2:] - three[:-2], self.answer)


class TestAgainstSciPy:
    @quick
    @given(matrices(), matrices())
    @pytest.mark.parametrize("name", ["correlate2d", "convolve2d"])
    @pytest.mark.parametrize("padding", ["same", "full"])
    def test_same_and_full_agree_for_every_shape(self, name, padding, image, kernel):
        ours = getattr(convolution, name)(image, kernel, padding=padding)
        np.testing.assert_array_equal(ours, getattr(signal, name)(image, kernel, mode=padding))

    @quick
    @given(matrices(), matrices(3))
    @pytest.mark.parametrize("name", ["correlate2d", "convolve2d"])
    def test_valid_agrees_where_the_kernel_fits(self, name, image, kernel):
        image = np.pad(image, 1)
        ours = getattr(convolution, name)(image, kernel, padding="valid")
        np.testing.assert_array_equal(ours, getattr(signal, name)(image, kernel, mode="valid"))

    @quick
    @given(matrices(), matrices(4), one_or_pair, one_or_pair)
    @pytest.mark.parametrize("name", ["correlate2d", "convolve2d"])
    @pytest.mark.parametrize("padding", ["same", "full"])
    def test_a_stride_subsamples_and_a_dilation_spreads_the_kernel(
        self, name, padding, image, kernel, stride, dilation
    ):
        ours = getattr(convolution, name)(image, kernel, padding=padding, stride=stride, dilation=dilation)
        (s, z), spread_kernel = pair(stride), spread(kernel, dilation)
        np.testing.assert_array_equal(
            ours, getattr(signal, name)(image, spread_kernel, mode=padding)[::s, ::z]
        )

    @BOTH
    @pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
    @pytest.mark.parametrize("stride", [(1, 1), (2, 1), (1, 3)])
    def test_an_image_of_many_blocks_agrees_to_rounding(self, slide, dtype, stride):
        rng = np.random.default_rng(5)
        image, kernel = rng.normal(size=(301, 357)), rng.normal(size=(4, 7))
        ours = slide(image.astype(dtype), kernel, stride=stride)
        assert ours.nbytes > convolution._BLOCK_BYTES
        exact = getattr(signal, slide.__name__)(image, kernel, mode="same")[:: stride[0], :: stride[1]]
        bound = kernel.size * max(np.finfo(dtype).eps, np.finfo(np.float64).eps)
        assert np.abs(ours - exact).max() <= bound * np.abs(image).max() * np.abs(kernel).sum()

    def test_a_row_longer_than_a_block_is_a_block(self):
        image = np.arange(6 * convolution._BLOCK_BYTES // 8).reshape(3, -1)
        np.testing.assert_array_equal(
            correlate2d(image, PREWITT), signal.correlate2d(image, PREWITT, mode="same")
        )


class TestAgainstTheDefinition:
    @quick
    @given(matrices(6), matrices(3), any_padding, one_or_pair, one_or_pair)
    def test_correlation_with_any_zeros_stride_and_dilation(self, image, kernel, padding, stride, dilation):
        assume(fits(image, kernel, padding, dilation))
        ours = correlate2d(image, kernel, padding=padding, stride=stride, dilation=dilation)
        around = pair(padding)
        np.testing.assert_array_equal(ours, by_definition(image, kernel, around, around, stride, dilation))

    @quick
    @given(matrices(6), matrices(3), any_padding, one_or_pair, one_or_pair)
    def test_convolution_is_that_with_the_kernel_turned(self, image, kernel, padding, stride, dilation):
        assume(fits(image, kernel, padding, dilation))
        ours = convolve2d(image, kernel, padding=padding, stride=stride, dilation=dilation)
        turned, around = np.rot90(kernel, 2), pair(padding)
        np.testing.assert_array_equal(ours, by_definition(image, turned, around, around, stride, dilation))

    @quick
    @given(matrices(3), matrices(4), any_padding, one_or_pair)
    def test_there_is_an_answer_exactly_where_the_kernel_fits(self, image, kernel, padding, dilation):
        if fits(image, kernel, padding, dilation):
            assert correlate2d(image, kernel, padding=padding, dilation=dilation).size > 0
        else:
            with pytest.raises(ValueError, match="more than the image of shape"):
                correlate2d(image, kernel, padding=padding, dilation=dilation)

    @pytest.mark.parametrize(("slide", "before"), [(correlate2d, 1), (convolve2d, 2)])
    def test_the_odd_zero_of_same_follows_in_correlation_and_precedes_in_convolution(self, slide, before):
        pixels, kernel = [[1, 10, 100, 1000, 10000]], [[1, 2, 3, 4]]
        turned = kernel if slide is correlate2d else [[4, 3, 2, 1]]
        expected = by_definition(pixels, turned, (0, before), (0, 3 - before), 1, 1)
        np.testing.assert_array_equal(slide(pixels, kernel), expected)

    @BOTH
    def test_valid_is_no_zeros_and_an_integer_is_that_many_on_each_side(self, slide):
        image = np.arange(30).reshape(5, 6)
        np.testing.assert_array_equal(
            slide(image, PREWITT, padding="valid"), slide(image, PREWITT, padding=0)
        )
        np.testing.assert_array_equal(
            slide(image, PREWITT, padding=(2, 1)), slide(np.pad(image, ((2, 2), (1, 1))), PREWITT, padding=0)
        )

    def test_a_pair_may_be_a_tuple_a_list_or_an_array(self):
        image = np.arange(30).reshape(5, 6)
        expected = correlate2d(image, PREWITT, stride=(2, 3))
        assert expected.shape == (3, 2)
        np.testing.assert_array_equal(correlate2d(image, PREWITT, stride=[2, 3]), expected)
        np.testing.assert_array_equal(correlate2d(image, PREWITT, stride=np.array([2, 3])), expected)


class TestMethods:
    """Each way to make the sums against exact ones, from integers that floats hold."""

    shapes = pytest.mark.parametrize(
        ("shape", "options"),
        [
            ((19, 23), {}),
            ((19, 23), {"padding": "full", "dilation": (2, 3)}),
            ((18, 20), {"padding": (1, 7), "stride": (2, 3)}),
            ((18, 21), {"padding": "valid", "stride": (3, 2), "dilation": (1, 2)}),
            ((9, 40), {"stride": (1, 7)}),
        ],
        ids=["same", "dilated", "strided", "both", "a stride beyond the kernel"],
    )
    ways = pytest.mark.parametrize(
        ("method", "kernel"),
        [
            (method, kernel)
            for method in ("auto", "shifts", "products", "separable", "fft")
            for kernel in ("general", "of rank one", "nearly of rank one", "steep")
        ],
    )

    def integers(self, bits, kernel, shape):
        """Integers of so many bits: the image spans magnitudes, as does a steep kernel."""
        rng = np.random.default_rng(bits)
        size = 2 ** (bits - 1)
        small = rng.integers(1, 2 ** (bits // 2), shape[0])
        image = rng.integers(-size, size, shape) // small[:, np.newaxis]
        column, row = rng.integers(-(2**10), 2**10, (2, 4))
        weights = np.outer(column, row[:3])
        if kernel == "general":
            weights = rng.integers(-size, size, (4, 3))
        elif kernel == "steep":
            weights = rng.integers(-size, size, (4, 3)) // np.geomspace(1, 2 ** (bits // 2), 12).reshape(
                4, 3
            ).astype(int)
        elif kernel == "nearly of rank one":
            weights = weights + rng.integers(-1, 2, (4, 3))
        return image, weights

    @BOTH
    @shapes
    @ways
    @pytest.mark.parametrize(("dtype", "bits"), [(np.float64, 53), (np.float32, 24)])
    def test_is_within_its_bound_of_the_exact_sums(self, slide, shape, options, kernel, method, dtype, bits):
        image, weights = self.integers(bits, kernel, shape)
        ours = slide(image.astype(dtype), weights, method=method, **options)
        turned = weights if slide is correlate2d else np.rot90(weights, 2)
        before, after = zeros_around(
            options.get("padding", "same"), spread(weights, options.get("dilation", 1)).shape
        )
        if slide is convolve2d:
            before, after = after, before
        exact = by_definition(
            image, turned, before, after, options.get("stride", 1), options.get("dilation", 1)
        )
        errors = [
            abs(Fraction(float(entry)) - wanted)
            for entry, wanted in zip(ours.ravel(), itertools.chain(*exact), strict=True)
        ]
        epsilon, total = float(np.finfo(dtype).eps), float(np.abs(weights).sum())
        bound = ROUNDINGS * weights.size * epsilon * float(np.abs(image).max()) * total
        if method == "fft":
            padded = np.prod(np.add(shape, np.add(before, after)))
            bound = (
                ROUNDINGS_OF_TRANSFORMS
                * epsilon
                * np.log2(padded)
                * float(np.linalg.norm(image.astype(float)))
                * total
            )
        assert ours.dtype == dtype
        assert ours.flags.c_contiguous
        assert max(errors) <= bound

    @BOTH
    @pytest.mark.parametrize("method", ["auto", "products", "separable", "fft"])
    @pytest.mark.parametrize("stride", [1, (2, 3)])
    def test_of_many_blocks_and_tiles_agrees_with_scipy(self, slide, method, stride):
        rng = np.random.default_rng(6)
        image, kernel = rng.standard_normal((1100, 700)), rng.standard_normal((5, 4))
        (s, z), mode = pair(stride), {"mode": "same"}
        theirs = getattr(signal, slide.__name__)(image, kernel, **mode)[::s, ::z]
        np.testing.assert_allclose(slide(image, kernel, method=method, stride=stride), theirs, atol=1e-12)

    @pytest.mark.parametrize("largest", [2**53, 2**54, 2**62])
    def test_integers_are_exact_whatever_their_size(self, largest):
        kernel = np.array([[1, -2, 1], [0, 3, 5], [-7, 1, 1]])
        image = np.random.default_rng(7).integers(-1, 2, (90, 90)) * (largest // np.abs(kernel).sum())
        image[1::2] += 1
        theirs = signal.correlate2d(image, kernel, mode="same")
        np.testing.assert_array_equal(correlate2d(image, kernel), theirs)

    @pytest.mark.parametrize(
        ("kernel", "side", "dtype", "expected"),
        [
            (np.ones((3, 3)) + np.eye(3), 512, float, "products"),
            (np.ones((11, 11)), 512, float, "separable"),
            (np.random.default_rng(8).standard_normal((31, 31)), 512, float, "fft"),
            (np.random.default_rng(8).standard_normal((31, 31)), 512, np.float16, "shifts"),
            (np.ones((31, 31), int), 512, int, "products"),
            (np.array([[0, 0, 0, 0, 1], [0] * 5, [1, 0, 0, 0, 0]]), 512, float, "shifts"),
        ],
        ids=["small", "of rank one", "large", "a short type", "integers", "nearly empty"],
    )
    def test_the_fastest_is_chosen(self, kernel, side, dtype, expected):
        image = np.random.default_rng(9).standard_normal((side, side)).astype(dtype)
        np.testing.assert_array_equal(correlate2d(image, kernel), correlate2d(image, kernel, method=expected))

    def test_a_sum_that_fits_is_finite_although_a_transform_would_not_be(self):
        image, kernel = np.zeros((200, 200)), np.random.default_rng(10).uniform(0.5, 1, (31, 31))
        image[::50, ::50] = 1e306
        result = correlate2d(image, kernel)
        np.testing.assert_array_equal(result, correlate2d(image, kernel, method="products"))
        assert np.isfinite(result).all()
        with pytest.raises(ValueError, match="comes on the way to the result could leave float64"):
            correlate2d(image, kernel, method="fft")
        with pytest.raises(ValueError, match="comes on the way to the result could leave float64"):
            correlate2d(image, np.ones((3, 3)), method="separable")

    @BOTH
    def test_one_that_does_not_keep_the_promise_is_refused(self, slide):
        start = "method must be one that keeps its promise here, got"
        for method in ("separable", "fft"):
            with pytest.raises(ValueError, match=f"{start} '{method}': it is not for sums in int64"):
                slide([[1]], [[1]], method=method)
        with pytest.raises(
            ValueError, match=f"{start} 'products': sums of these integers could be more than"
        ):
            slide([[2**53]], [[1, 1]], method="products")
        with pytest.raises(ValueError, match=f"{start} 'products': it is not for sums in float16"):
            slide(np.ones((1, 1), np.float16), [[1]], method="products")
        with pytest.raises(ValueError, match="method must be one of .* got 'fourier'"):
            slide([[1]], [[1]], method="fourier")

    def test_factors_that_leave_out_too_much_are_not_used(self):
        side = 64
        noise = np.linalg.qr(np.random.default_rng(11).standard_normal((side, side)))[0]
        kernel = 0.9 * side * np.finfo(float).eps * noise  # its singular values are those that are left out
        kernel[0, 0] += 1
        image = np.pad(np.sign(noise), side)
        with pytest.raises(ValueError, match="the factors of this kernel round too much"):
            correlate2d(image, kernel, method="separable")
        exact = signal.correlate2d(image.astype(np.longdouble), kernel, mode="same")
        bound = ROUNDINGS * kernel.size * np.finfo(float).eps * np.abs(kernel).sum()
        assert np.abs(correlate2d(image, kernel) - exact).max() <= bound
        spike = np.zeros_like(kernel)
        spike[0, 0] = kernel[0, 0]
        assert np.abs(correlate2d(image, spike) - exact).max() > bound

    @pytest.mark.parametrize("name", ["prewitt_horizontal", "sobel_vertical", "scharr_vertical", "gaussian"])
    def test_factors_of_the_classical_kernels_do_not_round(self, name):
        kernel = KERNELS[name].astype(float)
        (column, row) = _sliding.factors(kernel, 1)
        np.testing.assert_array_equal(column.T * row, kernel)
        ramp = np.tile(np.arange(300.0) / 7, (300, 1))
        ramp = ramp if name.endswith("vertical") else ramp.T
        blind = correlate2d(ramp.T, kernel, padding="valid", method="separable")
        assert (blind == 0).all() or name == "gaussian"

    def test_a_kernel_of_zeros_has_no_factors(self):
        result = correlate2d(np.ones((4, 5)), np.zeros((3, 2)), method="separable")
        np.testing.assert_array_equal(result, np.zeros((4, 5)))

    @pytest.mark.parametrize("least", [1, 2, 7, 11, 121, 514, 542, 1025])
    def test_lengths_are_those_that_scipy_finds_fast(self, least):
        assert _sliding._fast_length(least) == fft.next_fast_len(least, real=True)

    def test_a_small_image_needs_none_of_it(self):
        code = "import sys; from hwlib.convolution import *; convolve2d([[1] * 50] * 50, KERNELS['box']); "
        code += "print('hwlib._sliding' in sys.modules)"
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert run.stdout == "False\n"


class TestAlgebra:
    @quick
    @given(matrices(5), matrices(5), matrices(4))
    def test_full_convolution_is_commutative_and_associative(self, image, kernel, other):
        def full(f, g):
            return convolve2d(f, g, padding="full")

        np.testing.assert_array_equal(full(image, kernel), full(kernel, image))
        np.testing.assert_array_equal(full(full(image, kernel), other), full(image, full(kernel, other)))

    def test_correlation_is_not_commutative(self):
        f, g = [[1, 2]], [[1, 3]]
        assert not np.array_equal(correlate2d(f, g, padding="full"), correlate2d(g, f, padding="full"))

    @quick
    @given(matrices(), matrices(3), st.integers(0, 2**32 - 1))
    def test_full_convolution_is_the_adjoint_of_valid_correlation(self, image, kernel, seed):
        image = np.pad(image, 2)
        valid = correlate2d(image, kernel, padding="valid")
        other = np.random.default_rng(seed).integers(-9, 10, valid.shape)
        assert np.vdot(valid, other) == np.vdot(image, convolve2d(other, kernel, padding="full"))

    @quick
    @given(matrices(), matrices(6))
    def test_same_convolution_is_the_adjoint_of_same_correlation(self, image, kernel):
        other = np.arange(image.size).reshape(image.shape)
        assert np.vdot(correlate2d(image, kernel), other) == np.vdot(image, convolve2d(other, kernel))

    @quick
    @given(matrices(), matrices(4), st.sampled_from(["valid", "full"]), one_or_pair)
    def test_flipping_the_kernel_turns_one_into_the_other(self, image, kernel, padding, dilation):
        image = np.pad(image, 5)
        options = {"padding": padding, "dilation": dilation}
        np.testing.assert_array_equal(
            correlate2d(image, kernel[::-1, ::-1], **options), convolve2d(image, kernel, **options)
        )

    @quick
    @given(matrices(), matrices(4))
    def test_turning_image_and_kernel_turns_the_full_result(self, image, kernel):
        turned = correlate2d(np.rot90(image), np.rot90(kernel), padding="full")
        np.testing.assert_array_equal(turned, np.rot90(correlate2d(image, kernel, padding="full")))

    @BOTH
    def test_a_kernel_of_zeros_gives_zeros(self, slide):
        np.testing.assert_array_equal(slide(np.ones((3, 4)), np.zeros((2, 2))), np.zeros((3, 4)))


class TestTypes:
    @BOTH
    @pytest.mark.parametrize("image_type", [np.float16, np.float32, np.float64, np.longdouble])
    @pytest.mark.parametrize(
        "kernel_type", [bool, np.int64, np.uint64, np.float32, np.float64, np.longdouble]
    )
    def test_a_floating_image_keeps_its_type(self, slide, image_type, kernel_type):
        assert slide(np.ones((2, 2), image_type), np.ones((2, 2), kernel_type)).dtype == image_type

    @BOTH
    @pytest.mark.parametrize("name", sorted(KERNELS))
    def test_no_named_kernel_widens_a_float32_image(self, slide, name):
        assert slide(np.ones((4, 4), np.float32), KERNELS[name]).dtype == np.float32

    @pytest.mark.parametrize("image_type", [bool, *"bBhHiIlLqQ"])
    @pytest.mark.parametrize("kernel_type", [bool, *"bBhHiIlLqQ"])
    def test_integers_and_bools_give_int64(self, image_type, kernel_type):
        result = correlate2d(np.ones((3, 3), image_type), np.ones((3, 3), kernel_type))
        assert result.dtype == np.int64
        np.testing.assert_array_equal(result, [[4, 6, 4], [6, 9, 6], [4, 6, 4]])

    @pytest.mark.parametrize(
        ("image_type", "kernel_type", "expected"),
        [
            (np.uint8, np.float32, np.float32),
            (np.uint8, np.float64, np.float64),
            (bool, np.float32, np.float32),
            (np.int32, np.float32, np.float64),
            (np.int64, np.float32, np.float64),
            (np.uint64, np.float64, np.float64),
        ],
    )
    def test_integers_and_a_floating_kernel_follow_result_type(self, image_type, kernel_type, expected):
        result = correlate2d(np.ones((1, 1), image_type), np.full((1, 1), 0.5, kernel_type))
        assert result.dtype == expected
        assert result[0, 0] == 0.5

    @pytest.mark.parametrize("dtype", [">f4", "<f4", ">i2", "<i2"])
    def test_the_byte_order_of_the_input_does_not_matter(self, dtype):
        result = correlate2d(np.array([[1, 2], [3, 4]], dtype), np.array([[1, 1]], dtype), padding="valid")
        assert result.dtype.isnative
        np.testing.assert_array_equal(result, [[3], [7]])

    def test_floating_kernels_are_rounded_to_the_type_of_the_image(self):
        assert correlate2d(np.float32([[3]]), [[0.1]])[0, 0] == np.float32(3) * np.float32(0.1)

    @quick
    @given(
        hnp.arrays(np.int64, (3, 4), elements=st.integers(-(2**57), 2**57)),
        hnp.arrays(np.int8, (2, 3), elements=st.integers(-10, 10)),
    )
    def test_integers_are_exact_beyond_what_floats_hold(self, image, kernel):
        expected = by_definition(image, kernel, (1, 1), (1, 1), 1, 1)
        np.testing.assert_array_equal(correlate2d(image, kernel, padding=1), expected)

    @BOTH
    @pytest.mark.parametrize("peak", [2**63 - 1, -(2**63) + 1])
    def test_the_largest_integers_that_fit_are_exact(self, slide, peak):
        assert slide([[peak]], [[-1]]).tolist() == [[-peak]]
        assert slide([[1]], [[peak]]).tolist() == [[peak]]

    @BOTH
    @pytest.mark.parametrize(
        ("image", "kernel"),
        [
            ([[2**62, 0]], [[1, 1]]),
            ([[1, 1]], [[2**62, 2**62]]),
            ([[-(2**63)]], [[1]]),
            ([[2**63]], [[1]]),
            ([[2**63]], [[0]]),
            ([[0]], [[2**63]]),
            ([[-3, 1]], [[2**62]]),
            ([[1, 1]], [[2**62, -(2**62)]]),
        ],
    )
    def test_integers_whose_sums_could_leave_int64_are_refused(self, slide, image, kernel):
        peak = max(abs(entry) for entry in image[0])
        total = sum(abs(entry) for entry in kernel[0])
        message = rf"sums in int64, got max \|image\| = {peak} and sum \|kernel\| = {total}; pass an image of"
        with pytest.raises(ValueError, match=message):
            slide(image, kernel)

    def test_a_floating_image_is_the_way_out(self):
        assert correlate2d([[2.0**63]], [[3]])[0, 0] == 3 * 2.0**63


class TestInputs:
    @BOTH
    @pytest.mark.parametrize("dtype", [np.float64, np.int64])
    def test_are_not_changed_and_not_returned(self, slide, dtype):
        image, kernel = np.arange(12).reshape(3, 4).astype(dtype), np.ones((1, 1), dtype)
        result = slide(image, kernel)
        result += 1
        np.testing.assert_array_equal(image, np.arange(12).reshape(3, 4))
        np.testing.assert_array_equal(kernel, [[1]])

    @BOTH
    def test_may_be_read_only(self, slide):
        image = np.eye(4)
        image.setflags(write=False)
        assert slide(image, KERNELS["box"]).flags.writeable

    @BOTH
    @pytest.mark.parametrize(
        "view",
        [
            lambda a: a[::-1, ::-1],
            lambda a: a[::2, 1::3],
            lambda a: a[:, ::-2],
            lambda a: a.T,
            np.asfortranarray,
            lambda a: np.broadcast_to(a[0], (5, 12)),
        ],
        ids=["reversed", "strided", "mirrored", "transposed", "fortran", "broadcast"],
    )
    def test_may_be_laid_out_in_memory_in_any_way(self, slide, view):
        image = view(np.arange(120).reshape(10, 12) ** 2)
        kernel = view(np.arange(120).reshape(10, 12))[:3, :2]
        np.testing.assert_array_equal(
            slide(image, kernel), slide(np.array(image, order="C"), np.array(kernel, order="C"))
        )
        np.testing.assert_array_equal(slide(image, kernel), slide(image.tolist(), kernel.tolist()))


class TestKernels:
    image = np.random.default_rng(11).normal(size=(7, 9))

    def test_are_all_there(self):
        pairs = [
            f"{who}_{edge}" for who in ("prewitt", "sobel", "scharr") for edge in ("horizontal", "vertical")
        ]
        others = ["roberts_diagonal", "roberts_antidiagonal", "laplacian_4", "laplacian_8"]
        assert set(KERNELS) == {*pairs, *others, "sharpen", "box", "gaussian"}

    def test_cannot_be_changed(self):
        with pytest.raises(TypeError, match="does not support item assignment"):
            KERNELS["box"] = np.zeros((3, 3))
        for kernel in KERNELS.values():
            with pytest.raises(ValueError, match="read-only"):
                kernel[0, 0] = 1

    def test_hold_integers_where_integers_are_exact(self):
        assert {name for name, kernel in KERNELS.items() if kernel.dtype.kind == "f"} == {"box", "gaussian"}

    @pytest.mark.parametrize("who", ["prewitt", "sobel"])
    @pytest.mark.parametrize(("edge", "axis"), [("horizontal", 0), ("vertical", 1)])
    def test_gradients_are_those_of_scipy_ndimage(self, who, edge, axis):
        theirs = getattr(ndimage, who)(self.image, axis=axis, mode="constant")
        np.testing.assert_allclose(correlate2d(self.image, KERNELS[f"{who}_{edge}"]), theirs, atol=1e-14)

    @pytest.mark.parametrize(
        ("who", "along"), [("prewitt", [1, 1, 1]), ("sobel", [1, 2, 1]), ("scharr", [3, 10, 3])]
    )
    def test_gradients_are_a_central_difference_times_weights_along_the_edge(self, who, along):
        np.testing.assert_array_equal(KERNELS[f"{who}_horizontal"], np.outer([-1, 0, 1], along))
        np.testing.assert_array_equal(KERNELS[f"{who}_vertical"], np.outer(along, [-1, 0, 1]))

    @pytest.mark.parametrize(("who", "answer"), [("prewitt", 3), ("sobel", 4), ("scharr", 16)])
    def test_horizontal_answers_to_horizontal_edges_and_is_positive_where_brightness_grows_downwards(
        self, who, answer
    ):
        dark_above_bright = np.repeat([[0], [0], [1], [1]], 5, axis=1)
        horizontal, vertical = KERNELS[f"{who}_horizontal"], KERNELS[f"{who}_vertical"]
        assert (correlate2d(dark_above_bright, horizontal, padding="valid") == answer).all()
        assert not correlate2d(dark_above_bright, vertical, padding="valid").any()
        assert (correlate2d(dark_above_bright.T, vertical, padding="valid") == answer).all()
        assert not correlate2d(dark_above_bright.T, horizontal, padding="valid").any()

    def test_roberts_answers_to_edges_along_its_diagonal(self):
        diagonal, antidiagonal = KERNELS["roberts_diagonal"], KERNELS["roberts_antidiagonal"]
        bright_top_right = np.triu(np.ones((6, 6), int))
        bright_top_left = bright_top_right[:, ::-1]
        assert correlate2d(bright_top_right, diagonal, padding="valid").max() == 1
        assert correlate2d(bright_top_right, diagonal, padding="valid").min() == 0
        assert not correlate2d(bright_top_right, antidiagonal, padding="valid").any()
        assert correlate2d(bright_top_left, antidiagonal, padding="valid").max() == 1
        assert correlate2d(bright_top_left, antidiagonal, padding="valid").min() == 0
        assert not correlate2d(bright_top_left, diagonal, padding="valid").any()

    def test_laplacian_4_is_that_of_scipy_ndimage(self):
        theirs = ndimage.laplace(self.image, mode="constant")
        np.testing.assert_allclose(correlate2d(self.image, KERNELS["laplacian_4"]), theirs, atol=1e-14)

    @pytest.mark.parametrize(("name", "multiple"), [("laplacian_4", 1), ("laplacian_8", 3)])
    def test_laplacians_are_a_multiple_of_the_laplacian_for_quadratics(self, name, multiple):
        y, x = np.mgrid[:6, :6]
        quadratic = 3 * y * y - 5 * x * x + 2 * x * y + 7 * x - y
        assert (correlate2d(quadratic, KERNELS[name], padding="valid") == multiple * (6 - 10)).all()

    def test_sharpen_takes_the_laplacian_off_the_image(self):
        sharpened = correlate2d(self.image, KERNELS["sharpen"])
        theirs = self.image - ndimage.laplace(self.image, mode="constant")
        np.testing.assert_allclose(sharpened, theirs, atol=1e-14)

    def test_box_is_the_uniform_filter_of_scipy_ndimage(self):
        theirs = ndimage.uniform_filter(self.image, size=3, mode="constant")
        np.testing.assert_allclose(correlate2d(self.image, KERNELS["box"]), theirs, atol=1e-14)

    def test_gaussian_is_the_box_of_two_applied_twice(self):
        square = np.full((2, 2), 1 / 4)
        np.testing.assert_allclose(signal.convolve2d(square, square), KERNELS["gaussian"], rtol=1e-15)

    @pytest.mark.parametrize("name", ["box", "gaussian"])
    def test_smoothing_weights_sum_to_one(self, name):
        assert KERNELS[name].sum() == pytest.approx(1, abs=1e-15)


class TestRefusals:
    @BOTH
    @pytest.mark.parametrize(
        ("options", "message"),
        [
            (
                {"padding": "sam"},
                r"padding must be one of \['same', 'valid', 'full'\].*did you mean 'same'\?",
            ),
            ({"padding": -1}, r"padding must be an integer >= 0, got -1"),
            ({"padding": (0, -2)}, r"padding must be an integer >= 0, got -2"),
            (
                {"padding": (1, 2, 3)},
                r"padding must be an integer or a pair \(height, width\), got \(1, 2, 3\)",
            ),
            ({"stride": 0}, r"stride must be an integer >= 1, got 0"),
            ({"stride": [2]}, r"stride must be an integer or a pair \(height, width\), got \[2\]"),
            ({"stride": np.ones((3, 2), int)}, r"stride must be an integer or a pair"),
            ({"dilation": (1, 0)}, r"dilation must be an integer >= 1, got 0"),
            ({"dilation": ()}, r"dilation must be an integer or a pair \(height, width\), got \(\)"),
        ],
    )
    def test_values_that_no_option_has(self, slide, options, message):
        with pytest.raises(ValueError, match=message):
            slide(np.eye(3), np.eye(2), **options)

    @BOTH
    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"padding": None}, r"padding must be an integer, got None of type NoneType"),
            ({"padding": 1.0}, r"padding must be an integer, got 1.0 of type float"),
            ({"stride": "2"}, r"stride must be an integer, got '2' of type str"),
            ({"stride": True}, r"stride must be an integer, got True of type bool"),
            ({"dilation": (1, 1.5)}, r"dilation must be an integer, got 1.5 of type float"),
            ({"dilation": np.ones((2, 2))}, r"dilation must be an integer, got \[1.0, 1.0\] of type list"),
        ],
    )
    def test_types_that_no_option_has(self, slide, options, message):
        with pytest.raises(TypeError, match=message):
            slide(np.eye(3), np.eye(2), **options)

    @BOTH
    @pytest.mark.parametrize(
        ("image", "kernel", "options", "message"),
        [
            (
                (2, 5),
                (3, 1),
                {"padding": "valid"},
                r"kernel of shape \(3, 1\) covers 3 x 1 entries at dilation \(1, 1\), more than the image of "
                r"shape \(2, 5\), which is 2 x 5 with padding 'valid'",
            ),
            (
                (5, 2),
                (1, 3),
                {"padding": (1, 1), "dilation": (1, 2)},
                r"kernel of shape \(1, 3\) covers 1 x 5 entries at dilation \(1, 2\), more than the image of "
                r"shape \(5, 2\), which is 7 x 4 with padding \(1, 1\)",
            ),
        ],
    )
    def test_a_kernel_that_does_not_fit_into_the_padded_image(self, slide, image, kernel, options, message):
        with pytest.raises(ValueError, match=message):
            slide(np.ones(image), np.ones(kernel), **options)

    def test_a_kernel_that_just_fits_gives_one_entry(self):
        result = correlate2d(np.ones((2, 3)), np.ones((2, 3)), padding=(1, 1), dilation=(3, 2))
        assert result.shape == (1, 1)

    @BOTH
    @pytest.mark.parametrize(("image_type", "largest"), [(np.float16, 10**6), (np.float32, 1e300)])
    def test_a_kernel_too_large_for_the_type_of_the_image(self, slide, image_type, largest):
        message = (
            rf"kernel must fit into {np.dtype(image_type)}, got an entry of magnitude {largest:g}".replace(
                "+", r"\+"
            )
        )
        with pytest.raises(ValueError, match=message):
            slide(np.ones((2, 2), image_type), [[1, -largest]])

    @BOTH
    @pytest.mark.parametrize("name", ["image", "kernel"])
    @pytest.mark.parametrize(
        ("value", "error", "message"),
        [
            (np.ones(3), ValueError, r"must be 2-dimensional, got shape \(3,\)"),
            (np.ones((2, 2, 3)), ValueError, r"must be 2-dimensional, got shape \(2, 2, 3\)"),
            (np.ones((0, 3)), ValueError, r"must not be empty, got shape \(0, 3\)"),
            ([[1, 2], [3]], ValueError, r"must be rectangular"),
            ([[1.0, np.nan], [np.inf, 1.0]], ValueError, r"must be finite, got 2 entries"),
            (np.ones((2, 2), complex), TypeError, r"must have real entries, got dtype complex128"),
            (np.ones((2, 2), object), TypeError, r"must have real entries, got dtype object"),
            ([["a", "b"]], TypeError, r"must have real entries"),
            ("picture.png", TypeError, r"must be a 2-dimensional array, got str"),
            (sparse.eye_array(3), TypeError, r"must be a NumPy array or a list of rows, got dia_array"),
        ],
    )
    def test_arrays_that_are_no_image(self, slide, name, value, error, message):
        operands = {"image": np.eye(3), "kernel": np.eye(2), name: value}
        with pytest.raises(error, match=f"{name} {message}"):
            slide(**operands)
