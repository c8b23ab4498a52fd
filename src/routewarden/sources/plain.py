"""Columns of a table read from their cells at once, where every cell is plain and right.

Then no text is made of them. Any other column comes as text, and each of its cells is judged by
itself: what is refused, and why, has one home.
"""

from __future__ import annotations

from collections.abc import Mapping

from routewarden.base.schema import NUMBERS, Column, Table, Type
from routewarden.sources.csv_text import Reader
from routewarden.sources.typed import Bounds


def plain_readers(table: Table, bounds: Bounds) -> Mapping[str, Reader]:
    """Return what reads the columns of numbers and instants of a table, by their names.

    Numbers come as counts of 64 bits, instants as UTC ns.
    """
    readers = ((column.name, _reader(column, bounds)) for column in table.columns)
    return {name: reader for name, reader in readers if reader is not None}


def _reader(column: Column, bounds: Bounds) -> Reader | None:
    if column.type in NUMBERS:
        numbers = NUMBERS[column.type]
        return lambda cells: cells.decimals(numbers.scale, numbers.least, numbers.most)
    if column.type is Type.INSTANT:
        return lambda cells: cells.instants(bounds.first, bounds.end)
    return None
