"""Orders of a strategy that the router's configuration does not have."""

from __future__ import annotations

import polars as pl

from routewarden.rules.facts.configuration import STRATEGY
from routewarden.rules.rule import Rule, Severity, Subject

RULE = Rule(
    id="strategy-not-configured",
    title="Strategy outside the router's configuration",
    severity=Severity.MEDIUM,
    subject=Subject.CONFIGURED,
    when=~pl.col("allowed"),
    because=pl.format(
        "{} orders of strategy {}; {} {} has {}",
        pl.col("count"),
        pl.col("use"),
        pl.col("router"),
        pl.col("version"),
        pl.col("expected"),
    ),
    remedy="Find out what the strategy does and who turned it on; approve a version that has it.",
    source="The firm's configuration, policy/router.toml",
    asked=pl.col("aspect") == STRATEGY,
    evidence=pl.col("ids"),
)
