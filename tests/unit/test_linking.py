"""What of other dates belongs with a date's records."""

from __future__ import annotations

from datetime import date

import polars as pl

from routewarden.events.linking import LINKS, Records, Strays, gathered, links, wanted

DAY = 86_400 * 10**9
NOON = 1_782_921_600 * 10**9  # 2026-07-01T16:00:00Z
FIRST, SECOND, THIRD = (date(2026, 7, day) for day in (1, 2, 3))


def orders(**days: int) -> pl.DataFrame:
    rows = [(name, NOON + day * DAY) for name, day in days.items()]
    return pl.DataFrame(rows, schema={"order_id": pl.String, "received_at": pl.Int64}, orient="row")


def routes(*rows: tuple[str, str | None, int]) -> pl.DataFrame:
    schema = {"route_id": pl.String, "order_id": pl.String, "sent_at": pl.Int64}
    return pl.DataFrame(
        [(name, order, NOON + day * DAY) for name, order, day in rows], schema=schema, orient="row"
    )


def fills(*rows: tuple[str, int, dict[str, str]]) -> pl.DataFrame:
    names = ("order_id", "route_id", "status", "refers_to")
    told = [
        {"fill_id": name, "executed_at": NOON + day * DAY, **{n: more.get(n) for n in names}}
        for name, day, more in rows
    ]
    schema = {"fill_id": pl.String, "executed_at": pl.Int64, **dict.fromkeys(names, pl.String)}
    return pl.DataFrame(told, schema=schema)


def bust(of: str) -> dict[str, str]:
    return {"status": "busted", "refers_to": of}


def test_a_date_names_what_it_does_not_hold() -> None:
    found = links(
        orders(A=0),
        routes(("R1", "A", 0), ("R2", "B", 0)),
        fills(
            ("F1", 0, {"order_id": "A", "route_id": "R1"}),
            ("F2", 0, {"order_id": "C", "route_id": "R9"}),
            ("F3", 0, {"order_id": "C", **bust("F1")}),
            ("F4", 0, {"order_id": "C", **bust("F0")}),
            ("F5", 0, {"order_id": "C", "status": "busted"}),
        ),
    )

    assert found.rows() == [
        ("amended", "F1", "F3"),
        ("amended_elsewhere", "F0", "F4"),
        ("order", "B", None),
        ("order", "C", None),
        ("route", "R9", None),
    ]


def test_fills_that_amend_one_another_are_one_matter() -> None:
    def frame(*rows: tuple[str, str, str | None]) -> pl.DataFrame:
        return pl.DataFrame(rows, schema=LINKS, orient="row")

    asked = wanted(
        [
            frame(("amended", "F1", "F2"), ("amended", "F9", "F8"), ("order", "A", None)),
            frame(("amended_elsewhere", "F2", "F3"), ("route", "R", None)),
            frame(("amended", "F3", "F3")),
        ]
    )

    assert (asked.orders, asked.routes) == (frozenset("A"), frozenset("R"))
    assert asked.fills == {"F1", "F2", "F3"}
    assert asked.matters["F1"] == asked.matters["F3"] != asked.matters["F9"]


def strays() -> Strays:
    """Order A rests from the first date to the third; B's fill of the first is busted after."""
    return gathered(
        Records(
            orders(A=0, B=0),
            routes(("RA", "A", 1), ("RB", "B", 0), ("RX", "X", 1)),
            fills(
                ("FA", 2, {"route_id": "RA"}),
                ("FB", 0, {"order_id": "B", "route_id": "RB"}),
                ("UB", 1, {"order_id": "X", **bust("FB")}),
                ("FN", 2, {"order_id": "X", "route_id": "RN"}),
            ),
        ),
        {"FB": "FB", "UB": "FB"},
    )


def named(records: Records) -> tuple[list[str], list[str], list[str]]:
    return (
        records.orders["order_id"].to_list(),
        records.routes["route_id"].to_list(),
        records.fills["fill_id"].to_list(),
    )


def test_only_what_belongs_with_a_date_comes_to_it_and_nothing_of_its_own() -> None:
    assert named(strays().of(FIRST)) == ([], ["RA"], ["FA", "UB"])
    assert named(strays().of(SECOND)) == (["A"], ["RB"], ["FA", "FB", "FN"])
    assert named(strays().of(THIRD)) == (["A"], ["RA", "RB", "RX"], ["FB", "UB"])
    assert named(strays().of(date(2026, 7, 6))) == ([], [], [])


def test_records_are_joined_with_the_first_in_front() -> None:
    one = Records(orders(A=0), routes(), fills())
    other = Records(orders(B=1), routes(("R", "B", 1)), fills(("F", 1, {})))

    assert named(one.joined(other)) == (["A", "B"], ["R"], ["F"])
