"""Each identifier once: of what a file holds, the records not known before.

Most files tell of every record once, and only identifiers are kept of those read to see that they
did; a file that did not is read again, and its records are compared with what is held, all
together. A message is known by a digest of what it says, so digests are all that is kept.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from routewarden.base.canonical import Digest
from routewarden.base.schema import TABLES, Kind
from routewarden.events.identity import identify, known_again
from routewarden.native.digests import Digests
from routewarden.sources.reject import Reject
from routewarden.sources.table import no_records
from routewarden.store.lake import Lake

_TOGETHER = 2_000_000  # messages looked for in earlier files at a time

Frames = Iterable[pl.DataFrame]


@dataclass(slots=True)
class Counts:
    """What has been read of a file so far."""

    records: int = 0
    duplicates: int = 0
    others: int = 0
    rejects: list[Reject] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Earlier:
    """The files of a kind that were read before, and where their records are."""

    lake: Lake
    kind: Kind
    files: Sequence[Digest]


class ToldAgainError(Exception):
    """An identifier may have been told before: the records must be compared."""


def distinct_records(earlier: Earlier, frames: Frames) -> Iterator[pl.DataFrame]:
    """Yield the records of a file that tells of each once, and of none that is held.

    Raises:
        ToldAgainError: At the end, if it may be another file; then nothing yielded is to be kept.
    """
    table = TABLES[earlier.kind]
    empty, key = no_records(table), str(table.key)
    ids = [empty[key]]
    for frame in frames:
        ids.append(frame[key])
        yield pl.concat([empty, frame], how="diagonal")
    told = pl.concat(ids)
    hashes = told.hash().sort()  # two of one hash may be two identifiers, which is seldom
    if (hashes == hashes.shift()).any() or len(
        earlier.lake.shared(earlier.kind, key, told, earlier.files)
    ):
        raise ToldAgainError


def new_records(earlier: Earlier, frames: Frames, counts: Counts) -> Iterator[pl.DataFrame]:
    """Yield the records whose identifiers are new.

    All of the file's records are held until its last is known, once; those that share an
    identifier with another are looked at more closely.
    """
    table = TABLES[earlier.kind]
    empty, key = no_records(table), str(table.key)
    waiting = deque(pl.concat([empty, frame], how="diagonal") for frame in frames)
    ids = pl.concat([empty[key], *(frame[key] for frame in waiting)])
    held = earlier.lake.read_sharing(earlier.kind, key, ids, earlier.files)
    again = ids.filter(known_again(ids, held[key])).unique()
    close = [frame.filter(pl.col(key).is_in(again.implode())) for frame in waiting if len(again)]
    rows = pl.concat([empty, *close], how="diagonal")
    identified = identify(table, rows, held)
    counts.duplicates += identified.duplicates
    counts.rejects += identified.conflicts
    later = rows.join(identified.records, on="line", how="anti")["line"]
    while waiting:
        frame = waiting.popleft()
        yield frame.filter(~pl.col("line").is_in(later.implode())) if len(later) else frame


def new_messages(
    key: str, frames: Frames, known: Digests, counts: Counts
) -> Iterator[pl.DataFrame]:
    """Yield the messages not known yet, frame by frame, and make them known."""
    for frame in frames:
        is_new = known.add(frame[key])
        messages = frame if is_new.all() else frame.filter(is_new)
        counts.duplicates += frame.height - messages.height
        yield messages


def known_messages(earlier: Earlier, frames: Frames) -> Digests:
    """Return which of a file's messages earlier files hold."""
    key, known = str(TABLES[earlier.kind].key), Digests()
    if earlier.files:
        for ids in _together(frame[key] for frame in frames):
            known.add(earlier.lake.shared(earlier.kind, key, ids, earlier.files))
    return known


def _together(columns: Iterable[pl.Series]) -> Iterator[pl.Series]:
    """Yield columns put together until they are many."""
    held, count = list[pl.Series](), 0
    for column in columns:
        held.append(column)
        count += len(column)
        if count >= _TOGETHER:
            yield pl.concat(held)
            held, count = [], 0
    if held:
        yield pl.concat(held)
