"""Reliance on another member's review, in place of one's own, until two signed.

Source: FINRA Rule 5310.09(c), as secondary sources state it in November 2026: a member whose orders
another member handles as agent may rely on that member's review as long as its statistical results
and rationale are fully disclosed, and how it is conducted and the results are reviewed
periodically. The rule's own words govern. A provider of software that is no member gives nothing to
rely on.
"""

from __future__ import annotations

from routewarden.cases.case import Act, Case, Procedure, Step
from routewarden.cases.roles import Role

KIND = "reliance"
RESULTS, RATIONALE, CONDUCT = "results", "rationale", "conduct"
RELY, OWN_REVIEW = "rely", "own_review"

CHECKING, CONCLUDED, SIGNING, SIGNED = "checking", "concluded", "signing", "signed"
_DISCLOSED = (RESULTS, RATIONALE)
_CHECKED = (RESULTS, RATIONALE, CONDUCT)
_WORK = frozenset({Role.ANALYST, Role.COMPLIANCE, Role.SUPERVISOR, Role.MEMBER, Role.CHAIR})
_SIGN = frozenset({Role.COMPLIANCE, Role.SUPERVISOR, Role.MEMBER, Role.CHAIR, Role.SENIOR})


def missing(case: Case) -> tuple[str, ...]:
    """Return what is to do before one can rely: what is not disclosed, or not checked since."""
    done = list(case.acts)
    found = []
    for what in _CHECKED:
        disclosed = [n for n, a in enumerate(done) if (a.step, a.choice) == ("disclose", what)]
        checked = [n for n, a in enumerate(done) if (a.step, a.choice) == ("check", what)]
        if what in _DISCLOSED and not disclosed:
            found.append(f"{what}: not disclosed")
        elif not checked or checked[-1] < max(disclosed, default=0):
            found.append(f"{what}: not checked as last disclosed")
    return tuple(found)


def _whole(case: Case, act: Act) -> str:
    """To rely takes everything disclosed and checked; not to rely takes a reason only."""
    waits = missing(case) if act.choice == RELY else ()
    return f"{len(waits)} things are missing: {waits[0]}" if waits else ""


PROCEDURE = Procedure(
    kind=KIND,
    mark="RL",
    title="reliance on another member's review",
    begins=CHECKING,
    ended=frozenset({SIGNED}),
    opened_by=frozenset({Role.COMPLIANCE, Role.CHAIR, Role.ANALYST}),
    steps=(
        Step("note", frozenset({CHECKING}), _WORK, "say what was found", says=True),
        Step(
            "disclose", frozenset({CHECKING}), _WORK, "keep what the other member disclosed",
            says=True, shows=True, choices=_DISCLOSED,
        ),
        Step(
            "check", frozenset({CHECKING}), _WORK, "say how what was disclosed was checked",
            says=True, choices=_CHECKED,
        ),
        Step(
            "conclude", frozenset({CHECKING}), _SIGN, "say whether the firm relies on it",
            to=CONCLUDED, says=True, choices=(RELY, OWN_REVIEW), guards=(_whole,),
        ),
        Step(
            "sign", frozenset({CONCLUDED}), _SIGN, "put one's name to it as it stands", to=SIGNING,
            bound=True,
        ),
        Step(
            "sign", frozenset({SIGNING}), _SIGN, "put one's name to it as it stands", to=SIGNED,
            bound=True, apart_from=("sign",),
        ),
        Step(
            "reopen", frozenset({CONCLUDED, SIGNING}), _SIGN, "take it up again", to=CHECKING,
            says=True,
        ),
    ),
)  # fmt: skip
