"""What is due as iCalendar: whatever a matter says, it comes back, in lines that may be so long."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from routewarden.runs.calendar import Due
from routewarden.runs.feed import feed

MADE = "2026-11-23T15:00:00.5Z"
WORDS = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=200
)
DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))
MATTERS = st.builds(
    Due, id=WORDS, what=WORDS, whom=st.lists(WORDS, max_size=3).map(tuple), due=DAYS, since=DAYS
)


def unfolded(data: bytes) -> list[bytes]:
    """The lines of RFC 5545, 3.1: ended by CRLF, each begun by a blank a part of the one before."""
    assert data.endswith(b"\r\n")
    return data.replace(b"\r\n ", b"").split(b"\r\n")[:-1]


def unescaped(value: bytes) -> str:
    """A text of RFC 5545, 3.3.11."""
    text = value.decode().replace("\\\\", "\0")
    for written, meant in (("\\n", "\n"), ("\\N", "\n"), ("\\;", ";"), ("\\,", ",")):
        text = text.replace(written, meant)
    return text.replace("\0", "\\")


@given(st.lists(MATTERS, max_size=4))
def test_every_matter_comes_back_as_it_was(found: list[Due]) -> None:
    lines = unfolded(feed(found, "log", MADE))
    said = [
        unescaped(line.removeprefix(b"SUMMARY:")) for line in lines if line.startswith(b"SUMMARY:")
    ]
    days = [line[-8:].decode() for line in lines if line.startswith(b"DTSTART")]

    assert said == [each.what for each in found]
    assert days == [f"{each.due:%Y%m%d}" for each in found]


@given(st.lists(MATTERS, max_size=4))
def test_no_line_is_longer_than_it_may_be(found: list[Due]) -> None:
    assert all(len(line) <= 75 for line in feed(found, "log", MADE).split(b"\r\n"))


@given(MATTERS, MATTERS)
def test_a_matter_keeps_its_id_whatever_becomes_of_it(one: Due, other: Due) -> None:
    later = Due(one.id, other.what, other.whom, other.due, other.since)

    assert ids(one) == ids(later)
    assert (ids(one) == ids(other)) is (one.id == other.id)


def ids(each: Due, origin: str = "log") -> list[str]:
    whole = Calendar.from_ical(feed([each], origin, MADE))
    return [str(event["uid"]) for event in whole.walk("VEVENT")]


def test_two_homes_have_ids_of_their_own() -> None:
    each = Due("EX-1", "what", ("desk",), date(2026, 1, 2), date(2026, 1, 1))

    assert ids(each, "log A") != ids(each, "log B")
