"""Read, count and probe the networks of torchvision: are ours the same?

Parameters are counted by PyTorch from its own modules, multiply-adds by its counter of operations; both are
compared with what torchvision publishes too. What a neuron of the last feature map sees is probed:
all weights are made positive and each maximum a mean, so that nothing cancels and no path is closed, and the
gradient of the neuron is taken with respect to the image. What was found, and for which versions, is written
beside the page that shows it. Run as ``nox -s networks``.
"""

import json
import platform
import re
from importlib.metadata import version
from pathlib import Path
from unittest import mock

import torch
import torchvision
from torch.nn import functional
from torch.utils.flop_counter import FlopCounterMode

from hwlib.convnets import receptive_field, summarize
from hwlib.network_graphs import PUBLISHED, from_torch, published_network

RECORD = Path(__file__).parents[2] / "docs/convnets/real_networks.json"
VERSIONS = {name: version(name).split("+")[0] for name in ("torch", "torchvision")}
SIDES = {"inception_v3": 299}
OPTIONS = {
    "googlenet": {"init_weights": False, "aux_logits": False},
    "inception_v3": {"init_weights": False},
}
LAST = {"googlenet": "inception5b", "inception_v3": "Mixed_7c"} | {
    f"resnet{depth}": "layer4" for depth in (18, 34, 50, 101, 152)
}
HEADS = ("classifier", "fc", "AuxLogits")
NARROW = 96  # pixels along the other axis: enough for every layer to have a result
torch.manual_seed(0)


class ReachedError(Exception):
    """The last feature map is there."""


def module_of(name, device="meta"):
    """A network of torchvision without values."""
    with torch.device(device):
        return getattr(torchvision.models, name)(**OPTIONS.get(name, {})).eval()


def operations(module, side):
    """Multiply-adds of one image, by PyTorch's own counter."""
    with FlopCounterMode(display=False) as counter:
        module(torch.zeros(1, 3, side, side, device="meta"))
    flops, odd = divmod(counter.get_total_flops(), 2)
    assert not odd
    return flops


def positive(name):
    """The network without its heads, with positive weights and normalizations that change nothing."""
    module = module_of(name)
    for head in HEADS:
        if getattr(module, head, None) is not None and head != "classifier":
            setattr(module, head, None)
    if hasattr(module, "classifier"):
        module.classifier = torch.nn.Identity()
    module = module.to_empty(device="cpu").double()
    for part in module.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            part.reset_parameters()
        elif isinstance(part, torch.nn.Conv2d):
            torch.nn.init.uniform_(part.weight, 0.5, 1.5)
            part.weight.data /= part.weight[0].numel()
            if part.bias is not None:
                torch.nn.init.zeros_(part.bias)
    return module


def mean_pool(image, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    """Take the mean where the network takes the maximum."""
    assert dilation == 1
    assert not return_indices
    return functional.avg_pool2d(image, kernel_size, stride, padding, ceil_mode)


def probed(module, name, shape, place):
    """Which rows and which columns of an image of ones the neuron of the last feature map answers to."""
    kept = {}

    def keep(part, inputs, output):
        kept["map"] = output
        raise ReachedError

    handle = module.get_submodule(LAST.get(name, "features")).register_forward_hook(keep)
    # small, so that no activation that is cut off above is reached
    image = torch.full((1, 3, *shape), 1e-3, dtype=torch.float64, requires_grad=True)
    with mock.patch.object(functional, "max_pool2d", mean_pool):
        try:
            module(image)
        except ReachedError:
            handle.remove()
    found = kept["map"]
    row, column = (size // 2 if at is None else at for size, at in zip(found.shape[2:], place, strict=True))
    found[0, :, row, column].sum().backward()
    answers = image.grad[0].sum(dim=0)
    assert (answers >= 0).all()
    return [torch.nonzero(answers.sum(dim=axis)).flatten().tolist() for axis in (1, 0)]


def along(name, module, axis):
    """What a neuron sees along one axis, probed, in an image that holds all that it can see."""
    field = receptive_field(published_network(f"torchvision.{name}", head=False))
    paths = (field.along_height, field.along_width)[axis]
    position = -(-paths.padding // int(paths.stride)) + 1
    ((first, last),) = paths.union(position)
    shape, place = [NARROW, NARROW], [None, None]
    shape[axis], place[axis] = last + 2 * int(paths.stride), position
    seen = probed(module, name, shape, place)[axis]
    if seen != list(range(first, last + 1)):
        raise SystemExit(f"{name}: sees {seen[0]} to {seen[-1]}, not {first} to {last}")
    return {"position": position, "first": seen[0], "last": seen[-1], "pixels": len(seen)}


def examine(name):
    """All that is recorded of a network."""
    module, side = module_of(name), SIDES.get(name, 224)
    meta = torchvision.models.get_model_weights(name).DEFAULT.meta
    ours = summarize(published_network(f"torchvision.{name}"), (3, side, side))
    read = summarize(from_torch(module, (3, side, side)), (3, side, side))
    found = {
        "side": side,
        "parameters": sum(one.numel() for one in module.parameters()),
        "auxiliary": sum(one.numel() for part, one in module.named_parameters() if part.startswith("Aux")),
        "multiply_adds": operations(module, side),
        "published": {"parameters": meta["num_params"], "billions": meta["_ops"]},
    }
    for summary in (ours, read):
        counted = (summary.parameters + found["auxiliary"], summary.multiply_adds)
        if counted != (found["parameters"], found["multiply_adds"]):
            raise SystemExit(f"{name}: {counted}, PyTorch counts {found}")
    if found["parameters"] != meta["num_params"] or abs(found["multiply_adds"] / 1e9 - meta["_ops"]) > 6e-4:
        raise SystemExit(f"{name}: {found}")
    weighed = positive(name)
    return found | {"along_height": along(name, weighed, 0), "along_width": along(name, weighed, 1)}


def main():
    names = [name.removeprefix("torchvision.") for name in PUBLISHED if name.startswith("torchvision.")]
    networks = {}
    for name in names:
        networks[f"torchvision.{name}"] = examine(name)
        print(name, networks[f"torchvision.{name}"], flush=True)
    record = {"holds for": VERSIONS | {"python": platform.python_version()}, "networks": networks}
    lines = re.sub(r"\{[^][{}]*\}", lambda found: " ".join(found[0].split()), json.dumps(record, indent=1))
    RECORD.write_text(lines + "\n")
    print(f"{len(networks)} networks, each as ours; written to {RECORD}")


if __name__ == "__main__":
    main()
