"""Every procedure, by kind."""

from __future__ import annotations

from collections.abc import Mapping

from routewarden.cases import configuration, exception
from routewarden.cases.case import Procedure

PROCEDURES: Mapping[str, Procedure] = {
    procedure.kind: procedure for procedure in (exception.PROCEDURE, configuration.PROCEDURE)
from routewarden.cases import diligence, exception
from routewarden.cases.case import Procedure

PROCEDURES: Mapping[str, Procedure] = {
    procedure.kind: procedure for procedure in (exception.PROCEDURE, diligence.PROCEDURE)
from routewarden.cases import breach, duty, exception
from routewarden.cases.case import Procedure

PROCEDURES: Mapping[str, Procedure] = {
    procedure.kind: procedure
    for procedure in (exception.PROCEDURE, breach.PROCEDURE, duty.PROCEDURE)
from routewarden.cases import exception, reliance, review
from routewarden.cases.case import Procedure

PROCEDURES: Mapping[str, Procedure] = {
    procedure.kind: procedure
    for procedure in (exception.PROCEDURE, review.PROCEDURE, reliance.PROCEDURE)
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
}
"""What each step does, by name, in each procedure that has it."""
