"""What readers of networks have in common: they collect nodes, know shapes, and say what they can't map."""

from collections.abc import Callable, Sequence

from hwlib.convnets import Shape, _Layer
from hwlib.network_graphs._graphs import INPUT, Graph, Node
from hwlib.network_graphs._layers import Join

HOW_TO_GO_ON = "read what comes before it alone, or write the graph by hand with hwlib.network_graphs"


class UnmappedError(Exception):
    """What a node asks for that no layer does."""


def need(condition: bool, words: str) -> None:
    """Refuse what is not mapped."""
    if not condition:
        raise UnmappedError(words)


class Reading:
    """The nodes of a network that have been read so far, and the shapes of their outputs."""

    def __init__(self, input_shape: Shape) -> None:
        self.input_shape = input_shape
        self.shapes = {INPUT: input_shape}
        self.nodes: list[Node] = []

    def append(
        self, name: str, kind: str, inputs: Sequence[str], layers: Callable[[Shape], Sequence[_Layer]]
    ) -> str:
        """Append the layers that a node is, given the shape it reads, and return the last one's name."""
        try:
            need(bool(inputs), "it reads nothing that depends on the input")
            found = layers(self.shapes[inputs[0]])
            read = tuple(inputs)
            for place, layer in enumerate(found):
                last = place == len(found) - 1
                read = (self._append(Node(name if last else f"{name}.{place}", layer, read)),)
        except (UnmappedError, ValueError) as error:
            raise refusal(name, kind, str(error)) from None
        return read[0]

    def _append(self, node: Node) -> str:
        layer, read = node.layer, [self.shapes[one] for one in node.inputs]
        shape = layer._joined_shape(read) if isinstance(layer, Join) else layer._output_shape(read[0])
        self.shapes[node.name] = shape
        self.nodes.append(node)
        return node.name

    def leading_to(self, name: str) -> Graph:
        """Return the graph of the nodes that lead to one."""
        wanted, kept = {name}, []
        for node in reversed(self.nodes):
            if node.name in wanted:
                wanted.update(node.inputs)
                kept.append(node)
        return Graph(tuple(reversed(kept)), self.input_shape)


def refusal(name: str, kind: str, why: str) -> ValueError:
    """Return an error that names the node, its type and how to go on."""
    return ValueError(f"node {name!r} of type {kind}: {why}; {HOW_TO_GO_ON}")
