"""The vendor's report against its own definitions, worked out fill by fill."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

import polars as pl
import pytest

from routewarden.base.schema import Kind
from routewarden.simulator.faults import EVERY_FAULT, Fault
from routewarden.simulator.stage import Scale
from routewarden.simulator.world import World, simulate
from tests.sample_world import (
    CALENDAR,
    MONDAY,
    QUIET,
    SEEDS,
    TOLD_ONCE,
    WEDNESDAY,
    hours,
    typed,
    world,
)

FLATTERED = frozenset({Fault.FLATTERY})
Row = dict[str, Any]


@cache
def orders(seed: int, faults: frozenset[Fault]) -> dict[str, Row]:
    """The orders reported on, with their quote at receipt and their class."""
    quotes = typed(seed, Kind.QUOTES, faults).sort("at", "seq").drop("condition", "seq")
    received = hours(typed(seed, Kind.ORDERS, faults), "received_at").filter(
        pl.col("router") == "acme-sor",
        pl.col("asset_class") == "equity",
        pl.col("received_at").is_between("open", "close"),
        pl.col("order_type").is_in(["market", "limit"]),
    )
    judged = received.sort("received_at").join_asof(
        quotes, left_on="received_at", right_on="at", by="symbol", check_sortedness=False
    )
    found = {}
    for row in (
        judged.drop_nulls(["bid", "ask"]).filter(pl.col("bid") <= pl.col("ask")).rows(named=True)
    ):
        sign = 1 if row["side"] == "buy" else -1
        far = row["ask"] if sign > 0 else row["bid"]
        if row["order_type"] == "market":
            order_class = "market"
        elif row["limit_price"] * sign >= far * sign:
            order_class = "marketable_limit"
        else:
            continue
        found[row["order_id"]] = {**row, "sign": sign, "far": far, "order_class": order_class}
    return found


def expected(seed: int, faults: frozenset[Fault]) -> dict[tuple[str, ...], Fraction]:
    """Every value of the report, by venue, class and metric; prices are in units of 10**-8."""
    of = orders(seed, faults)
    all_fills = typed(seed, Kind.FILLS, faults)
    gone = set(all_fills["refers_to"].drop_nulls())
    sums: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    for order in of.values():
        sums["*", order["order_class"], "wanted"] += order["quantity"]
    for route in typed(seed, Kind.ROUTES, faults).rows(named=True):
        if order := of.get(route["order_id"]):
            sums[route["venue"], order["order_class"], "wanted"] += route["quantity"]
    for fill in all_fills.rows(named=True):
        order = of.get(fill["order_id"])
        if order and fill["status"] != "busted" and fill["fill_id"] not in gone:
            sign, middle = order["sign"], Fraction(order["bid"] + order["ask"], 2)
            for venue in ("*", fill["venue"]):
                place = (venue, order["order_class"])
                sums[*place, "shares"] += fill["quantity"]
                better = sign * (order["far"] - fill["price"])
                sums[*place, "better"] += fill["quantity"] * better
                effective = int(2 * sign * (fill["price"] - middle))
                sums[*place, "effective"] += fill["quantity"] * effective
                sums[*place, "quoted"] += fill["quantity"] * (order["ask"] - order["bid"])
                taken = fill["executed_at"] - order["received_at"]
                sums[*place, "taken"] += fill["quantity"] * taken
    values = {}
    for venue, order_class in {key[:2] for key in sums}:
        place = (venue, order_class)
        shares = sums[*place, "shares"]
        values[*place, "fill_rate"] = Fraction(shares, sums[*place, "wanted"])
        if shares:
            values[*place, "price_improvement"] = Fraction(sums[*place, "better"], shares * 10**8)
            values[*place, "fill_time_ms"] = Fraction(sums[*place, "taken"], shares * 10**6)
        if quoted := sums[*place, "quoted"]:
            values[*place, "effective_over_quoted"] = Fraction(sums[*place, "effective"], quoted)
    return values


def stated(told: World) -> dict[tuple[str, ...], Decimal]:
    rows = told.tables[Kind.VENDOR_REPORT].rows(named=True)
    return {
        (row["venue"], row["order_class"], row["metric"]): Decimal(row["value"]) for row in rows
    }


@pytest.mark.parametrize("faults", [QUIET, TOLD_ONCE - FLATTERED])
@pytest.mark.parametrize("seed", SEEDS)
def test_an_honest_report_is_exact(seed: int, faults: frozenset[Fault]) -> None:
    told, values = stated(world(seed, faults=faults)), expected(seed, faults)

    assert told.keys() == values.keys()
    half = Fraction(1, 2 * 10**12)
    assert all(abs(Fraction(told[place]) - value) <= half for place, value in values.items())
    assert {order_class for _, order_class, _ in values} == {"market", "marketable_limit"}


@pytest.mark.parametrize("seed", SEEDS)
def test_just_the_planted_rows_flatter(seed: int) -> None:
    honest = stated(world(seed, faults=TOLD_ONCE - FLATTERED))
    told = world(seed)
    flattered = stated(told)
    differing = {place for place, value in flattered.items() if value != honest[place]}
    answers = [each for each in told.answers if each.fault is Fault.FLATTERY]

    named = {tuple(answer.record_ids[0].split("|")[2:]) for answer in answers}
    assert {(venue, order_class, metric) for venue, order_class, metric in differing} == named
    for answer in answers:
        place = (answer.venue, answer.order_class, answer.record_ids[0].split("|")[-1])
        if answer.size == "+0.0020":
            assert flattered[place] - honest[place] == Decimal("0.002")
        else:
            assert answer.size == "x0.8"
            assert abs(flattered[place] - honest[place] * Decimal("0.8")) < Decimal("1e-11")


def test_a_venue_that_filled_nothing_has_a_fill_rate_only() -> None:
    told = simulate(1, CALENDAR, (MONDAY, WEDNESDAY), Scale(12, 300), EVERY_FAULT)
    metrics: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for venue, order_class, metric in stated(told):
        metrics[venue, order_class].add(metric)

    assert all("fill_rate" in each for each in metrics.values())
