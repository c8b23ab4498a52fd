"""A firm's data directory, and the rule that one command at a time changes it.

evidence/cas/       raw bytes as received, under their digest: the evidence
evidence/log/       the log as published: entries, hashes, signed checkpoints
routewarden.sqlite  the event table: what became known, in order; made again from the above
keys/               the key that signs the log
policy/             the firm's own settings, as TOML
lake/               records as Parquet, rebuilt from the above when missing
measured/           measured fills and orders by trading date, rebuilt by `run`
told/, links/       what messages amount to, and what dates name of one another: kept by `run`

`lake`, `measured` and `told` may be elsewhere (`policy/storage.toml`): under a prefix of a bucket,
or in a folder that the workers of a cluster mount too. So may the event table: on a server, in the
schema that the marker names. What they hold can be made again; the rest stays here.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError

from routewarden.base.errors import RoutewardenError
from routewarden.ledger.checkpoint import Checkpoint
from routewarden.ledger.entry import Happening
from routewarden.ledger.tree import head_in
from routewarden.policy.witnesses import WITNESSES, Witnesses, read_witnesses
from routewarden.store import durable, handover
from routewarden.store.blobs import Blobs
from routewarden.store.database import Log, Place, open_log
from routewarden.store.depot import Depot, Folder
from routewarden.store.embedded import Embedded
from routewarden.store.lake import STAGING, Lake
from routewarden.store.lock import alone
from routewarden.store.noting import note_settings
from routewarden.store.published import ContradictionError, PublishedLog
from routewarden.store.server import Server
from routewarden.store.session import Actor, Clock, current, instant, new_york_date
from routewarden.store.settings import (
    BESIDE,
    FILES,
    Policy,
    read_policy,
)
from routewarden.store.signing import Keys, new_origin
from routewarden.store.storage import STORAGE, storage_database, storage_depot, storage_text
from routewarden.store.unavailable import UnpublishedError
from routewarden.store.users import admit
from routewarden.store.witnesses import ask

MARKER = "routewarden-home"
"""The file that says a folder is a home, of which layout, and the schema of a log on a server."""
_LAYOUT = "1"
_SCHEMA = "schema"
_POLICY = "policy"

DATABASE = "routewarden.sqlite"
BEGUN = "log:begun"
"""The type of the entry that names the log and its first key."""
ROTATED = handover.ROTATED


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


class LogElsewhereError(RoutewardenError):
    """The marker and `storage.toml` do not say the same of where the log is."""

    def __init__(self, root: Path, schema: str | None) -> None:
        said = (
            "in the home, and policy/storage.toml names a database: take the line out, and let "
            "`init --database` move it"
        )
        if schema is not None:
            said = (
                f"in a database (schema {schema}), and policy/storage.toml names none: write the "
                'line `database = "postgresql://…"` again'
            )
        super().__init__(f"{root}: its log is {said}.")


@dataclass(frozen=True, slots=True)
class Home:
    """An open home. Only `opened` makes one, and it holds the home's lock."""

    root: Path
    log: Log
    blobs: Blobs
    lake: Lake
    measured: Depot
    told: Depot
    published: PublishedLog
    keys: Keys
    actor: Actor
    clock: Clock
    then: Mapping[str, str] | None = None
    """The settings of an earlier time, by file, where it is asked what was known then."""

    def policy(self) -> Policy:
        """Read the firm's settings.

        Raises:
            RoutewardenError: A policy file cannot be used; the message says which and why.
        """
        return read_policy(tuple(self.setting(name) for name in FILES))

    def witnesses(self) -> Witnesses:
        """Return the witnesses that the firm's settings name.

        Raises:
            RoutewardenError: The setting cannot be used.
        """
        return read_witnesses(self.setting(WITNESSES))

    def setting(self, name: str) -> str:
        """Return the text of a file of settings; empty where there is none."""
        if self.then is not None:
            return self.then.get(name, "")
        return _policy_text(self.root, name)

    def today(self) -> date:
        """Return the date it is in New York."""
        return new_york_date(self.now())

    def now(self) -> str:
        """Return the instant it is, in RFC 3339."""
        return instant(self.clock)

    def note_settings(self) -> None:
        """Note what the policy files say, and put in force what is approved."""
        note_settings(self.root / _POLICY, self.log, self.blobs, self.record)

    def record(self, kind: str, identifier: str, subject: str, payload: Mapping[str, Any]) -> None:
        """Append to the log that this happened now, done by whoever runs the command."""
        self.log.append(
            Happening(
                type=kind,
                id=identifier,
                at=self.now(),
                mono_ns=time.monotonic_ns(),
                actor=self.actor.name,
                issuer=self.actor.issuer,
                subject=subject,
                payload=payload,
                signed=self.published.head.size,
            )
        )


def make_home(root: Path, place: str | None = None, database: str | None = None) -> bool:
    """Make a home; return False if there was one already.

    Args:
        root: The firm's data directory.
        place: Where else the lake and the results are to be: an S3 address, or a folder.
        database: The address of the database that is to have the log, if none of the home's own.

    Raises:
        PlaceTakenError: The place, or a name a home needs in it, is something else's.
        StorageSettingError: The other place, or the database, is none.
        DatabaseAddressError: The database's address is none.
        SecretInAddressError: It holds a password, or another secret.
    """
    if (root / MARKER).is_file():
        return False
    if root.exists() and not root.is_dir():
        raise PlaceTakenError(root)
    for name in ("evidence", "lake", "measured", DATABASE):
        if (root / name).exists():
            raise PlaceTakenError(root / name)
    settings = {**FILES, **BESIDE}
    if place is not None or database is not None:
        settings[STORAGE] = _storage(place, database)
    durable.make_folder(root / _POLICY)
    for name, text in settings.items():
        if not (root / _POLICY / name).exists():
            durable.write_file(root / _POLICY / name, text.encode())
    named = storage_database(_policy_text(root, STORAGE))
    schema = None if named is None else f"routewarden_{secrets.token_hex(8)}"
    durable.write_file(root / MARKER, marker_text(schema).encode())
    return True


def marker_text(schema: str | None) -> str:
    """Return the file that marks a home: its layout, and the schema its log has on a server."""
    return f"layout {_LAYOUT}\n" + ("" if schema is None else f"{_SCHEMA} {schema}\n")


@contextmanager
def opened(root: Path, *, only_to_read: bool = False) -> Iterator[Home]:
    """Open a home alone: other commands on it wait until this one is done.

    To one opened only to read nothing is done, not even what a command left to do. If it may not be
    written at all, it is opened beside others who do.

    Raises:
        NoHomeError: The folder is not a home.
        UnknownLayoutError: The home is of another layout.
        NotAllowedError, TokenError: Not for whoever asks.
    """
    schema = log_schema(root)
    sealed = only_to_read and not os.access(root, os.W_OK)
    lock = nullcontext() if sealed else alone(root / ".lock")
    session = current()
    blobs = Blobs(root / "evidence" / "cas")
    place, begins = log_place(root, schema), not blobs.root.exists()
    with lock, open_log(place, read_only=sealed, begins=begins) as log:
        kept = storage_depot(_policy_text(root, STORAGE)) or Folder(root.absolute())
        beside = kept.root if isinstance(kept, Folder) else root.absolute()
        lake = Lake(kept.within("lake"), beside / "lake" / STAGING)
        home = Home(
            *(root, log, blobs, lake, kept.within("measured"), kept.within("told")),
            *(PublishedLog(root / "evidence" / "log"), Keys(root / "keys")),
            *(admit(log, session), session.clock),
        )
        if only_to_read:
            yield home
            return
        _begin(home)
        with _publishing(home):
            yield home


@contextmanager
def _publishing(home: Home) -> Iterator[None]:
    """Publish what is in the log before and after a command, however it ends.

    But not where the disk failed it, or somebody who waits interrupted it: what it acknowledged is
    in the log then, and the next command publishes it.
    """
    publish(home)
    try:
        yield
    except BaseException as error:
        failed = isinstance(error, OSError | KeyboardInterrupt | DBAPIError)
        if not failed and not durable.no_space(error):
            _publish_before_others(home)
        raise
    _publish_before_others(home)


def _publish_before_others(home: Home) -> None:
    """Publish what a command added, and ask the witnesses, who may be out of reach, to cosign.

    Raises:
        UnpublishedError: The disk failed it.
        OtherHistoryError: One remembers another history.
    """
    before = home.published.head.size
    try:
        publish(home)
    except OSError as error:
        raise UnpublishedError(error) from error
    if home.published.head.size > before:
        for witness in home.witnesses().witnesses:
            ask(home.published, witness)


def publish(home: Home) -> None:
    """Publish the entries that are in the log and not in its files, and sign its head.

    Raises:
        ContradictionError: The log does not begin with what is published.
        KeyUnusableError: The key is lost.
    """
    head, size = home.published.head, home.log.size
    if size < head.size:
        why = f"knows {size} entries, and {head.size} were published"
        raise ContradictionError(home.log.place, why)
    handover.settle(home.log, home.keys, home.published)
    if size == head.size:
        return
    fresh = home.log.entries(start=max(0, head.size - 1))
    if head.size:
        last = fresh.pop(0)
        if [last.entry] != list(home.published.entries(last.seq, head.size)):
            raise ContradictionError(home.log.place, f"event {last.seq} is not the one published")
    home.published.publish((each.entry for each in fresh), handover.signer(home.log, home.keys))
    handover.settle(home.log, home.keys, home.published)


def checkpoint_at(home: Home, size: int) -> Checkpoint:
    """Return what the log stated, or would have, when it had some size; published if need be."""
    if size > home.published.head.size:
        publish(home)
    newest = home.published.newest()
    origin = "" if newest is None else newest[0].origin
    return Checkpoint(origin, head_in(home.published.nodes(size), size))


def _begin(home: Home) -> None:
    """Give the log a name and a key, and note the settings, where that was not done before."""
    begun = home.log.find(BEGUN)
    if begun is None:
        key = home.keys.public() or home.keys.make(new_origin())
        home.record(BEGUN, BEGUN, key.name, {"v": 1, "origin": key.name, "key": key.text})
    home.note_settings()


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """Hold the lock of a home without opening it: its event table may be past that.

    Raises:
        NoHomeError: The folder is not a home.
        UnknownLayoutError: The home is of another layout.
    """
    log_schema(root)
    with alone(root / ".lock"):
        yield


def log_schema(root: Path) -> str | None:
    """Require that a folder is a home; return the schema its log has on a server, if on one."""
    marker = root / MARKER
    if not marker.is_file():
        raise NoHomeError(root)
    said = dict(line.partition(" ")[::2] for line in marker.read_text().splitlines())
    layout = said.get("layout", "")
    if layout != _LAYOUT:
        raise UnknownLayoutError(root, layout)
    return said.get(_SCHEMA)


def _storage(place: str | None, database: str | None) -> str:
    """Return the setting that names a place, where nothing may be yet, or a database."""
    text = storage_text(place, database)
    depot, address = storage_depot(text), storage_database(text)
    if depot is not None and depot.names():
        raise PlaceTakenError(depot.where())
    if address is not None:
        Server(address, "").check()
    return text


def log_place(root: Path, schema: str | None) -> Place:
    """Return where the home's log is; marker and setting must agree on it."""
    database = storage_database(_policy_text(root, STORAGE))
    if database is None and schema is None:
        return Embedded(root / DATABASE)
    if database is None or schema is None:
        raise LogElsewhereError(root, schema)
    return Server(database, schema)


def _policy_text(root: Path, name: str) -> str:
    path = root / _POLICY / name
    return path.read_text() if path.exists() else ""
