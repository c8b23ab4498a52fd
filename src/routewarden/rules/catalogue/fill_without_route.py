"""An execution whose route is not held."""

from __future__ import annotations

import polars as pl

from routewarden.rules.rule import Rule, Severity, Subject
from routewarden.rules.speech import said

RULE = Rule(
    id="fill-without-route",
    title="Execution without a route",
    severity=Severity.LOW,
    subject=Subject.FILL,
    when=~pl.col("has_route"),
    because=pl.format(
        "route {} of this execution is not held, so its venue cannot be judged by the quote it saw",
        said(pl.col("route_id")),
    ),
    remedy="Ask the router's vendor for the child orders.",
    source="Measures by the route need the route's instant",
    asked=pl.col("has_order"),
)
