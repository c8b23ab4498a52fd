"""The dashboards of a question: one for each group of orders there is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from routewarden.base.period import Span
from routewarden.benchmarks.dashboard import Line, compact, full
from routewarden.measures.population import Population
from routewarden.runs.bench import Comparators, comparators
from routewarden.runs.period import Period, read_period
from routewarden.runs.reading import Question
from routewarden.store.home import Home


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A group's dashboard: the few rows read first, and all of them."""

    group: Mapping[str, str | None]
    compact: tuple[Line, ...]
    full: tuple[Line, ...]


def dashboards(home: Home, span: Span, question: Question) -> tuple[Dashboard, ...]:
    """Return a dashboard for each group, customers' and equities first.

    Raises:
        NothingMeasuredError: There is nothing in the span.
    """
    by = tuple(name for name in question.groups if name != "order_class")
    period = read_period(home, span, question.by, question.where)
    return of_period(period, by, comparators(home, span, question.by, question.where))


def of_period(period: Period, by: tuple[str, ...], against: Comparators) -> tuple[Dashboard, ...]:
    """Return a dashboard for each value that some dimensions of a period have together."""
    columns = [f"by {name}" for name in by]
    groups = period.orders.select(columns).unique().sort(columns, nulls_last=True)
    found = [dict(zip(by, values, strict=True)) for values in groups.iter_rows()]
    return tuple(_dashboard(period, group, against) for group in sorted(found, key=_place))


def _place(group: Mapping[str, str | None]) -> tuple[bool, bool]:
    return group["population"] != Population.CUSTOMER, group["asset_class"] != "equity"


def _dashboard(period: Period, group: Mapping[str, str | None], against: Comparators) -> Dashboard:
    asked = {name: (value,) for name, value in group.items()}
    cells, bench = period.only(asked).cells(), against.bench(asked)
    return Dashboard(group, compact(cells, bench), full(cells, bench))
