"""Drawings with axes, as SVG in the colours of the page's theme: a frame that stays, and what moves in it."""

from collections.abc import Iterable
from html import escape
from math import log10
from typing import NamedTuple

WIDTH, HEIGHT = 320, 250  # on a phone a unit is about a pixel
LEFT, RIGHT, TOP, BOTTOM = 46, 10, 10, 42
FAR = 1e4  # times the length of an axis: what lies beyond is drawn there, out of sight
MOVING = '<g class="plot-moving"></g>'
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class Axis(NamedTuple):
    """What an axis shows, and the numbers written beside it; powers of ten if it is logarithmic."""

    label: str
    low: float
    high: float
    ticks: tuple[float, ...]
    is_logarithmic: bool = False

    def share(self, value: float) -> float:
        """How far along the axis a value lies, from 0 to 1."""
        if self.is_logarithmic:
            if value <= 0:
                return -FAR
            share = log10(value / self.low) / log10(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return min(max(share, -FAR), FAR)

    def written(self, tick: float) -> str:
        """A number beside the axis."""
        return power_of_ten(round(log10(tick))) if self.is_logarithmic else f"{tick:g}".replace("-", "−")


class Plot(NamedTuple):
    """A pair of axes, with what the drawing shows in words."""

    x: Axis
    y: Axis
    title: str

    def place(self, point: Iterable[float]) -> tuple[float, float]:
        """Where a point lies in the drawing."""
        x, y = point
        across, down = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
        return round(LEFT + across * self.x.share(x), 1), round(TOP + down * (1 - self.y.share(y)), 1)

    def frame(self, staying: str = "") -> str:
        """The axes, what stays between them, and an empty group for what moves."""
        inside = f"{LEFT} {TOP} {WIDTH - LEFT - RIGHT} {HEIGHT - TOP - BOTTOM}"
        corner = 'x="{}" y="{}" width="{}" height="{}"'.format(*inside.split())
        attributes = f'class="drawing plot" role="img" aria-label="{escape(self.title)}"'
        return (
            f'<svg {attributes} viewBox="0 0 {WIDTH} {HEIGHT}"><svg {corner} viewBox="{inside}">'
            f"{staying}{MOVING}</svg>{self.axes()}</svg>"
        )

    def axes(self) -> str:
        """The lines of the axes with their numbers and labels."""
        bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
        parts = [f'<path class="plot-axes" d="M{LEFT} {TOP}V{bottom}H{right}"/>']
        for tick in self.x.ticks:
            x, _ = self.place((tick, self.y.low))
            parts.append(f'<path class="plot-axes" d="M{x:g} {bottom}v4"/>')
            parts.append(text((x, bottom + 16), self.x.written(tick), "middle"))
        for tick in self.y.ticks:
            _, y = self.place((self.x.low, tick))
            parts.append(f'<path class="plot-axes" d="M{LEFT} {y:g}h-4"/>')
            parts.append(text((LEFT - 7, y + 4), self.y.written(tick), "end"))
        middle = (TOP + bottom) / 2
        parts.append(text(((LEFT + right) / 2, HEIGHT - 6), self.x.label, "middle"))
        turned = f'transform="rotate(-90 11 {middle:g})"'
        parts.append(text((11, middle), self.y.label, "middle", turned))
        return "".join(parts)

    def line(self, points: Iterable[Iterable[float]], name: str) -> str:
        """A line from point to point."""
        places = " ".join(f"{x:g},{y:g}" for x, y in map(self.place, points))
        return f'<polyline class="plot-line {name}" points="{places}"/>'

    def parabola(self, ends_and_middle: Iterable[Iterable[float]], name: str) -> str:
        """The parabola through three points, whose second lies halfway across, between the other two."""
        (left, first), (middle, second), (right, third) = map(self.place, ends_and_middle)
        bend = 2 * second - (first + third) / 2
        curve = f"M{left:g} {first:g}Q{middle:g} {bend:g} {right:g} {third:g}"
        return f'<path class="plot-line {name}" d="{curve}"/>'

    def dot(self, point: Iterable[float], name: str, radius: float = 3) -> str:
        """A dot at a point."""
        x, y = self.place(point)
        return f'<circle class="{name}" cx="{x:g}" cy="{y:g}" r="{radius:g}"/>'

    def dots(self, points: Iterable[Iterable[float]], name: str) -> str:
        """A small dot at each point."""
        places = "".join(f"M{x:g} {y:g}h0" for x, y in map(self.place, points))
        return f'<path class="plot-dots {name}" d="{places}"/>'

    def label(self, point: Iterable[float], words: str, name: str = "", anchor: str = "start") -> str:
        """Words in the drawing that begin, end or have their middle at a point."""
        return text(self.place(point), words, anchor, f'class="{name}"' if name else "")


def text(place: tuple[float, float], words: str, anchor: str, attributes: str = "") -> str:
    """Words at a place in the drawing."""
    x, y = place
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" {attributes}>{escape(words)}</text>'


def power_of_ten(exponent: int) -> str:
    """A power of ten in one line."""
    return f"10{str(exponent).translate(SUPERSCRIPTS)}"


def in_words(number: float) -> str:
    """A number with three digits."""
    shown = f"{number:.3g}"
    digits, _, exponent = shown.partition("e")
    power = f" · {power_of_ten(int(exponent))}" if exponent else ""
    return digits.replace("-", "−") + power
