"""Parquet files, column by column as text, so that one set of checks serves every file.

Decimals, integers, flags and instants become the text they would be in CSV, exactly. A binary float
is not exact and is refused in every column of the data model: 123.0 is neither a price nor an id.
A timestamp without a time zone is not an instant.
"""

from __future__ import annotations

import io

import polars as pl

from routewarden.base.schema import INSTANTS, Column, Table
from routewarden.base.time import render_instant
from routewarden.sources.csv_text import Buffer
from routewarden.sources.reject import Reason, Reject

MAGIC = b"PAR1"


def read_parquet(table: Table, data: Buffer) -> tuple[pl.DataFrame, tuple[Reject, ...]]:
    """Return the rows as text with `line` (the row, from 1), `start` and `end`; and the rejects."""
    try:
        frame = pl.read_parquet(io.BytesIO(data))
    except (pl.exceptions.PolarsError, OSError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        return pl.DataFrame(), (
            Reject(1, Reason.UNREADABLE, f"not a whole Parquet file: {reason}"),
        )
    numbered = (
        frame.with_columns(
            line=pl.int_range(1, frame.height + 1, dtype=pl.Int64),
            start=pl.lit(0, dtype=pl.Int64),
            end=pl.lit(0, dtype=pl.Int64),
        )
        if frame.width
        else frame
    )
    columns = {column.name: column for column in table.columns}
    floats = [name for name, dtype in frame.schema.items() if dtype.is_float() and name in columns]
    inexact = pl.any_horizontal(pl.col(name).is_not_null() for name in floats)
    refused = numbered.filter(inexact) if floats else numbered.clear()
    kept = numbered.filter(~inexact) if floats else numbered
    text = kept.with_columns(
        _text(name, dtype, columns.get(name)) for name, dtype in frame.schema.items()
    )
    return text, tuple(_float_rejects(refused, floats))


def _float_rejects(refused: pl.DataFrame, floats: list[str]) -> list[Reject]:
    detail = "{} is a binary float, which is not exact; write decimals or text"
    return [
        Reject(row["line"], Reason.BINARY_FLOAT, detail.format(name), column=name)
        for row in refused.iter_rows(named=True)
        for name in [next(name for name in floats if row[name] is not None)]
    ]


def _text(name: str, dtype: pl.DataType, column: Column | None) -> pl.Expr:
    """Return a column as the text it would be in CSV; empty text is null."""
    value = pl.col(name)
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is not None:
        text = render_instant(value.dt.convert_time_zone("UTC").dt.epoch("ns"))
    elif isinstance(dtype, pl.Datetime) and column is not None and column.type in INSTANTS:
        text = value.dt.strftime("%Y-%m-%dT%H:%M:%S%.f without a time zone")
    elif dtype.is_nested():
        text = pl.struct(value).struct.json_encode()
    elif dtype == pl.Binary:
        text = value.bin.encode("hex")
    else:
        text = value.cast(pl.String)
    return pl.when(text != "").then(text).alias(name)
