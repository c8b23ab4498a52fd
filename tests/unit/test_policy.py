from __future__ import annotations

from datetime import date, time, timedelta

import polars as pl
import pytest

from routewarden.base.time import render_instant
from routewarden.policy.calendar import (
    Calendar,
    CalendarError,
    Hours,
    us_equity_calendar,
    with_overrides,
)
from routewarden.policy.trade_conditions import TradeConditionsError, regular_conditions

SHIPPED = us_equity_calendar()
DAY = Hours(time(9, 30), time(16, 0))
HALF_DAY = Hours(time(9, 30), time(13, 0))

NEW_YEAR, FRIDAY, SATURDAY, MONDAY = (date(2026, 1, day) for day in (1, 2, 3, 5))
ONE_WEEK = Calendar(NEW_YEAR, date(2026, 1, 7), DAY, {NEW_YEAR: None, FRIDAY: HALF_DAY})


# -- The calendar ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        (date(2026, 7, 1), DAY),
        (date(2026, 7, 3), None),
        (date(2026, 7, 4), None),
        (date(2026, 7, 5), None),
        (date(2026, 11, 27), HALF_DAY),
        (date(2001, 9, 11), None),
        (date(2012, 10, 29), None),
        (date(2025, 1, 9), None),
    ],
)
def test_the_shipped_calendar_knows_holidays_and_early_closes(
    day: date, hours: Hours | None
) -> None:
    assert SHIPPED.hours(day) == hours


@pytest.mark.parametrize("day", [date(1999, 12, 31), date(2029, 1, 2)])
def test_there_is_no_session_outside_the_calendar(day: date) -> None:
    assert SHIPPED.hours(day) is None


def test_a_change_goes_before_the_day_of_the_week() -> None:
    opened = Calendar(NEW_YEAR, date(2026, 1, 7), DAY, {SATURDAY: HALF_DAY})

    assert opened.hours(SATURDAY) == HALF_DAY


def test_sessions_are_told_in_utc_whatever_the_season() -> None:
    days = [date(2026, 7, 1), date(2026, 11, 27)]
    told = SHIPPED.sessions().filter(pl.col("trading_date").is_in(days))

    assert told.select(render_instant(pl.col("open", "close"))).rows() == [
        ("2026-07-01T13:30:00.000000000Z", "2026-07-01T20:00:00.000000000Z"),
        ("2026-11-27T14:30:00.000000000Z", "2026-11-27T18:00:00.000000000Z"),
    ]


def test_trading_dates_run_from_the_first_to_the_last_asked_for() -> None:
    assert ONE_WEEK.trading_dates(FRIDAY, date(2026, 1, 6)) == [FRIDAY, MONDAY, date(2026, 1, 6)]


def test_trading_dates_stop_where_the_calendar_does() -> None:
    assert ONE_WEEK.trading_dates(date(2025, 12, 1), date(2026, 2, 1)) == [
        *(FRIDAY, MONDAY, date(2026, 1, 6), date(2026, 1, 7))
    ]


def test_a_calendar_without_sessions_has_an_empty_table_of_them() -> None:
    closed = Calendar(SATURDAY, SATURDAY + timedelta(days=1), DAY, {})

    assert closed.sessions().schema == {
        "trading_date": pl.Date(),
        "open": pl.Int64(),
        "close": pl.Int64(),
    }
    assert closed.sessions().is_empty()


# -- The firm's changes ----------------------------------------------------------------------------


def test_an_empty_file_changes_nothing() -> None:
    assert with_overrides(ONE_WEEK, "") == ONE_WEEK


def test_the_firm_can_close_a_day() -> None:
    assert with_overrides(ONE_WEEK, "closed = [2026-01-05]").hours(MONDAY) is None


def test_the_firm_can_set_the_hours_of_a_day() -> None:
    changed = with_overrides(
        ONE_WEEK, "[sessions]\n2026-01-03 = {open = 10:00:00, close = 12:00:00}"
    )

    assert changed.hours(SATURDAY) == Hours(time(10, 0), time(12, 0))


def test_what_the_firm_does_not_name_stays_as_shipped() -> None:
    assert with_overrides(ONE_WEEK, "closed = [2026-01-05]").hours(FRIDAY) == HALF_DAY


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("closed = [", r"the file: .*"),
        ("holidays = []", r"holidays: no such entry\."),
        ("closed = 2026-01-05", r"closed: 2026-01-05\."),
        ('closed = ["2026-01-05"]', r"closed: 2026-01-05\."),
        ("closed = [2026-01-05T00:00:00]", r"closed: 2026-01-05 00:00:00\."),
        ("closed = [2026-01-08]", r"2026-01-08: outside 2026-01-01\.\.2026-01-07\."),
        ("sessions = 5", r"sessions: 5\."),
        ("[sessions]\n2026-01-05 = 9", r"sessions\.2026-01-05: 9\."),
        ("[sessions]\n2026-01-05 = {open = 09:30:00}", r"sessions\.2026-01-05: .*"),
        ("[sessions]\n2026-01-05 = {close = 16:00:00}", r"sessions\.2026-01-05: .*"),
        (
            "[sessions]\n2026-01-05 = {open = 16:00:00, close = 16:00:00}",
            r"sessions\.2026-01-05: .*",
        ),
        (
            "[sessions]\nmonday = {open = 09:30:00, close = 16:00:00}",
            r"sessions\.monday: not a date\.",
        ),
    ],
)
def test_a_calendar_file_that_cannot_be_used_says_where_and_how_to_write_it(
    text: str, complaint: str
) -> None:
    with pytest.raises(CalendarError, match=f"^policy/calendar.toml: {complaint} Write `closed = "):
        with_overrides(ONE_WEEK, text)


# -- Regular trades --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "conditions"),
    [("", ()), ("regular = []", ()), ('regular = ["F", "@", "4 I"]', ("4 I", "@", "F"))],
)
def test_the_firm_lists_its_regular_conditions(text: str, conditions: tuple[str, ...]) -> None:
    assert regular_conditions(text) == conditions


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("regular", r"the file: .*"),
        ("odd = []", r"odd: no such entry\."),
        ('regular = "F"', r"regular: F\."),
        ("regular = [1]", r"regular: \[1\]\."),
    ],
)
def test_a_table_of_conditions_that_cannot_be_used_says_where_and_how_to_write_it(
    text: str, complaint: str
) -> None:
    with pytest.raises(
        TradeConditionsError, match=f"^policy/trade_conditions.toml: {complaint} Write `regular = "
    ):
        regular_conditions(text)
