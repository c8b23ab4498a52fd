"""The row in force at an instant: the one search there is, over rows in memory or as they stream.

Of a symbol's rows, by time, the last at or before an instant is in force; of several at one time
the last. Rows come all at once or a stretch after another, in order: what a later stretch says is
written over what an earlier one did, so a symbol may lie across stretches, and memory holds one of
them and the answers. Answers do not depend on how rows are cut, nor on the order of look-ups; only
the speed does, which is best where look-ups of a symbol stand together and nearly by time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from routewarden.native.asof import Integers, Point, as_of

NONE = int(np.iinfo(np.int64).min)
"""What stands where a number is absent: an instant at which nothing is in force, or a price."""
_ALWAYS = int(np.iinfo(np.int64).max)


@dataclass(frozen=True, slots=True)
class Spans:
    """Which rows are whose: those from `start` to `end` (excluded) are of the symbol `code`.

    Each symbol has one span.
    """

    code: Integers
    start: Integers
    end: Integers

    def within(self, first: int, last: int) -> Spans:
        """Return those of the rows from `first` to `last`, which are numbered anew from 0."""
        start, end = np.maximum(self.start, first), np.minimum(self.end, last)
        there = start < end
        return Spans(self.code[there], start[there] - first, end[there] - first)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows on end, by symbol and time, and the columns that answers are taken from."""

    spans: Spans
    at: Integers
    columns: tuple[Integers, ...]
    through: int = _ALWAYS
    """The last instant at which the last symbol's row may be in force: later rows know later."""

    def before(self, following: Stretch) -> Stretch:
        """Return the same, knowing what rows follow."""
        goes_on = np.array_equal(self.spans.code[-1:], following.spans.code[:1])
        return replace(self, through=int(following.at[0]) - 1) if goes_on else self


@dataclass(frozen=True, slots=True)
class Questions:
    """Points in time, whose rows are `spans`; answers so far, by point, column and row."""

    spans: Spans
    points: tuple[Point, ...]
    answers: Integers

    @staticmethod
    def of(spans: Spans, points: Sequence[Point], columns: int) -> Questions:
        """Ask for so many columns of the rows in force; nothing is known yet."""
        answers = np.full((len(points), columns, len(points[0][0])), NONE)
        return Questions(spans, tuple(points), answers)

    def learn(self, rows: Stretch) -> None:
        """Answer by some rows what they can; rows come in order."""
        _, theirs, ours = np.intersect1d(
            rows.spans.code, self.spans.code, assume_unique=True, return_indices=True
        )
        edges = (rows.spans.start[theirs], rows.spans.end[theirs])
        asked = (self.spans.start[ours], self.spans.end[ours])
        last = theirs == len(rows.spans.code) - 1
        through = np.where(last, rows.through, _ALWAYS)
        runs = np.stack((*edges, *asked, through), axis=1)
        as_of(rows.at, rows.columns, runs, self.points, self.answers)


def places(at: Integers, low: Integers, high: Integers, instants: Sequence[Integers]) -> Integers:
    """Return the row in force at each instant, column by column; -1 where there is none.

    The rows of look-up i are those from `low[i]` to `high[i]` (excluded).
    """
    found = np.full((len(instants), 1, len(low)), -1)
    changes = (np.diff(low, prepend=-1) != 0) | (np.diff(high, prepend=-1) != 0)
    edges = np.append(np.flatnonzero(changes), len(low))
    first, last = edges[:-1], edges[1:]
    always = np.full(len(first), _ALWAYS)
    runs = np.stack((low[first], high[first], first, last, always), axis=1)
    as_of(at, (None,), runs, [(column, 0) for column in instants], found)
    return found[:, 0]


def known(numbers: npt.NDArray[np.int64]) -> pl.Series:
    """Return numbers as a column, null where they are NONE."""
    column = pl.Series(numbers)
    if column.min() != NONE:
        return column
    return pl.select(pl.when(column != NONE).then(column)).to_series()
