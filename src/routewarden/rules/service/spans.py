"""The windows a clause is judged over, and the dates a duty falls due on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from routewarden.base.period import Span, month, quarter_of
from routewarden.policy.contract import Window

_DAY = timedelta(days=1)
_YEAR = 12


def span_of(window: Window, day: date) -> Span:
    """Return the window that a date is in: named 2026-07-01, 2026-W27, 2026-07 or 2026Q3."""
    match window:
        case Window.DAY:
            return Span(str(day), day, day)
        case Window.WEEK:
            year, number, weekday = day.isocalendar()
            monday = day - (weekday - 1) * _DAY
            return Span(f"{year}-W{number:02}", monday, monday + 6 * _DAY)
        case Window.MONTH:
            return month(day.year, day.month)
        case _:
            return quarter_of(day).span


def spans_of(window: Window, days: Sequence[date]) -> tuple[Span, ...]:
    """Return the windows that some dates are in, in order."""
    found = dict.fromkeys(span_of(window, day) for day in sorted(days))
    return tuple(found)


def due_dates(since: date, months: int, last: date) -> tuple[date, ...]:
    """Return the dates so many months after one, and again after each, up to a last one.

    In a month that has no such day it is the month's last.
    """
    found: list[date] = []
    while (due := _later(since, months * (len(found) + 1))) <= last:
        found.append(due)
    return tuple(found)


def _later(day: date, months: int) -> date:
    years, number = divmod(day.month - 1 + months, _YEAR)
    span = month(day.year + years, number + 1)
    return min(span.first + (day.day - 1) * _DAY, span.last)
