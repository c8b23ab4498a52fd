"""What venues do with the orders they are sent.

An order that crosses the market trades against the quote in force when it arrives, and what is left
against what is shown a little later. An order that waits trades when the market comes to its price.
Nothing trades at a price worse than was quoted within the second before; faults are planted later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from routewarden.simulator.chance import draw, one_in, pick
from routewarden.simulator.conduct import USUAL, Conduct
from routewarden.simulator.records import Order
from routewarden.simulator.tape import Tape
from routewarden.simulator.units import MS, SHARE, US, Integers
from routewarden.simulator.venues import Venue

_LEVELS = 3  # times an order takes what is shown before it finds all of the rest at one price
_REFILL_MOST = 400 * MS
_QUEUE = 12  # updates an order may wait at the front of the market before its turn
_PARTS_FROM = 200 * SHARE


class How(StrEnum):
    """How an order means to trade."""

    CROSS = "cross"
    WAIT = "wait"
    MIDDLE = "middle"
    AUCTION = "auction"


@dataclass(frozen=True, slots=True)
class Ticket:
    """A child order about to be sent; if not done at `until`, it lapses."""

    order: Order
    how: How
    venue: Venue
    quantity: int
    sent_at: int
    until: int
    lapse: str


@dataclass(frozen=True, slots=True)
class Execution:
    """A trade at a venue."""

    at: int
    price: int
    quantity: int
    liquidity: str


@dataclass(frozen=True, slots=True)
class Floor:
    """The venues of one date, and how they behave on it."""

    rng: np.random.Generator
    tapes: Mapping[str, Tape]
    conduct: Conduct = USUAL

    def latency(self, venue: Venue) -> int:
        """Return how long an order takes to reach a venue."""
        return self._taking(venue, venue.latency_us)

    def delay(self, venue: Venue) -> int:
        """Return how long a venue takes to execute what it can."""
        return self._taking(venue, venue.match_us)

    def _taking(self, venue: Venue, usual_us: int) -> int:
        taken = draw(self.rng, usual_us * US, usual_us * US * 3 // 2)
        return taken * self.conduct.slower if venue.mic == self.conduct.slow else taken

    def passes_over(self, order: Order) -> bool:
        """Return whether an order that waits at the quote never gets its turn."""
        tape = self.tapes[order.symbol]
        if order.received_at < tape.session.open:
            return False
        near = tape.known(order.received_at).near(order.sign)
        unlucky = draw(self.rng, 0, 100) < self.conduct.passed_over_pct
        return unlucky and order.limit_price == near


def match(floor: Floor, ticket: Ticket, arrival: int) -> tuple[Execution, ...]:
    """Return the executions of an order that arrives at its venue, in order of time."""
    return tuple(_MATCHES[ticket.how](floor, ticket, arrival))


def _cross(floor: Floor, ticket: Ticket, arrival: int) -> Iterator[Execution]:
    executions, _ = _at_once(floor, ticket, arrival)
    yield from executions


def _at_once(floor: Floor, ticket: Ticket, arrival: int) -> tuple[list[Execution], int]:
    """Return what the limit lets it take, and when the market was beyond it (else the end)."""
    tape, sign, left = floor.tapes[ticket.order.symbol], ticket.order.sign, ticket.quantity
    end, limit = min(ticket.until, tape.session.close), ticket.order.limit_price
    executions: list[Execution] = []
    moment = tape.tradable(arrival)
    for level in range(1 if ticket.lapse == "ioc" else _LEVELS):
        if moment is None or not left:
            break
        touch = tape.touch(moment.position)
        far, at = touch.far(sign), moment.at + floor.delay(ticket.venue)
        if at > end:
            break
        if limit and far * sign > limit * sign:
            return executions, moment.at
        shown = touch.far_size(sign) * ticket.venue.reach
        quantity = left if level == _LEVELS - 1 else min(left, shown)
        better = (touch.ask - touch.bid) * pick(floor.rng, ticket.venue.improves) // 100
        executions.append(Execution(at, far - sign * better, quantity, "removed"))
        left -= quantity
        moment = tape.tradable(at + draw(floor.rng, 2 * MS, _REFILL_MOST))
    return executions, end


def _wait(floor: Floor, ticket: Ticket, arrival: int) -> Iterator[Execution]:
    """Trade at once as far as the limit allows; then at the limit, in turn or as it is passed."""
    tape = floor.tapes[ticket.order.symbol]
    taken, at = _at_once(floor, ticket, arrival)
    yield from taken
    if floor.passes_over(ticket.order):
        return
    left = ticket.quantity - sum(execution.quantity for execution in taken)
    end = tape.position(ticket.until) + 1
    for part in _parts(floor.rng, left):
        if not left:
            return
        begin = tape.position(at) + 1
        turns, passes = _reached(tape, ticket, begin, end)
        turn, passed = turns[draw(floor.rng, 0, _QUEUE) :][:1], passes[:1]
        found = np.concatenate((turn, passed))
        if not found.size:
            return
        if found.min() in turn:
            at, quantity = _during(floor.rng, tape, int(found.min()), ticket.until), part
        else:  # whoever moves the market past a price takes all that waits at it
            at, quantity = _before(floor.rng, tape, int(found.min()), at + 1), left
        yield Execution(at, ticket.order.limit_price, quantity, "added")
        left -= quantity


def _reached(tape: Tape, ticket: Ticket, begin: int, end: int) -> tuple[Integers, Integers]:
    """Return the quotes that put a limit at the front of the market, and those that pass it."""
    sign, span = ticket.order.sign, slice(begin, end)
    limit = ticket.order.limit_price * sign
    near, far = (tape.bid, tape.ask) if sign > 0 else (tape.ask, tape.bid)
    passed = (far[span] > 0) & (far[span] * sign <= limit)
    front = tape.sound[span] & (near[span] * sign <= limit) & ~passed
    return begin + np.flatnonzero(front), begin + np.flatnonzero(passed & tape.stands[span])


def _middle(floor: Floor, ticket: Ticket, arrival: int) -> Iterator[Execution]:
    """Trade in the middle of a quote, once someone comes to meet the order there."""
    tape = floor.tapes[ticket.order.symbol]
    begin, end = tape.position(arrival) + 1, tape.position(ticket.until) + 1
    turn = begin + np.flatnonzero(tape.sound[begin:end])
    for position in turn[draw(floor.rng, 0, _QUEUE) :][:1].tolist():
        touch = tape.touch(position)
        at = _during(floor.rng, tape, position, ticket.until)
        yield Execution(at, (touch.bid + touch.ask) // 2, ticket.quantity, "added")


def _auction(floor: Floor, ticket: Ticket, _arrival: int) -> Iterator[Execution]:
    tape = floor.tapes[ticket.order.symbol]
    yield Execution(tape.auction_at, tape.auction_price(), ticket.quantity, "auction")


def _during(rng: np.random.Generator, tape: Tape, position: int, until: int) -> int:
    """Return an instant soon after a quote, while it is in force and not past `until`."""
    at = int(tape.at[position])
    ends = (*tape.at[position + 1 :][:1].tolist(), until + 1)
    return at + draw(rng, 0, min(50 * MS, min(ends) - at))


def _before(rng: np.random.Generator, tape: Tape, position: int, earliest: int) -> int:
    """Return an instant just before a quote, while the one before it is in force."""
    early = int(tape.at[position]) - draw(rng, US, 200 * US)
    return tape.pause.after(max(early, earliest, int(tape.at[position - 1])))


def _parts(rng: np.random.Generator, quantity: int) -> tuple[int, ...]:
    """Split a waiting order in two, as likely as not, where it is large enough."""
    if quantity < _PARTS_FROM or one_in(rng, 2):
        return (quantity,)
    first = quantity // (100 * SHARE) * draw(rng, 20, 80) // 100
    first = max(1, first) * 100 * SHARE
    return first, quantity - first


_MATCHES: Mapping[How, Callable[[Floor, Ticket, int], Iterator[Execution]]] = {
    How.CROSS: _cross,
    How.WAIT: _wait,
    How.MIDDLE: _middle,
    How.AUCTION: _auction,
}
