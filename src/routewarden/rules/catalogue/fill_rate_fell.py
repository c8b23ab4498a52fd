"""A class of limit orders that is filled less often than before."""

from __future__ import annotations

import polars as pl

from routewarden.rules.rule import Rule, Severity, Subject
from routewarden.rules.speech import fraction, ratio

RULE = Rule(
    id="fill-rate-fell",
    title="Limit orders filled less often",
    severity=Severity.MEDIUM,
    subject=Subject.CLASS_WEEK,
    when=pl.col("fell"),
    because=pl.format(
        "{} of {} orders got a fill, against {} of {} in the ordinary weeks before (z {}); limits "
        "{} and {}",
        fraction(pl.col("rate")),
        pl.col("orders"),
        fraction(pl.col("window_rate")),
        pl.col("window_orders"),
        ratio(pl.col("z")),
        pl.col("said_fill_rate_drop_most"),
        pl.col("said_fill_rate_z"),
    ),
    remedy="Compare where these orders were sent in the two periods, and ask what was changed.",
    source='FINRA Rule 5310.09(b), "the likelihood of execution of limit orders"',
    asked=pl.col("enough"),
    limits=("fill_rate_drop_most", "fill_rate_z"),
)
