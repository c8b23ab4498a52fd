"""Every procedure, by kind."""

from __future__ import annotations

from collections.abc import Mapping

from routewarden.cases import exception, remediation
from routewarden.cases.case import Procedure

PROCEDURES: Mapping[str, Procedure] = {
    procedure.kind: procedure for procedure in (exception.PROCEDURE, remediation.PROCEDURE)
}

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
