"""A duty of the contract falls due: its owner attests it, with the document that shows it.

The case is opened before the date it is due, once for each clause and date. Who owns the clause
attests; or whom it was assigned to in their place.
"""

from __future__ import annotations

from routewarden.cases.case import Act, Case, Procedure, Step, Term
from routewarden.cases.roles import Role

KIND = "duty"

OPEN, ATTESTED = "open", "attested"
_OPEN = frozenset({OPEN})
_LEADS = frozenset({Role.SUPERVISOR, Role.COMPLIANCE})
_OWNS = _LEADS | {Role.DESK, Role.ANALYST, Role.MEMBER, Role.CHAIR, Role.SENIOR}


def _is_owners(case: Case, act: Act) -> str:
    owner = case.owner or case.facts["owner"]
    return "" if act.by == owner else f"{owner} attests it, or whom it is assigned to (assign)"


def _is_shown(case: Case, act: Act) -> str:
    kind = case.facts["evidence"]
    held = {document.kind for document in (*case.documents, *act.documents)}
    return "" if kind in held else f"it needs {kind} (--attach FILE --as '{kind}')"


PROCEDURE = Procedure(
    kind=KIND,
    mark="DU",
    title="a duty",
    begins=OPEN,
    ended=frozenset({ATTESTED}),
    unasked=True,
    steps=(
        Step("assign", _OPEN, _LEADS, "give it to a user", names=True),
        Step("note", _OPEN, _OWNS, "say what was found", says=True),
        Step("attach", _OPEN, _OWNS, "add a document", shows=True),
        Step(
            "attest",
            _OPEN,
            _OWNS,
            "state as its owner that a duty of the contract is done, with the evidence",
            to=ATTESTED,
            says=True,
            guards=(_is_owners, _is_shown),
        ),
    ),
    terms={OPEN: Term(fact="due")},
)
