"""What a stored file turns out to hold: read, each identifier once, sorted, put in the wings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from routewarden.base.canonical import Digest
from routewarden.base.errors import RoutewardenError
from routewarden.base.schema import TABLES, Kind
from routewarden.base.time import start_of_date
from routewarden.policy.calendar import Calendar
from routewarden.sources.profile.reading import Given
from routewarden.sources.reject import Reason, Reject
from routewarden.sources.source import read_source
from routewarden.sources.typed import Bounds
from routewarden.store.blobs import Arrived, Progress
from routewarden.store.expanded import Expanded, expanded
from routewarden.store.home import Home
from routewarden.store.meanwhile import meanwhile
from routewarden.store.once import (
    Counts,
    Earlier,
    ToldAgainError,
    distinct_records,
    known_messages,
    new_messages,
    new_records,
)
from routewarden.store.staging import Written

_FRAMES_AHEAD = 24  # of 4 MiB of text, read while the disk takes the bytes


class RawBytesMissingError(RoutewardenError):
    """An acknowledged file's raw bytes are gone."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path}: missing, and the log says it was received. Restore it from a copy; the "
            "records read from it cannot be rebuilt without it."
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """All that the records of stored bytes depend on, but for the files read before them."""

    kind: Kind
    digest: Digest
    name: str
    delivered: date
    profile: Digest | None
    days: Sequence[str]


@dataclass(frozen=True, slots=True)
class Staged:
    """How many rows of a file were what, its rejects in order, and where its records wait."""

    records: int
    duplicates: int
    others: int
    rejects: tuple[Reject, ...]
    folder: Path


def stage(
    home: Home,
    reading: Reading,
    earlier: Sequence[Digest],
    watch: tuple[Progress, Written],
    arrived: Arrived | None = None,
) -> Staged:
    """Read a stored file as if only the earlier files were known; put its records in the wings.

    One that has arrived is kept while the first of it is read, and before anything comes of that.
    """
    path = home.blobs.path(reading.digest) if arrived is None else arrived.path
    if not path.is_file():
        raise RawBytesMissingError(path)
    counts, (read, written) = Counts(), watch
    before = Earlier(home.lake, reading.kind, earlier)

    def again(counts: Counts) -> Iterator[pl.DataFrame]:
        return _frames(home, reading, file, (counts, lambda _: None))

    def staged(records: Iterator[pl.DataFrame]) -> Path:
        return home.lake.stage(reading.kind, _counted(records, counts), written)

    with (
        expanded(path, home.lake.scratch()) as file,
        meanwhile(_frames(home, reading, file, (counts, read)), _FRAMES_AHEAD) as frames,
    ):
        if arrived is not None:
            arrived.keep()
        try:
            folder = staged(_once(before, frames, again(Counts()), counts))
        except ToldAgainError:
            counts = Counts()
            folder = staged(new_records(before, again(counts), counts))
    if file.fault is not None:
        counts.rejects.append(Reject(1, Reason.UNREADABLE, file.fault))
    rejects = tuple(sorted(counts.rejects, key=lambda reject: (reject.line, reject.reason)))
    return Staged(counts.records, counts.duplicates, counts.others, rejects, folder)


def read_stored(home: Home, reading: Reading) -> Iterator[pl.DataFrame]:
    """Yield the records of a stored file as they are read, whatever their ids."""
    with expanded(home.blobs.path(reading.digest), home.lake.scratch()) as file:
        yield from _frames(home, reading, file, (Counts(), lambda _: None))


def _frames(
    home: Home, reading: Reading, file: Expanded, told: tuple[Counts, Progress]
) -> Iterator[pl.DataFrame]:
    """Yield a file's records as they are read, and count the rest."""
    counts, read = told
    profile = reading.profile and home.blobs.path(reading.profile).read_text(encoding="utf-8")
    given = Given(_bounds(reading.days), reading.name, file.opened)
    done = 0
    if file.fault is not None and not len(file.data):
        return
    for batch in read_source(TABLES[reading.kind], file.data, profile, given):
        counts.rejects += batch.rejects
        counts.others += batch.others
        yield batch.records
        read(int((batch.position - done) * file.stored_per_byte))
        done = batch.position
        file.passed(done)


def _once(
    earlier: Earlier, frames: Iterator[pl.DataFrame], twice: Iterator[pl.DataFrame], counts: Counts
) -> Iterator[pl.DataFrame]:
    """Yield the records whose identifiers are new; `twice` are the same ones, to look first.

    Raises:
        ToldAgainError: At the end, if it cannot be said of some without comparing them.
    """
    table = TABLES[earlier.kind]
    if table.key is None:
        yield from frames
    elif table.told_again:
        known = known_messages(earlier, twice)
        yield from new_messages(table.key, frames, known, counts)
    else:
        yield from distinct_records(earlier, frames)


def _counted(frames: Iterable[pl.DataFrame], counts: Counts) -> Iterator[pl.DataFrame]:
    for frame in frames:
        counts.records += frame.height
        yield frame


def calendar_days(calendar: Calendar) -> tuple[str, str]:
    """Return the first and last day of a calendar, as an entry states them."""
    return str(calendar.first), str(calendar.last)


def calendar_bounds(calendar: Calendar) -> Bounds:
    """Return the instants from the start of a calendar's first day to the end of its last."""
    return _bounds(calendar_days(calendar))


def _bounds(days: Sequence[str]) -> Bounds:
    """Return the instants from the start of the first day to the end of the last."""
    first, last = (date.fromisoformat(day) for day in days)
    edges = pl.DataFrame({"day": [first, last + timedelta(days=1)]})
    start, end = edges.select(start_of_date(pl.col("day"))).to_series()
    return Bounds(start, end)
