"""A market day measured at about the speed of reading it.

The quote in force at eleven instants of every fill, then seventeen exact sums by symbol, order
type, venue and size, from Parquet; against reading the same columns, and against what Polars,
DuckDB and pandas make of the same question. All answers are the same, or there is no figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from speed.day.data import Made, day
from speed.figure import Figure, Goal, figure, ratio
from speed.pairs import Job, Timed, in_turns
from speed.size import Size

_OURS, _SCAN, _PACKED = "ours", "scan", "packed"
_FAST = {_SCAN: "day.ours:scanned", _OURS: "day.ours:measured", _PACKED: "day.others:packed"}
_SLOW = {
    "Polars join_asof(by)": "day.others:by_symbol",
    "DuckDB, one ASOF over all points": "day.others:in_duckdb",
    "pandas merge_asof": "day.others:pandas",
}


@dataclass(frozen=True, slots=True)
class _Days:
    """A great day, one of every day, and one of which nine in ten quotes tie."""

    great: Made
    usual: Made
    tied: Made


_FULL = _Days(
    Made(quotes=100_000_000, fills=5_000_000, symbols=2000),
    Made(quotes=10_000_000, fills=500_000, symbols=500),
    Made(quotes=2_000_000, fills=100_000, symbols=300, tied=True),
)
_QUICK = _Days(
    Made(quotes=500_000, fills=25_000, symbols=100),
    Made(quotes=200_000, fills=10_000, symbols=50),
    Made(quotes=100_000, fills=5_000, symbols=50, tied=True),
)


def figures(size: Size) -> list[Figure]:
    """Measure a great day, a usual one and a tied one."""
    days = _QUICK if size.quick else _FULL
    return [*_great(days.great, size), *_usual(days.usual, size), *_tied(days.tied, size)]


def _great(made: Made, size: Size) -> list[Figure]:
    times = _timed(_FAST | _SLOW, day(size.folder, made), size.pairs)
    ours, of = _wall(times[_OURS]), _said(made)
    memory = [each.peak_mb for each in times[_OURS]]
    return [
        figure(f"as-of job, {of}", ours, "s"),
        figure(f"reading its columns, {of}", _wall(times[_SCAN]), "s"),
        ratio(
            "as-of job over reading its columns", ours, _wall(times[_SCAN]), Goal("at most", 2.5)
        ),
        ratio("packed-key Polars over as-of job", _wall(times[_PACKED]), ours, Goal("at least", 2)),
        *(
            ratio(f"{name} over as-of job", _wall(times[name]), ours, Goal("at least", 5))
            for name in _SLOW
        ),
        figure("peak memory of the as-of job", memory, "MB", Goal("at most", 1200)),
    ]


def _usual(made: Made, size: Size) -> list[Figure]:
    times = _timed(_FAST, day(size.folder, made), size.pairs)
    ours, of = _wall(times[_OURS]), _said(made)
    return [
        figure(f"as-of job, {of}", ours, "s"),
        ratio(
            f"packed-key Polars over as-of job, {of}",
            _wall(times[_PACKED]),
            ours,
            Goal("at least", 1),
        ),
    ]


def _tied(made: Made, size: Size) -> list[Figure]:
    jobs = {_OURS: _FAST[_OURS], "slowly": "day.slowly:bisected"}
    times = _timed(jobs, day(size.folder, made), size.pairs)
    slowly, ours = _wall(times["slowly"]), _wall(times[_OURS])
    return [ratio("plain bisection over as-of job, 9 in 10 quotes tied", slowly, ours, None)]


def _timed(jobs: dict[str, str], folder: Path, pairs: int) -> dict[str, list[Timed]]:
    given = {"folder": str(folder)}
    return in_turns({name: Job(what, given) for name, what in jobs.items()}, pairs)


def _wall(times: list[Timed]) -> list[float]:
    return [each.wall_s for each in times]


def _said(made: Made) -> str:
    return f"{made.quotes / 1e6:g} M quotes x {made.fills / 1e6:g} M fills x 11"
