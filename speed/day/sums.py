"""What is asked of a day: seventeen exact sums by symbol, order type, venue and size.

The measures are the product's own expressions, in 10**-9 a share times whole shares, so that a sum
is a 64-bit integer. Whoever attaches the quotes in force gets the same sums from here.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from routewarden.base.side import SIGN
from routewarden.base.time import NS_PER_MS, NS_PER_SECOND
from routewarden.measures.horizon import Horizon, realized_spread
from routewarden.measures.improvement import PRICE_IMPROVEMENT
from routewarden.measures.measure import Measure
from routewarden.measures.reference import mid
from routewarden.measures.spread import (
    EFFECTIVE_SPREAD,
    EFFECTIVE_SPREAD_AT_EXECUTION,
    EFFECTIVE_SPREAD_AT_ROUTE,
    QUOTED_SPREAD,
    QUOTED_SPREAD_AT_ROUTE,
)
from speed.day.data import ORDER_TYPES, SIZES, VENUES

HORIZONS = (
    Horizon("10ms", 10 * NS_PER_MS),
    Horizon("50ms", 50 * NS_PER_MS),
    Horizon("1s", NS_PER_SECOND),
    Horizon("5s", 5 * NS_PER_SECOND),
    Horizon("15s", 15 * NS_PER_SECOND),
    Horizon("1m", 60 * NS_PER_SECOND),
    Horizon("5m", 300 * NS_PER_SECOND),
)

POINTS = {
    "at_receipt": ("received_at", 0),
    "at_route": ("route_at", 0),
    "before": ("executed_at", -NS_PER_SECOND),
    "at_execution": ("executed_at", 0),
    **{horizon.when: ("executed_at", horizon.ns) for horizon in HORIZONS},
}
"""The eleven instants of a fill: a column, and nanoseconds after it."""

FILLS = (
    *("code", "received_at", "route_at", "executed_at"),
    *("side", "price", "quantity", "order_type", "venue", "size"),
)
"""The columns of fills that are needed."""

_MEASURES: tuple[Measure, ...] = (
    QUOTED_SPREAD,
    EFFECTIVE_SPREAD,
    EFFECTIVE_SPREAD_AT_EXECUTION,
    PRICE_IMPROVEMENT,
    QUOTED_SPREAD_AT_ROUTE,
    EFFECTIVE_SPREAD_AT_ROUTE,
    *(realized_spread(horizon) for horizon in HORIZONS),
)

_SHARES = pl.col("quantity")
_VALUES = {
    **{measure.name: measure.expr * _SHARES for measure in _MEASURES},
    "moved_before": SIGN * (mid("at_execution") - mid("before")) * _SHARES,
    "notional": pl.col("price") * _SHARES,
    "shares": _SHARES,
}
SUMS = (*_VALUES, "fills")

CELLS = ORDER_TYPES * VENUES * SIZES
"""The cells a symbol can have."""
_CELL = pl.col("code").cast(pl.Int64)
for _name, _kinds in (("order_type", ORDER_TYPES), ("venue", VENUES), ("size", SIZES)):
    _CELL = _CELL * _kinds + pl.col(_name)


def valued(fills: pl.LazyFrame) -> pl.LazyFrame:
    """Return what each fill adds to each sum; `cell` is all four dimensions in one number."""
    return fills.select(_CELL.alias("cell"), **_VALUES, fills=pl.lit(1, dtype=pl.Int64))


def summed(fills: pl.LazyFrame) -> pl.LazyFrame:
    """Return the sums of fills with quotes attached."""
    return valued(fills).group_by("cell").agg(pl.col(*SUMS).sum())


def told(sums: pl.DataFrame) -> list[int]:
    """Return what two ways to the same sums agree in: cells, and each sum mixed with its cell."""
    mixed = sums["cell"].to_numpy() * np.int64(-7046029254386353131) | 1
    return [sums.height, *(int((sums[name].to_numpy() * mixed).sum()) for name in SUMS)]
