"""Columns of texts read as instants, without a Python object for each.

An instant is stated by RFC 3339 in UTC, with `Z` or `+00:00` and up to nine fractional digits; a
leap second has no place in a day of nanoseconds.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from routewarden.base.time import REPRESENTABLE_YEARS
from routewarden.native.column import stream
from routewarden.native.library import Pointer, function, pointer

_instants = function("rw_instants", Pointer, Pointer, Pointer, Pointer)
_YEARS = np.array(REPRESENTABLE_YEARS, np.int64)


class _Told(IntEnum):
    """What a text says of an instant, as numbers.h has it."""

    NO_TEXT, NO_INSTANT, NO_COUNT, INSTANT = range(4)


def parse_instant(text: pl.Expr) -> pl.Expr:
    """Return instants (UTC ns) from RFC 3339 text; null where the text is not one.

    So is an instant of a year that 64 bits of nanoseconds do not hold whole.
    """
    return text.map_batches(_counts, return_dtype=pl.Int64(), is_elementwise=True)


def states_instant(text: pl.Expr) -> pl.Expr:
    """Return whether a text states an instant, in whatever year; null of none."""
    return text.map_batches(_stated, return_dtype=pl.Boolean(), is_elementwise=True)


def _counts(texts: pl.Series) -> pl.Series:
    count, told = _read(texts)
    counts = pl.Series(texts.name, count)
    return counts.set(pl.Series(told != _Told.INSTANT), None)


def _stated(texts: pl.Series) -> pl.Series:
    _, told = _read(texts)
    stated = pl.Series(texts.name, told >= _Told.NO_COUNT)
    return stated.set(pl.Series(told == _Told.NO_TEXT), None)


def _read(texts: pl.Series) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    count, told = np.zeros(len(texts), np.int64), np.empty(len(texts), np.uint8)
    held: Any = texts.cast(pl.String).alias("").__arrow_c_stream__()  # a name of C holds no NUL
    if _instants(stream(held), pointer(_YEARS), pointer(count), pointer(told)):
        message = "texts are handed over as views"
        raise TypeError(message)
    return count, told
