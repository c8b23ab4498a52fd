"""A firm's dates, seeded, held in a home, and measured: what `run` is timed on."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from routewarden.base.schema import Kind
from routewarden.base.time import datetime_utc, start_of_date
from routewarden.runs.pipeline import run
from routewarden.store.home import make_home, opened
from routewarden.store.segments import Arrival, ingest

FIRST = date(2026, 7, 6)
SYMBOLS = 500

_OPEN_NS = 34_200_000_000_000  # from midnight in New York: 09:30
_SESSION_NS = 23_400_000_000_000
_MS = 1_000_000


def dates(count: int) -> list[date]:
    """Return so many weekdays."""
    days = (FIRST + timedelta(days=n) for n in range(2 * count))
    return [day for day in days if day.weekday() < 5][:count]


def home_of(days: int, orders: int, quotes: int, folder: Path) -> Path:
    """Return a home that holds so many dates of so many orders and quotes; made if need be."""
    root = folder / f"firm-{days}-{orders}-{quotes}"
    if (root / "complete").exists():
        return root
    shutil.rmtree(root, ignore_errors=True)
    make_home(root)
    with opened(root) as home:
        for day in dates(days):
            for kind, frame in _tables(day, orders, quotes).items():
                path = folder / f"{kind}.parquet"
                frame.write_parquet(path)
                ingest(home, Arrival(kind, path), _silent, _silent)
    (root / "complete").touch()
    return root


def measured(root: str) -> Iterator[int | None]:
    """Measure every date of a home that holds no results; the answer is how many there were."""
    for name in ("measured", "links"):
        shutil.rmtree(Path(root) / name, ignore_errors=True)
    with opened(Path(root)) as home:
        yield None
        yield len(run(home, None, None, lambda *_: None).measured)


def _tables(day: date, orders: int, quotes: int) -> dict[Kind, pl.DataFrame]:
    """Return a date's tables: each order is routed once and filled once."""
    lots: Any = np.random.default_rng(day.toordinal())
    midnight = pl.select(start_of_date(pl.lit(day))).item()
    cents = lots.integers(1_000, 50_000, SYMBOLS)
    number, order = lots.integers(0, SYMBOLS, orders), np.arange(orders)
    received = midnight + _OPEN_NS + np.sort(lots.integers(0, _SESSION_NS // 2, orders))
    ids = {name: pl.Series([f"{name}{day}-{n}" for n in order]) for name in "ORF"}
    shares, limited = lots.integers(1, 20, orders) * 100, lots.random(orders) < 0.4
    venue = pl.Series(np.array(["XNAS", "XNYS", "ARCX", "EDGX", "MEMX"])[order % 5])
    quoted = lots.integers(0, SYMBOLS, quotes)
    bid = cents[quoted] + lots.integers(-3, 4, quotes)
    return {
        Kind.ORDERS: pl.DataFrame(
            {
                "order_id": ids["O"], "received_at": _instants(received),
                "symbol": _symbols(number),
                "side": np.where(lots.random(orders) < 0.5, "buy", "sell"),
                "quantity": _text(shares), "order_type": np.where(limited, "limit", "market"),
                "limit_price": pl.select(pl.when(limited).then(_prices(cents[number]))).to_series(),
                "held": [True] * orders, "directed": [False] * orders,
                "account_type": ["retail"] * orders, "router": ["SOR"] * orders,
            }
        ),
        Kind.ROUTES: pl.DataFrame(
            {
                "route_id": ids["R"], "order_id": ids["O"], "venue": venue,
                "sent_at": _instants(received + 2 * _MS), "quantity": _text(shares),
            }
        ),
        Kind.FILLS: pl.DataFrame(
            {
                "fill_id": ids["F"], "route_id": ids["R"], "order_id": ids["O"], "venue": venue,
                "executed_at": _instants(received + lots.integers(3, 400, orders) * _MS),
                "price": _prices(cents[number] + lots.integers(-2, 3, orders)),
                "quantity": _text(shares), "fee": _prices(lots.integers(0, 30, orders)),
            }
        ),
        Kind.QUOTES: pl.DataFrame(
            {
                "symbol": _symbols(quoted),
                "at": _instants(
                    midnight + _OPEN_NS + np.sort(lots.integers(0, _SESSION_NS, quotes))
                ),
                "bid": _prices(bid), "ask": _prices(bid + lots.integers(1, 4, quotes)),
                "bid_size": _text(lots.integers(1, 20, quotes) * 100),
                "ask_size": _text(lots.integers(1, 20, quotes) * 100),
            }
        ),
    }  # fmt: skip


def _symbols(numbers: Any) -> pl.Series:  # noqa: ANN401 - an array of any integers
    return pl.Series([f"S{n:03}" for n in range(SYMBOLS)]).gather(numbers)


def _instants(ns: Any) -> pl.Series:  # noqa: ANN401 - an array of any integers
    return pl.select(datetime_utc(pl.lit(pl.Series(ns)))).to_series()


def _text(numbers: Any) -> pl.Series:  # noqa: ANN401 - an array of any integers
    return pl.Series(numbers).cast(pl.String)


def _prices(cents: Any) -> pl.Series:  # noqa: ANN401 - an array of any integers
    frame = pl.DataFrame({"cents": cents})
    whole, part = (pl.col("cents") // 100).cast(pl.String), (pl.col("cents") % 100).cast(pl.String)
    return frame.select(pl.format("{}.{}", whole, part.str.zfill(2))).to_series()


def _silent(_more: int) -> None:
    """Progress shown to nobody."""
