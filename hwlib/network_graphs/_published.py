"""Networks that were published, as graphs: torchvision's with their heads, TF-Slim's windows alone.

Activations are left out, as they change neither counts nor fields.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import TypeAlias

from hwlib._options import choice, flag
from hwlib.convnets import AvgPool2d, Conv2d, Flatten, Linear, MaxPool2d, _Layer
from hwlib.network_graphs._graphs import Graph, Parallel, series
from hwlib.network_graphs._layers import (
    Add,
    BatchNorm2d,
    CeilMaxPool2d,
    Concatenate,
    GlobalAvgPool2d,
    ZeroPad2d,
)

Layers: TypeAlias = Sequence[_Layer | Parallel]
Pair: TypeAlias = tuple[int, int]


def published_network(name: str, *, head: bool = True) -> Graph:
    """Return a network that was published, as a graph.

    Parameters
    ----------
    name : str
        One of `PUBLISHED`.
    head : bool, default True
        Whether the layers that make scores of the last feature map are there too. TF-Slim's have none.

    Returns
    -------
    Graph
        The network. Those of TF-Slim have one channel throughout: they say what a position sees, for images
        of 224 x 224 pixels, and not what the network costs.

    Raises
    ------
    TypeError
        If `head` is not a bool.
    ValueError
        If `name` is not one of `PUBLISHED`.

    See Also
    --------
    from_torch : Reads a network of PyTorch.

    Notes
    -----
    TensorFlow's "same" padding depends on the size of the image. With 224 pixels, every layer of stride 2
    that is padded so reads an even number of places. Every such layer here has an odd kernel, larger than
    one, and gets one zero less in front than behind. Derived in :ref:`published-networks`.

    Examples
    --------
    >>> from hwlib.convnets import receptive_field, summarize
    >>> from hwlib.network_graphs import published_network
    >>> summarize(published_network("torchvision.resnet50"), (3, 224, 224)).parameters
    25557032
    >>> receptive_field(published_network("slim.resnet_v1_50", head=False)).size
    483
    """
    features, scores = _NETWORKS[choice("name", name, PUBLISHED)]
    return series([*features(), *(scores if flag("head", head) else [])])


def _conv(
    channels: int, kernel: int | Pair, stride: int = 1, padding: int | Pair = 0, groups: int = 1
) -> Layers:
    """Return a convolution without bias, and batch normalization."""
    return [Conv2d(channels, kernel, stride, padding, groups=groups, bias=False), BatchNorm2d()]


def _alexnet() -> Layers:
    return [
        *(Conv2d(64, 11, 4, 2), MaxPool2d(3, 2), Conv2d(192, 5, 1, 2), MaxPool2d(3, 2)),
        *(Conv2d(channels, 3, 1, 1) for channels in (384, 256, 256)),
        MaxPool2d(3, 2),
    ]


def _vgg16() -> Layers:
    stages = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))
    return [
        layer
        for channels, repeats in stages
        for layer in [*[Conv2d(channels, 3, padding=1)] * repeats, MaxPool2d(2)]
    ]


def _resnet(repeats: Sequence[int], *, bottleneck: bool) -> Layers:
    layers: list[_Layer | Parallel] = [*_conv(64, 7, 2, 3), MaxPool2d(3, 2, 1)]
    before = 64
    for width, count, first in zip((64, 128, 256, 512), repeats, (1, 2, 2, 2), strict=True):
        channels = 4 * width if bottleneck else width
        for unit in range(count):
            stride = 1 if unit else first
            if bottleneck:
                main = [*_conv(width, 1), *_conv(width, 3, stride, 1), *_conv(channels, 1)]
            else:
                main = [*_conv(width, 3, stride, 1), *_conv(width, 3, 1, 1)]
            shortcut = _conv(channels, 1, stride) if (stride, before) != (1, channels) else []
            layers.append(Parallel([main, shortcut], Add()))
            before = channels
    return layers


def _googlenet() -> Layers:
    def inception(one: int, three: Pair, five: Pair, pool: int) -> Parallel:
        # torchvision's third branch has kernels of 3 x 3, where the paper has 5 x 5
        pairs = [[*_conv(narrow, 1), *_conv(wide, 3, 1, 1)] for narrow, wide in (three, five)]
        return Parallel([_conv(one, 1), *pairs, [CeilMaxPool2d(3, 1, 1), *_conv(pool, 1)]], Concatenate())

    return [
        *(*_conv(64, 7, 2, 3), CeilMaxPool2d(3, 2), *_conv(64, 1), *_conv(192, 3, 1, 1), CeilMaxPool2d(3, 2)),
        inception(64, (96, 128), (16, 32), 32),
        inception(128, (128, 192), (32, 96), 64),
        CeilMaxPool2d(3, 2),
        inception(192, (96, 208), (16, 48), 64),
        inception(160, (112, 224), (24, 64), 64),
        inception(128, (128, 256), (24, 64), 64),
        inception(112, (144, 288), (32, 64), 64),
        inception(256, (160, 320), (32, 128), 128),
        CeilMaxPool2d(2, 2),
        inception(256, (160, 320), (32, 128), 128),
        inception(384, (192, 384), (48, 128), 128),
    ]


def _squeezenet(first: Conv2d, pools_after: Sequence[int]) -> Layers:
    layers: list[_Layer | Parallel] = [first, CeilMaxPool2d(3, 2)]
    for place, narrow in enumerate((16, 16, 32, 32, 48, 48, 64, 64), start=1):
        both = [[Conv2d(4 * narrow, 1)], [Conv2d(4 * narrow, 3, padding=1)]]
        layers += [Conv2d(narrow, 1), Parallel(both, Concatenate())]
        layers += [CeilMaxPool2d(3, 2)] * (place in pools_after)
    return layers


def _mobilenet_v2() -> Layers:
    layers, before = [*_conv(32, 3, 2, 1)], 32
    rows = (
        (1, 16, 1, 1),
        (6, 24, 2, 2),
        (6, 32, 3, 2),
        (6, 64, 4, 2),
        (6, 96, 3, 1),
        (6, 160, 3, 2),
        (6, 320, 1, 1),
    )
    for factor, channels, count, first in rows:
        for unit in range(count):
            wide, stride = factor * before, 1 if unit else first
            main = [
                *(_conv(wide, 1) if factor > 1 else []),
                *_conv(wide, 3, stride, 1, wide),
                *_conv(channels, 1),
            ]
            layers += [Parallel([main, []], Add())] if unit else main
            before = channels
    return [*layers, *_conv(1280, 1)]


def _densenet121() -> Layers:
    layers, channels = [*_conv(64, 7, 2, 3), MaxPool2d(3, 2, 1)], 64
    for count in (6, 12, 24, 16):
        if channels > 64:
            layers += [BatchNorm2d(), Conv2d(channels // 2, 1, bias=False), AvgPool2d(2)]
            channels //= 2
        new = [BatchNorm2d(), *_conv(128, 1), Conv2d(32, 3, padding=1, bias=False)]
        layers += [Parallel([[], new], Concatenate())] * count
        channels += 32 * count
    return [*layers, BatchNorm2d()]


def _inception_v3() -> Layers:
    across, down = ((1, 7), 1, (0, 3)), ((7, 1), 1, (3, 0))
    pool = AvgPool2d(3, 1, 1)

    def early(channels: int) -> Parallel:
        double = [*_conv(64, 1), *_conv(96, 3, 1, 1), *_conv(96, 3, 1, 1)]
        wide = [*_conv(48, 1), *_conv(64, 5, 1, 2)]
        return Parallel([_conv(64, 1), wide, double, [pool, *_conv(channels, 1)]], Concatenate())

    def middle(channels: int) -> Parallel:
        single = [*_conv(channels, 1), *_conv(channels, *across), *_conv(192, *down)]
        double = [
            *(*_conv(channels, 1), *_conv(channels, *down), *_conv(channels, *across)),
            *(*_conv(channels, *down), *_conv(192, *across)),
        ]
        return Parallel([_conv(192, 1), single, double, [pool, *_conv(192, 1)]], Concatenate())

    def late() -> Parallel:
        cross = Parallel([_conv(384, (1, 3), 1, (0, 1)), _conv(384, (3, 1), 1, (1, 0))], Concatenate())
        double = [*_conv(448, 1), *_conv(384, 3, 1, 1), cross]
        return Parallel(
            [_conv(320, 1), [*_conv(384, 1), cross], double, [pool, *_conv(192, 1)]], Concatenate()
        )

    smaller = [*_conv(64, 1), *_conv(96, 3, 1, 1), *_conv(96, 3, 2)]
    smallest = [*_conv(192, 1), *_conv(192, *across), *_conv(192, *down), *_conv(192, 3, 2)]
    return [
        *(*_conv(32, 3, 2), *_conv(32, 3), *_conv(64, 3, 1, 1), MaxPool2d(3, 2)),
        *(*_conv(80, 1), *_conv(192, 3), MaxPool2d(3, 2)),
        *(early(32), early(64), early(64)),
        Parallel([_conv(384, 3, 2), smaller, [MaxPool2d(3, 2)]], Concatenate()),
        *map(middle, (128, 160, 160, 192)),
        Parallel([[*_conv(192, 1), *_conv(320, 3, 2)], smallest, [MaxPool2d(3, 2)]], Concatenate()),
        *(late(), late()),
    ]


_THREE = Conv2d(1, 3, padding=1)
_HALVING = [ZeroPad2d(0, 1, 0, 1), Conv2d(1, 3, 2)]  # "same" before a stride of 2
_HALVING_POOL = [ZeroPad2d(0, 1, 0, 1), MaxPool2d(3, 2)]


def _slim_alexnet_v2() -> Layers:
    return [
        Conv2d(1, 11, 4),
        MaxPool2d(3, 2),
        Conv2d(1, 5, 1, 2),
        MaxPool2d(3, 2),
        *[_THREE] * 3,
        MaxPool2d(3, 2),
    ]


def _slim_mobilenet_v1() -> Layers:
    strides = (2, 1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1)
    return [layer for stride in strides for layer in ([_THREE] if stride == 1 else _HALVING)]


def _slim_resnet_v1(repeats: Sequence[int]) -> Layers:
    # TF-Slim takes the stride in the last unit of a block, and pads both sides alike but for the pooling
    layers: list[_Layer | Parallel] = [Conv2d(1, 7, 2, 3), *_HALVING_POOL]
    for count, last in zip(repeats, (2, 2, 2, 1), strict=True):
        strides = (*[1] * (count - 1), last)
        layers += [Parallel([[Conv2d(1, 3, s, 1)], [MaxPool2d(1, s)]], Add()) for s in strides]
    return layers


def _slim_inception_v2() -> Layers:
    pool, double = [MaxPool2d(3, 1, 1), Conv2d(1, 1)], [_THREE, _THREE]
    unit = Parallel([[Conv2d(1, 1)], [_THREE], double, pool], Concatenate())
    halving = Parallel([_HALVING, [_THREE, *_HALVING], _HALVING_POOL], Concatenate())
    stem = [ZeroPad2d(2, 3, 2, 3), Conv2d(1, 7, 2), *_HALVING_POOL, Conv2d(1, 1), _THREE, *_HALVING_POOL]
    return [*stem, unit, unit, halving, *[unit] * 4, halving, unit, unit]


_WIDE = [Flatten(), Linear(4096), Linear(4096), Linear(1000)]
_NARROW = [GlobalAvgPool2d(), Flatten(), Linear(1000)]
_CONVOLUTION = [Conv2d(1000, 1), GlobalAvgPool2d(), Flatten()]
_BASIC, _BOTTLENECK = partial(_resnet, bottleneck=False), partial(_resnet, bottleneck=True)
_NETWORKS: Mapping[str, tuple[Callable[[], Layers], Layers]] = MappingProxyType(
    {
        "torchvision.alexnet": (_alexnet, _WIDE),
        "torchvision.vgg16": (_vgg16, _WIDE),
        "torchvision.resnet18": (partial(_BASIC, (2, 2, 2, 2)), _NARROW),
        "torchvision.resnet34": (partial(_BASIC, (3, 4, 6, 3)), _NARROW),
        "torchvision.resnet50": (partial(_BOTTLENECK, (3, 4, 6, 3)), _NARROW),
        "torchvision.resnet101": (partial(_BOTTLENECK, (3, 4, 23, 3)), _NARROW),
        "torchvision.resnet152": (partial(_BOTTLENECK, (3, 8, 36, 3)), _NARROW),
        "torchvision.googlenet": (_googlenet, _NARROW),
        "torchvision.squeezenet1_0": (partial(_squeezenet, Conv2d(96, 7, 2), (3, 7)), _CONVOLUTION),
        "torchvision.squeezenet1_1": (partial(_squeezenet, Conv2d(64, 3, 2), (2, 4)), _CONVOLUTION),
        "torchvision.mobilenet_v2": (_mobilenet_v2, _NARROW),
        "torchvision.densenet121": (_densenet121, _NARROW),
        "torchvision.inception_v3": (_inception_v3, _NARROW),
        "slim.alexnet_v2": (_slim_alexnet_v2, []),
        "slim.vgg_16": (_vgg16, []),
        "slim.mobilenet_v1": (_slim_mobilenet_v1, []),
        "slim.resnet_v1_50": (partial(_slim_resnet_v1, (3, 4, 6, 3)), []),
        "slim.resnet_v1_101": (partial(_slim_resnet_v1, (3, 4, 23, 3)), []),
        "slim.resnet_v1_152": (partial(_slim_resnet_v1, (3, 8, 36, 3)), []),
        "slim.inception_v2": (_slim_inception_v2, []),
        "slim.inception_v3": (_inception_v3, []),
    }
)
PUBLISHED = tuple(_NETWORKS)
