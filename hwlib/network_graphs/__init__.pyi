from ._graphs import Graph, JoinedField, Node, Parallel, Path, Paths, series, to_dot
from ._layers import (
    Add,
    BatchNorm2d,
    CeilMaxPool2d,
    Concatenate,
    ConvTranspose2d,
    GlobalAvgPool2d,
    Pointwise,
    Upsample,
    ZeroPad2d,
)
from ._onnx import from_onnx
from ._published import PUBLISHED, published_network
from ._torch import from_torch

__all__ = [
    "Add",
    "BatchNorm2d",
    "CeilMaxPool2d",
    "Concatenate",
    "ConvTranspose2d",
    "GlobalAvgPool2d",
    "Graph",
    "JoinedField",
    "Node",
    "PUBLISHED",
    "Parallel",
    "Path",
    "Paths",
    "Pointwise",
    "Upsample",
    "ZeroPad2d",
    "from_onnx",
    "from_torch",
    "published_network",
    "series",
    "to_dot",
]
