"""Counts and receptive fields of a published network, beside torchinfo and torchscan."""

from collections.abc import Iterator

from measuring import OURS, Target, Work

from hwlib.convnets import receptive_field, summarize
from hwlib.network_graphs import published_network

PATHS = "More than half of the time is for the receptive field along each path, which the others do not give."
PARAMETERS = {"resnet18": 11_689_512, "resnet152": 60_192_808}  # as torchvision publishes them


def works(name: str = "resnet152", side: int = 224) -> Iterator[Work]:
    """The whole summary, and what a neuron of the last feature map sees."""
    whole = published_network(f"torchvision.{name}")
    features = published_network(f"torchvision.{name}", head=False)

    def ours():
        assert receptive_field(features).size > side
        return summarize(whole, (3, side, side)).parameters

    yield Work(
        "size and receptive field",
        f"{name}, {side} × {side}",
        {
            OURS: lambda: ours,
            "torchinfo": lambda: by_torchinfo(name, side),
            "torchscan": lambda: by_torchscan(name, side),
        },
        PARAMETERS[name].__eq__,
        (Target("torchinfo", 20.0, PATHS), Target("torchscan", 20.0, PATHS)),
        note="torchinfo says no receptive fields",
    )


def by_torchinfo(name, side):
    import torchinfo  # noqa: PLC0415 - a peer
    import torchvision  # noqa: PLC0415 - a peer

    module = getattr(torchvision.models, name)().eval()
    return lambda: torchinfo.summary(module, (1, 3, side, side), verbose=0).total_params


def by_torchscan(name, side):
    import torchscan  # noqa: PLC0415 - a peer
    import torchvision  # noqa: PLC0415 - a peer

    module = getattr(torchvision.models, name)().eval()

    def answer():
        return torchscan.crawl_module(module, (3, side, side))["totals"]["parameters"]["value"]

    return answer
