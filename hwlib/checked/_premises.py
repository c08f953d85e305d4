"""What is declared and assumed, with calls written out so that it can be evaluated."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hwlib.checked._assumptions import Assumed, Assumptions, all_names, free_names
from hwlib.checked._evaluation import Budget, Evaluator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hwlib.checked import _expressions as ex
    from hwlib.checked._declarations import Declarations
    from hwlib.checked._shapes import Shapes
    from hwlib.checked._sizes import Numbers
    from hwlib.checked._values import Arithmetic, Value


class Premises:
    """Declarations and assumptions, and on which symbols the assumptions depend.

    ``relations``, ``sizes``, ``equations`` and ``ranks`` are those of the assumptions, written out.
    """

    def __init__(self, declarations: Declarations, assumptions: Assumptions, shapes: Shapes, budget: Budget):
        self.declarations = declarations
        self.assumptions = assumptions
        self.shapes = shapes
        self.budget = budget
        self.relations = [self._written(assumed) for assumed in assumptions.relations]
        self.sizes = [self._written(assumed) for assumed in assumptions.sizes]
        self.equations = [self._written(assumed) for assumed in assumptions.equations]
        self._known_names: dict[int, set[str]] = {}  # by identity
        pairs = zip(assumptions.relations, self.relations, strict=True)
        self.ranks = {
            name: written.relation.right
            for assumed, written in pairs
            for name, rank in assumptions.ranks.items()
            if assumed.relation.right is rank
        }

    def assuming(self, equations: tuple[Assumed, ...]) -> Premises:
        """The same with only some of the equations assumed."""
        dropped = [equation for equation in self.assumptions.equations if equation not in equations]
        kept = tuple(relation for relation in self.assumptions.relations if relation not in dropped)
        assumptions = replace(self.assumptions, relations=kept, equations=equations)
        return Premises(self.declarations, assumptions, self.shapes, self.budget)

    def _written(self, assumed: Assumed) -> Assumed:
        return replace(assumed, relation=self.shapes.relation(assumed.relation, assumed.text))

    def needed_by(self, assumed: Assumed) -> set[str]:
        """The symbols that an assumption depends on, and those tied to them."""
        return self.needed([assumed.relation.left, assumed.relation.right])

    def needed(self, expressions: list[ex.Expression]) -> set[str]:
        """The symbols that expressions depend on, and those tied to them by assumptions."""
        names = set().union(*(free_names(part, self.declarations) for part in expressions), set())
        while True:
            more = set(names)
            for assumed in self.assumptions.relations:
                sides = self.names_of(assumed)
                if sides & names:
                    more |= sides
            for name in names & set(self.assumptions.ranks):
                more |= free_names(self.assumptions.ranks[name], self.declarations)
            if more == names:
                return names
            names = more

    def counted(self, assumed: Assumed, needed: set[str]) -> set[str]:
        """The dimensions that an assumption about needed symbols, or about none, mentions."""
        names = self.names_of(assumed)
        if names and not names & needed:
            return set()
        sides = (assumed.relation.left, assumed.relation.right)
        mentioned = set().union(*(all_names(side, self.declarations) for side in sides))
        return mentioned & set(self.declarations.dimensions)

    def names_of(self, assumed: Assumed) -> set[str]:
        """The symbols that an assumption depends on."""
        known = self._known_names.get(id(assumed))
        if known is None:
            sides = (assumed.relation.left, assumed.relation.right)
            known = set().union(*(free_names(side, self.declarations) for side in sides))
            self._known_names[id(assumed)] = known
        return known

    def evaluator(self, arithmetic: Arithmetic, numbers: Numbers, values: Mapping[str, Value]) -> Evaluator:
        """What evaluates assumptions at data."""
        return Evaluator(self.shapes, arithmetic, numbers, values, self.budget)

    def residual(
        self, written: Assumed, arithmetic: Arithmetic, numbers: Numbers, values: Mapping[str, Value]
    ) -> Any:
        """The left side of an assumption less the right one."""
        evaluator = self.evaluator(arithmetic, numbers, values)
        return arithmetic.subtract(
            evaluator.value(written.relation.left), evaluator.value(written.relation.right)
        )
