"""The same day measured by what others would use, each as well as it can be said there.

A packed key is `symbol << 47 | nanoseconds`: with it one sorted column stands for symbol and time,
and a quote found under another symbol's key is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl

from speed.day.data import OPEN
from speed.day.sums import FILLS, POINTS, summed, told

_BITS = 47
_SINCE = OPEN - 6 * 3600 * 10**9
_IN_TURN = ("received_at", "route_at", "executed_at")
"""The order in which fills are sorted: that of execution, which they come in, is had last."""


def _key(instant: pl.Expr) -> pl.Expr:
    symbol = pl.col("code").cast(pl.Int64)
    packed: pl.Expr = symbol * 2**_BITS + (instant - _SINCE)
    return packed


def _quotes(folder: str) -> list[str]:
    return [str(path) for path in sorted(Path(folder).glob("quotes-*.parquet"))]


def packed(folder: str) -> Iterator[Any]:
    """Polars: eleven as-of joins by packed key, streaming."""
    yield None
    quotes = pl.scan_parquet(_quotes(folder), glob=False).select(
        _key(pl.col("at")).set_sorted().alias("key"), "bid", "ask"
    )
    fills = pl.scan_parquet(f"{folder}/fills.parquet", glob=False).select(FILLS)
    for instant in _IN_TURN:
        fills = fills.with_columns(asked=_key(pl.col(instant))).sort("asked")
        for when, ns in _after(instant):
            left = fills.with_columns(left=(pl.col("asked") + ns).set_sorted())
            fills = left.join_asof(
                quotes.rename({"bid": f"bid_{when}", "ask": f"ask_{when}", "key": "right"}),
                left_on="left", right_on="right", coalesce=False,
            ).with_columns(
                pl.when(pl.col("right") // 2**_BITS == pl.col("code")).then(name).alias(name)
                for name in (f"bid_{when}", f"ask_{when}")
            ).drop("left", "right")  # fmt: skip
    yield told(summed(fills).collect(engine="streaming"))


def by_symbol(folder: str) -> Iterator[Any]:
    """Polars: eleven as-of joins by symbol."""
    yield None
    quotes = pl.scan_parquet(_quotes(folder), glob=False).select("code", "at", "bid", "ask")
    fills = pl.scan_parquet(f"{folder}/fills.parquet", glob=False).select(FILLS)
    for instant in _IN_TURN:
        fills = fills.sort("code", instant)
        for when, ns in _after(instant):
            fills = fills.with_columns(left=pl.col(instant) + ns).join_asof(
                quotes.rename({"bid": f"bid_{when}", "ask": f"ask_{when}"}),
                left_on="left", right_on="at", by="code", check_sortedness=False,
            ).drop("left", "at", strict=False)  # fmt: skip
    yield told(summed(fills).collect())


def pandas(folder: str) -> Iterator[Any]:
    """Let pandas do eleven as-of merges by packed key."""
    yield None
    columns = {"key": _key(pl.col("at")), "bid": pl.col("bid"), "ask": pl.col("ask")}
    held = pl.scan_parquet(_quotes(folder), glob=False).select(**columns).collect()
    quotes = pd.DataFrame({name: held[name].to_numpy() for name in ("key", "bid")})
    quotes["ask"] = held["ask"].fill_null(-1).to_numpy()  # or pandas would make floats of them
    del held
    fills = pl.read_parquet(f"{folder}/fills.parquet", columns=list(FILLS), glob=False)
    for when, (instant, ns) in POINTS.items():
        keys = fills.select(_key(pl.col(instant) + ns).alias("asked"), "code").with_row_index("row")
        left = pd.DataFrame({name: keys[name].to_numpy() for name in keys.columns})
        left = left.sort_values("asked", kind="stable")
        found = pd.merge_asof(left, quotes, left_on="asked", right_on="key").sort_values("row")
        own = (found["key"] // 2**_BITS == found["code"]).to_numpy()
        sides = pl.DataFrame({side: found[side].to_numpy() for side in ("bid", "ask")})
        fills = fills.with_columns(
            sides.select(
                pl.when(pl.Series(own) & (pl.col(side) >= 0))
                .then(pl.col(side).cast(pl.Int64, strict=False))
                .alias(f"{side}_{when}")
                for side in ("bid", "ask")
            )
        )
    yield told(summed(fills.lazy()).collect())


def in_duckdb(folder: str) -> Iterator[Any]:
    """DuckDB: one as-of join of every fill at every point; no two quotes here share a time."""
    yield None
    points = ", ".join(
        f"{{'point': {number}, 't': {instant} + {ns}}}"
        for number, (instant, ns) in enumerate(POINTS.values())
    )
    prices = ", ".join(
        f"max({side}) FILTER (point = {number}) AS {side}_{when}"
        for number, when in enumerate(POINTS)
        for side in ("bid", "ask")
    )
    found = duckdb.execute(
        f"""WITH fills AS (
          SELECT * FROM read_parquet('{folder}/fills.parquet', file_row_number := true)
        ), points AS (
          SELECT file_row_number AS fill, code, unnest([{points}], recursive := true) FROM fills
        ), found AS (
          SELECT fill, point, bid, ask FROM points ASOF JOIN
          (SELECT code, "at", bid, ask FROM read_parquet({_quotes(folder)})) AS quotes
          ON points.code = quotes.code AND points.t >= quotes."at"
        ) SELECT fill, {prices} FROM found GROUP BY fill"""
    ).fetchnumpy()
    quotes = pl.DataFrame(pl.Series(name, column.data) for name, column in found.items())
    absent = {
        name: pl.Series(column.mask)
        for name, column in found.items()
        if isinstance(column, np.ma.MaskedArray) and column.mask is not np.ma.nomask
    }
    quotes = quotes.with_columns(
        pl.when(~mask).then(name).alias(name) for name, mask in absent.items()
    )
    fills = pl.read_parquet(f"{folder}/fills.parquet", columns=list(FILLS), glob=False)
    numbered = fills.with_columns(fill=pl.int_range(pl.len(), dtype=pl.Int64))
    yield told(summed(numbered.lazy().join(quotes.lazy(), on="fill", how="left")).collect())


def _after(instant: str) -> Iterator[tuple[str, int]]:
    return ((when, ns) for when, (column, ns) in POINTS.items() if column == instant)
