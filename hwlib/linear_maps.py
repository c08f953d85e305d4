"""Filters as linear maps: the matrix, its transpose, gradients, singular values, and separable factors."""

from dataclasses import KW_ONLY, dataclass
from typing import Any

import numpy as np

from hwlib._arrays import Array, DataMatrix, floating
from hwlib._windows import Padding, Pair, Windows, matrix, numpy_array, operands, pair, windows_on
from hwlib.convolution import correlate2d

__all__ = [
    "CorrelationOperator",
    "transposed_correlate2d",
    "kernel_gradient",
    "circular_singular_values",
    "separable_factors",
]


@dataclass(frozen=True, eq=False)
class CorrelationOperator:
    r"""The matrix of a cross-correlation with one kernel, known by its products.

    It is a data matrix as the library takes them, ``A @ x`` and ``A.T @ y``, and what
    ``scipy.sparse.linalg.aslinearoperator`` takes. An image is the vector of its rows, one after another.

    Parameters
    ----------
    kernel : (kernel height, kernel width) array_like
        Real entries. It is not turned.
    image_shape : int or (int, int)
        Height and width of the images, the same or a pair.
    padding : str, int or (int, int), default "same"
        How many zeros surround an image: "same", "valid", "full" or numbers, as in `correlate2d`.
    stride : int or (int, int), default 1
        Steps from one window to the next, the same both ways or a pair (height, width).
    dilation : int or (int, int), default 1
        Distance between neighbouring kernel entries on the image, the same both ways or a pair
        (height, width).

    Raises
    ------
    TypeError
        If the kernel has entries that are not real, or a number is not an integer.
    ValueError
        If the kernel is empty, not two-dimensional or not finite, an option is out of its range, or the
        kernel does not fit into the padded image; in products, if a vector has another length.

    See Also
    --------
    hwlib.convolution.correlate2d : The map itself, without the matrix.

    Notes
    -----
    With stride 1 it is a doubly blocked Toeplitz matrix: the block for a row of the result and a row of the
    image depends on the difference of both alone, and an entry of the block on that of the columns. A
    product takes as long as `correlate2d`; only `toarray` forms something of the size of the matrix.
    Derived in :ref:`matrix-of-a-filter`.

    Examples
    --------
    >>> from hwlib.linear_maps import CorrelationOperator
    >>> A = CorrelationOperator([[1, 2, 3]], (1, 5), padding="valid")
    >>> A.toarray()
    array([[1, 2, 3, 0, 0],
           [0, 1, 2, 3, 0],
           [0, 0, 1, 2, 3]])
    >>> A @ [1, 0, 0, 0, 1]
    array([1, 0, 3])
    >>> A.T @ [1, 0, 0]
    array([1, 2, 3, 0, 0])
    """

    kernel: Any
    image_shape: int | Pair
    _: KW_ONLY
    padding: Padding = "same"
    stride: int | Pair = 1
    dilation: int | Pair = 1

    def __post_init__(self) -> None:
        _, kernel = operands("image", [[False]], "kernel", self.kernel)  # for images of any type
        kernel.setflags(write=False)
        object.__setattr__(self, "kernel", kernel)
        object.__setattr__(self, "image_shape", pair("image_shape", self.image_shape, minimum=1))
        self._windows()  # refuses what does not fit

    __array_ufunc__ = None  # NumPy does not take it for an entry of an array

    @property
    def shape(self) -> Pair:
        """Rows and columns.

        Returns
        -------
        (int, int)
            Entries of a result, and of an image.
        """
        windows = self._windows()
        (rows, columns), (height, width) = windows.output, windows.image
        return rows * columns, height * width

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the entries.

        Returns
        -------
        numpy.dtype
            That of a floating kernel, else int64.
        """
        dtype: np.dtype[Any] = self.kernel.dtype
        return dtype

    @property
    def T(self) -> DataMatrix:
        """The transpose, whose product with a vector is `transposed_correlate2d`.

        Returns
        -------
        DataMatrix
            It has a shape, products with vectors, and this operator for its transpose.
        """
        return _Transpose(self)

    def __matmul__(self, x: Any) -> Array:
        image = _entries("x", x, self.shape[1]).reshape(self._windows().image)
        return correlate2d(image, self.kernel, **self._options()).ravel()

    def matvec(self, x: Any) -> Array:
        """Return the product with a vector, as SciPy's LinearOperator names it.

        Parameters
        ----------
        x : (pixels,) array_like
            An image, its rows one after another; or, as SciPy asks for, a column of these.

        Returns
        -------
        (outputs,) ndarray
            The result of the filter, its rows one after another.
        """
        return self @ _from_column(x)

    def rmatvec(self, y: Any) -> Array:
        """Return the product of the transpose with a vector, as SciPy's LinearOperator names it.

        Parameters
        ----------
        y : (outputs,) array_like
            A result of the filter, its rows one after another; or a column of these.

        Returns
        -------
        (pixels,) ndarray
            An image, its rows one after another.
        """
        return _Transpose(self) @ _from_column(y)

    def coordinates(self) -> tuple[Array, Array, Array]:
        """Return the entries that are not zero, with their places.

        Returns
        -------
        rows : (entries,) ndarray
            The row of each.
        columns : (entries,) ndarray
            Its column.
        values : (entries,) ndarray
            The entry: ``scipy.sparse.coo_array((values, (rows, columns)), A.shape)`` is the matrix.
        """
        windows = self._windows()
        outside = -1
        places = np.full(windows.padded, outside)
        windows.inside(places)[:] = np.arange(self.shape[1]).reshape(windows.image)
        taps = np.argwhere(self.kernel)
        reads = [windows.read(places, a, b).ravel() for a, b in taps.tolist()]
        columns = np.array(reads, int).reshape(len(taps), self.shape[0])
        reached = columns != outside
        tap, rows = np.nonzero(reached)
        return rows, columns[reached], self.kernel[tuple(taps[tap].T)]

    def toarray(self) -> Array:
        """Return the matrix with all its zeros.

        Returns
        -------
        (outputs, pixels) ndarray
            The matrix.
        """
        matrix = np.zeros(self.shape, self.dtype)
        rows, columns, values = self.coordinates()
        matrix[rows, columns] = values
        return matrix

    def _windows(self) -> Windows:
        return windows_on(self.image_shape, self.kernel.shape, **self._options())

    def _options(self) -> dict[str, Any]:
        return {"padding": self.padding, "stride": self.stride, "dilation": self.dilation}


@dataclass(frozen=True, eq=False)
class _Transpose:
    """The transpose of the matrix of a cross-correlation."""

    T: CorrelationOperator
    __array_ufunc__ = None

    @property
    def shape(self) -> Pair:
        rows, columns = self.T.shape
        return columns, rows

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.T.dtype

    def __matmul__(self, y: Any) -> Array:
        windows = self.T._windows()
        output = _entries("y", y, self.shape[1]).reshape(windows.output)
        return transposed_correlate2d(output, self.T.kernel, windows.image, **self.T._options()).ravel()


def transposed_correlate2d(
    output: Any,
    kernel: Any,
    image_shape: int | Pair,
    *,
    padding: Padding = "same",
    stride: int | Pair = 1,
    dilation: int | Pair = 1,
) -> Array:
    r"""Multiply by the transpose of a cross-correlation: carry a result back onto the image.

    Frameworks call it a transposed convolution. It is the gradient of a loss with respect to the image, given
    that with respect to the result of `correlate2d`.

    Parameters
    ----------
    output : (output height, output width) array_like
        Real entries, as many as `correlate2d` returns for an image of that shape and these options.
    kernel : (kernel height, kernel width) array_like
        Real entries.
    image_shape : int or pair of ints
        Height and width of the image, the same or a pair.
    padding : {"same", "valid", "full"}, int or pair of ints, default "same"
        How many zeros surround the image in the correlation, as in `correlate2d`.
    stride : int or pair of ints, default 1
        Steps from one window to the next, the same both ways or a pair (height, width).
    dilation : int or pair of ints, default 1
        Distance between neighbouring kernel entries on the image, the same both ways or a pair
        (height, width).

    Returns
    -------
    (height, width) ndarray
        Of the type that `correlate2d` gives, with `output` in the place of the image.

    Raises
    ------
    TypeError
        If an array has entries that are not real, or a number is not an integer.
    ValueError
        As in `correlate2d`, and if `output` has another shape than its result.

    See Also
    --------
    CorrelationOperator : The matrix whose transpose this is.

    Notes
    -----
    With :math:`A` for the matrix of the correlation, for every image :math:`x` and every output :math:`y`,

    .. math:: \langle A x, y \rangle = \langle x, A^\top y \rangle.

    With stride 1 it is a convolution: `convolve2d`, cut to the image's size. With stride :math:`s` there are
    :math:`s - 1` zeros between neighbouring entries first. Derived in :ref:`transpose-of-a-filter`.

    ``torch.nn.functional.conv_transpose2d`` finds the shape of the image from that of the output, and needs
    ``output_padding`` where a stride leaves several; here it is given [1]_.

    References
    ----------
    .. [1] V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning", 2016, section 4,
       `arXiv:1603.07285 <https://arxiv.org/abs/1603.07285>`__.

    Examples
    --------
    Every entry spreads a copy of the kernel; where copies meet, they add up.

    >>> from hwlib.linear_maps import transposed_correlate2d
    >>> transposed_correlate2d([[1, 10]], [[1, 2, 3]], (1, 5), padding="valid", stride=2)
    array([[ 1,  2, 13, 20, 30]])
    """
    output, kernel = operands("output", output, "kernel", kernel)
    shape = pair("image_shape", image_shape, minimum=1)
    windows = windows_on(shape, kernel.shape, padding, stride, dilation)
    _refuse_other_shape("output", output, windows)
    padded = np.zeros(windows.padded, output.dtype)
    for a, b in np.argwhere(kernel).tolist():
        reached = windows.read(padded, a, b)
        reached += output * kernel[a, b]
    return windows.inside(padded).copy()


def kernel_gradient(
    image: Any,
    output_gradient: Any,
    kernel_shape: int | Pair,
    *,
    padding: Padding = "same",
    stride: int | Pair = 1,
    dilation: int | Pair = 1,
) -> Array:
    r"""Gradient of a loss with respect to the kernel of a cross-correlation.

    That with respect to the image is `transposed_correlate2d`.

    Parameters
    ----------
    image : (height, width) array_like
        Real entries.
    output_gradient : (output height, output width) array_like
        The gradient of the loss with respect to the result of `correlate2d`.
    kernel_shape : int or pair of ints
        Height and width of the kernel, the same or a pair.
    padding : {"same", "valid", "full"}, int or pair of ints, default "same"
        How many zeros surround the image in the correlation, as in `correlate2d`.
    stride : int or pair of ints, default 1
        Steps from one window to the next, the same both ways or a pair (height, width).
    dilation : int or pair of ints, default 1
        Distance between neighbouring kernel entries on the image, the same both ways or a pair
        (height, width).

    Returns
    -------
    (kernel height, kernel width) ndarray
        Of the type that `correlate2d` gives, with `output_gradient` in the place of the kernel.

    Raises
    ------
    TypeError
        If an array has entries that are not real, or a number is not an integer.
    ValueError
        As in `correlate2d`, and if `output_gradient` has another shape than its result.

    See Also
    --------
    transposed_correlate2d : The gradient with respect to the image.

    Notes
    -----
    With :math:`I` continued by zeros, stride :math:`s`, dilation :math:`d`, :math:`p` zeros before the first
    row and column and the gradient :math:`G` with respect to the result,

    .. math:: \frac{\partial L}{\partial K_{ab}} = \sum_{i, j} I_{si + da - p,\; sj + db - p} \, G_{ij},

    again a correlation, in which stride and dilation have changed places. Derived in
    :ref:`gradients-of-a-filter`.

    Examples
    --------
    >>> from hwlib.linear_maps import kernel_gradient
    >>> kernel_gradient([[1, 2, 3, 4]], [[1, 0, 10]], (1, 2), padding="valid")
    array([[31, 42]])
    """
    image, output_gradient = operands("image", image, "output_gradient", output_gradient)
    shape = pair("kernel_shape", kernel_shape, minimum=1)
    windows = windows_on(image.shape, shape, padding, stride, dilation)
    _refuse_other_shape("output_gradient", output_gradient, windows)
    padded = windows.pad(image)
    gradient = np.empty(shape, image.dtype)
    for a, b in np.ndindex(*shape):
        gradient[a, b] = np.sum(windows.read(padded, a, b) * output_gradient)
    return gradient


def circular_singular_values(kernels: Any, image_shape: int | Pair) -> Array:
    r"""Singular values of a convolutional layer on images whose borders meet, largest first.

    The layer has stride 1. Beyond the last row and column it reads the first ones again, where
    `correlate2d` would read zeros.

    Parameters
    ----------
    kernels : (output channels, input channels, kernel height, kernel width) array_like
        Real entries, in PyTorch's order. Turning the kernels does not change the answer.
    image_shape : int or pair of ints
        Height and width of the images, the same or a pair; at least those of the kernels.

    Returns
    -------
    (singular values,) ndarray
        As many for each pixel as there are output or input channels, whichever are fewer; in float64.

    Raises
    ------
    TypeError
        If the kernels have entries that are not real, or a number is not an integer.
    ValueError
        If the kernels are empty, not four-dimensional, not finite or larger than the images.

    Notes
    -----
    The Fourier transform takes the layer apart into one small matrix for each pair of frequencies: its entry
    for an output and an input channel is the transform of their kernel. The singular values of these
    matrices are those of the layer [1]_. Derived in :ref:`spectrum-of-a-filter`.

    References
    ----------
    .. [1] H. Sedghi, V. Gupta and P. M. Long, "The Singular Values of Convolutional Layers", ICLR 2019,
       `arXiv:1805.10408 <https://arxiv.org/abs/1805.10408>`__.

    Examples
    --------
    The mean of a pixel and its neighbour keeps what is constant and wipes out what alternates:

    >>> from hwlib.linear_maps import circular_singular_values
    >>> circular_singular_values([[[[0.5, 0.5]]]], (1, 2))
    array([1., 0.])
    """
    entries = numpy_array("kernels", kernels, ndim=4).astype(np.float64)
    height, width = pair("image_shape", image_shape, minimum=1)
    if entries.shape[2] > height or entries.shape[3] > width:
        raise ValueError(
            f"kernels of {entries.shape[2]} x {entries.shape[3]} entries are larger than the images of "
            f"image_shape {(height, width)}"
        )
    transforms = np.fft.fft2(entries, (height, width), axes=(2, 3))
    values = np.linalg.svd(np.moveaxis(transforms, (2, 3), (0, 1)), compute_uv=False)
    descending: Array = np.sort(values, axis=None)[::-1]
    return descending


def separable_factors(kernel: Any) -> tuple[Array, Array]:
    r"""Take a kernel apart into as few products of a column and a row as there can be.

    Correlation with the kernel is that with each column and then its row, summed.

    Parameters
    ----------
    kernel : (kernel height, kernel width) array_like
        Real entries.

    Returns
    -------
    columns : (kernel height, rank) ndarray
        The columns.
    rows : (rank, kernel width) ndarray
        The rows: ``columns @ rows`` is the kernel up to rounding, and the first few columns with their rows
        are the best approximation of the kernel by so many products.

    Raises
    ------
    TypeError
        If the kernel has entries that are not real.
    ValueError
        If the kernel is empty, not two-dimensional or not finite.

    Notes
    -----
    With the singular values :math:`\sigma_r` and vectors :math:`u_r`, :math:`v_r` of the kernel,

    .. math:: K = \sum_{r=1}^{R} \left(\sqrt{\sigma_r} \, u_r\right) \left(\sqrt{\sigma_r} \, v_r\right)^\top

    [1]_. Singular values that are not above the rounding of the largest count as zero, as in
    ``numpy.linalg.matrix_rank``. Derived in :ref:`separable-kernels`.

    References
    ----------
    .. [1] S. Treitel and J. L. Shanks, "The Design of Multistage Separable Planar Filters", IEEE Transactions
       on Geoscience Electronics 9(1), 1971, 10-27,
       `doi:10.1109/TGE.1971.271457 <https://doi.org/10.1109/TGE.1971.271457>`__.

    Examples
    --------
    >>> from hwlib.convolution import KERNELS
    >>> from hwlib.linear_maps import separable_factors
    >>> columns, rows = separable_factors(KERNELS["sobel_horizontal"])
    >>> columns.shape, rows.shape
    ((3, 1), (1, 3))
    """
    entries = floating(matrix("kernel", kernel))
    if entries.dtype != np.float32:
        entries = entries.astype(np.float64)
    left, singular_values, right = np.linalg.svd(entries, full_matrices=False)
    negligible = singular_values[0] * max(entries.shape) * np.finfo(entries.dtype).eps
    rank = np.count_nonzero(singular_values > negligible)
    roots = np.sqrt(singular_values[:rank])
    return left[:, :rank] * roots, roots[:, np.newaxis] * right[:rank]


def _refuse_other_shape(name: str, entries: Array, windows: Windows) -> None:
    """Raise if there is not one entry for each window."""
    if entries.shape != windows.output:
        raise ValueError(
            f"{name} must have the shape {windows.output} of the result for an image of shape "
            f"{tuple(windows.image)}, got {entries.shape}"
        )


def _from_column(value: Any) -> object:
    """Return the one column of a matrix as a vector, and anything else as it is."""
    return value[:, 0] if getattr(value, "ndim", 1) == 2 and value.shape[1] == 1 else value


def _entries(name: str, value: Any, count: int) -> Array:
    """Return `value` as a vector of that many real entries."""
    entries = numpy_array(name, value, ndim=1)
    if entries.size != count:
        raise ValueError(f"{name} must have {count} entries, got {entries.size}")
    return entries
