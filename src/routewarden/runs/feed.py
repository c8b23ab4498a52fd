"""What is due as iCalendar (RFC 5545): a day's event for each matter, under an id that stays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event

from routewarden import __version__
from routewarden.base.canonical import sha256
from routewarden.runs.calendar import Due


def feed(found: Sequence[Due], origin: str, made: str) -> bytes:
    """Return the calendar of what is due.

    Args:
        found: What is due.
        origin: The log's name, which keeps the ids of two homes apart.
        made: The instant it is made at, in RFC 3339.
    """
    whole = Calendar()
    whole.add("prodid", f"-//Routewarden//{__version__}//EN")
    whole.add("version", "2.0")
    whole.add("x-wr-calname", "Routewarden: what is due")
    for each in found:
        whole.add_component(_event(each, origin, made))
    return bytes(whole.to_ical())


def _event(each: Due, origin: str, made: str) -> Event:
    event = Event()
    event.add("uid", f"{sha256(f'{origin} {each.id}'.encode())[:32]}@routewarden")
    event.add("dtstamp", datetime.fromisoformat(made).astimezone(UTC).replace(microsecond=0))
    event.add("dtstart", each.due)
    event.add("dtend", each.due + timedelta(days=1))
    event.add("transp", "TRANSPARENT")
    event.add("summary", each.what)
    event.add("description", f"For {', '.join(each.whom)}, since {each.since}.")
    return event
