"""Records on their way into the lake: sorted by date, however many they are.

What fits in memory is sorted there. More than that is written out in pieces, and each date's pieces
are merged a range of symbols at a time, so that memory follows the largest symbol, not the file.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl

from routewarden.base.exact import to_decimal
from routewarden.base.schema import NUMBERS, Table
from routewarden.base.time import trading_date

HELD_ROWS = 2_000_000
"""Rows held in memory before they are written out."""

UNDATED = "undated"
"""The name of the file of reference data, which belongs to no date."""

_PIECES = ".pieces"


def wide_columns(table: Table) -> dict[str, int]:
    """Columns that need 128 bits, and their decimals: stored as decimals any reader knows."""
    return {
        column.name: NUMBERS[column.type].scale
        for column in table.columns
        if column.dtype == pl.Int128
    }


@dataclass(slots=True)
class _Dates:
    """Rows by trading date (None for those of none): held, and written out."""

    table: Table
    folder: Path
    most: int
    held: dict[date | None, list[pl.DataFrame]] = field(default_factory=dict)
    pieces: dict[date | None, list[Path]] = field(default_factory=dict)
    rows: int = 0

    def add(self, records: pl.DataFrame) -> None:
        placed = records if self.table.told_again else records.drop("start", "end")
        for day, rows in _by_date(self.table, placed):
            self.held.setdefault(day, []).append(rows)
        self.rows += records.height
        if self.rows > self.most:
            self.write_out()

    def write_out(self) -> None:
        """Write what is held as a piece for each date."""
        self.folder.mkdir(exist_ok=True)
        for day, frames in self.held.items():
            known = self.pieces.setdefault(day, [])
            path = self.folder / f"{day}.{len(known)}.parquet"
            pl.concat(frames, how="diagonal").write_parquet(path, compression="lz4")
            known.append(path)
        self.held, self.rows = {}, 0


def write_dates(
    table: Table, frames: Iterable[pl.DataFrame], folder: Path, most: int = HELD_ROWS
) -> Iterator[tuple[Path, int]]:
    """Write each trading date's records as one sorted file; yield its path and rows.

    No more than `most` rows are held in memory, but for those of one symbol on one date.
    """
    dates = _Dates(table, folder / _PIECES, most)
    for frame in frames:
        dates.add(frame)
    if dates.pieces:
        dates.write_out()
    for day in sorted({*dates.held, *dates.pieces}, key=str):
        path = folder / f"{day or UNDATED}.parquet"
        if day in dates.pieces:
            yield path, _merge(table, dates.pieces[day], path, most)
        else:
            rows = _sorted(table, pl.concat(dates.held.pop(day), how="diagonal"))
            rows.write_parquet(path, compression="lz4", statistics=True)
            yield path, rows.height
    shutil.rmtree(dates.folder, ignore_errors=True)


def _merge(table: Table, pieces: list[Path], path: Path, most: int) -> int:
    """Merge a date's pieces, a range of symbols at a time; return how many rows there are."""
    counts = (
        pl.scan_parquet(pieces, glob=False, missing_columns="insert", extra_columns="ignore")
        .group_by("symbol")
        .len()
        .sort("symbol")
        .collect()
    )
    parts = list[Path]()
    for first, last in _ranges(counts, most):
        inside = pl.col("symbol").is_between(pl.lit(first), pl.lit(last))
        frames = [pl.scan_parquet(piece, glob=False).filter(inside).collect() for piece in pieces]
        part = pieces[0].parent / f"part.{len(parts)}.parquet"
        _sorted(table, pl.concat(frames, how="diagonal")).write_parquet(part, compression="lz4")
        parts.append(part)
    merged = pl.scan_parquet(parts, glob=False)
    merged.sink_parquet(path, compression="lz4", statistics=True, maintain_order=True)
    for part in parts:
        part.unlink()
    return int(counts["len"].sum())


def _ranges(counts: pl.DataFrame, most: int) -> Iterator[tuple[str, str]]:
    """Yield the first and last symbol of ranges that fit in memory, or are one symbol."""
    first, last, rows = "", "", 0
    for symbol, count in counts.iter_rows():
        if rows and rows + count > most:
            yield first, last
            rows = 0
        first, last, rows = (first if rows else symbol), symbol, rows + count
    if rows:
        yield first, last


def _by_date(table: Table, records: pl.DataFrame) -> Iterator[tuple[date | None, pl.DataFrame]]:
    stored = records.with_columns(
        to_decimal(pl.col(name), scale).alias(name) for name, scale in wide_columns(table).items()
    )
    if table.dated_by is None:
        if stored.height:
            yield None, stored
        return
    dated = stored.with_columns(day=trading_date(pl.col(table.dated_by)))
    parts = dated.partition_by("day", as_dict=True, include_key=False, maintain_order=True)
    yield from ((day, rows) for (day,), rows in parts.items())


def _sorted(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    sequence = ("seq",) if "seq" in table.names else ()
    return rows.sort(*table.sorted_by, *sequence, "line", nulls_last=False)
