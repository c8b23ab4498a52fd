"""Records on their way into the lake: sorted by date, however many they are.

What fits in memory is sorted there. More than that is written out in pieces, and each date's pieces
are merged, so that memory follows neither the file nor its largest symbol.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl

from routewarden.base.schema import Table
from routewarden.base.time import trading_date
from routewarden.store.lakefile import (
    FILE_ROWS,
    Part,
    counts_of,
    has_symbols,
    parts_of,
    stored,
    symbols_in,
    write_files,
)
from routewarden.store.merging import Piece, merged, sorted_rows, write_piece

_PIECES = ".pieces"

Written = Callable[[int, int], None]
"""Told how many rows are in order and being written, and how many there are in all."""


def unwatched(_written: int, _rows: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many rows, or bytes, are held in memory before they are written out; rows of a file."""

    held: int = 2_000_000
    held_bytes: int = 1 << 27
    file: int = FILE_ROWS


@dataclass(slots=True)
class _Dates:
    """Rows by trading date (None for those of none): held, and written out."""

    table: Table
    folder: Path
    limits: Limits
    held: dict[date | None, list[pl.DataFrame]] = field(default_factory=dict)
    pieces: dict[date | None, list[Piece]] = field(default_factory=dict)
    holding: int = 0
    holding_bytes: int = 0
    rows: int = 0
    bytes: int = 0

    def add(self, records: pl.DataFrame) -> None:
        placed = records if self.table.told_again else records.drop("start", "end")
        for day, frame in _by_date(self.table, placed):
            self.held.setdefault(day, []).append(frame)
        rows, size = records.height, int(records.estimated_size())
        self.rows, self.bytes = self.rows + rows, self.bytes + size
        self.holding, self.holding_bytes = self.holding + rows, self.holding_bytes + size
        if self.holding > self.limits.held or self.holding_bytes > self.limits.held_bytes:
            self.write_out()

    def write_out(self) -> None:
        """Write what is held as a piece for each date."""
        self.folder.mkdir(exist_ok=True)
        for day, frames in self.held.items():
            known = self.pieces.setdefault(day, [])
            path = self.folder / f"{day}.{len(known)}.arrow"
            known.append(write_piece(self.table, _together(frames), path, self.limits.held))
        self.held, self.holding, self.holding_bytes = {}, 0, 0

    def most(self) -> int:
        """Return how many of these rows may be held."""
        return min(self.limits.held, self.limits.held_bytes * self.rows // max(self.bytes, 1)) or 1


_USUAL = Limits()


def write_dates(
    table: Table,
    frames: Iterable[pl.DataFrame],
    folder: Path,
    written: Written,
    limits: Limits = _USUAL,
) -> Iterator[tuple[Path, int]]:
    """Write each trading date's records, sorted, as one file or several; yield path and rows.

    No more than the rows of the limit are held in memory, but for what has one symbol and instant.
    """
    dates = _Dates(table, folder / _PIECES, limits)
    for frame in frames:
        dates.add(frame)
    if dates.pieces:
        dates.write_out()
    done = 0

    def watched(frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        nonlocal done
        for frame in frames:
            done += frame.height
            written(done, dates.rows)
            yield frame

    for day in sorted({*dates.held, *dates.pieces}, key=str):
        parts, ordered = _of_date(dates, day, limits)
        yield from write_files(folder, day, parts, watched(ordered))
    shutil.rmtree(dates.folder, ignore_errors=True)


def _of_date(
    dates: _Dates, day: date | None, limits: Limits
) -> tuple[Iterable[Part], Iterator[pl.DataFrame]]:
    """Return what a date's files are to hold, and its rows in order."""
    table = dates.table
    if pieces := dates.pieces.get(day):
        symbols = [piece.symbols for piece in pieces]
        rows, ordered = sum(piece.rows for piece in pieces), merged(table, pieces, dates.most())
    else:
        whole = sorted_rows(table, stored(table, _together(dates.held.pop(day))))
        symbols = [symbols_in(table, whole)]
        rows, ordered = whole.height, iter((whole,))
    if not has_symbols(table):
        return [Part(rows)], ordered
    return parts_of(counts_of(symbols), limits.file), ordered


def _together(frames: list[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(frames, how="diagonal")


def _by_date(table: Table, records: pl.DataFrame) -> Iterator[tuple[date | None, pl.DataFrame]]:
    if table.dated_by is None:
        if records.height:
            yield None, records
        return
    when = records[table.dated_by]
    edges = pl.DataFrame({"day": [when.min(), when.max()]}, schema={"day": pl.Int64})
    first, last = edges.select(trading_date(pl.col("day"))).to_series()
    if first == last and records.height and not when.has_nulls():
        yield first, records
        return
    dated = records.with_columns(day=trading_date(pl.col(table.dated_by)))
    parts = dated.partition_by("day", as_dict=True, include_key=False, maintain_order=True)
    yield from ((day, rows) for (day,), rows in parts.items())
