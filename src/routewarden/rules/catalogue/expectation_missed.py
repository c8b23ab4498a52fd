"""A router that falls short of what its configuration promises, more often than it may."""

from __future__ import annotations

import polars as pl

from routewarden.rules.rule import Rule, Severity, Subject
from routewarden.rules.speech import fraction

RULE = Rule(
    id="expectation-missed",
    title="Router falls short of its configuration",
    severity=Severity.MEDIUM,
    subject=Subject.EXPECTED,
    when=pl.when(pl.col("known") >= pl.col("limit_verdict_orders_least")).then(
        pl.col("rate") > pl.col("limit_expectation_missed_most")
    ),
    because=pl.format(
        "{} of {} known of {} in {}: {} {} is expected: {}; missed {}, limit {}",
        pl.col("missed"),
        pl.col("known"),
        pl.col("asked"),
        pl.col("period"),
        pl.col("router"),
        pl.col("version"),
        pl.col("expected"),
        fraction(pl.col("rate")),
        pl.col("said_expectation_missed_most"),
    ),
    remedy="Look at the orders with the vendor; have it put right, or approve what it does.",
    source="The firm's configuration, policy/router.toml",
    asked=pl.col("asked") >= pl.col("limit_verdict_orders_least"),
    limits=("expectation_missed_most", "verdict_orders_least"),
    evidence=pl.col("ids"),
)
