"""The scorecard of many groups as columns: the same numbers, thousands of groups at once.

A row for each group. A metric has four columns: its value (a decimal of twelve places, null where
it does not apply or is not known), how many it is over (`<metric>_n`), their shares and its
coverage. Every quotient is divided once, half to even, as in the scorecard's cells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from routewarden.base.exact import FEE_SCALE, QUANTITY_SCALE, integer, to_decimal, wide
from routewarden.measures.cube import Source, grouped, lacks
from routewarden.measures.reference import OrderClass
from routewarden.measures.scorecard import METRICS, Metric
from routewarden.measures.summary import MEASURED, SCALES, Part
from routewarden.native.quotients import quotients


def grid(held: Mapping[Source, pl.DataFrame], by: Sequence[str]) -> pl.DataFrame:
    """Return every metric of every group of some cells, by columns of theirs, in key order.

    The cells of one source at least; `by` has the order class, by which it is told what applies.
    """
    return divided({source: sums(frame, source, by) for source, frame in held.items()}, by)


def divided(summed: Mapping[Source, pl.DataFrame], by: Sequence[str]) -> pl.DataFrame:
    """Return the grid of what cells come to: the sums of one source at least."""
    first, *others = summed.values()
    for other in others:
        first = first.join(other, on=by, how="full", nulls_equal=True, coalesce=True)
    first = first.sort(by, nulls_last=True)
    kins = {part.metric: _kin(part) for source in summed for part in source.parts}
    wholes = {kin: whole for source in summed for kin, whole in _wholes(source).items()}
    metrics = [metric for metric in METRICS if metric.of in kins]
    told: dict[str, pl.Series] = {}
    for classes in dict.fromkeys(_classes(metric) for metric in metrics):
        alike = {each: kins[each.of] for each in metrics if _classes(each) == classes}
        told |= _columns(_only(first, classes), alike, wholes)
    columns = [f"{metric.name}{beside}" for metric in metrics for beside in _COLUMNS]
    return first.select(by).hstack([told[name] for name in columns])


_COLUMNS = ("", "_n", "_shares", "_coverage")


def _classes(metric: Metric) -> tuple[str | None, ...]:
    """Return the order classes that a metric has a meaning for; one may be unknown."""
    names = *(name.value for name in OrderClass), None
    return tuple(name for name in names if metric.applies_to(name))


def _only(sums: pl.DataFrame, classes: Sequence[str | None]) -> pl.DataFrame:
    """Return sums without those of other classes, which come to null in every column."""
    if len(classes) > len(OrderClass):
        return sums
    here = sums["by order_class"].is_in(list(classes), nulls_equal=True)
    return sums.select(pl.when(here).then(pl.exclude("^by .*$")))


def _columns(
    sums: pl.DataFrame, metrics: Mapping[Metric, str], wholes: Mapping[str, str]
) -> Mapping[str, pl.Series]:
    """Return the columns of some metrics, each with its kin: what stands beside is the kin's."""
    beside = {
        kin: (
            sums[f"n {kin}"],
            sums.select(to_decimal(pl.col(f"shares {kin}"), QUANTITY_SCALE)).to_series(),
            quotients(sums[f"shares {kin}"], sums[wholes[kin]], FEE_SCALE, FEE_SCALE),
        )
        for kin in dict.fromkeys(metrics.values())
    }
    divided = {metric: _divided(metric, kin) for metric, kin in metrics.items()}
    above = sums.select(each[0].alias(metric.name) for metric, each in divided.items())
    below = sums.select(each[1].alias(metric.name) for metric, each in divided.items())
    return {
        f"{metric.name}{what}": column.alias(f"{metric.name}{what}")
        for metric, (*_, places) in divided.items()
        for what, column in zip(
            _COLUMNS,
            (
                quotients(above[metric.name], below[metric.name], places, FEE_SCALE),
                *beside[metrics[metric]],
            ),
            strict=True,
        )
    }


def _divided(metric: Metric, kin: str) -> tuple[pl.Expr, pl.Expr, int]:
    """Return what a metric is the quotient of, and of how many places to have twelve."""
    n, total = pl.col(f"n {kin}"), pl.col(f"total {metric.of}")
    if metric.summed:
        return total, pl.when(n > 0).then(integer(1)), FEE_SCALE - SCALES[metric.of]
    if metric.counted:
        return total, wide(n), FEE_SCALE
    if metric.over is None:
        return total, pl.col(f"shares {kin}"), FEE_SCALE + QUANTITY_SCALE - SCALES[metric.of]
    over = pl.col(f"total {metric.over}")
    return over - total if metric.complement else total, over, FEE_SCALE


def _kin(part: Part) -> str:
    return part.kin or part.metric


def sums(frame: pl.DataFrame, source: Source, by: Sequence[str]) -> pl.DataFrame:
    """Return what the groups of some cells add up to (`summands`), in no order."""
    return grouped(summands(frame, source), by)


def summands(frame: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Return what each of some cells adds to a grid, beside what it is broken down by.

    `total <metric>`; for each kin of metrics `n` and `shares` of what is measured; and, measured or
    not, the shares of `all <source>` that have some weights.
    """
    told: dict[str, pl.Expr] = {}
    reasons = {each: lacks(each) for each in frame["missing"].unique()}
    for part in source.parts:
        kin, (n, shares) = _kin(part), part.columns
        if part.fixed in {None, MEASURED}:
            told[f"total {part.metric}"] = pl.col(f"total {part.metric}")
            lacking = [each for each, kins in reasons.items() if part.kin in kins]
            for name, column in (("n", n), ("shares", shares)):
                here = pl.when(~pl.col("missing").is_in(lacking)).then(column).otherwise(0)
                told[f"{name} {kin}"] = here if lacking else pl.col(column)
    wholes = _wholes(source)
    told |= {
        wholes[_kin(part)]: pl.sum_horizontal(_shares(source, _kin(part)), ignore_nulls=False)
        for part in source.parts
    }
    return frame.select("^by .*$", **told)


def _shares(source: Source, kin: str) -> list[str]:
    """Return the columns of cells with a kin's shares: measured, then left out."""
    return list(dict.fromkeys(part.columns[1] for part in source.parts if _kin(part) == kin))


def _wholes(source: Source) -> Mapping[str, str]:
    """Return the column with the shares of all for each kin; kins with the same shares have one."""
    kins = {_kin(part): _shares(source, _kin(part)) for part in source.parts}
    return {
        kin: f"all {source.name} {'+'.join(name.removeprefix('shares ') for name in shares)}"
        for kin, shares in kins.items()
    }
