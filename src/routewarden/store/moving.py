"""Moving a home's log to a server: the same entries, byte for byte, in another database.

The entries are copied whole in one transaction and read back; then the setting is written, and last
the marker, which is what counts. A move that is cut short leaves a home as it was, or one that says
to take a line out of its setting, and entries on the server that no home names.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from pathlib import Path

from routewarden.base.errors import RoutewardenError
from routewarden.ledger.entry import faults
from routewarden.ledger.outline import outlined
from routewarden.store import durable
from routewarden.store.database import altered, open_log
from routewarden.store.home import DATABASE, MARKER, marker_text, opened
from routewarden.store.server import Server
from routewarden.store.storage import STORAGE, storage_database, storage_place, storage_text

MOVED = "log:moved"
"""The type of the entry that a move adds to the log, where it goes on."""
_AS_LEFT = f"{DATABASE}.moved"


class FaultyLogError(RoutewardenError):
    """A log that is not whole is not copied."""

    def __init__(self, fault: str) -> None:
        super().__init__(f"the log cannot be moved: {fault}. `verify` names every fault.")


class NotCopiedError(RoutewardenError):
    """A server does not give back what it was given."""

    def __init__(self, url: str) -> None:
        super().__init__(f"{url}: what it gives back is not the log; the home's is where it was.")


def move_log(root: Path, url: str) -> int | None:
    """Move a home's log to a database; return how many entries went, None if it is there already.

    Raises:
        FaultyLogError: The log is not whole.
        NotCopiedError: The copy is not what was copied.
        LogUnavailableError: The database cannot be used; the log is where it was.
        RoutewardenError: The address is none, or holds a secret.
    """
    setting = root / "policy" / STORAGE
    with opened(root) as home:
        text = setting.read_text() if setting.exists() else ""
        if storage_database(text) == url:
            return None
        entries, beside = home.log.rows()
        table = outlined(entries)
        if wrong := [*faults(entries, table.outlines, table.leaves), *altered(table, beside)]:
            raise FaultyLogError(wrong[0])
        schema = f"routewarden_{secrets.token_hex(8)}"
        with open_log(Server(url, schema)) as log:
            log.adopt(entries)
            if log.entries() != entries:
                raise NotCopiedError(url)
            moved = {"entries": len(entries), "schema": schema}
            replace(home, log=log).record(MOVED, f"{MOVED}:{schema}", schema, moved)
        durable.write_file(setting, storage_text(storage_place(text), url).encode())
        durable.write_file(root / MARKER, marker_text(schema).encode())
    if (root / DATABASE).exists():  # nothing reads it any more
        (root / DATABASE).replace(root / _AS_LEFT)
        durable.sync_folder(root)
    return len(entries)
