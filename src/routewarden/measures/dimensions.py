"""What a scorecard can be broken down by: one name, found on fills, orders and routes alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from routewarden.base.errors import RoutewardenError
from routewarden.base.time import trading_date
from routewarden.measures.population import POPULATION, order_size

_OF_ORDER = (
    *("order_class", "symbol", "side", "order_type", "time_in_force", "account_type", "capacity"),
    *("asset_class", "router", "session", "strategy", "desk", "account_id", "customer_id"),
    *("end_reason", "reference_status", "reference_source"),
)
_FLAGS = ("held", "directed")

_SHARED: Mapping[str, pl.Expr] = {
    "population": POPULATION,
    **{name: pl.col(name) for name in _OF_ORDER},
    **{name: pl.col(name).cast(pl.String) for name in _FLAGS},
}
_DATE, _SIZE, _VENUE, _LIQUIDITY = "trading_date", "order_size", "venue", "liquidity"

ON_FILLS: Mapping[str, pl.Expr] = {
    **_SHARED,
    _DATE: trading_date(pl.col("executed_at")).cast(pl.String),
    _SIZE: order_size("order_quantity"),
    _VENUE: pl.coalesce("venue", "route_venue"),
    _LIQUIDITY: pl.col("liquidity"),
}
ON_ORDERS: Mapping[str, pl.Expr] = {
    **_SHARED,
    _DATE: trading_date(pl.col("received_at")).cast(pl.String),
    _SIZE: order_size("quantity"),
}
ON_ROUTES: Mapping[str, pl.Expr] = {
    **_SHARED,
    _DATE: trading_date(pl.col("received_at")).cast(pl.String),
    _SIZE: order_size("order_quantity"),
    _VENUE: pl.col("venue"),
}

ALWAYS = ("asset_class", "population", "order_class")
"""What every scorecard is broken down by: a share, a contract and a coin are never averaged, nor
populations and classes mixed."""


class UnknownDimensionError(RoutewardenError):
    """There is no such dimension."""

    def __init__(self, name: str) -> None:
        super().__init__(f"'{name}' is no dimension. Choose from: {', '.join(sorted(ON_FILLS))}.")


def check_dimensions(names: Sequence[str]) -> None:
    """Refuse names that are no dimensions.

    Raises:
        UnknownDimensionError: One is not.
    """
    for name in names:
        if name not in ON_FILLS:
            raise UnknownDimensionError(name)


def with_dimensions(
    rows: pl.DataFrame, dimensions: Mapping[str, pl.Expr], names: Sequence[str]
) -> pl.DataFrame:
    """Give rows the dimensions named, under their names prefixed `by `, which no column has."""
    return rows.with_columns(dimensions[name].alias(f"by {name}") for name in names)


def chosen(
    rows: pl.DataFrame, dimensions: Mapping[str, pl.Expr], where: Mapping[str, Sequence[str]]
) -> pl.DataFrame:
    """Return the rows whose dimensions have one of the values asked for.

    A dimension these rows do not have leaves none: an order has no venue.
    """
    for name, values in where.items():
        if name not in dimensions:
            return rows.clear()
        rows = rows.filter(dimensions[name].is_in(list(values)).fill_null(value=False))
    return rows
