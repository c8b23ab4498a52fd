"""The review by order class, by venue and by security."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

import polars as pl

from routewarden.benchmarks.analysis import SHORT
from routewarden.benchmarks.orders import CLASSES, Orders
from routewarden.benchmarks.verdict import Figure, Source, judge
from routewarden.evidence.chart import Axes, Limit, Point, bars
from routewarden.evidence.document import Figure as Drawing
from routewarden.evidence.document import Section
from routewarden.evidence.judged import (
    NOT_APPLICABLE,
    UNDER_EACH,
    judged_cell,
    metric_notes,
    value_cell,
)
from routewarden.evidence.table import Cell, Footnote, Heading, Table, count_cell, text_cell
from routewarden.measures.measure import Unit
from routewarden.measures.reference import OrderClass
from routewarden.measures.scorecard import METRICS, pooled, quotient
from routewarden.measures.scorecard import Cell as MetricCell
from routewarden.measures.shown import NO_VALUE, shown, unit_shown
from routewarden.policy.limits import Limits
from routewarden.runs.review.gathered import CUSTOMERS, Gathered

_BY_NAME = {metric.name: metric for metric in METRICS}
_MARKETABLE = (OrderClass.MARKET, OrderClass.MARKETABLE_LIMIT)
_OF_CLASS = (
    *("fill_rate", "net_price_improvement", "outside_quote_pct", "effective_over_quoted"),
    *("fill_time_ms", "fill_time_ms_when_executable", "size_improvement_pct"),
    *("realized_spread_1m", "reversion_1m", "explicit_cost"),
)
_OF_VENUE = (
    *("fill_rate", "price_improvement_at_route", "effective_over_quoted_at_route"),
    *("route_time_ms", "realized_spread_1m", "reversion_1m", "explicit_cost"),
)
_OF_SECURITY = (
    *("net_price_improvement", "outside_quote_pct", "fill_rate", "fill_time_ms"),
    *("size_improvement_pct", "explicit_cost", "quoted_spread"),
)
_WORST = 10


def by_class(gathered: Gathered) -> Section:
    """Return customers' orders in equities class by class."""
    sums = gathered.customers.orders
    cells = {name: pooled(sums, [name]) for name in OrderClass}
    present = [name for name in OrderClass if _orders(cells[name])]
    table = Table(
        name="by-class",
        title="By order class",
        caption="Customers' orders in equities. Classes are those of classic Rule 605, from the "
        f"quote in force at receipt. {UNDER_EACH}",
        headings=(
            Heading("Order class"), Heading("Orders", numeric=True),
            *_headings(_OF_CLASS),
        ),
        rows=tuple(
            (
                text_cell(name.replace("_", " ")),
                count_cell(_orders(cells[name])),
                *(value_cell(cells[name].get(metric)) for metric in _OF_CLASS),
            )
            for name in present
        ),
        notes=_notes(_OF_CLASS),
    )  # fmt: skip
    lead = "What customers asked for, and how each kind of order fared."
    return Section("classes", "By order class", lead, (table,))


def _orders(cells: Mapping[str, MetricCell]) -> int:
    return cells["fill_rate"].n if "fill_rate" in cells else 0


def _headings(names: Sequence[str]) -> tuple[Heading, ...]:
    """Return the headings of some metrics, each with its footnote."""
    return tuple(
        Heading(metric.title, unit_shown(metric.unit), numeric=True, note=number)
        for number, metric in enumerate((_BY_NAME[name] for name in names), start=1)
    )


def _notes(names: Sequence[str]) -> tuple[Footnote, ...]:
    return metric_notes(_BY_NAME[name] for name in names)


# -- Venues ----------------------------------------------------------------------------------------


def by_venue(gathered: Gathered) -> Section:
    """Return where customers' marketable orders went, each venue judged from the route's time."""
    paying = _paying(gathered.payments)
    rows = [row for row in _venue_cells(gathered) if row[1]]
    whole = sum(executed for _, executed, _ in rows)
    shares = {
        venue: quotient(Fraction(executed) / Fraction(whole))
        for venue, executed, _ in rows
        if whole
    }
    table = Table(
        name="by-venue",
        title="By venue",
        caption="Market and marketable limit orders of customers in equities. The reference is the "
        "quote in force when the venue received the route; fill rate is filled over routed shares. "
        f"{UNDER_EACH}",
        headings=(
            Heading("Venue"), Heading("Pays"), Heading("Shares executed", numeric=True),
            Heading("Share of volume", "%", numeric=True), *_headings(_OF_VENUE),
        ),
        rows=tuple(
            (
                text_cell(venue),
                text_cell(paying.get(venue or "")),
                count_cell(executed),
                _fraction_cell(shares.get(venue)),
                *(value_cell(cells.get(name)) for name in _OF_VENUE),
            )
            for venue, executed, cells in rows
        ),
        notes=_notes(_OF_VENUE),
    )  # fmt: skip
    volume = [
        Point(venue or NO_VALUE, float(share), shown(share, Unit.FRACTION))
        for venue, share in shares.items()
    ]
    lead = "Payment is shown beside the results and takes no part in them."
    blocks = (
        table,
        _drawing("venue-share", "Share of executed volume", volume,
                 Axes("Venue", "share of shares executed", ".0%")),
        _drawing("venue-spread", "Effective over quoted spread at route",
                 _points(rows, "effective_over_quoted_at_route"),
                 Axes("Venue", "effective / quoted, lower is better", ".0%"),
                 (Limit(1.0, "the full spread"),)),
        _drawing("venue-time", "Fill time from route", _points(rows, "route_time_ms"),
                 Axes("Venue", "ms, lower is better")),
    )  # fmt: skip
    return Section("venues", "By venue", lead, blocks)


_VenueRow = tuple[str | None, Decimal, Mapping[str, MetricCell]]


def _venue_cells(gathered: Gathered) -> list[_VenueRow]:
    """Return each venue with the shares it executed and its cells, largest first."""
    asked = [pl.col(f"by {name}").is_in(list(values)) for name, values in CUSTOMERS.items()]
    sums = gathered.venues.filter(asked)
    rows = []
    for venue in sums["by venue"].unique().sort(nulls_last=True):
        cells = pooled(sums.filter(pl.col("by venue").eq_missing(pl.lit(venue))), _MARKETABLE)
        cost = cells.get("explicit_cost")
        left = sum((part.shares for part in cost.excluded.values()), Decimal(0)) if cost else 0
        rows.append((venue, (cost.shares if cost else Decimal(0)) + left, cells))
    return sorted(rows, key=lambda row: -row[1])


def _paying(payments: pl.DataFrame) -> dict[str, str]:
    """Return who each venue, or its payer, pays."""
    payees = payments.group_by("venue").agg(pl.col("payee").unique().sort()).iter_rows()
    return {
        venue: ", ".join(name or NO_VALUE for name in payee) for venue, payee in payees if venue
    }


def _points(rows: Sequence[_VenueRow], metric: str) -> list[Point]:
    cells = [(venue or NO_VALUE, of[metric]) for venue, _, of in rows if metric in of]
    return [
        Point(venue, None if cell.value is None else float(cell.value),
              shown(cell.value, cell.metric.unit))
        for venue, cell in cells
    ]  # fmt: skip


def _drawing(
    name: str, title: str, points: Sequence[Point], axes: Axes, limits: Sequence[Limit] = ()
) -> Drawing:
    """Return a chart of a column of venues, with the numbers it was drawn from as its table."""
    caption = "Market and marketable limit orders of customers in equities."
    numbers = Table(
        name=name,
        title=title,
        caption=caption,
        headings=(Heading(axes.category), Heading(axes.value, numeric=True)),
        rows=tuple(
            (
                text_cell(point.at),
                Cell(point.text, "" if point.value is None else repr(point.value)),
            )
            for point in points
        ),
        folded=True,
        paper_rows=0,
    )
    return Drawing(f"chart-{name}", title, caption, bars(points, axes, limits), numbers)


def _fraction_cell(value: Decimal | None) -> Cell:
    exact = "" if value is None else f"{value:f}"
    share = None if value is None else float(value)
    return Cell(shown(value, Unit.FRACTION), exact, share=share)


# -- Securities ------------------------------------------------------------------------------------


def by_security(gathered: Gathered) -> Section:
    """Return every security by order type, and those that fared worst."""
    worst = _worst(gathered)
    lead = (
        "Each security and kind of order on its own line, against the same kind of order in all "
        "securities together. A line with too few orders to judge is listed and judged together "
        "with the others."
    )
    points = [
        Point(symbol, float(value), f"{shown(value, Unit.FRACTION)} of {n:,} fills")
        for symbol, value, n in worst
    ]
    table = Table(
        name="worst-securities",
        title="Securities with the highest effective over quoted spread",
        caption="Market and marketable limit orders of customers in equities; securities with "
        "enough fills to judge.",
        headings=(
            Heading("Security"), Heading("Effective / quoted", "%", numeric=True),
            Heading("Fills", numeric=True),
        ),
        rows=tuple(
            (text_cell(symbol), Cell(shown(value, Unit.FRACTION), f"{value:f}"), count_cell(n))
            for symbol, value, n in worst
        ),
        folded=True,
        paper_rows=0,
    )  # fmt: skip
    chart = Drawing(
        "chart-worst-securities", table.title, table.caption,
        bars(points, Axes("Security", "effective / quoted, lower is better", ".0%")), table,
    )  # fmt: skip
    return Section("securities", "By security", lead, (chart, _securities(gathered)))


def _worst(gathered: Gathered) -> list[tuple[str, Decimal, int]]:
    least = gathered.against.limits.at("verdict_orders_least", gathered.against.day).value
    found = []
    for symbol in gathered.customers.values("symbol"):
        cells = pooled(gathered.customers.only({"symbol": (symbol,)}).orders, _MARKETABLE)
        cell = cells.get("effective_over_quoted")
        if cell is not None and cell.value is not None and cell.n >= least:
            found.append((symbol or NO_VALUE, cell.value, cell.n))
    return sorted(found, key=lambda row: (-row[1], row[0]))[:_WORST]


def _securities(gathered: Gathered) -> Table:
    """Return a line for each security and kind of order that there were orders of."""
    limits, day = gathered.against.limits, gathered.against.day
    least = limits.at("verdict_orders_least", day).value
    kinds = (Orders.MARKET, Orders.MARKETABLE_LIMIT, Orders.NON_MARKETABLE_LIMIT)
    whole = {kind: pooled(gathered.customers.orders, CLASSES[kind]) for kind in kinds}
    rows = []
    for symbol in gathered.customers.values("symbol"):
        mine = gathered.customers.only({"symbol": (symbol,)}).orders
        for kind in kinds:
            cells = pooled(mine, CLASSES[kind])
            if not (orders := _orders(cells)):
                continue
            rows.append(
                (
                    text_cell(symbol), text_cell(SHORT[kind]), count_cell(orders),
                    *(_against_all(cells.get(name), whole[kind].get(name), limits, day)
                      for name in _OF_SECURITY),
                    text_cell("alone" if orders >= least else "together"),
                )
            )  # fmt: skip
    return Table(
        name="securities",
        title="Security by security, order type by order type",
        caption="Customers' orders in equities. Colour and sign say better or worse than the same "
        "kind of order in all securities, beyond tolerance. The web page and the workbook say what "
        "each was taken of.",
        headings=(
            Heading("Security"), Heading("Type"), Heading("Orders", numeric=True),
            *_headings(_OF_SECURITY), Heading("Judged"),
        ),
        rows=tuple(rows),
        notes=_notes(_OF_SECURITY),
        folded=True,
        dense=True,
    )  # fmt: skip


def _against_all(
    cell: MetricCell | None, whole: MetricCell | None, limits: Limits, day: date
) -> Cell:
    """Return a cell toned by how it stands to all securities together."""
    if cell is None or not cell.applies:
        return Cell("n/a", remark=NOT_APPLICABLE)
    if whole is None or whole.value is None:
        return value_cell(cell)
    judged = judge(cell, Figure(whole.value, whole.n, Source.ALL, "all securities"), limits, day)
    return judged_cell(judged)
