"""An order that ended before it was received."""

from __future__ import annotations

import polars as pl

from routewarden.rules.rule import Rule, Severity, Subject
from routewarden.rules.speech import instant

RULE = Rule(
    id="ended-before-received",
    title="Ended before it was received",
    severity=Severity.MEDIUM,
    subject=Subject.ORDER,
    when=pl.col("ended_at") < pl.col("received_at"),
    because=pl.format("received {}, ended {}", instant("received_at"), instant("ended_at")),
    remedy="Have the sender say which instant is wrong.",
    source="Integrity of the record",
    asked=pl.col("ended_at").is_not_null(),
)
