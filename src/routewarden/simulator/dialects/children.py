"""A router's daily report of child orders: routes and executions in one file, told by a letter.

Prices are whole ten-thousandths, a charge is negative, executions are numbered anew each date, and
venues go by the router's own names. The shipped profile `example-router` reads it.
"""

from __future__ import annotations

import polars as pl

from routewarden.simulator.dialects.cells import day, in_code, shifted, utc_time

NOT_CARRIED_ROUTES = ("ioi",)
"""Canonical columns of routes the report has no column for; of fills it has all."""

_FORM = "%Y%m%d-%H:%M:%S%.9f"
_OLD_NAME_UNTIL = pl.date(2026, 7, 6)
_VENUES = {
    "XNYS": "NYSE",
    "ARCX": "ARCA",
    "XNAS": "NSDQ",
    "BATS": "BZX",
    "EDGX": "EDGX",
    "IEXG": "IEX",
    "MEMX": "MEMX",
    "EPRL": "PEARL-EQ",
    "XPSX": "PSX",
    "WHSA": "WHOLESALE A",
    "WHSB": "WHOLESALE B",
    "WHSC": "WHOLESALE C",
    "WHSD": "WHOLESALE D",
    "CRYX": "CRYPTO X",
}
_TYPES = {
    "market": "1",
    "limit": "2",
    "stop": "3",
    "stop_limit": "4",
    "pegged": "P",
    "market_on_open": "O",
    "limit_on_open": "Q",
    "market_on_close": "5",
    "limit_on_close": "B",
}
_TIMES_IN_FORCE = {
    "day": "0",
    "gtc": "1",
    "opening": "2",
    "ioc": "3",
    "fok": "4",
    "gtd": "6",
    "closing": "7",
}
_OUTCOMES = {"filled": "F", "partial": "P", "cancelled": "C", "expired": "E", "rejected": "R"}
_LIQUIDITY = {"added": "A", "removed": "R", "routed": "X", "auction": "O", "unknown": "?"}
_STATUS = {"ok": "NEW", "busted": "BUST", "corrected": "CORR"}
_YES = {"true": "1", "false": "0"}
_SCALE = 4  # decimals of a price


def children(routes: pl.DataFrame, fills: pl.DataFrame) -> bytes:
    """Return canonical routes and fills, as text, as the router reports them."""
    rows = pl.concat([_routes(routes), _executions(fills)], how="diagonal")
    return rows.write_csv(separator="|").encode() + f"END|{rows.height}\n".encode()


def exec_no(fill: str, at: str) -> pl.Expr:
    """Return a column of fill ids as numbers of an execution's date, that of column `at`.

    `F20260706-00001-1-1` is `F00001-1-1` among the executions of 2026-07-06; an id of another
    date's order keeps its date, so that no two executions of a date share a number.
    """
    name = pl.col(fill)
    dated = "F" + day(at).dt.strftime("%Y%m%d-")
    return pl.when(name.str.starts_with(dated)).then("F" + name.str.slice(10)).otherwise(name)


def _routes(routes: pl.DataFrame) -> pl.DataFrame:
    return routes.select(
        pl.lit("R").alias("Rec"),
        pl.col("order_id").alias("ParentOrdID"),
        pl.col("route_id").alias("ChildOrdID"),
        _venue("sent_at"),
        utc_time("sent_at", _FORM).alias("SentTime"),
        utc_time("acknowledged_at", _FORM).alias("AckTime"),
        pl.col("quantity").alias("Qty"),
        shifted("limit_price", _SCALE).alias("Px"),
        in_code("order_type", _TYPES).alias("OrdType"),
        in_code("time_in_force", _TIMES_IN_FORCE).alias("TIF"),
        pl.col("instructions").alias("ExecInst"),
        utc_time("ended_at", _FORM).alias("EndTime"),
        in_code("outcome", _OUTCOMES).alias("State"),
        pl.col("reject_reason").alias("Text"),
        in_code("further_routable", _YES).alias("Reroutable"),
    )


def _executions(fills: pl.DataFrame) -> pl.DataFrame:
    return fills.select(
        pl.lit("X").alias("Rec"),
        pl.col("order_id").alias("ParentOrdID"),
        pl.col("route_id").alias("ChildOrdID"),
        _venue("executed_at"),
        pl.col("quantity").alias("Qty"),
        shifted("price", _SCALE).alias("Px"),
        exec_no("fill_id", "executed_at").alias("ExecNo"),
        utc_time("executed_at", _FORM).alias("ExecTime"),
        in_code("liquidity", _LIQUIDITY).alias("Liq"),
        (pl.col("fee").cast(pl.Decimal(38, 12)) * -1).cast(pl.String).alias("NetCredit"),
        in_code("status", _STATUS).alias("ExecType"),
        exec_no("refers_to", "executed_at").alias("RefExecNo"),
    )


def _venue(at: str) -> pl.Expr:
    """Return venues by the names of the date: one was renamed."""
    named = in_code("venue", _VENUES)
    renamed = (named == "PEARL-EQ") & (day(at) <= _OLD_NAME_UNTIL)
    return pl.when(renamed).then(pl.lit("PEARL")).otherwise(named).alias("Mkt")
