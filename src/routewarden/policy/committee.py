"""Who reviews execution quality: a committee, or a named officer and a second reviewer.

Nothing ships. A setting counts from its date until a later one. Of a committee, the secretary
keeps the minutes: they neither vote nor count towards the quorum.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from routewarden.base.errors import RoutewardenError

COMMITTEE = "committee.toml"
COMMITTEE_TEXT = """\
# Who reviews execution quality: each setting counts from its date until a later one.
# Names are those of the firm's users (`routewarden user list`).
#
# A committee. The quorum is a number of voting members or a part of them. A motion passes when the
# votes for it are more than the majority's part of those for and against. A secretary has no vote.
#
# [[committee]]
# from = 2026-01-01
# quorum = "2/3"
# majority = "1/2"
# source = "written supervisory procedures, 4.1"
# approved_by = "who approved it"
# [committee.members]
# "Ann Lee" = "chair"
# "Bob Ray" = "member"
# "Cy Poe" = "member"
# "Di Fox" = "secretary"
#
# Or, for a small firm, a designated function: an officer, and a second who reviews what they do.
#
# [[function]]
# from = 2026-01-01
# officer = "Ann Lee"
# reviewer = "Bob Ray"
# source = "written supervisory procedures, 4.1"
# approved_by = "who approved it"
"""


class Seat(StrEnum):
    """What somebody is in the review."""

    CHAIR = "chair"
    MEMBER = "member"
    SECRETARY = "secretary"
    OFFICER = "officer"
    REVIEWER = "reviewer"


_OF_COMMITTEE = (Seat.CHAIR, Seat.MEMBER, Seat.SECRETARY)


class CommitteeError(RoutewardenError):
    """The firm's setting of who reviews cannot be used."""

    def __init__(self, *, entry: str, value: object) -> None:
        super().__init__(
            f"policy/{COMMITTEE}: {entry}: {value}. Write [[committee]] with from, quorum, "
            "majority, source, approved_by and members, or [[function]] with from, officer, "
            "reviewer, source and approved_by."
        )


class NoCommitteeError(RoutewardenError):
    """Nobody is set to review on a date."""

    def __init__(self, day: date) -> None:
        super().__init__(
            f"policy/{COMMITTEE}: nobody is set to review on {day}. Write who is, and have it "
            "approved: `routewarden policy propose`."
        )


@dataclass(frozen=True, slots=True)
class Committee:
    """Who reviews from a date on.

    `quorum` is a number of members who vote, `majority` the part of the votes for and against that
    those for a motion must exceed; None where an officer and a reviewer sign in place of votes.
    """

    since: date
    seats: Mapping[str, Seat]
    quorum: int
    majority: Fraction | None
    source: str
    approved_by: str


def committee_on(settings: tuple[Committee, ...], day: date) -> Committee:
    """Return who reviews on a date.

    Raises:
        NoCommitteeError: Nobody is set to.
    """
    begun = [each for each in settings if each.since <= day]
    if not begun:
        raise NoCommitteeError(day)
    return max(begun, key=lambda each: each.since)


def read_committee(text: str) -> tuple[Committee, ...]:
    """Return the settings of a `committee.toml`.

    Raises:
        CommitteeError: It is not that.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CommitteeError(entry="the file", value=str(error)) from error
    if extra := set(table) - {"committee", "function"}:
        raise CommitteeError(entry=min(extra), value="no such entry")
    found = (
        *map(_committee, _rows(table, "committee")),
        *map(_function, _rows(table, "function")),
    )
    dates = [each.since for each in found]
    if len(dates) > len(set(dates)):
        raise CommitteeError(entry="from", value=f"two from {max(dates, key=dates.count)}")
    return found


def _rows(table: Mapping[str, object], name: str) -> Iterator[Mapping[str, object]]:
    rows = table.get(name, [])
    if not isinstance(rows, list):
        raise CommitteeError(entry=name, value=rows)
    for row in rows:
        if not isinstance(row, dict):
            raise CommitteeError(entry=name, value=row)
        yield row


def _committee(row: Mapping[str, object]) -> Committee:
    _only(row, {"from", "quorum", "majority", "source", "approved_by", "members"})
    seats = _seats(row["members"])
    if Seat.CHAIR not in seats.values():
        raise CommitteeError(entry="members", value="nobody is the chair")
    voting = sum(seat is not Seat.SECRETARY for seat in seats.values())
    if voting < _TWO:
        raise CommitteeError(entry="members", value="a committee has two who vote, or more")
    majority = _part("majority", row["majority"])
    if majority == 1:
        raise CommitteeError(entry="majority", value="more than all cannot be")
    return Committee(
        _since(row), seats, _quorum(row["quorum"], voting), majority, _text(row, "source"),
        _text(row, "approved_by"),
    )  # fmt: skip


def _function(row: Mapping[str, object]) -> Committee:
    _only(row, {"from", "officer", "reviewer", "source", "approved_by"})
    officer, reviewer = _text(row, "officer"), _text(row, "reviewer")
    if officer == reviewer:
        raise CommitteeError(entry="reviewer", value=f"{reviewer} is the officer")
    seats = {officer: Seat.OFFICER, reviewer: Seat.REVIEWER}
    source, approved_by = _text(row, "source"), _text(row, "approved_by")
    return Committee(_since(row), seats, _TWO, None, source, approved_by)


_TWO = 2  # nobody reviews alone


def _only(row: Mapping[str, object], keys: set[str]) -> None:
    if odd := set(row) ^ keys:
        raise CommitteeError(entry=min(odd), value="missing" if min(odd) in keys else "no entry")


def _seats(members: object) -> dict[str, Seat]:
    if not isinstance(members, dict) or not members:
        raise CommitteeError(entry="members", value=members)
    for name, seat in members.items():
        if not name.strip() or seat not in _OF_COMMITTEE:
            raise CommitteeError(entry=f"members: {name}", value=seat)
    return {name: Seat(seat) for name, seat in members.items()}


def _quorum(value: object, voting: int) -> int:
    """Return how many it takes: two at least, however small the part."""
    number = value if type(value) is int else math.ceil(_part("quorum", value) * voting)
    if not _TWO <= number <= voting:
        raise CommitteeError(entry="quorum", value=f"{value} of {voting} who vote")
    return number


def _part(entry: str, value: object) -> Fraction:
    """Return a part of a whole, written "2/3": over none and up to all."""
    try:
        part = Fraction(value) if isinstance(value, str) else Fraction(0)
    except (ValueError, ZeroDivisionError):
        part = Fraction(0)
    if not 0 < part <= 1:
        raise CommitteeError(entry=entry, value=value)
    return part


def _since(row: Mapping[str, object]) -> date:
    since = row["from"]
    if not isinstance(since, date) or type(since) is not date:
        raise CommitteeError(entry="from", value=since)
    return since


def _text(row: Mapping[str, object], key: str) -> str:
    text = row[key]
    if not isinstance(text, str) or not text.strip():
        raise CommitteeError(entry=key, value=text)
    return text
