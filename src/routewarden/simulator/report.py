"""The vendor's own report on the quality of its executions, a month at a time.

It is reckoned exactly, by the definitions any firm would use, over the orders the vendor routed
that had a quote to be measured by: listed shares, received in the session against a two-sided
quote that is not crossed. Fills count in the month they were executed in. Where the vendor
flatters itself, it states better numbers than it reckoned.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from routewarden.base.schema import Kind
from routewarden.simulator.customers import ROUTER
from routewarden.simulator.faults import Fault, Planted
from routewarden.simulator.records import Fill, Order
from routewarden.simulator.spoils import Books, Day
from routewarden.simulator.tape import Touch
from routewarden.simulator.units import DOLLAR, MS, SHARE
from routewarden.simulator.venues import BY_MIC, PAID_CLASSES, Trade

ALL = "*"
_PLACES = 12
_PRICE_GAIN = Fraction(2, 1_000)
_TIME_GAIN = Fraction(4, 5)
_UNITS = {
    "price_improvement": "currency/share",
    "effective_over_quoted": "fraction",
    "fill_time_ms": "ms",
    "fill_rate": "fraction",
}


@dataclass(slots=True)
class Sums:
    """What has been summed up over fills: shares, and shares times each measure."""

    shares: int = 0
    improvement: int = 0
    effective: int = 0
    quoted: int = 0
    time: int = 0

    def add(self, order: Order, touch: Touch, fill: Fill) -> None:
        """Add a fill of an order, by the quote its order was received at."""
        sign, quantity = order.sign, fill.quantity
        self.shares += quantity
        self.improvement += quantity * sign * (touch.far(sign) - fill.price)
        self.effective += quantity * sign * (2 * fill.price - touch.bid - touch.ask)
        self.quoted += quantity * (touch.ask - touch.bid)
        self.time += quantity * (fill.executed_at - order.received_at)


@dataclass(frozen=True, slots=True)
class Tally:
    """A month so far: sums by order class and venue, `*` for all; shares wanted, by the same."""

    sums: dict[tuple[str, str], Sums] = field(default_factory=dict)
    wanted: Counter[tuple[str, str]] = field(default_factory=Counter)
    days: list[date] = field(default_factory=list)

    def add(self, day: Day, held: Books) -> None:
        """Add a date's orders, routes and fills, as the firm holds them."""
        self.days.append(day.session.day)
        judged = dict(_judged(day, held))
        for order_class, order, _ in judged.values():
            self.wanted[order_class, ALL] += order.quantity
        for route in held.routes.values():
            if route.order_id in judged:
                self.wanted[judged[route.order_id][0], route.venue] += route.quantity
        for fill in _in_effect(held.fills):
            if fill.order_id in judged:
                order_class, order, touch = judged[fill.order_id]
                for venue in (ALL, fill.venue):
                    self.sums.setdefault((order_class, venue), Sums()).add(order, touch, fill)


@dataclass(frozen=True, slots=True)
class Report:
    """The vendor's report of a month as rows of text, and the key to what is better than true."""

    rows: tuple[tuple[str, ...], ...]
    answers: tuple[Planted, ...]


def report(period: str, tally: Tally, *, flattered: bool) -> Report:
    """Write up a month: a row per order class, venue and metric there is a number for."""
    rows: list[tuple[str, ...]] = []
    answers: list[Planted] = []
    for (order_class, venue), wanted in sorted(tally.wanted.items()):
        metrics = _metrics(tally.sums.get((order_class, venue), Sums()), wanted)
        for metric, (value, shares) in metrics.items():
            place = (period, ALL, venue, order_class, metric)
            size, better = _flattery(place, value)
            if flattered and size:
                answers.append(_answer(place, tally, size))
            stated = _plain(better if flattered else value)
            quantity = _plain(Fraction(shares, SHARE))
            rows.append((*place, stated, _UNITS[metric], "receipt", quantity))
    return Report(tuple(rows), tuple(answers))


def _answer(place: tuple[str, ...], tally: Tally, size: str) -> Planted:
    _, _, venue, order_class, _ = place
    ids, dates = ("|".join(place),), tuple(tally.days)
    return Planted(
        Fault.FLATTERY,
        Kind.VENDOR_REPORT,
        ids,
        dates,
        venue=venue,
        order_class=order_class,
        size=size,
    )


def _judged(day: Day, held: Books) -> Iterator[tuple[str, tuple[str, Order, Touch]]]:
    """Yield the orders that are reported on: their id, and class, order and quote at receipt."""
    for order in held.orders.values():
        session = day.session
        if (
            order.router == ROUTER
            and order.asset_class == "equity"
            and order.order_type in {"market", "limit"}
            and session.open <= order.received_at <= session.close
        ):
            tape = day.tapes[order.symbol]
            touch = tape.touch(tape.position(order.received_at))
            if 0 < touch.bid <= touch.ask:
                sign = order.sign
                if order.order_type == "market":
                    yield order.order_id, ("market", order, touch)
                elif order.limit_price * sign >= touch.far(sign) * sign:
                    yield order.order_id, ("marketable_limit", order, touch)


def _in_effect(fills: Mapping[str, Fill]) -> Iterator[Fill]:
    """Yield the fills that no bust or correction takes out of effect."""
    named = {fill.refers_to for fill in fills.values()}
    for fill in fills.values():
        if fill.status != "busted" and fill.fill_id not in named:
            yield fill


def _metrics(sums: Sums, wanted: int) -> dict[str, tuple[Fraction, int]]:
    """Return each metric there is something to divide by, and the shares it is about."""
    found = {"fill_rate": (Fraction(sums.shares, wanted), wanted)}
    if sums.shares:
        found["price_improvement"] = (Fraction(sums.improvement, sums.shares * DOLLAR), sums.shares)
        found["fill_time_ms"] = (Fraction(sums.time, sums.shares * MS), sums.shares)
    if sums.quoted:
        found["effective_over_quoted"] = (Fraction(sums.effective, sums.quoted), sums.shares)
    return found


def _flattery(place: tuple[str, ...], value: Fraction) -> tuple[str, Fraction]:
    """Return how a row is made better, and its better value; nothing for most rows."""
    _, _, venue, order_class, metric = place
    if order_class != PAID_CLASSES[0]:
        return "", value
    if metric == "price_improvement" and (venue == ALL or BY_MIC[venue].trade is Trade.WHOLESALER):
        return "+0.0020", value + _PRICE_GAIN
    if metric == "fill_time_ms" and venue == ALL:
        return "x0.8", value * _TIME_GAIN
    return "", value


def _plain(value: Fraction) -> str:
    """Return a number as text, half to even."""
    text = f"{Decimal(round(value * 10**_PLACES)).scaleb(-_PLACES):f}"
    return text.rstrip("0").rstrip(".")
