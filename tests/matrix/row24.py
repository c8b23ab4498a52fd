"""Backups made while files come in, restored elsewhere; older homes; what retention lets go.

A backup passes when its restored copy has the root that the home's own checkpoint of that size
states, holds every file acknowledged before the backup began, and verifies whole with that
checkpoint given from outside. An older home passes when it opens, gets a key, verifies, is rebuilt,
backed up, and exports what it did. A retention case passes when what may go is what a reckoning day
by day says.
"""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

from routewarden.ledger.checkpoint import read_checkpoint
from routewarden.store.blobs import file_digest
from tests.integration.homes import DAY
from tests.integration.old_homes import VERSIONS, not_upgraded
from tests.integration.warm import Running, start, warm
from tests.matrix.row import Outcome, Volume, tell
from tests.retained import judged_otherwise

TITLE = "backup, restore, retention, upgrade"
BACKUPS, NIGHTLY = 3, 20
MEGABYTES, NIGHTLY_MEGABYTES = 100, 1_000
CASES = 1_000
FILE_BYTES = 10_000_000
AT_ONCE = 4
"""Commands that take a file in before a backup and meanwhile."""
MOST_SECONDS = 300
"""How long a gigabyte may take to be restored and verified."""


def least(volume: Volume) -> int:
    """Return the fewest trials."""
    return _backups(volume) + len(VERSIONS) + volume.of(CASES)


def _backups(volume: Volume) -> int:
    return volume.of(NIGHTLY if volume.nightly else BACKUPS)


def trials(volume: Volume) -> Outcome:
    """Back up under load and restore; bring older homes up to date; judge random files."""
    home, megabytes = _home(volume)
    load = Load(home, volume.folder / "incoming")
    passed, restoring = 0, []
    for number in range(_backups(volume)):
        made = _backed_up(load, volume.folder / "backup")
        why, seconds = _restored(home, volume.folder, made)
        passed += _told(volume, f"backup {number}", why)
        restoring.append(seconds)
    upgraded = 0
    for version in VERSIONS:
        folder = volume.folder / version
        upgraded += _told(volume, f"home {version}", not_upgraded(version, folder))
    judged = [judged_otherwise(volume.seed + case) for case in range(volume.of(CASES))]
    right = sum(_told(volume, case, wrong) for case, (_, wrong) in enumerate(judged))
    figure = (
        f"{len(restoring)} backups of {megabytes:,} MB while {len(load.acknowledged)} files came "
        f"in, restored and verified in at most {max(restoring):.0f} s; {upgraded} older homes; "
        f"{right:,} cases of retention and hold, {len(judged) - right} wrong purges"
    )
    tried = len(restoring) + len(VERSIONS) + len(judged)
    return Outcome(tried, passed + upgraded + right, figure)


def _told(volume: Volume, case: object, why: str) -> bool:
    if why:
        tell(24, volume, case, why)
    return not why


def _home(volume: Volume) -> tuple[Path, int]:
    """Make a home with so many megabytes of raw quotes."""
    home = volume.folder / "home"
    _must(home, "init")
    whole = NIGHTLY_MEGABYTES if volume.nightly else MEGABYTES
    megabytes = max(10, round(whole * volume.part))
    for number in range(megabytes * 1_000_000 // FILE_BYTES):
        path = volume.folder / f"quotes-{number}.csv"
        path.write_text(_quotes(number))
        _must(home, "ingest", "quotes", path)
        path.unlink()
    return home, megabytes


def _quotes(number: int) -> str:
    """Return ten megabytes of quotes of a symbol."""
    rows = [
        f"S{number},{DAY}T14:{n // 60_000 % 60:02}:{n // 1_000 % 60:02}.{n % 1_000:03}Z,"
        f"10.0{n % 9},{100 + n},10.1{n % 7},200\n"
        for n in range(FILE_BYTES // 48)
    ]
    return "symbol,at,bid,bid_size,ask,ask_size\n" + "".join(rows)


def _must(home: Path, *arguments: str | Path) -> str:
    outcome = warm(home, *arguments)
    if outcome.status != 0:
        message = f"{arguments}: {outcome}"
        raise RuntimeError(message)
    return outcome.out


@dataclass
class Load:
    """Small files that come in; those acknowledged are known by their digests."""

    home: Path
    folder: Path
    acknowledged: list[str] = field(default_factory=list)
    under_way: list[tuple[Path, Running]] = field(default_factory=list)

    def begin(self, count: int) -> None:
        """Start to take some files in, each by a command of its own."""
        self.folder.mkdir(exist_ok=True)
        for number in range(len(self.acknowledged) + len(self.under_way), count + self._all):
            path = self.folder / f"{number}.csv"
            rows = f"L{number},{DAY}T14:30:00Z,ABC,buy,100,market\n"
            path.write_text(f"order_id,received_at,symbol,side,quantity,order_type\n{rows}")
            self.under_way.append((path, start(self.home, "ingest", "orders", path)))

    @property
    def _all(self) -> int:
        return len(self.acknowledged) + len(self.under_way)

    def end(self) -> str:
        """Wait until all are in; return what went wrong."""
        done = [(path, running.wait()) for path, running in self.under_way]
        self.under_way = []
        self.acknowledged += [file_digest(path) for path, _ in done]
        return "; ".join(str(outcome) for _, outcome in done if outcome.status != 0)


@dataclass(frozen=True, slots=True)
class Made:
    """What came of a backup, and what was acknowledged before it began."""

    why: str
    acknowledged: tuple[str, ...]


def _backed_up(load: Load, backup: Path) -> Made:
    """Back up while files come in."""
    load.begin(AT_ONCE)
    broken = load.end()
    known = tuple(load.acknowledged)
    load.begin(AT_ONCE)
    made = start(load.home, "backup", backup)
    load.begin(AT_ONCE)
    outcome = made.wait()
    broken += load.end()
    return Made(broken if outcome.status == 0 else f"backup: {outcome}", known)


def _restored(home: Path, folder: Path, made: Made) -> tuple[str, float]:
    """Restore elsewhere and compare; return what is wrong, and how long restoring took."""
    backup, copy, began = folder / "backup", folder / "copy", time.monotonic()
    if made.why:
        return made.why, 0.0
    restored = warm(copy, "restore", backup, "--json")
    if restored.status != 0:
        return f"restore: {restored}", 0.0
    checkpoint = copy / "evidence" / "log" / "checkpoint"
    head = read_checkpoint(checkpoint.read_bytes())[0].head
    own = home / "evidence" / "log" / "checkpoints" / str(head.size)
    verified = warm(copy, "verify", "--checkpoint", own)
    seconds = time.monotonic() - began
    held = {path.name for path in (copy / "evidence" / "cas").rglob("*") if path.is_file()}
    lost = [digest for digest in made.acknowledged if digest not in held]
    shutil.rmtree(copy)
    if read_checkpoint(own.read_bytes())[0].head != head:
        return f"the root of {head.size} entries is not the home's", seconds
    if verified.status != 0:
        return f"verify: {verified}", seconds
    if seconds > MOST_SECONDS:
        return f"restored in {seconds:.0f} s", seconds
    return f"lost: {lost}" if lost else "", seconds
