"""What a run or a review was made from, and what came of it: stated, signed with the log's key.

It is kept under its digest among the raw bytes, and the entry of the run or review names it. The
same run states the same bytes, and an Ed25519 signature of the same bytes is the same.
"""

from __future__ import annotations

import importlib.metadata
import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import TZPATH

from routewarden import __version__
from routewarden.base.canonical import Digest, sha256
from routewarden.base.errors import RoutewardenError
from routewarden.base.time import TRADING_ZONE
from routewarden.ledger.checkpoint import Checkpoint
from routewarden.ledger.entry import StoredEntry
from routewarden.ledger.envelope import Envelope, read_envelope, seal, statement_bytes
from routewarden.runs.code import code_digest
from routewarden.store.home import Home
from routewarden.store.segments import segments
from routewarden.store.settings import noted

RUN_TYPE = "urn:routewarden:run:1"
REVIEW_TYPE = "urn:routewarden:review:1"
STATED = "statement"
"""What the entry of a run or review calls the digest of its statement."""


class NoStatementError(RoutewardenError):
    """A run or review comes without the statement of what it was made from."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what}: {why}. Make it again with this version, and it is stated.")


@dataclass(frozen=True, slots=True)
class Made:
    """What was made: its type, its parts by name and digest, and with which parameters."""

    type: str
    parts: Mapping[str, str]
    parameters: Mapping[str, Any]


def state(home: Home, read: Checkpoint, made: Made) -> Digest:
    """Sign and keep the statement of what was made from the log as it was read."""
    predicate = {
        "log": {"origin": read.origin, "size": str(read.head.size), "root": read.head.root.hex()},
        "inputs": [
            {"kind": each.kind.value, "sha256": each.digest, "records": str(each.records)}
            for each in segments(home)
        ],
        "code": {"version": __version__, "sha256": code_digest()},
        "installed": installed(),
        "settings": dict(sorted(noted(home.log.entries()).items())),
        "calendar": sha256(home.policy().calendar.sessions().write_csv().encode()),
        "time_zone": {"name": TRADING_ZONE, "sha256": _time_zone()},
        "parameters": dict(made.parameters),
        "seed": None,  # nothing here draws lots
    }
    signing = home.keys.signing()
    payload = statement_bytes(made.parts, made.type, predicate)
    return home.blobs.put_bytes(seal(payload, signing.key, signing.signer).data)


def statement_of(home: Home, entry: StoredEntry) -> Envelope:
    """Return the statement that an entry names.

    Raises:
        NoStatementError: It names none, or its bytes are gone.
    """
    what, digest = f"event {entry.seq}", entry.content["payload"].get(STATED)
    if digest is None:
        raise NoStatementError(what, "it was made before runs were stated")
    try:
        return read_envelope(home.blobs.path(Digest(digest)).read_bytes())
    except FileNotFoundError:
        raise NoStatementError(what, f"its statement {digest} is gone") from None


@cache
def installed() -> dict[str, str]:
    """Return the versions of the interpreter and of each package that the program needs."""
    stated = importlib.metadata.requires("routewarden") or []
    needed: Sequence[str] = [each for each in stated if "extra ==" not in each]
    names = sorted(re.split(r"[^A-Za-z0-9._-]", each, maxsplit=1)[0] for each in needed)
    versions = {name: importlib.metadata.version(name) for name in names}
    return {"python": platform.python_version(), **versions}


def _time_zone() -> Digest:
    """Return the digest of the time-zone data that dates are reckoned with."""
    for folder in TZPATH:
        if (path := Path(folder) / TRADING_ZONE).is_file():
            return sha256(path.read_bytes())
    return sha256((files("tzdata") / "zoneinfo" / TRADING_ZONE).read_bytes())
