"""An execution names one order, its route another."""

from __future__ import annotations

import polars as pl

from routewarden.rules.rule import Rule, Severity, Subject

RULE = Rule(
    id="orders-disagree",
    title="Execution and route name different orders",
    severity=Severity.HIGH,
    subject=Subject.FILL,
    when=pl.col("order_id") != pl.col("route_order_id"),
    because=pl.format(
        "the execution names order {}, its route {} names {}",
        pl.col("order_id"),
        pl.col("route_id"),
        pl.col("route_order_id"),
    ),
    remedy="Have the sender correct the execution or the route.",
    source="Integrity of the record",
    asked=pl.col("order_id").is_not_null() & pl.col("route_order_id").is_not_null(),
)
