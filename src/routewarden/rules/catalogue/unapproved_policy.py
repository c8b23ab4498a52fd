"""A policy file in force that nobody approved."""

from __future__ import annotations

import polars as pl

from routewarden.rules.rule import Rule, Severity, Subject

_UNTIL = (
    pl.when(pl.col("until").is_null())
    .then(pl.lit(" on"))
    .otherwise(pl.format(" until {}", "until"))
)

RULE = Rule(
    id="unapproved-policy",
    title="Policy changed outside an approved act",
    severity=Severity.HIGH,
    subject=Subject.POLICY,
    when=pl.col("unapproved"),
    because=pl.format(
        "policy/{} has from {}{} bytes (SHA-256 {}) that {}",
        pl.col("policy_file"),
        pl.col("since"),
        _UNTIL,
        pl.col("digest").str.head(12),
        pl.when(pl.col("unapproved"))
        .then(pl.lit("are neither as shipped nor approved by a second person"))
        .otherwise(pl.lit("the log begins with: who approved them it cannot tell")),
    ),
    remedy="Find out who changed it; have those bytes proposed and approved, or put others there.",
    source="Integrity of the record",
    evidence=pl.col("digest"),
)
