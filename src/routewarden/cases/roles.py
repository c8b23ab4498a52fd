"""Roles, what each may do, and which nobody holds together: separation of duties as data.

A *right* lets somebody use commands of a sort. What may be done to a case is finer: each step of a
procedure names the roles that take it. Nobody, who shows no token, is the operating-system account
that the home belongs to: it may work the machine, and it can settle nothing in a person's name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum


class Role(StrEnum):
    """What a user is to the firm."""

    DESK = "desk"
    ANALYST = "analyst"
    SUPERVISOR = "supervisor"
    MEMBER = "member"
    CHAIR = "chair"
    COMPLIANCE = "compliance"
    SENIOR = "senior"
    AUDITOR = "auditor"
    EXAMINER = "examiner"
    ADMINISTRATOR = "administrator"
    VENDOR = "vendor"
    NOBODY = "nobody"


MEANS: Mapping[Role, str] = {
    Role.DESK: "trades, and looks into exceptions",
    Role.ANALYST: "measures execution, and prepares what others decide on",
    Role.SUPERVISOR: "supervises the desk, and confirms what it closes",
    Role.MEMBER: "votes in the best-execution committee",
    Role.CHAIR: "leads the committee, and signs its minutes",
    Role.COMPLIANCE: "watches that the firm does what its procedures say",
    Role.SENIOR: "senior management: is presented with the annual report, and signs it",
    Role.AUDITOR: "reads everything, and changes nothing",
    Role.EXAMINER: "reads everything until a date, and changes nothing",
    Role.ADMINISTRATOR: "adds users and keeps the machine, and approves nothing",
    Role.VENDOR: "the router's provider: answers in the firm's matters with it, sees no others",
    Role.NOBODY: "shows no token: the operating-system account, which the home trusts",
}


class Right(StrEnum):
    """What commands of a sort need."""

    LOOK = "look"
    TAKE_AWAY = "take away"
    CHECK = "check"
    OPERATE = "operate"
    PROPOSE = "propose"
    APPROVE = "approve"
    APPOINT = "appoint"
    SEE_CASES = "see cases"
    ACT = "act"
    NOTHING = "no home"


RIGHTS: Mapping[Right, str] = {
    Right.LOOK: "look at scorecards, findings, lists and settings",
    Right.TAKE_AWAY: "take customer data out of the home: exports, pages, reviews, packs",
    Right.CHECK: "check the log, the files and what was made of them",
    Right.OPERATE: "take files in, measure, back up, repair, keep keys",
    Right.PROPOSE: "propose a setting, a hold, a purge",
    Right.APPROVE: "approve what another proposed, settle what two records contradict",
    Right.APPOINT: "add and remove users and registered keys",
    Right.SEE_CASES: "see cases and their documents",
    Right.ACT: "act on a case, as far as its procedure lets the role",
    Right.NOTHING: "what touches no home: anyone",
}

_READS = frozenset({Right.LOOK, Right.CHECK, Right.SEE_CASES, Right.NOTHING})
_TAKES = _READS | {Right.TAKE_AWAY}
_WORKS = _TAKES | {Right.ACT}

GRANTS: Mapping[Role, frozenset[Right]] = {
    Role.DESK: _READS | {Right.ACT},
    Role.ANALYST: _WORKS | {Right.OPERATE, Right.PROPOSE},
    Role.SUPERVISOR: _WORKS | {Right.PROPOSE, Right.APPROVE},
    Role.MEMBER: _WORKS | {Right.APPROVE},
    Role.CHAIR: _WORKS | {Right.APPROVE},
    Role.COMPLIANCE: _WORKS | {Right.PROPOSE, Right.APPROVE},
    Role.SENIOR: _WORKS | {Right.APPROVE},
    Role.AUDITOR: _READS,
    Role.EXAMINER: _TAKES,
    Role.ADMINISTRATOR: frozenset(
        {Right.LOOK, Right.CHECK, Right.OPERATE, Right.APPOINT, Right.NOTHING}
    ),
    Role.VENDOR: frozenset({Right.SEE_CASES, Right.ACT, Right.NOTHING}),
    Role.NOBODY: _TAKES - {Right.SEE_CASES}
    | {Right.OPERATE, Right.PROPOSE, Right.APPROVE, Right.SEE_CASES, Right.NOTHING},
}
"""What each role may do. Nobody proposes and approves by registered key only."""

ALONE = frozenset(
    {Role.AUDITOR, Role.EXAMINER, Role.ADMINISTRATOR, Role.VENDOR, Role.NOBODY},
)
"""Roles that go with no other: who watches does not act, and who appoints does not approve."""

_APART = (frozenset({Role.DESK, Role.SUPERVISOR}), frozenset({Role.DESK, Role.COMPLIANCE}))
"""Pairs that nobody holds together: nobody supervises their own trading."""


def may(roles: Iterable[Role], right: Right) -> bool:
    """Return whether one of some roles has a right."""
    return any(right in GRANTS[role] for role in roles)


def clash(roles: Collection[Role]) -> str:
    """Return why nobody can hold these roles together; empty if one person can."""
    held = frozenset(roles)
    if not held:
        return "a user has at least one role"
    if Role.NOBODY in held:
        return "nobody is who shows no token, and no user's role"
    if len(held) > 1 and (alone := sorted(held & ALONE)):
        return f"{alone[0]} goes with no other role"
    for pair in _APART:
        if pair <= held:
            return f"{' and '.join(sorted(pair))} are two persons"
    return ""
