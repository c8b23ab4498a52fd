"""Asking the witnesses of a log to cosign its newest head (C2SP tlog-witness)."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from dataclasses import dataclass
from enum import StrEnum

from routewarden.base.errors import RoutewardenError
from routewarden.ledger.checkpoint import Checkpoint, read_checkpoint
from routewarden.ledger.note import Note, signed_by
from routewarden.ledger.strict import MalformedError, decimal
from routewarden.ledger.tree import prove_consistency
from routewarden.ledger.witness import Request, Status, with_cosignatures
from routewarden.policy.witnesses import Witness
from routewarden.store.published import PublishedLog

SECONDS = 5
_MOST_BODY = 1 << 16


class Reply(StrEnum):
    """What came of asking a witness."""

    COSIGNED = "cosigned"
    SILENT = "did not answer"
    UNKNOWING = "does not know this log"


class OtherHistoryError(RoutewardenError):
    """A witness remembers a history that this log does not go on from."""

    def __init__(self, witness: str, why: str) -> None:
        super().__init__(
            f"The witness {witness} refuses: {why}. It remembers another history of this log: the "
            "home may come from an older copy, or somebody wrote it anew. Keep it as it is, and "
            "find out with whoever runs the witness."
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking a witness, and why."""

    witness: str
    reply: Reply
    why: str = ""


def ask(published: PublishedLog, witness: Witness, seconds: int = SECONDS) -> Asked:
    """Ask a witness to cosign the newest head, and keep its signature.

    Raises:
        OtherHistoryError: It remembers another history.
    """
    newest = published.newest()
    name = witness.key.name
    if newest is None:
        return Asked(name, Reply.UNKNOWING, "nothing is published")
    checkpoint, note = newest
    if signed_by(note, [witness.key]):
        return Asked(name, Reply.COSIGNED)
    old = _last_cosigned(published, witness)
    for _ in range(2):  # it may remember another size than we do, and says which
        status, body = _post(witness.url, _request(published, checkpoint, note, old), seconds)
        if status != Status.CONFLICT:
            break
        old = _remembered(name, checkpoint, old, body)
    if status == http.client.OK:
        return _cosigned(published, newest, witness, body)
    said = body.decode("utf-8", "replace").strip()
    if status in {Status.CONFLICT, Status.UNPROCESSABLE}:
        raise OtherHistoryError(name, said)
    unknowing = status in {Status.NOT_FOUND, Status.FORBIDDEN}
    why = f"status {status}: {said}" if status else said
    return Asked(name, Reply.UNKNOWING if unknowing else Reply.SILENT, why)


def _cosigned(
    published: PublishedLog, newest: tuple[Checkpoint, Note], witness: Witness, body: bytes
) -> Asked:
    """Keep the signature that a witness answered, if it is one."""
    name, (checkpoint, note) = witness.key.name, newest
    try:
        fuller = with_cosignatures(note, body, (witness.key,))
    except MalformedError as error:
        return Asked(name, Reply.SILENT, str(error))
    if fuller == note:
        return Asked(name, Reply.SILENT, "it answered with another's signature")
    published.replace_note(checkpoint.head.size, fuller)
    return Asked(name, Reply.COSIGNED)


def _remembered(name: str, checkpoint: Checkpoint, asked: int, body: bytes) -> int:
    """Return the size that a witness remembers.

    Raises:
        OtherHistoryError: This log has not that many entries, or others.
    """
    try:
        size = decimal(body.decode("utf-8", "replace").strip(), "size")
    except MalformedError as error:
        raise OtherHistoryError(name, str(error)) from error
    if size > checkpoint.head.size:
        why = f"it cosigned {size} entries, and this log has {checkpoint.head.size}"
        raise OtherHistoryError(name, why)
    if size == asked:
        raise OtherHistoryError(name, f"its {size} entries are not those of this log")
    return size


def _last_cosigned(published: PublishedLog, witness: Witness) -> int:
    """Return the largest size that a witness cosigned, as far as the log's files tell."""
    for size in reversed(published.signed_sizes()):
        try:
            _, note = read_checkpoint(published.signed_at(size).read_bytes())
        except MalformedError:
            continue
        if signed_by(note, [witness.key]):
            return size
    return 0


def _request(published: PublishedLog, checkpoint: Checkpoint, note: Note, old: int) -> bytes:
    size = checkpoint.head.size
    return Request(old, prove_consistency(old, size, published.nodes(size)), note).data


def _post(url: str, body: bytes, seconds: int) -> tuple[int, bytes]:
    """Return the status and body of an answer; status 0 and why if there is none."""
    request = urllib.request.Request(f"{url}/add-checkpoint", body, method="POST")  # noqa: S310 - http or https, as the setting is read
    try:
        with urllib.request.urlopen(request, timeout=seconds) as given:  # noqa: S310 - as above
            return given.status, given.read(_MOST_BODY)
    except urllib.error.HTTPError as error:
        return error.code, error.read(_MOST_BODY)
    except (OSError, http.client.HTTPException) as error:
        return 0, str(error).encode()
