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
Edges = tuple[Integers, Integers, Integers]
"""Whose rows are where: codes that ascend, first rows, and last ones (excluded)."""

_BLOCK = 64  # RW_BLOCK

_as_of = function("rw_as_of", Pointer, Pointer)
_blocks = function("rw_blocks", Pointer, Integer, Pointer, Pointer, gives=None)


class _Spans(ctypes.Structure):
    _fields_ = (*((name, Pointer) for name in ("code", "start", "end")), ("count", Integer))


class _Rows(ctypes.Structure):
    _fields_ = (
        *((name, Pointer) for name in ("spans", "at", "columns")),
        *((name, Integer) for name in ("count", "width", "through")),
    )


class _Point(ctypes.Structure):
    _fields_ = (*((name, Pointer) for name in ("from_", "least", "most")), ("after", Integer))


class _Asked(ctypes.Structure):
    _fields_ = (
        *((name, Pointer) for name in ("spans", "points", "answers")),
        *((name, Integer) for name in ("count", "width")),
    )


class Asked:
    """Points of look-ups, and where their answers go: by point, column and look-up."""

    def __init__(self, edges: Edges, points: Sequence[Point], answers: Integers) -> None:
        self._width, count = answers.shape[1:]
        if len(answers) != len(points):
            message = "there is one answer for each point and column"
            raise ValueError(message)
        columns = {id(instants): instants for instants, _ in points}
        blocks = {name: _least_and_most(column, count) for name, column in columns.items()}
        told = (_Point * len(points))(
            *(
                _Point(pointer(column), *map(pointer, blocks[id(column)]), after)
                for column, after in points
            )
        )
        spans = _spans(edges)
        self._held = (edges, spans, columns, blocks, told, answers)
        self._asked = _Asked(
            *(ctypes.addressof(spans), ctypes.addressof(told), _address(answers, answers.shape)),
            *(count, len(points)),
        )

    def answer(
        self, edges: Edges, at: Integers, columns: Sequence[Integers | None], through: int
    ) -> None:
        """Write what the row in force at each point says, over what was written before.

        Rows of a symbol come by time; what is asked of the last one past `through` may be left for
        later rows. A column None is the row's own number. Where no row is in force nothing is
        written.
        """
        if len(columns) != self._width:
            message = "there is one answer for each point and column"
            raise ValueError(message)
        taken = [0 if column is None else _address(column, at.shape) for column in columns]
        places, spans = (Pointer * len(taken))(*taken), _spans(edges)
        rows = _Rows(
            *(ctypes.addressof(spans), _address(at, (len(at),)), ctypes.addressof(places)),
            *(len(at), len(taken), through),
        )
        if _as_of(ctypes.addressof(rows), ctypes.addressof(self._asked)):
            message = "a span lies outside the rows or the look-ups, or out of order"
            raise ValueError(message)


def _least_and_most(column: Integers, count: int) -> tuple[Integers, Integers]:
    least, most = (np.empty(-(-count // _BLOCK), dtype=np.int64) for _ in range(2))
    _blocks(_address(column, (count,)), count, pointer(least), pointer(most))
    return least, most


def _spans(edges: Edges) -> _Spans:
    shape = (len(edges[0]),)
    return _Spans(*(_address(edge, shape) for edge in edges), *shape)


def _address(array: Integers, shape: tuple[int, ...]) -> int:
    if array.dtype != np.int64 or array.shape != shape:
        message = f"64-bit integers of {shape} are wanted, not {array.dtype} of {array.shape}"
        raise ValueError(message)
    return pointer(array)
