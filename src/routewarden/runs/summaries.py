"""Sums of any span of trading dates, read from what its dates, months and quarters keep.

A question is answered from the smallest part that has its dimensions, a whole quarter or month from
the sum of its dates; by a dimension that no part has, from the measured rows. The answer is the
same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import polars as pl

from routewarden.measures import detail
from routewarden.measures.cube import Source, added, cells, grouped, widened
from routewarden.measures.dimensions import ON_FILLS, chosen
from routewarden.measures.grid import sums
from routewarden.measures.rollups import LOOKED_UP, TABLED, TABLES, of_span, part_for
from routewarden.runs.spans import whole_spans
from routewarden.store.home import Home
from routewarden.store.results import Results

Where = Mapping[str, Sequence[str]]

_DATE = "trading_date"
_BATCH = 21  # about a month of trading dates
_TOGETHER = 5  # dates added up at once: a date of a large firm has a hundred thousand rows


def _in_runs(days: Sequence[date], most: int) -> Iterator[Sequence[date]]:
    """Return the dates in runs that are read and summed at once: a sum costs more than its rows."""
    for first in range(0, len(days), most):
        yield days[first : first + most]


def read_cells(
    home: Home, days: Sequence[date], source: Source, names: Sequence[str], where: Where
) -> pl.DataFrame:
    """Return the cells of some measured dates by some dimensions of a source.

    Raises:
        NoResultError: A date was measured by an earlier version.
    """
    keys = [*(f"by {name}" for name in names), "missing"]
    if (part := part_for(source.name, {*names, *where} - {_DATE})) is not None:
        return _kept(home, days, part, (keys, where))
    found = [
        cells(chosen(_rows(home, batch, source.name), source.dimensions, where), source, names)
        for batch in _in_runs(days, _BATCH)
    ]
    return added(pl.concat(found), keys)


def read_times(
    home: Home, days: Sequence[date], names: Sequence[str], where: Where
) -> pl.DataFrame:
    """Return the histogram of fill times of some measured dates by some dimensions of fills.

    Raises:
        NoResultError: A date was measured by an earlier version.
    """
    keys = [*(f"by {name}" for name in names), "bucket"]
    if (part := part_for("times", {*names, *where} - {_DATE})) is not None:
        return _kept(home, days, part, (keys, where))
    found = [
        detail.times(chosen(_rows(home, batch, "fills"), ON_FILLS, where), names)
        for batch in _in_runs(days, _BATCH)
    ]
    return added(pl.concat(found), keys)


def read_sums(
    home: Home, days: Sequence[date], source: Source, names: Sequence[str], where: Where
) -> pl.DataFrame:
    """Return what a grid by some dimensions of a source is divided from (measures.grid).

    Raises:
        NoResultError: A date was measured by an earlier version.
    """
    by = [f"by {name}" for name in names]
    part = next((part for part, each in TABLES.items() if each is source), None)
    if part is None or "symbol" not in names or not {*names, *where} <= set(TABLED):
        return sums(read_cells(home, days, source, names, where), source, by)
    keep = {f"by {name}": values for name, values in where.items()}
    spans, single = whole_spans(home, days, part)
    found = [
        widened(frame) for held, first in spans for frame in held.read_rows([first], part, keep, by)
    ]
    if single:
        found.append(sums(read_cells(home, single, source, names, where), source, by))
    return found[0] if len(found) == 1 else grouped(pl.concat(found, how="diagonal"), by)


def _rows(home: Home, days: Sequence[date], part: str) -> pl.DataFrame:
    results = Results(home.measured)
    return pl.concat([results.read(day, part) for day in days], how="diagonal")


def _kept(
    home: Home, days: Sequence[date], part: str, asked: tuple[Sequence[str], Where]
) -> pl.DataFrame:
    """Return a part of some dates with some columns asked for, where some have certain values."""
    keys, where = asked
    dated = f"by {_DATE}" in keys or _DATE in where
    wanted = [day for day in days if str(day) in where.get(_DATE, (str(day),))]
    keep = {f"by {name}": values for name, values in where.items() if name != _DATE}
    if not wanted:  # no such date: a part of nothing
        wanted, keep = [days[0]], {keys[-1]: ()}
    by_date = dated or (part in LOOKED_UP and "by symbol" not in keep)  # too many to hold at once
    spans, single = ([], wanted) if by_date else whole_spans(home, wanted, part)
    names = {key.removeprefix("by ") for key in (*keys[:-1], *keep)}
    found = [
        _coarse(held.read_rows([first], of_span(part, names), keep, keys), keys)
        for held, first in spans
    ]
    results = Results(home.measured)
    together = max(len(single), 1) if "by symbol" in keep else _TOGETHER
    found += [
        _coarse(_of_dates(results, several, part, (keys, keep)), keys)
        for several in _in_runs(single, together)
    ]
    return found[0] if len(found) == 1 else _coarse(found, keys)


def _of_dates(
    results: Results, days: Sequence[date], part: str, asked: tuple[Sequence[str], Where]
) -> list[pl.DataFrame]:
    """Return a part of some dates, and of which date each row is if that is asked for."""
    keys, keep = asked
    if (dated := f"by {_DATE}") not in keys:
        return results.read_rows(days, part, keep, keys)
    held = [key for key in keys if key != dated]
    return [
        frame.with_columns(pl.lit(str(day)).alias(dated))
        for day in days
        for frame in results.read_rows([day], part, keep, held)
    ]


def _coarse(frames: Sequence[pl.DataFrame], keys: Sequence[str]) -> pl.DataFrame:
    return grouped(pl.concat([widened(frame) for frame in frames]), keys)
