"""Networks whose paths branch and join: what they cost, and what a position sees along each path.

A graph is a list of named layers, each with the names of those it reads. As in `hwlib.convnets`, everything
follows from the layers' options, and no array library is needed.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import count
from typing import Any, NamedTuple, TypeAlias

from hwlib._options import settle, whole_number
from hwlib.convnets import (
    Flatten,
    Linear,
    ReceptiveField,
    Row,
    Shape,
    Size,
    Stride,
    Summary,
    Unflatten,
    _joined,
    _Layer,
    _Network,
    _shape,
    _Sliding,
    _Window,
)
from hwlib.network_graphs._layers import (
    Add,
    Concatenate,
    GlobalAvgPool2d,
    Join,
    Spreading,
    ZeroPad2d,
)

Interval: TypeAlias = tuple[int, int]
INPUT = "input"


class Path(NamedTuple):
    """What the positions of a layer see along one axis on one way through the network.

    Parameters
    ----------
    windows : tuple of (int, int) or None
        The first and the last pixel that position 0 sees, then those of position 1, and so on until the
        positions begin to repeat. None where a position sees nothing.
    advance : int
        How many pixels further a position sees than the one that is as many positions before it as there are
        windows.

    Attributes
    ----------
    stride : Fraction
        Pixels from one position to the next, in the mean.

    See Also
    --------
    Paths : All ways together.

    Examples
    --------
    Two positions, repeated from one, see the same.

    >>> from hwlib.convnets import MaxPool2d, receptive_field
    >>> from hwlib.network_graphs import Upsample, series
    >>> receptive_field(series([MaxPool2d(2), Upsample(2)])).along_height.paths
    (Path(windows=((0, 1), (0, 1)), advance=2),)
    """

    windows: tuple[Interval | None, ...]
    advance: int

    @property
    def stride(self) -> Fraction:
        """Pixels from one position to the next, in the mean.

        Returns
        -------
        Fraction
            The advance, divided by the number of windows.
        """
        return Fraction(self.advance, len(self.windows))

    def window(self, position: int) -> Interval | None:
        """First and last pixel that a position sees.

        Parameters
        ----------
        position : int
            The position, counted from 0; in front of the image it is negative.

        Returns
        -------
        (int, int) or None
            The pixels, counted from 0; those in front of the image are negative. None if it sees nothing.
        """
        periods, phase = divmod(position, len(self.windows))
        found = self.windows[phase]
        return found and (found[0] + periods * self.advance, found[1] + periods * self.advance)


@dataclass(frozen=True, slots=True)
class Paths:
    """What the positions of a layer see along one axis, path by path.

    Parameters
    ----------
    paths : tuple of Path
        The different ones; ways through the network that see the same are one.

    Attributes
    ----------
    period : int
        After how many positions the windows repeat.
    stride : Fraction
        Pixels from one position to the next, in the mean.
    size : int
        Pixels from the first to the last that a position sees, of the positions the most.
    padding : int
        How far in front of the input's pixel 0 the position 0 begins to see; 0 if it sees nothing.
    aligned : bool
        Whether the windows of all paths have one centre, at every position.

    See Also
    --------
    JoinedField : Along the height and along the width.

    Examples
    --------
    >>> from hwlib.convnets import Conv2d, receptive_field
    >>> from hwlib.network_graphs import Add, Parallel, series
    >>> shifted = Parallel([[Conv2d(1, 4, stride=2, padding=1)], [Conv2d(1, 1, stride=2)]], Add())
    >>> paths = receptive_field(series([shifted])).along_height
    >>> paths.union(5), paths.centres(5), paths.aligned
    (((9, 12),), (10.0, 10.5), False)
    """

    paths: tuple[Path, ...]

    @property
    def period(self) -> int:
        """After how many positions the windows repeat.

        Returns
        -------
        int
            The least common multiple of the paths' numbers of windows.
        """
        return math.lcm(*(len(path.windows) for path in self.paths))

    @property
    def stride(self) -> Fraction:
        """Pixels from one position to the next, in the mean.

        Returns
        -------
        Fraction
            That of each path: paths of different strides do not join.
        """
        return self.paths[0].stride

    @property
    def size(self) -> int:
        """Pixels from the first to the last that a position sees.

        Returns
        -------
        int
            Of the positions the most.
        """
        return max(last - first + 1 for first, last in map(self._hull, range(self.period)))

    @property
    def padding(self) -> int:
        """How far in front of the input's pixel 0 the position 0 begins to see.

        Returns
        -------
        int
            Negative if it begins behind it; 0 if position 0 sees nothing.
        """
        return -self._hull(0)[0]

    @property
    def aligned(self) -> bool:
        """Whether the windows of all paths have one centre.

        Returns
        -------
        bool
            Whether they do at every position.
        """
        return all(len(self.centres(position)) < 2 for position in range(self.period))

    def centres(self, position: int) -> tuple[float, ...]:
        """Where the middles of the paths' windows lie.

        Parameters
        ----------
        position : int
            The position, counted from 0.

        Returns
        -------
        tuple of float
            The different ones in their order, in pixels.
        """
        return tuple(sorted({(first + last) / 2 for first, last in self._windows(position)}))

    def union(self, position: int) -> tuple[Interval, ...]:
        """From the first to the last pixel that a position sees on each path, united.

        Between them dilation, or a stride larger than the kernel, can leave pixels out.

        Parameters
        ----------
        position : int
            The position, counted from 0.

        Returns
        -------
        tuple of (int, int)
            First and last pixels of intervals that neither overlap nor touch, in their order.
        """
        joined: list[Interval] = []
        for first, last in sorted(self._windows(position)):
            if joined and first <= joined[-1][1] + 1:
                joined[-1] = joined[-1][0], max(last, joined[-1][1])
            else:
                joined.append((first, last))
        return tuple(joined)

    def _windows(self, position: int) -> list[Interval]:
        return [window for path in self.paths if (window := path.window(position))]

    def _hull(self, position: int) -> Interval:
        """Return the first and the last pixel; if nothing is seen, an empty interval at pixel 0."""
        return _hull(path.window(position) for path in self.paths) or (0, -1)


@dataclass(frozen=True, slots=True)
class JoinedField(ReceptiveField):
    """Which pixels of its input one output position of a graph sees, together and path by path.

    Parameters
    ----------
    size : int or (int, int)
        Height and width of the smallest rectangle that holds all of them: an int if they agree.
    stride : int, Fraction or (int, int)
        Distance between the receptive fields of neighbouring output positions, in the mean.
    padding : int or (int, int)
        How far the receptive field of output position 0 begins in front of the input's pixel 0; 0 if it is
        empty.
    along_height : Paths
        The paths along the height.
    along_width : Paths
        The paths along the width.

    Attributes
    ----------
    aligned : bool
        Whether the fields of all paths have one centre.

    See Also
    --------
    hwlib.convnets.receptive_field : Makes it.

    Examples
    --------
    >>> from hwlib.convnets import Conv2d, receptive_field
    >>> from hwlib.network_graphs import Add, Parallel, series
    >>> block = [Conv2d(8, 3, padding=1), Conv2d(8, 3, padding=1)]
    >>> field = receptive_field(series([Parallel([block, []], Add())]))
    >>> field.size, field.padding, field.aligned
    (5, 2, True)
    """

    along_height: Paths
    along_width: Paths

    @property
    def aligned(self) -> bool:
        """Whether the fields of all paths have one centre.

        Returns
        -------
        bool
            Whether they do along both axes.
        """
        return self.along_height.aligned and self.along_width.aligned


@dataclass(frozen=True, slots=True)
class Node:
    """A layer in a graph.

    Parameters
    ----------
    name : str
        Its name, which no other node has.
    layer : layer
        What it does.
    inputs : tuple of str
        The names of the nodes that it reads, or "input". Only joins read more than one.
    shared : tuple of (str, int), default ()
        The names of those of its weights that other nodes use too, each with how many numbers it holds.
        `summarize` counts them in the first node that has them, and not again.

    Raises
    ------
    TypeError
        If `name` is not a string, `layer` not a layer, `inputs` not a tuple or a list of strings, or `shared`
        not one of pairs of a string and an integer.
    ValueError
        If a number in `shared` is less than 0.

    See Also
    --------
    Graph : Nodes together.

    Examples
    --------
    >>> from hwlib.convnets import Conv2d
    >>> from hwlib.network_graphs import Node
    >>> Node("first", Conv2d(8, 3), ("input",))
    Node(name='first', layer=Conv2d(8, 3), inputs=('input',), shared=())
    """

    name: str
    layer: _Layer
    inputs: tuple[str, ...]
    shared: tuple[tuple[str, int], ...] = ()

    def __post_init__(self) -> None:
        settle(self, "name", _text)
        if not isinstance(self.layer, _Layer):
            raise TypeError(f"layer must be a layer, got {self.layer!r} of type {type(self.layer).__name__}")
        settle(self, "inputs", _tuple_of, kind=str, words="names")
        settle(self, "shared", _named_numbers)


@dataclass(frozen=True, slots=True)
class Graph(_Network):
    """A network as a list of named layers, for `summarize` and `receptive_field`.

    Parameters
    ----------
    nodes : tuple of Node
        Each behind those that it reads. The last one is the output, and all others lead to it.
    input_shape : (int, int, int), optional
        The only shape of input that the graph is right for, if there is one: (channels, height, width).

    Raises
    ------
    TypeError
        If `nodes` is not a tuple or a list of nodes, or `input_shape` not a tuple or a list of integers.
    ValueError
        If a name is given twice or is not known, if a layer reads too many nodes, if a node leads nowhere, or
        if `input_shape` has not three entries of at least 1. The message names the node.

    See Also
    --------
    series : Writes a graph as a list with branches.
    Parallel : Branches that join again.

    Notes
    -----
    Derived in :ref:`fields-of-joins`.

    Examples
    --------
    >>> from hwlib.convnets import Conv2d, summarize
    >>> from hwlib.network_graphs import Add, Graph, Node
    >>> graph = Graph((
    ...     Node("change", Conv2d(8, 3, padding=1, bias=False), ("input",)),
    ...     Node("sum", Add(), ("change", "input")),
    ... ))
    >>> summarize(graph, (8, 16, 16)).parameters
    576
    """

    nodes: tuple[Node, ...]
    input_shape: Shape | None = None

    def __post_init__(self) -> None:
        settle(self, "nodes", _tuple_of, kind=Node, words="nodes")
        if self.input_shape is not None:
            shape = _shape("input_shape", self.input_shape, lengths={3: "(channels, height, width)"})
            object.__setattr__(self, "input_shape", shape)
        known = {INPUT}
        for node in self.nodes:
            _check(node, known)
            known.add(node.name)
        read = {name for node in self.nodes for name in node.inputs}
        for node in self.nodes[:-1]:
            if node.name not in read:
                raise ValueError(f"node {node.name!r}, {node.layer!r}: no other node reads it; leave it out")

    def up_to(self, name: str) -> "Graph":
        """Part of the graph that makes the output of one of its nodes.

        Parameters
        ----------
        name : str
            The name of the node.

        Returns
        -------
        Graph
            The node, and all that lead to it.

        Raises
        ------
        ValueError
            If there is no node `name`.
        """
        if name not in {node.name for node in self.nodes}:
            raise ValueError(f"name must be that of a node, got {name!r}")
        return Graph(leading_to(self.nodes, name), self.input_shape)

    def _summary(self, input_shape: Shape) -> Summary:
        if self.input_shape not in (None, input_shape):
            raise ValueError(
                f"input_shape must be {self.input_shape}, for which the graph was made, got {input_shape}"
            )
        shapes = {INPUT: input_shape}
        views = {INPUT: _START}
        whole = _joined(input_shape[-2:])
        sizes = {_START: _size_and_stride(_START, whole)}  # many layers pass on what they see
        rows = [Row(INPUT, input_shape, 0, math.prod(input_shape), 0, *sizes[_START])]
        counted: set[str] = set()
        for node in self.nodes:
            layer, read = node.layer, [shapes[name] for name in node.inputs]
            with _Naming(node):
                shape = layer._joined_shape(read) if isinstance(layer, Join) else layer._output_shape(read[0])
                views[node.name] = _as_one(_seen(layer, [views[name] for name in node.inputs]))
            before = shape if isinstance(layer, Join) else read[0]
            with _Naming(node):
                parameters = _new_parameters(node, layer._parameters(before), counted)
            counts = parameters, layer._neurons(before), layer._multiply_adds(before)
            view = views[node.name]
            if view not in sizes:
                sizes[view] = _size_and_stride(view, whole)
            rows.append(Row(f"{node.name}: {layer!r}", shape, *counts, *sizes[view]))
            shapes[node.name] = shape
        return Summary(tuple(rows))

    def _receptive_field(self) -> JoinedField:
        views = {INPUT: _START}
        last = INPUT
        for node in self.nodes:
            if isinstance(node.layer, (Linear, Flatten, Unflatten, GlobalAvgPool2d)):
                raise ValueError(
                    f"node {node.name!r}, {node.layer!r}: what it sees depends on the size of the input; use "
                    f"summarize(graph, input_shape), or the graph up to the node before, "
                    f"graph.up_to({node.inputs[0]!r})"
                )
            with _Naming(node):
                views[node.name] = _seen(node.layer, [views[name] for name in node.inputs])
            last = node.name
        down, across = views[last] or (_ITSELF, _ITSELF)
        height = Paths(_sorted(down))
        width = height if across is down else Paths(_sorted(across))
        return JoinedField(
            _joined((height.size, width.size)),
            _one_or_both(height.stride, width.stride),
            _joined((height.padding, width.padding)),
            height,
            width,
        )


@dataclass(frozen=True, slots=True)
class Parallel:
    """Branches that read the same and join again, in a list of layers.

    Parameters
    ----------
    branches : sequence of sequences of layers
        Each is a list of layers, with further branches among them. An empty one passes on what it reads.
    join : Add or Concatenate
        How the branches join.

    Raises
    ------
    TypeError
        If `branches` is not a tuple or a list of such, or `join` not a join.

    See Also
    --------
    series : Makes a graph of it.

    Examples
    --------
    >>> from hwlib.convnets import Conv2d
    >>> from hwlib.network_graphs import Add, Parallel
    >>> Parallel([[Conv2d(8, 3, padding=1)], []], Add())
    Parallel(branches=([Conv2d(8, 3, padding=1)], []), join=Add())
    """

    branches: Sequence[Sequence["_Layer | Parallel"]]
    join: Add | Concatenate

    def __post_init__(self) -> None:
        settle(self, "branches", _tuple_of, kind=(tuple, list), words="lists of layers")
        if not isinstance(self.join, Join):
            raise TypeError(f"join must be Add() or Concatenate(), got {self.join!r}")


def series(layers: Sequence[_Layer | Parallel]) -> Graph:
    """Make a graph of layers and branches in their order.

    Parameters
    ----------
    layers : sequence of layers
        The layers, with `Parallel` where paths branch.

    Returns
    -------
    Graph
        Its nodes have the names of their layers with a number, such as "conv2d_1".

    Raises
    ------
    TypeError
        If `layers` is not a list or a tuple, or has something else in it.

    See Also
    --------
    Graph : Takes any graph.

    Notes
    -----
    Derived in :ref:`fields-of-joins`.

    Examples
    --------
    >>> from hwlib.convnets import Conv2d
    >>> from hwlib.network_graphs import Add, Parallel, series
    >>> graph = series([Conv2d(8, 7, stride=2), Parallel([[Conv2d(8, 3, padding=1)], []], Add())])
    >>> [(node.name, node.inputs) for node in graph.nodes]
    [('conv2d_1', ('input',)), ('conv2d_2', ('conv2d_1',)), ('add_3', ('conv2d_2', 'conv2d_1'))]
    """
    nodes: list[Node] = []
    numbers = count(1)

    def append(layer: _Layer, inputs: tuple[str, ...]) -> str:
        nodes.append(Node(f"{type(layer).__name__.lower()}_{next(numbers)}", layer, inputs))
        return nodes[-1].name

    def walk(layers: Sequence[_Layer | Parallel], start: str) -> str:
        if not isinstance(layers, (tuple, list)):
            raise TypeError(f"layers must be a list, got {layers!r} of type {type(layers).__name__}")
        for layer in layers:
            if isinstance(layer, Parallel):
                ends = tuple(walk(branch, start) for branch in layer.branches)
                start = append(layer.join, ends)
            elif isinstance(layer, _Layer):
                start = append(layer, (start,))
            else:
                raise TypeError(f"layers must hold layers, got {layer!r} of type {type(layer).__name__}")
        return start

    walk(layers, INPUT)
    return Graph(tuple(nodes))


def to_dot(graph: Graph) -> str:
    r"""Write a graph in the language of Graphviz.

    Parameters
    ----------
    graph : Graph
        The graph.

    Returns
    -------
    str
        What Graphviz's `dot` draws, from the input at the top.

    Raises
    ------
    TypeError
        If `graph` is not a graph.

    See Also
    --------
    series : Makes a graph.

    Notes
    -----
    Derived in :ref:`fields-of-joins`.

    Examples
    --------
    >>> from hwlib.convnets import Conv2d
    >>> from hwlib.network_graphs import series, to_dot
    >>> print(to_dot(series([Conv2d(8, 3)])))
    digraph {
      "input"
      "conv2d_1" [label="conv2d_1\nConv2d(8, 3)"]
      "input" -> "conv2d_1"
    }
    """
    if not isinstance(graph, Graph):
        raise TypeError(f"graph must be a Graph, got {graph!r} of type {type(graph).__name__}")
    lines = [_quoted(INPUT)]
    for node in graph.nodes:
        lines.append(f"{_quoted(node.name)} [label={_quoted(node.name, repr(node.layer))}]")
        lines.extend(f"{_quoted(name)} -> {_quoted(node.name)}" for name in node.inputs)
    return "\n".join(["digraph {", *(f"  {line}" for line in lines), "}"])


def _quoted(*lines: str) -> str:
    """Return a string of the language of Graphviz."""
    escaped = (line.replace("\\", "\\\\").replace('"', '\\"') for line in lines)
    return '"' + "\\n".join(escaped) + '"'


def _text(name: str, value: Any) -> str:
    """Return `value` if it is a string."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a string, got {value!r} of type {type(value).__name__}")
    return value


def _tuple_of(name: str, value: Any, *, kind: Any, words: str) -> tuple[Any, ...]:
    """Return `value` as a tuple, if it is a tuple or a list of such."""
    if not isinstance(value, (tuple, list)) or not all(isinstance(one, kind) for one in value):
        raise TypeError(f"{name} must be a tuple of {words}, got {value!r}")
    return tuple(value)


def _named_numbers(name: str, value: Any) -> tuple[tuple[str, int], ...]:
    """Return `value` as a tuple, if it holds pairs of a string and an integer of at least 0."""
    pairs = _tuple_of(name, value, kind=(tuple, list), words="pairs of a name and a number")
    if not all(len(pair) == 2 for pair in pairs):
        raise TypeError(f"{name} must be a tuple of pairs of a name and a number, got {value!r}")
    return tuple((_text(name, weight), whole_number(name, size, minimum=0)) for weight, size in pairs)


def leading_to(nodes: Sequence[Node], name: str) -> tuple[Node, ...]:
    """Return the node of a name and all that lead to it; none for the name of the input."""
    wanted, kept = {name}, []
    for node in reversed(nodes):
        if node.name in wanted:
            wanted.update(node.inputs)
            kept.append(node)
    return tuple(reversed(kept))


def _new_parameters(node: Node, parameters: int, counted: set[str]) -> int:
    """Return how many of a node's parameters are in no node before it, and note what it shares."""
    held = sum(size for _, size in node.shared)
    if held > parameters:
        raise ValueError(f"it has {parameters:,} parameters, and cannot share {held:,}")
    for weight, size in node.shared:
        parameters -= size * (weight in counted)
        counted.add(weight)
    return parameters


def _check(node: Node, known: set[str]) -> None:
    """Refuse a node that does not go with those before it."""
    if node.name in known:
        raise ValueError(f"node {node.name!r}: the name is given twice, or is that of the input")
    for name in node.inputs:
        if name not in known:
            raise ValueError(f"node {node.name!r}, {node.layer!r}: it reads {name!r}, which is not before it")
    joins = isinstance(node.layer, Join)
    if not node.inputs or (len(node.inputs) > 1 and not joins):
        wanted = "at least one node" if joins else "one node"
        raise ValueError(f"node {node.name!r}, {node.layer!r}: it must read {wanted}, got {node.inputs}")


class _Naming:
    """Puts the name of a node before an error."""

    def __init__(self, node: Node) -> None:
        self.node = node

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, ValueError):
            raise ValueError(f"node {self.node.name!r}, {self.node.layer!r}: {error}") from None


_OnAxis: TypeAlias = frozenset[Path]
_Seen: TypeAlias = tuple[_OnAxis, _OnAxis] | None  # None: everything
_ITSELF: _OnAxis = frozenset({Path(((0, 0),), 1)})
_START: _Seen = (_ITSELF, _ITSELF)
_ONE_PLACE = _Window(1, 1, 0, 1)


def _seen(layer: _Layer, views: Sequence[_Seen]) -> _Seen:
    """Return what a layer's positions see of the network's input, given what its inputs' positions see."""
    if isinstance(layer, (Linear, GlobalAvgPool2d)) or None in views:
        return None
    known = [view for view in views if view]
    if isinstance(layer, Join):
        return _on_both(_united, [view[0] for view in known], [view[1] for view in known])
    if isinstance(layer, Unflatten):
        raise ValueError("it tears neighbours apart unless a Linear layer is before it")
    down, across = known[0]
    if isinstance(layer, ZeroPad2d):
        return _on_both(_moved, (down, layer.top), (across, layer.left))
    if isinstance(layer, (_Sliding, Spreading)):
        step = _gathered if isinstance(layer, _Sliding) else _spread
        along_height, along_width = layer._windows()
        return _on_both(step, (down, along_height), (across, along_width))
    return down, across


def _on_both(step: Callable[[Any], _OnAxis], down: Any, across: Any) -> tuple[_OnAxis, _OnAxis]:
    """Return what a step makes along both axes; square windows make the same."""
    made = step(down)
    return made, made if across == down else step(across)


def _united(several: Iterable[_OnAxis]) -> _OnAxis:
    """Return the paths of all, if their positions lie equally far apart."""
    paths = frozenset().union(*several)
    ratios = {(path.advance, len(path.windows)) for path in paths}  # few, and sooner made than fractions
    strides = sorted({Fraction(*ratio) for ratio in ratios})
    if len(strides) > 1:
        apart = " and ".join(map(str, strides))
        raise ValueError(
            f"positions of its inputs lie {apart} pixels apart, so no position sees them together"
        )
    return paths


def _as_one(view: _Seen) -> _Seen:
    """Return what positions see from the first to the last pixel, as if it were along one path."""
    return view and _on_both(_hull_of_paths, *view)


def _hull_of_paths(paths: _OnAxis) -> _OnAxis:
    if len(paths) == 1:
        return paths
    all_paths = Paths(tuple(paths))
    period = all_paths.period
    windows = tuple(_hull(path.window(i) for path in paths) for i in range(period))
    return frozenset({Path(windows, int(all_paths.stride * period))})


def _gathered(read: tuple[_OnAxis, _Window]) -> _OnAxis:
    """Return what positions see that read a window of positions."""
    paths, window = read
    if window == _ONE_PLACE:
        return paths
    return frozenset(_gathered_along(path, window) for path in paths)


def _gathered_along(path: Path, window: _Window) -> Path:
    period = len(path.windows)
    if period == 1 and path.windows[0]:
        first, last = path.windows[0]
        begin = -window.padding * path.advance
        end = begin + (window.reach - 1) * path.advance
        return Path(((first + begin, last + end),), path.advance * window.stride)
    common = math.gcd(period, window.stride)
    starts = (position * window.stride - window.padding for position in range(period // common))
    windows = (_hull(path.window(start + tap) for tap in _taps(window)) for start in starts)
    return Path(tuple(windows), path.advance * window.stride // common)


def _spread(written: tuple[_OnAxis, _Window]) -> _OnAxis:
    """Return what positions see that are written by windows of positions."""
    paths, window = written

    def writers(position: int) -> Iterator[int]:
        """Yield the positions whose window covers this one."""
        for tap in _taps(window):
            place, left = divmod(position + window.padding - tap, window.stride)
            if left == 0:
                yield place

    def along(path: Path) -> Path:
        period = len(path.windows) * window.stride
        windows = (_hull(map(path.window, writers(position))) for position in range(period))
        return Path(tuple(windows), path.advance)

    return frozenset(map(along, paths))


def _moved(begun: tuple[_OnAxis, int]) -> _OnAxis:
    """Return what positions see that begin some places earlier."""
    paths, places = begun
    return frozenset(
        Path(tuple(path.window(phase - places) for phase in range(len(path.windows))), path.advance)
        for path in paths
    )


def _taps(window: _Window) -> range:
    return range(0, window.reach, window.dilation)


def _hull(windows: Iterable[Interval | None]) -> Interval | None:
    """Return the smallest interval that holds them all; None if there are none."""
    found = [window for window in windows if window]
    return (min(first for first, _ in found), max(last for _, last in found)) if found else None


def _sorted(paths: _OnAxis) -> tuple[Path, ...]:
    """Return paths in an order that does not depend on the run: the widest first."""
    return tuple(sorted(paths, key=lambda path: (-Paths((path,)).size, str(path))))


def _size_and_stride(view: _Seen, whole: Size) -> tuple[Size, Stride]:
    """Return the size and the stride for a row of the summary."""
    if view is None:
        return whole, 0
    height = Paths(tuple(view[0]))
    width = height if view[0] is view[1] else Paths(tuple(view[1]))
    return _joined((height.size, width.size)), _one_or_both(height.stride, width.stride)


def _one_or_both(height: Fraction, width: Fraction) -> Stride:
    """Return strides, whole numbers as integers."""
    down, across = (int(one) if one.denominator == 1 else one for one in (height, width))
    return down if down == across else (down, across)
