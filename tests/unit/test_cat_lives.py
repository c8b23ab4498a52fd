"""What CAT events tell of the lives and chains of orders."""

from __future__ import annotations

import pytest

from tests.cat_sample import (
    DAY,
    at,
    cancelled,
    child,
    modified,
    new,
    orders,
    route,
    routes,
    utc,
)

ORDER = new("O1", "093000.001")
CHILD = child("C1", "093001.001", ORDER)
GRANDCHILD = child("G1", "093002.001", CHILD)
DESK = child("D1", "093003.001", ORDER, "MEIR")
CHANGED = modified(ORDER, "100000.001")
CHANGED_ID = "O1@20260706T140000.001000000Z"


def test_a_modification_ends_an_order_and_begins_another() -> None:
    found = orders(
        [ORDER, CHANGED], "order_id", "quantity", "ended_at", "end_reason", "root_order_id"
    )

    assert found == [
        ("O1", "100", utc("14:00:00.001"), "replaced", None),
        (CHANGED_ID, "80", None, None, "O1"),
    ]


def test_a_modification_does_not_repeat_whose_order_it_is() -> None:
    again = modified(CHANGED, "110000.001", "O2")
    told_of = orders(
        [ORDER, CHANGED, again], "order_id", "account_id", "account_type", "root_order_id"
    )

    assert told_of == [
        ("O1", "ACC", "retail", None),
        (CHANGED_ID, "ACC", "retail", "O1"),
        ("O2", "ACC", "retail", "O1"),
    ]


def test_a_modification_under_a_new_identifier_takes_it() -> None:
    found = orders([ORDER, modified(ORDER, "100000.001", "O2")], "order_id", "end_reason")

    assert found == [("O1", "replaced"), ("O2", None)]


def test_two_modifications_at_one_instant_are_told_apart() -> None:
    changes = [CHANGED, {**CHANGED, "leavesQty": 70, "firmROEID": f"{DAY}_other"}]
    found = orders([ORDER, *changes], "order_id", "quantity", "end_reason")

    assert len({name for name, *_ in found}) == 3
    assert sorted(quantity for _, quantity, _ in found) == ["100", "70", "80"]
    assert [reason for *_, reason in found].count("replaced") == 2


def test_a_modification_that_leaves_nothing_begins_nothing() -> None:
    found = orders([ORDER, modified(ORDER, "100000.001", leavesQty=0)], "order_id", "end_reason")

    assert found == [("O1", "replaced")]


def test_a_modification_of_an_order_not_held_has_no_root() -> None:
    assert orders([CHANGED], "order_id", "root_order_id") == [(CHANGED_ID, None)]
    other = modified(ORDER, "100000.001", "O2")
    assert orders([other], "order_id", "root_order_id") == [("O2", None)]


def test_orders_that_replace_one_another_in_a_ring_do_not_hold_us_up() -> None:
    """Nonsense of two events: each says that it replaced the other's order."""
    there = modified(new("O2", "093000"), "100000.001", "O3")
    back = modified({"orderID": "O3", "orderKeyDate": at("100000.001")}, "100000.001", "O2")
    back = {**back, "orderKeyDate": at("093000")}
    sent = route("R1", "110000", there)

    assert len(orders([there, back, sent], "order_id")) == 2
    assert len(routes([there, back, sent], "order_id")) == 1


@pytest.mark.parametrize(
    ("left", "ended"), [(0, ("cancelled", utc("15:00:00.001"))), (60, (None, None))]
)
def test_a_cancel_ends_an_order_where_it_leaves_nothing(
    left: int, ended: tuple[str | None, str | None]
) -> None:
    cancel = cancelled(ORDER, "110000.001", leavesQty=left)

    assert orders([ORDER, cancel], "end_reason", "ended_at") == [ended]


def test_a_cancel_ends_the_life_in_force() -> None:
    found = orders([ORDER, CHANGED, cancelled(ORDER, "110000.001")], "order_id", "end_reason")

    assert found == [("O1", "replaced"), (CHANGED_ID, "cancelled")]


def test_what_ended_an_order_first_stands() -> None:
    found = orders([ORDER, cancelled(ORDER, "095959"), CHANGED], "order_id", "end_reason")

    assert found == [("O1", "cancelled"), (CHANGED_ID, None)]


def test_a_cancel_of_an_order_not_held_tells_nothing() -> None:
    assert orders([cancelled(ORDER, "110000.001")], "order_id") == []


def test_children_link_to_their_parents_and_to_the_root() -> None:
    found = orders([ORDER, CHILD, GRANDCHILD, DESK], "order_id", "parent_order_id", "root_order_id")

    assert found == [
        ("C1", "O1", "O1"),
        ("D1", "O1", "O1"),
        ("G1", "C1", "O1"),
        ("O1", None, None),
    ]


def test_a_child_is_of_the_life_in_force_when_it_was_sliced() -> None:
    late = child("C2", "110000.001", ORDER)
    after = modified(late, "120000.001", kind="MECOM", initiator=None, representativeInd=None)
    found = dict(orders([ORDER, CHANGED, CHILD, late, after], "order_id", "parent_order_id"))

    assert found["C1"] == "O1"
    assert found["C2"] == CHANGED_ID
    assert found["C2@20260706T160000.001000000Z"] == CHANGED_ID


def test_a_child_without_its_parent_keeps_what_it_says() -> None:
    found = orders([CHILD, GRANDCHILD], "order_id", "parent_order_id", "root_order_id")

    assert found == [("C1", "O1", None), ("G1", "C1", None)]


def test_an_order_is_not_its_own_parent() -> None:
    odd = {**CHILD, "parentOrderID": "C1", "parentOrderKeyDate": CHILD["orderKeyDate"]}

    assert orders([odd], "parent_order_id", "root_order_id") == [(None, None)]


def test_parents_in_a_ring_do_not_hold_us_up() -> None:
    odd = {**CHILD, "parentOrderID": "G1", "parentOrderKeyDate": GRANDCHILD["orderKeyDate"]}
    sent = route("R1", "110000", odd)

    assert routes([odd, GRANDCHILD, sent], "order_id") == [("G1",)]


def test_a_parent_named_without_its_date_is_the_only_one_it_can_be() -> None:
    undated = {**DESK, "parentOrderKeyDate": None}
    found = orders([ORDER, undated], "order_id", "parent_order_id", "root_order_id")
    assert found == [("D1", "O1", "O1"), ("O1", None, None)]

    twice = [ORDER, new("O1", "093000.002"), undated]
    assert dict(orders(twice, "order_id", "root_order_id"))["D1"] is None


def test_a_desk_changes_only_an_order_it_took_on() -> None:
    changes = [modified(order, "100000.001", kind="MEIM") for order in (ORDER, DESK)]
    cancels = [cancelled(order, "110000.001", "MEIC") for order in (ORDER, DESK)]
    found = orders([ORDER, DESK, *changes, *cancels], "order_id", "end_reason")

    assert found == [
        ("D1", "replaced"),
        ("D1@20260706T140000.001000000Z", "cancelled"),
        ("O1", None),
    ]


def test_an_identifier_used_again_is_written_with_what_differs() -> None:
    other_day = {**new("O1", "093000.001"), "orderKeyDate": at("093000", "20260707")}
    assert orders([ORDER, other_day], "order_id") == [("20260706-O1",), ("20260707-O1",)]

    other_symbol = {**ORDER, "symbol": "XYZ"}
    assert orders([ORDER, other_symbol], "order_id") == [
        ("20260706-ABC-O1",),
        ("20260706-XYZ-O1",),
    ]

    other_time = new("O1", "093000.002")
    assert orders([ORDER, other_time], "order_id") == [
        ("O1@20260706T133000.001000000Z-ABC",),
        ("O1@20260706T133000.002000000Z-ABC",),
    ]


def test_an_identifier_is_not_written_like_another_orders() -> None:
    """O1 of two days would be 20260706-O1 and 20260707-O1, were not the first somebody's own."""
    other_day = {**new("O1", "093000.001"), "orderKeyDate": at("093000", "20260707")}
    events = [ORDER, other_day, new("20260706-O1", "093000")]

    assert orders(events, "order_id") == [
        ("20260706-ABC-O1",),
        ("20260706-O1",),
        ("20260707-ABC-O1",),
    ]


def test_an_order_begun_twice_is_the_customers_then_the_corrected() -> None:
    sliced = child("O1", "093000.001", new("P", "090000"))
    fixed = {**ORDER, "actionType": "RPR", "firmROEID": f"{DAY}_other", "quantity": 90}

    assert orders([sliced, ORDER, fixed], "quantity") == [("90",)]
    assert orders([fixed, ORDER, sliced], "quantity") == [("90",)]
