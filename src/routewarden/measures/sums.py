"""What an order's fills add up to: exact sums, and nulls where a part is missing.

A sum over parts of which one is unknown is unknown. Over no fills at all it is zero.
"""

from __future__ import annotations

import polars as pl

from routewarden.base.exact import FEE_SCALE, MONEY_SCALE, integer, wide
from routewarden.base.side import SIGN
from routewarden.measures.horizon import HORIZONS
from routewarden.measures.reference import MEASURED, far, mid
from routewarden.measures.spread import PRICE

_Q = wide(pl.col("quantity"))
_FEE_TO_MONEY = 10 ** (MONEY_SCALE - FEE_SCALE)


def whole_sum(part: pl.Expr) -> pl.Expr:
    """Return the sum, or null if any part is null."""
    return pl.when(part.is_null().any()).then(None).otherwise(part.sum())


def sum_by_order(fills: pl.DataFrame) -> pl.DataFrame:
    """Return one row per order that has fills: `owner` and its sums.

    Quantities are in 10**-8 shares, products in 10**-17.
    """
    route_mid = pl.when(pl.col("route_reference_status").is_in(MEASURED)).then(mid("at_route"))
    after = {f"mid_{horizon.when}": whole_sum(_Q * mid(horizon.when)) for horizon in HORIZONS}
    better_by = SIGN * (far("at_receipt") - PRICE)
    return fills.group_by("owner").agg(
        filled_quantity=_Q.sum(),
        notional=(_Q * PRICE).sum(),
        mid_at_route=whole_sum(_Q * route_mid),
        fees=whole_sum(wide(pl.col("fee"))),
        fee_money=whole_sum(wide(pl.col("fee"))) * integer(_FEE_TO_MONEY),
        at_or_better_quantity=pl.when(better_by >= 0).then(_Q).sum(),
        improvement=whole_sum(_Q * better_by),
        first_fill_at=pl.col("executed_at").min(),
        last_fill_at=pl.col("executed_at").max(),
        **after,
    )


def sum_when_executable(fills: pl.DataFrame) -> pl.DataFrame:
    """Return the same for the fills from executability on: `owner`, and sums named `ex_…`.

    Fills come with their order's `executable_at`.
    """
    later = fills.filter(pl.col("executed_at") >= pl.col("executable_at"))
    waited = wide(pl.col("executed_at") - pl.col("executable_at"))
    after = {f"ex_mid_{horizon.when}": whole_sum(_Q * mid(horizon.when)) for horizon in HORIZONS}
    return later.group_by("owner").agg(
        ex_quantity=_Q.sum(),
        ex_notional=(_Q * PRICE).sum(),
        ex_waited=(_Q * waited).sum(),
        **after,
    )


def count_routes(routes: pl.DataFrame) -> pl.DataFrame:
    """Return `order_id` and its counts of `routes`, `rejects`, `cancels` and `venues`."""
    return routes.group_by("order_id").agg(
        routes=pl.len().cast(pl.Int64),
        rejects=(pl.col("outcome") == "rejected").sum().cast(pl.Int64),
        cancels=(pl.col("outcome") == "cancelled").sum().cast(pl.Int64),
        venues=pl.col("venue").n_unique().cast(pl.Int64),
    )
