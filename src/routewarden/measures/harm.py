"""What customers lost against the quote at receipt: shares times how much worse each was, exactly.

Shares executed worse than the far side at receipt count, each by its own execution; what others of
the same order gained is not set against it. An order is *harmed* if any of its shares is known to
be worse, *unknown* if none is and some cannot be judged, else *not harmed*: each is just one.
"""

from __future__ import annotations

from enum import StrEnum

import polars as pl

from routewarden.base.exact import integer, quotient, wide
from routewarden.measures.improvement import PRICE_IMPROVEMENT
from routewarden.measures.reference import far


class Harm(StrEnum):
    """What is known of an order."""

    HARMED = "harmed"
    UNKNOWN = "unknown"
    NOT_HARMED = "not harmed"


_Q = wide(pl.col("quantity"))
_BETTER_BY = pl.col(PRICE_IMPROVEMENT.name)
_IS_WORSE = _BETTER_BY < 0
_OF_ORDER = ("account_id", "symbol", "side", "received_at")


def harm(fills: pl.DataFrame) -> pl.DataFrame:
    """Return each order of measured fills and what it lost, most first.

    Shares are in 10**-8, `amount` in 10**-17 of the currency, `per_share` (the amount over the
    worse shares, null where none is) and `quote` (the far side at receipt) in 10**-9, half to even.
    """
    orders = fills.group_by("order_id").agg(
        *(pl.col(name).first() for name in _OF_ORDER),
        quote=far("at_receipt").first(),
        shares=_Q.sum(),
        worse=pl.when(_IS_WORSE).then(_Q).sum(),
        unjudged=pl.when(_BETTER_BY.is_null()).then(_Q).sum(),
        amount=pl.when(_IS_WORSE).then(_Q * wide(-_BETTER_BY)).sum(),
    )
    nothing = integer(0)
    found = (
        pl.when(pl.col("worse") > nothing)
        .then(pl.lit(Harm.HARMED.value))
        .when(pl.col("unjudged") > nothing)
        .then(pl.lit(Harm.UNKNOWN.value))
        .otherwise(pl.lit(Harm.NOT_HARMED.value))  # both are sums, and never null
    )
    return orders.with_columns(
        found=found,
        per_share=quotient(pl.col("amount"), pl.col("worse"), 0),
    ).sort(
        [pl.col("amount"), pl.col("unjudged"), pl.col("order_id")],
        descending=[True, True, False],
    )
