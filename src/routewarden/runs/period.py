"""A period's sums and histogram of fill times: everything the dashboards are read from.

The sums are as fine as any table needs and merge, exactly, into coarser ones; each file is read
once, however many tables follow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from routewarden.base.period import Span
from routewarden.benchmarks.dashboard import Cells
from routewarden.benchmarks.orders import CLASSES
from routewarden.measures.cube import FILLS, ORDERS, ROUTES, Source, added, summary_of_cells
from routewarden.measures.detail import tails
from routewarden.measures.dimensions import ALWAYS
from routewarden.measures.scorecard import pooled
from routewarden.measures.summary import merge
from routewarden.runs.reading import Question, measured_dates
from routewarden.runs.summaries import Where, read_cells, read_times
from routewarden.store.home import Home

Group = Mapping[str, Sequence[str | None]]
"""What is asked of dimensions; in a group, one may be unknown."""


@dataclass(frozen=True, slots=True)
class Period:
    """The measured orders of some dates.

    `orders` sums by `by` and the dimensions always there, what was executed with what was ordered;
    `times` is the histogram of fill times by the same.
    """

    span: Span
    days: tuple[date, ...]
    by: tuple[str, ...]
    orders: pl.DataFrame
    times: pl.DataFrame

    def only(self, group: Group) -> Period:
        """Return the part of it whose dimensions have one of the values asked for."""
        keep = [
            pl.col(f"by {name}").is_in(list(values), nulls_equal=True)
            for name, values in group.items()
        ]
        return replace(self, orders=self.orders.filter(keep), times=self.times.filter(keep))

    def cells(self) -> Cells:
        """Return what every kind of order in it adds up to."""
        return {
            orders: {**pooled(self.orders, classes), **tails(self.times, classes)}
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
    sums = _sums(home, days, names, where, (FILLS, ORDERS))
    return Period(span, tuple(days), names, sums, read_times(home, days, names, where))


def joined(span: Span, periods: Sequence[Period]) -> Period:
    """Return several periods by the same dimensions as one."""
    by = periods[0].by
    keys = [f"by {name}" for name in by]
    times = pl.concat([period.times for period in periods])
    return Period(
        span,
        tuple(day for period in periods for day in period.days),
        by,
        merge([period.orders for period in periods], keys),
        added(times, [*keys, "bucket"]),
    )


def read_venues(home: Home, span: Span, where: Where) -> pl.DataFrame:
    """Return the sums of a span by venue: what was executed there, of what was routed there."""
    days = measured_dates(home, Question(span.first, span.last))
    return _sums(home, days, ("venue", *ALWAYS), where, (FILLS, ROUTES))


def _sums(
    home: Home,
    days: Sequence[date],
    names: tuple[str, ...],
    where: Where,
    sources: Iterable[Source],
) -> pl.DataFrame:
    by = [f"by {name}" for name in names]
    return merge(
        [
            summary_of_cells(read_cells(home, days, source, names, where), source.parts, by)
            for source in sources
        ],
        by,
    )
