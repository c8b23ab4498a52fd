"""A file ingested: raw bytes, then one entry in the log, then records in the lake.

    1. durable     the raw bytes are stored under their digest, flushed and read back
    2. sequenced   one transaction appends the segment: from here on the file is acknowledged
    3. published   its records appear in the lake, all at once

A crash before 2 leaves a file nobody acknowledged; ingest it again. A crash after 2 leaves a lake
without the records; the next command reads the raw bytes again and arrives at the same ones,
because what was known before a segment is fixed by its place in the log.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from routewarden.base.canonical import Digest, canonical_json
from routewarden.base.errors import RoutewardenError
from routewarden.base.schema import Kind
from routewarden.ledger.entry import StoredEntry, payloads
from routewarden.ledger.record import Blocks
from routewarden.sources.fix.dialect import read_fix_dialect
from routewarden.sources.profile.parse import read_profile
from routewarden.sources.reject import Reason, Reject
from routewarden.store.blobs import Progress, file_digest
from routewarden.store.home import Home
from routewarden.store.intake import Reading, Staged, calendar_days, read_stored, stage
from routewarden.store.lake import MARKER
from routewarden.store.purged import PURGED, purged
from routewarden.store.session import new_york_date
from routewarden.store.staging import Written, unwatched

_FRAMES_AHEAD = 24  # of 4 MiB of text, read while the disk takes the bytes

SEGMENT = "segment:ingested"
"""The type of a segment's entry in the log."""
REBUILT = "segment:rebuilt"
"""The type of the entry of a lake folder rebuilt to other bytes, as another Parquet writer does."""


class PurgedFileError(RoutewardenError):
    """A file is to be taken in whose bytes were deleted when their time was over."""

    def __init__(self, path: Path, digest: Digest) -> None:
        super().__init__(
            f"{path}: was held and purged by two persons' approval ({digest[:12]}); it is not "
            "taken in again. The log keeps what it was."
        )


@dataclass(frozen=True, slots=True)
class Segment:
    """What a file turned out to hold. rows = records + duplicates + rejects.

    `others` counts what was neither: lines without a message, rows of another kind. `delivered` is
    the date the firm received it, `profile` the digest of the profile it was read with, `refused`
    that of the list of its rejects.
    """

    kind: Kind
    digest: Digest
    records: int
    duplicates: int
    rejects: int
    delivered: date
    others: int = 0
    profile: Digest | None = None
    refused: Digest | None = None

    @property
    def rows(self) -> int:
        """How many rows were read."""
        return self.records + self.duplicates + self.rejects


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file to take in: as what kind, when the firm received it, and in whose dialect it is.

    `profile` is the text of a profile. `delivered` is by default the New York date of now.
    """

    kind: Kind
    path: Path
    delivered: date | None = None
    profile: str | None = None


def ingest(
    home: Home, arrival: Arrival, copied: Progress, read: Progress, written: Written = unwatched
) -> Segment:
    """Take a file in; one already held changes nothing and counts as duplicates.

    One of which nothing came in, for want of the right profile, is read anew with another.

    Raises:
        OSError: The file cannot be read or the home cannot be written.
        RoutewardenError: The home's policy or bytes, or the profile, cannot be used.
    """
    kind, delivered = arrival.kind, arrival.delivered or home.today()
    days = calendar_days(home.policy().calendar)
    profile = None
    if arrival.profile is not None:
        dialect = read_profile(arrival.profile)  # refused, if need be, before anything is kept
        read_fix_dialect(dialect.fix or {})
        profile = home.blobs.put_bytes(arrival.profile.encode())
    with home.blobs.arriving(arrival.path, copied) as arrived:
        digest = arrived.digest
        if digest in purged(home.log.entries(PURGED)):
            raise PurgedFileError(arrival.path, digest)
        known, attempts = _held(home, kind, digest)
        if known is not None and (known.records or known.duplicates or known.profile == profile):
            arrived.keep()
            return replace(known, records=0, duplicates=known.rows, rejects=0)
        reading = Reading(kind, digest, arrival.path.name, delivered, profile, days)
        earlier = [known.digest for known in segments(home) if known.kind == kind]
        staged = stage(home, reading, earlier, (read, written), arrived)
    segment = _acknowledge(home, staged, reading, arrived.blocks, attempts)
    home.lake.publish(staged.folder, kind, digest)
    return segment


def _held(home: Home, kind: Kind, digest: Digest) -> tuple[Segment | None, int]:
    """Return the segment of a file already ingested as a kind, and how often it was read."""
    found, attempts = None, 0
    while stored := home.log.find(_identity(kind, digest, attempts)):
        found, attempts = _segment(stored.content), attempts + 1
    return found, attempts


def segments(home: Home) -> list[Segment]:
    """Return the segments in the order they became known."""
    return [_segment(content) for content in _contents(home)]


def rejects_of(home: Home, segment: Segment) -> tuple[Reject, ...]:
    """Return the rejects of a segment, by line."""
    if not segment.rejects or segment.refused is None:
        return ()
    manifest = json.loads(home.blobs.path(segment.refused).read_bytes())
    return tuple(
        Reject(**{**reject, "reason": Reason(reject["reason"])}) for reject in manifest["rejects"]
    )


def remove_purged(home: Home) -> None:
    """Remove the bytes and records of raw files that the log says are purged."""
    gone = purged(home.log.entries()) if home.log.entries(PURGED) else set()
    for digest in sorted(gone):
        home.blobs.path(digest).unlink(missing_ok=True)
    for folder in home.lake.folders() if gone else ():
        if folder.partition("/")[2] in gone:
            home.lake.discard(folder)


def told_segments(home: Home) -> Iterator[tuple[Segment, dict[str, Any]]]:
    """Yield each segment with the whole of its entry, in the order they became known."""
    for content in _contents(home):
        yield _segment(content), content


def records_again(home: Home, content: dict[str, Any]) -> Iterator[pl.DataFrame]:
    """Yield the records of a segment's raw file, those that were refused for their id included."""
    return read_stored(home, _as_read(content))


def _contents(home: Home) -> list[dict[str, Any]]:
    """Return the entry of each segment, of one read anew the last."""
    last: dict[tuple[str, str], dict[str, Any]] = {}
    gone = purged(home.log.entries(PURGED))
    for entry in home.log.entries(SEGMENT):
        payload = entry.content["payload"]
        if payload["digest"] in gone:
            continue
        last.pop((payload["kind"], payload["digest"]), None)
        last[payload["kind"], payload["digest"]] = entry.content
    return list(last.values())


def repair(home: Home, read: Progress) -> list[Segment]:
    """Publish what a crash left unpublished; return the segments that were rebuilt."""
    contents = _contents(home)
    payloads = [content["payload"] for content in contents]
    known = {(Kind(payload["kind"]), Digest(payload["digest"])) for payload in payloads}
    home.lake.sweep({home.lake.folder(kind, digest) for kind, digest in known})
    home.blobs.sweep()
    remove_purged(home)
    rebuilt: list[Segment] = []
    whole = home.lake.whole()
    earlier: dict[Kind, list[Digest]] = {}
    for content in contents:
        reading = _as_read(content)
        before = earlier.setdefault(reading.kind, [])
        if home.lake.folder(reading.kind, reading.digest) not in whole:
            staged = stage(home, reading, before, (read, unwatched))
            _note_rebuilt(home, reading, staged)
            home.lake.publish(staged.folder, reading.kind, reading.digest)
            rebuilt.append(_of(reading, staged))
        before.append(reading.digest)
    return rebuilt


def _as_read(content: dict[str, Any]) -> Reading:
    payload = content["payload"]
    return Reading(
        Kind(payload["kind"]),
        Digest(payload["digest"]),
        payload["source"]["name"],
        _delivered(content),
        payload.get("profile"),
        payload["calendar"],
    )


def markers(entries: Iterable[StoredEntry]) -> dict[tuple[str, str], str]:
    """Return the digest of each lake folder's marker, by kind and raw file, as the log last has it.

    Entries whose bytes are no such entry are passed over; the log's own check names them.
    """
    found: dict[tuple[str, str], str] = {}
    for payload in payloads(entries, {SEGMENT, REBUILT}):
        kind, digest, marker = (payload.get(name) for name in ("kind", "digest", "marker"))
        if isinstance(kind, str) and isinstance(digest, str) and isinstance(marker, str):
            found[kind, digest] = marker
    return found


def _note_rebuilt(home: Home, reading: Reading, staged: Staged) -> None:
    marker = file_digest(staged.folder / MARKER)
    known = markers(home.log.entries())
    if known.get((reading.kind, reading.digest)) != marker:
        subject = f"{reading.kind}/{reading.digest}"
        payload = {"kind": reading.kind, "digest": reading.digest, "marker": marker}
        home.record(REBUILT, f"{REBUILT}:{subject}:{marker}:{home.log.size}", subject, payload)


def _acknowledge(
    home: Home, staged: Staged, reading: Reading, blocks: Blocks, attempt: int
) -> Segment:
    """Append the segment's entry: its digest, blocks, counts, byte ranges, rejects and source."""
    segment = _of(reading, staged)
    refused = home.blobs.put_bytes(
        canonical_json({"v": 1, "rejects": [asdict(reject) for reject in staged.rejects]})
    )
    home.record(
        SEGMENT,
        _identity(segment.kind, segment.digest, attempt),
        subject=f"{segment.kind}/{segment.digest}",
        payload={
            "kind": segment.kind,
            "digest": segment.digest,
            "records": segment.records,
            "duplicates": segment.duplicates,
            "others": segment.others,
            "rejects": segment.rejects,
            "rejects_manifest": refused,
            "marker": file_digest(staged.folder / MARKER),
            "rejected_bytes": sum(reject.end - reject.start for reject in staged.rejects),
            "source": {"name": reading.name, "start": 0, "end": blocks.size},
            **blocks.payload,
            "profile": segment.profile,
            "delivered": str(segment.delivered),
            "calendar": list(reading.days),
        },
    )
    return replace(segment, refused=refused)


def _of(reading: Reading, staged: Staged) -> Segment:
    return Segment(
        *(reading.kind, reading.digest, staged.records, staged.duplicates, len(staged.rejects)),
        *(reading.delivered, staged.others, reading.profile),
    )


def _segment(content: dict[str, Any]) -> Segment:
    payload = content["payload"]
    return Segment(
        Kind(payload["kind"]),
        Digest(payload["digest"]),
        payload["records"],
        payload["duplicates"],
        payload["rejects"],
        _delivered(content),
        payload.get("others", 0),
        payload.get("profile"),
        Digest(payload["rejects_manifest"]),
    )


def _delivered(content: dict[str, Any]) -> date:
    """Return when the firm received a file: as its entry states, else the date of the entry."""
    stated = content["payload"].get("delivered")
    return new_york_date(content["at"]) if stated is None else date.fromisoformat(stated)


def _identity(kind: Kind, digest: Digest, attempt: int) -> str:
    """The idempotency key: these bytes, read as this kind, and which time, counting from 0."""
    return f"{SEGMENT}:{kind}:{digest}" + (f":{attempt}" if attempt else "")
