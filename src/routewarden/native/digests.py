"""The digests seen so far, and which of some more are new: `digests.c`.

It holds 40 to 80 bytes for each, and so never the records they are of.
"""

from __future__ import annotations

import ctypes

import numpy as np
import polars as pl

from routewarden.native.library import Integer, Pointer, function, pointer

_WORDS = 4
_ROOM = 1 << 10
_HEX = pl.Array(pl.UInt8, 64)


class _Set(ctypes.Structure):
    _fields_ = (
        ("kept", Pointer),
        ("count", Integer),
        ("room", Integer),
        ("table", Pointer),
        ("bits", Integer),
    )


_add = function("rw_digests_add", Pointer, Pointer, Integer, Pointer, gives=None)
_index = function("rw_digests_index", Pointer, gives=None)


class Digests:
    """SHA-256 digests, each once."""

    def __init__(self) -> None:
        self._kept = np.empty((0, _WORDS), np.uint64)
        self._set = _Set()
        self._make_room(_ROOM)

    def __len__(self) -> int:
        return int(self._set.count)

    def add(self, digests: pl.Series) -> pl.Series:
        """Keep digests (64 hexadecimal digits, no capitals); return of each if it was new."""
        digits = digests.cast(pl.Binary).bin.reinterpret(dtype=_HEX)
        if (count := len(self) + len(digits)) > self._set.room:
            self._make_room(1 << count.bit_length())
        is_new, hexadecimal = np.empty(len(digits), np.bool_), digits.to_numpy()
        _add(self._at, pointer(hexadecimal), len(digits), pointer(is_new))
        return pl.Series(is_new)

    def _make_room(self, room: int) -> None:
        count, bits = len(self), room.bit_length()
        kept = np.empty((room, _WORDS), np.uint64)
        kept[:count] = self._kept[:count]
        self._kept, self._table = kept, np.zeros(1 << bits, np.uint32)
        self._set = _Set(pointer(kept), count, room, pointer(self._table), bits)
        self._at = ctypes.addressof(self._set)
        _index(self._at)
