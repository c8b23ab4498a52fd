"""Parquet files, column by column as text, so that one set of checks serves every file.

Decimals, integers, flags and instants become the text they would be in CSV, exactly. A binary float
is not exact and is refused in every column of the data model: 123.0 is neither a price nor an id.
A timestamp without a time zone is not an instant.
"""

from __future__ import annotations

import io
from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from routewarden.base.schema import INSTANTS, Table
from routewarden.sources.csv_text import Buffer, escaped
from routewarden.sources.reject import Reason, Reject

MAGIC = b"PAR1"


@dataclass(frozen=True, slots=True)
class Stored:
    """A file's rows as text, with `line`, `start` and `end`; the rejects; columns of instants."""

    frame: pl.DataFrame
    rejects: tuple[Reject, ...]
    instants: frozenset[str]


def read_parquet(table: Table, data: Buffer) -> tuple[pl.DataFrame, tuple[Reject, ...]]:
    """Return the rows as text with `line` (the row, from 1), `start` and `end`; and the rejects."""
    instants = {column.name for column in table.columns if column.type in INSTANTS}
    stored = _stored(data, table.names, frozenset(instants))
    return stored.frame, stored.rejects


def parquet_text(data: Buffer, exact: Collection[str]) -> Stored:
    """Return the rows; binary floats are refused in the columns that must be exact.

    A timestamp without a time zone is the text of a local time: its reader knows whose.
    """
    return _stored(data, exact, frozenset())


def _stored(data: Buffer, exact: Collection[str], zoned: frozenset[str]) -> Stored:
    try:
        frame = pl.read_parquet(io.BytesIO(data))
    except _UNREADABLE as error:
        reason = str(error).partition("\n")[0]
        reject = Reject(1, Reason.UNREADABLE, f"not a whole Parquet file: {reason}")
        return Stored(pl.DataFrame(), (reject,), frozenset())
    text = frame.select(
        _text(name, dtype, must_be_zoned=name in zoned).alias(escaped(name))
        for name, dtype in frame.schema.items()
    ).with_columns(
        line=pl.int_range(1, frame.height + 1, dtype=pl.Int64),
        start=pl.lit(0, dtype=pl.Int64),
        end=pl.lit(0, dtype=pl.Int64),
    )
    instants = frozenset(name for name, dtype in frame.schema.items() if dtype == pl.Datetime)
    floats = [name for name in exact if frame.schema.get(name, pl.Null()).is_float()]
    if not floats:
        return Stored(text, (), instants)
    inexact = frame.select(pl.any_horizontal(pl.col(floats).is_not_null())).to_series()
    numbered = frame.select(*floats, line=text["line"]).filter(inexact)
    return Stored(text.filter(~inexact), tuple(_float_rejects(numbered, floats)), instants)


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
