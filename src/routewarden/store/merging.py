"""A date's records in pieces on the disk, merged: memory follows the range merged at a time.

Each piece is sorted, and every so many rows its key is kept in memory: the key is that of the first
columns that every record of the kind has (symbol and instant, for quotes). All those keys together
say where to cut, so that what lies between two cuts fits in memory; however many pieces there are,
a range reads of each only the rows it needs. What one piece alone has of a range is in order as it
is. Pieces are read once and soon, so they are written as they lie in memory: Arrow, not packed.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

import polars as pl

from routewarden.base.ahead import ahead
from routewarden.base.schema import Table
from routewarden.store.lakefile import as_decimals, has_symbols, stored, symbols_in

_STEP = 4096  # rows between two keys that are kept: of so many, each piece may add to a range
_BATCH_ROWS = 1 << 14  # of so many, a piece may be asked for one
_KEY_COLUMNS = 2

_Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """Sorted rows on the disk: the key of every step of them, and their symbols."""

    path: Path
    schema: pl.Schema
    rows: int
    marks: list[_Key]
    step: int
    symbols: pl.DataFrame

    def read(self, start: int, end: int) -> pl.DataFrame:
        """Return the rows from `start` to `end` (excluded)."""
        return self._rows(start, end).collect()

    def rows_before(self, names: list[str], key: _Key) -> int:
        """Return how many rows come before a key, which has a value for each name."""
        end = bisect_left(self.marks, key) * self.step
        start = max(0, end - self.step)
        before = self._rows(start, min(end, self.rows)).select(_before(names, key).sum())
        return start + int(before.collect().item())

    def _rows(self, start: int, end: int) -> pl.LazyFrame:
        return _scanned(self.path).slice(start, end - start)


def write_piece(table: Table, rows: pl.DataFrame, path: Path, most: int) -> Piece:
    """Write some records, to be merged with others in ranges of about `most` rows."""
    ordered = sorted_rows(table, stored(table, rows))
    ordered.write_ipc(
        path, compat_level=pl.CompatLevel.newest(), record_batch_size=min(_BATCH_ROWS, most)
    )
    marks, step = _marks(table, ordered, most)
    return Piece(path, ordered.schema, ordered.height, marks, step, symbols_in(table, ordered))


def piece_of(table: Table, path: Path, most: int) -> Piece:
    """Return a lake file, of a kind that has no symbols, as a piece to be merged."""
    rows = _scanned(path)
    keys = rows.select(_key_columns(table)).collect()
    marks, step = _marks(table, keys, most)
    return Piece(path, rows.collect_schema(), keys.height, marks, step, pl.DataFrame())


def _scanned(path: Path) -> pl.LazyFrame:
    if path.suffix == ".parquet":
        return pl.scan_parquet(path, glob=False)
    return pl.scan_ipc(path, glob=False)


def _marks(table: Table, rows: pl.DataFrame, most: int) -> tuple[list[_Key], int]:
    """Return the key of every step of some rows, and how long a step is."""
    step = max(1, min(_STEP, most // 8))
    return rows.select(_key_columns(table)).gather_every(step).rows() or [()], step


def merged(table: Table, pieces: list[Piece], most: int) -> Iterator[pl.DataFrame]:
    """Yield the pieces' records in order, of one schema, in frames of about `most` rows.

    More are in memory only where so many have one key.
    """
    schema, names = _schema(pieces), _key_columns(table)
    decimals = [name for name, dtype in schema.items() if dtype.is_decimal()]
    starts = [0] * len(pieces)
    for high in (*_cuts(pieces, most), None):
        ends = [piece.rows if high is None else piece.rows_before(names, high) for piece in pieces]
        frames = [
            as_decimals(table, piece.read(start, end), decimals)
            for piece, start, end in zip(pieces, starts, ends, strict=True)
            if start < end
        ]
        rows, alone = pl.concat([pl.DataFrame(schema=schema), *frames], how="diagonal"), len(frames)
        frames.clear()
        yield rows if alone == 1 else sorted_rows(table, rows)
        starts = ends


def sorted_rows(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows in the order of the kind; what is equal in it stays in that of the file.

    Symbols are sorted first, by number: what a vendor writes in the order of time is then in order,
    and is not sorted any further. Rows that are not in order are taken out of their frame, which is
    empty afterwards: memory is let go of column by column, for the next one to use.
    """
    place = _places(table, rows)
    if place.is_sorted():
        return rows
    columns = (rows.drop_in_place(name) for name in rows.columns)
    return pl.DataFrame(list(ahead(columns, lambda column: _taken(column, place))))


def _taken(column: pl.Series, place: pl.Series) -> pl.Series:
    """Return the cells at some places: of one chunk, since of many it takes ten times as long."""
    return column.rechunk().gather(place)


def _places(table: Table, rows: pl.DataFrame) -> pl.Series:
    """Return where in the rows those stand that come first, second and so on."""
    sequence = ("seq",) if "seq" in table.names else ()
    by = [*dict.fromkeys((*table.sorted_by, *sequence, "line"))]
    keys = rows.select(by).with_row_index(_PLACE)
    if has_symbols(table):
        names = pl.Enum(rows["symbol"].unique().sort())
        number = pl.col("symbol").cast(names).to_physical()
        keys = keys.with_columns(number).sort(_together(by), maintain_order=True)
    if not _in_order(keys, by):
        keys = keys.sort(by, nulls_last=False)
    return keys[_PLACE]


def _together(by: list[str]) -> pl.Expr:
    """Return symbol and instant as one number: it is sorted at once."""
    symbol, instant = pl.col(by[0]).cast(pl.Int128), pl.col(by[1]).cast(pl.Int128)
    return symbol * (1 << 64) + instant


def _in_order(keys: pl.DataFrame, by: list[str]) -> bool:
    """Return whether each row comes no later than the next, nulls first: ties by what follows."""
    before, after = keys.head(-1), keys.tail(-1)
    for name in by:
        one, other = before[name], after[name]
        if ((one > other).fill_null(other.is_null() & one.is_not_null())).any():
            return False
        tied = one.eq_missing(other)
        if not tied.any():
            return True
        before, after = before.filter(tied), after.filter(tied)
    return True


_PLACE = "place"  # no column that records are sorted by is called so


def _key_columns(table: Table) -> list[str]:
    """Return the first columns of the order, as far as every record has them."""
    required = {column.name for column in table.columns if column.required}
    return [*takewhile(required.__contains__, table.sorted_by)][:_KEY_COLUMNS]


def _schema(pieces: list[Piece]) -> pl.Schema:
    """Return every piece's columns; a quantity is a decimal where it is one in any of them."""
    schema = pl.Schema()
    for piece in pieces:
        for name, dtype in piece.schema.items():
            if name not in schema or dtype.is_decimal():
                schema[name] = dtype
    return schema


def _cuts(pieces: list[Piece], most: int) -> Iterator[_Key]:
    """Yield the keys at which ranges of about `most` rows begin, but for the first."""
    marks = sorted((mark, piece.step) for piece in pieces for mark in piece.marks)
    begun, rows = marks[0][0], 0
    for mark, step in marks:
        if rows + step > most and mark > begun:
            yield mark
            begun, rows = mark, 0
        rows += step


def _before(names: list[str], key: _Key) -> pl.Expr:
    first, bound = pl.col(names[0]), pl.lit(key[0])
    if len(names) == 1:
        return first < bound
    return (first < bound) | ((first == bound) & _before(names[1:], key[1:]))
