"""The order's average price against the market's while it worked.

A difference of two quotients: brought to one fraction and divided once. The products outgrow 128
bits, so this one measure is computed with Python's integers.
"""

from __future__ import annotations

from fractions import Fraction

import polars as pl

from routewarden.base.exact import FEE_SCALE
from routewarden.base.side import SIGN
from routewarden.measures.measure import Better, Measure, Reference, Unit

VWAP_SLIPPAGE = Measure(
    "vwap_slippage",
    pl.col("vwap_slippage"),
    Unit.PER_SHARE,
    Better.LOWER,
    Reference.NONE,
    means="Average price against the market's volume-weighted average from receipt to the last "
    "fill; the order's own prints are not removed from the market's.",
    source="Transaction cost analysis: interval VWAP slippage",
    scale_of_quotient=FEE_SCALE,
)

_PARTS = ("notional", "filled_quantity", "market_notional", "market_quantity")
_UNITS = 10 ** (FEE_SCALE - 9)  # notional over quantity is in 10**-9


def with_vwap_slippage(orders: pl.DataFrame) -> pl.DataFrame:
    """Add `vwap_slippage` (10**-12); null where nothing was filled or nothing traded."""
    parts = orders.select(SIGN.alias("sign"), *_PARTS).iter_rows()
    values = [None if None in row else _slippage(*row) for row in parts]
    return orders.with_columns(pl.Series("vwap_slippage", values, dtype=pl.Int128))


def _slippage(sign: int, notional: int, quantity: int, traded: int, volume: int) -> int:
    """Round half to even, as Python rounds a Fraction."""
    exact: Fraction = sign * (Fraction(notional, quantity) - Fraction(traded, volume)) * _UNITS
    return round(exact)
