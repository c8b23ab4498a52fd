"""Small files read by small profiles."""

from __future__ import annotations

from routewarden.base.schema import TABLES, Kind
from routewarden.sources.profile.parse import read_profile
from routewarden.sources.profile.reading import Given, read_profiled
from routewarden.sources.reject import Reject
from routewarden.sources.table import Batch
from routewarden.sources.typed import Bounds

BOUNDS = Bounds(0, 4 * 10**18)
HEAD = 'name = "n"\n'
TRADES = """
[[table]]
kind = "trades"
[table.columns]
symbol = "S"
at = "T"
price = "P"
size = "Q"
"""
AT = "2026-07-01T13:30:00Z"


def read(profile: str, data: bytes, kind: Kind = Kind.TRADES, name: str = "f") -> list[Batch]:
    return list(read_profiled(TABLES[kind], data, read_profile(profile), Given(BOUNDS, name)))


def whole(profile: str, data: bytes, kind: Kind = Kind.TRADES, name: str = "f") -> Batch:
    (batch,) = read(profile, data, kind, name)
    return batch


def only(profile: str, data: bytes, kind: Kind = Kind.TRADES, name: str = "f") -> Reject:
    (reject,) = whole(profile, data, kind, name).rejects
    return reject
