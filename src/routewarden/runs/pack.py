"""A quarter's evidence as one file for somebody outside, and the verifier in it.

The same home writes the same bytes: the checkpoint in it is the first signed one that has the
review, not the newest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from routewarden.base.canonical import Digest, sha256
from routewarden.base.errors import RoutewardenError
from routewarden.base.period import Quarter
from routewarden.ledger.archive import archived, member_of
from routewarden.ledger.checkpoint import read_checkpoint
from routewarden.ledger.entry import StoredEntry
from routewarden.ledger.envelope import Envelope, seal, statement_bytes, subject_of
from routewarden.ledger.note import signed_by
from routewarden.ledger.pack import (
    CHECKPOINT,
    ENTRIES,
    KEYS,
    LEAVES,
    MADE_BY,
    PACK_TYPE,
    RECORDS,
    REVIEW,
    STATEMENT,
    entries_json,
    predicate_of,
)
from routewarden.runs.review.document import REVIEW as REVIEWED
from routewarden.runs.statement import statement_of
from routewarden.runs.trail import trail_csv, trail_html
from routewarden.runs.verifier import verifier
from routewarden.store import durable
from routewarden.store.home import BEGUN, ROTATED, Home
from routewarden.store.results import RUN
from routewarden.store.segments import REBUILT, SEGMENT
from routewarden.store.settings import NOTED
from routewarden.store.terms import named_keys

PACKED = "evidence:packed"
"""The type of the entry of a pack handed out."""

_BEHIND = {BEGUN, ROTATED, NOTED, SEGMENT, REBUILT, RUN}
_STAMP = "log/checkpoint.tsr"


class NotPackedError(RoutewardenError):
    """A quarter's evidence cannot be packed."""

    def __init__(self, quarter: Quarter, why: str) -> None:
        super().__init__(f"{quarter}: {why}. Run `routewarden review {quarter}`, and pack it then.")


@dataclass(frozen=True, slots=True)
class Packed:
    """A pack written: its digest, its members by name and size, and the log it shows."""

    digest: Digest
    members: Mapping[str, int]
    size: int


def write_pack(home: Home, quarter: Quarter, target: Path, *, with_records: bool = False) -> Packed:
    """Write a quarter's pack into a file and enter in the log that it was.

    Raises:
        NotPackedError: There is no review of the quarter that was stated and kept.
        NoStatementError: Its statement is gone.
        TooLargeError: The pack would be too large for an archive.
    """
    review = _review(home, quarter)
    made_by = statement_of(home, review)
    size, note = _checkpoint(home, review.seq + 1)
    entries = home.log.entries()[:size]
    behind = [entry for entry in entries if _is_behind(entry, made_by)] + [review]
    stated = made_by.statement
    made = subject_of(stated)
    files = {
        "README.txt": _README.format(quarter=quarter, size=size).encode(),
        "verify.py": verifier().encode(),
        KEYS: "".join(f"{key.text}\n" for key in named_keys(entries)).encode(),
        CHECKPOINT: note,
        **_stamp(home, size),
        LEAVES: b"".join(bytes.fromhex(entry.leaf) for entry in entries),
        ENTRIES: entries_json({entry.seq: entry.entry for entry in behind}),
        "audit/trail.html": trail_html(f"review {quarter}", behind),
        "audit/trail.csv": trail_csv(behind),
        MADE_BY: made_by.data,
        **{REVIEW + name: data for name, data in _kept(home, quarter, made)},
    }
    if with_records:
        named = {
            each["sha256"]: each["sha256"] for each in made_by.statement["predicate"]["inputs"]
        }
        files |= {RECORDS + name: data for name, data in _kept(home, quarter, named)}
    whole = b"".join(archived({STATEMENT: _statement(home, quarter, files).data, **files}))
    durable.write_file(target, whole)
    digest = sha256(whole)
    identity = f"{PACKED}:{quarter}:{digest}:{home.log.size}"
    payload = {"v": 1, "quarter": str(quarter), "pack": digest, "records": with_records}
    home.record(PACKED, identity, str(quarter), payload)
    return Packed(digest, {name: len(data) for name, data in files.items()}, size)


def _review(home: Home, quarter: Quarter) -> StoredEntry:
    """Return the entry of a quarter's last review."""
    for entry in reversed(home.log.entries(REVIEWED)):
        if entry.content["subject"] == str(quarter):
            return entry
    raise NotPackedError(quarter, "there is no review of it in the log")


def _is_behind(entry: StoredEntry, made_by: Envelope) -> bool:
    """Return whether a review rests on an entry, which the log had when it was made."""
    read = int(made_by.statement["predicate"]["log"]["size"])
    return entry.content["type"] in _BEHIND and entry.seq < read


def _checkpoint(home: Home, least: int) -> tuple[int, bytes]:
    """Return the first signed size that has so many entries, cosigned if one is, and its note."""
    published, setting = home.published, home.witnesses()
    keys = [each.key for each in setting.witnesses]
    sizes = [size for size in published.signed_sizes() if size >= least]
    notes = {size: published.signed_at(size).read_bytes() for size in sizes}
    wanted = max(1, setting.least) if keys else 0
    for size, note in notes.items():
        if len(signed_by(read_checkpoint(note)[1], keys)) >= wanted:
            return size, note
    return sizes[0], notes[sizes[0]]


def _kept(home: Home, quarter: Quarter, digests: Mapping[str, str]) -> Iterable[tuple[str, bytes]]:
    """Yield files that the home keeps under their digests, by name."""
    for name in sorted(digests):
        try:
            data = home.blobs.path(Digest(digests[name])).read_bytes()
        except FileNotFoundError:
            raise NotPackedError(quarter, f"{name} is kept no more") from None
        if sha256(data) != digests[name]:
            raise NotPackedError(quarter, f"{name} is not what it was; `verify` tells more")
        yield name, data


def _stamp(home: Home, size: int) -> dict[str, bytes]:
    path = home.root / "evidence" / "anchors" / f"{size}.tsr"
    return {_STAMP: path.read_bytes()} if path.is_file() else {}


def _statement(home: Home, quarter: Quarter, files: Mapping[str, bytes]) -> Envelope:
    """Return the signed list of a pack's members."""
    members = [member_of(name, data) for name, data in files.items()]
    digests = {name: sha256(data) for name, data in files.items()}
    predicate = predicate_of(f"evidence of review {quarter}", members)
    signing = home.keys.signing()
    return seal(statement_bytes(digests, PACK_TYPE, predicate), signing.key, signing.signer)


_README = """\
Evidence of review {quarter}
=========================

What this file shows: that the review in review/ was made from the raw files and settings whose
digests are in review-statement.json, that all of it was entered in a log of {size} entries, in the
order of audit/trail.html, and that not a byte was changed since. Whether what the files say is true
it does not show.

To check it you need Python 3.9 or later, and nothing else:

    unzip -p PACK.zip verify.py > verify.py
    python3 -I -S verify.py PACK.zip --key KEY --checkpoint FILE --witness KEY

KEY is the log's public key as you know it from the firm, FILE a checkpoint of the log that you or
somebody you trust kept. Without either the answer is "internal consistency only": someone who made
the whole file anew would have made the key in it, too. Nor need you take verify.py from here: its
source is that of the program, and `routewarden verify PACK.zip` runs the same checks.

pack.json              what is in this file, byte for byte, signed (in-toto statement in DSSE)
log/keys               the log's public keys, as the log names them
log/checkpoint         size and root of the log, signed, with the witnesses' signatures if any
log/checkpoint.tsr     a time stamp of it (RFC 3161), if there is one
log/leaves             the hash of each entry, 32 bytes each (RFC 6962): with them any checkpoint
                       of this log of up to {size} entries can be compared
log/entries.json       the entries that the review rests on; of others only the hashes are here
audit/                 the same entries, for reading
review-statement.json  what the review was made from, signed
review/                the review: PDF, workbook, page, tables, manifest
records/               the raw files, if they were asked for

A time stamp is checked with:  openssl ts -verify -in log/checkpoint.tsr -data log/checkpoint.text
-CAfile AUTHORITY.pem, where checkpoint.text is the first three lines of log/checkpoint.
"""
