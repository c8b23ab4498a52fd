"""The remediation of a provider: from the formal notice of a failure until it is mended, or ended.

The firm and the provider exchange what they found, the firm says what it was, actions are planned,
accepted and verified, and a statistical test ends the heightened monitoring. Or the firm keeps the
provider as it is, for reasons that two people sign, or it leaves it for a named alternative.

What the test says is computed: no step by hand takes its place (`COMPUTED`).
"""

from __future__ import annotations

from collections.abc import Mapping

from routewarden.cases.case import Act, Case, Procedure, Step, Term
from routewarden.cases.roles import Role

KIND = "remediation"
NOTIFICATION = "notification"
TEST_DOCUMENT = "sequential test"
TRANSITION_PLAN = "transition plan"
TEST, RELEASE, RETURN, CONTINUE = "sequential-test", "release", "return", "continue"

FAULTS = frozenset({"router_fault", "venue_fault", "firm_fault"})
"""What makes a failure a confirmed one."""
CAUSES = ("router_fault", "venue_fault", "firm_fault", "market", "data")
COMPUTED = frozenset({TEST})
"""Steps that a command takes with what it computed; there is no way to take them by hand."""

OPEN, NOTIFIED, INVESTIGATING, PLANNING, MONITORING = (
    "open", "notified", "investigating", "planning", "monitoring",
)  # fmt: skip
RELEASING, JUSTIFYING, LEAVING, TERMINATING = "releasing", "justifying", "leaving", "terminating"
RESOLVED, JUSTIFIED, TERMINATED = "resolved", "justified", "terminated"

_ENDED = frozenset({RESOLVED, JUSTIFIED, TERMINATED})
_AT_WORK = frozenset({NOTIFIED, INVESTIGATING, PLANNING, MONITORING})
_DECIDED = frozenset({RELEASING, JUSTIFYING, LEAVING, TERMINATING})
_LEADS = frozenset({Role.SUPERVISOR, Role.COMPLIANCE})
_DECIDES = frozenset({Role.COMPLIANCE, Role.CHAIR})
_OPENS = _LEADS | _DECIDES
_WORKS = _OPENS | {Role.ANALYST}


def plan_of(case: Case) -> Mapping[str, Act]:
    """Return the actions planned since the last finding, by item, each as last planned."""
    return {act.item: act for act in _since(case, "conclude") if act.step == "plan"}


def unverified(case: Case) -> tuple[str, ...]:
    """Return the planned actions that nobody has verified since they were last done."""
    open_items = dict.fromkeys(plan_of(case), True)
    for act in _since(case, "conclude"):
        if act.step in {"plan", "done", "verify"}:
            open_items[act.item] = act.step != "verify"
    return tuple(item for item, is_open in open_items.items() if is_open)


def monitored_since(case: Case) -> Act | None:
    """Return the act that began the monitoring there is or was last."""
    return next(reversed(case.of("monitor")), None)


def _since(case: Case, *steps: str) -> tuple[Act, ...]:
    """Return the acts after the last one of some steps; all of them where there is none."""
    last = max((n for n, act in enumerate(case.acts) if act.step in steps), default=-1)
    return case.acts[last + 1 :]


def _has_followed(case: Case, step: str, *others: str) -> bool:
    """Return whether a step was taken after the last of some others."""
    return any(act.step == step for act in _since(case, *others))


def _as_written(case: Case, act: Act) -> str:
    letters = [
        each for each in case.acts if any(held.kind == NOTIFICATION for held in each.documents)
    ]
    until = letters[-1].due if letters else None
    differs = until is not None and act.due != until
    return f"the notification asks for an answer by {until} (--due {until})" if differs else ""


def _answered(case: Case, act: Act) -> str:
    if any(Role.VENDOR in each.roles for each in _since(case, "notify") if each.step == "exchange"):
        return ""
    until = case.of("notify")[-1].due
    if until is not None and act.day > until:
        return ""
    return f"the provider has exchanged no findings, and has until {until}"


def _is_planned(case: Case, _: Act) -> str:
    return "" if plan_of(case) else "no action is planned (`case plan`)"


def _is_accepted(case: Case, act: Act) -> str:
    if why := _is_planned(case, act):
        return why
    taken = _has_followed(case, "accept", "plan", "conclude")
    return "" if taken else "the provider has not accepted the plan as it stands"


def _is_approved(case: Case, _: Act) -> str:
    taken = _has_followed(case, "approve", "plan", "conclude")
    return "" if taken else "the plan as it stands is not approved"


def _is_item(case: Case, act: Act) -> str:
    known = plan_of(case)
    return "" if act.item in known else f"no action '{act.item}'; there are {', '.join(known)}"


def _is_theirs(case: Case, act: Act) -> str:
    owner = plan_of(case)[act.item].to
    is_theirs = act.by == owner or Role.VENDOR in act.roles
    return "" if is_theirs else f"'{act.item}' is {owner}'s, or the provider's"


def _is_done(case: Case, act: Act) -> str:
    by: list[str] = []
    for each in _since(case, "conclude"):
        if each.item == act.item and each.step in {"plan", "done"}:
            by = [*by, each.by] if each.step == "done" else []
    if not by:
        return f"'{act.item}' is not done yet"
    return f"{act.by} did '{act.item}', and it takes another person" if act.by in by else ""


def _is_verified(case: Case, _: Act) -> str:
    left = ", ".join(unverified(case))
    return f"not verified: {left}" if left else ""


def _is_tested(case: Case, _: Act) -> str:
    tests = [act for act in _since(case, "monitor", RETURN) if act.step == TEST]
    if not tests:
        return "no sequential test of this monitoring is kept (`remedy test`)"
    said = tests[-1].choice
    return "" if said == RELEASE else f"the sequential test says {said}"


def _is_another(case: Case, act: Act) -> str:
    same = act.item.strip() in {case.facts.get("provider"), case.facts.get("router")}
    return "the alternative is the provider's own router" if same else ""


def _any(*states: str) -> frozenset[str]:
    return frozenset(states)


_VENDOR = frozenset({Role.VENDOR})

_FILE = (
    Step("assign", _AT_WORK | {OPEN}, _LEADS, "give it to a user", names=True),
    Step("note", _AT_WORK | _DECIDED | {OPEN}, _WORKS, "say what was found", says=True),
    Step("attach", _AT_WORK | _DECIDED | {OPEN}, _WORKS, "add a document", shows=True),
    Step(
        "notify",
        _any(OPEN),
        _DECIDES,
        "send the provider the formal notification, with the date its answer is due",
        to=NOTIFIED,
        dated=True,
        needs=(NOTIFICATION,),
        bound=True,
        guards=(_as_written,),
    ),
)
_INQUIRY = (
    Step(
        "exchange",
        _any(NOTIFIED, INVESTIGATING, PLANNING),
        _WORKS | _VENDOR,
        "give the other side what was found: routing tables, market data, venues",
        says=True,
        shows=True,
    ),
    Step("investigate", _any(NOTIFIED), _LEADS, "begin the joint investigation", to=INVESTIGATING),
    Step(
        "conclude",
        _any(INVESTIGATING),
        _OPENS,
        "say what the failure was due to",
        to=PLANNING,
        says=True,
        choices=CAUSES,
        guards=(_answered,),
    ),
)
_ACTIONS = (
    Step(
        "plan",
        _any(PLANNING),
        _WORKS,
        "plan an action, or change one: who does it, by when",
        says=True,
        items=True,
        names=True,
        dated=True,
    ),
    Step(
        "accept",
        _any(PLANNING),
        _VENDOR,
        "accept the plan, for the provider",
        bound=True,
        guards=(_is_planned,),
    ),
    Step(
        "approve",
        _any(PLANNING),
        frozenset({Role.COMPLIANCE}),
        "approve the plan that the provider accepted",
        apart_from=("plan",),
        bound=True,
        guards=(_is_accepted,),
    ),
    Step(
        "done",
        _any(PLANNING, MONITORING),
        _WORKS | _VENDOR | {Role.DESK},
        "show that an action is done",
        items=True,
        shows=True,
        guards=(_is_approved, _is_item, _is_theirs),
    ),
    Step(
        "verify",
        _any(PLANNING, MONITORING),
        _WORKS,
        "confirm that an action is done, having looked",
        says=True,
        items=True,
        guards=(_is_item, _is_done),
    ),
)
_WATCH = (
    Step(
        "monitor",
        _any(PLANNING),
        _LEADS,
        "begin heightened monitoring",
        to=MONITORING,
        guards=(_is_accepted, _is_approved),
    ),
    Step(
        TEST,
        _any(MONITORING),
        _LEADS | {Role.ANALYST},
        "keep what the sequential test says (`remedy test`)",
        shows=True,
        choices=(CONTINUE, RELEASE, RETURN),
    ),
    Step(
        RELEASE,
        _any(MONITORING),
        _LEADS,
        "propose to end heightened monitoring",
        to=RELEASING,
        says=True,
        needs=(TEST_DOCUMENT,),
        bound=True,
        guards=(_is_verified, _is_tested),
    ),
    *(
        Step(
            "confirm",
            _any(waits),
            roles,
            "agree to how another closed it",
            to=to,
            apart_from=(by,),
            bound=True,
        )
        for waits, roles, by, to in (
            (RELEASING, _OPENS, RELEASE, RESOLVED),
            (JUSTIFYING, frozenset({Role.COMPLIANCE}), "justify", JUSTIFIED),
        )
    ),
    *(
        Step(RETURN, states, _OPENS, "have it looked into again", to=to, says=True)
        for states, to in (
            (_any(PLANNING, MONITORING, JUSTIFYING, LEAVING), INVESTIGATING),
            (_any(RELEASING), MONITORING),
        )
    ),
)
_ENDS = (
    Step(
        "justify",
        _any(INVESTIGATING, PLANNING, MONITORING),
        frozenset({Role.CHAIR}),
        "propose to keep the provider without change, with the committee's reasons",
        to=JUSTIFYING,
        says=True,
        bound=True,
    ),
    Step(
        "terminate",
        _AT_WORK,
        _DECIDES,
        "propose to leave the provider for the router that --item names",
        to=LEAVING,
        says=True,
        items=True,
        needs=(TRANSITION_PLAN,),
        guards=(_is_another,),
    ),
    Step(
        "sign",
        _any(LEAVING),
        frozenset({Role.SENIOR}),
        "sign for senior management",
        to=TERMINATING,
        apart_from=("terminate",),
        bound=True,
    ),
    Step(
        "cease",
        _any(TERMINATING),
        _OPENS,
        "confirm, with evidence, that no order goes to the provider any more",
        to=TERMINATED,
        says=True,
        shows=True,
        apart_from=("sign",),
    ),
    Step(
        "reopen",
        _any(RESOLVED, JUSTIFIED),
        _LEADS,
        "take it up again",
        to=INVESTIGATING,
        says=True,
    ),
)

PROCEDURE = Procedure(
    kind=KIND,
    mark="RM",
    title="a remediation",
    begins=OPEN,
    ended=_ENDED,
    opened_by=_OPENS,
    shared=frozenset(
        {"notify", "exchange", "conclude", "plan", "accept", "approve", "done", "verify", "monitor"}
    ),
    steps=(*_FILE, *_INQUIRY, *_ACTIONS, *_WATCH, *_ENDS),
    terms={
        OPEN: Term("remedy_notice_days"),
        NOTIFIED: Term("remedy_answer_days"),
        INVESTIGATING: Term("remedy_investigation_days"),
        PLANNING: Term("remedy_plan_days"),
        MONITORING: Term("remedy_monitoring_days"),
        RELEASING: Term("confirmation_days"),
        JUSTIFYING: Term("confirmation_days"),
        LEAVING: Term("confirmation_days"),
        TERMINATING: Term("remedy_transition_days"),
    },
)
