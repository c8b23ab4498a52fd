"""A simulated world as the CAT events of its broker-dealer, and back."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

import polars as pl
import pytest

from routewarden.base.schema import TABLES, Kind
from routewarden.events.cat.interpret import interpret_cat
from routewarden.simulator.dialects.cat import (
    UNTOLD_OF_ORDERS,
    UNTOLD_OF_ROUTES,
    cat,
    cat_csv,
)
from routewarden.simulator.render import text_frame
from tests.cat_sample import read, sound
from tests.sample_world import MONDAY, SEEDS, TUESDAY, WEDNESDAY, world

Writer = Callable[[pl.DataFrame, pl.DataFrame, pl.DataFrame, date], bytes]

DAYS = (MONDAY, TUESDAY, WEDNESDAY)


def row(kind: Kind, **cells: str) -> pl.DataFrame:
    return text_frame(kind, [tuple(cells.get(name) for name in TABLES[kind].names)])


def order(name: str, received: str, **cells: str) -> pl.DataFrame:
    stated = {
        "order_id": name,
        "received_at": f"2026-07-06T{received}Z",
        "symbol": "ABC",
        "side": "buy",
        "quantity": "100",
        "order_type": "limit",
        "limit_price": "10.5",
        "time_in_force": "day",
        "account_type": "retail",
        "account_id": "ACC",
    }
    return row(Kind.ORDERS, **{**stated, **cells})


def back(data: bytes) -> dict[Kind, pl.DataFrame]:
    records, rejects = read(data)
    assert rejects == ()
    return dict(interpret_cat(records.with_columns(file=pl.lit("f")), {}).tables)


def alone(orders: pl.DataFrame, day: date = MONDAY) -> bytes:
    return cat(orders, text_frame(Kind.ROUTES, []), text_frame(Kind.FILLS, []), day)


def sold(seed: int, kind: Kind) -> pl.DataFrame:
    """The world's shares, as records."""
    tables = world(seed).tables
    shares = tables[Kind.ORDERS].filter(pl.col("asset_class") == "equity")
    of_shares = pl.col("order_id").is_in(shares["order_id"].implode())
    place = {name: pl.lit(0) for name in ("line", "start", "end")}
    return sound(kind, tables[kind].filter(of_shares).with_columns(**place))


def of_world(seed: int, write: Writer) -> bytes:
    tables = (world(seed).tables[kind] for kind in (Kind.ORDERS, Kind.ROUTES, Kind.FILLS))
    orders, routes, fills = tables
    return b"".join(write(orders, routes, fills, day) for day in DAYS)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("write", [cat, cat_csv])
def test_a_world_comes_back_from_its_events(seed: int, write: Writer) -> None:
    """Every order and route, every column that CAT carries."""
    tables = back(of_world(seed, write))

    for kind, untold in ((Kind.ORDERS, UNTOLD_OF_ORDERS), (Kind.ROUTES, UNTOLD_OF_ROUTES)):
        table = TABLES[kind]
        names = [name for name in table.names if name not in untold]
        was = sold(seed, kind).select(names).sort(str(table.key))
        found = sound(kind, tables[kind]).select(names).sort(str(table.key))
        assert was.height > 800
        assert found.equals(was)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_cat_carries_in_part_comes_back_in_that_part(seed: int) -> None:
    tables = back(of_world(seed, cat))
    found = {kind: sound(kind, tables[kind]) for kind in (Kind.ORDERS, Kind.ROUTES)}
    orders = sold(seed, Kind.ORDERS).join(found[Kind.ORDERS], on="order_id", suffix="_told")
    routes = sold(seed, Kind.ROUTES).join(found[Kind.ROUTES], on="route_id", suffix="_told")
    ended = orders.filter(pl.col("end_reason") == "cancelled")
    rejected = routes.filter(pl.col("outcome") == "rejected")
    called_back = routes.filter(pl.col("outcome") == "cancelled")

    assert ended.height > 50
    assert ended["end_reason_told"].equals(ended["end_reason"].alias("end_reason_told"))
    assert ended["ended_at_told"].to_list() == ended["ended_at"].to_list()
    assert rejected["outcome_told"].to_list() == ["rejected"] * rejected.height
    assert called_back["outcome_told"].to_list() == ["cancelled"] * called_back.height
    assert called_back["ended_at_told"].to_list() == called_back["ended_at"].to_list()
    assert orders.filter(pl.col("held_told").eq_missing(other=False))["order_id"].to_list() == (
        orders.filter(~pl.col("held"))["order_id"].to_list()
    )
    assert orders["directed_told"].sum() == orders["directed"].sum()
    sweeps = routes.filter(pl.col("instructions").eq_missing(pl.lit("iso")))
    assert sweeps["instructions_told"].to_list() == ["iso"] * sweeps.height
    assert routes["instructions_told"].count() == sweeps.height
    assert sound(Kind.FILLS, tables[Kind.FILLS]).is_empty()


def test_both_forms_are_the_same_records() -> None:
    forms = [read(of_world(SEEDS[0], write))[0]["event_id"] for write in (cat, cat_csv)]

    assert forms[0].to_list() == forms[1].to_list()


def test_a_date_has_the_events_that_happened_on_it_in_new_york() -> None:
    """An order good till cancelled is sent on Monday, late in London, and cancelled on Tuesday."""
    kept = order(
        "O1",
        "23:30:00.5",
        time_in_force="gtc",
        end_reason="cancelled",
        ended_at="2026-07-07T14:00:00.123456789Z",
    )
    monday, tuesday = (read(alone(kept, day))[0] for day in (MONDAY, TUESDAY))

    assert monday["type"].to_list() == ["MENO"]
    assert json.loads(monday["fields"][0])["eventTimestamp"] == "20260706T193000.500000000"
    assert tuesday["type"].to_list() == ["MEOC"]
    assert json.loads(tuesday["fields"][0])["eventTimestamp"] == "20260707T100000.123456789"


def test_replaced_and_sliced_orders_come_back_linked() -> None:
    replaced = order("A", "13:30:00", end_reason="replaced", ended_at="2026-07-06T14:00:00Z")
    replacing = order("B", "14:00:00", quantity="80", root_order_id="A")
    again = {"end_reason": "replaced", "ended_at": "2026-07-06T15:00:00Z"}
    replacing = replacing.with_columns(**{name: pl.lit(value) for name, value in again.items()})
    last = order("C", "15:00:00", quantity="70", root_order_id="A")
    part = order("D", "15:00:01", quantity="20", parent_order_id="C", root_order_id="A")
    tables = back(alone(pl.concat([replaced, replacing, last, part])))

    names = ("order_id", "quantity", "end_reason", "root_order_id", "parent_order_id", "account_id")
    assert tables[Kind.ORDERS].sort("order_id").select(names).rows() == [
        ("A", "100", "replaced", None, None, "ACC"),
        ("B", "80", "replaced", "A", None, "ACC"),
        ("C", "70", None, "A", None, "ACC"),
        ("D", "20", None, "A", "C", None),
    ]


@pytest.mark.parametrize(
    "cells",
    [
        {"time_in_force": "gtd"},
        {"time_in_force": "fok"},
        {"order_type": "stop_limit", "stop_price": "9.5"},
        {"order_type": "limit_on_open", "time_in_force": "opening"},
        {"side": "sell_short_exempt", "session": "pre"},
        {"account_type": "market_maker", "session": "post"},
    ],
)
def test_what_a_sample_firm_never_sends_comes_back_too(cells: dict[str, str]) -> None:
    (found,) = back(alone(order("O1", "13:30:00", **cells)))[Kind.ORDERS].iter_rows(named=True)

    assert {name: found[name] for name in cells} == cells


def test_a_cancelled_route_gives_back_what_it_did_not_trade() -> None:
    """Of 100, 30 traded, 20 of them busted, and 10 corrected to 15: 85 are left."""
    sent = row(
        Kind.ROUTES,
        route_id="R1",
        order_id="O1",
        venue="WHOL",
        sent_at="2026-07-06T13:30:01Z",
        quantity="100",
        ended_at="2026-07-06T14:00:00Z",
        outcome="partial",
    )
    stated = [
        ("F1", "20", None, None),
        ("F2", "20", "busted", "F1"),
        ("F3", "10", "ok", None),
        ("F4", "15", "corrected", "F3"),
    ]
    names = ("fill_id", "quantity", "status", "refers_to")
    fills = text_frame(Kind.FILLS, []).select(*names, "route_id", "order_id")
    rows = [(*fill, "R1", "O1") for fill in stated]
    fills = pl.DataFrame(rows, schema=fills.schema, orient="row")
    records, rejects = read(cat(order("O1", "13:30:00"), sent, fills, MONDAY))

    assert rejects == ()
    events = [json.loads(fields) for fields in records["fields"]]
    assert [(each["type"], each.get("cancelQty")) for each in events] == [
        ("MENO", None),
        ("MEOR", None),
        ("MECR", "85"),
    ]
    assert (events[1]["destination"], events[1]["destinationType"]) == ("WHOL", "F")
    assert events[1]["orderType"] == "MKT"
