"""What FIX messages tell of routes."""

from __future__ import annotations

import pytest

from routewarden.sources.fix.dialect import FixDialect, Link
from tests.fix_log import (
    ACK,
    CHILD,
    NEW,
    OF_A1,
    OF_K1,
    REPLACE,
    REPLACED,
    T,
    at,
    fill,
    interpreted,
    log,
    routes,
)

PRIVATE = FixDialect(links=(Link("16113", "16114", "R"), Link("5001")))


def test_a_child_order_is_a_route() -> None:
    told = interpreted(
        log(
            NEW,
            f"{CHILD}|18=f 6|111=0",
            f"35=8|{OF_K1}|150=0|39=0|{at('13:30:01.001')}",
            fill("E1", of=OF_K1).replace("39=1", "39=2"),
        )
    )
    assert told[1] == [
        {
            "route_id": "K1",
            "order_id": "A1",
            "venue": "XNAS",
            "sent_at": f"{T}13:30:01Z",
            "acknowledged_at": f"{T}13:30:01.001Z",
            "quantity": "100",
            "order_type": "limit",
            "limit_price": "10.04",
            "time_in_force": "ioc",
            "instructions": "iso post_only hidden",
            "ended_at": f"{T}13:30:02Z",
            "outcome": "filled",
            "x_18": "f 6",
            "x_100": "XNAS",
            "x_111": "0",
            "x_526": "A1",
        }
    ]
    assert [(row["order_id"], row["route_id"]) for row in told[2]] == [("A1", "K1")]
    assert [row["order_id"] for row in told[0]] == ["A1"]


def route(*more: str, child: str = CHILD) -> dict[str, str | None]:
    (told,) = routes(NEW, child, *more)
    return told


def test_how_a_route_ended() -> None:
    end = f"35=8|{OF_K1}|54=1|55=DELL|{at('13:30:03')}"
    assert "outcome" not in route()
    assert route(f"{end}|150=4|39=4")["outcome"] == "cancelled"
    assert route(f"{end}|150=C|39=C")["outcome"] == "expired"
    assert route(fill("E1", of=OF_K1), f"{end}|150=4|39=4")["outcome"] == "partial"
    refused = route(f"{end}|150=8|39=8|103=3")
    assert (refused["outcome"], refused["reject_reason"]) == ("rejected", "3")
    assert route(f"{end}|150=8|39=8|58=too fast|103=3")["reject_reason"] == "too fast"


def test_where_a_route_went() -> None:
    nowhere = CHILD.replace("100=XNAS|", "")
    assert route(child=nowhere)["venue"] == "FIRM"
    assert route(fill("E1", of=OF_K1), child=nowhere)["venue"] == "XNAS"
    ack = f"35=8|{OF_K1}|526=A1|150=A|39=A|38=100|40=2|44=10.04|{at('13:30:01')}"
    told = routes(NEW, ack)[0]
    assert (told["venue"], told["sent_at"]) == ("SOR", f"{T}13:30:01Z")
    acknowledged = ack.replace("150=A|39=A", "150=0|39=0")
    assert "sent_at" not in routes(NEW, acknowledged)[0]
    as_told = routes(NEW, acknowledged, dialect=FixDialect(sent_as_acknowledged=True))[0]
    assert as_told["sent_at"] == as_told["acknowledged_at"] == f"{T}13:30:01Z"


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ("18=M", "midpoint_peg"),
        ("18=R", "primary_peg"),
        ("111=10", "reserve"),
        ("1138=100", None),
        ("18=G", None),
        ("111=10|38=", "reserve"),
    ],
)
def test_instructions(fields: str, told: str | None) -> None:
    assert route(child=f"{CHILD}|{fields}").get("instructions") == told


def test_a_replaced_child_is_two_routes_of_one_order() -> None:
    replace = f"35=G|11=K2|41=K1|54=1|55=DELL|38=80|40=2|44=10.05|{at('13:30:02')}"
    done = f"35=8|11=K2|41=K1|150=5|39=5|54=1|55=DELL|14=0|{at('13:30:03')}"
    first, second = routes(NEW, CHILD, replace, done)
    assert (first["outcome"], first["ended_at"]) == ("cancelled", f"{T}13:30:03Z")
    assert (second["route_id"], second["order_id"]) == ("K2", "A1")
    assert (second["sent_at"], second["quantity"]) == (f"{T}13:30:02Z", "80")
    unasked = routes(NEW, CHILD, done)[1]
    assert unasked["sent_at"] == f"{T}13:30:03Z"


@pytest.mark.parametrize("tag", ["526", "583", "1080", "198"])
def test_a_parent_may_be_named_by_its_clordid_or_orderid(tag: str) -> None:
    assert route(child=CHILD.replace("526=", f"{tag}="))["order_id"] == "A1"
    by_order_id = CHILD.replace("526=A1", f"{tag}=B1")
    assert routes(NEW, ACK, by_order_id)[0]["order_id"] == "A1"


def test_a_link_tag_that_names_no_order_held_is_no_link() -> None:
    told = interpreted(log(NEW, CHILD.replace("526=A1", "526=ELSE")))
    assert [row["order_id"] for row in told[0]] == ["A1", "K1"]
    assert "parent_order_id" not in told[0][1]
    itself = interpreted(log(CHILD.replace("526=A1", "526=K1")))
    assert [row["order_id"] for row in itself[0]] == ["K1"]


def test_a_parent_may_be_held_in_tables() -> None:
    told = interpreted(log(CHILD), known=["A1"])
    assert [row["order_id"] for row in told[1]] == ["A1"]


def test_a_feed_of_children_names_parents_that_are_not_held() -> None:
    told = interpreted(
        log(CHILD, fill("E1", of=OF_K1), fill("E1", of=OF_A1)), dialect=FixDialect(of_children=True)
    )
    assert [(row["route_id"], row["order_id"]) for row in told[1]] == [("K1", "A1")]
    assert [(row["route_id"], row["order_id"]) for row in told[2]] == [("K1", "A1")]


def test_a_link_tag_of_the_dialect_counts_where_its_condition_holds() -> None:
    linked = CHILD.replace("526=A1", "16113=A1|16114=R")
    assert routes(NEW, linked, dialect=PRIVATE)[0]["order_id"] == "A1"
    assert routes(NEW, linked.replace("=R", "=Q"), dialect=PRIVATE) == []
    assert routes(NEW, CHILD.replace("526=", "5001="), dialect=PRIVATE)[0]["order_id"] == "A1"


def test_a_stated_parent_that_is_not_held_is_an_order_s_parent() -> None:
    told = interpreted(log(CHILD.replace("526=A1", "5001=A1")), dialect=PRIVATE)
    assert told[1] == []
    assert [(row["order_id"], row["parent_order_id"]) for row in told[0]] == [("K1", "A1")]


def test_a_child_of_a_child_is_a_route_of_the_order_at_the_top() -> None:
    grandchild = CHILD.replace("K1|526=A1", "K2|526=K1").replace("13:30:01", "13:30:01.5")
    told = routes(NEW, CHILD, grandchild)
    assert [(row["route_id"], row["order_id"]) for row in told] == [("K1", "A1"), ("K2", "A1")]


def test_orders_that_name_one_another_in_a_ring_are_nobody_s_children() -> None:
    told = interpreted(log(f"{NEW}|526=K1", CHILD))
    assert [row["order_id"] for row in told[0]] == ["A1", "K1"]
    assert told[1] == []


def test_the_parent_of_a_child_is_the_order_in_force_when_it_was_sent() -> None:
    late = CHILD.replace("13:30:01", "13:30:05")
    for link in ("526=A1", "1080=B1"):
        told = routes(NEW, ACK, REPLACE, REPLACED, late.replace("526=A1", link))
        assert [row["order_id"] for row in told] == ["A2"]
    assert routes(NEW, CHILD, REPLACE, REPLACED)[0]["order_id"] == "A1"
