"""A remediation brought to some state, by the steps that lead there."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from routewarden.base.canonical import sha256
from routewarden.cases.case import Act, Case, Document, Opening, decide, opened
from routewarden.cases.remediation import PROCEDURE
from routewarden.cases.roles import Role
from routewarden.rules.rule import Severity

DAY = date(2026, 7, 1)
AT = "2026-07-01T15:00:00Z"
NOTICE = Document("notification", "letter.pdf", sha256(b"letter"))
PEOPLE = {
    "ann": Role.ANALYST,
    "sup": Role.SUPERVISOR,
    "com": Role.COMPLIANCE,
    "cha": Role.CHAIR,
    "sen": Role.SENIOR,
    "ven": Role.VENDOR,
}


def new() -> Case:
    """Return a remediation just opened."""
    facts = {"provider": "acme-sor", "router": "acme-sor"}
    opening = Opening(
        *("acme-sor", "a failure", Severity.HIGH, "sup", (Role.SUPERVISOR,), AT, DAY), facts
    )
    return opened(PROCEDURE, "RM-1", opening)


def act(step: str, by: str, case: Case, **said: Any) -> Act:  # noqa: ANN401 - the fields of an act
    """Return an act by somebody who has seen the case as it is."""
    role = PEOPLE[by]
    of = "acme-sor" if role is Role.VENDOR else ""
    return Act(step, by, (role,), AT, DAY, seen=case.digest, of=of, **said)


def taken(case: Case, step: str, by: str, **said: Any) -> Case:  # noqa: ANN401 - of an act
    """Return a case after somebody took a step."""
    return decide(case, act(step, by, case, **said))


def through(last: str) -> Case:
    """Return a case after its first steps, up to one."""
    until = DAY + timedelta(days=9)
    steps: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("attach", "ann", {"documents": (NOTICE,), "due": until}),
        ("notify", "com", {"due": until}),
        ("investigate", "sup", {}),
        ("exchange", "ven", {"reason": "our tables", "documents": (NOTICE,)}),
        ("conclude", "com", {"choice": "router_fault", "reason": "a stale table"}),
    )
    case = new()
    for step, by, said in steps:
        case = taken(case, step, by, **said)
        if step == last:
            break
    return case


def planned() -> Case:
    """Return a case with one action planned, for the provider."""
    case, due = through("conclude"), DAY + timedelta(days=20)
    return taken(case, "plan", "sup", item="tables", to="ven", due=due, reason="refresh")


def monitoring(*, done: bool = True) -> Case:
    """Return a case under heightened monitoring, its action done and verified or not."""
    case = taken(taken(planned(), "accept", "ven"), "approve", "com")
    case = taken(case, "monitor", "sup")
    if done:
        case = taken(case, "done", "ven", item="tables", documents=(NOTICE,))
        case = taken(case, "verify", "ann", item="tables", reason="seen")
    return case
