"""Pieces of a file as a column of texts, without a Python object for each.

The C data interface of Apache Arrow hands the column over; its memory is freed by who takes it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from routewarden.native.column import Made
from routewarden.native.library import Integer, Pointer, function, pointer

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int64]

_MOST_BYTES = 2**31 - 1
"""What a view can point into."""


class TextTooLongError(Exception):
    """There is more text than the views of one column can point into."""


_strings = function("rw_strings", *(Pointer,) * 3, *(Integer,) * 3, Pointer)


def strings(data: Bytes, start: Offsets, end: Offsets, *, known: bool = False) -> pl.Series:
    """Return the pieces data[start:end] as texts; null where a start is below 0, or no UTF-8 is.

    Starts and ends lie within the data. `known` says that every piece is UTF-8 for certain.

    Raises:
        TextTooLongError: A single piece has more bytes than a view can point into.
    """
    told = Made(b"vu")
    pieces = pointer(data), pointer(start), pointer(end), len(start)
    fault = _strings(*pieces, known, _MOST_BYTES, told.place)
    if fault < 0:
        raise MemoryError
    if not fault:
        return pl.Series(told)
    if len(start) == 1:
        raise TextTooLongError
    half = len(start) // 2
    first = strings(data, start[:half], end[:half], known=known)
    return first.append(strings(data, start[half:], end[half:], known=known))
