"""A message that tells of an order, a route or a fill which cannot be used."""

from __future__ import annotations

import polars as pl

from routewarden.rules.rule import Rule, Severity, Subject

RULE = Rule(
    id="unusable-message",
    title="Message that cannot be used",
    severity=Severity.MEDIUM,
    subject=Subject.MESSAGE,
    when=pl.lit(value=True),
    because=pl.format("{}: {}: {}", "kind", "reason", "detail"),
    remedy="Have the sender say what was meant; a profile can say how its fields are to be read.",
    source="Integrity of the record",
)
