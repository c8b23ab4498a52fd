"""A venue that answers more slowly than it used to."""

from __future__ import annotations

import polars as pl

from routewarden.rules.rule import Rule, Severity, Subject
from routewarden.rules.speech import ratio

RULE = Rule(
    id="slow-venue",
    title="Slower than its own past",
    severity=Severity.MEDIUM,
    subject=Subject.VENUE_DAY,
    when=pl.col("slow"),
    because=pl.format(
        "median route to execution {} ms over {} routes, against {} ms over {} in the ordinary "
        "dates before: {} times as long, {} MADs; limits {} and {}",
        ratio(pl.col("median_ms")),
        pl.col("routes"),
        ratio(pl.col("trailing_ms")),
        pl.col("window_routes"),
        ratio(pl.col("rise")),
        ratio(pl.col("mads")),
        pl.col("said_latency_rise_least"),
        pl.col("said_latency_mads"),
    ),
    remedy="Ask the vendor and the venue what changed; have flow moved while it lasts.",
    source="FINRA Rule 5310.09(b), speed of execution",
    asked=pl.col("enough"),
    limits=("latency_rise_least", "latency_mads"),
)
