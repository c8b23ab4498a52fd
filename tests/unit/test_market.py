from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from routewarden.base.schema import TABLES, Kind
from routewarden.market.index import index_symbols
from routewarden.market.reference import attach_asset_class
from routewarden.market.search import first_at_most, minima
from routewarden.market.sessions import attach_session
from routewarden.market.tape import attach_quotes, build_tape, ties_across_files
from routewarden.market.vwap import traded_between
from routewarden.policy.calendar import us_equity_calendar
from routewarden.sources.table import no_records

OPEN = 1_782_912_600_000_000_000  # 2026-07-01T13:30:00Z, 09:30 in New York
SECOND = 1_000_000_000
CLOSE = OPEN + 23_400 * SECOND
DAY = 86_400 * SECOND
JULY_1, JULY_2 = date(2026, 7, 1), date(2026, 7, 2)
QUOTES = TABLES[Kind.QUOTES].schema | {"file": pl.String(), "line": pl.Int64()}


def quotes(*lines: str) -> pl.DataFrame:
    """Symbol, seconds after the open, bid, ask, seq, file and line of each quote; a dot is none."""
    rows = []
    for number, line in enumerate(lines):
        symbol, at, *numbers = line.split()
        bid, ask, seq, file, row = [*numbers, *(".", "ab", str(number))[len(numbers) - 2 :]]
        rows.append(
            {
                "symbol": symbol,
                "at": OPEN + int(at) * SECOND,
                "bid": None if bid == "." else int(bid),
                "ask": None if ask == "." else int(ask),
                "seq": None if seq == "." else int(seq),
                "file": file,
                "line": int(row),
            }
        )
    return pl.DataFrame(rows, schema=QUOTES)


def in_force(symbol: str, at: int | None, *lines: str) -> tuple[object, ...]:
    """Bid and ask in force some seconds after the open."""
    asked = pl.DataFrame(
        {"symbol": [symbol], "t": [None if at is None else OPEN + at * SECOND]},
        schema={"symbol": pl.String(), "t": pl.Int64()},
    )
    tapes = {JULY_1: build_tape(quotes(*lines))}
    found = attach_quotes(asked, {"then": "t"}, lambda day: tapes.get(day, build_tape(quotes())))
    return found.select("bid_then", "ask_then").row(0)


# -- The quote in force ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "quote"),
    [(0, (None, None)), (1, (10, 12)), (2, (10, 12)), (3, (11, 13)), (9_999, (11, 13))],
)
def test_the_last_quote_at_or_before_is_in_force(
    at: int, quote: tuple[int | None, int | None]
) -> None:
    assert in_force("A", at, "A 1 10 12", "A 3 11 13") == quote


def test_quotes_need_not_come_in_time_order() -> None:
    assert in_force("A", 9, "A 3 11 13", "A 1 10 12") == (11, 13)


def test_a_quote_is_of_its_own_symbol() -> None:
    assert in_force("B", 9, "A 1 10 12", "C 1 11 13") == (None, None)


def test_without_an_instant_there_is_no_quote() -> None:
    assert in_force("A", None, "A 1 10 12") == (None, None)


def test_a_quote_in_force_may_lack_a_side() -> None:
    assert in_force("A", 9, "A 1 10 12", "A 2 . 13") == (None, 13)


def test_without_quotes_none_is_in_force() -> None:
    assert in_force("A", 9) == (None, None)


def test_a_quote_does_not_carry_over_to_the_next_date() -> None:
    assert in_force("A", 86_400, "A 1 10 12") == (None, None)


def test_each_look_up_is_answered_by_the_tape_of_its_date() -> None:
    asked = pl.DataFrame({"symbol": ["A", "A", "A"], "t": [OPEN + DAY, OPEN, OPEN - DAY]})
    later = build_tape(quotes("A 0 20 22").with_columns(at=pl.col("at") + DAY))
    tapes = {JULY_1: build_tape(quotes("A 0 10 12")), JULY_2: later}

    found = attach_quotes(asked, {"then": "t"}, lambda day: tapes.get(day, build_tape(quotes())))

    assert found["bid_then"].to_list() == [20, 10, None]


def test_look_ups_keep_their_rows_order_and_columns() -> None:
    asked = pl.DataFrame({"id": [7, 8], "symbol": ["B", "A"], "t": [OPEN, OPEN]})

    found = attach_quotes(asked, {"then": "t"}, lambda _: build_tape(quotes("A 0 1 2", "B 0 3 4")))

    assert found.columns == ["id", "symbol", "t", "bid_then", "ask_then"]
    assert found.select("id", "bid_then").rows() == [(7, 3), (8, 1)]


@pytest.mark.parametrize(
    ("first", "second", "bid"),
    [
        ("A 1 10 12 5 ab 1", "A 1 11 13 4 ab 2", 10),
        ("A 1 10 12 -9 ab 1", "A 1 11 13 . ff 2", 10),
        ("A 1 10 12 . ab 1", "A 1 11 13 . ab 2", 11),
        ("A 1 10 12 . ab 2", "A 1 11 13 . ab 1", 10),
        ("A 1 10 12 . ff 1", "A 1 11 13 . ab 2", 10),
        ("A 1 10 12 5 ff 1", "A 1 11 13 5 ab 2", 10),
    ],
    ids=["higher seq", "any seq", "last row", "last row by line", "greater digest", "equal seq"],
)
def test_of_simultaneous_quotes_one_stands(first: str, second: str, bid: int) -> None:
    assert in_force("A", 1, first, second)[0] == bid


def test_a_quote_that_returns_to_an_earlier_one_stands_again() -> None:
    assert in_force("A", 1, "A 1 10 12", "A 1 11 13", "A 1 10 12") == (10, 12)


def test_two_files_that_differ_without_seq_are_a_tie() -> None:
    tied = quotes("A 1 10 12 . ab 1", "A 1 11 13 . ff 1", "B 2 10 12", "B 2 11 12")

    assert ties_across_files(tied).rows() == [("A", OPEN + SECOND)]


@pytest.mark.parametrize(
    "lines",
    [
        ("A 1 10 12 . ab 1", "A 1 10 12 . ff 1"),
        ("A 1 10 12 . ab 1", "A 1 11 12 . ab 2"),
        ("A 1 10 12 . ab 1", "A 2 11 12 . ff 1"),
        ("A 1 10 12 1 ab 1", "A 1 11 12 2 ff 1"),
        ("A 1 10 12 . ab 1", "A 1 11 12 2 ff 1"),
        ("A 1 10 12 . ab 1", "A 1 11 12 . ff 1", "A 1 9 12 0 ab 2"),
        ("A 1 10 12 . ab 1", "A 1 11 12 . ab 2", "A 1 11 12 . ff 1"),
    ],
    ids=["alike", "one file", "other times", "seq", "one seq", "outranked by seq", "last alike"],
)
def test_what_the_digests_do_not_decide_is_no_tie(lines: tuple[str, ...]) -> None:
    assert ties_across_files(quotes(*lines)).is_empty()


# -- The search behind it --------------------------------------------------------------------------


def test_a_symbol_without_rows_has_an_empty_span() -> None:
    index = index_symbols(build_tape(quotes("A 1 1 2", "B 1 1 2")).quotes)
    first, end = index.spans(pl.Series(["B", "C", "A"]))

    assert first.tolist() == [1, 0, 0]
    assert end.tolist() == [2, 0, 1]


@pytest.mark.parametrize(
    ("start", "limit", "row"),
    [(0, 5, 0), (1, 5, 3), (1, 3, 3), (1, 2, -1), (4, 9, 4), (5, 9, -1), (0, 4, 3)],
)
def test_the_first_low_enough_value_from_a_row_on(start: int, limit: int, row: int) -> None:
    tree = minima(np.array([5, 8, 9, 3, 7], dtype=np.int64))

    assert first_at_most(tree, np.array([start]), np.array([limit])).tolist() == [row]


def test_nothing_is_low_enough_among_no_values() -> None:
    tree = minima(np.array([], dtype=np.int64))

    assert first_at_most(tree, np.array([0]), np.array([9])).tolist() == [-1]


# -- Sessions --------------------------------------------------------------------------------------

SESSIONS = us_equity_calendar().sessions()


def session(at: int | None, asset_class: str = "equity") -> tuple[object, ...]:
    row = pl.DataFrame(
        {"t": [at], "asset_class": [asset_class]},
        schema={"t": pl.Int64(), "asset_class": pl.String()},
    )
    return attach_session(row, "t", "then", SESSIONS).drop("t", "asset_class").row(0)


@pytest.mark.parametrize(
    ("at", "inside"), [(OPEN - 1, False), (OPEN, True), (CLOSE, True), (CLOSE + 1, False)]
)
def test_a_session_includes_its_open_and_its_close(at: int, *, inside: bool) -> None:
    assert session(at) == (inside, OPEN, CLOSE)


def test_a_saturday_has_no_session() -> None:
    assert session(OPEN + 3 * DAY) == (False, None, None)


@pytest.mark.parametrize("at", [OPEN, CLOSE + 1, OPEN + 3 * DAY])
def test_crypto_is_never_outside_a_session_and_has_no_close(at: int) -> None:
    assert session(at, "crypto") == (True, None, None)


def test_no_instant_is_neither_inside_nor_outside() -> None:
    assert session(None) == (None, None, None)


# -- Reference data --------------------------------------------------------------------------------


def asset_class(stated: str | None, *securities: tuple[object, ...]) -> tuple[object, ...]:
    """The class of an order of A received at 100: settled, and as the order stated it."""
    order = pl.DataFrame(
        {"order_id": ["O"], "symbol": ["A"], "received_at": [100], "asset_class": [stated]},
        schema_overrides={"asset_class": pl.String()},
    )
    names = ("symbol", "from", "to", "asset_class", "file", "line")
    dtypes = (pl.String(), pl.Int64(), pl.Int64(), pl.String(), pl.String(), pl.Int64())
    schema = dict(zip(names, dtypes, strict=True))
    held = pl.DataFrame(list(securities), schema=schema, orient="row")
    settled = attach_asset_class(order, held)
    return settled.select("asset_class", "stated_asset_class").row(0)


def test_an_order_is_of_the_class_it_states() -> None:
    assert asset_class("option", ("A", 1, None, "crypto", "ab", 2)) == ("option", "option")


def test_an_order_that_states_no_class_is_of_its_symbols() -> None:
    assert asset_class(None, ("A", 1, None, "crypto", "ab", 2)) == ("crypto", None)


@pytest.mark.parametrize(
    "security",
    [
        ("B", 1, None, "crypto", "ab", 2),
        ("A", 101, None, "crypto", "ab", 2),
        ("A", 1, 100, "crypto", "ab", 2),
        ("A", 1, None, None, "ab", 2),
    ],
    ids=["other symbol", "begins later", "has ended", "states none"],
)
def test_an_order_is_an_equity_where_nothing_says_otherwise(security: tuple[object, ...]) -> None:
    assert asset_class(None, security) == ("equity", None)


def test_reference_data_holds_from_its_first_instant() -> None:
    assert asset_class(None, ("A", 100, 101, "crypto", "ab", 2))[0] == "crypto"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("A", 2, None, "crypto", "ab", 2), ("A", 1, None, "option", "ff", 9)),
        (("A", 1, None, "crypto", "ff", 2), ("A", 1, None, "option", "ab", 9)),
        (("A", 1, None, "crypto", "ab", 3), ("A", 1, None, "option", "ab", 2)),
    ],
    ids=["began last", "greater digest", "last row"],
)
def test_of_two_rows_that_hold_one_stands(
    first: tuple[object, ...], second: tuple[object, ...]
) -> None:
    assert asset_class(None, first, second)[0] == "crypto"
    assert asset_class(None, second, first)[0] == "crypto"


# -- The market's average --------------------------------------------------------------------------

TRADED = (pl.String(), pl.Int64(), pl.Int64(), pl.Int128(), pl.String())
TRADES = pl.DataFrame(
    [
        ("A", 10, 100, 2, None),
        ("A", 20, 200, 3, "F"),
        ("A", 30, 400, 5, "T"),
        ("B", 20, 900, 7, None),
    ],
    schema=dict(zip(("symbol", "at", "price", "size", "conditions"), TRADED, strict=True)),
    orient="row",
)


def traded(
    since: int, until: int | None, *regular: str, trades: pl.DataFrame = TRADES
) -> list[tuple[object, ...]]:
    order = pl.DataFrame(
        {"order_id": ["O"], "symbol": ["A"], "received_at": [since], "last_fill_at": [until]},
        schema_overrides={"last_fill_at": pl.Int64()},
    )
    return traded_between(order, trades, regular).rows()


@pytest.mark.parametrize(
    ("since", "until", "regular", "sums"),
    [
        (10, 30, (), [("O", 2, 2_000)]),
        (10, 30, ("F",), [("O", 5, 8_000)]),
        (10, 30, ("T", "F"), [("O", 10, 28_000)]),
        (10, 20, ("F",), [("O", 5, 8_000)]),
        (11, 20, ("F",), [("O", 3, 6_000)]),
        (11, 19, ("F",), []),
        (11, 30, (), []),
        (10, None, (), []),
    ],
)
def test_regular_trades_from_receipt_to_the_last_fill_count(
    since: int, until: int | None, regular: tuple[str, ...], sums: list[tuple[object, ...]]
) -> None:
    assert traded(since, until, *regular) == sums


def test_without_trades_there_is_no_average() -> None:
    assert traded(10, 30, trades=no_records(TABLES[Kind.TRADES])) == []
