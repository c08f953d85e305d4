"""What readers of networks have in common: they collect nodes, know shapes, and say what they can't map."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

from hwlib.convnets import Shape, _Layer
from hwlib.network_graphs._graphs import INPUT, Graph, Node, leading_to
from hwlib.network_graphs._layers import Join

HOW_TO_GO_ON = "read what comes before it alone, or write the graph by hand with hwlib.network_graphs"


Weights: TypeAlias = Sequence[tuple[str, int]]  # the name of each, and how many numbers it holds


class UnmappedError(Exception):
    """What a node asks for that no layer does."""


def need(condition: bool, words: str) -> None:
    """Refuse what is not mapped."""
    if not condition:
        raise UnmappedError(words)


def need_channels(channels: int, shape: Shape) -> None:
    """Refuse weights for another number of channels than the input has."""
    need(channels == shape[0], f"its weights are for {channels} channels, got an input of {shape}")


def need_values(values: int, shape: Shape) -> None:
    """Refuse weights for another number of values than the input has, if that is a vector."""
    fit = len(shape) > 1 or values == shape[0]
    need(fit, f"its weights are for {values} values, got an input of {shape}")


class Reading:
    """The nodes of a network that have been read so far, and the shapes of their outputs."""

    def __init__(self, input_shape: Shape) -> None:
        self.input_shape = input_shape
        self.shapes = {INPUT: input_shape}
        self.nodes: list[Node] = []

    def append(
        self,
        name: str,
        kind: str,
        inputs: Sequence[str],
        layers: Callable[[Shape], Sequence[_Layer]],
        weights: Weights = (),
    ) -> str:
        """Append the layers that a node is, given the shape it reads, and return the last one's name."""
        try:
            need(bool(inputs), "it reads nothing that depends on the input")
            found = layers(self.shapes[inputs[0]])
            read = tuple(inputs)
            joins = isinstance(found[0], Join)
            need(joins or len(read) == 1, f"it reads {list(read)}, and only one of them is mapped")
            for place, layer in enumerate(found[:-1]):
                read = (self._append(Node(f"{name}.{place}", layer, read)),)
            return self._append(Node(name, found[-1], read, tuple(weights)))
        except (UnmappedError, ValueError) as error:
            raise refusal(name, kind, str(error)) from None

    def _append(self, node: Node) -> str:
        layer, read = node.layer, [self.shapes[one] for one in node.inputs]
        shape = layer._joined_shape(read) if isinstance(layer, Join) else layer._output_shape(read[0])
        self.shapes[node.name] = shape
        self.nodes.append(node)
        return node.name

    def graph_up_to(self, name: str) -> Graph:
        """Return the graph of the nodes that lead to one, and let them share the weights used twice."""
        kept = leading_to(self.nodes, name)
        uses = Counter(weight for node in kept for weight, _ in node.shared)
        nodes = [replace(one, shared=tuple(pair for pair in one.shared if uses[pair[0]] > 1)) for one in kept]
        return Graph(tuple(nodes), self.input_shape)


def refusal(name: str, kind: str, why: str) -> ValueError:
    """Return an error that names the node, its type and how to go on."""
    return ValueError(f"node {name!r} of type {kind}: {why}; {HOW_TO_GO_ON}")
