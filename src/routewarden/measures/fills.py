"""Every measure of a fill, and the one function that takes them."""

from __future__ import annotations

import polars as pl

from routewarden.measures.cost import EXPLICIT_COST, NET_EFFECTIVE_SPREAD
from routewarden.measures.horizon import REALIZED_SPREADS, REVERSIONS
from routewarden.measures.improvement import (
    AT_OR_BETTER,
    PRICE_IMPROVEMENT,
    PRICE_IMPROVEMENT_AT_ROUTE,
    SLIPPAGE,
)
from routewarden.measures.measure import Lack, Measure, Reference
from routewarden.measures.reference import MEASURED, order_class, reference_status
from routewarden.measures.speed import DECISION_TIME, FILL_TIME, ROUTE_TIME
from routewarden.measures.spread import (
    EFFECTIVE_SPREAD,
    EFFECTIVE_SPREAD_AT_EXECUTION,
    EFFECTIVE_SPREAD_AT_ROUTE,
    QUOTED_SPREAD,
    QUOTED_SPREAD_AT_ROUTE,
)

FILL_MEASURES: tuple[Measure, ...] = (
    QUOTED_SPREAD,
    EFFECTIVE_SPREAD,
    EFFECTIVE_SPREAD_AT_EXECUTION,
    PRICE_IMPROVEMENT,
    AT_OR_BETTER,
    *REALIZED_SPREADS,
    *REVERSIONS,
    QUOTED_SPREAD_AT_ROUTE,
    EFFECTIVE_SPREAD_AT_ROUTE,
    PRICE_IMPROVEMENT_AT_ROUTE,
    EXPLICIT_COST,
    NET_EFFECTIVE_SPREAD,
    SLIPPAGE,
    FILL_TIME,
    ROUTE_TIME,
    DECISION_TIME,
)

FILL_STATUSES = (
    "order_class",
    "reference_status",
    "route_reference_status",
    "reference_source",
)

_HAS_ORDER = pl.col("has_order")


def measure_fills(fills: pl.DataFrame) -> pl.DataFrame:
    """Add the statuses and one column per measure; rows, and their order, are untouched.

    Fills come with their order's and route's columns, the quotes in force (`bid_at_receipt`, …) and
    the session flags (`in_session_at_receipt`, …). A fill without a held order has no measures.
    """
    judged = fills.with_columns(
        order_class=pl.when(_HAS_ORDER).then(order_class("at_receipt")),
        reference_status=pl.when(_HAS_ORDER).then(reference_status("at_receipt")),
        route_reference_status=pl.when(_HAS_ORDER & pl.col("has_route")).then(
            reference_status("at_route")
        ),
    )
    return judged.with_columns(
        pl.when(_HAS_ORDER & allowed(measure.reference)).then(measure.expr).alias(measure.name)
        for measure in FILL_MEASURES
    )


def allowed(reference: Reference) -> pl.Expr:
    """Return whether the reference's status lets a measure be taken."""
    return _ALLOWED[reference]


_ALLOWED = {
    Reference.RECEIPT: pl.col("reference_status").is_in(MEASURED),
    Reference.ROUTE: pl.col("route_reference_status").is_in(MEASURED),
    Reference.NONE: pl.lit(value=True),
}


def lack(measure: Measure) -> pl.Expr:
    """Return why a fill has no value for a measure; null where it has one."""
    by_route = measure.reference is Reference.ROUTE
    status = pl.col("route_reference_status" if by_route else "reference_status")
    tried = [
        (~_HAS_ORDER, pl.lit(Lack.NO_ORDER.value)),
        (~pl.col("has_route") & pl.lit(by_route), pl.lit(Lack.NO_ROUTE.value)),
        (~allowed(measure.reference), status),
        *((condition, pl.lit(why.value)) for why, condition in measure.lacks),
    ]
    missing = pl.col(measure.name).is_null()
    return pl.coalesce(*(pl.when(missing & condition).then(why) for condition, why in tried))
