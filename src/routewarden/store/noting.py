"""Which settings are in force: noted in the log with their bytes, and put there once approved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from routewarden.base.canonical import sha256
from routewarden.policy.order_handling import ORDER_HANDLING
from routewarden.policy.wsp import WSP
from routewarden.store import durable
from routewarden.store.blobs import Blobs
from routewarden.store.database import Log
from routewarden.store.settings import APPROVED, NOTED, not_in_force, note_of, noted

Record = Callable[[str, str, str, Mapping[str, Any]], None]
"""Enters in the log: type, id, subject and payload."""


def note_settings(folder: Path, log: Log, blobs: Blobs, record: Record) -> None:
    """Note and keep what the policy files say, then put in force what is approved and is not."""
    approved = not_in_force(log.entries(NOTED) + log.entries(APPROVED))
    _note_files(folder, log, blobs, record)
    for name, digest in approved.items():
        durable.make_folder((path := folder / name).parent)
        durable.write_file(path, blobs.path(digest).read_bytes())
    if approved:
        _note_files(folder, log, blobs, record)


def _note_files(folder: Path, log: Log, blobs: Blobs, record: Record) -> None:
    known = noted(log.entries(NOTED))
    files = (*folder.rglob("*.toml"), *folder.glob(ORDER_HANDLING), *folder.glob(WSP))
    present = {path.relative_to(folder).as_posix(): path for path in files}
    for name in sorted({*present, *known}):
        data = present[name].read_bytes() if name in present else b""
        digest = sha256(data)
        if known.get(name) == digest:
            continue
        blobs.put_bytes(data)
        record(NOTED, f"{NOTED}:{name}:{digest}:{log.size}", name, note_of(name, digest))
