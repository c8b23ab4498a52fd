"""When a provider is to be looked at again: how long an approval stands, and where its case is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from routewarden.cases.case import Case
from routewarden.cases.diligence import KIND, SIGNED, decision
from routewarden.policy.limits import Limits


@dataclass(frozen=True, slots=True)
class Standing:
    """A provider by its cases: the last of all, the last decided and the last signed.

    `until` is the date to which its approval stands, `opens` the one from which on its refresh is
    opened; None where it is not approved.
    """

    provider: str
    latest: Case
    decided: Case | None
    signed: Case | None
    until: date | None
    opens: date | None

    def is_due(self, today: date) -> bool:
        """Whether its refresh is to be opened: none is open, and the date has come."""
        return not self.latest.is_open and self.opens is not None and self.opens <= today

    def is_overdue(self, today: date) -> bool:
        """Whether its approval no longer stands."""
        return self.until is not None and self.until < today


def standings(cases: Iterable[Case], limits: Limits) -> Mapping[str, Standing]:
    """Return how each provider stands, by name; cases come in the order they were opened."""
    of: dict[str, list[Case]] = {}
    for case in cases:
        if case.procedure.kind == KIND:
            of.setdefault(case.facts["provider"], []).append(case)
    return {name: _standing(name, of[name], limits) for name in sorted(of)}


def _standing(provider: str, cases: list[Case], limits: Limits) -> Standing:
    decided = [case for case in cases if decision(case) is not None]
    signed = [case for case in cases if case.state == SIGNED]
    last = decided[-1] if decided else None
    until, opens = (None, None) if last is None else _dates(last, limits)
    return Standing(provider, cases[-1], last, signed[-1] if signed else None, until, opens)


def _dates(case: Case, limits: Limits) -> tuple[date | None, date | None]:
    """Return until when an approval stands, and when its refresh opens; of a decline, neither.

    The limits are those of the date it was approved on.
    """
    act = decision(case)
    if act is None or act.step != "approve":
        return None, None
    days = [int(limits.at(f"diligence_{name}_days", act.day).value) for name in ("every", "lead")]
    until = act.day + timedelta(days=days[0])
    return until, until - timedelta(days=days[1])
