"""Two corrections of one execution."""

from __future__ import annotations

import polars as pl

from routewarden.rules.rule import Rule, Severity, Subject

RULE = Rule(
    id="rival-corrections",
    title="Corrected more than once",
    severity=Severity.HIGH,
    subject=Subject.AMENDMENT,
    when=pl.col("rivals") > 0,
    because=pl.format(
        "{} corrects {}, as do {} others; the latest by execution time and id stands",
        pl.col("fill_id"),
        pl.col("refers_to"),
        pl.col("rivals"),
    ),
    remedy="Have the sender say which correction stands, and withdraw the others.",
    source="Integrity of the record",
    asked=pl.col("rivals").is_not_null() & pl.col("refers_to").is_not_null(),
)
