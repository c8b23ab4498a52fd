"""Delimited text with a header row (RFC 4180), a block at a time, every byte accounted for.

A compiled scan cuts what is plainly well formed into cells. Any other record is read by itself, so
that one bad line costs one reject. The two ways agree, and a property test holds them to it.

Blank lines are framing, not records. A quoted field may hold line breaks; a record that goes on for
more than RECORD_BYTES, or whose quotation never ends, is refused at its first line, and reading
goes on with the next one.

A file may have its own form: another delimiter, another encoding, lines before the header, no
header, a trailer. A block in another encoding is read as UTF-8, and its places are found again by
the lines, which are the same in both.
"""

from __future__ import annotations

import csv
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import polars as pl

from routewarden.native.cells import Cells
from routewarden.native.csv_scan import Grammar, Scan
from routewarden.sources import file_limits
from routewarden.sources.encoding import UTF8, WIDE_MARKS, Encoding
from routewarden.sources.reject import Reason, Reject

BLOCK_BYTES = 4 << 20
RECORD_BYTES = file_limits.RECORD_BYTES.most
csv.field_size_limit(RECORD_BYTES)  # the library's own limit is lower, and not ours

_CELL_BYTES = 8  # of a usual cell; a block of many empty ones ends before its bytes do
_FIRST_BYTES = 1 << 16  # of the first block, and each is twice the last: what is wrong shows early
_BLOCK_REJECTS = 1 << 11  # records that are no records, after which a block ends

Buffer = bytes | memoryview
"""The file's bytes: held in memory or mapped."""

PLACE = ("line", "start", "end")
"""Columns that say where in its file a record stands."""

Reader = Callable[[Cells], pl.Series | None]
"""Reads a column's cells, all of them; None where it cannot, and they are wanted as text."""

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
    return (block() for block in cut_csv(data, form))


def cut_csv(
    data: Buffer, form: Form = PLAIN, readers: Mapping[str, Reader] | None = None
) -> Iterator[Callable[[], Block]]:
    """Yield what makes each block: where a block ends is known before its cells are taken out.

    The readers are of columns, by name, that are to come as something else than text.
    """
    first = skipped(data, form)
    header = _header(data, first, form)
    if isinstance(header, Reject):
        yield partial(Block, pl.DataFrame(), (header,), len(data))
        return
    names, position, form = header
    stop, trailers = trailer(data, form)
    records = data if stop == len(data) else memoryview(data)[:stop]
    line = first.line + form.encoding.newlines(bytes(data[first.start : position]))
    scans = _Scans(form, names, readers or {})
    while position < stop:
        block, line, position = _cut(records, Span(line, position, stop), scans)
        yield block
    if trailers:
        yield partial(Block, pl.DataFrame(), (), len(data), trailers)


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
    if len(names) > file_limits.COLUMNS.most:
        return f"the header names {len(names):,} columns; {file_limits.COLUMNS.most:,} are the most"
    if not form.columns:
        repeated = sorted(name for name, count in Counter(names).items() if count > 1)
        return f"the header names '{repeated[0][:40]}' more than once" if repeated else None
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


_Cut = tuple[Callable[[], Block], int, int]
"""What makes a block, and the line and position after it."""


@dataclass(frozen=True, slots=True)
class _Scans:
    """What reads the records of a file: its form, its columns, and scans that are at leisure.

    Some columns have readers of their own.
    """

    form: Form
    names: tuple[str, ...]
    readers: Mapping[str, Reader]
    free: deque[Scan] = field(default_factory=deque)

    def take(self) -> Scan:
        if self.free:
            return self.free.pop()
        width = len(self.names)
        grammar = Grammar(self.form.delimiter, self.form.quote, width, RECORD_BYTES)
        return Scan(grammar, BLOCK_BYTES // (_CELL_BYTES * width) + 1)

    def read(self, scan: Scan) -> Iterator[pl.Series]:
        """Yield the columns that a scan has cut."""
        for name, cells in zip(self.names, scan.columns(), strict=True):
            read = self.readers[name](cells) if name in self.readers else None
            yield cells.texts() if read is None else read


def _cut(data: Buffer, rest: Span, kept: _Scans) -> _Cut:
    """Cut a block of records."""
    encoding = kept.form.encoding
    size = min(BLOCK_BYTES, max(_FIRST_BYTES, rest.start))
    if encoding.is_utf8:
        return _cut_utf8(data, rest, kept, size)
    reach = (size + RECORD_BYTES) * encoding.unit  # a quotation may run on into the next
    raw = bytes(data[rest.start : block_end(data, rest.start, encoding, reach)])
    text = encoding.utf8(raw)
    block, line, _ = _cut_utf8(text, Span(rest.line, 0, len(text)), kept, size)
    placed = _placed(block(), raw, rest.start, encoding)
    return (lambda: placed), line, placed.position


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


def _cut_utf8(data: Buffer, rest: Span, kept: _Scans, size: int) -> _Cut:
    """Cut a block: the scan takes what is plainly well formed, the rest is read by the record."""
    begin, width = rest.start, len(kept.names)
    stretch = memoryview(data)[begin : begin + size + RECORD_BYTES]
    scan = kept.take()
    scan.begin(stretch, line=rest.line, last=begin + len(stretch) == len(data))
    rejects: list[Reject] = []
    while len(rejects) < _BLOCK_REJECTS and scan.stops(size):
        start = begin + scan.at
        first = Span(scan.line, start, UTF8.line_end(data, start))
        span, found = _record(data, first, width, kept.form)
        if isinstance(found, Reject):
            rejects.append(found)
        elif found:
            scan.takes(found, span.end - start)
        scan.passes(span.end - start, bytes(data[start : span.end]).count(b"\n"))

    def block() -> Block:
        lines, starts, ends = scan.places()
        places = dict(zip(PLACE, (lines, starts + begin, ends + begin), strict=True))
        columns = dict(zip(kept.names, kept.read(scan), strict=True))
        made = Block(pl.DataFrame(columns | places), tuple(rejects), begin + scan.at)
        kept.free.append(scan)
        return made

    return block, scan.line, begin + scan.at


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
