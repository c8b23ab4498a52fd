"""What each order adds to a metric: how far it moves the sums from a tolerance, and its own figure.

A metric is one sum over another. An order's *distance* is what it has of the one, less the
tolerance times what it has of the other: below zero it pulls the metric under the tolerance. The
distances of all orders add up to the metric's own, so they say which orders a breach is made of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import polars as pl

from routewarden.base.exact import QUANTITY_SCALE
from routewarden.measures.scorecard import Metric, quotient, shares_of
from routewarden.measures.summary import MEASURED, SCALES, Part, summarise

_ORDER = ("trading_date", "order_id", "symbol")


@dataclass(frozen=True, slots=True)
class Behind:
    """An order behind a figure: its date, its measured fills (or itself), shares, own value."""

    day: str
    order_id: str
    symbol: str
    n: int
    shares: Decimal
    value: Decimal | None
    distance: Decimal


@dataclass(frozen=True, slots=True)
class _Sum:
    n: int
    shares: int
    total: int


def behind(
    rows: pl.DataFrame, parts: Sequence[Part], metric: Metric, tolerance: Decimal
) -> list[Behind]:
    """Return the orders that some measured rows are of, those that pull it down most first.

    Args:
        rows: Measured fills, orders or routes with `trading_date`, `order_id` and `symbol`.
        parts: What such rows contribute to metrics.
        metric: The metric, which is among the parts.
        tolerance: What the metric is held against.
    """
    needed = [part for part in parts if part.metric in {metric.of, metric.over}]
    known = rows.filter(pl.col("order_id").is_not_null())
    sums: dict[tuple[str, str, str], dict[str, _Sum]] = {}
    found = summarise(known, needed, _ORDER).filter(pl.col("status") == MEASURED)
    for day, order, symbol, name, n, shares, total in found.select(
        *_ORDER, "metric", "n", "shares", "total"
    ).iter_rows():
        kept = sums.setdefault((str(day), order, symbol or ""), {})
        kept[name] = _Sum(n, shares or 0, total or 0)
    told = [_behind(key, each, metric, tolerance) for key, each in sums.items()]
    return sorted(told, key=lambda order: (order.distance, order.day, order.order_id))


def _behind(
    key: tuple[str, str, str], sums: Mapping[str, _Sum], metric: Metric, tolerance: Decimal
) -> Behind:
    of = sums.get(metric.of, _Sum(0, 0, 0))
    above = Fraction(of.total, 10 ** SCALES[metric.of])
    below = _below(metric, of, sums)
    if metric.complement:
        above = below - above
    value = above if metric.summed else above / below if below else None
    distance = above - Fraction(tolerance) * below
    return Behind(
        *key,
        n=of.n,
        shares=shares_of(of.shares),
        value=None if value is None else quotient(value),
        distance=quotient(distance),
    )


def _below(metric: Metric, of: _Sum, sums: Mapping[str, _Sum]) -> Fraction:
    """Return what a metric's sum is divided by: a total has nothing, and its distance is itself."""
    if metric.summed:
        return Fraction(0)
    if metric.counted:
        return Fraction(of.n)
    if metric.over is None:
        return Fraction(of.shares, 10**QUANTITY_SCALE)
    other = sums.get(metric.over, _Sum(0, 0, 0))
    return Fraction(other.total, 10 ** SCALES[metric.over])
