"""FIX logs, from bytes to messages and rejects."""

from __future__ import annotations

import polars as pl
import pytest

from routewarden.sources.fix import cut
from routewarden.sources.fix.cut import What
from routewarden.sources.fix.frame import MESSAGE_BYTES
from routewarden.sources.fix.reader import read_fix
from routewarden.sources.reject import Reason
from routewarden.sources.typed import Bounds
from tests.fix_log import SOH, batches, fix, others, records, rejects, sealed, sent, spans
from tests.line import BOUNDS

ORDER = sent(2, "35=D|11=A1|38=100|40=2|44=10.05|54=1|55=DELL|60=20260701-13:29:59.999999999")
REPORT = sent(3, "35=8|11=A1|17=E1|150=F|39=2|31=10.04|32=100", at="13:30:00.123456")
TWO = ORDER + REPORT


def rewritten(data: bytes, mark: bytes) -> bytes:
    return data.replace(SOH, mark)


def test_a_message_has_its_sending_its_session_and_its_fields() -> None:
    row = records(REPORT).row(0, named=True)
    assert row["sent_at"] == 1_782_912_600_123_456_000
    assert (row["msg_type"], row["begin_string"]) == ("8", "FIX.4.4")
    assert (row["sender"], row["target"], row["seq"]) == ("SOR", "FIRM", 3)
    assert (row["line"], row["start"], row["end"]) == (1, 0, len(REPORT))
    assert row["fields"] == (
        "35=8\x0134=3\x0149=SOR\x0152=20260701-13:30:00.123456\x0156=FIRM\x01"
        "11=A1\x0117=E1\x01150=F\x0139=2\x0131=10.04\x0132=100"
    )


@pytest.mark.parametrize(
    "mark",
    [
        *(b"|", b";", b"^A", b"^", b"~", b"<SOH>", b"\\x01", b"\\u0001"),
        *(b" | ", b"[SOH]", b"\\001", "\u2401".encode()),
    ],
)
def test_a_rewritten_separator_changes_nothing(mark: bytes) -> None:
    log = b"\n".join(rewritten(each, mark) for each in (ORDER, REPORT))
    columns = ["message_id", "fields", "sent_at", "line"]
    assert records(log).select(columns).equals(records(ORDER + b"\n" + REPORT).select(columns))


@pytest.mark.parametrize(
    "log",
    [
        TWO,
        ORDER + b"\r\n" + REPORT + b"\r\n",
        b"2026/07/01 09:30:00.123456 " + ORDER + b"\n2026/07/01 09:30:01 " + REPORT,
        b"<20260701-13:30:00, FIX.4.4:A->B, incoming> (" + ORDER + b")\r\n(" + REPORT + b")\r\n",
        b"incoming 09:15:57 INFO - FIX.4.4:A->B: " + ORDER + b"\nread: " + REPORT,
        b"Fri\n\n" + ORDER + b"nonsense\nmore of it\n" + REPORT + b"\n\n",
        b"\x00\x00" + ORDER + b"\x00" * 5 + b"\n" + REPORT + b"\x00",
        ORDER + REPORT[:-1],
        ORDER[:-1] + REPORT,
        b"58=FIX 158=FIX\n" + TWO,
        b"in|35=D|" + ORDER + b"\nin|35=8|" + REPORT,
    ],
    ids=[
        "joined",
        "CRLF",
        "times",
        "brackets",
        "words",
        "junk",
        "NULs",
        "open",
        "tight",
        "no 8",
        "types",
    ],
)
def test_messages_are_found_in_lines_of_any_shape(log: bytes) -> None:
    assert records(log)["message_id"].to_list() == records(TWO)["message_id"].to_list()
    assert rejects(log) == []


def test_lines_with_text_and_no_message_are_counted() -> None:
    log = b"started\n\n" + ORDER + b" \nwaiting\r\n" + REPORT + b"tail\nbye"
    assert others(log) == 3
    assert records(log)["line"].to_list() == [3, 5]


@pytest.mark.parametrize(
    "version", ["FIX.4.0", "FIX.4.1", "FIX.4.2", "FIX.4.3", "FIX.5.0SP2", "FIXT.1.1"]
)
def test_every_version_is_read(version: str) -> None:
    assert records(sent(1, "35=0|112=T", version=version))["begin_string"].to_list() == [version]


def test_a_data_field_may_hold_anything() -> None:
    data = b"a\x0110=000\x01b\n8=FIX.4.4\x019=5\x0134=99\x01|c"
    head = b"35=n\x0134=7\x0149=A\x0152=20260701-13:30:00\x0156=B\x01"
    log = sealed(head + b"95=%d\x0196=" % len(data) + data + b"\x0158=end\x01") + ORDER
    row = records(log).row(0, named=True)
    assert rejects(log) == []
    assert (row["seq"], row["sender"]) == (7, "A")
    assert row["fields"].endswith("96=" + data.decode() + "\x0158=end")


def test_a_data_field_holds_its_log_s_separator_as_far_as_its_length_says() -> None:
    message = fix("35=n|34=7|49=A|52=20260701-13:30:00|56=B|95=5|96=a\x02b\x02c|58=x\x02y")
    log = rewritten(message, b"|").replace(b"\x02", b"|")
    assert records(log)["fields"].to_list() == [
        "35=n\x0134=7\x0149=A\x0152=20260701-13:30:00\x0156=B\x0195=5\x0196=a|b|c\x0158=x|y"
    ]


def test_a_length_that_does_not_fit_leaves_the_separator_to_decide() -> None:
    log = rewritten(sent(1, "35=n|95=50|96=short|95=x|58=hi there"), b"^A")
    assert records(log)["fields"].to_list()[0].endswith("95=50\x0196=short\x0195=x\x0158=hi there")


def test_text_may_hold_what_a_log_writes_for_the_separator_but_other_fields_may_not() -> None:
    text = rewritten(sent(1, "35=j|58=a\x02b|45=1"), b"|").replace(b"\x02", b"|")
    assert records(text)["fields"].to_list()[0].endswith("58=a|b\x0145=1")
    symbol = rewritten(sent(1, "35=j|55=a\x02b|45=1"), b"|").replace(b"\x02", b"|")
    assert [reject.reason for reject in rejects(symbol)] == [Reason.NOT_A_FIELD]


def test_a_message_mentioned_in_a_sound_one_is_no_message() -> None:
    log = sent(1, "35=3|58=refused 8=FIX.4.2;9=5;35=D;10=001; today")
    assert records(log).height == 1
    assert rejects(log) == []


def test_text_that_is_not_utf_8_is_kept_byte_by_byte() -> None:
    log = fix("35=B|34=1|49=A|52=20260701-13:30:00|56=B|58=@").replace(b"@", b"\xe9")
    body = log[log.index(b"35=") : log.index(b"10=")]
    assert records(sealed(body))["fields"].to_list()[0].endswith("58=\xe9")


def damaged(data: bytes) -> tuple[Reason, int, int]:
    (reject,) = rejects(b"up\n" + data + REPORT)
    assert reject.line == 2
    assert records(b"up\n" + data + REPORT)["seq"].to_list() == [3]
    return reject.reason, reject.start - 3, reject.end - 3


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (ORDER.replace(b"DELL", b"DELX"), Reason.CHECKSUM),
        (ORDER.replace(b"DELL", b"DEL"), Reason.BODY_LENGTH),
        (ORDER.replace(b"\x019=1", b"\x019=9"), Reason.BODY_LENGTH),
        (ORDER[:-8], Reason.TRUNCATED),
        (ORDER[:40], Reason.TRUNCATED),
        (rewritten(ORDER, b"|")[:-5], Reason.TRUNCATED),
        (rewritten(ORDER, b"^A")[:60], Reason.TRUNCATED),
        (ORDER.replace(b"\x019=", b"\x01x="), Reason.MALFORMED),
        (b"8=FIX.4", Reason.MALFORMED),
        (fix("35=D|x5=DELL|52=20260701-13:30:00"), Reason.NOT_A_FIELD),
        (fix("35=D||52=20260701-13:30:00"), Reason.NOT_A_FIELD),
        (b"8=FIX.4.4\x019=0\x0110=029\x01", Reason.CHECKSUM),
        (fix("34=1|52=20260701-13:30:00"), Reason.MISSING),
        (fix("35=D|34=1"), Reason.MISSING),
        (fix("35=D|34=x|52=20260701-13:30:00"), Reason.NOT_AN_INTEGER),
        (fix("35=D|34=1|43=?|52=20260701-13:30:00"), Reason.NOT_A_FLAG),
        (fix("35=D|34=1|52=20260701-13:30:60"), Reason.NOT_AN_INSTANT),
        (fix("35=D|34=1|52=20260701-13:30:00.1234567890"), Reason.NOT_AN_INSTANT),
    ],
)
def test_a_damaged_message_is_one_reject_and_costs_the_next_nothing(
    data: bytes, reason: Reason
) -> None:
    assert damaged(data) == (reason, 0, len(data))


def test_a_message_that_leads_into_the_next_is_cut_short_there() -> None:
    """BodyLength and CheckSum of the whole hold, but another message begins inside."""
    whole = sealed(b"35=D\x0134=1\x0155=DEL" + ORDER[: -len(b"10=000\x01")])
    inside = whole.index(b"8=FIX", 1)
    assert [(each.reason, each.start, each.end) for each in rejects(whole)] == [
        (Reason.TRUNCATED, 0, inside),
        (Reason.CHECKSUM, inside, len(whole)),
    ]


def test_data_that_does_not_have_its_length_hides_no_message() -> None:
    whole = sealed(b"35=n\x0195=999\x0196=" + ORDER) + REPORT
    assert [each.reason for each in rejects(whole)] == [Reason.TRUNCATED]
    assert records(whole)["seq"].to_list() == [2, 3]


def test_dates_outside_the_calendar_are_refused() -> None:
    (reject,) = rejects(ORDER, Bounds(0, 10**18))
    assert (reject.reason, reject.column) == (Reason.OUTSIDE_CALENDAR, "sent_at")


def test_the_sending_time_is_explained_in_the_words_of_fix() -> None:
    (reject,) = rejects(fix("35=0|34=1|52=20260701 13:30"))
    assert reject.detail == (
        "SendingTime 52 '20260701 13:30' is not YYYYMMDD-HH:MM:SS in UTC with at most nine decimals"
    )


def test_a_piece_of_a_message_is_refused_and_not_counted_as_text() -> None:
    tail = ORDER[30:]
    log = b"hello\n" + tail + b"\r\n" + REPORT + b"\n" + b"time " + ORDER.replace(b"8=F", b"8=X")
    found = rejects(log)
    assert [(each.reason, each.line) for each in found] == [
        (Reason.TRUNCATED, 2),
        (Reason.TRUNCATED, 4),
    ]
    assert log[found[0].start : found[0].end] == tail
    assert others(log) == 1


def test_what_follows_a_checksum_begins_a_message_and_58_does_not() -> None:
    """`10=123` and `8=FIX` may touch; a CheckSum that lost a digit does not take the next one's."""
    (reject,) = rejects(ORDER[:-1] + b"8=FIX and no more")
    assert (reject.reason, reject.start) == (Reason.MALFORMED, len(ORDER) - 1)
    cut_short = ORDER[:-2] + REPORT
    assert [each.reason for each in rejects(cut_short)] == [Reason.TRUNCATED]
    assert records(cut_short)["seq"].to_list() == [3]
    assert others(b"58=FIX") == 1


def test_a_message_has_a_greatest_size() -> None:
    log = b"8=FIX.4.4\x019=3000000\x0135=D\x01" + b"x" * (MESSAGE_BYTES + 10) + b"\n" + ORDER
    assert [each.reason for each in rejects(log)] == [Reason.TOO_LONG]
    assert records(log)["seq"].to_list() == [2]
    wide = sent(9, "35=B|58=" + "x" * (MESSAGE_BYTES + 1))
    assert rejects(wide + ORDER)[0].reason == Reason.TOO_LONG


def test_the_order_of_repeats_and_resends_is_told_by_the_identifier() -> None:
    body = "11=A1|55=DELL|54=1"
    first = fix(f"35=D|34=5|49=A|52=20260701-13:30:00|56=B|{body}")
    again = fix(f"35=D|34=5|43=Y|49=A|52=20260701-13:31:07|56=B|97=N|122=20260701-13:30:00|{body}")
    unsaid = fix(f"35=D|34=5|43=Y|49=A|52=20260701-13:30:00|56=B|{body}")
    resent = fix(f"35=D|34=6|49=A|52=20260701-13:31:07|56=B|97=Y|{body}")
    other = fix(f"35=D|34=5|49=A|52=20260701-13:30:00|56=B|{body}1")
    frame = records(first + again + unsaid + resent + other)
    one, two, three, four, five = frame["message_id"].to_list()
    assert one == two == three
    assert len({one, four, five}) == 3
    assert frame["possible_duplicate"].to_list() == [None, True, True, None, None]
    assert frame["possible_resend"].to_list() == [None, False, None, True, None]


def test_of_two_fields_with_one_tag_the_first_counts() -> None:
    plain = fix("35=D|34=5|34=6|49=A|49=C|52=20260701-13:30:00|56=B")
    data = fix("35=D|34=5|34=6|49=A|49=C|52=20260701-13:30:00|56=B|95=1|96=x")
    assert records(plain)["seq"].to_list() == [5]
    assert records(data)["seq"].to_list() == [5]
    assert records(data)["sender"].to_list() == ["A"]


def test_a_log_longer_than_a_block_is_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [b"12:00 " + sent(n, f"35=0|112={n}") + b"\nidle\n" for n in range(1, 60)]
    lines.insert(30, b"7" * 500 + b"\n")
    log = b"".join(lines)
    whole = records(log)
    monkeypatch.setattr(cut, "BLOCK_BYTES", 64)
    monkeypatch.setattr(cut, "_MARGIN", 200)
    assert len(batches(log)) > 50
    assert records(log).equals(whole)
    assert others(log) == 60
    assert sorted({*spans(log)}, key=lambda span: span.start) == spans(log)


def test_an_empty_file_holds_nothing() -> None:
    assert batches(b"") == []
    assert spans(b"") == []
    (batch,) = batches(b"\n")
    assert (batch.records.height, batch.rejects, batch.others) == (0, (), 0)
    assert spans(b"x") == [(What.BETWEEN, 0, 1)]
    assert spans(ORDER) == [(What.MESSAGE, 0, len(ORDER))]


def test_a_mapped_file_is_read_as_its_bytes_are() -> None:
    assert records(memoryview(ORDER)).equals(records(ORDER))


def test_a_log_that_was_changed_is_read_as_it_is_where_nobody_asks_for_sums() -> None:
    changed = TWO.replace(b"DELL", b"SOLD").replace(b"10.04", b"10.0400")
    found = [
        message for batch in read_fix(changed, BOUNDS, verify=False) for message in batch.rejects
    ]

    assert [reject.reason for reject in rejects(changed)] == [Reason.CHECKSUM, Reason.BODY_LENGTH]
    assert found == []
    fields = pl.concat(batch.records for batch in read_fix(changed, BOUNDS, verify=False))["fields"]
    assert ["55=SOLD" in fields[0], "31=10.0400" in fields[1]] == [True, True]
