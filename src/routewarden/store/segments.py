"""A file ingested: raw bytes, then one entry in the log, then records in the lake.

    1. durable     the raw bytes are stored under their digest, flushed and read back
    2. sequenced   one transaction appends the segment: from here on the file is acknowledged
    3. published   its records appear in the lake, by one rename

A crash before 2 leaves a file nobody acknowledged; ingest it again. A crash after 2 leaves a lake
without the records; the next command reads the raw bytes again and arrives at the same ones,
because what was known before a segment is fixed by its place in the log.
"""

from __future__ import annotations

import json
import mmap
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from routewarden.base.canonical import Digest, canonical_json
from routewarden.base.errors import RoutewardenError
from routewarden.base.schema import TABLES, Kind
from routewarden.base.time import start_of_date
from routewarden.events.identity import identify
from routewarden.ledger.entry import StoredEntry, is_entry
from routewarden.policy.calendar import Calendar
from routewarden.sources.reject import Reason, Reject
from routewarden.sources.table import no_records, read_table
from routewarden.sources.typed import Bounds
from routewarden.store.blobs import Progress, file_digest
from routewarden.store.home import Home, new_york_date
from routewarden.store.lake import MARKER

SEGMENT = "segment:ingested"
"""The type of a segment's entry in the log."""
REBUILT = "segment:rebuilt"
"""The type of the entry of a lake folder rebuilt to other bytes, as another Parquet writer does."""


class RawBytesMissingError(RoutewardenError):
    """An acknowledged file's raw bytes are gone."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path}: missing, and the log says it was received. Restore it from a copy; the "
            "records read from it cannot be rebuilt without it."
        )


@dataclass(frozen=True, slots=True)
class Segment:
    """What a file turned out to hold. rows = records + duplicates + rejects.

    `delivered` is the date the firm received it.
    """

    kind: Kind
    digest: Digest
    records: int
    duplicates: int
    rejects: tuple[Reject, ...]
    delivered: date

    @property
    def rows(self) -> int:
        """How many rows were read."""
        return self.records + self.duplicates + len(self.rejects)


@dataclass(frozen=True, slots=True)
class Reading:
    """A file's new records, and the segment they make."""

    segment: Segment
    records: pl.DataFrame


def ingest(  # noqa: PLR0913 - what is taken in, and two bars that show it
    home: Home,
    kind: Kind,
    path: Path,
    copied: Progress,
    read: Progress,
    *,
    delivered: date | None = None,
) -> Segment:
    """Take a file in; one already held changes nothing and counts as duplicates.

    `delivered` is the date the firm received it, by default the New York date of now.

    Raises:
        OSError: The file cannot be read or the home cannot be written.
        RoutewardenError: The home's policy or bytes cannot be used.
    """
    digest = home.blobs.put(path, copied)
    known = held(home, kind, digest)
    if known is not None:
        return replace(known, records=0, duplicates=known.rows, rejects=())
    payloads = (entry.content["payload"] for entry in home.log.entries(SEGMENT))
    earlier = [Digest(known["digest"]) for known in payloads if known["kind"] == kind]
    reading = _read(home, kind, digest, earlier, read, delivered=delivered or home.today())
    staged = home.lake.stage(kind, reading.records)
    _acknowledge(home, reading, path, staged)
    home.lake.publish(staged, kind, digest)
    return reading.segment


def held(home: Home, kind: Kind, digest: Digest) -> Segment | None:
    """Return the segment of a file already ingested as a kind."""
    stored = home.log.find(_identity(kind, digest))
    return None if stored is None else _segment(home, stored.content)


def segments(home: Home) -> list[Segment]:
    """Return the segments in the order they became known."""
    return [_segment(home, entry.content) for entry in home.log.entries(SEGMENT)]


def repair(home: Home, read: Progress) -> list[Segment]:
    """Publish what a crash left unpublished; return the segments that were rebuilt."""
    contents = [entry.content for entry in home.log.entries(SEGMENT)]
    payloads = [content["payload"] for content in contents]
    known = {(Kind(payload["kind"]), Digest(payload["digest"])) for payload in payloads}
    home.lake.sweep({home.lake.folder(kind, digest) for kind, digest in known})
    home.blobs.sweep()
    rebuilt: list[Segment] = []
    earlier: dict[Kind, list[Digest]] = {}
    for content in contents:
        payload = content["payload"]
        kind, digest = Kind(payload["kind"]), Digest(payload["digest"])
        before = earlier.setdefault(kind, [])
        if not home.lake.has(kind, digest):
            bounds, received = payload["calendar"], _delivered(content)
            reading = _read(home, kind, digest, before, read, delivered=received, bounds=bounds)
            home.lake.discard(kind, digest)
            staged = home.lake.stage(kind, reading.records)
            _note_rebuilt(home, reading.segment, staged)
            home.lake.publish(staged, kind, digest)
            rebuilt.append(reading.segment)
        before.append(digest)
    return rebuilt


def _read(  # noqa: PLR0913 - what a reading depends on, all of it
    home: Home,
    kind: Kind,
    digest: Digest,
    earlier: Sequence[Digest],
    read: Progress,
    *,
    delivered: date,
    bounds: Sequence[str] | None = None,
) -> Reading:
    """Read a stored file as if only the earlier files were known."""
    if not home.blobs.path(digest).is_file():
        raise RawBytesMissingError(home.blobs.path(digest))
    table = TABLES[kind]
    days = _calendar_days(home.policy().calendar) if bounds is None else bounds
    frames, rejects, done = [no_records(table)], list[Reject](), 0
    with _mapped(home.blobs.path(digest)) as data:
        for batch in read_table(table, data, _bounds(days)):
            frames.append(batch.records)
            rejects += batch.rejects
            read(batch.position - done)
            done = batch.position
    rows = pl.concat(frames, how="diagonal")
    duplicates = 0
    if table.key is not None:
        known = home.lake.read_sharing(kind, table.key, rows[table.key], earlier)
        identified = identify(table.key, rows, known)
        rows, duplicates = identified.records, identified.duplicates
        rejects += identified.conflicts
    ordered = tuple(sorted(rejects, key=lambda reject: (reject.line, reject.reason)))
    return Reading(Segment(kind, digest, rows.height, duplicates, ordered, delivered), rows)


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


def payloads(entries: Iterable[StoredEntry], types: Collection[str]) -> list[dict[str, Any]]:
    """Return what the entries of some types say, without those whose bytes are no entry."""
    contents = (entry.content for entry in entries if is_entry(entry.entry))
    said = [content.get("payload") for content in contents if content.get("type") in types]
    return [payload for payload in said if isinstance(payload, dict)]


def _note_rebuilt(home: Home, segment: Segment, staged: Path) -> None:
    marker = file_digest(staged / MARKER)
    known = markers(home.log.entries())
    if known.get((segment.kind, segment.digest)) != marker:
        subject = f"{segment.kind}/{segment.digest}"
        payload = {"kind": segment.kind, "digest": segment.digest, "marker": marker}
        home.record(REBUILT, f"{REBUILT}:{subject}:{marker}:{home.log.size}", subject, payload)


def _acknowledge(home: Home, reading: Reading, path: Path, staged: Path) -> None:
    """Append the segment's entry: its digest, counts, byte ranges, rejects and source."""
    segment = reading.segment
    size = home.blobs.path(segment.digest).stat().st_size
    manifest = home.blobs.put_bytes(
        canonical_json({"v": 1, "rejects": [asdict(reject) for reject in segment.rejects]})
    )
    home.record(
        SEGMENT,
        _identity(segment.kind, segment.digest),
        subject=f"{segment.kind}/{segment.digest}",
        payload={
            "kind": segment.kind,
            "digest": segment.digest,
            "records": segment.records,
            "duplicates": segment.duplicates,
            "rejects": len(segment.rejects),
            "rejects_manifest": manifest,
            "marker": file_digest(staged / MARKER),
            "rejected_bytes": sum(reject.end - reject.start for reject in segment.rejects),
            "source": {"name": path.name, "start": 0, "end": size},
            "delivered": str(segment.delivered),
            "calendar": list(_calendar_days(home.policy().calendar)),
        },
    )


def _segment(home: Home, content: dict[str, Any]) -> Segment:
    payload = content["payload"]
    manifest = json.loads(home.blobs.path(Digest(payload["rejects_manifest"])).read_bytes())
    rejects = tuple(
        Reject(**{**reject, "reason": Reason(reject["reason"])}) for reject in manifest["rejects"]
    )
    return Segment(
        Kind(payload["kind"]),
        Digest(payload["digest"]),
        payload["records"],
        payload["duplicates"],
        rejects,
        _delivered(content),
    )


def _delivered(content: dict[str, Any]) -> date:
    """Return when the firm received a file: as its entry states, else the date of the entry."""
    stated = content["payload"].get("delivered")
    return new_york_date(content["at"]) if stated is None else date.fromisoformat(stated)


def _identity(kind: Kind, digest: Digest) -> str:
    """The idempotency key: these bytes, read as this kind."""
    return f"{SEGMENT}:{kind}:{digest}"


def _calendar_days(calendar: Calendar) -> tuple[str, str]:
    return str(calendar.first), str(calendar.last)


def _bounds(days: Sequence[str]) -> Bounds:
    """Return the instants from the start of the first day to the end of the last."""
    first, last = (date.fromisoformat(day) for day in days)
    edges = pl.DataFrame({"day": [first, last + timedelta(days=1)]})
    start, end = edges.select(start_of_date(pl.col("day"))).to_series()
    return Bounds(start, end)


@contextmanager
def _mapped(path: Path) -> Iterator[bytes | memoryview]:
    """Give a file's bytes without reading them into memory at once."""
    if path.stat().st_size == 0:
        yield b""
        return
    with (
        path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
        memoryview(mapped) as view,
    ):
        yield view
