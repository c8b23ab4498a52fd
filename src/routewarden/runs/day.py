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
from routewarden.market.executable import attach_executable
from routewarden.market.sessions import attach_session
from routewarden.market.tape import Tapes, attach_quotes, attach_source
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
class Records:
    """The records a date needs, asset classes settled.

    `orders` received on the date, or filled on it; `fills` executed on the date, or of an order
    received on it; `routes` of those orders and fills.
    """

    orders: pl.DataFrame
    routes: pl.DataFrame
    fills: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Measured:
    """The date's fills (by execution), orders (by receipt) and those orders' routes, measured."""

    fills: pl.DataFrame
    orders: pl.DataFrame
    routes: pl.DataFrame


def measure_day(day: date, records: Records, market: Market) -> Measured:
    """Return the measured fills executed, and orders received, on a trading date."""
    orders = _with_receipt(records.orders, market)
    executed = _with_quotes(attach_order(records.fills, records.orders, records.routes), market)
    fills = measure_fills(executed)
    received = orders.filter(trading_date(pl.col("received_at")) == day)
    placed = attach_executable(received, market.tapes(day))
    placed = attach_quotes(placed, "executable_at", "when_executable", market.tapes)
    placed = attach_quotes(placed, "ended_at", "at_end", market.tapes)
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
    quoted = attach_quotes(orders, "received_at", "at_receipt", market.tapes)
    quoted = attach_source(quoted, "received_at", market.tapes)
    return attach_session(quoted, "received_at", "at_receipt", market.sessions)


def _with_quotes(fills: pl.DataFrame, market: Market) -> pl.DataFrame:
    """Attach the quotes and sessions of receipt, route, execution and every horizon."""
    fills = _with_receipt(fills, market)
    for instant, when in (("route_at", "at_route"), ("executed_at", "at_execution")):
        fills = attach_quotes(fills, instant, when, market.tapes)
        fills = attach_session(fills, instant, when, market.sessions)
    for horizon in HORIZONS:
        placed = fills.with_columns(horizon_at=horizon_instant(horizon))
        fills = attach_quotes(placed, "horizon_at", horizon.when, market.tapes).drop("horizon_at")
    return fills
