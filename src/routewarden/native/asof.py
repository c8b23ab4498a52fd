"""The search for the row in force, called with arrays."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from routewarden.native.library import Integer, Pointer, function, pointer

Integers = npt.NDArray[np.int64]

Point = tuple[Integers, int]
"""An instant of each look-up: a column of them, and so many nanoseconds after it."""

_as_of = function("rw_as_of", Pointer, Pointer, Integer, Pointer)


class _Rows(ctypes.Structure):
    _fields_ = (("at", Pointer), ("columns", Pointer), ("count", Integer), ("width", Integer))


class _Asked(ctypes.Structure):
    _fields_ = (
        *(("points", Pointer), ("answers", Pointer)),
        *(("count", Integer), ("width", Integer)),
    )


def as_of(
    at: Integers,
    columns: Sequence[Integers | None],
    runs: Integers,
    points: Sequence[Point],
    answers: Integers,
) -> None:
    """Write what the row in force at each point says, over what was written before.

    A run is `low, high, first, last, through`: look-ups from `first` to `last` are of the symbol of
    rows `low` to `high` (ends excluded), which come by time; what is asked past `through` may be
    left for later rows. Answers are by point, column and look-up; a column None is the row's own
    number. Where no row is in force nothing is written.
    """
    count = answers.shape[2]
    if answers.shape[:2] != (len(points), len(columns)):
        message = "there is one answer for each point and column"
        raise ValueError(message)
    taken = [0 if column is None else _address(column, at.shape) for column in columns]
    asked = [(_address(instants, (count,)), after) for instants, after in points]
    held, meant = np.array(taken, dtype=np.int64), np.array(asked, dtype=np.int64)
    rows = _Rows(_address(at, (len(at),)), pointer(held), len(at), len(columns))
    told = _address(answers, answers.shape)
    question = _Asked(pointer(meant), told, count, len(points))
    said = _address(runs, (len(runs), 5))
    if _as_of(ctypes.addressof(rows), said, len(runs), ctypes.addressof(question)):
        message = "a run lies outside the rows or the look-ups"
        raise ValueError(message)


def _address(array: Integers, shape: tuple[int, ...]) -> int:
    if array.dtype != np.int64 or array.shape != shape:
        message = f"64-bit integers of {shape} are wanted, not {array.dtype} of {array.shape}"
        raise ValueError(message)
    return pointer(array)
