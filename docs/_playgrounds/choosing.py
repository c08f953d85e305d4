"""Playgrounds whose reader chooses among settings: hwlib answers for each when the book is built.

PyPI has no NumPy for Pyodide, so what needs it cannot be computed in the page.
"""

import json
from collections.abc import Callable
from html import escape
from itertools import product
from typing import NamedTuple

from plot import MOVING


class Choice(NamedTuple):
    """One value of a control: as the address has it, as the reader sees it, and where pointing chooses it."""

    written: str
    label: str
    place: tuple[float | None, float | None] | None = None  # in the units of the drawing


class Control(NamedTuple):
    """What the reader can set: a slider, or a list to choose from."""

    name: str
    label: str
    kind: str  # "slider" or "list"
    choices: tuple[Choice, ...]
    drawing: int | None = None  # which one is pointed at to choose


class Preset(NamedTuple):
    """A setting by its name."""

    title: str
    setting: tuple[str, ...]


class Answer(NamedTuple):
    """What a setting gives: in words, and what moves in each drawing."""

    words: str
    drawings: tuple[str, ...]


class Bench(NamedTuple):
    """A playground: its controls, its drawings without what moves, and what hwlib answers to a setting."""

    controls: tuple[Control, ...]
    presets: tuple[Preset, ...]
    frames: tuple[str, ...]
    answer: Callable[..., Answer]

    def settings(self) -> list[tuple[str, ...]]:
        """Every setting of the controls, as written."""
        return list(product(*([choice.written for choice in control.choices] for control in self.controls)))

    def computed(self) -> str:
        """Say in JSON what there is to choose, and every answer."""
        controls = [
            control._asdict() | {"choices": [choice._asdict() for choice in control.choices]}
            for control in self.controls
        ]
        answers = {";".join(setting): self.answer(*setting)._asdict() for setting in self.settings()}
        presets = [preset._asdict() for preset in self.presets]
        catalogue = {"controls": controls, "presets": presets, "frames": self.frames}
        return json.dumps({"catalogue": catalogue, "answers": answers}, ensure_ascii=False)

    def still(self, begin: str) -> str:
        """Return the drawings and the words of a setting in HTML."""
        answer = self.answer(*begin.split(";"))
        drawings = "".join(
            f"<div>{frame.replace(MOVING, MOVING.replace('><', f'>{moving}<'))}</div>"
            for frame, moving in zip(self.frames, answer.drawings, strict=True)
        )
        return (
            f'<div class="playground-still"><div class="chooser-drawings">{drawings}</div>'
            f"<p>{escape(answer.words)}</p></div>"
        )
