"""An execution worse than the quote its order met, though not outside every quote of its moment."""

from __future__ import annotations

import polars as pl

from routewarden.base.side import SIGN, far_side
from routewarden.rules.rule import Rule, Severity, Subject
from routewarden.rules.speech import per_share, price

_NOW = far_side(pl.col("bid_at_execution"), pl.col("ask_at_execution"))
_WORST = far_side(pl.col("worst_bid_at_execution"), pl.col("worst_ask_at_execution"))
_OUTSIDE = (SIGN * (pl.col("price") - _WORST) > 0).fill_null(value=False)

RULE = Rule(
    id="disimproved",
    title="Worse than the quote at receipt",
    severity=Severity.MEDIUM,
    subject=Subject.FILL,
    when=pl.col("price_improvement") < -pl.col("limit_disimprovement_most"),
    because=pl.format(
        "{} at {}, {} a share worse than the far side {} at receipt; the far side at execution "
        "was {}; limit {}",
        pl.col("side"),
        price(pl.col("price")),
        per_share(-pl.col("price_improvement")),
        price(far_side(pl.col("bid_at_receipt"), pl.col("ask_at_receipt"))),
        price(_NOW),
        pl.col("said_disimprovement_most"),
    ),
    remedy="Compare receipt, routing and execution: find where the time, and the price, went.",
    source="FINRA Rule 5310.09(b), price improvement and disimprovement",
    asked=pl.col("reference_status").is_in(["ok", "locked"])
    & pl.col("order_class").is_in(["market", "marketable_limit"])
    & ~_OUTSIDE,
    limits=("disimprovement_most",),
    minor=SIGN * (pl.col("price") - _NOW) <= 0,
)
