"""How the log's key hands over to the next: who signs meanwhile, and when it is done."""

from __future__ import annotations

from collections.abc import Callable

from routewarden.ledger.note import Key, Note
from routewarden.ledger.tree import Head
from routewarden.store.database import Log
from routewarden.store.published import PublishedLog
from routewarden.store.signing import Keys

ROTATED = "key:rotated"
"""The type of the entry that names another key of the log."""


def rotation_id(key: Key) -> str:
    """Return the id of the entry that names a key as the log's next."""
    return f"{ROTATED}:{key.text}"


def signer(log: Log, keys: Keys) -> Callable[[Head], Note]:
    """Return what signs heads of the log: while its key is being changed, both keys do.

    Raises:
        KeyUnusableError: A key is lost.
    """
    waiting = keys.waiting()
    rotated = None if waiting is None else log.find(rotation_id(waiting))
    if waiting is None or rotated is None:
        return keys.signing().checkpoint
    new = keys.signing_next(waiting)
    if rotated.content["payload"]["lost"]:
        return new.checkpoint
    old = keys.signing()

    def both(head: Head) -> Note:
        note = old.checkpoint(head)
        return Note(note.text, (*note.signatures, *new.checkpoint(head).signatures))

    return both


def settle(log: Log, keys: Keys, published: PublishedLog) -> None:
    """Let the log's next key be its key, once the entry that names it is published."""
    waiting = keys.waiting()
    rotated = None if waiting is None else log.find(rotation_id(waiting))
    if rotated is not None and rotated.seq < published.head.size:
        keys.take_next()
