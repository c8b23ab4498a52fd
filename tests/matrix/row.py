"""What every row of the matrix is given, and what it answers.

A row is a module `rowNN` with a `TITLE`, the fewest trials it may have (`LEAST`, or
`least(volume)` where the volume decides) and `trials(volume) -> Outcome`.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests import matrix


@dataclass(frozen=True, slots=True)
class Volume:
    """How much to do (`nightly`: all that is stated), where, and the seed of what is drawn.

    `part` is less than all for a first look: a row then does about that share of its trials.
    """

    nightly: bool
    folder: Path
    seed: int
    part: float = 1.0

    def of(self, whole: int) -> int:
        """Return the share of a number of trials that is wanted, at least one."""
        return max(1, round(whole * self.part))


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many trials were made and how many passed; what was measured, in a line, with units."""

    trials: int
    passed: int
    figure: str


class NotRunError(Exception):
    """A row needs what this machine, or this account on it, does not give."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the matrix."""

    number: int
    title: str
    least: Callable[[Volume], int]
    trials: Callable[[Volume], Outcome]


def rows() -> dict[int, Row]:
    """Return the rows there are, by number."""
    names = [found.name for found in pkgutil.iter_modules(matrix.__path__)]
    found = [name for name in names if name.startswith("row") and name[3:].isdigit()]
    return {int(name[3:]): _row(name) for name in sorted(found)}


def _row(name: str) -> Row:
    module = importlib.import_module(f"tests.matrix.{name}")

    def least(volume: Volume) -> int:
        return volume.of(int(module.LEAST))

    stated = getattr(module, "least", least)
    return Row(int(name[3:]), module.TITLE, stated, module.trials)


def tell(row: int, volume: Volume, case: object, why: str) -> None:
    """Say on standard error that a trial failed, and what it takes to see it again."""
    print(f"row {row}, seed {volume.seed}, case {case}: {why[:2_000]}", file=sys.stderr, flush=True)
