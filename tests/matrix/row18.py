"""Row 18: a worker killed, stopped or doubled leaves one result, and one commit of it.

Commands measure a date for real. Killed at any time, the next one finishes. To let two work on one
date at once, the home's lock is taken away from under the first, as a file system that forgets its
locks does: the one whose token is no longer the last must be refused.
"""

from __future__ import annotations

import fcntl
import shutil
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from routewarden.store.blobs import file_digest
from tests.command import Outcome as Answer
from tests.integration.homes import DAY, fills_csv, orders_csv, quotes_csv, routes_csv
from tests.integration.warm import Running, Way, start, warm
from tests.matrix.row import Outcome, Volume, tell

TITLE = "worker death"
LEAST = 70
_USUAL, _NIGHTLY = (50, 10, 10), (200, 50, 100)
_POLL_S = 0.0005
_STALE = "lease"


def least(volume: Volume) -> int:
    """Return the fewest trials: kills, stops and double deliveries."""
    return sum(map(volume.of, _NIGHTLY if volume.nightly else _USUAL))


@dataclass(frozen=True, slots=True)
class _Golden:
    """A home that is not measured yet, the digest of its result, and how long a run takes."""

    home: Path
    digest: str
    seconds: float


def trials(volume: Volume) -> Outcome:
    """Kill, stop and double the worker."""
    golden = _golden(volume.folder)
    counts = tuple(map(volume.of, _NIGHTLY if volume.nightly else _USUAL))
    passed, refused = 0, 0
    for way, count in zip((_killed, _stopped, _doubled), counts, strict=True):
        for number in range(count):
            home = volume.folder / f"{way.__name__}{number}"
            shutil.copytree(golden.home, home)
            wrong, stale = way(home, golden, (number + 0.5) / count)
            wrong += _wrong(home, golden)
            shutil.rmtree(home)
            passed += not wrong
            refused += stale
            if wrong:
                tell(18, volume, f"{way.__name__} {number}", "; ".join(wrong))
    kills, stops, doubles = counts
    figure = (
        f"{kills} kills, {stops} stops, {doubles} double deliveries: one result digest; "
        f"{refused} stale writers refused by their token"
    )
    return Outcome(sum(counts), passed, figure)


def _golden(folder: Path) -> _Golden:
    home, done = folder / "golden", folder / "done"
    assert warm(home, "init").status == 0
    texts = {"orders": orders_csv(), "routes": routes_csv(), "fills": fills_csv()}
    for kind, text in {**texts, "quotes": quotes_csv()}.items():
        (folder / f"{kind}.csv").write_text(text)
        assert warm(home, "ingest", kind, folder / f"{kind}.csv").status in {0, 3}
    shutil.copytree(home, done)
    began = time.monotonic()
    assert warm(done, "run").status == 0
    return _Golden(home, str(file_digest(_pointer(done))), time.monotonic() - began)


def _pointer(home: Path) -> Path:
    return home / "measured" / DAY / "result.json"


def _killed(home: Path, golden: _Golden, at: float) -> tuple[list[str], bool]:
    """Kill a run at a point of its time."""
    running = start(home, "run", way=Way(held=True))
    running.release()
    time.sleep(golden.seconds * at)
    running.signal(signal.SIGKILL)
    running.wait()
    before = _pointer(home).stat().st_ino if _pointer(home).exists() else None
    again = warm(home, "run")
    wrong = [] if again.status == 0 else [f"the next run: {again}"]
    if before not in {None, _pointer(home).stat().st_ino}:
        wrong.append("committed twice")
    return wrong, False


def _stopped(home: Path, _golden: _Golden, _at: float) -> tuple[list[str], bool]:
    """Stop a run that holds a token, let another do the work, and let the first go on."""
    first = _at_work(home)
    first.signal(signal.SIGSTOP)
    early = _pointer(home).exists()
    (home / ".lock").unlink()
    second = warm(home, "run")
    committed = _pointer(home).stat().st_ino
    first.signal(signal.SIGCONT)
    late = first.wait()
    wrong = [] if second.status == 0 else [f"the second run: {second}"]
    if _pointer(home).stat().st_ino != committed:
        wrong.append("committed by both")
    if not early and not _is_refused(late):
        wrong.append(f"the stale run was not refused: {late}")
    return wrong, _is_refused(late)


def _doubled(home: Path, _golden: _Golden, _at: float) -> tuple[list[str], bool]:
    """Let two runs work on the same date at the same time."""
    first = _at_work(home)
    (home / ".lock").unlink()
    second = start(home, "run")
    seen = set[int]()
    while not _ended(home, first) and len(seen) <= 1:
        seen |= {_pointer(home).stat().st_ino} if _pointer(home).exists() else set()
    answers = [first.wait(), second.wait()]
    seen.add(_pointer(home).stat().st_ino)
    wrong = [] if len(seen) == 1 else [f"committed {len(seen)} times"]
    if all(answer.status for answer in answers):
        wrong.append(f"neither run was done: {answers}")
    return wrong, any(map(_is_refused, answers))


def _at_work(home: Path) -> Running:
    """Start a run; return when it holds the token of its date."""
    running, token = start(home, "run"), home / "leases" / f"{DAY}.json"
    end = time.monotonic() + 120
    while not token.exists() and time.monotonic() < end:
        time.sleep(_POLL_S)
    with token.with_suffix(".lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # it is through with taking it
    return running


def _ended(home: Path, running: Running) -> bool:
    """Return whether a run has said anything, or its date has a result; waits a moment."""
    time.sleep(_POLL_S)
    said = any((running.folder / name).stat().st_size for name in ("out", "err"))
    return said or not home.exists()


def _is_refused(answer: Answer) -> bool:
    return answer.status == 2 and _STALE in answer.err


def _wrong(home: Path, golden: _Golden) -> list[str]:
    """Return what is wrong with a home in the end."""
    again, checked = warm(home, "run"), warm(home, "verify")
    found = [] if file_digest(_pointer(home)) == golden.digest else ["another result"]
    found += [] if again.status == 0 else [f"run: {again}"]
    return found + ([] if checked.status == 0 else [f"verify: {checked}"])
