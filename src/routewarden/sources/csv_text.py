"""Comma-separated text with a header row (RFC 4180), a block at a time, every byte accounted for.

A block without a quotation mark whose lines all have the header's number of fields is handed to
Polars whole. Any other block is read line by line, so that one bad line costs one reject. The two
ways agree, and a property test holds them to it.

Blank lines are framing, not records. A quoted field may hold line breaks; a record that goes on for
more than RECORD_BYTES, or whose quotation never ends, is refused at its first line, and reading
goes on with the next one.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from routewarden.sources.reject import Reason, Reject

BLOCK_BYTES = 4 << 20
RECORD_BYTES = 1 << 20
csv.field_size_limit(RECORD_BYTES)  # the library's own limit is lower, and not ours

_FIRST_LOOK = 512  # bytes searched for a line's end, then twice as many: most lines are short

_BOM = b"\xef\xbb\xbf"
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")
_NEWLINE, _COMMA = 10, 44

Buffer = bytes | memoryview
"""The file's bytes: held in memory or mapped."""

PLACE = ("line", "start", "end")
"""Columns that say where in its file a record stands."""

_ESCAPE = "\0"  # no header can hold it


@dataclass(frozen=True, slots=True)
class Block:
    """Some records as text: the header's columns, `line`, `start` and `end`; and the rejects.

    `position` is the first byte after the block.
    """

    frame: pl.DataFrame
    rejects: tuple[Reject, ...]
    position: int


@dataclass(frozen=True, slots=True)
class _Span:
    """Bytes from `start` to `end` (excluded) that begin at line `line`."""

    line: int
    start: int
    end: int

    def reject(self, reason: Reason, detail: str) -> Reject:
        return Reject(self.line, reason, detail, start=self.start, end=self.end)


def read_csv(data: Buffer) -> Iterator[Block]:
    """Yield the blocks of a file; a file without a readable header is one reject."""
    header = _header(data)
    if isinstance(header, Reject):
        yield Block(pl.DataFrame(), (header,), len(data))
        return
    names, position = header
    line = 1 + bytes(data[:position]).count(b"\n")
    while position < len(data):
        end = _block_end(data, position)
        text = bytes(data[position:end])
        block = _regular(text, names, line, position) or _line_by_line(data, names, line, position)
        line += bytes(data[position : block.position]).count(b"\n")
        position = block.position
        yield block


def _header(data: Buffer) -> tuple[tuple[str, ...], int] | Reject:
    """Return the column names and where the records begin, or why there are none."""
    end = _line_end(data, 0)
    first = bytes(data[: min(end, RECORD_BYTES)])
    whole = _Span(1, 0, len(data))
    if first.startswith(_WIDE_MARKS):
        return whole.reject(Reason.ENCODING, "the file is UTF-16; save it as UTF-8")
    try:
        text = first.removeprefix(_BOM).decode()
        names = next(csv.reader([text.rstrip("\r\n")], strict=True), [])
    except UnicodeDecodeError:
        return whole.reject(Reason.ENCODING, "the header is not UTF-8")
    except csv.Error as error:
        return whole.reject(Reason.NO_HEADER, f"the first line is not a header: {error}")
    if not any(names) or "\0" in text or len(first) == RECORD_BYTES:
        return whole.reject(Reason.NO_HEADER, "the first line names no columns")
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        return whole.reject(Reason.NO_HEADER, f"the header names '{repeated[0]}' more than once")
    return tuple(escaped(name) for name in names), end


def escaped(name: str) -> str:
    """Return a column's name in a frame of text, out of the way of the place columns."""
    return _ESCAPE + name if name in PLACE else name


def unescaped(name: str) -> str:
    """Return a column's name as the file has it."""
    return name.removeprefix(_ESCAPE)


def _line_end(data: Buffer, start: int) -> int:
    """Return the position after the line's newline, or the end of the data."""
    at, step = start, _FIRST_LOOK
    while at < len(data):
        piece, step = bytes(data[at : at + step]), step * 2
        found = piece.find(b"\n")
        if found >= 0:
            return at + found + 1
        at += len(piece)
    return len(data)


def _block_end(data: Buffer, start: int) -> int:
    """Return a line's end about BLOCK_BYTES on."""
    if start + BLOCK_BYTES >= len(data):
        return len(data)
    return _line_end(data, start + BLOCK_BYTES)


def _regular(text: bytes, names: tuple[str, ...], line: int, position: int) -> Block | None:
    """Return the block if each of its lines has just the header's fields, unquoted; else None."""
    ended = text if text.endswith(b"\n") else text + b"\n"
    odd_return = ended.count(b"\r") != ended.count(b"\r\n")
    special = b'"' in ended or b"\0" in ended or ended.startswith(_BOM)
    if special or odd_return or len(names) == 1:
        return None
    codes = np.frombuffer(ended, dtype=np.uint8)
    marks = np.flatnonzero((codes == _COMMA) | (codes == _NEWLINE))
    if len(marks) % len(names) or not _is_utf8(ended):
        return None
    grid = marks.reshape(-1, len(names))
    if (codes[grid[:, :-1]] != _COMMA).any() or (codes[grid[:, -1]] != _NEWLINE).any():
        return None
    ends = grid[:, -1] + 1
    starts = np.concatenate(([0], ends[:-1]))
    if (ends - starts).max() > RECORD_BYTES:
        return None
    frame = pl.read_csv(
        ended, has_header=False, schema=dict.fromkeys(names, pl.String()), quote_char=None
    )
    last = pl.col(names[-1]).str.strip_suffix("\r").replace("", None)
    located = frame.with_columns(
        last,
        line=pl.int_range(line, line + len(ends), dtype=pl.Int64),
        start=pl.Series(starts + position, dtype=pl.Int64),
        end=pl.Series(np.minimum(ends, len(text)) + position, dtype=pl.Int64),
    )
    return Block(located, (), position + len(text))


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _line_by_line(data: Buffer, names: tuple[str, ...], line: int, position: int) -> Block:
    """Return a block read record by record."""
    rows: list[list[str | None]] = []
    spans: list[_Span] = []
    rejects: list[Reject] = []
    limit = position + BLOCK_BYTES
    while position < min(limit, len(data)):
        span, found = _record(data, line, position, len(names))
        if isinstance(found, Reject):
            rejects.append(found)
        elif found:
            rows.append([field or None for field in found])
            spans.append(span)
        line += bytes(data[position : span.end]).count(b"\n")
        position = span.end
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String()), orient="row")
    located = frame.with_columns(
        line=pl.Series([span.line for span in spans], dtype=pl.Int64),
        start=pl.Series([span.start for span in spans], dtype=pl.Int64),
        end=pl.Series([span.end for span in spans], dtype=pl.Int64),
    )
    return Block(located, tuple(rejects), position)


def _record(data: Buffer, line: int, start: int, width: int) -> tuple[_Span, list[str] | Reject]:
    """Return the record that begins at a byte: its fields (none for a blank line) or its reject."""
    first = _Span(line, start, _line_end(data, start))
    if first.end - start > RECORD_BYTES:
        return first, first.reject(Reason.TOO_LONG, f"the record is over {RECORD_BYTES:,} bytes")
    span, found = first, _fields(bytes(data[start : first.end]))
    if found == _UNFINISHED:
        longer = _quoted(data, first)
        if longer is None:
            return first, first.reject(Reason.MALFORMED, "a quotation mark opens and never closes")
        span, found = longer, _fields(bytes(data[start : longer.end]))
    if isinstance(found, list):
        if found and len(found) != width:
            detail = f"{len(found)} fields where the header names {width}"
            return span, span.reject(Reason.RAGGED, detail)
        return span, found
    reason, detail = found
    return first, first.reject(reason, detail)


def _fields(raw: bytes) -> list[str] | tuple[Reason, str]:
    """Return a record's fields, or why its bytes are not a record."""
    if b"\0" in raw:
        return Reason.NUL_BYTE, "the record holds a NUL byte"
    try:
        lines = (part + "\n" for part in raw.decode().removesuffix("\n").split("\n"))
        rows = list(csv.reader(lines, strict=True))
    except UnicodeDecodeError:
        return Reason.ENCODING, "the record is not UTF-8"
    except csv.Error as error:
        return Reason.MALFORMED, str(error)
    if len(rows) > 1:
        return Reason.MALFORMED, "a quotation mark stands inside a bare field"
    return rows[0] if rows else []


_UNFINISHED = (Reason.MALFORMED, "unexpected end of data")
"""What the library says of a quotation that goes on in the next line."""


def _quoted(data: Buffer, first: _Span) -> _Span | None:
    """Return the span to where quotation marks balance, or None if that is too far on."""
    end = first.end
    marks = bytes(data[first.start : end]).count(b'"')
    while marks % 2:
        if end >= len(data):
            return None
        start, end = end, _line_end(data, end)
        if end - first.start > RECORD_BYTES:
            return None
        marks += bytes(data[start:end]).count(b'"')
    return _Span(first.line, first.start, end)
