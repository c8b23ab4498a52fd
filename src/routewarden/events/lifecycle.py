"""What happened in each order's life, from the records that tell of it in any order.

A bust takes out the fill it names; a correction stands in for the fill it names, under its own id.
Both are resolved over all records held:

* a fill that any bust or correction names is out of effect, and busting a correction does not bring
  back what it replaced;
* a bust is never in effect itself;
* of two corrections of one fill, the greater by (executed_at, fill_id) stands;
* a correction whose target has not arrived is in effect all the same.

A fill belongs to the order it names, or, where it names none, to its route's.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

_AMENDS = pl.col("status").is_in(["busted", "corrected"]) & pl.col("refers_to").is_not_null()


@dataclass(frozen=True, slots=True)
class Resolved:
    """The fills in effect, and every bust and correction with what became of its target.

    `amendments` has the record's columns and `target_held`, `rivals` (other corrections of the same
    fill), `circular` (what it names leads back to it).
    """

    fills: pl.DataFrame
    amendments: pl.DataFrame


def resolve(fills: pl.DataFrame) -> Resolved:
    """Return the fills in effect and the amendments among some fill records."""
    amends = fills.filter(_AMENDS)
    named = amends["refers_to"].implode()
    corrections = amends.filter(pl.col("status") == "corrected")
    standing = corrections.sort("executed_at", "fill_id").unique("refers_to", keep="last")
    beaten = corrections.join(standing.select("fill_id"), on="fill_id", how="anti")
    in_effect = fills.filter(
        (pl.col("status") != "busted").fill_null(value=True),  # an empty status is ok
        ~pl.col("fill_id").is_in(named),
        ~pl.col("fill_id").is_in(beaten["fill_id"].implode()),
    )
    rivals = corrections.group_by("refers_to").agg(rivals=pl.len() - 1)
    amendments = (
        fills.filter(pl.col("status").is_in(["busted", "corrected"]))
        .join(rivals, on="refers_to", how="left", maintain_order="left")
        .with_columns(
            target_held=pl.col("refers_to")
            .is_in(fills["fill_id"].implode())
            .fill_null(value=False),
            rivals=pl.when(pl.col("status") == "corrected").then(pl.col("rivals")),
            circular=pl.col("fill_id").is_in(_circular(amends).implode()),
        )
    )
    return Resolved(in_effect, amendments)


def _circular(amends: pl.DataFrame) -> pl.Series:
    """Return the ids of amendments that name one another in a ring, or themselves.

    Those that name no amendment, or that none names, are taken away, over and over till none goes.
    """
    left = amends.select("fill_id", "refers_to")
    while True:
        kept = left.filter(
            pl.col("refers_to").is_in(left["fill_id"].implode()),
            pl.col("fill_id").is_in(left["refers_to"].implode()),
        )
        if kept.height == left.height:
            return kept["fill_id"]
        left = kept


def attach_order(fills: pl.DataFrame, orders: pl.DataFrame, routes: pl.DataFrame) -> pl.DataFrame:
    """Add to each fill its route and its order, where they are held; rows and order are kept.

    New columns: `owner` (the order's id), `has_order`, `has_route`, the order's columns under
    their own names (`order_quantity` for its quantity), and the route's `sent_at`, `route_at` (its
    reference instant), `route_order_id`, `route_venue`, `route_order_type` and
    `route_time_in_force`.
    """
    route = routes.select(
        "route_id",
        "sent_at",
        route_at=pl.coalesce("acknowledged_at", "sent_at"),
        route_order_id="order_id",
        route_venue="venue",
        route_order_type="order_type",
        route_time_in_force="time_in_force",
        has_route=pl.lit(value=True),
    )
    order = orders.select(
        pl.col("order_id").alias("owner"),
        pl.col("quantity").alias("order_quantity"),
        pl.exclude("order_id", "quantity", *_not_of_order(orders)),
        has_order=pl.lit(value=True),
    )
    return (
        fills.join(route, on="route_id", how="left", maintain_order="left")
        .with_columns(owner=pl.coalesce("order_id", "route_order_id"))
        .join(order, on="owner", how="left", maintain_order="left")
        .with_columns(pl.col("has_order", "has_route").fill_null(value=False))
    )


def _not_of_order(orders: pl.DataFrame) -> list[str]:
    """Columns of an order record that would say nothing, or something else, on a fill."""
    return [name for name in orders.columns if name.startswith("x_") or name in {"line", "file"}]
