"""Parquet files, column by column as text, so that one set of checks serves every file.

Decimals, integers, flags and instants become the text they would be in CSV, exactly. A binary float
is not exact and is refused in every column of the data model: 123.0 is neither a price nor an id.
A timestamp without a time zone is not an instant.

A file is looked at before it is read: one that says of itself what is not so is refused whole.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import IO

import polars as pl

from routewarden.base.schema import INSTANTS, Table
from routewarden.sources.csv_text import Block, Buffer, escaped
from routewarden.sources.parquet_footer import sound_rows, unpacked_most
from routewarden.sources.reject import Reason, Reject

_BLOCK_ROWS = 1 << 17
_BLOCK_CELLS = 1 << 21
_SHOWN = 200  # letters of what the library says: it may repeat what the file states


@dataclass(frozen=True, slots=True)
class Stored:
    """A file's rows as text, some at a time, with `line`, `start` and `end`; columns of instants.

    Of a file damaged inside, what comes before is read, and the rest is one reject.
    """

    blocks: Iterator[Block]
    instants: frozenset[str]


def read_parquet(table: Table, data: Buffer, opened: IO[bytes] | None = None) -> Iterator[Block]:
    """Yield the rows as text with `line` (the row, from 1), `start` and `end`; and the rejects."""
    instants = {column.name for column in table.columns if column.type in INSTANTS}
    return _stored(data, opened, _Asked(table.names, frozenset(instants))).blocks


def parquet_text(data: Buffer, exact: Collection[str], opened: IO[bytes] | None = None) -> Stored:
    """Return the rows; binary floats are refused in the columns that must be exact.

    A timestamp without a time zone is the text of a local time: its reader knows whose.
    """
    return _stored(data, opened, _Asked(exact, frozenset()))


@dataclass(frozen=True, slots=True)
class _Asked:
    """Columns that must be exact, and columns whose instants must have a zone."""

    exact: Collection[str]
    zoned: frozenset[str]


def _stored(data: Buffer, opened: IO[bytes] | None, asked: _Asked) -> Stored:
    """Read what an open file has, row group by row group; without one, a copy of the bytes."""
    sound = sound_rows(data)
    if sound.fault and not sound.rows:
        return Stored(iter((_broken(sound.fault, 1, len(data)),)), frozenset())
    source = io.BytesIO(data) if opened is None else opened
    try:
        rows = _scan(source).select(pl.len()).collect().item()
        frames = _scan(source) if sound.fault is None else _scan(source).head(sound.rows)
        schema = frames.collect_schema()
    except _UNREADABLE as error:
        return Stored(iter((_broken(str(error), 1, len(data)),)), frozenset())
    instants = frozenset(name for name, dtype in schema.items() if dtype == pl.Datetime)
    return Stored(_blocks(frames, (rows, len(data)), asked, sound.fault), instants)


def _scan(source: IO[bytes]) -> pl.LazyFrame:
    source.seek(0)
    return pl.scan_parquet(source)  # noqa: TID251 - a vendor's file, which is in hand


def _blocks(
    frames: pl.LazyFrame, size: tuple[int, int], asked: _Asked, fault: str | None
) -> Iterator[Block]:
    """Yield the rows as text; of a file of so many rows and bytes, each stands for its share.

    What comes after them, if it is not to be read, is the fault.
    """
    (rows, end), done, letters = size, 0, 0
    width = max(1, len(frames.collect_schema()))
    many = max(1, min(_BLOCK_ROWS, _BLOCK_CELLS // width))
    try:
        for frame in frames.collect_batches(chunk_size=many, maintain_order=True):
            letters += sum(map(_letters, frame.iter_columns()))
            if letters > unpacked_most(end):
                yield _broken(f"its text is over {unpacked_most(end):,} bytes", done + 1, end)
                return
            first, done = done + 1, done + frame.height
            yield _block(frame, first, end * done // max(rows, done), asked)
        if not done:
            yield _block(frames.collect_schema().to_frame(), 1, end, asked)
    except _UNREADABLE as error:
        yield _broken(str(error), done + 1, end)
    else:
        if fault is not None or done != rows:
            yield _broken(fault or f"it says {rows} rows and has {done}", done + 1, end)


def _letters(values: pl.Series) -> int:
    """Return how many bytes of text the values state, a word said often as often as it is said."""
    if values.dtype == pl.String:
        return int(values.str.len_bytes().sum())
    if values.dtype == pl.Binary:
        return int(values.bin.size().sum())
    if isinstance(values.dtype, pl.List | pl.Array):
        return _letters(values.explode())
    if isinstance(values.dtype, pl.Struct):
        return sum(map(_letters, values.struct.unnest().iter_columns()))
    return 0


def _broken(fault: str, line: int, end: int) -> Block:
    reason = fault.partition("\n")[0][:_SHOWN]
    reject = Reject(line, Reason.UNREADABLE, f"not a whole Parquet file: {reason}")
    return Block(pl.DataFrame(), (reject,), end)


def _block(frame: pl.DataFrame, first: int, position: int, asked: _Asked) -> Block:
    text = frame.select(
        _text(name, dtype, must_be_zoned=name in asked.zoned).alias(escaped(name))
        for name, dtype in frame.schema.items()
    ).with_columns(
        line=pl.int_range(first, first + frame.height, dtype=pl.Int64),
        start=pl.lit(0, dtype=pl.Int64),
        end=pl.lit(0, dtype=pl.Int64),
    )
    floats = [name for name in asked.exact if frame.schema.get(name, pl.Null()).is_float()]
    if not floats:
        return Block(text, (), position)
    inexact = frame.select(pl.any_horizontal(pl.col(floats).is_not_null())).to_series()
    numbered = frame.select(*floats, line=text["line"]).filter(inexact)
    return Block(text.filter(~inexact), tuple(_float_rejects(numbered, floats)), position)


_UNREADABLE = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError)
"""What the reader raises of a damaged file; a panic is one more way of not being able to read."""


def _float_rejects(refused: pl.DataFrame, floats: list[str]) -> list[Reject]:
    detail = "{} is a binary float, which is not exact; write decimals or text"
    return [
        Reject(row["line"], Reason.BINARY_FLOAT, detail.format(name), column=name)
        for row in refused.iter_rows(named=True)
        for name in [next(name for name in floats if row[name] is not None)]
    ]


def _text(name: str, dtype: pl.DataType, *, must_be_zoned: bool) -> pl.Expr:
    """Return a column as the text it would be in CSV; empty text is null."""
    value = pl.col(name)
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is not None:
        text = value.dt.convert_time_zone("UTC").dt.strftime("%Y-%m-%dT%H:%M:%S.%9fZ")
    elif isinstance(dtype, pl.Datetime) and must_be_zoned:
        text = value.dt.strftime("%Y-%m-%dT%H:%M:%S%.f without a time zone")
    elif isinstance(dtype, pl.Datetime):
        text = value.dt.strftime("%Y-%m-%dT%H:%M:%S%.f")
    elif isinstance(dtype, pl.Duration):
        text = value.dt.to_string("iso")
    elif dtype.is_nested():
        text = pl.struct(value).struct.json_encode()
    elif dtype == pl.Binary:
        text = value.bin.encode("hex")
    else:
        text = value.cast(pl.String)
    return pl.when(text != "").then(text)
