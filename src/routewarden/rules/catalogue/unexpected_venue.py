"""An order at a venue nobody approved."""

from __future__ import annotations

import polars as pl

from routewarden.rules.rule import Rule, Severity, Subject
from routewarden.rules.speech import said

RULE = Rule(
    id="unexpected-venue",
    title="At a venue not on the firm's list",
    severity=Severity.MEDIUM,
    subject=Subject.VENUE_USE,
    when=~pl.col("expected"),
    because=pl.format(
        "{} {} (route {}); venues expected on {}: {}",
        pl.col("use"),
        pl.col("venue"),
        said(pl.col("route_id")),
        pl.col("trading_date"),
        pl.col("listed"),
    ),
    remedy="Ask the vendor why; approve the venue in policy/venues.toml, or have it turned off.",
    source="17 CFR 242.606: the venue an order was routed to",
    asked=pl.col("expected").is_not_null(),
    evidence=pl.col("route_id"),
)
