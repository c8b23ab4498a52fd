"""What there is to say about a period: scorecard, coverage, findings, the costliest orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import polars as pl

from routewarden import __version__
from routewarden.evidence.document import Document, Fact, Facts, Section, Stories
from routewarden.evidence.table import (
    DIRECTION,
    Cell,
    Heading,
    Table,
    by_class,
    by_dimension,
    count_cell,
    text_cell,
)
from routewarden.ledger.checkpoint import stated
from routewarden.measures.fills import FILL_MEASURES
from routewarden.measures.measure import Unit
from routewarden.measures.orders import ORDER_MEASURES
from routewarden.measures.population import Population
from routewarden.measures.reference import OrderClass
from routewarden.measures.scorecard import Cell as MetricCell
from routewarden.measures.scorecard import Row, scorecard
from routewarden.measures.shown import shown, unit_shown
from routewarden.rules.book import RULES
from routewarden.runs.reading import (
    Question,
    findings_of,
    measured_dates,
    read_part,
    summary_of,
)
from routewarden.runs.stories import costliest_orders
from routewarden.store.home import Home, checkpoint_at
from routewarden.store.segments import segments

_CLASSES = tuple(str(name) for name in OrderClass)
_BREAKDOWN = ("net_price_improvement", "effective_over_quoted", "at_or_better_pct", "fill_time_ms",
              "fill_rate", "explicit_cost", "realized_spread_1m")  # fmt: skip
_COVERED = ("net_price_improvement", "effective_spread_at_execution", "realized_spread_5m",
            "price_improvement_at_route", "explicit_cost")  # fmt: skip
_STORIES = 6
_COSTLIEST = (
    "Customer market and marketable limit orders that paid most over the midpoint at receipt."
)


def build_page(home: Home, question: Question) -> Document:
    """Return the document of a period.

    Raises:
        NothingMeasuredError: There is nothing in the period.
    """
    days = measured_dates(home, question)
    whole = _rows(home, question, ())
    kinds = _kinds(whole)
    market = next((row for row in whole if _is_market(row, kinds[0])), None)
    scorecards = [by_class(whole, kind, _CLASSES) for kind in kinds]
    breakdowns = tuple(
        by_dimension(_customer(_rows(home, question, (name,))), name, _BREAKDOWN)
        for name in ("venue", "symbol")
    )
    return Document(
        title="Execution quality",
        subtitle="",
        firm="",
        period=f"{days[0]} to {days[-1]}, {len(days)} trading dates",
        prepared=f"log size {home.log.size}",
        sections=(
            Section("summary", "At a glance", "", (Facts("facts", _facts(home, days, market)),)),
            Section("scorecard", "Scorecard", "", (
                *scorecards[:1], *(replace(table, folded=True) for table in scorecards[1:]),
                _coverage(market),
            )),
            Section("breakdowns", "By venue and symbol", "", breakdowns),
            Section("orders", "Costliest orders", _COSTLIEST, (
                Stories("order-events", costliest_orders(home, days, _STORIES)),
            )),
            Section("data", "Data", "", (_findings(home, days), _provenance(home))),
            Section("how", "How computed", "", (_definitions(),)),
        ),
        footer=f"Routewarden {__version__}; log as read: "
        f"{stated(checkpoint_at(home, home.log.size))}",
    )  # fmt: skip


def _rows(home: Home, question: Question, by: tuple[str, ...]) -> tuple[Row, ...]:
    asked = Question(question.first, question.last, by, question.where)
    return scorecard(summary_of(home, asked), asked.groups)


def _customer(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    return tuple(row for row in rows if row.group["population"] == Population.CUSTOMER)


def _kinds(rows: tuple[Row, ...]) -> list[tuple[str | None, str]]:
    """Return the asset classes and populations there are, equity and customers first."""
    present = {(row.group["asset_class"], str(row.group["population"])) for row in rows}
    return sorted(
        present,
        key=lambda kind: (
            kind[1] != Population.CUSTOMER,
            kind[0] != "equity",
            kind[1],
            kind[0] or "",
        ),
    )


def _is_market(row: Row, kind: tuple[str | None, str]) -> bool:
    return (row.group["asset_class"], row.group["population"], row.group["order_class"]) == (
        *kind,
        OrderClass.MARKET,
    )


def _facts(home: Home, days: Sequence[date], market: Row | None) -> tuple[Fact, ...]:
    orders, fills = (read_part(home, days, name).height for name in ("orders", "fills"))
    counts = (
        Fact("Orders", f"{orders:,}", "", "received in the period"),
        Fact("Executions", f"{fills:,}", "", "in effect, busts and corrections resolved"),
    )
    if market is None:
        return counts
    cells = {cell.metric.name: cell for cell in market.cells}
    wanted = ("net_price_improvement", "effective_over_quoted", "at_or_better_pct", "fill_time_ms")
    return (*counts, *(_fact(cells[name]) for name in wanted if name in cells))


def _fact(cell: MetricCell) -> Fact:
    unit = "" if cell.metric.unit is Unit.FRACTION else cell.metric.unit.value
    return Fact(
        cell.metric.title,
        shown(cell.value, cell.metric.unit),
        unit,
        f"market orders, {shown(cell.coverage, Unit.FRACTION)} covered; "
        f"{DIRECTION[cell.metric.better]}",
    )


def _coverage(market: Row | None) -> Table:
    cells = {} if market is None else {cell.metric.name: cell for cell in market.cells}
    return Table(
        name="coverage",
        title="Coverage",
        caption="Customer market orders: executed shares each metric could be taken of, and why "
        "the rest is out.",
        headings=(Heading("Metric"), Heading("Covered", "%", numeric=True), Heading("Left out")),
        rows=tuple(
            (
                text_cell(cell.metric.title),
                _covered(cell.coverage),
                text_cell(_left_out(cell)),
            )
            for cell in (cells[name] for name in _COVERED if name in cells)
        ),
    )


def _covered(coverage: Decimal | None) -> Cell:
    if coverage is None:
        return text_cell(None)
    return Cell(shown(coverage, Unit.FRACTION), f"{coverage:f}", share=float(coverage))


def _left_out(cell: MetricCell) -> str:
    left = ", ".join(
        f"{reason.replace('_', ' ')}: {left.shares:,.0f} shares"
        for reason, left in sorted(cell.excluded.items())
    )
    return left or "nothing left out"


def _findings(home: Home, days: Sequence[date]) -> Table:
    found = findings_of(home, days)
    counts = found.group_by("rule", "verdict").agg(pl.len(), pl.col("because").first())
    rules = {rule.id: rule for rule in RULES}
    return Table(
        name="findings",
        title="Findings about the data",
        caption="What is wrong, or cannot be known; `routewarden findings` lists each one.",
        headings=(
            Heading("Severity"), Heading("Finding"), Heading("Verdict"),
            Heading("Count", numeric=True), Heading("For example"), Heading("What to do"),
        ),
        rows=tuple(
            (
                text_cell(rules[rule].severity),
                text_cell(rules[rule].title),
                text_cell(verdict),
                count_cell(number),
                text_cell(example),
                text_cell(rules[rule].remedy),
            )
            for rule, verdict, number, example in counts.sort(
                pl.col("len"), "rule", "verdict", descending=[True, False, False]
            ).iter_rows()
        ),
    )  # fmt: skip


def _definitions() -> Table:
    measures = (*FILL_MEASURES, *ORDER_MEASURES)
    return Table(
        name="definitions",
        title="How each number is computed",
        caption="Exact decimal arithmetic; averages divide once, half to even, at twelve decimals.",
        headings=(Heading("Measure"), Heading("Unit"), Heading("Better"), Heading("Means"),
                  Heading("Source")),
        rows=tuple(
            (
                text_cell(measure.name),
                text_cell(unit_shown(measure.unit)),
                text_cell(DIRECTION[measure.better]),
                text_cell(measure.means),
                text_cell(measure.source),
            )
            for measure in measures
        ),
    )  # fmt: skip


def _provenance(home: Home) -> Table:
    return Table(
        name="files",
        title="Files behind these numbers",
        caption="Raw bytes are kept under these SHA-256 digests; `routewarden verify` checks them.",
        headings=(
            Heading("Kind"), Heading("Records", numeric=True), Heading("Duplicates", numeric=True),
            Heading("Rejects", numeric=True), Heading("Digest"),
        ),
        rows=tuple(
            (
                text_cell(segment.kind),
                count_cell(segment.records),
                count_cell(segment.duplicates),
                count_cell(Decimal(segment.rejects)),
                Cell(segment.digest[:16] + "…", segment.digest, segment.digest),
            )
            for segment in segments(home)
        ),
    )  # fmt: skip
