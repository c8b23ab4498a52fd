"""A child order whose order is not held."""

from __future__ import annotations

import polars as pl

from routewarden.rules.rule import Rule, Severity, Subject

RULE = Rule(
    id="route-without-order",
    title="Route without an order",
    severity=Severity.MEDIUM,
    subject=Subject.ROUTE,
    when=~pl.col("has_order"),
    because=pl.format("order {} of this route is not held", pl.col("order_id")),
    remedy="Ingest the missing orders, then run again.",
    source="Integrity of the record",
)
