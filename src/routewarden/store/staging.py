"""Records on their way into the lake: sorted by date, however many they are.

What comes in the order it is kept in is written as it comes. What fits in memory is sorted there.
More than that is written out in pieces, and each date's pieces are merged, so that memory follows
neither the file nor its largest symbol.
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
from routewarden.store.growing import Growing, is_by_time
from routewarden.store.lakefile import (
    FILE_ROWS,
    GROUP_ROWS,
    Part,
    counts_of,
    file_of,
    has_symbols,
    parts_of,
    stored,
    symbols_in,
    write_files,
)
from routewarden.store.merging import Piece, merged, piece_of, sorted_rows, write_piece

_PIECES = ".pieces"
_COPIES = 2  # of rows that are merged: as they were read, and in order

Written = Callable[[int, int], None]
"""Told how many rows are in order and being written, and how many there are in all."""


def unwatched(_written: int, _rows: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many rows, or bytes, are held in memory before they are written out; rows of a file.

    Of a date whose rows come in order, about `run` are held.
    """

    held: int = 2_000_000
    held_bytes: int = 1 << 27
    file: int = FILE_ROWS
    run: int = 2 * GROUP_ROWS


@dataclass(slots=True)
class _Dates:
    """Rows by trading date (None for those of none): held, in growing files, and in pieces."""

    table: Table
    folder: Path
    limits: Limits
    held: dict[date | None, list[pl.DataFrame]] = field(default_factory=dict)
    growing: dict[date | None, Growing] = field(default_factory=dict)
    pieces: dict[date | None, list[Piece]] = field(default_factory=dict)
    rows: int = 0
    bytes: int = 0

    def add(self, records: pl.DataFrame) -> None:
        """Take records in."""
        placed = records if self.table.told_again else records.drop("start", "end")
        self.rows, self.bytes = (
            self.rows + records.height,
            self.bytes + int(records.estimated_size()),
        )
        for day, frame in _by_date(self.table, placed):
            held = self.held.setdefault(day, [])
            held.append(frame)
            if len(held) > 1 and _height(held) > self.limits.run and self._may_grow(day):
                self._write_on(day, int(frame[self.table.sorted_by[0]].to_numpy().min()))
        if sum(map(_height, self.held.values())) > self.most():
            self.write_out()

    def end(self) -> None:
        """End the files that grow, and write out the rest of a file's rows that are in pieces."""
        self._end_growing()
        if self.pieces:
            self.write_out()

    def close(self) -> None:
        """Leave no thread behind."""
        for file in self.growing.values():
            file.close()

    def write_out(self) -> None:
        """Write what is held as a piece for each date."""
        for day in list(self.held):
            self._put_aside(day)
            known = self.pieces.setdefault(day, [])
            rows, path = _together(self.held.pop(day)), self._piece_path(day)
            known.append(write_piece(self.table, rows, path, self.limits.held))

    def _may_grow(self, day: date | None) -> bool:
        return is_by_time(self.table) and day not in self.pieces

    def _write_on(self, day: date | None, until: int | None = None) -> None:
        """Write what is held of a date: all of it, or what comes before an instant."""
        rows = sorted_rows(self.table, _together(self.held.pop(day)))
        when = rows[self.table.sorted_by[0]]
        early = rows.height if until is None else int(when.search_sorted(until))
        if 2 * early < rows.height or not self._file(day).takes(rows.head(early)):
            self._put_aside(day)
            early = 0
        if early < rows.height:
            self.held[day] = [rows.slice(early)]

    def _file(self, day: date | None) -> Growing:
        """Return the file that a date's rows are written to as they come."""
        if day not in self.growing:
            self._end_growing()
            self.growing[day] = Growing(self.table, self.folder.parent / file_of(day, 1))
        return self.growing[day]

    def _end_growing(self) -> None:
        """End the files that grow: a date that follows another leaves it behind."""
        for day, file in list(self.growing.items()):
            if day in self.held:
                self._write_on(day)
            file.close()

    def _put_aside(self, day: date | None) -> None:
        """Make a piece of a date's file, if it has one, since it is not to be all of it."""
        known = self.pieces.setdefault(day, [])
        if (file := self.growing.pop(day, None)) is None:
            return
        file.close()
        self.folder.mkdir(exist_ok=True)
        path = file.path.rename(self.folder / file.path.name)
        known.append(piece_of(self.table, path, self.limits.held))

    def _piece_path(self, day: date | None) -> Path:
        self.folder.mkdir(exist_ok=True)
        return self.folder / f"{day}.{len(self.pieces[day])}.arrow"

    def most(self) -> int:
        """Return how many of these rows may be held."""
        return min(self.limits.held, self.limits.held_bytes * self.rows // max(self.bytes, 1)) or 1


_USUAL = Limits()
_KNOWN_BY_ID = Limits(held=4_000_000, held_bytes=1 << 29)
"""Records known by identifiers are fewer than quotes: to sort them once beats merging pieces."""


def write_dates(
    table: Table,
    frames: Iterable[pl.DataFrame],
    folder: Path,
    written: Written,
    limits: Limits | None = None,
) -> Iterator[tuple[Path, int]]:
    """Write each trading date's records, sorted, as one file or several; yield path and rows.

    No more than the rows of the limit are held in memory, but for what has one symbol and instant.
    """
    if limits is None:
        limits = _USUAL if table.key is None or table.told_again else _KNOWN_BY_ID
    dates = _Dates(table, folder / _PIECES, limits)
    try:
        for frame in frames:
            dates.add(frame)
        dates.end()
    finally:
        dates.close()
    done = sum(file.rows for file in dates.growing.values())
    if done:
        written(done, dates.rows)

    def watched(frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        nonlocal done
        for frame in frames:
            done += frame.height
            written(done, dates.rows)
            yield frame

    for day in sorted({*dates.held, *dates.pieces, *dates.growing}, key=str):
        if file := dates.growing.get(day):
            yield file.path, file.rows
            continue
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
        most = max(1, dates.most() // _COPIES)
        rows, ordered = sum(piece.rows for piece in pieces), merged(table, pieces, most)
    else:
        whole = sorted_rows(table, stored(table, _together(dates.held.pop(day))))
        symbols = [symbols_in(table, whole)]
        rows, ordered = whole.height, iter((whole,))
    if not has_symbols(table):
        return [Part(rows)], ordered
    return parts_of(counts_of(symbols), limits.file), ordered


def _height(frames: Iterable[pl.DataFrame]) -> int:
    return sum(frame.height for frame in frames)


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
