"""Pieces of a file as a column of texts, without a Python object for each.

The C data interface of Apache Arrow hands the column over; its memory is freed by who takes it.
"""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from routewarden.native.library import LIBRARY, Integer, Pointer, function, pointer

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int64]

_FLAG_NULLABLE = 2
_MOST_BYTES = 2**31 - 1
"""What a view can point into."""


class TextTooLongError(Exception):
    """There is more text than the views of one column can point into."""


class _Schema(ctypes.Structure):
    _fields_ = (
        ("format", ctypes.c_char_p),
        ("name", ctypes.c_char_p),
        ("metadata", ctypes.c_char_p),
        ("flags", Integer),
        ("n_children", Integer),
        ("children", Pointer),
        ("dictionary", Pointer),
        ("release", Pointer),
        ("private_data", Pointer),
    )


class _Array(ctypes.Structure):
    _fields_ = (
        *((name, Integer) for name in ("length", "nulls", "offset", "n_buffers", "n_children")),
        *((name, Pointer) for name in ("buffers", "children", "dictionary", "release", "private")),
    )


_strings = function("rw_strings", *(Pointer,) * 3, *(Integer,) * 3, Pointer)
_release = function("rw_release", Pointer, gives=None)
_capsule = ctypes.pythonapi.PyCapsule_New
_capsule.argtypes, _capsule.restype = (Pointer, ctypes.c_char_p, Pointer), ctypes.py_object


_FORGET = ctypes.cast(LIBRARY.rw_forget, Pointer).value


class _Column:
    """A column of texts on its way to Polars; taken once."""

    def __init__(self, data: Bytes, start: Offsets, end: Offsets, *, known: bool = False) -> None:
        self.array = _Array()
        self.schema = _Schema(format=b"vu", name=b"", flags=_FLAG_NULLABLE, release=_FORGET)
        place = ctypes.addressof(self.array)
        pieces = pointer(data), pointer(start), pointer(end), len(start)
        if fault := _strings(*pieces, known, _MOST_BYTES, place):
            raise MemoryError if fault < 0 else TextTooLongError

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[Any, Any]:
        """Hand the column over as two capsules: its type and its memory."""
        del requested_schema
        return (
            _capsule(ctypes.addressof(self.schema), b"arrow_schema", None),
            _capsule(ctypes.addressof(self.array), b"arrow_array", None),
        )

    def __del__(self) -> None:
        """Free what nobody took."""
        _release(ctypes.addressof(self.array))


def strings(data: Bytes, start: Offsets, end: Offsets, *, known: bool = False) -> pl.Series:
    """Return the pieces data[start:end] as texts; null where a start is below 0, or no UTF-8 is.

    Starts and ends lie within the data. `known` says that every piece is UTF-8 for certain.

    Raises:
        TextTooLongError: A single piece has more bytes than a view can point into.
    """
    try:
        return pl.Series(_Column(data, start, end, known=known))
    except TextTooLongError:
        if len(start) == 1:
            raise
        half = len(start) // 2
        first = strings(data, start[:half], end[:half], known=known)
        return first.append(strings(data, start[half:], end[half:], known=known))
