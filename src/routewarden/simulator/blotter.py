"""What became of an order on a date, written up as routes, fills and the order's own end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from routewarden.simulator.matching import Execution, How, Ticket
from routewarden.simulator.records import Fill, Order, Route
from routewarden.simulator.units import US
from routewarden.simulator.venues import AUCTION_FEE, Trade, Venue

_IOC_ANSWER = 150 * US
_TIMES_IN_FORCE = {How.AUCTION: "closing"}


@dataclass(frozen=True, slots=True)
class Job:
    """An order with what was done of it so far: shares filled and routes sent."""

    order: Order
    filled: int = 0
    routes: int = 0


@dataclass(frozen=True, slots=True)
class Handled:
    """A job after a date's work, with that date's routes and fills."""

    job: Job
    routes: tuple[Route, ...]
    fills: tuple[Fill, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """A child order sent, when it arrived, and what came of it."""

    ticket: Ticket
    arrival: int
    executions: tuple[Execution, ...]
    refusal: str | None = None

    @property
    def filled(self) -> int:
        """How much was executed."""
        return sum(execution.quantity for execution in self.executions)

    @property
    def is_filled(self) -> bool:
        """Whether all of it was executed."""
        return self.filled == self.ticket.quantity

    @property
    def ended_at(self) -> int:
        """When the child order was done: filled, refused, answered at once, or lapsed."""
        if self.is_filled:
            return self.executions[-1].at
        if self.refusal is not None:
            return self.arrival
        if self.ticket.lapse == "ioc":
            last = max((execution.at for execution in self.executions), default=self.arrival)
            return last + _IOC_ANSWER
        return self.ticket.until

    @property
    def outcome(self) -> str:
        """The canonical word for what came of it."""
        if self.refusal is not None:
            return "rejected"
        if self.is_filled:
            return "filled"
        if self.executions:
            return "partial"
        return "cancelled" if self.ticket.lapse == "ioc" else self.ticket.lapse


def handled(job: Job, sents: Sequence[Sent], until: int, lapse: str) -> Handled:
    """Write up what was sent of an order, and how the order stands after it."""
    numbered = list(enumerate(sents, start=job.routes + 1))
    filled = job.filled + sum(sent.filled for sent in sents)
    order = _ended(job.order, sents, filled, (until, lapse))
    return Handled(
        Job(order, filled, job.routes + len(sents)),
        tuple(_route(sent, number) for number, sent in numbered),
        tuple(fill for number, sent in numbered for fill in _fills(sent, number)),
    )


def _ended(order: Order, sents: Sequence[Sent], filled: int, end: tuple[int, str]) -> Order:
    """Return the order with its end; one good till cancelled stays open."""
    if filled == order.quantity:
        last = max(execution.at for sent in sents for execution in sent.executions)
        return replace(order, ended_at=last, end_reason="filled")
    if order.time_in_force == "gtc":
        return order
    if order.time_in_force == "ioc":
        answered = max(sent.ended_at for sent in sents)
        return replace(order, ended_at=answered, end_reason="cancelled")
    until, lapse = end
    return replace(order, ended_at=until, end_reason=lapse)


def _route(sent: Sent, number: int) -> Route:
    ticket = sent.ticket
    order = ticket.order
    crossing = ticket.lapse == "ioc"
    return Route(
        route_id=_route_id(order, number),
        order_id=order.order_id,
        venue=ticket.venue.mic,
        sent_at=ticket.sent_at,
        acknowledged_at=None if sent.refusal else sent.arrival,
        quantity=ticket.quantity,
        order_type="market" if order.order_type == "stop" else order.order_type,
        limit_price=order.limit_price,
        time_in_force="ioc" if crossing else _TIMES_IN_FORCE.get(ticket.how, "day"),
        instructions=_instructions(ticket),
        ended_at=sent.ended_at,
        outcome=sent.outcome,
        reject_reason=sent.refusal,
        further_routable=ticket.venue.trade is Trade.WHOLESALER,
    )


def _instructions(ticket: Ticket) -> str | None:
    if ticket.how is How.MIDDLE:
        return "midpoint_peg"
    is_part = ticket.quantity < ticket.order.quantity
    return "iso" if ticket.lapse == "ioc" and is_part else None


def _fills(sent: Sent, number: int) -> list[Fill]:
    ticket = sent.ticket
    order = ticket.order
    return [
        Fill(
            fill_id=f"F{order.order_id[1:]}-{number}-{part}",
            route_id=_route_id(order, number),
            order_id=order.order_id,
            venue=ticket.venue.mic,
            executed_at=execution.at,
            price=execution.price,
            quantity=execution.quantity,
            liquidity=execution.liquidity,
            fee=_rate(ticket.venue, execution) * execution.quantity,
        )
        for part, execution in enumerate(sent.executions, start=1)
    ]


def _rate(venue: Venue, execution: Execution) -> int:
    """Return the fee per share of an execution."""
    rates = {"added": venue.make, "removed": venue.take, "auction": AUCTION_FEE}
    return rates[execution.liquidity]


def _route_id(order: Order, number: int) -> str:
    return f"R{order.order_id[1:]}-{number}"
