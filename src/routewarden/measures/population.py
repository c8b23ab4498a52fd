"""Which orders an average is over.

Each order belongs to just one population. The default one is customer orders that were held, not
directed by the customer, and received in the regular session; every other is reported beside it,
never mixed in.
"""

from __future__ import annotations

from enum import StrEnum

import polars as pl

from routewarden.base.exact import QUANTITY_SCALE


class Population(StrEnum):
    """The populations, in the order an order is tried against them."""

    NO_ORDER = "no_order"  # a fill whose order is not held
    UNKNOWN = "unknown"  # account type, held or directed is not stated
    NOT_CUSTOMER = "not_customer"
    NOT_HELD = "not_held"
    DIRECTED = "directed"
    OUTSIDE_SESSION = "outside_session"
    CUSTOMER = "customer"  # the default: customer, held, not directed, in the session


_UNSTATED = pl.any_horizontal(pl.col("account_type", "held", "directed").is_null())

POPULATION = (
    pl.when(~pl.col("has_order"))
    .then(pl.lit(Population.NO_ORDER.value))
    .when(_UNSTATED)
    .then(pl.lit(Population.UNKNOWN.value))
    .when(~pl.col("account_type").is_in(["retail", "institutional"]))
    .then(pl.lit(Population.NOT_CUSTOMER.value))
    .when(~pl.col("held"))
    .then(pl.lit(Population.NOT_HELD.value))
    .when(pl.col("directed"))
    .then(pl.lit(Population.DIRECTED.value))
    .when(~pl.col("in_session_at_receipt"))
    .then(pl.lit(Population.OUTSIDE_SESSION.value))
    .otherwise(pl.lit(Population.CUSTOMER.value))
)
"""The population of an order, or of a fill by its order."""


_SIZES = ((1, "under 1"), (100, "1-99"), (500, "100-499"), (2000, "500-1999"), (5000, "2000-4999"))


def order_size(quantity: str) -> pl.Expr:
    """Return the size bucket of an order's quantity column, in shares."""
    below = [
        pl.when(pl.col(quantity) < edge * 10**QUANTITY_SCALE).then(pl.lit(label))
        for edge, label in _SIZES
    ]
    largest = pl.when(pl.col(quantity).is_not_null()).then(pl.lit("5000+"))
    return pl.coalesce(*below, largest)
