"""The compiled library: how it is found, and how a function of it is called.

A call lets other threads run, so two of them use two processors.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from routewarden.base.errors import RoutewardenError

_PATH = Path(__file__).with_name("compiled.so")


class NotCompiledError(RoutewardenError):
    """The compiled library is not there."""

    def __init__(self) -> None:
        super().__init__(f"{_PATH}: missing. Install the program again, or run hatch_build.py.")


def _load() -> ctypes.CDLL:
    if not _PATH.is_file():
        raise NotCompiledError
    return ctypes.CDLL(str(_PATH))


LIBRARY = _load()

Integer = ctypes.c_int64
Pointer = ctypes.c_void_p


def function(name: str, *takes: Any, gives: Any = Integer) -> Callable[..., Any]:  # noqa: ANN401 - ctypes has no type for its types
    """Return a function of the library, told what it takes and gives."""
    found = getattr(LIBRARY, name)
    found.argtypes, found.restype = takes, gives
    return found  # type: ignore[no-any-return]


def pointer(array: npt.NDArray[Any]) -> int:
    """Return where a contiguous array's first item is."""
    if not array.flags.c_contiguous:
        message = "an array handed to C is contiguous"
        raise ValueError(message)
    return array.ctypes.data


def bytes_of(data: bytes | memoryview) -> npt.NDArray[np.uint8]:
    """Return bytes as an array, without a copy."""
    return np.frombuffer(data, dtype=np.uint8)
