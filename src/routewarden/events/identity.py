"""One record for one identifier: which of several rows with an id stands.

The first row known stays in force. A later row with the same content is a duplicate and changes
nothing; one with other content is a conflict that a named person must settle. Content is the parsed
value of every column, those outside the data model included; where in a file a row stands is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from routewarden.base.schema import Table
from routewarden.sources.csv_text import PLACE
from routewarden.sources.reject import Reason, Reject
from routewarden.sources.typed import EXTRA_PREFIX


@dataclass(frozen=True, slots=True)
class Identified:
    """The rows of a file that are new, how many were known already, and the conflicts."""

    records: pl.DataFrame
    duplicates: int
    conflicts: tuple[Reject, ...]


def identify(table: Table, rows: pl.DataFrame, held: pl.DataFrame) -> Identified:
    """Tell new rows from duplicates and conflicts; where there is no identifier, all are new.

    Args:
        table: The kind of record.
        rows: The file's records, in file order, with their place.
        held: Records already in force; only those that share an id with `rows` matter.
    """
    key = table.key
    if key is None:
        return Identified(rows, 0, ())
    repeated = rows.filter(known_again(rows[key], held[key]))
    if repeated.is_empty():
        return Identified(rows, 0, ())
    first = pl.concat([_ranked(held, 0), _ranked(repeated, 1)], how="diagonal_relaxed")
    first = first.sort("rank", "line").unique(key, keep="first", maintain_order=True)
    stands = first.filter(pl.col("rank") == 1).select("line")
    later = repeated.join(stands, on="line", how="anti")
    same = _same_content(key, later, first)
    conflicts = tuple(_conflicts(key, later.filter(~same), first))
    records = rows.join(later.select("line"), on="line", how="anti", maintain_order="left")
    return Identified(records, int(same.sum()), conflicts)


def known_again(ids: pl.Series, held: pl.Series) -> pl.Series:
    """Return which ids are held already or occur more than once.

    Ids of one hash are few, and only they are compared.
    """
    hashes = ids.hash()
    ordered = hashes.sort()
    shared = hashes.is_in(ordered.filter(ordered == ordered.shift()).implode())
    twice = shared.clone()
    if shared.any():
        twice = shared.scatter(shared.arg_true(), ids.filter(shared).is_duplicated())
    return twice | ids.is_in(held.implode())


def _ranked(frame: pl.DataFrame, rank: int) -> pl.DataFrame:
    return frame.with_columns(rank=pl.lit(rank, dtype=pl.Int8))


def _same_content(key: str, later: pl.DataFrame, first: pl.DataFrame) -> pl.Series:
    """Return, for each later row, whether every column equals the first row's; nulls are equal."""
    content = [name for name in first.columns if name not in {*PLACE, "file", key, "rank"}]
    absent = [name for name in content if name not in later.columns]
    pairs = later.with_columns(
        pl.lit(None, dtype=first.schema[name]).alias(name) for name in absent
    ).join(first, on=key, how="left", suffix=" first", maintain_order="left")
    return pairs.select(pl.all_horizontal(_same(name) for name in content)).to_series()


def _same(name: str) -> pl.Expr:
    """Return whether two values are equal: as typed, or, of an extra column, as plain decimals."""
    one, other = pl.col(name), pl.col(f"{name} first")
    if not name.startswith(EXTRA_PREFIX):
        return one.eq_missing(other)
    numbers = [
        pl.when(value.str.contains(_PLAIN_DECIMAL)).then(value).cast(_DECIMAL, strict=False)
        for value in (one, other)
    ]
    return one.eq_missing(other) | (numbers[0] == numbers[1]).fill_null(value=False)


_HELD = "' is held with other content"
_PLAIN_DECIMAL = r"^-?[0-9]{1,20}(?:\.[0-9]{1,18})?$"
_DECIMAL = pl.Decimal(38, 18)


def conflicting_id(conflict: Reject) -> str:
    """Return the identifier a conflict is about."""
    return conflict.detail.partition(" '")[2].rpartition(_HELD)[0]


def _conflicts(key: str, rows: pl.DataFrame, first: pl.DataFrame) -> Iterator[Reject]:
    known = first.select(key, pl.col("line").alias("known at"))
    located = rows.select(key, *PLACE).join(known, on=key, how="left", maintain_order="left")
    for identifier, line, start, end, known_at in located.iter_rows():
        detail = (
            f"{key} '{identifier}{_HELD} (line {known_at} of the file it came "
            "from); the first stays in force until a named person settles which is right"
        )
        yield Reject(line, Reason.CONFLICT, detail, key, start, end)
