"""Our own best bid and offer agrees with one worked out quote by quote, on random awkward days.

Instants and prices are few, so that ties, one-sided, locked and crossed markets are the rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import polars as pl
import pytest

from routewarden.base.schema import TABLES, Kind
from routewarden.market import consolidated
from routewarden.market.consolidated import consolidate
from routewarden.market.tape import build_tape

type_of = TABLES[Kind.VENUE_QUOTES].schema
SCHEMA = {
    **{name: type_of[name] for name in ("symbol", "at", "venue", "bid", "bid_size")},
    **{name: type_of[name] for name in ("ask", "ask_size", "seq")},
    "file": pl.String(),
    "line": pl.Int64(),
}
SIZES = (100, 100, 200, 50.5, 0, 10**12, None)
Quote = dict[str, int | str | None]
Side = tuple[int | None, int | None]


def _day(seed: int, rows: int = 60) -> list[Quote]:
    random = Random(seed)

    def size() -> int | None:
        drawn = random.choice(SIZES if seed % 2 else SIZES[:3])
        return None if drawn is None else int(drawn * 10**8)

    return [
        {
            "symbol": random.choice(("NA", "ABC", "1E5")),
            "at": random.randrange(25),
            "venue": random.choice(("XNYS", "XNAS", "NA", "edgx")[: 1 + seed % 4]),
            "bid": random.choice((None, 10, 11, 12)),
            "bid_size": size(),
            "ask": random.choice((None, 11, 12, 13)),
            "ask_size": size(),
            "seq": random.choice((None, None, 1, 2, -1)),
            "file": random.choice(("f0", "f1")),
            "line": line,
        }
        for line in range(rows)
    ]


def _best(quotes: list[Quote], side: str, better: int) -> Side:
    prices = [quote[side] for quote in quotes]
    stated = [price for price in prices if isinstance(price, int)]
    if not stated:
        return None, None
    best = max(stated, key=lambda price: price * better)
    sizes = [quote[f"{side}_size"] for quote in quotes if quote[side] == best]
    return best, sum(s for s in sizes if isinstance(s, int)) if None not in sizes else None


def _reference(day: list[Quote]) -> Iterator[dict[str, int | str | None]]:
    """Quote by quote: what each venue says, then the best of them, then whether it is new."""

    def rank(quote: Quote) -> tuple[object, ...]:
        seq = quote["seq"]
        return (seq is not None, seq or 0, quote["file"], quote["line"])

    for symbol in sorted({str(quote["symbol"]) for quote in day}):
        own = [quote for quote in day if quote["symbol"] == symbol]
        says: dict[object, Quote] = {}
        last: tuple[Side, Side] = ((None, None), (None, None))
        for at in sorted({int(quote["at"] or 0) for quote in own}):
            now = sorted([quote for quote in own if quote["at"] == at], key=rank)
            for quote in now:
                says[quote["venue"]] = quote
            best = _best([*says.values()], "bid", 1), _best([*says.values()], "ask", -1)
            if best != last:
                (bid, bid_size), (ask, ask_size) = last = best
                row: Quote = {
                    "symbol": symbol,
                    "at": at,
                    "bid": bid,
                    "bid_size": bid_size,
                    "ask": ask,
                }
                place = {"file": now[-1]["file"], "line": now[-1]["line"]}
                yield row | {"ask_size": ask_size, "seq": None} | place


def _frame(day: list[Quote]) -> pl.DataFrame:
    return pl.DataFrame(day, schema=SCHEMA)


@pytest.mark.parametrize("seed", range(120))
def test_the_best_is_the_best_quote_by_quote(seed: int) -> None:
    day = _day(seed)
    assert consolidate(_frame(day)).to_dicts() == list(_reference(day))


@pytest.mark.parametrize("stretch", [1, 2, 7])
def test_working_in_stretches_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, stretch: int
) -> None:
    monkeypatch.setattr(consolidated, "_STRETCH", stretch)
    day = _day(3)
    assert consolidate(_frame(day)).to_dicts() == list(_reference(day))


@pytest.mark.parametrize("seed", range(5))
def test_neither_the_order_of_rows_nor_a_partition_by_symbol_matters(seed: int) -> None:
    whole = _frame(_day(seed, 200))
    expected = consolidate(whole)
    assert consolidate(whole.sample(fraction=1, shuffle=True, seed=seed)).equals(expected)
    parts = [consolidate(part) for part in whole.partition_by("symbol")]
    assert pl.concat(parts).sort("symbol", "at").equals(expected)


def test_a_tape_takes_it_as_it_takes_quotes() -> None:
    found = consolidate(_frame(_day(2)))
    assert build_tape(found).quotes.equals(found.select(build_tape(found).quotes.columns))


def test_no_quotes_make_no_market() -> None:
    found = consolidate(_frame([]))
    assert found.is_empty()
    assert found.schema == consolidate(_frame(_day(1))).schema


def test_sizes_past_64_bits_are_summed_exactly() -> None:
    most = 10**20
    day: list[Quote] = []
    for venue in range(40):
        quote: Quote = {"symbol": "A", "at": 1, "venue": str(venue), "seq": None, "file": "f"}
        bid: Quote = {"bid": 5, "bid_size": most - venue, "line": venue}
        day.append(quote | bid | {"ask": 6, "ask_size": None if venue == 3 else 1})
    (row,) = consolidate(_frame(day)).to_dicts()
    assert row["bid_size"] == 40 * most - sum(range(40))
    assert row["ask_size"] is None
    assert (row["bid"], row["ask"]) == (5, 6)


def test_a_venue_that_falls_silent_leaves_its_price_and_the_market_crossed() -> None:
    """A bids 12; B then offers 11, and A says nothing more."""
    last = consolidate(
        pl.DataFrame({"venue": ["A", "B"], "at": [1, 2], "bid": [12, 10], "ask": [13, 11]})
        .with_columns(symbol=pl.lit("A"), bid_size=1, ask_size=1, file=pl.lit("f"), line=1)
        .with_columns(seq=pl.lit(None, dtype=pl.Int64()))
        .select(pl.col(name).cast(dtype) for name, dtype in SCHEMA.items())
    ).to_dicts()[-1]
    assert (last["bid"], last["ask"]) == (12, 11)
