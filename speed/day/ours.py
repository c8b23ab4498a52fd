"""The day measured as the product does it: a run of symbols at a time, quotes streaming past."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.ma  # Polars would import it when it first sees an array
import polars as pl

from routewarden.market.asof import Questions, Room, Spans, known
from routewarden.native.sums import add_up
from routewarden.runs.engine import Threads
from routewarden.store.columns import SortedFile, codes_of, stream
from speed.day.sums import CELLS, FILLS, POINTS, SUMS, told, valued

_PRICES = ("bid", "ask")
_MOST_FILLS = 1 << 17
"""Fills whose quotes are held at a time."""
_WORKERS = Threads(Threads().count + 1)
"""One more than there are processors: a part waits for its first rows while others are measured."""
_PARTS = _WORKERS.count
"""As many parts there are at least."""


@dataclass(frozen=True, slots=True)
class _Day:
    """The files of a day, and whose rows are where in them."""

    fills: SortedFile
    filled: Spans
    quotes: tuple[tuple[SortedFile, Spans], ...]

    @staticmethod
    def of(folder: Path, *, every_row: bool = False) -> _Day:
        """Open a day; of the quotes, those of symbols that have fills, or all of them."""
        fills = SortedFile.open(str(folder / "fills.parquet"))
        files = [SortedFile.open(str(path)) for path in sorted(folder.glob("quotes-*.parquet"))]
        codes = codes_of([fills, *files])
        traded = {name: codes[name] for name in fills.symbols}
        wanted = codes if every_row else traded
        return _Day(fills, fills.spans(traded), tuple((file, file.spans(wanted)) for file in files))

    def parts(self) -> list[tuple[int, int]]:
        """Cut the symbols into runs of about as many fills, first code and last (excluded)."""
        most = min(_MOST_FILLS, self.fills.rows // _PARTS + 1)
        number = (self.filled.end - 1) // most
        firsts = self.filled.code[np.flatnonzero(np.diff(number, prepend=-1))]
        return list(pairwise([0, *firsts[1:].tolist(), np.iinfo(np.int64).max]))


class _Held(threading.local):
    """What a thread uses again from part to part."""

    def __init__(self) -> None:
        self.room = Room()


_HELD = _Held()


def _chosen(spans: Spans, first: int, last: int) -> Spans:
    """Return the spans of the codes from `first` to `last` (excluded)."""
    begin, end = np.searchsorted(spans.code, [first, last])
    return Spans(spans.code[begin:end], spans.start[begin:end], spans.end[begin:end])


def _measured(day: _Day, first: int, last: int) -> pl.DataFrame:
    """Measure the symbols from `first` to `last` (excluded): SUMS by `cell`."""
    own = _chosen(day.filled, first, last)
    begin, end = int(own.start[0]), int(own.end[-1])
    fills = day.fills.read(FILLS, begin, end)
    instants = {column: fills[column].to_numpy() for column, _ in POINTS.values()}
    points = [(instants[column], ns) for column, ns in POINTS.values()]
    asked = Questions.of(own.within(begin, end), points, len(_PRICES), _HELD.room)
    quoted = [(file, _chosen(spans, first, last)) for file, spans in day.quotes]
    for rows in stream(quoted, _PRICES):
        asked.learn(rows)
    quotes = known(
        {
            f"{name}_{when}": answer
            for when, answers in zip(POINTS, asked.answers, strict=True)
            for name, answer in zip(_PRICES, answers, strict=True)
        }
    )
    return _added(valued(fills.hstack(quotes).lazy()).collect(), own)


def _added(values: pl.DataFrame, own: Spans) -> pl.DataFrame:
    """Add up by cell: symbols are few at a time, so every cell they could have has a place."""
    shift = (own.code - np.arange(len(own.code))) * CELLS
    place = values["cell"].to_numpy() - np.repeat(shift, own.end - own.start)
    used = np.zeros(len(shift) * CELLS, dtype=bool)
    used[place] = True
    there, rank = np.flatnonzero(used), np.cumsum(used) - 1
    sums = add_up([values[name] for name in SUMS], rank[place], len(there))
    columns = dict(zip(SUMS, sums, strict=True))
    return pl.DataFrame({"cell": there + shift[there // CELLS], **columns})


def measured(folder: str, every_row: bool = False) -> Iterator[Any]:  # noqa: FBT001, FBT002 - said in JSON
    """Measure the day; with `every_row`, quotes are read that nobody asks for."""
    yield None
    day = _Day.of(Path(folder), every_row=every_row)
    done = _WORKERS.map(lambda part: _measured(day, *part), day.parts())
    yield told(pl.concat(part.result for part in _kept(done)))


def _kept(done: Iterator[Any]) -> Iterator[Any]:
    for part in done:
        if part.failure is not None:
            raise part.failure
        yield part


def scanned(folder: str) -> Iterator[Any]:
    """Read and decode the same columns of the same files, and do nothing with them."""
    yield None
    day = _Day.of(Path(folder))
    stretch = 1 << 20
    files = [(day.fills, FILLS), *((file, ("at", *_PRICES)) for file, _ in day.quotes)]
    parts = [
        (file, names, first, min(first + stretch, file.rows))
        for file, names in files
        for first in range(0, file.rows, stretch)
    ]
    list(Threads().map(lambda part: part[0].read(*part[1:]).height, parts))
    yield None
