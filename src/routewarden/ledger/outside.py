"""What whoever checks knows from elsewhere, and what a checkpoint is worth to them for it.

A thing that comes with its own keys shows that it is whole in itself, and no more: whoever made it
anew made the keys too. A key, a witness's key or a checkpoint kept elsewhere is what shows more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from routewarden.ledger.checkpoint import Checkpoint
from routewarden.ledger.note import Key, Note, signed_by
from routewarden.ledger.tree import Head

INTERNAL = "internal consistency only"

Begins = Callable[[Head], "bool | None"]
"""Whether a log began with a head; None if that cannot be told from what is there."""

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - only ever shown, as UTC
_LAST = 253_402_300_799


@dataclass(frozen=True, slots=True)
class Outside:
    """What whoever verifies knows from elsewhere: keys of log and witnesses, heads seen before."""

    log_keys: tuple[Key, ...] = ()
    witnesses: tuple[Key, ...] = ()
    heads: tuple[Head, ...] = ()


@dataclass(frozen=True, slots=True)
class Assured:
    """What vouches for a checkpoint, in words, and what is wrong with it."""

    said: tuple[str, ...]
    faults: tuple[str, ...]

    @property
    def text(self) -> str:
        """What was shown, and by whose word."""
        return "; ".join(self.said)


def assured(
    checkpoint: Checkpoint, note: Note, own: Iterable[Key], outside: Outside, begins: Begins
) -> Assured:
    """Return what vouches for a checkpoint.

    Args:
        checkpoint: What it states.
        note: Its note.
        own: The log's keys as the thing that is checked names them; nobody else vouches for them.
        outside: What is known from elsewhere; a key of the log from there goes before its own.
        begins: Whether the log began with a head.
    """
    size, faults = checkpoint.head.size, list[str]()
    signed = signed_by(note, outside.log_keys or own)
    if not signed:
        faults.append("no key of the log signed it as it is")
    said = [f"signed by {each.key.name}, whose key you gave" for each in signed]
    if not outside.log_keys:
        said = []
    seen = signed_by(note, outside.witnesses)
    held = [f"{s.key.name} cosigned {size:,} entries at {utc(s.time or 0)}" for s in seen]
    missing = {each.name for each in outside.witnesses} - {each.key.name for each in seen}
    faults += [f"the witness {name} has not cosigned it" for name in sorted(missing)]
    for head in outside.heads:
        grew = begins(head)
        if grew is None:
            faults.append(f"the checkpoint of {head.size:,} entries cannot be compared with it")
        elif grew:
            held.append(f"goes on from the {head.size:,} entries you know")
        else:
            faults.append(f"its first {head.size:,} entries are not those you know")
    if not held:
        held = [f"{INTERNAL}: no outside witness vouches for it"]
    return Assured((*said, *held), tuple(faults))


def utc(seconds: int) -> str:
    """Return a time, in seconds since 1970, as it is written."""
    if not 0 <= seconds <= _LAST:
        return f"{seconds:,} seconds after 1970"
    return f"{_EPOCH + timedelta(seconds=seconds)} UTC"
