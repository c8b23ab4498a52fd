"""Findings about a period: what no single record shows.

They are made when asked for, from the measured dates and the log; nothing here is stored. A fact
belongs to the last date it covers, and is the same whatever stretch of dates it is asked for in;
only a drift, and a leak over the whole, are about just the period of the question. A policy file
that is in force on nobody's word is told of whatever period is asked about: every answer that is
given now goes by it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

import polars as pl

from routewarden.base.schema import TABLES, Kind
from routewarden.measures.cube import Source
from routewarden.policy.limits import Limits
from routewarden.rules.book import RULES
from routewarden.rules.facts.candidates import with_candidates
from routewarden.rules.facts.claims import (
    ANY,
    SUMS,
    Counted,
    claim_facts,
    claim_sums,
    columns_of,
    dimensions_of,
    each_alike,
    period_of,
    sources_of,
)
from routewarden.rules.facts.fades import SWEEPS, leak_facts
from routewarden.rules.facts.integrity import conflicts as conflict_facts
from routewarden.rules.facts.integrity import lateness, worst_offsets
from routewarden.rules.facts.payers import drift_facts, venue_months
from routewarden.rules.facts.trailing import fill_rate_facts, latency_facts
from routewarden.rules.rule import FINDINGS, Subject, judge, without_place
from routewarden.runs.configured import expectations, uses
from routewarden.runs.summaries import read_cells
from routewarden.store.approvals import Footing, stretches
from routewarden.store.conflicts import conflicts
from routewarden.store.home import Home
from routewarden.store.results import Results
from routewarden.store.segments import segments
from routewarden.store.session import new_york_date

_OF_POPULATION = ("has_order", "account_type", "held", "directed", "in_session_at_receipt")
_FILLS = (
    *("executed_at", "venue", "route_venue", "quantity", "price_improvement", "order_class"),
    *("liquidity", "route_id", "route_order_type", "route_time_in_force", "route_time_ms"),
    *_OF_POPULATION,
)
_ROUNDING = 1000  # 10**-12: what a number of nine decimals may be off
_ORDERS = ("received_at", "order_class", "filled_quantity", *_OF_POPULATION)


@dataclass(frozen=True, slots=True)
class Asked:
    """The dates measured, and the first and last asked about."""

    home: Home
    dates: Sequence[date]
    first: date
    last: date

    @property
    def inside(self) -> list[date]:
        """The measured dates asked about."""
        return [day for day in self.dates if self.first <= day <= self.last]

    @property
    def months(self) -> list[date]:
        """The measured dates of every month that is touched."""
        touched = {(day.year, day.month) for day in self.inside}
        return [day for day in self.dates if (day.year, day.month) in touched]

    @property
    def history(self) -> list[date]:
        """The measured dates from the first ever to the end of the last month and week touched."""
        last = self.last
        return [
            day
            for day in self.dates
            if (day.year, day.month) <= (last.year, last.month)
            or day.isocalendar()[:2] <= last.isocalendar()[:2]
        ]

    def read(self, part: str, columns: Sequence[str], days: Sequence[date]) -> pl.DataFrame:
        """Return some columns of a part of some dates (one at least), with `trading_date`."""
        return pl.concat([read_dated(self.home, part, columns, day) for day in days])


def read_dated(home: Home, part: str, columns: Sequence[str], day: date) -> pl.DataFrame:
    """Return some columns of a part of a date, with `trading_date`."""
    read = Results(home.measured).read(day, part, columns)
    return read.with_columns(trading_date=pl.lit(day))


def pattern_findings(
    home: Home, first: date, last: date, compared: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Return the findings about periods that end from `first` to `last`, as FINDINGS.

    `compared` are the `claims` of every measured date, if they are at hand.
    """
    period = Asked(home, sorted(Results(home.measured).dates()), first, last)
    nothing = pl.DataFrame(schema=FINDINGS)
    if not period.inside:
        return nothing
    policy = home.policy()
    sessions = policy.calendar.sessions()
    facts = {
        Subject.FILE: late_files(period, sessions, policy.limits),
        Subject.CONFLICT: contradictions(home),
        Subject.CLAIM: claims(home, period.dates) if compared is None else compared,
        Subject.ROUTER: leaks(period),
        Subject.CLOCK: worst_offsets(home.lake.read(Kind.CLOCKS)),
        Subject.CONFIGURED: uses(home, period.inside),
        Subject.EXPECTED: expectations(home, period.months),
        **_trends(period, policy.limits),
    }
    found = [
        judge(rule, _placed(facts[rule.subject]), policy.limits)
        for rule in RULES
        if rule.subject in facts
    ]
    asked = pl.col("trading_date").is_between(first, last)
    unapproved = unapproved_settings(home, first, last)
    found = [each.filter(asked) for each in found] + [
        judge(rule, unapproved, policy.limits) for rule in RULES if rule.subject is Subject.POLICY
    ]
    return pl.concat([nothing, *found]).sort("trading_date", maintain_order=True)


def _placed(facts: pl.DataFrame) -> pl.DataFrame:
    return facts if "file" in facts.columns else without_place(facts)


def _trends(period: Asked, limits: Limits) -> dict[Subject, pl.DataFrame]:
    """Return the facts that compare dates, weeks and months with one another."""
    fills = period.read("fills", _FILLS, period.history)
    payments = period.home.lake.read(Kind.PAYMENTS)
    of_months, inside = (
        venue_months(fills.filter(pl.col("trading_date").is_in(days)), payments)
        for days in (period.months, period.inside)
    )
    return {
        Subject.VENUE_DAY: latency_facts(fills, limits),
        Subject.CLASS_WEEK: fill_rate_facts(period.read("orders", _ORDERS, period.history), limits),
        Subject.VENUE_MONTH: of_months,
        Subject.VENUE_PERIOD: drift_facts(inside),
    }


def unapproved_settings(home: Home, first: date, last: date) -> pl.DataFrame:
    """Return the policy files with bytes that nobody approved: of the dates asked about, and now.

    `unapproved` is null where the log cannot tell.
    """
    told = {Footing.CHANGED: True, Footing.UNKNOWN: None}
    rows = [
        (
            new_york_date(each.since),
            each.name,
            each.digest,
            each.since,
            each.until,
            told[each.footing],
        )
        for each in stretches(home)
        if each.footing in told
        and (each.until is None or first <= new_york_date(each.since) <= last)
    ]
    return without_place(pl.DataFrame(rows, schema=_SETTINGS, orient="row"))


_SETTINGS = {
    "trading_date": pl.Date(),
    "policy_file": pl.String(),
    "digest": pl.String(),
    "since": pl.String(),
    "until": pl.String(),
    "unapproved": pl.Boolean(),
}


def late_files(period: Asked, sessions: pl.DataFrame, limits: Limits) -> pl.DataFrame:
    """Return how late each file's executions of each date became known."""
    received = [(segment.digest, segment.delivered) for segment in segments(period.home)]
    dtypes = {"file": pl.String(), "delivered": pl.Date()}
    delivered = pl.DataFrame(received, schema=dtypes, orient="row").unique("file", keep="first")
    columns = ("fill_id", "executed_at", "status", "file", "line")
    return lateness(period.read("fills", columns, period.dates), delivered, sessions, limits)


def contradictions(home: Home) -> pl.DataFrame:
    """Return the rows that contradict a record held, on that record's trading date.

    Those that a named person settled are no longer among them.
    """
    rows = [
        (each.kind.value, each.id, each.file, each.line, each.detail)
        for each in conflicts(home)
        if each.settlement is None
    ]
    held = [
        home.lake.read(kind).select(
            kind=pl.lit(kind.value),
            record_id=pl.col(str(TABLES[kind].key)),
            at=pl.col(str(TABLES[kind].dated_by)),
        )
        for kind in (Kind.ORDERS, Kind.ROUTES, Kind.FILLS)
        if any(row[0] == kind for row in rows)
    ]
    text = pl.String()
    known = {"kind": text, "record_id": text, "at": pl.Int64()}
    stated = {"kind": text, "record_id": text, "file": text, "line": pl.Int64(), "detail": text}
    return conflict_facts(
        pl.DataFrame(rows, schema=stated, orient="row"),
        pl.concat([pl.DataFrame(schema=known), *held]),
    )


def claims(home: Home, dates: Sequence[date]) -> pl.DataFrame:
    """Return every claim of the vendor's reports with ours beside it, and `candidates`."""
    report = home.lake.read(Kind.VENDOR_REPORT)
    facts = claim_facts(
        report, _sums_of(home, report, dates, (Counted.ROUTED,))[Counted.ROUTED], dates
    )
    apart = facts.filter(pl.col("gap").abs() > _ROUNDING)
    doubted = report.filter(pl.col("period").is_in(apart["period"].implode()))
    return with_candidates(facts, _sums_of(home, doubted, dates, tuple(Counted)))


def _sums_of(
    home: Home, report: pl.DataFrame, dates: Sequence[date], ways: Sequence[Counted]
) -> Mapping[Counted, pl.DataFrame]:
    """Return the sums of a report's months, with `month`, reckoned in some ways."""
    spans = [span for name in report["period"].unique() if (span := period_of(name))]
    sources = sources_of(set(report["metric"].drop_nulls()))
    symbols = bool((report["symbol"].fill_null(ANY) != ANY).any())
    asked = [day for day in dates if any(first <= day <= last for first, last in spans)]
    sums = {way: [pl.DataFrame(schema={**SUMS, "month": pl.String()})] for way in ways}
    for month, days in groupby(asked, key=lambda day: day.strftime("%Y-%m")):
        inside = list(days)
        held = {
            source: read_cells(home, inside, source, dimensions_of(source, symbols=symbols), {})
            for source in sources
        }
        for way, frames in sums.items():
            found = _each_alike(home, inside, sources) if way is Counted.EACH_ALIKE else held
            frames.append(claim_sums(found, way).with_columns(month=pl.lit(month)))
    return {way: pl.concat(frames) for way, frames in sums.items()}


def _each_alike(
    home: Home, days: Sequence[date], sources: Sequence[Source]
) -> Mapping[Source, pl.DataFrame]:
    """Return cells in which each row counts alike: no sum of shares tells, so rows are read."""
    return {
        source: each_alike(
            pl.concat([read_dated(home, source.name, columns_of(source), day) for day in days]),
            source,
        )
        for source in sources
    }


def leaks(period: Asked) -> pl.DataFrame:
    """Return how often displayed size faded, by month, and over the whole where it is longer."""
    seen = period.read("sweeps", list(SWEEPS), period.months).with_columns(
        month=pl.col("trading_date").dt.strftime("%Y-%m")
    )
    spans = seen.partition_by("month", as_dict=True, maintain_order=True)
    facts = [leak_facts(part, month) for (month,), part in spans.items()]
    inside = seen.filter(pl.col("trading_date").is_in(period.inside))
    if inside["month"].n_unique() > 1:
        facts.append(leak_facts(inside, f"{period.inside[0]}..{period.inside[-1]}"))
    return pl.concat([leak_facts(seen.clear(), ""), *facts])
