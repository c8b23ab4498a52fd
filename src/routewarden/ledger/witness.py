"""What a witness answers to a log that asks it to cosign (C2SP tlog-witness, `add-checkpoint`).

A witness remembers, of each log it knows, the last size and root it cosigned, and cosigns only what
begins with that. So no two histories of a log are ever both cosigned, whatever the log's own key
signs. The answer is worked out here from what is asked and what is remembered; whoever serves it
must store the new head before the signature leaves, for one request of a log at a time.

A request is a line `old SIZE`, the lines of a consistency proof, an empty line, and the checkpoint.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from routewarden.ledger.checkpoint import Checkpoint, parse_checkpoint
from routewarden.ledger.note import Key, Note, parse_note, parse_signatures, signed_by
from routewarden.ledger.strict import MalformedError, decimal, hash_from, in_base64, text_from
from routewarden.ledger.tree import EMPTY, Head, Proof, only_grew

MOST_PROOF = 63
SIZE_TYPE = "text/x.tlog.size"
"""The content type of a body that is a size."""


class Status(IntEnum):
    """The HTTP status of a refusal."""

    BAD_REQUEST = 400
    FORBIDDEN = 403
    NOT_FOUND = 404
    CONFLICT = 409
    UNPROCESSABLE = 422


@dataclass(frozen=True, slots=True)
class Request:
    """A checkpoint to be cosigned, and the proof that it begins with the tree of an old size."""

    old: int
    proof: Proof
    note: Note

    @property
    def data(self) -> bytes:
        """The body of the request."""
        lines = [f"old {self.old}", *map(in_base64, self.proof)]
        return "".join(f"{line}\n" for line in [*lines, ""]).encode() + self.note.data


@dataclass(frozen=True, slots=True)
class KnownLog:
    """What a witness knows of a log: the keys it trusts, and the last head it cosigned."""

    keys: tuple[Key, ...]
    last: Head = EMPTY


@dataclass(frozen=True, slots=True)
class Cosigning:
    """The answer yes: remember the checkpoint's head as the log's last, then cosign the text."""

    checkpoint: Checkpoint
    text: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """The answer no.

    `size` is the last size cosigned, where the log did not go by it; it is then the body. What is
    `signed` by the log and refused may be proof of its misdeed, and is worth keeping.
    """

    status: Status
    why: str
    size: int | None = None
    signed: bool = True

    @property
    def body(self) -> str:
        """The body of the response."""
        return f"{self.why if self.size is None else self.size}\n"


def parse_request(body: bytes) -> Request:
    """Return the request that a body spells.

    Raises:
        MalformedError: It spells none.
    """
    head, _, note = body.partition(b"\n\n")
    first, *proof = text_from(head, "request").split("\n")
    if not first.startswith("old ") or len(proof) > MOST_PROOF:
        raise MalformedError("request", "a line `old SIZE` and up to 63 lines of proof begin it")
    return Request(
        decimal(first.removeprefix("old "), "request"),
        tuple(hash_from(line, "request") for line in proof),
        parse_note(note),
    )


def answer(body: bytes, recall: Callable[[str], KnownLog | None]) -> Cosigning | Refusal:
    """Return what a witness answers to a request.

    Args:
        body: The bytes of the request.
        recall: Gives what is known of the log of an origin; None if nothing is.
    """
    try:
        request = parse_request(body)
        checkpoint = parse_checkpoint(request.note.text)
    except MalformedError as error:
        return Refusal(Status.BAD_REQUEST, str(error), signed=False)
    log = recall(checkpoint.origin)
    if log is None:
        return Refusal(Status.NOT_FOUND, "This log is not known here.", signed=False)
    if not signed_by(request.note, log.keys):
        return Refusal(Status.FORBIDDEN, "No key of the log signed this.", signed=False)
    return _judged(request, checkpoint, log.last)


def _judged(request: Request, checkpoint: Checkpoint, last: Head) -> Cosigning | Refusal:
    """Return the answer to a request that is the log's own."""
    head = checkpoint.head
    if request.old > head.size:
        return Refusal(Status.BAD_REQUEST, "The old size is larger than the checkpoint's.")
    if request.old != last.size:
        return Refusal(Status.CONFLICT, "The last size cosigned is another.", last.size)
    if request.old == head.size and last.root != head.root:
        return Refusal(Status.CONFLICT, "The tree of this size has another root.", last.size)
    if not only_grew(last, head, request.proof):
        return Refusal(Status.UNPROCESSABLE, "The proof does not show that the log only grew.")
    return Cosigning(checkpoint, request.note.text)


def with_cosignatures(note: Note, body: bytes, witnesses: tuple[Key, ...]) -> Note:
    """Return a checkpoint's note with the signatures that a witness answered.

    Those that are not of one of the witnesses are left out; a false one in the name of one of them
    leaves out all.

    Raises:
        MalformedError: The answer is not lines of signatures.
    """
    answered = Note(note.text, parse_signatures(text_from(body, "answer of a witness")))
    known = {(each.key.name, each.key.id) for each in signed_by(answered, witnesses)}
    fresh = [each for each in answered.signatures if (each.name, each.key_id) in known]
    return Note(note.text, tuple(dict.fromkeys([*note.signatures, *fresh])))
