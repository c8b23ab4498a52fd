"""An execution worse than any best quote of the moments before it."""

from __future__ import annotations

import polars as pl

from routewarden.base.side import SIGN, far_side
from routewarden.rules.rule import Rule, Severity, Subject
from routewarden.rules.speech import instant, price

_WORST = far_side(pl.col("worst_bid_at_execution"), pl.col("worst_ask_at_execution"))
_AT_AUCTION = (
    (pl.col("liquidity") == "auction").fill_null(value=False)
    | pl.col("order_type").str.ends_with("_on_open")
    | pl.col("order_type").str.ends_with("_on_close")
    | pl.col("time_in_force").is_in(["opening", "closing"]).fill_null(value=False)
)

RULE = Rule(
    id="outside-nbbo",
    title="Executed outside the best quotes",
    severity=Severity.HIGH,
    subject=Subject.FILL,
    when=SIGN * (pl.col("price") - _WORST) > 0,
    because=pl.format(
        "{} at {} at {}: the least favourable {} in force since {} ms before was {}; limit {}",
        pl.col("side"),
        price(pl.col("price")),
        instant("executed_at"),
        pl.when(SIGN == 1).then(pl.lit("ask")).otherwise(pl.lit("bid")),
        (pl.col("limit_outside_nbbo_window_ms") // 1_000_000),
        price(_WORST),
        pl.col("said_outside_nbbo_window_ms"),
    ),
    remedy="Ask the vendor which quote it traded against, and have the customer made whole.",
    source="17 CFR 242.611, order protection; FINRA Rule 5310",
    asked=pl.col("has_order") & pl.col("in_session_at_execution") & ~_AT_AUCTION,
    limits=("outside_nbbo_window_ms",),
)
