"""Exact sums of columns by small numbers that say where each row belongs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from routewarden.native.column import stream
from routewarden.native.library import Integer, Pointer, function, pointer

Integers = npt.NDArray[np.int64]

_sums = function("rw_sums", Pointer, Pointer, Integer, Pointer, Integer)
_OUTSIDE, _TOO_WIDE = 2, 3


def add_up(values: Sequence[pl.Series], places: Integers, width: int) -> Integers:
    """Return the sums of some columns of 64-bit integers: for each column, one for each place.

    Row i belongs to place `places[i]`, below `width`; a null adds nothing.

    Raises:
        OverflowError: A sum is more than 64 bits hold.
    """
    if places.dtype != np.int64 or any(places.shape != column.shape for column in values):
        message = "there is one place for each row, a 64-bit integer"
        raise ValueError(message)
    sums = np.zeros((len(values), width), dtype=np.int64)
    for column, into in zip(values, sums, strict=True):
        _add(column, places, into)
    return sums


def _add(column: pl.Series, places: Integers, sums: Integers) -> None:
    held = column.__arrow_c_stream__()
    fault = _sums(stream(held), pointer(places), len(places), pointer(sums), len(sums))
    if fault == _OUTSIDE:
        message = f"a row's place is one of {len(sums)}"
        raise ValueError(message)
    if fault == _TOO_WIDE:
        message = f"a sum of {column.name} is more than 64 bits hold"
        raise OverflowError(message)
    if fault:
        message = f"64-bit integers are added up, not {column.dtype}"
        raise TypeError(message)
