"""Flow that moves to a venue that pays, without better prices there."""

from __future__ import annotations

import polars as pl

from routewarden.base.exact import FEE_SCALE, plain, to_decimal
from routewarden.rules.rule import Rule, Severity, Subject
from routewarden.rules.speech import fraction, ratio, said

_ROSE = (pl.col("rise") > pl.col("limit_drift_most")) & (pl.col("z") > pl.col("limit_drift_z"))


def _improvement(name: str) -> pl.Expr:
    return said(plain(to_decimal(pl.col(name), FEE_SCALE).round(6)))


RULE = Rule(
    id="drift-to-payer",
    title="Flow drifts to a venue that pays",
    severity=Severity.HIGH,
    subject=Subject.VENUE_PERIOD,
    when=_ROSE & (pl.col("improvement") <= pl.col("others_improvement")),
    because=pl.format(
        "its share of customer market and marketable shares rose from {} to {} (z {}), and its "
        "price improvement in the last month was {} a share, that of the others {}; limits {} "
        "and {}",
        fraction(pl.col("first_share")),
        fraction(pl.col("last_share")),
        ratio(pl.col("z")),
        _improvement("improvement"),
        _improvement("others_improvement"),
        pl.col("said_drift_most"),
        pl.col("said_drift_z"),
    ),
    remedy="Ask the vendor what was changed, and why; take it to the best execution committee.",
    source="FINRA Rule 5310.09; 17 CFR 242.606, payment for order flow",
    asked=pl.col("fills") >= pl.col("limit_verdict_orders_least"),
    limits=("drift_most", "drift_z", "verdict_orders_least"),
    evidence=pl.col("history"),
)
