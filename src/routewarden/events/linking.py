"""Which records of other dates a trading date's records belong with.

A date is worked on by itself, from its own records and these few: an order that rests overnight, a
fill that names a route of the day before, a correction that came the day after. They are found by
what each date's records name and do not hold, without ever holding all dates at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from routewarden.base.time import trading_date

LINKS = {"kind": pl.String(), "id": pl.String(), "by": pl.String()}
"""The columns of what a date's records name.

`kind` is `order` or `route` for an identifier the date does not hold; `amended` for the fill that a
bust or correction names, `by` being its own identifier, and `amended_elsewhere` where that fill is
not the date's.
"""

_AMENDS = pl.col("status").is_in(["busted", "corrected"]) & pl.col("refers_to").is_not_null()


@dataclass(frozen=True, slots=True)
class Records:
    """Orders, routes and fills, as records with `file` and `line`."""

    orders: pl.DataFrame
    routes: pl.DataFrame
    fills: pl.DataFrame

    def joined(self, other: Records) -> Records:
        """Return these and others together, these first."""
        return Records(
            pl.concat([self.orders, other.orders], how="diagonal"),
            pl.concat([self.routes, other.routes], how="diagonal"),
            pl.concat([self.fills, other.fills], how="diagonal"),
        )


def links(orders: pl.DataFrame, routes: pl.DataFrame, fills: pl.DataFrame) -> pl.DataFrame:
    """Return what a date's records name, as LINKS; only their identifiers are read."""
    named = pl.concat([routes["order_id"], fills["order_id"]])
    amends = fills.filter(_AMENDS).select(
        pl.when(pl.col("refers_to").is_in(fills["fill_id"].implode()))
        .then(pl.lit("amended"))
        .otherwise(pl.lit("amended_elsewhere"))
        .alias("kind"),
        id="refers_to",
        by="fill_id",
    )
    return pl.concat(
        [
            _unheld("order", named, orders["order_id"]),
            _unheld("route", fills["route_id"], routes["route_id"]),
            amends,
        ]
    ).sort("kind", "id", "by")


def _unheld(kind: str, named: pl.Series, held: pl.Series) -> pl.DataFrame:
    wanted = pl.DataFrame({"id": named.drop_nulls().unique()})
    return wanted.join(pl.DataFrame({"id": held}), on="id", how="anti").select(
        pl.lit(kind).alias("kind"), "id", by=pl.lit(None, dtype=pl.String)
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """The identifiers by which records of several dates hang together.

    `matters` gives each fill that is amended, or amends, the matter it is part of: all busts and
    corrections that name one another, and what they name.
    """

    orders: frozenset[str]
    routes: frozenset[str]
    fills: frozenset[str]
    matters: Mapping[str, str]


def wanted(found: Iterable[pl.DataFrame]) -> Wanted:
    """Return what the LINKS of every date want of one another."""
    together = pl.concat([pl.DataFrame(schema=LINKS), *found])
    matters = _matters(together.filter(pl.col("by").is_not_null()))
    ids = {
        kind: frozenset(together.filter(pl.col("kind") == kind)["id"])
        for kind in ("order", "route", "amended_elsewhere")
    }
    apart = {matters[fill] for fill in ids["amended_elsewhere"]}
    fills = frozenset(fill for fill, matter in matters.items() if matter in apart)
    return Wanted(ids["order"], ids["route"], fills, matters)


def _matters(amends: pl.DataFrame) -> dict[str, str]:
    """Return, for each fill that amendments join, the least identifier of those it is joined to."""
    least: dict[str, str] = {}

    def root(fill: str) -> str:
        while (above := least.setdefault(fill, fill)) != fill:
            least[fill] = least[above]
            fill = above
        return fill

    for named, by in amends.select("id", "by").iter_rows():
        first, second = sorted((root(named), root(by)))
        least[second] = first
    return {fill: root(fill) for fill in list(least)}


@dataclass(frozen=True, slots=True)
class Strays:
    """The records that hang together across dates: fills with the `owner` and `matter` of each."""

    records: Records

    def of(self, day: date) -> Records:
        """Return those of other dates that belong with the records of a date."""
        orders, routes, fills = self.records.orders, self.records.routes, self.records.fills
        frames = (
            (orders, pl.col("order_id"), "received_at"),
            (routes, pl.col("order_id"), "sent_at"),
            (fills, pl.col("owner"), "executed_at"),
        )
        owners = pl.concat(
            [frame.filter(_on(day, at)).select(owner=own) for frame, own, at in frames]
        )["owner"]
        owned = owners.drop_nulls().unique().implode()
        mine = pl.col("owner").is_in(owned).fill_null(value=False) | _on(day, "executed_at")
        matters = fills.filter(mine)["matter"].drop_nulls()
        about = pl.col("matter").is_in(matters.implode()).fill_null(value=False)
        belonging = fills.filter(mine | about)
        named = belonging["route_id"].drop_nulls().implode()
        return Records(
            orders.filter(pl.col("order_id").is_in(owned), ~_on(day, "received_at")),
            routes.filter(
                pl.col("order_id").is_in(owned) | pl.col("route_id").is_in(named),
                ~_on(day, "sent_at"),
            ),
            belonging.filter(~_on(day, "executed_at")).drop("owner", "matter"),
        )

    def filled_until(self, day: date) -> date | None:
        """Return the last date with a fill of an order received on a date, of those among these."""
        received = self.records.orders.filter(_on(day, "received_at"))["order_id"].implode()
        fills = self.records.fills.filter(pl.col("owner").is_in(received))
        last: date | None = fills.select(trading_date(pl.col("executed_at").max())).item()
        return last


def gathered(records: Records, matters: Mapping[str, str]) -> Strays:
    """Return the records that hang together, each fill with its order and its matter."""
    about = pl.DataFrame(
        {"fill_id": list(matters), "matter": list(matters.values())},
        schema={"fill_id": pl.String, "matter": pl.String},
    )
    routed = records.routes.select("route_id", route_order="order_id")
    fills = (
        records.fills.join(routed, on="route_id", how="left", maintain_order="left")
        .with_columns(owner=pl.coalesce("order_id", "route_order"))
        .drop("route_order")
        .join(about, on="fill_id", how="left", maintain_order="left")
    )
    return Strays(Records(records.orders, records.routes, fills))


def _on(day: date, instant: str) -> pl.Expr:
    return trading_date(pl.col(instant)) == day
