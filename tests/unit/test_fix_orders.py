"""What FIX messages tell of orders."""

from __future__ import annotations

import pytest

from routewarden.sources.fix.dialect import FixDialect
from tests.fix_log import (
    ACK,
    NEW,
    OF_A1,
    REPLACE,
    REPLACED,
    T,
    at,
    fill,
    fix,
    interpreted,
    log,
    orders,
)

PENDING = f"35=8|{OF_A1}|150=A|39=A|38=300|40=2|44=10.05|{at('13:30:00.5')}"


def test_a_new_order_is_an_order() -> None:
    assert orders(f"{NEW}|1=ACC|18=1 G|59=1|528=A|1031=ADD DIR|9999=q|167=CS|57=DESK") == [
        {
            "order_id": "A1",
            "received_at": f"{T}13:29:59.5Z",
            "symbol": "DELL",
            "side": "buy",
            "quantity": "300",
            "order_type": "limit",
            "limit_price": "10.05",
            "time_in_force": "gtc",
            "held": "false",
            "directed": "true",
            "capacity": "agency",
            "asset_class": "equity",
            "account_id": "ACC",
            "x_18": "1 G",
            "x_528": "A",
            "x_1031": "ADD DIR",
            "x_167": "CS",
            "x_9999": "q",
        }
    ]


def one(fields: str, version: str = "FIX.4.4") -> dict[str, str | None]:
    (order,) = orders(f"35=D|11=A1|54=1|55=DELL|38=300|{fields}", version=version)
    return order


def test_an_order_without_a_transaction_time_is_received_when_it_was_sent() -> None:
    assert one("40=1")["received_at"] == f"{T}13:30:00.000000000Z"


def test_a_time_that_is_none_is_told_as_it_is() -> None:
    assert one("40=1|60=noon")["received_at"] == "noon"


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ("40=1|44=0", ("market", None, None, "day")),
        ("40=3|99=9|59=3", ("stop", None, "9", "ioc")),
        ("40=4|44=8|99=9|59=4", ("stop_limit", "8", "9", "fok")),
        ("40=P|44=0|59=6", ("pegged", None, None, "gtd")),
        ("40=P|44=7", ("pegged", "7", None, "day")),
        ("40=5|59=7", ("market_on_close", None, None, "closing")),
        ("40=B|44=7|59=7", ("limit_on_close", "7", None, "closing")),
        ("40=1|59=7", ("market_on_close", None, None, "closing")),
        ("40=2|44=7|59=7", ("limit_on_close", "7", None, "closing")),
        ("40=1|59=2", ("market_on_open", None, None, "opening")),
        ("40=2|44=7|59=2", ("limit_on_open", "7", None, "opening")),
        ("40=J|59=5|99=3", ("J", None, None, None)),
        ("44=7", (None, None, None, "day")),
    ],
)
def test_terms_are_told_in_the_model_s_words(
    fields: str, told: tuple[str | None, str | None, str | None, str | None]
) -> None:
    row = one(fields)
    names = ("order_type", "limit_price", "stop_price", "time_in_force")
    assert tuple(row.get(name) for name in names) == told


@pytest.mark.parametrize(
    ("fields", "column", "told"),
    [
        ("40=1|54=5", "side", "buy"),
        ("40=1|18=5", "held", "true"),
        ("40=1|18=G", "held", None),
        ("40=1|1031=NH", "directed", None),
        ("40=1|47=P", "capacity", "principal"),
        ("40=1|47=J", "capacity", None),
        ("40=1|47=R", "capacity", None),
        ("40=1|528=R", "capacity", "riskless"),
        ("40=1|167=OPT", "asset_class", "option"),
        ("40=1|167=FUT", "asset_class", None),
        ("40=1|336=6", "session", None),
    ],
)
def test_handling_is_told_where_it_is_sure(fields: str, column: str, told: str | None) -> None:
    assert one(fields).get(column) == told


def test_a_session_is_sure_from_fix_5_on() -> None:
    assert one("40=1|336=6", version="FIXT.1.1")["session"] == "post"


@pytest.mark.parametrize(
    ("code", "side"),
    [
        *(("1", "buy"), ("3", "buy"), ("2", "sell"), ("4", "sell"), ("5", "sell_short")),
        *(("6", "sell_short_exempt"), ("8", "8")),
    ],
)
def test_sides(code: str, side: str) -> None:
    (order,) = orders(f"35=D|11=A1|54={code}|55=DELL|38=1|40=1")
    assert order["side"] == side


@pytest.mark.parametrize(
    ("report", "reason"),
    [
        ("150=4|39=4", "cancelled"),
        ("150=D|39=4", "cancelled"),
        ("39=4", "cancelled"),
        ("150=C|39=C", "expired"),
        ("150=3|39=3", "expired"),
        ("150=8|39=8", "rejected"),
        ("150=F|39=2|17=E|31=1|32=300", "filled"),
        ("150=2|39=2|20=0|17=E|31=1|32=300", "filled"),
        ("150=F|39=1|17=E|31=1|32=200", None),
        ("150=I|39=4", None),
        ("150=6|39=6", None),
        ("150=D|39=1", None),
        ("20=3|150=4|39=4", None),
        ("39=6", None),
    ],
)
def test_a_report_ends_an_order_or_does_not(report: str, reason: str | None) -> None:
    (order,) = orders(NEW, f"35=8|{OF_A1}|{at('13:30:05')}|{report}")
    assert order.get("end_reason") == reason
    assert order.get("ended_at") == (f"{T}13:30:05Z" if reason else None)


def test_the_day_s_end_is_not_that_of_an_order_good_till_cancelled() -> None:
    done = f"35=8|{OF_A1}|150=3|39=3|{at('20:00:00')}"
    assert "end_reason" not in orders(f"{NEW}|59=1", done)[0]
    cancelled = f"35=8|{OF_A1}|150=4|39=4|{at('20:00:01')}"
    assert orders(NEW, done, cancelled)[0]["end_reason"] == "cancelled"


def test_a_cancel_is_of_the_order_its_request_asks_about() -> None:
    request = f"35=F|11=C1|41=A1|54=1|55=DELL|{at('13:30:01')}"
    done = f"35=8|11=C1|37=B1|150=4|39=4|54=1|55=DELL|{at('13:30:02')}"
    assert orders(NEW, request, done)[0]["ended_at"] == f"{T}13:30:02Z"
    answered = done.replace("11=C1", "11=C1|41=A1")
    assert orders(NEW, answered)[0]["ended_at"] == f"{T}13:30:02Z"
    assert orders(NEW, done)[0].get("ended_at") is None


def test_a_request_about_a_request_never_accepted_is_about_the_order_before_it() -> None:
    asked = f"35=G|11=R1|41=A1|54=1|55=DELL|38=200|40=1|{at('13:30:01')}"
    again = f"35=F|11=C1|41=R1|54=1|55=DELL|{at('13:30:02')}"
    done = f"35=8|11=C1|41=R1|150=4|39=4|54=1|55=DELL|{at('13:30:03')}"
    (order,) = orders(NEW, asked, again, done)
    assert (order["order_id"], order["end_reason"]) == ("A1", "cancelled")
    circular = f"35=F|11=R1|41=C1|54=1|55=DELL|{at('13:30:01')}"
    assert orders(NEW, again, circular, done)[0].get("end_reason") is None


def test_a_rejected_request_changes_nothing() -> None:
    asked = f"35=G|11=R1|41=A1|54=1|55=DELL|38=200|40=1|{at('13:30:01')}"
    refused = f"35=9|11=R1|41=A1|39=8|434=2|{at('13:30:02')}"
    by_report = f"35=8|11=R1|41=A1|150=8|39=8|54=1|55=DELL|{at('13:30:02')}"
    for answer in (refused, by_report):
        (order,) = orders(NEW, asked, answer)
        assert (order["order_id"], order["quantity"]) == ("A1", "300")
        assert "end_reason" not in order


def test_an_accepted_replace_ends_one_order_and_begins_another() -> None:
    told = interpreted(
        log(f"{NEW}|1=ACC|528=A", fill("E1"), REPLACE, REPLACED)
        + log(fill("E2", of="11=A2|54=1|55=DELL", time="13:30:05").replace("39=1", "39=2"))
    )
    first, second = told[0]
    assert (first["ended_at"], first["end_reason"]) == (f"{T}13:30:04Z", "replaced")
    assert "root_order_id" not in first
    assert second == {
        "order_id": "A2",
        "root_order_id": "A1",
        "received_at": f"{T}13:30:03Z",
        "ended_at": f"{T}13:30:05Z",
        "end_reason": "filled",
        "symbol": "DELL",
        "side": "buy",
        "quantity": "400",
        "order_type": "limit",
        "limit_price": "10.10",
        "time_in_force": "day",
        "account_id": "ACC",
        "capacity": "agency",
    }
    assert [row["order_id"] for row in told[2]] == ["A1", "A2"]


def test_a_replace_is_known_by_its_report_alone_or_by_its_status() -> None:
    (_, second) = orders(NEW, REPLACED)
    assert (second["received_at"], second["quantity"]) == (f"{T}13:30:04Z", "400")
    assert second["order_type"] == "limit"
    older = REPLACED.replace("150=5", "20=0|150=0")
    assert [row.get("end_reason") for row in orders(NEW, older)] == ["replaced", None]
    oldest = REPLACED.replace("150=5|", "")
    assert [row.get("end_reason") for row in orders(NEW, oldest)] == ["replaced", None]


def test_a_chain_of_replaces_has_one_root() -> None:
    third = REPLACED.replace("A2|41=A1", "A3|41=A2").replace("13:30:04", "13:30:06")
    told = orders(NEW, REPLACED, REPLACED, third)
    assert [row.get("root_order_id") for row in told] == [None, "A1", "A1"]


def test_a_replace_that_names_no_other_order_is_none() -> None:
    (order,) = orders(NEW, REPLACED.replace("41=A1", "41=A2"), REPLACED.replace("11=A2|", ""))
    assert "end_reason" not in order
    (alone,) = orders(NEW, REPLACED.replace("11=A2|41=A1", "11=A1"))
    assert "end_reason" not in alone


def test_what_a_replace_leaves_is_unknown_where_no_report_says_what_was_done() -> None:
    (_, second) = orders(NEW, REPLACE, REPLACED.replace("|14=100", ""))
    assert "quantity" not in second


def test_a_replaced_order_that_is_not_held_begins_with_its_replace() -> None:
    (order,) = orders(REPLACED)
    assert (order["order_id"], order["root_order_id"]) == ("A2", "A1")


def test_an_order_is_told_by_its_reports_where_it_is_not_held() -> None:
    (order,) = orders(ACK, PENDING, fill("E1"))
    assert (order["order_id"], order["received_at"]) == ("A1", f"{T}13:30:00.5Z")
    assert (order["quantity"], order["order_type"], order["side"]) == ("300", "limit", "buy")
    assert "time_in_force" not in order


def test_no_order_is_told_of_whose_beginning_is_not_known() -> None:
    late = ACK.replace("13:30:01", "13:30:09")
    told = interpreted(log(fill("E1"), late))
    assert told[0] == []
    assert told[2][0]["order_id"] == "A1"


def test_two_venues_may_use_one_execid_for_two_orders_that_are_held() -> None:
    second = NEW.replace("A1", "A9")
    there = fix(
        f"35=8|34=7|49=VENUE|52=20260701-13:30:09|56=X|{fill('E1')[5:]}".replace("A1", "A9")
    )
    told = interpreted(log(NEW, second, fill("E1")), there)[2]
    assert [row["order_id"] for row in told] == ["A1", "A9"]


def test_an_order_told_of_in_two_sessions_is_one() -> None:
    second = fix(
        f"35=D|34=9|49=BRK|52=20260701-13:30:01|56=VENDOR|{NEW[5:]}".replace("A1", "B6_A1")
    )
    told = interpreted(log(NEW), second, dialect=FixDialect(strip=("B6_",), router="acme"))
    assert [(row["order_id"], row["router"]) for row in told[0]] == [("A1", "acme")]


def test_a_clordid_that_comes_again_is_another_order() -> None:
    tomorrow = NEW.replace("60=20260701", "60=20260702")
    later = fill("E2").replace("60=20260701", "60=20260702")
    told = interpreted(log(NEW, tomorrow, fill("E1"), later))
    assert [row["order_id"] for row in told[0]] == ["20260701-A1", "20260702-A1"]
    assert [row["order_id"] for row in told[2]] == ["20260701-A1", "20260702-A1"]
    other = NEW.replace("DELL", "NA")
    told = interpreted(log(NEW, other, fill("E1", of="11=A1|54=1|55=NA")))
    assert [row["order_id"] for row in told[0]] == [
        "20260701-DELL-1-300-A1",
        "20260701-NA-1-300-A1",
    ]
    assert [row["order_id"] for row in told[2]] == ["20260701-NA-1-300-A1"]


def test_an_order_known_by_reports_may_come_again_too() -> None:
    again = ACK.replace("60=20260701", "60=20260702")
    assert len(orders(ACK, again)) == 1
    assert len(orders(ACK, again.replace("37=B1", "37=B2"))) == 2


def test_an_order_known_by_its_cancel_alone_is_known_by_its_own_name() -> None:
    done = f"35=8|11=C1|41=Z9|37=B7|150=4|39=4|54=1|55=DELL|{at('13:30:03')}"
    told = interpreted(log(done, fill("E1", of="37=B7|54=1|55=DELL", time="13:30:04")))
    assert told[0] == []
    assert [row["order_id"] for row in told[2]] == ["Z9"]


def test_two_orders_that_nothing_tells_apart_are_both_told() -> None:
    taken = f"{NEW}|59=0".replace("A1", "A2").replace("38=300", "38=500")
    told = orders(NEW, taken, REPLACE, REPLACED)
    assert [row["order_id"] for row in told if row["quantity"] != "300"] == [
        "20260701-DELL-1-500-SOR-FIRM-A2"
    ] * 2


def test_one_quantity_written_in_two_ways_is_one() -> None:
    copy = fix(f"35=D|34=1|49=X|52=20260701-13:30:00|56=Y|{NEW[5:]}".replace("=300", "=300.0"))
    assert len(interpreted(log(NEW), copy)[0]) == 1


@pytest.mark.parametrize(
    ("fields", "symbol"),
    [
        ("200=202607|205=17|201=1|202=45", "DELL  260717C00045000"),
        ("200=202607|205=3|201=0|202=42.5", "DELL  260703P00042500"),
        ("200=20260717|201=1|202=0.125", "DELL  260717C00000125"),
        ("541=20260717|200=202607|201=1|202=45", "DELL  260717C00045000"),
        ("541=20260717|201=1", None),
        ("541=20260717|201=1|202=0.0005", None),
        ("541=20260717|201=1|202=100000", None),
        ("541=20260717|201=1|202=0", None),
        ("541=20260717|202=45", None),
        ("200=202607|201=1|202=45", None),
        ("541=20261317|201=1|202=45", None),
    ],
)
def test_an_option_is_its_contract_and_never_its_root(fields: str, symbol: str | None) -> None:
    assert one(f"40=1|167=OPT|{fields}").get("symbol") == symbol


def test_a_contract_in_symbol_is_the_symbol() -> None:
    contract = NEW.replace("55=DELL", "55=DELL  260717C00045000|167=OPT")
    without = NEW.replace("55=DELL", "167=OPT|541=20260717|201=1|202=45")

    assert orders(contract)[0]["symbol"] == "DELL  260717C00045000"
    assert "symbol" not in orders(without)[0]
