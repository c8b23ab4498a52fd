"""What messages tell of orders, routes and fills, before it is checked like any table.

An interpreter reads messages of every file held, in any order, and tells the canonical records
they amount to: as text, so that one set of checks serves tables and messages alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from routewarden.base.schema import TABLES, Kind

PLACED = {"file": pl.String(), "line": pl.Int64(), "start": pl.Int64(), "end": pl.Int64()}
"""The raw file's digest and where in it the message stands that a record begins with."""

INTERPRETED = (Kind.ORDERS, Kind.ROUTES, Kind.FILLS)

Row = Mapping[str, str | int | None]
"""A record told of: canonical columns as text, others as `x_name`, and PLACED."""


@dataclass(frozen=True, slots=True)
class Told:
    """Orders, routes and fills as text, by kind: canonical columns, extras, PLACED."""

    tables: Mapping[Kind, pl.DataFrame]


def told(rows: Mapping[Kind, Iterable[Row]]) -> Told:
    """Return rows as frames; columns nobody stated are empty."""
    return Told({kind: _frame(kind, list(rows.get(kind, ()))) for kind in INTERPRETED})


def _frame(kind: Kind, rows: list[Row]) -> pl.DataFrame:
    extras = sorted({name for row in rows for name in row if name.startswith("x_")})
    text = dict.fromkeys((*TABLES[kind].names, *extras), pl.String())
    schema = {**text, **PLACED}
    columns = {name: [row.get(name) for row in rows] for name in schema}
    return pl.DataFrame(columns, schema=schema)
