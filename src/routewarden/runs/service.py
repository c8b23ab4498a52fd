"""The contract evaluated: each clause over each closed window, from what is measured and held.

A service comes from measured sums, a delivery from the files held and when the firm received them,
a duty from its case. What ends after today is not judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase

import polars as pl

from routewarden.base.period import Span
from routewarden.base.schema import TABLES, Kind
from routewarden.base.time import trading_date
from routewarden.cases.duty import KIND as DUTY
from routewarden.measures.behind import Behind, behind
from routewarden.measures.dimensions import chosen
from routewarden.measures.scorecard import Cell, Metric, cell_of
from routewarden.policy.contract import (
    CONTRACT,
    Breach,
    Clause,
    Comparison,
    Contract,
    Delivery,
    Duty,
    Service,
    Window,
)
from routewarden.rules.facts.claims import period_of
from routewarden.rules.service.checked import checked_contract, population
from routewarden.rules.service.judge import (
    METRIC,
    Attested,
    Delivered,
    Facts,
    Judgement,
    Measured,
    enough,
    judge,
)
from routewarden.rules.service.spans import due_dates, span_of, spans_of
from routewarden.runs.reading import Question, sources_of, summary_of
from routewarden.store.cases import Docket, docket
from routewarden.store.home import BEGUN, Home
from routewarden.store.results import Results
from routewarden.store.segments import Segment, records_again, told_segments
from routewarden.store.session import new_york_date

_SHORT = frozenset({Window.DAY, Window.WEEK})


@dataclass(frozen=True, slots=True)
class Judged:
    """A clause over a window: what is known of it, and what that comes to."""

    clause: Clause
    span: Span
    facts: Facts
    judgement: Judgement

    @property
    def key(self) -> str:
        """What names it once."""
        return f"{self.clause.id} {self.span.name}"

    @property
    def is_breach(self) -> bool:
        """Whether the clause was broken."""
        return self.judgement.breach is Breach.YES

    @property
    def pending(self) -> date | None:
        """The date it is due by, where there is time left; else None."""
        if isinstance(self.facts, Measured) or self.judgement.breach is not Breach.UNKNOWN:
            return None
        return self.facts.due if self.facts.today <= self.facts.due else None


@dataclass(frozen=True, slots=True)
class Asked:
    """What is evaluated: of a contract, windows that end from a date to another, seen on a date."""

    contract: Contract
    first: date
    last: date
    today: date

    def takes(self, clause: Clause, span: Span) -> bool:
        """Return whether a window is one of a clause's, closed, and asked for."""
        closed = span.last < self.today and self.first <= span.last <= self.last
        return closed and clause.holds(span.first, span.last)


def contract_of(home: Home) -> Contract:
    """Return the firm's contract with its provider; empty where there is none.

    Raises:
        ContractError: The file cannot be used.
    """
    return checked_contract(home.setting(CONTRACT))


def asked(home: Home, first: date | None, last: date | None) -> Asked:
    """Return what is to be evaluated today, over some dates or all."""
    return Asked(contract_of(home), first or date.min, last or date.max, home.today())


def judged(home: Home, question: Asked) -> list[Judged]:
    """Return each clause over each of its windows, in the order of the file and of time."""
    days = sorted(Results(home.measured).dates())
    known = docket(home)
    return [
        Judged(clause, span, facts, judge(clause, facts))
        for clause in question.contract.clauses
        for span, facts in _facts(home, (clause, question), days, known)
    ]


def _facts(
    home: Home, what: tuple[Clause, Asked], days: Sequence[date], known: Docket
) -> Iterator[tuple[Span, Facts]]:
    clause, question = what
    match clause.terms:
        case Service(window=window) as terms:
            spans = [s for s in spans_of(window, days) if question.takes(clause, s)]
            yield from _measured(home, terms, spans, days)
        case Delivery() as terms:
            spans = [s for s in spans_of(terms.period, days) if question.takes(clause, s)]
            yield from _delivered(home, terms, spans, (days, question.today))
        case Duty() as terms:
            yield from _attested(home, (clause, terms), question, known)


# -- Service levels --------------------------------------------------------------------------------


def _measured(
    home: Home, terms: Service, spans: Sequence[Span], days: Sequence[date]
) -> Iterator[tuple[Span, Measured]]:
    calendar = home.policy().calendar
    together = _by_date(home, terms, spans) if terms.window in _SHORT and spans else None
    for span in spans:
        dates = set(calendar.trading_dates(span.first, span.last))
        inside = [day for day in days if span.holds(day)]
        if together is None:
            summary = summary_of(home, _question(terms, span))
        else:
            names = [str(day) for day in inside]
            summary = together.filter(pl.col("by trading_date").is_in(names))
        cell = _cell(METRIC[terms.metric], summary)
        yield span, Measured(cell.value, cell.n, len(dates.intersection(inside)), len(dates))


def _question(terms: Service, span: Span, by: tuple[str, ...] = ()) -> Question:
    return Question(span.first, span.last, by, population(terms))


def _by_date(home: Home, terms: Service, spans: Sequence[Span]) -> pl.DataFrame:
    """Return the sums of every date of some windows: days and weeks are many."""
    whole = Span("", spans[0].first, spans[-1].last)
    return summary_of(home, _question(terms, whole, ("trading_date",)))


def _cell(metric: Metric, summary: pl.DataFrame) -> Cell:
    """Return a metric over the order classes it has a meaning for."""
    return cell_of(metric, summary.filter(_applies(metric, summary["by order_class"])))


def _applies(metric: Metric, classes: pl.Series) -> pl.Series:
    found = [name for name in classes.unique() if metric.applies_to(name)]
    return classes.is_in(pl.Series(found, dtype=pl.String).implode(), nulls_equal=True)


def orders_behind(home: Home, terms: Service, span: Span) -> list[Behind]:
    """Return the orders that a figure is made of, those that break the clause most first."""
    metric, where = METRIC[terms.metric], population(terms)
    source = next(
        each
        for each in sources_of(_question(terms, span))
        if any(part.metric == metric.of for part in each.parts)
    )
    results, found = Results(home.measured), []
    for day in sorted(each for each in results.dates() if span.holds(each)):
        rows = chosen(results.read(day, source.name), source.dimensions, where)
        meant = rows.filter(_applies(metric, rows["order_class"].cast(pl.String)))
        dated = meant.with_columns(pl.lit(str(day)).alias("trading_date"))
        found += behind(dated, source.parts, metric, terms.tolerance)
    sign = -1 if terms.comparison is Comparison.AT_LEAST else 1
    beyond = [replace(order, distance=sign * order.distance) for order in found]
    return sorted(beyond, key=lambda order: (-order.distance, order.day, order.order_id))


# -- Deliveries ------------------------------------------------------------------------------------


def _delivered(
    home: Home, terms: Delivery, spans: Sequence[Span], when: tuple[Sequence[date], date]
) -> Iterator[tuple[Span, Delivered]]:
    days, today = when
    calendar = home.policy().calendar
    held = _held(home, terms, spans) if spans else {}
    for span in spans:
        if (due := calendar.after(span.last, terms.due)) is None:
            continue
        inside = [day for day in days if span.holds(day)]
        since = sorted(held[day] for day in inside if day in held)
        in_time = sum(each <= due for each in since)
        enough_at = (n for n in range(1, len(since) + 1) if enough(terms, n, len(inside)))
        number = next(enough_at, None)
        complete = None if number is None else since[number - 1]
        yield span, Delivered(due, today, len(inside), in_time, len(since), complete)


def _held(home: Home, terms: Delivery, spans: Sequence[Span]) -> Mapping[date, date]:
    """Return for each date that a delivery has since when it is held, over some periods."""
    first, last = spans[0].first, spans[-1].last
    by_file: dict[str, list[date]] = {}
    for day, digests in home.lake.dates(terms.file).items():
        for digest in digests:
            by_file.setdefault(digest, []).append(day)
    found: dict[date, date] = {}
    for segment, content in told_segments(home):
        name = str(content["payload"]["source"]["name"])
        if segment.kind is not terms.file or not fnmatchcase(name, terms.files):
            continue
        for day in _dates(home, terms, (segment, content), by_file):
            if first <= day <= last:
                found[day] = min(found.get(day, date.max), segment.delivered)
    return found


def _dates(
    home: Home,
    terms: Delivery,
    told: tuple[Segment, dict[str, object]],
    by_file: Mapping[str, list[date]],
) -> set[date]:
    """Return the dates a file has records of, those it shares with an earlier file included."""
    segment, content = told
    if terms.file is Kind.VENDOR_REPORT:
        periods = {name for frame in records_again(home, content) for name in frame["period"]}
        return {day for name in periods for day in _reported(name, terms.period)}
    if not segment.duplicates:
        return set(by_file.get(segment.digest, ()))
    dated = pl.col(str(TABLES[segment.kind].dated_by))
    frames = (frame.select(trading_date(dated)) for frame in records_again(home, content))
    return {day for frame in frames for day in frame.to_series() if day is not None}


def _reported(name: str, window: Window) -> list[date]:
    """Return the dates of a report's period, if it is no longer than what was agreed."""
    if (period := period_of(name)) is None:
        return []
    first, last = period
    if span_of(window, first) != span_of(window, last):
        return []
    return pl.date_range(first, last, eager=True).to_list()


def dates_behind(home: Home, terms: Delivery, span: Span) -> list[tuple[date, date | None]]:
    """Return the measured dates of a period, and since when each is held."""
    held = _held(home, terms, [span])
    days = sorted(day for day in Results(home.measured).dates() if span.holds(day))
    return [(day, held.get(day)) for day in days]


# -- Duties ----------------------------------------------------------------------------------------


def _attested(
    home: Home, what: tuple[Clause, Duty], question: Asked, known: Docket
) -> Iterator[tuple[Span, Attested]]:
    """Yield what fell due since the home was begun, and what is near enough to have a case."""
    clause, terms = what
    calendar, begun = home.policy().calendar, home.log.find(BEGUN)
    since = question.today if begun is None else new_york_date(begun.content["at"])
    soon = calendar.after(question.today, terms.opens) or question.today
    given = {
        (case.facts["clause"], case.facts["due"]): case.of("attest")[-1].day
        for case in known.cases.values()
        if case.procedure.kind == DUTY and case.of("attest")
    }
    for due in due_dates(clause.since, terms.months, soon):
        asked_for = since <= due and question.first <= due <= max(question.last, soon)
        if asked_for and (clause.until is None or due <= clause.until):
            on = given.get((clause.id, str(due)))
            yield Span(str(due), due, due), Attested(due, question.today, on)
