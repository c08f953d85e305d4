"""The arithmetic behind a layer's figures: the chapter's formulas with its numbers, equal to hwlib's figures.

Each line reads "what · with · what = figure", the figure being hwlib's. The tests work the left sides out.
"""

from itertools import pairwise

from hwlib.convnets import Conv2d, Flatten, Linear, Row, Summary, Unflatten

from .window import axes_of, pair

AXES = ("height", "width")


def written_out(layer, before: Row, after: Row) -> list[dict[str, str]]:
    """The arithmetic of each figure of a layer, given its row of hwlib's table and the row before it."""
    lines = [*shape_lines(layer, before, after)]
    weighed = weights_of_a_neuron(layer, before)
    lines.append(line("parameters", parameters(layer, weighed), after.parameters))
    lines.append(line("neurons", neurons(layer, after), after.neurons))
    lines.append(
        line("multiply-adds", f"{after.neurons:,} · {weighed}" if weighed else "", after.multiply_adds)
    )
    return [*lines, *field_lines(layer, before, after)]


def sums(summary: Summary) -> list[dict[str, str]]:
    """The arithmetic of the totals."""
    counts = ("parameters", "neurons", "multiply_adds")
    return [
        line(
            count.replace("_", "-"),
            " + ".join(f"{getattr(row, count):,}" for row in summary.rows),
            getattr(summary, count),
        )
        for count in counts
    ]


def line(figure: str, left: str, value: int) -> dict[str, str]:
    """One figure with what it is the result of; without that it is a matter of definition."""
    return {"figure": figure, "arithmetic": f"{left} = {value:,}" if left else f"{value:,}"}


def shape_lines(layer, before, after):
    """The lengths of the output's axes."""
    if isinstance(layer, Flatten):
        yield line("values", " · ".join(f"{length:,}" for length in before.output_shape), *after.output_shape)
    if isinstance(layer, Flatten | Unflatten | Linear):
        return
    lengths = [
        line(
            name,
            f"⌊({n:,} + 2 · {axis.padding:,} − {axis.dilation:,} · ({axis.kernel:,} − 1) − 1)"
            f" / {axis.stride:,}⌋ + 1",
            result,
        )
        for name, axis, n, result in zip(
            AXES, axes_of(layer), before.output_shape[1:], after.output_shape[1:], strict=True
        )
    ]
    yield from joined(lengths)


def weights_of_a_neuron(layer, before):
    """How many values one neuron weighs, written out; nothing if it weighs none."""
    if isinstance(layer, Conv2d):
        height, width = pair(layer.kernel_size)
        return f"({before.output_shape[0]:,} / {layer.groups:,} · {height:,} · {width:,})"
    return f"{before.output_shape[0]:,}" if isinstance(layer, Linear) else ""


def parameters(layer, weighed):
    """The weights of all channels, or of all neurons, with a bias each."""
    if not weighed:
        return ""
    count = layer.out_channels if isinstance(layer, Conv2d) else layer.out_features
    return f"{count:,} · ({weighed.strip('()')} + 1)" if layer.bias else f"{count:,} · {weighed}"


def neurons(layer, after):
    """The values that a layer makes."""
    moves = isinstance(layer, Flatten | Unflatten)
    return "" if moves or len(after.output_shape) == 1 else " · ".join(f"{n:,}" for n in after.output_shape)


def field_lines(layer, before, after):
    """The recursion of the receptive field; a vector's neurons see all, or what they saw before."""
    if isinstance(layer, Flatten | Unflatten | Linear) or None in {before.receptive_field, before.stride}:
        return
    sizes, strides = [], []
    for name, axis, size, stride, now, next_stride in zip(
        AXES,
        axes_of(layer),
        *map(pair, (before.receptive_field, before.stride, after.receptive_field, after.stride)),
        strict=True,
    ):
        left = f"{size:,} + {axis.dilation:,} · ({axis.kernel:,} − 1) · {stride:,}"
        sizes.append(line(f"receptive field's {name}", left, now))
        strides.append(line(f"stride of its {name}", f"{stride:,} · {axis.stride:,}", next_stride))
    yield from joined(sizes)
    yield from joined(strides)


def joined(lines):
    """One line for both axes if they are alike."""
    if all(one["arithmetic"] == other["arithmetic"] for one, other in pairwise(lines)):
        both = lines[0]["figure"].replace("height", "height and width")
        return [{"figure": both, "arithmetic": lines[0]["arithmetic"]}]
    return lines
