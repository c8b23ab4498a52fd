"""A trading date as instants: when it begins, opens, closes and ends, and when it is busy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from routewarden.base.time import start_of_date
from routewarden.policy.calendar import Calendar
from routewarden.simulator.chance import weighted
from routewarden.simulator.units import MINUTE, SECOND, Integers

_BEFORE = 90 * MINUTE  # quotes begin at 08:00 where the session opens at 09:30
_AFTER = 60 * MINUTE
_BUSY = (14, 9, 7, 6, 5, 5, 5, 5, 5, 6, 7, 9, 13)  # a session in thirteen parts: a U
_QUIET = 4  # the weight of all of the early market, and of all of the late


@dataclass(frozen=True, slots=True)
class Session:
    """A trading date: it lasts from `start` to just before `end`; venues match from open to close.

    `edges` cut the hours that are quoted into stretches as busy as their `weights`.
    """

    day: date
    start: int
    open: int
    close: int
    end: int
    edges: tuple[int, ...]
    weights: tuple[int, ...]

    def around_the_clock(self) -> Session:
        """Return the same date for what trades all day long."""
        close = self.end - SECOND
        edges = (self.start, close)
        return Session(self.day, self.start, self.start, close, self.end, edges, weights=(1,))


def sessions(calendar: Calendar, first: date, last: date) -> tuple[Session, ...]:
    """Return the sessions from `first` to `last`, both included."""
    rows = (
        calendar.sessions()
        .filter(pl.col("trading_date").is_between(first, last))
        .select(
            "trading_date",
            start_of_date(pl.col("trading_date")).alias("start"),
            "open",
            "close",
            start_of_date(pl.col("trading_date") + pl.duration(days=1)).alias("end"),
        )
        .iter_rows()
    )
    return tuple(_session(*row) for row in rows)


def busy_instants(rng: np.random.Generator, session: Session, count: int) -> Integers:
    """Return instants of a session's quoted hours, more where it is busier, in no order."""
    stretch = weighted(rng, session.weights, count)
    edges = np.asarray(session.edges, dtype=np.int64)
    begin = edges[stretch]
    return begin + rng.integers(0, edges[stretch + 1] - begin, count)


def _session(day: date, start: int, opening: int, close: int, end: int) -> Session:
    parts = len(_BUSY)
    inner = (opening + (close - opening) * part // parts for part in range(parts + 1))
    edges = (opening - _BEFORE, *inner, close + _AFTER)
    return Session(day, start, opening, close, end, edges, weights=(_QUIET, *_BUSY, _QUIET))
