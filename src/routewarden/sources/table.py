"""A canonical table, from a file's bytes to typed records and rejects.

    read = records + rejects

Records hold every column of the data model; columns the model does not know are kept as text under
`x_name`. `line` says where in the file each record stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO

import polars as pl

from routewarden.base.ahead import ahead
from routewarden.base.schema import Table
from routewarden.sources.csv_text import PLACE, Block, Buffer, cut_csv, unescaped
from routewarden.sources.parquet_footer import MAGIC
from routewarden.sources.parquet_table import read_parquet
from routewarden.sources.plain import plain_readers
from routewarden.sources.reject import Reject
from routewarden.sources.typed import EXTRA_PREFIX, Bounds, conform


@dataclass(frozen=True, slots=True)
class Batch:
    """Records and rejects of a stretch of a file that ends at byte `position`.

    `others` counts what is no record of the kind asked for, and no fault either: a line of a log
    that holds no message, a row of another kind.
    """

    records: pl.DataFrame
    rejects: tuple[Reject, ...]
    position: int
    others: int = 0


def read_table(
    table: Table, data: Buffer, bounds: Bounds, opened: IO[bytes] | None = None
) -> Iterator[Batch]:
    """Yield the records and rejects of a CSV or Parquet file, told apart by its first bytes.

    `opened` is the same bytes as an open file, where there is one: Parquet is not read in order.
    """
    if bytes(data[: len(MAGIC)]) == MAGIC:
        for block in read_parquet(table, data, opened):
            yield _batch(table, block.frame, block.rejects, block.position, bounds)
        return

    def batch(make: Callable[[], Block]) -> Batch:
        block = make()
        return _batch(table, block.frame, block.rejects, block.position, bounds)

    yield from ahead(cut_csv(data, readers=plain_readers(table, bounds)), batch)


def no_records(table: Table) -> pl.DataFrame:
    """Return a frame of no records."""
    return pl.DataFrame(schema={**table.schema, **dict.fromkeys(PLACE, pl.Int64())})


def _batch(
    table: Table, text: pl.DataFrame, rejects: tuple[Reject, ...], position: int, bounds: Bounds
) -> Batch:
    if text.is_empty():
        return Batch(no_records(table), rejects, position)
    known = {*table.names, *PLACE}
    others = [name for name in text.columns if name not in known]
    extras = {name: EXTRA_PREFIX + unescaped(name) for name in others}
    records, refused = conform(table, text.rename(extras), bounds)
    return Batch(records, tuple(sorted((*rejects, *refused))), position)
