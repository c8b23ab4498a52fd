"""The run: interpret, join, measure and judge every trading date whose inputs changed.

A date's inputs are the files its records, quotes and trades came from, the few records of other
dates that belong with its own, the firm's settings and this very code. Their digest names the
result, so an unchanged date costs nothing and the same inputs give the same bytes, whatever engine
works on them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

import polars as pl

from routewarden.base.canonical import Digest, canonical_json, sha256
from routewarden.base.errors import RoutewardenError
from routewarden.base.schema import Kind
from routewarden.base.time import trading_date
from routewarden.events.linking import Records
from routewarden.events.told import INTERPRETED
from routewarden.measures.rollups import LOOKED_UP
from routewarden.runs.across import Across, read_across
from routewarden.runs.code import basis
from routewarden.runs.engine import Engine, Threads
from routewarden.runs.held import Held
from routewarden.runs.interpreting import Interpreted, interpret
from routewarden.runs.spans import merge_spans
from routewarden.runs.statement import RUN_TYPE, STATED, Made, state
from routewarden.runs.work import MOST_ROWS, Day, Prepared, Settings, finish, measure, prepare
from routewarden.store.durable import no_space
from routewarden.store.home import Home, checkpoint_at
from routewarden.store.lease import Leases
from routewarden.store.results import RUN, SUMMED, Results, Written
from routewarden.store.segments import segments

_LOOKED_UP = (Kind.QUOTES, Kind.VENUE_QUOTES)
_IN_AN_ENTRY = 100  # results, of 80 bytes each: an entry is to stay small
_REFERENCE = (Kind.SECURITIES, Kind.HALTS)

Files = Mapping[Kind, Mapping[date, Sequence[str]]]
"""What names the content of each kind's records of each trading date."""

Advance = Callable[[date, int, int], None]
"""Told which date was done, how many are, and of how many."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A part of the work that could not be done, and why; its date's result is as it was."""

    day: date
    part: str
    why: str


@dataclass(frozen=True, slots=True)
class Run:
    """What a run did: the dates it measured anew, those it found unchanged, what it failed at."""

    measured: tuple[date, ...]
    unchanged: tuple[date, ...]
    failed: tuple[Failed, ...] = ()


@dataclass(frozen=True, slots=True)
class _Inputs:
    """What the dates of a home are worked on from."""

    home: Home
    interpreted: Interpreted
    across: Across
    files: Files
    dates: tuple[date, ...]
    went_by: str


def run(
    home: Home,
    first: date | None,
    last: date | None,
    advance: Advance,
    engine: Engine | None = None,
) -> Run:
    """Measure the trading dates from `first` to `last` (open-ended if None) that changed."""
    read = home.log.size
    results, inputs = Results(home.measured, LOOKED_UP), _read_inputs(home)
    runs = home.log.entries(RUN)
    days = [
        day
        for day in inputs.dates
        if (first is None or first <= day) and (last is None or day <= last)
    ]
    tasks = {task.day: task for task in _changed(inputs, results, days)}
    unchanged = tuple(day for day in days if day not in tasks)
    measured: list[date] = []
    failed: list[Failed] = []
    summed: Mapping[str, Mapping[str, Digest | None]] = {}
    leases = Leases(home.root / "leases")  # the home's lock is ours: whoever had them is gone
    leases.sweep()
    held = {day: leases.take(day, 0, over=True) for day in tasks}
    try:
        for done in _worked_on(engine or Threads(), list(tasks.values())):
            advance(done.day, len(measured) + len(failed), len(tasks))
            if isinstance(done, Failed):
                failed.append(done)
                continue
            fence = leases.fenced(held[done.day])
            results.commit(done.day, tasks[done.day].inputs, done.facts, fence)
            measured.append(done.day)
        summed = merge_spans(home, {span: results.vouched(runs, span) for span in SUMMED})
    finally:  # what was measured before a failure or an interrupt is in, and is told
        _record(home, results, (first, last, read), (sorted(measured), summed))
    if len(days) == len(inputs.dates) and not failed:
        results.note_run(home.log.size, inputs.went_by)
    return Run(tuple(sorted(measured)), unchanged, tuple(failed))


def measure_again(home: Home, days: Sequence[date], engine: Engine | None = None) -> None:
    """Measure some dates of a home, and enter nothing in its log.

    Raises:
        NotMeasuredError: One could not be done.
    """
    results, inputs = Results(home.measured, LOOKED_UP), _read_inputs(home)
    tasks = {task.day: task for task in _changed(inputs, results, days)}
    for done in _worked_on(engine or Threads(), list(tasks.values())):
        if isinstance(done, Failed):
            raise NotMeasuredError(done)
        results.commit(done.day, tasks[done.day].inputs, done.facts)


class NotMeasuredError(RoutewardenError):
    """A date could not be measured."""

    def __init__(self, failed: Failed) -> None:
        super().__init__(f"{failed.part}: not measured: {failed.why}")


def _worked_on(engine: Engine, tasks: Sequence[Day]) -> Iterator[Prepared | Failed]:
    """Yield each date as all its parts are done, or as one has failed."""
    cut: list[Prepared] = []
    for done in engine.map(prepare, tasks) if tasks else ():
        if done.result is None:
            yield _failure(done.part.day, str(done.part.day), done.failure)
        elif done.result.ranges:
            cut.append(done.result)
        else:
            yield done.result
    if cut:
        yield from _measured_by_range(engine, cut)


def _measured_by_range(engine: Engine, cut: Sequence[Prepared]) -> Iterator[Prepared | Failed]:
    """Yield the dates that were cut into ranges of symbols, each when its last range is done."""
    facts: dict[date, list[Written]] = {each.day: [] for each in cut}
    failed = set[date]()
    for done in engine.map(measure, [range_ for each in cut for range_ in each.ranges]):
        day = done.part.of.day
        if done.result is not None:
            facts[day] += done.result
        elif day not in failed:
            failed.add(day)
            yield _failure(day, str(done.part), done.failure)
    whole = [each for each in cut if each.day not in failed]
    for added in engine.map(finish, whole) if whole else ():
        day = added.part.day
        if added.result is None:
            yield _failure(day, str(day), added.failure)
        else:
            yield Prepared(day, facts=(*facts[day], *added.result))


def _failure(day: date, part: str, why: Exception | None) -> Failed:
    if why is not None and (
        isinstance(why, OSError) or no_space(why)
    ):  # a disk that is full is no one part's trouble
        raise why
    return Failed(day, part, f"{type(why).__name__}: {why}")


def _read_inputs(home: Home) -> _Inputs:
    """Find which dates there are, and what each has to do with the others."""
    interpreted = interpret(home)
    held, refused = interpreted.held, interpreted.refused
    files = _files(home, held)
    told = refused.select(trading_date(pl.col("at")).unique()).to_series()
    dates = sorted({*held.dates(), *told.drop_nulls(), *Results(home.measured).dates()})
    keys = {
        day: sha256(
            canonical_json({str(kind): list(files[kind].get(day, ())) for kind in INTERPRETED})
        )
        for day in dates
    }
    went_by = basis(home.policy().digest)
    across = read_across(held, home.root / "links", keys)
    return _Inputs(home, interpreted, across, files, tuple(dates), went_by)


def _files(home: Home, held: Held) -> Files:
    """Return what names the content of the records of each kind and date.

    Of a file's records it is the file's digest, and its profile's; of what messages amount to, the
    digest of the very rows; of a settled conflict, that of the row that is in force since.
    """
    profiles = {(each.kind, each.digest): each.profile for each in segments(home)}
    found: dict[Kind, dict[date, list[str]]] = {}
    for kind in (*INTERPRETED, *_LOOKED_UP, Kind.TRADES):
        dated = found.setdefault(kind, {})
        for day, digests in home.lake.dates(kind).items():
            dated[day] = [f"{file} {profiles.get((kind, file)) or ''}" for file in digests]
        for lake in held.lakes[1:]:
            for day, digests in lake.dates(kind).items():
                rows = [f"{file} {lake.digests(kind, file, day)}" for file in digests]
                dated.setdefault(day, []).extend(rows)
        for day, names in held.settled.files(kind).items():
            dated.setdefault(day, []).extend(names)
    return found


def _changed(inputs: _Inputs, results: Results, days: Sequence[date]) -> Iterator[Day]:
    """Yield the work on each date whose result is missing, not vouched for, or of other inputs."""
    home = inputs.home

    @cache  # read once for all dates, and not for none
    def settings() -> Settings:
        policy = home.policy()
        return Settings(
            securities=home.lake.read(Kind.SECURITIES),
            halts=home.lake.read(Kind.HALTS),
            sessions=policy.calendar.sessions(),
            regular_conditions=policy.regular_conditions,
            limits=policy.limits,
            venues=policy.venues,
        )

    vouched = results.vouched(home.log.entries(RUN))
    reference = {str(kind): sorted(home.lake.raw_files(kind)) for kind in _REFERENCE}
    for day in days:
        strays = inputs.across.strays.of(day)
        refused = inputs.interpreted.refused
        refused = refused.filter(trading_date(pl.col("at")) == day)
        digest = _digest(inputs, day, (strays, refused), reference)
        known = results.manifest_digest(day) == vouched.get(str(day))
        if known and results.inputs(day) == digest:  # a result the log does not know is no result
            continue
        yield Day(
            *(day, digest, inputs.interpreted.held.lakes[0], inputs.interpreted.held, results),
            *(settings(), strays, refused, MOST_ROWS),
        )


def _digest(
    inputs: _Inputs,
    day: date,
    beside: tuple[Records, pl.DataFrame],
    reference: Mapping[str, Sequence[str]],
) -> str:
    """Return the digest of everything a date's result depends on."""
    strays, refused = beside
    looked_at = inputs.across.looked_at(day, strays)
    until = inputs.across.last_fill(day)
    wanted = {
        **{kind: {day} for kind in INTERPRETED},
        **dict.fromkeys(_LOOKED_UP, looked_at),
        Kind.TRADES: {each for each in inputs.files[Kind.TRADES] if day <= each <= until},
    }
    frames = (strays.orders, strays.routes, strays.fills, refused)
    parts = {
        "basis": inputs.went_by,
        "files": {
            str(kind): {str(each): list(inputs.files[kind].get(each, ())) for each in sorted(on)}
            for kind, on in wanted.items()
        },
        "reference": dict(reference),
        "records": [sha256(frame.write_csv().encode()) for frame in frames],
    }
    return sha256(canonical_json(parts))


def _record(
    home: Home,
    results: Results,
    asked: tuple[date | None, date | None, int],
    made_anew: tuple[Sequence[date], Mapping[str, Mapping[str, Digest | None]]],
) -> None:
    """Enter in the log what was measured anew, and from what; if nothing was, leave no trace.

    `asked` are the first and last date, and the size of the log as it was read.
    """
    measured, summed = made_anew
    if not measured and not any(summed.values()):
        return
    manifests = {str(day): results.manifest_digest(day) for day in measured}
    parts = {"results": manifests, **{span: dict(summed.get(span, {})) for span in SUMMED}}
    stated = _stated(home, parts, asked)
    for part in _by_hundred(parts):
        made = {**part, STATED: stated}
        identity = sha256(canonical_json({"size": home.log.size, **made}))
        home.record(RUN, f"{RUN}:{identity}", "measured", {"v": 1, **made})


def _stated(
    home: Home,
    parts: Mapping[str, Mapping[str, Digest | None]],
    asked: tuple[date | None, date | None, int],
) -> Digest:
    """Sign and keep the statement of what was measured from what."""
    first, last, read = asked
    named = {
        day if span == "results" else f"{span}/{day}": digest
        for span, made in parts.items()
        for day, digest in made.items()
        if digest is not None
    }
    days = {"from": first and str(first), "to": last and str(last)}
    return state(home, checkpoint_at(home, read), Made(RUN_TYPE, named, days))


def _by_hundred(
    parts: Mapping[str, Mapping[str, Digest | None]],
) -> Iterator[dict[str, dict[str, Digest | None]]]:
    """Yield what was made, so much at a time as an entry of the log is to state."""
    rows = [(span, day, digest) for span, made in parts.items() for day, digest in made.items()]
    for start in range(0, len(rows), _IN_AN_ENTRY):
        stated: dict[str, dict[str, Digest | None]] = {span: {} for span in parts}
        for span, day, digest in rows[start : start + _IN_AN_ENTRY]:
            stated[span][day] = digest
        yield stated
