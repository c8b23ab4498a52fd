"""Which controls ran, as the log shows it: every date and quarter that one was due, and its proof.

Nothing here is stored: the log, the queue and the calendar are asked when somebody wants to know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from routewarden.base.period import Quarter, quarter_of
from routewarden.cases.deadline import trading_dates_after
from routewarden.cases.review import SIGNED
from routewarden.policy.controls import CONTROLS, Control, Proof
from routewarden.runs.docket import entries_of
from routewarden.runs.review.document import REVIEW
from routewarden.store.approvals import Footing, stretches
from routewarden.store.cases import COLLECTED, docket
from routewarden.store.home import Home
from routewarden.store.results import RUN
from routewarden.store.session import new_york_date


class State(StrEnum):
    """How a control stands for a date, a quarter, or now."""

    DONE = "done"
    LATE = "late"
    MISSED = "missed"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Ran:
    """A control for one date or quarter (`what`): by when it was due, when it ran, what shows it.

    `proof` names the entry of the log, or the cases, that show it, or that show that it did not.
    """

    control: Control
    what: str
    due: date | None
    at: date | None
    state: State
    proof: str


@dataclass(frozen=True, slots=True)
class _Done:
    """When something was first done, and what shows it."""

    at: date
    proof: str


def ran(home: Home, first: date, last: date) -> list[Ran]:
    """Return each control for every date and quarter of a period, and as it stands today."""
    asked = _Asked(home, first, last)
    return [each for control in CONTROLS.values() for each in _WAYS[control.proof](asked, control)]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked about: a home, and a period."""

    home: Home
    first: date
    last: date

    def dated(self, control: Control, done: Mapping[date, _Done]) -> Iterator[Ran]:
        """Yield the control for each trading date of the period up to today."""
        calendar, today = self.home.policy().calendar, self.home.today()
        for day in calendar.trading_dates(self.first, min(self.last, today)):
            yield self._one(control, str(day), day, done.get(day))

    def quarters(self, control: Control, done: Mapping[Quarter, _Done]) -> Iterator[Ran]:
        """Yield the control for each quarter that ended in the period."""
        quarter = quarter_of(self.first)
        while quarter.span.last <= min(self.last, self.home.today()):
            yield self._one(control, str(quarter), quarter.span.last, done.get(quarter))
            quarter = quarter_of(quarter.span.last + timedelta(days=1))

    def _one(self, control: Control, what: str, since: date, done: _Done | None) -> Ran:
        policy = self.home.policy()
        within = int(policy.limits.at(control.within, since).value)
        due = trading_dates_after(since, within, policy.calendar)
        if done is not None:
            late = due is not None and done.at > due
            state = State.LATE if late else State.DONE
            return Ran(control, what, due, done.at, state, done.proof)
        past = due is not None and due < self.home.today()
        return Ran(control, what, due, None, State.MISSED if past else State.WAITING, "")


def _measured(asked: _Asked, control: Control) -> Iterator[Ran]:
    done: dict[date, _Done] = {}
    for entry in asked.home.log.entries(RUN):
        content = entry.content
        for day in content["payload"].get("results") or {}:
            at = new_york_date(content["at"])
            done.setdefault(date.fromisoformat(day), _Done(at, f"event {entry.seq}"))
    return asked.dated(control, done)


def _collected(asked: _Asked, control: Control) -> Iterator[Ran]:
    done: dict[date, _Done] = {}
    for entry in asked.home.log.entries(COLLECTED):
        content = entry.content
        at = new_york_date(content["at"])
        done.setdefault(
            date.fromisoformat(content["payload"]["day"]), _Done(at, f"event {entry.seq}")
        )
    return asked.dated(control, done)


def _reviewed(asked: _Asked, control: Control) -> Iterator[Ran]:
    done: dict[str, _Done] = {}
    for entry in asked.home.log.entries(REVIEW):
        content = entry.content
        at, quarter = new_york_date(content["at"]), content["payload"]["quarter"]
        ended = quarter_ended(quarter)
        if at > ended:  # one made before the quarter's end is no review of it
            done.setdefault(quarter, _Done(at, f"event {entry.seq}"))
    return asked.quarters(control, {parsed(name): each for name, each in done.items()})


def parsed(name: str) -> Quarter:
    """Return the quarter that an entry of the log names."""
    year, _, number = name.partition("Q")
    return Quarter(int(year), int(number))


def quarter_ended(name: str) -> date:
    """Return the last date of the quarter that an entry of the log names."""
    return parsed(name).span.last


def _timely(asked: _Asked, control: Control) -> Iterator[Ran]:
    cases = [
        case
        for case in docket(asked.home).cases.values()
        if case.procedure.kind in control.kinds and case.is_open
    ]
    late = [entry.case.id for entry in entries_of(asked.home, cases) if entry.is_overdue]
    today = asked.home.today()
    state = State.MISSED if late else State.DONE
    yield Ran(control, str(today), None, today, state, _some(late) or f"{len(cases)} open")


def _approved(asked: _Asked, control: Control) -> Iterator[Ran]:
    changed = [
        each.name
        for each in stretches(asked.home)
        if each.until is None and each.footing in {Footing.CHANGED, Footing.UNKNOWN}
    ]
    today = asked.home.today()
    state = State.MISSED if changed else State.DONE
    yield Ran(control, str(today), None, today, state, _some(changed))


def _settled(asked: _Asked, control: Control) -> Iterator[Ran]:
    """Yield the control for each quarter: a case of its kind about the quarter that was settled."""
    done: dict[Quarter, _Done] = {}
    for case in docket(asked.home).cases.values():
        named = case.facts.get("quarter")
        if case.procedure.kind in control.kinds and named and case.state == SIGNED:
            done.setdefault(parsed(named), _Done(case.entered, case.id))
    return asked.quarters(control, done)


_SHOWN = 5


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


_WAYS: Mapping[Proof, Callable[[_Asked, Control], Iterator[Ran]]] = {
    Proof.MEASURED: _measured,
    Proof.COLLECTED: _collected,
    Proof.REVIEWED: _reviewed,
    Proof.SETTLED: _settled,
    Proof.TIMELY: _timely,
    Proof.APPROVED: _approved,
}
