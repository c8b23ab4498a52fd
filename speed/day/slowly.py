"""The same day measured slowly and obviously: bisection over Python lists, symbol by symbol."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from speed.day.sums import FILLS, POINTS, summed, told

_PRICES = ("bid", "ask")


def bisected(folder: str) -> Iterator[Any]:
    """Look every instant up by itself."""
    yield None
    files = sorted(Path(folder).glob("quotes-*.parquet"))
    quotes = pl.concat(pl.read_parquet(path, glob=False) for path in files)
    held = quotes.partition_by("code", as_dict=True, maintain_order=True)
    parts = []
    fills = pl.read_parquet(f"{folder}/fills.parquet", columns=list(FILLS), glob=False)
    for code, own in fills.partition_by("code", as_dict=True, maintain_order=True).items():
        times = held[code]["at"].to_list()
        sides = {side: [*held[code][side].to_list(), None] for side in _PRICES}  # -1 is none
        columns = []
        for when, (instant, ns) in POINTS.items():
            rows = [bisect_right(times, at + ns) - 1 for at in own[instant]]
            columns += [
                pl.Series(f"{side}_{when}", [sides[side][row] for row in rows], dtype=pl.Int64)
                for side in _PRICES
            ]
        parts.append(own.with_columns(columns))
    yield told(summed(pl.concat(parts).lazy()).collect())
