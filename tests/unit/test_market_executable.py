from __future__ import annotations

import polars as pl
import pytest

from routewarden.base.schema import TABLES, Kind
from routewarden.market.executable import attach_executable
from routewarden.market.tape import build_tape

OPEN = 1_782_912_600_000_000_000  # 2026-07-01T13:30:00Z, 09:30 in New York
SECOND = 1_000_000_000
CLOSE = 23_400  # seconds after the open
MIDNIGHT = 52_200
QUOTES = TABLES[Kind.QUOTES].schema | {"file": pl.String(), "line": pl.Int64()}


def executable(order: str, *quotes: str, **changes: object) -> float | None:
    """When an order is executable, in seconds after the open.

    The order is its side, its limit and the second it is received; a quote is its symbol, its
    second, its bid and its ask, with a dot for an absent side.
    """
    side, limit, received = order.split()
    asked = {
        "symbol": "A",
        "side": side,
        "order_type": "limit",
        "time_in_force": "day",
        "asset_class": "equity",
        "limit_price": int(limit),
        "received_at": int(received),
        "ended_at": None,
        "open_at_receipt": 0,
        "close_at_receipt": CLOSE,
    } | changes
    instants = ("received_at", "ended_at", "open_at_receipt", "close_at_receipt")
    frame = pl.DataFrame(
        [asked], schema_overrides={**dict.fromkeys(instants, pl.Int64()), "side": pl.String()}
    )
    frame = frame.with_columns(pl.col(name) * SECOND + OPEN for name in instants)
    rows = []
    for number, quote in enumerate(quotes):
        symbol, at, *sides = quote.split()
        bid, ask = (None if price == "." else int(price) for price in sides)
        at_ns = OPEN + int(at) * SECOND
        rows.append({"symbol": symbol, "at": at_ns, "bid": bid, "ask": ask, "line": number})
    tape = build_tape(pl.DataFrame(rows, schema=QUOTES))
    found = attach_executable(frame, tape)["executable_at"].item()
    return None if found is None else (found - OPEN) / SECOND


def test_a_marketable_order_is_executable_when_received() -> None:
    assert executable("buy 12 5", "A 1 10 12") == 5


def test_a_resting_buy_waits_for_the_ask_to_reach_its_limit() -> None:
    assert executable("buy 11 5", "A 1 10 12", "A 7 9 12", "A 8 9 11", "A 9 8 10") == 8


def test_a_resting_sell_waits_for_the_bid_to_reach_its_limit() -> None:
    assert executable("sell_short 13 5", "A 1 10 14", "A 8 13 14", "A 9 14 15") == 8


def test_a_quote_before_receipt_that_is_no_longer_in_force_does_not_count() -> None:
    assert executable("buy 11 5", "A 1 9 11", "A 2 10 12") is None


def test_an_order_received_before_any_quote_waits_for_the_first() -> None:
    assert executable("buy 12 5", "A 8 10 12") == 8


@pytest.mark.parametrize("unusable", ["A 6 . 11", "A 6 9 .", "A 6 . .", "A 6 12 11"])
def test_a_one_sided_or_crossed_quote_makes_nothing_executable(unusable: str) -> None:
    assert executable("buy 11 5", "A 1 10 12", unusable, "A 7 9 11") == 7


def test_a_locked_quote_makes_an_order_executable() -> None:
    assert executable("buy 11 5", "A 6 11 11") == 6


def test_a_quote_of_another_symbol_makes_nothing_executable() -> None:
    assert executable("buy 12 5", "B 6 10 12") is None
    assert executable("buy 11 5", "A 1 10 12", "B 6 9 11") is None


def test_without_quotes_nothing_is_executable() -> None:
    assert executable("buy 12 5") is None


def test_an_order_received_before_the_open_waits_for_it() -> None:
    assert executable("buy 12 -60", "A -90 10 12") == 0


@pytest.mark.parametrize(("at", "found"), [(CLOSE, CLOSE), (CLOSE + 1, None)])
def test_the_close_is_the_last_instant(at: int, found: int | None) -> None:
    assert executable("buy 11 5", f"A {at} 9 11") == found


@pytest.mark.parametrize(("at", "found"), [(60, 60), (61, None)])
def test_the_orders_end_is_the_last_instant(at: int, found: int | None) -> None:
    assert executable("buy 11 5", f"A {at} 9 11", ended_at=60) == found


def test_an_end_after_the_close_does_not_prolong_the_day() -> None:
    assert executable("buy 11 5", f"A {CLOSE + 1} 9 11", ended_at=CLOSE + 60) is None


def test_an_order_received_after_the_close_is_not_executable() -> None:
    assert executable(f"buy 12 {CLOSE + 1}", "A 1 10 12") is None


def test_a_date_without_a_session_makes_nothing_executable() -> None:
    closed = {"open_at_receipt": None, "close_at_receipt": None}

    assert executable("buy 12 5", "A 1 10 12", **closed) is None


AROUND_THE_CLOCK = {
    "asset_class": "crypto",
    "open_at_receipt": None,
    "close_at_receipt": None,
}


@pytest.mark.parametrize(("at", "found"), [(MIDNIGHT - 1, MIDNIGHT - 1), (MIDNIGHT, None)])
def test_crypto_is_executable_until_midnight_in_new_york(at: int, found: int | None) -> None:
    assert executable("buy 11 5", f"A {at} 9 11", **AROUND_THE_CLOCK) == found


@pytest.mark.parametrize(("at", "found"), [(60, 60), (61, None)])
def test_crypto_is_executable_until_its_order_ends(at: int, found: int | None) -> None:
    assert executable("buy 11 5", f"A {at} 9 11", **AROUND_THE_CLOCK, ended_at=60) == found


@pytest.mark.parametrize(
    "changes",
    [
        {"order_type": "market"},
        {"order_type": "stop_limit"},
        {"order_type": "limit_on_close"},
        {"time_in_force": "opening"},
        {"time_in_force": "closing"},
        {"side": None},
    ],
)
def test_only_a_limit_order_for_the_day_has_an_executable_instant(
    changes: dict[str, object],
) -> None:
    assert executable("buy 12 5", "A 1 10 12", **changes) is None


def test_a_limit_order_without_a_stated_duration_has_an_executable_instant() -> None:
    assert executable("buy 12 5", "A 1 10 12", time_in_force=None) == 5


def test_orders_keep_their_rows_and_order() -> None:
    quote = {"symbol": "A", "at": OPEN, "bid": 10, "ask": 12, "line": 1}
    tape = build_tape(pl.DataFrame([quote], schema=QUOTES))
    orders = pl.DataFrame(
        {
            "order_id": ["O3", "O1", "O2"],
            "symbol": "A",
            "side": ["sell", "buy", "buy"],
            "order_type": ["limit", "market", "limit"],
            "time_in_force": "day",
            "asset_class": "equity",
            "limit_price": [10, None, 12],
            "received_at": [OPEN + 3, OPEN + 1, OPEN + 2],
            "ended_at": pl.Series([None] * 3, dtype=pl.Int64),
            "open_at_receipt": OPEN,
            "close_at_receipt": OPEN + CLOSE * SECOND,
        }
    )

    assert attach_executable(orders, tape).select("order_id", "executable_at").rows() == [
        ("O3", OPEN + 3),
        ("O1", None),
        ("O2", OPEN + 2),
    ]
