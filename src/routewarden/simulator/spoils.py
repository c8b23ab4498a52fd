"""What a fault does to the records of a date.

Each befalls an execution of its own, so that no two can hide each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from routewarden.base.schema import Kind
from routewarden.simulator.blotter import Handled
from routewarden.simulator.chance import draw, pick
from routewarden.simulator.faults import Fault, Planted
from routewarden.simulator.plan import LATE_LEAST, LATE_MOST
from routewarden.simulator.records import Fill, Order, Route
from routewarden.simulator.session import Session
from routewarden.simulator.tape import Stretch, Tape
from routewarden.simulator.units import DOLLAR, SECOND, SHARE, TICK
from routewarden.simulator.venues import STRANGER

_SMALL = 300 * SHARE  # a larger victim would tell in its venue's averages


@dataclass(frozen=True, slots=True)
class Day:
    """A date of the world: its market and what was done with each order on it."""

    session: Session
    tapes: Mapping[str, Tape]
    handled: tuple[Handled, ...]
    still: Stretch | None = None


@dataclass(frozen=True, slots=True)
class Again:
    """A fill told in the file of a later date, `after` dates on (0: the same), maybe once more."""

    fill: Fill
    after: int


@dataclass(frozen=True, slots=True)
class Broken:
    """A line that cannot be read: a record's, but for one cell; or cut off where that cell was."""

    kind: Kind
    record: Order | Route | Fill
    column: str
    cell: str | None


@dataclass(frozen=True, slots=True)
class Books:
    """The records a date brings, by id, and the symbol of every order worked on it.

    `late` says how many dates late a fill is told, `again` which are told once more, and `broken`
    which lines that cannot be read are added.
    """

    orders: dict[str, Order]
    routes: dict[str, Route]
    fills: dict[str, Fill]
    symbols: dict[str, str]
    late: dict[str, int] = field(default_factory=dict)
    again: list[Again] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)


def books(day: Day) -> Books:
    """Return the records of a date: the orders received on it, and all routes and fills."""
    handled = day.handled
    orders = [done.job.order for done in handled]
    return Books(
        {each.order_id: each for each in orders if each.received_at >= day.session.start},
        {route.route_id: route for done in handled for route in done.routes},
        {fill.fill_id: fill for done in handled for fill in done.fills},
        {order.order_id: order.symbol for order in orders},
    )


def spoil(
    rng: np.random.Generator, held: Books, day: Day, faults: Sequence[Fault]
) -> tuple[Planted, ...]:
    """Let faults befall a date's records, as far as there are executions for them."""
    victims = _victims(day)
    dealt = [victims[number] for number in rng.permutation(len(victims)).tolist()]
    return tuple(
        _named(fault, day, _SPOILS[fault](_Scene(rng, held, day), fill))
        for fault, fill in zip(faults, dealt, strict=False)
    )


@dataclass(frozen=True, slots=True)
class _Scene:
    """Where a fault befalls a fill."""

    rng: np.random.Generator
    held: Books
    day: Day

    def sign(self, fill: Fill) -> int:
        """+1 for a buy, -1 for any sell."""
        return self.held.orders[fill.order_id].sign


@dataclass(frozen=True, slots=True)
class _Harm:
    """What a fault did: to which record, and how much."""

    record_id: str
    kind: Kind = Kind.FILLS
    size: str = ""
    venue: str = ""


def _named(fault: Fault, day: Day, harm: _Harm) -> Planted:
    dates = (day.session.day,)
    return Planted(fault, harm.kind, (harm.record_id,), dates, venue=harm.venue, size=harm.size)


def _victims(day: Day) -> list[Fill]:
    """Return the fills that are all of a small listed market order sent once, in the session."""
    return [
        done.fills[0]
        for done in day.handled
        if done.job.order.order_type == "market"
        and done.job.order.asset_class == "equity"
        and len(done.routes) == len(done.fills) == 1
        and done.fills[0].quantity == done.job.order.quantity <= _SMALL
        and done.job.order.received_at >= day.session.open
        and not (day.still and day.still.holds(done.job.order.symbol, done.job.order.received_at))
    ]


def _amended(scene: _Scene, fill: Fill, ending: str, status: str) -> Fill:
    """Add to the books a bust of a fill, or a correction by a cent in the customer's favour."""
    amendment = replace(
        fill,
        fill_id=f"{fill.fill_id}-{ending}",
        status=status,
        refers_to=fill.fill_id,
        price=fill.price - (scene.sign(fill) * TICK if status == "corrected" else 0),
    )
    scene.held.fills[amendment.fill_id] = amendment
    return amendment


def _bust(scene: _Scene, fill: Fill) -> _Harm:
    _amended(scene, fill, "B", "busted")
    return _Harm(fill.fill_id)


def _correct(scene: _Scene, fill: Fill) -> _Harm:
    _amended(scene, fill, "C", "corrected")
    return _Harm(fill.fill_id, size="0.01")


def _correct_twice(scene: _Scene, fill: Fill) -> _Harm:
    _amended(scene, _amended(scene, fill, "C", "corrected"), "C", "corrected")
    return _Harm(fill.fill_id, size="0.02")


def _bust_nothing(scene: _Scene, fill: Fill) -> _Harm:
    bust = _amended(scene, fill, "B", "busted")
    scene.held.fills[bust.fill_id] = replace(bust, refers_to=f"{fill.fill_id}-LOST")
    return _Harm(bust.fill_id)


def _outside(scene: _Scene, fill: Fill) -> _Harm:
    """Move the price beyond the worst that was quoted within the second before."""
    sign = scene.sign(fill)
    tape = scene.day.tapes[scene.held.symbols[fill.order_id]]
    first, last = tape.position(fill.executed_at - SECOND), tape.position(fill.executed_at)
    touches = [tape.touch(position) for position in range(max(0, first), last + 1)]
    worst = max(
        (touch.far(sign) for touch in touches if touch.far(sign)), key=lambda far: far * sign
    )
    beyond = max(5 * TICK, worst // 1_000 // TICK * TICK)
    scene.held.fills[fill.fill_id] = replace(fill, price=worst + sign * beyond)
    return _Harm(fill.fill_id, size=f"{beyond // DOLLAR}.{beyond % DOLLAR // TICK:02}")


def _lose_route(scene: _Scene, fill: Fill) -> _Harm:
    del scene.held.routes[fill.route_id]
    return _Harm(fill.fill_id)


def _lose_order(scene: _Scene, fill: Fill) -> _Harm:
    del scene.held.orders[fill.order_id]
    return _Harm(fill.fill_id)


def _stray(scene: _Scene, fill: Fill) -> _Harm:
    """Let the route have gone to a venue that it should not have gone to."""
    route, mic = scene.held.routes[fill.route_id], STRANGER.mic
    scene.held.routes[fill.route_id] = replace(route, venue=mic, further_routable=False)
    fee = STRANGER.take * fill.quantity
    scene.held.fills[fill.fill_id] = replace(fill, venue=mic, fee=fee)
    return _Harm(fill.route_id, Kind.ROUTES, venue=mic)


def _repeat(scene: _Scene, fill: Fill) -> _Harm:
    scene.held.again.extend((Again(fill, 0), Again(fill, 1)))
    return _Harm(fill.fill_id, size="x3")


def _delay(scene: _Scene, fill: Fill) -> _Harm:
    after = draw(scene.rng, LATE_LEAST, LATE_MOST + 1)
    scene.held.late[fill.fill_id] = after
    return _Harm(fill.fill_id, size=f"{after}")


def _contradict(scene: _Scene, fill: Fill) -> _Harm:
    price = fill.price + 3 * TICK
    scene.held.again.append(Again(replace(fill, price=price), 1))
    return _Harm(fill.fill_id, size="0.03")


def _garble(scene: _Scene, fill: Fill) -> _Harm:
    """Add a line like a record's, which cannot be read."""
    order, route = scene.held.orders[fill.order_id], scene.held.routes[fill.route_id]
    kind, column, cell = pick(scene.rng, _GARBLES)
    copies: dict[Kind, Order | Route | Fill] = {
        Kind.ORDERS: replace(order, order_id=f"{order.order_id}-X"),
        Kind.ROUTES: replace(route, route_id=f"{route.route_id}-X"),
        Kind.FILLS: replace(fill, fill_id=f"{fill.fill_id}-X"),
    }
    scene.held.broken.append(Broken(kind, copies[kind], column, cell))
    key = {Kind.ORDERS: order.order_id, Kind.ROUTES: route.route_id, Kind.FILLS: fill.fill_id}
    return _Harm(f"{key[kind]}-X", kind, size=column)


_GARBLES = (
    (Kind.FILLS, "price", "12.3.4"),
    (Kind.FILLS, "executed_at", "2025-13-45T25:00:00Z"),
    (Kind.FILLS, "quantity", None),
    (Kind.ROUTES, "quantity", "-100"),
    (Kind.ORDERS, "side", "bought"),
    (Kind.ORDERS, "held", None),
)
"""The kind and column of a line that cannot be read, and what the cell has; None cuts it off."""

_SPOILS: Mapping[Fault, Callable[[_Scene, Fill], _Harm]] = {
    Fault.BUSTED: _bust,
    Fault.CORRECTED: _correct,
    Fault.CORRECTED_TWICE: _correct_twice,
    Fault.ORPHAN_BUST: _bust_nothing,
    Fault.OUTSIDE_NBBO: _outside,
    Fault.NO_ROUTE: _lose_route,
    Fault.NO_ORDER: _lose_order,
    Fault.UNEXPECTED_VENUE: _stray,
    Fault.DUPLICATE: _repeat,
    Fault.LATE: _delay,
    Fault.CONFLICT: _contradict,
    Fault.MALFORMED: _garble,
}
