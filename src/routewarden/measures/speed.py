"""How long it took, in milliseconds kept to the nanosecond.

A negative time is a clock that is wrong somewhere; it is kept, and found by a rule.
"""

from __future__ import annotations

import polars as pl

from routewarden.measures.measure import Better, Lack, Measure, Reference, Unit

_NO_ROUTE = ((Lack.NO_ROUTE, pl.col("sent_at").is_null()),)

FILL_TIME = Measure(
    "fill_time_ms",
    pl.col("executed_at") - pl.col("received_at"),
    Unit.MS,
    Better.LOWER,
    Reference.NONE,
    means="From the firm's receipt of the order to its execution.",
    source='17 CFR 242.600(b), "time of order receipt" and "time of order execution"',
)

ROUTE_TIME = Measure(
    "route_time_ms",
    pl.col("executed_at") - pl.col("sent_at"),
    Unit.MS,
    Better.LOWER,
    Reference.NONE,
    means="From the sending of the route to its execution.",
    source="Time of execution less time sent",
    lacks=_NO_ROUTE,
)

DECISION_TIME = Measure(
    "decision_time_ms",
    pl.col("sent_at") - pl.col("received_at"),
    Unit.MS,
    Better.LOWER,
    Reference.NONE,
    means="From the firm's receipt of the order to the sending of the route.",
    source="Time sent less time of order receipt",
    lacks=_NO_ROUTE,
)
