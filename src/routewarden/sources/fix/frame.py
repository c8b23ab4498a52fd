"""Where a FIX message begins and ends among other bytes, and whether it is sound.

A message begins at `8=FIX` and ends with its CheckSum field, 10. Where fields are parted by raw
SOH, BodyLength and CheckSum must hold. A log that wrote something else for SOH has broken both;
there BodyLength is only a hint at where 10 stands. What is damaged ends, at the latest, where the
next message begins: it costs itself, and nothing after it.

Source: FIX session layer, standard header and trailer.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from routewarden.sources.fix.fields import SOH, Fields, fields_of
from routewarden.sources.reject import Reason

MESSAGE_BYTES = 1 << 20

MARKS = (
    *(SOH, b"|", b";", b"^A", b"^", b"~", b"<SOH>", b"\\x01", b"\\u0001"),
    *(b" | ", b"[SOH]", b"\\001", "\u2401".encode()),
)
"""What stands between fields: SOH, or what a log writes for it."""

_BEGIN = b"8=FIX"
_VERSION = rb"FIXT?\.[0-9]\.[0-9](?:SP[0-9])?"
_MARK = rb"(?:" + b"|".join(map(re.escape, MARKS)) + rb")"
_HEADER = re.compile(rb"8=(" + _VERSION + rb")(" + _MARK + rb")9=([0-9]{1,9})\2")
_OPENING = re.compile(rb"8=" + _VERSION + _MARK + rb"9=")
_CHECKSUM = rb"10=([0-9]{3})(?:(?![0-9]|=FIX)|(?=8=FIX))"
_TRAILER = re.compile(_CHECKSUM)
_ENDS = {mark: re.compile(re.escape(mark) + _CHECKSUM) for mark in MARKS}
_ANY_END = re.compile(_MARK + _CHECKSUM + _MARK + rb"?")
_PIECE = re.compile(_MARK + rb"(?:35=[0-9A-Za-z]{1,3}" + _MARK + rb"[0-9]+=|" + _CHECKSUM + rb")")
_AFTER_END = re.compile(rb"10=[0-9]{3}$")
_AFTER_END_BYTES = 6


class Flaw(NamedTuple):
    """Why some bytes are no message."""

    reason: Reason
    detail: str


class Framed(NamedTuple):
    """What begins at a byte: where it ends, and its fields but 8, 9 and 10 or its flaw."""

    end: int
    begin_string: bytes
    found: Fields | Flaw


HEADLESS = Flaw(Reason.TRUNCATED, "a piece of a message without its beginning, 8")
_NO_HEADER = Flaw(
    Reason.MALFORMED, "begins as a message does, but BeginString 8 and BodyLength 9 do not follow"
)
_UNENDED = Flaw(Reason.TRUNCATED, "the message does not reach its CheckSum, 10")
_TOO_LONG = Flaw(Reason.TOO_LONG, f"the message is over {MESSAGE_BYTES:,} bytes")
_NOT_FIELDS = Flaw(Reason.NOT_A_FIELD, "what stands between two separators is not tag=value")


def running_sums(text: bytes) -> bytes:
    """Return, for each byte, the sum of all up to it modulo 256: CheckSum is a difference."""
    return np.cumsum(np.frombuffer(text, np.uint8), dtype=np.uint8).tobytes()


def next_beginning(text: bytes, at: int, limit: int) -> int:
    """Return where the next message begins, `limit` if none does before it.

    `58=FIX` is a field, unless a whole header says that the digit before belongs to what was cut.
    """
    while True:
        start = text.find(_BEGIN, at, limit + len(_BEGIN) - 1)
        if start < 0:
            return limit
        if not text[start - 1 : start].isdigit() or _OPENING.match(text, start):
            return start
        if _AFTER_END.search(text, max(0, start - _AFTER_END_BYTES), start):
            return start
        at = start + 1


def has_piece(text: bytes) -> bool:
    """Return whether bytes between messages hold a piece of one that lost its beginning."""
    return _PIECE.search(text) is not None


def message_at(text: bytes, start: int, sums: bytes | None) -> Framed:
    """Return the message, or the damaged one, that begins at a byte of some text.

    `sums` are the text's running sums; without them a message's own sums are not asked about.
    """
    header = _HEADER.match(text, start)
    if header is None:
        return _damaged(text, start, _NO_HEADER)
    mark, body = header[2], header.end()
    end = body + int(header[3])
    trailer = _TRAILER.match(text, end) if text.endswith(mark, body - len(mark), end) else None
    if trailer is None or end - start > MESSAGE_BYTES:
        return _unframed(text, start, header, is_verified=sums is not None)
    fields = fields_of(text[body - len(mark) : end - len(mark)], mark)
    if text.find(_BEGIN, body, end) >= 0 and _holds_header(fields):
        return _damaged(text, start, _UNENDED)
    if mark == SOH and sums is not None:
        total = (sums[end - 1] - (sums[start - 1] if start else 0)) % 256
        if total != int(trailer[1]):
            detail = f"CheckSum 10 is {trailer[1].decode()}, the bytes give {total:03d}"
            return _damaged(text, start, Flaw(Reason.CHECKSUM, detail))
    return Framed(_past(text, trailer.end(), mark), header[1], fields or _NOT_FIELDS)


def _holds_header(fields: Fields | None) -> bool:
    """Return whether another message's BodyLength stands in a body, outside any data field."""
    if isinstance(fields, bytes):
        return SOH + b"9=" in fields
    return fields is None or any(field.startswith(b"9=") for field in fields)


def _unframed(text: bytes, start: int, header: re.Match[bytes], *, is_verified: bool) -> Framed:
    """Return a message whose BodyLength does not lead to its CheckSum."""
    mark, body = header[2], header.end()
    stop = next_beginning(text, body, min(len(text), start + MESSAGE_BYTES))
    end = _ENDS[mark].search(text, body - len(mark), stop)
    if end is None:
        return _damaged(text, start, _TOO_LONG if stop - start == MESSAGE_BYTES else _UNENDED)
    if mark == SOH and is_verified:
        length = end.start() + len(mark) - body
        detail = f"BodyLength 9 is {header[3].decode()}, the body has {length} bytes"
        return _damaged(text, start, Flaw(Reason.BODY_LENGTH, detail))
    fields = fields_of(text[body - len(mark) : end.start()], mark)
    return Framed(_past(text, end.end(), mark), header[1], fields or _NOT_FIELDS)


def _damaged(text: bytes, start: int, flaw: Flaw) -> Framed:
    """Return a reject that ends at its own CheckSum, the line's end or the next message."""
    stop = next_beginning(text, start + len(_BEGIN), min(len(text), start + MESSAGE_BYTES))
    ending = _ANY_END.search(text, start, stop)
    if ending is not None:
        return Framed(ending.end(), b"", flaw)
    newline = text.find(b"\n", start, stop)
    return Framed(stop if newline < 0 else newline, b"", flaw)


def _past(text: bytes, end: int, mark: bytes) -> int:
    """Return where a message ends: after the separator that follows its CheckSum, if one does."""
    return end + len(mark) if text.startswith(mark, end) else end
