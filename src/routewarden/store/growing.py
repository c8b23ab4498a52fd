"""A date's lake file that grows as its rows come, while they come in the order of time.

So a log or a router writes them, all but, and a date in that order need not be sorted, nor put
aside until it is whole. Where a row turns out to belong before what is written, the file is none:
its rows are merged with the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from queue import Queue

import polars as pl

from routewarden.base.schema import Table
from routewarden.store.lakefile import stored, write_file

_WAITING = 1  # frames that wait for the thread that writes


def is_by_time(table: Table) -> bool:
    """Return whether the records of a date are kept by the time that dates them."""
    return table.sorted_by[:1] == (table.dated_by,)


class Growing:
    """The file, of `rows` so far, written by a thread; what fails in it is raised by `close`."""

    def __init__(self, table: Table, path: Path) -> None:
        self.path, self.rows = path, 0
        self._table, self._schema, self._until = table, pl.Schema(), 0
        self._put = Queue[pl.DataFrame | None](_WAITING)
        self._thread = ThreadPoolExecutor(1)
        self._written: Future[None] | None = None
        self._is_closed = self._is_drained = False

    def takes(self, rows: pl.DataFrame) -> bool:
        """Add sorted rows, unless the first belongs before others, or is not of their schema."""
        kept, at = stored(self._table, rows), rows[str(self._table.dated_by)]
        if self._written is None:
            self._schema, self._written = kept.schema, self._thread.submit(self._write)
        elif self._is_closed or at[0] <= self._until or kept.schema != self._schema:
            return False
        self.rows, self._until = self.rows + rows.height, at[-1]
        self._put.put(kept)
        return True

    def close(self) -> None:
        """Write all of it; to close it again changes nothing."""
        if not self._is_closed:
            self._is_closed = True
            self._put.put(None)
            self._thread.shutdown()
        if self._written is not None:
            self._written.result()

    def _write(self) -> None:
        try:
            write_file(self.path, self._frames())
        finally:  # who puts rows never waits for a thread that gave up
            for _ in self._frames():
                pass

    def _frames(self) -> Iterator[pl.DataFrame]:
        while not self._is_drained:
            rows = self._put.get()
            self._is_drained = rows is None
            if rows is not None:
                yield rows
