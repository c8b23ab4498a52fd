"""What leaves the product as data: the columns outsiders are promised, values untouched.

Integers become the decimals they stand for, instants RFC 3339 text in CSV and UTC nanoseconds in
Parquet. Nothing is rounded, quoted against spreadsheets, or left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Context, Decimal
from enum import StrEnum

import polars as pl

from routewarden.base.exact import QUANTITY_SCALE, plain, to_decimal
from routewarden.base.schema import INSTANTS, NUMBERS, TABLES, Column, Kind
from routewarden.base.time import datetime_utc, render_instant
from routewarden.measures.fills import FILL_MEASURES, FILL_STATUSES
from routewarden.measures.measure import Measure, Unit
from routewarden.measures.orders import ORDER_MEASURES
from routewarden.measures.summary import SCALES
from routewarden.sources.typed import EXTRA_PREFIX

_WIDE = Context(prec=60)  # Python's own 28 digits would round a sum of 128 bits


class Part(StrEnum):
    """What can be exported."""

    FILLS = "fills"
    ORDERS = "orders"
    ROUTES = "routes"
    FINDINGS = "findings"
    SUMMARY = "summary"
    SCORECARD = "scorecard"


def export_fills(fills: pl.DataFrame) -> pl.DataFrame:
    """Return measured fills in their promised columns, by execution time and id."""
    of_order = [
        _column(Kind.ORDERS, name) for name in ("symbol", "side", "order_type", "received_at")
    ]
    columns = [*TABLES[Kind.FILLS].columns, *of_order, _column(Kind.ROUTES, "sent_at")]
    return fills.sort("executed_at", "fill_id").select(
        *(_value(column) for column in columns),
        *FILL_STATUSES,
        *(_measured(measure) for measure in FILL_MEASURES),
        *_extras(fills),
    )


def export_orders(orders: pl.DataFrame) -> pl.DataFrame:
    """Return measured orders in their promised columns, by receipt and id."""
    stated = orders.with_columns(asset_class=pl.col("stated_asset_class"))
    return stated.sort("received_at", "order_id").select(
        *(_value(column) for column in TABLES[Kind.ORDERS].columns),
        "order_class",
        "reference_status",
        "reference_source",
        *(_measured(measure) for measure in ORDER_MEASURES),
        *_extras(orders),
    )


def export_summary(summary: pl.DataFrame) -> pl.DataFrame:
    """Return exact sums with the dimensions under their own names.

    `total` is text: the sum of shares times value, whose decimals differ by metric.
    """
    totals = [
        None
        if total is None
        else f"{Decimal(total).scaleb(-SCALES[metric], _WIDE).normalize(_WIDE):f}"
        for metric, total in summary.select("metric", "total").iter_rows()
    ]
    dimensions = [name for name in summary.columns if name.startswith("by ")]
    return summary.select(
        *(pl.col(name).alias(name.removeprefix("by ")) for name in dimensions),
        "metric",
        "status",
        "n",
        to_decimal(pl.col("shares"), QUANTITY_SCALE).alias("shares"),
        pl.Series("total", totals, dtype=pl.String),
    )


def export_grid(grid: pl.DataFrame) -> pl.DataFrame:
    """Return every metric of every group, with the dimensions under their own names."""
    return grid.rename(lambda name: name.removeprefix("by "))


def export_routes(routes: pl.DataFrame) -> pl.DataFrame:
    """Return route records, by sending time and id."""
    return routes.sort("sent_at", "route_id").select(
        *(_value(column) for column in TABLES[Kind.ROUTES].columns), *_extras(routes)
    )


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame as it is written to CSV: plain decimals, RFC 3339, true and false."""
    return frame.select(_text(name, dtype) for name, dtype in frame.schema.items())


def _column(kind: Kind, name: str) -> Column:
    return next(column for column in TABLES[kind].columns if column.name == name)


def _value(column: Column) -> pl.Expr:
    value = pl.col(column.name)
    if column.type in INSTANTS:
        return datetime_utc(value).alias(column.name)
    if column.type in NUMBERS and NUMBERS[column.type].scale:
        return to_decimal(value, NUMBERS[column.type].scale).alias(column.name)
    return value


def _measured(measure: Measure) -> pl.Expr:
    value = pl.col(measure.name)
    if measure.unit is Unit.INSTANT:
        return datetime_utc(value).alias(measure.name)
    if measure.unit in {Unit.FLAG, Unit.COUNT}:
        return value
    return to_decimal(value, measure.scale).alias(measure.name)


def _extras(frame: pl.DataFrame) -> Sequence[str]:
    return sorted(name for name in frame.columns if name.startswith(EXTRA_PREFIX))


def _text(name: str, dtype: pl.DataType) -> pl.Expr:
    value = pl.col(name)
    if isinstance(dtype, pl.Decimal):
        return plain(value).alias(name)
    if isinstance(dtype, pl.Datetime):
        return render_instant(value.dt.epoch("ns")).alias(name)
    return value.cast(pl.String)
