"""A venue's speed and a class's fill rate, against the ordinary time before."""

from __future__ import annotations

from datetime import date, timedelta
from math import log
from statistics import median

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routewarden.policy.limits import Limits, read_limits
from routewarden.rules.book import RULES
from routewarden.rules.facts.trailing import (
    DATES,
    fill_rate_facts,
    latency_facts,
    two_proportion_z,
)
from routewarden.rules.rule import judge, without_place
from tests.unit.test_rules import LIMITS

BY_ID = {rule.id: rule for rule in RULES}
FIRST = date(2026, 6, 1)  # a Monday
MS = 1_000_000


def fills_of(days: list[list[int]], **changes: object) -> pl.DataFrame:
    """Marketable fills of one venue: for each day from FIRST on, the milliseconds each took."""
    rows = [
        {
            "trading_date": FIRST + timedelta(days=number),
            "route_id": f"R{number}-{fill}",
            "venue": None,
            "route_venue": "XNYS",
            "route_time_ms": ms * MS,
            "liquidity": "removed",
            "order_class": "market",
            "route_order_type": "limit",
            "route_time_in_force": "ioc",
        }
        | changes
        for number, times in enumerate(days)
        for fill, ms in enumerate(times)
    ]
    return pl.DataFrame(rows, infer_schema_length=None)


def ordinary(days: int) -> list[list[int]]:
    return [[8, 9, 10, 11, 12] * 2 for _ in range(days)]


def slow(days: list[list[int]], limits: Limits = LIMITS, **changes: object) -> list[int]:
    """The days on which the venue is found slow."""
    facts = latency_facts(fills_of(days, **changes), limits)
    found = judge(BY_ID["slow-venue"], without_place(facts), limits)
    return [(day - FIRST).days for day in found["trading_date"]]


def test_a_day_far_above_its_past_is_slow_and_the_next_ordinary_one_is_not() -> None:
    assert slow([*ordinary(3), [30] * 10, *ordinary(1)]) == [3]


def test_a_lasting_slow_down_is_found_every_day() -> None:
    assert slow([*ordinary(3), *([[30] * 10] * 30)]) == list(range(3, 33))


def test_a_rise_below_the_factor_is_not_slow() -> None:
    assert slow([[10] * 10, [12] * 10]) == []
    assert slow([[10] * 10, [14] * 10]) == [1]


def test_a_rise_within_the_usual_spread_is_not_slow() -> None:
    assert slow([[2, 5, 10, 20, 50] * 2, [20] * 10]) == []


@pytest.mark.parametrize("thin", [[30] * 9, []])
def test_a_thin_day_is_not_asked(thin: list[int]) -> None:
    assert slow([*ordinary(3), thin]) == []


def test_a_route_counts_once_by_its_first_fill() -> None:
    """Nine routes, however many fills, are too few."""
    fills = fills_of([*ordinary(1), [30] * 10])
    again = fills.with_columns(pl.col("route_id").replace("R1-9", "R1-8"))
    later = fills.with_columns(pl.col("route_time_ms") * 9)

    assert latency_facts(again, LIMITS)["enough"].to_list() == [False, False]
    assert latency_facts(pl.concat([fills, later]), LIMITS).equals(latency_facts(fills, LIMITS))


def test_a_first_day_has_nothing_to_be_compared_with() -> None:
    facts = latency_facts(fills_of(ordinary(1)), LIMITS)

    assert facts.select("routes", "window_routes", "median_ms", "enough").rows() == [
        (10, 0, None, False)
    ]
    without = read_limits(
        '[[limit]]\nname = "latency_fills_least"\nvalue = "0"\nfrom = 2001-01-01\n'
        'source = "test"\napproved_by = "test"\n'
    )
    assert latency_facts(fills_of(ordinary(1)), without)["enough"].to_list() == [False]


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ({}, True),
        ({"liquidity": None}, True),
        ({"liquidity": "added"}, False),
        ({"liquidity": "auction"}, False),
        ({"route_time_in_force": "day", "route_order_type": "market", "liquidity": None}, True),
        ({"route_time_in_force": "day"}, True),
        ({"route_time_in_force": "day", "liquidity": None}, False),
        ({"route_time_in_force": "day", "order_class": "at_quote"}, False),
        ({"route_time_ms": 0}, False),
        ({"route_time_ms": None}, False),
    ],
)
def test_only_marketable_flow_tells_a_venues_speed(
    changes: dict[str, object], *, counts: bool
) -> None:
    facts = latency_facts(fills_of(ordinary(1), **changes), LIMITS)

    assert facts["routes"].to_list() == ([10] if counts else [])


def test_slow_says_both_medians_and_the_limits() -> None:
    facts = latency_facts(fills_of([*ordinary(1), [30] * 10]), LIMITS)
    found = judge(BY_ID["slow-venue"], without_place(facts), LIMITS)

    assert found.select("severity", "id", "because").rows() == [
        (
            "medium",
            "XNYS",
            (
                "median route to execution 30.0 ms over 10 routes, against 10.0 ms over 10 in the "
                "ordinary dates before: 3.0 times as long, 10.43 MADs; limits 1.3 ratio (shipped "
                "default) and 5 ratio (shipped default)"
            ),
        )
    ]


times = st.lists(st.integers(1, 40), min_size=1, max_size=12)


@settings(deadline=None, max_examples=60)
@given(st.lists(times, min_size=1, max_size=26))
def test_slow_days_are_those_a_plain_reading_finds(days: list[list[int]]) -> None:
    before: list[list[int]] = []
    expected = []
    for number, day in enumerate(days):
        window = [log(ms * MS) for earlier in before[-DATES:] for ms in earlier]
        found = False
        if len(day) >= 10 and len(window) >= 10:
            usual = median(window)
            spread = median(abs(value - usual) for value in window)
            above = median(log(ms * MS) for ms in day) - usual
            found = above > 5 * spread + 1e-9 and above >= log(1.3) - 1e-9
        if found:
            expected.append(number)
        else:
            before.append(day)

    assert slow(days) == expected


# -- Fill rates ------------------------------------------------------------------------------------


def orders_of(weeks: list[tuple[int, int]], **changes: object) -> pl.DataFrame:
    """Customer limit orders: for each week, how many there were and how many got a fill."""
    rows = [
        {
            "trading_date": FIRST + timedelta(days=7 * week + number % 5),
            "order_class": "at_quote",
            "filled_quantity": int(number < filled),
            "has_order": True,
            "account_type": "retail",
            "held": True,
            "directed": False,
            "in_session_at_receipt": True,
        }
        | changes
        for week, (orders, filled) in enumerate(weeks)
        for number in range(orders)
    ]
    return pl.DataFrame(rows, infer_schema_length=None)


def fell(weeks: list[tuple[int, int]], **changes: object) -> list[tuple[date, str]]:
    facts = fill_rate_facts(orders_of(weeks, **changes), LIMITS)
    found = judge(BY_ID["fill-rate-fell"], without_place(facts), LIMITS)
    return found.select("trading_date", "id").rows()


GOOD, BAD = (100, 80), (100, 40)


def test_a_week_that_fills_far_less_is_found_on_its_last_date() -> None:
    assert fell([GOOD, GOOD, BAD, GOOD]) == [(date(2026, 6, 19), "at_quote 2026-W25")]


def test_a_lasting_fall_is_found_every_week() -> None:
    assert [week for _, week in fell([GOOD, *[BAD] * 6])] == [
        f"at_quote 2026-W{number}" for number in range(24, 30)
    ]


@pytest.mark.parametrize(
    "weeks",
    [
        [GOOD, (100, 71)],  # a fall of 9 points
        [GOOD, (100, 90)],  # a rise
        [(40, 32), (40, 24)],  # 20 points, and less than 4 standard errors
        [GOOD, (29, 0)],  # too few
        [(29, 29), BAD],
        [BAD],
        [(50, 50), (50, 50)],  # all, as before
    ],
)
def test_a_small_unsure_or_thin_fall_is_not_found(weeks: list[tuple[int, int]]) -> None:
    assert fell(weeks) == []


@pytest.mark.parametrize(
    "changes", [{"order_class": "market"}, {"order_class": "away"}, {"held": False}]
)
def test_other_classes_and_populations_are_not_asked(changes: dict[str, object]) -> None:
    assert fell([GOOD, BAD], **changes) == []


def test_fell_says_both_rates() -> None:
    facts = fill_rate_facts(orders_of([GOOD, BAD]), LIMITS)

    assert judge(BY_ID["fill-rate-fell"], without_place(facts), LIMITS)["because"].item() == (
        "40.0% of 100 orders got a fill, against 80.0% of 100 in the ordinary weeks before (z "
        "5.77); limits 0.1 fraction (shipped default) and 4 ratio (shipped default)"
    )


def test_without_fills_or_orders_there_are_no_facts() -> None:
    assert latency_facts(fills_of([[1]]).clear(), LIMITS).height == 0
    assert fill_rate_facts(orders_of([(1, 1)]).clear(), LIMITS).height == 0


def test_two_shares_alike_are_no_standard_errors_apart() -> None:
    assert two_proportion_z((5, 10), (10, 20)) == 0
    assert two_proportion_z((0, 10), (0, 20)) == 0
    assert two_proportion_z((60, 100), (40, 100)) == pytest.approx(2.828427)
