"""Databento Binary Encoding (DBN, versions 1 to 3), a block of records at a time, as text.

A stream is metadata, then records of any length a multiple of four. Every record becomes a row in
its own order, so that a profile says by `rtype` which rows are quotes, which are trades and which
are neither; a record that tells neither has its header alone. The columns are those of the schema
that the metadata name, under DBN's own names, and `symbol` and `at`; a stream of mixed schemas (a
recorded live session) has all of them. Values are exact: a price is the decimal it stands for, an
instant is RFC 3339 in UTC, and what DBN calls undefined is null.

`ts_event` is when the venue says a thing happened, `ts_recv` when the vendor's capture server
received it. `at` is the first, for that is the clock that executions are told by; but of a sampled
quote (`bbo`, `cbbo`), whose `ts_event` is that of the last trade, it is the second. Both are kept.

A symbol is that of the record's own UTC date in the metadata's mappings; failing that, of the last
mapping record before it in the stream, which is how a live session names its instruments.

A stream that ends inside a record, or whose next header cannot be one, is read up to there; the
rest is one reject. DBN carries no checksums: damage inside a record of the right length shows only
in its values.

Source: https://databento.com/docs/standards-and-conventions/databento-binary-encoding
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl
from databento_dbn import DBNError, Metadata, RType
from numpy.lib.stride_tricks import sliding_window_view

from routewarden.base.time import NS_PER_SECOND
from routewarden.sources.csv_text import Block, Buffer
from routewarden.sources.dbn_layout import (
    ENVELOPE,
    HEADER,
    LAYOUTS,
    NO_TIME,
    Layout,
    as_text,
    columns_of,
)
from routewarden.sources.reject import Reason, Reject

MAGIC = b"DBN"

_BLOCK_BYTES = 4 << 20
_PREFIX = 8  # magic, version, and the length of the metadata that follow
_TS_OUT = 8  # bytes a live session may append to each record
_NS_PER_DAY = 86_400 * NS_PER_SECOND

_MOST_NUMBER = 2**32 - 1  # of an instrument
_MAPPING = 22  # the rtype of a symbol mapping
_MAPPED_NAME = {
    length + stamp: name
    for length, name in ((80, slice(38, 60)), (176, slice(89, 160)))
    for stamp in (0, _TS_OUT)
}
"""Where a mapping record names its instrument, by its length: version 1, then 2 and 3."""

_NAMED = frozenset(kind.value for kind in RType.variants())

Bytes = npt.NDArray[np.uint8]
Integers = npt.NDArray[np.int64]


def _sound_headers() -> bytes:
    """Return, by `rtype` and length in words, whether a record we know of can begin so."""
    sound = np.zeros((256, 256), dtype=np.uint8)
    for kind in _NAMED:
        layout = LAYOUTS.get(kind)
        if layout is None:
            sound[kind, HEADER // 4 :] = 1
        else:
            sound[kind, [layout.size // 4, (layout.size + _TS_OUT) // 4]] = 1
    return sound.tobytes()


_SOUND = _sound_headers()


@dataclass(frozen=True, slots=True)
class _Names:
    """Names of instruments, each from one point on and before another: days, or record numbers."""

    keys: Integers
    until: Integers
    names: pl.Series

    @staticmethod
    def of(rows: list[tuple[int, int, int, str]]) -> _Names:
        """Build from rows of instrument, since (included), until (excluded) and name."""
        ordered = sorted(rows)
        numbers = np.array([row[:3] for row in ordered], dtype=np.int64).reshape(-1, 3)
        names = pl.Series([row[3] for row in ordered], dtype=pl.String)
        return _Names(_key(numbers[:, 0], numbers[:, 1]), numbers[:, 2], names)

    def at(self, instruments: Integers, points: Integers) -> pl.Series:
        """Return the name of each instrument at its point, null where it has none."""
        place = np.searchsorted(self.keys, _key(instruments, points), side="right") - 1
        begun = np.flatnonzero(place >= 0)
        found = place[begun]
        own = (self.keys[found] >> 31 == instruments[begun]) & (points[begun] < self.until[found])
        index = np.full(len(points), len(self.names))
        index[begun[own]] = found[own]
        return self.names.extend_constant(None, 1).gather(index)


def _key(instruments: Integers, points: Integers) -> Integers:
    """Pack an instrument's 32 bits over a point's 31."""
    return (instruments << 31) | points


@dataclass(frozen=True, slots=True)
class _Stream:
    """What holds for a whole stream: its columns and the instruments' names by day."""

    columns: tuple[str, ...]
    by_day: _Names

    @staticmethod
    def of(metadata: Metadata) -> _Stream:
        schema = None if metadata.schema is None else str(metadata.schema)
        return _Stream(columns_of(schema), _Names.of(list(_mapped(metadata))))


def read_dbn(data: Buffer) -> Iterator[Block]:
    """Yield the records of a stream as text; a stream without readable metadata is one reject.

    `line` is the record's number from 1, `start` and `end` its bytes in the stream.
    """
    opened = _open(data)
    if isinstance(opened, Reject):
        yield Block(pl.DataFrame(), (opened,), len(data))
        return
    stream, position = opened
    line = 1
    told: list[tuple[int, int, int, str]] = []
    while position < len(data):
        block = bytes(data[position : position + _BLOCK_BYTES])
        starts = _starts(block, last=position + len(block) == len(data))
        if not starts:
            yield Block(pl.DataFrame(), (_damage(data, line, position),), len(data))
            return
        rows = _Rows(block, np.array(starts, dtype=np.int64), line, position)
        told += rows.mapped()
        yield Block(rows.frame(stream, _Names.of(told)), (), rows.end)
        line, position = line + len(starts), rows.end


def _open(data: Buffer) -> tuple[_Stream, int] | Reject:
    """Return what holds for the stream and where its records begin, or why it cannot be read."""
    prefix = bytes(data[:_PREFIX])
    if not prefix.startswith(MAGIC) or len(prefix) < _PREFIX:
        return _unreadable(1, 0, len(data), "not a DBN stream: it does not begin with DBN")
    position = _PREFIX + int.from_bytes(prefix[4:], "little")
    try:
        metadata = Metadata.decode(bytes(data[:position]))
    except DBNError as error:
        return _unreadable(1, 0, len(data), f"the DBN metadata cannot be read: {error}")
    return _Stream.of(metadata), position


def _unreadable(line: int, start: int, end: int, detail: str) -> Reject:
    return Reject(line, Reason.UNREADABLE, detail, start=start, end=end)


def _mapped(metadata: Metadata) -> Iterator[tuple[int, int, int, str]]:
    """Yield instrument, first day, day after the last, and symbol, whichever is mapped to which."""
    by_number = str(metadata.stype_in) == "instrument_id"
    for name, intervals in metadata.mappings.items():
        for interval in intervals:
            number, symbol = (name, interval["symbol"])[:: 1 if by_number else -1]
            if number.isdecimal() and int(number) <= _MOST_NUMBER:
                yield int(number), _day(interval["start_date"]), _day(interval["end_date"]), symbol


def _day(day: date) -> int:
    """Return a day's number, as instants count: none stands before the first."""
    return max((day - date(1970, 1, 1)).days, 0)


def _starts(block: bytes, *, last: bool) -> list[int]:
    """Return where the block's whole records start, up to the first that is not sound."""
    starts = _alike(block)
    at = starts[-1] + block[starts[-1]] * 4 if starts else 0
    while at + HEADER <= len(block):
        words, kind = block[at], block[at + 1]
        after = at + words * 4
        if after > len(block) or not (
            _SOUND[kind << 8 | words] or _skippable(block, at, last=last)
        ):
            break
        starts.append(at)
        at = after
    return starts


def _alike(block: bytes) -> list[int]:
    """Return where the records at the block's beginning start that are as long as its first.

    They are found at once: most streams have records of one type.
    """
    length = block[0] * 4
    if len(block) < HEADER or length < HEADER or not _SOUND[block[1] << 8 | block[0]]:
        return []
    codes, count = np.frombuffer(block, dtype=np.uint8), len(block) // length
    headers = codes[: count * length].reshape(-1, length)[:, :2]
    other = np.flatnonzero((headers != codes[:2]).any(axis=1))
    if len(other):
        count = int(other[0])
    return [*range(0, count * length, length)]


def _skippable(block: bytes, at: int, *, last: bool) -> bool:
    """Say whether a record of a type unknown to us is one: what follows is its like, or is known.

    Where its neighbour is not in the block, the next block decides, unless the stream ends there.
    """
    words, kind = block[at], block[at + 1]
    after = at + words * 4
    if kind in _NAMED or words * 4 < HEADER:
        return False
    if after == len(block):
        return last
    like = block[after : after + 2] == block[at : at + 2]
    return like or bool(after + 2 <= len(block) and _SOUND[block[after + 1] << 8 | block[after]])


def _damage(data: Buffer, line: int, start: int) -> Reject:
    """Say why nothing from a byte on can be read."""
    header = bytes(data[start : start + HEADER])
    left, length = len(data) - start, header[0] * 4
    if len(header) < HEADER:
        detail = f"the stream ends {left} bytes into a record"
    elif length > left and _SOUND[header[1] << 8 | header[0]]:
        detail = f"the stream ends {left} bytes into a record of {length}"
    else:
        detail = f"no record of type {header[1]} is {length} bytes long; the stream is damaged here"
    return _unreadable(line, start, len(data), detail)


@dataclass(frozen=True, slots=True)
class _Rows:
    """The whole records of a block, the first of them number `line`, at byte `position`."""

    block: bytes
    starts: Integers
    line: int
    position: int

    @property
    def end(self) -> int:
        """The byte after the last record."""
        final = int(self.starts[-1])
        return self.position + final + self.block[final] * 4

    @property
    def codes(self) -> Bytes:
        """The block's bytes."""
        return np.frombuffer(self.block, dtype=np.uint8)

    def mapped(self) -> Iterator[tuple[int, int, int, str]]:
        """Yield what the mapping records say: instrument, the number from which on, and name."""
        for place in np.flatnonzero(self.codes[self.starts + 1] == _MAPPING):
            start = int(self.starts[place])
            record = self.block[start : start + self.block[start] * 4]
            name = record[_MAPPED_NAME.get(len(record), slice(0))]
            number = int.from_bytes(record[4:8], "little")
            symbol = name.partition(b"\0")[0].decode(errors="replace")
            if symbol:
                yield number, self.line + int(place), 2**31, symbol

    def frame(self, stream: _Stream, by_record: _Names) -> pl.DataFrame:
        """Return every record as text, with the stream's columns and its place."""
        kinds = self.codes[self.starts + 1]
        parts = []
        for kind in np.unique(kinds):
            layout = LAYOUTS.get(int(kind), ENVELOPE)
            part = self._part(np.flatnonzero(kinds == kind), layout)
            parts.append(as_text(_named(part, stream.by_day, by_record), stream.columns))
        return pl.concat(parts).sort("line")

    def _part(self, places: Integers, layout: Layout) -> pl.DataFrame:
        """Return records of one layout as numbers, with their place."""
        starts = self.starts[places]
        raw = sliding_window_view(self.codes, layout.size)[starts]
        values = raw.view(layout.dtype)[:, 0]
        begin = starts + self.position
        return pl.DataFrame(
            {name: np.ascontiguousarray(values[name]) for name in layout.fields}
        ).with_columns(
            line=pl.Series(places + self.line),
            start=pl.Series(begin),
            end=pl.Series(begin + self.codes[starts].astype(np.int64) * 4),
        )


def _named(part: pl.DataFrame, by_day: _Names, by_record: _Names) -> pl.DataFrame:
    """Add each record's symbol."""
    numbers = part["instrument_id"].cast(pl.Int64).to_numpy()
    known = [pl.col(name) for name in ("ts_recv", "ts_event") if name in part.columns]
    stamp = pl.coalesce(pl.when(time != NO_TIME).then(time) for time in known).fill_null(0)
    days = part.select((stamp // _NS_PER_DAY).cast(pl.Int64)).to_series().to_numpy()
    named = by_day.at(numbers, days), by_record.at(numbers, part["line"].to_numpy())
    return part.with_columns(symbol=pl.select(pl.coalesce(*named)).to_series())
