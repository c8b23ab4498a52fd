"""Acts by which customer data leaves the home: each is an entry, whether or not it is the first.

An entry says what was taken, by the digest of its bytes and how many rows of which columns, and no
row of it. It is in the log before the file is written: nothing leaves that the log does not know,
and what the disk then refused to take is entered all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from routewarden.base.canonical import Digest, canonical_json, sha256
from routewarden.store.home import Home

EXPORTED = "export:made"
"""The type of the entry of such an act."""


@dataclass(frozen=True, slots=True)
class Export:
    """What leaves: the digest of its bytes, its rows and columns where it is one table, its period.

    `known_at` is the size of the log that it was answered from, where that is not now.
    """

    what: str
    digest: Digest
    columns: Sequence[str] | None = None
    rows: int | None = None
    first: date | None = None
    last: date | None = None
    known_at: int | None = None


def enter_export(home: Home, made: Export) -> None:
    """Enter in the log that customer data leaves; the same again is another act."""
    stated = {
        "v": 1,
        "what": made.what,
        "digest": made.digest,
        "columns": None if made.columns is None else sha256(canonical_json(list(made.columns))),
        "rows": None if made.rows is None else str(made.rows),
        "from": None if made.first is None else str(made.first),
        "to": None if made.last is None else str(made.last),
        "known_at": None if made.known_at is None else str(made.known_at),
    }
    home.record(EXPORTED, f"{EXPORTED}:{made.digest}:{home.log.size}", made.what, stated)
