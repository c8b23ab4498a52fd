"""Displayed size that goes away when the router begins to sweep."""

from __future__ import annotations

import polars as pl

from routewarden.rules.rule import Rule, Severity, Subject
from routewarden.rules.speech import fraction, ratio

RULE = Rule(
    id="size-fades",
    title="Size fades before the router comes",
    severity=Severity.HIGH,
    subject=Subject.ROUTER,
    when=(pl.col("excess") > pl.col("limit_leak_excess_most"))
    & (pl.col("z") > pl.col("limit_leak_z")),
    because=pl.format(
        "displayed size faded at a later venue in {} of {} orders, against {} of {} matched "
        "instants (z {}); limits {} and {}",
        fraction(pl.col("rate")),
        pl.col("orders"),
        fraction(pl.col("matched_rate")),
        pl.col("matched"),
        ratio(pl.col("z")),
        pl.col("said_leak_excess_most"),
        pl.col("said_leak_z"),
    ),
    remedy="Have children sent so that they arrive together, the venue that tells tales last.",
    source="FINRA Rule 5310.09: how orders are routed and executed; information leakage",
    asked=pl.col("orders") >= pl.col("limit_leak_orders_least"),
    limits=("leak_excess_most", "leak_z", "leak_orders_least"),
    evidence=pl.col("ids"),
)
