"""The orders, routes and fills that a broker-dealer's CAT events tell of.

All events held are read together, so neither the order of files nor of lines makes a difference.
What each canonical column rests on:

* orders: every life of every order, customers' and children alike (`events/cat/orders.py`). The
  remaining quantity (leavesQty) is that of an order that a modification begins. A modification does
  not repeat whose order it is: account and account type are those of the life it replaced.
  An order that represents others (aggregatedOrders) is an order of its own, not their parent.
* routes: by the highest order held above the one they name, usually the customer's, as it stood
  when they were sent; the order named stays in `x_orderID`.
* fills: the firm's own executions only.

`held` is false where CAT says not held (NH) and `directed` true where it says directed (DIR).
Neither's absence is taken to say the opposite, so without either the column is empty: unknown.
Every field that a canonical column does not hold exactly is beside it as `x_field`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from routewarden.base.schema import Kind
from routewarden.events.cat import words
from routewarden.events.cat.fills import executed_orders, told_fills
from routewarden.events.cat.held import Cell, rfc3339, standing
from routewarden.events.cat.kinds import MODIFIED, ROUTED
from routewarden.events.cat.orders import Life, Orders, key_of
from routewarden.events.cat.routes import told_routes
from routewarden.events.told import Told, told

SILENT = (
    ("executions on exchanges", "the exchange reports them, the broker-dealer does not"),
    ("executions at another broker-dealer", "that broker-dealer reports them"),
    ("fees and rebates", "no event has them"),
    ("liquidity added or removed", "no event has it"),
    ("acknowledgement of a route", "only a rejection is marked, without its time"),
    ("the reason of a rejection", "a route is marked rejected, no more"),
    ("end of a route that traded", "a partial cancel does not say what became of the rest"),
    ("expiry", "no event tells that an order lapsed"),
    ("end of a filled order", "its executions may be reported by others"),
    ("held", "only not held is stated; an order without it is of unknown handling"),
    ("not directed", "only directed is stated"),
    ("capacity of an order", "it is stated of executions"),
    ("account of a child order", "only the customer's order states its account"),
    ("router", "a router that is software and no broker-dealer is in no event"),
    ("strategy, desk and customer", "internal names are no part of an order event"),
)
"""What CAT events of a broker-dealer cannot tell, and why."""

_TOLD = frozenset({"symbol", "optionID", "side", "price", "firmDesignatedID"})


def interpret_cat(events: pl.DataFrame, names: Mapping[str, str]) -> Told:
    """Return the orders, routes and fills that some events tell of.

    Args:
        events: Records of `Kind.CAT` with `file` and their place, in any order.
        names: Market identifiers (IMIDs, Exchange IDs) and the venue each stands for; they go
            before the table of exchanges that ships (`words.EXCHANGES`).
    """
    stand = standing(events)
    routed = (key_of(event) for event in stand if event.type in ROUTED)
    orders = Orders(stand, [*(key for key in routed if key), *executed_orders(stand)])
    return told(
        {
            Kind.ORDERS: _told_orders(orders),
            Kind.ROUTES: told_routes(stand, orders, names),
            Kind.FILLS: told_fills(stand, orders, names),
        }
    )


def _told_orders(orders: Orders) -> Iterator[dict[str, Cell]]:
    """Yield the record of each life of an order."""
    for life in orders:
        event = life.event
        owner = orders.first(life).event
        left = event.text("leavesQty") if event.type in MODIFIED else None
        yield {
            "order_id": life.order_id,
            "received_at": rfc3339(event.at),
            "symbol": event.symbol or None,
            "side": words.SIDES.get(event.text("side") or ""),
            "quantity": left or event.text("quantity"),
            "order_type": words.order_type(event),
            "limit_price": event.text("price"),
            "stop_price": words.stop_price(event),
            "time_in_force": words.time_in_force(event),
            "held": "false" if "NH" in event.pairs("handlingInstructions") else None,
            "directed": "true" if "DIR" in event.pairs("handlingInstructions") else None,
            "session": words.SESSIONS.get(event.text("tradingSession") or ""),
            "account_type": words.ACCOUNT_TYPES.get(owner.text("accountHolderType") or ""),
            "asset_class": words.asset_class(event),
            "account_id": owner.text("firmDesignatedID"),
            **_ended(orders, life),
            **_above(orders, life),
            **event.extras(_TOLD),
            **event.place,
        }


def _ended(orders: Orders, life: Life) -> dict[str, Cell]:
    end = orders.end(life)
    return {} if end is None else {"ended_at": rfc3339(end.at), "end_reason": end.reason}


def _above(orders: Orders, life: Life) -> dict[str, Cell]:
    """Return a life's parent, held or not, and the root of its chain, where that is held."""
    key, at = orders.parent_key(life), life.event.at
    parent = orders.parent(life, at)
    stated = orders.named(key) if key else None
    root = orders.root(life)
    return {
        "parent_order_id": parent.order_id if parent else stated,
        "root_order_id": root.order_id if root and root.order_id != life.order_id else None,
    }
