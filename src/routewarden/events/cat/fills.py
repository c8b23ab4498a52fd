"""Executions that a broker-dealer itself reports: its trades, and its clients' fulfilments.

A trade (MEOT) names the orders on its sides, a fulfilment (MEOF) the client's order; each order
named has a fill, of the customer's order above it. A trade that names no order is a fill of none.
Where a side names several orders nothing says how much each got: their fills state no quantity,
and are refused for it rather than guessed at. A fulfilment's amendment (MEFA) corrects what it
names. An event with cancelFlag busts the fills of its trade or fulfilment; if that is all that is
held of it, it tells of the fill too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from routewarden.events.cat.held import Cell, Event, compact, rfc3339
from routewarden.events.cat.identifiers import dated, distinct
from routewarden.events.cat.kinds import AMENDED, FULFILLED, TRADED
from routewarden.events.cat.orders import Key, Orders
from routewarden.sources.cat.times import instant_of

_TOLD = frozenset({"symbol", "optionID", "price"})
_SIDES = (("buyDetails", "B"), ("sellDetails", "S"))


@dataclass(frozen=True, slots=True)
class _Deal:
    """What a trade or a fulfilment is known by."""

    traded: bool
    id: str
    dated: int | None
    symbol: str


@dataclass(frozen=True, slots=True)
class _Share:
    """An order's part in an event; `mark` tells it from others, `sole` that the quantity is its."""

    order: Key
    mark: str
    sole: bool


@dataclass(frozen=True, slots=True)
class _Fill:
    fill_id: str
    event: Event
    share: _Share
    status: str | None
    refers_to: str | None


def executed_orders(events: Sequence[Event]) -> list[Key]:
    """Return the keys of the orders that executions name."""
    return [share.order for event in events for share in _shares(event)]


def told_fills(
    events: Sequence[Event], orders: Orders, names: Mapping[str, str]
) -> Iterator[dict[str, Cell]]:
    """Yield the record of each fill, bust and correction."""
    for fill in _fills(events):
        event, at = fill.event, fill.event.at
        reporter = event.text("CATReporterIMID")
        if fill.status == "busted":
            at = event.instant("cancelTimestamp") or at
        yield {
            "fill_id": fill.fill_id,
            "order_id": orders.owner(fill.share.order, event.at),
            "venue": None if reporter is None else names.get(reporter, reporter),
            "executed_at": rfc3339(at),
            "price": event.text("price"),
            "quantity": event.text("quantity") if fill.share.sole else None,
            "status": fill.status,
            "refers_to": fill.refers_to,
            **event.extras(_TOLD),
            **event.place,
        }


def _fills(events: Sequence[Event]) -> Iterator[_Fill]:
    deals: dict[_Deal, list[Event]] = defaultdict(list)
    for event in events:
        if _shares(event):
            deals[_deal(event)].append(event)
    mentioned = {*deals, *(_amended(event) for group in deals.values() for event in group)}
    called = distinct({deal: _ways(deal) for deal in mentioned if deal})
    for deal, group in deals.items():
        cancelled = [event for event in group if event.flag("cancelFlag")]
        stated = [event for event in group if not event.flag("cancelFlag")] or cancelled[:1]
        for event in stated:
            name = called[deal]
            if event is not stated[0]:
                name = f"{name}@{compact(event.at)}-{event.id[:8]}"
            prior = _amended(event)
            for share in _shares(event):
                fill_id = name + share.mark
                fixed = called[prior] + share.mark if prior else None
                yield _Fill(fill_id, event, share, "corrected" if prior else None, fixed)
                if cancelled:
                    bust = f"{fill_id}/cancelled"
                    yield _Fill(bust, cancelled[0], share, "busted", fill_id)


def _shares(event: Event) -> list[_Share]:
    """Return the orders that an execution names."""
    if event.type in FULFILLED:
        named = [(key, "") for key in _orders(event, "clientDetails")]
    elif event.type in TRADED:
        named = [(key, mark) for side, mark in _SIDES for key in _orders(event, side)]
    else:
        return []
    marks = [mark for _, mark in named]
    return [
        _Share(key, f"/{mark}{at}" if len(named) > 1 else "", sole=marks.count(mark) == 1)
        for at, (key, mark) in enumerate(named, start=1)
    ]


def _orders(event: Event, side: str) -> Iterator[Key]:
    """Yield the keys of the orders that a side names."""
    details: list[dict[str, Any]] = event.fields.get(side) or []
    for detail in details:
        name, day = detail.get("orderID"), detail.get("orderKeyDate")
        if name:
            yield Key(name, int(instant_of(day)) if day else None, event.symbol)


def _deal(event: Event) -> _Deal:
    if event.type in TRADED:
        name, day = event.text("tradeID"), event.instant("tradeKeyDate")
    else:
        name, day = event.text("fulfillmentID"), event.instant("fillKeyDate")
    return _Deal(event.type in TRADED, str(name), day, event.symbol)


def _amended(event: Event) -> _Deal | None:
    """Return the fulfilment that an amendment is of: itself, where it names none."""
    if event.type not in AMENDED:
        return None
    name = event.text("priorFulfillmentID")
    if name is None:
        return _deal(event)
    return _Deal(
        traded=False, id=name, dated=event.instant("priorFillKeyDate"), symbol=event.symbol
    )


def _ways(deal: _Deal) -> tuple[str, ...]:
    """Return the ways to write a fill's identifier, from plain to sure to be unique."""
    kind = "trade" if deal.traded else "fulfilment"
    at = "" if deal.dated is None else compact(deal.dated)
    return deal.id, dated(deal.dated, deal.id), f"{kind}-{deal.symbol}-{deal.id}@{at}"
