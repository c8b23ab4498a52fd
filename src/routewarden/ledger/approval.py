"""A person's word that something may be done: a signature over what exactly that is.

What is approved is a *statement*: a JSON object that names the act and, by digest, what it is done
to. So an approval of one thing is none of another, and none of a later wording. The text signed has
a first line of its own and two lines in all, so it is never a checkpoint.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from routewarden.base.canonical import canonical_json
from routewarden.ledger.note import Key, Signature, Signer, parse_key, sign
from routewarden.ledger.strict import MalformedError, from_base64, in_base64

_FIRST_LINE = "routewarden approval 1\n"


@dataclass(frozen=True, slots=True)
class Approval:
    """Who approved, the text of the public key it was done by, and the signature in base64."""

    name: str
    key: str
    signature: str

    @property
    def payload(self) -> dict[str, str]:
        """What an entry says of it."""
        return {"name": self.name, "key": self.key, "signature": self.signature}


def approval_text(statement: Mapping[str, Any]) -> str:
    """Return the text that is signed by whoever approves a statement."""
    return f"{_FIRST_LINE}{canonical_json(dict(statement)).decode()}\n"


def sign_approval(statement: Mapping[str, Any], name: str, key: Key, signer: Signer) -> Approval:
    """Return a person's approval of a statement.

    Raises:
        WrongSignerError: The signer does not have the key.
    """
    made = sign(approval_text(statement), key, signer)
    return Approval(name, key.text, in_base64(made.data))


def is_signed(statement: Mapping[str, Any], approval: Approval) -> bool:
    """Return whether an approval is of this statement, by the key it names."""
    try:
        key = parse_key(approval.key)
        signature = Signature(key.name, key.id, from_base64(approval.signature, "signature"))
        return key.signs(approval_text(statement), signature)
    except (MalformedError, TypeError):  # a statement from a log may hold what has no such text
        return False


def read_approval(value: object) -> Approval:
    """Return the approval that a value of an entry spells.

    Raises:
        MalformedError: It spells none.
    """
    names = ("name", "key", "signature")
    if not isinstance(value, dict) or set(value) != {*names}:
        raise MalformedError("approval", "it is not name, key and signature")
    name, key, signature = (value[each] for each in names)
    if not all(isinstance(each, str) for each in (name, key, signature)):
        raise MalformedError("approval", "name, key and signature are texts")
    return Approval(name, key, signature)
