from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from routewarden.base.schema import Kind
from tests.line import Firm, measure

QUOTES = """\
symbol,at,bid,bid_size,ask,ask_size
A,2026-07-01T13:00:00Z,9.00,200,9.04,100
A,2026-07-01T14:00:00Z,10.00,200,10.04,100
A,2026-07-01T14:00:01Z,10.02,200,10.06,
A,2026-07-01T14:00:10Z,9.98,200,10.02,100
A,2026-07-01T14:10:00Z,10.10,200,10.14,100
A,2026-07-01T15:00:00Z,10.00,200,,
"""

TRADES = """\
symbol,at,price,size,conditions
A,2026-07-01T14:00:00.499999999Z,90,900,
A,2026-07-01T14:00:00.5Z,10.03,100,
A,2026-07-01T14:00:01Z,10.05,300,
A,2026-07-01T14:00:01.5Z,90,900,T
A,2026-07-01T14:00:02Z,10.05,200,
A,2026-07-01T14:00:02.000000001Z,90,900,
B,2026-07-01T14:00:02Z,90,900,
"""

ORDERS = """\
order_id,received_at,symbol,side,quantity,order_type,limit_price,ended_at
worked,2026-07-01T14:00:00.5Z,A,buy,300,market,,2026-07-01T14:10:00.5Z
bettered,2026-07-01T14:00:00Z,A,buy,300,market,,2026-07-01T14:00:01Z
unfilled,2026-07-01T14:00:05Z,A,buy,100,market,,2026-07-01T14:10:00.5Z
open,2026-07-01T14:00:05Z,A,buy,100,market,,
unrouted,2026-07-01T14:00:05Z,A,buy,100,market,,2026-07-01T14:00:06Z
nofee,2026-07-01T14:00:05Z,A,buy,100,market,,2026-07-01T14:00:06Z
overfilled,2026-07-01T14:00:05Z,A,sell,100,market,,2026-07-01T14:00:06Z
early,2026-07-01T13:00:01Z,A,buy,100,market,,2026-07-01T14:00:06Z
blind,2026-07-01T15:00:01Z,A,sell,100,market,,2026-07-01T15:00:09Z
resting,2026-07-01T14:00:05Z,A,sell,200,limit,10.05,2026-07-01T14:10:05Z
never,2026-07-01T14:00:05Z,A,sell,100,limit,11.00,2026-07-01T14:10:05Z
"""

ROUTES = """\
route_id,order_id,venue,sent_at,acknowledged_at,quantity,outcome
R1,worked,XNYS,2026-07-01T14:00:01.2Z,2026-07-01T14:00:01.5Z,300,partial
R2,worked,XNAS,2026-07-01T14:00:01.2Z,,100,rejected
R3,worked,XNYS,2026-07-01T14:00:03Z,,100,cancelled
R4,bettered,XNYS,2026-07-01T14:00:00Z,,300,filled
R5,nofee,XNYS,2026-07-01T14:00:05Z,,100,filled
R6,overfilled,XNYS,2026-07-01T14:00:05Z,,100,filled
R7,early,XNYS,2026-07-01T14:00:05Z,,100,filled
R8,blind,XNYS,2026-07-01T15:00:05Z,,100,filled
R9,resting,XNYS,2026-07-01T14:00:05Z,,200,filled
R10,never,XNYS,2026-07-01T14:00:05Z,,100,filled
"""

FILLS = """\
fill_id,route_id,order_id,executed_at,price,quantity,fee
F1,R1,worked,2026-07-01T14:00:02Z,10.05,200,0.20
F2,R4,bettered,2026-07-01T14:00:00.2Z,10.03,150,0.1
F3,R4,bettered,2026-07-01T14:00:00.4Z,10.04,100,-0.3
F4,R4,bettered,2026-07-01T14:00:00.6Z,10.05,50,0
F5,,unrouted,2026-07-01T14:00:06Z,10.06,100,1
F6,R5,nofee,2026-07-01T14:00:06Z,10.06,60,1
F7,R5,nofee,2026-07-01T14:00:06Z,10.06,40,
F8,R6,overfilled,2026-07-01T14:00:06Z,10.02,150,0
F9,R7,early,2026-07-01T14:00:06Z,10.06,100,0
F10,R8,blind,2026-07-01T15:00:06Z,10.00,100,0
F11,R9,resting,2026-07-01T14:00:06Z,10.05,100,0
F12,R9,resting,2026-07-01T14:10:01Z,10.10,70,0
F13,R9,resting,2026-07-01T14:10:02Z,10.11,30,0
F14,R10,never,2026-07-01T14:00:06Z,11.00,100,0
"""


@cache
def measured() -> dict[str, dict[str, Any]]:
    files = {
        Kind.QUOTES: [QUOTES],
        Kind.TRADES: [TRADES],
        Kind.ORDERS: [ORDERS],
        Kind.ROUTES: [ROUTES],
        Kind.FILLS: [FILLS],
    }
    _, orders = measure(Firm(files))
    return {row["order_id"]: row for row in orders.rows(named=True)}


def numbers(order: str, *names: str) -> list[str | None]:
    """Measures of an order as plain text."""
    values = [measured()[order][name] for name in names]
    return [None if v is None else f"{Decimal(v).normalize():f}" for v in values]


COSTS = ("delay_cost", "execution_cost", "opportunity_cost", "fees", "shortfall")


# -- Shortfall -------------------------------------------------------------------------------------


def test_shortfall_is_delay_execution_opportunity_and_fees() -> None:
    """Midpoints: 10.02 at receipt, 10.04 at the route, 10.12 at the end; 200 filled at 10.05."""
    assert numbers("worked", *COSTS) == ["4", "2", "10", "0.2", "16.2"]


def test_an_order_without_fills_costs_only_its_opportunity() -> None:
    """The midpoint goes from 10.04 to 10.12 on 100 shares."""
    assert numbers("unfilled", *COSTS) == ["0", "0", "8", "0", "8"]


def test_an_order_without_an_end_has_no_opportunity_cost_and_so_no_shortfall() -> None:
    assert numbers("open", *COSTS) == ["0", "0", None, "0", None]


def test_a_fill_without_a_route_leaves_delay_and_execution_unknown() -> None:
    assert numbers("unrouted", *COSTS) == [None, None, "0", "1", None]


def test_one_unknown_fee_leaves_fees_and_shortfall_unknown() -> None:
    assert numbers("nofee", *COSTS) == ["0", "2", "0", None, None]


def test_nothing_is_missed_where_more_was_filled_than_ordered() -> None:
    assert numbers("overfilled", "fill_rate", *COSTS) == ["1.5", "0", "3", "0", "0", "3"]


# -- What was filled -------------------------------------------------------------------------------


def test_an_average_is_divided_once() -> None:
    names = ("filled_quantity", "fill_rate", "vwap")

    assert numbers("worked", *names) == ["200", "0.666666666667", "10.05"]
    assert numbers("bettered", *names) == ["300", "1", "10.036666666667"]


def test_an_order_without_fills_has_filled_nothing_and_has_no_average() -> None:
    names = ("filled_quantity", "fill_rate", "vwap", "first_fill_ms", "last_fill_ms")

    assert numbers("unfilled", *names) == ["0", "0", None, None, None]


def test_slippage_is_in_basis_points_of_the_midpoint_at_receipt() -> None:
    assert numbers("worked", "slippage_bps") == ["29.940119760479"]


def test_a_markout_is_against_the_average_price() -> None:
    """The midpoint is 10.04 a second after the fill at 10.05, and 10.00 after fifteen."""
    names = ("markout_1s", "markout_1s_bps", "markout_15s", "markout_15s_bps")

    assert numbers("worked", *names) == ["-0.01", "-9.950248756219", "-0.05", "-49.751243781095"]


def test_the_markets_average_runs_from_receipt_to_the_last_fill_over_regular_trades() -> None:
    """100 at 10.03 and 500 at 10.05 make 6028/600; the average price is 10.05."""
    assert numbers("worked", "vwap_slippage") == ["0.003333333333"]


def test_without_trades_or_fills_there_is_no_market_average() -> None:
    assert numbers("blind", "vwap_slippage") == [None]
    assert numbers("unfilled", "vwap_slippage") == [None]


def test_shares_at_the_far_side_or_better_beyond_its_size_are_improved_in_size() -> None:
    """250 of the 300 were at 10.04 or better, where 100 were displayed."""
    names = ("displayed_size", "size_improvement_shares")

    assert numbers("bettered", *names) == ["100", "150"]
    assert numbers("worked", *names) == ["100", "0"]


def test_without_a_displayed_size_there_is_no_size_improvement() -> None:
    assert numbers("unfilled", "displayed_size", "size_improvement_shares") == [None, None]


def test_times_run_from_receipt_to_the_first_and_the_last_fill() -> None:
    assert numbers("bettered", "first_fill_ms", "last_fill_ms") == ["200", "600"]


def test_routes_are_counted_by_what_became_of_them() -> None:
    names = ("routes", "rejects", "cancels", "venues")

    assert numbers("worked", *names) == ["3", "1", "1", "2"]
    assert numbers("unrouted", *names) == ["0", "0", "0", "0"]


# -- What cannot be judged -------------------------------------------------------------------------

QUOTED = (
    *("delay_cost", "shortfall", "slippage_bps", "displayed_size"),
    *("size_improvement_shares", "markout_1s", "markout_1s_bps"),
)


@pytest.mark.parametrize(
    ("order", "status"), [("early", "outside_session"), ("blind", "one_sided")]
)
def test_an_order_without_a_market_to_judge_by_has_no_quoted_measure(
    order: str, status: str
) -> None:
    assert measured()[order]["reference_status"] == status
    assert numbers(order, *QUOTED) == [None] * len(QUOTED)
    assert numbers(order, "filled_quantity", "fill_rate") == ["100", "1"]
    assert numbers(order, "opportunity_cost") == ["0"]  # nothing is unfilled


# -- When a limit order could have traded ----------------------------------------------------------

EXECUTABLE = (
    *("quoted_spread_when_executable", "effective_spread_when_executable"),
    *("realized_spread_1s_when_executable", "fill_time_ms_when_executable"),
)


def test_a_limit_order_is_judged_by_its_fills_from_executability_on() -> None:
    """The bid reaches 10.05 at 14:10, at 10.10 x 10.14: 70 sold at 10.10 and 30 at 10.11."""
    resting = measured()["resting"]

    assert resting["order_class"] == "inside_quote"
    assert resting["executable_at"].isoformat() == "2026-07-01T14:10:00+00:00"
    assert numbers("resting", *EXECUTABLE) == ["0.04", "0.034", "0.034", "1300"]


def test_an_order_never_executable_has_no_such_measure() -> None:
    assert measured()["never"]["executable_at"] is None
    assert numbers("never", *EXECUTABLE) == [None] * len(EXECUTABLE)


def test_a_market_order_has_no_executable_instant() -> None:
    assert measured()["worked"]["executable_at"] is None
