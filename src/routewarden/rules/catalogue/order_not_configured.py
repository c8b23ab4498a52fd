"""Routes that carry what the router's configuration does not allow."""

from __future__ import annotations

import polars as pl

from routewarden.rules.facts.configuration import CARRIED
from routewarden.rules.rule import Rule, Severity, Subject

RULE = Rule(
    id="order-not-configured",
    title="Route of a kind outside the router's configuration",
    severity=Severity.MEDIUM,
    subject=Subject.CONFIGURED,
    when=~pl.col("allowed"),
    because=pl.format(
        "{} routes: {}; {} {} allows {}",
        pl.col("count"),
        pl.col("use"),
        pl.col("router"),
        pl.col("version"),
        pl.col("expected"),
    ),
    remedy="Ask the vendor why such routes are sent; approve a version that allows them, or not.",
    source="The firm's configuration, policy/router.toml",
    asked=pl.col("aspect") == CARRIED,
    evidence=pl.col("ids"),
)
