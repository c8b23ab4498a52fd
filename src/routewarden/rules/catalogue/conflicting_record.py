"""A row that contradicts a record held under its id."""

from __future__ import annotations

import polars as pl

from routewarden.rules.rule import Rule, Severity, Subject

RULE = Rule(
    id="conflicting-record",
    title="Contradicts a record held",
    severity=Severity.MEDIUM,
    subject=Subject.CONFLICT,
    when=pl.lit(value=True),
    because=pl.format("{}: {}", pl.col("kind"), pl.col("detail")),
    remedy="Have the sender say which is right, and send a correction or a new id.",
    source="Integrity of the record",
)
