"""A simulated world as the CAT events its broker-dealer submits: JSON, or positional CSV.

A date's events are those that happened on it in New York: orders received (MENO), sliced (MECO),
replaced (MEOM) and cancelled (MEOC), routes sent (MEOR) and cancelled (MECR). Executions are the
venues' to report, so fills serve only to tell how much a cancel took back. Shares only: options
have events of their own, and crypto has none.

Field positions and choice values: CAT Reporting Technical Specifications for Industry Members
4.1.0 r15.
"""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import polars as pl

from routewarden.base.time import TRADING_ZONE

UNTOLD_OF_ORDERS = (
    *("held", "directed", "capacity", "router", "strategy", "desk", "customer_id"),
    *("ended_at", "end_reason"),
)
"""Columns of orders that CAT carries in part: not held, directed, cancels and replacements only."""

UNTOLD_OF_ROUTES = (
    *("acknowledged_at", "ended_at", "outcome", "reject_reason"),
    *("instructions", "further_routable", "ioi"),
)
"""Columns of routes that CAT carries in part: sweeps, rejections and whole cancels only."""

REPORTER = "FIRM"

Row = Mapping[str, str | None]

_EASTERN = ZoneInfo(TRADING_ZONE)
_SIDES = {"buy": "B", "sell": "SL", "sell_short": "SS", "sell_short_exempt": "SX"}
_SESSIONS = {"regular": "REG", "pre": "PRE", "post": "POST"}
_HOLDERS = {"retail": "I", "institutional": "A", "proprietary": "P", "market_maker": "O"}
_EXCHANGES = {
    "XNYS": "NYSE",
    "ARCX": "ARCA",
    "XASE": "AMER",
    "XCIS": "NSX",
    "XCHI": "CHX",
    "XNAS": "NSDQ",
    "XBOS": "BX",
    "XPSX": "PSX",
    "BATS": "BZX",
    "BATY": "BYX",
    "EDGA": "EDGA",
    "EDGX": "EDGX",
    "IEXG": "IEX",
    "MEMX": "MEMX",
    "EPRL": "PEARLEQ",
    "LTSE": "LTSE",
}
_AUCTIONS = {
    "market_on_open": "MOO",
    "limit_on_open": "LOO",
    "market_on_close": "MOC",
    "limit_on_close": "LOC",
}

_HEAD = "actionType:1 firmROEID:3 type:4 CATReporterIMID:5 orderKeyDate:6 orderID:7 symbol:8"
_PLACES: Mapping[str, str] = {
    "MENO": (
        "eventTimestamp:9 manualFlag:10 electronicDupFlag:11 deptType:15 solicitationFlag:16 "
        "side:18 price:19 quantity:20 orderType:22 timeInForce:23 tradingSession:24 "
        "handlingInstructions:25 custDspIntrFlag:26 firmDesignatedID:27 accountHolderType:28 "
        "affiliateFlag:29 negotiatedTradeFlag:32 representativeInd:33"
    ),
    "MECO": (
        "parentOrderKeyDate:9 parentOrderID:10 eventTimestamp:12 side:13 price:14 quantity:15 "
        "orderType:17 timeInForce:18 tradingSession:19 handlingInstructions:20 multiLegInd:32"
    ),
    "MEOM": (
        "priorOrderKeyDate:9 priorOrderID:10 eventTimestamp:12 manualFlag:13 "
        "electronicDupFlag:16 initiator:26 side:27 price:28 quantity:29 leavesQty:31 "
        "orderType:32 timeInForce:33 tradingSession:34 isoInd:35 handlingInstructions:36 "
        "custDspIntrFlag:37 representativeInd:40"
    ),
    "MEOC": ("eventTimestamp:10 manualFlag:11 cancelQty:13 leavesQty:14 initiator:15"),
    "MEOR": (
        "eventTimestamp:10 manualFlag:11 electronicDupFlag:12 senderIMID:14 destination:15 "
        "destinationType:16 routedOrderID:17 session:18 side:19 price:20 quantity:21 "
        "orderType:23 timeInForce:24 tradingSession:25 affiliateFlag:26 isoInd:27 "
        "handlingInstructions:28 routeRejectedFlag:29 dupROIDCond:30 multiLegInd:32"
    ),
    "MECR": (
        "eventTimestamp:10 manualFlag:11 cancelQty:13 senderIMID:15 destination:16 "
        "destinationType:17 routedOrderID:18 session:19 routeRejectedFlag:20 multiLegInd:22"
    ),
}
_POSITIONS: Mapping[str, Mapping[str, int]] = {
    kind: {
        name: int(at)
        for name, _, at in (word.partition(":") for word in f"{_HEAD} {places}".split())
    }
    for kind, places in _PLACES.items()
}
"""Where the fields that are written stand in CSV, from 1."""


@dataclass(frozen=True, slots=True)
class _Event:
    """An event by field name; `at` is the instant it happened, as canonical tables write it."""

    at: str
    type: str
    name: str
    fields: Mapping[str, object]


def cat(orders: pl.DataFrame, routes: pl.DataFrame, fills: pl.DataFrame, day: date) -> bytes:
    """Return a date's events as JSON, an object a line.

    Args:
        orders: Orders as canonical text, of this date and of those before it that live on.
        routes: Routes of these orders, as canonical text.
        fills: Their fills, as canonical text.
        day: The date in New York.
    """
    lines = (_json(fields) + "\n" for fields in _submitted(orders, routes, fills, day))
    return "".join(lines).encode()


def cat_csv(orders: pl.DataFrame, routes: pl.DataFrame, fills: pl.DataFrame, day: date) -> bytes:
    """Return a date's events as positional CSV; the arguments are those of `cat`."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for fields in _submitted(orders, routes, fills, day):
        positions = _POSITIONS[str(fields["type"])]
        cells = [""] * max(positions.values())
        for name, value in fields.items():
            cells[positions[name] - 1] = _cell(value)
        writer.writerow(cells)
    return text.getvalue().encode()


def _submitted(
    orders: pl.DataFrame, routes: pl.DataFrame, fills: pl.DataFrame, day: date
) -> Iterator[Mapping[str, object]]:
    """Yield each event's fields by name, by instant."""
    shares = orders.filter(pl.col("asset_class").fill_null("equity") == "equity")
    held = {str(row["order_id"]): row for row in shares.iter_rows(named=True)}
    sent = [row for row in routes.iter_rows(named=True) if row["order_id"] in held]
    filled = _filled(fills)
    events = [
        *(event for row in held.values() for event in _of_order(row, held, filled)),
        *(event for row in sent for event in _of_route(row, held[row["order_id"]], filled)),
    ]
    for event in sorted(events, key=lambda event: (event.at, event.type, event.name)):
        local = _local(event.at)
        if local.startswith(f"{day:%Y%m%d}"):
            yield {
                "actionType": "NEW",
                "firmROEID": f"{day:%Y%m%d}_{event.type}-{event.name}",
                "type": event.type,
                "CATReporterIMID": REPORTER,
                "eventTimestamp": local,
                **{name: value for name, value in event.fields.items() if value is not None},
            }


def _filled(fills: pl.DataFrame) -> Mapping[str, Decimal]:
    """Return the quantity in effect of each order and route."""
    rows = list(fills.iter_rows(named=True))
    amended = {row["refers_to"] for row in rows}
    done: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        if row["status"] != "busted" and row["fill_id"] not in amended:
            for name in (row["order_id"], row["route_id"]):
                done[name] += Decimal(row["quantity"])
    return done


def _of_order(row: Row, held: Mapping[str, Row], filled: Mapping[str, Decimal]) -> Iterator[_Event]:
    """Yield how an order began, and its cancel."""
    at, name = str(row["received_at"]), str(row["order_id"])
    terms = {
        **_key(row),
        **_terms(row),
        "tradingSession": _SESSIONS.get(row["session"] or "", "ALL"),
        "handlingInstructions": _handling(row),
    }
    flags = {"manualFlag": False, "electronicDupFlag": False, "custDspIntrFlag": False}
    prior = _replaced(row, held)
    above = held.get(row["parent_order_id"] or "")
    if prior is not None:
        before = {"priorOrderID": prior["order_id"], "priorOrderKeyDate": _key_date(prior)}
        left = {"leavesQty": Decimal(row["quantity"] or 0), "initiator": "C", "isoInd": "NA"}
        change = {**terms, **flags, **before, **left, "representativeInd": "N"}
        yield _Event(at, "MEOM", name, change)
    elif above is not None:
        parent = {"parentOrderID": above["order_id"], "parentOrderKeyDate": _key_date(above)}
        yield _Event(at, "MECO", name, {**terms, **parent, "multiLegInd": False})
    else:
        yield _Event(at, "MENO", name, {**terms, **flags, **_customer(row)})
    if row["end_reason"] == "cancelled" and row["ended_at"]:
        left = {"cancelQty": Decimal(row["quantity"] or 0) - filled.get(name, 0), "leavesQty": 0}
        cancel = {**_key(row), **left, "manualFlag": False, "initiator": "C"}
        yield _Event(row["ended_at"], "MEOC", name, cancel)


def _of_route(row: Row, order: Row, filled: Mapping[str, Decimal]) -> Iterator[_Event]:
    """Yield the sending of a route, and the cancel of what it did not trade."""
    name, venue = str(row["route_id"]), str(row["venue"])
    where = {
        **_key(order),
        "manualFlag": False,
        "senderIMID": REPORTER,
        "destination": _EXCHANGES.get(venue, venue),
        "destinationType": "E" if venue in _EXCHANGES else "F",
        "routedOrderID": name,
        "session": "S1",
        "routeRejectedFlag": row["outcome"] == "rejected",
        "multiLegInd": False,
    }
    sent = {
        **where,
        **_terms({**row, "side": order["side"], "stop_price": None}),
        "electronicDupFlag": False,
        "tradingSession": _SESSIONS.get(order["session"] or "", "ALL"),
        "affiliateFlag": False,
        "isoInd": "ISOI" if "iso" in (row["instructions"] or "").split() else "NA",
        "handlingInstructions": _handling({**row, "held": None, "directed": None}),
        "dupROIDCond": False,
    }
    yield _Event(str(row["sent_at"]), "MEOR", name, sent)
    if row["outcome"] in ("cancelled", "partial") and row["ended_at"]:
        left = Decimal(row["quantity"] or 0) - filled.get(name, 0)
        yield _Event(row["ended_at"], "MECR", name, {**where, "cancelQty": left})


def _replaced(row: Row, held: Mapping[str, Row]) -> Row | None:
    """Return the order that one took the place of: of its chain, ended as it began."""
    root = row["root_order_id"]
    if root is None:
        return None
    for each in held.values():
        ended = (each["end_reason"], each["ended_at"]) == ("replaced", row["received_at"])
        if ended and root in (each["order_id"], each["root_order_id"]):
            return each
    return None


def _key(order: Row) -> dict[str, object]:
    return {
        "orderKeyDate": _key_date(order),
        "orderID": order["order_id"],
        "symbol": order["symbol"],
    }


def _key_date(order: Row) -> str:
    return _local(str(order["received_at"]))


def _terms(row: Row) -> dict[str, object]:
    """Return what both an order and a route are sent with."""
    price = row["limit_price"]
    stated = row["time_in_force"]
    day = _local(str(row.get("received_at") or row.get("sent_at")))[:8]
    lasting: dict[str, object] = {"ioc": {"IOC": True}, "gtc": {"GTC": True}, "gtd": {"GTD": day}}
    return {
        "side": _SIDES[str(row["side"])],
        "price": None if price is None else Decimal(price),
        "quantity": Decimal(row["quantity"] or 0),
        "orderType": "MKT" if price is None else "LMT",
        "timeInForce": lasting.get(stated or "", {"DAY": day}),
    }


def _handling(row: Row) -> dict[str, object] | None:
    """Return the handling instructions, None where there are none."""
    kind = row["order_type"] or ""
    told: dict[str, object] = {
        **({_AUCTIONS[kind]: True} if kind in _AUCTIONS else {}),
        **({"STOP": row.get("stop_price")} if kind.startswith("stop") else {}),
        **({"PEG": True} if kind == "pegged" else {}),
        **({"FOK": True} if row["time_in_force"] == "fok" else {}),
        **({"NH": True} if row["held"] == "false" else {}),
        **({"DIR": True} if row["directed"] == "true" else {}),
    }
    return told or None


def _customer(row: Row) -> dict[str, object]:
    return {
        "deptType": "A",
        "solicitationFlag": False,
        "firmDesignatedID": row["account_id"],
        "accountHolderType": _HOLDERS.get(row["account_type"] or "", "X"),
        "affiliateFlag": False,
        "negotiatedTradeFlag": False,
        "representativeInd": "N",
    }


def _local(at: str) -> str:
    """Return an instant as clocks in New York show it, to the nanosecond.

    Orders in shares do not come in the one hour a year that those clocks show twice.
    """
    shown = datetime.fromisoformat(f"{at[:19]}+00:00").astimezone(_EASTERN)
    return f"{shown:%Y%m%dT%H%M%S}.{at[20:-1].ljust(9, '0')}"


def _json(value: object) -> str:
    """Return a value as JSON, a decimal in its own digits."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(k)}:{_json(v)}" for k, v in value.items()) + "}"
    return json.dumps(value)


def _cell(value: object) -> str:
    """Return a value as a CSV cell."""
    if isinstance(value, dict):
        return "|".join(k if v is True else f"{k}={v}" for k, v in value.items())
    if isinstance(value, bool):
        return str(value).lower()
    return format(value, "f") if isinstance(value, Decimal) else str(value)
