"""What routers did beside what their configuration says, and the rules that ask."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from routewarden.policy.router import Allowed, Expected, Routers, Version, What
from routewarden.rules.book import RULES
from routewarden.rules.facts.configuration import (
    COUNTS,
    carried_uses,
    expectation_counts,
    strategy_uses,
    summed,
    venue_uses,
)
from routewarden.rules.rule import judge, without_place
from tests.unit.test_rules import LIMITS

BY_ID = {rule.id: rule for rule in RULES}
DAY, NEXT = date(2026, 7, 1), date(2026, 7, 2)
MS = 1_000_000


def version(since: date = DAY, **more: Any) -> Routers:  # noqa: ANN401 - any field of a version
    return Routers((Version("SOR", "4.2", "Acme", "sheet", "CCO", since, **more),))


def routes(*rows: dict[str, Any]) -> pl.DataFrame:
    ordinary = {
        "trading_date": DAY,
        "sent_on": DAY,
        "router": "SOR",
        "strategy": "dark",
        "venue": "XNYS",
        "order_type": "limit",
        "time_in_force": "ioc",
        "instructions": None,
        "order_id": "O1",
        "received_at": 0,
        "sent_at": MS,
        "order_class": "market",
        "in_session_at_receipt": True,
    }
    made = [{**ordinary, "route_id": f"R{n}", **row} for n, row in enumerate(rows)]
    text = dict.fromkeys(("router", "strategy", "order_type", "time_in_force", "instructions"))
    return pl.DataFrame(made, schema_overrides=dict.fromkeys(text, pl.String))


def said(frame: pl.DataFrame) -> list[tuple[Any, ...]]:
    return frame.select("use", "count", "allowed", "ids").rows()


def findings(rule: str, frame: pl.DataFrame) -> list[tuple[str, str, str]]:
    found = judge(BY_ID[rule], without_place(frame), LIMITS)
    return found.select("verdict", "id", "because").rows()


# -- Venues ----------------------------------------------------------------------------------------


def test_a_venue_outside_the_version_is_a_finding() -> None:
    used = venue_uses(routes({}, {"venue": "MEMX"}, {"venue": "MEMX"}), version(venues=("XNYS",)))

    assert said(used) == [("MEMX", 2, False, "R1 R2"), ("XNYS", 1, True, None)]
    assert findings("venue-not-configured", used) == [
        ("yes", "SOR venue MEMX", "2 routes to MEMX; SOR 4.2 is to route to XNYS")
    ]


def test_a_version_without_venues_allows_them_all() -> None:
    used = venue_uses(routes({"venue": "MEMX"}), version())

    assert said(used) == [("MEMX", 1, True, None)]
    assert used["expected"].to_list() == ["any"]


def test_routes_of_no_stated_router_are_unknown_once_a_date() -> None:
    used = venue_uses(routes({"router": None}, {"router": None, "venue": "MEMX"}), version())

    assert said(used) == [("unstated", 2, None, "R0 R1")]
    assert findings("venue-not-configured", used) == [
        ("unknown", "unstated venue unstated", "2 routes of orders that state no router")
    ]


def test_a_router_without_a_version_is_not_asked() -> None:
    strange = routes({"router": "direct"}, {"sent_on": date(2026, 6, 30)}, {"router": None})

    assert venue_uses(strange, version(since=NEXT)).is_empty()


def test_the_version_is_that_of_the_date_a_route_was_sent_on() -> None:
    used = venue_uses(routes({}, {"sent_on": NEXT}), version(since=NEXT, venues=("MEMX",)))

    assert used.select("trading_date", "count").rows() == [(DAY, 1)]


def test_routes_of_one_date_sent_on_several_are_one_use() -> None:
    used = venue_uses(routes({}, {"sent_on": NEXT}), version(venues=("MEMX",)))

    assert said(used) == [("XNYS", 2, False, "R0 R1")]


# -- Strategies ------------------------------------------------------------------------------------


def test_a_strategy_outside_the_version_is_a_finding_and_an_unstated_one_unknown() -> None:
    orders = routes({}, {"strategy": "sweep"}, {"strategy": None}, {"router": None})
    used = strategy_uses(orders, version(strategies=("dark",)))

    assert findings("strategy-not-configured", used) == [
        ("yes", "SOR strategy sweep", "1 orders of strategy sweep; SOR 4.2 has dark"),
        ("unknown", "SOR strategy unstated", "1 orders of strategy unstated; SOR 4.2 has dark"),
    ]


def test_a_version_without_strategies_is_not_asked() -> None:
    assert strategy_uses(routes({}), version()).is_empty()


# -- What routes carry -----------------------------------------------------------------------------

PEGGED = Allowed(order_types=("pegged",), instructions=("midpoint", "alo"))


@pytest.mark.parametrize(
    ("allows", "change", "allowed"),
    [
        ((Allowed(order_types=("limit",)),), {}, True),
        ((Allowed(order_types=("market",)),), {}, False),
        ((Allowed(order_types=("limit",)),), {"order_type": None}, None),
        ((Allowed(order_types=("market",)), Allowed(order_types=("limit",))), {}, True),
        ((Allowed(times_in_force=("day",)), Allowed(order_types=("limit",))), {}, True),
        ((Allowed(venues=("XNYS",), times_in_force=("day",)),), {"time_in_force": None}, None),
        ((Allowed(venues=("IEXG",), times_in_force=("day",)),), {"time_in_force": None}, False),
        ((PEGGED,), {"order_type": "pegged"}, True),
        ((PEGGED,), {"order_type": "pegged", "instructions": "alo midpoint"}, True),
        ((PEGGED,), {"order_type": "pegged", "instructions": "iso midpoint"}, False),
        ((PEGGED, Allowed(order_types=("limit",))), {"instructions": "iso"}, True),
        ((Allowed(strategies=("dark",)),), {"strategy": None}, None),
    ],
)
def test_a_route_is_as_it_may_be_if_one_of_what_is_allowed_has_it(
    allows: tuple[Allowed, ...], change: dict[str, Any], *, allowed: bool | None
) -> None:
    used = carried_uses(routes(change), version(allows=allows))

    assert used["allowed"].to_list() == [allowed]


def test_a_use_names_only_what_is_limited() -> None:
    allows = (Allowed(order_types=("market",), instructions=("iso",)),)
    used = carried_uses(routes({}, {"order_type": None}), version(allows=allows))

    assert findings("order-not-configured", used) == [
        (
            "yes",
            "SOR carried order_type limit, instructions none",
            (
                "1 routes: order_type limit, instructions none; SOR 4.2 allows "
                "order_types market, instructions iso"
            ),
        ),
        (
            "unknown",
            "SOR carried order_type unstated, instructions none",
            (
                "1 routes: order_type unstated, instructions none; SOR 4.2 allows "
                "order_types market, instructions iso"
            ),
        ),
    ]


@pytest.mark.parametrize("allows", [(), (Allowed(),)])
def test_what_is_not_limited_is_not_asked(allows: tuple[Allowed, ...]) -> None:
    assert carried_uses(routes({}, {"router": None}), version(allows=allows)).is_empty()


# -- Expectations ----------------------------------------------------------------------------------


def fills(*improvements: int | None, **more: Any) -> pl.DataFrame:  # noqa: ANN401 - any column
    rows = [
        {
            "trading_date": DAY,
            "router": "SOR",
            "strategy": "dark",
            "fill_id": f"F{n:02}",
            "price_improvement": improvement,
            "order_class": "market",
            "in_session_at_receipt": True,
            **more,
        }
        for n, improvement in enumerate(improvements)
    ]
    return pl.DataFrame(
        rows, schema_overrides={"strategy": pl.String, "price_improvement": pl.Int64}
    )


def counted(executed: pl.DataFrame, sent: pl.DataFrame, *expects: Expected) -> pl.DataFrame:
    return summed(expectation_counts(executed, sent, version(expects=expects)))


IMPROVES = Expected(What.IMPROVEMENT, 5 * MS, "0.005")
DECIDES = Expected(What.DECISION, 2 * MS, "2")
DARK_FIRST = Expected(What.FIRST_VENUES, venues=("IEXG", "MEMX"), strategies=("dark",))


def told(frame: pl.DataFrame) -> list[tuple[Any, ...]]:
    return frame.select("expected", "asked", "known", "missed", "ids").rows()


def test_an_execution_improved_by_less_misses_and_one_not_measured_is_unknown() -> None:
    found = counted(fills(5 * MS, 5 * MS - 1, None), routes({}), IMPROVES)

    assert told(found) == [("price improvement of at least 0.005", 3, 2, 1, "F01")]


def test_a_decision_is_from_receipt_to_the_first_route() -> None:
    late = {"order_id": "O2", "sent_at": 2 * MS + 1}
    found = counted(fills(0).clear(), routes({}, {"sent_at": 9 * MS}, late), DECIDES)

    assert told(found) == [("decision within 2 ms", 2, 2, 1, "O2")]


def test_all_first_routes_are_to_go_to_the_first_venues() -> None:
    first, second = {"order_id": "A", "venue": "IEXG"}, {"order_id": "B", "venue": "MEMX"}
    sent = routes(
        first,
        {**first, "venue": "XNYS", "sent_at": 2 * MS},
        second,
        {**second, "venue": "XNYS"},
        {"order_id": "C", "strategy": None},
        {"order_id": "D", "strategy": "sweep"},
    )

    assert told(counted(fills(0).clear(), sent, DARK_FIRST)) == [
        ("first routes to IEXG MEMX (dark)", 3, 2, 1, "B")
    ]


def test_resting_orders_and_those_before_the_session_are_not_asked() -> None:
    resting = routes({"order_class": "away"}, {"in_session_at_receipt": False}, {"router": None})

    assert counted(fills(1, order_class="at_quote"), resting, IMPROVES, DECIDES).is_empty()


def test_strategies_that_no_order_has_are_not_asked() -> None:
    assert counted(fills(0).clear(), routes({"strategy": "sweep"}), DARK_FIRST).is_empty()


@pytest.mark.parametrize(
    ("missed", "asked", "unknown", "verdict"),
    [(3, 30, 0, ["yes"]), (1, 30, 0, []), (3, 29, 0, []), (3, 20, 10, ["unknown"])],
)
def test_a_router_falls_short_where_more_is_missed_than_may_be(
    missed: int, asked: int, unknown: int, verdict: list[str]
) -> None:
    improvements = [0] * missed + [5 * MS] * (asked - missed) + [None] * unknown
    found = counted(fills(*improvements), routes({}), IMPROVES)

    assert [each[0] for each in findings("expectation-missed", found)] == verdict


def test_what_is_missed_is_said_with_its_limit() -> None:
    found = counted(fills(*[0] * 15, *[5 * MS] * 15), routes({}), IMPROVES)

    assert findings("expectation-missed", found) == [
        (
            "yes",
            "SOR price improvement of at least 0.005 2026-07",
            (
                "15 of 30 known of 30 in 2026-07: SOR 4.2 is expected: price "
                "improvement of at least 0.005; missed 50.0%, limit 0.05 fraction (shipped default)"
            ),
        )
    ]


def test_dates_of_a_month_add_up_and_what_is_not_known_has_no_rate() -> None:
    row = ("SOR", "4.2", "x", "2026-07")
    counts = pl.DataFrame(
        [(*row, DAY, 2, 2, 1, "A"), (*row, NEXT, 3, 2, 0, None), (*row[:2], "y", "2026-07", NEXT,
         1, 0, 0, None)],
        schema=COUNTS, orient="row",
    )  # fmt: skip

    assert summed(counts).rows() == [
        (*row, NEXT, 5, 4, 1, "A", 0.25),
        ("SOR", "4.2", "y", "2026-07", NEXT, 1, 0, 0, None, None),
    ]
