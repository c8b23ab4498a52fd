"""DBN streams made with Databento's own encoder, and broken in the ways a stream breaks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import databento_dbn
import numpy as np
import polars as pl
import pytest

from routewarden.sources import dbn, dbn_layout
from routewarden.sources.dbn import read_dbn
from routewarden.sources.dbn_layout import LAYOUTS
from routewarden.sources.reject import Reason, Reject

encoder: Any = databento_dbn  # its stubs take an enumeration for text, and one level for a list

NOON = 1_782_907_200_123_456_789
AT_NOON = "2026-07-01T12:00:00.123456789Z"
DAY = 86_400 * 10**9
JULY = date(2026, 7, 1)
NO_PRICE, NO_TIME = 2**63 - 1, 2**64 - 1
MESSAGES = {
    0: encoder.TradeMsg,
    1: encoder.MBP1Msg,
    10: encoder.MBP10Msg,
    177: encoder.CMBP1Msg,
    192: encoder.CBBOMsg,
    193: encoder.CBBOMsg,
    194: encoder.CMBP1Msg,
    195: encoder.BBOMsg,
    196: encoder.BBOMsg,
    197: encoder.MBP1Msg,
}


def head(
    schema: object = encoder.Schema.TRADES,
    mapped: Sequence[tuple[str, date, int, str]] = (("ABC", JULY, 1, "7"),),
    stype_in: object = encoder.SType.RAW_SYMBOL,
    version: int = 3,
    *,
    ts_out: bool = False,
) -> bytes:
    """Metadata; `mapped` are name, first day, days, and what it is mapped to."""
    mappings = []
    for name, day, days, other in mapped:
        interval = SimpleNamespace(start_date=day, end_date=day + timedelta(days), symbol=other)
        mappings.append(SimpleNamespace(raw_symbol=name, intervals=[interval]))
    stype_out = encoder.SType.INSTRUMENT_ID
    metadata = encoder.Metadata(
        "XNAS.ITCH",
        0,
        stype_in,
        stype_out,
        schema,
        mappings=mappings,
        version=version,
        ts_out=ts_out,
    )
    return bytes(metadata.encode())


def trade(price: int = 10**9, at: int = NOON, **others: int) -> bytes:
    known = {"publisher_id": 2, "instrument_id": 7, "size": 100, "ts_recv": at, "sequence": 5}
    fields = {**known, **others}
    return bytes(
        encoder.TradeMsg(
            ts_event=at,
            price=price,
            action=encoder.Action.TRADE,
            side=encoder.Side.BID,
            depth=0,
            **fields,
        )
    )


def quote(price: int = 10**9, level: object = None) -> bytes:
    return bytes(
        encoder.MBP1Msg(
            2, 7, NOON, price, 100, encoder.Action.ADD, encoder.Side.ASK, 0, NOON + 5, levels=level
        )
    )


def read(data: bytes) -> tuple[pl.DataFrame, tuple[Reject, ...]]:
    blocks = list(read_dbn(data))
    assert blocks[-1].position == len(data)
    frames = [block.frame for block in blocks if block.frame.columns]
    whole = pl.concat(frames) if frames else pl.DataFrame()
    return whole, tuple(reject for block in blocks for reject in block.rejects)


def column(data: bytes, name: str) -> list[str | int | None]:
    return read(data)[0][name].to_list()


@pytest.mark.parametrize(("kind", "message"), MESSAGES.items())
def test_the_layouts_are_those_of_the_library(
    kind: int, message: type[databento_dbn.TradeMsg]
) -> None:
    layout, theirs = LAYOUTS[kind], np.dtype(vars(message)["_dtypes"])
    assert layout.size == theirs.itemsize
    names = {name.rstrip("_") for name in theirs.names or () if "reserved" not in name}
    ours: Any = layout.dtype.fields
    assert set(ours) == {name for name in names if not name[-1:].isdigit() or "_00" in name} - {
        "length"
    }
    for name, ours_there in ours.items():
        kind_, offset = ours_there[:2]
        their_kind, their_offset = (theirs.fields or {})[name][:2]
        assert (offset, kind_.itemsize) == (their_offset, their_kind.itemsize)
        assert their_kind.kind in {kind_.kind, "S"}


def test_the_layouts_are_all_the_types_of_record_that_tell_quotes_or_trades() -> None:
    kinds = {"MBP", "BBO", "CBBO", "CMBP", "TCBBO", "TBBO"}
    told = {kind.value for kind in encoder.RType.variants() if kind.name.split("_")[0] in kinds}
    assert set(LAYOUTS) == told


def test_a_trade_is_told_exactly_with_its_number_and_its_bytes() -> None:
    begin = head()
    frame, rejects = read(begin + trade(307_940_000_001) + trade())
    assert rejects == ()
    assert frame.row(0, named=True) == {
        "symbol": "ABC",
        "at": AT_NOON,
        "rtype": "0",
        "publisher_id": "2",
        "instrument_id": "7",
        "ts_event": AT_NOON,
        "price": "307.940000001",
        "size": "100",
        "side": "B",
        "flags": "0",
        "ts_recv": AT_NOON,
        "action": "T",
        "depth": "0",
        "ts_in_delta": "0",
        "sequence": "5",
        "line": 1,
        "start": len(begin),
        "end": len(begin) + 48,
    }
    assert frame["line"].to_list() == [1, 2]
    assert frame["end"].to_list()[-1] == len(begin) + 96


def test_prices_are_plain_decimals_and_the_undefined_one_is_none() -> None:
    prices = (10**9, 10_500_000_000, -250_000_000, 0, NO_PRICE)
    stream = head() + b"".join(trade(price) for price in prices)
    assert column(stream, "price") == ["1", "10.5", "-0.25", "0", None]


def test_instants_and_sizes_that_are_undefined_are_none() -> None:
    stream = head() + trade(at=NO_TIME) + trade(size=2**32 - 1, at=2**63)
    assert column(stream, "ts_event") == [None, str(2**63)]
    assert column(stream, "size") == ["100", None]


def test_a_book_s_best_level_is_told_and_an_absent_side_is_none() -> None:
    level = encoder.BidAskPair(bid_px=10_010_000_000, bid_sz=300, bid_ct=2)
    row = read(head(encoder.Schema.MBP_1) + quote(level=level))[0].row(0, named=True)
    assert (row["bid_px_00"], row["bid_sz_00"], row["bid_ct_00"]) == ("10.01", "300", "2")
    assert (row["ask_px_00"], row["ask_sz_00"], row["ask_ct_00"]) == (None, "0", "0")
    assert row["ts_recv"] == "2026-07-01T12:00:00.123456794Z"
    assert row["at"] == row["ts_event"] == AT_NOON


def test_a_consolidated_quote_names_the_publishers_of_its_sides() -> None:
    level = encoder.ConsolidatedBidAskPair(bid_px=10**9, ask_px=2 * 10**9, bid_pb=9, ask_pb=43)
    message = encoder.CBBOMsg(
        192, 93, 7, NO_TIME, NO_PRICE, 0, encoder.Side.NONE, NOON, levels=level
    )
    row = read(head(encoder.Schema.CBBO_1S) + bytes(message))[0].row(0, named=True)
    assert (row["bid_pb_00"], row["ask_pb_00"]) == ("9", "43")
    assert (row["ts_event"], row["ts_recv"], row["at"]) == (None, AT_NOON, AT_NOON)
    assert "action" not in row


def test_of_ten_levels_the_best_is_read() -> None:
    levels = [encoder.BidAskPair(bid_px=price * 10**9) for price in range(10, 0, -1)]
    message = encoder.MBP10Msg(
        2, 7, NOON, 10**9, 1, encoder.Action.ADD, encoder.Side.BID, 0, NOON, levels=levels
    )
    assert column(head(encoder.Schema.MBP_10) + bytes(message), "bid_px_00") == ["10"]


def test_a_symbol_is_that_of_the_record_s_own_date() -> None:
    """Instrument 7 is OLD on the first of July, NEW on the third, and nothing on the second."""
    mapped = [("OLD", JULY, 1, "7"), ("NEW", JULY + timedelta(2), 1, "7"), ("X", JULY, 3, "8")]
    times = (NOON - DAY, NOON, NOON + DAY, NOON + 2 * DAY, NOON + 3 * DAY)
    stream = head(mapped=mapped) + b"".join(trade(at=at) for at in times)
    assert column(stream, "symbol") == [None, "OLD", None, "NEW", None]


def test_the_date_is_that_of_receipt_and_of_the_event_where_no_receipt_is_stated() -> None:
    mapped = [("OLD", JULY, 1, "7"), ("NEW", JULY + timedelta(1), 1, "7")]
    stream = head(mapped=mapped) + trade(ts_recv=NOON + DAY) + trade(ts_recv=NO_TIME)
    assert column(stream, "symbol") == ["NEW", "OLD"]


def test_mappings_from_numbers_to_symbols_are_read_as_well() -> None:
    mapped = [("7", JULY, 1, "ABC")]
    stream = head(mapped=mapped, stype_in=encoder.SType.INSTRUMENT_ID) + trade()
    assert column(stream, "symbol") == ["ABC"]


@pytest.mark.parametrize("number", ["", "ABC", str(2**32 + 7)])
def test_a_mapping_to_no_instrument_names_none(number: str) -> None:
    assert column(head(mapped=[("ABC", JULY, 1, number)]) + trade(), "symbol") == [None]


def test_a_mapping_may_be_older_than_any_instant() -> None:
    stream = head(mapped=[("ABC", date(1960, 1, 1), 40_000, "7")]) + trade()
    assert column(stream, "symbol") == ["ABC"]


def _mapping(name: str, *, first_version: bool) -> bytes:
    if first_version:
        return bytes(encoder.SymbolMappingMsgV1(2, 7, NOON, "ANY", name, 0, 0))
    raw = encoder.SType.RAW_SYMBOL
    return bytes(encoder.SymbolMappingMsg(2, 7, NOON, raw, "ANY", raw, name, 0, 0))


@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_live_session_names_its_instruments_as_it_goes(version: int) -> None:
    first = version == 1
    stream = (
        head(None, (), None, version)
        + trade()
        + _mapping("OLD", first_version=first)
        + trade()
        + _mapping("NEW", first_version=first)
        + quote()
    )
    frame, rejects = read(stream)
    assert rejects == ()
    assert frame["symbol"].to_list() == [None, "OLD", "OLD", "NEW", "NEW"]
    assert frame["rtype"].to_list() == ["0", "22", "0", "22", "1"]
    assert frame["bid_sz_00"].to_list() == [None] * 4 + ["0"]
    assert frame["price"].to_list() == ["1", None, "1", None, "1"]


def test_a_mapping_record_of_an_unknown_length_or_without_a_name_names_nothing() -> None:
    odd = bytearray(_mapping("ABC", first_version=True) + bytes(4))
    odd[0] = len(odd) // 4
    stream = head(None, (), None) + odd + _mapping("", first_version=True) + trade()
    assert column(stream, "symbol") == [None, None, None]


def test_a_live_session_may_stamp_each_record_when_it_was_sent() -> None:
    stamped = trade(ts_out=NOON + 9)
    assert len(stamped) == 56
    frame, rejects = read(head(ts_out=True) + stamped + stamped)
    assert (frame.height, rejects) == (2, ())
    assert (frame["end"] - frame["start"]).to_list() == [56, 56]


def test_a_record_of_another_kind_has_its_header_alone() -> None:
    bar = bytes(encoder.OHLCVMsg(32, 2, 7, NOON, 1, 1, 1, 1, 1))
    frame, rejects = read(head() + trade() + bar + trade())
    assert rejects == ()
    assert frame["rtype"].to_list() == ["0", "32", "0"]
    assert frame["price"].to_list() == ["1", None, "1"]
    assert frame["symbol"].to_list() == ["ABC"] * 3


def test_a_schema_that_tells_neither_quotes_nor_trades_has_no_columns_for_them() -> None:
    frame, _ = read(
        head(encoder.Schema.OHLCV_1S) + bytes(encoder.OHLCVMsg(32, 2, 7, NOON, 1, 1, 1, 1, 1))
    )
    assert "price" not in frame.columns


@pytest.mark.parametrize("size", [96, 200, 1 << 20])
def test_the_size_of_a_block_changes_nothing(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    bar = bytes(encoder.OHLCVMsg(32, 2, 7, NOON, 1, 1, 1, 1, 1))
    new = bytes([6, 250]) + bytes(22)
    stream = head(None) + (trade() + quote() + bar + new + trade() + new + new + quote()) * 7
    whole = read(stream)
    monkeypatch.setattr(dbn, "_BLOCK_BYTES", size)
    frame, rejects = read(stream)
    assert frame.height == 7 * 8
    assert (frame.equals(whole[0]), rejects) == (True, whole[1])


class TestATypeOfRecordThatIsNotKnown:
    new = bytes([6, 250]) + bytes(22)

    @pytest.mark.parametrize("after", [trade(), new, new + trade(), b""])
    def test_is_passed_over_where_what_follows_is_sound(self, after: bytes) -> None:
        frame, rejects = read(head() + trade() + self.new + after)
        assert rejects == ()
        assert frame["rtype"].to_list()[:2] == ["0", "250"]

    @pytest.mark.parametrize("after", [b"\x06", bytes([6, 251]) + bytes(22)])
    def test_is_damage_where_it_is_not(self, after: bytes) -> None:
        frame, rejects = read(head() + trade() + self.new + after)
        assert frame.height == 1
        (reject,) = rejects
        assert (reject.line, reject.start) == (2, len(head()) + 48)

    def test_is_damage_where_it_is_shorter_than_a_header(self) -> None:
        frame, rejects = read(head() + trade() + bytes([2, 250]) + bytes(30))
        assert (frame.height, len(rejects)) == (1, 1)


class TestADamagedStream:
    def test_that_ends_in_a_record_keeps_what_is_whole(self) -> None:
        stream = head() + trade() * 2 + trade()[:20]
        frame, (reject,) = read(stream)
        assert frame.height == 2
        assert reject == Reject(
            3,
            Reason.UNREADABLE,
            "the stream ends 20 bytes into a record of 48",
            start=len(head()) + 96,
            end=len(stream),
        )

    def test_that_ends_in_a_header_says_so(self) -> None:
        _, (reject,) = read(head() + trade() + trade()[:5])
        assert reject.detail == "the stream ends 5 bytes into a record"

    @pytest.mark.parametrize("words", [0, 3, 11, 13, 255])
    def test_with_a_length_no_record_has_is_read_up_to_there(self, words: int) -> None:
        broken = bytearray(trade())
        broken[0] = words
        stream = head() + trade() + broken + trade() * 40
        frame, (reject,) = read(stream)
        assert frame.height == 1
        assert (reject.start, reject.end) == (len(head()) + 48, len(stream))
        assert "the stream is damaged here" in reject.detail
        assert f"{words * 4} bytes" in reject.detail

    def test_without_records_is_whole(self) -> None:
        assert list(read_dbn(head())) == []

    @pytest.mark.parametrize("data", [b"", b"DBN", b"PAR1" + bytes(20), b"DBZ\x01" + bytes(20)])
    def test_that_does_not_begin_as_one_is_refused_whole(self, data: bytes) -> None:
        frame, (reject,) = read(data)
        assert frame.is_empty()
        assert reject == Reject(
            1,
            Reason.UNREADABLE,
            "not a DBN stream: it does not begin with DBN",
            start=0,
            end=len(data),
        )

    @pytest.mark.parametrize("data", [head()[:40], b"DBN\x09" + head()[4:]])
    def test_whose_metadata_cannot_be_read_is_refused_whole(self, data: bytes) -> None:
        _, (reject,) = read(data + trade())
        assert reject.detail.startswith("the DBN metadata cannot be read")


def test_the_columns_of_a_schema_are_those_of_its_layout() -> None:
    for kind, schema in ((0, "trades"), (1, "mbp-1"), (177, "cmbp-1"), (192, "cbbo-1s")):
        assert dbn_layout.columns_of(schema) == LAYOUTS[kind].fields
