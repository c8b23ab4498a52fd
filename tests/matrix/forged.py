"""Parquet files that say of themselves what is not so: footers and page headers, written by hand.

The writer knows as much of Thrift's compact protocol as that takes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Value = int | bytes | Sequence["Value"] | Mapping[int, "Value"]
"""An integer, a text, a list or a struct."""

_LAST_32 = 2**31 - 1
INT_64, BYTES = 2, 6  # types of a column
REQUIRED = 0
PLAIN = 0
_BY_DICTIONARY = 8
DATA_PAGE, DICTIONARY_PAGE = 0, 2


def varint(number: int) -> bytes:
    """Return an unsigned number."""
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def _kind(value: Value) -> int:
    if isinstance(value, int):
        return 5 if -_LAST_32 <= value <= _LAST_32 else 6
    if isinstance(value, bytes):
        return 8
    return 12 if isinstance(value, Mapping) else 9


def thrift(value: Value) -> bytes:
    """Return a value in Thrift's compact protocol."""
    if isinstance(value, int):
        return varint(value << 1 if value >= 0 else (-value << 1) - 1)
    if isinstance(value, bytes):
        return varint(len(value)) + value
    if isinstance(value, Mapping):
        fields = (
            bytes([_kind(each)]) + thrift(number) + thrift(each) for number, each in value.items()
        )
        return b"".join(fields) + b"\0"
    kind = _kind(value[0]) if value else 5
    return bytes([0xF0 | kind]) + varint(len(value)) + b"".join(map(thrift, value))


def file_of(body: bytes, footer: bytes, length: int | None = None) -> bytes:
    """Return a file of pages and a footer, which may lie about its length."""
    stated = len(footer) if length is None else length
    return b"PAR1" + body + footer + stated.to_bytes(4, "little") + b"PAR1"


def page(values: int, body: bytes, unpacked: int | None = None, kind: int = DATA_PAGE) -> bytes:
    """Return a page: its header, then its body."""
    counted: Value = {1: values, 2: PLAIN, 3: 3, 4: 3} if kind == DATA_PAGE else {1: values, 2: 0}
    size = len(body) if unpacked is None else unpacked
    header: Value = {1: kind, 2: size, 3: len(body), 5 if kind == DATA_PAGE else 7: counted}
    return thrift(header) + body


@dataclass(frozen=True, slots=True)
class Said:
    """What a file of one column says; what is None is as it should be."""

    rows: int | None = None
    values: int | None = None
    unpacked: int | None = None
    packed: int | None = None
    offset: int = 4
    children: int = 1
    columns: int = 1
    elsewhere: bool = False
    chunks: int = 1


def forged(pages: bytes, values: int, said: Said = Said()) -> bytes:
    """Return a file of a column `seq` of 64-bit integers, and what it says."""
    meta: dict[int, Value] = {
        1: INT_64,
        2: [PLAIN],
        3: [b"seq"],
        4: 0,
        5: values if said.values is None else said.values,
        6: len(pages) if said.unpacked is None else said.unpacked,
        7: len(pages) if said.packed is None else said.packed,
        9: said.offset,
    }
    chunk: dict[int, Value] = {2: 4, 3: meta}
    if said.elsewhere:
        chunk[1] = b"../../etc/passwd"
    rows = values if said.rows is None else said.rows
    leaf: Value = {1: INT_64, 3: REQUIRED, 4: b"seq"}
    footer: Value = {
        1: 1,
        2: [{4: b"root", 5: said.children}, *[leaf] * said.columns],
        3: rows,
        4: [{1: [chunk] * said.chunks, 2: len(pages), 3: rows}],
    }
    return file_of(pages, thrift(footer))


def told_often(word: bytes, rows: int) -> bytes:
    """Return a file of a column `fill_id` that has one word in every row, and holds it once."""
    words = page(1, len(word).to_bytes(4, "little") + word, kind=DICTIONARY_PAGE)
    counted: Value = {1: rows, 2: _BY_DICTIONARY, 3: 3, 4: 3}
    body = b"\x01" + varint(rows << 1) + b"\0"
    data = thrift({1: DATA_PAGE, 2: len(body), 3: len(body), 5: counted}) + body
    meta: Value = {
        1: BYTES,
        2: [PLAIN, _BY_DICTIONARY],
        3: [b"fill_id"],
        4: 0,
        5: rows,
        6: len(words + data),
        7: len(words + data),
        9: 4 + len(words),
        11: 4,
    }
    leaf: Value = {1: BYTES, 3: REQUIRED, 4: b"fill_id", 6: 0}
    group: Value = {1: [{2: 4, 3: meta}], 2: len(words + data), 3: rows}
    footer: Value = {1: 1, 2: [{4: b"root", 5: 1}, leaf], 3: rows, 4: [group]}
    return file_of(words + data, thrift(footer))


def deep(levels: int) -> bytes:
    """Return a file whose one column is so many structs deep."""
    schema: list[Value] = [{4: b"s", 5: 1} for _ in range(levels)]
    footer: Value = {1: 1, 2: [*schema, {1: INT_64, 3: 0, 4: b"seq"}], 3: 0, 4: []}
    return file_of(b"", thrift(footer))


def nested(levels: int) -> bytes:
    """Return a file whose footer is structs in structs, none of which means anything."""
    return file_of(b"", b"\x1c" * levels + b"\0" * levels)


SOUND = forged(page(3, b"".join(n.to_bytes(8, "little") for n in range(3))), 3)
"""A file of three numbers, which any reader reads."""
