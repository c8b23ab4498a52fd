"""The playing of a world, date by date, up to the tables its files are written from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np
import polars as pl

from routewarden.base.schema import Kind
from routewarden.policy.calendar import Calendar
from routewarden.simulator import trades
from routewarden.simulator.blotter import Job
from routewarden.simulator.chance import Purpose, generator
from routewarden.simulator.customers import orders
from routewarden.simulator.displayed import Shrink, displayed
from routewarden.simulator.faults import Fault, Planted
from routewarden.simulator.leaks import leaks
from routewarden.simulator.matching import Floor
from routewarden.simulator.plan import Plan, draw_plan, month
from routewarden.simulator.quotes import market
from routewarden.simulator.records import Fill, Order, Route
from routewarden.simulator.render import (
    halts_frame,
    payments_frame,
    quotes_frame,
    records_frame,
    render,
    securities_frame,
    text_frame,
)
from routewarden.simulator.report import Tally, report
from routewarden.simulator.router import work
from routewarden.simulator.session import Session, sessions
from routewarden.simulator.spoils import Books, Broken, Day, books, spoil
from routewarden.simulator.units import SECOND

_SOON = timedelta(days=10)  # by then there is another trading date

Span = tuple[date, date]
"""The first and the last date, both included."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How much happens on a trading date; the market has at least one quote a symbol.

    What exchanges show changes about one and a half times as often as the best of it.
    """

    orders_per_day: int = 960
    quotes_per_day: int = 36_000


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file before it is one: a table of text, and the lines that cannot be read."""

    kind: Kind
    suffix: str
    delivered: date
    table: pl.DataFrame
    broken: tuple[Broken, ...] = ()


@dataclass(frozen=True, slots=True)
class Scene:
    """A chapter before its files are written."""

    sheets: tuple[Sheet, ...] = ()
    answers: tuple[Planted, ...] = ()


def scenes(
    seed: int, calendar: Calendar, span: Span, scale: Scale, faults: frozenset[Fault]
) -> Iterator[Scene]:
    """Yield what each date brings, and what comes after the last."""
    dates = sessions(calendar, *span)
    days = tuple(session.day for session in dates)
    stage = _Stage(seed, scale, days, draw_plan(seed, dates, faults))
    for session in dates:
        reference = _reference(calendar.first, session.day) if session == dates[0] else Scene()
        ended = [period for period in stage.tallies if period != month(session.day)]
        yield _joined(reference, stage.report(ended, session.day), stage.play(session))
    for last in days[-1:]:
        coming = calendar.trading_dates(last + timedelta(days=1), last + _SOON)
        yield stage.report(list(stage.tallies), (*coming, last + _SOON)[0])


def _joined(*parts: Scene) -> Scene:
    return Scene(
        tuple(sheet for part in parts for sheet in part.sheets),
        tuple(answer for part in parts for answer in part.answers),
    )


def _reference(since: date, delivered: date) -> Scene:
    """Return what is known beforehand: the instruments, and what wholesalers pay."""
    tables = {Kind.SECURITIES: securities_frame(since), Kind.PAYMENTS: payments_frame(since)}
    return Scene(
        tuple(Sheet(kind, "", delivered, render(kind, each)) for kind, each in tables.items())
    )


@dataclass(frozen=True, slots=True)
class _Stage:
    """A world being played, with what one date leaves to later ones.

    `jobs` are the orders still open, `to_tell` the fills that a later date's file tells of, and
    `tallies` the sums of the months that are not reported yet.
    """

    seed: int
    scale: Scale
    days: tuple[date, ...]
    plan: Plan
    jobs: list[Job] = field(default_factory=list)
    to_tell: defaultdict[date, list[Fill]] = field(default_factory=lambda: defaultdict(list))
    tallies: dict[str, Tally] = field(default_factory=dict)

    def report(self, periods: Sequence[str], today: date) -> Scene:
        """Return the vendor's reports of some months, delivered today."""
        reports = {
            period: report(
                period, self.tallies.pop(period), flattered=period in self.plan.flattered
            )
            for period in periods
        }
        return Scene(
            tuple(
                Sheet(
                    Kind.VENDOR_REPORT,
                    f"-{period}",
                    today,
                    text_frame(Kind.VENDOR_REPORT, each.rows),
                )
                for period, each in reports.items()
            ),
            tuple(answer for each in reports.values() for answer in each.answers),
        )

    def play(self, session: Session) -> Scene:
        """Play a date: its market, its orders, and what goes wrong with them."""
        number, still = session.day.toordinal(), self.plan.still.get(session.day)
        tapes = market(self.seed, session, self.scale.quotes_per_day, still)
        rng = generator(self.seed, Purpose.CUSTOMERS, number)
        received = orders(rng, tapes, self.scale.orders_per_day, still)
        rng = generator(self.seed, Purpose.ROUTER, number)
        floor = Floor(rng, tapes, self.plan.conducts[session.day])
        # Orders of earlier days draw from a stream of their own: they change nothing of today's.
        earlier = replace(floor, rng=generator(self.seed, Purpose.CARRIED, number))
        done = [work(job, earlier) for job in self.jobs]
        done += [work(Job(order), floor) for order in received]
        self.jobs[:] = [each.job for each in done if each.job.order.ended_at is None]
        day = Day(session, tapes, tuple(done), still)
        held = books(day)
        rng = generator(self.seed, Purpose.FAULTS, number)
        answers = (
            *self.plan.lasting[session.day],
            *spoil(rng, held, day, self.plan.spoils[session.day]),
            *_stood_still(day, held),
        )
        self.tallies.setdefault(month(session.day), Tally()).add(day, held)
        return _joined(Scene((), answers), self._told(day, held), self._market(rng, day, held))

    def _told(self, day: Day, held: Books) -> Scene:
        """Return the files of the firm's own records; some fills are left for later ones."""
        today = self.days.index(day.session.day)
        fills = [fill for fill in held.fills.values() if fill.fill_id not in held.late]
        for fill_id, after in held.late.items():
            self.to_tell[self.days[today + after]].append(held.fills[fill_id])
        for again in held.again:
            self.to_tell[self.days[today + again.after]].append(again.fill)
        fills += self.to_tell.pop(day.session.day, [])
        fills.sort(key=lambda fill: (fill.executed_at, fill.fill_id))
        records: dict[Kind, Sequence[Order | Route | Fill]] = {
            Kind.ORDERS: list(held.orders.values()),
            Kind.ROUTES: list(held.routes.values()),
            Kind.FILLS: fills,
        }
        return Scene(
            tuple(
                _sheet(kind, day, records_frame(kind, each), held.broken)
                for kind, each in records.items()
            )
        )

    def _market(self, rng: np.random.Generator, day: Day, held: Books) -> Scene:
        """Return the files of the market: quotes, trades, halts, and what each exchange showed."""
        number, tapes = day.session.day.toordinal(), tuple(day.tapes.values())
        shrinks = leaks(rng, day.handled) if self.plan.leaks else ()
        listed = [tape for tape in tapes if not tape.instrument.is_crypto]
        shown, shrunk = displayed(generator(self.seed, Purpose.DISPLAYED, number), listed, shrinks)
        frames = {
            Kind.QUOTES: quotes_frame(tapes),
            Kind.VENUE_QUOTES: shown,
            Kind.TRADES: self._trades(day, held),
            Kind.HALTS: halts_frame(tapes),
        }
        return Scene(
            tuple(_sheet(kind, day, frame) for kind, frame in frames.items()),
            _leaked(day, shrunk),
        )

    def _trades(self, day: Day, held: Books) -> pl.DataFrame:
        """Return everyone's trades in order of time."""
        number = day.session.day.toordinal()
        others = [
            trades.background(generator(self.seed, Purpose.TRADES, number, place), tape)
            for place, tape in enumerate(day.tapes.values())
        ]
        if day.still:
            rng = generator(self.seed, Purpose.TRADES, number)
            others.append(trades.astray(rng, day.tapes[day.still.symbol], day.still))
        own = trades.own(held.fills.values(), held.symbols)
        return trades.trades_frame(others, own)


def _sheet(kind: Kind, day: Day, frame: pl.DataFrame, broken: Iterable[Broken] = ()) -> Sheet:
    """Return a date's file of a kind, delivered on it."""
    mine = tuple(each for each in broken if each.kind is kind)
    return Sheet(kind, f"-{day.session.day}", day.session.day, render(kind, frame), mine)


def _stood_still(day: Day, held: Books) -> Iterator[Planted]:
    """Name the orders received while their symbol's quote stood still."""
    if still := day.still:
        ids = tuple(
            order.order_id
            for order in held.orders.values()
            if still.holds(order.symbol, order.received_at)
        )
        seconds = (still.end - still.start) // SECOND
        dates = (day.session.day,)
        yield Planted(
            Fault.STALE, Kind.ORDERS, ids, dates, symbol=still.symbol, size=f"{seconds} s"
        )


def _leaked(day: Day, shrunk: Iterable[Shrink]) -> tuple[Planted, ...]:
    """Name the orders for which some later venue came to show less."""
    symbols = {shrink.order_id: shrink.symbol for shrink in shrunk}
    dates = (day.session.day,)
    return tuple(
        Planted(Fault.LEAK, Kind.ORDERS, (order_id,), dates, symbol=symbol)
        for order_id, symbol in symbols.items()
    )
