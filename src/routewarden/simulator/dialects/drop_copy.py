"""A simulated world as the FIX drop copy a router's vendor would send.

One session carries the firm's orders and the router's children (35=D), and every report of both
(35=8). A child names its parent in SecondaryClOrdID 526; an execution is told twice under one
ExecID, of the child and of its parent. What FIX has no tag for stands in tags of the vendor's own,
which the shipped profile
`example-drop-copy` maps back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import polars as pl

NOT_CARRIED: Mapping[str, str] = {}
"""Columns, as table.column, that the drop copy cannot carry, and why: none."""

_ORDER_TAGS = {
    "session": "20002",
    "account_type": "20003",
    "asset_class": "20004",
    "router": "20005",
    "strategy": "20006",
    "desk": "20007",
    "customer_id": "20008",
    "parent_order_id": "20009",
    "root_order_id": "20010",
}
_FLAGS = {"true": "Y", "false": "N"}
_SIDES = {"buy": "1", "sell": "2", "sell_short": "5", "sell_short_exempt": "6"}
_TYPES = {
    "market": "1",
    "limit": "2",
    "stop": "3",
    "stop_limit": "4",
    "pegged": "P",
    "market_on_open": "1",
    "limit_on_open": "2",
    "market_on_close": "5",
    "limit_on_close": "B",
}
_LIVES = {
    "day": "0",
    "gtc": "1",
    "opening": "2",
    "ioc": "3",
    "fok": "4",
    "gtd": "6",
    "closing": "7",
}
_HELD = {"true": "5", "false": "1"}
_CAPACITIES = {"agency": "A", "principal": "P", "riskless": "R"}
_INSTRUCTIONS = {"iso": "f", "post_only": "6", "midpoint_peg": "M", "primary_peg": "R"}
_LIQUIDITIES = {"added": "1", "removed": "2", "routed": "3", "auction": "4", "unknown": "10"}
_ENDS = {"cancelled": "4", "expired": "C", "rejected": "8", "partial": "4"}
_AMENDS = {"busted": ("H", "1"), "corrected": ("G", "2")}
_SOH = "\x01"

Row = Mapping[str, str | None]
Tags = Mapping[str, str | None]


class _Event(NamedTuple):
    """A message to be: when it is sent, its rank among those of the same time, type and tags."""

    at: str
    rank: int
    type: str
    tags: Tags


def drop_copy(
    orders: pl.DataFrame, routes: pl.DataFrame, fills: pl.DataFrame, version: str = "FIX.4.4"
) -> bytes:
    """Return canonical tables of text as a FIX log, a message a line, raw SOH.

    Args:
        orders: Orders, as a simulated world's tables hold them; so are routes and fills.
        routes: Their routes.
        fills: Their fills, busts and corrections.
        version: `FIX.4.4` or `FIX.4.2`, which tells executions and busts in another way.
    """
    parents = {row["order_id"]: row for row in orders.iter_rows(named=True)}
    children = {row["route_id"]: row for row in routes.iter_rows(named=True)}
    symbols = _Securities(parents, children)
    last = _last_fills(parents, children, fills)
    events = [event for row in parents.values() for event in _of_order(row)]
    events += [event for row in children.values() for event in _of_route(row, symbols)]
    for row in fills.iter_rows(named=True):
        events += _of_fill(row, symbols, last, version)
    events.sort(key=lambda event: (event.at, event.rank))
    lines = (_message(event, number, version) for number, event in enumerate(events, start=1))
    return b"".join(lines)


class _Securities(NamedTuple):
    """Orders and routes by id, to say what a route or fill is in."""

    orders: Mapping[str | None, Row]
    routes: Mapping[str | None, Row]

    def tags(self, order_id: str | None) -> Tags:
        """Return Symbol and Side of an order, none where it is not held."""
        order = self.orders.get(order_id)
        if order is None:
            return {}
        return {"54": _SIDES[order["side"] or ""], "55": order["symbol"]}


def _of_order(row: Row) -> Iterator[_Event]:
    told = {"11": row["order_id"], "54": _SIDES[row["side"] or ""], "55": row["symbol"]}
    asked = {
        **told,
        **_terms(row),
        "1": row["account_id"],
        "18": _HELD.get(row["held"] or ""),
        "528": _CAPACITIES.get(row["capacity"] or ""),
        "20001": _FLAGS.get(row["directed"] or ""),
        **{tag: row[name] for name, tag in _ORDER_TAGS.items()},
    }
    yield _Event(row["received_at"] or "", 0, "D", asked)
    yield _Event(row["received_at"] or "", 1, "8", {**told, "150": "0", "39": "0"})
    code = _ENDS.get(row["end_reason"] or "")
    if code is not None:
        yield _Event(row["ended_at"] or "", 4, "8", {**told, "150": code, "39": code})


def _of_route(row: Row, securities: _Securities) -> Iterator[_Event]:
    told = {"11": row["route_id"], "526": row["order_id"], **securities.tags(row["order_id"])}
    asked = {
        **told,
        **_terms(row),
        "18": " ".join(_INSTRUCTIONS[word] for word in (row["instructions"] or "").split()),
        "100": row["venue"],
        "20011": _FLAGS.get(row["further_routable"] or ""),
        "20012": _FLAGS.get(row["ioi"] or ""),
    }
    yield _Event(row["sent_at"] or "", 2, "D", asked)
    if row["acknowledged_at"] is not None:
        yield _Event(row["acknowledged_at"], 3, "8", {**told, "150": "0", "39": "0"})
    code = _ENDS.get(row["outcome"] or "")
    if code is not None:
        ended = {**told, "150": code, "39": code, "58": row["reject_reason"]}
        yield _Event(row["ended_at"] or "", 4, "8", ended)


def _terms(row: Row) -> Tags:
    return {
        "38": row["quantity"],
        "40": _TYPES.get(row["order_type"] or ""),
        "44": row["limit_price"],
        "59": _LIVES.get(row["time_in_force"] or ""),
        "99": row.get("stop_price"),
    }


def _last_fills(
    orders: Mapping[str | None, Row], routes: Mapping[str | None, Row], fills: pl.DataFrame
) -> Mapping[tuple[str, str | None], str | None]:
    """Return, of each order and route that was filled, the fill that ended it."""
    last: dict[tuple[str, str | None], str | None] = {}
    for row in fills.filter(pl.col("status") == "ok").iter_rows(named=True):
        for name, held, how in (
            ("order_id", orders, "end_reason"),
            ("route_id", routes, "outcome"),
        ):
            owner = held.get(row[name])
            if owner and owner[how] == "filled" and owner["ended_at"] == row["executed_at"]:
                last[name, row[name]] = row["fill_id"]
    return last


def _of_fill(
    row: Row,
    securities: _Securities,
    last: Mapping[tuple[str, str | None], str | None],
    version: str,
) -> Iterator[_Event]:
    """Yield an execution's reports: of the child, and of the parent."""
    route, order = row["route_id"], row["order_id"]
    held = securities.routes.get(route)
    parent = order or (held["order_id"] if held else None)
    told = {
        **securities.tags(parent),
        "17": row["fill_id"],
        "19": row["refers_to"],
        "30": row["venue"],
        "31": row["price"],
        "32": row["quantity"],
        "851": _LIQUIDITIES.get(row["liquidity"] or ""),
        "20021": row["fee"],
    }
    if route is not None:
        ids = {"11": route, "526": parent}
        done = last.get(("route_id", route)) == row["fill_id"]
        yield _Event(row["executed_at"] or "", 3, "8", {**ids, **told, **_how(row, done, version)})
    if parent is not None:
        done = last.get(("order_id", parent)) == row["fill_id"]
        how = _how(row, done, version)
        yield _Event(row["executed_at"] or "", 4, "8", {"11": parent, **told, **how})


def _how(row: Row, done: bool, version: str) -> Tags:  # noqa: FBT001 one word of three
    """Return the tags that say whether a report is an execution, a bust or a correction."""
    status = "2" if done else "1"
    amends = _AMENDS.get(row["status"] or "")
    if version == "FIX.4.2":
        return {"20": amends[1] if amends else "0", "39": status, "150": status}
    return {"39": status, "150": amends[0] if amends else "F"}


def _message(event: _Event, number: int, version: str) -> bytes:
    """Return a message with its BodyLength and CheckSum, and a line's end."""
    at = _fix_time(event.at)
    head = {"35": event.type, "34": str(number), "49": "ROUTER", "52": at, "56": "FIRM"}
    fields = {**head, **event.tags, "60": at}
    body = "".join(f"{tag}={text}{_SOH}" for tag, text in fields.items() if text).encode()
    message = f"8={version}{_SOH}9={len(body)}{_SOH}".encode() + body
    return message + f"10={sum(message) % 256:03d}{_SOH}\n".encode()


def _fix_time(instant: str) -> str:
    """Return an RFC 3339 instant as FIX writes it."""
    return instant.removesuffix("Z").replace("-", "").replace("T", "-")
