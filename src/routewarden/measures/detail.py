"""Metrics that no sum gives: the slow tail of fill times, and the share of orders improved.

They are read off every fill of a period at once, by exact whole numbers, so they too are the same
however the fills are cut or ordered.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from fractions import Fraction

import polars as pl

from routewarden.base.exact import wide
from routewarden.base.time import MS_SCALE
from routewarden.measures.improvement import PRICE_IMPROVEMENT
from routewarden.measures.measure import Better, Unit
from routewarden.measures.scorecard import Cell, Metric, no_cell, quotient, shares_of
from routewarden.measures.speed import FILL_TIME

_PI, _MS = PRICE_IMPROVEMENT.name, FILL_TIME.name

IMPROVED_ORDERS = Metric(
    "price_improved_orders_pct", "Orders price-improved", Unit.FRACTION, Better.HIGHER, _PI,
    marketable_only=True,
)  # fmt: skip
TAILS: Mapping[int, Metric] = {
    percent: Metric(
        f"fill_time_ms_p{percent}", f"Fill time, {percent}th percentile", Unit.MS, Better.LOWER,
        _MS, marketable_only=True,
    )
    for percent in (95, 99)
}  # fmt: skip

NEEDS = ("owner", "order_class", "quantity", _PI, _MS)
"""The columns of measured fills that these metrics read."""


def detail(fills: pl.DataFrame, classes: Collection[str]) -> Mapping[str, Cell]:
    """Return the cells of the fills of some order classes together, by metric."""
    metrics = (IMPROVED_ORDERS, *TAILS.values())
    if not all(metric.applies_to(name) for metric in metrics for name in classes):
        return {metric.name: no_cell(metric) for metric in metrics}
    mine = fills.filter(pl.col("order_class").is_in(list(classes)))
    timed = mine.filter(pl.col(_MS).is_not_null()).sort(_MS)
    cells = [_improved(mine), *(_tail(timed, mine, percent) for percent in TAILS)]
    return {cell.metric.name: cell for cell in cells}


def _improved(fills: pl.DataFrame) -> Cell:
    """Return the share of orders whose measured shares were, all told, improved."""
    measured = fills.filter(pl.col(_PI).is_not_null())
    gains = (wide(pl.col("quantity")) * wide(pl.col(_PI))).sum()
    orders = measured.group_by("owner").agg(gain=gains)
    improved = orders.filter(pl.col("gain") > 0).height
    return _cell(IMPROVED_ORDERS, (improved, orders.height), orders.height, (measured, fills))


def _tail(timed: pl.DataFrame, fills: pl.DataFrame, percent: int) -> Cell:
    """Return the time within which so many percent of the shares were filled.

    It is the least fill time such that the shares filled within it reach the percentage.
    """
    reached = wide(pl.col("quantity")).cum_sum() * 100
    enough = timed.filter(reached >= wide(pl.col("quantity")).sum() * percent)
    whole = (enough[_MS].item(0), 10**MS_SCALE) if enough.height else None
    return _cell(TAILS[percent], whole, timed.height, (timed, fills))


def _cell(
    metric: Metric, ratio: tuple[int, int] | None, n: int, over: tuple[pl.DataFrame, pl.DataFrame]
) -> Cell:
    measured, executed = (int(frame["quantity"].sum() or 0) for frame in over)
    return Cell(
        metric,
        quotient(Fraction(*ratio)) if ratio and ratio[1] else None,
        applies=True,
        n=n,
        shares=shares_of(measured),
        coverage=quotient(Fraction(measured, executed)) if executed else None,
    )
