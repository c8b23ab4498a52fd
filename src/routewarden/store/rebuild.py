"""The event table made again from the published log, whatever became of it.

The files win, if they have the root that the log's key signed. The table that was there is kept
aside under another name. What it holds beyond the published entries is kept only as far as each
entry follows on from the one before; nothing else can be told from what somebody put there.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from routewarden.base.errors import RoutewardenError
from routewarden.ledger.checkpoint import Checkpoint, read_checkpoint
from routewarden.ledger.entry import (
    NOTHING_BEFORE,
    StoredEntry,
    content_of,
    faults,
    leaf_hash,
)
from routewarden.ledger.note import Key, signed_by
from routewarden.ledger.strict import MalformedError
from routewarden.ledger.tree import Frontier, Head, hash_leaf
from routewarden.store import durable
from routewarden.store.database import open_log
from routewarden.store.embedded import Embedded
from routewarden.store.home import DATABASE, locked, log_schema
from routewarden.store.published import PublishedLog
from routewarden.store.terms import required, terms, trusted

_STATED = ("id", "type", "subject", "at")  # what an entry has to say for the table's columns
_NEW = f"{durable.PART}{DATABASE}"
_BESIDE = ("", "-journal", "-wal", "-shm")  # what SQLite keeps with a database, by its name


_ON_A_SERVER = "its log is on a server; a backup restored has its log in the home, and can move it"


class CannotRebuildError(RoutewardenError):
    """The published log is not whole, so nothing can be made from it."""

    def __init__(self, where: object, why: object) -> None:
        super().__init__(
            f"{where}: {why}. Nothing was changed. Restore evidence/log from a backup and rebuild."
        )


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a table was made from, and what became of the one before.

    `kept` counts entries that were acknowledged and not published, and follow on; `left` those that
    do not follow, None if the old table is gone or cannot be read, so that nobody can know. `aside`
    is where the old table is; None if there was none. `same` says that it had the same entries.
    """

    checkpoint: Checkpoint
    signed_by: tuple[Key, ...]
    kept: int
    left: int | None
    aside: Path | None
    same: bool


def rebuild(root: Path, keys: Sequence[Key] = ()) -> Rebuilt:
    """Make a home's event table again from its published log.

    Args:
        root: The home.
        keys: The log's keys as known from elsewhere; else those that the log itself names.

    Raises:
        CannotRebuildError: The log is not whole, or no key signed it.
    """
    with locked(root):
        if log_schema(root) is not None:
            raise CannotRebuildError(root, _ON_A_SERVER)
        published = PublishedLog(root / "evidence" / "log")
        checkpoint, entries, by = _signed(published, keys)
        database = root / DATABASE
        held = _held(database)
        tail = _following(held or {}, entries)
        whole = [*entries, *tail]
        _make(root / _NEW, whole)
        aside = _put_aside(database)
        (root / _NEW).replace(database)
        durable.sync_folder(root)
    left = None if held is None else sum(seq >= len(whole) for seq in held)
    same = held == {stored.seq: stored.entry for stored in whole}
    return Rebuilt(checkpoint, by, len(tail), left, aside, same=same)


def _signed(
    published: PublishedLog, keys: Sequence[Key]
) -> tuple[Checkpoint, list[StoredEntry], tuple[Key, ...]]:
    """Return what is published, once the signed root holds."""
    path = published.root / "checkpoint"
    try:
        checkpoint, note = read_checkpoint(path.read_bytes())
        found = list(published.entries(0, checkpoint.head.size))
    except FileNotFoundError as error:
        raise CannotRebuildError(error.filename, "missing") from error
    except MalformedError as error:
        raise CannotRebuildError(published.root, error) from error
    if Frontier().extended(map(hash_leaf, found)).head != checkpoint.head:
        raise CannotRebuildError(published.root, "its entries do not have the signed root")
    entries = _chained(found)
    wrong = faults(entries) or [f"event {s.seq}: no row" for s in entries if not _is_row(s.entry)]
    if wrong:
        raise CannotRebuildError(published.root, wrong[0])
    known = terms(entries)
    believed = trusted(published, known, _heads(published, entries), keys)
    by = tuple(each.key for each in signed_by(note, believed))
    if not set(by).intersection(required(known, len(entries), len(entries))):
        raise CannotRebuildError(path, "no key of the log signed it")
    return checkpoint, entries, by


def _heads(published: PublishedLog, entries: Sequence[StoredEntry]) -> dict[int, Head]:
    """Return the head of the log at each size that was signed."""
    leaves = [hash_leaf(stored.entry) for stored in entries]
    found, grown = {}, Frontier()
    for size in published.signed_sizes():
        grown = grown.extended(leaves[grown.size : size])
        found[size] = grown.head
    return found


def _chained(entries: Sequence[bytes]) -> list[StoredEntry]:
    """Return entries with their places; what they say of the one before is not yet compared."""
    found, before = [], NOTHING_BEFORE
    for seq, entry in enumerate(entries):
        leaf = leaf_hash(entry)
        found.append(StoredEntry(seq, before, leaf, entry))
        before = leaf
    return found


def _held(database: Path) -> dict[int, bytes] | None:
    """Return the entries of the table that is there, by number; None if it cannot be read."""
    address = f"file:{quote(str(database.absolute()))}?mode=rw"  # it may have to roll back first
    try:
        with closing(sqlite3.connect(address, uri=True)) as held:
            rows = held.execute("SELECT seq, entry FROM event").fetchall()
    except sqlite3.Error:
        return None
    return {seq: entry if isinstance(entry, bytes) else b"" for seq, entry in rows}


def _following(held: Mapping[int, bytes], published: Sequence[StoredEntry]) -> list[StoredEntry]:
    """Return the entries of a table that go on from what is published, as far as they do."""
    found: list[StoredEntry] = []
    ids = {stored.content["id"] for stored in published}
    before = published[-1].leaf if published else NOTHING_BEFORE
    seq = len(published)
    while (entry := held.get(seq)) is not None and _is_row(entry):
        stored = StoredEntry(seq, before, leaf_hash(entry), entry)
        content = stored.content
        if (content.get("seq"), content.get("prev")) != (seq, before) or content["id"] in ids:
            break
        found.append(stored)
        ids.add(content["id"])
        before, seq = stored.leaf, seq + 1
    return found


def _is_row(entry: bytes) -> bool:
    """Return whether an entry says what the table's columns want."""
    content = content_of(entry) or {}
    return all(isinstance(content.get(name), str) for name in _STATED)


def _make(path: Path, entries: Sequence[StoredEntry]) -> None:
    """Write a table under a name of its own, whole and on the disk."""
    for name in _BESIDE:
        path.with_name(path.name + name).unlink(missing_ok=True)
    with open_log(Embedded(path)) as log:
        log.adopt(entries)
    durable.sync_file(path)


def _put_aside(database: Path) -> Path | None:
    """Give the table that is there another name too, and return it; its place is taken next."""
    if not database.exists():
        return None
    number = 1
    while (aside := database.with_name(f"{database.name}.aside-{number}")).exists():
        if aside.samefile(database):  # a rebuild was killed before it took the place
            return aside
        number += 1
    os.link(database, aside)
    for name in _BESIDE[1:]:
        with suppress(FileNotFoundError):
            database.with_name(database.name + name).replace(aside.with_name(aside.name + name))
    durable.sync_folder(database.parent)
    return aside
