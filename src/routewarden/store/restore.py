"""A home made from a backup, in an empty place, and checked while it is made.

Every file is compared with the backup's list, every raw file with its digest, the log with the
checkpoint that the backup holds; the event table is then made from the log. The place becomes a
home with the last of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from routewarden.ledger.note import Key
from routewarden.ledger.outline import outlined
from routewarden.ledger.outside import Outside
from routewarden.store import durable
from routewarden.store.backup import SECRET, Backup, BackupError
from routewarden.store.blobs import Blobs, Progress
from routewarden.store.fault import Fault
from routewarden.store.home import MARKER, Home, marker_text, opened
from routewarden.store.log_check import check_log
from routewarden.store.rebuild import Rebuilt, rebuild
from routewarden.store.segments import repair
from routewarden.store.storage import STORAGE, storage_place, storage_text

_BEGUN = ".restoring"
_STORAGE = f"policy/{STORAGE}"


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, and whether it goes on where the old home kept its lake."""

    table: Rebuilt
    raw_files: int
    rebuilt: int
    faults: tuple[Fault, ...]
    moved_in: bool


def restore(
    backup: Backup,
    root: Path,
    progress: Progress,
    keys: Sequence[Key] = (),
    *,
    same_storage: bool = False,
) -> Restored:
    """Make a home from a backup.

    Args:
        backup: The backup.
        root: An empty place, or one where this was begun and killed.
        progress: Told of the raw bytes that were copied.
        keys: The log's keys as known from elsewhere; else those that the log itself names.
        same_storage: Whether the lake goes where `policy/storage.toml` says: the old home is gone
            then. Otherwise that file is left out, and the lake is in the home.

    Raises:
        BackupError: The place is not empty, or something in the backup is not what was written.
        CannotRebuildError: The log in the backup is not whole, or no key signed it.
    """
    _require_empty(root)
    durable.make_folder(root)
    durable.write_file(root / _BEGUN, b"")
    moved_in = _STORAGE in backup.files and not same_storage
    left_out = {MARKER, "blobs", *([_STORAGE] if moved_in else [])}
    for name in sorted(set(backup.files) - left_out):
        durable.make_folder((root / name).parent)
        secret = (root / name).name in SECRET
        durable.write_file(root / name, backup.read(name), 0o600 if secret else None)
    blobs, digests = Blobs(root / "evidence" / "cas"), backup.digests()
    for digest in digests:
        source = backup.blobs.path(digest)
        if not source.exists():
            raise BackupError(source, "missing; this backup is not whole, use another")
        with blobs.arriving(source, progress) as arrived:
            if arrived.digest != digest:
                raise BackupError(source, "is damaged; use another backup")
            arrived.keep()
    if (root / _STORAGE).exists():  # a log that was on a server is in the home now
        place = storage_place((root / _STORAGE).read_text())
        durable.write_file(root / _STORAGE, storage_text(place, None).encode())
    durable.write_file(root / MARKER, marker_text(None).encode())
    table = rebuild(root, keys)
    with opened(root, only_to_read=True) as home:
        faults = _checked(home, backup, keys)
        rebuilt = repair(home, progress)
    (root / _BEGUN).unlink()
    return Restored(table, len(digests), len(rebuilt), faults, moved_in)


def _checked(home: Home, backup: Backup, keys: Sequence[Key]) -> tuple[Fault, ...]:
    """Compare the restored log with the checkpoint that the backup holds."""
    outside = Outside(tuple(keys), (), (backup.checkpoint.head,))
    return check_log(home, outlined(home.log.entries()), outside).faults


def _require_empty(root: Path) -> None:
    if root.exists() and not (root / _BEGUN).exists() and any(root.iterdir()):
        raise BackupError(root, "is not empty; name a new place with --home")
