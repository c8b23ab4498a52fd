"""A period's measured results as sums and slim columns: everything the dashboards are read from.

The sums are as fine as any table needs and merge, exactly, into coarser ones; each file is read
once, however many tables follow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from routewarden.base.period import Span
from routewarden.benchmarks.dashboard import Cells
from routewarden.benchmarks.orders import CLASSES
from routewarden.measures import detail
from routewarden.measures.dimensions import (
    ALWAYS,
    ON_FILLS,
    ON_ORDERS,
    ON_ROUTES,
    chosen,
    with_dimensions,
)
from routewarden.measures.scorecard import pooled
from routewarden.measures.summary import FILL_PARTS, ORDER_PARTS, ROUTE_PARTS, merge, summarise
from routewarden.runs.reading import Question, batches, measured_dates, read_part
from routewarden.store.home import Home

Where = Mapping[str, Sequence[str]]
Group = Mapping[str, Sequence[str | None]]
"""What is asked of dimensions; in a group, one may be unknown."""


@dataclass(frozen=True, slots=True)
class Period:
    """The measured orders of some dates.

    `orders` sums by `by` and the dimensions always there, what was executed with what was ordered;
    `fills` has the columns of `detail`, and the same dimensions.
    """

    span: Span
    days: tuple[date, ...]
    by: tuple[str, ...]
    orders: pl.DataFrame
    fills: pl.DataFrame

    def only(self, group: Group) -> Period:
        """Return the part of it whose dimensions have one of the values asked for."""
        keep = [
            pl.col(f"by {name}").is_in(list(values), nulls_equal=True)
            for name, values in group.items()
        ]
        return replace(self, orders=self.orders.filter(keep), fills=self.fills.filter(keep))

    def cells(self) -> Cells:
        """Return what every kind of order in it adds up to."""
        return {
            orders: {**pooled(self.orders, classes), **detail.detail(self.fills, classes)}
            for orders, classes in CLASSES.items()
        }

    def count(self) -> int:
        """Return how many orders were received in it."""
        ordered = self.orders.filter(pl.col("metric") == "fill_rate")
        return int(ordered["n"].sum())

    def values(self, dimension: str) -> list[str | None]:
        """Return the values a dimension has in it, nulls last."""
        found = self.orders[f"by {dimension}"].unique().sort(nulls_last=True)
        return found.to_list()


def read_period(home: Home, span: Span, by: tuple[str, ...], where: Where) -> Period:
    """Return what was measured in a span, by some dimensions of orders besides those always there.

    Raises:
        NothingMeasuredError: There is nothing in it.
    """
    days = measured_dates(home, Question(span.first, span.last))
    names = (*(name for name in by if name not in ALWAYS), *ALWAYS)
    parts = [_batch(home, batch, names, where) for batch in batches(days)]
    sums = merge([sums for sums, _ in parts], [f"by {name}" for name in names])
    return Period(span, tuple(days), names, sums, pl.concat([fills for _, fills in parts]))


def joined(span: Span, periods: Sequence[Period]) -> Period:
    """Return several periods by the same dimensions as one."""
    by = periods[0].by
    return Period(
        span,
        tuple(day for period in periods for day in period.days),
        by,
        merge([period.orders for period in periods], [f"by {name}" for name in by]),
        pl.concat([period.fills for period in periods]),
    )


def read_venues(home: Home, span: Span, where: Where) -> pl.DataFrame:
    """Return the sums of a span by venue: what was executed there, of what was routed there."""
    names, days = ("venue", *ALWAYS), measured_dates(home, Question(span.first, span.last))
    by = [f"by {name}" for name in names]
    sums = []
    for batch in batches(days):
        for part, dimensions, parts in (
            ("fills", ON_FILLS, FILL_PARTS),
            ("routes", ON_ROUTES, ROUTE_PARTS),
        ):
            rows = chosen(read_part(home, batch, part), dimensions, where)
            sums.append(summarise(with_dimensions(rows, dimensions, names), parts, by))
    return merge(sums, by)


def _batch(
    home: Home, days: Sequence[date], names: tuple[str, ...], where: Where
) -> tuple[pl.DataFrame, pl.DataFrame]:
    by = [f"by {name}" for name in names]
    fills = with_dimensions(
        chosen(read_part(home, days, "fills"), ON_FILLS, where), ON_FILLS, names
    )
    orders = chosen(read_part(home, days, "orders"), ON_ORDERS, where)
    sums = (
        summarise(fills, FILL_PARTS, by),
        summarise(with_dimensions(orders, ON_ORDERS, names), ORDER_PARTS, by),
    )
    return merge(sums, by), fills.select(*by, *detail.NEEDS)
