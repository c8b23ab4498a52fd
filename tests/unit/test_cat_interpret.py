"""What CAT events tell of orders, routes and executions."""

from __future__ import annotations

import polars as pl
import pytest

from routewarden.base.schema import Kind
from routewarden.events.cat.interpret import interpret_cat
from tests.cat_sample import (
    DAY,
    Fields,
    at,
    detail,
    lines,
    new,
    orders,
    read,
    route,
    sound,
    told,
    trade,
    utc,
)

MARKET: Fields = {"orderType": "MKT", "price": None}
ORDER = new("O1", "093000.001")


def order(*events: Fields) -> dict[str, object]:
    """The only order that some events tell of."""
    return told(events)[Kind.ORDERS].row(0, named=True)


def test_nothing_held_tells_nothing() -> None:
    nothing, _ = read(b"\n")
    tables = interpret_cat(nothing.with_columns(file=pl.lit("f")), {}).tables

    assert [table.height for table in tables.values()] == [0, 0, 0]


def test_an_order_is_told_by_its_new_order_event() -> None:
    found = order(ORDER)

    assert {name: value for name, value in found.items() if value and name[:2] != "x_"} == {
        "order_id": "O1",
        "received_at": utc("13:30:00.001"),
        "symbol": "ABC",
        "side": "buy",
        "quantity": "100",
        "order_type": "limit",
        "limit_price": "10.5",
        "time_in_force": "day",
        "session": "regular",
        "account_type": "retail",
        "asset_class": "equity",
        "account_id": "ACC",
        "file": "f",
        "line": 1,
        "end": len(lines([ORDER])),
    }
    assert found["x_timeInForce"] == '{"DAY":"20260706"}'
    assert found["x_representativeInd"] == "N"
    assert "x_side" not in found


def test_a_told_order_passes_the_checks_of_any_table() -> None:
    tables = told(
        [ORDER, route("R1", "093001", ORDER), trade("T", "094000", buyDetails=[detail(ORDER)])]
    )

    assert [sound(kind, table).height for kind, table in tables.items()] == [1, 1, 1]


@pytest.mark.parametrize(
    ("fields", "order_type", "time_in_force", "stop_price"),
    [
        (MARKET, "market", "day", None),
        ({"orderType": "LMT"}, "limit", "day", None),
        ({"orderType": "CAB"}, "limit", "day", None),
        ({"orderType": "CAB", "price": None}, "CAB", "day", None),
        (
            {"handlingInstructions": {"MOO": True}, **MARKET},
            "market_on_open",
            "opening",
            None,
        ),
        ({"handlingInstructions": {"LOO": True}}, "limit_on_open", "opening", None),
        (
            {"handlingInstructions": {"MOC": True}, **MARKET},
            "market_on_close",
            "closing",
            None,
        ),
        ({"handlingInstructions": {"LOC": True}}, "limit_on_close", "closing", None),
        ({"handlingInstructions": {"STOP": 9.5}, **MARKET}, "stop", "day", "9.5"),
        ({"handlingInstructions": {"STOP": "9.5"}}, "stop_limit", "day", "9.5"),
        ({"handlingInstructions": {"STOP": True}}, "stop_limit", "day", None),
        ({"handlingInstructions": {"PEG": True}}, "pegged", "day", None),
        ({"handlingInstructions": {"FOK": True}}, "limit", "fok", None),
        ({"timeInForce": {"IOC": True}}, "limit", "ioc", None),
        ({"timeInForce": {"GTC": True}}, "limit", "gtc", None),
        ({"timeInForce": {"GTD": "20260801"}}, "limit", "gtd", None),
        ({"timeInForce": {"GTX": "20260801"}}, "limit", None, None),
    ],
)
def test_type_and_time_in_force_are_read_together(
    fields: Fields, order_type: str, time_in_force: str | None, stop_price: str | None
) -> None:
    found = order({**ORDER, **fields})

    assert found["order_type"] == order_type
    assert found["time_in_force"] == time_in_force
    assert found["stop_price"] == stop_price


@pytest.mark.parametrize(
    ("fields", "name", "value"),
    [
        ({"handlingInstructions": {"NH": True}}, "held", "false"),
        ({}, "held", None),
        ({"handlingInstructions": {"DIR": True}}, "directed", "true"),
        ({}, "directed", None),
        ({"side": "SL"}, "side", "sell"),
        ({"side": "SS"}, "side", "sell_short"),
        ({"side": "SX"}, "side", "sell_short_exempt"),
        ({"tradingSession": "PRE"}, "session", "pre"),
        ({"tradingSession": "POST"}, "session", "post"),
        ({"tradingSession": "ALL"}, "session", None),
        ({"accountHolderType": "A"}, "account_type", "institutional"),
        ({"accountHolderType": "O"}, "account_type", "market_maker"),
        ({"accountHolderType": "P"}, "account_type", "proprietary"),
        ({"accountHolderType": "E"}, "account_type", None),
    ],
)
def test_a_word_means_what_it_surely_means_or_nothing(
    fields: Fields, name: str, value: str | None
) -> None:
    assert order({**ORDER, **fields})[name] == value


def test_an_option_order_is_one_of_an_option() -> None:
    option = {"optionID": "ABC 260821C00010000", "side": "S"}
    found = order({**new("O1", "093000.001", "MONO"), **option})

    assert (found["asset_class"], found["symbol"]) == ("option", "ABC 260821C00010000")
    assert found["side"] == "sell"


def test_an_order_from_another_firm_is_an_order() -> None:
    accepted = {"receiverIMID": "FIRM", "senderIMID": "OTHR", "senderType": "F", "isoInd": "NA"}

    assert order({**new("O1", "093000.001", "MEOA"), **accepted})["x_senderIMID"] == "OTHR"


def test_of_a_manual_order_the_electronic_time_stands() -> None:
    """The hand-noted time stays beside it."""
    found = order({**ORDER, "manualFlag": True, "electronicTimestamp": at("093007.5")})

    assert found["received_at"] == "2026-07-06T13:30:07.500000000Z"
    assert found["x_eventTimestamp"] == at("093000.001")


def test_a_correction_stands_in_for_what_it_corrects() -> None:
    fixes: list[Fields] = [
        {**ORDER, "actionType": "COR", "quantity": 90},
        {**ORDER, "actionType": "RPR", "quantity": 80, "eventTimestamp": at("093000.002")},
    ]

    assert orders([*fixes, ORDER], "quantity") == [("80",)]
    assert orders([ORDER, fixes[0]], "quantity") == [("90",)]


def test_a_deletion_takes_an_event_out_whatever_came_first() -> None:
    deletion: Fields = {"actionType": "DEL", "firmROEID": ORDER["firmROEID"]}

    assert (
        orders([deletion, ORDER, {**ORDER, "actionType": "COR", "quantity": 1}], "order_id") == []
    )
    assert orders([ORDER, {**deletion, "firmROEID": f"{DAY}_else"}], "order_id") == [("O1",)]


def test_two_reporters_may_number_alike() -> None:
    other: Fields = {**new("O2", "093000.001"), "CATReporterIMID": "OTHR"}
    other["firmROEID"] = ORDER["firmROEID"]
    deletion = {"actionType": "DEL", "firmROEID": ORDER["firmROEID"], "CATReporterIMID": "OTHR"}

    assert orders([ORDER, other, deletion], "order_id") == [("O1",)]


def test_one_number_on_two_new_events_is_two_events() -> None:
    assert (
        len(orders([ORDER, {**new("O2", "093000"), "firmROEID": ORDER["firmROEID"]}], "side")) == 2
    )
