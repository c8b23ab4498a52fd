"""What a quarter's review is written from, read once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from routewarden.base.period import Quarter, Span
from routewarden.base.schema import Kind
from routewarden.base.time import trading_date
from routewarden.benchmarks.dashboard import Bench
from routewarden.measures.population import Population
from routewarden.runs.bench import Comparators, comparators
from routewarden.runs.dashboards import Dashboard, of_period
from routewarden.runs.period import Period, joined, read_period, read_venues
from routewarden.runs.reading import (
    NothingMeasuredError,
    Question,
    findings_of,
    measured_dates,
)
from routewarden.runs.watch import claims
from routewarden.store.home import Home
from routewarden.store.settings import Policy

CUSTOMERS = {"population": (Population.CUSTOMER.value,), "asset_class": ("equity",)}
"""The orders a committee looks at first."""

_BY = ("symbol", "router", "reference_source")
_KINDS = ("asset_class", "population")


@dataclass(frozen=True, slots=True)
class Gathered:
    """A quarter's measured orders, whole and by month, and what they are compared with.

    `venues` sums by venue; `found` are the findings, `claims` what the vendor reports of periods
    that end in the quarter, compared; `payments` the arrangements in force at some time in the
    quarter.
    """

    quarter: Quarter
    whole: Period
    months: tuple[Period, ...]
    venues: pl.DataFrame
    dashboards: tuple[Dashboard, ...]
    against: Comparators
    found: pl.DataFrame
    claims: pl.DataFrame
    payments: pl.DataFrame
    policy: Policy

    @property
    def days(self) -> tuple[date, ...]:
        """The trading dates measured."""
        return self.whole.days

    @property
    def customers(self) -> Period:
        """Customers' orders in equities: held, not directed, in the session."""
        return self.whole.only(CUSTOMERS)

    @property
    def bench(self) -> Bench:
        """What those are compared with."""
        return self.against.bench(CUSTOMERS)


def gather(home: Home, quarter: Quarter) -> Gathered:
    """Read a quarter.

    Raises:
        NothingMeasuredError: Nothing of it is measured.
    """
    span = quarter.span
    months = tuple(_months(home, quarter.months))
    if not months:
        raise NothingMeasuredError([])
    whole = joined(span, months)
    against = comparators(home, span, _BY, {})
    compared = claims(home, measured_dates(home, Question()))
    return Gathered(
        quarter=quarter,
        whole=whole,
        months=months,
        venues=read_venues(home, span, {}),
        dashboards=of_period(whole, _KINDS, against),
        against=against,
        found=findings_of(home, whole.days, compared),
        claims=compared.filter(pl.col("trading_date").is_between(span.first, span.last)),
        payments=_in_force(home.lake.read(Kind.PAYMENTS), span),
        policy=home.policy(),
    )


def _months(home: Home, spans: tuple[Span, ...]) -> list[Period]:
    found = []
    for span in spans:
        try:
            found.append(read_period(home, span, _BY, {}))
        except NothingMeasuredError:
            continue
    return found


def _in_force(payments: pl.DataFrame, span: Span) -> pl.DataFrame:
    """Return the arrangements in force at some instant of a span."""
    begun = trading_date(pl.col("from")).fill_null(span.first) <= span.last
    lasting = trading_date(pl.col("to")).fill_null(span.last) >= span.first
    return payments.filter(begun, lasting)
