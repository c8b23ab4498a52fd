"""What is wrong with a world on purpose, and the key that says where.

Each fault befalls an execution of its own, so that no two can hide each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

import numpy as np

from routewarden.base.schema import Kind
from routewarden.simulator.blotter import Handled
from routewarden.simulator.records import Fill, Order, Route
from routewarden.simulator.session import Session
from routewarden.simulator.tape import Tape
from routewarden.simulator.units import SECOND, TICK


class Fault(StrEnum):
    """A planted fault; the comment says which record the answer names."""

    BUSTED = "busted"  # the fill taken out of effect
    CORRECTED = "corrected"  # the fill replaced
    CORRECTED_TWICE = "corrected_twice"  # the fill replaced, by one that was itself replaced
    ORPHAN_BUST = "orphan_bust"  # the bust, which names a fill that does not exist
    OUTSIDE_NBBO = "outside_nbbo"  # the fill, worse than anything quoted in the second before
    NO_ROUTE = "no_route"  # the fill, whose route is not held
    NO_ORDER = "no_order"  # the fill, whose order is not held; its route is
    SLOW = "slow"  # each fill of a venue's bad day, at a tenth of its usual speed


@dataclass(frozen=True, slots=True)
class Planted:
    """One entry of the answer key."""

    fault: Fault
    kind: Kind
    record_id: str
    trading_date: date


@dataclass(frozen=True, slots=True)
class Day:
    """A date of the world: its market and what was done with each order on it."""

    session: Session
    tapes: dict[str, Tape]
    handled: tuple[Handled, ...]


@dataclass(frozen=True, slots=True)
class Books:
    """The records the firm holds, by id, and the symbol of every order there was."""

    orders: dict[str, Order]
    routes: dict[str, Route]
    fills: dict[str, Fill]
    symbols: dict[str, str]


def books(days: Sequence[Day]) -> Books:
    """Return the records of some days, each order as it last stood."""
    handled = [done for day in days for done in day.handled]
    orders = {done.job.order.order_id: done.job.order for done in handled}
    return Books(
        orders,
        {route.route_id: route for done in handled for route in done.routes},
        {fill.fill_id: fill for done in handled for fill in done.fills},
        {order.order_id: order.symbol for order in orders.values()},
    )


def plant(
    rng: np.random.Generator, days: Sequence[Day], slow: Mapping[date, str], held: Books
) -> tuple[Planted, ...]:
    """Plant every fault there are executions for in the books, and return the key.

    `slow` names the venue that was slow on a date.
    """
    victims = [(day, fill) for day in days for fill in _victims(day, slow)]
    dealt = [victims[number] for number in rng.permutation(len(victims)).tolist()]
    planted = [spoil(held, day, fill) for spoil, (day, fill) in zip(_SPOILS, dealt, strict=False)]
    late = [
        Planted(Fault.SLOW, Kind.FILLS, fill.fill_id, day.session.day)
        for day in days
        for done in day.handled
        for fill in done.fills
        if _is_slow(day, fill, slow)
    ]
    return (*planted, *late)


def _victims(day: Day, slow: Mapping[date, str]) -> list[Fill]:
    """Return the fills that are all of a listed market order sent once, in the session."""
    return [
        done.fills[0]
        for done in day.handled
        if done.job.order.order_type == "market"
        and done.job.order.asset_class == "equity"
        and len(done.routes) == len(done.fills) == 1
        and done.fills[0].quantity == done.job.order.quantity
        and done.job.order.received_at >= day.session.open
        and not _is_slow(day, done.fills[0], slow)
    ]


def _is_slow(day: Day, fill: Fill, slow: Mapping[date, str]) -> bool:
    return slow.get(day.session.day) == fill.venue


def _amended(held: Books, fill: Fill, ending: str, status: str, price: int) -> Fill:
    """Add to the books a bust or correction of a fill."""
    amendment = replace(
        fill,
        fill_id=f"{fill.fill_id}-{ending}",
        status=status,
        refers_to=fill.fill_id,
        price=price,
    )
    held.fills[amendment.fill_id] = amendment
    return amendment


def _corrected(held: Books, fill: Fill) -> Fill:
    """Add to the books a correction by a cent, in the customer's favour."""
    price = fill.price - held.orders[fill.order_id].sign * TICK
    return _amended(held, fill, "C", "corrected", price)


def _named(fault: Fault, day: Day, fill: Fill) -> Planted:
    return Planted(fault, Kind.FILLS, fill.fill_id, day.session.day)


def _bust(held: Books, day: Day, fill: Fill) -> Planted:
    _amended(held, fill, "B", "busted", fill.price)
    return _named(Fault.BUSTED, day, fill)


def _correct(held: Books, day: Day, fill: Fill) -> Planted:
    _corrected(held, fill)
    return _named(Fault.CORRECTED, day, fill)


def _correct_twice(held: Books, day: Day, fill: Fill) -> Planted:
    _corrected(held, _corrected(held, fill))
    return _named(Fault.CORRECTED_TWICE, day, fill)


def _bust_nothing(held: Books, day: Day, fill: Fill) -> Planted:
    bust = _amended(held, fill, "B", "busted", fill.price)
    held.fills[bust.fill_id] = replace(bust, refers_to=f"{fill.fill_id}-LOST")
    return _named(Fault.ORPHAN_BUST, day, bust)


def _outside(held: Books, day: Day, fill: Fill) -> Planted:
    """Move the price beyond the worst that was quoted within the second before."""
    sign = held.orders[fill.order_id].sign
    tape = day.tapes[held.symbols[fill.order_id]]
    first, last = tape.position(fill.executed_at - SECOND), tape.position(fill.executed_at)
    touches = [tape.touch(position) for position in range(max(0, first), last + 1)]
    worst = max(
        (touch.far(sign) for touch in touches if touch.far(sign)), key=lambda far: far * sign
    )
    beyond = max(5 * TICK, worst // 200 // TICK * TICK)
    held.fills[fill.fill_id] = replace(fill, price=worst + sign * beyond)
    return _named(Fault.OUTSIDE_NBBO, day, fill)


def _lose_route(held: Books, day: Day, fill: Fill) -> Planted:
    del held.routes[fill.route_id]
    return _named(Fault.NO_ROUTE, day, fill)


def _lose_order(held: Books, day: Day, fill: Fill) -> Planted:
    del held.orders[fill.order_id]
    return _named(Fault.NO_ORDER, day, fill)


_SPOILS: tuple[Callable[[Books, Day, Fill], Planted], ...] = (
    _bust,
    _bust,
    _correct,
    _correct_twice,
    _bust_nothing,
    _outside,
    _outside,
    _outside,
    _lose_route,
    _lose_order,
)
