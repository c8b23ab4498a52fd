"""What the market paid on average while an order worked.

Sums over the consolidated trades from receipt to the last fill, both included. A trade counts where
its `conditions` are empty or in the firm's table of regular ones. The order's own prints are not
taken out: the tape does not say whose they are.
"""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from routewarden.base.exact import integer, wide
from routewarden.market.index import index_symbols


def traded_between(
    orders: pl.DataFrame, trades: pl.DataFrame, regular: Collection[str]
) -> pl.DataFrame:
    """Return `order_id`, `market_quantity` (10**-8) and `market_notional` (10**-17).

    Orders come with `symbol`, `received_at` and `last_fill_at`; those without trades are left out.
    """
    conditions = pl.col("conditions")
    counted = trades.filter(conditions.is_null() | conditions.is_in(sorted(regular)))
    rows = counted.sort("symbol", "at").with_columns(
        quantity_before=wide(pl.col("size")).cum_sum() - wide(pl.col("size")),
        notional_before=(wide(pl.col("size")) * pl.col("price") * 10).cum_sum()
        - wide(pl.col("size")) * pl.col("price") * 10,
    )
    totals = rows.select(
        pl.col("size").sum().alias("quantity_before"),
        (wide(pl.col("size")) * pl.col("price") * 10).sum().alias("notional_before"),
    )
    sums = pl.concat([rows.select("quantity_before", "notional_before"), totals])
    filled = orders.filter(pl.col("last_fill_at").is_not_null())
    index = index_symbols(rows)
    first = pl.Series(index.from_(filled["symbol"], filled["received_at"].to_numpy()))
    last = pl.Series(index.after(filled["symbol"], filled["last_fill_at"].to_numpy()))
    between = {
        name: sums[f"{name}_before"].gather(last) - sums[f"{name}_before"].gather(first)
        for name in ("quantity", "notional")
    }
    return (
        filled.select("order_id")
        .with_columns(market_quantity=between["quantity"], market_notional=between["notional"])
        .filter(pl.col("market_quantity") > integer(0))
    )
