"""The quarter's framework: four areas, each with the threshold at which it asks for action.

A threshold that cannot be answered is *unknown*, which is not the same as quiet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from routewarden.benchmarks.verdict import Judged, Verdict

_MONTHS_WORSE = 2


class Status(StrEnum):
    """Whether an area's action threshold is reached."""

    REACHED = "reached"
    QUIET = "not reached"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Threshold:
    """Whether a threshold is reached, and the sentence that says why."""

    status: Status
    because: str


def consistently_worse(what: str, months: Sequence[Verdict]) -> Threshold:
    """Return whether two of the last three months were worse than the benchmark, beyond tolerance.

    Unknown where the months that could not be judged could decide it. `what` is judged.
    """
    worse = sum(verdict is Verdict.WORSE for verdict in months)
    unjudged = sum(verdict is Verdict.INSUFFICIENT for verdict in months)
    if worse >= _MONTHS_WORSE:
        return Threshold(Status.REACHED, f"{what}: {worse} of {len(months)} months worse")
    if worse + unjudged >= _MONTHS_WORSE:
        return Threshold(Status.UNKNOWN, f"{what}: {unjudged} of {len(months)} months not judged")
    return Threshold(Status.QUIET, f"{what}: {worse} of {len(months)} months worse")


def compared(judged: Judged, than: str) -> Threshold:
    """Return whether one comparison came out worse than something."""
    match judged.verdict:
        case Verdict.WORSE:
            return Threshold(Status.REACHED, f"worse than {than}")
        case Verdict.BETTER | Verdict.IN_LINE:
            return Threshold(Status.QUIET, f"{judged.verdict} against {than}")
        case _:
            return Threshold(Status.UNKNOWN, f"too little to compare with {than}")


def found(count: int, what: str) -> Threshold:
    """Return whether a rule found anything."""
    said = f"{count:,} findings of {what}" if count else f"no finding of {what}"
    return Threshold(Status.REACHED if count else Status.QUIET, said)


def together(thresholds: Sequence[Threshold]) -> Threshold:
    """Return one answer for several: reached if any is, and quiet only if all are."""
    statuses = {threshold.status for threshold in thresholds}
    status = next((each for each in (Status.REACHED, Status.UNKNOWN) if each in statuses),
                  Status.QUIET)  # fmt: skip
    return Threshold(status, "; ".join(each.because for each in thresholds))
