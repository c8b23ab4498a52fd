"""A FIX log cut into messages, rejects and what lies between: every byte in exactly one of them.

A log is read some MiB at a time; a message that crosses from one block into the next belongs to the
block it begins in. A line between messages that holds a piece of one is a reject as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import NamedTuple

from routewarden.sources.csv_text import Buffer
from routewarden.sources.fix.fields import Fields
from routewarden.sources.fix.frame import (
    HEADLESS,
    MESSAGE_BYTES,
    Flaw,
    has_piece,
    message_at,
    next_beginning,
    running_sums,
)

BLOCK_BYTES = 4 << 20
_LEAD = 8  # bytes before a block, by which its first beginning is judged
_MARGIN = MESSAGE_BYTES + 64


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
    """A message's place in the log, its BeginString, and its fields but 8, 9 and 10."""

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
    """The messages and the damaged ones of a stretch of a log, in order, and its bytes.

    The stretch begins at byte `begin` and ends at byte `position`. `others` counts lines that end
    in it and hold text and no message; blank lines are framing.
    """

    messages: list[Message]
    damaged: list[Damaged]
    begin: int
    position: int
    others: int


def spans(data: Buffer) -> Iterator[Span]:
    """Yield what each byte of a log is: the spans follow one another and leave none out."""
    at = 0
    for cut in cut_log(data):
        found = [Span(What.MESSAGE, each.start, each.end) for each in cut.messages]
        found += [Span(What.REJECT, each.start, each.end) for each in cut.damaged]
        for span in sorted(found, key=lambda span: span.start):
            if at < span.start:
                yield Span(What.BETWEEN, at, span.start)
            yield span
            at = span.end
    if at < len(data):
        yield Span(What.BETWEEN, at, len(data))


def cut_log(data: Buffer, *, verify: bool = True) -> Iterator[Cut]:
    """Yield a log's messages and what is damaged, a block at a time.

    Where the separator is SOH, `verify` asks that BodyLength and CheckSum be right.
    """
    position, line = 0, _Line()
    while position < len(data):
        lead = min(position, _LEAD)
        end = position + BLOCK_BYTES + _MARGIN
        block = _Block(bytes(data[position - lead : end]), position - lead, line, verify)
        reached = block.cut(lead, lead + BLOCK_BYTES if end < len(data) else len(block.text))
        begin, position = position, block.offset + reached
        others = line.counted(is_last=position == len(data))
        yield Cut(block.messages, block.damaged, begin, position, others)


class _Holds(Enum):
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
    """Some of a log's bytes, from `offset` on, and what is found in them."""

    text: bytes
    offset: int
    line: _Line
    verify: bool
    messages: list[Message] = field(default_factory=list)
    damaged: list[Damaged] = field(default_factory=list)

    def cut(self, at: int, limit: int) -> int:
        """Cut all that begins before `limit`; return where the last of it ends."""
        text, offset, line = self.text, self.offset, self.line
        sums = running_sums(text) if self.verify else None
        while at < limit:
            start = next_beginning(text, at, limit)
            is_end = start == limit
            if is_end and limit < len(text):  # a line that goes on is the next block's
                start = text.rfind(b"\n", at, limit) + 1 or limit
            if text[at:start] == b"\n":  # what stands between most messages
                line.end()
            elif at < start:
                self._between(at, start)
            if is_end:
                return start
            at, begin_string, found = message_at(text, start, sums)
            if isinstance(found, Flaw):
                self.damaged.append(Damaged(start + offset, at + offset, found))
            else:
                self.messages.append(Message(start + offset, at + offset, begin_string, found))
            line.holds = _Holds.MESSAGE
        return at

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
