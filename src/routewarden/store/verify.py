"""Whether a home still holds what it acknowledged: every stored byte against its digest.

Without anyone outside who remembers the log's size, this shows internal consistency only: it finds
what was changed, not a home rolled back whole to an earlier state.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from routewarden.base.canonical import Digest
from routewarden.ledger.entry import faults
from routewarden.store.blobs import Progress, file_digest
from routewarden.store.home import Home
from routewarden.store.lake import damaged_files
from routewarden.store.results import Results
from routewarden.store.segments import SEGMENT

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
    digests = list(home.blobs.digests())
    segments = [entry.content["payload"] for entry in entries if entry.content["type"] == SEGMENT]
    folders = [home.lake.root / s["kind"] / s["digest"] for s in segments]
    results = Results(home.measured)
    found = [
        *(Fault("log", fault, _RESTORE) for fault in [*faults(entries), *home.log.altered()]),
        *(
            Fault(str(folder), "records of no file in the log", f"Remove {folder}.")
            for folder in home.lake.folders()
            if folder not in folders
        ),
        *_blob_faults(home, digests, segments, progress),
        *(
            Fault(str(folder), fault, f"Remove {folder}; the next command rebuilds it.")
            for folder in folders
            if folder.is_dir()
            for fault in damaged_files(folder)
        ),
        *(
            Fault(str(day), fault, f"Remove {home.measured / str(day)} and run again.")
            for day in sorted(results.dates())
            for fault in results.damaged_files(day)
        ),
    ]
    return Verification(
        len(entries), len(digests), len(folders), len(results.dates()), tuple(found)
    )


_RESTORE = "Restore it from a copy: nothing else in the home can stand in for it."


def _blob_faults(
    home: Home, digests: list[Digest], segments: list[dict[str, str]], progress: Progress
) -> Iterator[Fault]:
    for digest in digests:
        path = home.blobs.path(digest)
        if file_digest(path) != digest:
            yield Fault(str(path), "the bytes do not have the digest in the name", _RESTORE)
        progress(path.stat().st_size)
    held = set(digests)
    for segment in segments:
        for name in ("digest", "rejects_manifest"):
            if segment[name] not in held:
                path = home.blobs.path(Digest(segment[name]))
                yield Fault(str(path), "missing, and the log says it was received", _RESTORE)
