"""Which dates have a regular session, and when it opens and closes.

A calendar is a shipped, dated table with the firm's own changes on top: an exchange can close a
market on a day's notice, and the firm must not wait for a release to say so.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, time, timedelta

import polars as pl

from routewarden.base.errors import RoutewardenError
from routewarden.base.time import TRADING_ZONE
from routewarden.policy import us_equities

_SATURDAY = 5
_WEEKS = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Hours:
    """Opening and closing time of a session, in New York."""

    open: time
    close: time


@dataclass(frozen=True, slots=True)
class Calendar:
    """The regular sessions from `first` to `last`, both included.

    `changes` holds each date that is not ordinary: its hours, or None where it is closed.
    """

    first: date
    last: date
    ordinary: Hours
    changes: Mapping[date, Hours | None]

    def hours(self, day: date) -> Hours | None:
        """Return the hours of a date; None where it has no session or lies outside the calendar."""
        if not self.first <= day <= self.last:
            return None
        if day in self.changes:
            return self.changes[day]
        return None if day.weekday() >= _SATURDAY else self.ordinary

    def sessions(self) -> pl.DataFrame:
        """Return every session: `trading_date`, `open` and `close` (UTC ns)."""
        every = _days(self.first, self.last)
        known = [(day, hours) for day in every if (hours := self.hours(day)) is not None]
        days = pl.Series("trading_date", [day for day, _ in known], dtype=pl.Date)
        times = {
            "open": pl.Series([hours.open for _, hours in known], dtype=pl.Time),
            "close": pl.Series([hours.close for _, hours in known], dtype=pl.Time),
        }
        return pl.DataFrame({"trading_date": days, **times}).with_columns(
            pl.col("trading_date")
            .dt.combine(pl.col(name), time_unit="ns")
            .dt.replace_time_zone(TRADING_ZONE)
            .dt.convert_time_zone("UTC")
            .dt.epoch("ns")
            .alias(name)
            for name in ("open", "close")
        )

    def trading_dates(self, start: date, end: date) -> list[date]:
        """Return the dates with a session from `start` to `end`, both included."""
        asked = _days(max(start, self.first), min(end, self.last))
        return [day for day in asked if self.hours(day) is not None]

    def after(self, day: date, number: int) -> date | None:
        """Return the trading date that is a number of them after a date; the date itself for 0.

        None where the calendar does not reach as far.
        """
        if number == 0:
            return day
        span = day + timedelta(days=2 * number) + _WEEKS  # weekends, and as many holidays again
        following = self.trading_dates(day + timedelta(days=1), span)
        return following[number - 1] if len(following) >= number and span <= self.last else None


def us_equity_calendar() -> Calendar:
    """Return the shipped calendar of the US equity exchanges."""
    early = Hours(us_equities.OPEN, us_equities.EARLY_CLOSE)
    closed = dict.fromkeys(_dates(us_equities.CLOSED))
    return Calendar(
        first=us_equities.FIRST_DATE,
        last=us_equities.LAST_DATE,
        ordinary=Hours(us_equities.OPEN, us_equities.CLOSE),
        changes={**closed, **dict.fromkeys(_dates(us_equities.CLOSED_EARLY), early)},
    )


def with_overrides(calendar: Calendar, text: str) -> Calendar:
    """Return the calendar as changed by the firm's `calendar.toml`.

    The text may hold `closed = [dates]` and `[sessions]` with `date = {open = …, close = …}`.

    Raises:
        CalendarError: The text is not that, or names a date outside the calendar.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CalendarError(entry="the file", value=str(error)) from error
    changes = {**calendar.changes, **dict.fromkeys(_closed(table)), **dict(_sessions(table))}
    if extra := set(table) - {"closed", "sessions"}:
        raise CalendarError(entry=min(extra), value="no such entry")
    for day in changes:
        if not calendar.first <= day <= calendar.last:
            span = f"outside {calendar.first}..{calendar.last}"
            raise CalendarError(entry=str(day), value=span)
    return replace(calendar, changes=changes)


class CalendarError(RoutewardenError):
    """The firm's calendar file cannot be used."""

    def __init__(self, *, entry: str, value: object) -> None:
        super().__init__(
            f"policy/calendar.toml: {entry}: {value}. "
            "Write `closed = [2026-12-31]` or, under [sessions], "
            "`2026-12-31 = {open = 09:30:00, close = 13:00:00}`."
        )


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def _dates(years: Mapping[int, str]) -> Iterator[date]:
    for year, days in years.items():
        for day in days.split():
            yield date.fromisoformat(f"{year}-{day}")


def _closed(table: Mapping[str, object]) -> Iterator[date]:
    closed = table.get("closed", [])
    if not isinstance(closed, list):
        raise CalendarError(entry="closed", value=closed)
    for day in closed:
        if type(day) is not date:
            raise CalendarError(entry="closed", value=day)
        yield day


def _sessions(table: Mapping[str, object]) -> Iterator[tuple[date, Hours]]:
    sessions = table.get("sessions", {})
    if not isinstance(sessions, dict):
        raise CalendarError(entry="sessions", value=sessions)
    for key, value in sessions.items():
        hours = value if isinstance(value, dict) else {}
        opening, closing = hours.get("open"), hours.get("close")
        if not (isinstance(opening, time) and isinstance(closing, time) and opening < closing):
            raise CalendarError(entry=f"sessions.{key}", value=value)
        try:
            yield date.fromisoformat(key), Hours(opening, closing)
        except ValueError as error:
            raise CalendarError(entry=f"sessions.{key}", value="not a date") from error
