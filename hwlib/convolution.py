"""Two-dimensional filters: cross-correlation, convolution, and the classical kernels."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from hwlib._arrays import Array
from hwlib._options import choice
from hwlib._windows import Padding, Pair, Windows, operands, windows_on

__all__ = [
    "KERNELS",
    "correlate2d",
    "convolve2d",
]

_METHODS = ("auto", "shifts", "products", "separable", "fft")
_SMALL = 2**15  # products below which shifts are as fast as anything else is chosen
_BLOCK_BYTES = 2**17  # a block of the result, its scratch and the window read stay in a core's L2 cache

#: The classical small filters: an immutable mapping from names to read-only arrays.
#:
#: All are written for :func:`correlate2d`; under :func:`convolve2d` the edge filters change sign.
#: ``horizontal`` and ``vertical`` name the edges that a filter answers to: a horizontal edge is a change of
#: brightness from row to row. ``*_horizontal`` is positive where brightness grows downwards,
#: ``*_vertical``, its transpose, where it grows to the right. Filters of integers are not normalized:
#: across a step of height 1, Prewitt answers 3, Sobel 4 and Scharr 16.
#:
#: ``prewitt_horizontal``, ``prewitt_vertical``
#:     Central difference, summed along the edge with weights 1, 1, 1. J. M. S. Prewitt, "Object
#:     enhancement and extraction", in *Picture Processing and Psychopictorics*, Academic Press, 1970, 75-149.
#: ``sobel_horizontal``, ``sobel_vertical``
#:     The same with weights 1, 2, 1. I. Sobel and G. Feldman, "An isotropic 3x3 image gradient operator",
#:     talk at the Stanford Artificial Intelligence Project, 1968; written down by Sobel in 2014,
#:     `doi:10.13140/RG.2.1.1912.4965 <https://doi.org/10.13140/RG.2.1.1912.4965>`__.
#: ``scharr_horizontal``, ``scharr_vertical``
#:     The same with weights 3, 10, 3, for which the gradient's direction is truest. H. Scharr, *Optimale
#:     Operatoren in der Digitalen Bildverarbeitung*, thesis, University of Heidelberg, 2000,
#:     `doi:10.11588/heidok.00000962 <https://doi.org/10.11588/heidok.00000962>`__.
#: ``roberts_diagonal``, ``roberts_antidiagonal``
#:     Differences across a 2 x 2 cross. The first answers to edges that run along the diagonal, from top left
#:     to bottom right, and is positive where brightness grows towards the top right; the second answers to
#:     edges that run from bottom left to top right and is positive where brightness grows towards the top
#:     left. L. G. Roberts, *Machine Perception of Three-Dimensional Solids*, thesis, MIT, 1963,
#:     `hdl:1721.1/11589 <https://hdl.handle.net/1721.1/11589>`__.
#: ``laplacian_4``, ``laplacian_8``
#:     Sum of the 4 or the 8 neighbours less as many times the centre: the five-point finite difference of
#:     the Laplacian, and that plus the one along the diagonals, unscaled (so that it approximates three
#:     times the Laplacian). A. Rosenfeld and A. C. Kak, *Digital Picture
#:     Processing*, 2nd ed., Academic Press, 1982.
#: ``sharpen``
#:     The image less its ``laplacian_4`` (Rosenfeld and Kak, as above).
#: ``box``
#:     The mean of the 3 x 3 neighbourhood (Rosenfeld and Kak, as above).
#: ``gaussian``
#:     Binomial weights 1, 2, 1 in both directions, divided by 16: the smallest binomial filter with a centre,
#:     near a Gaussian of variance 1/2. P. Marchand and L. Marmet, "Binomial smoothing filter", *Review of
#:     Scientific Instruments* 54 (1983), 1034-1041,
#:     `doi:10.1063/1.1137498 <https://doi.org/10.1063/1.1137498>`__.
#:
#: :meta hide-value:
KERNELS: Mapping[str, Array] = MappingProxyType(
    {
        "prewitt_horizontal": np.array([[-1, -1, -1], [0, 0, 0], [1, 1, 1]]),
        "prewitt_vertical": np.array([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]]),
        "sobel_horizontal": np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]]),
        "sobel_vertical": np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]),
        "scharr_horizontal": np.array([[-3, -10, -3], [0, 0, 0], [3, 10, 3]]),
        "scharr_vertical": np.array([[-3, 0, 3], [-10, 0, 10], [-3, 0, 3]]),
        "roberts_diagonal": np.array([[0, 1], [-1, 0]]),
        "roberts_antidiagonal": np.array([[1, 0], [0, -1]]),
        "laplacian_4": np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]]),
        "laplacian_8": np.array([[1, 1, 1], [1, -8, 1], [1, 1, 1]]),
        "sharpen": np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
        "box": np.full((3, 3), 1 / 9),
        "gaussian": np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16,
    }
)
for _kernel in KERNELS.values():
    _kernel.setflags(write=False)


def correlate2d(
    image: Any,
    kernel: Any,
    *,
    padding: Padding = "same",
    stride: int | Pair = 1,
    dilation: int | Pair = 1,
    method: str = "auto",
) -> Array:
    r"""Cross-correlate an image with a kernel: slide the kernel over it and sum the products.

    This is what the convolution layers of PyTorch, TensorFlow and JAX's libraries compute, and OpenCV's
    ``filter2D`` but for the borders and, under a kernel of even size, a shift by one entry. The convolution
    of mathematics, which turns the kernel by half a turn first, is `convolve2d`.

    Parameters
    ----------
    image : (height, width) array_like
        Real entries: floating, integer or bool.
    kernel : (kernel height, kernel width) array_like
        Real entries. It is not turned.
    padding : {"same", "valid", "full"}, int or pair of ints, default "same"
        How many zeros surround the image: as many as give a result of the image's size ("same"), none
        ("valid"), as many as let the kernel overlap the image by one entry ("full"), or this many on each
        side, the same everywhere or a pair (height, width).
    stride : int or pair of ints, default 1
        Steps from one window to the next, the same both ways or a pair (height, width).
    dilation : int or pair of ints, default 1
        Distance between neighbouring kernel entries on the image, the same both ways or a pair
        (height, width).
    method : {"auto", "shifts", "products", "separable", "fft"}, default "auto"
        How the sums are made; Notes say when which, and how much each can err.

    Returns
    -------
    (output height, output width) ndarray
        A floating image keeps its type: the kernel is rounded to it, so that a float32 image stays float32.
        Two arrays of integers or bools give int64, exactly. An image of integers or bools and a floating
        kernel give ``numpy.result_type`` of the two.

    Raises
    ------
    TypeError
        If an array has entries that are not real, or a number is not an integer.
    ValueError
        If an array is empty, not two-dimensional or not finite; if the padding is unknown or negative,
        the stride or the dilation less than 1; if the kernel does not fit into the padded image; if a sum of
        integers could leave int64, or the kernel the image's floating type; if the method is unknown or would
        not keep what is promised of the result.

    See Also
    --------
    convolve2d : The same with the kernel turned by half a turn.
    KERNELS : Classical kernels by name.

    Notes
    -----
    With :math:`I` continued by zeros, stride :math:`s`, dilation :math:`d` and :math:`p` zeros before the
    first row and column,

    .. math:: (I \star K)_{ij} = \sum_{a, b} I_{si + da - p,\; sj + db - p} \, K_{ab}.

    A kernel of size :math:`k` covers :math:`(k - 1) d + 1` rows or columns, so :math:`n` of them surrounded
    by :math:`P` zeros in all give :math:`\lfloor (n + P - (k - 1) d - 1) / s \rfloor + 1` [1]_. Derived in
    :ref:`correlation-and-convolution`.

    "same" adds :math:`(k - 1) d` zeros. If that is odd, which takes an even kernel, one zero more follows the
    image than precedes it, as in ``scipy.signal.correlate2d`` and PyTorch. With a stride the result of stride
    1 is taken at its first row and column and every s-th after: for this PyTorch raises an error,
    and "SAME" of TensorFlow differs, as it adds only the zeros that the windows reach and so may begin
    elsewhere. "valid" never exchanges image and kernel, as SciPy does where the kernel is the larger.

    The integers' bound is :math:`\max |I| \sum |K| < 2^{63}`, checked before the sums.

    "shifts" adds the image, shifted, once for each kernel entry that is not zero; "products" multiplies
    strips of the image by a banded matrix for each column of the kernel; "separable" passes along the rows
    and the columns, for as few pairs of them as the kernel is made of [2]_. With the machine epsilon
    :math:`\varepsilon` of the image's type and a kernel of :math:`k` rows and :math:`l` columns, they err by

    .. math:: 4 k l \, \varepsilon \max |I| \sum |K|

    or less. "fft" multiplies the transforms of tiles of the image by the kernel's. With :math:`N` entries of
    the image and its zeros, it errs by

    .. math:: 10 \, \varepsilon \log_2 N \, \|I\| \sum |K|

    or less, with the root of the sum of squares for a norm: little beside the largest sums, but not beside a
    sum that is itself little.

    "auto" takes the way that costs least by a model with five measured constants, and shifts for a small
    image. Sums of integers are exact. "separable" and "fft" refuse them, and "products", which adds in
    float64, is for :math:`\max |I| \sum |K| \le 2^{53}`. Types other than float32, float64 and int64 are
    added by shifts.

    References
    ----------
    .. [1] V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning", 2016,
       `arXiv:1603.07285 <https://arxiv.org/abs/1603.07285>`__.
    .. [2] S. Treitel and J. L. Shanks, "The Design of Multistage Separable Planar Filters", IEEE Transactions
       on Geoscience Electronics 9(1), 1971, 10-27,
       `doi:10.1109/TGE.1971.271457 <https://doi.org/10.1109/TGE.1971.271457>`__.

    Examples
    --------
    The edge between dark rows and bright ones:

    >>> from hwlib.convolution import KERNELS, correlate2d
    >>> image = [[0, 0, 0, 0], [0, 0, 0, 0], [1, 1, 1, 1], [1, 1, 1, 1]]
    >>> correlate2d(image, KERNELS["prewitt_horizontal"], padding="valid")
    array([[3, 3],
           [3, 3]])

    Every second window of the image with one ring of zeros:

    >>> correlate2d(image, [[1, 1, 1]] * 3, padding=1, stride=2)
    array([[0, 0],
           [4, 6]])
    """
    image, kernel = operands("image", image, "kernel", kernel)
    return _slide(image, kernel, windows_on(image.shape, kernel.shape, padding, stride, dilation), method)


def convolve2d(
    image: Any,
    kernel: Any,
    *,
    padding: Padding = "same",
    stride: int | Pair = 1,
    dilation: int | Pair = 1,
    method: str = "auto",
) -> Array:
    r"""Convolve an image with a kernel: cross-correlate with the kernel flipped in both axes.

    This is the convolution of mathematics and of ``scipy.signal.convolve2d``. What deep learning
    frameworks call convolution does not flip: see `correlate2d`.

    Parameters
    ----------
    image : (height, width) array_like
        Real entries: floating, integer or bool.
    kernel : (kernel height, kernel width) array_like
        Real entries.
    padding : {"same", "valid", "full"}, int or pair of ints, default "same"
        How many zeros surround the image, as in `correlate2d`.
    stride : int or pair of ints, default 1
        Steps from one window to the next, the same both ways or a pair (height, width).
    dilation : int or pair of ints, default 1
        Distance between neighbouring kernel entries on the image, the same both ways or a pair
        (height, width).
    method : {"auto", "shifts", "products", "separable", "fft"}, default "auto"
        How the sums are made, as in `correlate2d`.

    Returns
    -------
    (output height, output width) ndarray
        Of the type that `correlate2d` gives.

    Raises
    ------
    TypeError
        If an array has entries that are not real, or a number is not an integer.
    ValueError
        As in `correlate2d`.

    See Also
    --------
    correlate2d : The same without the flip.
    KERNELS : Classical kernels by name, given for correlation.

    Notes
    -----
    For stride and dilation 1, "full" is the product of two polynomials whose coefficients are the entries,

    .. math:: (I * K)_{ij} = \sum_{a, b} I_{i - a,\, j - b} \, K_{ab},

    which is commutative and associative [1]_; correlation is neither. In general

    .. math:: I * K = I \star \tilde K, \qquad \tilde K_{ab} = K_{k - 1 - a,\, l - 1 - b}

    for a kernel of :math:`k` rows and :math:`l` columns. Derived in :ref:`correlation-and-convolution`.

    "same" is the middle of "full": if an odd number of zeros is added, one more precedes the image than
    follows it, as in ``scipy.signal.convolve2d``. So for even kernels "same" is the correlation with the
    flipped kernel moved by one entry. Stride and dilation are as in `correlate2d`.

    References
    ----------
    .. [1] V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning", 2016,
       `arXiv:1603.07285 <https://arxiv.org/abs/1603.07285>`__.

    Examples
    --------
    A single bright pixel shows the kernel as it is; under correlation it stands on its head.

    >>> from hwlib.convolution import convolve2d, correlate2d
    >>> pixel = [[0, 0, 0], [0, 1, 0], [0, 0, 0]]
    >>> kernel = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    >>> convolve2d(pixel, kernel)
    array([[1, 2, 3],
           [4, 5, 6],
           [7, 8, 9]])
    >>> correlate2d(pixel, kernel)
    array([[9, 8, 7],
           [6, 5, 4],
           [3, 2, 1]])
    """
    image, kernel = operands("image", image, "kernel", kernel)
    windows = windows_on(image.shape, kernel.shape, padding, stride, dilation, odd_zero="before")
    return _slide(image, kernel[::-1, ::-1], windows, method)


def _slide(image: Array, kernel: Array, windows: Windows, method: str) -> Array:
    """Sum by a method, or by the one that is the fastest for these sizes."""
    taps = np.argwhere(kernel)
    rows, columns = windows.output
    if choice("method", method, _METHODS) == "auto" and len(taps) * rows * columns < _SMALL:
        method = "shifts"
    if method != "shifts":
        from hwlib import _sliding  # noqa: PLC0415 - small images need none of it

        result = _sliding.slide(image, kernel, windows, method)
        if result is not None:
            return result
    return _by_shifts(image, kernel, windows, taps.tolist())


def _by_shifts(image: Array, kernel: Array, windows: Windows, taps: list[list[int]]) -> Array:
    """Sum the padded image shifted by each kernel entry that is not zero, in blocks of rows."""
    padded = windows.pad(image)
    rows, columns = windows.output
    result = np.zeros((rows, columns), image.dtype)
    height = max(1, _BLOCK_BYTES // result[0].nbytes)
    scratch = np.empty((height, columns), image.dtype)
    for first in range(0, rows, height):
        block = result[first : first + height]
        for a, b in taps:
            read = windows.read(padded, a, b, first, len(block))
            block += np.multiply(read, kernel[a, b], out=scratch[: len(block)])
    return result
