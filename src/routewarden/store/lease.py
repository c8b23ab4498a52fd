"""Who may commit the result of a trading date: a lease for a while, and a token for good.

    leases/<date>.json   the token given out last, and until when its holder is waited for

A lease that ran out, or whose holder is known to be gone, is taken over with the next token. Who
had it before may still be alive, stopped for a while and none the wiser: a commit says under which
token it comes, and one that is not the last is refused. Time only decides how long others wait;
that two never commit is the token's doing.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from routewarden.base.canonical import canonical_json
from routewarden.base.errors import RoutewardenError
from routewarden.store import durable

SECONDS = 600.0
"""How long the holder of a lease is waited for."""
_PATIENCE_S = 30
_GLANCE_S = 0.005


class LeaseHeldError(RoutewardenError):
    """Somebody else is at work on a date."""

    def __init__(self, day: date, seconds: float) -> None:
        super().__init__(
            f"{day}: somebody else is at work on it, and is waited for another {seconds:.0f} s. "
            "Run again when they are done."
        )


class StaleTokenError(RoutewardenError):
    """A result comes from somebody whose lease was taken over; it is not committed."""

    def __init__(self, day: date, token: int, last: int) -> None:
        super().__init__(
            f"{day}: not committed: its lease ({token}) was taken over ({last}) while it was being "
            "measured. Whoever has it now commits the same; nothing is lost."
        )


class LeaseStuckError(RoutewardenError):
    """Somebody is in the middle of a commit, and does not go on."""

    def __init__(self, lock: Path) -> None:
        super().__init__(
            f"{lock}: held for over {_PATIENCE_S} s, which takes a moment: whoever holds it is "
            "stopped. Let that process go on, or end it, and run again."
        )


@dataclass(frozen=True, slots=True)
class Lease:
    """Leave to commit the result of a date, as long as no later token was given out."""

    day: date
    token: int


@dataclass(frozen=True, slots=True)
class Leases:
    """The leases in a folder of this machine, or of one that every worker mounts."""

    root: Path

    def take(self, day: date, seconds: float = SECONDS, *, over: bool = False) -> Lease:
        """Take the lease of a date; `over` says that whoever held it is known to be gone.

        Raises:
            LeaseHeldError: Somebody else has it, for a while yet.
        """
        durable.make_folder(self.root)
        with self._alone(day):
            token, until = self._last(day)
            now = time.time()
            if now < until and not over:
                raise LeaseHeldError(day, until - now)
            lease = Lease(day, token + 1)
            self._write(lease, now + seconds if seconds else 0)
            return lease

    def sweep(self) -> None:
        """Remove what those who were killed left unfinished; for whoever is alone here."""
        for part in self.root.glob(f"{durable.PART}*"):
            part.unlink()

    def release(self, lease: Lease) -> None:
        """Give a lease back, so that nobody waits for it; one that was taken over is not ours."""
        with self._alone(lease.day):
            if self._last(lease.day)[0] == lease.token:
                self._write(lease, 0)

    @contextmanager
    def fenced(self, lease: Lease) -> Iterator[None]:
        """Let what is done in the block be done under the last token, or not at all.

        Raises:
            StaleTokenError: A later token was given out.
        """
        with self._alone(lease.day):
            last, _ = self._last(lease.day)
            if last != lease.token:
                raise StaleTokenError(lease.day, lease.token, last)
            yield

    def _write(self, lease: Lease, until: float) -> None:
        stated = {"v": 1, "token": lease.token, "until_ms": str(int(until * 1000))}
        durable.write_file(self._path(lease.day), canonical_json(stated))

    def _last(self, day: date) -> tuple[int, float]:
        """Return the token given out last, and until when its holder is waited for."""
        try:
            stated = json.loads(self._path(day).read_bytes())
        except FileNotFoundError:
            return 0, 0
        return int(stated["token"]), int(stated["until_ms"]) / 1000

    def _path(self, day: date) -> Path:
        return self.root / f"{day}.json"

    @contextmanager
    def _alone(self, day: date) -> Iterator[None]:
        """Look and act as one step; the system lets go of it however the process ends."""
        handle = os.open(self.root / f"{day}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        end = time.monotonic() + _PATIENCE_S
        try:
            while not _locked(handle):
                if time.monotonic() > end:
                    raise LeaseStuckError(self.root / f"{day}.lock")
                time.sleep(_GLANCE_S)
            yield
        finally:
            os.close(handle)


def _locked(handle: int) -> bool:
    """Return whether the lock is ours now."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
