"""What of a case somebody may see: the firm's people all of it, a provider's what it is told.

A provider sees a case with it once the firm has told it something, or asks something of it; of its
acts, its own and those that are `shared`; of its documents, those of such acts and those that a
shared step needs, such as the notice that is sent.
"""

from __future__ import annotations

from collections.abc import Collection

from routewarden.cases.case import Act, Case, Document
from routewarden.cases.roles import Role


def is_visible(case: Case, roles: Collection[Role], of: str) -> bool:
    """Return whether somebody of some roles, who speaks for `of` if a provider's, sees a case."""
    if Role.VENDOR not in roles:
        return True
    asked = any(Role.VENDOR in step.roles for step in case.procedure.steps if case.state in step.of)
    return case.facts.get("provider") == of and (asked or bool(acts_for(case, roles)))


def acts_for(case: Case, roles: Collection[Role]) -> tuple[Act, ...]:
    """Return the acts of a case that somebody of some roles sees, in order."""
    if Role.VENDOR not in roles:
        return case.acts
    shared = case.procedure.shared
    return tuple(act for act in case.acts if act.step in shared or Role.VENDOR in act.roles)


def documents_for(case: Case, roles: Collection[Role]) -> tuple[Document, ...]:
    """Return the documents of a case that somebody of some roles sees, in order."""
    if Role.VENDOR not in roles:
        return case.documents
    told = acts_for(case, roles)
    steps = {act.step for act in told}
    kinds = {kind for step in case.procedure.steps if step.name in steps for kind in step.needs}
    needed = (each for each in case.documents if each.kind in kinds)
    return tuple(dict.fromkeys((*needed, *(each for act in told for each in act.documents))))
