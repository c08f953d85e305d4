"""The receptive field drawn on the image, cell by cell, as SVG in the colours of the page's theme.

One unit is one pixel of the image. The build draws the still figure with it, the page the live one.
"""

from html import escape

from .field import Field

MOST_LINES = 64  # a finer grid would be grey


def drawn(field: Field) -> str:
    """A field as an element of the page."""
    (top, bottom), (left, right) = field.bounds
    height, width = field.image
    margin = max(bottom - top, right - left) / 50
    view = left - margin, top - margin, right - left + 2 * margin, bottom - top + 2 * margin
    parts = [
        f'<rect class="field-image" width="{width}" height="{height}"/>',
        f'<path class="field-seen" d="{cells(field)}"/>',
        f'<path class="field-grid" d="{grid(height, width)}"/>',
        neighbour(field),
        frame(field, "field-frame", 0),
    ]
    view_box = " ".join(f"{number:g}" for number in view)
    attributes = f'class="drawing receptive-field" role="img" aria-label="{escape(field.words)}"'
    return f'<svg {attributes} viewBox="{view_box}">{"".join(parts)}</svg>'


def cells(field: Field) -> str:
    """The pixels that are seen: a rectangle for each run of rows and each run of columns."""
    return "".join(
        f"M{left} {top}h{width}v{height}h-{width}z"
        for top, height in runs(field.seen[0])
        for left, width in runs(field.seen[1])
    )


def runs(numbers):
    """Neighbouring numbers as pairs of the first of them and how many they are."""
    found = []
    for number in numbers:
        if found and sum(found[-1]) == number:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((number, 1))
    return found


def grid(height: int, width: int) -> str:
    """Lines between the pixels, or between blocks of them where there are many."""
    step = spacing(height, width)
    rows = "".join(f"M0 {y}h{width}" for y in range(step, height, step))
    return rows + "".join(f"M{x} 0v{height}" for x in range(step, width, step))


def spacing(height: int, width: int) -> int:
    """How many pixels lie between two lines."""
    step = 1
    while max(height, width) / step > MOST_LINES:
        step *= 2
    return step


def legend(field: Field) -> str:
    """What the lines of a drawing mean."""
    words = []
    if has_neighbour(field):
        words.append(f"Dashed: the field of the next neuron, {field.frames[1].stride:,} further on.")
    if (step := spacing(*field.image)) > 1:
        words.append(f"The grid has a line every {step} pixels.")
    return " ".join(words)


def has_neighbour(field: Field) -> bool:
    """Whether there is a neuron on the right."""
    return field.place is not None and field.place[1] + 1 < field.places[1]


def neighbour(field: Field) -> str:
    """The frame of the next neuron on the right, a stride further on, if there is one."""
    return frame(field, "field-neighbour", field.frames[1].stride) if has_neighbour(field) else ""


def frame(field: Field, name: str, right: int) -> str:
    """The frame that hwlib gives, moved to the right."""
    down, across = field.frames
    place = f'x="{across.first + right}" y="{down.first}" width="{across.size}" height="{down.size}"'
    return f'<rect class="{name}" {place}/>'
