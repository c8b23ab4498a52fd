"""What crossing the market cost, against the quote at receipt, at execution and at the route.

Spreads are twice the distance from the midpoint, so that they compare with the quoted spread.
"""

from __future__ import annotations

import polars as pl

from routewarden.base.side import SIGN
from routewarden.measures.measure import Better, Lack, Measure, Reference, Unit
from routewarden.measures.reference import ask, bid, mid

PRICE = pl.col("price") * 10
"""The execution price (10**-9)."""

QUOTED_SPREAD = Measure(
    "quoted_spread",
    (ask("at_receipt") - bid("at_receipt")) * 10,
    Unit.PER_SHARE,
    Better.LOWER,
    Reference.RECEIPT,
    means="Best offer less best bid when the firm received the order.",
    source='17 CFR 242.600(b), "average quoted spread"',
)

EFFECTIVE_SPREAD = Measure(
    "effective_spread",
    2 * SIGN * (PRICE - mid("at_receipt")),
    Unit.PER_SHARE,
    Better.LOWER,
    Reference.RECEIPT,
    means="Twice the distance of the price from the midpoint at receipt, against the customer.",
    source='17 CFR 242.600(b), "average effective spread"',
)

EFFECTIVE_SPREAD_AT_EXECUTION = Measure(
    "effective_spread_at_execution",
    2 * SIGN * (PRICE - mid("at_execution")),
    Unit.PER_SHARE,
    Better.LOWER,
    Reference.RECEIPT,
    means="Twice the distance of the price from the midpoint at execution, against the customer.",
    source="Transaction cost analysis: effective spread by the quote at the trade",
    lacks=((Lack.NO_MID_AT_EXECUTION, mid("at_execution").is_null()),),
)

QUOTED_SPREAD_AT_ROUTE = Measure(
    "quoted_spread_at_route",
    (ask("at_route") - bid("at_route")) * 10,
    Unit.PER_SHARE,
    Better.LOWER,
    Reference.ROUTE,
    means="Best offer less best bid when the venue received the route.",
    source='17 CFR 242.600(b), "average quoted spread", by the venue\'s receipt',
)

EFFECTIVE_SPREAD_AT_ROUTE = Measure(
    "effective_spread_at_route",
    2 * SIGN * (PRICE - mid("at_route")),
    Unit.PER_SHARE,
    Better.LOWER,
    Reference.ROUTE,
    means="Twice the distance of the price from the midpoint when the venue received the route.",
    source='17 CFR 242.600(b), "average effective spread", by the venue\'s receipt',
)
