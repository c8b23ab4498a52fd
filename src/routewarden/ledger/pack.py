"""An evidence pack: one archive that shows, to someone who has only it, what a review rests on.

Its first member is a signed statement that names every other one by size and digest, in order; so
every byte of the archive is under the signature or follows from what is. `log/leaves` holds the
hashes of all entries, 32 bytes each, and `log/entries.json` only those entries that the review
rests on: that they are in the log, and that any older checkpoint is its beginning, follows without
a word of any other entry.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from zlib import crc32

from routewarden.base.canonical import canonical_json, sha256
from routewarden.ledger.archive import LENGTH_OF_LOCAL, LOCAL, Member, directory
from routewarden.ledger.checkpoint import read_checkpoint
from routewarden.ledger.envelope import Envelope, read_envelope, subject_of
from routewarden.ledger.note import Key, parse_key
from routewarden.ledger.outside import Assured, Outside, assured
from routewarden.ledger.strict import MalformedError
from routewarden.ledger.tree import LENGTH, Hash, Head, hash_leaf, head_of

PACK_TYPE = "urn:routewarden:pack:1"
STATEMENT = "pack.json"
KEYS, CHECKPOINT = "log/keys", "log/checkpoint"
LEAVES, ENTRIES = "log/leaves", "log/entries.json"
REVIEW, MADE_BY = "review/", "review-statement.json"
RECORDS = "records/"

_DIRECTORY = "the archive's directory"
_KEYS = re.compile(LOCAL + b".{26}" + KEYS.encode() + b"(.*?)" + LOCAL, re.DOTALL)
_READING = (ValueError, TypeError, LookupError, AttributeError, RecursionError, MalformedError)


@dataclass(frozen=True, slots=True)
class Wrong:
    """Something in a pack that is not as it was signed: the member, and what."""

    where: str
    what: str


@dataclass(frozen=True, slots=True)
class PackChecked:
    """What was found of a pack: what is wrong, what vouches for it, and what it is."""

    wrong: tuple[Wrong, ...]
    said: str = ""
    about: str = ""
    members: int = 0


def check_pack(data: bytes, outside: Outside) -> PackChecked:
    """Return whether every byte of a pack is as it was signed, and what it shows."""
    try:
        envelope, first = _begin(data)
        members = (first, *_listed(envelope))
        digests = subject_of(envelope.statement)
    except _READING as error:
        return PackChecked((Wrong(STATEMENT, f"cannot be read: {error}"),))
    files, wrong = _files(data, members, digests)
    keys = outside.log_keys or _keys(data)
    if keys and _signer(envelope, keys) is None:
        return PackChecked((Wrong(STATEMENT, "no key of the log signed it as it is"),))
    if wrong:
        return PackChecked(tuple(wrong), members=len(members))
    try:
        found, wrong = _content(files, keys, outside)
    except _READING as error:
        return PackChecked((Wrong("log/", f"cannot be read: {type(error).__name__}: {error}"),))
    wrong += [Wrong(CHECKPOINT, what) for what in found.faults]
    about = str(envelope.statement["predicate"].get("about"))
    return PackChecked(tuple(wrong), found.text, about, len(members))


def _begin(data: bytes) -> tuple[Envelope, Member]:
    """Return the statement at the beginning, by its header's size or where the next one begins."""
    at = LENGTH_OF_LOCAL + len(STATEMENT)
    sizes = (int.from_bytes(data[22:26], "little"), data.find(LOCAL, at) - at)
    why = MalformedError("pack", "it does not begin with its statement")
    for size in sizes:
        stated = data[at : at + max(size, 0)]
        try:
            return read_envelope(stated), Member(STATEMENT, size, crc32(stated))
        except MalformedError as error:
            why = error
    raise why


def _listed(envelope: Envelope) -> Iterator[Member]:
    """Yield the members that a statement lists, in order."""
    statement = envelope.statement
    if statement["predicateType"] != PACK_TYPE:
        raise MalformedError("pack", "its statement is of another type")
    for each in statement["predicate"]["members"]:
        yield Member(each["name"], int(each["size"]), int(each["crc32"]))


def _files(
    data: bytes, members: Iterable[Member], digests: Mapping[str, str]
) -> tuple[dict[str, bytes], list[Wrong]]:
    """Return the bytes of each member, and where the archive is not as stated."""
    at, files, wrong, members = 0, dict[str, bytes](), list[Wrong](), tuple(members)
    for member in members:
        begin = at + len(member.header)
        wrong += _compared(data, at, member.header, f"the header of {member.name}")
        at = begin + member.size
        files[member.name] = data[begin:at]
        if member.name != STATEMENT and sha256(files[member.name]) != digests.get(member.name):
            wrong.append(Wrong(member.name, f"bytes {begin:,} to {at:,} are not those signed"))
    end = directory(members)
    wrong += _compared(data, at, end, _DIRECTORY)
    if len(data) > at + len(end):
        wrong.append(Wrong("the archive", f"goes on after its end, at byte {at + len(end):,}"))
    return files, wrong


def _compared(data: bytes, at: int, expected: bytes, what: str) -> Iterator[Wrong]:
    """Say where bytes are not as they have to be."""
    held = data[at : at + len(expected)]
    if held != expected:
        same = (n for n, pair in enumerate(zip(held, expected)) if pair[0] != pair[1])  # noqa: B905 - one may be short
        yield Wrong(what, f"is not as it has to be, at byte {at + next(same, len(held)):,}")


def _keys(data: bytes) -> tuple[Key, ...]:
    """Return the log's keys that a pack brings; none if they cannot be read.

    They are looked for by their member's name, not where the statement says: it is not checked yet.
    """
    found = _KEYS.search(data)
    try:
        return tuple(map(parse_key, found[1].decode().splitlines() if found else ()))
    except _READING:
        return ()


@lru_cache(maxsize=64)
def _signer(envelope: Envelope, keys: tuple[Key, ...]) -> Key | None:
    return envelope.signer(keys)


def _content(
    files: Mapping[str, bytes], keys: tuple[Key, ...], outside: Outside
) -> tuple[Assured, list[Wrong]]:
    """Return what vouches for the log, and what in the pack does not go with the rest."""
    checkpoint, note = read_checkpoint(files[CHECKPOINT])
    hashes = files[LEAVES]
    leaves = [Hash(hashes[at : at + LENGTH]) for at in range(0, len(hashes), LENGTH)]
    wrong = []

    def begins(head: Head) -> bool | None:
        return None if head.size > len(leaves) else head_of(leaves[: head.size]) == head

    if begins(checkpoint.head) is not True or len(leaves) != checkpoint.head.size:
        wrong.append(Wrong(LEAVES, "are not those of the checkpoint"))
    entries = {int(each["index"]): each["entry"] for each in json.loads(files[ENTRIES])}
    for index, entry in entries.items():
        if index >= len(leaves) or hash_leaf(entry.encode()) != leaves[index]:
            wrong.append(Wrong(ENTRIES, f"entry {index:,} is not that of the log"))
    payloads = [json.loads(entry).get("payload") for entry in entries.values()]
    made_by = read_envelope(files[MADE_BY])
    if made_by.signer(keys) is None:
        wrong.append(Wrong(MADE_BY, "no key of the log signed it as it is"))
    read = made_by.statement["predicate"]["log"]
    if begins(Head(int(read["size"]), Hash(bytes.fromhex(read["root"])))) is not True:
        wrong.append(Wrong(MADE_BY, "the log it was made from is not the beginning of this one"))
    wrong += _unsupported(files, made_by, payloads)
    return assured(checkpoint, note, keys, outside, begins), wrong


def _unsupported(
    files: Mapping[str, bytes], made_by: Envelope, payloads: Iterable[object]
) -> Iterator[Wrong]:
    """Say what neither the statement nor an entry supports."""
    stated = [each for each in payloads if isinstance(each, dict)]
    statement = made_by.statement
    named = {each.get("digest") for each in stated}
    manifests = {each.get("manifest"): each.get("statement") for each in stated}
    found = {name[len(REVIEW) :]: sha256(data) for name, data in _under(files, REVIEW)}
    if found != subject_of(statement):
        yield Wrong(REVIEW, "its files are not those that were stated")
    if manifests.get(found.get("manifest.json", "")) != sha256(files[MADE_BY]):
        yield Wrong(ENTRIES, "none of them names this review and its statement")
    for each in statement["predicate"]["inputs"]:
        if each["sha256"] not in named:
            yield Wrong(ENTRIES, f"none of them names the file {each['sha256']}")
    for name, data in _under(files, RECORDS):
        if name != RECORDS + sha256(data) or sha256(data) not in named:
            yield Wrong(name, "is not the file of its name, or none the review rests on")


def _under(files: Mapping[str, bytes], folder: str) -> list[tuple[str, bytes]]:
    return [(name, data) for name, data in files.items() if name.startswith(folder)]


def entries_json(entries: Mapping[int, bytes]) -> bytes:
    """Return entries by their number, as a pack holds them."""
    return canonical_json(
        [{"index": str(index), "entry": entries[index].decode()} for index in sorted(entries)]
    )


def predicate_of(about: str, members: Iterable[Member]) -> dict[str, Any]:
    """Return what a pack's statement says of its members, in their order."""
    listed = [{"name": m.name, "size": str(m.size), "crc32": str(m.crc)} for m in members]
    return {"about": about, "members": listed}
