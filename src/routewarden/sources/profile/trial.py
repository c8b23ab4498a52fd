"""What a profile makes of a file, column by column: before and after, and what would be refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from routewarden.base.exact import plain, to_decimal
from routewarden.base.schema import INSTANTS, NUMBERS, Column, Table
from routewarden.base.time import render_instant
from routewarden.sources.csv_text import Buffer
from routewarden.sources.profile.model import Cell, Profile
from routewarden.sources.profile.reading import Given, read_profiled, rows_of
from routewarden.sources.reject import Reason, Reject

_EXAMPLES = 3  # values of a column, and rejects of a reason, that are shown


@dataclass(frozen=True, slots=True)
class Told:
    """A canonical column, where it comes from, and first texts before and after."""

    column: str
    source: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """A reason, how many records it refused, and the first of them."""

    reason: Reason
    count: int
    examples: tuple[Reject, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """What would come of a file."""

    columns: tuple[Told, ...]
    extras: tuple[str, ...]
    records: int
    others: int
    refused: tuple[Refused, ...]


def try_profile(
    table: Table, data: Buffer, profile: Profile, given: Given, unsaid: tuple[str, ...] = ()
) -> Trial:
    """Read a file whole, keep nothing but its first records, and count.

    `unsaid` are needed columns that the profile does not say yet, and has as empty: the others are
    shown as they would be, and every record counts as refused.
    """
    if unsaid:
        free = (replace(c, required=c.required and c.name not in unsaid) for c in table.columns)
        tried = try_profile(replace(table, columns=tuple(free)), data, profile, given)
        lacking = (Refused(Reason.MISSING, tried.records, ()),) if tried.records else ()
        columns = tuple(each for each in tried.columns if each.column not in unsaid)
        return replace(tried, columns=columns, records=0, refused=(*lacking, *tried.refused))
    records = others = 0
    shown: pl.DataFrame | None = None
    counts: Counter[Reason] = Counter()
    examples: dict[Reason, list[Reject]] = {}
    for batch in read_profiled(table, data, profile, given):
        records += batch.records.height
        others += batch.others
        if shown is None and batch.records.height:
            shown = batch.records.head(_EXAMPLES)
        for reject in batch.rejects:
            counts[reject.reason] += 1
            some = examples.setdefault(reject.reason, [])
            if len(some) < _EXAMPLES:
                some.append(reject)
    refused = (Refused(reason, n, tuple(examples[reason])) for reason, n in counts.most_common())
    extras = () if shown is None else tuple(n for n in shown.columns if n.startswith("x_"))
    if shown is not None:
        lines = shown["line"].to_list()
    else:  # nothing came of the file: what was refused first is shown as it stands there
        lines = sorted({each.line for some in examples.values() for each in some})[:_EXAMPLES]
    columns = tuple(_told(table, rows_of(data, profile, lines), profile, shown))
    return Trial(columns, extras, records, others, tuple(refused))


def _told(
    table: Table,
    rows: Sequence[Mapping[str, str | None]],
    profile: Profile,
    shown: pl.DataFrame | None,
) -> Iterator[Told]:
    cells: dict[str, Cell] = {}
    for each in profile.tables:
        if each.kind is table.kind:
            cells = {**{cell.column.name: cell for cell in each.cells}, **cells}
    for column in table.columns:
        if column.name in cells:
            cell = cells[column.name]
            before = tuple(" + ".join(row.get(n) or "" for n in cell.columns) for row in rows)
            after = () if shown is None else tuple(_text(shown, column))
            source = " + ".join(cell.columns) or f"'{cell.value}'"
            yield Told(column.name, source, before if cell.columns else (), after)


def _text(records: pl.DataFrame, column: Column) -> list[str]:
    """Return values as the text they stand for; nothing for null."""
    value = pl.col(column.name)
    if column.type in NUMBERS:
        value = plain(to_decimal(value, NUMBERS[column.type].scale))
    elif column.type in INSTANTS:
        value = render_instant(value)
    return records.select(value.cast(pl.String).fill_null("")).to_series().to_list()
