"""An exception: findings of one pattern, until somebody has looked into them and said what it was.

A severe one takes two: who closes it, and another who confirms. What the same pattern tells on a
later date joins the open case; once it is closed, a new case begins that names the one before.
"""

from __future__ import annotations

from routewarden.cases.case import Procedure, Step, Term
from routewarden.cases.roles import Role

KIND = "exception"
FALSE_ALARM = "false_alarm"
DISPOSITIONS = (
    FALSE_ALARM,
    "data_error",
    "market_conditions",
    "justified",
    "routing_changed",
    "provider_notified",
    "other",
)
"""Why a case is closed; of all that are closed, `false_alarm` makes a rule's false-alarm rate."""

OPEN, ASSIGNED, ESCALATED, CLOSING, CLOSED = (
    "open", "assigned", "escalated", "closing", "closed",
)  # fmt: skip
_WAITS = frozenset({OPEN, ASSIGNED})
_AT_WORK = _WAITS | {ESCALATED}
_UNDECIDED = _AT_WORK | {CLOSING}
_LEADS = frozenset({Role.SUPERVISOR, Role.COMPLIANCE})
_WORKS = _LEADS | {Role.DESK, Role.ANALYST}

PROCEDURE = Procedure(
    kind=KIND,
    mark="EX",
    title="an exception",
    begins=OPEN,
    ended=frozenset({CLOSED}),
    unasked=True,
    steps=(
        Step("take", _WAITS, _WORKS, "have it oneself", to=ASSIGNED),
        Step("assign", _AT_WORK, _LEADS, "give it to a user", to=ASSIGNED, names=True),
        Step("note", _UNDECIDED, _WORKS, "say what was found", says=True),
        Step("attach", _UNDECIDED, _WORKS, "add a document", shows=True),
        Step(
            "escalate",
            _WAITS,
            _WORKS,
            "pass it on to those who supervise",
            to=ESCALATED,
            says=True,
        ),
        *(
            Step(
                "close",
                states,
                roles,
                "say what it was; a severe one waits for another person's word",
                to=CLOSED,
                severe=CLOSING,
                says=True,
                choices=DISPOSITIONS,
            )
            for states, roles in ((_WAITS, _WORKS), (frozenset({ESCALATED}), _LEADS))
        ),
        Step(
            "confirm",
            frozenset({CLOSING}),
            _LEADS,
            "agree to how another closed it",
            to=CLOSED,
            apart_from=("close",),
            bound=True,
        ),
        Step(
            "return",
            frozenset({CLOSING}),
            _LEADS,
            "have it looked into again",
            to=OPEN,
            says=True,
            apart_from=("close",),
        ),
        Step("reopen", frozenset({CLOSED}), _LEADS, "take it up again", to=OPEN, says=True),
    ),
    terms={
        **{
            state: Term("exception_days", by_severity=True, from_opening=True) for state in _AT_WORK
        },
        CLOSING: Term("confirmation_days"),
    },
)
