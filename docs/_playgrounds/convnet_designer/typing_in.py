"""From what a reader typed to hwlib's layers, or to hwlib's own words on what is wrong with it."""

from ast import literal_eval
from dataclasses import MISSING, dataclass, field, fields

from hwlib.convnets import AvgPool2d, Conv2d, Flatten, Linear, MaxPool2d, Summary, Unflatten, summarize

KINDS = {kind.__name__: kind for kind in (Conv2d, MaxPool2d, AvgPool2d, Flatten, Unflatten, Linear)}
STARTING_OPTIONS = {
    "Conv2d": {"out_channels": "8", "kernel_size": "3", "padding": "1"},
    "MaxPool2d": {"kernel_size": "2"},
    "AvgPool2d": {"kernel_size": "2"},
    "Flatten": {},
    "Unflatten": {"shape": "1, 8, 8"},
    "Linear": {"out_features": "10"},
}


@dataclass
class Network:
    """The layers up to the first that is wrong, what hwlib counts of them, and its words by position."""

    layers: list = field(default_factory=list)
    summary: Summary | None = None
    errors: dict[int, str] = field(default_factory=dict)


def options_of(kind: type) -> list[dict[str, str | bool]]:
    """The options of a layer as hwlib declares them."""
    return [
        {
            "name": option.name,
            "default": "" if option.default in (MISSING, None) else str(option.default),
            "is_needed": option.default is MISSING,
            "is_flag": option.default is True,
        }
        for option in fields(kind)
    ]


def understood(input_shape: str, typed_layers: list[dict]) -> Network:
    """Read a network as far as hwlib can; position 0 is the input."""
    network = Network()
    for position, typed in enumerate(typed_layers, start=1):
        try:
            layer = layer_of(typed)
        except (TypeError, ValueError) as error:
            network.errors[position] = str(error)
        if not network.errors:
            network.layers.append(layer)
    for count in range(len(network.layers) + 1):
        try:
            network.summary = summarize(network.layers[:count], shape_of(input_shape))
        except (TypeError, ValueError) as error:
            network.errors[count] = str(error)
            network.layers = network.layers[: max(count - 1, 0)]
            break
    return network


def shape_of(text: str):
    """A shape; a number alone is the length of a vector."""
    value = value_of(text)
    return (value,) if isinstance(value, int) else value


def layer_of(typed: dict):
    """The layer of a kind and of the options that were typed; an option left empty has its default."""
    if typed["kind"] not in KINDS:
        raise ValueError(f"there is no layer {typed['kind']}; there are {', '.join(KINDS)}")
    kind = KINDS[typed["kind"]]
    needed = {option.name: "" for option in fields(kind) if option.default is MISSING}
    given = {name: text for name, text in typed["options"].items() if text.strip()}
    return kind(**{name: value_of(text) for name, text in (needed | given).items()})


def value_of(text: str):
    """The number, the pair or the word that a text writes in Python; if it writes none, the text itself."""
    try:
        return literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text
