"""A log of many entries is checked whole by `verify` in the time of a breath.

100,000 entries as short acts are, in the event table and published: each is read, tied to the one
before, hashed and compared with its columns and with its tile; the head is compared with the
signature. The time is that of the processor, of the check alone, in a process that has imported the
program; beside it, what merely reading the table and each entry's JSON takes.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from routewarden.ledger.entry import Happening, StoredEntry, entry_bytes, leaf_hash
from routewarden.store.database import open_log
from routewarden.store.embedded import Embedded
from routewarden.store.home import DATABASE, make_home, opened
from routewarden.store.verify import verify
from speed.figure import Figure, Goal, figure, ratio
from speed.pairs import Job, in_turns
from speed.size import Size

_PER = 100_000
_QUICK, _ALL = 5_000, _PER
_BEGUN = datetime(2026, 7, 1, 13, 30, tzinfo=UTC)


def figures(size: Size) -> list[Figure]:
    """Return how long the check takes, and against reading alone."""
    count = _QUICK if size.quick else _ALL
    root = size.folder / f"checking-{count}"
    if not root.exists():
        _make(root, count)
    jobs = {
        way: Job(f"checking:{way}", {"folder": str(root), "count": count})
        for way in ("checked", "read")
    }
    times = in_turns(jobs, size.pairs)
    cpu = {way: [each.cpu_s * _PER / count for each in timed] for way, timed in times.items()}
    return [
        figure("verify, each 100,000 entries, processor", cpu["checked"], "s", Goal("at most", 2)),
        ratio("verify over reading the entries alone", cpu["checked"], cpu["read"], None),
    ]


def checked(folder: str, count: int) -> Iterator[Any]:
    """Check a home; it has more entries than were added, those it began with."""
    with opened(Path(folder), only_to_read=True) as home:
        yield None
        found = verify(home, lambda _: None)
        yield found.entries >= count and not found.faults


def read(folder: str, count: int) -> Iterator[Any]:
    """Read the entries of a home's table, and what each says."""
    with closing(sqlite3.connect(Path(folder) / DATABASE)) as table:
        yield None
        rows = table.execute("SELECT entry FROM event ORDER BY seq")
        yield sum(isinstance(json.loads(entry), dict) for (entry,) in rows) >= count


def _make(root: Path, count: int) -> None:
    """Make a home whose log goes on with so many entries; whole, or not at all."""
    begun = root.with_name(f"{root.name}-begun")
    shutil.rmtree(begun, ignore_errors=True)
    make_home(begun)
    with opened(begun) as home:
        entries = home.log.entries()
    for number in range(count):
        entries.append(_next(entries[-1], number))
    (begun / DATABASE).unlink()
    with open_log(Embedded(begun / DATABASE)) as log:
        log.adopt(entries)
    with opened(begun):
        pass  # it is published
    begun.rename(root)


def _next(before: StoredEntry, number: int) -> StoredEntry:
    """Return the entry after one: an export, say, of so many rows."""
    what = Happening(
        type="export:made",
        id=f"export:made:{number}",
        at=(_BEGUN + timedelta(milliseconds=137 * number)).isoformat(),
        mono_ns=137_000_000 * number,
        actor="desk",
        subject=f"fills/{number}",
        payload={"digest": f"{number:064x}", "rows": number, "columns": "fill_id, price, quantity"},
    )
    entry = entry_bytes(before.seq + 1, before.leaf, what)
    return StoredEntry(before.seq + 1, before.leaf, leaf_hash(entry), entry)
