from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl

from routewarden.benchmarks.analysis import against, analysis, sources, verdict_words
from routewarden.benchmarks.dashboard import METRICS, Bench, Line, full, of_cells, of_published
from routewarden.benchmarks.orders import CLASSES, Orders
from routewarden.benchmarks.verdict import Figure, Source, Verdict, judge
from routewarden.measures import detail, scorecard
from routewarden.measures.scorecard import Cell, no_cell, pooled
from routewarden.policy.limits import read_limits
from routewarden.policy.published import ORDERS, in_force, read_published

DAY = date(2026, 3, 31)
LIMITS = read_limits("")
BY_NAME = {metric.name: metric for metric in scorecard.METRICS}
RATE, SPEED = BY_NAME["fill_rate"], BY_NAME["fill_time_ms"]


def cell(metric: scorecard.Metric, value: str | None, n: int = 100) -> Cell:
    number = None if value is None else Decimal(value)
    return Cell(metric, number, applies=True, n=n, shares=Decimal(n), coverage=Decimal(1))


def figure(value: str, n: int | None = None) -> Figure:
    return Figure(Decimal(value), n, Source.INDUSTRY, "a report")


def test_the_words_of_a_table_are_those_of_the_columns() -> None:
    assert set(ORDERS) == {"all", *Orders}


def test_a_figure_of_all_orders_gives_way_to_one_of_its_kind() -> None:
    rows = [("fill_rate", "limit", "0.8"), ("fill_rate", "all", "0.9")]
    text = "".join(
        f'[[figure]]\nmetric = "{metric}"\norders = "{orders}"\nvalue = "{value}"\n'
        f'from = 2026-01-01\nsource = "s"\nsimulated = true\n'
        for metric, orders, value in rows
    )

    found = of_published(in_force(read_published(text, ""), DAY), Source.INDUSTRY)

    assert found["fill_rate", Orders.LIMIT].value == Decimal("0.8")
    assert found["fill_rate", Orders.MARKET].value == Decimal("0.9")
    assert found["fill_rate", Orders.MARKET].says == "s (simulated)"


def test_what_earlier_orders_did_not_measure_is_no_benchmark() -> None:
    cells = {Orders.MARKET: {"fill_rate": cell(RATE, "0.9"), "fill_time_ms": cell(SPEED, None)}}

    assert list(of_cells(cells, Source.PRIOR, "2025Q4")) == [("fill_rate", Orders.MARKET)]


def test_a_time_is_in_line_within_the_larger_of_two_tolerances() -> None:
    verdicts = [
        judge(cell(SPEED, value), figure(of), LIMITS, DAY).verdict
        for value, of in (("15", "10"), ("15.1", "10"), ("1049", "1000"), ("1051", "1000"))
    ]

    assert verdicts == [Verdict.IN_LINE, Verdict.WORSE, Verdict.IN_LINE, Verdict.WORSE]


def test_neither_direction_and_plain_totals_have_no_verdict() -> None:
    for name in ("executed_at_quote_pct", "size_improvement_shares"):
        judged = judge(cell(BY_NAME[name], "0.5"), figure("0.1"), LIMITS, DAY)
        assert judged.verdict is Verdict.NOT_APPLICABLE


def test_each_kind_of_number_has_its_tolerance() -> None:
    gains = {
        "net_price_improvement": "0.0001",
        "reversion_1m": "0.00005",
        "explicit_cost": "0.0001",
        "spread_capture": "0.02",
        "fill_rate": "0.02",
    }
    for name, gain in gains.items():
        for more, verdict in (("0", Verdict.IN_LINE), ("0.000001", None)):
            judged = judge(
                cell(BY_NAME[name], f"{Decimal(gain) + Decimal(more)}"), figure("0"), LIMITS, DAY
            )
            assert (judged.verdict is Verdict.IN_LINE) == (verdict is Verdict.IN_LINE), name


def line(*judged: tuple[Orders, Cell, Figure | None]) -> Line:
    return Line(RATE, {orders: judge(of, against, LIMITS, DAY) for orders, of, against in judged})


def test_a_row_without_meaning_says_so() -> None:
    row = line((Orders.MARKET, no_cell(RATE), figure("0.5")))

    assert (verdict_words(row), analysis(row), against(row)) == (
        "not applicable", "Not applicable to these orders.", "\N{EN DASH}",
    )  # fmt: skip


def test_a_row_names_each_kind_of_order_and_each_source_once() -> None:
    row = line(
        (Orders.MARKET, cell(RATE, "0.9"), figure("0.8")),
        (Orders.MARKETABLE_LIMIT, cell(RATE, "0.7"), figure("0.8", n=3)),
        (Orders.NON_MARKETABLE_LIMIT, cell(RATE, None), None),
    )

    assert (
        verdict_words(row) == "market better; marketable insufficient; non-marketable insufficient"
    )
    assert analysis(row) == (
        "Market orders: 90.0 %, above 80.0 %: better. "
        "Marketable limit orders: 70.0 % against 80.0 %; too few to judge (100 against 3). "
        "Non-marketable limit orders: nothing measured."
    )
    assert sources([row]) == "industry table, a report"
    assert against(row) == "80.0 % / 80.0 % / \N{EN DASH}"


def test_the_full_dashboard_has_only_rows_that_are_measured() -> None:
    cells = {orders: {"fill_rate": cell(RATE, "0.9")} for orders in Orders}

    assert [each.metric.name for each in full(cells, Bench((), LIMITS, DAY))] == ["fill_rate"]
    known = {*BY_NAME, *(tail.name for tail in detail.TAILS.values())}
    assert set(METRICS) <= known


# -- Tails -----------------------------------------------------------------------------------------

FILLS = pl.DataFrame(
    {
        "order_class": ["market"] * 4 + ["at_quote"],
        "quantity": pl.Series([n * 10**8 for n in (94, 4, 1, 1, 9)], dtype=pl.Int128),
        "fill_time_ms": [1_500_000, 2_000_000, 7_000_000, None, 1],
    }
)
TIMES = detail.times(FILLS, ["order_class"])


def test_a_tail_is_the_time_within_which_so_many_shares_were_filled() -> None:
    cells = detail.tails(TIMES, CLASSES[Orders.MARKET])

    assert cells["fill_time_ms_p95"].value == Decimal(2)
    assert cells["fill_time_ms_p99"].value == Decimal(7)
    assert (cells["fill_time_ms_p95"].n, cells["fill_time_ms_p95"].coverage) == (3, Decimal("0.99"))


def test_times_that_are_nearly_the_same_are_told_by_the_greatest() -> None:
    near = FILLS.with_columns(fill_time_ms=pl.Series([2_000_000, 2_010_000, 2_014_000, None, 1]))

    cells = detail.tails(detail.times(near, ["order_class"]), CLASSES[Orders.MARKET])

    assert {cell.value for cell in cells.values()} == {Decimal("2.014")}


def test_resting_orders_have_none() -> None:
    assert not any(of.applies for of in detail.tails(TIMES, CLASSES[Orders.LIMIT]).values())


def test_without_fills_there_is_no_tail() -> None:
    cells = detail.tails(TIMES.clear(), CLASSES[Orders.MARKET])

    assert {(of.value, of.coverage) for of in cells.values()} == {(None, None)}


def test_a_metric_applies_to_classes_together_only_where_to_each() -> None:
    sums = pl.DataFrame(
        {
            "by order_class": ["market", "at_quote", "at_quote"],
            "metric": ["slippage", "slippage", "fill_rate"],
            "status": ["measured"] * 3,
            "n": [1, 2, 3],
            "shares": pl.Series([10**8] * 3, dtype=pl.Int128),
            "total": pl.Series([5 * 10**17, 7 * 10**17, 10**8], dtype=pl.Int128),
        }
    )

    assert pooled(sums, ["market"])["slippage"].value == Decimal(5)
    assert not pooled(sums, ["market", "at_quote"])["slippage"].applies
    assert pooled(sums, ["at_quote"])["fill_rate"].value == Decimal(1)
