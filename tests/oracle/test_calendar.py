"""The shipped calendar agrees, date by date, with an independent library."""

from __future__ import annotations

from datetime import date, timedelta

import exchange_calendars
import polars as pl
import pytest

from routewarden.policy.calendar import us_equity_calendar


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pandas, inside the library
def test_every_session_opens_and_closes_when_the_library_says() -> None:
    calendar = us_equity_calendar()
    ours = calendar.sessions()
    theirs = exchange_calendars.get_calendar(
        "XNYS", start=str(calendar.first), end=str(calendar.last)
    ).schedule

    assert ours["trading_date"].to_list() == [stamp.date() for stamp in theirs.index]
    for name in ("open", "close"):
        assert ours[name].to_list() == [stamp.as_unit("ns").value for stamp in theirs[name]]


def test_the_days_people_ask_about() -> None:
    """Days of mourning, a storm, a Saturday holiday, half days and the first Juneteenth."""
    calendar = us_equity_calendar()
    closed = ("2001-09-11", "2012-10-29", "2018-12-05", "2025-01-09", "2022-06-20", "2026-07-03")
    early = ("2025-07-03", "2025-11-28", "2025-12-24", "2026-11-27", "2026-12-24")

    assert [day for day in closed if calendar.hours(date.fromisoformat(day))] == []
    hours = [calendar.hours(date.fromisoformat(day)) for day in early]
    assert {str(hour.close) for hour in hours if hour} == {"13:00:00"}
    assert all(hours)


def test_clock_changes_move_the_session_in_utc() -> None:
    sessions = us_equity_calendar().sessions().filter(pl.col("trading_date") >= date(2026, 3, 6))
    friday, monday = sessions.head(2)["open"]

    assert (
        monday - friday
        == (timedelta(days=3) - timedelta(hours=1)) // timedelta(microseconds=1) * 1000
    )
