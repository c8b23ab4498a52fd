"""Sound FIX messages in their usual form, found, checked and typed: `fix.c`.

It judges no other: where anything is unusual it stops, for another reader to tell what that is.
"""

from __future__ import annotations

import ctypes
from collections import deque
from dataclasses import dataclass, field
from enum import IntEnum, auto

import numpy as np
import numpy.typing as npt
import polars as pl

from routewarden.native.library import Integer, Pointer, bytes_of, function, pointer
from routewarden.native.strings import strings

Integers = npt.NDArray[np.int64]

_SHORTEST = len("8=FIX.4.4|9=26|35=0|52=20260701-13:30:00|10=000")
_ID = 64
_SOH = 1


class _Column(IntEnum):
    """The columns of what is found, as in `fix.h`."""

    START = 0
    END = auto()
    LINE = auto()
    VERSION = auto()
    VERSION_END = auto()
    FIELDS = auto()
    FIELDS_END = auto()
    TYPE = auto()
    TYPE_END = auto()
    SENDER = auto()
    SENDER_END = auto()
    TARGET = auto()
    TARGET_END = auto()
    SENT_AT = auto()
    SEQ = auto()
    DUPLICATE = auto()
    RESEND = auto()
    MARK = auto()


class _Scan(ctypes.Structure):
    _fields_ = (
        ("text", Pointer),
        ("size", Integer),
        ("most", Integer),
        ("verify", Integer),
        ("first", Integer),
        ("past", Integer),
        ("rare", Pointer),
        ("rare_size", Integer),
        ("instructions", Integer),
        ("counted", Integer),
        ("line", Integer),
        ("holds", Integer),
        ("others", Integer),
        ("count", Integer),
        ("capacity", Integer),
        ("found", Pointer),
        ("ids", Pointer),
        ("room", Pointer),
    )


_scan = function("rw_fix_scan", Pointer, Integer, Integer)
_instructions = function("rw_sha256_instructions")
_sha256 = function("rw_sha256", Pointer, Integer, Integer, Pointer, gives=None)

_INSTRUCTIONS = _instructions()


def sha256(data: bytes, *, by_instructions: bool = bool(_INSTRUCTIONS)) -> str:
    """Return the digest of some bytes, by the processor's own instructions or without them."""
    digits = np.empty(_ID, np.uint8)
    kept = bytes_of(data) if data else np.empty(1, np.uint8)
    _sha256(pointer(kept), len(data), by_instructions, pointer(digits))
    return digits.tobytes().decode()


@dataclass(frozen=True, slots=True)
class Usual:
    """What a usual message is: SOH, if so asked, makes CheckSum count; `rare` tags make it unusual.

    `most` is the bytes of the longest message, `first` and `past` the instants (UTC ns) between
    which it is sent, the last excluded.
    """

    most: int
    rare: frozenset[int]
    first: int
    past: int
    verify: bool
    free: deque[_Room] = field(default_factory=deque, compare=False)

    def room(self, size: int) -> _Room:
        """Return memory for a text of some bytes, used before if there is any that is enough."""
        if self.free and (room := self.free.pop()).size >= size:
            return room
        return _Room(self, size)


class _Room:
    """Memory for what is found in a text of some bytes; fresh memory costs more than the scan."""

    def __init__(self, usual: Usual, size: int) -> None:
        self.size, self.capacity = size, size // _SHORTEST + 1
        self.text = np.empty(size, np.uint8)
        self.rare = np.zeros(max(usual.rare, default=0) + 1, np.uint8)
        self.rare[list(usual.rare)] = 1
        self.found = np.empty((len(_Column), self.capacity), np.int64)
        self.ids = np.empty(self.capacity * _ID, np.uint8)
        self.message = np.empty(2 * usual.most + 8, np.uint8)


class FixScan:
    """A scan of some text: what was found so far, and the line it is in."""

    def __init__(self, text: bytes | memoryview, usual: Usual, counted: int) -> None:
        """Begin with a line that nothing is known of, whose number is that of byte `counted`, 0."""
        self._usual, self._room = usual, (room := usual.room(len(text)))
        self._text, self._found, self._ids = room.text[: len(text)], room.found, room.ids
        self._text[:] = bytes_of(text)
        self._scan = _Scan(
            *(pointer(self._text), len(text), usual.most, usual.verify, usual.first, usual.past),
            *(pointer(room.rare), len(room.rare), _INSTRUCTIONS, counted, 0, 0, 0, 0),
            *(room.capacity, pointer(room.found), pointer(room.ids), pointer(room.message)),
        )

    def text(self) -> bytes:
        """Return the text."""
        return self._text.tobytes()

    def leave(self) -> None:
        """Leave the memory to the next scan; nothing is asked of this one any more."""
        self._usual.free.append(self._room)

    def go(self, at: int, limit: int, holds: int) -> tuple[int, int, int]:
        """Find messages from a byte on that begin before `limit`, in a line that holds something.

        Returns:
            Where it stopped, what the line there holds (0 nothing, 1 text, 2 a message), and how
            many lines ended meanwhile that held text and no message.
        """
        self._scan.holds, self._scan.others = holds, 0
        stopped = _scan(ctypes.addressof(self._scan), at, limit)
        return stopped, self._scan.holds, self._scan.others

    def __len__(self) -> int:
        return int(self._scan.count)

    def places(self) -> Integers:
        """Return where in the text the messages begin, and where they end."""
        return self._found[[_Column.START, _Column.END], : len(self)]

    def breaks(self, at: int) -> int:
        """Return how many line breaks stand between where counting began and byte `at`."""
        rest = self._text[self._scan.counted : at] == ord("\n")
        return int(self._scan.line) + int(np.count_nonzero(rest))

    def frame(self) -> pl.DataFrame:
        """Return the messages; `line` counts line breaks from where counting began.

        It shares no memory with the scan.
        """
        ids = np.arange(len(self) + 1, dtype=np.int64) * _ID
        return pl.DataFrame(
            {
                "message_id": strings(self._ids, ids[:-1], ids[1:], known=True),
                "sent_at": self._column(_Column.SENT_AT).copy(),
                "msg_type": self._texts(_Column.TYPE),
                "begin_string": self._texts(_Column.VERSION),
                "sender": self._texts(_Column.SENDER),
                "target": self._texts(_Column.TARGET),
                "seq": self._stated(_Column.SEQ),
                "possible_duplicate": self._stated(_Column.DUPLICATE).cast(pl.Boolean),
                "possible_resend": self._stated(_Column.RESEND).cast(pl.Boolean),
                "fields": self._fields(),
                "line": self._column(_Column.LINE).copy(),
                "start": self._column(_Column.START).copy(),
                "end": self._column(_Column.END).copy(),
            }
        )

    def _fields(self) -> pl.Series:
        fields, marks = self._texts(_Column.FIELDS), self._column(_Column.MARK)
        for mark in np.unique(marks[marks != _SOH]).tolist():
            with_soh = fields.str.replace_all(chr(mark), chr(_SOH), literal=True)
            fields = with_soh.zip_with(pl.Series(marks == mark), fields)
        return fields

    def _texts(self, column: _Column) -> pl.Series:
        start, end = self._column(column), self._column(_Column(column + 1))
        return strings(self._text, start, end, known=True)  # no other byte than ASCII is usual

    def _stated(self, column: _Column) -> pl.Series:
        values = self._column(column).copy()
        return pl.Series(values).set(pl.Series(values < 0), None)

    def _column(self, column: _Column) -> Integers:
        return self._found[column, : len(self)]
