"""A small evidence pack, made from values alone: a log of five entries, a review of two files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from routewarden.base.canonical import canonical_json, sha256
from routewarden.ledger.archive import archived, member_of
from routewarden.ledger.checkpoint import sign_checkpoint
from routewarden.ledger.envelope import Envelope, seal, statement_bytes
from routewarden.ledger.pack import PACK_TYPE, entries_json, predicate_of
from routewarden.ledger.tree import hash_leaf, head_of
from tests.signing import key_of, seed_of, signer_of

KEY = key_of("log.example")
SIGNER = signer_of(seed_of("log.example"))
RAW = b"order_id\nO1\n"
FILES = {"manifest.json": b"{}", "review.pdf": b"%PDF"}


def sealed(subject: Mapping[str, str], kind: str, predicate: Mapping[str, Any]) -> Envelope:
    return seal(statement_bytes(subject, kind, predicate), KEY, SIGNER)


def made_by(**changed: object) -> Envelope:
    """The review's statement, of a log of two entries."""
    head = head_of([hash_leaf(each) for each in LOG[:2]])
    log = {"origin": "log.example", "size": "2", "root": head.root.hex()}
    predicate = {"log": log, "inputs": [{"sha256": sha256(RAW)}], **changed}
    return sealed({name: sha256(data) for name, data in FILES.items()}, "urn:review", predicate)


def entry(payload: object) -> bytes:
    return canonical_json({"payload": payload})


LOG = [entry({"digest": sha256(RAW)}), entry(None)]
LOG += [
    entry({"manifest": sha256(b"{}"), "statement": sha256(made_by().data)}),
    *(entry({"more": number}) for number in range(2)),
]
HEAD = head_of([hash_leaf(each) for each in LOG])
NOTE = sign_checkpoint(HEAD, KEY, SIGNER)


def members(**changed: bytes) -> dict[str, bytes]:
    """The members but the first; a name's slash and dot are written __ and _."""
    files = {
        "README.txt": b"Read me.\n",
        "log/keys": f"{KEY.text}\n".encode(),
        "log/checkpoint": NOTE.data,
        "log/leaves": b"".join(map(hash_leaf, LOG)),
        "log/entries.json": entries_json({at: LOG[at] for at in (0, 1, 2)}),
        "review-statement.json": made_by().data,
        **{f"review/{name}": data for name, data in FILES.items()},
        f"records/{sha256(RAW)}": RAW,
    }
    return {**files, **changed}


def pack(files: Mapping[str, bytes], kind: str = PACK_TYPE) -> bytes:
    """A pack of some members, signed."""
    listed = predicate_of("a small review", [member_of(*each) for each in files.items()])
    statement = sealed({name: sha256(data) for name, data in files.items()}, kind, listed)
    return b"".join(archived({"pack.json": statement.data, **files}))


def stated(envelope: Envelope) -> Any:  # noqa: ANN401 - a JSON value
    return json.loads(envelope.data)
