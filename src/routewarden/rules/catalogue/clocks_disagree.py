"""Something happened before what caused it."""

from __future__ import annotations

import polars as pl

from routewarden.rules.rule import Rule, Severity, Subject
from routewarden.rules.speech import milliseconds

RULE = Rule(
    id="clocks-disagree",
    title="Effect before cause",
    severity=Severity.MEDIUM,
    subject=Subject.FILL,
    when=(pl.col("fill_time_ms") < 0)
    | (pl.col("route_time_ms") < 0).fill_null(value=False)
    | (pl.col("decision_time_ms") < 0).fill_null(value=False),
    because=pl.format(
        "received to executed {} ms, sent to executed {} ms, received to sent {} ms",
        milliseconds(pl.col("fill_time_ms")),
        milliseconds(pl.col("route_time_ms")),
        milliseconds(pl.col("decision_time_ms")),
    ),
    remedy="Compare the clocks of the systems that stamped these instants.",
    source="FINRA Rule 4590, synchronization of member business clocks",
    asked=pl.col("has_order"),
)
