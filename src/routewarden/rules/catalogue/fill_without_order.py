"""An execution whose order is not held."""

from __future__ import annotations

import polars as pl

from routewarden.rules.rule import Rule, Severity, Subject
from routewarden.rules.speech import said

RULE = Rule(
    id="fill-without-order",
    title="Execution without an order",
    severity=Severity.HIGH,
    subject=Subject.FILL,
    when=~pl.col("has_order"),
    because=pl.format(
        "order {} of this execution is not held, so nothing about it can be measured",
        said(pl.col("owner")),
    ),
    remedy="Ingest the missing orders, then run again.",
    source="FINRA Rule 5310.09(b): executions of customer orders",
)
