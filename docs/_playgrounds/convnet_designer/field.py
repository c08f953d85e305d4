"""Which pixels a neuron sees, cell by cell.

`hwlib.convnets.receptive_field` says where the field begins and ends. In between, dilation can leave pixels
out, and padding sees none; so each window on the way down is followed here, place by place.
"""

from dataclasses import dataclass

from hwlib.convnets import Flatten, Linear, ReceptiveField, Row, Unflatten, receptive_field

from .window import axes_of, pair

LARGEST = 4096  # pixels along an axis; a longer field is not drawn

BEHIND_LINEAR = "Behind a fully connected layer each neuron counts as seeing the whole image"


@dataclass(frozen=True)
class Frame:
    """Where hwlib says a neuron's field begins, and how long it is, along one axis."""

    first: int
    size: int
    stride: int


@dataclass(frozen=True)
class Field:
    """What one neuron sees: the pixels of the image, the frame around them, and a sentence."""

    words: str
    image: tuple[int, int] = (0, 0)
    seen: tuple[list[int], list[int]] = ((), ())
    frames: tuple[Frame, ...] = ()
    bounds: tuple[tuple[int, int], ...] = ()
    place: tuple[int, int] | None = None
    places: tuple[int, int] | None = None

    @property
    def is_drawn(self) -> bool:
        """Whether there are pixels to draw."""
        return bool(self.image[0])


def field_of(layers, rows: tuple[Row, ...], place, pixel) -> Field:
    """Return what a neuron of the last layer sees: the one at a place, or that nearest to a pixel."""
    shape = rows[0].output_shape
    if len(shape) != 3:
        return Field("The input is a vector: there are no pixels to draw.")
    image = shape[1:]
    if any(isinstance(layer, Linear) for layer in layers):
        whole = tuple(list(range(length)) for length in image)
        if max(image) > LARGEST:
            return Field(f"{BEHIND_LINEAR}.")
        frames = tuple(Frame(0, length, 0) for length in image)
        words = f"{BEHIND_LINEAR}, all {counted(whole)} pixels."
        return Field(words, image, whole, frames, tuple((0, length) for length in image))
    windows = [layer for layer in layers if not isinstance(layer, Flatten)]
    if any(isinstance(layer, Unflatten) for layer in windows):
        return Field("Unflatten has torn neighbours apart: what a neuron sees is no rectangle.")
    reached = receptive_field(windows)
    if max(pair(reached.size)) > LARGEST or max(image) > LARGEST:
        return Field(
            f"The field has {' × '.join(f'{n:,}' for n in pair(reached.size))} pixels: too many to draw."
        )
    # behind Flatten the neurons are those of the image before it
    images = [row.output_shape[1:] for row in rows if len(row.output_shape) == 3]
    places = images[-1]
    return seen_by(windows, images, reached, chosen(reached, places, place, pixel), places)


def seen_by(windows, images, reached: ReceptiveField, place, places) -> Field:
    """Return what the neuron at a place sees."""
    frames = frames_of(reached, place)
    seen = tuple(pixels(windows, images, place, axis) for axis in (0, 1))
    corners = [frames_of(reached, corner) for corner in ((0, 0), tuple(n - 1 for n in places))]
    bounds = tuple(
        (min(0, first.first), max(length, last.first + last.size))
        for length, first, last in zip(images[0], *corners, strict=True)
    )
    return Field(sentence(frames, seen, place, images[0]), images[0], seen, frames, bounds, place, places)


def frames_of(reached: ReceptiveField, place) -> tuple[Frame, ...]:
    """The frame of the neuron at a place, by hwlib's receptive field."""
    sizes = map(pair, (reached.size, reached.stride, reached.padding))
    return tuple(
        Frame(i * stride - padding, size, stride)
        for i, size, stride, padding in zip(place, *sizes, strict=True)
    )


def pixels(windows, images, place, axis: int) -> list[int]:
    """The pixels along an axis that lead to the neuron at a place; zeros of the padding lead nowhere."""
    places = {place[axis]}
    for layer, shape in zip(reversed(windows), reversed(images[: len(windows)]), strict=True):
        window = axes_of(layer)[axis]
        places = {
            position
            for i in places
            for k in range(window.kernel)
            if 0 <= (position := i * window.stride - window.padding + k * window.dilation) < shape[axis]
        }
    return sorted(places)


def chosen(reached: ReceptiveField, places, place, pixel) -> tuple[int, int]:
    """The place that was asked for, else the one whose field has a pixel in its middle, else the middle."""
    if pixel is not None:
        at_origin = frames_of(reached, (0, 0))
        place = [
            round((p - frame.first - (frame.size - 1) / 2) / frame.stride)
            for p, frame in zip(pixel, at_origin, strict=True)
        ]
    if place is None:
        place = [count // 2 for count in places]
    return tuple(min(max(i, 0), count - 1) for i, count in zip(place, places, strict=True))


def sentence(frames, seen, place, image) -> str:
    """What is drawn, in words."""
    size = " × ".join(f"{frame.size:,}" for frame in frames)
    row, column = place
    words = f"The neuron at row {row:,}, column {column:,} has a receptive field of {size} pixels"
    inside = (
        [max(0, f.first) for f in frames],
        [min(length, f.first + f.size) - 1 for f, length in zip(frames, image, strict=True)],
    )
    (top, left), (bottom, right) = inside
    if top > bottom or left > right or not all(seen):
        return f"{words}. It lies in the padding: the neuron sees no pixel."
    reaches_out = any(
        f.first < 0 or f.first + f.size > length for f, length in zip(frames, image, strict=True)
    )
    where = f"rows {top:,} to {bottom:,}, columns {left:,} to {right:,}"
    words += f", {where} of the image" + (". It reaches into the padding" if reaches_out else "")
    return f"{words}. The neuron depends on {counted(seen)} pixels of it."


def counted(seen) -> str:
    """How many pixels rows and columns make."""
    rows, columns = map(len, seen)
    return f"{rows:,} · {columns:,} = {rows * columns:,}"
