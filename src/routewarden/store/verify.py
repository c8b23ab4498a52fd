"""Whether a home still holds what it acknowledged: every stored byte against its digest.

Without anyone outside who remembers the log's size, this shows internal consistency only: it finds
what was changed, not a home rolled back whole to an earlier state, or written anew by whoever holds
its key.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from routewarden.base.canonical import Digest
from routewarden.ledger.checkpoint import Checkpoint
from routewarden.ledger.entry import (
    SetBack,
    StoredEntry,
    faults,
    payloads,
    set_back,
)
from routewarden.ledger.outline import outlined
from routewarden.ledger.outside import INTERNAL, Outside, utc
from routewarden.store.anchors import Stamp, stamps
from routewarden.store.blobs import Progress, file_digest
from routewarden.store.cases import ACTED, BEGUN, COLLECTED, CONCERNED, OPENED, case_faults
from routewarden.store.conflicts import SETTLED
from routewarden.store.database import altered
from routewarden.store.fault import Fault
from routewarden.store.home import Home
from routewarden.store.lake import MARKER
from routewarden.store.log_check import Vouched, check_log
from routewarden.store.persons import approval_faults
from routewarden.store.published import ContradictionError
from routewarden.store.purged import PURGED, purged
from routewarden.store.results import RUN, SUMMED, Results
from routewarden.store.retention import PURGE, purge_faults
from routewarden.store.segments import REBUILT, SEGMENT, markers
from routewarden.store.settings import NOTED, PROPOSED

_NOBODY = Outside()


@dataclass(frozen=True, slots=True)
class Verification:
    """What was looked at, and what was wrong."""

    entries: int
    blobs: int
    lake_folders: int
    results: int
    faults: tuple[Fault, ...]
    newest: Checkpoint | None = None
    vouched: tuple[Vouched, ...] = ()
    outside: Outside = _NOBODY
    stamps: tuple[Stamp, ...] = ()
    set_back: tuple[SetBack, ...] = ()

    @property
    def assurance(self) -> str:
        """What this shows, and by whose word: that of the home itself, or of others too."""
        size = 0 if self.newest is None else self.newest.head.size
        seen: dict[str, tuple[int, int]] = {}
        for vouched in self.vouched:
            for signed in vouched.witnesses:
                at = vouched.checkpoint.head.size, signed.time or 0
                seen[signed.key.name] = max(at, seen.get(signed.key.name, at))
        said = [
            f"{name} cosigned {number:,} of {size:,} entries at {utc(time)}"
            for name, (number, time) in sorted(seen.items())
        ]
        said += [stamp.text for stamp in self.stamps[-1:]]
        said += [f"goes on from the {head.size:,} entries given" for head in self.outside.heads]
        return "; ".join(said) or f"{INTERNAL}: no outside witness vouches for it"


def verify(home: Home, progress: Progress, outside: Outside = _NOBODY) -> Verification:
    """Check the log's ties, every raw byte, and everything derived from them.

    Args:
        home: The home.
        progress: Told of the bytes that were read.
        outside: What whoever asks knows of the log from elsewhere.
    """
    every, beside = home.log.rows()
    table = outlined(every)
    contents = table.outlines
    ties = [*faults(every, contents, table.leaves), *altered(table, beside)]
    log = check_log(home, table, outside)
    entries = table.of(_TOLD_IN)
    results = Results(home.measured)
    vouched = results.vouched(entries)
    lake = markers(entries)
    stamped, unstamped = stamps(home)
    found = [
        *(Fault("log", fault, _RESTORE) for fault in ties),
        *log.faults,
        *approval_faults(every),
        *purge_faults(table.of(PURGE)),
        *case_faults(table.of(CONCERNED)),
        *unstamped,
        *_blob_faults(home, entries, progress),
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
    counts = len(every), blobs, len(lake), len(results.dates())
    with contextlib.suppress(ContradictionError):  # it is among the faults
        newest = home.published.newest()
        checkpoint = None if newest is None else newest[0]
        vouchers = log.vouched, outside, tuple(sorted(stamped, key=lambda each: each.size))
        back = tuple(set_back(contents))
        return Verification(*counts, tuple(found), checkpoint, *vouchers, back)
    return Verification(*counts, tuple(found))


_KEPT = (SEGMENT, NOTED, PROPOSED, SETTLED, RUN, COLLECTED, "review:made", "evidence:packed")
_KEPT_FACTS = ("questionnaire", "behind")
"""What a case may be opened with that names bytes: what was asked, the orders behind a breach."""
_TOLD_IN = frozenset({*_KEPT, ACTED, OPENED, BEGUN, PURGED, REBUILT})
"""The types of all entries that say which bytes, lake folders and results there are."""
_RESTORE = "Restore it from a copy: nothing else in the home can stand in for it."


def _blob_faults(home: Home, entries: Sequence[StoredEntry], progress: Progress) -> Iterator[Fault]:
    held, gone = set(), purged(entries)
    for digest in home.blobs.digests():
        held.add(digest)
        path = home.blobs.path(digest)
        if digest in gone:
            yield Fault(
                str(path), "was purged, and is here", "Any command that may write removes it."
            )
        if file_digest(path) != digest:
            yield Fault(str(path), "the bytes do not have the digest in the name", _RESTORE)
        progress(path.stat().st_size)
    for path in home.blobs.strangers():
        yield Fault(str(path), "no digest put it there", f"Find out who did; remove {path}.")
    for digest in sorted(acknowledged(entries) - held):
        path = home.blobs.path(digest)
        yield Fault(str(path), "missing, and the log says it was received", _RESTORE)


def acknowledged(entries: Sequence[StoredEntry]) -> set[Digest]:
    """Return the digests of all bytes that the log says are held."""
    found = {
        Digest(stated)
        for payload in payloads(entries, _KEPT)
        for name in ("digest", "rejects_manifest", "profile", "statement", "held", "other")
        if isinstance(stated := payload.get(name), str)
    }
    for payload in payloads(entries, {ACTED}):
        found.update(Digest(str(digest)) for *_, digest in payload.get("documents", ()))
    for payload in payloads(entries, {OPENED, BEGUN}):
        facts = payload.get("facts")
        stated = facts if isinstance(facts, dict) else {}
        found.update(Digest(str(stated[name])) for name in _KEPT_FACTS if name in stated)
    return found - purged(entries)


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
