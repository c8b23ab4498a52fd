"""The shipped profile of Databento streams: which records are quotes, venue quotes and trades."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import databento_dbn
import pytest

from routewarden import sources
from routewarden.base.schema import TABLES, Kind
from routewarden.sources.profile.parse import read_profile
from routewarden.sources.profile.reading import Given, read_profiled
from routewarden.sources.reject import Reason, Reject
from routewarden.sources.table import Batch
from routewarden.sources.typed import Bounds

library: Any = databento_dbn  # its stubs take an enumeration for text, and one level for a list

PROFILE = read_profile(
    (Path(next(iter(sources.__path__))) / "profiles" / "databento.toml").read_text()
)
NOON = 1_782_907_200_123_456_789
SECOND = 10**9
UNIT = 10**8
NOT_STATED = 2**64 - 1
XNAS, EQUS_MINI, CTA = 2, 95, 134
OF_SEVERAL = 39  # XCHI, in a dataset of several venues
LEVEL = library.BidAskPair(bid_px=10_010_000_000, ask_px=10_030_000_000, bid_sz=300, ask_sz=50)
BEST = library.ConsolidatedBidAskPair(bid_px=10_010_000_000, bid_sz=300, bid_pb=9)


def head(schema: object) -> bytes:
    metadata = library.Metadata(
        "X.Y", 0, library.SType.RAW_SYMBOL, library.SType.INSTRUMENT_ID, schema
    )
    return bytes(metadata.encode())


def named(symbol: str = "BRK.B") -> bytes:
    raw = library.SType.RAW_SYMBOL
    return bytes(library.SymbolMappingMsg(2, 7, NOON, raw, symbol, raw, symbol, 0, 0))


def mbp(publisher: int = XNAS, *, traded: bool = False, price: int = 10**10) -> bytes:
    action = library.Action.TRADE if traded else library.Action.ADD
    side = library.Side.BID
    return bytes(
        library.MBP1Msg(publisher, 7, NOON, price, 5, action, side, 0, NOON + 9, None, 0, 33, LEVEL)
    )


def bbo(publisher: int = XNAS) -> bytes:
    side = library.Side.BID
    return bytes(
        library.BBOMsg(195, publisher, 7, NOT_STATED, 10**10, 5, side, NOON, None, 34, LEVEL)
    )


def cmbp(*, traded: bool = False) -> bytes:
    action = library.Action.TRADE if traded else library.Action.ADD
    side = library.Side.NONE
    return bytes(library.CMBP1Msg(177, XNAS, 7, NOON, 10**10, 5, action, side, NOON, None, 0, BEST))


def read(kind: Kind, data: bytes) -> Batch:
    (batch,) = read_profiled(TABLES[kind], data, PROFILE, Given(Bounds(0, 2 * 10**18), ""))
    return batch


def test_a_venue_s_book_is_its_venue_quotes_and_its_trades() -> None:
    stream = head(None) + named() + mbp() + mbp(traded=True) + bbo()
    found = read(Kind.VENUE_QUOTES, stream)
    assert (found.records.height, found.others, found.rejects) == (3, 1, ())
    row = found.records.row(0, named=True)
    assert (row["symbol"], row["at"], row["venue"], row["seq"]) == ("BRK.B", NOON, "XNAS", 33)
    assert (row["bid"], row["bid_size"]) == (1_001_000_000, 300 * UNIT)
    assert (row["ask"], row["ask_size"]) == (1_003_000_000, 50 * UNIT)
    assert row["x_ts_recv"] == "2026-07-01T12:00:00.123456798Z"

    found = read(Kind.TRADES, stream)
    assert (found.records.height, found.others) == (1, 3)
    columns = ("symbol", "at", "price", "size", "venue", "conditions")
    expected = ("BRK.B", NOON, 10**9, 5 * UNIT, "XNAS", None)
    assert found.records.select(columns).row(0) == expected

    found = read(Kind.QUOTES, stream)  # for a firm that judges by this venue alone
    assert (found.records.height, found.others, found.rejects) == (3, 1, ())


@pytest.mark.parametrize("publisher", [EQUS_MINI, CTA])
def test_a_composite_s_book_is_quotes(publisher: int) -> None:
    stream = head(None) + named() + mbp(publisher) + bbo(publisher) + mbp(OF_SEVERAL)
    assert read(Kind.QUOTES, stream).records["seq"].to_list() == [33, 34]
    assert read(Kind.VENUE_QUOTES, stream).records["venue"].to_list() == ["XCHI"]


def test_a_sampled_quote_stood_when_it_was_sampled() -> None:
    found = read(Kind.QUOTES, head(None) + named() + bbo(EQUS_MINI)).records
    assert found["at"].to_list() == [NOON]
    assert found["x_ts_event"].to_list() == [None]


def test_a_consolidated_record_is_a_quote_whoever_sent_it_and_may_be_a_trade() -> None:
    stream = head(library.Schema.CMBP_1) + named() + cmbp() + cmbp(traded=True)
    found = read(Kind.QUOTES, stream)
    assert (found.records.height, found.others) == (2, 1)
    row = found.records.row(0, named=True)
    assert (row["bid"], row["ask"], row["seq"]) == (1_001_000_000, None, None)
    assert row["x_bid_pb_00"] == "9"
    assert read(Kind.TRADES, stream).records["price"].to_list() == [10**9]
    assert read(Kind.VENUE_QUOTES, stream).records.is_empty()


def test_a_price_finer_than_the_eighth_decimal_is_refused() -> None:
    stream = head(library.Schema.MBP_1) + named() + mbp(traded=True, price=10**10 + 1)
    (reject,) = read(Kind.TRADES, stream).rejects
    assert (reject.line, reject.reason, reject.column) == (2, Reason.TOO_PRECISE, "price")
    assert reject.start == len(head(library.Schema.MBP_1) + named())


def test_a_record_of_an_instrument_without_a_name_is_refused() -> None:
    (reject,) = read(Kind.VENUE_QUOTES, head(None) + mbp()).rejects
    assert (reject.reason, reject.column) == (Reason.MISSING, "symbol")


def test_a_schema_without_quotes_is_refused_and_says_what_it_has() -> None:
    trade = library.TradeMsg(
        XNAS, 7, NOON, 10**9, 1, library.Action.TRADE, library.Side.BID, 0, NOON
    )
    (reject,) = read(Kind.QUOTES, head(library.Schema.TRADES) + bytes(trade)).rejects
    assert isinstance(reject, Reject)
    assert reject.reason == Reason.NO_COLUMNS
    assert reject.detail.endswith("its columns are those of trades")


def test_every_publisher_is_called_as_the_library_calls_it() -> None:
    """By its venue, which is the last part of its name; a composite by the rest of it."""
    meant = {alias.told: alias.meant for alias in PROFILE.aliases}
    for number, name in meant.items():
        trade = library.TradeMsg(
            int(number), 7, 0, 0, 0, library.Action.TRADE, library.Side.BID, 0, 0
        )
        called = repr(trade).partition("publisher_id=")[2].partition(" (")[0]
        assert name in {called, called.rpartition(".")[2], called.rpartition(".")[0]}
    quotes = next(table for table in PROFILE.tables if "publisher_id" in table.where)
    venues = next(table for table in PROFILE.tables if table.kind is Kind.VENUE_QUOTES)
    lists = [set(table.where["publisher_id"]) for table in (quotes, venues)]
    assert lists[0] | lists[1] == set(meant)
    assert lists[0].isdisjoint(lists[1])
    assert {name for number, name in meant.items() if number in lists[1] and "." in name} == set()
