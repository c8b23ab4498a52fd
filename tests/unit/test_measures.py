from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from routewarden.measures.fills import FILL_MEASURES, lack, measure_fills
from routewarden.measures.horizon import HORIZONS
from routewarden.measures.measure import Reference

MEASURES = {measure.name: measure for measure in FILL_MEASURES}
AFTER = tuple(horizon.when for horizon in HORIZONS)
TEXT = ("side", "order_type", "time_in_force")
MS = 1_000_000

# A buy of 100 at 10.03, received when the market was 10.00 x 10.04, routed at 10.00 x 10.06 and
# executed at 10.01 x 10.05; ever after the market is 10.04 x 10.06.
BUY = {
    **dict.fromkeys(("has_order", "has_route"), True),
    **dict.fromkeys(
        ("in_session_at_receipt", "in_session_at_route", "in_session_at_execution"), True
    ),
    "side": "buy",
    "order_type": "market",
    "time_in_force": "day",
    "limit_price": None,
    "price": "10.03",
    "quantity": "100",
    "fee": "0.30",
    "received_at": 0,
    "sent_at": 10 * MS,
    "executed_at": 60 * MS,
    "at_receipt": "10.00 10.04",
    "at_route": "10.00 10.06",
    "at_execution": "10.01 10.05",
    **dict.fromkeys(AFTER, "10.04 10.06"),
}


def scaled(text: object, places: int) -> int | None:
    return None if text is None else int(Decimal(str(text)).scaleb(places))


def fill(**changes: object) -> pl.DataFrame:
    """The buy, changed: quotes are bid and ask, with a dot for an absent side."""
    row = {**BUY, **changes}
    for when in ("at_receipt", "at_route", "at_execution", *AFTER):
        bid, ask = (None if side == "." else side for side in str(row.pop(when)).split())
        row |= {f"bid_{when}": scaled(bid, 8), f"ask_{when}": scaled(ask, 8)}
    row |= {name: scaled(row[name], 8) for name in ("price", "quantity", "limit_price")}
    row["fee"] = scaled(row["fee"], 12)
    dtypes: dict[str, pl.DataType] = dict.fromkeys(
        [name for name, value in row.items() if not isinstance(value, bool)], pl.Int64()
    )
    dtypes |= dict.fromkeys(TEXT, pl.String()) | dict.fromkeys(("quantity", "fee"), pl.Int128())
    return pl.DataFrame([row], schema_overrides=dtypes)


def value(name: str, **changes: object) -> Decimal | bool | None:
    """A measure of the buy, changed, as the number it stands for."""
    found = measure_fills(fill(**changes))[name].item()
    if found is None or isinstance(found, bool):
        return found
    return Decimal(found).scaleb(-MEASURES[name].scale)


def status(column: str, **changes: object) -> object:
    return measure_fills(fill(**changes))[column].item()


# -- Against the quote -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("quoted_spread", "0.04"),
        ("effective_spread", "0.02"),
        ("effective_spread_at_execution", "0"),
        ("price_improvement", "0.01"),
        ("slippage", "0.01"),
        ("realized_spread_50ms", "-0.04"),
        ("realized_spread_5m", "-0.04"),
        ("reversion_50ms", "0.02"),
        ("reversion_5m", "0.02"),
        ("quoted_spread_at_route", "0.06"),
        ("effective_spread_at_route", "0"),
        ("price_improvement_at_route", "0.03"),
        ("explicit_cost", "0.003"),
        ("net_effective_spread", "0.026"),
        ("fill_time_ms", "60"),
        ("route_time_ms", "50"),
        ("decision_time_ms", "10"),
    ],
)
def test_a_buy_inside_the_quote(name: str, expected: str) -> None:
    assert value(name) == Decimal(expected)


@pytest.mark.parametrize("side", ["sell", "sell_short", "sell_short_exempt"])
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("quoted_spread", "0.04"),
        ("effective_spread", "-0.02"),
        ("effective_spread_at_execution", "0"),
        ("price_improvement", "0.03"),
        ("slippage", "-0.01"),
        ("realized_spread_1m", "0.04"),
        ("reversion_1m", "-0.02"),
        ("effective_spread_at_route", "0"),
        ("price_improvement_at_route", "0.03"),
        ("net_effective_spread", "-0.014"),
    ],
)
def test_a_sell_at_the_same_price_has_the_signs_turned(side: str, name: str, expected: str) -> None:
    assert value(name, side=side) == Decimal(expected)


@pytest.mark.parametrize(
    ("price", "improvement", "at_or_better"),
    [("10.039999", "0.000001", True), ("10.04", "0", True), ("10.05", "-0.01", False)],
)
def test_a_price_is_better_than_at_or_outside_the_quote(
    price: str, improvement: str, *, at_or_better: bool
) -> None:
    assert value("price_improvement", price=price) == Decimal(improvement)
    assert value("at_or_better", price=price) is at_or_better


def test_a_midpoint_between_ticks_is_exact() -> None:
    """The midpoint of 0.00000001 and 0.00000002 is 0.000000015."""
    quote = "0.00000001 0.00000002"

    assert value("slippage", price="0.00000002", at_receipt=quote) == Decimal("0.000000005")


@pytest.mark.parametrize("at_execution", [". 10.05", "10.01 .", "10.06 10.05"])
def test_what_needs_the_midpoint_at_execution_is_null_without_it(at_execution: str) -> None:
    changed = measure_fills(fill(at_execution=at_execution)).row(0, named=True)

    assert {name for name in MEASURES if changed[name] is None} == {
        "effective_spread_at_execution",
        *(f"reversion_{horizon.label}" for horizon in HORIZONS),
    }


def test_what_needs_the_midpoint_at_a_horizon_is_null_without_it() -> None:
    changed = measure_fills(fill(after_1m="10.04 .")).row(0, named=True)

    assert {name for name in MEASURES if changed[name] is None} == {
        *("realized_spread_1m", "reversion_1m")
    }


# -- Fees and times --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fee", "quantity", "cost"),
    [
        ("-0.25", "100", "-0.0025"),
        ("0", "100", "0"),
        ("1", "3", "0.333333333333"),
        ("0.000000000001", "2", "0"),
        ("0.000000000003", "2", "0.000000000002"),
        ("-0.000000000003", "2", "-0.000000000002"),
        ("1000000000000", "0.00000001", "100000000000000000000"),
    ],
)
def test_an_explicit_cost_is_the_fee_by_share_half_to_even(
    fee: str, quantity: str, cost: str
) -> None:
    assert value("explicit_cost", fee=fee, quantity=quantity) == Decimal(cost)


def test_without_a_fee_what_needs_it_is_null() -> None:
    changed = measure_fills(fill(fee=None)).row(0, named=True)

    assert {name for name in MEASURES if changed[name] is None} == {
        *("explicit_cost", "net_effective_spread")
    }


def test_a_time_keeps_its_nanosecond_and_its_sign() -> None:
    skewed = {"received_at": 60 * MS + 1, "executed_at": 60 * MS}

    assert value("fill_time_ms", **skewed) == Decimal("-0.000001")


# -- The statuses ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quote", "expected"),
    [
        ("10.00 10.04", "ok"),
        ("10.00 10.00", "locked"),
        ("10.05 10.04", "crossed"),
        ("10.00 .", "one_sided"),
        (". 10.04", "one_sided"),
        (". .", "none"),
    ],
)
def test_a_status_says_what_the_quote_is_like(quote: str, expected: str) -> None:
    assert status("reference_status", at_receipt=quote) == expected
    assert status("route_reference_status", at_route=quote) == expected


@pytest.mark.parametrize("quote", ["10.00 10.04", ". .", "10.05 10.04"])
def test_outside_the_session_goes_before_any_other_status(quote: str) -> None:
    receipt = {"at_receipt": quote, "in_session_at_receipt": False}
    route = {"at_route": quote, "in_session_at_route": False}

    assert status("reference_status", **receipt) == "outside_session"
    assert status("route_reference_status", **route) == "outside_session"


AT_RECEIPT = {m.name for m in FILL_MEASURES if m.reference is Reference.RECEIPT}
AT_ROUTE = {m.name for m in FILL_MEASURES if m.reference is Reference.ROUTE}


@pytest.mark.parametrize(
    "changes",
    [
        {"at_receipt": "10.05 10.04"},
        {"at_receipt": "10.00 ."},
        {"at_receipt": ". ."},
        {"in_session_at_receipt": False},
    ],
)
def test_a_status_that_cannot_be_judged_by_takes_every_measure_at_receipt(
    changes: dict[str, object],
) -> None:
    changed = measure_fills(fill(**changes)).row(0, named=True)

    assert {name for name in MEASURES if changed[name] is None} == AT_RECEIPT


@pytest.mark.parametrize("changes", [{"at_route": "10.07 10.06"}, {"in_session_at_route": False}])
def test_a_route_is_judged_by_its_own_status(changes: dict[str, object]) -> None:
    changed = measure_fills(fill(**changes)).row(0, named=True)

    assert {name for name in MEASURES if changed[name] is None} == AT_ROUTE


def test_a_locked_quote_is_measured() -> None:
    assert value("quoted_spread", at_receipt="10.04 10.04") == 0
    assert value("effective_spread", at_receipt="10.04 10.04") == Decimal("-0.02")


def test_a_fill_without_an_order_has_neither_class_nor_status_nor_measure() -> None:
    orphan = {"has_order": False, "side": None, "order_type": None, "received_at": None}

    measured = measure_fills(fill(**orphan)).row(0, named=True)

    assert {name for name in MEASURES if measured[name] is not None} == set()
    statuses = ("order_class", "reference_status", "route_reference_status")
    assert [measured[name] for name in statuses] == [None, None, None]


def test_a_fill_without_a_route_lacks_what_is_the_routes() -> None:
    measured = measure_fills(fill(has_route=False, sent_at=None)).row(0, named=True)

    assert {name for name in MEASURES if measured[name] is None} == {
        *AT_ROUTE,
        *("route_time_ms", "decision_time_ms"),
    }
    assert measured["route_reference_status"] is None


# -- Why a value is missing ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "why", "changes"),
    [
        ("effective_spread", None, {}),
        ("effective_spread", "crossed", {"at_receipt": "10.05 10.04"}),
        ("effective_spread", "outside_session", {"in_session_at_receipt": False}),
        ("effective_spread", "no_order", {"has_order": False, "has_route": False}),
        ("effective_spread_at_route", "no_route", {"has_route": False}),
        ("effective_spread_at_route", "one_sided", {"at_route": "10.00 ."}),
        ("effective_spread_at_route", "no_order", {"has_order": False, "has_route": False}),
        ("effective_spread_at_execution", "no_mid_at_te", {"at_execution": "10.01 ."}),
        ("effective_spread_at_execution", "none", {"at_execution": ". .", "at_receipt": ". ."}),
        ("realized_spread_1s", "no_mid_at_horizon", {"after_1s": "10.01 ."}),
        (
            "realized_spread_1s",
            "after_close",
            {"after_1s": ". .", "in_session_at_execution": False},
        ),
        ("reversion_1s", "no_mid_at_te", {"at_execution": ". .", "after_1s": ". ."}),
        ("reversion_1s", "no_mid_at_horizon", {"after_1s": ". ."}),
        ("reversion_1s", "after_close", {"after_1s": ". .", "in_session_at_execution": False}),
        ("explicit_cost", "no_fee", {"fee": None}),
        ("explicit_cost", "no_order", {"fee": None, "has_order": False}),
        ("net_effective_spread", "no_fee", {"fee": None}),
        ("net_effective_spread", "crossed", {"fee": None, "at_receipt": "10.05 10.04"}),
        ("route_time_ms", "no_route", {"sent_at": None, "has_route": False}),
        ("fill_time_ms", None, {"at_receipt": ". ."}),
    ],
)
def test_the_first_reason_that_holds_is_told(
    name: str, why: str | None, changes: dict[str, object]
) -> None:
    measured = measure_fills(fill(**changes))

    assert measured.select(why=lack(MEASURES[name]))["why"].item() == why


# -- Order classes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("side", "limit", "expected"),
    [
        ("buy", "10.05", "marketable_limit"),
        ("buy", "10.04", "marketable_limit"),
        ("buy", "10.0399", "inside_quote"),
        ("buy", "10.0001", "inside_quote"),
        ("buy", "10.00", "at_quote"),
        ("buy", "9.9999", "near_quote"),
        ("buy", "9.90", "near_quote"),
        ("buy", "9.8999", "away"),
        ("sell", "9.99", "marketable_limit"),
        ("sell", "10.00", "marketable_limit"),
        ("sell_short", "10.0001", "inside_quote"),
        ("sell", "10.04", "at_quote"),
        ("sell", "10.14", "near_quote"),
        ("sell", "10.1401", "away"),
    ],
)
def test_a_limit_order_is_classed_by_where_its_limit_stands(
    side: str, limit: str, expected: str
) -> None:
    order = {"order_type": "limit", "side": side, "limit_price": limit}

    assert status("order_class", **order) == expected


@pytest.mark.parametrize("quote", [". .", "10.00 .", ". 10.04", "10.05 10.04"])
def test_a_limit_order_without_a_market_to_compare_is_unclassified(quote: str) -> None:
    order = {"order_type": "limit", "limit_price": "10.00", "at_receipt": quote}

    assert status("order_class", **order) == "unclassified"


def test_a_limit_order_at_a_locked_quote_is_marketable() -> None:
    order = {"order_type": "limit", "limit_price": "10.00", "at_receipt": "10.00 10.00"}

    assert status("order_class", **order) == "marketable_limit"


@pytest.mark.parametrize("quote", ["10.00 10.04", ". .", "10.05 10.04"])
def test_a_market_order_is_one_whatever_the_quote(quote: str) -> None:
    assert status("order_class", at_receipt=quote) == "market"


@pytest.mark.parametrize(
    "changes",
    [
        *({"order_type": name} for name in ("stop", "stop_limit", "pegged", "market_on_open")),
        *({"order_type": name} for name in ("limit_on_open", "market_on_close", "limit_on_close")),
        {"order_type": "market", "time_in_force": "opening"},
        {"order_type": "limit", "limit_price": "10.04", "time_in_force": "closing"},
    ],
)
def test_stops_pegs_and_auctions_are_of_another_class(changes: dict[str, object]) -> None:
    assert status("order_class", **changes) == "other"


def test_the_class_stays_outside_the_session() -> None:
    assert status("order_class", in_session_at_receipt=False) == "market"
