"""A column on its way between C and Polars, without a Python object for each value.

The C data interface of Apache Arrow hands it over; its memory is freed by who takes it.
"""

from __future__ import annotations

import ctypes
from typing import Any

from routewarden.native.library import LIBRARY, Integer, Pointer, function

_FLAG_NULLABLE = 2
_FORGET = ctypes.cast(LIBRARY.rw_forget, Pointer).value
_release = function("rw_release", Pointer, gives=None)
_capsule = ctypes.pythonapi.PyCapsule_New
_capsule.argtypes, _capsule.restype = (Pointer, ctypes.c_char_p, Pointer), ctypes.py_object
_get = ctypes.pythonapi.PyCapsule_GetPointer
_get.argtypes, _get.restype = (ctypes.py_object, ctypes.c_char_p), Pointer


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


class Made:
    """A column that C makes, of a type as Arrow writes it; taken once."""

    def __init__(self, of: bytes) -> None:
        self.array = _Array()
        self.schema = _Schema(format=of, name=b"", flags=_FLAG_NULLABLE, release=_FORGET)

    @property
    def place(self) -> int:
        """Where C writes it."""
        return ctypes.addressof(self.array)

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[Any, Any]:
        """Hand the column over as two capsules: its type and its memory."""
        del requested_schema
        return (
            _capsule(ctypes.addressof(self.schema), b"arrow_schema", None),
            _capsule(ctypes.addressof(self.array), b"arrow_array", None),
        )

    def __del__(self) -> None:
        """Free what nobody took."""
        _release(self.place)


def stream(held: Any) -> int:  # noqa: ANN401 - ctypes has no type for a capsule
    """Return where the stream in a capsule is, for as long as the capsule lives."""
    return int(_get(held, b"arrow_array_stream"))
