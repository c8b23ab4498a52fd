"""The proof of one record as a file: all that it takes, but for what is known from elsewhere.

Canonical JSON, so each byte of it counts. It is checked without the log and without the raw file:
by a home's `verify`, or by anyone with the code of this package.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from routewarden.base.canonical import canonical_json
from routewarden.ledger.checkpoint import read_checkpoint
from routewarden.ledger.note import Key, Note, parse_key
from routewarden.ledger.outside import Assured, Outside, assured
from routewarden.ledger.record import Inclusion, RecordProof
from routewarden.ledger.strict import MalformedError, decimal, from_base64, hash_from, in_base64
from routewarden.ledger.tree import Head, Proof, is_consistent

FORMAT = "routewarden-record-proof-1"

_WHAT = "proof of a record"
_NAMES = {
    *("blocks", "checkpoint", "end", "entry", "format", "index", "inner", "keys"),
    *("outer", "since", "start"),
}


@dataclass(frozen=True, slots=True)
class ProofFile:
    """A record's proof, a checkpoint of the log, the log's keys, how it grew from earlier heads."""

    proof: RecordProof
    note: Note
    keys: tuple[Key, ...]
    since: tuple[tuple[int, Proof], ...] = ()

    @property
    def data(self) -> bytes:
        """The file's bytes."""
        proof = self.proof
        return canonical_json(
            {
                "format": FORMAT,
                "start": str(proof.start),
                "end": str(proof.end),
                "blocks": list(map(in_base64, proof.blocks)),
                "inner": [_stated(path) for path in proof.inner],
                "entry": proof.entry.decode(),
                "index": str(proof.outer.index),
                "outer": _stated(proof.outer.proof),
                "checkpoint": self.note.data.decode(),
                "keys": [key.text for key in self.keys],
                "since": [{"size": str(n), "proof": _stated(path)} for n, path in self.since],
            }
        )

    @property
    def came(self) -> str:
        """Which file the record came in, and who entered it when, as the entry says."""
        said = json.loads(self.proof.entry)
        return f"{said['subject']}, entered {said['at']} by {said['actor']['sub']}"

    def check(self, outside: Outside) -> Assured:
        """Return what vouches for the record, and what is wrong with its proof."""
        checkpoint, _ = read_checkpoint(self.note.data)
        head = checkpoint.head
        paths = {(size, path) for size, path in self.since}

        def begins(old: Head) -> bool | None:
            known = [path for size, path in paths if size == old.size]
            if old.size == head.size:
                return old == head
            return any(is_consistent(old, head, path) for path in known) if known else None

        found = assured(checkpoint, self.note, self.keys, outside, begins)
        if self.proof.holds(head):
            return found
        why = "its hashes do not lead from the record to the checkpoint"
        return Assured(found.said, (why, *found.faults))


def read_proof(data: bytes) -> ProofFile:
    """Return the proof that a file's bytes spell.

    Raises:
        MalformedError: They spell none.
    """
    try:
        stated = json.loads(data)
        if canonical_json(stated) != data:
            raise MalformedError(_WHAT, "it is not in canonical form")
        if stated["format"] != FORMAT or set(stated) != _NAMES:
            raise MalformedError(_WHAT, "it is of another format")
        return _read(stated)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise MalformedError(_WHAT, f"{type(error).__name__}: {error}"[:100]) from error


def _read(stated: dict[str, Any]) -> ProofFile:
    note = read_checkpoint(stated["checkpoint"].encode())[1]
    proof = RecordProof(
        decimal(stated["start"], "proof"),
        decimal(stated["end"], "proof"),
        tuple(from_base64(block, "proof") for block in stated["blocks"]),
        tuple(map(_path, stated["inner"])),
        stated["entry"].encode(),
        Inclusion(decimal(stated["index"], "proof"), _path(stated["outer"])),
    )
    since = tuple((decimal(s["size"], "proof"), _path(s["proof"])) for s in stated["since"])
    return ProofFile(proof, note, tuple(map(parse_key, stated["keys"])), since)


def _stated(path: Proof) -> list[str]:
    return list(map(in_base64, path))


def _path(stated: Sequence[str]) -> Proof:
    return tuple(hash_from(each, "proof") for each in stated)
