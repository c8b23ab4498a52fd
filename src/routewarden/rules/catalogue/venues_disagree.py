"""An execution at another venue than its route went to."""

from __future__ import annotations

import polars as pl

from routewarden.rules.rule import Rule, Severity, Subject

RULE = Rule(
    id="venues-disagree",
    title="Executed at another venue",
    severity=Severity.LOW,
    subject=Subject.FILL,
    when=pl.col("venue") != pl.col("route_venue"),
    because=pl.format("executed at {}, routed to {}", pl.col("venue"), pl.col("route_venue")),
    remedy="Find out whether the venue routes onward, and whether the two names mean one venue.",
    source="17 CFR 242.606: the venue an order was routed to",
    asked=pl.col("venue").is_not_null() & pl.col("route_venue").is_not_null(),
)
