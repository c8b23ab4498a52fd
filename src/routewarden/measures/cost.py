"""What the venue charged or paid, and the spread after it."""

from __future__ import annotations

import polars as pl

from routewarden.base.exact import FEE_SCALE, QUANTITY_SCALE, half_even, integer, wide
from routewarden.measures.measure import Better, Lack, Measure, Reference, Unit
from routewarden.measures.spread import EFFECTIVE_SPREAD

_NO_FEE = ((Lack.NO_FEE, pl.col("fee").is_null()),)

EXPLICIT_COST = Measure(
    "explicit_cost",
    half_even(wide(pl.col("fee")) * integer(10**QUANTITY_SCALE), wide(pl.col("quantity"))),
    Unit.PER_SHARE,
    Better.LOWER,
    Reference.NONE,
    means="Fee per share: a cost is positive, a rebate negative.",
    source='FINRA Rule 5310.09(b), "transaction costs"',
    lacks=_NO_FEE,
    scale_of_quotient=FEE_SCALE,
)

NET_EFFECTIVE_SPREAD = Measure(
    "net_effective_spread",
    wide(EFFECTIVE_SPREAD.expr) * integer(1000) + EXPLICIT_COST.expr * 2,
    Unit.PER_SHARE,
    Better.LOWER,
    Reference.RECEIPT,
    means="Effective spread with the fee, taken twice since a spread is a round trip.",
    source="Transaction cost analysis: effective spread net of fees and rebates",
    lacks=_NO_FEE,
    scale_of_quotient=FEE_SCALE,
)
