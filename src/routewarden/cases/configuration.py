"""A router's new version: proposed, tested, approved by two, and in force from a date.

The case is about the bytes that were proposed as `policy/router.toml`, by their digest. Who opened
or tested it approves nothing of it, and each approval is bound to the case as its author saw it. It
ends when the file in force is shown to be the one approved.
"""

from __future__ import annotations

from routewarden.base.canonical import Digest
from routewarden.cases.case import Act, Case, Procedure, Step, Term
from routewarden.cases.roles import Role

KIND = "configuration"
RESULTS = "test results"
PASSED, FAILED = "passed", "failed"
ROUTER, VERSION, SINCE, DIGEST = "router", "version", "from", "digest"
"""What a case says of the version, among its facts."""

PROPOSED, TESTED, AGREED, APPROVED, IN_FORCE, WITHDRAWN = (
    "proposed", "tested", "agreed by one", "approved", "in force", "withdrawn",
)  # fmt: skip
_UNDECIDED = frozenset({PROPOSED, TESTED, AGREED, APPROVED})
_LEADS = frozenset({Role.SUPERVISOR, Role.COMPLIANCE})
_WORKS = _LEADS | {Role.ANALYST}
_DECIDES = _LEADS | {Role.MEMBER, Role.CHAIR, Role.SENIOR}


def _is_not_theirs(case: Case, act: Act) -> str:
    return f"{act.by} proposed it, and it takes another person" if act.by == case.opened_by else ""


def _has_passed(case: Case, _act: Act) -> str:
    passed = case.of("test")[-1].choice == PASSED
    return "" if passed else "its last test failed; test it again, or withdraw it"


def _is_the_one(case: Case, act: Act) -> str:
    """Say that the file shown is not the one approved, or the date not the version's."""
    digest = Digest(case.facts[DIGEST])
    if str(act.due) != case.facts[SINCE]:
        return f"the version says from {case.facts[SINCE]} (--due)"
    if digest in {document.digest for document in act.documents}:
        return ""
    return f"show policy/router.toml as it is in force: SHA-256 {digest} (--attach FILE)"


def _approve(state: str, to: str, *apart: str) -> Step:
    return Step(
        "approve",
        frozenset({state}),
        _DECIDES,
        "agree to what another prepared",
        to=to,
        needs=(RESULTS,),
        apart_from=("test", *apart),
        bound=True,
        guards=(_is_not_theirs, _has_passed),
    )


PROCEDURE = Procedure(
    kind=KIND,
    mark="CF",
    title="a router's configuration",
    begins=PROPOSED,
    ended=frozenset({IN_FORCE, WITHDRAWN}),
    opened_by=_WORKS,
    steps=(
        Step("note", _UNDECIDED, _WORKS | _DECIDES, "say what was found", says=True),
        Step("attach", _UNDECIDED, _WORKS, "add a document", shows=True),
        Step(
            "test",
            frozenset({PROPOSED, TESTED, AGREED}),
            _WORKS,
            "say how the tests went, and show their results",
            to=TESTED,
            says=True,
            shows=True,
            choices=(PASSED, FAILED),
            needs=(RESULTS,),
        ),
        _approve(TESTED, AGREED),
        _approve(AGREED, APPROVED, "approve"),
        Step(
            "enforce",
            frozenset({APPROVED}),
            _WORKS,
            "show that what was approved is in force",
            to=IN_FORCE,
            dated=True,
            shows=True,
            guards=(_is_the_one,),
        ),
        Step("withdraw", _UNDECIDED, _WORKS, "give it up", to=WITHDRAWN, says=True),
    ),
    terms={
        state: Term("configuration_days", from_opening=True) for state in (PROPOSED, TESTED, AGREED)
    },
)
