"""The event table on a PostgreSQL server, for a home that several people or machines share.

One connection does it all. It takes an advisory lock before anything else and holds it to the end,
so whoever may write is whoever holds the lock; if it is lost, the next one waits until the server
has ended what the lost one left, and so finds every transaction either in or out.

Each home has a schema of its own, named in its marker: one never sees the log of another.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool, QueuePool

from routewarden.base.errors import RoutewardenError
from routewarden.store.unavailable import LogUnavailableError, NoSpaceError

if TYPE_CHECKING:
    import psycopg

_DIALECT = "postgresql+psycopg://"
_SECRET = ("password", "sslpassword", "scram_client_key", "scram_server_key", "oauth_client_secret")
_PASSWORDS = "passwords are taken from PGPASSWORD, ~/.pgpass or a service file"
_PATIENT: Mapping[str, str | int] = {
    "application_name": "routewarden",
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
    "client_encoding": "utf8",
}
"""What a connection is made with where the address does not say otherwise; times in s, and ms."""
_SESSION = {
    "synchronous_commit": "on",
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "idle_session_timeout": "0",
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}
"""What the server is told of each session: a commit is on its disk; a client that is gone is."""
_NEEDED = {
    "fsync": ("on", "or a crash may lose what was acknowledged"),
    "full_page_writes": ("on", "or a crash may spoil what was acknowledged"),
    "server_encoding": ("UTF8", "or a name may not fit"),
}
_OLDEST = 14
_RETURNS_IN_S = 30
_LOCK_WAIT = "120s"
_WAITS_S = 0.1
_FULL = "53100"
_LOST = "08006"
_PASSING = ("08", "53", "57P", "55P03", "40")
"""SQLSTATE of what passes: connection, resources, shutdown, a lock not had, a conflict."""
_UNANSWERED = ("08", "57P")
_CROWDED = ("too many", "connection slots")


class NoPostgresError(RoutewardenError):
    """A home is on PostgreSQL, and what speaks to it is not installed."""

    def __init__(self) -> None:
        super().__init__("PostgreSQL needs one package more: pip install 'routewarden[postgres]'.")


class DatabaseAddressError(RoutewardenError):
    """What should be the address of a database is none."""

    def __init__(self) -> None:  # it may hold a secret, so it is not repeated
        super().__init__(
            "the address of the database is none that libpq reads: write "
            "postgresql://user@host:5432/name."
        )


class SecretInAddressError(RoutewardenError):
    """The address of a database holds what a file must not."""

    def __init__(self, secret: str) -> None:
        super().__init__(
            f"the address of the database holds a secret ({secret}), and the file it is kept in is "
            f"copied with the home and read by whoever reads that. Leave it out: {_PASSWORDS}."
        )


class UnsafeServerError(RoutewardenError):
    """The server is not set up to keep a log."""

    def __init__(self, where: str, setting: str, value: str, needed: str) -> None:
        super().__init__(
            f"{where}: the server runs with {setting} = {value}, and a log needs {needed}. "
            "Nothing was written to it."
        )


@dataclass(frozen=True, slots=True)
class Server:
    """Where a home's log is: the address of a database, and the schema in it."""

    url: str
    schema: str

    @property
    def name(self) -> str:
        """What people know it by."""
        return f"{self.url}, schema {self.schema}"

    def check(self) -> None:
        """Look at the address; nothing is asked of the server.

        Raises:
            NoPostgresError: psycopg is not installed.
            DatabaseAddressError: It is no address.
            SecretInAddressError: It holds a password, or another secret.
        """
        _parameters(self.url)

    def engine(self, *, read_only: bool) -> Engine:
        """Return an engine of one connection that holds the home's lock; of any, to read only."""
        connect = _Connecting(self, locks=not read_only)
        if read_only:
            return create_engine(_DIALECT, creator=connect, poolclass=NullPool)
        return create_engine(
            _DIALECT, creator=connect, poolclass=QueuePool, pool_size=1, max_overflow=0
        )

    def failure(self, error: BaseException, size: int = 0) -> LogUnavailableError | NoSpaceError:
        """Return what a failure of PostgreSQL means to whoever runs the command.

        `size` is how many entries the log had when it was last looked at.
        """
        state = _state(error)
        if state == _FULL:
            return NoSpaceError(error, size)
        return LogUnavailableError(
            self.url,
            _first_line(error),
            passes=state.startswith(_PASSING),
            unknown=state.startswith(_UNANSWERED),
        )


@dataclass(slots=True)
class _Connecting:
    """Makes the connections of an engine: the first at once, later ones with patience."""

    server: Server
    locks: bool
    again: bool = field(default=False, init=False)

    def __call__(self) -> psycopg.Connection[Any]:
        parameters = _parameters(self.server.url)
        connection = self._connected(parameters)
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        self.again = True
        return connection

    def _connected(self, parameters: Mapping[str, Any]) -> psycopg.Connection[Any]:
        import psycopg  # noqa: PLC0415 - only a firm with a server has it

        end, turned_away = time.monotonic() + (_RETURNS_IN_S if self.again else 0), 0
        while True:
            try:
                return psycopg.connect(**parameters, autocommit=True, prepare_threshold=None)
            except psycopg.OperationalError as error:
                away = _is_away(parameters, error)
                turned_away = 0 if away else turned_away + 1
                if turned_away > 1 or (away and time.monotonic() > end):  # once: it was starting
                    raise self._refused(error, passes=away) from error
            time.sleep(_WAITS_S)

    def _refused(self, error: psycopg.Error, *, passes: bool) -> LogUnavailableError:
        why = _first_line(error).removeprefix("connection failed: ")
        if not passes and "password" in why:
            why += f"; {_PASSWORDS}"
        return LogUnavailableError(self.server.url, why, passes=passes, unknown=self.again)

    def _prepare(self, connection: psycopg.Connection[Any]) -> None:
        """Set the session, look at the server, and take the home's lock."""
        import psycopg  # noqa: PLC0415 - only a firm with a server has it

        where, ask = self.server.url, connection.execute
        try:
            _refuse_unsafe(where, connection)
            for name, value in {**_SESSION, "search_path": f'"{self.server.schema}"'}.items():
                ask("SELECT set_config(%s, %s, false)", (name, value))
            if self.locks:
                ask(
                    "SELECT set_config('lock_timeout', %s, false)",
                    (_LOCK_WAIT if self.again else "0",),
                )
                ask("SELECT pg_advisory_lock(%s)", (_lock_key(self.server.schema),))
            connection.autocommit = False
        except psycopg.Error as error:
            passes = _state(error).startswith(_PASSING)
            raise self._refused(error, passes=passes) from error


def _parameters(url: str) -> dict[str, Any]:
    """Return what libpq makes of an address, and what we add to it."""
    try:
        import psycopg  # noqa: PLC0415 - only a firm with a server has it
        from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415 - likewise
    except ImportError as error:
        raise NoPostgresError from error
    try:
        stated = conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        raise DatabaseAddressError from error
    if secret := next((name for name in _SECRET if name in stated), None):
        raise SecretInAddressError(secret)
    return {**_PATIENT, **stated}


def _is_away(parameters: Mapping[str, Any], error: psycopg.Error) -> bool:
    """Return whether the server is not there, or not yet: not that it does not let us in."""
    from psycopg import pq  # noqa: PLC0415 - only a firm with a server has it
    from psycopg.conninfo import make_conninfo  # noqa: PLC0415 - likewise

    if any(said in str(error) for said in _CROWDED):
        return True
    return pq.PGconn.ping(make_conninfo(**parameters).encode()) != pq.Ping.OK


def _refuse_unsafe(where: str, connection: psycopg.Connection[Any]) -> None:
    version = connection.info.server_version // 10_000
    if version < _OLDEST:
        raise UnsafeServerError(where, "version", str(version), f"{_OLDEST} or newer")
    for setting, (needed, why) in _NEEDED.items():
        row = connection.execute("SELECT current_setting(%s)", (setting,)).fetchone()
        if row is not None and row[0] != needed:
            raise UnsafeServerError(where, setting, row[0], f"{needed}, {why}")


def _state(error: BaseException) -> str:
    """Return the SQLSTATE of a failure; one of a connection that was lost has none of its own."""
    import psycopg  # noqa: PLC0415 - only a firm with a server has it

    lost = _LOST if isinstance(error, psycopg.OperationalError) else ""
    return str(getattr(error, "sqlstate", None) or lost)


def _first_line(error: BaseException) -> str:
    """Return what went wrong, without the hints and places PostgreSQL adds."""
    return str(error).strip().partition("\n")[0]


def _lock_key(schema: str) -> int:
    """Return the number of a home's lock: 64 bits with a sign, as PostgreSQL takes it."""
    digest = hashlib.sha256(f"routewarden lock {schema}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
