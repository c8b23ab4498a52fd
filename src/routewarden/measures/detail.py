"""The slow tail of fill times, from a histogram that merges.

A bucket holds the times whose first eight binary digits are the same, so it is at most 1/128 as
wide as the times in it; its key is its end nearest to zero (nanoseconds), zero and negative times
have their own, and null is the bucket of fills without a time. With each goes the greatest time in
it. Buckets of parts add up to those of the whole, whatever the parts and their order.

A percentile is the greatest time of the bucket that the exact one is in: a time that occurred,
never below the exact one, and above it by at most 1/128 of it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction

import polars as pl

from routewarden.base.exact import wide
from routewarden.base.time import MS_SCALE
from routewarden.measures.cube import added
from routewarden.measures.dimensions import ON_FILLS
from routewarden.measures.measure import Better, Unit
from routewarden.measures.scorecard import Cell, Metric, no_cell, quotient, shares_of
from routewarden.measures.speed import FILL_TIME

_MS = FILL_TIME.name

TAILS: Mapping[int, Metric] = {
    percent: Metric(
        f"fill_time_ms_p{percent}", f"Fill time, {percent}th percentile", Unit.MS, Better.LOWER,
        _MS, marketable_only=True,
    )
    for percent in (95, 99)
}  # fmt: skip

NEAR = 128
"""A percentile is above the exact one by at most one part in so many."""

_KEPT_BITS = 7  # after the first: 2**7 buckets between a time and its double
_BITS = 63


def bucket(time: pl.Expr) -> pl.Expr:
    """Return the bucket of each time (64-bit integers)."""
    size = time.abs()
    doublings = _BITS - size.bitwise_leading_zeros().cast(pl.Int64)
    width = pl.lit(2, dtype=pl.Int64).pow((doublings - _KEPT_BITS).clip(lower_bound=0))
    near = size - size % width
    return pl.when(time < 0).then(-near).otherwise(near)  # null stays null: it has no `near`


def times(fills: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Return the histogram of measured fills by some dimensions, in key order.

    Columns: `by <dimension>`, `bucket`, `n`, `shares quantity` (10**-8), `most`.
    """
    timed = fills.select(
        *(ON_FILLS[name].alias(f"by {name}") for name in names),
        bucket(pl.col(_MS)).alias("bucket"),
        pl.lit(1, dtype=pl.Int64).alias("n"),
        wide(pl.col("quantity")).alias("shares quantity"),
        pl.col(_MS).alias("most"),
    )
    return added(timed, [*(f"by {name}" for name in names), "bucket"])


def tails(histogram: pl.DataFrame, classes: Collection[str]) -> Mapping[str, Cell]:
    """Return the cells of the fills of some order classes together, by metric."""
    if not all(metric.applies_to(name) for metric in TAILS.values() for name in classes):
        return {metric.name: no_cell(metric) for metric in TAILS.values()}
    mine = histogram.filter(pl.col("by order_class").is_in(list(classes)))
    buckets = added(mine, ["bucket"])
    return {metric.name: _tail(buckets, percent) for percent, metric in TAILS.items()}


def _tail(buckets: pl.DataFrame, percent: int) -> Cell:
    """Return the time within which so many percent of the shares were filled."""
    shares = pl.col("shares quantity")
    timed = buckets.filter(pl.col("bucket").is_not_null())
    enough = timed.filter(shares.cum_sum() * 100 >= shares.sum() * percent)
    measured, executed = (int(frame["shares quantity"].sum() or 0) for frame in (timed, buckets))
    return Cell(
        TAILS[percent],
        quotient(Fraction(enough["most"].item(0), 10**MS_SCALE)) if enough.height else None,
        applies=True,
        n=int(timed["n"].sum()),
        shares=shares_of(measured),
        coverage=quotient(Fraction(measured, executed)) if executed else None,
    )
