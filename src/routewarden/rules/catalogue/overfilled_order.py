"""More executed than was ordered."""

from __future__ import annotations

import polars as pl

from routewarden.rules.rule import Rule, Severity, Subject
from routewarden.rules.speech import quantity

RULE = Rule(
    id="overfilled-order",
    title="Filled beyond its quantity",
    severity=Severity.HIGH,
    subject=Subject.ORDER,
    when=pl.col("filled_quantity") > pl.col("quantity"),
    because=pl.format("{} filled of {} ordered", quantity("filled_quantity"), quantity("quantity")),
    remedy="Look for a bust not yet received, or executions booked to the wrong order.",
    source="Integrity of the record",
)
