"""A stretch of time against the ordinary ones before it.

What was found out of the ordinary is left out of later windows: a lasting change is found each time
until somebody accepts it, and never becomes the standard by lasting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import exp, sqrt

import numpy as np
import numpy.typing as npt
import polars as pl

from routewarden.base.time import NS_PER_MS
from routewarden.measures.population import POPULATION, Population
from routewarden.measures.reference import OrderClass
from routewarden.policy.limits import Limits

DATES = 20
"""Trading dates of a venue's trailing window."""
WEEKS = 4
"""Weeks of a class's trailing window."""

_CROSSING = [OrderClass.MARKET, OrderClass.MARKETABLE_LIMIT]
_RESTING_CLASSES = [OrderClass.INSIDE_QUOTE, OrderClass.AT_QUOTE, OrderClass.NEAR_QUOTE]
_AT_ONCE = (pl.col("route_order_type") == "market").fill_null(value=False) | pl.col(
    "route_time_in_force"
).is_in(["ioc", "fok"]).fill_null(value=False)
_TOOK = (pl.col("liquidity") == "removed").fill_null(value=False)
_RESTED = pl.col("liquidity").is_in(["added", "auction"]).fill_null(value=False)
MARKETABLE_FLOW = (_AT_ONCE & ~_RESTED) | (_TOOK & pl.col("order_class").is_in(_CROSSING))
"""Fills whose time from the route is the venue's speed, not time at rest in its book."""

LATENCY = {
    "venue": pl.String(),
    "trading_date": pl.Date(),
    "routes": pl.Int64(),
    "window_routes": pl.Int64(),
    "median_ms": pl.Float64(),
    "trailing_ms": pl.Float64(),
    "mads": pl.Float64(),
    "rise": pl.Float64(),
    "enough": pl.Boolean(),
    "slow": pl.Boolean(),
}
FILL_RATES = {
    "order_class": pl.String(),
    "week": pl.String(),
    "trading_date": pl.Date(),
    "orders": pl.Int64(),
    "rate": pl.Float64(),
    "window_orders": pl.Int64(),
    "window_rate": pl.Float64(),
    "z": pl.Float64(),
    "enough": pl.Boolean(),
    "fell": pl.Boolean(),
}


def latency_facts(fills: pl.DataFrame, limits: Limits) -> pl.DataFrame:
    """Return each venue's route times by date against its ordinary dates before, as LATENCY.

    Fills come with `trading_date` (of execution), `route_id` and the columns MARKETABLE_FLOW reads.
    A route counts once, by its first fill: the others waited for more to trade with. Medians are of
    ln(route time), shown as milliseconds; `mads` is the difference in median absolute deviations
    (null where that is 0), `rise` the factor. A time that is not positive is left to the clocks.
    """
    flow = fills.filter(MARKETABLE_FLOW, pl.col("route_time_ms") > 0)
    days = (
        flow.with_columns(venue=pl.coalesce("venue", "route_venue"))
        .group_by("venue", "trading_date", "route_id")
        .agg(time=pl.col("route_time_ms").min().cast(pl.Float64).log())
        .group_by("venue", "trading_date")
        .agg("time")
        .sort("venue", "trading_date")
    )
    rows = []
    for (venue,), part in days.group_by("venue", maintain_order=True):
        ordinary: list[npt.NDArray[np.float64]] = []
        for day, times in part.select("trading_date", "time").iter_rows():
            row = _latency(day, np.array(times), ordinary[-DATES:], limits)
            rows.append({"venue": venue, **row})
            if not row["slow"]:
                ordinary.append(np.array(times))
    return pl.DataFrame(rows, schema=LATENCY)


def _latency(
    day: date,
    times: npt.NDArray[np.float64],
    window: Sequence[npt.NDArray[np.float64]],
    limits: Limits,
) -> dict[str, object]:
    least, mads, rise = (
        float(limits.at(name, day).value)
        for name in ("latency_fills_least", "latency_mads", "latency_rise_least")
    )
    before = np.concatenate([*window, np.empty(0)])
    row: dict[str, object] = {
        "trading_date": day,
        "routes": len(times),
        "window_routes": len(before),
    }
    if min(len(times), len(before)) < least or not len(before):
        return row | {"enough": False, "slow": False}
    median, trailing = float(np.median(times)), float(np.median(before))
    spread = float(np.median(np.abs(before - trailing)))
    above = median - trailing
    return row | {
        "median_ms": exp(median) / NS_PER_MS,
        "trailing_ms": exp(trailing) / NS_PER_MS,
        "mads": above / spread if spread else None,
        "rise": exp(above),
        "enough": True,
        "slow": above > mads * spread and exp(above) >= rise,
    }


@dataclass(frozen=True, slots=True)
class _Week:
    """The orders of a class in a week, and how many got any fill."""

    orders: int
    filled: int


def fill_rate_facts(orders: pl.DataFrame, limits: Limits) -> pl.DataFrame:
    """Return the share of customer limit orders filled, by class and week, as FILL_RATES.

    Orders come with `trading_date` (of receipt), `order_class`, `filled_quantity` and what tells
    their population. A week is a calendar week, named as ISO 8601 does; `trading_date` is its last
    with orders. `z` counts standard errors of the fall, the two rates taken as one.
    """
    week = pl.col("trading_date").dt.strftime("%G-W%V")
    dated = orders.with_columns(week=week)
    last = dated.group_by("week").agg(pl.col("trading_date").max())
    weeks = (
        dated.filter(
            POPULATION == Population.CUSTOMER,
            pl.col("order_class").is_in([*_RESTING_CLASSES, OrderClass.MARKETABLE_LIMIT]),
        )
        .group_by("order_class", "week")
        .agg(orders=pl.len(), filled=(pl.col("filled_quantity") > 0).sum())
        .join(last, on="week")
        .sort("order_class", "week")
    )
    rows = []
    for (order_class,), part in weeks.group_by("order_class", maintain_order=True):
        ordinary: list[_Week] = []
        for label, day, count, filled in part.select(
            "week", "trading_date", "orders", "filled"
        ).iter_rows():
            sample = _Week(count, filled)
            row = _fall(day, sample, ordinary[-WEEKS:], limits)
            rows.append({"order_class": order_class, "week": label, **row})
            if not row["fell"]:
                ordinary.append(sample)
    return pl.DataFrame(rows, schema=FILL_RATES)


def _fall(day: date, week: _Week, window: Sequence[_Week], limits: Limits) -> dict[str, object]:
    least, drop, errors = (
        float(limits.at(name, day).value)
        for name in ("fill_rate_orders_least", "fill_rate_drop_most", "fill_rate_z")
    )
    before = _Week(sum(w.orders for w in window), sum(w.filled for w in window))
    row: dict[str, object] = {
        "trading_date": day,
        "orders": week.orders,
        "window_orders": before.orders,
        "rate": week.filled / week.orders,
    }
    if min(week.orders, before.orders) < least or not before.orders:
        return row | {"enough": False, "fell": False}
    rate, trailing = week.filled / week.orders, before.filled / before.orders
    z = two_proportion_z((before.filled, before.orders), (week.filled, week.orders))
    return row | {
        "window_rate": trailing,
        "z": z,
        "enough": True,
        "fell": trailing - rate > drop and z > errors,
    }


def two_proportion_z(one: tuple[int, int], other: tuple[int, int]) -> float:
    """Return by how many standard errors the first share (part, whole) is above the second.

    The error is that of two samples of one pooled share; 0 where all, or none, are in the part.
    """
    (part, whole), (other_part, other_whole) = one, other
    pooled = (part + other_part) / (whole + other_whole)
    error = sqrt(pooled * (1 - pooled) * (1 / whole + 1 / other_whole))
    return (part / whole - other_part / other_whole) / error if error else 0.0
