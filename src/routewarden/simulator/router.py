"""The vendor's router, from a customer's order to routes and fills.

Orders that cross the market go out at once: retail to a wholesaler, the rest to one exchange
after another.
Orders that wait go to one exchange. A venue may refuse; the router then tries another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from routewarden.simulator.blotter import Handled, Job, Sent, handled
from routewarden.simulator.chance import draw, one_in, pick, pick_weighted
from routewarden.simulator.customers import DIRECT
from routewarden.simulator.matching import Floor, How, Ticket, match
from routewarden.simulator.records import Order
from routewarden.simulator.tape import Tape
from routewarden.simulator.units import MINUTE, MS, SECOND, SHARE, US
from routewarden.simulator.venues import (
    BY_MIC,
    EXCHANGES,
    MIDPOINT,
    Trade,
    Venue,
)

_IOC_LIFE = SECOND
_TIME_TO_TRADE = 5 * SECOND
_PATIENCE_MOST = 40 * MINUTE
_REFUSALS = ("message rate exceeded", "price outside collar", "symbol not enabled for session")
_CHILDREN_MOST = 4


@dataclass(frozen=True, slots=True)
class _Task:
    """An order in hand on one date: what is left of it, from when, and until when."""

    order: Order
    tape: Tape
    left: int
    start: int
    until: int
    lapse: str

    def ticket(self, how: How, venue: Venue, quantity: int, sent_at: int) -> Ticket:
        """Return a child order that lives as long as the order does."""
        return Ticket(self.order, how, venue, quantity, sent_at, self.until, self.lapse)


def work(job: Job, floor: Floor) -> Handled:
    """Work an order through one date, as far as it comes."""
    order = job.order
    tape = floor.tapes[order.symbol]
    if order.received_at >= tape.session.start and one_in(floor.rng, 200):
        refused = replace(order, ended_at=order.received_at + MS, end_reason="rejected")
        return Handled(replace(job, order=refused), (), ())
    start = max(order.received_at, tape.session.open)
    if start > tape.session.close:
        return Handled(job, (), ())
    until, lapse = _end(floor.rng, order, tape, start)
    task = _Task(order, tape, order.quantity - job.filled, start, until, lapse)
    return handled(job, tuple(_WORK[order.order_type](floor, task)), until, lapse)


def _end(rng: np.random.Generator, order: Order, tape: Tape, start: int) -> tuple[int, str]:
    """Choose when an order ends if it is not done: some customers cancel what waits."""
    waits = order.order_type in {"limit", "pegged"} and order.time_in_force == "day"
    close = tape.session.close
    if waits and one_in(rng, 2):
        latest = min(close, start + _PATIENCE_MOST)
        return draw(rng, start + _TIME_TO_TRADE, latest), "cancelled"
    return close, "expired"


def _market(floor: Floor, task: _Task) -> Iterator[Sent]:
    at = task.start
    for number, (venue, quantity) in enumerate(_split(floor, task)):
        at += _paced(floor, number)
        yield from _send(floor, task.ticket(How.CROSS, venue, quantity, at))


def _limit(floor: Floor, task: _Task) -> Iterator[Sent]:
    """Send an order to wait at one venue; split one that crosses, then wait with the rest."""
    order, at, left = task.order, task.start, task.left
    limit, far = order.limit_price * order.sign, task.tape.known(at).far(order.sign) * order.sign
    children = list(_split(floor, task)) if limit >= far else [(_exchange(floor, task), left)]
    waits = order.time_in_force != "ioc"
    if waits and len(children) == 1:
        ticket = task.ticket(How.WAIT, children[0][0], left, at + _thinking(floor.rng))
        yield from _send(floor, ticket)
        return
    answered = at
    for number, (venue, quantity) in enumerate(children):
        at += _paced(floor, number)
        ticket = task.ticket(How.CROSS, venue, quantity, at)
        for sent in _send(floor, replace(ticket, until=at + _IOC_LIFE, lapse="ioc")):
            left -= sent.filled
            answered = max(answered, sent.ended_at)
            yield sent
    if left and waits:
        at = answered + _thinking(floor.rng)
        yield from _send(floor, task.ticket(How.WAIT, _exchange(floor, task), left, at))


def _stop(floor: Floor, task: _Task) -> Iterator[Sent]:
    """Hold the order until the far side of the market reaches its stop price, then cross."""
    sign, stop, tape = task.order.sign, task.order.stop_price, task.tape
    begin, end = tape.position(task.start), tape.position(task.until - _TIME_TO_TRADE) + 1
    far = tape.ask if sign > 0 else tape.bid
    reached = tape.sound[begin:end] & (far[begin:end] * sign >= stop * sign)
    for position in np.flatnonzero(reached)[:1].tolist():
        triggered = max(task.start, int(tape.at[begin + position]))
        yield from _market(floor, replace(task, start=triggered))


def _pegged(floor: Floor, task: _Task) -> Iterator[Sent]:
    at = task.start + _thinking(floor.rng)
    yield from _send(floor, task.ticket(How.MIDDLE, MIDPOINT, task.left, at))


def _on_close(floor: Floor, task: _Task) -> Iterator[Sent]:
    venue = BY_MIC[task.tape.instrument.home]
    at = task.start + _thinking(floor.rng)
    ticket = task.ticket(How.AUCTION, venue, task.left, at)
    yield from _send(floor, replace(ticket, until=task.tape.auction_at))


def _send(floor: Floor, ticket: Ticket) -> Iterator[Sent]:
    """Send a child order, to another venue of the same trade where the first refuses it."""
    arrival = ticket.sent_at + floor.latency(ticket.venue)
    others = _others(floor, ticket)
    if others and one_in(floor.rng, floor.conduct.refused_one_in):
        yield Sent(ticket, arrival, (), pick(floor.rng, _REFUSALS))
        again = arrival + _thinking(floor.rng)
        life = again - ticket.sent_at if ticket.lapse == "ioc" else 0
        ticket = replace(
            ticket, venue=pick(floor.rng, others), sent_at=again, until=ticket.until + life
        )
        arrival = again + floor.latency(ticket.venue)
    yield Sent(ticket, arrival, match(floor, ticket, arrival))


def _others(floor: Floor, ticket: Ticket) -> list[Venue]:
    """Return where else a child order could go; an auction and the middle are in one place."""
    order = ticket.order
    if ticket.how in {How.AUCTION, How.MIDDLE} or order.router == DIRECT or order.directed:
        return []
    rivals = floor.conduct.wholesalers if ticket.venue.trade is Trade.WHOLESALER else EXCHANGES
    return [venue for venue in rivals if venue != ticket.venue]


def _split(floor: Floor, task: _Task) -> Iterator[tuple[Venue, int]]:
    """Yield the venues and quantities that an order crosses the market with."""
    order, rng = task.order, floor.rng
    if order.router == DIRECT or order.directed or order.order_type == "stop":
        yield _exchange(floor, task), task.left
    elif order.account_type == "retail" and not one_in(rng, 6):
        wholesalers = floor.conduct.wholesalers
        yield pick_weighted(rng, wholesalers, [each.weight for each in wholesalers]), task.left
    else:
        shown = task.tape.known(task.start).far_size(order.sign)
        children = min(_CHILDREN_MOST, 1 + task.left // shown)
        each = task.left // children // SHARE * SHARE
        first = draw(rng, 0, len(EXCHANGES))
        venues = [EXCHANGES[(first + number) % len(EXCHANGES)] for number in range(children)]
        yield venues[0], task.left - each * (children - 1)
        yield from ((venue, each) for venue in venues[1:])


def _exchange(floor: Floor, task: _Task) -> Venue:
    """Choose one exchange: for the firm's own route, where the symbol is at home."""
    if task.order.router == DIRECT:
        return BY_MIC[task.tape.instrument.home]
    return pick_weighted(floor.rng, EXCHANGES, [venue.weight for venue in EXCHANGES])


def _paced(floor: Floor, number: int) -> int:
    """Return how long the router takes to send the next child of an order it is splitting."""
    return draw(floor.rng, *floor.conduct.pace) if number else _thinking(floor.rng)


def _thinking(rng: np.random.Generator) -> int:
    return draw(rng, 250 * US, 3 * MS)


_WORK: Mapping[str, Callable[[Floor, _Task], Iterator[Sent]]] = {
    "market": _market,
    "limit": _limit,
    "stop": _stop,
    "pegged": _pegged,
    "market_on_close": _on_close,
}
