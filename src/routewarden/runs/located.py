"""Where in the raw files a record stands: the file and line its row of the lake names."""

from __future__ import annotations

from routewarden.base.schema import TABLES, Kind
from routewarden.events.told import INTERPRETED
from routewarden.runs.interpreting import interpret
from routewarden.store.home import Home
from routewarden.store.proving import Lines, NoSuchRecordError


def located(home: Home, kind: Kind, identifier: str) -> Lines:
    """Return the line of the record of a kind with an identifier.

    Raises:
        NoSuchRecordError: There is none, or records of the kind have no identifier.
    """
    key = TABLES[kind].key
    if key is None:
        raise NoSuchRecordError(kind, identifier)
    asked = {key: [identifier]}
    if kind in INTERPRETED:
        found = interpret(home).held.find(kind, asked)
    else:
        found = home.lake.find(kind, asked)
    if found.is_empty():
        raise NoSuchRecordError(kind, identifier)
    row = found.row(0, named=True)
    return Lines(row["file"], row["line"], row["line"])
