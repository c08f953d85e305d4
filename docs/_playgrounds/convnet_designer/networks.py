"""Networks to begin with, as their papers describe them."""

from dataclasses import MISSING, dataclass, fields

from hwlib.convnets import AvgPool2d, Conv2d, Flatten, Linear, MaxPool2d, Unflatten


@dataclass(frozen=True)
class Preset:
    """A network with the name that the page calls it by."""

    name: str
    title: str
    input_shape: tuple[int, ...]
    layers: list


def fully_connected(side: int) -> list:
    """A layer from an image to one of the same size, each pixel with each."""
    return [Flatten(), Linear(side**2), Unflatten((1, side, side))]


def vgg16() -> list:
    """Configuration D of Simonyan and Zisserman (2015), table 1."""
    layers = []
    for channels, repeats in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        layers += [Conv2d(channels, 3, padding=1)] * repeats
        layers += [MaxPool2d(2)]
    return [*layers, Flatten(), Linear(4096), Linear(4096), Linear(1000)]


SAME = Conv2d(1, 3, padding=1)
SOURCE_CNN = [SAME, MaxPool2d(2), SAME, MaxPool2d(2), SAME]
SOURCE_FCNN = [
    *fully_connected(32),
    MaxPool2d(2),
    *fully_connected(16),
    MaxPool2d(2),
    *fully_connected(8),
]
SOURCE_FIELD = [Conv2d(1, 5), MaxPool2d(2), Conv2d(1, 5)]
# LeCun et al. (1998), section II.B, but that each map of the second convolution reads all maps before it
LENET5 = [
    Conv2d(6, 5),
    AvgPool2d(2),
    Conv2d(16, 5),
    AvgPool2d(2),
    Conv2d(120, 5),
    Flatten(),
    Linear(84),
    Linear(10),
]
# Krizhevsky et al. (2012), section 3.5; its images must have 227 pixels for the sizes that it gives
ALEXNET = [
    Conv2d(96, 11, stride=4),
    MaxPool2d(3, stride=2),
    Conv2d(256, 5, padding=2, groups=2),
    MaxPool2d(3, stride=2),
    Conv2d(384, 3, padding=1),
    Conv2d(384, 3, padding=1, groups=2),
    Conv2d(256, 3, padding=1, groups=2),
    MaxPool2d(3, stride=2),
    Flatten(),
    Linear(4096),
    Linear(4096),
    Linear(1000),
]
NETWORKS = [
    Preset("cnn", "The source's CNN", (1, 32, 32), SOURCE_CNN),
    Preset("fcnn", "The source's FCNN", (1, 32, 32), SOURCE_FCNN),
    Preset("field", "The source's field of view", (1, 32, 32), SOURCE_FIELD),
    Preset("lenet5", "LeNet-5", (1, 32, 32), LENET5),
    Preset("alexnet", "AlexNet", (3, 227, 227), ALEXNET),
    Preset("vgg16", "VGG-16", (3, 224, 224), vgg16()),
]


def as_typed(network: Preset) -> dict:
    """A network as a reader would type it."""
    layers = [
        {
            "kind": type(layer).__name__,
            "options": {
                option.name: text_of(getattr(layer, option.name))
                for option in fields(layer)
                if option.default is MISSING or getattr(layer, option.name) != option.default
            },
        }
        for layer in network.layers
    ]
    shape = text_of(network.input_shape)
    return {"name": network.name, "title": network.title, "input": shape, "layers": layers}


def text_of(value) -> str:
    """An option's value as a reader would type it."""
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
