"""Another key for the log, and another holder for its key.

    1. the next key is made, or tried if a program has it
    2. an entry names it: from here on the log has another key
    3. the head that covers the entry is signed by both keys, or by the new alone if the old is lost
    4. the old private key is removed

A command that is killed leaves one of these done, and the next one goes on from there.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from routewarden.base.errors import RoutewardenError
from routewarden.ledger.checkpoint import Checkpoint
from routewarden.ledger.note import Algorithm, Key, sign
from routewarden.store.handover import ROTATED, rotation_id
from routewarden.store.home import Home, publish
from routewarden.store.signing import Keys, Signing, program_signer
from routewarden.store.terms import terms

HELD = "key:held"
"""The type of the entry that says a program signs for the log from then on."""


class RotationError(RoutewardenError):
    """The log's key cannot be changed so."""

    def __init__(self, what: object, why: str) -> None:
        super().__init__(f"{what}: {why}.")


@dataclass(frozen=True, slots=True)
class Held:
    """A key that a program has: the public half, and the command that signs."""

    key: Key
    command: tuple[str, ...]


def name_log(root: Path, origin: str) -> None:
    """Give the log of a new home a name, and its first key.

    Raises:
        MalformedError: The name is none.
        RotationError: The log has another name already.
    """
    keys = Keys(root / "keys")
    named = keys.public()
    if named is None:
        keys.make(origin)
    elif named.name != origin:
        raise RotationError(root, f"its log is {named.name}, and keeps that name; leave it out")


def rotate(home: Home, held: Held | None = None, *, lost: bool = False) -> Key:
    """Give the log another key; begun and not ended, it is ended.

    Args:
        home: The home, opened only to read: it may be past signing anything.
        held: The new key, if a program has it; else one is made in `keys/`.
        lost: Whether the old private key is gone, so that the new one signs alone.

    Raises:
        RotationError: The old key is not lost, or the new is not for this log.
        KeyUnusableError: A key signs nothing.
    """
    if _is_usable(home) and lost:
        raise RotationError(
            home.keys.root, "the log's key is here and signs; rotate without --lost"
        )
    if not lost:
        try_signing(home, home.keys.signing())
    key = _begun(home, lost=lost)
    if key is None:
        known = terms(home.log.entries())
        key = _next(home, known[-1].key.name, held)
        payload = {"v": 1, "key": key.text, "before": known[-1].key.text, "lost": lost}
        home.record(ROTATED, rotation_id(key), key.name, payload)
    publish(home)
    return key


def _begun(home: Home, *, lost: bool) -> Key | None:
    """Return the key that the log names as its next and has not yet, if it can be used so."""
    waiting = home.keys.waiting()
    entry = None if waiting is None else home.log.find(rotation_id(waiting))
    if entry is None or entry.content["payload"]["lost"] is not lost:
        return None
    return waiting


def _next(home: Home, origin: str, held: Held | None) -> Key:
    """Make the next key, or take the one that a program has."""
    if held is None:
        return home.keys.make_next(origin)
    if (held.key.name, held.key.algorithm) != (origin, Algorithm.ED25519):
        raise RotationError(held.key.text, f"is no key of {origin}; a log keeps its name")
    if home.log.find(rotation_id(held.key)) or held.key == home.keys.public():
        raise RotationError(held.key.text, "is or was the log's key; a new one is wanted")
    command = found(held.command)
    try_signing(home, Signing(held.key, program_signer(command, command[0])))
    home.keys.hold_next(held.key, command)
    return held.key


def hold(home: Home, command: Sequence[str]) -> Key:
    """Let a program sign for the log from now on, with the key that the log has.

    Raises:
        RotationError: There is no such program, or no key.
        KeyUnusableError: It does not sign.
        WrongSignerError: It signs with another key.
    """
    key = home.keys.public()
    if key is None:
        raise RotationError(home.keys.root, "there is no public key, log.pub, to try it by")
    program = found(command)
    try_signing(home, Signing(key, program_signer(program, program[0])))
    home.keys.set_program(program)
    identity = f"{HELD}:{home.log.size}"
    home.record(HELD, identity, key.name, {"v": 1, "key": key.text, "program": program[0]})
    return key


def found(command: Sequence[str]) -> tuple[str, ...]:
    """Return a command with its program's whole path.

    Raises:
        RotationError: There is no such program.
    """
    program = shutil.which(command[0])
    if program is None:
        raise RotationError(command[0], "no program of this name can be run here")
    return (str(Path(program).absolute()), *command[1:])


def try_signing(home: Home, signing: Signing) -> None:
    """Have the newest head signed again: whoever signs only what goes on can sign that.

    Raises:
        KeyUnusableError: It does not sign.
        WrongSignerError: It signs with another key.
    """
    newest = home.published.newest()
    if newest is None:
        sign("routewarden: does this key sign?\n", signing.key, signing.signer)
    else:
        text = Checkpoint(signing.key.name, newest[0].head).text
        sign(text, signing.key, signing.signer)


def _is_usable(home: Home) -> bool:
    try:
        try_signing(home, home.keys.signing())
    except RoutewardenError:
        return False
    return True
