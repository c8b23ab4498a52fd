"""An order judged by a quote that the market had long left behind."""

from __future__ import annotations

import polars as pl

from routewarden.rules.rule import Rule, Severity, Subject
from routewarden.rules.speech import instant, said

_SECONDS = (pl.col("quote_age_ns") // 1_000_000_000).cast(pl.String)

RULE = Rule(
    id="stale-reference",
    title="Judged by a stale quote",
    severity=Severity.MEDIUM,
    subject=Subject.ORDER,
    when=(pl.col("quote_age_ns") > pl.col("limit_stale_quote_most"))
    & (pl.col("trades_through_quote") >= pl.col("limit_stale_trades_least")),
    because=pl.format(
        "the quote in force at {} was {} s old, and {} trades of {} had printed outside it; limits "
        "{} and {}",
        instant("received_at"),
        said(_SECONDS),
        said(pl.col("trades_through_quote").cast(pl.String)),
        pl.col("symbol"),
        pl.col("said_stale_quote_most"),
        pl.col("said_stale_trades_least"),
    ),
    remedy="Look for quotes missing from the file; do not rely on this order's measures till then.",
    source="Data coverage; FINRA Rule 5310.09 needs the market as it stood",
    asked=pl.col("in_session_at_receipt")
    & ~pl.col("halted")
    & pl.col("quote_age_ns").is_not_null(),
    limits=("stale_quote_most", "stale_trades_least"),
)
