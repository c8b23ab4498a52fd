"""A bust or correction of an execution that has not arrived."""

from __future__ import annotations

import polars as pl

from routewarden.rules.rule import Rule, Severity, Subject
from routewarden.rules.speech import said

RULE = Rule(
    id="amendment-without-target",
    title="Amends an execution not held",
    severity=Severity.MEDIUM,
    subject=Subject.AMENDMENT,
    when=~pl.col("target_held"),
    because=pl.format(
        "{} {} names {}, which is not held",
        said(pl.col("status")),
        pl.col("fill_id"),
        said(pl.col("refers_to")),
    ),
    remedy="Ask for the missing execution, or for the amendment to be withdrawn.",
    source="Integrity of the record; FINRA Rule 5310.09 needs the executions as they stand",
)
