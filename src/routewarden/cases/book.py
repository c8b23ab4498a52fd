"""Every procedure, by kind."""

from __future__ import annotations

from collections.abc import Mapping

from routewarden.cases import (
    breach,
    configuration,
    diligence,
    duty,
    exception,
    reliance,
    remediation,
    review,
)
from routewarden.cases.case import Procedure

_EVERY = (exception, configuration, diligence, breach, duty, review, reliance, remediation)

PROCEDURES: Mapping[str, Procedure] = {each.PROCEDURE.kind: each.PROCEDURE for each in _EVERY}

STEPS: Mapping[str, str] = {
    name: "; ".join(
        dict.fromkeys(
            f"{step.means} ({procedure.kind})"
            for procedure in PROCEDURES.values()
            for step in procedure.named(name)
        )
    )
    for name in dict.fromkeys(
        step.name for procedure in PROCEDURES.values() for step in procedure.steps
    )
    if name not in remediation.COMPUTED
}
"""What each step does that is taken by hand, by name, in each procedure that has it."""
