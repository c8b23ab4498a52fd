"""What a claim comes to: a number, its unit, what it is meant to reach, and whether it does."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

_REACHES = {"at most": operator.le, "at least": operator.ge}


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure is meant to reach."""

    way: Literal["at most", "at least"]
    value: float

    def __str__(self) -> str:
        return f"{self.way} {self.value:g}"


@dataclass(frozen=True, slots=True)
class Figure:
    """The median over some pairs, with the least and the greatest.

    A figure without a goal is there to be read beside another.
    """

    name: str
    figure: float
    unit: str
    goal: Goal | None
    pairs: int
    spread: tuple[float, float]

    @property
    def holds(self) -> bool | None:
        """Whether the goal is reached; None where there is none."""
        return None if self.goal is None else _REACHES[self.goal.way](self.figure, self.goal.value)

    def told(self) -> dict[str, object]:
        """Return it as one object of the JSON list."""
        return {
            "name": self.name,
            "figure": self.figure,
            "unit": self.unit,
            "goal": None if self.goal is None else str(self.goal),
            "holds": self.holds,
            "pairs": self.pairs,
            "spread": list(self.spread),
        }


def figure(name: str, values: Sequence[float], unit: str, goal: Goal | None = None) -> Figure:
    """Return the figure of what each pair gave."""
    return Figure(name, median(values), unit, goal, len(values), (min(values), max(values)))


def ratio(name: str, over: Sequence[float], under: Sequence[float], goal: Goal | None) -> Figure:
    """Return the figure of one time over another, pair by pair."""
    quotients = [above / below for above, below in zip(over, under, strict=True)]
    return figure(name, quotients, "ratio", goal)
