"""A FIX log's messages, as typed records and rejects.

    messages seen = records + rejects

Session messages are messages too. A record keeps every field but 8, 9 and 10, in order, and is
known by what it says: where it stands in which session, when it was first sent, and its body. So a
message logged twice, sent again as a possible duplicate, or written with another separator is one;
a possible resend has a number of its own and is another.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
import polars as pl

from routewarden.base.schema import TABLES, Kind
from routewarden.native.library import bytes_of
from routewarden.sources.csv_text import Buffer
from routewarden.sources.fix.cut import Cut, Damaged, Message, cut_log
from routewarden.sources.fix.fields import pairs
from routewarden.sources.reject import Reason, Reject
from routewarden.sources.table import Batch, no_records
from routewarden.sources.typed import Bounds, conform

_TABLE = TABLES[Kind.FIX]
_HEAD = re.compile("\x01(34|35|43|49|52|56|97|122)=([^\x01]*)")
_HEAD_TAGS = frozenset({"34", "35", "43", "49", "52", "56", "97", "122"})
_OF_SENDING = ("34", "43", "52", "97", "122")
_COLUMNS = (
    *("message_id", "sent_at", "msg_type", "begin_string", "sender", "target", "seq"),
    *("possible_duplicate", "possible_resend", "fields"),
)
_TIME = r"^([0-9]{4})([0-9]{2})([0-9]{2})-([0-9:]{8}(?:\.[0-9]{1,9})?)$"
_FLAGS = {"Y": "true", "N": "false"}


def read_fix(data: Buffer, bounds: Bounds, *, verify: bool = True) -> Iterator[Batch]:
    """Yield the messages of a FIX log, in whatever line shape, and what is refused of it.

    A log that somebody changed after it was written, to take names out, can be read without asking
    whether BodyLength and CheckSum are right (`verify`).
    """
    line = 1
    for cut in cut_log(data, bounds, verify=verify):
        records, rejects = _usual(cut, line), list[Reject]()
        cut.usual.leave()
        if cut.messages or cut.damaged:
            breaks = np.flatnonzero(bytes_of(data[cut.begin : cut.position]) == ord("\n"))
            unusual, rejects = _records(cut, _lines(cut.messages, cut, breaks, line), bounds)
            records = pl.concat([records, unusual]).sort("start")
            rejects += _refused(cut, _lines(cut.damaged, cut, breaks, line))
            rejects.sort(key=lambda reject: reject.start)
        yield Batch(records, tuple(rejects), cut.position, cut.others)
        line += cut.breaks


def fix_instant(text: pl.Expr) -> pl.Expr:
    """Return FIX timestamps as RFC 3339 text; what is none stays as it is."""
    return text.str.replace(_TIME, "${1}-${2}-${3}T${4}Z")


def _lines(
    found: Iterable[Message | Damaged], cut: Cut, breaks: np.ndarray, line: int
) -> np.ndarray:
    starts = np.array([each.start for each in found], dtype=np.int64) - cut.begin
    return np.searchsorted(breaks, starts) + line


def _usual(cut: Cut, line: int) -> pl.DataFrame:
    return cut.usual.frame().with_columns(
        pl.col("line") + line, pl.col("start", "end") + cut.offset
    )


def _refused(cut: Cut, lines: np.ndarray) -> Iterator[Reject]:
    for each, line in zip(cut.damaged, lines.tolist(), strict=True):
        yield Reject(line, each.flaw.reason, each.flaw.detail, start=each.start, end=each.end)


def _records(cut: Cut, lines: np.ndarray, bounds: Bounds) -> tuple[pl.DataFrame, list[Reject]]:
    if not cut.messages:
        return no_records(_TABLE), []
    columns = zip(*map(_row, cut.messages), strict=True)
    text = pl.DataFrame(dict(zip(_COLUMNS, columns, strict=True)), schema=_TEXT).with_columns(
        fix_instant(pl.col("sent_at")),
        pl.col("possible_duplicate", "possible_resend").replace(_FLAGS),
        line=pl.Series(lines, dtype=pl.Int64),
        start=pl.Series([each.start for each in cut.messages], dtype=pl.Int64),
        end=pl.Series([each.end for each in cut.messages], dtype=pl.Int64),
    )
    records, rejects = conform(_TABLE, text, bounds)
    return records, list(map(_in_words_of_fix, rejects))


_TEXT = dict.fromkeys(_COLUMNS, pl.String())


_Said = tuple[str, dict[str, str], str]
"""A message's fields as text, its header's values by tag, and what it says beyond its sending."""


def _row(message: Message) -> tuple[str | None, ...]:
    """Return a message's columns as text."""
    fields = message.fields
    text, head, body = _in_a_run(fields) if isinstance(fields, bytes) else _one_by_one(fields)
    get = head.get
    sent, sender, target, number = get("52", ""), get("49", ""), get("56", ""), get("34", "")
    first_sent = get("122", sent) if get("43") == "Y" else sent
    known_by = f"{sender}\x01{target}\x01{number}\x01{first_sent}\x01{body}"
    return (
        hashlib.sha256(known_by.encode()).hexdigest(),
        *(sent or None, get("35") or None, message.begin_string.decode()),
        *(sender or None, target or None, number or None),
        *(get("43") or None, get("97") or None, text),
    )


def _in_a_run(fields: bytes) -> _Said:
    text = _text(fields)
    head = dict(_HEAD.findall(text)[::-1])  # of two with one tag, the first counts
    body = text
    for tag in _OF_SENDING:
        if tag in head:
            body = body.replace(f"\x01{tag}={head[tag]}", "", 1)
    return text[1:], head, body[1:]


def _one_by_one(fields: tuple[bytes, ...]) -> _Said:
    text = _text(b"\x01".join(fields))
    head, body = dict[str, str](), list[str]()
    for tag, value in pairs(text):
        is_first = tag in _HEAD_TAGS and head.setdefault(tag, value) is value
        if not (is_first and tag in _OF_SENDING):
            body.append(f"{tag}={value}")
    return text, head, "\x01".join(body)


def _text(value: bytes) -> str:
    """Return bytes as text, each byte as a character where they are not UTF-8."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _in_words_of_fix(reject: Reject) -> Reject:
    """Say what a sending time should be, in FIX's own form."""
    if reject.reason is not Reason.NOT_AN_INSTANT:
        return reject
    shown = reject.detail.partition(" is not ")[0].removeprefix("sent_at ")
    detail = f"SendingTime 52 {shown} is not YYYYMMDD-HH:MM:SS in UTC with at most nine decimals"
    return replace(reject, detail=detail)
