"""The event table: the order in which things became known.

Append-only, and the database itself refuses anything else. SQLite runs with a rollback journal, not
a write-ahead log: versions before 3.51.3 can lose a database in that mode when two processes write.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    insert,
    select,
)
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool

from routewarden.base.errors import RoutewardenError
from routewarden.ledger.entry import (
    NOTHING_BEFORE,
    Content,
    Happening,
    LeafHash,
    StoredEntry,
    entry_bytes,
    leaf_hash,
)

METADATA = MetaData()

EVENT = Table(
    "event",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("id", String, nullable=False, unique=True),
    Column("type", String, nullable=False, index=True),
    Column("subject", String, nullable=False),
    Column("at", String, nullable=False),
    Column("prev", String(64), nullable=False),
    Column("leaf", String(64), nullable=False, unique=True),
    Column("entry", LargeBinary, nullable=False),
)

_BUSY_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Log:
    """The event table of one home, and where it is.

    `until` is how many entries are looked at, where it is asked what was known then; nothing is
    appended to such a log.
    """

    engine: Engine
    place: str
    until: int | None = None

    @property
    def size(self) -> int:
        """How many entries there are: what is known, as one number."""
        with self.engine.connect() as connection:
            size = _size(connection)
        return size if self.until is None else min(size, self.until)

    def append(self, what: Happening) -> StoredEntry:
        """Add an entry in one transaction; asking again with the same id returns the first."""
        if self.until is not None:
            raise PastError(self.until)
        with self.engine.begin() as connection:
            held = _find(connection, what.id)
            return held or _append(connection, what)

    def find(self, identifier: str) -> StoredEntry | None:
        """Return the entry with an id."""
        with self.engine.connect() as connection:
            found = _find(connection, identifier)
        return found if found is None or self._has(found.seq) else None

    def _has(self, seq: int) -> bool:
        return self.until is None or seq < self.until

    def altered(self, contents: Mapping[int, Content | None]) -> list[str]:
        """Return which columns beside the entry do not say what the entry says.

        Args:
            contents: What the entry of each number states.
        """
        names = ("id", "type", "subject", "at")
        query = select(EVENT.c.seq, *(EVENT.c[name] for name in names)).order_by(EVENT.c.seq)
        with self.engine.connect() as connection:
            rows = list(connection.execute(query))
        found = []
        for seq, *values in rows:
            stated = contents.get(seq) or {}
            if [stated.get(name) for name in names] != values:
                wrong = [
                    n for n, value in zip(names, values, strict=True) if stated.get(n) != value
                ]
                found += [f"event {seq}: its column {n} differs from its entry" for n in wrong]
        return found

    def entries(self, kind: str | None = None, start: int = 0) -> list[StoredEntry]:
        """Return the entries, of one type or all, in order, from a number on."""
        query = select(EVENT.c.seq, EVENT.c.prev, EVENT.c.leaf, EVENT.c.entry).order_by(EVENT.c.seq)
        if start:
            query = query.where(EVENT.c.seq >= start)
        if self.until is not None:
            query = query.where(EVENT.c.seq < self.until)
        if kind is not None:
            query = query.where(EVENT.c.type == kind)
        with self.engine.connect() as connection:
            return [_stored(*row) for row in connection.execute(query)]


class PastError(RoutewardenError):
    """Something is to be added to what was known at an earlier time."""

    def __init__(self, size: int) -> None:
        super().__init__(f"What was known at {size} entries is past: nothing is added to it.")


class LogUnavailableError(RoutewardenError):
    """The database of the log cannot be read or written."""

    def __init__(self, path: Path, why: object) -> None:
        super().__init__(
            f"{path}: {why}. Nothing was acknowledged; see to the file, its folder or the disk, "
            "and run the command again."
        )


@contextmanager
def open_log(path: Path, *, read_only: bool = False) -> Iterator[Log]:
    """Open the event table, made or brought up to date as needed.

    Raises:
        LogUnavailableError: The database cannot be used, at once or later.
    """
    mode = "ro" if read_only else "rwc"
    address = f"file:{quote(str(path.absolute()))}?mode={mode}"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(address, timeout=_BUSY_SECONDS, uri=True)

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)
    if not read_only:
        event.listen(engine, "connect", _leave_write_ahead_log)
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin_reading if read_only else _begin)
    try:
        if not read_only:
            _migrate(engine)
        yield Log(engine, str(path))
    except DatabaseError as error:
        raise LogUnavailableError(path, error.orig) from error
    finally:
        engine.dispose()


def _configure(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where we say, not at the first write
    connection.execute("PRAGMA synchronous = EXTRA")


def _leave_write_ahead_log(connection: sqlite3.Connection, _record: object) -> None:
    (mode,) = connection.execute("PRAGMA journal_mode = DELETE").fetchone()
    if mode != "delete":
        raise sqlite3.OperationalError(_IN_USE)


_IN_USE = "in write-ahead mode and in use by another program"


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_reading(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _migrate(engine: Engine) -> None:
    """Bring the schema to the newest revision; a current one costs one look."""
    with engine.begin() as connection:
        if _is_current(connection):
            return
        # Alembic takes half a second to import, and only a new or an older home needs it.
        from alembic import command  # noqa: PLC0415 - half a second
        from alembic.config import Config  # noqa: PLC0415 - half a second

        config = Config()
        config.set_main_option("script_location", "routewarden:store/migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _is_current(connection: Connection) -> bool:
    names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")
    if "alembic_version" not in {name for (name,) in names}:
        return False
    versions = connection.exec_driver_sql("SELECT version_num FROM alembic_version")
    return [version for (version,) in versions] == [HEAD]


HEAD = "0001"
"""The newest revision under `migrations/versions`; a test holds the two together."""


def _size(connection: Connection) -> int:
    last = connection.execute(select(EVENT.c.seq).order_by(EVENT.c.seq.desc()).limit(1)).scalar()
    return 0 if last is None else int(last) + 1


def _find(connection: Connection, identifier: str) -> StoredEntry | None:
    query = select(EVENT.c.seq, EVENT.c.prev, EVENT.c.leaf, EVENT.c.entry)
    row = connection.execute(query.where(EVENT.c.id == identifier)).one_or_none()
    return None if row is None else _stored(*row)


def _stored(seq: int, prev: LeafHash, leaf: LeafHash, entry: object) -> StoredEntry:
    return StoredEntry(seq, prev, leaf, _as_bytes(entry))


def _as_bytes(entry: object) -> bytes:
    """Return an entry's bytes; someone may have put text, or nothing, in their place."""
    return entry if isinstance(entry, bytes) else str(entry).encode()


def _append(connection: Connection, what: Happening) -> StoredEntry:
    seq = _size(connection)
    before = connection.execute(select(EVENT.c.leaf).where(EVENT.c.seq == seq - 1)).scalar()
    prev = NOTHING_BEFORE if before is None else LeafHash(before)
    entry = entry_bytes(seq, prev, what)
    stored = StoredEntry(seq, prev, leaf_hash(entry), entry)
    connection.execute(
        insert(EVENT).values(
            seq=seq,
            id=what.id,
            type=what.type,
            subject=what.subject,
            at=what.at,
            prev=prev,
            leaf=stored.leaf,
            entry=entry,
        )
    )
    return stored
