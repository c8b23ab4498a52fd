"""Delimited text cut into records and cells, as far as it is plainly well formed.

Whatever is not, the caller reads in its own way, one record at a time; the scan goes on after it.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from routewarden.native.cells import Cells
from routewarden.native.library import Integer, Pointer, bytes_of, function, pointer
from routewarden.native.strings import Offsets


@dataclass(frozen=True, slots=True)
class Grammar:
    """The delimiter, the quotation mark if any, cells to a record and bytes a record may have."""

    delimiter: str
    quote: str | None
    width: int
    longest: int


class _Csv(ctypes.Structure):
    _fields_ = (
        ("text", Pointer),
        *((name, Integer) for name in ("size", "limit", "last", "plain", "delimiter", "quote")),
        *((name, Integer) for name in ("width", "longest", "room", "at", "line", "rows")),
        *((name, Pointer) for name in ("from_", "to", "lines", "starts", "ends")),
    )


_csv = function("rw_csv", Pointer)
_ASCII = 128


class Scan:
    """The scan of a stretch of text: its cells found so far, and the place it has come to.

    Its memory serves one stretch after another, since fresh memory costs more than the scan. No
    more than `room` rows are found.
    """

    def __init__(self, grammar: Grammar, room: int) -> None:
        self._text = np.empty(0, np.uint8)
        self._from, self._to = (np.empty((grammar.width, room), np.int64) for _ in range(2))
        self._places = np.empty((3, room), np.int64)
        self._more = bytearray()  # what cells hold that do not stand in the stretch
        self._csv = _Csv(
            delimiter=ord(grammar.delimiter),
            quote=-1 if grammar.quote is None else ord(grammar.quote),
            width=grammar.width,
            longest=grammar.longest,
            room=room,
            from_=pointer(self._from),
            to=pointer(self._to),
            **dict(zip(("lines", "starts", "ends"), map(pointer, self._places), strict=True)),
        )

    def begin(self, text: bytes | memoryview, *, line: int, last: bool) -> None:
        """Turn to a stretch; `line` is its first line's number, `last` that the file ends there."""
        csv, size = self._csv, len(text)
        if len(self._text) <= size:
            self._text = np.empty(size + 1, np.uint8)
        self._text[:size], self._text[size] = bytes_of(text), 0
        self._more.clear()
        csv.text, csv.size, csv.last = pointer(self._text), size, last
        csv.plain = int(self._text[: size + 1].max()) < _ASCII
        csv.at, csv.line, csv.rows = 0, line, 0

    @property
    def at(self) -> int:
        """The position after what was read."""
        return int(self._csv.at)

    @property
    def line(self) -> int:
        """The number of the line there."""
        return int(self._csv.line)

    def stops(self, limit: int) -> bool:
        """Read on; return whether it came to a record that is not plainly well formed.

        Else it came to the first record at or past the limit, or the room is full.
        """
        self._csv.limit = min(limit, self._csv.size)
        return bool(_csv(ctypes.addressof(self._csv)))

    def passes(self, size: int, lines: int) -> None:
        """Pass over the record it came to, of some bytes and line ends."""
        self._csv.at += size
        self._csv.line += lines

    def takes(self, cells: Sequence[str], size: int) -> None:
        """Take the record it came to as these cells; it is still to be passed."""
        row = self._csv.rows
        for column, cell in enumerate(text.encode() for text in cells):
            begin = len(self._text) + len(self._more)
            self._from[column, row] = begin if cell else -1
            self._to[column, row] = begin + len(cell)
            self._more += cell
        self._places[:, row] = self.line, self.at, self.at + size
        self._csv.rows += 1

    def columns(self) -> list[Cells]:
        """Return the columns of cells; they share the memory of the scan."""
        text = self._text
        if self._more:
            text = np.concatenate((text, bytes_of(bytes(self._more))))
        rows = self._csv.rows
        cells = zip(self._from, self._to, strict=True)
        return [Cells(text, start[:rows], end[:rows]) for start, end in cells]

    def places(self) -> Offsets:
        """Return three rows: of each record the line, the start and the end."""
        return self._places[:, : self._csv.rows].copy()
