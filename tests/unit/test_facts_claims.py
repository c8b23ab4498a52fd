"""The vendor's numbers beside ours."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from routewarden.base.schema import TABLES, Kind
from routewarden.measures.cube import cells
from routewarden.rules.book import RULES
from routewarden.rules.facts.candidates import with_candidates
from routewarden.rules.facts.claims import (
    SUMS,
    Counted,
    claim_facts,
    claim_sums,
    columns_of,
    dimensions_of,
    each_alike,
    meant_by,
    period_of,
    sources_of,
)
from routewarden.rules.rule import judge
from tests.unit.test_rules import LIMITS

RULE = next(rule for rule in RULES if rule.id == "vendor-claim")
DAY = date(2026, 7, 1)
REPORT = TABLES[Kind.VENDOR_REPORT].schema | {"file": pl.String(), "line": pl.Int64()}
ONE = 10**12
OK = dict.fromkeys(("reference_status", "route_reference_status"), "ok") | {
    "account_type": "retail", "held": True, "directed": False, "in_session_at_receipt": True,
}  # fmt: skip

FILL: dict[str, Any] = {
    **OK, "router": "SOR", "symbol": "A", "venue": "XNYS", "route_venue": None,
    "order_class": "market", "has_order": True, "has_route": True, "quantity": 100 * 10**8,
    "price_improvement": 2_000_000, "price_improvement_at_route": 1_000_000,
    "quoted_spread": 40_000_000, "effective_spread": 20_000_000,
    "quoted_spread_at_route": 40_000_000, "effective_spread_at_route": 30_000_000,
    "effective_spread_at_execution": 10_000_000, "bid_at_execution": 1, "ask_at_execution": 2,
    "fill_time_ms": 5_000_000, "route_time_ms": 3_000_000, "sent_at": 1,
}  # fmt: skip
ORDER: dict[str, Any] = {
    **OK, "has_order": True, "router": "SOR", "symbol": "A", "order_class": "at_quote",
    "quantity": 400 * 10**8, "filled_quantity": 100 * 10**8,
}  # fmt: skip
ROUTE = {**ORDER, "venue": "XNYS", "route_filled_quantity": 200 * 10**8}
METRICS = {"price_improvement", "effective_over_quoted", "effective_spread", "fill_time_ms",
           "fill_rate", "nonsense"}  # fmt: skip


def tables(*fills: dict[str, Any]) -> dict[str, pl.DataFrame]:
    """The measured records of a date: some fills, an order and a route."""
    rows = {"fills": [FILL | fill for fill in fills], "orders": [ORDER], "routes": [ROUTE]}
    wide = {"quantity", "filled_quantity", "route_filled_quantity"}
    return {
        name: pl.DataFrame(
            held,
            infer_schema_length=None,
            schema_overrides=dict.fromkeys(wide & set(held[0]), pl.Int128)
            | ({"route_venue": pl.String} if name == "fills" else {}),
        )
        for name, held in rows.items()
    }


def sums_of(held: dict[str, pl.DataFrame], way: Counted) -> pl.DataFrame:
    """The sums of a date's measured records, reckoned in some way."""
    made = {}
    for source in sources_of(METRICS):
        rows, names = held[source.name], dimensions_of(source, symbols=True)
        alike = way is Counted.EACH_ALIKE
        made[source] = each_alike(rows, source) if alike else cells(rows, source, names)
    return claim_sums(made, way)


def compared(*fills: dict[str, Any], **claim: object) -> pl.DataFrame:
    """The facts of a claim about July, over some fills of DAY."""
    stated = {"period": "2026-07", "metric": "price_improvement", "value": 2 * ONE // 1000,
              "file": "ab", "line": 2} | claim  # fmt: skip
    report = pl.DataFrame([stated], schema=REPORT)
    sums = {
        way: sums_of(tables(*(fills or ({},))), way).with_columns(month=pl.lit("2026-07"))
        for way in Counted
    }
    return with_candidates(claim_facts(report, sums[Counted.ROUTED], [DAY]), sums)


@pytest.mark.parametrize(
    ("claim", "ours", "shares"),
    [
        ({}, 0.002, 100),
        ({"basis": "route"}, 0.001, 100),
        ({"basis": "execution"}, None, 0),
        ({"metric": "net_price_improvement", "symbol": "*", "venue": "*"}, 0.002, 100),
        ({"metric": "effective_over_quoted"}, 0.5, 100),
        ({"metric": "effective_over_quoted", "basis": "route"}, 0.75, 100),
        ({"metric": "effective_over_quoted", "basis": "execution"}, None, 0),
        ({"metric": "effective_spread", "basis": "execution"}, 0.01, 100),
        ({"metric": "fill_time_ms"}, 5, 100),
        ({"metric": "fill_time_ms", "basis": "route"}, 3, 100),
        ({"metric": "fill_rate"}, 0.25, 400),
        ({"metric": "fill_rate", "venue": "XNYS"}, 0.5, 400),
        ({"metric": "fill_rate", "order_class": "at_quote", "basis": "route"}, 0.25, 400),
        ({"metric": "fill_rate", "order_class": "market"}, None, 0),
        ({"venue": "XNYS", "order_class": "market"}, 0.002, 100),
        ({"venue": "XNAS"}, None, 0),
        ({"symbol": "B"}, None, 0),
        ({"metric": "nonsense"}, None, 0),
        ({"metric": None}, None, 0),
        ({"unit": "leagues"}, None, 0),
        ({"period": "2026Q3"}, 0.002, 100),
        ({"period": "2026-08"}, None, 0),
        ({"period": "July"}, None, 0),
        ({"period": None}, None, 0),
    ],
)
def test_ours_is_what_the_claim_means(
    claim: dict[str, object], ours: float | None, shares: int
) -> None:
    facts = compared(**claim)

    assert facts.select("ours", "shares").row(0) == (
        None if ours is None else round(ours * ONE),
        shares * 10**8,
    )


@pytest.mark.parametrize(
    "fill",
    [{"router": None}, {"router": "direct"}, {"order_class": "at_quote"}, {"symbol": "B"}],
)
def test_only_what_the_router_handled_and_the_metric_applies_to_counts(
    fill: dict[str, Any],
) -> None:
    other = {"price_improvement": 9_000_000, "quantity": 10**12} | fill
    facts = compared({}, other, symbol="A")

    assert facts.select("ours", "n").row(0) == (2 * ONE // 1000, 1)


def test_ours_is_weighted_by_shares_and_the_route_tells_a_venue_not_stated() -> None:
    other = {"price_improvement": 6_000_000, "quantity": 300 * 10**8, "venue": None}
    assert compared({}, other | {"route_venue": "XNAS"})["ours"].item() == 5 * ONE // 1000
    assert compared({}, other | {"route_venue": "XNYS"}, venue="XNYS")["n"].item() == 2


@pytest.mark.parametrize(
    ("metric", "unit", "value", "theirs"),
    [
        ("price_improvement", None, 2, 2),
        ("price_improvement", "cents", 2, 0.02),
        ("price_improvement", "USD_per_100", 2, 0.02),
        ("fill_time_ms", "s", 2, 2000),
        ("fill_time_ms", "us", 2, 0.002),
        ("fill_rate", "percent", 2, 0.02),
        ("fill_rate", "fraction", 2, 2),
    ],
)
def test_theirs_is_in_the_metrics_own_unit(
    metric: str, unit: str | None, value: int, theirs: float
) -> None:
    facts = compared(metric=metric, unit=unit, value=value * ONE)

    assert facts["theirs"].item() == round(theirs * ONE)


def verdicts(**claim: object) -> list[tuple[str, str]]:
    found = judge(RULE, compared(**claim), LIMITS)
    return found.select("severity", "verdict").rows()


@pytest.mark.parametrize(
    ("claim", "found"),
    [
        ({"value": 2_100_000_000}, []),  # 0.0001 more
        ({"value": 2_100_000_001}, [("medium", "yes")]),
        ({"value": 1_899_999_999}, [("medium", "yes")]),
        ({"metric": "fill_time_ms", "value": 5_100_000_000_000}, []),  # 2 % more
        ({"metric": "fill_time_ms", "value": 5_100_000_000_001}, [("medium", "yes")]),
        ({"metric": "fill_rate", "value": 255_000_000_000}, []),
        ({"metric": "fill_rate", "value": 244_999_999_999}, [("medium", "yes")]),
        ({"value": None}, [("low", "unknown")]),
        ({"metric": "nonsense"}, [("low", "unknown")]),
        ({"venue": "XNAS"}, [("low", "unknown")]),
    ],
)
def test_a_claim_beyond_its_limit_is_found(
    claim: dict[str, object], found: list[tuple[str, str]]
) -> None:
    assert verdicts(**claim) == found


def test_a_claim_says_theirs_ours_and_over_what() -> None:
    found = judge(RULE, compared(value=4 * ONE // 1000), LIMITS)

    assert found.select("trading_date", "id", "because", "file", "line").row(0) == (
        DAY,
        "2026-07 * * * price_improvement",
        (
            "claimed price_improvement by receipt: 0.004 price/share; ours 0.002 over 100 shares "
            "(1 fills or orders), a gap of 0.002; limit 0.0001 price/share (shipped default); no "
            "other way of reckoning it comes close"
        ),
        "ab",
        2,
    )


def test_a_claim_not_understood_is_told_as_stated() -> None:
    found = judge(RULE, compared(metric="nonsense", unit="x", value=3 * ONE), LIMITS)

    assert found["because"].item() == (
        "claimed nonsense by receipt: 3 x; ours none over 0 shares (0 fills or orders), a gap of "
        "none; limit none"
    )


@pytest.mark.parametrize(
    ("claim", "day"),
    [
        ({"period": "2026-06"}, date(2026, 6, 30)),
        ({"period": "2026Q4"}, date(2026, 12, 31)),
        ({"period": "someday"}, DAY),
    ],
)
def test_a_claim_is_dated_by_the_end_of_its_period(claim: dict[str, object], day: date) -> None:
    assert compared(**claim)["trading_date"].item() == day


@pytest.mark.parametrize(
    ("name", "span"),
    [
        ("2026-02", (date(2026, 2, 1), date(2026, 2, 28))),
        ("2026-12", (date(2026, 12, 1), date(2026, 12, 31))),
        ("2026Q1", (date(2026, 1, 1), date(2026, 3, 31))),
        ("2026Q4", (date(2026, 10, 1), date(2026, 12, 31))),
        *((name, None) for name in ("2026-13", "2026Q5", "2026", "0000-01", "9999-12", "", None)),
    ],
)
def test_a_period_is_a_month_or_a_quarter(name: str | None, span: object) -> None:
    assert period_of(name) == span


def test_only_the_columns_of_the_metrics_asked_for_are_read() -> None:
    columns = {source.name: columns_of(source) for source in sources_of({"fill_rate"})}

    assert columns["routes"] == [
        *("account_type", "directed", "has_order", "held", "in_session_at_receipt", "order_class"),
        *("quantity", "reference_status", "route_filled_quantity", "router", "symbol", "venue"),
    ]
    assert set(columns) == {"orders", "routes"}
    assert "price_improvement" in columns_of(sources_of(METRICS)[0])
    assert not sources_of({"nonsense"})
    assert claim_sums({}).schema == SUMS


def test_claims_about_no_one_symbol_are_answered_from_what_has_no_symbols() -> None:
    fills, orders, _ = sources_of({*METRICS})

    assert "symbol" not in dimensions_of(fills, symbols=False)
    assert "venue" in dimensions_of(fills, symbols=False)
    assert "venue" not in dimensions_of(orders, symbols=True)


def test_a_measure_named_for_its_instant_means_that_whatever_the_basis() -> None:
    metric = meant_by("route_time_ms", "execution")

    assert metric is not None
    assert metric.of == "route_time_ms"
    assert meant_by("realized_spread_1s", "route") is None


# -- What may lie behind a gap ---------------------------------------------------------------------

TWO: tuple[dict[str, Any], ...] = (
    {},
    {"price_improvement": 6_000_000, "quantity": 300 * 10**8, "fill_time_ms": 9_000_000},
)
"""Shares-weighted 0.005 and 8 ms; each fill alike 0.004 and 7 ms."""
DIRECT = {"router": "direct", "price_improvement": 10_000_000}
DESK = {"account_type": "proprietary", "price_improvement": 10_000_000}
CROSSING = {"order_class": "marketable_limit", "price_improvement": 10_000_000}


@pytest.mark.parametrize(
    ("fills", "claim", "candidates"),
    [
        (TWO, {"value": 4 * ONE // 1000}, ["weighting"]),
        (TWO, {"metric": "fill_time_ms", "value": 7 * ONE}, ["weighting"]),
        (TWO, {"value": -5 * ONE // 1000}, ["sign"]),
        (TWO, {"value": 5 * ONE // 10}, ["unit"]),
        (TWO, {"metric": "fill_time_ms", "value": 8 * ONE // 1000}, ["unit"]),
        (({},), {"value": ONE // 1000}, ["reference quote"]),
        (({},), {"metric": "effective_spread", "value": ONE // 100}, ["reference quote", "unit"]),
        (({},), {"metric": "effective_spread", "value": 5 * ONE // 1000}, []),
        (({},), {"metric": "fill_time_ms", "value": 3 * ONE}, ["clock"]),
        (({}, DIRECT), {"value": 6 * ONE // 1000}, ["inclusion"]),
        (({}, DESK), {"value": 2 * ONE // 1000}, ["inclusion"]),
        (({}, CROSSING), {"value": 6 * ONE // 1000, "order_class": "market"}, ["inclusion"]),
        (({},), {"value": 3 * ONE // 1000}, []),
        (({},), {"value": 3 * ONE // 1000, "shares": 90 * 10**8}, ["missing orders"]),
        (({},), {"metric": "fill_rate", "value": 25 * ONE}, ["unit"]),
        (({},), {"value": 2 * ONE // 1000, "shares": 90 * 10**8}, []),  # no gap, nothing to explain
        (({},), {"value": None, "shares": 90 * 10**8}, []),
        (({},), {"metric": "nonsense"}, []),
    ],
)
def test_a_gap_names_what_comes_close_to_theirs(
    fills: tuple[dict[str, Any], ...], claim: dict[str, object], candidates: list[str]
) -> None:
    told = compared(*fills, **claim)["candidates"].item()

    assert [each.partition(" (")[0] for each in (told or "").split("; ") if each] == candidates


def test_shares_that_differ_are_told_both() -> None:
    told = compared(value=3 * ONE // 1000, shares=90 * 10**8)["candidates"].item()

    assert told == "missing orders (theirs is about 90 shares, ours about 100)"


def test_where_nothing_comes_close_the_nearest_is_named_and_what_it_leaves() -> None:
    facts = compared(*TWO, value=35 * ONE // 10_000)  # ours 0.005, each execution alike 0.004

    assert facts["candidates"].item() is None
    assert facts["nearest"].item() == (
        "weighting (each execution counts alike, whatever its shares), which gives 0.00400 and "
        "leaves 0.00050"
    )
