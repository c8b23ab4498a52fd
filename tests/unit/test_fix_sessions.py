"""What FIX messages tell where sessions are as they are: clocks differ, venues number alike."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from routewarden.events.fix import life
from routewarden.events.fix.message import Message, agree
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
    fills,
    fix,
    interpreted,
    log,
    orders,
    routes,
)

SECOND = CHILD.replace("K1", "K2").replace("XNAS", "BATS")
OF_K2 = OF_K1.replace("K1", "K2").replace("V1", "V2")


def there(report: str) -> str:
    return report.replace("30=XNAS", "30=BATS")


def test_two_children_s_venues_may_number_two_executions_alike() -> None:
    children = (fill("1", of=OF_K1), there(fill("1", of=OF_K2)))
    parents = (there(fill("1", "14=200")), fill("1", "14=100"))
    for told in (fills(NEW, CHILD, SECOND, *children, *more) for more in ((), parents)):
        assert [(row["fill_id"], row["route_id"], row["venue"]) for row in told] == [
            ("20260701-K1-1", "K1", "XNAS"),
            ("20260701-K2-1", "K2", "BATS"),
        ]


def test_two_executions_numbered_alike_are_told_by_their_markets_or_by_what_was_done() -> None:
    first = fill("1", "14=100")
    for second in (there(fill("1", "14=100")), fill("1", "14=200")):
        assert len(fills(NEW, first, second, first)) == 2
    assert len(fills(NEW, first, fill("1", "14=100|97=Y"))) == 1
    (bats, xnas) = fills(NEW, first, there(first))
    assert bats["fill_id"] == "20260701-A1-DELL-1-100-10.04--BATS-100-1"
    assert xnas["fill_id"] == "20260701-A1-DELL-1-100-10.04--XNAS-100-1"


def test_an_execution_told_all_the_way_up_is_one() -> None:
    grandchild = SECOND.replace("526=A1", "526=K1").replace("13:30:01", "13:30:01.5")
    told = fills(
        NEW, CHILD, grandchild, fill("1", of=OF_K2), fill("1", of=OF_K1), fill("1", of=OF_A1)
    )
    assert [row["fill_id"] for row in told] == ["1"]


def test_a_copy_that_does_not_say_whose_an_execution_is_adds_none() -> None:
    copy = fix(f"35=8|34=7|49=DC|52=20260701-13:30:09|56=LINK|{fill('1', of='54=1|55=DELL')[5:]}")
    assert len(interpreted(log(NEW, fill("1", of=OF_A1)), copy)[2]) == 1
    early = copy.replace(b"49=DC", b"49=AA")
    assert len(interpreted(early, log(NEW, fill("1", of=OF_A1, time="13:30:03")))[2]) == 1


def test_a_bust_of_one_child_s_fill_is_not_of_its_sibling_s() -> None:
    bust = f"35=8|{OF_K1}|17=X1|19=1|150=H|39=0|{at('14:00:00')}"
    told = fills(NEW, CHILD, SECOND, fill("1", of=OF_K1), there(fill("1", of=OF_K2)), bust)
    assert told[-1]["refers_to"] == "20260701-K1-1"


@pytest.mark.parametrize("symbol", ["DELL", "NA"])
def test_a_bust_takes_out_no_other_order_s_fill_of_the_same_execid(symbol: str) -> None:
    of_a9 = NEW.replace("A1", "A9").replace("60=20260701", "60=20260702")
    bust = f"35=8|11=A9|54=1|55=DELL|17=X1|19=E1|150=H|39=0|{at('14:00:00')}"
    bust = bust.replace("60=20260701", "60=20260702")
    told = fills(NEW, *(each.replace("DELL", symbol) for each in (of_a9, bust)), fill("E1"))
    assert [row.get("refers_to") for row in told] == [None, "20260702-A9-E1"]
    assert "price" not in told[1]


def test_a_bust_that_names_no_order_is_of_its_symbol_s_fill_or_of_one_not_held() -> None:
    bust = f"35=8|54=1|55=NA|17=X1|19=E1|150=H|39=0|{at('14:00:00')}"
    assert fills(NEW, fill("E1"), bust)[1]["refers_to"] == "20260701-E1"
    assert fills(NEW, fill("E1"), bust.replace("=NA", "=DELL"))[1]["refers_to"] == "E1"


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        *(("39=1|151=100", None), ("39=0|151=300", None)),
        *(("39=0", "filled"), ("39=1|151=0", "filled"), ("39=2|151=100", "filled")),
    ],
)
def test_a_bust_may_put_a_filled_order_in_force_again(state: str, reason: str | None) -> None:
    done = fill("E1").replace("39=1", "39=2")
    bust = f"35=8|{OF_A1}|17=X1|19=E1|150=H|{state}|{at('13:30:03')}"
    (order,) = orders(NEW, done, bust)
    assert order.get("end_reason") == reason
    again = fill("E2", time="13:30:05").replace("39=1", "39=2")
    (order,) = orders(NEW, done, bust, again)
    assert order["ended_at"] == (f"{T}13:30:02Z" if reason else f"{T}13:30:05Z")


def test_a_bust_does_not_bring_a_cancelled_order_back() -> None:
    cancelled = f"35=8|{OF_A1}|150=4|39=4|{at('13:30:03')}"
    bust = f"35=8|{OF_A1}|17=X1|19=E1|150=H|39=0|151=300|{at('13:30:04')}"
    assert orders(NEW, fill("E1"), cancelled, bust)[0]["end_reason"] == "cancelled"


def test_a_replace_down_to_what_was_executed_leaves_no_order() -> None:
    reduced = REPLACED.replace("38=500", "38=100").replace("39=5", "39=2")
    for request in ((), (REPLACE.replace("38=500", "38=100"),)):
        (order,) = orders(NEW, fill("E1"), *request, reduced)
        assert (order["order_id"], order["end_reason"]) == ("A1", "replaced")


def test_a_parent_s_reports_may_name_its_child_in_secondary_order_id() -> None:
    accepted = f"35=8|{OF_K1}|150=0|39=0|{at('13:30:01.2')}"
    told = interpreted(log(NEW, ACK, CHILD, accepted, fill("E1", of=OF_K1), fill("E1", "198=V1")))
    assert [row["order_id"] for row in told[0]] == ["A1"]
    assert [(row["route_id"], row["order_id"]) for row in told[1]] == [("K1", "A1")]
    assert [row["fill_id"] for row in told[2]] == ["E1"]


def test_a_replace_counts_from_its_acceptance_on() -> None:
    early = CHILD.replace("13:30:01", "13:30:03.5")
    assert routes(NEW, ACK, early, REPLACE, REPLACED)[0]["order_id"] == "A1"
    by_order_id = fill("E1", of="37=B1|54=1|55=DELL", time="13:30:03.5")
    later = fill("E2", of="37=B1|54=1|55=DELL", time="13:30:04.5")
    told = fills(NEW, ACK, REPLACE, REPLACED, by_order_id, later)
    assert [row["order_id"] for row in told] == ["A1", "A2"]


def test_an_answer_may_be_stamped_before_its_request() -> None:
    answer = REPLACED.replace("41=A1|", "")
    for time in ("13:30:03", "13:30:02.9"):
        early = fix(
            f"35=8|34=7|49=BRK|52=20260701-13:30:01|56=X|{answer[5:]}".replace("13:30:04", time)
        )
        told = interpreted(log(NEW, REPLACE), early)[0]
        assert [row.get("end_reason") for row in told] == ["replaced", None]
    other_day = answer.replace("60=20260701", "60=20260630")
    assert len(orders(NEW, REPLACE, other_day)) == 1


def test_a_possible_duplicate_without_a_transaction_time_is_of_when_it_was_first_sent() -> None:
    again = "35=D|34=2|43=Y|49=FIRM|52=20260701-13:35:01|56=BRK|11=A1|54=1|55=DELL|38=300|40=1"
    (order,) = interpreted(fix(f"{again}|122=20260701-13:30:01.250"))[0]
    assert order["received_at"] == f"{T}13:30:01.250Z"
    for more in ("", "|122=noon"):
        (order,) = interpreted(fix(again + more))[0]
        assert order["received_at"] == f"{T}13:35:01.000000000Z"


def test_before_fix_4_1_a_pending_cancel_may_hide_an_execution() -> None:
    report = f"35=8|{OF_A1}|17=E1|20=0|39=6|31=10.04|32=100|{at('13:30:02')}"
    assert [row["fill_id"] for row in fills(NEW, report, version="FIX.4.0")] == ["E1"]
    assert fills(NEW, report.replace("32=100", "32=0"), version="FIX.4.0") == []


def test_a_symbol_with_a_suffix_is_another_security() -> None:
    (order,) = orders(f"{NEW}|65=PRA")
    assert order["symbol"] == "DELL PRA"
    assert "x_65" not in order
    assert [row["symbol"] for row in orders(f"{NEW}|65=PRA", REPLACE, REPLACED)] == ["DELL PRA"] * 2


def test_limit_or_better_is_a_limit_order() -> None:
    (order,) = orders(NEW.replace("40=2", "40=7"))
    assert (order["order_type"], order["limit_price"]) == ("limit", "10.05")


def test_the_cost_of_many_orders_of_one_clordid_is_that_of_many_orders(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared = 0

    def counted(one: Message, other: Message, tags: Iterable[str]) -> bool:
        nonlocal compared
        compared += 1
        return agree(one, other, tags)

    monkeypatch.setattr(life, "agree", counted)
    many = range(1, 301)
    new = (NEW.replace("DELL", f"S{each}") for each in many)
    filled = (fill(f"E{each}").replace("DELL", f"S{each}") for each in many)
    told = interpreted(log(*new, *filled))
    assert {row["order_id"] for row in told[0]} == {row["order_id"] for row in told[2]}
    assert len(told[0]) == len(many)
    assert compared < len(many)


def test_a_report_that_leaves_out_symbol_or_side_is_of_the_last_order_it_may_mean() -> None:
    other = NEW.replace("DELL", "NA").replace("54=1", "54=2").replace("13:29:59.5", "13:29:59.6")
    bare = NEW.replace("54=1|", "").replace("55=DELL", "55=IBM")
    for of, quantity in (("55=DELL", "300"), ("54=1", "200"), ("54=2", "100"), ("55=IBM", "200")):
        quantities = (NEW, bare.replace("=300", "=200"), other.replace("=300", "=100"))
        (told,) = fills(*quantities, fill("E1", of=f"11=A1|{of}"))
        assert f"-{quantity}-" in (told["order_id"] or "")


def test_two_orders_of_one_clordid_may_each_be_replaced_on_one_day() -> None:
    there = [each.replace("DELL", "NA") for each in (NEW, REPLACE, REPLACED)]
    told = orders(NEW, REPLACE, REPLACED, *there)
    assert [row.get("end_reason") for row in told].count("replaced") == 2
    assert len(told) == 4


def test_the_orderid_of_what_was_rejected_links_nothing() -> None:
    rejected = f"35=8|11=A1|37=NONE|150=8|39=8|54=1|55=DELL|{at('13:30:00')}"
    told = interpreted(log(NEW, rejected, CHILD.replace("526=A1", "198=NONE")))
    assert [row["order_id"] for row in told[0]] == ["A1", "K1"]


def test_a_hop_that_leaves_out_the_quantity_tells_of_the_same_order() -> None:
    bare = NEW.replace("38=300|", "").replace("13:29:59.5", "13:29:59.6")
    (order,) = orders(NEW, bare)
    assert order["quantity"] == "300"
    assert len(orders(bare, NEW.replace("13:29:59.5", "13:29:59.7"))) == 1


def next_day(message: str, number: str = "B2") -> str:
    return message.replace("60=20260701", "60=20260702").replace("37=B1", f"37={number}")


def test_a_clordid_that_comes_again_without_its_order_is_not_of_the_day_before() -> None:
    for more in ("", "|59=3"):
        told = interpreted(log(f"{NEW}{more}", ACK, fill("E1"), next_day(fill("E2"))))
        assert [row["order_id"] for row in told[0]] == ["20260701-A1"]
        assert [row["order_id"] for row in told[2]] == ["20260701-A1", "20260702-A1"]


def test_an_order_that_lasts_is_told_of_on_later_days() -> None:
    accepted = (REPLACE, REPLACED)
    of_a2 = fill("E2", of="11=A2|37=B1|54=1|55=DELL")
    for later in (
        (f"{NEW}|59=1", ACK, next_day(fill("E2"))),
        (NEW, ACK, next_day(fill("E2"), "B1")),
        (ACK, next_day(fill("E2"))),
        (NEW, next_day(fill("E2"))),
        (f"{NEW}|59=6", ACK, *accepted, fill("E1", of=of_a2[5:39]), next_day(of_a2)),
    ):
        told = interpreted(log(*later))
        assert "-" not in "".join(row["order_id"] or "" for row in told[0] + told[2])
    of_days = fills(NEW, ACK, *accepted, of_a2, next_day(of_a2).replace("E2", "E3"))
    assert [row["order_id"] for row in of_days] == ["20260701-A2", "20260702-A2"]


def test_a_parent_s_execution_may_name_its_child_s() -> None:
    of_parent = fill("P1", "527=E1")
    bust = f"35=8|{OF_A1}|17=X1|19=P1|150=H|39=0|{at('14:00:00')}"
    told = fills(NEW, CHILD, fill("E1", of=OF_K1), of_parent, bust)
    assert [(row["fill_id"], row.get("route_id")) for row in told] == [("E1", "K1"), ("X1", None)]
    assert told[1]["refers_to"] == "E1"
    for apart in (of_parent.replace("527=E1", "527=E9"), of_parent.replace("10.04", "10.03")):
        assert len(fills(NEW, CHILD, fill("E1", of=OF_K1), apart)) == 2
