"""Whether a clause was broken: its terms, a window, what is known of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from routewarden.base.period import Span
from routewarden.measures.behind import behind
from routewarden.measures.cube import ORDERS
from routewarden.measures.scorecard import METRICS
from routewarden.measures.summary import MEASURED, SCALES, Part
from routewarden.policy.contract import Comparison, Delivery, Service, Window
from routewarden.rules.service.checked import checked_contract, example_of
from routewarden.rules.service.judge import (
    Attested,
    Delivered,
    Measured,
    amount,
    counted,
    judge,
    judge_delivery,
    judge_service,
)
from routewarden.rules.service.spans import due_dates, spans_of
from tests.unit.test_contract import DELIVERY, DUTY, HEAD, SERVICE

CLAUSES = checked_contract(HEAD + SERVICE + DELIVERY + DUTY).clauses
METRIC = {metric.name: metric for metric in METRICS}
DUE, AFTER = date(2026, 2, 13), date(2026, 2, 14)


def service() -> Service:
    terms = CLAUSES[0].terms
    assert isinstance(terms, Service)
    return terms


def delivery() -> Delivery:
    terms = CLAUSES[1].terms
    assert isinstance(terms, Delivery)
    return terms


@pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: clause.kind)
def test_each_kind_of_clause_comes_out_as_its_example(clause: object) -> None:
    known = next(each for each in CLAUSES if each is clause)

    assert judge(known, example_of(known)).breach is known.terms.example.breach


def test_facts_of_another_kind_of_clause_are_a_broken_call() -> None:
    with pytest.raises(TypeError):
        judge(CLAUSES[0], Attested(DUE, DUE, None))


@pytest.mark.parametrize(
    ("value", "comparison", "breach"),
    [
        ("0.98", Comparison.AT_LEAST, "no"),
        ("0.979999999999", Comparison.AT_LEAST, "yes"),
        ("0.98", Comparison.AT_MOST, "no"),
        ("0.980000000001", Comparison.AT_MOST, "yes"),
    ],
)
def test_the_tolerance_itself_is_in_order(value: str, comparison: Comparison, breach: str) -> None:
    terms = replace(service(), comparison=comparison)

    assert judge_service(terms, Measured(Decimal(value), 30, 20, 20)).breach == breach


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        (Measured(Decimal(0), 29, 20, 20), "29 orders are measured, and it takes 30"),
        (Measured(Decimal(0), 99, 19, 20), "19 of 20 trading dates are measured"),
        (Measured(None, 99, 20, 20), "it has no value: nothing to divide by"),
        (Measured(None, 0, 0, 0), "0 of 0 trading dates are measured"),
    ],
)
def test_a_figure_over_too_little_is_unknown(facts: Measured, says: str) -> None:
    found = judge_service(service(), facts)

    assert (found.breach, found.because) == ("unknown", says)


def test_a_sample_is_of_fills_orders_or_routes() -> None:
    terms = service()

    assert counted(terms) == "orders"
    assert counted(replace(terms, metric="slippage")) == "fills"
    assert counted(replace(terms, where={"venue": ("XNYS",)})) == "routes"


def test_figures_are_said_in_their_unit() -> None:
    assert amount(Decimal("0.99123456"), "fraction") == "99.1235 %"
    assert amount(Decimal(1200), "ms") == "1200 ms"
    assert amount(Decimal("-0.0010"), "price/share") == "-0.001 price/share"
    assert amount(None, "ms") == "nothing measured"


@pytest.mark.parametrize(
    ("facts", "breach", "says"),
    [
        (Delivered(DUE, AFTER, 0, 0, 0, None), "unknown", "nobody can tell"),
        (Delivered(DUE, DUE, 9, 8, 8, None), "unknown", "so far, and is due by 2026-02-13"),
        (Delivered(DUE, DUE, 9, 9, 9, DUE), "no", "held by 2026-02-13"),
        (Delivered(DUE, AFTER, 9, 8, 9, AFTER), "yes", "late: venue analysis was held on"),
        (Delivered(DUE, AFTER, 9, 8, 8, None), "yes", "incomplete: venue analysis has 8 of 9"),
        (Delivered(DUE, AFTER, 9, 0, 0, None), "yes", "missing: venue analysis has 0 of 9"),
    ],
)
def test_a_delivery_is_broken_when_it_is_late_or_lacks_dates(
    facts: Delivered, breach: str, says: str
) -> None:
    found = judge_delivery(delivery(), facts)

    assert found.breach == breach
    assert says in found.because


def test_a_duty_is_broken_once_its_date_is_past() -> None:
    said = [
        judge(CLAUSES[2], Attested(DUE, today, on)).breach
        for today, on in ((DUE, None), (AFTER, None), (AFTER, DUE), (AFTER, AFTER))
    ]

    assert said == ["unknown", "yes", "no", "yes"]


def test_windows_are_the_spans_that_dates_are_in() -> None:
    days = [date(2026, 1, 5), date(2025, 12, 31), date(2026, 1, 2)]

    assert [span.name for span in spans_of(Window.DAY, days)] == [
        *("2025-12-31", "2026-01-02", "2026-01-05"),
    ]
    assert spans_of(Window.WEEK, days) == (
        Span("2026-W01", date(2025, 12, 29), date(2026, 1, 4)),
        Span("2026-W02", date(2026, 1, 5), date(2026, 1, 11)),
    )
    assert [span.name for span in spans_of(Window.MONTH, days)] == ["2025-12", "2026-01"]
    assert [span.name for span in spans_of(Window.QUARTER, days)] == ["2025Q4", "2026Q1"]


def test_a_duty_falls_due_on_the_same_day_or_the_months_last() -> None:
    assert due_dates(date(2025, 11, 30), 3, date(2026, 9, 1)) == (
        date(2026, 2, 28),
        date(2026, 5, 30),
        date(2026, 8, 30),
    )


ROWS = [
    {"order_id": "A", "quantity": 100 * 10**8, "filled_quantity": 100 * 10**8},
    {"order_id": "B", "quantity": 300 * 10**8, "filled_quantity": 60 * 10**8},
    {"order_id": None, "quantity": 10**8, "filled_quantity": 0},
]


def test_the_orders_behind_a_fill_rate_add_up_to_it() -> None:
    wide = {"quantity": pl.Int128(), "filled_quantity": pl.Int128()}
    rows = pl.DataFrame(ROWS, schema_overrides=wide).with_columns(
        pl.lit("2026-01-02").alias("trading_date"), pl.lit("ABC").alias("symbol")
    )
    parts = [part for part in ORDERS.parts if part.metric == "fill_rate"]
    worst, best = behind(rows, parts, METRIC["fill_rate"], Decimal("0.9"))

    assert (worst.order_id, worst.value, worst.distance) == ("B", Decimal("0.2"), Decimal(-210))
    assert (best.order_id, best.value, best.distance) == ("A", Decimal(1), Decimal(10))


def part(name: str, total: int) -> Part:
    """What each row contributes: ten shares, and so much of the metric's own unit."""
    scaled = pl.lit(total * 10 ** SCALES[name], dtype=pl.Int128())
    return Part(name, SCALES[name], pl.lit(10 * 10**8, dtype=pl.Int128()), scaled, pl.lit(MEASURED))


@pytest.mark.parametrize(
    ("name", "value", "distance"),
    [
        ("slippage", "0.2", "-3"),
        ("effective_over_quoted", "0.25", "-2"),
        ("spread_capture", "0.75", "2"),
        ("price_improved_orders_pct", "1", "0.5"),
        ("size_improvement_shares", "7", "7"),
    ],
)
def test_what_is_behind_a_metric_is_divided_as_it_is(name: str, value: str, distance: str) -> None:
    """Sums of 2 over ten shares, of 2 over 8, of 1 order, of 7 shares; against a half."""
    sums = {"effective_spread": 2, "quoted_spread": 8, "slippage": 2}
    sums |= {"price_improved_orders": 1, "size_improvement_shares": 7}
    rows = pl.DataFrame({"order_id": ["A"], "trading_date": ["2026-01-02"], "symbol": [None]})
    parts = [part(each, total) for each, total in sums.items()]
    (order,) = behind(rows, parts, METRIC[name], Decimal("0.5"))

    assert (order.value, order.distance) == (Decimal(value), Decimal(distance))
    assert (order.n, order.symbol, order.shares) == (1, "", Decimal(10))


def test_an_order_with_nothing_to_divide_by_has_no_value() -> None:
    rows = pl.DataFrame({"order_id": ["A"], "trading_date": ["2026-01-02"], "symbol": ["B"]})
    metric = METRIC["effective_over_quoted"]
    (order,) = behind(rows, [part("effective_spread", 2)], metric, Decimal("0.5"))

    assert (order.value, order.distance) == (None, Decimal(2))
