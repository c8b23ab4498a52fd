"""Orders, routes and fills as they are held, a trading date at a time, whoever tells of them.

Tables state them; what messages amount to is kept beside the lake in the same form. A record that a
table states stands before one of the same identifier that messages tell of. Where a person settled
that another record of an id is right, that one is held.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from routewarden.base.schema import TABLES, Kind
from routewarden.events.linking import Records
from routewarden.events.told import INTERPRETED
from routewarden.store.conflicts import Settled
from routewarden.store.lake import Lake, no_rows


@dataclass(frozen=True, slots=True)
class Held:
    """The lakes that hold orders, routes and fills: of tables first, then of messages, if any.

    `settled` are the records that stand in the place of others of the lakes.
    """

    lakes: tuple[Lake, ...]
    settled: Settled = field(default_factory=Settled)

    def dates(self) -> set[date]:
        """Return the trading dates with an order received, a route sent or a fill made."""
        held = {day for lake in self.lakes for kind in INTERPRETED for day in lake.dates(kind)}
        return held.union(*(self.settled.files(kind) for kind in INTERPRETED))

    def of(self, day: date, columns: Collection[str] | None = None) -> Records:
        """Return the records of a trading date: all their columns, or those among some."""
        return Records(*(self._read(kind, day, columns) for kind in INTERPRETED))

    def _read(self, kind: Kind, day: date, columns: Collection[str] | None) -> pl.DataFrame:
        empty = no_rows(TABLES[kind])
        if columns is None:
            frames = [lake.read(kind, day=day) for lake in self.lakes]
        else:
            empty = empty.select(name for name in empty.columns if name in columns)
            frames = [lake.columns(kind, day, empty.columns) for lake in self.lakes]
        records = pl.concat([empty, *frames], how="diagonal")
        return self.settled.on(kind, day, records, None if columns is None else empty.columns)

    def find(self, kind: Kind, ids: Mapping[str, Collection[str]]) -> pl.DataFrame:
        """Return the records of every date one of whose identifiers is among some, by column."""
        frames = [lake.find(kind, ids) for lake in self.lakes]
        records = pl.concat([no_rows(TABLES[kind]), *frames], how="diagonal")
        return self.settled.found(kind, records, ids)
