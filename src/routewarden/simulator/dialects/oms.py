"""An order management system's export of orders: semicolons, decimal commas, New York time, lots.

The shipped profile `example-oms` reads it.
"""

from __future__ import annotations

import polars as pl

from routewarden.simulator.dialects.cells import in_code, local_time, shifted

NOT_CARRIED = ("session",)
"""Canonical columns of orders the export has no column for."""

_FORM = "%m/%d/%Y %H:%M:%S%.9f"
_SIDES = {"buy": "B", "sell": "S", "sell_short": "SS", "sell_short_exempt": "SSE"}
_TYPES = {
    "market": "MKT",
    "limit": "LMT",
    "stop": "STP",
    "stop_limit": "STL",
    "pegged": "PEG",
    "market_on_open": "MOO",
    "limit_on_open": "LOO",
    "market_on_close": "MOC",
    "limit_on_close": "LOC",
}
_TIMES_IN_FORCE = {
    "day": "DAY",
    "ioc": "IOC",
    "fok": "FOK",
    "gtc": "GTC",
    "gtd": "GTD",
    "opening": "OPG",
    "closing": "CLS",
}
_ACCOUNTS = {"retail": "R", "institutional": "I", "proprietary": "P", "market_maker": "M"}
_ENDS = {
    "filled": "Fully Filled",
    "cancelled": "Cancelled",
    "expired": "Done for Day",
    "rejected": "Rejected",
    "replaced": "Replaced",
}


def oms(orders: pl.DataFrame) -> bytes:
    """Return canonical orders, as text, as the system exports them."""
    return _rows(orders).write_csv(separator=";").encode("cp1252")


def _rows(orders: pl.DataFrame) -> pl.DataFrame:
    return orders.select(
        pl.col("order_id").alias("Order No"),
        local_time("received_at", _FORM).alias("Recvd (NY)"),
        pl.col("symbol").alias("Ticker"),
        in_code("side", _SIDES).alias("B/S"),
        _comma(shifted("quantity", -2)).alias("Lots"),
        in_code("order_type", _TYPES).alias("Ord Type"),
        _comma(pl.col("limit_price")).alias("Limit Px"),
        _comma(pl.col("stop_price")).alias("Stop Px"),
        in_code("time_in_force", _TIMES_IN_FORCE).alias("TIF"),
        in_code("held", {"true": "H", "false": "NH"}).alias("Held/Not Held"),
        in_code("directed", {"true": "Y", "false": "N"}).alias("Directed"),
        in_code("account_type", _ACCOUNTS).alias("Acct Type"),
        in_code("capacity", {"agency": "A", "principal": "P", "riskless": "R"}).alias("Capacity"),
        in_code("asset_class", {"equity": "EQ", "option": "OP", "crypto": "CR"}).alias("Asset"),
        in_code("router", {"direct": "DMA", "acme-sor": "ACME"}).alias("Dest"),
        local_time("ended_at", _FORM).alias("Closed (NY)"),
        in_code("end_reason", _ENDS).alias("Status"),
        pl.col("parent_order_id").alias("Parent"),
        pl.col("root_order_id").alias("Root"),
        pl.col("strategy").alias("Algo"),
        pl.col("desk").alias("Desk §"),
        pl.col("account_id").alias("Account"),
        pl.col("customer_id").alias("Client"),
    )


def _comma(number: pl.Expr) -> pl.Expr:
    return number.str.replace(".", ",", literal=True)
