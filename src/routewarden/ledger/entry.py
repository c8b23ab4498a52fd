"""An entry of the append-only log: its bytes, its hash, and what ties it to the one before.

An entry is canonical JSON. Its leaf hash is that of RFC 6962: SHA-256 over a zero byte and the
entry. `prev` repeats the leaf hash of the entry before, so a slice of the log can be checked with
nothing but a hash function. This shows that no stored entry was changed; it cannot show that the
last ones were not cut off, which needs someone outside to remember the log's size.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NewType

from routewarden.base.canonical import canonical_json
from routewarden.ledger.tree import Hash, hash_leaf

LeafHash = NewType("LeafHash", str)
"""Hexadecimal SHA-256 of a leaf."""

VERSION = 1
NOTHING_BEFORE = LeafHash("")
"""What the first entry names as the one before."""


@dataclass(frozen=True, slots=True)
class Happening:
    """What an entry records: who did what to which subject, and when.

    `id` is made by whoever asks and is unique: asking twice records once. `at` is the wall clock
    (RFC 3339), `mono_ns` the process's own steady clock. `signed` is the size of the log that was
    signed last before it: so a log says itself which of its heads were ever signed. `issuer` is
    what vouches for the actor's name: the operating system, or a token bound to a user.
    """

    type: str
    id: str
    at: str
    mono_ns: int
    actor: str
    subject: str
    payload: Mapping[str, Any]
    signed: int = 0
    issuer: str = "os"


def entry_bytes(seq: int, prev: LeafHash, what: Happening) -> bytes:
    """Return the canonical bytes of an entry."""
    return canonical_json(
        {
            "v": VERSION,
            "seq": seq,
            "prev": prev,
            "type": what.type,
            "id": what.id,
            "at": what.at,
            "mono": str(what.mono_ns),
            "signed": what.signed,
            "actor": {"iss": what.issuer, "sub": what.actor},
            "subject": what.subject,
            "payload": dict(what.payload),
        }
    )


def leaf_hash(entry: bytes) -> LeafHash:
    """Return the RFC 6962 leaf hash of an entry."""
    return LeafHash(hash_leaf(entry).hex())


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry as a store holds it."""

    seq: int
    prev: LeafHash
    leaf: LeafHash
    entry: bytes

    @property
    def content(self) -> dict[str, Any]:
        """The entry's JSON value."""
        value: dict[str, Any] = json.loads(self.entry)
        return value


Content = Mapping[str, Any]
"""What an entry states."""


_read = json.JSONDecoder().raw_decode


def content_of(entry: bytes) -> Content | None:
    """Return what the bytes of an entry state; None if they are not one."""
    try:
        text = entry.decode()
        value, end = _read(text) if text.startswith("{") else (None, 0)
        if end != len(text):  # there may be white space about it, which costs more to look for
            value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def faults(
    entries: Sequence[StoredEntry],
    contents: Iterable[Content | None] | None = None,
    leaves: Iterable[Hash] | None = None,
) -> list[str]:
    """Return what is wrong with a log read in order; an empty list if every tie holds.

    Args:
        entries: The entries.
        contents: What each states, if that has been read already.
        leaves: The hash of each, if that is known already.
    """
    found, expected, prev = [], 0, NOTHING_BEFORE
    stated = contents or (content_of(stored.entry) for stored in entries)
    hashes = leaves or (hash_leaf(stored.entry) for stored in entries)
    for stored, content, leaf in zip(entries, stated, hashes, strict=True):
        at = f"event {stored.seq}"
        if stored.seq != expected:
            found.append(f"{at}: expected number {expected}; entries are missing or repeated")
        if leaf.hex() != stored.leaf:
            found.append(f"{at}: its bytes do not have its leaf hash")
        elif content is None:
            found.append(f"{at}: its bytes are not an entry")
        elif (content.get("seq"), content.get("prev")) != (stored.seq, stored.prev):
            found.append(f"{at}: its bytes name another place in the log")
        if stored.prev != prev:
            found.append(f"{at}: does not follow the entry before it")
        expected, prev = stored.seq + 1, stored.leaf
    return found


@dataclass(frozen=True, slots=True)
class SetBack:
    """An entry stamped with an earlier time than the one before it: the clock went back."""

    seq: int
    before: str
    at: str


def set_back(contents: Iterable[Content | None]) -> list[SetBack]:
    """Return where the clock went back in a log read in order; stamps that are none are passed.

    It changes nothing: the order of record is that of the entries' numbers.
    """
    found: list[SetBack] = []
    before: tuple[str, datetime] | None = None
    for seq, content in enumerate(contents):
        stated = "" if content is None else str(content.get("at"))
        at = _instant(stated)
        if at is None:
            continue
        if before is not None and at < before[1]:
            found.append(SetBack(seq, before[0], stated))
        before = stated, at
    return found


def _instant(stated: str) -> datetime | None:
    """Return the instant that a stamp states; None if it is no stamp, or of no zone."""
    try:
        at = datetime.fromisoformat(stated)
    except ValueError:
        return None
    return None if at.tzinfo is None else at


def payloads(entries: Iterable[StoredEntry], types: Collection[str]) -> list[dict[str, Any]]:
    """Return what the entries of some types say, without those whose bytes are no entry."""
    named = b"|".join(re.escape(canonical_json({"type": kind})[1:-1]) for kind in types)
    names = re.compile(named).search  # most are of other types, and need not be read
    likely = (stored.entry for stored in entries if names(stored.entry))
    contents = (content for entry in likely if (content := content_of(entry)) is not None)
    said = [content.get("payload") for content in contents if content.get("type") in types]
    return [payload for payload in said if isinstance(payload, dict)]
