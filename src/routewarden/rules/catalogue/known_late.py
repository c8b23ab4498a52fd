"""Executions the firm learned of long after they happened."""

from __future__ import annotations

import polars as pl

from routewarden.rules.rule import Rule, Severity, Subject
from routewarden.rules.speech import said

RULE = Rule(
    id="known-late",
    title="Executions known late",
    severity=Severity.MEDIUM,
    subject=Subject.FILE,
    when=pl.col("days_late") > pl.col("limit_late_days_most"),
    because=pl.format(
        "{} executions of {} came {} trading dates later, on {}; limit {}",
        pl.col("executions"),
        pl.col("trading_date"),
        said(pl.col("days_late").cast(pl.String)),
        pl.col("delivered"),
        pl.col("said_late_days_most"),
    ),
    remedy="Ask for the reason; check what was reported or reviewed without them.",
    source="Integrity of the record; FINRA Rule 5310.09 reviews need every execution",
    limits=("late_days_most",),
    minor=pl.col("file_on_time") == 0,
    evidence=pl.col("ids"),
)
