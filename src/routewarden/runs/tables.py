"""The document's tables as Parquet: what is shown, and the exact value behind it.

A numeric column is a decimal with twelve places, or text where a value needs more, and is followed
by `<name>_shown`, the text people read; a dated one is a date; any other is text. Unknown is null.
Column names are the headings in snake case with the unit at the end.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import polars as pl

from routewarden.evidence.sheet import Column, flat, snake_names
from routewarden.evidence.table import Table
from routewarden.measures.shown import NO_VALUE

_PLACES, _WHOLE = 12, 26


def parquet(table: Table) -> bytes:
    """Return the Parquet of a table."""
    data = io.BytesIO()
    frame(table).write_parquet(data, compression="zstd")
    return data.getvalue()


def frame(table: Table) -> pl.DataFrame:
    """Return the exact values of a table, and what is shown for its numbers."""
    columns = flat(table)
    titles = [
        name
        for column in columns
        for name in ((column.title, f"{column.title} shown") if column.numeric else (column.title,))
    ]
    series = (part for column in columns for part in _series(column))
    return pl.DataFrame(
        [part.alias(name) for name, part in zip(snake_names(titles), series, strict=True)]
    )


def _series(column: Column) -> Iterator[pl.Series]:
    exact = [cell.exact or None for cell in column.cells]
    if column.numeric:
        yield _numbers(exact)
        yield pl.Series([cell.text for cell in column.cells], dtype=pl.String)
    elif column.dated:
        days = [None if text is None else date.fromisoformat(text) for text in exact]
        yield pl.Series(days, dtype=pl.Date)
    else:
        shown = [cell.text if cell.text != NO_VALUE else None for cell in column.cells]
        texts = [text or other for text, other in zip(exact, shown, strict=True)]
        yield pl.Series(texts, dtype=pl.String)


def _numbers(exact: list[str | None]) -> pl.Series:
    """Return exact numbers: decimals if each fits twelve places, else their text."""
    values = [None if text is None else Decimal(text) for text in exact]
    if all(value is None or _fits(value) for value in values):
        return pl.Series(values, dtype=pl.Decimal(_PLACES + _WHOLE, _PLACES))
    return pl.Series(exact, dtype=pl.String)


def _fits(value: Decimal) -> bool:
    return value.adjusted() < _WHOLE and value == round(value, _PLACES)
