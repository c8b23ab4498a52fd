"""The lives of routes: what was sent to whom, for which order, and what ended it.

A route is known by its routedOrderID, where it went and its symbol; firms use the first again on
other days. A modification (MEMR) ends the route in force and begins another, a cancel (MECR) ends
it where what was cancelled adds up to all of it. Where less was cancelled the rest may have traded
or may still be working: CAT does not say, and neither does the record. A modification or cancel
that was rejected (routeRejectedFlag) changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from routewarden.events.cat import words
from routewarden.events.cat.held import Cell, Event, compact, rfc3339
from routewarden.events.cat.identifiers import dated, distinct
from routewarden.events.cat.kinds import CALLED_BACK, SENT, SENT_ANEW
from routewarden.events.cat.orders import Orders, key_of

_TOLD = frozenset({"symbol", "optionID", "side", "price", "quantity", "routedOrderID"})


@dataclass(frozen=True, slots=True)
class _Wire:
    """What a route is known by; without a routedOrderID, by its own event."""

    name: str
    destination: str
    symbol: str


def told_routes(
    events: Sequence[Event], orders: Orders, names: Mapping[str, str]
) -> Iterator[dict[str, Cell]]:
    """Yield the record of each route."""
    sent = [event for event in events if event.type in SENT | SENT_ANEW and _changes(event)]
    called = distinct({event.id: _ways(event) for event in sent})
    ends = _ends(events)
    for event in sent:
        key = key_of(event)
        yield {
            "route_id": called[event.id],
            "order_id": None if key is None else orders.owner(key, event.at),
            "venue": words.venue(event, names),
            "sent_at": rfc3339(event.at),
            "quantity": event.text("quantity"),
            "order_type": words.order_type(event),
            "limit_price": event.text("price"),
            "time_in_force": words.time_in_force(event),
            "instructions": words.instructions(event),
            "further_routable": "false" if "DNR" in event.pairs("handlingInstructions") else None,
            **_outcome(event, ends.get(event.id)),
            **event.extras(_TOLD),
            **event.place,
        }


def _changes(event: Event) -> bool:
    """Return whether an event is more than a request that was rejected."""
    return event.type in SENT or not event.flag("routeRejectedFlag")


def _outcome(event: Event, ended: int | None) -> dict[str, Cell]:
    if event.flag("routeRejectedFlag"):
        return {"outcome": "rejected"}
    if ended is None:
        return {}
    return {"outcome": "cancelled", "ended_at": rfc3339(ended)}


def _ends(events: Sequence[Event]) -> dict[str, int]:
    """Return when routes ended, by the digest of the event that began each."""
    lives: dict[_Wire, list[Event]] = defaultdict(list)
    cancelled: dict[str, Decimal] = defaultdict(Decimal)
    ends: dict[str, int] = {}
    for event in filter(_changes, events):
        if event.type in SENT_ANEW and lives[prior := _prior(event)]:
            ends.setdefault(lives[prior][-1].id, event.at)
        if event.type in SENT | SENT_ANEW:
            lives[_wire(event)].append(event)
        elif event.type in CALLED_BACK and lives[wire := _wire(event)]:
            route = lives[wire][-1]
            cancelled[route.id] += Decimal(event.text("cancelQty") or 0)
            if cancelled[route.id] >= Decimal(route.text("quantity") or 0):
                ends.setdefault(route.id, event.at)
    return ends


def _wire(event: Event, name: str | None = None) -> _Wire:
    stated = name or event.text("routedOrderID") or event.id
    return _Wire(stated, event.text("destination") or "", event.symbol)


def _prior(event: Event) -> _Wire:
    return _wire(event, event.text("priorRoutedOrderID"))


def _ways(event: Event) -> tuple[str, ...]:
    """Return the ways to write a route's identifier, from plain to sure to be unique.

    A modification that keeps the routedOrderID adds the instant, and leaves the first route's be.
    """
    name = event.text("routedOrderID") or event.text("firmROEID") or event.id
    later = f"{name}@{compact(event.at)}"
    sure = f"{later}-{event.id[:8]}"
    if event.type in SENT_ANEW and _prior(event) == _wire(event):
        return later, sure
    where = f"{event.text('destination') or ''}-{name}"
    return name, dated(event.at, name), dated(event.at, where), later, sure
