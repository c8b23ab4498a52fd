"""Heightened monitoring: a router's number date by date, and the test that ends it.

What is counted is the order where the metric says of each order whether it is bad, and the trading
date where it is an average or is taken of single executions. The failure's own period says how much
was bad before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import polars as pl

from routewarden.base.exact import integer
from routewarden.base.period import Span
from routewarden.benchmarks import sequential
from routewarden.benchmarks.sequential import Decision, Design, DesignError, Look, Rates, Tally
from routewarden.measures.dimensions import ON_ORDERS, chosen
from routewarden.measures.reference import MEASURED
from routewarden.measures.scorecard import Cell, cell_of, empty_cell
from routewarden.policy.limits import Limits
from routewarden.runs.matter import Matter
from routewarden.runs.reading import Question, measured_dates, summary_of
from routewarden.store.home import Home
from routewarden.store.results import Results

_EXECUTED = pl.col("reference_status").is_in(MEASURED) & (pl.col("filled_quantity") > integer(0))
_WORSE = pl.when(_EXECUTED).then(pl.col("at_or_better_quantity") < pl.col("filled_quantity"))

BAD: Mapping[str, tuple[pl.Expr, str]] = {
    "fill_rate": (pl.col("filled_quantity") < pl.col("quantity"), "not filled in full"),
    "outside_quote_pct": (_WORSE, "executed outside the quote at receipt, if only in part"),
    "at_or_better_pct": (_WORSE, "executed worse than the quote at receipt, if only in part"),
    "price_improved_orders_pct": (
        pl.when(_EXECUTED).then(pl.col("improvement") <= integer(0)),
        "executed without price improvement",
    ),
}
"""Which orders are bad by a metric, null where it is not known, and the same in words."""

_BY_DATE = "trading_date"


@dataclass(frozen=True, slots=True)
class Day:
    """A trading date: the metric's value, and the orders counted, bad, and not known to be."""

    day: date
    cell: Cell
    n: int = 0
    bad: int = 0
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class Before:
    """The failure's period: how many were counted and bad, and the median date where one is used.

    `value` is the metric over all of it.
    """

    days: tuple[Day, ...]
    n: int
    bad: int
    middle: str
    value: Cell


@dataclass(frozen=True, slots=True)
class Monitored:
    """A monitoring so far: each date, the test at its end, and each week's value."""

    matter: Matter
    since: date
    least: int
    before: Before
    days: tuple[Day, ...]
    test: Design
    looks: tuple[Look, ...]
    weeks: tuple[tuple[date, Cell], ...]

    @property
    def decision(self) -> Decision:
        """What the test says."""
        return sequential.conclusion(self.looks)

    @property
    def counts_orders(self) -> bool:
        """Whether it is orders that are counted, and not dates."""
        return counts_orders(self.matter)

    @property
    def bad(self) -> str:
        """What is bad, in words."""
        if self.counts_orders:
            return f"an order {BAD[self.matter.metric.name][1]}"
        return (
            f"a trading date no better than {self.before.middle}, the median of those of the "
            "failure's period"
        )


def counts_orders(matter: Matter) -> bool:
    """Return whether a metric says of each of the orders whether it is bad."""
    return matter.metric.name in BAD and set(matter.where) <= set(ON_ORDERS)


def monitored(home: Home, matter: Matter, since: date) -> Monitored:
    """Return a monitoring since the date that it began on, as measured by now.

    Limits are those of that date: they were fixed before anything was counted.

    Raises:
        DesignError: The failure's period gives nothing to test against.
        NothingMeasuredError: Nothing is measured since.
    """
    limits = home.policy().limits
    start = max(since, matter.span.last + timedelta(days=1))
    known, test = design_of(home, matter, limits, since)
    counted, summary = _days(home, matter, Span("", start, date.max))
    tallies = _tallies(matter, counted, known)
    least = int(limits.at("release_dates_least", since).value)
    return Monitored(
        matter,
        start,
        least,
        known,
        counted if counts_orders(matter) else _by_sign(counted, tallies),
        test,
        sequential.walk(test, [each for each in tallies if each.n], least),
        _weeks(matter, summary, [day.day for day in counted]),
    )


def design_of(home: Home, matter: Matter, limits: Limits, since: date) -> tuple[Before, Design]:
    """Return the period of a failure, and the test that says whether it is over.

    Raises:
        DesignError: It gives nothing to test against.
        NothingMeasuredError: Nothing of it is measured.
    """
    days, summary = _days(home, matter, matter.span)
    value = _cell(matter, summary, [day.day for day in days])
    with_value = [day for day in days if day.cell.value is not None]
    least = int(limits.at("release_base_least", since).value)
    if len(with_value) < least:
        why = (
            f"{matter.metric.name} has a value on {len(with_value)} trading dates of the failure's "
            f"period, and it takes {least} (release_base_least)"
        )
        raise DesignError(why)
    middle = sequential.middle(day.cell.value for day in days)
    text = "" if middle is None else f"{middle.normalize():f}"
    if counts_orders(matter):
        n, bad = sum(day.n for day in days), sum(day.bad for day in days)
        share = sequential.share_before(n, bad)
    else:
        n, bad, share = len(with_value), 0, sequential.HALF
    alpha, beta, effect = (
        float(limits.at(name, since).value)
        for name in ("release_alpha", "release_beta", "release_effect")
    )
    known = Before(days, n, bad, text, value)
    return known, sequential.design(share, effect, Rates(alpha, beta))


def whole(home: Home, matter: Matter) -> tuple[Cell, tuple[tuple[date, Cell], ...]]:
    """Return the metric over a failure's period, and over each week of it.

    Raises:
        NothingMeasuredError: Nothing of it is measured.
    """
    days, summary = _days(home, matter, matter.span)
    return _cell(matter, summary, [day.day for day in days]), _weeks(
        matter, summary, [day.day for day in days]
    )


def _tallies(matter: Matter, days: Iterable[Day], before: Before) -> tuple[Tally, ...]:
    if counts_orders(matter):
        return tuple(Tally(day.day, day.n, day.bad) for day in days)
    middle = sequential.middle(day.cell.value for day in before.days)
    values = ((day.day, day.cell.value) for day in days)
    return () if middle is None else sequential.no_better(values, middle, matter.metric.better)


def _by_sign(days: Iterable[Day], tallies: Iterable[Tally]) -> tuple[Day, ...]:
    """Return dates that count themselves: as bad or not, or as not known."""
    signs = {tally.day: tally for tally in tallies}
    return tuple(
        replace(day, n=signs[day.day].n, bad=signs[day.day].bad)
        if day.day in signs
        else replace(day, unknown=1)
        for day in days
    )


def _days(home: Home, matter: Matter, span: Span) -> tuple[tuple[Day, ...], pl.DataFrame]:
    """Return each measured date of a period, and the sums they come to."""
    question = Question(span.first, span.last, (_BY_DATE,), matter.where)
    dates, summary = measured_dates(home, question), summary_of(home, question)
    counts = _counts(home, matter, dates)
    return tuple(Day(day, _cell(matter, summary, [day]), *counts[day]) for day in dates), summary


def _cell(matter: Matter, summary: pl.DataFrame, days: Sequence[date]) -> Cell:
    """Return the metric over some dates."""
    part = summary.filter(pl.col(f"by {_BY_DATE}").is_in([str(day) for day in days]))
    return cell_of(matter.metric, part) if part.height else empty_cell(matter.metric)


def _counts(
    home: Home, matter: Matter, days: Sequence[date]
) -> Mapping[date, tuple[int, int, int]]:
    """Return for each date the orders counted, bad, and not known to be."""
    if not counts_orders(matter):
        return dict.fromkeys(days, (0, 0, 0))
    bad = BAD[matter.metric.name][0]
    needed = {
        column
        for expr in (bad, *(ON_ORDERS[name] for name in matter.where))
        for column in expr.meta.root_names()
    }
    found = {}
    for day in days:
        orders = Results(home.measured).read(day, "orders", sorted(needed))
        told = chosen(orders, ON_ORDERS, matter.where).select(bad=bad)["bad"]
        known = told.drop_nulls()
        found[day] = (known.len(), int(known.sum() or 0), told.null_count())
    return found


def _weeks(
    matter: Matter, summary: pl.DataFrame, days: Sequence[date]
) -> tuple[tuple[date, Cell], ...]:
    """Return the metric of each calendar week, by its Monday."""
    weeks: dict[date, list[date]] = {}
    for day in days:
        weeks.setdefault(day - timedelta(days=day.weekday()), []).append(day)
    return tuple((monday, _cell(matter, summary, dates)) for monday, dates in weeks.items())
