"""A file's lines, a block at a time: memory is bounded by the block, however long a line is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from routewarden.sources.csv_text import Buffer

BLOCK_BYTES = 4 << 20
RECORD_BYTES = 8190
"""The longest record CAT takes, without its line end (error 2132)."""

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its number (from 1) and bytes `start` to `end`, excluded.

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
        number += len(block)
        position = block[-1].end


def _split(text: bytes, number: int, position: int) -> Iterator[Line]:
    parts = text.split(b"\n")
    for part in parts[:-1]:
        end = position + len(part) + 1
        yield Line(number, position, end, _content(part, position))
        number, position = number + 1, end
    if parts[-1]:
        yield Line(number, position, position + len(parts[-1]), _content(parts[-1], position))


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
