"""Rules about single executions and orders: yes, no, unknown, and when they are not asked."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from routewarden.base.schema import TABLES, Kind
from routewarden.market.extremes import attach_age, attach_worst
from routewarden.market.tape import build_tape
from routewarden.policy.limits import SHIPPED_FROM, read_limits
from routewarden.rules.book import RULES
from routewarden.rules.rule import judge, with_limits
from routewarden.runs.judging import _with_halts, venue_uses
from tests.unit.test_rules import ROWS

LIMITS = read_limits(
    '[[limit]]\nname = "stale_trades_least"\nvalue = "5"\nfrom = 2026-01-01\n'
    'source = "minutes"\napproved_by = "CCO"\n'
)
BY_ID = {rule.id: rule for rule in RULES}
CENT = 1_000_000
SECOND = 1_000_000_000


def answers(name: str, **changes: object) -> list[tuple[str, str]]:
    """Severity and verdict of the finding about the subject's ordinary row, changed."""
    rule = BY_ID[name]
    dtypes = pl.DataFrame([ROWS[rule.subject]]).schema
    frame = pl.DataFrame([{**ROWS[rule.subject], **changes}], schema=dtypes)
    return judge(rule, frame, LIMITS).select("severity", "verdict").rows()


def because(name: str, **changes: object) -> str:
    """The sentence of that finding."""
    rule = BY_ID[name]
    dtypes = pl.DataFrame([ROWS[rule.subject]]).schema
    frame = pl.DataFrame([{**ROWS[rule.subject], **changes}], schema=dtypes)
    return str(judge(rule, frame, LIMITS)["because"].item())


# -- Outside the best quotes -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"price": 1_001_000_000}, [("high", "yes")]),
        ({"price": 1_000_000_000}, []),
        ({"side": "sell_short", "price": 899_999_999}, [("high", "yes")]),
        ({"side": "sell", "price": 900_000_000}, []),
        ({"worst_ask_at_execution": None}, [("low", "unknown")]),
        ({"worst_bid_at_execution": None}, []),
        ({"price": 2_000_000_000, "in_session_at_execution": False}, []),
        ({"price": 2_000_000_000, "has_order": False}, []),
        ({"price": 2_000_000_000, "liquidity": "auction"}, []),
        ({"price": 2_000_000_000, "order_type": "market_on_close"}, []),
        ({"price": 2_000_000_000, "order_type": "limit_on_open"}, []),
        ({"price": 2_000_000_000, "time_in_force": "opening"}, []),
        (
            {"price": 2_000_000_000, "liquidity": None, "time_in_force": None},
            [("high", "yes")],
        ),
    ],
)
def test_a_fill_worse_than_every_quote_of_its_moment_is_outside(
    changes: dict[str, object], found: list[tuple[str, str]]
) -> None:
    assert answers("outside-nbbo", **changes) == found


def test_outside_says_price_quote_and_window() -> None:
    assert because("outside-nbbo", price=1_001_000_000) == (
        "buy at 10.01 at 2026-07-01T12:00:00.000000000Z: the least favourable ask in force since "
        "1000 ms before was 10; limit 1000 ms (shipped default)"
    )


# -- Worse than the quote at receipt ---------------------------------------------------------------

WORSE = {"price_improvement": -10_000_001, "worst_ask_at_execution": 11 * 10**8}


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"price": 1_001_000_000}, [("medium", "yes")]),
        ({"price": 1_000_000_000}, [("low", "yes")]),
        ({"price": 1_001_000_000, "ask_at_execution": None}, [("medium", "yes")]),
        ({"price": 1_001_000_000, "worst_ask_at_execution": None}, [("medium", "yes")]),
        ({"price": 1_101_000_000}, []),  # outside-nbbo has it
        ({"price_improvement": -10_000_000}, []),
        ({"price_improvement": None}, [("low", "unknown")]),
        ({"reference_status": "crossed"}, []),
        ({"reference_status": None}, []),
        ({"order_class": "at_quote"}, []),
    ],
)
def test_a_fill_worse_than_its_quote_by_more_than_the_limit_is_disimproved(
    changes: dict[str, object], found: list[tuple[str, str]]
) -> None:
    assert answers("disimproved", **(WORSE | changes)) == found


def test_disimproved_says_by_how_much_and_what_the_market_did() -> None:
    assert because("disimproved", price=1_001_000_000, **WORSE) == (
        "buy at 10.01, 0.010000001 a share worse than the far side 10 at receipt; the far side at "
        "execution was 10; limit 0.01 price/share (shipped default)"
    )


# -- Unexpected venues -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "found"),
    [(False, [("medium", "yes")]), (True, []), (None, [])],
)
def test_a_venue_not_on_the_list_is_unexpected(
    expected: bool | None,  # noqa: FBT001 - a case of the table
    found: list[tuple[str, str]],
) -> None:
    assert answers("unexpected-venue", expected=expected) == found


def test_unexpected_names_the_route_and_the_list() -> None:
    assert because("unexpected-venue", expected=False, venue="MEMX") == (
        "routed to MEMX (route R1); venues expected on 2026-07-01: XNAS XNYS"
    )


def test_uses_of_venues_are_routes_and_fills_elsewhere() -> None:
    text = {"file": "ab", "line": 1}
    routes = pl.DataFrame([{"route_id": "R1", "venue": "XNYS", **text}])
    rows = [("F1", "R1", "XNYS", "XNYS"), ("F2", "R1", "MEMX", "XNYS"), ("F3", None, "XNAS", None),
            ("F4", "R1", None, "XNYS")]  # fmt: skip
    names = ["fill_id", "route_id", "venue", "route_venue"]
    fills = pl.DataFrame(rows, schema=names, orient="row").with_columns(
        file=pl.lit("cd"), line=pl.lit(2)
    )

    listed = venue_uses(routes.with_columns(line=pl.lit(1, pl.Int32)), fills, ("XNAS", "XNYS"))
    assert listed.select("record_id", "use", "expected").rows() == [
        ("R1", "routed to", True),
        ("F2", "executed at", False),
        ("F3", "executed at", True),
    ]
    unlisted = venue_uses(routes.with_columns(line=pl.lit(1, pl.Int32)), fills, ())
    assert unlisted["expected"].to_list() == [None] * 3


# -- Stale quotes ----------------------------------------------------------------------------------

STALE: dict[str, Any] = {"quote_age_ns": 30 * SECOND + 1, "trades_through_quote": 5}


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, [("medium", "yes")]),
        ({"trades_through_quote": 4}, []),
        ({"quote_age_ns": 30 * SECOND}, []),
        ({"trades_through_quote": None}, [("low", "unknown")]),
        ({"trades_through_quote": None, "quote_age_ns": 1}, []),
        ({"quote_age_ns": None}, []),
        ({"halted": True}, []),
        ({"in_session_at_receipt": False}, []),
        ({"order_type": "pegged"}, [("medium", "yes")]),
        ({"time_in_force": "closing"}, [("medium", "yes")]),
    ],
)
def test_an_old_quote_that_trades_passed_is_stale(
    changes: dict[str, object], found: list[tuple[str, str]]
) -> None:
    assert answers("stale-reference", **(STALE | changes)) == found


def test_stale_says_how_old_and_how_many() -> None:
    assert because("stale-reference", **STALE) == (
        "the quote in force at 2026-07-01T12:00:00.000000000Z was 30 s old, and 5 trades of A had "
        "printed outside it; limits 30 s (shipped default) and 5 count (minutes, approved by CCO)"
    )


def test_an_order_is_halted_from_the_first_instant_of_a_halt_until_before_its_last() -> None:
    """An open-ended halt lasts; a short sale restriction stops nothing."""
    orders = pl.DataFrame(
        [("a", "A", 1), ("b", "A", 2), ("c", "A", 3), ("d", "B", 9), ("e", "C", 9)],
        schema=["order_id", "symbol", "received_at"],
        orient="row",
    )
    halts = pl.DataFrame(
        [("A", 2, 3, "luld"), ("B", 9, None, None), ("C", 1, None, "ssr")],
        schema=["symbol", "from", "to", "kind"],
        orient="row",
    )

    halted = _with_halts(orders, halts).filter("halted")
    assert halted["order_id"].to_list() == ["b", "d"]


# -- The facts they read ---------------------------------------------------------------------------

QUOTES = TABLES[Kind.QUOTES].schema | {"file": pl.String(), "line": pl.Int64()}


def tape_of(*quotes: str) -> Any:  # noqa: ANN401 - a tape
    """A tape of quotes, each its symbol, instant, bid and ask, a dot for an absent side."""
    rows = []
    for line, quote in enumerate(quotes):
        symbol, at, *sides = quote.split()
        bid, ask = (None if side == "." else int(side) for side in sides)
        rows.append({"symbol": symbol, "at": int(at), "bid": bid, "ask": ask, "line": line})
    return build_tape(pl.DataFrame(rows, schema=QUOTES))


@pytest.mark.parametrize(
    ("at", "worst"),
    [
        (9, (None, None)),  # before any quote
        (10, (5, 7)),
        (20, (4, 9)),  # the quote in force 10 before counts
        (21, (4, 9)),
        (31, (6, None)),  # only the one-sided quote of 20, and nothing since
        (45, (6, None)),
    ],
)
def test_the_worst_quotes_are_those_of_the_window(
    at: int, worst: tuple[int | None, int | None]
) -> None:
    tape = tape_of("A 10 5 7", "A 12 4 9", "A 20 6 .", "B 11 1 99")
    frame = pl.DataFrame({"symbol": ["A"], "te": [at]})

    found = attach_worst(frame, "te", "then", 10, tape)
    assert found.select("worst_bid_then", "worst_ask_then").row(0) == worst


def test_the_age_is_that_of_the_quote_in_force_and_trades_outside_it_count() -> None:
    tape = tape_of("A 10 5 7", "B 30 5 7", "D 10 5 .")
    trades = pl.DataFrame(
        [
            ("A", 12, 8), ("A", 10, 4), ("A", 13, 5), ("A", 14, 7), ("A", 20, 4), ("A", 21, 4),
            ("C", 15, 9), ("D", 12, 4), ("D", 13, 9),
        ],
        schema={"symbol": pl.String, "at": pl.Int64, "price": pl.Int64},
        orient="row",
    )  # fmt: skip
    frame = pl.DataFrame({"symbol": ["A", "A", "B", "C", "D"], "t0": [20, 9, 31, 40, 20]})

    found = attach_age(frame, "t0", tape, trades).select("quote_age_ns", "trades_through_quote")
    assert found.rows() == [(10, 2), (None, None), (1, 0), (None, None), (10, 1)]
    without = attach_age(frame, "t0", tape, None)
    assert without["trades_through_quote"].null_count() == 5


def test_limits_come_by_date_with_their_source_and_approver() -> None:
    limits = read_limits(
        '[[limit]]\nname = "concentration_most"\nvalue = "0.4"\nfrom = 2026-07-02\n'
        'source = "minutes"\napproved_by = "CCO"\n'
    )
    days = [date(2026, 7, 1), date(2026, 7, 2)]
    frame = with_limits(pl.DataFrame({"trading_date": days}), ("concentration_most",), limits)

    assert frame["limit_concentration_most"].to_list() == [0.5, 0.4]
    assert frame["said_concentration_most"].to_list() == [
        "0.5 fraction (shipped default)",
        "0.4 fraction (minutes, approved by CCO)",
    ]
    nothing = with_limits(frame.clear().select("trading_date"), ("drift_z",), limits)
    assert nothing.schema["limit_drift_z"] == pl.Float64
    assert date(2000, 1, 1) == SHIPPED_FROM
