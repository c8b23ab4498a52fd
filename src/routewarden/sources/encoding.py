"""How a file writes letters as bytes, and where its lines end.

Whatever the encoding, text is handed on as UTF-8, line by line the same, so that one reader serves
all. Bytes that mean nothing in their encoding become bytes that mean nothing in UTF-8: what holds
them is refused where it stands, and nothing beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_FIRST_LOOK = 512  # bytes searched for a line's end, then twice as many: most lines are short
_NEWLINE = 10
_STRAY = b"\xff"  # in no UTF-8 text


@dataclass(frozen=True, slots=True)
class Encoding:
    """An encoding whose line feed, `newline`, is one unit of one or two bytes.

    `mark` is the byte-order mark such a file may begin with.
    """

    name: str
    codec: str
    mark: bytes = b""
    unit: int = 1
    newline: bytes = b"\n"

    @property
    def is_utf8(self) -> bool:
        """Whether the bytes are UTF-8 as they are."""
        return self.codec == "utf-8"

    def begin(self, data: bytes | memoryview) -> int:
        """Return where the text begins: after the byte-order mark, if there is one."""
        mark = self.mark
        return len(mark) if mark and bytes(data[: len(mark)]) == mark else 0

    def line_end(self, data: bytes | memoryview, start: int) -> int:
        """Return the position after the line's newline, or the end of the data."""
        at, step, newline = start, _FIRST_LOOK, self.newline
        while at < len(data):
            piece, step = bytes(data[at : at + step]), step * 2
            found = piece.find(newline)
            while found % self.unit > 0 and found >= 0:  # the halves of two letters
                found = piece.find(newline, found + 1)
            if found >= 0:
                return at + found + self.unit
            at += len(piece)
        return len(data)

    def utf8(self, raw: bytes) -> bytes:
        """Return whole lines as UTF-8."""
        if self.is_utf8:
            return raw
        whole = len(raw) - len(raw) % self.unit
        errors = "surrogatepass" if self.unit > 1 else "surrogateescape"
        text = raw[:whole].decode(self.codec, errors).encode("utf-8", errors)
        return text + _STRAY * (len(raw) - whole)

    def newlines(self, raw: bytes) -> int:
        """Return how many lines end in some bytes."""
        return raw.count(b"\n") if self.unit == 1 else len(self.line_starts(raw)) - 1

    def line_starts(self, raw: bytes) -> NDArray[np.int64]:
        """Return where lines start, the first at 0, each other after a newline."""
        whole = len(raw) - len(raw) % self.unit
        dtype = {b"\n": "u1", b"\n\0": "<u2", b"\0\n": ">u2"}[self.newline]
        found = np.flatnonzero(np.frombuffer(raw[:whole], dtype=dtype) == _NEWLINE)
        return np.concatenate(([0], (found + 1) * self.unit)).astype(np.int64)


UTF8 = Encoding("UTF-8", "utf-8", b"\xef\xbb\xbf")
UTF16_LE = Encoding("UTF-16", "utf-16-le", b"\xff\xfe", 2, b"\n\0")
UTF16_BE = Encoding("UTF-16", "utf-16-be", b"\xfe\xff", 2, b"\0\n")
WIDE_MARKS = (UTF16_LE.mark, UTF16_BE.mark)
"""What a UTF-16 file begins with."""

_SINGLE = (
    *("cp1250", "cp1252", "cp437", "cp850", "mac-roman"),
    *("iso-8859-1", "iso-8859-2", "iso-8859-15"),
)

ENCODINGS: Mapping[str, Encoding] = {
    "utf-8": UTF8,
    "utf-16-le": UTF16_LE,
    "utf-16-be": UTF16_BE,
    **{name: Encoding(name, name) for name in _SINGLE},
}
"""Encodings by the name a profile calls them; `utf-16` is one of two, by the file's mark."""

UTF16 = "utf-16"


def told_apart(name: str, data: bytes | memoryview) -> Encoding | None:
    """Return the encoding of a name for a file; None for UTF-16 without a byte-order mark."""
    if name != UTF16:
        return ENCODINGS[name]
    first = bytes(data[:2])
    return next((each for each in (UTF16_LE, UTF16_BE) if first == each.mark), None)
