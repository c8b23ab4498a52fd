"""One order worked out by hand, to the last digit.

A customer buys 300 at the market. At receipt the market is 10.00 x 10.04, with 200 and 100 shown.
Three fills of 100 follow after 50, 60 and 80 ms, at 10.04, 10.03 and 10.05, before the quote moves.
Fifteen seconds after each the midpoint is 10.05, a minute after each it is 10.01.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from routewarden.base.schema import Kind
from routewarden.events.lifecycle import resolve
from routewarden.events.linking import Records
from routewarden.market.reference import attach_asset_class
from routewarden.market.tape import build_tape
from routewarden.measures.dimensions import ALWAYS, ON_FILLS, with_dimensions
from routewarden.measures.scorecard import Cell, scorecard
from routewarden.measures.summary import FILL_PARTS, summarise
from routewarden.runs.day import Market, measure_day
from routewarden.runs.export import export_fills, export_orders
from tests.line import SESSIONS, Firm, records

QUOTES = """\
symbol,at,bid,bid_size,ask,ask_size
XYZ,2026-07-01T13:59:59Z,10.00,200,10.04,100
XYZ,2026-07-01T14:00:01Z,10.03,200,10.07,100
XYZ,2026-07-01T14:00:30Z,9.99,200,10.03,100
"""
ORDERS = """\
order_id,received_at,symbol,side,quantity,order_type,held,directed,account_type,ended_at
O,2026-07-01T14:00:00Z,XYZ,buy,300,market,true,false,retail,2026-07-01T14:00:00.08Z
"""
ROUTES = """\
route_id,order_id,venue,sent_at,quantity
R,O,XNYS,2026-07-01T14:00:00Z,300
"""
FILLS = """\
fill_id,route_id,order_id,executed_at,price,quantity,fee
F1,R,O,2026-07-01T14:00:00.05Z,10.04,100,0
F2,R,O,2026-07-01T14:00:00.06Z,10.03,100,0
F3,R,O,2026-07-01T14:00:00.08Z,10.05,100,0
"""
Row = dict[str, Any]


@cache
def worked() -> tuple[list[Row], Row, dict[str, Cell]]:
    """The fills, the order, and the scorecard's only row."""
    texts = {Kind.QUOTES: QUOTES, Kind.ORDERS: ORDERS, Kind.ROUTES: ROUTES, Kind.FILLS: FILLS}
    firm = Firm({kind: [text] for kind, text in texts.items()})
    tape = build_tape(records(firm, Kind.QUOTES))
    day = Records(
        attach_asset_class(records(firm, Kind.ORDERS), records(firm, Kind.SECURITIES)),
        records(firm, Kind.ROUTES),
        resolve(records(firm, Kind.FILLS)).fills,
    )
    market = Market(lambda _: tape, SESSIONS, records(firm, Kind.TRADES), ())
    measured = measure_day(date(2026, 7, 1), day, market)
    rows = with_dimensions(measured.fills, ON_FILLS, ALWAYS)
    summary = summarise(rows, FILL_PARTS, [f"by {name}" for name in ALWAYS])
    (card,) = scorecard(summary, ALWAYS)
    fills, orders = export_fills(measured.fills), export_orders(measured.orders)
    cells = {cell.metric.name: cell for cell in card.cells}
    return fills.rows(named=True), orders.row(0, named=True), cells


@pytest.mark.parametrize(
    ("measure", "by_fill"),
    [
        ("quoted_spread", ["0.04", "0.04", "0.04"]),
        ("effective_spread", ["0.04", "0.02", "0.06"]),
        ("effective_spread_at_execution", ["0.04", "0.02", "0.06"]),
        ("price_improvement", ["0", "0.01", "-0.01"]),
        ("slippage", ["0.02", "0.01", "0.03"]),
        ("realized_spread_50ms", ["0.04", "0.02", "0.06"]),
        ("realized_spread_15s", ["-0.02", "-0.04", "0"]),
        ("realized_spread_1m", ["0.06", "0.04", "0.08"]),
        ("reversion_15s", ["0.03", "0.03", "0.03"]),
        ("reversion_1m", ["-0.01", "-0.01", "-0.01"]),
        ("quoted_spread_at_route", ["0.04", "0.04", "0.04"]),
        ("effective_spread_at_route", ["0.04", "0.02", "0.06"]),
        ("price_improvement_at_route", ["0", "0.01", "-0.01"]),
        ("explicit_cost", ["0", "0", "0"]),
        ("net_effective_spread", ["0.04", "0.02", "0.06"]),
        ("fill_time_ms", ["50", "60", "80"]),
        ("route_time_ms", ["50", "60", "80"]),
        ("decision_time_ms", ["0", "0", "0"]),
    ],
)
def test_each_fill_measures_as_by_hand(measure: str, by_fill: list[str]) -> None:
    fills, _, _ = worked()

    assert [fill[measure] for fill in fills] == [Decimal(text) for text in by_fill]


def test_one_fill_improves_one_is_at_the_quote_and_one_outside() -> None:
    fills, _, _ = worked()

    assert [fill["at_or_better"] for fill in fills] == [True, True, False]
    assert {(fill["order_class"], fill["reference_status"]) for fill in fills} == {("market", "ok")}


@pytest.mark.parametrize(
    ("metric", "mean"),
    [
        ("quoted_spread", "0.04"),
        ("effective_spread", "0.04"),
        ("effective_over_quoted", "1"),
        ("spread_capture", "0"),
        ("net_price_improvement", "0"),
        ("price_improved_pct", "0.333333333333"),
        ("executed_at_quote_pct", "0.333333333333"),
        ("outside_quote_pct", "0.333333333333"),
        ("at_or_better_pct", "0.666666666667"),
        ("slippage", "0.02"),
        ("realized_spread_15s", "-0.02"),
        ("realized_spread_1m", "0.06"),
        ("reversion_15s", "0.03"),
        ("fill_time_ms", "63.333333333333"),
    ],
)
def test_the_average_over_the_fills_is_as_by_hand(metric: str, mean: str) -> None:
    cell = worked()[2][metric]

    assert (cell.value, cell.shares, cell.coverage) == (Decimal(mean), Decimal(300), Decimal(1))


@pytest.mark.parametrize(
    ("measure", "number"),
    [
        ("filled_quantity", "300"),
        ("fill_rate", "1"),
        ("vwap", "10.04"),
        ("delay_cost", "0"),
        ("execution_cost", "6"),
        ("opportunity_cost", "0"),
        ("fees", "0"),
        ("shortfall", "6"),
        ("slippage_bps", "19.960079840319"),
        ("markout_15s", "0.01"),
        ("markout_15s_bps", "9.96015936255"),
        ("markout_1m", "-0.03"),
        ("markout_1m_bps", "-29.880478087649"),
        ("displayed_size", "100"),
        ("size_improvement_shares", "100"),
        ("first_fill_ms", "50"),
        ("last_fill_ms", "80"),
    ],
)
def test_the_order_measures_as_by_hand(measure: str, number: str) -> None:
    _, order, _ = worked()

    assert order[measure] == Decimal(number)
