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
    """The records that hang together across dates, each with the `day` it is of.

    Fills have the `owner` and `matter` of each, too.
    """

    records: Records

    def of(self, day: date) -> Records:
        """Return those of other dates that belong with the records of a date."""
        orders, routes, fills = self.records.orders, self.records.routes, self.records.fills
        on, elsewhere = pl.col("day") == day, pl.col("day") != day
        frames = ((orders, "order_id"), (routes, "order_id"), (fills, "owner"))
        owners = pl.concat([frame.filter(on)[own].rename("owner") for frame, own in frames])
        owned = owners.drop_nulls().unique().implode()
        mine = pl.col("owner").is_in(owned).fill_null(value=False) | on
        matters = fills.filter(mine)["matter"].drop_nulls()
        about = pl.col("matter").is_in(matters.implode()).fill_null(value=False)
        belonging = fills.filter(mine | about)
        named = belonging["route_id"].drop_nulls().implode()
        ours = pl.col("order_id").is_in(owned) | pl.col("route_id").is_in(named)
        return Records(
            orders.filter(pl.col("order_id").is_in(owned), elsewhere).drop("day"),
            routes.filter(ours, elsewhere).drop("day"),
            belonging.filter(elsewhere).drop("day", "owner", "matter"),
        )

    def filled_until(self) -> Mapping[date, date]:
        """Return the last date with a fill of an order received on a date, of those among these."""
        received = self.records.orders.select("order_id", received="day")
        filled = self.records.fills.join(received, left_on="owner", right_on="order_id")
        return dict(filled.group_by("received").agg(pl.col("day").max()).drop_nulls().iter_rows())


def gathered(records: Records, matters: Mapping[str, str]) -> Strays:
    """Return the records that hang together, each with its date, a fill with order and matter."""
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
    dated = {"received_at": records.orders, "sent_at": records.routes, "executed_at": fills}
    return Strays(
        Records(*(each.with_columns(day=trading_date(pl.col(at))) for at, each in dated.items()))
    )
