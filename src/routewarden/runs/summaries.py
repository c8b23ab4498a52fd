"""Sums of any span of trading dates, read from what its dates and months keep.

A question is answered from the smallest part that has its dimensions, a whole month from the sum of
its dates; by a dimension that no part has, from the measured rows. The answer is the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby

import polars as pl

from routewarden.base.canonical import Digest, canonical_json, sha256
from routewarden.measures import detail
from routewarden.measures.cube import Source, added, cells, grouped, widened
from routewarden.measures.dimensions import ON_FILLS, chosen
from routewarden.measures.rollups import KEPT, merged, part_for
from routewarden.runs.code import code_digest
from routewarden.store.home import Home
from routewarden.store.results import Results

Where = Mapping[str, Sequence[str]]

SPANS = frozenset(part for parts in KEPT.values() for part in parts if part.startswith("cells_"))
"""Parts that one security is looked up in."""
OF_MONTHS = tuple(part for parts in KEPT.values() for part in parts if part not in SPANS)
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
    months, single = ([], wanted) if dated or part in SPANS else _whole_months(home, wanted)
    results = Results(home.measured)
    found = [_coarse(results.months.read_rows(months, part, keep), keys)] if months else []
    few = "by symbol" in keep
    for several in _in_runs(single, max(len(single), 1) if few else _TOGETHER):
        frames = results.read_rows(several, part, keep)
        of_dates = [
            frame.with_columns(pl.lit(str(day)).alias(f"by {_DATE}"))
            for day, frame in zip(several, frames, strict=True)
        ]
        found.append(_coarse(of_dates, keys))
    return found[0] if len(found) == 1 else _coarse(found, keys)


def _coarse(frames: Sequence[pl.DataFrame], keys: Sequence[str]) -> pl.DataFrame:
    return grouped(pl.concat([widened(frame) for frame in frames]), keys)


# -- Months ----------------------------------------------------------------------------------------


def merge_months(home: Home, vouched: Mapping[str, str]) -> dict[str, Digest | None]:
    """Add up the dates of every month that changed; return the digests of what was written.

    `vouched` are the digests of those that the log knows.
    """
    results = Results(home.measured)
    months = results.months
    written = {}
    for first, days in _by_month(results.dates()).items():
        inputs = _inputs(results, days)
        known = months.manifest_digest(first) == vouched.get(str(first))
        if known and months.inputs(first) == inputs:
            continue
        parts = {part: _added_up(results, days, part) for part in OF_MONTHS}
        months.write(first, inputs, parts)
        written[str(first)] = months.manifest_digest(first)
    return written


def _added_up(results: Results, days: Sequence[date], part: str) -> pl.DataFrame:
    whole: list[pl.DataFrame] = []
    for several in _in_runs(days, _TOGETHER):
        frames = [results.read(day, part) for day in several]
        whole = [merged(part, [*whole, *frames])]
    return whole[0]


def _whole_months(home: Home, days: Sequence[date]) -> tuple[list[date], list[date]]:
    """Return the months all of whose dates are asked for and added up, and the other dates."""
    results = Results(home.measured)
    months = results.months
    held = _by_month(results.dates())
    whole: list[date] = []
    single: list[date] = []
    for first, asked in _by_month(days).items():
        if asked == held[first] and months.inputs(first) == _inputs(results, asked):
            whole.append(first)
        else:
            single += asked
    return whole, single


def _by_month(days: set[date] | Sequence[date]) -> dict[date, list[date]]:
    grouped = groupby(sorted(days), key=lambda day: day.replace(day=1))
    return {first: list(inside) for first, inside in grouped}


def _inputs(results: Results, days: Sequence[date]) -> Digest:
    """Return the digest of what a month's sum is made from: its dates' results, and this code."""
    made_of = {str(day): results.manifest_digest(day) for day in days}
    return sha256(canonical_json({"code": code_digest(), "dates": made_of}))
