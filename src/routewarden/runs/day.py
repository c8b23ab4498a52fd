"""One trading date, from records to measured fills and orders.

Nothing here reads or writes: the records, the tapes and the sessions are handed in. This is the
unit of work that an engine may run anywhere.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import polars as pl

from routewarden.base.time import trading_date
from routewarden.events.lifecycle import attach_order
from routewarden.events.linking import Records
from routewarden.market.executable import attach_executable
from routewarden.market.sessions import attach_session
from routewarden.market.tape import QUOTE, Tapes, attach_quotes, attach_source
from routewarden.market.vwap import traded_between
from routewarden.measures.fills import measure_fills
from routewarden.measures.horizon import HORIZONS, horizon_instant
from routewarden.measures.orders import measure_orders
from routewarden.measures.sums import count_routes, sum_by_order, sum_when_executable


@dataclass(frozen=True, slots=True)
class Market:
    """What a date's records are judged against."""

    tapes: Tapes
    sessions: pl.DataFrame
    trades: pl.DataFrame
    regular_conditions: Collection[str]


@dataclass(frozen=True, slots=True)
class Measured:
    """The date's fills (by execution), orders (by receipt) and those orders' routes, measured."""

    fills: pl.DataFrame
    orders: pl.DataFrame
    routes: pl.DataFrame


def needed(day: date, records: Records) -> Records:
    """Return the records that a trading date needs, of those in effect, by their identifiers.

    Orders received on the date, or filled on it; fills executed on the date, or of an order
    received on it; routes of those orders and fills.
    """
    orders, routes = records.orders, records.routes
    fills = records.fills.join(
        routes.select("route_id", route_order="order_id"),
        on="route_id",
        how="left",
        maintain_order="left",
    ).with_columns(owner=pl.coalesce("order_id", "route_order"))
    received = orders.filter(trading_date(pl.col("received_at")) == day)
    executed = trading_date(pl.col("executed_at")) == day
    of_orders = pl.col("owner").is_in(received["order_id"].implode()).fill_null(value=False)
    mine = fills.filter(executed | of_orders)
    owners = pl.concat([received["order_id"], mine["owner"].drop_nulls()]).unique().implode()
    named = mine["route_id"].drop_nulls().implode()
    return Records(
        orders.filter(pl.col("order_id").is_in(owners)).sort("order_id"),
        routes.filter(pl.col("order_id").is_in(owners) | pl.col("route_id").is_in(named)).sort(
            "route_id"
        ),
        mine.drop("route_order", "owner").sort("fill_id"),
    )


def looking_elsewhere(day: date, records: Records) -> frozenset[str]:
    """Return the symbols of orders that any quote of another date is looked up for."""

    def away(*instants: pl.Expr) -> pl.Expr:
        return pl.any_horizontal(trading_date(at) != day for at in instants).fill_null(value=False)

    routes = records.routes.select(
        "route_id",
        route_order="order_id",
        route_away=away(pl.col("sent_at"), pl.col("acknowledged_at")),
    )
    executed = pl.col("executed_at")
    fills = records.fills.join(routes, on="route_id", how="left", maintain_order="left").filter(
        away(executed, executed + HORIZONS[-1].ns) | pl.col("route_away").fill_null(value=False)
    )
    owners = fills.select(owner=pl.coalesce("order_id", "route_order"))["owner"].drop_nulls()
    orders = records.orders.filter(
        away(pl.col("received_at"), pl.col("ended_at"))
        | pl.col("order_id").is_in(owners.unique().implode())
    )
    return frozenset(orders["symbol"])


def measure_day(day: date, records: Records, market: Market) -> Measured:
    """Return the measured fills executed, and orders received, on a trading date."""
    orders = attach_quotes(records.orders, {"at_receipt": "received_at"}, market.tapes, QUOTE)
    orders = _with_receipt(orders, market)
    executed = _with_quotes(attach_order(records.fills, records.orders, records.routes), market)
    fills = measure_fills(executed)
    received = orders.filter(trading_date(pl.col("received_at")) == day)
    placed = attach_executable(received, market.tapes(day))
    placed = attach_quotes(
        placed, {"when_executable": "executable_at", "at_end": "ended_at"}, market.tapes
    )
    mine = fills.filter(pl.col("has_order")).join(
        placed.select(pl.col("order_id").alias("owner"), "executable_at"), on="owner"
    )
    measured = measure_orders(_with_sums(placed, mine, records, market))
    executed_today = trading_date(pl.col("executed_at")) == day
    return Measured(
        fills=fills.filter(executed_today).sort("executed_at", "fill_id"),
        orders=measured.sort("received_at", "order_id"),
        routes=_routes(records.routes, measured, mine).sort("sent_at", "route_id"),
    )


def _with_sums(
    orders: pl.DataFrame, fills: pl.DataFrame, records: Records, market: Market
) -> pl.DataFrame:
    """Join what each order's fills, routes and market trades add up to."""
    parts = (
        sum_by_order(fills).rename({"owner": "order_id"}),
        sum_when_executable(fills).rename({"owner": "order_id"}),
        count_routes(records.routes),
    )
    for part in parts:
        orders = orders.join(part, on="order_id", how="left", maintain_order="left")
    traded = traded_between(orders, market.trades, market.regular_conditions)
    return orders.join(traded, on="order_id", how="left", maintain_order="left").with_columns(
        has_order=pl.lit(value=True)
    )


def _routes(routes: pl.DataFrame, orders: pl.DataFrame, fills: pl.DataFrame) -> pl.DataFrame:
    """Return the routes of some orders: what each was filled, and what its order was."""
    own = routes.select(
        "route_id", "order_id", "venue", "sent_at", "acknowledged_at", "quantity", "outcome"
    )
    filled = fills.group_by("route_id").agg(route_filled_quantity=pl.col("quantity").sum())
    order = orders.rename({"quantity": "order_quantity"}).drop("venues", "routes")
    joined = own.join(order, on="order_id", how="inner").join(filled, on="route_id", how="left")
    nothing = pl.lit(0, dtype=pl.Int128)
    return joined.with_columns(route_filled_quantity=pl.coalesce("route_filled_quantity", nothing))


def _with_receipt(orders: pl.DataFrame, market: Market) -> pl.DataFrame:
    """Attach whose quotes an order was judged by, and the session of its receipt."""
    known = attach_source(orders, "received_at", market.tapes)
    return attach_session(known, "received_at", "at_receipt", market.sessions)


def _with_quotes(fills: pl.DataFrame, market: Market) -> pl.DataFrame:
    """Attach the quotes and sessions of receipt, route, execution and every horizon."""
    fills = _with_receipt(fills, market)
    fills = attach_session(fills, "route_at", "at_route", market.sessions)
    fills = attach_session(fills, "executed_at", "at_execution", market.sessions)
    horizons = {horizon.when: horizon_instant(horizon) for horizon in HORIZONS}
    instants = {
        "at_execution": "executed_at",
        "at_receipt": "received_at",
        "at_route": "route_at",
        **dict(zip(horizons, horizons, strict=True)),
    }
    fills = attach_quotes(fills.with_columns(**horizons), instants, market.tapes)
    return fills.drop(horizons)
