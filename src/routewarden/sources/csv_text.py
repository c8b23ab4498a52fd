"""Delimited text with a header row (RFC 4180), a block at a time, every byte accounted for.

A block without a quotation mark whose lines all have the header's number of fields is handed to
Polars whole. Any other block is read line by line, so that one bad line costs one reject. The two
ways agree, and a property test holds them to it.

Blank lines are framing, not records. A quoted field may hold line breaks; a record that goes on for
more than RECORD_BYTES, or whose quotation never ends, is refused at its first line, and reading
goes on with the next one.

A file may have its own form: another delimiter, another encoding, lines before the header, no
header, a trailer. A block in another encoding is read as UTF-8, and its places are found again by
the lines, which are the same in both.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from routewarden.sources.encoding import UTF8, WIDE_MARKS, Encoding
from routewarden.sources.reject import Reason, Reject

BLOCK_BYTES = 4 << 20
RECORD_BYTES = 1 << 20
csv.field_size_limit(RECORD_BYTES)  # the library's own limit is lower, and not ours

_BOM = b"\xef\xbb\xbf"
_NEWLINE = 10

Buffer = bytes | memoryview
"""The file's bytes: held in memory or mapped."""

PLACE = ("line", "start", "end")
"""Columns that say where in its file a record stands."""

_ESCAPE = "\0"  # no header can hold it


@dataclass(frozen=True, slots=True)
class Form:
    """How a file lays out its records.

    Of several `delimiters` the file's is the one whose header names most of the columns `wanted`.
    `skip` lines stand before the header. `columns` are the names where there is no header, or in
    place of those it states. A last line that begins with `end` is a trailer. `strip` takes blanks
    off the names.
    """

    delimiters: tuple[str, ...] = (",",)
    quote: str | None = '"'
    encoding: Encoding = UTF8
    skip: int = 0
    header: bool = True
    columns: tuple[str, ...] = ()
    end: str = ""
    strip: bool = False
    wanted: frozenset[str] = frozenset()

    @property
    def delimiter(self) -> str:
        """The delimiter, once it is known."""
        return self.delimiters[0]


PLAIN = Form()
"""Comma-separated UTF-8 with a header."""


@dataclass(frozen=True, slots=True)
class Block:
    """Some records as text: the header's columns, `line`, `start` and `end`; and the rejects.

    `position` is the first byte after the block. `others` counts what is no record, and no fault
    either.
    """

    frame: pl.DataFrame
    rejects: tuple[Reject, ...]
    position: int
    others: int = 0


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes from `start` to `end` (excluded) that begin at line `line`."""

    line: int
    start: int
    end: int

    def reject(self, reason: Reason, detail: str) -> Reject:
        """Return the reject of all of it."""
        return Reject(self.line, reason, detail, start=self.start, end=self.end)


def read_csv(data: Buffer, form: Form = PLAIN) -> Iterator[Block]:
    """Yield the blocks of a file; a file without a readable header is one reject."""
    first = skipped(data, form)
    header = _header(data, first, form)
    if isinstance(header, Reject):
        yield Block(pl.DataFrame(), (header,), len(data))
        return
    names, position, form = header
    stop, trailers = trailer(data, form)
    records = data if stop == len(data) else memoryview(data)[:stop]
    line = first.line + form.encoding.newlines(bytes(data[first.start : position]))
    while position < stop:
        block = _block(records, names, line, position, form)
        line += form.encoding.newlines(bytes(data[position : block.position]))
        position = block.position
        yield block
    if trailers:
        yield Block(pl.DataFrame(), (), len(data), trailers)


def skipped(data: Buffer, form: Form) -> Span:
    """Return the first line after those to be skipped."""
    start = form.encoding.begin(data)
    for _ in range(form.skip):
        start = form.encoding.line_end(data, start)
    return Span(form.skip + 1, start, form.encoding.line_end(data, start))


def trailer(data: Buffer, form: Form) -> tuple[int, int]:
    """Return where the records end, and how many lines of a trailer follow."""
    if not form.end:
        return len(data), 0
    encoding = form.encoding
    begin = max(0, len(data) - RECORD_BYTES) // encoding.unit * encoding.unit
    tail = bytes(data[begin:])
    starts = [int(start) for start in encoding.line_starts(tail)]
    lines = [*zip(starts, [*starts[1:], len(tail)], strict=True)][begin > 0 :]  # whole ones
    stop, count = len(tail), 0
    for start, end in reversed(lines):
        text = encoding.utf8(tail[start:end])
        if text.strip(b"\r\n") and not text.startswith(form.end.encode()):
            break
        stop, count = start, count + bool(text.strip(b"\r\n"))
    return (begin + stop, count) if count else (len(data), 0)


def _header(data: Buffer, first: Span, form: Form) -> tuple[tuple[str, ...], int, Form] | Reject:
    """Return the column names, where the records begin and the form, or why there are none."""
    whole = Span(1, 0, len(data))
    if form.encoding.unit == 1 and bytes(data[:2]) in WIDE_MARKS:
        detail = f"the file is UTF-16; save it as {form.encoding.name}"
        return whole.reject(Reason.ENCODING, detail)
    if not form.header:
        return tuple(map(escaped, form.columns)), first.start, form
    raw = bytes(data[first.start : min(first.end, first.start + RECORD_BYTES)])
    try:
        text = form.encoding.utf8(raw).decode()
        names, form = _fitting(text.rstrip("\r\n"), form)
    except UnicodeDecodeError:
        return whole.reject(Reason.ENCODING, f"the header is not {form.encoding.name}")
    except csv.Error as error:
        return whole.reject(Reason.NO_HEADER, f"the first line is not a header: {error}")
    names_none = not any(names) or "\0" in text or len(raw) == RECORD_BYTES
    fault = "the first line names no columns" if names_none else _fault(names, form)
    if fault is not None:
        return whole.reject(Reason.NO_HEADER, fault)
    return tuple(map(escaped, form.columns or names)), first.end, form


def _fault(names: tuple[str, ...], form: Form) -> str | None:
    """Return what is wrong with the names of a header."""
    if not form.columns:
        repeated = sorted({name for name in names if names.count(name) > 1})
        return f"the header names '{repeated[0]}' more than once" if repeated else None
    if len(form.columns) == len(names):
        return None
    return f"the header has {len(names)} fields where {len(form.columns)} are named"


def _fitting(header: str, form: Form) -> tuple[tuple[str, ...], Form]:
    """Return the names a header states, split by the delimiter that suits it best."""
    best: tuple[tuple[str, ...], Form] = ((), form)
    for delimiter in form.delimiters:
        tried = replace(form, delimiters=(delimiter,))
        row = next(_rows([header], tried), [])
        names = tuple(name.strip() for name in row) if form.strip else tuple(row)
        if not best[0] or _fit(names, form) > _fit(best[0], form):
            best = names, tried
    return best


def _fit(names: tuple[str, ...], form: Form) -> int:
    """Return how many of the columns wanted are named; of renamed ones only the number counts."""
    if form.columns:
        return -abs(len(names) - len(form.columns))
    return len(form.wanted.intersection(names))


def _rows(lines: Iterable[str], form: Form) -> Iterator[list[str]]:
    if form.quote is None:
        return csv.reader(lines, strict=True, delimiter=form.delimiter, quoting=csv.QUOTE_NONE)
    return csv.reader(lines, strict=True, delimiter=form.delimiter, quotechar=form.quote)


def escaped(name: str) -> str:
    """Return a column's name in a frame of text, out of the way of the place columns."""
    return _ESCAPE + name if name in PLACE else name


def unescaped(name: str) -> str:
    """Return a column's name as the file has it."""
    return name.removeprefix(_ESCAPE)


def block_end(data: Buffer, start: int, encoding: Encoding, reach: int) -> int:
    """Return a line's end about `reach` bytes on."""
    if start + reach >= len(data):
        return len(data)
    return encoding.line_end(data, start + reach // encoding.unit * encoding.unit)


def _block(data: Buffer, names: tuple[str, ...], line: int, position: int, form: Form) -> Block:
    encoding = form.encoding
    raw = bytes(data[position : block_end(data, position, encoding, BLOCK_BYTES)])
    if encoding.is_utf8:
        whole = _regular(raw, names, line, position, form)
        return whole or _line_by_line(data, names, line, position, form)
    regular = _regular(encoding.utf8(raw), names, line, 0, form)
    if regular is not None:
        return _placed(regular, raw, position, encoding)
    reach = (BLOCK_BYTES + RECORD_BYTES) * encoding.unit  # a quotation may run on into the next
    raw = bytes(data[position : block_end(data, position, encoding, reach)])
    by_line = _line_by_line(encoding.utf8(raw), names, line, 0, form)
    return _placed(by_line, raw, position, encoding)


def _placed(block: Block, raw: bytes, position: int, encoding: Encoding) -> Block:
    """Return a block read from bytes turned to UTF-8 with its places in the file.

    `raw` are the file's bytes from `position` on. A record starts and ends where a line does.
    """
    text = encoding.utf8(raw)
    here = np.append(UTF8.line_starts(text), len(text))
    there = np.append(encoding.line_starts(raw), len(raw)) + position

    def place(at: int) -> int:
        return int(there[np.searchsorted(here, at)])

    return Block(
        block.frame.with_columns(
            pl.Series(name, there[np.searchsorted(here, block.frame[name].to_numpy())], pl.Int64)
            for name in ("start", "end")
        ),
        tuple(
            replace(reject, start=place(reject.start), end=place(reject.end))
            for reject in block.rejects
        ),
        place(block.position),
    )


def _regular(
    text: bytes, names: tuple[str, ...], line: int, position: int, form: Form = PLAIN
) -> Block | None:
    """Return the block if each of its lines has just the header's fields, unquoted; else None."""
    ended = text if text.endswith(b"\n") else text + b"\n"
    odd_return = ended.count(b"\r") != ended.count(b"\r\n")
    quoted = form.quote is not None and form.quote.encode() in ended
    if quoted or odd_return or b"\0" in ended or ended.startswith(_BOM) or len(names) == 1:
        return None
    codes = np.frombuffer(ended, dtype=np.uint8)
    delimiter = ord(form.delimiter)
    marks = np.flatnonzero((codes == delimiter) | (codes == _NEWLINE))
    if len(marks) % len(names) or not _is_utf8(ended):
        return None
    grid = marks.reshape(-1, len(names))
    if (codes[grid[:, :-1]] != delimiter).any() or (codes[grid[:, -1]] != _NEWLINE).any():
        return None
    ends = grid[:, -1] + 1
    starts = np.concatenate(([0], ends[:-1]))
    if (ends - starts).max() > RECORD_BYTES:
        return None
    frame = pl.read_csv(
        ended,
        has_header=False,
        schema=dict.fromkeys(names, pl.String()),
        quote_char=None,
        separator=form.delimiter,
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


def _line_by_line(
    data: Buffer, names: tuple[str, ...], line: int, position: int, form: Form = PLAIN
) -> Block:
    """Return a block read record by record, in UTF-8."""
    rows: list[list[str | None]] = []
    spans: list[Span] = []
    rejects: list[Reject] = []
    limit = position + BLOCK_BYTES
    while position < min(limit, len(data)):
        first = Span(line, position, UTF8.line_end(data, position))
        span, found = _record(data, first, len(names), form)
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


def _record(data: Buffer, first: Span, width: int, form: Form) -> tuple[Span, list[str] | Reject]:
    """Return the record that begins with a line: its fields (none if blank) or its reject."""
    if first.end - first.start > RECORD_BYTES:
        return first, first.reject(Reason.TOO_LONG, f"the record is over {RECORD_BYTES:,} bytes")
    span, found = first, _fields(bytes(data[first.start : first.end]), form)
    if found == _UNFINISHED:
        longer = _quoted(data, first, form)
        if longer is None:
            return first, first.reject(Reason.MALFORMED, "a quotation mark opens and never closes")
        span, found = longer, _fields(bytes(data[first.start : longer.end]), form)
    if isinstance(found, list):
        if found and len(found) != width:
            names = "the header names" if form.header else "there should be"
            detail = f"{len(found)} fields where {names} {width}"
            return span, span.reject(Reason.RAGGED, detail)
        return span, found
    reason, detail = found
    return first, first.reject(reason, detail)


def _fields(raw: bytes, form: Form) -> list[str] | tuple[Reason, str]:
    """Return a record's fields, or why its bytes are not a record."""
    if b"\0" in raw:
        return Reason.NUL_BYTE, "the record holds a NUL byte"
    try:
        lines = (part + "\n" for part in raw.decode().removesuffix("\n").split("\n"))
        rows = list(_rows(lines, form))
    except UnicodeDecodeError:
        return Reason.ENCODING, f"the record is not {form.encoding.name}"
    except csv.Error as error:
        return Reason.MALFORMED, str(error)
    if len(rows) > 1:
        return Reason.MALFORMED, "a quotation mark stands inside a bare field"
    return rows[0] if rows else []


_UNFINISHED = (Reason.MALFORMED, "unexpected end of data")
"""What the library says of a quotation that goes on in the next line."""


def _quoted(data: Buffer, first: Span, form: Form) -> Span | None:
    """Return the span to where quotation marks balance, or None if that is too far on."""
    end, mark = first.end, str(form.quote).encode()
    marks = bytes(data[first.start : end]).count(mark)
    while marks % 2:
        if end >= len(data):
            return None
        start, end = end, UTF8.line_end(data, end)
        if end - first.start > RECORD_BYTES:
            return None
        marks += bytes(data[start:end]).count(mark)
    return Span(first.line, first.start, end)
