"""What will be wrong with a world, and when: drawn up front from its seed and its dates.

A date is then played without a look at any other. Faults that befall records get victims on their
date; those that last change how the router behaves, or what the market and the vendor tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from routewarden.base.schema import Kind
from routewarden.simulator.chance import Purpose, draw, generator, pick
from routewarden.simulator.conduct import USUAL, Conduct
from routewarden.simulator.faults import Fault, Planted
from routewarden.simulator.instruments import EQUITIES
from routewarden.simulator.session import Session
from routewarden.simulator.tape import Stretch
from routewarden.simulator.units import MINUTE
from routewarden.simulator.venues import EXCHANGES, WHOLESALERS, Venue

LATE_LEAST, LATE_MOST = 3, 5
"""How many dates late a fill may be told."""

_STEADY = 14  # the weight of an exchange that always has something to do
_SLOWER = 2
_ACTIVE = 5  # symbols that are never long without a quote
_MANY = 40
_PASSED_OVER_PCT = 40
_DRIFTING, _GRUDGING = "WHSD", (0, 0, 0, 5, 5)
_DRIFTS = (36, 54, 76)  # its percentage of what wholesalers get, by month


@dataclass(frozen=True, slots=True)
class _Rate:
    """How often a fault befalls records: `least` times, and once more in `each` dates.

    Its record is told again `later` dates after it at the latest, within the world.
    """

    least: int
    each: int
    later: int = 0
    together: int = 1


_RATES: Mapping[Fault, _Rate] = {
    Fault.BUSTED: _Rate(2, 8),
    Fault.CORRECTED: _Rate(1, 12),
    Fault.CORRECTED_TWICE: _Rate(1, 20),
    Fault.ORPHAN_BUST: _Rate(1, 20),
    Fault.OUTSIDE_NBBO: _Rate(3, 7),
    Fault.NO_ROUTE: _Rate(1, 30),
    Fault.NO_ORDER: _Rate(1, 30),
    Fault.UNEXPECTED_VENUE: _Rate(1, 30, together=2),
    Fault.DUPLICATE: _Rate(2, 10, later=1),
    Fault.LATE: _Rate(2, 12, later=LATE_MOST),
    Fault.CONFLICT: _Rate(1, 20, later=1),
    Fault.MALFORMED: _Rate(4, 12),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What is wrong on each date; a date that is not named has nothing of it.

    `spoils` has a fault for each victim of a date. `lasting` are the answers of what begins on it.
    `flattered` are the months (YYYY-MM) the vendor's report makes better.
    """

    spoils: Mapping[date, Sequence[Fault]]
    conducts: Mapping[date, Conduct]
    still: Mapping[date, Stretch]
    lasting: Mapping[date, Sequence[Planted]]
    flattered: frozenset[str]
    leaks: bool


def month(day: date) -> str:
    """Return a date's month as a period: YYYY-MM."""
    return f"{day:%Y-%m}"


def draw_plan(seed: int, dates: Sequence[Session], faults: frozenset[Fault]) -> Plan:
    """Draw what is wrong, and when; each fault has a stream of its own."""
    days = [session.day for session in dates]
    rngs = {
        fault: generator(seed, Purpose.PLAN, number)
        for number, fault in enumerate(Fault)
        if fault in faults and days
    }
    conducts = dict.fromkeys(days, USUAL)
    lasting = [
        answer
        for fault, change in _CHANGES.items()
        if fault in rngs
        for answer in change(rngs[fault], conducts)
    ]
    return Plan(
        _spoils(rngs, days),
        conducts,
        _still(rngs[Fault.STALE], dates) if Fault.STALE in rngs else {},
        {day: [each for each in lasting if each.dates[0] == day] for day in days},
        frozenset(_months(days)[-2:]) if Fault.FLATTERY in rngs else frozenset(),
        leaks=Fault.LEAK in rngs,
    )


def _months(days: Sequence[date]) -> list[str]:
    return sorted({month(day) for day in days})


def _spoils(
    rngs: Mapping[Fault, np.random.Generator], days: Sequence[date]
) -> dict[date, list[Fault]]:
    """Spread the faults that befall records over the dates."""
    spoils: dict[date, list[Fault]] = {day: [] for day in days}
    for fault, rate in _RATES.items():
        usable = days[: max(0, len(days) - rate.later)]
        if fault in rngs and usable:
            for _ in range(rate.least + len(days) // rate.each):
                spoils[pick(rngs[fault], usable)] += [fault] * rate.together
    return spoils


def _still(rng: np.random.Generator, dates: Sequence[Session]) -> dict[date, Stretch]:
    """Choose one date, or two of many, and two to four minutes of it for an active symbol."""
    still = {}
    for _ in range(1 + len(dates) // _MANY):
        session = pick(rng, dates)
        length = session.close - session.open
        start = session.open + draw(rng, length // 5, length * 3 // 4)
        symbol = pick(rng, EQUITIES[:_ACTIVE]).symbol
        still[session.day] = Stretch(symbol, start, start + draw(rng, 2 * MINUTE, 4 * MINUTE))
    return still


def _slow(rng: np.random.Generator, conducts: dict[date, Conduct]) -> Iterator[Planted]:
    """Slow an exchange down, from a date in the middle half on."""
    days = tuple(conducts)
    days = days[draw(rng, len(days) // 4, max(1, len(days) * 3 // 4)) :]
    venue = pick(rng, [venue for venue in EXCHANGES if venue.weight >= _STEADY]).mic
    for day in days:
        conducts[day] = replace(conducts[day], slow=venue, slower=_SLOWER)
    yield Planted(Fault.LATENCY, Kind.ROUTES, (), days, venue=venue, size=f"x{_SLOWER}")


def _pass_over(_rng: np.random.Generator, conducts: dict[date, Conduct]) -> Iterator[Planted]:
    """Pass over many of the orders that wait at the quote, in the last third."""
    days = tuple(conducts)
    days = days[len(days) * 2 // 3 :]
    for day in days:
        conducts[day] = replace(conducts[day], passed_over_pct=_PASSED_OVER_PCT)
    size = f"x{(100 - _PASSED_OVER_PCT) / 100}"
    yield Planted(Fault.FILL_RATE, Kind.ORDERS, (), days, order_class="at_quote", size=size)


def _drift(_rng: np.random.Generator, conducts: dict[date, Conduct]) -> Iterator[Planted]:
    """Give one wholesaler more each month, for less; it takes two months to see."""
    days = tuple(conducts)
    months = _months(days)
    if len(months) == 1:
        return
    shares = [_DRIFTS[min(months.index(month(day)), len(_DRIFTS) - 1)] for day in days]
    for day, share in zip(days, shares, strict=True):
        conducts[day] = replace(conducts[day], wholesalers=_favouring(share))
    size = " ".join(f"0.{share}" for share in _DRIFTS[: len(months)])
    yield Planted(Fault.DRIFT, Kind.ROUTES, (), days, venue=_DRIFTING, size=size)


def _favouring(percent: int) -> tuple[Venue, ...]:
    """Return the wholesalers with so many percent of the weight on one that improves little."""
    rest = sum(venue.weight for venue in WHOLESALERS if venue.mic != _DRIFTING)
    return tuple(
        replace(venue, weight=percent * rest, improves=_GRUDGING)
        if venue.mic == _DRIFTING
        else replace(venue, weight=(100 - percent) * venue.weight)
        for venue in WHOLESALERS
    )


_CHANGES: Mapping[
    Fault, Callable[[np.random.Generator, dict[date, Conduct]], Iterator[Planted]]
] = {Fault.LATENCY: _slow, Fault.FILL_RATE: _pass_over, Fault.DRIFT: _drift}
