"""An execution after its order had ended."""

from __future__ import annotations

import polars as pl

from routewarden.rules.rule import Rule, Severity, Subject
from routewarden.rules.speech import instant

RULE = Rule(
    id="filled-after-end",
    title="Executed after the order ended",
    severity=Severity.MEDIUM,
    subject=Subject.FILL,
    when=pl.col("executed_at") > pl.col("ended_at"),
    because=pl.format(
        "executed {}, and the order ended {}", instant("executed_at"), instant("ended_at")
    ),
    remedy="Check the clocks, then whether the cancel was honoured.",
    source="FINRA Rule 5310: orders handled as the customer said",
    asked=pl.col("ended_at").is_not_null(),
)
