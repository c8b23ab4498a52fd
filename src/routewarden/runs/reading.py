"""Measured results read back: for export, for the scorecard, for the list of findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from routewarden.base.errors import RoutewardenError
from routewarden.base.schema import Kind
from routewarden.base.time import trading_date
from routewarden.events.cat.interpret import SILENT
from routewarden.measures.dimensions import (
    ALWAYS,
    ON_FILLS,
    ON_ORDERS,
    ON_ROUTES,
    check_dimensions,
    chosen,
    with_dimensions,
)
from routewarden.measures.silence import FILL_FACTS, ORDER_FACTS, Fact, Silence, silences
from routewarden.measures.summary import (
    FILL_PARTS,
    ORDER_PARTS,
    ROUTE_PARTS,
    Part,
    merge,
    summarise,
)
from routewarden.rules.rule import FINDINGS
from routewarden.runs import export
from routewarden.runs.code import basis
from routewarden.runs.interpreting import interpret
from routewarden.runs.watch import pattern_findings
from routewarden.store.home import Home
from routewarden.store.results import Results
from routewarden.store.segments import SEGMENT

_BATCH = 21  # about a month of trading dates


class NothingMeasuredError(RoutewardenError):
    """There is no result in the period asked for."""

    def __init__(self, dates: Sequence[date]) -> None:
        held = f"Measured dates go from {dates[0]} to {dates[-1]}." if dates else ""
        super().__init__(
            f"nothing is measured for this period. {held} Run `routewarden run` after ingesting."
        )


@dataclass(frozen=True, slots=True)
class Question:
    """A period, what to break down by, and what to keep."""

    first: date | None = None
    last: date | None = None
    by: tuple[str, ...] = ()
    where: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def groups(self) -> tuple[str, ...]:
        """The dimensions asked for, then those always there."""
        return (*(name for name in self.by if name not in ALWAYS), *ALWAYS)


def measured_dates(home: Home, question: Question) -> list[date]:
    """Return the trading dates with results in the period.

    Raises:
        NothingMeasuredError: There are none.
    """
    dates = sorted(Results(home.measured).dates())
    asked = [
        day
        for day in dates
        if (question.first is None or question.first <= day)
        and (question.last is None or day <= question.last)
    ]
    if not asked:
        raise NothingMeasuredError(dates)
    return asked


def read_part(home: Home, days: Sequence[date], part: str) -> pl.DataFrame:
    """Return the measured fills, orders, routes or findings of some dates."""
    results = Results(home.measured)
    return pl.concat([results.read(day, part) for day in days], how="diagonal")


def summary_of(home: Home, question: Question) -> pl.DataFrame:
    """Return the exact sums a scorecard is made of: each date summed, the dates merged.

    Raises:
        UnknownDimensionError: A dimension is not known.
        NothingMeasuredError: There is nothing in the period.
    """
    check_dimensions([*question.by, *question.where])
    by = [f"by {name}" for name in question.groups]
    days = measured_dates(home, question)
    return merge([part for batch in batches(days) for part in _of_days(home, batch, question)], by)


def batches(days: Sequence[date]) -> Iterator[Sequence[date]]:
    """Return the dates in runs that are read and summed at once: a sum costs more than its rows."""
    for first in range(0, len(days), _BATCH):
        yield days[first : first + _BATCH]


def _of_days(home: Home, days: Sequence[date], question: Question) -> list[pl.DataFrame]:
    asked: list[tuple[str, Mapping[str, pl.Expr], tuple[Part, ...]]] = [
        ("fills", ON_FILLS, FILL_PARTS)
    ]
    if set(question.groups) | set(question.where) <= set(ON_ORDERS):
        asked.append(("orders", ON_ORDERS, ORDER_PARTS))
    elif set(question.groups) | set(question.where) <= set(ON_ROUTES):
        asked.append(("routes", ON_ROUTES, ROUTE_PARTS))
    by = [f"by {name}" for name in question.groups]
    return [
        summarise(
            with_dimensions(
                chosen(read_part(home, days, name), dimensions, question.where),
                dimensions,
                question.groups,
            ),
            parts,
            by,
        )
        for name, dimensions, parts in asked
    ]


@dataclass(frozen=True, slots=True)
class Exported:
    """What `export` writes, in its promised columns, and what no file states that it would need."""

    frame: pl.DataFrame
    silences: tuple[Silence, ...] = ()


def exported(home: Home, part: export.Part, question: Question) -> Exported:
    """Return what `export` writes.

    Raises:
        NothingMeasuredError: There is nothing in the period.
    """
    if part is export.Part.SUMMARY:
        return Exported(export.export_summary(summary_of(home, question)))
    days = measured_dates(home, question)
    match part:
        case export.Part.FILLS:
            fills = read_part(home, days, "fills")
            return Exported(export.export_fills(fills), _unstated(home, fills, FILL_FACTS))
        case export.Part.ORDERS:
            orders = read_part(home, days, "orders")
            return Exported(export.export_orders(orders), _unstated(home, orders, ORDER_FACTS))
        case export.Part.ROUTES:
            routes = interpret(home).records[Kind.ROUTES]
            sent = trading_date(pl.col("sent_at"))
            inside = routes.filter(sent.is_between(days[0], days[-1]))
            return Exported(export.export_routes(inside))
        case export.Part.FINDINGS:
            return Exported(findings_of(home, days))


def _unstated(home: Home, rows: pl.DataFrame, facts: tuple[Fact, ...]) -> tuple[Silence, ...]:
    """Return what no file states of some rows, and what CAT events never do where any are held."""
    found = list(silences(rows, facts))
    if home.lake.dates(Kind.CAT):
        found += [Silence(fact, 0, f"not in CAT events: {why}", ()) for fact, why in SILENT]
    return tuple(found)


def findings_of(home: Home, days: Sequence[date]) -> pl.DataFrame:
    """Return the findings of some dates, and those about the periods they end."""
    if not days:
        return pl.DataFrame(schema=FINDINGS)
    patterns = pattern_findings(home, days[0], days[-1])
    return pl.concat([read_part(home, days, "findings"), patterns])


def is_stale(home: Home) -> bool:
    """Return whether files came in after the last run, or settings or code changed."""
    size, went_by = Results(home.measured).seen()
    new_files = any(entry.seq >= size for entry in home.log.entries(SEGMENT))
    return new_files or went_by != basis(home.policy().digest)
