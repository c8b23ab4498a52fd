"""A breach of the contract: from what was measured to a notice that the provider must answer.

It is opened by the figures, once for each clause and window. Who drafted the notice does not send
it; sent, it runs until its cure date. Whoever wants to end the matter, with or without a notice,
needs another person's word.
"""

from __future__ import annotations

from datetime import timedelta

from routewarden.cases.case import Act, Case, Procedure, Step, Term
from routewarden.cases.roles import Role

KIND = "breach"
NOTICE = "notice"
"""The kind of document that a notice is."""

OPEN, DRAFTED, NOTICED, CURED, UNCURED, ESCALATED, DROPPING, CLOSING, CLOSED = (
    "open", "drafted", "noticed", "cured", "uncured", "escalated", "dropping", "closing", "closed",
)  # fmt: skip

DROPPED = ("data_error", "not_a_breach", "waived")
"""Why a breach is closed of which no notice was sent."""
ENDED = ("cured", "waived", "remediation", "terminated")
"""How one ended of which there was a notice."""

_UNSENT = frozenset({OPEN, DRAFTED})
_RUNS = frozenset({NOTICED, UNCURED, ESCALATED})
_AT_WORK = _UNSENT | _RUNS | {CURED}
_LEADS = frozenset({Role.SUPERVISOR, Role.COMPLIANCE})
_WORKS = _LEADS | {Role.ANALYST}
_SATURDAY = 5


def _is_noticed(_case: Case, act: Act) -> str:
    """A notice comes with the act that drafts it: one of an earlier draft is another's."""
    drafted = any(document.kind == NOTICE for document in act.documents)
    return "" if drafted else f"it needs the {NOTICE} (--attach FILE --as {NOTICE})"


def _cure_is_over(case: Case, act: Act) -> str:
    """Return why it is too early: as many weekdays must have passed as the cure has dates.

    Holidays come on top; the case's own date counts them.
    """
    sent, number = case.of("send")[-1].day, int(case.facts["cure"])
    span = (act.day - sent).days
    passed = sum((sent + timedelta(days=n)).weekday() < _SATURDAY for n in range(1, span + 1))
    if passed > number:
        return ""
    return f"the notice was sent on {sent}, and the provider has {number} trading dates"


PROCEDURE = Procedure(
    kind=KIND,
    mark="BR",
    title="a breach",
    begins=OPEN,
    ended=frozenset({CLOSED}),
    unasked=True,
    shared=frozenset({"send", "answer", "cure", "lapse"}),
    steps=(
        Step("assign", _AT_WORK, _LEADS, "give it to a user", names=True),
        Step("note", _AT_WORK, _WORKS, "say what was found", says=True),
        Step("attach", _AT_WORK, _WORKS, "add a document", shows=True),
        Step(
            "draft",
            _UNSENT,
            _WORKS,
            "put a notice in the case, which another person sends",
            to=DRAFTED,
            shows=True,
            guards=(_is_noticed,),
        ),
        Step(
            "send",
            frozenset({DRAFTED}),
            _LEADS,
            "state that the notice was sent to the provider, whose time to cure begins",
            to=NOTICED,
            needs=(NOTICE,),
            apart_from=("draft",),
            bound=True,
        ),
        Step(
            "answer",
            _RUNS,
            frozenset({Role.VENDOR}),
            "answer as the provider, with documents if there are any",
            says=True,
        ),
        Step("cure", frozenset({NOTICED, UNCURED}), _LEADS, "find it cured", to=CURED, says=True),
        Step(
            "lapse",
            frozenset({NOTICED}),
            _LEADS,
            "find that the time to cure passed without one",
            to=UNCURED,
            says=True,
            guards=(_cure_is_over,),
        ),
        Step(
            "escalate",
            frozenset({UNCURED}),
            _LEADS,
            "pass it on to those who supervise",
            to=ESCALATED,
            says=True,
        ),
        Step(
            "close",
            _UNSENT,
            _LEADS,
            "say what it was; a severe one waits for another person's word",
            to=DROPPING,
            says=True,
            choices=DROPPED,
        ),
        *(
            Step(
                "close",
                frozenset({state}),
                _LEADS | extra,
                "say what it was; a severe one waits for another person's word",
                to=CLOSING,
                says=True,
                choices=choices,
            )
            for state, extra, choices in (
                (CURED, frozenset[Role](), ENDED[:1]),
                (ESCALATED, frozenset({Role.SENIOR}), ENDED[1:]),
            )
        ),
        Step(
            "confirm",
            frozenset({DROPPING, CLOSING}),
            _LEADS | {Role.SENIOR},
            "agree to how another closed it",
            to=CLOSED,
            apart_from=("close",),
            bound=True,
        ),
        *(
            Step(
                "return",
                frozenset({state}),
                _LEADS | {Role.SENIOR},
                "have it looked into again",
                to=to,
                says=True,
                apart_from=("close",),
            )
            for state, to in ((DROPPING, OPEN), (CLOSING, NOTICED))
        ),
    ),
    terms={
        OPEN: Term("notice_days", from_opening=True),
        DRAFTED: Term("notice_days", from_opening=True),
        NOTICED: Term(fact="cure"),
        DROPPING: Term("confirmation_days"),
        CLOSING: Term("confirmation_days"),
    },
)
