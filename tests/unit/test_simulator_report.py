"""The vendor's report against its own definitions, worked out fill by fill."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

import polars as pl
import pytest

from routewarden.base.schema import Kind
from routewarden.simulator.faults import Fault
from routewarden.simulator.report import Sums, Tally, report
from routewarden.simulator.units import SHARE
from routewarden.simulator.world import World
from tests.sample_world import (
    QUIET,
    SEEDS,
    TOLD_ONCE,
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
    """Every value of the report, by venue, class and metric."""
    sums = defaultdict(int, wanted(seed, faults))
    for order, fill in in_effect(seed, faults):
        sign, quantity = order["sign"], fill["quantity"]
        for venue in ("*", fill["venue"]):
            place = (venue, order["order_class"])
            sums[*place, "shares"] += quantity
            sums[*place, "better"] += quantity * sign * (order["far"] - fill["price"])
            twice = 2 * fill["price"] - order["bid"] - order["ask"]
            sums[*place, "effective"] += quantity * sign * twice
            sums[*place, "quoted"] += quantity * (order["ask"] - order["bid"])
            sums[*place, "taken"] += quantity * (fill["executed_at"] - order["received_at"])
    values: dict[tuple[str, ...], Fraction] = {}
    for place in {(venue, order_class) for venue, order_class, _ in sums}:
        shares = sums[*place, "shares"]
        values[*place, "fill_rate"] = Fraction(shares, sums[*place, "wanted"])
        if shares:
            values[*place, "price_improvement"] = Fraction(sums[*place, "better"], shares * 10**8)
            values[*place, "fill_time_ms"] = Fraction(sums[*place, "taken"], shares * 10**6)
        if quoted := sums[*place, "quoted"]:
            values[*place, "effective_over_quoted"] = Fraction(sums[*place, "effective"], quoted)
    return values


def wanted(seed: int, faults: frozenset[Fault]) -> dict[tuple[str, str, str], int]:
    """The shares ordered, and those routed to each venue."""
    sums: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    of = orders(seed, faults)
    for order in of.values():
        sums["*", order["order_class"], "wanted"] += order["quantity"]
    for route in typed(seed, Kind.ROUTES, faults).rows(named=True):
        if route["order_id"] in of:
            sums[route["venue"], of[route["order_id"]]["order_class"], "wanted"] += route[
                "quantity"
            ]
    return sums


def in_effect(seed: int, faults: frozenset[Fault]) -> Iterator[tuple[Row, Row]]:
    """The fills of these orders that no bust or correction names, and that are no busts."""
    of, fills = orders(seed, faults), typed(seed, Kind.FILLS, faults)
    gone = set(fills["refers_to"].drop_nulls())
    for fill in fills.filter(pl.col("status") != "busted").rows(named=True):
        if fill["order_id"] in of and fill["fill_id"] not in gone:
            yield of[fill["order_id"]], fill


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
    tally = Tally(wanted=Counter({("market", "XNYS"): 100 * SHARE}))

    told = report("2025-10", tally, flattered=True)

    place = ("2025-10", "*", "XNYS", "market", "fill_rate")
    assert told.rows == ((*place, "0", "fraction", "receipt", "100"),)
    assert told.answers == ()


def test_fills_in_a_locked_market_have_no_spread_to_compare_with() -> None:
    sums = Sums(shares=SHARE, improvement=0, effective=0, quoted=0, time=SHARE)
    place = ("market", "XNYS")
    tally = Tally({place: sums}, Counter({place: SHARE}))

    told = report("2025-10", tally, flattered=False)

    assert {row[4]: row[5] for row in told.rows} == {
        "fill_rate": "1",
        "price_improvement": "0",
        "fill_time_ms": "0.000001",
    }
