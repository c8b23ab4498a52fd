"""What follows from the contract evaluated: cases opened, notices drafted, the list people read."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from routewarden.base.canonical import Digest
from routewarden.cases.breach import KIND, NOTICE, OPEN
from routewarden.cases.case import Case, Opening, steps_now
from routewarden.cases.duty import KIND as DUTY
from routewarden.evidence.notice import (
    Letterhead,
    dates_table,
    notice,
    orders_table,
    read_behind,
)
from routewarden.evidence.table import Cell, Heading, Table, Tone, text_cell
from routewarden.policy.contract import Breach, Clause, Delivery, Duty, Service
from routewarden.rules.rule import Severity
from routewarden.rules.service.judge import Attested, Delivered, Measured, counted
from routewarden.runs.letter import make_letter
from routewarden.runs.service import Asked, Judged, dates_behind, judged, orders_behind
from routewarden.store.cases import act_of, act_on, begin_case, docket, keep
from routewarden.store.home import Home

_OF_SLA = frozenset({KIND, DUTY})


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found: every window judged, the cases it opened, those it drafted notices for.

    `undrafted` are breaches that wait for a notice, which only a person can put in the case.
    """

    judged: tuple[Judged, ...]
    opened: tuple[Case, ...]
    drafted: tuple[Case, ...]
    undrafted: tuple[Case, ...]

    @property
    def breaches(self) -> tuple[Judged, ...]:
        """What was broken."""
        return tuple(each for each in self.judged if each.is_breach)


def check_contract(home: Home, question: Asked) -> Checked:
    """Evaluate the contract, open a case for each breach and duty, and draft the notices."""
    found = judged(home, question)
    known = {case.subject for case in docket(home).cases.values() if case.procedure.kind in _OF_SLA}
    opened = [
        case
        for each in found
        if (each.is_breach or isinstance(each.facts, Attested)) and each.key not in known
        if (case := _opened(home, question, each)) is not None
    ]
    waiting = [
        case
        for case in docket(home).cases.values()
        if case.procedure.kind == KIND and case.state == OPEN and not case.of("draft")
    ]
    drafted = [draft(home, case) for case in waiting if may_draft(home, case)]
    done = {case.id for case in drafted}
    undrafted = tuple(case for case in waiting if case.id not in done)
    return Checked(tuple(found), tuple(opened), tuple(drafted), undrafted)


def _opened(home: Home, question: Asked, found: Judged) -> Case | None:
    """Open the case of a breach, or of a duty; return None if there was one for it before."""
    clause, provider = found.clause, question.contract.provider
    facts = {
        "provider": provider,
        "clause": clause.id,
        "kind": clause.kind,
        "text": clause.text,
        "owner": clause.owner,
    }
    if isinstance(clause.terms, Duty):
        due = str(found.span.last)
        facts |= {"due": due, "evidence": clause.terms.evidence}
        opening = _opening(home, found, facts, (f"{clause.id}: attest by {due}", Severity.MEDIUM))
        return begin_case(home, DUTY, opening, found.key)
    facts |= {
        "window": found.span.name,
        "from": str(found.span.first),
        "to": str(found.span.last),
        "figure": found.judgement.figure,
        "tolerance": found.judgement.tolerance,
        "sample": over(found),
        "because": found.judgement.because,
        "cure": str(clause.terms.cure),
    }
    facts["notice"] = clause.terms.notice.format_map(_fields(home, facts))
    facts["behind"] = home.blobs.put_bytes(_csv(behind_table(home, found)))
    title = f"{clause.id} {found.span.name}: {found.judgement.because}"
    return begin_case(home, KIND, _opening(home, found, facts, (title, Severity.HIGH)), found.key)


def _opening(
    home: Home, found: Judged, facts: Mapping[str, str], what: tuple[str, Severity]
) -> Opening:
    return Opening(found.key, *what, "", (), home.now(), home.today(), facts)


def _fields(home: Home, facts: Mapping[str, str]) -> Mapping[str, str]:
    return {**facts, "firm": home.policy().firm}


def over(found: Judged) -> str:
    """Return in words what a figure is over."""
    match found.clause.terms, found.facts:
        case Service() as terms, Measured(sample=sample, measured=measured, dates=dates):
            return f"{sample:,} {counted(terms)}, {measured} of {dates} dates"
        case _, Delivered(dates=dates):
            return f"{dates} dates"
        case _:
            return ""


def behind_table(home: Home, found: Judged) -> Table:
    """Return what a window's figure is made of: orders, or for a delivery dates."""
    match found.clause.terms:
        case Service() as terms:
            return orders_table(orders_behind(home, terms, found.span))
        case Delivery() as terms:
            return dates_table(dates_behind(home, terms, found.span))
        case Duty():
            return dates_table(())


def kept_behind(home: Home, case: Case) -> Table:
    """Return what was behind a breach when its case was opened."""
    return read_behind(home.blobs.path(Digest(case.facts["behind"])).read_text())


def _csv(table: Table) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heading.title for heading in table.headings)
    writer.writerows([cell.exact for cell in row] for row in table.rows)
    return text.getvalue().encode()


def may_draft(home: Home, case: Case) -> bool:
    """Return whether who asks is a user who may put a notice in a case."""
    steps = steps_now(case, home.actor.roles) if home.actor.is_user else ()
    return any(step.name == "draft" for step in steps)


def draft(home: Home, case: Case) -> Case:
    """Put the notice of a breach in its case, as the user whose token is shown."""
    policy, today = home.policy(), home.today()
    cured_by = policy.calendar.after(today, int(case.facts["cure"]))
    made_from = f"Made from {home.log.size:,} entries of the log"
    head = Letterhead(policy.firm, today, cured_by, made_from)
    data = make_letter(notice(case, head, kept_behind(home, case)), home.now())
    letter = keep(home, NOTICE, f"notice-{case.id}.pdf", data)
    return act_on(home, case, act_of(home, "draft", documents=(letter,)))


# -- The list --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """How a clause stands: by its last window that is decided, if one is, and its open cases."""

    clause: Clause
    state: str
    last: Judged | None
    due: Judged | None
    cases: tuple[str, ...]


_STATES = {Breach.YES: "breached", Breach.NO: "met", Breach.UNKNOWN: "unknown"}


def standings(home: Home, question: Asked, found: Iterable[Judged]) -> list[Standing]:
    """Return how each clause stands today."""
    by_clause: dict[tuple[str, date], list[Judged]] = {}
    for each in found:
        by_clause.setdefault((each.clause.id, each.clause.since), []).append(each)
    waiting: dict[str | None, list[str]] = {}
    for case in docket(home).cases.values():
        if case.procedure.kind in _OF_SLA and case.is_open:
            waiting.setdefault(case.facts.get("clause"), []).append(case.id)
    return [
        _standing(
            clause, by_clause.get((clause.id, clause.since), []), tuple(waiting.get(clause.id, ()))
        )
        for clause in question.contract.clauses
    ]


def _standing(clause: Clause, found: Sequence[Judged], cases: tuple[str, ...]) -> Standing:
    decided = [each for each in found if each.pending is None]
    due = next((each for each in found if each.pending is not None), None)
    last = decided[-1] if decided else None
    if last is not None:
        return Standing(clause, _STATES[last.judgement.breach], last, due, cases)
    return Standing(clause, "unknown" if due is None else "due", None, due, cases)


_HEADINGS = (
    Heading("clause"),
    Heading("kind"),
    Heading("owner"),
    Heading("state"),
    Heading("last window"),
    Heading("figure"),
    Heading("agreed"),
    Heading("over"),
    Heading("due", dated=True),
    Heading("open cases"),
)
_TONES = {"breached": Tone.BAD, "met": Tone.GOOD}


def listed(found: Sequence[Standing]) -> Table:
    """Return the table of how clauses stand."""
    caption = "By the last window that is decided."
    return Table("clauses", "Clauses", caption, _HEADINGS, tuple(map(_row, found)))


def _row(standing: Standing) -> tuple[Cell, ...]:
    clause, last = standing.clause, standing.last
    texts = ("", "", "", "")
    if last is not None:
        said = last.judgement
        texts = (last.span.name, said.figure, said.tolerance, over(last))
    pending = None if standing.due is None else standing.due.pending
    return (
        text_cell(clause.id),
        text_cell(clause.kind),
        text_cell(clause.owner),
        Cell(standing.state, standing.state, tone=_TONES.get(standing.state, Tone.NEUTRAL)),
        *map(_plain, texts),
        _plain("" if pending is None else str(pending)),
        _plain(" ".join(standing.cases)),
    )


def _plain(text: str) -> Cell:
    return Cell(text, text)


def judged_json(found: Judged) -> dict[str, Any]:
    """Return a window judged as a JSON value: figures as decimal texts, unknown as null."""
    match found.facts:
        case Measured(value=value, sample=sample, measured=measured, dates=dates):
            facts: dict[str, Any] = {
                "value": None if value is None else f"{value:f}",
                "sample": sample,
                "measured_dates": measured,
                "trading_dates": dates,
            }
        case Delivered() as told:
            facts = {
                "due": str(told.due),
                "dates": told.dates,
                "in_time": told.in_time,
                "held": told.by_now,
                "complete": None if told.complete is None else str(told.complete),
            }
        case Attested(due=due, on=on):
            facts = {"due": str(due), "attested": None if on is None else str(on)}
    return {
        "clause": found.clause.id,
        "kind": found.clause.kind,
        "window": found.span.name,
        "from": str(found.span.first),
        "to": str(found.span.last),
        "breach": found.judgement.breach.value,
        "because": found.judgement.because,
        "figure": found.judgement.figure,
        "agreed": found.judgement.tolerance,
        **facts,
    }


def standing_json(standing: Standing) -> dict[str, Any]:
    """Return how a clause stands as a JSON value."""
    pending = None if standing.due is None else standing.due.pending
    return {
        "clause": standing.clause.id,
        "kind": standing.clause.kind,
        "owner": standing.clause.owner,
        "state": standing.state,
        "last": None if standing.last is None else judged_json(standing.last),
        "due": None if pending is None else str(pending),
        "cases": list(standing.cases),
    }
