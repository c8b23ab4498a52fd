"""The event table: the order in which things became known.

Append-only, and the database itself refuses anything else. It is a file of the home, or on a server
(`embedded`, `server`): the table, its migrations and all that is here are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from operator import itemgetter
from threading import Lock
from typing import TypeVar

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    insert,
    inspect,
    select,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateSchema

from routewarden.base.errors import RoutewardenError
from routewarden.ledger.entry import (
    NOTHING_BEFORE,
    Happening,
    LeafHash,
    StoredEntry,
    entry_bytes,
    leaf_hash,
)
from routewarden.ledger.outline import Outlined
from routewarden.store import durable
from routewarden.store.embedded import Embedded
from routewarden.store.server import Server
from routewarden.store.unavailable import NoLogError, NoSpaceError, OvertakenError

Result = TypeVar("Result")
Place = Embedded | Server

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

_BESIDE = ("id", "type", "subject", "at")
"""What of an entry has columns of its own, to look it up by."""
_ENTRY = EVENT.c.seq, EVENT.c.prev, EVENT.c.leaf, EVENT.c.entry
_AT_ONCE = 4096

_NOTHING = dict.fromkeys(_BESIDE)

Beside = Sequence[object]
"""What the columns beside an entry say."""


@dataclass(slots=True)
class Log:
    """The event table of one home, as one command sees it.

    `known` is how many entries there were when it last looked: none but itself adds any. `until` is
    how many are looked at, where it is asked what was known then; nothing is added to such a log.
    """

    engine: Engine
    place: str
    known: int = 0
    until: int | None = None
    _appending: Lock = field(default_factory=Lock, repr=False)

    def done(self, work: Callable[[Connection], Result]) -> Result:
        """Do a transaction; if the connection is lost in it, once more on another.

        The work looks first, so what the lost one did is found, and nothing is done twice.
        """
        try:
            with self.engine.begin() as connection:
                return work(connection)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
        with self.engine.begin() as connection:
            return work(connection)

    @property
    def size(self) -> int:
        """How many entries there are: what is known, as one number."""
        size = self.done(_size)
        return size if self.until is None else min(size, self.until)

    def append(self, what: Happening) -> StoredEntry:
        """Add an entry in one transaction; asking again with the same id returns the first.

        Raises:
            OvertakenError: Somebody else added to the log since this command opened it.
            PastError: The log is what was known then.
        """
        if self.until is not None:
            raise PastError(self.until)
        with self._appending:
            stored = self.done(partial(_found_or_appended, known=self.known, what=what))
            self.known = max(self.known, stored.seq + 1)
            return stored

    def adopt(self, entries: Sequence[StoredEntry]) -> None:
        """Put the entries of another log into this one, which has none yet, in one transaction.

        Raises:
            OvertakenError: It has some.
        """
        self.done(partial(_adopt, entries=entries))
        self.known = len(entries)

    def find(self, identifier: str) -> StoredEntry | None:
        """Return the entry with an id."""
        found = self.done(partial(_find, identifier=identifier))
        return found if found is None or self._has(found.seq) else None

    def _has(self, seq: int) -> bool:
        return self.until is None or seq < self.until

    def rows(self) -> tuple[list[StoredEntry], list[Beside]]:
        """Return all entries in order, and of each what the columns beside it say."""
        query = select(*_ENTRY, *(EVENT.c[name] for name in _BESIDE)).order_by(EVENT.c.seq)

        def read(connection: Connection) -> tuple[list[StoredEntry], list[Beside]]:
            entries, beside = list[StoredEntry](), list[Beside]()
            for rows in connection.execute(query).partitions(_AT_ONCE):
                seq, prev, leaf, held, *values = zip(*rows, strict=True)
                entries += map(StoredEntry, seq, prev, leaf, map(_as_bytes, held))
                beside += zip(*values, strict=True)
            return entries, beside

        return self.done(read)

    def entries(self, kind: str | None = None, start: int = 0) -> list[StoredEntry]:
        """Return the entries, of one type or all, in order, from a number on."""
        query = select(*_ENTRY).order_by(EVENT.c.seq)
        if start:
            query = query.where(EVENT.c.seq >= start)
        if self.until is not None:
            query = query.where(EVENT.c.seq < self.until)
        if kind is not None:
            query = query.where(EVENT.c.type == kind)
        return self.done(lambda connection: [_stored(*row) for row in connection.execute(query)])


def altered(table: Outlined, beside: Sequence[Beside]) -> list[str]:
    """Return which columns beside the entries do not say what the entry says.

    Args:
        table: The entries.
        beside: What the columns beside each say.
    """
    found = []
    stated_in = itemgetter(*_BESIDE)
    for stored, outline, values in zip(table.entries, table.outlines, beside, strict=True):
        stated = stated_in(outline or _NOTHING)
        if stated != values:
            each = zip(_BESIDE, stated, values, strict=True)
            wrong = [name for name, value, held in each if value != held]
            found += [f"event {stored.seq}: its column {n} differs from its entry" for n in wrong]
    return found


class PastError(RoutewardenError):
    """Something is to be added to what was known at an earlier time."""

    def __init__(self, size: int) -> None:
        super().__init__(f"What was known at {size} entries is past: nothing is added to it.")


@contextmanager
def open_log(place: Place, *, read_only: bool = False, begins: bool = True) -> Iterator[Log]:
    """Open the event table, made or brought up to date as needed.

    Args:
        place: A file of the home, or a server's database.
        read_only: Only look, beside others who write.
        begins: Whether the home is new, so that a server which holds no log of it may begin one.

    Raises:
        LogUnavailableError: The database cannot be used, at once or later.
        NoLogError: The server holds no log of a home that is not new.
        NoSpaceError: The disk got full, here or on the server.
    """
    engine = place.engine(read_only=read_only)
    log = Log(engine, place.name)
    try:
        if not read_only:
            log.done(partial(_migrate, place=place, begins=begins))
        log.known = log.size
        yield log
    except DBAPIError as error:
        raise place.failure(error.orig or error, log.known) from error
    except Exception as error:
        if isinstance(error, RoutewardenError) or not durable.no_space(error):
            raise
        raise NoSpaceError(error, log.known) from error
    finally:
        engine.dispose()


def _migrate(connection: Connection, place: Place, *, begins: bool) -> None:
    """Bring the schema to the newest revision; a current one costs one look."""
    held = _revision(connection)
    if held == HEAD:
        return
    if place.schema is not None and held is None:
        if not begins:
            raise NoLogError(place.url, place.schema)
        if not inspect(connection).has_schema(place.schema):
            connection.execute(CreateSchema(place.schema))
    # Alembic takes half a second to import, and only a new or an older home needs it.
    from alembic import command  # noqa: PLC0415 - half a second
    from alembic.config import Config  # noqa: PLC0415 - half a second

    config = Config()
    config.set_main_option("script_location", "routewarden:store/migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    """Return the schema's revision; None where there is no table yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()


HEAD = "0001"
"""The newest revision under `migrations/versions`; a test holds the two together."""


def _size(connection: Connection) -> int:
    last = connection.execute(select(EVENT.c.seq).order_by(EVENT.c.seq.desc()).limit(1)).scalar()
    return 0 if last is None else int(last) + 1


def _find(connection: Connection, identifier: str) -> StoredEntry | None:
    query = select(*_ENTRY)
    row = connection.execute(query.where(EVENT.c.id == identifier)).one_or_none()
    return None if row is None else _stored(*row)


def _stored(seq: int, prev: LeafHash, leaf: LeafHash, entry: object) -> StoredEntry:
    return StoredEntry(seq, prev, leaf, _as_bytes(entry))


def _as_bytes(entry: object) -> bytes:
    """Return an entry's bytes; someone may have put text, or nothing, in their place."""
    return entry if isinstance(entry, bytes) else str(entry).encode()


def _found_or_appended(connection: Connection, known: int, what: Happening) -> StoredEntry:
    if held := _find(connection, what.id):
        return held
    if (size := _size(connection)) != known:
        raise OvertakenError(known, size)
    return _append(connection, what, size)


def _append(connection: Connection, what: Happening, seq: int) -> StoredEntry:
    before = connection.execute(select(EVENT.c.leaf).where(EVENT.c.seq == seq - 1)).scalar()
    prev = NOTHING_BEFORE if before is None else LeafHash(before)
    entry = entry_bytes(seq, prev, what)
    stored = StoredEntry(seq, prev, leaf_hash(entry), entry)
    connection.execute(insert(EVENT).values(_row(stored)))
    return stored


def _adopt(connection: Connection, entries: Sequence[StoredEntry]) -> None:
    size = _size(connection)
    if size == len(entries):  # none, or the connection was lost after all of them were in
        return
    if size:
        raise OvertakenError(0, size)
    connection.execute(insert(EVENT), [_row(stored) for stored in entries])


def _row(stored: StoredEntry) -> dict[str, object]:
    """Return a row of the table: an entry, and beside it what is looked up."""
    said = {name: stored.content[name] for name in _BESIDE}
    return {**asdict(stored), **said}
