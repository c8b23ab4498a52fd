"""What FIX messages tell of fills."""

from __future__ import annotations

from decimal import Decimal

import pytest

from routewarden.base.schema import TABLES, Kind
from routewarden.events.fix.interpret import interpret_fix
from routewarden.sources.fix.dialect import Cell, FixDialect
from routewarden.sources.typed import conform
from tests.fix_log import (
    ACK,
    ALWAYS,
    CHILD,
    NEW,
    OF_A1,
    OF_K1,
    T,
    at,
    fill,
    fills,
    fix,
    held,
    interpreted,
    log,
    orders,
)


def test_an_execution_of_a_replace_not_held_is_of_the_name_it_states() -> None:
    (told,) = fills(fill("E1", of="11=A2|41=A1|54=1|55=DELL"))
    assert told["order_id"] == "A2"
    request = f"35=G|11=A2|41=A1|54=1|55=DELL|{at('13:29:00')}"
    (told,) = fills(NEW, request, fill("E1", of="11=A2|41=A1|54=1|55=DELL"))
    assert told["order_id"] == "A1"


def test_a_fill_says_what_its_report_does() -> None:
    told = fills(NEW, fill("E1", "14=100|151=200|6=10.04|851=2|198=V9|9882=0.3"))
    assert told == [
        {
            "fill_id": "E1",
            "order_id": "A1",
            "venue": "XNAS",
            "executed_at": f"{T}13:30:02Z",
            "price": "10.04",
            "quantity": "100",
            "liquidity": "removed",
            "status": "ok",
            "x_37": "B1",
            "x_198": "V9",
            "x_9882": "0.3",
        }
    ]


@pytest.mark.parametrize(
    ("code", "word"),
    [
        *(("1", "added"), ("2", "removed"), ("3", "routed"), ("4", "auction"), ("0", "unknown")),
        *(("10", "unknown"), ("7", "unknown"), ("", None)),
    ],
)
def test_liquidity(code: str, word: str | None) -> None:
    assert fills(NEW, fill("E1", f"851={code}"))[0].get("liquidity") == word


def test_an_execution_without_clordid_is_of_the_order_its_orderid_was_told_of() -> None:
    assert fills(NEW, ACK, fill("E1", of="37=B1|54=1|55=DELL"))[0]["order_id"] == "A1"
    assert fills(NEW, fill("E1", of="37=B1|54=1|55=DELL"))[0]["order_id"] == "B1"
    assert "order_id" not in fills(fill("E1", of="54=1|55=DELL"))[0]


def test_reports_of_state_and_of_other_kinds_are_no_executions() -> None:
    status = f"35=8|{OF_A1}|17=0|20=3|150=1|39=1|31=1|32=1|{at('13:30:02')}"
    assert fills(NEW, ACK, status, fill("I1").replace("150=F", "150=I")) == []


def test_before_fix_4_1_the_status_says_what_happened() -> None:
    told = fills(fill("E1", "20=0").replace("150=F|", ""), version="FIX.4.0")
    assert [row["fill_id"] for row in told] == ["E1"]


def test_an_execution_told_to_several_sessions_is_one() -> None:
    report = fill("E1")
    client = log(NEW, report)
    copy = fix(
        f"35=8|34=7|49=DC|52=20260701-13:30:09|56=LINK|{report[5:]}".replace("10.04", "10.040")
    )
    broker = fix(
        f"35=8|34=7|49=SOR|52=20260701-13:30:09|56=BRK|{report[5:]}".replace("A1", "B6_A1")
    )
    unlike = fix(f"35=8|34=8|49=HOP|52=20260701-13:30:09|56=X|{report[5:]}".replace("A1", "ELSE"))
    told = interpreted(client, copy, broker, unlike, dialect=FixDialect(strip=("B6_",)))[2]
    assert [(row["fill_id"], row["order_id"]) for row in told] == [("E1", "A1")]


def test_a_possible_resend_of_an_execution_is_one() -> None:
    assert len(fills(NEW, fill("E1"), fill("E1", "97=Y"))) == 1


def test_executions_that_share_an_execid_are_told_apart() -> None:
    other_day = fill("E1").replace("60=20260701", "60=20260702")
    assert [row["fill_id"] for row in fills(NEW, fill("E1"), other_day)] == [
        "20260701-E1",
        "20260702-E1",
    ]
    second = NEW.replace("A1", "A9")
    of_another = fill("E1", of="11=A9|54=1|55=DELL")
    assert [row["fill_id"] for row in fills(NEW, second, fill("E1"), of_another)] == [
        "20260701-A1-E1",
        "20260701-A9-E1",
    ]
    other_price = fill("E1").replace("10.04", "10.03")
    assert [row["fill_id"] for row in fills(NEW, fill("E1"), other_price)] == [
        "20260701-A1-DELL-1-100-10.03--E1",
        "20260701-A1-DELL-1-100-10.04--E1",
    ]


def test_executions_without_an_execid_are_each_kept() -> None:
    told = fills(NEW, fill("").replace("17=|", ""), fill("").replace("17=|", ""))
    assert [row.get("fill_id") for row in told] == [None, None]


def test_a_bust_names_the_fill_it_takes_back() -> None:
    bust = f"35=8|{OF_A1}|17=X1|19=E1|150=H|39=0|31=0|{at('14:00:00')}"
    older = f"35=8|{OF_A1}|17=X1|19=E1|20=1|150=1|39=0|31=0|{at('14:00:00')}"
    for told in (fills(NEW, fill("E1"), bust), fills(NEW, fill("E1"), older)):
        assert [row["status"] for row in told] == ["ok", "busted"]
        assert told[1]["refers_to"] == "E1"
        assert (told[1]["price"], told[1]["quantity"]) == ("10.04", "100")
        assert told[1]["executed_at"] == f"{T}14:00:00Z"


def test_a_bust_of_what_is_not_held_says_no_more_than_it_states() -> None:
    (told,) = fills(f"35=8|{OF_A1}|17=X1|19=E1|150=H|39=0|31=0|{at('14:00:00')}")
    assert (told["refers_to"], told["price"], told.get("quantity")) == ("E1", "0", None)
    (nameless,) = fills(f"35=8|{OF_A1}|17=X1|150=H|39=0|{at('14:00:00')}")
    assert "refers_to" not in nameless


def test_a_correction_stands_at_the_time_of_what_it_corrects() -> None:
    correct = f"35=8|{OF_A1}|17=X1|19=E1|150=G|39=1|31=10.03|32=100|{at('14:00:00')}"
    again = f"35=8|{OF_A1}|17=X2|19=X1|20=2|150=1|39=1|31=10.02|32=100|{at('15:00:00')}"
    told = fills(NEW, fill("E1"), correct, again)
    assert [row["status"] for row in told] == ["ok", "corrected", "corrected"]
    assert [row.get("refers_to") for row in told] == [None, "E1", "X1"]
    assert {row["executed_at"] for row in told} == {f"{T}13:30:02Z"}
    assert fills(NEW, correct)[0]["executed_at"] == f"{T}14:00:00Z"


def test_corrections_that_name_one_another_in_a_ring_keep_their_own_times() -> None:
    one_way = f"35=8|{OF_A1}|17=X1|19=X2|150=G|39=1|31=10.03|32=100|{at('14:00:00')}"
    other = f"35=8|{OF_A1}|17=X2|19=X1|150=G|39=1|31=10.03|32=100|{at('15:00:00')}"
    told = fills(NEW, one_way, other)
    assert [row["refers_to"] for row in told] == ["X2", "X1"]


def test_a_bust_may_share_the_execid_of_its_fill() -> None:
    bust = f"35=8|{OF_A1}|17=E1|19=E1|20=1|150=1|39=0|31=10.04|32=100|{at('14:00:00')}"
    told = fills(NEW, fill("E1"), bust)
    assert [(row["fill_id"], row.get("refers_to")) for row in told] == [
        ("E1", None),
        ("busted-E1", "E1"),
    ]


def test_a_bust_of_a_shared_execid_is_of_the_fill_of_its_own_order() -> None:
    second = NEW.replace("A1", "A9")
    of_another = fill("E1", of="11=A9|54=1|55=DELL", time="13:30:03")
    bust = f"35=8|{OF_A1}|17=X1|19=E1|150=H|39=0|{at('14:00:00')}"
    told = fills(NEW, second, fill("E1"), of_another, bust)
    assert told[-1]["refers_to"] == "20260701-A1-E1"


def test_the_execution_of_a_child_told_again_of_its_parent_is_one() -> None:
    told = fills(NEW, CHILD, fill("E1"), fill("E1", of=OF_K1))
    assert [(row["order_id"], row["route_id"]) for row in told] == [("A1", "K1")]


def test_a_dialect_maps_tags_of_its_own() -> None:
    dialect = FixDialect(
        columns={
            Kind.ORDERS: {"account_type": Cell("582", {"1": "proprietary"}), "desk": Cell("9001")},
            Kind.FILLS: {
                "fee": Cell("9882", times=Decimal("-0.01"), per_share=True),
                "liquidity": Cell("9730", {"A": "added"}, other="unknown"),
                "venue": Cell("7772"),
            },
        }
    )
    (order,) = orders(f"{NEW}|582=1|9001=D", dialect=dialect)
    assert (order["account_type"], order["desk"]) == ("proprietary", "D")
    assert not [name for name in order if name.startswith("x_")]
    (other,) = orders(f"{NEW}|582=4", dialect=dialect)
    assert other["account_type"] == "4"
    (told,) = fills(NEW, fill("E1", "9882=0.25|9730=A|7772=DARK"), dialect=dialect)
    assert (told["fee"], told["liquidity"], told["venue"]) == ("-0.25", "added", "DARK")
    (told,) = fills(NEW, fill("E1", "9882=much|9730=Q"), dialect=dialect)
    assert (told["fee"], told["liquidity"], told["venue"]) == ("much", "unknown", "XNAS")
    (told,) = fills(NEW, fill("E1", "9882=1").replace("32=100", "32="), dialect=dialect)
    assert "fee" not in told


def test_a_fee_may_be_of_the_whole_fill() -> None:
    dialect = FixDialect(columns={Kind.FILLS: {"fee": Cell("9882", times=Decimal(-1))}})
    assert fills(NEW, fill("E1", "9882=2.50"), dialect=dialect)[0]["fee"] == "-2.5"


def test_what_lacks_something_is_told_all_the_same_and_refused_with_the_reason() -> None:
    told = interpret_fix(held([log(NEW, fill("E1").replace("31=10.04", "31="))]), {})
    fills_told = told.tables[Kind.FILLS].drop("file")
    typed, rejects = conform(TABLES[Kind.FILLS], fills_told, ALWAYS)
    assert typed.height == 0
    assert [(reject.line, reject.column) for reject in rejects] == [(2, "price")]


def test_each_row_stands_on_a_message_of_a_file() -> None:
    tables = interpret_fix(held([log(NEW, fill("E1"))]), {}).tables
    assert tables[Kind.ORDERS].select("file", "line").rows() == [("log 0", 1)]
    assert tables[Kind.FILLS].select("file", "line").rows() == [("log 0", 2)]


def test_messages_that_tell_of_no_order_tell_of_nothing() -> None:
    assert interpreted(log("35=0|112=x", "35=D|55=DELL", "35=F|41=A1")) == ([], [], [])


def test_a_fee_may_be_stated_per_share() -> None:
    dialect = FixDialect(columns={Kind.FILLS: {"fee": Cell("9882", per_share=True)}})
    assert fills(NEW, fill("E1", "9882=0.0030"), dialect=dialect)[0]["fee"] == "0.3"


def test_of_two_orders_in_one_session_a_copy_adds_no_third_execution() -> None:
    of_another = fill("E1", of="11=A9|54=1|55=DELL")
    copy = fix(f"35=8|34=7|49=DC|52=20260701-13:30:09|56=LINK|{fill('E1')[5:]}")
    told = interpreted(log(NEW, fill("E1"), of_another), copy)[2]
    assert sorted(row["order_id"] or "" for row in told) == ["A1", "A9"]
