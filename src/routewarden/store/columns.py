"""Rows out of files sorted by symbol and time: of some symbols, or a stretch at a time.

The footer of such a file says how many rows each symbol has, in order, so the symbols themselves
are never decoded, and rows of symbols nobody asks about are never read; a file that does not say is
asked for its column of symbols. What is held is one stretch, however many rows there are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from routewarden.market.asof import NONE, Spans, Stretch
from routewarden.native.asof import Integers
from routewarden.store.lakefile import symbols_of

_GAP = 1 << 16
"""So many rows nobody asks about are read along: about a row group, which is decoded anyway."""
_AT_ONCE = 1 << 20
"""So few rows are handed on together: to take up each stretch by itself would cost more."""


@dataclass(frozen=True, slots=True)
class SortedFile:
    """A Parquet file sorted by symbol and time: row `edges[i]` is the first of `symbols[i]`."""

    rows_of: pl.LazyFrame = field(repr=False, compare=False)
    """All of it: every reader of some rows takes them from here, so the footer is read once."""
    symbols: tuple[str, ...]
    edges: Integers

    @staticmethod
    def open(place: str, options: dict[str, str] | None = None) -> SortedFile:
        """Read whose rows are where."""
        whole = pl.scan_parquet(place, glob=False, storage_options=options)
        stated = symbols_of(place, options)
        counts = _counted(whole) if stated is None else stated
        symbols = tuple(symbol for symbol, _ in counts)
        return SortedFile(whole, symbols, np.cumsum([0, *(rows for _, rows in counts)]))

    @property
    def rows(self) -> int:
        """How many rows the file has."""
        return int(self.edges[-1])

    def spans(self, codes: Mapping[str, int]) -> Spans:
        """Return the rows of the symbols that have a code."""
        held = [(codes[name], at) for at, name in enumerate(self.symbols) if name in codes]
        code, place = np.array(held, dtype=np.int64).reshape(-1, 2).T
        return Spans(code, self.edges[place], self.edges[place + 1])

    def read(self, names: Sequence[str], first: int, last: int) -> pl.DataFrame:
        """Return some columns of the rows from `first` to `last` (excluded)."""
        rows = self.rows_of.slice(first, last - first)
        return rows.select(names).collect(engine="streaming")


def stream(files: Iterable[tuple[SortedFile, Spans]], names: Sequence[str]) -> Iterator[Stretch]:
    """Yield the rows of some spans of files, by their column `at`, with the columns named.

    They come a row group at a time, the next one decoded meanwhile, as rows of one file that has no
    others between them; an absent number is NONE. Files come by symbol, as those of a date do.
    """
    held: Stretch | None = None
    for rows in _groups(files, names):
        if held is not None:
            yield held.before(rows)
        held = rows
    if held is not None:
        yield held


def _groups(files: Iterable[tuple[SortedFile, Spans]], names: Sequence[str]) -> Iterator[Stretch]:
    """Read all stretches at once: a query of its own for each would cost more than its rows."""
    numbers = (pl.col("at"), *(pl.col(name).fill_null(NONE) for name in names))
    parts, spans, count = list[pl.LazyFrame](), list[Spans](), 0
    for file, asked in files:
        wanted = list(stretches(asked))
        if not wanted:
            continue
        firsts, lasts = np.array(wanted).T
        moved = count + np.append(0, np.cumsum(lasts - firsts)[:-1]) - firsts
        own = moved[np.searchsorted(firsts, asked.start, side="right") - 1]
        spans.append(Spans(asked.code, asked.start + own, asked.end + own))
        parts += [file.rows_of.slice(first, last - first).select(numbers) for first, last in wanted]
        count += int((lasts - firsts).sum())
    if not parts:
        return
    every = Spans(
        *(np.concatenate(edges) for edges in zip(*(each.edges for each in spans), strict=True))
    )
    read = 0
    for batch in _batches(pl.concat(parts), count):
        at, *columns = (column.to_numpy() for column in batch)
        yield Stretch(every.within(read, read + len(at)), at, tuple(columns))
        read += len(at)


def _batches(rows: pl.LazyFrame, count: int) -> Iterable[pl.DataFrame]:
    """Return so many rows in order: a row group at a time, or all if they are few."""
    if count <= _AT_ONCE:
        return [rows.collect(engine="streaming")]
    return rows.collect_batches(maintain_order=True)


def read_symbols(
    place: str, symbols: Collection[str], options: dict[str, str] | None = None
) -> pl.DataFrame:
    """Return the rows of some symbols of a file, in its order.

    To ask Parquet for a list of symbols would cost more than to pass over the rows of the others.
    """
    file = SortedFile.open(place, options)
    spans = file.spans({name: code for code, name in enumerate(symbols)})
    parts = [file.rows_of.slice(first, last - first) for first, last in stretches(spans)]
    rows = pl.concat(parts or [file.rows_of.head(0)]).collect(engine="streaming")
    if rows.height == (spans.end - spans.start).sum():
        return rows
    return rows.filter(pl.col("symbol").is_in(pl.Series(list(symbols), dtype=pl.String).implode()))


def stretches(spans: Spans) -> Iterator[tuple[int, int]]:
    """Yield first and last rows (excluded) that cover the spans, which come in order.

    Rows between two that stand close are covered too.
    """
    if not len(spans.start):
        return
    far = np.flatnonzero(spans.start[1:] - spans.end[:-1] > _GAP)
    begins, ends = spans.start[np.append(0, far + 1)], spans.end[np.append(far, -1)]
    yield from zip(begins.tolist(), ends.tolist(), strict=True)


def codes_of(files: Iterable[SortedFile]) -> dict[str, int]:
    """Number the symbols of some files, by name."""
    return {name: code for code, name in enumerate(sorted({s for f in files for s in f.symbols}))}


def _counted(whole: pl.LazyFrame) -> list[tuple[str, int]]:
    symbols = whole.select("symbol").collect()["symbol"].rle()
    return symbols.struct.unnest().select("value", "len").rows()
