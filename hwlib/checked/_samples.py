"""All that it takes to try a relation: dimensions, data, and the plans by which data meet equations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hwlib.checked._data import Data
from hwlib.checked._dimensions import Dimensions
from hwlib.checked._plans import Plans

if TYPE_CHECKING:
    from hwlib.checked._assumptions import Assumed
    from hwlib.checked._premises import Premises


class Samples:
    """What makes data that meet the premises."""

    def __init__(self, premises: Premises):
        self.premises = premises
        self.dimensions = Dimensions(premises)
        self.data = Data(premises)
        self.plans = Plans(premises, self.dimensions, self.data)

    def assuming(self, equations: tuple[Assumed, ...]) -> Samples:
        """The same with only some of the equations assumed."""
        return Samples(self.premises.assuming(equations))
