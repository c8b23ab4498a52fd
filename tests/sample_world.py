"""A few small simulated worlds that the simulator's tests look at."""

from __future__ import annotations

from datetime import date
from functools import cache

import polars as pl

from routewarden.base.schema import CANONICAL, TABLES, Kind
from routewarden.base.side import SIGN
from routewarden.base.time import NS_PER_SECOND, start_of_date, trading_date
from routewarden.policy.calendar import us_equity_calendar
from routewarden.simulator.faults import EVERY_FAULT, Fault
from routewarden.simulator.stage import Scale
from routewarden.simulator.world import World, simulate
from routewarden.sources.typed import Bounds, conform

CALENDAR = us_equity_calendar()
MONDAY, TUESDAY, WEDNESDAY = date(2026, 7, 6), date(2026, 7, 7), date(2026, 7, 8)
SATURDAY = date(2026, 7, 11)
EARLY_CLOSE = date(2026, 11, 27)
KINDS = CANONICAL
DATED = ("orders", "routes", "fills", "quotes", "venue-quotes", "trades", "halts")
SEEDS = (1, 2026)


SCALE = Scale(orders_per_day=300, quotes_per_day=9_000)
RETOLD = (Fault.DUPLICATE, Fault.CONFLICT, Fault.LATE)
"""Faults by which a fill is told of more than once, or later."""


TOLD_ONCE = EVERY_FAULT.difference(RETOLD)
QUIET = frozenset[Fault]()


@cache
def world(
    seed: int,
    first: date = MONDAY,
    last: date = WEDNESDAY,
    faults: frozenset[Fault] = TOLD_ONCE,
) -> World:
    return simulate(seed, CALENDAR, (first, last), SCALE, faults)


def bounds() -> Bounds:
    dates = pl.DataFrame({"date": [CALENDAR.first, CALENDAR.last]})
    first, last = dates.select(start_of_date(pl.col("date"))).to_series().to_list()
    return Bounds(first, last)


@cache
def typed(seed: int, kind: Kind, faults: frozenset[Fault] = TOLD_ONCE) -> pl.DataFrame:
    text = world(seed, faults=faults).tables[kind].with_row_index("line", offset=2)
    place = text.with_columns(start=pl.lit(0), end=pl.lit(0))
    records, rejects = conform(TABLES[kind], place, bounds())
    assert rejects == ()
    return records.drop("line")


@cache
def told(seed: int, faults: frozenset[Fault] = TOLD_ONCE) -> pl.DataFrame:
    """The fills as first reported, with their orders."""
    orders = typed(seed, Kind.ORDERS, faults).select(
        "order_id", "symbol", "side", "received_at", "ended_at", "asset_class", "order_type"
    )
    fills = typed(seed, Kind.FILLS, faults).filter(pl.col("status") == "ok")
    return fills.join(orders, on="order_id", how="inner", maintain_order="left")


def planted(seed: int, fault: Fault) -> list[str]:
    return [i for answer in world(seed).answers if answer.fault is fault for i in answer.record_ids]


def fill(seed: int, fill_id: str) -> dict[str, object]:
    return typed(seed, Kind.FILLS).row(by_predicate=pl.col("fill_id") == fill_id, named=True)


def integers(column: pl.Series) -> list[int]:
    return [int(value) for value in column.to_list()]


def hours(days: pl.DataFrame, at: str) -> pl.DataFrame:
    """The session of each row's trading date."""
    return days.with_columns(trading_date=trading_date(pl.col(at))).join(
        CALENDAR.sessions(), on="trading_date", how="left"
    )


def outside(seed: int, faults: frozenset[Fault] = TOLD_ONCE) -> pl.DataFrame:
    """The fills at a price worse than the worst quoted within the second before."""
    quotes = typed(seed, Kind.QUOTES, faults).with_columns(date=trading_date(pl.col("at")))
    quotes = quotes.with_columns(
        gone_at=pl.col("at").shift(-1).over("symbol", "date", order_by=["at", "seq"])
    )
    fills = told(seed, faults).with_columns(date=trading_date(pl.col("executed_at")))
    second_before = pl.col("executed_at") - NS_PER_SECOND
    seen = fills.join(quotes, on=["symbol", "date"]).filter(
        pl.col("at") <= pl.col("executed_at"),
        pl.col("gone_at").is_null() | (pl.col("gone_at") > second_before),
    )
    far = pl.when(SIGN == 1).then(pl.col("ask")).otherwise(pl.col("bid"))
    worst = seen.group_by("fill_id").agg((far * SIGN).max().alias("worst"), SIGN.first().alias("d"))
    return fills.join(worst, on="fill_id").filter(pl.col("price") * pl.col("d") > pl.col("worst"))
