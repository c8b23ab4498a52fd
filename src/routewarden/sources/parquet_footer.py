"""What a Parquet file says of itself, looked at before anybody reads its rows.

A library that reads Parquet takes the file's word for how much memory to ask for. So the footer,
and the header of each page, are read here first, and no number in them is believed that the bytes
do not bear out: chunks lie within the file and share no bytes, pages within their chunk. What is
unpacked, and how many cells there are, has limits; so has the depth of lists and structs.

Source: Apache Parquet, https://github.com/apache/parquet-format (parquet.thrift)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import NamedTuple, NoReturn

from routewarden.sources.csv_text import Buffer
from routewarden.sources.file_limits import (
    COLUMNS,
    PARQUET_CELLS,
    PARQUET_DEPTH,
    PARQUET_FOOTER,
    PARQUET_FREE,
    PARQUET_FREE_CELLS,
    UNPACKED_FREE,
    UNPACKED_RATIO,
)
from routewarden.sources.thrift import Struct, ThriftError, Wanted, read_struct

MAGIC = b"PAR1"
_TAIL = 8  # bytes after the footer: its length, and the magic
_PAGE_BYTES = 1 << 10  # of the smallest pages a writer makes many of
_PAGES = 4  # of a chunk, however small: a dictionary, data, and some to spare

_SCHEMA, _GROUPS = 2, 4
_CHILDREN = 5
_CHUNKS, _GROUP_ROWS = 1, 3
_ELSEWHERE, _META = 1, 3
_VALUES, _UNPACKED, _PACKED, _DATA, _DICTIONARY = 5, 6, 7, 9, 11
_CHUNK: Wanted = {
    _ELSEWHERE: None,
    _META: dict.fromkeys((_VALUES, _UNPACKED, _PACKED, _DATA, _DICTIONARY)),
}
_FOOTER: Wanted = {
    _SCHEMA: {_CHILDREN: None},
    _GROUPS: {_CHUNKS: _CHUNK, _GROUP_ROWS: None},
}
_PAGE_UNPACKED, _PAGE_PACKED, _PAGE_DATA, _PAGE_DICTIONARY, _PAGE_DATA_2 = 2, 3, 5, 7, 8
_COUNT: Wanted = {1: None}
_PAGE: Wanted = {
    **dict.fromkeys((_PAGE_UNPACKED, _PAGE_PACKED)),
    **dict.fromkeys((_PAGE_DATA, _PAGE_DICTIONARY, _PAGE_DATA_2), _COUNT),
}


class _ForgedError(ValueError):
    """A file that says of itself what is not so, or asks too much."""


def _refuse(why: str) -> NoReturn:
    raise _ForgedError(why)


class _Chunk(NamedTuple):
    """A column's part of a row group: its bytes, and how many cells it has."""

    start: int
    end: int
    cells: int
    unpacked: int


@dataclass(frozen=True, slots=True)
class Sound:
    """How many rows from the first on may be read, and why none after them, if that is so."""

    rows: int
    fault: str | None = None


def unpacked_most(size: int) -> int:
    """Return how many bytes a file of a size may stand for."""
    return max(UNPACKED_FREE.most, UNPACKED_RATIO.most * size)


def _pages_most(size: int) -> int:
    """Return how many bytes the pages of a file of a size may unpack to."""
    return max(PARQUET_FREE.most, UNPACKED_RATIO.most * size)


def sound_rows(data: Buffer) -> Sound:
    """Return what may be read of a Parquet file.

    A file whose footer says what is not so may not be read at all; one with a damaged page may be
    up to the row group that the page is in.
    """
    rows = 0
    try:
        begin, footer = _footer(data)
        _check_schema(footer.parts.get(_SCHEMA, []))
        groups = [
            (_count(group, _GROUP_ROWS), [*_chunks(group, begin)])
            for group in footer.parts.get(_GROUPS, ())
        ]
        _check_size(sorted(chain.from_iterable(chunks for _, chunks in groups)), len(data))
        pages = _Pages(data)
        for count, chunks in groups:
            for chunk in chunks:
                pages.check(chunk)
            rows += count
    except (ThriftError, _ForgedError) as error:
        return Sound(rows, str(error))
    return Sound(rows)


def _footer(data: Buffer) -> tuple[int, Struct]:
    """Return where the footer begins, and the footer."""
    tail = bytes(data[-_TAIL:])
    if len(data) < len(MAGIC) + _TAIL or tail[4:] != MAGIC:
        _refuse("it does not end as one")
    length = int.from_bytes(tail[:4], "little")
    if length > PARQUET_FOOTER.most:
        _refuse(f"its footer is {length:,} bytes; {PARQUET_FOOTER.most:,} are the most")
    end = len(data) - _TAIL
    begin = end - length
    if begin < len(MAGIC):
        _refuse("its footer is longer than it is")
    raw = bytes(data[begin:end])
    footer, _ = read_struct(raw, 0, len(raw), _FOOTER)
    return begin, footer


def _check_schema(elements: Sequence[Struct]) -> None:
    """Ask whether the columns are a tree, and neither too deep nor too many."""
    open_, leaves = [1], 0
    for element in elements:
        if not open_:
            _refuse("its schema names columns that belong nowhere")
        if len(open_) > PARQUET_DEPTH.most + 1:
            _refuse(f"a column is over {PARQUET_DEPTH.most} levels deep")
        children = element.numbers.get(_CHILDREN, 0)
        open_[-1] -= 1
        leaves += children <= 0
        if children > 0:
            open_.append(children)
        while open_ and not open_[-1]:
            open_.pop()
    if open_:
        _refuse("its schema lacks columns it speaks of")
    if leaves > COLUMNS.most:
        _refuse(f"it has {leaves:,} columns; {COLUMNS.most:,} are the most")


def _chunks(group: Struct, begin: int) -> Iterator[_Chunk]:
    """Yield each column's part of a row group, all of which lie before the footer."""
    for chunk in group.parts.get(_CHUNKS, ()):
        if _ELSEWHERE in chunk.numbers:
            _refuse("a column is in another file")
        meta = chunk.part(_META)
        start = meta.numbers.get(_DICTIONARY) or meta.numbers.get(_DATA, 0)
        end = start + _count(meta, _PACKED)
        if not len(MAGIC) <= start <= end <= begin:
            _refuse("a column lies outside it")
        yield _Chunk(start, end, _count(meta, _VALUES), _count(meta, _UNPACKED))


def _count(struct: Struct, number: int) -> int:
    """Return a count, which cannot be less than nothing."""
    count = struct.numbers.get(number, 0)
    if count < 0:
        _refuse("it counts less than nothing")
    return count


def _check_size(chunks: Sequence[_Chunk], size: int) -> None:
    """Ask whether chunks share bytes, or stand for more than they may."""
    if any(before.end > after.start for before, after in pairwise(chunks)):
        _refuse("its columns share bytes")
    unpacked, most = sum(chunk.unpacked for chunk in chunks), _pages_most(size)
    if unpacked > most:
        _refuse(f"it unpacks to {unpacked:,} bytes; {most:,} are the most")
    cells = sum(chunk.cells for chunk in chunks)
    most = max(PARQUET_FREE_CELLS.most, PARQUET_CELLS.most * size)
    if cells > most:
        _refuse(f"it has {cells:,} cells; {most:,} are the most")


class _Pages:
    """The pages of a file, which together may be so many, and unpack to so much."""

    def __init__(self, data: Buffer) -> None:
        self._data = data
        self._spare = len(data) // _PAGE_BYTES
        self._unpacked = _pages_most(len(data))

    def check(self, chunk: _Chunk) -> None:
        """Ask whether a chunk's pages fill it, and hold the cells they should."""
        at, cells = chunk.start, 0
        self._spare += _PAGES
        while at < chunk.end:
            page, body = read_struct(self._data, at, chunk.end, _PAGE)
            at = body + _count(page, _PAGE_PACKED)
            self._spare -= 1
            self._unpacked -= _count(page, _PAGE_UNPACKED)
            cells += sum(_count(page.part(kind), 1) for kind in (_PAGE_DATA, _PAGE_DATA_2))
            if _count(page.part(_PAGE_DICTIONARY), 1) > _count(page, _PAGE_UNPACKED):
                _refuse("a dictionary has more words than bytes")
            if at > chunk.end or self._spare < 0 or self._unpacked < 0:
                _refuse("its pages are more, or larger, than they may be")
        if cells != chunk.cells:
            _refuse(f"a column should have {chunk.cells:,} cells and has {cells:,}")
