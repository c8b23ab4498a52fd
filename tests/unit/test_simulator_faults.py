from __future__ import annotations

from collections import Counter
from dataclasses import replace

import polars as pl
import pytest

from routewarden.base.schema import Kind
from routewarden.base.time import NS_PER_SECOND, trading_date
from routewarden.simulator import customers
from routewarden.simulator.chance import Purpose, generator
from routewarden.simulator.faults import Fault
from routewarden.simulator.instruments import CRYPTO
from routewarden.simulator.matching import Floor, How, Ticket, match
from routewarden.simulator.quotes import market
from routewarden.simulator.session import sessions
from routewarden.simulator.stage import Scale
from routewarden.simulator.venues import BY_MIC, EXCHANGES
from routewarden.simulator.world import play, simulate
from tests.sample_world import (
    CALENDAR,
    EARLY_CLOSE,
    MONDAY,
    QUIET,
    SATURDAY,
    SEEDS,
    TUESDAY,
    WEDNESDAY,
    integers,
    outside,
    planted,
    typed,
    world,
)

pytestmark = pytest.mark.parametrize("seed", SEEDS)


def test_each_fault_is_planted(seed: int) -> None:
    counts = Counter(answer.fault for answer in world(seed).answers)

    assert counts.pop(Fault.LEAK) > 5
    assert counts.pop(Fault.FLATTERY) == 6
    assert counts == {
        Fault.BUSTED: 2,
        Fault.CORRECTED: 1,
        Fault.CORRECTED_TWICE: 1,
        Fault.ORPHAN_BUST: 1,
        Fault.OUTSIDE_NBBO: 3,
        Fault.NO_ROUTE: 1,
        Fault.NO_ORDER: 1,
        Fault.UNEXPECTED_VENUE: 2,
        Fault.MALFORMED: 4,
        Fault.LATENCY: 1,
        Fault.FILL_RATE: 1,
        Fault.STALE: 1,
    }


def test_an_answer_names_a_record_and_its_date(seed: int) -> None:
    answers = [
        (answer.record_ids[0], *answer.dates)
        for answer in world(seed).answers
        if answer.kind is Kind.FILLS and answer.fault is not Fault.MALFORMED
    ]
    fills = typed(seed, Kind.FILLS).select("fill_id", day=trading_date(pl.col("executed_at")))

    assert len(set(answers)) == len(answers) == 10
    assert set(answers) <= set(fills.rows())


def test_busts_and_corrections_name_their_targets(seed: int) -> None:
    fills = typed(seed, Kind.FILLS)
    amends = {row["refers_to"]: row for row in fills.drop_nulls("refers_to").rows(named=True)}

    assert len(amends) == 6
    assert [amends.pop(target)["status"] for target in planted(seed, Fault.BUSTED)] == [
        "busted"
    ] * 2
    (once,) = planted(seed, Fault.CORRECTED)
    assert amends.pop(once)["status"] == "corrected"
    (twice,) = planted(seed, Fault.CORRECTED_TWICE)
    first = amends.pop(twice)
    second = amends.pop(first["fill_id"])
    assert (first["status"], second["status"]) == ("corrected", "corrected")
    (orphan,) = planted(seed, Fault.ORPHAN_BUST)
    ((target, bust),) = amends.items()
    assert (bust["fill_id"], bust["status"]) == (orphan, "busted")
    assert target not in set(fills["fill_id"])


def test_only_the_planted_fills_are_outside_what_was_quoted(seed: int) -> None:
    assert sorted(outside(seed)["fill_id"]) == sorted(planted(seed, Fault.OUTSIDE_NBBO))
    assert outside(seed, QUIET).is_empty()


def test_one_fill_has_no_route_and_another_no_order(seed: int) -> None:
    fills = typed(seed, Kind.FILLS)
    routes = typed(seed, Kind.ROUTES)["route_id"].implode()
    orders = typed(seed, Kind.ORDERS)["order_id"].implode()

    no_route = fills.filter(~pl.col("route_id").is_in(routes))["fill_id"].to_list()
    no_order = fills.filter(~pl.col("order_id").is_in(orders))["fill_id"].to_list()
    assert no_route == planted(seed, Fault.NO_ROUTE)
    assert no_order == planted(seed, Fault.NO_ORDER)


def test_one_exchange_is_twice_as_slow_from_a_date_on(seed: int) -> None:
    (answer,) = (each for each in world(seed).answers if each.fault is Fault.LATENCY)
    taken = pl.col("acknowledged_at") - pl.col("sent_at")
    routes = typed(seed, Kind.ROUTES).drop_nulls("acknowledged_at").with_columns(taken=taken)
    here = routes.filter(pl.col("venue") == answer.venue)
    is_slow = trading_date(pl.col("sent_at")).is_in(answer.dates)
    usual = BY_MIC[answer.venue].latency_us * 1_000

    assert answer.dates[-1] == WEDNESDAY
    slow = integers(here.filter(is_slow)["taken"])
    assert all(2 * usual <= each < 3 * usual for each in slow)
    others = integers(here.filter(~is_slow)["taken"])
    assert all(usual <= each < usual * 3 // 2 for each in others)
    assert len(slow) > 10


def test_an_early_close_ends_the_day(seed: int) -> None:
    early = world(seed, EARLY_CLOSE, EARLY_CLOSE).tables
    shares = early[Kind.QUOTES].filter(pl.col("symbol") != CRYPTO.symbol)
    orders = early[Kind.ORDERS].filter(
        pl.col("asset_class") == "equity", pl.col("end_reason") == "expired"
    )

    assert min(shares["at"]) >= "2026-11-27T13:00:00"
    assert max(shares["at"]) < "2026-11-27T19:00:00"  # an hour after 13:00 in New York
    assert set(orders["ended_at"]) == {"2026-11-27T18:00:00.000000000Z"}


def test_without_a_session_nothing_happens(seed: int) -> None:
    empty = world(seed, SATURDAY, SATURDAY)

    assert empty.answers == ()
    assert all(table.is_empty() for table in empty.tables.values())
    assert list(play(seed, CALENDAR, (SATURDAY, SATURDAY))) == []
    assert all(set(table.dtypes) == {pl.String()} for table in empty.tables.values())


@pytest.mark.parametrize(("orders", "quotes"), [(0, 0), (1, 80), (2, 100), (8, 200)])
def test_a_world_can_be_tiny(seed: int, orders: int, quotes: int) -> None:
    tiny = simulate(seed, CALENDAR, (MONDAY, TUESDAY), Scale(orders, quotes))

    assert tiny.tables[Kind.QUOTES].height == 2 * max(53, quotes)
    lost = sum(answer.fault is Fault.NO_ORDER for answer in tiny.answers)
    assert tiny.tables[Kind.ORDERS].height == 2 * orders - lost


def test_an_order_that_trades_at_once_or_not_at_all_does_not_outlast_a_halt(seed: int) -> None:
    (session,) = sessions(CALENDAR, MONDAY, MONDAY)
    tapes = market(seed, session, 2_000)
    (halted,) = (tape for tape in tapes.values() if tape.pause.kind)
    order = next(
        order
        for order in customers.orders(generator(seed, Purpose.CUSTOMERS), tapes, 400)
        if order.order_type == "market" and order.symbol != CRYPTO.symbol
    )
    order = replace(order, symbol=halted.instrument.symbol)
    at = halted.pause.start
    floor = Floor(generator(seed, Purpose.ROUTER), tapes)
    ticket = Ticket(order, How.CROSS, EXCHANGES[0], order.quantity, at, at + NS_PER_SECOND, "ioc")

    assert match(floor, ticket, at) == ()
    (later, *_) = match(floor, replace(ticket, until=session.close), at)
    assert later.at > halted.pause.end
