"""What kind of instrument a symbol was, on the day.

Reference data holds from `from` (included) to `to` (excluded; empty is open-ended). Where several
rows hold, the one that began last stands; of those that began together, the one of the file with
the greater digest, and in a file the last.
"""

from __future__ import annotations

import polars as pl

DEFAULT_ASSET_CLASS = "equity"


def attach_asset_class(orders: pl.DataFrame, securities: pl.DataFrame) -> pl.DataFrame:
    """Settle `asset_class` of each order: its own, else its symbol's at receipt, else equity.

    What the order itself stated is kept as `stated_asset_class`.
    """
    wanting = orders.filter(pl.col("asset_class").is_null()).select(
        "order_id", "symbol", "received_at"
    )
    holding = (
        wanting.join(securities, on="symbol", how="inner")
        .filter(
            pl.col("received_at") >= pl.col("from"),
            pl.col("to").is_null() | (pl.col("received_at") < pl.col("to")),
        )
        .sort("from", "file", "line")
        .unique("order_id", keep="last")
        .select("order_id", reference_class="asset_class")
    )
    return (
        orders.join(holding, on="order_id", how="left", maintain_order="left")
        .with_columns(
            stated_asset_class=pl.col("asset_class"),
            asset_class=pl.coalesce("asset_class", "reference_class", pl.lit(DEFAULT_ASSET_CLASS)),
        )
        .drop("reference_class")
    )
