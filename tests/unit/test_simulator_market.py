"""What exchanges show, against the best of it; and what it shows of orders under way."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import polars as pl
import pytest

from routewarden.base.schema import Kind
from routewarden.native.numbers import parse_instant
from routewarden.simulator.faults import Fault
from routewarden.simulator.stage import Scale
from routewarden.simulator.units import MINUTE, MS, SECOND
from routewarden.simulator.venues import EXCHANGES
from routewarden.simulator.world import simulate
from tests.sample_world import (
    CALENDAR,
    MONDAY,
    QUIET,
    SEEDS,
    TOLD_ONCE,
    TUESDAY,
    hours,
    integers,
    planted,
    typed,
    world,
)


def best(rows: pl.DataFrame) -> dict[tuple[str, int], tuple[int | None, int | None]]:
    """Per symbol and instant the best bid and offer of the venues, row by row."""
    shown: dict[tuple[str, str], tuple[int | None, int | None]] = {}
    found = {}
    for symbol, venue, at, bid, ask in rows.select("symbol", "venue", "at", "bid", "ask").rows():
        shown[symbol, venue] = (bid, ask)
        mine = [shown.get((symbol, each.mic), (None, None)) for each in EXCHANGES]
        bids, asks = [b for b, _ in mine if b], [a for _, a in mine if a]
        found[symbol, at] = (max(bids, default=None), min(asks, default=None))
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_the_best_an_exchange_shows_is_the_market_at_every_instant(seed: int) -> None:
    quotes = typed(seed, Kind.QUOTES)
    shown = typed(seed, Kind.VENUE_QUOTES)
    market = {
        (symbol, at): (bid, ask)
        for symbol, at, bid, ask in quotes.select("symbol", "at", "bid", "ask").rows()
        if symbol != "BTC-USD"
    }
    found = best(shown)
    leaks = found.keys() - market.keys()

    assert market.keys() <= found.keys()
    assert all(found[key] == prices for key, prices in market.items())
    assert len(leaks) > 5
    in_force = quotes.select("symbol", "at", nbb="bid", nbo="ask").sort("at", maintain_order=True)
    rows = [(symbol, at, *found[symbol, at]) for symbol, at in leaks]
    between = pl.DataFrame(rows, schema=["symbol", "at", "bid", "ask"], orient="row").sort("at")
    both = between.join_asof(in_force, on="at", by="symbol", check_sortedness=False)
    same = pl.col("bid").eq_missing(pl.col("nbb")) & pl.col("ask").eq_missing(pl.col("nbo"))
    assert both.select(same.all()).item()


@pytest.mark.parametrize("seed", SEEDS)
def test_no_exchange_locks_itself_and_sizes_are_whole_lots(seed: int) -> None:
    shown = typed(seed, Kind.VENUE_QUOTES)
    lots = typed(seed, Kind.SECURITIES).select("symbol", "round_lot")
    sizes = shown.join(lots, on="symbol")

    assert not (shown["bid"] >= shown["ask"]).any()
    assert set(shown["venue"]) == {venue.mic for venue in EXCHANGES}
    for size in ("bid_size", "ask_size"):
        assert sizes.select((pl.col(size) % pl.col("round_lot") == 0).all()).item()


@cache
def sweeps(seed: int, faults: frozenset[Fault] = TOLD_ONCE) -> dict[str, bool]:
    """Each order swept over exchanges, and whether one not reached yet shows less in 50 ms."""
    shown: dict[tuple[str, str], list[tuple[int, ...]]] = {}
    for symbol, venue, *row in (
        typed(seed, Kind.VENUE_QUOTES, faults)
        .with_columns(
            pl.col("bid_size", "ask_size").cast(pl.Int64), pl.col("bid", "ask").fill_null(0)
        )
        .select("symbol", "venue", "at", "bid", "bid_size", "ask", "ask_size")
        .rows()
    ):
        shown.setdefault((symbol, venue), []).append(tuple(row))
    orders = typed(seed, Kind.ORDERS, faults).filter(
        pl.col("router") == "acme-sor", pl.col("order_type").is_in(["market", "limit"])
    )
    routes = orders.select("order_id", "symbol", "side", kind="order_type").join(
        typed(seed, Kind.ROUTES, faults), on="order_id", maintain_order="left"
    )
    crossing = (pl.col("kind") == "market") | (pl.col("time_in_force") == "ioc")
    exchanges = [venue.mic for venue in EXCHANGES]
    found = {}
    for _, children in routes.filter(crossing, pl.col("venue").is_in(exchanges)).group_by(
        "order_id", maintain_order=True
    ):
        first, *later = children.unique("venue", keep="first", maintain_order=True).rows(named=True)
        if later:
            found[first["order_id"]] = any(
                shows_less(shown[first["symbol"], each["venue"]], first, each) for each in later
            )
    return found


def shows_less(shown: list[tuple[int, ...]], first: dict[str, int], later: dict[str, int]) -> bool:
    """Whether the far side shrinks or moves off after one child is sent and before another is."""
    sign, column = (1, 3) if str(first["side"]) == "buy" else (-1, 1)
    begin, end = first["sent_at"], min(later["sent_at"], first["sent_at"] + 50 * MS)
    return any(
        begin < row[0] <= end
        and ((row[column] - before[column]) * sign > 0 or row[column + 1] < before[column + 1])
        for before, row in pairwise(shown)
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_the_leaks_are_just_the_planted_ones(seed: int) -> None:
    found = sweeps(seed)
    leaked = {order_id for order_id, leaks in found.items() if leaks}

    assert leaked == set(planted(seed, Fault.LEAK))
    assert 0.3 < len(leaked) / len(found) < 0.7


@pytest.mark.parametrize("seed", SEEDS)
def test_in_a_quiet_world_nothing_leaks(seed: int) -> None:
    found = sweeps(seed, QUIET)

    assert len(found) > 10
    assert not any(found.values())


@pytest.mark.parametrize("seed", SEEDS)
def test_one_symbol_stands_still_while_it_trades(seed: int) -> None:
    (answer,) = (each for each in world(seed).answers if each.fault is Fault.STALE)
    orders = typed(seed, Kind.ORDERS).filter(pl.col("symbol") == answer.symbol)
    quotes = typed(seed, Kind.QUOTES).filter(pl.col("symbol") == answer.symbol)
    quoted = integers(quotes["at"])
    traded = typed(seed, Kind.TRADES).filter(pl.col("symbol") == answer.symbol)

    assert len(answer.record_ids) >= 3
    for order_id in answer.record_ids:
        (received,) = integers(orders.filter(pl.col("order_id") == order_id)["received_at"])
        last = max(at for at in quoted if at <= received)
        (asked,) = integers(quotes.filter(pl.col("at") == last)["ask"])
        since = traded.filter(pl.col("at") > last, pl.col("at") <= received)
        assert received - last > MINUTE * 3 // 4
        assert since.filter(pl.col("price") > asked).height >= 20
        assert since["price"].n_unique() > 3


@pytest.mark.parametrize("seed", SEEDS)
def test_in_a_quiet_world_a_quote_is_fresh_where_much_is_traded(seed: int) -> None:
    """Between two quotes over 30 seconds apart, in the session, fewer than 20 trades."""
    tables = simulate(seed, CALENDAR, (MONDAY, TUESDAY), Scale(), QUIET).tables
    quotes = in_session(tables[Kind.QUOTES]).with_columns(
        gone_at=pl.col("at").shift(-1).over("symbol", "trading_date", order_by="at")
    )
    trades = in_session(tables[Kind.TRADES]).sort("at").select("symbol", "at", traded="at")
    seen = trades.join_asof(
        quotes.sort("at").select("symbol", "at", "gone_at", quoted="at"),
        on="at",
        by="symbol",
        check_sortedness=False,
    )
    long = seen.filter(pl.col("gone_at") - pl.col("quoted") > 30 * SECOND)
    counts = long.group_by("symbol", "quoted").len()["len"]

    assert counts.len() > 1_000
    assert max(integers(counts)) < 20


def in_session(text: pl.DataFrame) -> pl.DataFrame:
    rows = hours(text.with_columns(at=parse_instant(pl.col("at"))), "at")
    return rows.filter(pl.col("at").is_between("open", "close"), pl.col("symbol") != "BTC-USD")
