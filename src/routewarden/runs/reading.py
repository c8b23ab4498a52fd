"""Measured results read back: for export, for the scorecard, for the list of findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from routewarden.base.errors import RoutewardenError
from routewarden.base.schema import Kind
from routewarden.events.cat.interpret import SILENT
from routewarden.measures.cube import FILLS, ORDERS, ROUTES, Source, grouped, summary_of_cells
from routewarden.measures.dimensions import ALWAYS, ON_ORDERS, ON_ROUTES, check_dimensions
from routewarden.measures.grid import divided, summands
from routewarden.measures.silence import FILL_FACTS, ORDER_FACTS, Fact, Silence, silences
from routewarden.measures.summary import merge
from routewarden.rules.rule import FINDINGS
from routewarden.runs import export
from routewarden.runs.code import basis
from routewarden.runs.interpreting import interpret
from routewarden.runs.summaries import read_cells, read_sums
from routewarden.runs.watch import pattern_findings
from routewarden.store.conflicts import SETTLED
from routewarden.store.home import Home
from routewarden.store.results import Results
from routewarden.store.segments import SEGMENT


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
    """Return the exact sums a scorecard is made of.

    Raises:
        UnknownDimensionError: A dimension is not known.
        NothingMeasuredError: There is nothing in the period.
    """
    check_dimensions([*question.by, *question.where])
    by = [f"by {name}" for name in question.groups]
    days = measured_dates(home, question)
    return merge(
        [
            summary_of_cells(
                read_cells(home, days, source, question.groups, question.where), source.parts, by
            )
            for source in sources_of(question)
        ],
        by,
    )


def sources_of(question: Question) -> tuple[Source, ...]:
    """Return what a question is about: fills, and the orders or routes they fill."""
    asked = set(question.groups) | set(question.where)
    if asked <= set(ON_ORDERS):
        return FILLS, ORDERS
    return (FILLS, ROUTES) if asked <= set(ON_ROUTES) else (FILLS,)


def grid_of(home: Home, question: Question) -> pl.DataFrame:
    """Return every metric of every group as columns (measures.grid): many groups at once.

    Raises:
        UnknownDimensionError: A dimension is not known.
        NothingMeasuredError: There is nothing in the period.
    """
    check_dimensions([*question.by, *question.where])
    days = measured_dates(home, question)
    summed = {
        source: read_sums(home, days, source, question.groups, question.where)
        for source in sources_of(question)
    }
    return divided(summed, [f"by {name}" for name in question.groups])


def every_dimension(home: Home, question: Question) -> pl.DataFrame:
    """Return the grid of a question by each dimension that a day keeps, its cells read once.

    `by dimension` and `by value` come before what is always there. For one security, whose cells
    are few: where its symbol is asked for.

    Raises:
        UnknownDimensionError: A dimension is not known.
        NothingMeasuredError: There is nothing in the period.
    """
    check_dimensions(list(question.where))
    days = measured_dates(home, question)
    by = [f"by {name}" for name in ("dimension", "value", *ALWAYS)]
    of_routes = tuple(name for name in ROUTES.kept if name not in ORDERS.kept)
    kept = {FILLS: FILLS.kept, ORDERS: ORDERS.kept, ROUTES: (*of_routes, *ALWAYS)}

    def read(source: Source) -> pl.DataFrame:
        return summands(read_cells(home, days, source, kept[source], question.where), source)

    with ThreadPoolExecutor() as threads:  # many small files: to open them takes the time
        held = dict(zip(kept, threads.map(read, kept), strict=True))
    grids = [
        divided({each: grouped(_stacked(held[each], names), by) for each in (FILLS, other)}, by)
        for other, names in ((ORDERS, ORDERS.kept), (ROUTES, of_routes))
    ]
    return pl.concat(grids, how="diagonal")


def _stacked(cells: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Return cells once for each of some dimensions, as its `value`."""
    return pl.concat(
        [
            cells.with_columns(
                pl.lit(name).alias("by dimension"), pl.col(f"by {name}").alias("by value")
            )
            for name in names
        ]
    )


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
    if part is export.Part.SCORECARD:
        asked = Question(question.first, question.last, ("symbol",), question.where)
        return Exported(export.export_grid(grid_of(home, asked)))
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
            held = interpret(home).held
            inside = [day for day in sorted(held.dates()) if days[0] <= day <= days[-1]]
            routes = [held.of(day).routes for day in inside]
            return Exported(export.export_routes(pl.concat(routes, how="diagonal")))
        case export.Part.FINDINGS:
            return Exported(findings_of(home, days))


def _unstated(home: Home, rows: pl.DataFrame, facts: tuple[Fact, ...]) -> tuple[Silence, ...]:
    """Return what no file states of some rows, and what CAT events never do where any are held."""
    found = list(silences(rows, facts))
    if home.lake.dates(Kind.CAT):
        found += [Silence(fact, 0, f"not in CAT events: {why}", ()) for fact, why in SILENT]
    return tuple(found)


def findings_of(
    home: Home, days: Sequence[date], compared: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Return the findings of some dates, and those about the periods they end.

    `compared` are the vendor's claims beside ours, over every measured date, if they are at hand.
    """
    if not days:
        return pl.DataFrame(schema=FINDINGS)
    patterns = pattern_findings(home, days[0], days[-1], compared)
    return pl.concat([read_part(home, days, "findings"), patterns])


def is_stale(home: Home) -> bool:
    """Return whether files came in or a conflict was settled after the last run, or code changed.

    Or the settings that results go by.
    """
    size, went_by = Results(home.measured).seen()
    kinds = (SEGMENT, SETTLED)
    new_records = any(entry.seq >= size for kind in kinds for entry in home.log.entries(kind))
    return new_records or went_by != basis(home.policy().digest)
