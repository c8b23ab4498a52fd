"""Thrift's compact protocol, read as far as a caller has names for, and no further than it should.

Numbers and structs that are wanted are kept; all else is passed over. What a writer would not write
(a number past 64 bits, structs in structs past any need, more values than a footer has) is an
error.

Source: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn

from routewarden.sources.csv_text import Buffer

Wanted = Mapping[int, "Wanted | None"]
"""Fields to keep, by number: None for an integer or a text's length, else what of a struct."""

_TRUE, _FALSE, _BYTE, _DOUBLE, _TEXT, _LIST, _SET, _MAP, _STRUCT = 1, 2, 3, 7, 8, 9, 10, 11, 12
_INTEGERS = frozenset({4, 5, 6})
_DEPTH = 12
_VALUES = 1_000_000
_KEPT = 10  # values that a struct which is kept counts for: it takes that much more memory
_MOST_BITS = 63


class ThriftError(ValueError):
    """Bytes that are no struct, or one that asks too much."""


@dataclass(frozen=True, slots=True)
class Struct:
    """The integers of a struct, and its structs and lists of structs, by field number."""

    numbers: dict[int, int] = field(default_factory=dict)
    parts: dict[int, list[Struct]] = field(default_factory=dict)

    def part(self, number: int) -> Struct:
        """Return a struct within, empty where there is none."""
        return next(iter(self.parts.get(number, ())), Struct())


def _refuse(why: str) -> NoReturn:
    raise ThriftError(why)


def read_struct(data: Buffer, at: int, end: int, wanted: Wanted) -> tuple[Struct, int]:
    """Return the struct that begins at a byte and ends before another, and where it ends.

    Raises:
        ThriftError: There is none, or it is not to be read.
    """
    reader = _Reader(data, at, end)
    return reader.struct(wanted, _DEPTH), reader.at


@dataclass(slots=True)
class _Reader:
    data: Buffer
    at: int
    end: int
    values: int = _VALUES

    def struct(self, wanted: Wanted, depth: int) -> Struct:
        self._spend(_KEPT)
        found, number = Struct(), 0
        while head := self._byte():
            number = number + (head >> 4) if head >> 4 else self._integer()
            kind = head & 15
            if number in wanted and kind not in {_TRUE, _FALSE, _DOUBLE, _SET, _MAP}:
                self._keep(found, number, kind, wanted[number], depth)
            else:
                self._pass(kind, depth)
        return found

    def _keep(
        self, found: Struct, number: int, kind: int, wanted: Wanted | None, depth: int
    ) -> None:
        if kind in _INTEGERS:
            found.numbers[number] = self._integer()
        elif kind == _BYTE:
            found.numbers[number] = self._byte()
        elif kind == _TEXT:
            found.numbers[number] = length = self._varint()
            self._skip(length)
        else:
            found.parts[number] = self._structs(kind, wanted or {}, depth - 1)

    def _structs(self, kind: int, wanted: Wanted, depth: int) -> list[Struct]:
        if kind == _STRUCT:
            return [self.struct(wanted, depth)]
        count, kind = self._list()
        if kind == _STRUCT:
            return [self.struct(wanted, depth) for _ in range(count)]
        for _ in range(count):
            self._pass_element(kind, depth)
        return []

    def _pass(self, kind: int, depth: int) -> None:
        """Pass over a field's value; a flag has none."""
        if kind not in {_TRUE, _FALSE}:
            self._pass_element(kind, depth)

    def _pass_element(self, kind: int, depth: int) -> None:
        self._spend(1)
        if depth == 0:
            _refuse("values within values, too deep")
        if kind in {_TRUE, _FALSE, _BYTE}:
            self._skip(1)
        elif kind in _INTEGERS:
            self._varint()
        elif kind == _DOUBLE:
            self._skip(8)
        elif kind == _TEXT:
            self._skip(self._varint())
        else:
            self._pass_many(kind, depth)

    def _pass_many(self, kind: int, depth: int) -> None:
        if kind in {_LIST, _SET}:
            count, kinds = self._list()
            for _ in range(count):
                self._pass_element(kinds, depth - 1)
        elif kind == _STRUCT:
            while head := self._byte():
                if not head >> 4:
                    self._varint()
                self._pass(head & 15, depth - 1)
        else:
            _refuse(f"a value of an unknown type, {kind}")

    def _list(self) -> tuple[int, int]:
        """Return how many elements a list has, and of what type."""
        head = self._byte()
        count = head >> 4
        return (self._varint() if count == 15 else count), head & 15

    def _spend(self, values: int) -> None:
        self.values -= values
        if self.values < 0:
            _refuse(f"over {_VALUES:,} values")

    def _integer(self) -> int:
        number = self._varint()
        return (number >> 1) ^ -(number & 1)

    def _varint(self) -> int:
        number, bits = self._byte(), 0
        if number < 128:
            return number
        number &= 127
        while (bits := bits + 7) <= _MOST_BITS:
            byte = self._byte()
            number |= (byte & 127) << bits
            if byte < 128:
                return number
        _refuse("a number past 64 bits")

    def _byte(self) -> int:
        if self.at >= self.end:
            _refuse("it breaks off")
        self.at += 1
        return self.data[self.at - 1]

    def _skip(self, size: int) -> None:
        self.at += size
        if self.at > self.end:
            _refuse("it breaks off")
