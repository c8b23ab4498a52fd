"""A file read by a profile: the same records and rejects a canonical file would give.

rows = records + rejects + others        (where one table of the kind asked for makes records)
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import IO

import polars as pl

from routewarden.base.schema import INSTANTS, Table
from routewarden.sources.csv_text import PLACE, Block, Buffer, unescaped
from routewarden.sources.encoding import told_apart
from routewarden.sources.parquet_footer import MAGIC
from routewarden.sources.parquet_table import parquet_text
from routewarden.sources.profile.framing import FRAMINGS, day_of
from routewarden.sources.profile.instants import RFC3339
from routewarden.sources.profile.mapping import Mapper
from routewarden.sources.profile.model import Cell, DayOf, Profile, TableMap
from routewarden.sources.reject import Reason, Reject
from routewarden.sources.table import Batch, no_records
from routewarden.sources.typed import Bounds

_NO_LONGER_SENT = "ask for it, or take that table out of the profile"


@dataclass(frozen=True, slots=True)
class Given:
    """What is known of a file besides its bytes: the calendar's bounds, and its name.

    `opened` is the same bytes as an open file, where there is one, for a reader that looks about.
    """

    bounds: Bounds
    name: str
    opened: IO[bytes] | None = None


def read_profiled(table: Table, data: Buffer, profile: Profile, given: Given) -> Iterator[Batch]:
    """Yield the records and rejects of a file that says things as its profile tells."""
    if not any(each.kind is table.kind for each in profile.tables):
        kinds = ", ".join(sorted({each.kind for each in profile.tables})) or "nothing"
        detail = f"the profile {profile.name} finds no {table.kind} in a file, only {kinds}"
        yield _refused(table, data, Reason.NO_TABLE, detail)
        return
    encoded = _encoded(data, profile)
    if encoded is None:
        detail = "UTF-16 without a byte-order mark; the profile must say utf-16-le or utf-16-be"
        yield _refused(table, data, Reason.ENCODING, detail)
        return
    mapper: Mapper | None = None
    blocks, profile = _blocks(data, encoded, given.opened)
    for block in blocks:
        if not block.frame.columns:
            yield Batch(no_records(table), block.rejects, block.position, block.others)
            continue
        if mapper is None:
            made = _mapper(table, data, profile, given, block.frame)
            if isinstance(made, Batch):
                yield made
                return
            mapper = made
            yield _batch(mapper, block, tuple(_unsaid(mapper)))
            continue
        yield _batch(mapper, block)


def rows_of(data: Buffer, profile: Profile, lines: Collection[int]) -> list[dict[str, str | None]]:
    """Return the texts of some lines of a file's first block of records, by the file's columns.

    The profile is one that reads the file.
    """
    blocks, _ = _blocks(data, _encoded(data, profile) or profile)
    for block in blocks:
        found = block.frame.filter(pl.col("line").is_in(list(lines)))
        if found.height:
            return [{unescaped(n): row[n] for n in row} for row in found.iter_rows(named=True)]
    return []


def _encoded(data: Buffer, profile: Profile) -> Profile | None:
    """Return a profile that knows the file's encoding; None where there is no telling."""
    encoding = told_apart(profile.layout.encoding, data)
    if encoding is None:
        return None
    form = replace(profile.layout.form, encoding=encoding)
    return replace(profile, layout=replace(profile.layout, form=form))


def _blocks(
    data: Buffer, profile: Profile, opened: IO[bytes] | None = None
) -> tuple[Iterator[Block], Profile]:
    """Return a file's rows, and the profile as it holds for them."""
    if bytes(data[: len(MAGIC)]) != MAGIC:
        return FRAMINGS[profile.layout.format](data, profile.layout), profile
    stored = parquet_text(data, profile.columns, opened)
    tables = tuple(_as_stored(each, stored.instants) for each in profile.tables)
    return stored.blocks, replace(profile, tables=tables)


def _as_stored(table: TableMap, instants: frozenset[str]) -> TableMap:
    """Return a table that reads columns of instants as what they are, whatever the form."""

    def stored(cell: Cell) -> Cell:
        if instants.issuperset(cell.sources) and cell.sources:
            return replace(cell, clock=replace(cell.clock, form=RFC3339, day=None))
        return cell

    return replace(table, cells=tuple(stored(cell) for cell in table.cells))


def _mapper(
    table: Table, data: Buffer, profile: Profile, given: Given, rows: pl.DataFrame
) -> Mapper | Batch:
    """Return how the file's rows become records, or why none can."""
    present = frozenset(unescaped(name) for name in rows.columns if name not in PLACE)
    asked = [each for each in profile.tables if each.kind is table.kind]
    found = tuple(each for each in asked if each.needs <= present)
    if not found:
        best = min((each.needs - present for each in asked), key=len)
        missing = ", ".join(f"'{name}'" for name in sorted(best))
        others = sorted({each.kind for each in profile.tables if each.needs <= present})
        hint = f"; its columns are those of {', '.join(others)}" if others else ""
        detail = f"the file lacks {missing}, which {table.kind} are made of{hint}"
        return _refused(table, data, Reason.NO_COLUMNS, detail)
    days: dict[DayOf, date] = {}
    timed = [c for each in found for c in each.cells if c.column.type in INSTANTS]
    for day in {cell.clock.day for cell in timed if cell.clock.day is not None}:
        stated = day_of(data, day, profile.layout.form.encoding, given.name)
        if isinstance(stated, str):
            return _refused(table, data, Reason.NO_DATE, stated)
        days[day] = stated
    return Mapper(table, profile, found, present, days, given.bounds)


def _unsaid(mapper: Mapper) -> Iterator[Reject]:
    """Yield a reject for each table that lacks its columns, and alone says what it would say.

    A table whose constants another has too is how the same is said in another layout.
    """
    said = frozenset[tuple[str, str]]().union(*(each.constants for each in mapper.tables))
    for table in mapper.profile.tables:
        if table.kind is not mapper.table.kind or table.needs <= mapper.present:
            continue
        if alone := sorted(table.constants - said):
            lacks = ", ".join(f"'{name}'" for name in sorted(table.needs - mapper.present))
            what = ", ".join(f"{name} = {text}" for name, text in alone)
            detail = f"the file lacks {lacks}, so no record says {what}; {_NO_LONGER_SENT}"
            yield Reject(mapper.profile.layout.form.skip + 1, Reason.NO_COLUMNS, detail)


def _batch(mapper: Mapper, block: Block, of_file: tuple[Reject, ...] = ()) -> Batch:
    tables, rejects, others = mapper.map(block.frame)
    records = tables[0]
    if len(tables) > 1:
        records = pl.concat(tables).sort("line", maintain_order=True)
    every = tuple(sorted((*of_file, *block.rejects, *rejects), key=_place))
    return Batch(records, every, block.position, others + block.others)


def _place(reject: Reject) -> tuple[int, str, str]:
    return reject.line, reject.reason, reject.detail


def _refused(table: Table, data: Buffer, reason: Reason, detail: str) -> Batch:
    """Return the batch of a file refused whole."""
    return Batch(no_records(table), (Reject(1, reason, detail, end=len(data)),), len(data))
