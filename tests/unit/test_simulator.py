from __future__ import annotations

import polars as pl
import pytest

from routewarden.base.schema import TABLES, Kind, Type
from routewarden.base.side import SIGN
from routewarden.base.time import trading_date
from routewarden.simulator.faults import Fault
from routewarden.simulator.instruments import CRYPTO
from routewarden.simulator.tape import NO_PAUSE
from routewarden.simulator.venues import BY_MIC
from routewarden.simulator.world import simulate
from tests.sample_world import (
    CALENDAR,
    DATED,
    KINDS,
    MONDAY,
    QUIET,
    SCALE,
    SEEDS,
    TOLD_ONCE,
    TUESDAY,
    WEDNESDAY,
    hours,
    integers,
    planted,
    told,
    typed,
    world,
)

pytestmark = pytest.mark.parametrize("seed", SEEDS)


def test_the_same_seed_makes_the_same_world(seed: int) -> None:
    again = simulate(seed, CALENDAR, (MONDAY, WEDNESDAY), SCALE, TOLD_ONCE)

    assert again.answers == world(seed).answers
    assert again.tables.keys() == world(seed).tables.keys()
    assert all(again.tables[kind].equals(table) for kind, table in world(seed).tables.items())


@pytest.mark.parametrize("kind", DATED)
def test_another_seed_makes_another_world(seed: int, kind: Kind) -> None:
    assert not world(seed).tables[kind].equals(world(seed + 1, MONDAY, MONDAY).tables[kind])


@pytest.mark.parametrize("kind", DATED)
def test_a_day_more_leaves_a_quiet_world_as_it_was(seed: int, kind: Kind) -> None:
    short = world(seed, MONDAY, TUESDAY, QUIET).tables[kind]
    long = world(seed, MONDAY, WEDNESDAY, QUIET).tables[kind]

    assert long.head(short.height).equals(short)
    assert long.height > short.height


def test_a_day_is_the_same_wherever_a_world_begins(seed: int) -> None:
    alone = world(seed, WEDNESDAY, WEDNESDAY, QUIET).tables
    long = world(seed, MONDAY, WEDNESDAY, QUIET).tables

    assert long[Kind.QUOTES].tail(alone[Kind.QUOTES].height).equals(alone[Kind.QUOTES])


@pytest.mark.parametrize("kind", KINDS)
def test_every_row_can_be_read_back(seed: int, kind: Kind) -> None:
    table = world(seed).tables[kind]

    assert table.schema == dict.fromkeys(TABLES[kind].names, pl.String())
    assert typed(seed, kind).height == table.height
    assert (table.height > 0) == (kind is not Kind.CLOCKS)  # nobody there measures one


@pytest.mark.parametrize("kind", KINDS)
def test_text_is_as_a_file_would_hold_it(seed: int, kind: Kind) -> None:
    table = world(seed).tables[kind]
    plain = r"^-?(?:0|[1-9]\d*)(?:\.\d*[1-9])?$"
    instant = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$"
    numeric = {Type.PRICE, Type.QUOTE, Type.QUANTITY, Type.SIZE, Type.AMOUNT, Type.SEQUENCE}
    for column in TABLES[kind].columns:
        cells = table[column.name].drop_nulls()
        assert not (cells == "").any()
        if column.type in numeric:
            assert cells.str.contains(plain).all()
        if column.type is Type.INSTANT:
            assert cells.str.contains(instant).all()


def test_a_day_has_as_many_quotes_and_orders_as_asked(seed: int) -> None:
    lost = planted(seed, Fault.NO_ORDER)

    assert world(seed).tables[Kind.QUOTES].height == 3 * 9_000
    assert world(seed).tables[Kind.ORDERS].height == 3 * 300 - len(lost)


@pytest.mark.parametrize(
    ("kind", "key"), [("orders", "order_id"), ("routes", "route_id"), ("fills", "fill_id")]
)
def test_identifiers_are_unique(seed: int, kind: Kind, key: str) -> None:
    assert world(seed).tables[kind][key].is_unique().all()


def test_no_more_is_filled_than_was_routed_and_no_more_routed_than_ordered(seed: int) -> None:
    routes = typed(seed, Kind.ROUTES).select("route_id", "order_id", routed="quantity")
    orders = typed(seed, Kind.ORDERS).select("order_id", ordered="quantity")
    by_route = told(seed).group_by("route_id").agg(filled=pl.col("quantity").sum())
    by_order = told(seed).group_by("order_id").agg(filled=pl.col("quantity").sum())

    filled = by_route.join(routes, on="route_id")
    assert (filled["filled"] <= filled["routed"]).all()
    sent = routes.join(orders, on="order_id")
    assert (sent["routed"] <= sent["ordered"]).all()
    done = by_order.join(orders, on="order_id")
    assert (done["filled"] <= done["ordered"]).all()


def test_an_order_is_filled_exactly_where_it_says_so(seed: int) -> None:
    fills = (
        told(seed)
        .group_by("order_id")
        .agg(filled=pl.col("quantity").sum(), last=pl.col("executed_at").max())
    )
    orders = typed(seed, Kind.ORDERS).join(fills, on="order_id", how="left")
    orders = orders.filter(pl.col("time_in_force") != "gtc")  # told of as it stood on its first day
    is_filled = pl.col("end_reason").eq_missing(pl.lit("filled"))

    whole = (pl.col("filled") == pl.col("quantity")).fill_null(value=False)
    assert orders.select((is_filled == whole).all()).item()
    assert orders.filter(is_filled).select((pl.col("ended_at") == pl.col("last")).all()).item()
    assert orders.select((pl.col("ended_at") >= pl.col("received_at")).all()).item()
    assert (
        orders.select(pl.col("ended_at").is_null() == pl.col("end_reason").is_null())
        .to_series()
        .all()
    )


def test_only_an_order_good_till_cancelled_stays_open(seed: int) -> None:
    still_open = typed(seed, Kind.ORDERS).filter(pl.col("ended_at").is_null())

    assert still_open.height > 0
    assert set(still_open["time_in_force"]) == {"gtc"}


def test_a_route_lives_within_its_order_and_a_fill_within_its_route(seed: int) -> None:
    orders = typed(seed, Kind.ORDERS).select("order_id", "received_at", done_at="ended_at")
    routes = typed(seed, Kind.ROUTES).join(orders, on="order_id")
    fills = (
        told(seed)
        .drop("ended_at")
        .join(routes.select("route_id", "acknowledged_at", "ended_at"), on="route_id")
    )

    assert (routes["sent_at"] > routes["received_at"]).all()
    assert (routes["acknowledged_at"] > routes["sent_at"]).all()
    assert (routes["ended_at"] > routes["sent_at"]).all()
    closing = pl.col("order_type") == "market_on_close"
    ioc = pl.col("time_in_force") == "ioc"
    late = routes.filter((pl.col("ended_at") > pl.col("done_at")) & ~closing & ~ioc)
    assert late.is_empty()
    assert (fills["executed_at"] > fills["acknowledged_at"]).all()
    assert (fills["executed_at"] <= fills["ended_at"]).all()
    assert (told(seed)["executed_at"] <= told(seed)["ended_at"]).all()


def test_a_routes_outcome_is_what_its_fills_say(seed: int) -> None:
    fills = told(seed).group_by("route_id").agg(filled=pl.col("quantity").sum())
    routes = typed(seed, Kind.ROUTES).join(fills, on="route_id", how="left")
    lost = routes.filter(~pl.col("order_id").is_in(typed(seed, Kind.ORDERS)["order_id"].implode()))
    routes = routes.join(lost, on="route_id", how="anti")

    assert set(routes["outcome"]) == {"filled", "partial", "cancelled", "expired", "rejected"}
    expected = (
        pl.when(pl.col("filled") == pl.col("quantity"))
        .then(pl.lit("filled"))
        .when(pl.col("filled") > 0)
        .then(pl.lit("partial"))
        .otherwise(pl.col("outcome"))
    )
    assert routes.select((expected == pl.col("outcome")).all()).item()
    rejected = pl.col("outcome") == "rejected"
    assert routes.select((pl.col("reject_reason").is_not_null() == rejected).all()).item()
    assert routes.select((pl.col("acknowledged_at").is_null() == rejected).all()).item()


def test_a_limit_is_never_broken_but_by_the_faults(seed: int) -> None:
    limits = typed(seed, Kind.ORDERS).select("order_id", "limit_price")
    fills = told(seed).join(limits, on="order_id").drop_nulls("limit_price")

    assert fills.height > 0
    assert fills.select((pl.col("price") * SIGN <= pl.col("limit_price") * SIGN).all()).item()


def test_fees_are_the_venues_rates(seed: int) -> None:
    rates = {("added", mic): venue.make for mic, venue in BY_MIC.items()}
    rates |= {("removed", mic): venue.take for mic, venue in BY_MIC.items()}
    rows = told(seed).filter(pl.col("liquidity") != "auction")
    for liquidity, venue, quantity, fee in rows.select(
        "liquidity", "venue", "quantity", "fee"
    ).rows():
        assert fee == quantity * rates[liquidity, venue]
    assert told(seed).filter(pl.col("fee") < 0).height > 0


def test_customers_are_of_every_kind(seed: int) -> None:
    orders = typed(seed, Kind.ORDERS)

    assert set(orders["order_type"]) == {"market", "limit", "stop", "market_on_close", "pegged"}
    assert set(orders["side"]) == {"buy", "sell", "sell_short"}
    assert set(orders["time_in_force"]) == {"day", "ioc", "gtc", "closing"}
    assert set(orders["account_type"]) == {"retail", "institutional", "proprietary"}
    assert set(orders["router"]) == {"acme-sor", "direct"}
    assert set(orders["held"]) == set(orders["directed"]) == {True, False, None}
    assert set(orders["end_reason"].drop_nulls()) == {"filled", "cancelled", "expired", "rejected"}
    shares = integers(orders.filter(pl.col("asset_class") == "equity")["quantity"])
    assert any(quantity % 10**8 for quantity in shares)
    assert 5_000 * 10**8 in shares
    before_the_open = hours(orders, "received_at").filter(
        (pl.col("received_at") < pl.col("open")) & (pl.col("asset_class") == "equity")
    )
    assert before_the_open.height > 0


def test_an_order_good_till_cancelled_is_filled_on_a_later_day(seed: int) -> None:
    days = told(seed).filter(
        trading_date(pl.col("executed_at")) > trading_date(pl.col("received_at"))
    )
    orders = typed(seed, Kind.ORDERS).filter(pl.col("order_id").is_in(days["order_id"].implode()))

    assert orders.height >= 2
    assert set(orders["time_in_force"]) == {"gtc"}


def test_shares_trade_in_the_session_and_crypto_around_the_clock(seed: int) -> None:
    fills = hours(told(seed), "executed_at")
    in_session = pl.col("executed_at").is_between("open", "close")
    shares = fills.filter(pl.col("asset_class") == "equity")

    assert shares.filter(~in_session)["liquidity"].unique().to_list() == ["auction"]
    assert fills.filter((pl.col("symbol") == CRYPTO.symbol) & ~in_session).height > 0


def test_an_auction_has_one_price_at_one_instant(seed: int) -> None:
    auctions = told(seed).filter(pl.col("liquidity") == "auction")
    day = trading_date(pl.col("executed_at")).alias("day")
    each = auctions.group_by("symbol", day).agg(pl.col("price", "executed_at").n_unique())
    reports = typed(seed, Kind.TRADES).filter(pl.col("conditions") == "6")

    assert set(each["price"]) == set(each["executed_at"]) == {1}
    assert auctions.join(
        reports,
        left_on=["symbol", "executed_at", "price"],
        right_on=["symbol", "at", "price"],
        how="anti",
    ).is_empty()


def test_nothing_happens_in_a_halt(seed: int) -> None:
    halts = typed(seed, Kind.HALTS).select("symbol", "from", "to")
    halted = pl.col("at").is_between("from", "to", closed="left")
    for kind in (Kind.QUOTES, Kind.TRADES):
        at = typed(seed, kind).select("symbol", "at")
        assert at.join(halts, on="symbol").filter(halted).is_empty()
    assert NO_PAUSE.after(0) == 0


def test_quotes_are_sometimes_one_sided_locked_crossed_or_simultaneous(seed: int) -> None:
    quotes = typed(seed, Kind.QUOTES)
    text = world(seed).tables[Kind.QUOTES]

    one_sided = quotes["bid"].is_null() ^ quotes["ask"].is_null()
    assert 0 < one_sided.sum() < quotes.height // 50
    assert (quotes["condition"].is_not_null() == one_sided).all()
    assert (quotes["bid"] == quotes["ask"]).any()
    assert (quotes["bid"] > quotes["ask"]).any()
    assert quotes.select(pl.struct("symbol", "at").is_duplicated()).to_series().any()
    assert set(text.filter(one_sided)["bid"].is_null()) == {True, False}
    assert (text["bid"] == "0").any()
    two_sided = quotes.filter(~one_sided)
    ticks = two_sided.select((pl.col("bid", "ask") % 1_000_000 == 0).all())
    assert ticks.row(0) == (True, True)


def test_quotes_are_wider_outside_the_session(seed: int) -> None:
    quotes = hours(typed(seed, Kind.QUOTES), "at").filter(pl.col("symbol") != CRYPTO.symbol)
    in_session = pl.col("at").is_between("open", "close").alias("in_session")
    spread = quotes.group_by(in_session).agg((pl.col("ask") - pl.col("bid")).mean().alias("spread"))
    mean = dict(spread.rows())

    assert mean[False] > 3 * mean[True]


def test_wholesalers_improve_by_fractions_of_a_cent(seed: int) -> None:
    fills = told(seed).filter(pl.col("venue").str.starts_with("WHS"))

    assert (fills["price"] % 1_000_000 != 0).any()
    assert (fills["price"] % 10_000 == 0).all()


def test_everyone_of_the_firms_executions_is_on_the_tape(seed: int) -> None:
    trades = typed(seed, Kind.TRADES)
    missing = told(seed).join(
        trades,
        left_on=["symbol", "executed_at", "price", "quantity", "venue"],
        right_on=["symbol", "at", "price", "size", "venue"],
        how="anti",
    )

    assert missing.is_empty()
    assert trades.height > 2 * told(seed).height
    assert trades["conditions"].null_count() > trades.height * 0.4
