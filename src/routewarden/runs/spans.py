"""The sums of whole months and quarters: made by a run, believed while their dates are the same.

They are named after the digest of their dates' results. A month goes on from its sum so far where
dates only came after it, as most days one does; a quarter is what its months come to. The cells
that one security is looked up in are not added up but put in order: those of a month by symbol, so
that few files are opened and few of their rows are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise

import polars as pl

from routewarden.base.canonical import Digest, canonical_json, sha256
from routewarden.measures.rollups import (
    LOOKED_UP,
    OF_MONTHS,
    OF_QUARTERS,
    TABLES,
    cards,
    merged,
    tables,
)
from routewarden.runs.code import code_digest
from routewarden.runs.ranges import in_range
from routewarden.store.home import Home
from routewarden.store.results import SUMMED, Results, Written

_MONTHS, _QUARTERS = SUMMED
_HELD = {
    _MONTHS: frozenset({*OF_MONTHS, *TABLES, *LOOKED_UP}),
    _QUARTERS: frozenset(OF_QUARTERS),
}
_MOST_ROWS = 400_000  # added up at once, with what they are added to
_MOST_CELLS = 2_000_000  # put in order at once
_SYMBOL = "by symbol"

Held = tuple[Results, date]
"""What holds a sum, and the day it holds it under: its date, or a span's first."""


def whole_spans(home: Home, days: Sequence[date], part: str) -> tuple[list[Held], list[date]]:
    """Return the quarters and months that are the sums of some of the dates, and the other dates.

    The longest that hold the part. One whose dates are not these is not believed.
    """
    results, rest, found = Results(home.measured), list(days), list[Held]()
    for span in reversed(SUMMED):
        if part not in _HELD[span]:
            continue
        sums, left = results.of(span), list[date]()
        for first, inside in _by_span(rest, span).items():
            if sums.inputs(first) == _inputs(_manifests(results, inside)):
                found.append((sums, first))
            else:
                left += inside
        rest = left
    return found, rest


def merge_spans(
    home: Home, vouched: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, Digest | None]]:
    """Add up every month and quarter whose dates changed; return the digests of what was written.

    `vouched` are the digests of those that the log knows, for each of SUMMED.
    """
    results = Results(home.measured, LOOKED_UP)
    written: dict[str, dict[str, Digest | None]] = {span: {} for span in SUMMED}
    for span in SUMMED:
        for first, days in _by_span(sorted(results.dates()), span).items():
            task = _Span(results, results.of(span), first, _manifests(results, days))
            known = task.sums.manifest_digest(first) == vouched.get(span, {}).get(str(first))
            inputs = _inputs(task.manifests)
            if known and task.sums.inputs(first) == inputs:
                continue
            made = _month(task, known=known) if span == _MONTHS else _quarter(task)
            files = task.sums.put(first, inputs, 0, {**made, **cards(made)})
            if span == _MONTHS:
                files += tuple(_cells_in_order(task, inputs))
            task.sums.commit(first, inputs, files)
            written[span][str(first)] = task.sums.manifest_digest(first)
    return written


@dataclass(frozen=True, slots=True)
class _Span:
    """A span to add up: from which dates, by their manifests, and where to."""

    results: Results
    sums: Results
    first: date
    manifests: Mapping[date, Digest | None]


def _month(task: _Span, *, known: bool) -> Mapping[str, pl.DataFrame]:
    """Return what the dates of a month come to, from what is known of it on."""
    held = _so_far(task) if known else None
    held = held or [(task.results, day) for day in task.manifests]
    month = {part: _added_up(held, part) for part in OF_MONTHS}
    return {**month, **tables(month)}


def _so_far(task: _Span) -> list[Held] | None:
    """Return the month as it is, if it is whole and the sum of its first dates, and the others."""
    days, made_of = list(task.manifests), task.sums.inputs(task.first)
    for count in range(len(days) - 1, 0, -1):
        if made_of == _inputs({day: task.manifests[day] for day in days[:count]}):
            if task.sums.damaged_files(task.first):
                return None
            return [(task.sums, task.first), *((task.results, day) for day in days[count:])]
    return None


def _quarter(task: _Span) -> Mapping[str, pl.DataFrame]:
    months = task.results.of(_MONTHS)
    held = [(months, first) for first in _by_span(list(task.manifests), _MONTHS)]
    return {part: _added_up(held, part) for part in OF_QUARTERS}


def _added_up(held: Sequence[Held], part: str) -> pl.DataFrame:
    frames: list[pl.DataFrame] = []
    for sums, day in held:
        frames.append(sums.read(day, part))
        if sum(frame.height for frame in frames[1:]) > max(_MOST_ROWS, frames[0].height):
            frames = [merged(part, frames)]
    return merged(part, frames)


def _cells_in_order(task: _Span, inputs: Digest) -> Iterator[Written]:
    """Write the cells of a month's dates by symbol, a range of symbols to a file.

    Those of dates that are stored alike: a column may be narrower on one date than on another.
    """
    for part in sorted(LOOKED_UP):
        alike: dict[tuple[object, ...], list[pl.LazyFrame]] = {}
        for scan in task.results.scans(list(task.manifests), part):
            alike.setdefault(tuple(scan.collect_schema().items()), []).append(scan)
        ranges = [(pl.concat(some), has) for some in alike.values() for has in _ranges(some)]
        for number, (dates, has) in enumerate(ranges):
            rows = dates.filter(has).sort(_SYMBOL, maintain_order=True).collect()
            yield from task.sums.put(task.first, inputs, number, {part: rows})


def _ranges(scans: Sequence[pl.LazyFrame]) -> list[pl.Expr]:
    """Return which symbols are in each range; the first has the cells without one, too."""
    symbols = pl.concat(scan.select(_SYMBOL) for scan in scans).group_by(_SYMBOL).len()
    counted = symbols.drop_nulls().sort(_SYMBOL).collect()
    number = (counted["len"].cum_sum() - 1) // _MOST_CELLS
    edges = [None, *counted.filter(number != number.shift(-1))[_SYMBOL].to_list(), None]
    return [in_range(pl.col(_SYMBOL), after, last) for after, last in pairwise(edges)]


def _by_span(days: Sequence[date], span: str) -> dict[date, list[date]]:
    """Return dates in order by the first day of the span that they are in."""
    months = 3 if span == _QUARTERS else 1
    grouped = groupby(
        days, key=lambda day: day.replace(month=day.month - (day.month - 1) % months, day=1)
    )
    return {first: list(inside) for first, inside in grouped}


def _manifests(results: Results, days: Sequence[date]) -> Mapping[date, Digest | None]:
    return {day: results.manifest_digest(day) for day in days}


def _inputs(manifests: Mapping[date, Digest | None]) -> Digest:
    """Return the digest of what a sum is made from: its dates' results, and this code."""
    made_of = {str(day): manifest for day, manifest in manifests.items()}
    return sha256(canonical_json({"code": code_digest(), "dates": made_of}))
