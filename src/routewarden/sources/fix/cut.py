"""A FIX log cut into messages, rejects and what lies between: every byte in exactly one of them.

A log is read some MiB at a time; a message that crosses from one block into the next belongs to the
block it begins in. A line between messages that holds a piece of one is a reject as well. Sound
messages in their usual form are found by a compiled scan; wherever that stops, what comes next is
read here, and so is judged in one place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import NamedTuple

from routewarden.native.fix import FixScan, Usual
from routewarden.sources.csv_text import Buffer
from routewarden.sources.fix.fields import DATA_OF_LENGTH, Fields
from routewarden.sources.fix.frame import (
    HEADLESS,
    MESSAGE_BYTES,
    Flaw,
    has_piece,
    message_at,
    next_beginning,
    running_sums,
)
from routewarden.sources.typed import Bounds

BLOCK_BYTES = 4 << 20
_LEAD = 8  # bytes before a block, by which its first beginning is judged
_MARGIN = MESSAGE_BYTES + 64
_BODY_LENGTH = 9
_RARE = frozenset({_BODY_LENGTH, *map(int, DATA_OF_LENGTH)})


class What(StrEnum):
    """What some bytes of a log are."""

    MESSAGE = "message"
    REJECT = "reject"
    BETWEEN = "between"


class Span(NamedTuple):
    """Bytes from `start` to `end` (excluded)."""

    what: What
    start: int
    end: int


class Message(NamedTuple):
    """An unusual message's place in the log, its BeginString, its fields but 8, 9 and 10."""

    start: int
    end: int
    begin_string: bytes
    fields: Fields


class Damaged(NamedTuple):
    """The place of what is no sound message, and why."""

    start: int
    end: int
    flaw: Flaw


@dataclass(frozen=True, slots=True)
class Cut:
    """The usual messages, the others and the damaged ones of a stretch of a log, each in order.

    The stretch begins at byte `begin` and ends at byte `position`, `breaks` line breaks later;
    places in `usual` count from byte `offset`. `others` counts lines that end in it and hold text
    and no message; blank lines are framing.
    """

    usual: FixScan
    offset: int
    messages: list[Message]
    damaged: list[Damaged]
    begin: int
    position: int
    breaks: int
    others: int

    def places(self) -> list[tuple[int, int]]:
        """Return where each message begins and ends, in order."""
        usual = zip(*((self.usual.places() + self.offset).tolist()), strict=True)
        return sorted([*usual, *((each.start, each.end) for each in self.messages)])


def spans(data: Buffer, bounds: Bounds) -> Iterator[Span]:
    """Yield what each byte of a log is: the spans follow one another and leave none out."""
    at = 0
    for cut in cut_log(data, bounds):
        found = [Span(What.MESSAGE, *place) for place in cut.places()]
        found += [Span(What.REJECT, each.start, each.end) for each in cut.damaged]
        for span in sorted(found, key=lambda span: span.start):
            if at < span.start:
                yield Span(What.BETWEEN, at, span.start)
            yield span
            at = span.end
    if at < len(data):
        yield Span(What.BETWEEN, at, len(data))


def cut_log(data: Buffer, bounds: Bounds, *, verify: bool = True) -> Iterator[Cut]:
    """Yield a log's messages and what is damaged, a block at a time.

    Where the separator is SOH, `verify` asks that BodyLength and CheckSum be right. A message sent
    outside the bounds is unusual.
    """
    usual = Usual(MESSAGE_BYTES, _RARE, bounds.first, bounds.end, verify)
    position, line = 0, _Line()
    while position < len(data):
        lead = min(position, _LEAD)
        end = position + BLOCK_BYTES + _MARGIN
        size, offset = min(end, len(data)) - position + lead, position - lead
        scan = FixScan(memoryview(data)[offset : offset + size], usual, lead)
        block = _Block(size, offset, line, verify, scan)
        reached = block.cut(lead, lead + BLOCK_BYTES if end < len(data) else size)
        begin, position = position, offset + reached
        yield Cut(
            *(block.scan, offset, block.messages, block.damaged, begin, position),
            *(block.scan.breaks(reached), line.counted(is_last=position == len(data))),
        )


class _Holds(IntEnum):
    """What a line holds as far as it is read."""

    NOTHING = 0
    TEXT = 1
    MESSAGE = 2


@dataclass(slots=True)
class _Line:
    """The line being read, and how many before it hold text and no message."""

    holds: _Holds = _Holds.NOTHING
    others: int = 0

    def read_between(self, text: bytes) -> None:
        for number, piece in enumerate(text.split(b"\n")):
            if number:
                self.end()
            if self.holds is _Holds.NOTHING and piece and not piece.isspace():
                self.holds = _Holds.TEXT

    def counted(self, *, is_last: bool) -> int:
        """Return the count and begin a new one."""
        if is_last:
            self.end()
        counted, self.others = self.others, 0
        return counted

    def end(self) -> None:
        """End the line."""
        self.others += self.holds is _Holds.TEXT
        self.holds = _Holds.NOTHING


@dataclass(slots=True)
class _Block:
    """So many of a log's bytes, from `offset` on, and what is found in them."""

    size: int
    offset: int
    line: _Line
    verify: bool
    scan: FixScan
    messages: list[Message] = field(default_factory=list)
    damaged: list[Damaged] = field(default_factory=list)
    copy: bytes | None = None
    sums: bytes | None = None

    @property
    def text(self) -> bytes:
        """The bytes as a copy, made when it is first asked for: the scan alone needs none."""
        if self.copy is None:
            self.copy = self.scan.text()
        return self.copy

    def cut(self, at: int, limit: int) -> int:
        """Cut all that begins before `limit`; return where the last of it ends."""
        offset, line = self.offset, self.line
        while (at := self._usual(at, limit)) < limit:
            text = self.text
            start = next_beginning(text, at, limit)
            is_end = start == limit
            if is_end and limit < self.size:  # a line that goes on is the next block's
                start = text.rfind(b"\n", at, limit) + 1 or limit
            if text[at:start] == b"\n":  # what stands between most messages
                line.end()
            elif at < start:
                self._between(at, start)
            if is_end:
                return start
            at, begin_string, found = message_at(text, start, self._sums())
            if isinstance(found, Flaw):
                self.damaged.append(Damaged(start + offset, at + offset, found))
            else:
                self.messages.append(Message(start + offset, at + offset, begin_string, found))
            line.holds = _Holds.MESSAGE
        return at

    def _usual(self, at: int, limit: int) -> int:
        """Pass over usual messages; return where they end."""
        at, holds, others = self.scan.go(at, limit, self.line.holds)
        self.line.holds = _Holds(holds)
        self.line.others += others
        return at

    def _sums(self) -> bytes | None:
        """Return the text's running sums, if they are asked for."""
        if self.verify and self.sums is None:
            self.sums = running_sums(self.text)
        return self.sums

    def _between(self, start: int, end: int) -> None:
        """Count the lines between two messages, and refuse those that hold a piece of one."""
        between = self.text[start:end]
        if not has_piece(between):
            self.line.read_between(between)
            return
        for piece in between.splitlines(keepends=True):
            whole = piece.rstrip(b"\r\n")
            if has_piece(whole):
                place = start + self.offset
                self.damaged.append(Damaged(place, place + len(whole), HEADLESS))
                self.line.holds = _Holds.MESSAGE
                self.line.read_between(piece[len(whole) :])
            else:
                self.line.read_between(piece)
            start += len(piece)
