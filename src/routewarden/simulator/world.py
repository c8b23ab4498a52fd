"""A small world: a market, customers, a vendor's router and venues, on some dates.

A seed and a calendar make it, and nothing else: the same two make the same world, to the letter.
A date's market and customers depend on no other date, so a longer world has the same ones in it.
Only two things reach across: an order good till cancelled, and where the faults fall.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from routewarden.base.schema import Kind
from routewarden.policy.calendar import Calendar
from routewarden.simulator import trades
from routewarden.simulator.blotter import Job
from routewarden.simulator.chance import Purpose, generator, pick
from routewarden.simulator.customers import orders
from routewarden.simulator.faults import Books, Day, Planted, books, plant
from routewarden.simulator.matching import Floor
from routewarden.simulator.quotes import market
from routewarden.simulator.render import (
    halts_frame,
    quotes_frame,
    records_frame,
    render,
    securities_frame,
)
from routewarden.simulator.router import work
from routewarden.simulator.session import Session, sessions
from routewarden.simulator.venues import WHOLESALERS


@dataclass(frozen=True, slots=True)
class World:
    """Canonical tables of text, as CSV cells would hold them (null is empty), and the key."""

    tables: Mapping[Kind, pl.DataFrame]
    answers: tuple[Planted, ...]


def simulate(  # noqa: PLR0913 - two of the six are sizes, by keyword, with a default
    seed: int,
    calendar: Calendar,
    first: date,
    last: date,
    *,
    orders_per_day: int = 400,
    quotes_per_day: int = 40_000,
) -> World:
    """Return the world of a seed on the sessions from `first` to `last`, both included."""
    dates = sessions(calendar, first, last)
    slow = _slow(seed, dates)
    days: list[Day] = []
    for session in dates:
        date = session.day.toordinal()
        tapes = market(seed, session, quotes_per_day)
        received = orders(generator(seed, Purpose.CUSTOMERS, date), tapes, orders_per_day)
        floor = Floor(generator(seed, Purpose.ROUTER, date), tapes, slow.get(session.day))
        # Orders of earlier days draw from a stream of their own: they change nothing of today's.
        earlier = replace(floor, rng=generator(seed, Purpose.CARRIED, date))
        done = [work(job, earlier) for job in _left_open(days)]
        done += [work(Job(order), floor) for order in received]
        days.append(Day(session, tapes, tuple(done)))
    held = books(days)
    answers = plant(generator(seed, Purpose.FAULTS, 1), days, slow, held)
    return World(_tables(seed, calendar, days, held), answers)


def _slow(seed: int, dates: Sequence[Session]) -> dict[date, str]:
    """Choose the one date and wholesaler that is slow on it."""
    rng = generator(seed, Purpose.FAULTS, 0)
    return {pick(rng, dates).day: pick(rng, WHOLESALERS).mic} if dates else {}


def _left_open(days: Sequence[Day]) -> list[Job]:
    """Return the orders still open after the last of some days."""
    return [done.job for day in days[-1:] for done in day.handled if not done.job.order.ended_at]


def _tables(
    seed: int, calendar: Calendar, days: Sequence[Day], held: Books
) -> dict[Kind, pl.DataFrame]:
    fills = sorted(held.fills.values(), key=lambda fill: (fill.executed_at, fill.fill_id))
    frames = {
        Kind.ORDERS: records_frame(Kind.ORDERS, list(held.orders.values())),
        Kind.ROUTES: records_frame(Kind.ROUTES, list(held.routes.values())),
        Kind.FILLS: records_frame(Kind.FILLS, fills),
        Kind.QUOTES: quotes_frame(tape for day in days for tape in day.tapes.values()),
        Kind.TRADES: _trades(seed, days, trades.own(fills, held.symbols)),
        Kind.SECURITIES: securities_frame(calendar.first),
        Kind.HALTS: halts_frame(tape for day in days for tape in day.tapes.values()),
    }
    return {kind: render(kind, frame) for kind, frame in frames.items()}


def _trades(seed: int, days: Sequence[Day], own: pl.DataFrame) -> pl.DataFrame:
    """Return everyone's trades in order of time."""
    others = [
        trades.background(
            generator(seed, Purpose.TRADES, day.session.day.toordinal(), number), tape
        )
        for day in days
        for number, tape in enumerate(day.tapes.values())
    ]
    return pl.concat([own, *others]).sort("at", maintain_order=True)
