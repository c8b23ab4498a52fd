"""The row in force at an instant: the one search there is, over rows in memory or as they stream.

Of a symbol's rows, by time, the last at or before an instant is in force; of several at one time
the last. Rows come all at once or a stretch after another, in order: what a later stretch says is
written over what an earlier one did, so a symbol may lie across stretches, and memory holds one of
them and the answers. Answers do not depend on how rows are cut, nor on the order of look-ups; only
the speed does, which is best where look-ups of a symbol stand together and nearly by time.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from routewarden.native.asof import Asked, Edges, Integers, Point

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

    @property
    def edges(self) -> Edges:
        """Return them as they are handed over."""
        return self.code, self.start, self.end

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
        if self.spans.code[-1:].tolist() != following.spans.code[:1].tolist():
            return self
        return Stretch(self.spans, self.at, self.columns, int(following.at[0]) - 1)


@dataclass(slots=True)
class Room:
    """Memory for answers, used again: to have fresh memory costs more than to write it."""

    held: Integers = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    def emptied(self, shape: tuple[int, ...]) -> Integers:
        """Return room for so many answers, none of them known; what was there before is lost."""
        size = math.prod(shape)
        if len(self.held) < size:
            self.held = np.empty(size, dtype=np.int64)
        answers = self.held[:size].reshape(shape)
        answers.fill(NONE)
        return answers


@dataclass(frozen=True, slots=True)
class Questions:
    """Points in time of some symbols' rows; answers so far, by point, column and row."""

    asked: Asked
    answers: Integers

    @staticmethod
    def of(
        spans: Spans, points: Sequence[Point], columns: int, room: Room | None = None
    ) -> Questions:
        """Ask for so many columns of the rows in force; nothing is known yet.

        Answers are in the room, if there is one, and good until it is used again.
        """
        answers = (room or Room()).emptied((len(points), columns, len(points[0][0])))
        return Questions(Asked(spans.edges, points, answers), answers)

    def learn(self, rows: Stretch) -> None:
        """Answer by some rows what they can; rows come in order."""
        self.asked.answer(rows.spans.edges, rows.at, rows.columns, rows.through)


def places(at: Integers, low: Integers, high: Integers, instants: Sequence[Integers]) -> Integers:
    """Return the row in force at each instant, column by column; -1 where there is none.

    The rows of look-up i are those from `low[i]` to `high[i]` (excluded).
    """
    found = np.full((len(instants), 1, len(low)), -1)
    changes = (np.diff(low, prepend=-1) != 0) | (np.diff(high, prepend=-1) != 0)
    edges = np.append(np.flatnonzero(changes), len(low))
    first, last = edges[:-1], edges[1:]
    each = np.arange(len(first))
    asked = Asked((each, first, last), [(column, 0) for column in instants], found)
    asked.answer((each, low[first], high[first]), at, (None,), _ALWAYS)
    return found[:, 0]


def known(numbers: Mapping[str, Integers]) -> pl.DataFrame:
    """Return columns of numbers, null where they are NONE: all at once, which costs half."""
    stated = pl.when(pl.all() != NONE).then(pl.all())
    return pl.DataFrame(dict(numbers)).select(stated)
