"""An order for which the market was not there to compare with."""

from __future__ import annotations

import polars as pl

from routewarden.rules.rule import Rule, Severity, Subject
from routewarden.rules.speech import instant, price

RULE = Rule(
    id="no-quote-at-receipt",
    title="No usable quote when received",
    severity=Severity.LOW,
    subject=Subject.ORDER,
    when=pl.col("reference_status").is_in(["none", "one_sided", "crossed"]),
    because=pl.format(
        "{} at {}: bid {}, ask {}",
        pl.col("reference_status"),
        instant("received_at"),
        price(pl.col("bid_at_receipt")),
        price(pl.col("ask_at_receipt")),
    ),
    remedy="Check that quotes for the symbol and date are held and whole.",
    source="Data coverage",
)
