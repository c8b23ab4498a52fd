"""How a price compares with the best quote on the other side of the market."""

from __future__ import annotations

from routewarden.base.side import SIGN
from routewarden.measures.measure import Better, Measure, Reference, Unit
from routewarden.measures.reference import far, mid
from routewarden.measures.spread import PRICE

_BETTER_BY = SIGN * (far("at_receipt") - PRICE)

PRICE_IMPROVEMENT = Measure(
    "price_improvement",
    _BETTER_BY,
    Unit.PER_SHARE,
    Better.HIGHER,
    Reference.RECEIPT,
    means="How much better than the far side at receipt: positive improved, negative disimproved.",
    source='17 CFR 242.600(b), "executed with price improvement"; FINRA Rule 5310.09(b)',
)

AT_OR_BETTER = Measure(
    "at_or_better",
    _BETTER_BY >= 0,
    Unit.FLAG,
    Better.HIGHER,
    Reference.RECEIPT,
    means="Whether the price was at the far side at receipt or better.",
    source='17 CFR 242.600(b), "executed at the quote" and "executed with price improvement"',
)

PRICE_IMPROVEMENT_AT_ROUTE = Measure(
    "price_improvement_at_route",
    SIGN * (far("at_route") - PRICE),
    Unit.PER_SHARE,
    Better.HIGHER,
    Reference.ROUTE,
    means="How much better than the far side when the venue received the route.",
    source='17 CFR 242.600(b), "executed with price improvement", by the venue\'s receipt',
)

SLIPPAGE = Measure(
    "slippage",
    SIGN * (PRICE - mid("at_receipt")),
    Unit.PER_SHARE,
    Better.LOWER,
    Reference.RECEIPT,
    means="Distance of the price from the midpoint at receipt, against the customer.",
    source="Transaction cost analysis: arrival price slippage",
)
