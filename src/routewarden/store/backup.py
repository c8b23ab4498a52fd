"""A copy of a home from which all of it can be made again.

routewarden-backup   which state is the backup: its files by digest, and the checkpoint it holds
state-<size>-<n>/    the log as published, policy, public key, the list of raw files
cas/                 the raw files by their digests, shared by all states

The event table is not in it: it is made again from the log, and so are lake and results. What was
acknowledged is published first, so the log has it. The file above is replaced last, and the state
it named before goes after that: whenever a backup is killed, the one before or the new one is there
whole.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from routewarden.base.canonical import Digest, canonical_json, sha256
from routewarden.base.errors import RoutewardenError
from routewarden.ledger.checkpoint import Checkpoint, read_checkpoint
from routewarden.ledger.strict import MalformedError
from routewarden.store import durable
from routewarden.store.blobs import Blobs, Progress, file_digest
from routewarden.store.home import MARKER, Home
from routewarden.store.lock import alone
from routewarden.store.purged import purged

POINTER = "routewarden-backup"
MADE = "backup:made"
"""The type of the entry of a backup that was made."""

_BLOBS = "blobs"
_CHECKPOINT = "evidence/log/checkpoint"
SECRET = ("log.pem", "next.pem")
"""The files of private keys."""


class BackupError(RoutewardenError):
    """A backup cannot be made or used."""

    def __init__(self, where: object, why: str) -> None:
        super().__init__(f"{where}: {why}.")


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that is whole: where its files are, and what the log was when it was made."""

    root: Path
    state: str
    files: Mapping[str, Digest]
    checkpoint: Checkpoint

    @property
    def with_key(self) -> bool:
        """Whether the private key is in it."""
        return any(f"keys/{name}" in self.files for name in SECRET)

    @property
    def blobs(self) -> Blobs:
        """The raw files it has."""
        return Blobs(self.root / "cas")

    def read(self, name: str) -> bytes:
        """Return the bytes of a file of its state.

        Raises:
            BackupError: They are not what was written.
        """
        path = self.root / self.state / name
        try:
            data = path.read_bytes()
        except FileNotFoundError as error:
            raise BackupError(path, "missing; this backup is not whole, use another") from error
        if sha256(data) != self.files[name]:
            raise BackupError(path, "is not what was written; use another backup")
        return data

    def digests(self) -> list[Digest]:
        """Return the digests of the raw files that belong to it."""
        return [Digest(line) for line in self.read(_BLOBS).decode().split()]


@dataclass(frozen=True, slots=True)
class Begun:
    """A backup whose raw files are still to be taken, where they are, and which were purged."""

    backup: Backup
    source: Blobs
    purged: set[Digest]


@dataclass(frozen=True, slots=True)
class Made:
    """A backup just made, and what it cost: raw files taken, and those that were purged there."""

    backup: Backup
    taken: int
    removed: int


def begin(home: Home, folder: Path, *, with_key: bool) -> Begun:
    """Write a state of the home, which is published and locked; no backup uses it yet.

    Args:
        home: The home.
        folder: The backup's folder.
        with_key: Whether to take the private key too.

    Raises:
        BackupError: The folder holds something else, or the home nothing.
    """
    if home.root.resolve() in (folder.resolve(), *folder.resolve().parents):
        raise BackupError(folder, "is in the home; a backup belongs elsewhere, on another disk")
    if folder.exists() and any(folder.iterdir()) and not (folder / POINTER).exists():
        _require_ours(folder)
    durable.make_folder(folder)
    held = dict(_held(home, with_key=with_key))
    held[_BLOBS] = "".join(f"{digest}\n" for digest in home.blobs.digests()).encode()
    if _CHECKPOINT not in held:
        raise BackupError(home.root, "nothing is published yet; run any command that may write")
    checkpoint = read_checkpoint(held[_CHECKPOINT])[0]
    state = _new_state(folder, checkpoint.head.size)
    before = _newest(folder)
    for name, data in held.items():
        _place(folder / state / name, data, None if before is None else before / name)
    files = {name: sha256(data) for name, data in held.items()}
    backup = Backup(folder, state, files, checkpoint)
    return Begun(backup, home.blobs, purged(home.log.entries()) - {*backup.digests()})


def complete(begun: Begun, progress: Progress, *, check: bool = False) -> Made:
    """Take the raw files that are not in a backup yet, then let it be the backup.

    Args:
        begun: The state that was begun; others may go on with the home meanwhile.
        progress: Told of the bytes that were taken.
        check: Whether to read the raw files that it has again, and take damaged ones anew.

    Raises:
        BackupError: A raw file of the home is damaged or gone. The backup before stays.
    """
    backup = begun.backup
    backup.blobs.sweep()
    taken = 0
    for digest in backup.digests():
        path = backup.blobs.path(digest)
        if path.exists():
            if not check or file_digest(path) == digest:
                continue
            path.unlink()
        _take(begun.source.path(digest), backup.blobs, digest, progress)
        taken += 1
    old = {state.name for state in backup.root.glob("state-*")} - {backup.state}
    durable.write_file(backup.root / POINTER, _pointer(backup))
    for name in sorted(old):
        _remove(backup.root / name)
    removed = [path for path in map(backup.blobs.path, sorted(begun.purged)) if path.exists()]
    for path in removed:
        path.unlink()
    return Made(backup, taken, len(removed))


def read_backup(folder: Path) -> Backup:
    """Return the backup in a folder.

    Raises:
        BackupError: There is none, or its list is damaged.
    """
    path = folder / POINTER
    try:
        value = json.loads(path.read_bytes())
        files = {str(name): Digest(digest) for name, digest in value["files"].items()}
        checkpoint = read_checkpoint(value["checkpoint"].encode())[0]
        backup = Backup(folder, value["state"], files, checkpoint)
    except FileNotFoundError as error:
        raise BackupError(folder, "holds no backup that was completed") from error
    except (ValueError, TypeError, LookupError, AttributeError, MalformedError) as error:
        raise BackupError(path, f"is no list of a backup ({error})") from error
    if any(not _is_inside(name) for name in (*files, backup.state)):
        raise BackupError(path, "names a file outside the backup")
    return backup


def _is_inside(name: str) -> bool:
    return not name.startswith("/") and ".." not in name.split("/")


def _pointer(backup: Backup) -> bytes:
    value: dict[str, Any] = {
        "v": 1,
        "state": backup.state,
        "checkpoint": backup.read(_CHECKPOINT).decode(),
        "files": dict(backup.files),
    }
    return canonical_json(value)


def _held(home: Home, *, with_key: bool) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of every file that is kept as it is."""
    yield MARKER, (home.root / MARKER).read_bytes()
    for top in ("policy", "keys", "evidence"):
        for path in sorted((home.root / top).rglob("*")):
            name = path.relative_to(home.root).as_posix()
            if name.startswith("evidence/cas/") or path.name.startswith(durable.PART):
                continue
            if top == "keys" and path.name in SECRET and not with_key:
                continue
            if path.is_file():
                yield name, path.read_bytes()


def _require_ours(folder: Path) -> None:
    """Require that all that is in a folder is what a killed first backup left."""
    for path in folder.iterdir():
        if not path.name.startswith(("state-", "cas", ".", durable.PART)):
            raise BackupError(folder, f"holds {path.name}, which is no backup's; name another")


def _new_state(folder: Path, size: int) -> str:
    number = 1
    while (folder / f"state-{size}-{number}").exists():
        number += 1
    return f"state-{size}-{number}"


def _newest(folder: Path) -> Path | None:
    try:
        return folder / read_backup(folder).state
    except BackupError:
        return None


def _place(path: Path, data: bytes, before: Path | None) -> None:
    """Write a file of a state, or share it with the state before where it is the same."""
    durable.make_folder(path.parent)
    secret = path.name in SECRET
    if before is not None and not secret and before.is_file() and before.read_bytes() == data:
        os.link(before, path)
        durable.sync_folder(path.parent)
        return
    durable.write_file(path, data, 0o600 if secret else None)


def _take(source: Path, blobs: Blobs, digest: Digest, progress: Progress) -> None:
    """Copy one raw file, if it is what its name says."""
    try:
        with blobs.arriving(source, progress) as arrived:
            if arrived.digest != digest:
                raise BackupError(source, "is damaged; restore it, then back up again")
            arrived.keep()
    except FileNotFoundError as error:
        raise BackupError(
            source, "is gone; run `routewarden verify`, then back up again"
        ) from error


def _remove(state: Path) -> None:
    """Remove a state that no backup uses any more."""
    for path in sorted(state.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    state.rmdir()


def lock(folder: Path) -> AbstractContextManager[None]:
    """Hold the lock of a backup's folder: one backup at a time is made in it."""
    durable.make_folder(folder)
    return alone(folder / ".lock")
