"""Exact numbers as scaled integers.

A price of 10.05 is the 64-bit integer 1_005_000_000: a count of units of 10**-8. Quantities, fees
and every sum of products are 128-bit integers. Nothing is rounded except a quotient, once, half to
even. Floats appear nowhere here.

    what        unit      range                    integer
    price       10**-8    0.00000001 .. 10**6      64 bits
    per share   10**-9    a price or half a tick   64 bits
    quantity    10**-8    0.00000001 .. 10**12     128 bits
    fee, cost   10**-12   -10**12 .. 10**12        128 bits
    money       10**-17   quantity x per share     128 bits
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import cache

import polars as pl

PRICE_SCALE = 8
"""Decimals of a price as stored."""
PER_SHARE_SCALE = 9
"""Decimals of a per-share measure: one more than a price, so that a midpoint is exact."""
QUANTITY_SCALE = 8
"""Decimals of a quantity."""
FEE_SCALE = 12
"""Decimals of a fee, and of every quotient."""
MONEY_SCALE = QUANTITY_SCALE + PER_SHARE_SCALE
"""Decimals of a quantity times a per-share amount."""

_PRECISION = 38
_BLOCK = 3  # digits developed at a time, at least: remainder x 10**3 stays within 128 bits


def wide(expr: pl.Expr) -> pl.Expr:
    """Return an integer expression in 128 bits."""
    return expr.cast(pl.Int128)


@cache
def integer(value: int) -> pl.Expr:
    """Return a 128-bit literal."""
    return pl.lit(value, dtype=pl.Int128)


def to_decimal(expr: pl.Expr, scale: int) -> pl.Expr:
    """Return scaled integers as the decimals they stand for.

    A multiplication by 10**-scale keeps every digit; a cast would scale the integer again.
    """
    unit = pl.lit(pl.Series([Decimal(1).scaleb(-scale)], dtype=pl.Decimal(_PRECISION, scale)))
    return wide(expr).cast(pl.Decimal(_PRECISION, 0)) * unit.first()


def to_scaled(expr: pl.Expr, scale: int) -> pl.Expr:
    """Return decimals as scaled 128-bit integers."""
    return wide(expr.cast(pl.Decimal(_PRECISION, scale)).to_physical())


def plain(expr: pl.Expr) -> pl.Expr:
    """Return decimals as plain text: no exponent, no superfluous zeros."""
    text = expr.cast(pl.String)
    pointed = text.str.contains(".", literal=True)
    bare = text.str.strip_chars_end("0").str.strip_chars_end(".")
    return pl.when(pointed).then(bare).when(~pointed).then(text)


def half_even(numerator: pl.Expr, denominator: pl.Expr) -> pl.Expr:
    """Return the integer nearest to numerator / denominator, ties to even; null over zero.

    The denominator is not negative, and twice it fits in 128 bits.
    """
    below = _over(numerator, denominator)
    return _rounded(below, numerator - below * denominator, denominator)


def quotient(numerator: pl.Expr, denominator: pl.Expr, places: int = FEE_SCALE) -> pl.Expr:
    """Return numerator / denominator in units of 10**-places, half to even; null over zero.

    Long division, a block of digits at a time, so that a wide numerator needs no wider integer:
    exact while the denominator stays below 10**35 and the result within 128 bits.
    """

    def divide(columns: Sequence[pl.Series]) -> pl.Series:
        above, below = columns
        return _long_division(pl.DataFrame({"above": above, "below": below}), places)

    return pl.map_batches(
        [wide(numerator), wide(denominator)], divide, return_dtype=pl.Int128(), is_elementwise=True
    )


def _long_division(frame: pl.DataFrame, places: int) -> pl.Series:
    """Divide column by column: as one expression, each block would repeat all before it."""
    above, below, result, rest = (pl.col(name) for name in ("above", "below", "result", "rest"))
    digits = len(str(frame["below"].max() or 0))
    block = max(_BLOCK, _PRECISION - digits)  # a remainder is below its denominator
    frame = frame.with_columns(result=_over(above, below))
    frame = frame.with_columns(rest=above - result * below)
    for start in range(0, places, block):
        grow = integer(10 ** min(block, places - start))
        frame = frame.with_columns(block=_over(rest * grow, below))
        frame = frame.with_columns(
            result=result * grow + pl.col("block"), rest=rest * grow - pl.col("block") * below
        )
    return frame.select(_rounded(result, rest, below)).to_series()


def _over(numerator: pl.Expr, denominator: pl.Expr) -> pl.Expr:
    """Divide rounding down; a zero denominator gives null, never a number."""
    return wide(numerator) // pl.when(denominator > 0).then(wide(denominator))


def _rounded(below: pl.Expr, remainder: pl.Expr, denominator: pl.Expr) -> pl.Expr:
    """Round up where the remainder is over half, or is half and the integer below is odd."""
    twice = remainder * 2
    up = (twice > denominator) | ((twice == denominator) & (below % 2 != 0))
    return below + wide(up)
