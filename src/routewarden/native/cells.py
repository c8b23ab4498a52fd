"""Columns of cells read as numbers and instants where they stand: `cells.c`.

A column is read whole, or not at all: where one cell is anything but plain and right, what it is,
is another reader's to tell.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from routewarden.base.time import REPRESENTABLE_YEARS
from routewarden.native.library import Integer, Pointer, function, pointer
from routewarden.native.strings import Bytes, Offsets, strings


class _Cells(ctypes.Structure):
    _fields_ = (("text", Pointer), ("from_", Pointer), ("to", Pointer), ("rows", Integer))


_decimals = function("rw_cells_decimals", *(Pointer, Integer, Integer, Integer, Pointer))
_instants = function("rw_cells_instants", *(Pointer, Pointer, Integer, Integer, Pointer))
_YEARS = np.array(REPRESENTABLE_YEARS, np.int64)
_EMPTY = -(2**63)


@dataclass(frozen=True, slots=True)
class Cells:
    """A column of cells: UTF-8 from `start` to `end` in a text; a start below 0 where empty."""

    text: Bytes
    start: Offsets
    end: Offsets

    def texts(self) -> pl.Series:
        """Return the cells as texts, null where they are empty."""
        return strings(self.text, self.start, self.end, known=True)

    def decimals(self, scale: int, least: int, most: int) -> pl.Series | None:
        """Return plain decimals as counts of 10**-scale; None if one is not plain or in range."""
        counts = np.empty(len(self.start), np.int64)
        bounds = max(least, 1 - 2**63), min(most, 2**63 - 1)
        return _filled(counts, _decimals(self._place(), scale, *bounds, pointer(counts)))

    def instants(self, first: int, past: int) -> pl.Series | None:
        """Return instants (UTC ns) from `first` on and before `past`; None if one is no such."""
        counts = np.empty(len(self.start), np.int64)
        empty = _instants(self._place(), pointer(_YEARS), first, past, pointer(counts))
        return _filled(counts, empty)

    def _place(self) -> Any:  # noqa: ANN401 - ctypes has no type for what it hands over
        pieces = pointer(self.text), pointer(self.start), pointer(self.end)
        place = _Cells(*pieces, len(self.start))
        return ctypes.byref(place)


def _filled(counts: Offsets, empty: int) -> pl.Series | None:
    if empty < 0:
        return None
    found = pl.Series(counts)
    return found.set(found == _EMPTY, None) if empty else found
