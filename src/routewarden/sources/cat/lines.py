"""A file's lines, a block at a time: memory is bounded by the block, however long a line is.

A block is a few MiB, or fewer where its lines are many and short.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from routewarden.sources.csv_text import Buffer
from routewarden.sources.file_limits import CAT_RECORD_BYTES

BLOCK_BYTES = 4 << 20
BLOCK_LINES = 1 << 14
RECORD_BYTES = CAT_RECORD_BYTES.most

_BLANKS = re.compile(rb"[ \t\r\n]+")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its number (from 1) and bytes `start` to `end`, excluded; or a run of blank ones.

    `content` has neither line end nor byte order mark; it is None where the line is too long.
    """

    number: int
    start: int
    end: int
    content: bytes | None


def line_blocks(data: Buffer) -> Iterator[list[Line]]:
    """Yield every line of a file, some at a time."""
    number = 1
    position = 0
    while position < len(data):
        piece = bytes(data[position : position + BLOCK_BYTES])
        last = position + len(piece) == len(data)
        end = len(piece) if last else piece.rfind(b"\n") + 1
        if end == 0:
            far = _line_end(data, position + len(piece))
            block = [Line(number, position, far, None)]
        else:
            block = list(_split(piece[:end], number, position))
        yield block
        final = block[-1]
        number, position = final.number + _newlines(data, final), final.end


def _split(text: bytes, number: int, position: int) -> Iterator[Line]:
    """Yield the first lines of a text that ends where a line or the file does."""
    start = 0
    for _ in range(BLOCK_LINES):
        if start == len(text):
            return
        blank = _BLANKS.match(text, start)
        end = text.rfind(b"\n", start, blank.end() if blank else start) + 1
        if end:
            yield Line(number, position + start, position + end, b"")
            number += text.count(b"\n", start, end)
        else:
            found = text.find(b"\n", start)
            stop = len(text) if found < 0 else found
            end = stop + (found >= 0)
            content = _content(text[start:stop], position + start)
            yield Line(number, position + start, position + end, content)
            number += 1
        start = end


def _newlines(data: Buffer, line: Line) -> int:
    """Return how many lines a line is."""
    return 1 if line.content != b"" else bytes(data[line.start : line.end]).count(b"\n")


def _content(part: bytes, position: int) -> bytes | None:
    bare = part.removesuffix(b"\r")
    if position == 0:
        bare = bare.removeprefix(_BOM)
    return bare if len(bare) <= RECORD_BYTES else None


def _line_end(data: Buffer, position: int) -> int:
    """Return the position after the next newline, or the end of the data."""
    while position < len(data):
        found = bytes(data[position : position + BLOCK_BYTES]).find(b"\n")
        if found >= 0:
            return position + found + 1
        position += BLOCK_BYTES
    return len(data)
