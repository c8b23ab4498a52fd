"""A statement of what was made from what, signed: in-toto Statement v1 in a DSSE envelope.

The signature is over the type and the very bytes of the payload (DSSE, `PAE`), never over JSON that
a reader would have to write again. Both are formats of others (in-toto.io), whose tools read them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from routewarden.base.canonical import canonical_json
from routewarden.ledger.ed25519 import verify
from routewarden.ledger.note import Key, Signer, WrongSignerError
from routewarden.ledger.strict import MalformedError, from_base64, in_base64

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"

_A_STATEMENT = "signed statement"


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload and the signature over it, whoever's it says it is."""

    payload: bytes
    key_id: str
    signature: bytes

    @property
    def data(self) -> bytes:
        """The envelope's bytes."""
        signature = {"keyid": self.key_id, "sig": in_base64(self.signature)}
        return canonical_json(
            {
                "payload": in_base64(self.payload),
                "payloadType": PAYLOAD_TYPE,
                "signatures": [signature],
            }
        )

    @property
    def statement(self) -> dict[str, Any]:
        """The statement, once its signature is known to be right."""
        value: dict[str, Any] = json.loads(self.payload)
        return value

    def signer(self, keys: Iterable[Key]) -> Key | None:
        """Return which of some keys signed it; None if none did."""
        signed = pre_authentication(self.payload)
        for key in keys:
            if named(key) == self.key_id and verify(key.public, signed, self.signature):
                return key
        return None


def statement_bytes(
    subject: Mapping[str, str], predicate_type: str, predicate: Mapping[str, Any]
) -> bytes:
    """Return the bytes of a statement about what was made: names and SHA-256 digests."""
    made = [{"name": name, "digest": {"sha256": subject[name]}} for name in sorted(subject)]
    return canonical_json(
        {
            "_type": STATEMENT_TYPE,
            "subject": made,
            "predicateType": predicate_type,
            "predicate": dict(predicate),
        }
    )


def subject_of(statement: Mapping[str, Any]) -> dict[str, str]:
    """Return the names and digests of what a statement is about."""
    return {each["name"]: each["digest"]["sha256"] for each in statement["subject"]}


def seal(payload: bytes, key: Key, signer: Signer) -> Envelope:
    """Return a payload signed by a key.

    Raises:
        WrongSignerError: The signer does not have the key.
    """
    sealed = Envelope(payload, named(key), signer(pre_authentication(payload)))
    if sealed.signer([key]) is None:
        raise WrongSignerError(key)
    return sealed


def read_envelope(data: bytes) -> Envelope:
    """Return the envelope that bytes spell, its signature not yet checked.

    Raises:
        MalformedError: They spell none of ours, or not as it is written.
    """
    try:
        stated = json.loads(data)
        (signature,) = stated["signatures"]
        payload = from_base64(stated["payload"], _A_STATEMENT)
        made = Envelope(payload, signature["keyid"], from_base64(signature["sig"], _A_STATEMENT))
        same, is_statement = made.data == data, made.statement["_type"] == STATEMENT_TYPE
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise MalformedError(_A_STATEMENT, f"{type(error).__name__}: {error}"[:100]) from error
    if not (same and is_statement):
        raise MalformedError(_A_STATEMENT, "it is of another format, or not in canonical form")
    return made


def pre_authentication(payload: bytes) -> bytes:
    """Return what is signed of a payload (DSSE protocol, PAE)."""
    kind = PAYLOAD_TYPE.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def named(key: Key) -> str:
    """Return how an envelope names a key."""
    return f"{key.name}+{key.id.hex()}"
