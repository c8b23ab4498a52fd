"""Routes to a venue that the router's configuration does not have."""

from __future__ import annotations

import polars as pl

from routewarden.rules.facts.configuration import VENUE
from routewarden.rules.rule import Rule, Severity, Subject
from routewarden.rules.speech import said

RULE = Rule(
    id="venue-not-configured",
    title="Router at a venue outside its configuration",
    severity=Severity.HIGH,
    subject=Subject.CONFIGURED,
    when=~pl.col("allowed"),
    because=pl.when(pl.col("router").is_null())
    .then(pl.format("{} routes of orders that state no router", pl.col("count")))
    .otherwise(
        pl.format(
            "{} routes to {}; {} {} is to route to {}",
            pl.col("count"),
            pl.col("use"),
            said(pl.col("router")),
            said(pl.col("version")),
            pl.col("expected"),
        )
    ),
    remedy="Ask the vendor what was changed; have it turned off, or approve a new version.",
    source="The firm's configuration, policy/router.toml",
    asked=pl.col("aspect") == VENUE,
    evidence=pl.col("ids"),
)
