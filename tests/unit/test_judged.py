from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from routewarden.benchmarks.dashboard import Bench, Line, full
from routewarden.benchmarks.orders import FULL, Orders
from routewarden.benchmarks.verdict import Figure, Source
from routewarden.evidence.judged import (
    benchmark_cell,
    compact_table,
    coverage_shown,
    dashboard_table,
    metric_notes,
    value_cell,
)
from routewarden.evidence.table import Cell, Table, Tone
from routewarden.measures.scorecard import METRICS, Left, no_cell
from routewarden.measures.scorecard import Cell as MetricCell
from routewarden.policy.limits import read_limits

DAY = date(2025, 12, 31)
BY_NAME = {metric.name: metric for metric in METRICS}
RATE, GAIN = BY_NAME["fill_rate"], BY_NAME["net_price_improvement"]


def cell(value: str | None, coverage: str | None = "1") -> MetricCell:
    return MetricCell(
        RATE, None if value is None else Decimal(value), applies=True, n=400,
        shares=Decimal(40_000), coverage=None if coverage is None else Decimal(coverage),
    )  # fmt: skip


def line(values: dict[Orders, str], figures: dict[Orders, str]) -> Line:
    cells = {
        orders: {"fill_rate": cell(values[orders]) if orders in values else no_cell(RATE)}
        for orders in FULL
    }
    known = {
        ("fill_rate", orders): Figure(Decimal(value), None, Source.PRIOR, "2025Q3")
        for orders, value in figures.items()
    }
    bench = Bench((known,), read_limits(""), DAY)
    return next(each for each in full(cells, bench) if each.metric is RATE)


def row(table: Table) -> dict[str, Cell]:
    return {h.title: c for h, c in zip(table.headings, table.rows[0], strict=True)}


@pytest.mark.parametrize(
    ("coverage", "basis"),
    [
        (None, "n 400"),
        ("1", "n 400"),
        ("0.984", "n 400, 98.4 %"),
        ("0.99999", "n 400, > 99.9 %"),
        ("0", "n 400, 0.0 %"),
    ],
)
def test_a_number_says_what_it_was_taken_of(coverage: str | None, basis: str) -> None:
    assert value_cell(cell("0.8", coverage)).basis == basis


def test_what_is_left_out_is_the_remark_in_words() -> None:
    left = replace(cell("0.8"), excluded={"no_mid_at_horizon": Left(2, Decimal(1_200))})

    assert value_cell(left).remark == "left out: no mid at horizon 1,200"
    assert not value_cell(cell("0.8")).remark


def test_what_does_not_apply_or_was_not_measured_is_never_a_number() -> None:
    nothing = Cell("not applicable")

    assert [value_cell(None), value_cell(no_cell(RATE))] == [nothing, nothing]
    assert (value_cell(cell(None)).text, value_cell(cell(None)).exact) == ("\N{EN DASH}", "")


def test_a_coverage_is_all_only_where_it_is() -> None:
    assert [coverage_shown(Decimal(part)) for part in ("1", "0.9999")] == ["100.0 %", "> 99.9 %"]
    assert coverage_shown(None) == "\N{EN DASH}"


def test_a_benchmark_is_a_number_where_all_that_applies_shares_it() -> None:
    resting = Orders.NON_MARKETABLE_LIMIT
    both, apart = {Orders.MARKET: "0.9", resting: "0.7"}, {Orders.MARKET: "0.5", resting: "0.8"}

    found = benchmark_cell(line(both, dict.fromkeys(both, "0.8")))
    assert (found.text, found.exact) == ("80.0 %", "0.8")
    assert found.remark == "prior period: 2025Q3"
    assert benchmark_cell(line({resting: "0.7"}, apart)).exact == "0.8"
    assert benchmark_cell(line(both, apart)).text == "50.0 % / 80.0 %"
    assert not benchmark_cell(line(both, apart)).exact


def test_a_row_is_toned_by_the_worst_of_its_verdicts() -> None:
    against = dict.fromkeys(FULL, "0.8")
    worse, better, level = (
        row(dashboard_table("t", "T", "Said.", [line(values, against)]))["Verdict"]
        for values in (
            {Orders.MARKET: "0.9", Orders.MARKETABLE_LIMIT: "0.2"},
            {Orders.MARKET: "0.9"},
            {Orders.MARKET: "0.8"},
        )
    )

    assert [each.tone for each in (worse, better, level)] == [Tone.BAD, Tone.GOOD, Tone.NEUTRAL]


def test_where_there_is_nothing_to_compare_with_there_is_no_verdict() -> None:
    alone = dashboard_table("t", "T", "Said.", [line({Orders.MARKET: "0.9"}, {})])
    none = dashboard_table("t", "T", "Said.", [line({}, {})])

    assert "Verdict" not in row(alone)
    assert alone.caption.endswith("There is nothing to compare with.")
    assert none.rows == ()


def test_the_compact_dashboard_has_market_beside_limit_and_its_sources() -> None:
    chosen = replace(
        line({Orders.MARKET: "0.9"}, {Orders.MARKET: "0.8"}),
        judged={
            orders: judged
            for orders, judged in line(
                {Orders.MARKET: "0.9"}, {Orders.MARKET: "0.8"}
            ).judged.items()
            if orders in {Orders.MARKET, Orders.MARKETABLE_LIMIT}
        },
    )
    table = compact_table("t", "T", "Said.", [chosen])

    assert [heading.title for heading in table.headings][3:5] == ["Market", "Limit"]
    assert table.caption == (
        "Said. ▲ higher is better, ▼ lower is better. Benchmarks: prior period, 2025Q3."
    )
    assert [heading.title for heading in table.headings if heading.below] == ["Analysis"]


def test_a_note_defines_its_metric_in_words() -> None:
    notes = {note.term: note.text for note in metric_notes(METRICS)}

    assert len(notes) == len({metric.title for metric in METRICS})
    assert notes[RATE.title].startswith("Filled shares over ordered shares")
    assert notes[GAIN.title].startswith("Mean of price improvement")
    assert notes["Spread capture (1 - E/Q)"].startswith("One less the sum of shares x effective")
    assert notes["Effective / quoted"].startswith("Sum of shares x effective spread over sum of")
    assert all("_" not in text and text.endswith(".") for text in notes.values())


def test_orders_price_improved_say_what_improvement_is_and_whose_rule_it_is() -> None:
    (improved,) = metric_notes([BY_NAME["price_improved_orders_pct"]])
    (gain,) = metric_notes([GAIN])

    assert improved.text.startswith("Orders improved over their shares, of orders measured; ")
    assert "; source: 17 CFR 242.600(b)" in improved.text
    assert improved.text.split("; ")[1:4] == gain.text.split("; ")[1:4]
