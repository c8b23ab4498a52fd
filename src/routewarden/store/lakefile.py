"""A lake file: how its columns are stored, what it says of its symbols, what it is called.

    <date>.parquet, <date>.002.parquet, …        (`undated` for reference data)

A trading date of more than FILE_ROWS rows becomes several files, cut between symbols: a symbol is
whole in one file, however long that makes it. Row groups are of GROUP_ROWS, so that a reader of a
few symbols passes over the rest by their least and greatest symbol. The Parquet metadata have,
under SYMBOLS, each symbol and its rows in the order of the file, so that where a symbol stands is
known from the footer alone.

A quantity is stored as the 64-bit count of 10**-8 it is, where every value of the date's column
fits (92 billion shares), else as a decimal of eight places, as fees are one of twelve.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl
from polars.io.plugins import register_io_source

from routewarden.base.exact import to_decimal, to_scaled, wide
from routewarden.base.schema import NUMBERS, Table, Type
from routewarden.store.durable import naming

GROUP_ROWS = 1 << 16
"""Rows of a row group."""
FILE_ROWS = 1 << 24
"""Rows of a file, but where one symbol has more."""
SYMBOLS = "routewarden.symbols"
"""The metadata key of the symbols: JSON, `[["AAA", 1234], …]`."""
UNDATED = "undated"
"""The name of the file of reference data, which belongs to no date."""

_LEAST, _MOST = (pl.lit(bound, dtype=pl.Int128) for bound in (-(2**63), 2**63 - 1))
_COUNTED = (Type.QUANTITY, Type.SIZE)
_SLICE_ROWS = GROUP_ROWS * 4
_OS_ERROR = re.compile(r"\(os error (\d+)\)")
_PROBE = 1 << 20  # more bytes than a failed write may have left room for
"""Rows handed on at a time; the writer holds a few of these."""

Counts = list[tuple[str, int]]
"""Each symbol and its rows, in order."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a file is to hold: so many rows, and of which symbols; None where they have none."""

    rows: int
    symbols: Counts | None = None


def stored(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows with 128-bit integers as they are stored: as 64 bits, or as decimals."""
    counted = {column.name for column in table.columns if column.type in _COUNTED}
    return rows.with_columns(
        pl.col(name).cast(pl.Int64)
        if name in counted and _fits(rows[name])
        else to_decimal(pl.col(name), scale)
        for name, scale in wide_columns(table).items()
    )


def loaded(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    """Return stored rows with the 128-bit integers that they stand for."""
    return rows.with_columns(
        wide(pl.col(name)) if rows.schema[name] == pl.Int64 else to_scaled(pl.col(name), scale)
        for name, scale in wide_columns(table).items()
    )


def as_decimals(table: Table, rows: pl.DataFrame, names: Collection[str]) -> pl.DataFrame:
    """Return stored rows with some quantities as decimals, whichever way they were stored."""
    counted = [name for name in names if rows.schema[name] == pl.Int64]
    scales = wide_columns(table)
    return rows.with_columns(to_decimal(pl.col(name), scales[name]).alias(name) for name in counted)


def wide_columns(table: Table) -> dict[str, int]:
    """Return the columns that have 128 bits in memory, and their decimals."""
    return {
        column.name: NUMBERS[column.type].scale
        for column in table.columns
        if column.dtype == pl.Int128
    }


def has_symbols(table: Table) -> bool:
    """Return whether the records of a kind are kept symbol by symbol."""
    return table.sorted_by[:1] == ("symbol",)


def symbols_in(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    """Return `symbol` and `len`, its rows; nothing of a kind that has no symbols."""
    return rows.group_by("symbol").len() if has_symbols(table) else pl.DataFrame()


def counts_of(parts: list[pl.DataFrame]) -> Counts:
    """Return the symbols of some rows, in order, from those of their parts."""
    return pl.concat(parts).group_by("symbol").agg(pl.col("len").sum()).sort("symbol").rows()


def file_of(day: date | None, number: int) -> str:
    """Return the name of a date's file, counting from 1."""
    return f"{day or UNDATED}.parquet" if number == 1 else f"{day or UNDATED}.{number:03}.parquet"


def number_of(name: str) -> tuple[str, int]:
    """Return what a file's name says: the date, and which of its files it is."""
    day, *number = name.rpartition("/")[2].removesuffix(".parquet").split(".")
    return day, int(number[0]) if number else 1


def in_order(names: Iterable[str]) -> list[str]:
    """Return the names of lake files by folder, date and number."""
    return sorted(names, key=lambda name: (name.rpartition("/")[0], *number_of(name)))


def symbols_of(place: str, options: dict[str, str] | None = None) -> Counts | None:
    """Return what a file says of its symbols; None if it says nothing."""
    said = pl.read_parquet_metadata(place, storage_options=options).get(SYMBOLS)
    return None if said is None else [(symbol, rows) for symbol, rows in json.loads(said)]


def symbol_rows(place: str, options: dict[str, str] | None = None) -> pl.DataFrame:
    """Return each `symbol` of a file and how many `rows` it has."""
    said = symbols_of(place, options)
    if said is None:  # an earlier version wrote it
        only = pl.read_parquet(place, columns=["symbol"], glob=False, storage_options=options)
        return only.group_by("symbol").len("rows").cast({"rows": pl.Int64})
    return pl.DataFrame(said, schema={"symbol": pl.String, "rows": pl.Int64}, orient="row")


def write_files(
    folder: Path, day: date | None, parts: Iterable[Part], frames: Iterator[pl.DataFrame]
) -> Iterator[tuple[Path, int]]:
    """Write a date's sorted rows, of one schema, a file for each part; yield its path and rows.

    No more than a few slices of the frames are in memory at once, but for what they hold.
    """
    rows = _Rows(frames)
    for number, part in enumerate(parts, 1):
        path = folder / file_of(day, number)
        write_file(path, rows.take(part.rows), part.symbols)
        yield path, part.rows


def parts_of(counts: Counts, most: int = FILE_ROWS) -> Iterator[Part]:
    """Yield the files of a date's symbols: each has as many as come to `most` rows, or has one."""
    symbols, rows = Counts(), 0
    for symbol, count in counts:
        if symbols and rows + count > most:
            yield Part(rows, symbols)
            symbols, rows = [], 0
        symbols.append((symbol, count))
        rows += count
    yield Part(rows, symbols)


@dataclass(slots=True)
class _Rows:
    """Rows, taken some at a time from frames of any height."""

    frames: Iterator[pl.DataFrame]
    left: pl.DataFrame = field(default_factory=pl.DataFrame)

    def take(self, rows: int) -> Iterator[pl.DataFrame]:
        """Yield the next rows, so many in all."""
        while rows:
            if self.left.is_empty():
                self.left = next(self.frames)
            part = self.left.head(min(rows, _SLICE_ROWS))
            self.left = self.left.slice(part.height)
            rows -= part.height
            yield part


def write_file(path: Path, frames: Iterator[pl.DataFrame], symbols: Counts | None = None) -> None:
    """Write sorted rows of one schema, one frame of them at least, as they are stored."""
    first = next(frames)
    said = {} if symbols is None else {SYMBOLS: json.dumps(symbols, separators=(",", ":"))}

    def source(*_: object) -> Iterator[pl.DataFrame]:
        yield first
        yield from frames

    with disk_faults(path):
        register_io_source(source, schema=first.schema).sink_parquet(
            path, compression="lz4", row_group_size=GROUP_ROWS, metadata=said
        )


@contextmanager
def disk_faults(path: Path) -> Iterator[None]:
    """Raise the system's error where Polars tells of one as a fault of the file's format.

    It may not say which (`Invalid thrift: transport error`); then writing on tells.
    """
    try:
        yield
    except pl.exceptions.ComputeError as error:
        if number := _OS_ERROR.search(str(error)):
            raise OSError(int(number[1]), os.strerror(int(number[1])), str(path)) from error
        with naming(path):
            _write_on(path)
        raise


def _write_on(path: Path) -> None:
    with path.open("ab") as file:
        file.write(bytes(_PROBE))


def _fits(values: pl.Series) -> bool:
    """Return whether 64 bits hold every value."""
    return bool(values.is_between(_LEAST, _MOST).all())
