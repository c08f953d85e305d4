"""Correlation of images with kernels, beside SciPy, PyTorch and OpenCV."""

from collections.abc import Iterator
from functools import partial

import numpy as np
from measuring import BEST, OURS, Target, Work, close

from hwlib.convolution import correlate2d

WHOLE = "A compiled filter goes over the image once; NumPy's functions go over it one after the other."
TRANSFORMED = "Both multiply transforms; OpenCV does it in one compiled program."
SMALL = (
    "hwlib is called for each image, and calls Python and NumPy dozens of times, OpenCV one compiled filter."
)
LARGE = 11  # from which side of a kernel OpenCV multiplies transforms
AS_FAST_AS_SCIPY = {3: 1.0, 7: 2.0, 11: 4.0, 31: 15.0}


def works(
    side: int = 512, sides_of_kernels: tuple[int, ...] = (3, 7, 11, 31), batch: int = 8
) -> Iterator[Work]:
    """One image in float64 for each kernel; batches in float32 with strides and dilations."""
    rng = np.random.default_rng(0)
    image = rng.standard_normal((side, side))
    for k in sides_of_kernels:
        kernel = rng.standard_normal((k, k))
        yield Work(
            "correlation",
            f"{side} × {side} float64, k = {k}, same",
            {
                OURS: partial(partial, correlate2d, image, kernel),
                "SciPy": lambda kernel=kernel: by_scipy(image, kernel),
                "PyTorch": lambda kernel=kernel: by_torch(image[np.newaxis], kernel),
                "OpenCV": lambda kernel=kernel: by_opencv(image[np.newaxis], kernel),
            },
            first_of(close(exact(image, kernel), 1e-12)),
            (
                Target("SciPy", AS_FAST_AS_SCIPY.get(k, 1.0)),
                Target(BEST, 1 / 1.2, TRANSFORMED if k > LARGE else WHOLE),
            ),
        )
    weights = np.outer(*rng.standard_normal((2, max(sides_of_kernels))))
    yield Work(
        "correlation",
        f"{side} × {side} float64, k = {len(weights)}, of rank one",
        {
            OURS: partial(partial, correlate2d, image, weights),
            "OpenCV": lambda: by_opencv(image[np.newaxis], weights),
        },
        first_of(close(exact(image, weights), 1e-12)),
        (Target(BEST, 1 / 1.2),),
    )
    images = rng.standard_normal((batch, side // 2, side // 2)).astype(np.float32)
    for k in sides_of_kernels[:3]:
        kernel = rng.standard_normal((k, k)).astype(np.float32)
        for options in ({"stride": 2}, {"dilation": 2}):
            expected = [exact(one, kernel, **options) for one in images]
            (word, number), *_ = options.items()
            yield Work(
                "correlation",
                f"{batch} × {side // 2} × {side // 2} float32, k = {k}, {word} {number}",
                {
                    OURS: lambda kernel=kernel, options=options: (
                        lambda: [correlate2d(one, kernel, **options) for one in images]
                    ),
                    "PyTorch": lambda kernel=kernel, options=options: by_torch(images, kernel, **options),
                    "OpenCV": lambda kernel=kernel, options=options: by_opencv(images, kernel, **options),
                },
                close(expected, 1e-5),
                (Target(BEST, 1 / 1.5, SMALL),),
                note="without stride or dilation OpenCV keeps every second value, or has zeros in the kernel",
            )


def first_of(check):
    """Check an image, or the only one of a batch."""
    return lambda result: check(result[0] if np.ndim(result) == 3 else result)


def exact(image, kernel, stride=1, dilation=1):
    """With digits to spare, by SciPy."""
    from scipy.signal import correlate2d as by_scipy  # noqa: PLC0415 - a peer

    finer = np.longdouble if image.dtype == np.float64 else np.float64
    return by_scipy(image.astype(finer), with_zeros(kernel, dilation), mode="same")[::stride, ::stride]


def with_zeros(kernel, dilation):
    """The kernel with its entries so far apart."""
    side = (len(kernel) - 1) * dilation + 1
    spread = np.zeros((side, side), kernel.dtype)
    spread[::dilation, ::dilation] = kernel
    return spread


def by_scipy(image, kernel):
    from scipy.signal import correlate2d as by_scipy  # noqa: PLC0415 - a peer

    return partial(by_scipy, image, kernel, mode="same")


def by_torch(images, kernel, stride=1, dilation=1):
    import torch  # noqa: PLC0415 - a peer

    batch, weights = torch.from_numpy(images)[:, None], torch.from_numpy(kernel)[None, None]
    options = {"stride": stride, "dilation": dilation, "padding": (len(kernel) - 1) * dilation // 2}

    def answer():
        result = torch.nn.functional.conv2d(batch, weights, **options)
        return result[:, 0].numpy()

    return answer


def by_opencv(images, kernel, stride=1, dilation=1):
    import cv2  # noqa: PLC0415 - a peer

    spread = with_zeros(kernel, dilation)

    def filtered(one):
        whole = cv2.filter2D(one, -1, spread, borderType=cv2.BORDER_CONSTANT)
        return whole[::stride, ::stride]

    def answer():
        return [filtered(one) for one in images]

    return answer
