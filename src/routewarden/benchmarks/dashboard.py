"""The dashboard: each metric by kind of order, against its benchmark, with verdict and analysis.

The compact view is one a committee reads in a minute: market orders beside limit orders, where
limit means marketable limits for what is measured against the quote, and every limit for fill rate.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

from routewarden.benchmarks.orders import FULL, Orders
from routewarden.benchmarks.verdict import Figure, Judged, Source, judge
from routewarden.measures.scorecard import Cell, Metric, no_cell
from routewarden.policy.limits import Limits
from routewarden.policy.published import ALL, Published

Cells = Mapping[Orders, Mapping[str, Cell]]
"""Each kind of order's cells, by metric."""

Figures = Mapping[tuple[str, Orders], Figure]
"""Benchmarks by metric and kind of order."""

METRICS = (
    *("net_price_improvement", "price_improved_orders_pct", "effective_over_quoted"),
    *("spread_capture", "fill_time_ms", "fill_time_ms_p95", "fill_time_ms_p99", "fill_rate"),
    *("size_improvement_pct", "reversion_1m", "realized_spread_1m", "explicit_cost"),
    *("net_effective_spread", "effective_spread_when_executable"),
    *("realized_spread_1m_when_executable", "fill_time_ms_when_executable"),
)
"""The rows of the full dashboard, in order."""

COMPACT: Mapping[str, tuple[bool, Orders | None]] = {
    "net_price_improvement": (True, Orders.MARKETABLE_LIMIT),
    "spread_capture": (True, Orders.MARKETABLE_LIMIT),
    "fill_time_ms": (True, None),
    "fill_rate": (False, Orders.LIMIT),
    "reversion_1m": (True, Orders.MARKETABLE_LIMIT),
}
"""The rows of the compact view: whether market orders are shown, and what limit orders mean."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the dashboard: a metric, judged for each kind of order it is shown for."""

    metric: Metric
    judged: Mapping[Orders, Judged]


@dataclass(frozen=True, slots=True)
class Bench:
    """Everything to compare with, best source first, and the tolerances of a date."""

    figures: tuple[Figures, ...]
    limits: Limits
    day: date

    def figure(self, metric: str, orders: Orders) -> Figure | None:
        """Return the first source's figure that there is."""
        found = (figures.get((metric, orders)) for figures in self.figures)
        return next((figure for figure in found if figure is not None), None)

    def judge(self, cell: Cell, orders: Orders) -> Judged:
        """Compare a kind of order's cell with the best figure there is for it."""
        return judge(cell, self.figure(cell.metric.name, orders), self.limits, self.day)


def full(cells: Cells, bench: Bench) -> tuple[Line, ...]:
    """Return every row for market, marketable limit and non-marketable limit orders."""
    return tuple(_line(name, FULL, cells, bench) for name in _present(METRICS, cells))


def compact(cells: Cells, bench: Bench) -> tuple[Line, ...]:
    """Return the few rows a committee reads first: market orders, then limit orders."""
    return tuple(_two(name, cells, bench) for name in _present(COMPACT, cells))


def _two(name: str, cells: Cells, bench: Bench) -> Line:
    """Return a compact row; a kind of order it is not for is not applicable."""
    of_market, limit = COMPACT[name]
    line = _line(name, (Orders.MARKET, limit or Orders.LIMIT), cells, bench)
    shown = {Orders.MARKET: of_market, limit or Orders.LIMIT: limit is not None}
    return replace(
        line,
        judged={
            orders: judged if shown[orders] else bench.judge(no_cell(line.metric), orders)
            for orders, judged in line.judged.items()
        },
    )


def _present(names: Collection[str], cells: Cells) -> list[str]:
    return [name for name in names if any(name in of for of in cells.values())]


def _line(name: str, columns: tuple[Orders, ...], cells: Cells, bench: Bench) -> Line:
    metric = next(of[name].metric for of in cells.values() if name in of)
    chosen = {orders: cells[orders].get(name, no_cell(metric)) for orders in columns}
    return Line(metric, {orders: bench.judge(cell, orders) for orders, cell in chosen.items()})


def of_cells(cells: Cells, source: Source, says: str) -> Figures:
    """Return the figures that earlier, or other, measured orders give."""
    return {
        (name, orders): Figure(cell.value, cell.n, source, says)
        for orders, of in cells.items()
        for name, cell in of.items()
        if cell.value is not None
    }


def of_published(published: Mapping[tuple[str, str], Published], source: Source) -> Figures:
    """Return the figures a table states; one of all orders stands where none is more specific."""
    found: dict[tuple[str, Orders], Figure] = {}
    for (metric, stated), row in sorted(published.items(), key=lambda item: item[0][1] != ALL):
        says = f"{row.source} (simulated)" if row.simulated else row.source
        for orders in Orders if stated == ALL else (Orders(stated),):
            found[metric, orders] = Figure(row.value, row.n, source, says)
    return found
