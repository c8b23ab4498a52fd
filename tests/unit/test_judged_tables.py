"""Judged numbers as tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from routewarden.benchmarks.dashboard import Bench, Cells, compact, full
from routewarden.benchmarks.orders import Orders
from routewarden.benchmarks.verdict import Figure, Judged, Source, Verdict
from routewarden.evidence.judged import (
    NOT_APPLICABLE,
    compact_table,
    coverage_shown,
    dashboard_table,
    judged_cell,
    metric_notes,
    value_cell,
)
from routewarden.evidence.table import Cell, Table, Tone
from routewarden.measures.scorecard import METRICS, Left, Metric, empty_cell, no_cell
from routewarden.measures.scorecard import Cell as MetricCell
from routewarden.policy.limits import read_limits

DAY, LIMITS = date(2026, 3, 31), read_limits("")
BY_NAME = {metric.name: metric for metric in METRICS}
RATE, CAPTURE, GAIN = (
    BY_NAME[name] for name in ("fill_rate", "spread_capture", "net_price_improvement")
)
SIGNS = "▲ higher is better, ▼ lower is better."
DASH = "\N{EN DASH}"


def cell(metric: Metric, value: str | None, n: int = 100) -> MetricCell:
    number = None if value is None else Decimal(value)
    return MetricCell(metric, number, applies=True, n=n, shares=Decimal(n), coverage=Decimal(1))


def cells(**of: dict[Orders, MetricCell]) -> Cells:
    return {orders: {name: by[orders] for name, by in of.items() if orders in by}
            for orders in Orders}  # fmt: skip


def bench(*figures: tuple[Metric, Orders, str]) -> Bench:
    known = {
        (metric.name, orders): Figure(Decimal(value), None, Source.INDUSTRY, "a report")
        for metric, orders, value in figures
    }
    return Bench((known,), LIMITS, DAY)


def column(table: Table, title: str) -> list[Cell]:
    at = [heading.title for heading in table.headings].index(title)
    return [row[at] for row in table.rows]


# -- Cells -----------------------------------------------------------------------------------------


def test_a_cell_says_how_many_how_much_and_what_was_left_out() -> None:
    left = {"no_quote": Left(2, Decimal(1_500)), "halted": Left(1, Decimal(7))}
    known = replace(cell(RATE, "0.9", 1_200), coverage=Decimal("0.75"), excluded=left)

    assert value_cell(known, Tone.GOOD) == Cell(
        "90.0 %", "0.9", "left out: halted 7, no quote 1,500", "n 1,200, 75.0 %",
        tone=Tone.GOOD,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("coverage", "said"),
    [
        ("1", "100.0 %"),
        ("0.99999", "> 99.9 %"),
        ("0.9", "90.0 %"),
        (None, DASH),
    ],
)
def test_what_is_left_out_however_little_is_never_told_as_all(
    coverage: str | None, said: str
) -> None:
    known = None if coverage is None else Decimal(coverage)

    assert coverage_shown(known) == said
    assert value_cell(replace(cell(RATE, "1"), coverage=known)).basis == (
        "n 100" if coverage in {"1", None} else f"n 100, {said}"
    )


def test_what_is_not_known_is_never_nought() -> None:
    assert value_cell(None) == value_cell(no_cell(RATE)) == Cell(NOT_APPLICABLE)
    assert value_cell(empty_cell(RATE)) == Cell(DASH, basis="n 0")


def test_a_verdict_has_its_tone() -> None:
    tones = {verdict: judged_cell(Judged(cell(RATE, "1"), None, verdict)).tone
             for verdict in Verdict}  # fmt: skip

    assert tones == {
        Verdict.BETTER: Tone.GOOD,
        Verdict.WORSE: Tone.BAD,
        Verdict.IN_LINE: Tone.NEUTRAL,
        Verdict.INSUFFICIENT: Tone.NEUTRAL,
        Verdict.NOT_APPLICABLE: Tone.NEUTRAL,
    }


# -- Tables ----------------------------------------------------------------------------------------


def test_a_row_is_toned_by_its_worst_verdict() -> None:
    of = cells(
        spread_capture={
            Orders.MARKET: cell(CAPTURE, "0.5"),
            Orders.MARKETABLE_LIMIT: cell(CAPTURE, "0.1"),
        },
        fill_rate={Orders.LIMIT: cell(RATE, "0.5"), Orders.MARKET: cell(RATE, "1")},
    )
    against = bench(
        (CAPTURE, Orders.MARKET, "0.3"),
        (CAPTURE, Orders.MARKETABLE_LIMIT, "0.3"),
        (RATE, Orders.LIMIT, "0.51"),
    )
    table = compact_table("t", "T", "About.", compact(of, against))

    assert [(each.text, each.tone) for each in column(table, "Verdict")] == [
        ("market better; limit worse", Tone.BAD),
        ("in line", Tone.NEUTRAL),
    ]
    assert [each.text for each in column(table, "Market")] == ["50.0 %", NOT_APPLICABLE]
    assert [each.text for each in column(table, "Limit")] == ["10.0 %", "50.0 %"]
    assert column(table, "Benchmark") == [
        Cell("30.0 %", "0.3", "industry table: a report"),
        Cell("51.0 %", "0.51", "industry table: a report"),
    ]
    assert table.caption == f"About. {SIGNS} Benchmarks: industry table, a report."


def test_two_benchmarks_have_no_one_exact_value() -> None:
    of = cells(fill_rate={orders: cell(RATE, "0.9") for orders in Orders})
    against = bench((RATE, Orders.MARKET, "0.8"), (RATE, Orders.MARKETABLE_LIMIT, "0.7"))
    (shown,) = column(dashboard_table("t", "T", "", full(of, against)), "Benchmark")

    assert (shown.text, shown.exact) == (f"80.0 % / 70.0 % / {DASH}", "")


def test_without_a_benchmark_nothing_is_compared() -> None:
    of = cells(fill_rate={Orders.MARKET: cell(RATE, "0.9")})
    table = dashboard_table("t", "T", "About.", full(of, bench()))

    assert [heading.title for heading in table.headings] == [
        "Metric", "Unit", "▲▼", "Market", "Marketable", "Non-marketable",
    ]  # fmt: skip
    assert table.caption == f"About. {SIGNS} There is nothing to compare with."


def test_what_was_not_measured_has_no_row() -> None:
    of = cells(
        fill_rate={Orders.MARKET: cell(RATE, "0.9")},
        net_price_improvement={Orders.MARKET: cell(GAIN, None)},
    )
    rows = dashboard_table("t", "T", "", full(of, bench())).rows

    assert [row[0].text for row in rows] == ["Fill rate"]
    assert dashboard_table("t", "T", "", ()).rows == ()


# -- Footnotes -------------------------------------------------------------------------------------


def test_a_footnote_says_what_is_divided_by_what() -> None:
    asked = (
        *(RATE, CAPTURE, GAIN, BY_NAME["effective_over_quoted"]),
        *(BY_NAME["size_improvement_shares"], BY_NAME["price_improved_orders_pct"]),
    )
    begun = [note.text.partition(";")[0] for note in metric_notes(asked)]

    assert begun == [
        "Filled shares over ordered shares, or over routed shares by venue",
        "One less the sum of shares x effective spread over sum of shares x quoted spread",
        "Mean of price improvement, weighted by shares",
        "Sum of shares x effective spread over sum of shares x quoted spread",
        "Sum of size improvement shares",
        "Orders improved over their shares, of orders measured",
    ]
    assert all(note.text.endswith(".") and "unit: " in note.text for note in metric_notes(asked))
    assert "source: " in metric_notes((GAIN,))[0].text
    assert "source: " not in metric_notes((replace(RATE, of="no measure of that name"),))[0].text
