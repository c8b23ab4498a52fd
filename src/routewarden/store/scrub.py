"""Reading everything again before it is needed, while there is a copy to restore it from.

Raw files, lake and results are read without the home's lock, so others go on meanwhile; what seems
wrong is looked at again alone before it is said. When each was last read is remembered in
`scrub.json`, which is worth nothing to anyone else and can be deleted.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from routewarden.base.canonical import Digest
from routewarden.ledger.entry import StoredEntry
from routewarden.ledger.outline import outlined
from routewarden.ledger.outside import Outside
from routewarden.store import durable
from routewarden.store.blobs import file_digest
from routewarden.store.fault import Fault
from routewarden.store.home import Home, opened
from routewarden.store.lake import MARKER
from routewarden.store.log_check import check_log
from routewarden.store.purged import purged
from routewarden.store.results import Results
from routewarden.store.segments import markers
from routewarden.store.verify import acknowledged

DUE = timedelta(hours=24)
"""How old a reading may get."""

_STATE = "scrub.json"
_LOG = "log"
_RAW, _LAKE, _RESULT = "raw", "lake", "result"
_RESTORE = "Restore it from a backup: nothing else in the home can stand in for it."
_REMOVE = "Remove it; the next command, or `run`, makes it again."
_SAVED_EVERY_S = 30


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """What was read, what is wrong, and what was not read for longer than it may be."""

    checked: int
    size: int
    faults: tuple[Fault, ...]
    overdue: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast to read, in bytes a second, and for how long; None sets no bound."""

    rate: int | None = None
    seconds: float | None = None


def scrub(root: Path, pace: Pace, told: Callable[[int, int], None]) -> Scrubbed:
    """Read the parts of a home again in random order, those first that are overdue.

    Args:
        root: The home.
        pace: How fast and for how long.
        told: Told how many parts are read, and of how many.
    """
    began = time.monotonic()
    with opened(root, only_to_read=True) as home:
        entries = home.log.entries()
        parts = _parts(home, entries)
        faults = list(check_log(home, outlined(entries), Outside()).faults)
    last = _remembered(root, parts)
    last[_LOG] = _now()
    order = _ordered(parts, last)
    size, checked, saved = 0, 1, began
    for part in order:
        if pace.seconds is not None and time.monotonic() - began > pace.seconds:
            break
        length, wrong = _read(home, entries, part)
        if wrong:
            with opened(root, only_to_read=True) as again:  # it may have been replaced meanwhile
                faults += _read(again, again.log.entries(), part)[1]
        size, checked = size + length, checked + 1
        last[part] = _now()
        told(checked, len(order) + 1)
        if pace.rate is not None:
            time.sleep(length / pace.rate)
        if time.monotonic() - saved > _SAVED_EVERY_S:
            saved = time.monotonic()
            _remember(root, last)
    _remember(root, last)
    return Scrubbed(checked, size, tuple(faults), _overdue([_LOG, *parts], last))


def overdue(root: Path) -> tuple[str, ...]:
    """Return which parts of a home were not read for longer than they may be."""
    with opened(root, only_to_read=True) as home:
        parts = [_LOG, *_parts(home, home.log.entries())]
    return _overdue(parts, _remembered(root, parts))


def _parts(home: Home, entries: Sequence[StoredEntry]) -> list[str]:
    """Return the names of all there is to read beside the log."""
    lake = set(home.lake.folders()) & {f"{kind}/{digest}" for kind, digest in markers(entries)}
    known = Results(home.measured).vouched(entries)
    raw = {*home.blobs.digests(), *acknowledged(entries)}
    return [
        *(f"{_RAW}/{digest}" for digest in sorted(raw)),
        *(f"{_LAKE}/{folder}" for folder in sorted(lake)),
        *(f"{_RESULT}/{day}" for day in map(str, Results(home.measured).dates()) if day in known),
    ]


def _read(home: Home, entries: Sequence[StoredEntry], part: str) -> tuple[int, list[Fault]]:
    """Return how many bytes a part has, and what is wrong with it."""
    what, _, name = part.partition("/")
    if what == _RAW:
        return _read_raw(home, entries, Digest(name))
    if what == _LAKE:
        return _read_lake(home, entries, name)
    results = Results(home.measured)
    where = home.measured.where(name)
    wrong = [
        Fault(where, fault, _REMOVE) for fault in results.damaged_files(date.fromisoformat(name))
    ]
    return 0, wrong


def _read_raw(
    home: Home, entries: Sequence[StoredEntry], digest: Digest
) -> tuple[int, list[Fault]]:
    path = home.blobs.path(digest)
    try:
        if file_digest(path) == digest:
            return path.stat().st_size, []
    except FileNotFoundError:
        if digest in purged(entries):
            return 0, []
        return 0, [Fault(str(path), "missing", _RESTORE)]
    return 0, [Fault(str(path), "the bytes do not have the digest in the name", _RESTORE)]


def _read_lake(home: Home, entries: Sequence[StoredEntry], folder: str) -> tuple[int, list[Fault]]:
    lake, where = home.lake, home.lake.depot.where(folder)
    if folder not in lake.folders():
        return 0, []  # the next command makes it again
    wrong = [Fault(where, fault, _REMOVE) for fault in lake.damaged_files(folder)]
    kind, _, digest = folder.partition("/")
    known = {(str(each), raw): marker for (each, raw), marker in markers(entries).items()}
    if not wrong and lake.depot.digest(f"{folder}/{MARKER}") != known.get((kind, digest)):
        wrong = [Fault(where, "is not the one the log knows", _REMOVE)]
    return _length(Path(where)), wrong


def _length(folder: Path) -> int:
    """Return how many bytes a folder's files have; 0 where they are not on this machine's disk."""
    return sum(path.stat().st_size for path in folder.glob("*")) if folder.is_dir() else 0


def _ordered(parts: Sequence[str], last: Mapping[str, str]) -> list[str]:
    """Return the parts in random order, those first that are overdue."""
    mixed = list(parts)
    secrets.SystemRandom().shuffle(mixed)
    late = {*_overdue(parts, last)}
    return sorted(mixed, key=lambda part: part not in late)


def _overdue(parts: Sequence[str], last: Mapping[str, str]) -> tuple[str, ...]:
    edge = (datetime.now(UTC) - DUE).isoformat()
    return tuple(part for part in parts if last.get(part, "") < edge)


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _remembered(root: Path, parts: Sequence[str]) -> dict[str, str]:
    """Return when each part was last read; what cannot be read was never."""
    try:
        value = json.loads((root / _STATE).read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    held = value.items() if isinstance(value, dict) else ()
    wanted = {*parts, _LOG}
    return {part: at for part, at in held if part in wanted and isinstance(at, str)}


def _remember(root: Path, last: Mapping[str, str]) -> None:
    durable.write_file(root / _STATE, json.dumps(dict(sorted(last.items())), indent=0).encode())
