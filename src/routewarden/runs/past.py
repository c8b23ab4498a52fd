"""What was known at an earlier size of the log, answered as it would have been answered then.

A home as known at a size is a home to read from: its log ends there, its lake has the files of
then, its settings are those of then. The results are the ones the log vouched for at that size: a
date's that is still in force is taken as it is; one that was measured anew since is measured again
from what its run had read. Its digest is in the log, so whether these are the bytes of then is
known, and said.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from routewarden.base.errors import RoutewardenError
from routewarden.base.schema import Kind
from routewarden.ledger.entry import StoredEntry, payloads
from routewarden.runs.engine import Engine
from routewarden.runs.pipeline import measure_again
from routewarden.store.depot import Depot, Folder
from routewarden.store.home import Home
from routewarden.store.results import RUN, SUMMED, Results
from routewarden.store.segments import segments
from routewarden.store.session import new_york_date
from routewarden.store.settings import noted


class PastUnknownError(RoutewardenError):
    """It cannot be said what was known then."""

    def __init__(self, asked: object, why: str) -> None:
        super().__init__(f"As known at {asked}: {why}.")


@dataclass(frozen=True, slots=True)
class Past:
    """A home as known at a size of its log, and the dates whose results are not those of then."""

    home: Home
    size: int
    differing: tuple[date, ...]


def size_at(home: Home, known_at: str) -> int:
    """Return the size of the log that a text means: a size, or a date in New York, its end.

    Raises:
        PastUnknownError: The log never had it, or the text is neither.
    """
    entries = home.log.entries()
    if known_at.isdecimal():
        size = int(known_at)
        if not 0 < size <= len(entries):
            raise PastUnknownError(size, f"the log has {len(entries)} entries")
        return size
    try:
        day = date.fromisoformat(known_at)
    except ValueError:
        why = "this is neither a size of the log nor a date such as 2026-07-01"
        raise PastUnknownError(repr(known_at), why) from None
    until = [entry.seq for entry in entries if new_york_date(entry.content["at"]) <= day]
    if not until:
        first = new_york_date(entries[0].content["at"]) if entries else "now"
        raise PastUnknownError(day, f"the log begins on {first}")
    return max(until) + 1


@contextmanager
def as_known_at(home: Home, size: int, engine: Engine | None = None) -> Iterator[Past]:
    """Give a home as it was known at a size of its log, to be read until the end of the block.

    Raises:
        PastUnknownError: The log does not tell what would have been answered then.
    """
    folder = Path(tempfile.mkdtemp(dir=home.lake.scratch()))
    try:
        past = _view(home, size, folder / "known")
        vouched = Results(past.measured).vouched(past.log.entries(RUN))
        kept = _kept(home.measured, past.measured, vouched)
        _measured_then(home, past, sorted(vouched.keys() - kept), folder, engine)
        _take_sums(home, past)
        results = Results(past.measured)
        found = {day: results.manifest_digest(date.fromisoformat(day)) for day in vouched}
        differing = [day for day in sorted(vouched) if found[day] != vouched[day]]
        yield Past(past, size, tuple(map(date.fromisoformat, differing)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _view(home: Home, size: int, folder: Path) -> Home:
    """Return a home with the log, the files and the settings of then, and no results."""
    log = replace(home.log, until=size)
    settings = noted(log.entries())
    if not settings:
        why = "the log does not say which settings were in force; this version notes them"
        raise PastUnknownError(size, why)
    texts = {
        name: home.blobs.path(digest).read_text(encoding="utf-8")
        for name, digest in settings.items()
    }
    then = replace(
        home,
        log=log,
        root=folder,
        measured=Folder(folder / "measured"),
        told=Folder(folder / "told"),
        then=texts,
    )
    now = {(each.kind, each.digest): each for each in segments(home)}
    held = [each for each in segments(then) if now[each.kind, each.digest] == each]
    lake = home.lake.only({home.lake.folder(each.kind, each.digest) for each in held})
    for kind in Kind:
        gone = {each.digest for each in held if each.kind is kind and each.records}
        for digest in sorted(gone - set(lake.raw_files(kind))):
            raise PastUnknownError(size, f"{kind} {digest} was held then, and is not any more")
    return replace(then, lake=lake)


def _kept(now: Depot, then: Depot, vouched: Mapping[str, str]) -> set[str]:
    """Take the results that are still the ones of then; return their dates."""
    results = Results(now)
    same = {
        day
        for day, digest in vouched.items()
        if results.manifest_digest(date.fromisoformat(day)) == digest
    }
    for day in sorted(same):
        _take(now, then, now.names(day))
    return same


def _take_sums(home: Home, past: Home) -> None:
    """Take the sums of months and quarters that the log vouched for; the others are not needed."""
    runs = past.log.entries(RUN)
    for span in SUMMED:
        vouched = Results(home.measured).vouched(runs, span)
        _kept(home.measured.within(span), past.measured.within(span), vouched)


def _measured_then(
    home: Home, past: Home, days: Sequence[str], folder: Path, engine: Engine | None
) -> None:
    """Measure the dates whose results are gone, each from what its run then had read."""
    by_run: dict[int, list[str]] = {}
    made = _runs_of(past.log.entries(RUN))
    for day in days:
        by_run.setdefault(made[day], []).append(day)
    for seq, dates in by_run.items():
        view = _view(home, seq, folder / str(seq))
        measure_again(view, list(map(date.fromisoformat, dates)), engine)
        for day in dates:
            _take(view.measured, past.measured, view.measured.names(day))


def _runs_of(entries: Sequence[StoredEntry]) -> dict[str, int]:
    """Return the number of the entry that last vouched for each date's result."""
    found: dict[str, int] = {}
    for entry in entries:
        for payload in payloads([entry], {RUN}):
            found |= dict.fromkeys(payload["results"], entry.seq)
    return found


def _take(now: Depot, then: Depot, names: Sequence[str]) -> None:
    """Have files of a depot in another as well: by a link where that can be, else by a copy."""
    for name in names:
        place = Path(then.where(name))
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(now.where(name), place)
        except OSError:  # another disk, or a bucket
            place.write_bytes(now.read(name))
