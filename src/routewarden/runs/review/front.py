"""The review's first pages: the summary a member reads in a minute, and the scorecard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from routewarden.benchmarks.analysis import SHORT
from routewarden.benchmarks.dashboard import Line
from routewarden.benchmarks.framework import Status
from routewarden.benchmarks.orders import Orders
from routewarden.benchmarks.verdict import Judged
from routewarden.evidence.document import Block, Fact, Facts, Notice, NoticeKind, Section
from routewarden.evidence.judged import (
    TONES,
    UNDER_EACH,
    compact_table,
    dashboard_table,
    judged_cell,
    value_cell,
)
from routewarden.evidence.table import POPULATION_TITLES, Cell, Heading, Table, Tone, text_cell
from routewarden.measures.measure import Unit
from routewarden.measures.scorecard import METRICS
from routewarden.measures.shown import shown, unit_shown
from routewarden.rules.book import RULES
from routewarden.rules.rule import Severity
from routewarden.runs.dashboards import Dashboard
from routewarden.runs.review.areas import Area, areas
from routewarden.runs.review.gathered import Gathered

_APART = tuple(
    metric
    for metric in METRICS
    if metric.name
    in {
        "fill_rate", "net_price_improvement", "effective_over_quoted", "fill_time_ms",
        "realized_spread_1m", "reversion_1m", "explicit_cost",
    }
)  # fmt: skip
"""What is told of populations besides customers in equities."""


def summary(gathered: Gathered) -> Section:
    """Return the page a committee member understands in a minute."""
    compact = gathered.dashboards[0].compact
    asked = [area for area in areas(gathered) if area.threshold.status is not Status.QUIET]
    worst = gathered.found.filter(pl.col("severity") == Severity.HIGH, pl.col("verdict") == "yes")
    blocks: list[Block] = [
        Facts("summary-facts", tuple(_facts(compact))),
        *(_notice(area) for area in asked),
    ]
    if not asked:
        blocks.append(Notice(NoticeKind.GOOD, "No action threshold is reached this quarter."))
    blocks += [
        compact_table(
            "dashboard",
            "Market and limit orders against their benchmark",
            "Limit is marketable limits, but for the fill rate, which is every limit order.",
            compact,
        ),
        _serious(worst),
    ]
    days = gathered.days
    lead = (
        f"{gathered.whole.count():,} orders on {len(days)} trading dates, {days[0]} to {days[-1]}. "
        "First come customers' orders in equities that were held, not directed, and received in "
        "the regular session; every other order has tables of its own."
    )
    return Section("summary", "Summary", lead, tuple(blocks))


def _facts(lines: Sequence[Line]) -> Iterator[Fact]:
    for line in lines:
        for orders, judged in line.judged.items():
            if judged.cell.applies:
                unit = line.metric.unit
                yield Fact(
                    f"{line.metric.title}, {SHORT[orders]}",
                    shown(judged.cell.value, unit),
                    "" if unit is Unit.FRACTION else unit.value,
                    _standing(judged),
                    "" if judged.cell.value is None else f"{judged.cell.value:f}",
                    TONES.get(judged.verdict, Tone.NEUTRAL),
                )


def _standing(judged: Judged) -> str:
    """Return how a number stands to its benchmark, in a few words."""
    if judged.benchmark is None:
        return "nothing to compare with"
    against = shown(judged.benchmark.value, judged.cell.metric.unit)
    return f"{judged.verdict}: {judged.benchmark.source} {against}"


def _serious(worst: pl.DataFrame) -> Table:
    """Return the high findings by rule."""
    titles = {rule.id: rule for rule in RULES}
    counts = worst.group_by("rule", maintain_order=True).len().sort("rule")
    return Table(
        name="serious",
        title="High findings",
        caption="Each is among the exceptions, with its reason and its place in the records.",
        headings=(
            Heading("Rule"), Heading("Findings", numeric=True), Heading("What to do"),
        ),
        rows=tuple(
            (
                text_cell(titles[rule].title),
                Cell(f"{count:,}", str(count), tone=Tone.BAD),
                text_cell(titles[rule].remedy),
            )
            for rule, count in counts.iter_rows()
        ),
    )  # fmt: skip


def _notice(area: Area) -> Notice:
    kind = NoticeKind.BAD if area.threshold.status is Status.REACHED else NoticeKind.WARNING
    said = (
        "action threshold reached"
        if area.threshold.status is Status.REACHED
        else "threshold unknown"
    )
    return Notice(kind, f"{area.title}: {said}", f"{area.brief}.")


def scorecards(gathered: Gathered) -> Section:
    """Return the scorecard of customers in equities, then a row for every other population."""
    first, *others = gathered.dashboards
    scorecard = dashboard_table(
        "scorecard",
        _whose(first.group),
        "Averages by shares. Price improvement, E/Q and the time from receipt are for market and "
        "marketable limit orders; resting limits are judged from when they could execute. "
        f"{UNDER_EACH}",
        first.full,
    )
    lead = (
        "Each metric by kind of order, its benchmark, the verdict and what the numbers say. "
        "Better and worse are the customer's, beyond the tolerance in force."
    )
    return Section("scorecard", "Scorecard", lead, (scorecard, _others(others)))


def _others(boards: Sequence[Dashboard]) -> Table:
    """Return every other population, each kind of order in it on a row of its own."""
    shown_for = (Orders.MARKET, Orders.MARKETABLE_LIMIT, Orders.NON_MARKETABLE_LIMIT)
    rows = [
        (
            _whose(board.group),
            orders,
            {line.metric.name: line.judged[orders] for line in board.full},
        )
        for board in boards
        for orders in shown_for
    ]
    return Table(
        name="populations",
        title="Every other population",
        caption="Never averaged with the orders above, nor with one another. " + UNDER_EACH,
        headings=(
            Heading("Population"), Heading("Type"),
            *(Heading(metric.title, unit_shown(metric.unit), numeric=True) for metric in _APART),
        ),
        rows=tuple(
            (
                text_cell(whose),
                text_cell(SHORT[orders]),
                *(_of(judged, metric.name) for metric in _APART),
            )
            for whose, orders, judged in rows
            if any(each.cell.value is not None for each in judged.values())
        ),
    )  # fmt: skip


def _of(judged: Mapping[str, Judged], metric: str) -> Cell:
    return judged_cell(judged[metric]) if metric in judged else value_cell(None)


def _whose(group: Mapping[str, str | None]) -> str:
    kind = (group["asset_class"] or "asset class unknown").capitalize()
    return f"{kind}: {POPULATION_TITLES[str(group['population'])]}"
