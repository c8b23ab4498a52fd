"""What trading dates have to do with one another, without reading them all at every run.

What a date's records name is worked out once and kept beside the results, under the digest of the
files it comes from; only the few records that hang together across dates are then looked up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path

import polars as pl

from routewarden.base.schema import Kind
from routewarden.base.time import trading_date
from routewarden.events.linking import Records, Strays, gathered, links, wanted
from routewarden.measures.horizon import HORIZONS
from routewarden.runs.held import Held
from routewarden.store import durable

_QUOTED = "quoted"
_STAMPS = {
    "orders": ("received_at", "ended_at"),
    "routes": ("sent_at", "acknowledged_at"),
    "fills": ("executed_at", "horizon_at"),
}
_READ = frozenset(
    {"order_id", "route_id", "fill_id", "refers_to", "status"}
    | {name for names in _STAMPS.values() for name in names}
)


@dataclass(frozen=True, slots=True)
class Across:
    """What the records of each date name elsewhere, and the records that hang together."""

    named: Mapping[date, pl.DataFrame]
    strays: Strays
    filled_until: Mapping[date, date]

    def looked_at(self, day: date, strays: Records) -> set[date]:
        """Return every date whose quotes a date's records are judged by."""
        return {day, *_dates(self.named[day]), *_dates(_instants(strays))}

    def last_fill(self, day: date) -> date:
        """Return the last date with a fill of the orders received on a date, and that at least."""
        return max(day, self.filled_until.get(day, day))


def read_across(held: Held, folder: Path, keys: Mapping[date, str]) -> Across:
    """Return what the dates of some digests have to do with one another."""
    named = {day: _kept(folder, day, key, held) for day, key in keys.items()}
    _sweep(folder, {_name(day, key) for day, key in keys.items()})
    strays = _strays(held, named.values())
    return Across(named, strays, strays.filled_until())


def _kept(folder: Path, day: date, key: str, held: Held) -> pl.DataFrame:
    """Return what a date's records name: as it was kept, or else found and kept."""
    path = folder / _name(day, key)
    try:
        return pl.read_parquet(path, glob=False)
    except (OSError, pl.exceptions.PolarsError):  # not kept yet, or not whole
        records = held.of(day, _READ)
    found = pl.concat([links(records.orders, records.routes, records.fills), _instants(records)])
    whole = BytesIO()
    found.write_parquet(whole)
    durable.make_folder(folder)
    durable.write_file(path, whole.getvalue())
    return found


def _name(day: date, key: str) -> str:
    return f"{day}-{key[:32]}.parquet"


def _sweep(folder: Path, kept: set[str]) -> None:
    """Remove what was kept of files that are no more."""
    for path in folder.glob("*"):
        if path.name not in kept:
            path.unlink()


def _instants(records: Records) -> pl.DataFrame:
    """Return, as LINKS, on which dates some records look at quotes."""
    fills = records.fills.with_columns(horizon_at=pl.col("executed_at") + HORIZONS[-1].ns)
    frames = {"orders": records.orders, "routes": records.routes, "fills": fills}
    looked = pl.concat([frames[name][at].rename("at") for name in frames for at in _STAMPS[name]])
    days = looked.to_frame().select(id=trading_date(pl.col("at")).unique().sort())
    none = pl.lit(None, dtype=pl.String)
    return days.drop_nulls().select(
        pl.lit(_QUOTED).alias("kind"), pl.col("id").cast(pl.String), by=none
    )


def _dates(named: pl.DataFrame) -> set[date]:
    return {date.fromisoformat(day) for day in named.filter(pl.col("kind") == _QUOTED)["id"]}


def _strays(held: Held, named: Iterable[pl.DataFrame]) -> Strays:
    """Find the records that hang together across dates."""
    asked = wanted(named)
    routes = held.find(Kind.ROUTES, {"route_id": asked.routes})
    orders = asked.orders | set(routes["order_id"].drop_nulls())
    routes = held.find(Kind.ROUTES, {"route_id": asked.routes, "order_id": orders})
    fills = held.find(
        Kind.FILLS,
        {
            "fill_id": asked.fills,
            "order_id": orders,
            "route_id": asked.routes | set(routes["route_id"]),
        },
    )
    about = {asked.matters[fill] for fill in fills["fill_id"] if fill in asked.matters}
    rest = {fill for fill, matter in asked.matters.items() if matter in about}
    more = held.find(Kind.FILLS, {"fill_id": rest - set(fills["fill_id"])})
    return gathered(
        Records(
            held.find(Kind.ORDERS, {"order_id": orders}),
            routes,
            pl.concat([fills, more], how="diagonal"),
        ),
        asked.matters,
    )
