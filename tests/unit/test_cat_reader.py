"""CAT events from bytes to records."""

from __future__ import annotations

import json

import polars as pl
import pytest

from routewarden.sources.cat import lines as cat_lines
from routewarden.sources.cat.checks import plain_number
from routewarden.sources.cat.reader import read_cat
from routewarden.sources.cat.times import first_of_date, instant_of
from routewarden.sources.reject import Reason, Reject
from tests.cat_sample import BOUNDS, Fields, at, event, fulfilment, lines, new, read, trade

MENO_CSV = (
    "NEW,,20260706_1,MENO,FIRM,20260706T093000.000001,O1,ABC,20260706T093000.000001,FALSE,false,,,,A,"
    "false,,B,10.50,100.000,,LMT,DAY=20260706,REG,NH|DISQ=20|DLVT=A1@A2|ADD=false,false,ACC,I,false,,"
    "O9@20260706T092900@5@FIRM|O8@20260706T092901,false,N"
)


def only_reject(data: bytes) -> Reject:
    records, rejects = read(data)
    assert records.is_empty()
    (reject,) = rejects
    return reject


def refused(**fields: object) -> tuple[Reason, str | None]:
    reject = only_reject(lines([{**new("O1", "093000.001"), **fields}]))
    return reject.reason, reject.column


def test_a_record_states_what_its_event_is_and_where_it_stands() -> None:
    records, rejects = read(b"\xef\xbb\xbf\n" + lines([new("O1", "093000.000000001")]))

    assert rejects == ()
    row = records.row(0, named=True)
    assert row["event_at"] == 1783344600000000001
    assert (row["type"], row["action"], row["reporter"]) == ("MENO", "NEW", "FIRM")
    assert (row["order_id"], row["order_key_date"]) == ("O1", "20260706T093000.000000001")
    assert (row["symbol"], row["firm_roe_id"]) == ("ABC", "20260706_MENOO1-093000.000000001")
    assert (row["line"], row["start"]) == (2, 4)
    assert json.loads(row["fields"])["price"] == "10.5"


def test_a_csv_record_is_the_event_its_positions_say() -> None:
    """Trailing positions may be left off; the flags of CSV may be written in any case."""
    records, rejects = read(MENO_CSV.encode() + b"\r\n")

    assert rejects == ()
    assert json.loads(records["fields"][0]) == {
        "CATReporterIMID": "FIRM",
        "accountHolderType": "I",
        "actionType": "NEW",
        "affiliateFlag": False,
        "aggregatedOrders": [
            {
                "orderID": "O9",
                "orderKeyDate": "20260706T092900",
                "originatingIMID": "FIRM",
                "quantity": "5",
            },
            {"orderID": "O8", "orderKeyDate": "20260706T092901"},
        ],
        "custDspIntrFlag": False,
        "deptType": "A",
        "electronicDupFlag": False,
        "eventTimestamp": "20260706T093000.000001",
        "firmDesignatedID": "ACC",
        "firmROEID": "20260706_1",
        "handlingInstructions": {"DISQ": "20", "DLVT": "A1@A2", "NH": True},
        "manualFlag": False,
        "negotiatedTradeFlag": False,
        "orderID": "O1",
        "orderKeyDate": "20260706T093000.000001",
        "orderType": "LMT",
        "price": "10.5",
        "quantity": "100",
        "representativeInd": "N",
        "side": "B",
        "solicitationFlag": False,
        "symbol": "ABC",
        "timeInForce": {"DAY": "20260706"},
        "tradingSession": "REG",
        "type": "MENO",
    }


@pytest.mark.parametrize("stated", ["DAY=20260706", "DAY|20260706", "DAY=20260706|"])
def test_a_time_in_force_may_have_its_date_either_way(stated: str) -> None:
    records, _ = read(MENO_CSV.replace("DAY=20260706", stated).encode())

    assert json.loads(records["fields"][0])["timeInForce"] == {"DAY": "20260706"}


def test_what_says_nothing_is_left_out() -> None:
    empty: Fields = {"price": None, "aggregatedOrders": [], "handlingInstructions": {"NH": False}}
    one, _ = read(lines([{**new("O1", "093000.001"), **empty}]))
    other, _ = read(lines([new("O1", "093000.001", price=None)]))

    assert one["event_id"].to_list() == other["event_id"].to_list()


def test_fields_that_an_event_does_not_name_are_kept() -> None:
    odd = {
        "colour": "red",
        "n": 1e3,
        "big": None,
        "list": [1, None, {"a": [], "b": False}],
        "z": {},
    }
    records, _ = read(lines([{**new("O1", "093000.001"), **odd}]))

    fields = json.loads(records["fields"][0])
    assert fields["colour"] == "red"
    assert fields["n"] == "1000"
    assert fields["list"] == ["1", None, {"b": False}]
    assert "z" not in fields


def test_a_number_too_odd_to_write_out_is_kept_as_it_is_in_a_field_unknown() -> None:
    line = lines([new("O1", "093000.001")]).replace(b'"side"', b'"odd": 1e9999, "side"')
    records, _ = read(line)

    assert json.loads(records["fields"][0])["odd"] == "1e9999"


def test_an_event_of_another_type_is_kept() -> None:
    kept = [event("MEPA", "093000.001", legs=[{"a": 1}]), event("ZZZZ", "093000.002")]
    records, rejects = read(lines(kept))

    assert rejects == ()
    assert records["type"].to_list() == ["MEPA", "ZZZZ"]


def test_csv_of_an_event_only_kept_has_its_fields_by_position() -> None:
    records, _ = read(b"NEW,,20260706_1,MEAA,FIRM,20260706T100000,A1,,,ABC,20260706T100000.5,5\n")

    fields = json.loads(records["fields"][0])
    assert records["type"].to_list() == ["MEAA"]
    assert (fields["position7"], fields["eventTimestamp"]) == ("A1", "20260706T100000.5")


def test_a_deletion_is_of_the_date_its_number_begins_with() -> None:
    """Midnight in New York is 04:00 UTC in summer."""
    records, rejects = read(b"DEL,,20260706_9\nDEL,45678901,\nDEL,,99999999_9\n")

    assert records.select("type", "action", "event_at").row(0) == ("DEL", "DEL", 1783310400 * 10**9)
    assert [(each.reason, each.column) for each in rejects] == [
        (Reason.MISSING, "firmROEID"),
        (Reason.NOT_AN_INSTANT, "firmROEID"),
    ]


def test_a_deletion_in_json_may_say_more() -> None:
    line: Fields = {
        "actionType": "DEL",
        "firmROEID": "20260706_9",
        "type": "MENO",
        "CATReporterIMID": "F",
    }
    records, _ = read(lines([line]))

    assert records.select("type", "action").row(0) == ("MENO", "DEL")


def test_a_venue_that_is_no_exchange_id_is_no_reason_to_lose_the_order() -> None:
    odd = trade("T1", "093000.001", marketCenterID="XNYS")
    records, rejects = read(lines([odd]))

    assert rejects == ()
    assert json.loads(records["fields"][0])["marketCenterID"] == "XNYS"


@pytest.mark.parametrize(
    ("fields", "reason", "column"),
    [
        ({"orderID": None}, Reason.MISSING, "orderID"),
        ({"type": None}, Reason.MISSING, "type"),
        ({"type": 5}, Reason.MISSING, "type"),
        ({"orderID": 5}, Reason.MALFORMED, "orderID"),
        ({"orderID": "x" * 65}, Reason.TOO_LONG, "orderID"),
        ({"side": "BUY"}, Reason.UNKNOWN_WORD, "side"),
        ({"actionType": "BOGUS"}, Reason.UNKNOWN_WORD, "actionType"),
        ({"manualFlag": "false"}, Reason.NOT_A_FLAG, "manualFlag"),
        ({"quantity": "100"}, Reason.NOT_A_DECIMAL, "quantity"),
        ({"quantity": 10**12}, Reason.OUT_OF_RANGE, "quantity"),
        ({"quantity": 0.0000001}, Reason.TOO_PRECISE, "quantity"),
        ({"minQty": 1.5}, Reason.TOO_PRECISE, "minQty"),
        ({"orderKeyDate": "2026-07-06"}, Reason.NOT_AN_INSTANT, "orderKeyDate"),
        ({"eventTimestamp": True}, Reason.NOT_AN_INSTANT, "eventTimestamp"),
        ({"eventTimestamp": "20261101T013000"}, Reason.AMBIGUOUS_TIME, "eventTimestamp"),
        ({"eventTimestamp": "20260308T023000"}, Reason.NOT_AN_INSTANT, "eventTimestamp"),
        ({"eventTimestamp": "20190708T093000"}, Reason.OUTSIDE_CALENDAR, "eventTimestamp"),
        ({"timeInForce": "DAY"}, Reason.MALFORMED, "timeInForce"),
        ({"timeInForce": {"DAY": "20260706", "IOC": True}}, Reason.UNKNOWN_WORD, "timeInForce"),
        ({"timeInForce": {"FOREVER": True}}, Reason.UNKNOWN_WORD, "timeInForce"),
        ({"aggregatedOrders": {"orderID": "O"}}, Reason.MALFORMED, "aggregatedOrders"),
        ({"aggregatedOrders": ["O"]}, Reason.MALFORMED, "aggregatedOrders"),
        ({"aggregatedOrders": [{"orderID": "O"}]}, Reason.MISSING, "aggregatedOrders"),
        ({"odd": [[[[[[[[1]]]]]]]]}, Reason.MALFORMED, None),
        ({"sidé": "B"}, Reason.ENCODING, None),
        ({"seqNum": "\ud800"}, Reason.ENCODING, None),
    ],
)
def test_a_fault_is_refused_with_its_reason(
    fields: dict[str, object], reason: Reason, column: str | None
) -> None:
    assert refused(**fields) == (reason, column)


def test_an_array_of_plain_texts_and_pairs_of_lists_are_fine() -> None:
    more = {"atsOrderType": ["A", "B"], "handlingInstructions": {"DLVT": ["M1", "M2"], "ALG": True}}
    records, rejects = read(lines([{**new("O1", "093000.001"), **more}]))

    assert rejects == ()
    assert json.loads(records["fields"][0])["handlingInstructions"] == {
        "ALG": True,
        "DLVT": "M1@M2",
    }


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"a": 1', Reason.MALFORMED),
        (b'{"a": 1, "a": 2}', Reason.MALFORMED),
        (b'{"a": NaN}', Reason.MALFORMED),
        (b"[" * 8000, Reason.MALFORMED),
        (b"[1]", Reason.MALFORMED),
        (b'{"a": "\xff"}', Reason.ENCODING),
        (b'{"a": "\x00"}', Reason.NUL_BYTE),
        (b'{"a": "' + b"x" * 9000 + b'"}', Reason.TOO_LONG),
        (b'NEW,,20260706_1,"MENO', Reason.MALFORMED),
        (b"NEW,,20260706_1,ZZZZ,FIRM,20260706T093000", Reason.UNKNOWN_WORD),
        (b"NEW,,20260706_1", Reason.UNKNOWN_WORD),
        (MENO_CSV.encode() + b"," * 15 + b"more", Reason.RAGGED),
        (b"DEL,,20260706_1,MENO,FIRM,extra", Reason.RAGGED),
        (MENO_CSV.replace("FALSE", "maybe").encode(), Reason.NOT_A_FLAG),
        (MENO_CSV.replace("10.50", "ten").encode(), Reason.NOT_A_DECIMAL),
        (
            b"NEW,,20260706_1,MECOC,F,20260706T093000,O,A,,20260706T093000.1,B,1,0,odd",
            Reason.RAGGED,
        ),
        (b"\xff\xfe{\x00}\x00", Reason.ENCODING),
    ],
)
def test_hostile_bytes_are_one_reject(line: bytes, reason: Reason) -> None:
    reject = only_reject(line + b"\n")

    assert reject.reason is reason
    assert (reject.line, reject.start, reject.end) == (1, 0, len(line) + 1)


def test_a_trade_in_csv_names_its_sides_by_parts() -> None:
    head = "NEW,,20260706_1,MEOT,FIRM,20260706T100000.1,T1,ABC,20260706T100000.1,false,,false,,,,"
    sides = "20260706T093000@O1@B@@ACC@I@FIRM@true@late,20260706T093001@O2@SL@retired"
    records, rejects = read(f"{head}40,10.25,P,,D,NA,{sides}\n".encode())

    assert rejects == ()
    fields = json.loads(records["fields"][0])
    assert fields["buyDetails"][0]["BFMMFlag"] is True
    assert fields["buyDetails"][0]["part9"] == "late"
    assert fields["sellDetails"] == [
        {"orderID": "O2", "orderKeyDate": "20260706T093001", "part4": "retired", "side": "SL"}
    ]


def test_an_option_event_has_its_sides_in_another_order() -> None:
    head = "NEW,,20260706_1,MOOF,FIRM,20260706T100000.1,F1,OPT,20260706T100000.1,false,"
    sides = "20260706T093000@O1@B@@IMID@ACC@I,20260706T093000@O2@S"
    records, _ = read(f"{head},4,1.25,Y,{sides},,false\n".encode())

    assert records["symbol"].to_list() == ["OPT"]
    (side,) = json.loads(records["fields"][0])["clientDetails"]
    assert (side["originatingIMID"], side["firmDesignatedID"]) == ("IMID", "ACC")


def test_an_array_of_texts_in_csv_is_parted_by_bars() -> None:
    records, _ = read(f"{MENO_CSV},,,,,,X|Y\n".encode())

    assert json.loads(records["fields"][0])["atsOrderType"] == ["X", "Y"]


def test_a_file_of_nothing_and_of_blank_lines_has_no_records() -> None:
    assert list(read_cat(b"", BOUNDS)) == []
    records, rejects = read(b"\n \r\n\n")
    assert (records.height, rejects) == (0, ())


def test_memory_is_bounded_by_a_block(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line longer than any block is one reject, and what comes after it is read."""
    good = lines([fulfilment("F1", "100000.001", clientDetails=[{"side": "B"}])])
    data = good * 3 + b"{" + b"x" * 40_000 + b"\n" + good + b"y" * 30_000
    whole, _ = read(data)
    monkeypatch.setattr(cat_lines, "BLOCK_BYTES", 8192 + 10)
    batches = list(read_cat(memoryview(data), BOUNDS))

    assert len(batches) > 3
    assert pl.concat([batch.records for batch in batches]).equals(whole)
    assert [(r.line, r.end - r.start) for b in batches for r in b.rejects] == [
        (4, 40_002),
        (6, 30_000),
    ]
    assert batches[-1].position == len(data)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("20260706T093000", 1783344600 * 10**9),
        (at("093000.123456789"), 1783344600123456789),
        ("20260105T093000.5", 1767623400 * 10**9 + 5 * 10**8),
        ("1783344600123456789", 1783344600123456789),
        ("9999999999999999999", Reason.NOT_AN_INSTANT),
        ("1783344600123", Reason.NOT_AN_INSTANT),
        ("20260706T240000", Reason.NOT_AN_INSTANT),
        ("20260706T093060", Reason.NOT_AN_INSTANT),
        ("20260706T093000.1234567890", Reason.NOT_AN_INSTANT),
        ("20260230T093000", Reason.NOT_AN_INSTANT),
        ("00000101T000000", Reason.NOT_AN_INSTANT),
        ("99991231T235959", Reason.NOT_AN_INSTANT),
        ("16991231T235959", Reason.NOT_AN_INSTANT),
        ("20261101T010000", Reason.AMBIGUOUS_TIME),
        ("20261101T005959.999999999", 1793509199999999999),
        ("20261101T020000", 1793516400 * 10**9),
        ("20260308T020000", Reason.NOT_AN_INSTANT),
        ("20260308T030000", 1772953200 * 10**9),
    ],
)
def test_a_timestamp_is_what_clocks_in_new_york_show(text: str, instant: int | Reason) -> None:
    assert instant_of(text) == instant


def test_a_date_begins_at_midnight_in_new_york() -> None:
    assert first_of_date("20260706") == 1783310400 * 10**9


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("415.0", "415"),
        ("1e3", "1000"),
        ("12.5E-2", "0.125"),
        ("-0.0", "0"),
        ("007", "7"),
        (".5", "0.5"),
        ("0", "0"),
        ("1e9999", None),
        ("", None),
        ("\u0661", None),
        ("1_000", None),
    ],
)
def test_a_number_is_written_one_way(text: str, plain: str | None) -> None:
    assert plain_number(text) == plain
