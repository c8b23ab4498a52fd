"""Small random firms: a few symbols, a day or two, and the awkward cases the data model allows.

Instants lie a few offsets from the open, the close and midnight, and prices a few ticks apart, so
that ties and boundaries hit exactly are the rule. The same seed always makes the same tables.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING

from tests.oracle.reference import EPOCH, Row, Sessions, Tables, instant

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SECOND = 10**9
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
UNIT = 10**8  # prices and quantities are drawn as integers of the eighth decimal
MAX_PRICE = 10**6 * UNIT
MAX_QUANTITY = 10**12 * UNIT

SESSIONS: Sessions = {
    date(2026, 7, 1): (instant("2026-07-01T13:30:00Z"), instant("2026-07-01T20:00:00Z")),
    date(2026, 7, 2): (instant("2026-07-02T13:30:00Z"), instant("2026-07-02T20:00:00Z")),
    # The day after Thanksgiving: winter time, and a close at 13:00 in New York.
    date(2026, 11, 27): (instant("2026-11-27T14:30:00Z"), instant("2026-11-27T18:00:00Z")),
}
WEDNESDAY, THURSDAY, HALF_DAY = SESSIONS.values()
# No session: the hours a Saturday would have, so that its instants look like any other day's.
SATURDAY = instant("2026-07-04T13:30:00Z"), instant("2026-07-04T20:00:00Z")
CALENDARS = (
    *((WEDNESDAY,), (THURSDAY,), (HALF_DAY,), (HALF_DAY,)),
    *((WEDNESDAY, THURSDAY), (WEDNESDAY, THURSDAY), (THURSDAY, SATURDAY)),
)

DELAYS = (0, 0, 1, SECOND // 20, SECOND // 20, SECOND, 15 * SECOND, MINUTE, 5 * MINUTE, HOUR)
SKEWS = (*DELAYS, *DELAYS, -1, -SECOND, -5 * MINUTE)
AWKWARD_IDS = ("00123", "123", "1E5", "100000", "NA", "TRUE", "a1", "A1", "A10", "null")
SYMBOLS = ("NA", "TRUE", "ABC", "1E5", "NAN")
VENUES = ("XNYS", "XNAS", "NA", "edgx", "1E5")
AUCTION_TYPES = ("market_on_open", "limit_on_open", "market_on_close", "limit_on_close")
RARE_TYPES = ("stop", "stop_limit", "pegged", *AUCTION_TYPES)
ORDER_TYPES = (*("market",) * 10, *("limit",) * 25, *RARE_TYPES)
LIMITED_TYPES = ("limit", "stop_limit", "limit_on_open", "limit_on_close")
TIMES_IN_FORCE = ("", *("day",) * 9, "ioc", "fok", "gtc", "gtc", "gtd", "opening", "closing")
ASSET_CLASSES = (*("equity",) * 6, *("",) * 4, "crypto", "crypto", "option")
SIDES = ("buy", "buy", "buy", "sell", "sell", "sell_short", "sell_short_exempt")
OUTCOMES = ("", "filled", "filled", "partial", "cancelled", "expired", "rejected")
# Beyond the near quote by 0.10 exactly, by a tick more and less, and everything around the quote.
LIMIT_TICKS = (*tuple(range(-5, 6)) * 3, *range(-14, -8), *range(9, 15))
SPREAD_TICKS = (1, 1, 1, 1, 2, 2, 2, 3, 4, 6, 0, -1)
ABSENT_PRICES = ("", "", "0", "0.00", "-1", "-0.01")
QUOTE_SIZES = ("100", "100", "200", "300", "50.5", "0", "", "1000000000000")
SMALL_FEES = ("0.000000000001", "0.000000000003", "-0.000000000001", "0.000000000005")
FEES = ("", "0", "0.3", "0.30", "-0.25", "1.05", *SMALL_FEES, "1000000000000", "-1000000000000")


@dataclass(frozen=True, slots=True)
class _Listing:
    """How one symbol trades: a typical price, its tick, and customary quantities."""

    symbol: str
    base: int
    tick: int
    quantities: Sequence[int]


# Notional stays far below 10**15: the dear one trades in small, the cheap one in large quantities.
STYLES: tuple[tuple[int, int, Sequence[int]], ...] = (
    (10 * UNIT, UNIT // 100, [n * UNIT for n in (100, 200, 300, 50, 2)]),
    (10 * UNIT, UNIT // 100, [100 * UNIT, UNIT // 2, 1234567891, 100, 200 * UNIT]),
    (123_450_000, UNIT // 10_000, [100 * UNIT, 33 * UNIT, 7 * UNIT]),
    (6, 1, [MAX_QUANTITY, 10**6 * UNIT, 3 * UNIT, 1]),
    (MAX_PRICE - UNIT, UNIT // 4, [1, UNIT, 5 * UNIT // 2, 1000 * UNIT]),
)


def _plain(units: int, decimals: int) -> str:
    digits = str(abs(units)).rjust(decimals + 1, "0")
    text = f"{digits[:-decimals]}.{digits[-decimals:]}".rstrip("0").rstrip(".")
    return f"-{text}" if units < 0 else text


@dataclass(frozen=True, slots=True)
class _Lots:
    """Random draws in the terms of the tables."""

    rng: Random
    days: Sequence[tuple[int, int]]
    used: dict[str, list[str]] = field(default_factory=dict)

    def one_in(self, count: int) -> bool:
        return self.rng.randrange(count) == 0

    def new_id(self, kind: str) -> str:
        taken = self.used.setdefault(kind, [])
        candidate = self.rng.choice(AWKWARD_IDS)
        if candidate in taken or not self.one_in(3):
            candidate = f"{kind}{self.rng.randrange(100, 1000)}-{len(taken)}"
        taken.append(candidate)
        return candidate

    def old_id(self, kind: str) -> str:
        return self.rng.choice(self.used[kind])

    def moment(self) -> int:
        """An instant near one at which something changes: an hour, an auction, midnight."""
        opens, closes = self.rng.choice(self.days)
        midnight = opens + 14 * HOUR + 30 * MINUTE
        anchors = (
            *(opens - HOUR, opens, opens, *(opens + n * MINUTE for n in (10, 10, 20, 20, 90))),
            *(closes - MINUTE, closes - 15 * SECOND, closes, closes, closes + HOUR, midnight),
        )
        return self.rng.choice(anchors) + self.rng.choice(SKEWS)

    def stamp(self, t: int) -> str:
        seconds, nanoseconds = divmod(t, SECOND)
        text = (EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
        digits = f"{nanoseconds:09d}" if self.one_in(3) else f"{nanoseconds:09d}".rstrip("0")
        return text + (f".{digits}" if digits else "") + self.rng.choice(("Z", "Z", "+00:00"))

    def decimal(self, units: int) -> str:
        """A plain decimal, now and then with zeros that mean nothing."""
        text = _plain(units, 8)
        if self.one_in(4):
            padded = text if "." in text else text + "."
            text = padded + "0" * self.rng.randint(1, 2)
        return text if len(text.partition(".")[2]) <= 8 else _plain(units, 8)

    def price(self, listing: _Listing, ticks: int) -> str:
        units = listing.base + ticks * listing.tick
        return self.decimal(min(max(units, 1), MAX_PRICE))

    def quantity(self, listing: _Listing) -> str:
        return self.decimal(self.rng.choice(listing.quantities))

    def fee(self) -> str:
        if self.one_in(4):
            return _plain(self.rng.randint(-(10**13), 10**13), 12)
        return self.rng.choice(FEES if self.one_in(4) else FEES[1:6])

    def row(self, columns: Mapping[str, str]) -> dict[str, str]:
        """A row in which some empty columns are left out altogether."""
        return {name: text for name, text in columns.items() if text or self.one_in(2)}


# -- Market data -----------------------------------------------------------------------------------


def _listings(lots: _Lots) -> list[_Listing]:
    symbols = lots.rng.sample(SYMBOLS, lots.rng.randint(1, 3))
    weighted = (*STYLES[:1] * 4, *STYLES)
    return [_Listing(symbol, *lots.rng.choice(weighted)) for symbol in symbols]


def _quote(lots: _Lots, listing: _Listing, t: int, seq_style: str) -> dict[str, str]:
    bid = lots.rng.randint(-4, 3)
    sides = [lots.price(listing, bid), lots.price(listing, bid + lots.rng.choice(SPREAD_TICKS))]
    for side in (0, 1):
        if lots.one_in(20):
            sides[side] = lots.rng.choice(ABSENT_PRICES)
    if lots.one_in(40):
        sides = [lots.rng.choice(ABSENT_PRICES), lots.rng.choice(ABSENT_PRICES)]
    with_seq = seq_style == "all" or (seq_style == "some" and lots.one_in(2))
    return lots.row(
        {
            "symbol": listing.symbol,
            "at": lots.stamp(t),
            "bid": sides[0],
            "bid_size": lots.rng.choice(QUOTE_SIZES),
            "ask": sides[1],
            "ask_size": lots.rng.choice(QUOTE_SIZES),
            "condition": lots.rng.choice(("", "R", "slow")),
            "seq": str(lots.rng.randint(0, 12)) if with_seq else "",
        }
    )


def _quote_rows(lots: _Lots, listings: Sequence[_Listing]) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    for listing in listings:
        # One symbol in eight is never quoted; the few instants make most quotes share theirs.
        count = 0 if lots.one_in(8) else lots.rng.randint(4, 40) * len(lots.days)
        instants = [lots.moment() for _ in range(count // lots.rng.randint(1, 3))]
        if not lots.one_in(4):
            instants += [opens - HOUR for opens, _ in lots.days if instants]
        seq_style = lots.rng.choice(("none", "some", "all"))
        drawn = [lots.rng.choice(instants) for _ in range(count if instants else 0)]
        rows += [_quote(lots, listing, t, seq_style) for t in drawn]
    return rows


def _quote_files(lots: _Lots, rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    digests = [f"{lots.rng.getrandbits(256):064x}" for _ in range(lots.rng.randint(1, 2))]
    files: list[tuple[str, list[Row]]] = [(digest, []) for digest in digests]
    for row in rows:
        for _, content in lots.rng.sample(files, 1 if lots.one_in(2) else len(files)):
            content.append(row)
            if lots.one_in(10):
                content.append({**row, "bid": row.get("ask", ""), "ask": row.get("bid", "")})
    for _, content in files:
        lots.rng.shuffle(content)
    return files


def _securities(lots: _Lots, listings: Sequence[_Listing], orders: Sequence[Row]) -> list[Row]:
    rows: list[Row] = []
    moments = [instant(order["received_at"]) for order in orders]
    for listing in listings:
        starts = {instant("2020-01-01T00:00:00Z"), *lots.rng.choices(moments, k=2)}
        for start in lots.rng.sample(sorted(starts), lots.rng.randint(0, len(starts))):
            end = "" if lots.one_in(2) else lots.stamp(max(start + 1, lots.rng.choice(moments)))
            asset_class = lots.rng.choice(("equity", "equity", "crypto", "option", ""))
            columns = {"symbol": listing.symbol, "from": lots.stamp(start), "to": end}
            rows.append(lots.row({**columns, "asset_class": asset_class}))
    return rows


def _trades(lots: _Lots, listings: Sequence[_Listing], instants: Sequence[str]) -> list[Row]:
    rows: list[Row] = []
    for _ in range(lots.rng.randint(0, 30)):
        listing = lots.rng.choice(listings)
        columns = {
            "symbol": listing.symbol,
            "at": lots.rng.choice(instants),
            "price": lots.price(listing, lots.rng.randint(-4, 4)),
            "size": lots.quantity(listing),
            "venue": lots.rng.choice(VENUES),
            "conditions": lots.rng.choice(("", "", "", "T", "4 I")),
        }
        rows.append(lots.row(columns))
    return rows


# -- Orders, routes and fills ----------------------------------------------------------------------


def _order(lots: _Lots, listing: _Listing, t0: int) -> dict[str, str]:
    rng, order_type = lots.rng, lots.rng.choice(ORDER_TYPES)
    limit = lots.price(listing, rng.choice(LIMIT_TICKS)) if order_type in LIMITED_TYPES else ""
    stop = lots.price(listing, rng.randint(-5, 5)) if order_type.startswith("stop") else ""
    end = t0 + rng.choice(SKEWS) if lots.one_in(2) else max(t0, lots.moment())
    quantity = min(rng.choice(listing.quantities) * rng.randint(1, 4), MAX_QUANTITY)
    return lots.row(
        {
            "order_id": lots.new_id("O"),
            "received_at": lots.stamp(t0),
            "symbol": listing.symbol,
            "side": rng.choice(SIDES),
            "quantity": lots.decimal(quantity),
            "order_type": order_type,
            "limit_price": limit,
            "stop_price": stop,
            "time_in_force": rng.choice(TIMES_IN_FORCE),
            "held": rng.choice(("", "true", "false")),
            "account_type": rng.choice(("", "retail", "institutional", "proprietary")),
            "asset_class": rng.choice(ASSET_CLASSES),
            "ended_at": "" if lots.one_in(3) else lots.stamp(end),
        }
    )


def _orders(
    lots: _Lots, listings: Sequence[_Listing], quotes: Sequence[Row], count: int
) -> list[Row]:
    rows: list[Row] = []
    for _ in range(count):
        listing = lots.rng.choice(listings)
        quoted = [instant(quote["at"]) for quote in quotes if quote["symbol"] == listing.symbol]
        at_quote = bool(quoted) and not lots.one_in(3)
        rows.append(_order(lots, listing, lots.rng.choice(quoted) if at_quote else lots.moment()))
    return rows


def _routes(lots: _Lots, orders: Sequence[Row]) -> list[Row]:
    rows: list[Row] = []
    for order in orders:
        for _ in range(lots.rng.choice((0, 1, 1, 1, 2, 3))):
            sent_at = instant(order["received_at"]) + lots.rng.choice(SKEWS)
            reached = lots.moment() if lots.one_in(12) else sent_at + lots.rng.choice(DELAYS[:6])
            columns = {
                "route_id": lots.new_id("R"),
                "order_id": "never-held" if lots.one_in(25) else order["order_id"],
                "venue": lots.rng.choice(VENUES),
                "sent_at": lots.stamp(sent_at),
                "acknowledged_at": "" if lots.one_in(2) else lots.stamp(reached),
                "quantity": order["quantity"],
                "outcome": lots.rng.choice(OUTCOMES),
            }
            rows.append(lots.row(columns))
    return rows


def _links(lots: _Lots, order: Row, routes: Sequence[Row]) -> tuple[str, str]:
    """The order id and route id that a fill states; at least one of them is never empty."""
    own = [route["route_id"] for route in routes if route["order_id"] == order["order_id"]]
    route_id = lots.rng.choice(own) if own else ""
    chance = lots.rng.randrange(25)
    if chance < 4 and route_id:
        return "", route_id
    other = lots.rng.choice(routes)["route_id"] if routes else ""
    unusual = {
        4: (order["order_id"], ""),
        5: (order["order_id"], ""),
        6: (order["order_id"], other),
        7: (order["order_id"], "never-held"),
        8: ("never-held", other),
        9: ("", "never-held"),
        10: ("", other or "never-held"),
    }
    return unusual.get(chance, (order["order_id"], route_id))


def _fill(lots: _Lots, listing: _Listing, order: Row, routes: Sequence[Row]) -> dict[str, str]:
    order_id, route_id = _links(lots, order, routes)
    later = instant(order["received_at"]) + lots.rng.choice(SKEWS)
    wanders = lots.one_in(3 if order.get("time_in_force", "") == "gtc" else 12)
    return lots.row(
        {
            "fill_id": lots.new_id("F"),
            "route_id": route_id,
            "order_id": order_id,
            "venue": lots.rng.choice(VENUES),
            "executed_at": lots.stamp(lots.moment() if wanders else later),
            "price": lots.price(listing, lots.rng.randint(-5, 5)),
            "quantity": lots.quantity(listing),
            "liquidity": lots.rng.choice(("", "added", "removed", "routed")),
            "fee": lots.fee(),
            "status": lots.rng.choice(("", "ok", "ok")),
            # An execution that is neither bust nor correction names nothing, whatever it says.
            "refers_to": lots.old_id("F") if lots.one_in(40) else "",
        }
    )


def _change(lots: _Lots, fills: Sequence[Row], listings: Mapping[str, _Listing]) -> dict[str, str]:
    """A bust or correction of some fill, of an earlier change, of nothing known, or of nothing."""
    changes = [row for row in fills if row.get("status", "") in ("busted", "corrected")]
    target = lots.rng.choice(changes if changes and lots.one_in(3) else fills)
    # The target of an earlier change again: two corrections of one fill.
    named = target.get("refers_to", "") if lots.one_in(2) else ""
    refers_to = named or target["fill_id"]
    if lots.one_in(6):
        refers_to = lots.rng.choice(("never-held", ""))
    moved = instant(target["executed_at"]) + lots.rng.choice((0, 0, 0, 1, -1, SECOND))
    corrected = not lots.one_in(3)
    columns = {
        **target,
        "fill_id": lots.new_id("F"),
        "executed_at": lots.stamp(moved),
        "fee": lots.fee(),
        "status": "corrected" if corrected else "busted",
        "refers_to": refers_to,
    }
    listing = listings.get(target["fill_id"])
    if corrected and listing is not None:
        columns["price"] = lots.price(listing, lots.rng.randint(-5, 5))
    return lots.row(columns)


def _fills(
    lots: _Lots,
    listings: Sequence[_Listing],
    orders: Sequence[Row],
    routes: Sequence[Row],
    count: int,
) -> list[Row]:
    by_symbol = {listing.symbol: listing for listing in listings}
    by_fill: dict[str, _Listing] = {}
    rows: list[Row] = []
    for place in range(count):
        if rows and place % 5 == 4:
            rows.append(_change(lots, rows, by_fill))
            continue
        order = lots.rng.choice(orders)
        row = _fill(lots, by_symbol[order["symbol"]], order, routes)
        by_fill[row["fill_id"]] = by_symbol[order["symbol"]]
        rows.append(row)
    return rows


def random_tables(seed: int, *, fills: int = 40) -> Tables:
    """One random firm with so many fill records; every row is valid by itself."""
    rng = Random(seed)
    lots = _Lots(rng, rng.choice(CALENDARS))
    listings = _listings(lots)
    quotes = _quote_rows(lots, listings)
    orders = _orders(lots, listings, quotes, max(2, fills // 3))
    routes = _routes(lots, orders)
    executions = _fills(lots, listings, orders, routes, fills)
    instants = [row["at"] for row in quotes] + [row["executed_at"] for row in executions]
    instants += [order["received_at"] for order in orders]
    trades, securities = _trades(lots, listings, instants), _securities(lots, listings, orders)
    for rows in (orders, routes, executions, trades, securities):
        rng.shuffle(rows)
    return Tables(orders, routes, executions, _quote_files(lots, quotes), securities, trades)
