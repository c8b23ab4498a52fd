"""Whether a home still holds what it acknowledged: every stored byte against its digest.

Without anyone outside who remembers the log's size, this shows internal consistency only: it finds
what was changed, not a home rolled back whole to an earlier state.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from routewarden.base.canonical import Digest
from routewarden.ledger.entry import faults
from routewarden.store.blobs import Progress, file_digest
from routewarden.store.home import Home
from routewarden.store.lake import MARKER
from routewarden.store.results import SUMMED, Results
from routewarden.store.segments import SEGMENT, markers, payloads

ASSURANCE = "internal consistency only: no outside witness was asked"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it was acknowledged: where, what, and what to do."""

    where: str
    what: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What was looked at, and what was wrong."""

    entries: int
    blobs: int
    lake_folders: int
    results: int
    faults: tuple[Fault, ...]


def verify(home: Home, progress: Progress) -> Verification:
    """Check the log's ties, every raw byte, and everything derived from them."""
    entries = home.log.entries()
    segments = payloads(entries, {SEGMENT})
    results = Results(home.measured)
    vouched = results.vouched(entries)
    lake = markers(entries)
    found = [
        *(Fault("log", fault, _RESTORE) for fault in [*faults(entries), *home.log.altered()]),
        *_blob_faults(home, segments, progress),
        *_lake_faults(home, lake),
        *(
            Fault(day, fault, f"Remove {home.measured.where(day)} and run again.")
            for day in sorted({*map(str, results.dates()), *vouched})
            for fault in _result_faults(results, date.fromisoformat(day), vouched.get(day))
        ),
        *(
            fault
            for span in SUMMED
            for fault in _sum_faults(results, span, results.vouched(entries, span))
        ),
    ]
    blobs = sum(1 for _ in home.blobs.digests())
    return Verification(len(entries), blobs, len(lake), len(results.dates()), tuple(found))


_RESTORE = "Restore it from a copy: nothing else in the home can stand in for it."


def _blob_faults(
    home: Home, segments: Sequence[Mapping[str, object]], progress: Progress
) -> Iterator[Fault]:
    held = set()
    for digest in home.blobs.digests():
        held.add(digest)
        path = home.blobs.path(digest)
        if file_digest(path) != digest:
            yield Fault(str(path), "the bytes do not have the digest in the name", _RESTORE)
        progress(path.stat().st_size)
    for path in home.blobs.strangers():
        yield Fault(str(path), "no digest put it there", f"Find out who did; remove {path}.")
    for segment in segments:
        for name in ("digest", "rejects_manifest"):
            digest = Digest(str(segment.get(name)))
            if digest not in held:
                path = home.blobs.path(digest)
                yield Fault(str(path), "missing, and the log says it was received", _RESTORE)


def _lake_faults(home: Home, known: Mapping[tuple[str, str], str]) -> Iterator[Fault]:
    lake, held = home.lake, set(home.lake.folders())
    folders = {f"{kind}/{digest}": marker for (kind, digest), marker in known.items()}
    for folder in sorted(held - set(folders)):
        where = lake.depot.where(folder)
        yield Fault(where, "records of no file in the log", f"Remove {where}.")
    for folder, marker in folders.items():
        if folder not in held:
            continue  # a command ended before it was published; the next one does it
        where = lake.depot.where(folder)
        remedy = f"Remove {where}; the next command rebuilds it."
        for fault in lake.damaged_files(folder):
            yield Fault(where, fault, remedy)
        listed = f"{folder}/{MARKER}"
        with contextlib.suppress(FileNotFoundError):  # it is missed above
            if lake.depot.digest(listed) != marker:
                yield Fault(lake.depot.where(listed), "is not the one the log knows", remedy)


def _sum_faults(results: Results, span: str, vouched: Mapping[str, str]) -> Iterator[Fault]:
    """Return what is wrong with the sums of months, or of quarters."""
    summed = results.of(span)
    for day in sorted({*map(str, summed.dates()), *vouched}):
        for fault in _result_faults(summed, date.fromisoformat(day), vouched.get(day)):
            yield Fault(f"{span}/{day}", fault, f"Remove {summed.depot.where(day)} and run again.")


def _result_faults(results: Results, day: date, vouched: str | None) -> Iterator[str]:
    pointer = results.depot.where(str(day))
    if vouched is None:
        yield f"{pointer}: a result that no run in the log made"
    elif results.manifest_digest(day) != vouched:
        yield f"{pointer}: not the result the log knows"
    yield from results.damaged_files(day)
