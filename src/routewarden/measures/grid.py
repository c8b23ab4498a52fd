"""The scorecard of many groups as columns: the same numbers, thousands of groups at once.

A row for each group. A metric has four columns: its value (a decimal of twelve places, null where
it does not apply or is not known), how many it is over (`<metric>_n`), their shares and its
coverage. Every quotient is divided once, half to even, as in the scorecard's cells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from routewarden.base.exact import FEE_SCALE, QUANTITY_SCALE, integer, quotient, to_decimal
from routewarden.measures.cube import Source, grouped, lacks
from routewarden.measures.reference import OrderClass
from routewarden.measures.scorecard import METRICS, Metric
from routewarden.measures.summary import MEASURED, SCALES, Part


def grid(held: Mapping[Source, pl.DataFrame], by: Sequence[str]) -> pl.DataFrame:
    """Return every metric of every group of some cells, by columns of theirs, in key order.

    The cells of one source at least; `by` has the order class, by which it is told what applies.
    """
    first, *others = (_sums(frame, source.parts, by) for source, frame in held.items())
    for other in others:
        first = first.join(other, on=by, how="full", nulls_equal=True, coalesce=True)
    first = first.sort(by, nulls_last=True)
    kins = {part.metric: _kin(part) for source in held for part in source.parts}
    metrics = [metric for metric in METRICS if metric.of in kins]
    covered = {
        kin: quotient(pl.col(f"shares {kin}"), pl.col(f"all {kin}")) for kin in kins.values()
    }
    divided = first.select(
        *by,
        *(pl.col(f"{name} {kin}") for kin in covered for name in ("n", "shares")),
        *(coverage.alias(f"all {kin}") for kin, coverage in covered.items()),
        *(_value(metric, kins[metric.of]).alias(metric.name) for metric in metrics),
    )
    columns = [column for metric in metrics for column in _columns(metric, kins[metric.of])]
    return divided.select(*by, *columns)


def _kin(part: Part) -> str:
    return part.kin or part.metric


def _sums(frame: pl.DataFrame, parts: Sequence[Part], by: Sequence[str]) -> pl.DataFrame:
    """Return what the groups of some cells add up to.

    `total <metric>`; for each kin of metrics `n` and `shares` of what is measured, and the shares
    of `all`.
    """
    sums: dict[str, pl.Expr] = {}
    everything: dict[tuple[str, str], pl.Expr] = {}
    for part in parts:
        kin, (n, shares) = _kin(part), part.columns
        everything[kin, part.lot] = pl.col(shares)
        if part.fixed in {None, MEASURED}:
            sums[f"total {part.metric}"] = pl.col(f"total {part.metric}")
            lacking = [told for told in frame["missing"].unique() if part.kin in lacks(told)]
            for name, column in (("n", n), ("shares", shares)):
                here = pl.when(~pl.col("missing").is_in(lacking)).then(column).otherwise(0)
                sums[f"{name} {kin}"] = here if lacking else pl.col(column)
    for (kin, _), shares_of in everything.items():
        known = sums.get(f"all {kin}")
        sums[f"all {kin}"] = shares_of if known is None else known + shares_of
    return grouped(frame.select(*by, *(value.alias(name) for name, value in sums.items())), by)


def _columns(metric: Metric, kin: str) -> list[pl.Expr]:
    """Return a metric's value, count, shares and coverage, null where it does not apply."""
    classes = [name.value for name in OrderClass if metric.applies_to(name)]
    columns = {
        metric.name: to_decimal(pl.col(metric.name), FEE_SCALE),
        f"{metric.name}_n": pl.col(f"n {kin}"),
        f"{metric.name}_shares": to_decimal(pl.col(f"shares {kin}"), QUANTITY_SCALE),
        f"{metric.name}_coverage": to_decimal(pl.col(f"all {kin}"), FEE_SCALE),
    }
    if len(classes) == len(OrderClass):
        return [value.alias(name) for name, value in columns.items()]
    applies = pl.col("by order_class").is_in(classes).fill_null(value=metric.applies_to(None))
    return [pl.when(applies).then(value).alias(name) for name, value in columns.items()]


def _value(metric: Metric, kin: str) -> pl.Expr:
    """Return the value in units of 10**-12."""
    n, shares, total = (
        pl.col(name) for name in (f"n {kin}", f"shares {kin}", f"total {metric.of}")
    )
    if metric.summed:
        return pl.when(n > 0).then(total * integer(10 ** (FEE_SCALE - SCALES[metric.of])))
    if metric.counted:
        return quotient(total, n)
    if metric.over is None:
        return quotient(total, shares, FEE_SCALE + QUANTITY_SCALE - SCALES[metric.of])
    over = pl.col(f"total {metric.over}")
    return quotient(over - total if metric.complement else total, over)
