"""What CAT events tell of routes and executions."""

from __future__ import annotations

import pytest

from routewarden.base.schema import Kind
from routewarden.events.cat.interpret import SILENT
from tests.cat_sample import (
    DAY,
    Fields,
    at,
    child,
    detail,
    event,
    fills,
    fulfilment,
    lines,
    modified,
    new,
    orders,
    recalled,
    rerouted,
    route,
    routes,
    told,
    trade,
    utc,
)

ORDER = new("O1", "093000.001")
CHILD = child("C1", "093001.001", ORDER)
GRANDCHILD = child("G1", "093002.001", CHILD)
CHANGED = modified(ORDER, "100000.001")
CHANGED_ID = "O1@20260706T140000.001000000Z"


def test_a_route_is_told_by_its_event() -> None:
    sent = route(
        "R1",
        "093001",
        ORDER,
        isoInd="ISOI",
        handlingInstructions={"ALO": True, "RSV": True, "DNR": True},
    )
    found = told([ORDER, sent])[Kind.ROUTES].row(0, named=True)

    assert {name: value for name, value in found.items() if value and name[:2] != "x_"} == {
        "route_id": "R1",
        "order_id": "O1",
        "venue": "XNYS",
        "sent_at": "2026-07-06T13:30:01.000000000Z",
        "quantity": "100",
        "order_type": "limit",
        "limit_price": "10.5",
        "time_in_force": "day",
        "instructions": "iso post_only reserve",
        "further_routable": "false",
        "file": "f",
        "line": 2,
        "start": len(lines([ORDER])),
        "end": len(lines([ORDER, sent])),
    }


def test_a_route_belongs_to_the_customers_order() -> None:
    sent = [route("R1", "095000", GRANDCHILD), route("R2", "110000", GRANDCHILD)]
    events = [ORDER, CHILD, GRANDCHILD, CHANGED, *sent]

    assert routes(events, "route_id", "order_id", "x_orderID") == [
        ("R1", "O1", "G1"),
        ("R2", CHANGED_ID, "G1"),
    ]


def test_a_route_follows_an_order_to_what_replaced_it() -> None:
    events = [ORDER, CHILD, modified(ORDER, "100000.001", "O2"), route("R1", "110000", CHILD)]

    assert routes(events, "order_id") == [("O2",)]


def test_a_route_before_its_order_is_of_its_first_life() -> None:
    assert routes([ORDER, CHANGED, route("R1", "092959", ORDER)], "order_id") == [("O1",)]


def test_a_route_without_its_order_names_what_it_says() -> None:
    assert routes([route("R1", "095000", ORDER)], "order_id") == [("O1",)]


@pytest.mark.parametrize(
    ("fields", "names", "venue"),
    [
        ({}, {}, "XNYS"),
        ({}, {"NYSE": "OURS"}, "OURS"),
        ({"destination": "XNYS"}, {}, "XNYS"),
        ({"destination": "WHOL", "destinationType": "F"}, {"WHOL": "WHSA"}, "WHSA"),
        ({"destination": "NYSE", "destinationType": "F"}, {}, "NYSE"),
        ({"destination": None}, {}, None),
    ],
)
def test_a_venue_is_known_by_its_names(
    fields: Fields, names: dict[str, str], venue: str | None
) -> None:
    sent = {**route("R1", "095000", ORDER), **fields}

    assert told([ORDER, sent], names)[Kind.ROUTES]["venue"].to_list() == [venue]


def test_a_rejected_route_is_rejected() -> None:
    sent = route("R1", "095000", ORDER, routeRejectedFlag=True)

    assert routes([ORDER, sent], "outcome", "ended_at") == [("rejected", None)]


def test_a_route_ends_when_all_of_it_is_cancelled() -> None:
    sent = route("R1", "095000", ORDER)
    some = [recalled("R1", "100000.001", ORDER, cancelQty=q) for q in (60,)]
    rest = recalled("R1", "110000.001", ORDER, cancelQty=40)
    refused = recalled("R1", "103000.001", ORDER, routeRejectedFlag=True)

    assert routes([sent, *some], "outcome", "ended_at") == [(None, None)]
    assert routes([sent, *some, refused], "outcome", "ended_at") == [(None, None)]
    ended = [("cancelled", utc("15:00:00.001"))]
    assert routes([sent, *some, rest], "outcome", "ended_at") == ended


def test_a_modified_route_ends_and_another_begins() -> None:
    sent = route("R1", "095000", ORDER)
    changes = [
        rerouted("R1", "100000.001", ORDER, quantity=80),
        rerouted("R2", "110000.001", ORDER, prior="R1", quantity=70),
        rerouted("R3", "120000.001", ORDER, prior="R2", routeRejectedFlag=True),
        recalled("R1", "130000.001", new("O9", "093000"), destination="BX"),
    ]

    assert routes([sent, *changes], "route_id", "quantity", "outcome", "ended_at") == [
        ("R1", "100", "cancelled", utc("14:00:00.001")),
        ("R1@20260706T140000.001000000Z", "80", "cancelled", utc("15:00:00.001")),
        ("R2", "70", None, None),
    ]


def test_a_modified_route_that_is_not_held_begins_all_the_same() -> None:
    change = rerouted("R2", "110000.001", ORDER, prior="R1")

    assert routes([change], "route_id", "order_id") == [("R2", "O1")]


def test_a_route_identifier_used_again_is_written_with_what_differs() -> None:
    first = route("R1", "095000", ORDER)
    later = {**first, "eventTimestamp": at("095000", "20260707"), "firmROEID": "20260707_1"}
    assert routes([first, later], "route_id") == [("20260706-R1",), ("20260707-R1",)]

    elsewhere = {**first, "destination": "BX", "firmROEID": f"{DAY}_2"}
    assert routes([first, elsewhere], "route_id") == [("20260706-BX-R1",), ("20260706-NYSE-R1",)]

    again = {**first, "eventTimestamp": at("095001"), "firmROEID": f"{DAY}_3"}
    assert routes([first, again], "route_id") == [
        ("R1@20260706T135000.000000000Z",),
        ("R1@20260706T135001.000000000Z",),
    ]


def test_a_route_without_a_name_goes_by_the_number_of_its_event() -> None:
    assert routes([route(None, "095000", ORDER)], "route_id") == [(f"{DAY}_MEORO1-095000",)]


def test_a_trade_fills_the_orders_that_its_sides_name() -> None:
    sides = {"buyDetails": [detail(CHILD)], "sellDetails": [detail(new("S1", "093000"), "SL")]}
    events = [ORDER, CHILD, new("S1", "093000"), trade("T1", "100000.001", **sides)]

    assert fills(events, "fill_id", "order_id", "price", "quantity", "venue", "executed_at") == [
        ("T1/B1", "O1", "10.25", "40", "FIRM", utc("14:00:00.001")),
        ("T1/S2", "S1", "10.25", "40", "FIRM", utc("14:00:00.001")),
    ]


def test_a_trade_that_names_no_order_is_a_fill_of_none() -> None:
    nameless = trade("T2", "100000", buyDetails=[{"side": "B", "firmDesignatedID": "ACC"}])

    assert fills([ORDER, trade("T1", "100000"), nameless], "fill_id") == []


def test_where_a_side_names_several_orders_nobody_knows_who_got_how_much() -> None:
    both = trade("T1", "100000", buyDetails=[detail(ORDER), detail(new("O2", "093000"))])

    assert fills([ORDER, new("O2", "093000"), both], "fill_id", "quantity") == [
        ("T1/B1", None),
        ("T1/B2", None),
    ]


def test_a_cancelled_trade_is_busted() -> None:
    done = trade("T1", "100000", buyDetails=[detail(ORDER)])
    undone = {
        **done,
        "cancelFlag": True,
        "cancelTimestamp": at("110000.001"),
        "firmROEID": f"{DAY}_c",
    }
    names = ("fill_id", "status", "refers_to", "executed_at")
    expected = [
        ("T1", None, None, "2026-07-06T14:00:00.000000000Z"),
        ("T1/cancelled", "busted", "T1", utc("15:00:00.001")),
    ]

    assert fills([ORDER, done, undone], *names) == expected
    assert fills([ORDER, undone], *names) == expected
    untimed = {**undone, "cancelTimestamp": None}
    assert fills([ORDER, untimed], "executed_at")[1] == fills([ORDER, untimed], "executed_at")[0]


def test_a_fulfilment_fills_the_clients_order_and_an_amendment_corrects_it() -> None:
    client: Fields = {"clientDetails": [detail(ORDER)], "firmDetails": [detail(new("F", "093000"))]}
    done = {**fulfilment("F1", "100000"), **client}
    prior = {"priorFulfillmentID": "F1", "priorFillKeyDate": at("100000"), "price": 10.2}
    fixed = {**fulfilment("F2", "101000", "MEFA"), **client, **prior}
    names = ("fill_id", "order_id", "price", "status", "refers_to")

    assert fills([ORDER, done, fixed], *names) == [
        ("F1", "O1", "10.25", None, None),
        ("F2", "O1", "10.2", "corrected", "F1"),
    ]
    assert fills([ORDER, fixed], *names) == [("F2", "O1", "10.2", "corrected", "F1")]


def test_an_amendment_under_the_same_identifier_corrects_that() -> None:
    client: Fields = {"clientDetails": [detail(ORDER)]}
    done = {**fulfilment("F1", "100000"), **client}
    fixed = {**fulfilment("F1", "101000", "MEFA"), **client, "fillKeyDate": at("100000")}
    (first, second) = fills([ORDER, done, fixed], "fill_id", "refers_to")

    assert first == ("F1", None)
    assert str(second[0]).startswith("F1@20260706T141000.000000000Z-")
    assert second[1] == "F1"


def test_a_fill_identifier_used_again_is_written_with_what_differs() -> None:
    side = {"buyDetails": [detail(ORDER)]}
    done = trade("X", "100000", **side)
    later = {**done, "tradeKeyDate": at("100000", "20260707"), "firmROEID": "20260707_2"}
    assert fills([ORDER, done, later], "fill_id") == [("20260706-X",), ("20260707-X",)]

    other = fulfilment("X", "100000", clientDetails=[{"orderID": "O1", "side": "B"}])
    assert fills([ORDER, done, other], "fill_id", "order_id") == [
        ("fulfilment-ABC-X@20260706T140000.000000000Z", "O1"),
        ("trade-ABC-X@20260706T140000.000000000Z", "O1"),
    ]


def test_a_fill_without_its_reporter_has_no_venue() -> None:
    anonymous = {**trade("T1", "100000", buyDetails=[detail(ORDER)]), "CATReporterIMID": None}

    assert fills([ORDER, anonymous], "venue") == [(None,)]


def test_other_events_tell_of_nothing() -> None:
    """Nor does what stands in them, right or wrong, make a difference to those that do."""
    odd: Fields = {"orderID": "O1", "orderKeyDate": "once", "manualFlag": True}
    odd["electronicTimestamp"] = {"when": "later"}
    tables = told([event("MEPA", "100000"), {**event("MEAA", "100000"), **odd}])

    assert [table.height for table in tables.values()] == [0, 0, 0]
    assert orders([ORDER, {**event("ZZZZ", "100000"), **odd}], "order_id") == [("O1",)]


def test_what_cat_cannot_tell_is_said_with_a_reason() -> None:
    assert len({fact for fact, _ in SILENT}) == len(SILENT)
    assert all(fact and reason for fact, reason in SILENT)
