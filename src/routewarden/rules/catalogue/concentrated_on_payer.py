"""Most of the flow at one venue, and the venue pays for it."""

from __future__ import annotations

import polars as pl

from routewarden.rules.rule import Rule, Severity, Subject
from routewarden.rules.speech import fraction

RULE = Rule(
    id="concentrated-on-payer",
    title="Flow concentrated on a venue that pays",
    severity=Severity.MEDIUM,
    subject=Subject.VENUE_MONTH,
    when=pl.col("share") > pl.col("limit_concentration_most"),
    because=pl.format(
        "{} of customer market and marketable shares in {} executed at {}, for which {} pays; "
        "limit {}",
        fraction(pl.col("share")),
        pl.col("month"),
        pl.col("venue"),
        pl.col("payers"),
        pl.col("said_concentration_most"),
    ),
    remedy="Show that its quality justifies it, next to the venues that do not pay.",
    source="FINRA Rule 5310.09; 17 CFR 242.606, payment for order flow",
    asked=pl.col("payers").is_not_null()
    & (pl.col("all_fills") >= pl.col("limit_verdict_orders_least")),
    limits=("concentration_most", "verdict_orders_least"),
)
