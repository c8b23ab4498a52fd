"""Reviews for tests: a case as it is opened, and acts of the persons who sit in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from routewarden.base.canonical import Digest
from routewarden.cases import coverage, review
from routewarden.cases.case import Act, Case, Document, Opening, decide, opened
from routewarden.cases.roles import Role
from routewarden.cases.sitting import facts_of
from routewarden.policy.best_execution import Factor
from routewarden.policy.committee import Committee, Seat
from routewarden.rules.rule import Severity

DAY = date(2026, 1, 20)
MEETING = "january"
MAP = Digest("aa" * 32)
ROLES = {
    "Ann": Role.CHAIR,
    "Bob": Role.MEMBER,
    "Cy": Role.MEMBER,
    "Di": Role.COMPLIANCE,
    "Eve": Role.MEMBER,
}
"""Eve is a member among the users, and has no seat."""
COMMITTEE = Committee(
    date(2026, 1, 1),
    {"Ann": Seat.CHAIR, "Bob": Seat.MEMBER, "Cy": Seat.MEMBER, "Di": Seat.SECRETARY},
    2, Fraction(1, 2), "procedures, 4.1", "the board",
)  # fmt: skip
FUNCTION = Committee(
    date(2026, 1, 1), {"Ann": Seat.OFFICER, "Di": Seat.REVIEWER}, 2, None, "procedures", "the board"
)
LINES = {"market": ["ABC", "XYZ"], "other": ["XYZ"]}
LACKING = {
    (Factor.NEEDS, "market"): {"ABC", "XYZ"},
    (Factor.NEEDS, "other"): {"XYZ"},
    (Factor.SPEED, "market"): {"XYZ"},
}
FACTS = {
    "quarter": "2025Q4", "manifest": "bb" * 32, "map": MAP, "setting": "cc" * 32,
    **coverage.facts_of(LINES, {"market": ["XYZ"], "other": []}, LACKING),
}  # fmt: skip


def new(committee: Committee = COMMITTEE, drafts: Sequence[str] = ("slower",)) -> Case:
    """A review of two securities, its map attached; XYZ is thin."""
    facts = {**FACTS, **facts_of(committee), **review.drafted(list(drafts))}
    opening = Opening(
        "2025Q4", "Quarterly review 2025Q4", Severity.MEDIUM, "Di", (Role.COMPLIANCE,),
        "2026-01-20T15:00:00Z", DAY, facts,
    )  # fmt: skip
    case = opened(review.PROCEDURE, "RV-1", opening)
    return done(case, "Di", "attach", documents=(Document(review.MAP, "map.csv", MAP),))


def act(by: str, step: str, **said: Any) -> Act:  # noqa: ANN401 - the fields of an act
    return Act(step, by, (ROLES[by],), "2026-01-20T15:00:00Z", DAY, **said)


def done(case: Case, by: str, step: str, **said: Any) -> Case:  # noqa: ANN401
    return decide(case, act(by, step, **said))


def sitting(case: Case | None = None, *names: str) -> Case:
    """A review whose meeting is convened, by default with everybody there."""
    case = new() if case is None else case
    for name in names or ("Ann", "Bob", "Cy", "Di"):
        case = done(case, name, "attend", item=MEETING)
    return done(case, "Ann", "convene", item=MEETING)


def considered(case: Case, by: str = "Bob") -> Case:
    """A review with a word on every cell, and on order-by-order review."""
    case = done(case, by, "order-by-order", choice="does_not_apply", reason="automatic")
    for item in ("needs|market|*", "needs|other|XYZ", "thin"):
        case = done(case, by, "consider", item=item, choice="open", reason="no number")
    return case


def complete(case: Case | None = None) -> Case:
    """A review that lacks its minutes only: a difference justified, a motion passed."""
    case = considered(sitting(case))
    case = done(case, "Bob", "difference", item="D1", reason="twice as slow")
    case = done(
        case, "Ann", "decide", item="D1", choice=review.JUSTIFY, to="Bob", due=date(2026, 3, 1),
        reason="the provider mends it",
    )  # fmt: skip
    case = done(case, "Ann", "move", item="M1", reason="that it be adopted")
    for name, choice in (("Ann", "yes"), ("Bob", "abstain"), ("Cy", "no")):
        case = done(case, name, "vote", item="M1", choice=choice)
    return done(case, "Ann", "tally", item="M1", choice="failed")


def minuted(case: Case, by: str = "Di") -> Case:
    held = (Document(review.MINUTES, "minutes.pdf", Digest("dd" * 32)),)
    return done(case, by, "minute", documents=held, seen=case.digest)


def signed(case: Case, *names: str) -> Case:
    for name in names:
        case = done(case, name, "sign", seen=case.digest)
    return case
