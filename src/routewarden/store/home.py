"""A firm's data directory, and the rule that one command at a time changes it.

evidence/cas/       raw bytes as received, under their digest: the evidence
routewarden.sqlite  the event table: what became known, in order
policy/             the firm's own settings, as TOML
lake/               records as Parquet, rebuilt from the above when missing
measured/           measured fills and orders by trading date, rebuilt by `run`
told/, links/       what messages amount to, and what dates name of one another: kept by `run`

`lake`, `measured` and `told` may be elsewhere (`policy/storage.toml`): under a prefix of a bucket,
or in a folder that the workers of a cluster mount too. What they hold can be made again; the rest
stays here.
"""

from __future__ import annotations

import fcntl
import getpass
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from routewarden.base.canonical import sha256
from routewarden.base.errors import RoutewardenError
from routewarden.base.time import TRADING_ZONE
from routewarden.ledger.entry import Happening
from routewarden.policy.calendar import Calendar, us_equity_calendar, with_overrides
from routewarden.policy.firm import FIRM_TEXT, firm_name
from routewarden.policy.limits import Limits, read_limits, shipped_text
from routewarden.policy.published import INDUSTRY_TEXT, PRIOR_TEXT, Published, read_published
from routewarden.policy.trade_conditions import regular_conditions
from routewarden.policy.venues import SHIPPED_TEXT, Venues, read_venues
from routewarden.store import durable
from routewarden.store.blobs import Blobs
from routewarden.store.database import Log, open_log
from routewarden.store.depot import Depot, Folder
from routewarden.store.lake import STAGING, Lake
from routewarden.store.storage import STORAGE, storage_depot, storage_text

_MARKER = "routewarden-home"
_LAYOUT = "1"
_DATABASE = "routewarden.sqlite"
_CALENDAR = "calendar.toml"
_CONDITIONS = "trade_conditions.toml"
_LIMITS = "limits.toml"
_INDUSTRY = "industry.toml"
_PRIOR = "prior.toml"
_FIRM = "firm.toml"
_VENUES = "venues.toml"

_POLICY = {
    _CALENDAR: """\
# Changes to the shipped calendar of the US equity exchanges (XNYS), New York time.
#
# closed = [2026-12-31]
#
# [sessions]
# 2026-12-30 = {open = 09:30:00, close = 13:00:00}
""",
    _CONDITIONS: """\
# Sale conditions whose trades count as regular in market averages (VWAP).
# A trade with empty conditions always counts. Conditions are compared whole, as the file has them.
#
# regular = ["@", "F"]
""",
    _LIMITS: shipped_text(),
    _INDUSTRY: INDUSTRY_TEXT,
    _PRIOR: PRIOR_TEXT,
    _FIRM: FIRM_TEXT,
    _VENUES: SHIPPED_TEXT,
}

_MEASURED_BY = (_CALENDAR, _CONDITIONS, _LIMITS, _VENUES)
"""What a measured result depends on; figures to compare it with are not among it."""


class NoHomeError(RoutewardenError):
    """The folder named is not a Routewarden home."""

    def __init__(self, root: Path) -> None:
        super().__init__(
            f"{root}: not a Routewarden home. Make one with `routewarden --home {root} init`, "
            "or name another with --home or ROUTEWARDEN_HOME."
        )


class UnknownLayoutError(RoutewardenError):
    """The home was made by a version this one cannot read."""

    def __init__(self, root: Path, layout: str) -> None:
        super().__init__(
            f"{root}: made with layout '{layout}', and this version reads '{_LAYOUT}'. "
            "Use a newer Routewarden."
        )


class PlaceTakenError(RoutewardenError):
    """A home cannot be made where something else has one of its names."""

    def __init__(self, taken: Path | str) -> None:
        super().__init__(f"{taken}: is here already, and is no home's. Name another with --home.")


@dataclass(frozen=True, slots=True)
class Policy:
    """The firm's settings, and their digests: of those results depend on, and of them all."""

    calendar: Calendar
    regular_conditions: tuple[str, ...]
    limits: Limits
    industry: tuple[Published, ...]
    prior: tuple[Published, ...]
    firm: str
    venues: Venues
    digest: str
    whole_digest: str


@dataclass(frozen=True, slots=True)
class Home:
    """An open home. Only `opened` makes one, and it holds the home's lock."""

    root: Path
    log: Log
    blobs: Blobs
    lake: Lake
    measured: Depot
    told: Depot

    def policy(self) -> Policy:
        """Read the firm's settings.

        Raises:
            RoutewardenError: A policy file cannot be used; the message says which and why.
        """
        return _read_policy(tuple(_policy_text(self.root, name) for name in _POLICY))

    def today(self) -> date:
        """Return the date it is in New York."""
        return new_york_date(_now())

    def record(self, kind: str, identifier: str, subject: str, payload: Mapping[str, Any]) -> None:
        """Append to the log that this happened now, done by whoever runs the command."""
        self.log.append(
            Happening(
                type=kind,
                id=identifier,
                at=_now(),
                mono_ns=time.monotonic_ns(),
                actor=_user(),
                subject=subject,
                payload=payload,
            )
        )


def make_home(root: Path, place: str | None = None) -> bool:
    """Make a home; return False if there was one already.

    Args:
        root: The firm's data directory.
        place: Where else the lake and the results are to be: an S3 address, or a folder.

    Raises:
        PlaceTakenError: The place, or a name a home needs in it, is something else's.
        StorageSettingError: The other place is none.
    """
    if (root / _MARKER).is_file():
        return False
    if root.exists() and not root.is_dir():
        raise PlaceTakenError(root)
    for name in ("evidence", "lake", "measured", _DATABASE):
        if (root / name).exists():
            raise PlaceTakenError(root / name)
    settings = _POLICY if place is None else {**_POLICY, STORAGE: _storage(place)}
    durable.make_folder(root / "policy")
    for name, text in settings.items():
        if not (root / "policy" / name).exists():
            durable.write_file(root / "policy" / name, text.encode())
    durable.write_file(root / _MARKER, f"layout {_LAYOUT}\n".encode())
    return True


@contextmanager
def opened(root: Path, *, only_to_read: bool = False) -> Iterator[Home]:
    """Open a home alone: other commands on it wait until this one is done.

    A home that may not be written can be opened only to read, beside others who do.

    Raises:
        NoHomeError: The folder is not a home.
        UnknownLayoutError: The home is of another layout.
    """
    marker = root / _MARKER
    if not marker.is_file():
        raise NoHomeError(root)
    layout = marker.read_text().removeprefix("layout").strip()
    if layout != _LAYOUT:
        raise UnknownLayoutError(root, layout)
    sealed = only_to_read and not os.access(root, os.W_OK)
    lock = nullcontext() if sealed else _alone(root / ".lock")
    with lock, open_log(root / _DATABASE, read_only=sealed) as log:
        blobs = Blobs(root / "evidence" / "cas")
        kept = storage_depot(_policy_text(root, STORAGE)) or Folder(root.absolute())
        beside = kept.root if isinstance(kept, Folder) else root.absolute()
        lake = Lake(kept.within("lake"), beside / "lake" / STAGING)
        yield Home(root, log, blobs, lake, kept.within("measured"), kept.within("told"))


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Hold the home's lock; the system lets go of it however the process ends."""
    handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _storage(place: str) -> str:
    """Return the setting that names a place; nothing may be there yet."""
    text = storage_text(place)
    depot = storage_depot(text)
    if depot is not None and depot.names():
        raise PlaceTakenError(depot.where())
    return text


def new_york_date(instant: str) -> date:
    """Return the date in New York of an instant in RFC 3339."""
    return datetime.fromisoformat(instant).astimezone(ZoneInfo(TRADING_ZONE)).date()


def _now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def _user() -> str:
    """Return who runs the command: by name, or by number where the system has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid:{os.getuid()}"


@lru_cache(maxsize=4)
def _read_policy(files: tuple[str, ...]) -> Policy:
    """Return what the files of _POLICY say; a command asks often, and they rarely change."""
    texts = dict(zip(_POLICY, files, strict=True))
    return Policy(
        calendar=with_overrides(us_equity_calendar(), texts[_CALENDAR]),
        regular_conditions=regular_conditions(texts[_CONDITIONS]),
        limits=read_limits(texts[_LIMITS]),
        industry=read_published(texts[_INDUSTRY], _INDUSTRY),
        prior=read_published(texts[_PRIOR], _PRIOR),
        firm=firm_name(texts[_FIRM]),
        whole_digest=sha256("\0".join(texts.values()).encode()),
        digest=sha256("\0".join(texts[name] for name in _MEASURED_BY).encode()),
        venues=read_venues(texts[_VENUES]),
    )


def _policy_text(root: Path, name: str) -> str:
    path = root / "policy" / name
    return path.read_text() if path.exists() else ""
