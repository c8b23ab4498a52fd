"""The event table in the home itself: SQLite, one file, no server.

It runs with a rollback journal, not a write-ahead log: versions before 3.51.3 can lose a database
in that mode when two processes write.
"""

from __future__ import annotations

import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool

from routewarden.store.unavailable import LogUnavailableError, NoSpaceError, UnreadableLogError

_BUSY_SECONDS = 60
_IN_USE = "in write-ahead mode and in use by another program"
_MAKING = ("SQLITE_CANTOPEN", "SQLITE_IOERR")
"""What SQLite calls a file it cannot make or write, without the system's reason."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """Where a home's log is: a file."""

    path: Path

    schema = None
    """A file is one home's alone: its tables need no name before theirs."""

    @property
    def name(self) -> str:
        """What people know it by."""
        return str(self.path)

    def engine(self, *, read_only: bool) -> Engine:
        """Return an engine on the file."""
        mode = "ro" if read_only else "rwc"
        address = f"file:{quote(str(self.path.absolute()))}?mode={mode}"

        def connect() -> sqlite3.Connection:
            return sqlite3.connect(address, timeout=_BUSY_SECONDS, uri=True)

        engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)
        if not read_only:
            event.listen(engine, "connect", _leave_write_ahead_log)
        event.listen(engine, "connect", _configure)
        event.listen(engine, "begin", _begin_reading if read_only else _begin)
        return engine

    def failure(self, error: BaseException, size: int = 0) -> LogUnavailableError | NoSpaceError:
        """Return what a failure of SQLite means to whoever runs the command.

        `size` is how many entries the log had when it was last looked at.
        """
        name = str(getattr(error, "sqlite_errorname", ""))
        if name == "SQLITE_FULL" or (name.startswith(_MAKING) and _is_full(self.path.parent)):
            return NoSpaceError(error, size)
        if name.startswith("SQLITE_BUSY"):
            return LogUnavailableError(self.path, error, passes=True)
        return UnreadableLogError(self.path, error)


def _is_full(folder: Path) -> bool:
    """Return whether the disk has no block, or no name, left for us."""
    left = os.statvfs(folder)
    return left.f_bavail == 0 or (left.f_files > 0 and left.f_favail == 0)


def _configure(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where we say, not at the first write
    connection.execute("PRAGMA synchronous = EXTRA")


def _leave_write_ahead_log(connection: sqlite3.Connection, _record: object) -> None:
    (mode,) = connection.execute("PRAGMA journal_mode = DELETE").fetchone()
    if mode != "delete":
        raise sqlite3.OperationalError(_IN_USE)


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_reading(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
