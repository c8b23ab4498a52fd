"""Which way an order trades, and the sign that makes a measure mean the same for both."""

from __future__ import annotations

from enum import StrEnum

import polars as pl


class Side(StrEnum):
    """The side of an order."""

    BUY = "buy"
    SELL = "sell"
    SELL_SHORT = "sell_short"
    SELL_SHORT_EXEMPT = "sell_short_exempt"


SIGN = (
    pl.when(pl.col("side") == Side.BUY)
    .then(pl.lit(1, dtype=pl.Int64))
    .when(pl.col("side").is_in([Side.SELL, Side.SELL_SHORT, Side.SELL_SHORT_EXEMPT]))
    .then(pl.lit(-1, dtype=pl.Int64))
)
"""D: +1 for a buy, -1 for any sell, null where there is no side (there is no ``otherwise``)."""


def far_side(bid: pl.Expr, ask: pl.Expr) -> pl.Expr:
    """Return the price of crossing the market: the ask for a buy, the bid for a sell."""
    return pl.when(SIGN == 1).then(ask).when(SIGN == -1).then(bid)


def near_side(bid: pl.Expr, ask: pl.Expr) -> pl.Expr:
    """Return the price on the order's own side: the bid for a buy, the ask for a sell."""
    return pl.when(SIGN == 1).then(bid).when(SIGN == -1).then(ask)
