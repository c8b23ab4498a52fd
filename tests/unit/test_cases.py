"""How a case moves, and how it does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from routewarden.base.canonical import Digest
from routewarden.cases import exception, remediation
from routewarden.cases.book import PROCEDURES, STEPS
from routewarden.cases.case import (
    Act,
    Case,
    Document,
    Joined,
    Opening,
    Procedure,
    RefusedError,
    Step,
    Term,
    decide,
    joined,
    opened,
    read_act,
    stated,
    steps_now,
)
from routewarden.cases.deadline import age, due, trading_dates_after
from routewarden.cases.roles import Role
from routewarden.cases.sharing import acts_for, documents_for, is_visible
from routewarden.policy.calendar import us_equity_calendar
from routewarden.policy.limits import read_limits
from routewarden.rules.rule import Severity

MONDAY = date(2026, 7, 6)
CALENDAR, LIMITS = us_equity_calendar(), read_limits("")
MEMO = Document("memo", "memo.pdf", Digest("a" * 64))
ANN, SUE, CO = (Role.DESK,), (Role.SUPERVISOR,), (Role.COMPLIANCE,)


def case_of(severity: Severity = Severity.MEDIUM) -> Case:
    at = "2026-07-06T14:00:00Z"
    facts = {"rule": "slow-venue", "pattern": "slow-venue ARCX"}
    opening = Opening("slow-venue ARCX", "Slow: ARCX", severity, "", (), at, MONDAY, facts)
    return opened(exception.PROCEDURE, "EX-1", opening)


def act(step: str, by: str = "ann", roles: tuple[Role, ...] = ANN, **said: object) -> Act:
    return replace(Act(step, by, roles, "2026-07-07T14:00:00Z", date(2026, 7, 7)), **said)  # type: ignore[arg-type]


CLOSE = act("close", reason="a burst of quotes", choice="market_conditions")


def moved(case: Case, *acts: Act) -> Case:
    for each in acts:
        case = decide(case, each)
    return case


def why(case: Case, what: Act) -> str:
    with pytest.raises(RefusedError) as refused:
        decide(case, what)
    return str(refused.value)


def test_one_person_ends_what_is_not_severe() -> None:
    assert moved(case_of(), CLOSE).state == "closed"


def test_a_severe_one_waits_for_another_person() -> None:
    waiting = moved(case_of(Severity.HIGH), CLOSE)
    assert waiting.state == "closing"
    assert waiting.is_open
    done = moved(waiting, act("confirm", "sue", SUE, seen=waiting.digest))
    assert not done.is_open


def test_who_closed_it_does_not_confirm_it() -> None:
    sue = replace(CLOSE, by="sue", roles=SUE)
    waiting = moved(case_of(Severity.HIGH), sue)
    assert "takes another person" in why(waiting, act("confirm", "sue", SUE, seen=waiting.digest))


def test_an_approval_is_of_the_case_as_it_was_seen() -> None:
    waiting = moved(case_of(Severity.HIGH), CLOSE)
    later = joined(waiting, Joined(MONDAY, 3, Severity.HIGH, Digest("b" * 64)))
    assert "give --seen" in why(later, act("confirm", "sue", SUE, seen=waiting.digest))


def test_what_is_returned_is_open_again() -> None:
    waiting = moved(case_of(Severity.HIGH), CLOSE)
    assert moved(waiting, act("return", "sue", SUE, reason="which quotes?")).state == "open"


def test_a_reopened_case_begins_anew() -> None:
    again = replace(act("reopen", "sue", SUE, reason="it is back"), day=date(2026, 8, 3))
    case = moved(case_of(), CLOSE, again)
    assert (case.state, case.begun) == ("open", date(2026, 8, 3))
    assert due(case, CALENDAR, LIMITS) == date(2026, 8, 10)


@pytest.mark.parametrize(
    ("what", "says"),
    [
        (act("dance"), "no step of an exception; it has take, assign"),
        (act("confirm", "sue", SUE), "it is open, from where take, assign"),
        (act("assign", to="bob"), "it takes compliance or supervisor, and ann is desk"),
        (act("assign", "sue", SUE), "name a user (--to)"),
        (act("close", choice="other"), "say why (--reason)"),
        (act("close", reason="x"), "choose one of false_alarm, data_error"),
        (act("note", reason=" "), "say why (--reason)"),
        (act("note", reason="x", choice="other"), "nothing to choose"),
        (act("attach"), "name a file (--attach FILE)"),
        (act("take", "bot", ()), "bot is nobody"),
    ],
)
def test_what_is_refused_says_what_to_do(what: Act, says: str) -> None:
    assert says in why(case_of(), what)


def test_what_is_closed_stays_so_for_who_has_no_say() -> None:
    assert "from where reopen can be done" in why(moved(case_of(), CLOSE), act("note", reason="x"))


PROVIDER = frozenset({Role.VENDOR, Role.DESK})
ODD = Procedure(
    kind="odd",
    mark="OD",
    title="an odd matter",
    begins="open",
    ended=frozenset({"over"}),
    opened_by=frozenset({Role.COMPLIANCE}),
    steps=(
        Step("answer", frozenset({"open"}), PROVIDER, "say", items=True, dated=True),
        Step("plan", frozenset({"open"}), PROVIDER, "plan", needs=("letter",), own=True),
        Step("take", frozenset({"open"}), PROVIDER, "take"),
        Step(
            "end",
            frozenset({"open"}),
            PROVIDER,
            "end",
            to="over",
            guards=(lambda case, _: "" if case.latest("answer") else "nothing is answered",),
        ),
    ),
    terms={"open": Term("confirmation_days")},
)


def odd(**facts: str) -> Case:
    at = "2026-07-06T14:00:00Z"
    opening = Opening("odd", "Odd", Severity.LOW, "co", CO, at, MONDAY, facts)
    return opened(ODD, "OD-1", opening)


def test_a_case_is_opened_by_those_who_may() -> None:
    opening = Opening("odd", "Odd", Severity.LOW, "ann", ANN, "", MONDAY)
    with pytest.raises(RefusedError, match="is opened by compliance"):
        opened(ODD, "OD-1", opening)
    with pytest.raises(RefusedError, match="is opened by no person"):
        opened(exception.PROCEDURE, "EX-1", opening)


def test_a_vendor_acts_in_its_own_matters() -> None:
    vendor = act("answer", "vic", (Role.VENDOR,), item="q1", due=MONDAY)
    assert "speaks for nobody" in why(odd(provider="acme"), vendor)
    assert "speaks for other" in why(odd(provider="acme"), replace(vendor, of="other"))
    assert "not theirs" in why(odd(), replace(vendor, of="acme"))
    assert moved(odd(provider="acme"), replace(vendor, of="acme")).latest("answer")


def test_a_step_says_what_it_lacks() -> None:
    assert "(--item)" in why(odd(), act("answer", due=MONDAY))
    assert "(--due)" in why(odd(), act("answer", item="q1"))
    assert "nobody has it" in why(odd(), act("plan"))
    taken = moved(odd(), act("take", "bob"))
    assert "it is bob's" in why(taken, act("plan"))
    assert "it needs letter" in why(taken, act("plan", "bob"))
    letter = replace(MEMO, kind="letter")
    assert moved(taken, act("plan", "bob", documents=(letter,))).documents == (letter,)


def test_a_guard_has_the_last_word() -> None:
    assert "nothing is answered" in why(odd(), act("end"))
    over = moved(odd(), act("answer", item="q1", due=MONDAY), act("end"))
    assert not over.is_open
    assert "it is over for good" in why(over, act("end"))


def test_the_same_acts_make_the_same_case() -> None:
    acts = (act("take"), act("note", reason="x", documents=(MEMO,)), CLOSE)
    assert moved(case_of(), *acts) == moved(case_of(), *acts)
    assert moved(case_of(), *acts).digest == moved(case_of(), *acts).digest


@pytest.mark.parametrize(
    "one",
    [
        act("take"),
        act("note", reason="x", documents=(MEMO,)),
        act("assign", "sue", SUE, to="bob", due=MONDAY, seen="a", item="i", of="acme"),
        CLOSE,
    ],
)
def test_an_act_is_read_as_it_was_stated(one: Act) -> None:
    assert read_act(stated(one)) == one


@pytest.mark.parametrize(
    "broken",
    [
        {"documents": "x"},
        {"roles": "desk"},
        {"roles": ["king"]},
        {"day": "soon"},
        {"due": "soon"},
        {"documents": [["memo"]]},
    ],
)
def test_what_states_no_act_is_none(broken: dict[str, object]) -> None:
    with pytest.raises((ValueError, TypeError, LookupError)):
        read_act({**stated(CLOSE), **broken})


def test_findings_of_a_date_take_the_place_of_what_it_told_before() -> None:
    one = Joined(MONDAY, 3, Severity.HIGH, Digest("b" * 64))
    case = joined(joined(case_of(), one), replace(one, count=1, severity=Severity.LOW))
    assert (case.joined[MONDAY].count, case.severity) == (1, Severity.HIGH)


def test_a_case_is_whose_it_was_given_last() -> None:
    assert case_of().owner == ""
    taken = moved(case_of(), act("take"))
    assert taken.owner == "ann"
    assert moved(taken, act("assign", "sue", SUE, to="bob")).owner == "bob"


def test_escalated_means_that_those_who_supervise_settle_it() -> None:
    case = moved(case_of(), act("escalate", reason="beyond me"))
    assert "takes compliance or supervisor" in why(case, CLOSE)
    assert moved(case, replace(CLOSE, by="sue", roles=SUE)).state == "closed"


def test_what_one_can_do_next_goes_by_state_and_roles() -> None:
    assert [step.name for step in steps_now(case_of(), ANN)] == [
        *("take", "note", "attach", "escalate", "close"),
    ]
    assert steps_now(case_of(), (Role.AUDITOR,)) == ()


@pytest.mark.parametrize(
    ("severity", "day"),
    [
        (Severity.HIGH, date(2026, 7, 8)),
        (Severity.MEDIUM, date(2026, 7, 13)),
        (Severity.LOW, date(2026, 8, 3)),
    ],
)
def test_a_case_is_due_by_its_severity(severity: Severity, day: date) -> None:
    assert due(case_of(severity), CALENDAR, LIMITS) == day


def test_confirmation_is_due_from_the_closing() -> None:
    assert due(moved(case_of(Severity.HIGH), CLOSE), CALENDAR, LIMITS) == date(2026, 7, 9)


def test_what_has_no_term_is_never_due() -> None:
    assert due(moved(case_of(), CLOSE), CALENDAR, LIMITS) is None
    assert due(odd(), CALENDAR, LIMITS) == date(2026, 7, 8)


def test_trading_dates_are_counted_over_holidays() -> None:
    assert trading_dates_after(date(2026, 12, 24), 1, CALENDAR) == date(2026, 12, 28)
    assert trading_dates_after(MONDAY, 0, CALENDAR) == MONDAY
    assert trading_dates_after(date(2028, 12, 20), 5, CALENDAR) is None
    assert age(case_of(), date(2026, 7, 10), CALENDAR) == 4


def test_every_procedure_is_whole() -> None:
    marks = [procedure.mark for procedure in PROCEDURES.values()]
    assert len(set(marks)) == len(marks)
    for procedure in PROCEDURES.values():
        states = {state for step in procedure.steps for state in (*step.of, step.to, step.severe)}
        known = {procedure.begins, *states} - {""}
        assert procedure.ended <= known, procedure.kind
        assert set(procedure.terms) <= known, procedure.kind
        names = {step.name for step in procedure.steps}
        assert {name for step in procedure.steps for name in step.apart_from} <= names
        assert names <= {*STEPS, *remediation.COMPUTED}


def test_every_state_can_be_reached_and_left() -> None:
    for procedure in PROCEDURES.values():
        reached, before = {procedure.begins}, set[str]()
        while reached != before:
            before = set(reached)
            for step in procedure.steps:
                if step.of & reached:
                    reached |= {step.to, step.severe} - {""}
        states = {state for step in procedure.steps for state in step.of}
        assert states <= reached, procedure.kind
        for state in reached - procedure.ended:
            ways = {to for s in procedure.steps if state in s.of for to in (s.to, s.severe)}
            assert ways - {"", state}, (procedure.kind, state)


def test_a_provider_sees_what_it_was_told_and_nothing_of_before() -> None:
    asks = frozenset({"waits"})
    told = replace(
        ODD,
        shared=frozenset({"tell"}),
        steps=(
            Step("note", frozenset({"open"}), PROVIDER - {Role.VENDOR}, "say", says=True),
            Step("tell", frozenset({"open"}), PROVIDER, "tell", to="waits", needs=("letter",)),
            Step("reply", asks, PROVIDER, "reply"),
        ),
    )
    vendor, desk = (Role.VENDOR,), (Role.DESK,)
    letter, memo = replace(MEMO, kind="letter"), replace(MEMO, digest=Digest("b" * 64))
    quiet = replace(told, steps=tuple(replace(s, roles=frozenset(desk)) for s in told.steps))
    before = replace(odd(provider="acme"), procedure=quiet)
    assert not is_visible(before, vendor, "acme")
    assert is_visible(before, desk, "")
    noted = moved(before, act("note", reason="x", documents=(letter, memo)))
    after = replace(moved(noted, act("tell")), procedure=told)
    assert is_visible(after, vendor, "acme")
    assert not is_visible(after, vendor, "other")
    assert [each.step for each in acts_for(after, vendor)] == ["tell"]
    assert [each.step for each in acts_for(after, desk)] == ["note", "tell"]
    assert documents_for(after, vendor) == (letter,)
    assert documents_for(after, desk) == (letter, memo)
