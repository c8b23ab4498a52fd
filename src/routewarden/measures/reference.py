"""Which market an order met: its class, and whether there was a quote to judge it by.

Classes are those of classic Rule 605, at receipt. Statuses say why a quote-based measure is absent.
"""

from __future__ import annotations

from enum import StrEnum

import polars as pl

from routewarden.base.side import SIGN, far_side, near_side

_TEN_CENTS = 10_000_000  # 0.10 in units of 10**-8


class OrderClass(StrEnum):
    """What an order asked of the market when it was received."""

    MARKET = "market"
    MARKETABLE_LIMIT = "marketable_limit"
    INSIDE_QUOTE = "inside_quote"
    AT_QUOTE = "at_quote"
    NEAR_QUOTE = "near_quote"
    AWAY = "away"
    OTHER = "other"
    UNCLASSIFIED = "unclassified"


class ReferenceStatus(StrEnum):
    """Whether the quote at a reference instant can be judged by; `ok` and `locked` can."""

    OK = "ok"
    NONE = "none"
    ONE_SIDED = "one_sided"
    LOCKED = "locked"
    CROSSED = "crossed"
    OUTSIDE_SESSION = "outside_session"


MEASURED = [ReferenceStatus.OK, ReferenceStatus.LOCKED]
"""The statuses under which quote-based measures are taken."""


def bid(when: str) -> pl.Expr:
    """Return the best bid in force (10**-8)."""
    return pl.col(f"bid_{when}")


def ask(when: str) -> pl.Expr:
    """Return the best offer in force (10**-8)."""
    return pl.col(f"ask_{when}")


def mid(when: str) -> pl.Expr:
    """Return the midpoint (10**-9); null unless the quote is two-sided and not crossed."""
    return pl.when(bid(when) <= ask(when)).then((bid(when) + ask(when)) * 5)


def far(when: str) -> pl.Expr:
    """Return the price of crossing the market (10**-9)."""
    return far_side(bid(when), ask(when)) * 10


def far_size(when: str) -> pl.Expr:
    """Return the size displayed on the far side (10**-8 shares)."""
    return far_side(pl.col(f"bid_size_{when}"), pl.col(f"ask_size_{when}"))


def reference_status(when: str) -> pl.Expr:
    """Return the status of the quote at a reference instant; outside the session goes first."""
    best_bid, best_ask = bid(when), ask(when)
    sides = best_bid.is_not_null().cast(pl.Int8) + best_ask.is_not_null().cast(pl.Int8)
    return (
        pl.when(~pl.col(f"in_session_{when}"))
        .then(pl.lit(ReferenceStatus.OUTSIDE_SESSION.value))
        .when(sides == 0)
        .then(pl.lit(ReferenceStatus.NONE.value))
        .when(sides == 1)
        .then(pl.lit(ReferenceStatus.ONE_SIDED.value))
        .when(best_bid == best_ask)
        .then(pl.lit(ReferenceStatus.LOCKED.value))
        .when(best_bid > best_ask)
        .then(pl.lit(ReferenceStatus.CROSSED.value))
        .otherwise(pl.lit(ReferenceStatus.OK.value))
    )


def order_class(when: str) -> pl.Expr:
    """Return the class of an order from the quote in force at receipt, whatever the session."""
    best_bid, best_ask, limit = bid(when), ask(when), pl.col("limit_price")
    inside_by = SIGN * (limit - near_side(best_bid, best_ask))  # better than the near side by
    at_auction = pl.col("time_in_force").is_in(["opening", "closing"]).fill_null(value=False)
    return (
        pl.when(~pl.col("order_type").is_in(["market", "limit"]) | at_auction)
        .then(pl.lit(OrderClass.OTHER.value))
        .when(pl.col("order_type") == "market")
        .then(pl.lit(OrderClass.MARKET.value))
        .when((best_bid > best_ask).fill_null(value=True))
        .then(pl.lit(OrderClass.UNCLASSIFIED.value))
        .when(SIGN * (limit - far_side(best_bid, best_ask)) >= 0)
        .then(pl.lit(OrderClass.MARKETABLE_LIMIT.value))
        .when(inside_by > 0)
        .then(pl.lit(OrderClass.INSIDE_QUOTE.value))
        .when(inside_by == 0)
        .then(pl.lit(OrderClass.AT_QUOTE.value))
        .when(inside_by >= -_TEN_CENTS)
        .then(pl.lit(OrderClass.NEAR_QUOTE.value))
        .otherwise(pl.lit(OrderClass.AWAY.value))
    )
