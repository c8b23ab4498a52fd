"""What lasts, over a small quarter: a wholesaler that gets more, a class that fills less."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache

import polars as pl
import pytest

from routewarden.base.schema import TABLES, Kind
from routewarden.base.time import NS_PER_SECOND, trading_date
from routewarden.simulator.faults import EVERY_FAULT, Fault, Planted
from routewarden.simulator.stage import Scale
from routewarden.simulator.venues import EXPECTED_VENUES
from routewarden.simulator.world import play
from routewarden.sources.table import read_table
from tests.sample_world import CALENDAR, QUIET, bounds

SEED = 20251001
QUARTER = date(2025, 10, 1), date(2025, 12, 31)
SMALL = Scale(orders_per_day=250, quotes_per_day=1_500)
KEPT = (Kind.ORDERS, Kind.ROUTES, Kind.FILLS)
LASTING = frozenset({Fault.DRIFT, Fault.FILL_RATE, Fault.LATENCY, Fault.UNEXPECTED_VENUE})


@cache
def quarter(faults: frozenset[Fault]) -> tuple[Mapping[Kind, pl.DataFrame], tuple[Planted, ...]]:
    """The firm's own records, and the limit prices that were at the quote; and the key."""
    tables: dict[Kind, list[pl.DataFrame]] = {kind: [] for kind in KEPT}
    answers: list[Planted] = []
    for chapter in play(SEED, CALENDAR, QUARTER, SMALL, faults):
        answers += chapter.answers
        files = {file.kind: file.content for file in chapter.files}
        if Kind.ORDERS not in files:
            continue
        read = {
            kind: pl.concat(
                batch.records for batch in read_table(TABLES[kind], files[kind], bounds())
            )
            for kind in (*KEPT, Kind.QUOTES)
        }
        read[Kind.ORDERS] = at_quote(read[Kind.ORDERS], read[Kind.QUOTES])
        for kind in KEPT:
            tables[kind].append(read[kind])
    return {kind: pl.concat(parts) for kind, parts in tables.items()}, tuple(answers)


def at_quote(orders: pl.DataFrame, quotes: pl.DataFrame) -> pl.DataFrame:
    seen = quotes.sort("at", "seq").select("symbol", "at", "bid", "ask")
    known = orders.sort("received_at").join_asof(
        seen, left_on="received_at", right_on="at", by="symbol", check_sortedness=False
    )
    near = pl.when(pl.col("side") == "buy").then("bid").otherwise("ask")
    is_at = (pl.col("order_type") == "limit") & (pl.col("limit_price") == near)
    return known.with_columns(is_at=is_at & (pl.col("bid") < pl.col("ask")))


def answer(fault: Fault) -> Planted:
    _, answers = quarter(LASTING)
    (found,) = (each for each in answers if each.fault is fault)
    return found


def filled(faults: frozenset[Fault]) -> pl.DataFrame:
    """The equity orders at the quote, of the day, with their date and whether they were filled."""
    tables, _ = quarter(faults)
    ids = tables[Kind.FILLS]["order_id"].implode()
    return (
        tables[Kind.ORDERS]
        .filter(
            pl.col("asset_class") == "equity", pl.col("time_in_force") == "day", pl.col("is_at")
        )
        .select(
            day=trading_date(pl.col("received_at")),
            done=pl.col("order_id").is_in(ids).cast(pl.Float64),
        )
    )


def rates(orders: pl.DataFrame, days: tuple[date, ...]) -> tuple[float, float]:
    """How many of the orders are filled before some days, and on them."""
    late = pl.col("day").is_in(days)
    found = orders.group_by(late.alias("late")).agg(pl.col("done").mean())
    by = dict(found.rows())
    return by[False], by[True]


def test_orders_at_the_quote_fill_less_in_the_last_third() -> None:
    days = answer(Fault.FILL_RATE).dates
    before, after = rates(filled(LASTING), days)
    quiet_before, quiet_after = rates(filled(QUIET), days)

    assert answer(Fault.FILL_RATE).order_class == "at_quote"
    assert days == tuple(CALENDAR.trading_dates(*QUARTER))[42:]
    assert before - after > 0.15
    assert abs(quiet_before - quiet_after) < 0.06


def shares(faults: frozenset[Fault], venue: str) -> list[float]:
    """By month, how much of what goes to wholesalers goes to one."""
    tables, _ = quarter(faults)
    month = trading_date(pl.col("sent_at")).dt.month().alias("month")
    routes = tables[Kind.ROUTES].filter(pl.col("venue").str.starts_with("WHS"))
    by = routes.group_by(month).agg((pl.col("venue") == venue).mean().alias("share"))
    return by.sort("month")["share"].to_list()


def test_one_wholesaler_gets_more_each_month() -> None:
    drift = answer(Fault.DRIFT)
    stated = [float(share) for share in drift.size.split()]
    quiet = shares(QUIET, drift.venue)

    assert shares(LASTING, drift.venue) == pytest.approx(stated, abs=0.03)
    assert stated == sorted(stated)
    assert max(quiet) - min(quiet) < 0.05
    assert drift.dates == tuple(CALENDAR.trading_dates(*QUARTER))


def test_an_exchange_slows_down_in_the_middle_half() -> None:
    slow, dates = answer(Fault.LATENCY), CALENDAR.trading_dates(*QUARTER)

    assert slow.dates == tuple(dates[dates.index(slow.dates[0]) :])
    assert 16 <= dates.index(slow.dates[0]) < 48
    assert slow.size == "x2"


def test_a_venue_on_no_list_is_a_planted_one() -> None:
    tables, answers = quarter(LASTING)
    routes = tables[Kind.ROUTES]
    strange = routes.filter(~pl.col("venue").is_in(list(EXPECTED_VENUES)))["route_id"].to_list()
    named = [each.record_ids[0] for each in answers if each.fault is Fault.UNEXPECTED_VENUE]

    assert sorted(strange) == sorted(named)
    assert len(named) == 6
    assert len({each.dates for each in answers if each.fault is Fault.UNEXPECTED_VENUE}) <= 3
    assert set(quarter(QUIET)[0][Kind.ROUTES]["venue"]) <= EXPECTED_VENUES


def test_clocks_change_and_days_are_halved_within_the_quarter() -> None:
    """New York's 16:00 is 20:00 UTC until 2025-11-01, 21:00 after; 13:00 on 11-28 and 12-24."""
    orders = quarter(QUIET)[0][Kind.ORDERS].filter(
        pl.col("end_reason") == "expired", pl.col("asset_class") == "equity"
    )
    seconds = (pl.col("ended_at") // NS_PER_SECOND % 86_400).alias("second")
    ends = dict(orders.select(trading_date(pl.col("ended_at")), seconds).unique().rows())

    assert len(ends) == 64
    assert {ends[day] // 3_600 for day in ends if day < date(2025, 11, 1)} == {20}
    assert {day for day, second in ends.items() if second == 18 * 3_600} == {
        date(2025, 11, 28),
        date(2025, 12, 24),
    }


def test_a_month_is_too_short_to_drift() -> None:
    short = date(2025, 10, 1), date(2025, 10, 2)
    chapters = play(1, CALENDAR, short, Scale(20, 200), EVERY_FAULT)

    assert Fault.DRIFT not in {each.fault for chapter in chapters for each in chapter.answers}
