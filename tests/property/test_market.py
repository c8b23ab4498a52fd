from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from routewarden.base.schema import TABLES, Kind
from routewarden.market.extremes import attach_worst
from routewarden.market.index import index_symbols
from routewarden.market.search import NEVER, first_at_most, least, minima
from routewarden.market.tape import attach_quotes, build_tape

NOON = 1_782_921_600_000_000_000  # 2026-07-01T16:00:00Z, noon in New York
MIDNIGHT = NOON + 12 * 3_600_000_000_000
DAYS = {date(2026, 7, 1): (0, MIDNIGHT), date(2026, 7, 2): (MIDNIGHT, 2 * MIDNIGHT)}
QUOTES = TABLES[Kind.QUOTES].schema | {"file": pl.String(), "line": pl.Int64()}

low = st.integers(-3, 3) | st.just(int(NEVER))
symbols = st.sampled_from("ABC")


def integers(values: list[int]) -> Any:  # noqa: ANN401 - an array
    return np.array(values, dtype=np.int64)


@settings(deadline=None, max_examples=200)
@given(st.lists(low, max_size=40), st.data())
def test_the_search_finds_what_a_scan_finds(values: list[int], data: st.DataObject) -> None:
    asked = st.tuples(st.integers(0, len(values)), st.integers(-4, 4))
    questions = data.draw(st.lists(asked, max_size=10))
    starts, limits = ([pair[side] for pair in questions] for side in (0, 1))

    found = first_at_most(minima(integers(values)), integers(starts), integers(limits))

    assert found.tolist() == [
        next((row for row in range(start, len(values)) if values[row] <= limit), -1)
        for start, limit in questions
    ]


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.tuples(symbols, st.integers(0, 6)), max_size=30).map(sorted),
    st.lists(st.tuples(st.sampled_from("ABCD"), st.integers(-1, 7)), max_size=10),
)
def test_an_index_answers_as_bisection_of_each_symbol(
    rows: list[tuple[str, int]], questions: list[tuple[str, int]]
) -> None:
    dtypes = {"symbol": pl.String(), "at": pl.Int64()}
    index = index_symbols(pl.DataFrame(rows, schema=dtypes, orient="row"))
    asked = pl.Series([symbol for symbol, _ in questions], dtype=pl.String)
    instants = integers([at for _, at in questions])
    first, _ = index.spans(asked)

    after, from_ = index.after(asked, instants) - first, index.from_(asked, instants) - first

    times = {name: [at for symbol, at in rows if symbol == name] for name in "ABCD"}
    assert after.tolist() == [bisect_right(times[name], at) for name, at in questions]
    assert from_.tolist() == [bisect_left(times[name], at) for name, at in questions]


moments = st.integers(-3, 3).map(NOON.__add__) | st.integers(-3, 3).map(MIDNIGHT.__add__)
prices = st.none() | st.integers(1, 9)


@st.composite
def files(draw: st.DrawFn) -> list[dict[str, Any]]:
    """The quotes of two files, of few symbols and instants, so that most are tied."""
    return [
        {
            "symbol": draw(symbols),
            "at": draw(moments),
            "bid": draw(prices),
            "ask": draw(prices),
            "seq": draw(st.none() | st.integers(-2, 2)),
            "file": file,
            "line": line,
        }
        for file in ("ab", "cd")
        for line in range(draw(st.integers(0, 15)))
    ]


def rank(quote: dict[str, Any]) -> tuple[int, bool, int, str, int]:
    seq = quote["seq"]
    return quote["at"], seq is not None, seq or 0, quote["file"], quote["line"]


def scanned(quotes: list[dict[str, Any]], symbol: str, at: int | None) -> dict[str, Any] | None:
    """The quote in force, looked for among all of the instant's own date."""
    if at is None:
        return None
    since = MIDNIGHT if at >= MIDNIGHT else 0
    known = [q for q in quotes if q["symbol"] == symbol and since <= q["at"] <= at]
    return max(known, key=rank, default=None)


@settings(deadline=None, max_examples=80)
@given(files(), st.lists(st.tuples(symbols, st.none() | moments), max_size=8), st.randoms())
def test_a_tape_knows_the_quote_in_force_that_a_scan_finds(
    quotes: list[dict[str, Any]],
    questions: list[tuple[str, int | None]],
    random: Any,  # noqa: ANN401
) -> None:
    shuffled = random.sample(quotes, len(quotes))
    tapes = {
        day: build_tape(
            pl.DataFrame([q for q in shuffled if first <= q["at"] < end], schema=QUOTES)
        )
        for day, (first, end) in DAYS.items()
    }
    dtypes = {"symbol": pl.String(), "t": pl.Int64()}
    asked = pl.DataFrame(questions, schema=dtypes, orient="row")

    found = attach_quotes(asked, {"then": "t"}, tapes.__getitem__)

    expected = [scanned(quotes, *question) or {} for question in questions]
    assert found.select("bid_then", "ask_then").rows() == [
        (quote.get("bid"), quote.get("ask")) for quote in expected
    ]


@settings(deadline=None, max_examples=200)
@given(st.lists(low, max_size=40), st.data())
def test_the_least_of_some_rows_is_that_of_a_scan(values: list[int], data: st.DataObject) -> None:
    edges = st.tuples(st.integers(0, len(values)), st.integers(0, len(values)))
    spans = data.draw(st.lists(edges, max_size=10))
    starts, ends = ([pair[side] for pair in spans] for side in (0, 1))

    found = least(minima(integers(values)), integers(starts), integers(ends))

    assert found.tolist() == [min(values[start:end], default=int(NEVER)) for start, end in spans]


@settings(deadline=None, max_examples=100)
@given(files(), st.lists(st.tuples(symbols, st.integers(-3, 3)), max_size=8), st.integers(0, 4))
def test_the_worst_quotes_of_a_window_are_those_a_scan_finds(
    quotes: list[dict[str, Any]], questions: list[tuple[str, int]], window: int
) -> None:
    day = [quote for quote in quotes if quote["at"] < MIDNIGHT]
    tape = build_tape(pl.DataFrame(day, schema=QUOTES))
    asked = [(symbol, NOON + at) for symbol, at in questions]
    dtypes = {"symbol": pl.String(), "t": pl.Int64()}
    frame = pl.DataFrame(asked, schema=dtypes, orient="row")

    found = attach_worst(frame, "t", "then", window, tape)

    expected = []
    for symbol, at in asked:
        force = [scanned(day, symbol, instant) for instant in range(at - window, at + 1)]
        held = [quote for quote in force if quote is not None]
        bids = [quote["bid"] for quote in held if quote["bid"] is not None]
        asks = [quote["ask"] for quote in held if quote["ask"] is not None]
        expected.append((min(bids, default=None), max(asks, default=None)))
    assert found.select("worst_bid_then", "worst_ask_then").rows() == expected
