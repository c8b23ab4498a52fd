"""CAT events to try things on: small, valid, and as short as a test can say them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from routewarden.base.schema import TABLES, Kind
from routewarden.base.time import start_of_date
from routewarden.events.cat.interpret import interpret_cat
from routewarden.sources.cat.reader import read_cat
from routewarden.sources.reject import Reject
from routewarden.sources.table import no_records
from routewarden.sources.typed import Bounds, conform

Fields = dict[str, object]

_FIRST, _LAST = (
    pl.select(start_of_date(pl.lit(day))).item() for day in (date(2020, 1, 1), date(2028, 1, 1))
)
BOUNDS = Bounds(_FIRST, _LAST)

DAY = "20260706"
"""A Monday in summer: New York is four hours behind UTC."""


def at(clock: str, day: str = DAY) -> str:
    """A time such as 093000.5 on clocks in New York."""
    return f"{day}T{clock}"


def event(kind: str, clock: str, **fields: object) -> Fields:
    """An event with what every event states; a field that is None is left out."""
    number = "-".join(str(fields.get(name) or "") for name in ("orderID", "routedOrderID"))
    stated: Fields = {
        "actionType": "NEW",
        "firmROEID": f"{DAY}_{kind}{number}{clock}",
        "type": kind,
        "CATReporterIMID": "FIRM",
        "symbol" if kind.startswith("ME") else "optionID": "ABC",
        "eventTimestamp": at(clock),
        **fields,
    }
    return {name: value for name, value in stated.items() if value is not None}


_TERMS: Fields = {
    "side": "B",
    "price": 10.5,
    "quantity": 100,
    "orderType": "LMT",
    "timeInForce": {"DAY": DAY},
    "tradingSession": "REG",
}


def key(name: str, clock: str, prefix: str = "order") -> Fields:
    return {f"{prefix}ID": name, f"{prefix}KeyDate": at(clock)}


def new(name: str, clock: str, kind: str = "MENO", **fields: object) -> Fields:
    """A customer's order, known by its identifier and the time it came."""
    customer = {
        "deptType": "A",
        "firmDesignatedID": "ACC",
        "accountHolderType": "I",
        "representativeInd": "N",
    }
    return event(kind, clock, **{**key(name, clock), **_TERMS, **customer, **fields})


def child(name: str, clock: str, parent: Fields, kind: str = "MECO", **fields: object) -> Fields:
    above = {f"parentOrder{part}": parent[f"order{part}"] for part in ("ID", "KeyDate")}
    desk = {"deptType": "A", "receivingDeskType": "T"} if kind.endswith("IR") else {}
    return event(kind, clock, **{**key(name, clock), **_TERMS, **above, **desk, **fields})


def modified(
    prior: Fields, clock: str, name: str | None = None, kind: str = "MEOM", **fields: object
) -> Fields:
    """A modification, under a new identifier or, without one, under the old."""
    own = key(name, clock) if name else {n: prior[n] for n in ("orderID", "orderKeyDate")}
    before = {f"priorOrder{part}": prior[f"order{part}"] for part in ("ID", "KeyDate")}
    more = {"initiator": "C", "isoInd": "NA", "representativeInd": "N", "leavesQty": 80}
    more |= {"deptType": "A", "receivingDeskType": "T"} if kind.endswith("IM") else {}
    return event(kind, clock, **{**own, **_TERMS, **before, **more, **fields})


def cancelled(order: Fields, clock: str, kind: str = "MEOC", **fields: object) -> Fields:
    own = {n: order[n] for n in ("orderID", "orderKeyDate")}
    told = {"cancelQty": 100, "leavesQty": 0, "side": "B", "initiator": "C"}
    return event(kind, clock, **{**own, **told, **fields})


def route(name: str | None, clock: str, order: Fields, **fields: object) -> Fields:
    own = {n: order[n] for n in ("orderID", "orderKeyDate")}
    where = {"destination": "NYSE", "destinationType": "E", "routedOrderID": name, "isoInd": "NA"}
    return event("MEOR", clock, **{**own, **_TERMS, **where, **fields})


def rerouted(
    name: str, clock: str, order: Fields, prior: str | None = None, **fields: object
) -> Fields:
    told = route(name, clock, order, **{"priorRoutedOrderID": prior, **fields})
    return {**told, "type": "MEMR", "firmROEID": f"{DAY}_MEMR{name}{clock}"}


def recalled(name: str, clock: str, order: Fields, **fields: object) -> Fields:
    own = {n: order[n] for n in ("orderID", "orderKeyDate")}
    where = {"destination": "NYSE", "destinationType": "E", "routedOrderID": name}
    return event("MECR", clock, **{**own, **where, "cancelQty": 100, **fields})


def trade(name: str, clock: str, **fields: object) -> Fields:
    told = {"tradeID": name, "tradeKeyDate": at(clock), "quantity": 40, "price": 10.25}
    return event("MEOT", clock, **{**told, "capacity": "P", "sideDetailsInd": "NA", **fields})


def fulfilment(name: str, clock: str, kind: str = "MEOF", **fields: object) -> Fields:
    told = {"fulfillmentID": name, "fillKeyDate": at(clock), "quantity": 40, "price": 10.25}
    return event(kind, clock, **{**told, "capacity": "R", "fulfillmentLinkType": "Y", **fields})


def detail(order: Fields, side: str = "B") -> Fields:
    return {"orderID": order["orderID"], "orderKeyDate": order["orderKeyDate"], "side": side}


def lines(events: Iterable[Fields]) -> bytes:
    return "".join(json.dumps(each) + "\n" for each in events).encode()


def read(data: bytes) -> tuple[pl.DataFrame, tuple[Reject, ...]]:
    batches = list(read_cat(data, BOUNDS))
    rejects = tuple(reject for batch in batches for reject in batch.rejects)
    nothing = no_records(TABLES[Kind.CAT])
    return pl.concat([nothing, *(batch.records for batch in batches)]), rejects


def told(
    events: Sequence[Fields], names: Mapping[str, str] | None = None
) -> Mapping[Kind, pl.DataFrame]:
    """What some events, all of them sound, tell of; rows by identifier."""
    records, rejects = read(lines(events))
    assert rejects == ()
    tables = interpret_cat(records.with_columns(file=pl.lit("f")), names or {}).tables
    return {kind: table.sort(TABLES[kind].key or "") for kind, table in tables.items()}


def orders(events: Sequence[Fields], *names: str) -> list[tuple[Any, ...]]:
    """These columns of the orders some events tell of, by identifier; so for routes and fills."""
    return told(events)[Kind.ORDERS].select(names).rows()


def routes(events: Sequence[Fields], *names: str) -> list[tuple[Any, ...]]:
    return told(events)[Kind.ROUTES].select(names).rows()


def fills(events: Sequence[Fields], *names: str) -> list[tuple[Any, ...]]:
    return told(events)[Kind.FILLS].select(names).rows()


def utc(clock: str) -> str:
    """An instant of the day to the millisecond, as canonical tables write it."""
    return f"2026-07-06T{clock}000000Z"


def sound(kind: Kind, frame: pl.DataFrame) -> pl.DataFrame:
    """Rows told of as typed records, all of them."""
    records, rejects = conform(TABLES[kind], frame, BOUNDS)
    assert rejects == ()
    return records
