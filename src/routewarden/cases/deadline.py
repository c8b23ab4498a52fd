"""When a case is due: so many trading dates after it was begun, or came into the state it is in.

The number is a dated limit of the firm, or what the case's own facts say in its place: a number,
or the date itself. The day a case begins on does not count.
"""

from __future__ import annotations

from datetime import date, timedelta

from routewarden.cases.case import Case
from routewarden.policy.calendar import Calendar
from routewarden.policy.limits import Limits


def due(case: Case, calendar: Calendar, limits: Limits) -> date | None:
    """Return the date a case has to be out of its state by; None where nothing says.

    None too where the calendar does not reach as far.
    """
    term = case.procedure.terms.get(case.state)
    if term is None:
        return None
    since = case.begun if term.from_opening else case.entered
    if told := case.facts.get(term.fact):
        return calendar.after(since, int(told)) if told.isdecimal() else date.fromisoformat(told)
    name = f"{term.limit}_{case.severity}" if term.by_severity else term.limit
    return trading_dates_after(since, int(limits.at(name, since).value), calendar)


def trading_dates_after(since: date, number: int, calendar: Calendar) -> date | None:
    """Return the trading date that is a number of them after a date; the date itself for 0."""
    return calendar.after(since, number)


def age(case: Case, today: date, calendar: Calendar) -> int:
    """Return the trading dates since a case was begun, that one not counted."""
    return len(calendar.trading_dates(case.begun + timedelta(days=1), today))
