"""What is due: one list, of whatever kind, for whom, by when and since when.

Open cases with a date, what somebody took on in one by a date, quarters that ended without a
review, and users whose last date is near. What has no date is not in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from routewarden.base.period import Quarter, quarter_of
from routewarden.cases.case import Act, Case
from routewarden.cases.deadline import due, trading_dates_after
from routewarden.cases.roles import Role
from routewarden.evidence.table import Cell, Heading, Table, Tone, text_cell
from routewarden.runs.review.document import REVIEW
from routewarden.store.cases import docket, visible
from routewarden.store.home import Home
from routewarden.store.results import Results
from routewarden.store.session import new_york_date
from routewarden.store.users import ADDED, User, users

_REVIEWS = (Role.ANALYST, Role.SUPERVISOR, Role.COMPLIANCE)
"""Who prepares a review."""


@dataclass(frozen=True, slots=True)
class Due:
    """A matter with a date: `id` names it for good, `whom` are users or roles."""

    id: str
    what: str
    whom: tuple[str, ...]
    due: date
    since: date

    def is_overdue(self, today: date) -> bool:
        """Return whether its date is past."""
        return self.due < today


def calendar(home: Home, until: date | None = None, whom: str = "") -> list[Due]:
    """Return what is due by a date, or at all, the earliest first; of a user or role, or of all.

    A provider's user sees what is theirs in the cases with it, and nothing else of the firm's.
    """
    known = users(home.log)
    cases = [case for case in visible(docket(home).cases.values(), home) if case.is_open]
    found = [*_of_cases(home, cases), *_of_acts(cases)]
    if Role.VENDOR not in home.actor.roles:
        found += [*_of_quarters(home), *_of_users(home, known)]
    asked = [
        each
        for each in found
        if (until is None or each.due <= until) and (not whom or _is_for(each, whom, known))
    ]
    return sorted(asked, key=lambda each: (each.due, each.id))


def _is_for(each: Due, whom: str, known: Mapping[str, User]) -> bool:
    """Return whether a matter is a user's or a role's.

    What is a role's is that of every user who has it, and what is a user's that of their roles.
    """
    mine = {whom, *_roles(known.get(whom))}
    theirs = {*each.whom, *(role for name in each.whom for role in _roles(known.get(name)))}
    return bool(mine.intersection(each.whom)) or whom in theirs


def _roles(user: User | None) -> tuple[str, ...]:
    return () if user is None else tuple(role.value for role in user.roles)


def _of_cases(home: Home, cases: Sequence[Case]) -> Iterator[Due]:
    policy = home.policy()
    for case in cases:
        last = due(case, policy.calendar, policy.limits)
        if last is None:
            continue
        steps = [step for step in case.procedure.steps if case.state in step.of]
        roles = sorted({role.value for step in steps for role in step.roles})
        whom = (case.owner,) if case.owner else tuple(roles)
        what = f"{case.title}: {case.state} ({case.severity})"
        yield Due(case.id, f"{case.id} {what}", whom, last, case.entered)


def _of_acts(cases: Sequence[Case]) -> Iterator[Due]:
    """Yield what was given to a user by a date, and is not done.

    It is done when a later act is about the same item or, where it has no item, is theirs.
    """
    for case in cases:
        for number, act in enumerate(case.acts):
            if act.due is None or not act.to or _is_done(act, case.acts[number + 1 :]):
                continue
            what = f"{case.id} {case.title}: {act.item or act.reason or act.step}"
            yield Due(f"{case.id}.{number}", what, (act.to,), act.due, act.day)


def _is_done(act: Act, later: Sequence[Act]) -> bool:
    if act.item:
        return any(each.item == act.item for each in later)
    return any(each.by == act.to for each in later)


def _of_quarters(home: Home) -> Iterator[Due]:
    """Yield the quarters that ended without a review, from the first that anything was measured."""
    dates = Results(home.measured).dates()
    made = {entry.content["subject"] for entry in home.log.entries(REVIEW)}
    policy, today = home.policy(), home.today()
    for quarter in _ended(min(dates), today) if dates else ():
        last = quarter.span.last
        number = int(policy.limits.at("review_days", last).value)
        by = trading_dates_after(last, number, policy.calendar)
        if str(quarter) not in made and by is not None:
            whom = tuple(role.value for role in _REVIEWS)
            yield Due(f"review {quarter}", f"Review of {quarter}", whom, by, _after(last))


def _ended(first: date, today: date) -> Iterator[Quarter]:
    """Yield the quarters from that of a date on which are over."""
    quarter = quarter_of(first)
    while quarter.span.last < today:
        yield quarter
        quarter = quarter_of(_after(quarter.span.last))


def _after(day: date) -> date:
    return day + timedelta(days=1)


def _of_users(home: Home, known: Mapping[str, User]) -> Iterator[Due]:
    since = {entry.seq: new_york_date(entry.content["at"]) for entry in home.log.entries(ADDED)}
    today = home.today()
    for user in known.values():
        if user.until is not None and user.is_on(today):
            what = f"Last date of user {user.name} ({', '.join(user.roles)})"
            whom = (Role.ADMINISTRATOR.value,)
            yield Due(f"user {user.name}", what, whom, user.until, since[user.since])


_HEADINGS = (
    Heading("due", dated=True),
    Heading("what"),
    Heading("for"),
    Heading("since", dated=True),
)


def listed(found: Sequence[Due], today: date) -> Table:
    """Return the table of what is due."""
    rows = tuple(_row(each, today) for each in found)
    return Table("due", "What is due", f"As of {today}.", _HEADINGS, rows)


def _row(each: Due, today: date) -> tuple[Cell, ...]:
    late = each.is_overdue(today)
    when = str(each.due)
    return (
        Cell(f"{when} overdue" if late else when, when, tone=Tone.BAD if late else Tone.NEUTRAL),
        text_cell(each.what),
        text_cell(", ".join(each.whom)),
        text_cell(str(each.since)),
    )


def due_json(each: Due, today: date) -> dict[str, Any]:
    """Return a matter as a JSON value."""
    return {
        "id": each.id,
        "what": each.what,
        "for": list(each.whom),
        "due": str(each.due),
        "since": str(each.since),
        "overdue": each.is_overdue(today),
    }
