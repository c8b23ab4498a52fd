"""CAT timestamps: Eastern local time to the nanosecond, or nanoseconds since 1970 in UTC.

`20260701T093000.123456789` is what clocks in New York show, so in the hour that they show twice it
names two instants, and in the hour they skip, none. The number has neither trouble.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from routewarden.base.time import NS_PER_SECOND, TRADING_ZONE
from routewarden.sources.reject import Reason

_EASTERN = ZoneInfo(TRADING_ZONE)
_LOCAL = re.compile(r"([0-9]{8})T([0-9]{2})([0-5][0-9])([0-5][0-9])(?:\.([0-9]{1,9}))?")
_NANOSECONDS = re.compile(r"[0-9]{18,19}")
_MOST = 2**63 - 1
_YEARS = range(1700, 2260)  # those whose every instant 64 bits of nanoseconds hold
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant_of(text: str) -> int | Reason:
    """Return the instant (UTC ns) a timestamp names, or why it names none."""
    if _NANOSECONDS.fullmatch(text):
        return int(text) if int(text) <= _MOST else Reason.NOT_AN_INSTANT
    found = _LOCAL.fullmatch(text)
    if found is None:
        return Reason.NOT_AN_INSTANT
    day, hour, minute, second, fraction = found.groups(default="")
    begun = _hour(day, hour)
    if isinstance(begun, Reason):
        return begun
    seconds = begun + 60 * int(minute) + int(second)
    return seconds * NS_PER_SECOND + int(fraction.ljust(9, "0"))


def first_of_date(day: str) -> int | Reason:
    """Return the first instant (UTC ns) of a date written `20260701` in New York."""
    return instant_of(f"{day}T000000")


@lru_cache(maxsize=4096)
def _hour(day: str, hour: str) -> int | Reason:
    """Return the second (UTC) at which an hour of the clocks in New York begins."""
    try:
        shown = datetime.strptime(day + hour, "%Y%m%d%H").replace(tzinfo=_EASTERN)
    except ValueError:
        return Reason.NOT_AN_INSTANT
    if shown.year not in _YEARS:
        return Reason.NOT_AN_INSTANT
    early, late = (shown.replace(fold=fold).utcoffset() or timedelta() for fold in (0, 1))
    if early != late:
        return Reason.AMBIGUOUS_TIME if early > late else Reason.NOT_AN_INSTANT
    return (shown.replace(tzinfo=UTC) - _EPOCH - early) // timedelta(seconds=1)
