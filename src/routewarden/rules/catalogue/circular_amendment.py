"""A bust or correction that leads back to itself."""

from __future__ import annotations

import polars as pl

from routewarden.rules.rule import Rule, Severity, Subject
from routewarden.rules.speech import said

RULE = Rule(
    id="circular-amendment",
    title="Amends itself",
    severity=Severity.MEDIUM,
    subject=Subject.AMENDMENT,
    when=pl.col("circular"),
    because=pl.format(
        "{} {} names {}, which leads back to it, so none of them is in effect",
        said(pl.col("status")),
        pl.col("fill_id"),
        said(pl.col("refers_to")),
    ),
    remedy="Ask which execution was meant, and have the amendments sent again.",
    source="Integrity of the record; FINRA Rule 5310.09 needs the executions as they stand",
)
