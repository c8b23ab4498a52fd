"""Breaches and duties of the contract: whatever is tried, in whatever order, by whomever."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routewarden.base.canonical import Digest
from routewarden.cases import breach, duty
from routewarden.cases.case import Act, Case, Document, Opening, RefusedError, decide, opened
from routewarden.cases.deadline import age, due, trading_dates_after
from routewarden.cases.roles import Role
from routewarden.evidence.document import tables_of
from routewarden.evidence.notice import Letterhead, dates_table, notice, orders_table, read_behind
from routewarden.measures.behind import Behind
from routewarden.policy.calendar import us_equity_calendar
from routewarden.policy.limits import read_limits
from routewarden.rules.rule import Severity

MONDAY, AT = date(2026, 1, 5), "2026-01-05T12:00:00Z"
CALENDAR, LIMITS = us_equity_calendar(), read_limits("")
PEOPLE = {
    "ann": Role.ANALYST, "sue": Role.SUPERVISOR, "cy": Role.COMPLIANCE, "di": Role.SENIOR,
    "dan": Role.DESK, "vera": Role.VENDOR,
}  # fmt: skip
LETTER = Document(breach.NOTICE, "notice.pdf", Digest("ab" * 32))
STATEMENT = Document("statement", "statement.pdf", Digest("cd" * 32))
FACTS = {
    "provider": "Example Routing LLC", "clause": "4.1", "window": "2025-12", "cure": "5",
    "owner": "ann", "evidence": "statement", "due": "2026-01-20", "kind": "service",
    "notice": "You broke it.", "text": "It is kept.", "from": "2025-12-01", "to": "2025-12-31",
    "figure": "97 %", "tolerance": "at least 98 %", "sample": "99 orders", "because": "97 %",
}  # fmt: skip


def begun(kind: str) -> Case:
    procedure = {"breach": breach.PROCEDURE, "duty": duty.PROCEDURE}[kind]
    opening = Opening("4.1", "4.1", Severity.HIGH, "", (), AT, MONDAY, FACTS)
    return opened(procedure, f"{procedure.mark}-1", opening)


def act(step: str, by: str, day: date = MONDAY, **said: object) -> Act:
    of = FACTS["provider"] if by == "vera" else ""
    return Act(step, by, (PEOPLE[by],), AT, day, of=of, **said)  # type: ignore[arg-type]


def noticed() -> Case:
    drafted = decide(begun("breach"), act("draft", "ann", documents=(LETTER,)))
    return decide(drafted, act("send", "sue", seen=drafted.digest))


def state(case: Case) -> str:
    return case.state


# -- Breaches --------------------------------------------------------------------------------------


def test_a_breach_that_is_cured_is_closed_by_two() -> None:
    cured = decide(noticed(), act("cure", "sue", reason="better"))
    closing = decide(cured, act("close", "sue", reason="done", choice="cured"))
    closed = decide(closing, act("confirm", "cy", seen=closing.digest))

    assert [state(each) for each in (cured, closing, closed)] == ["cured", "closing", "closed"]
    with pytest.raises(RefusedError, match="another person"):
        decide(closing, act("confirm", "sue", seen=closing.digest))


def test_a_notice_is_sent_by_another_than_drafted_it_and_as_it_was_seen() -> None:
    drafted = decide(begun("breach"), act("draft", "cy", documents=(LETTER,)))

    with pytest.raises(RefusedError, match="cy did draft"):
        decide(drafted, act("send", "cy", seen=drafted.digest))
    with pytest.raises(RefusedError, match="digest"):
        decide(drafted, act("send", "sue", seen=begun("breach").digest))
    with pytest.raises(RefusedError, match="it is open"):
        decide(begun("breach"), act("send", "sue"))


def test_a_draft_is_a_document_of_its_own_kind() -> None:
    with pytest.raises(RefusedError, match="it needs the notice"):
        decide(begun("breach"), act("draft", "ann", documents=(STATEMENT,)))


@pytest.mark.parametrize(("days", "lapses"), [(5, False), (7, False), (8, True)])
def test_a_cure_lapses_only_after_its_dates(days: int, lapses: bool) -> None:  # noqa: FBT001
    late = act("lapse", "sue", MONDAY + timedelta(days=days), reason="nothing came")
    if lapses:
        uncured = decide(noticed(), late)
        raised = decide(uncured, act("escalate", "sue", reason="no answer"))
        assert [state(uncured), state(raised)] == ["uncured", "escalated"]
    else:
        with pytest.raises(RefusedError, match="the provider has 5 trading dates"):
            decide(noticed(), late)


def test_the_provider_answers_in_its_own_case_alone() -> None:
    answered = decide(noticed(), act("answer", "vera", reason="we fixed it"))

    assert answered.state == "noticed"
    with pytest.raises(RefusedError, match="not theirs"):
        decide(noticed(), Act("answer", "eve", (Role.VENDOR,), AT, MONDAY, "x", of="Another LLC"))


def test_the_time_to_cure_is_the_clauses() -> None:
    assert due(noticed(), CALENDAR, LIMITS) == date(2026, 1, 12)
    assert due(begun("breach"), CALENDAR, LIMITS) == date(2026, 1, 12)  # notice_days
    assert due(decide(noticed(), act("cure", "sue", reason="b")), CALENDAR, LIMITS) is None
    assert due(begun("duty"), CALENDAR, LIMITS) == date(2026, 1, 20)
    assert trading_dates_after(CALENDAR.last, 3, CALENDAR) is None
    assert trading_dates_after(MONDAY, 0, CALENDAR) == MONDAY
    assert age(noticed(), date(2026, 1, 12), CALENDAR) == 5


STEPS = sorted({step.name for step in breach.PROCEDURE.steps})
TRIED = st.tuples(
    st.sampled_from(STEPS),
    st.sampled_from(sorted(PEOPLE)),
    st.integers(0, 20),
    st.sampled_from([*breach.DROPPED, *breach.ENDED, ""]),
    st.booleans(),
)


@settings(deadline=None, max_examples=200)
@given(st.lists(TRIED, max_size=20))
def test_no_path_leads_around_notice_cure_and_four_eyes(
    tried: list[tuple[str, str, int, str, bool]],
) -> None:
    case, day = begun("breach"), MONDAY
    for step, by, later, choice, shows in tried:
        day += timedelta(days=later)
        said = {"reason": "r", "choice": choice, "to": "ann", "seen": case.digest}
        documents = (LETTER,) if shows else ()
        try:
            case = decide(case, act(step, by, day, documents=documents, **said))
        except RefusedError:
            continue
    sent, drafts = case.of("send"), {each.by for each in case.of("draft")}
    if case.state in {"noticed", "cured", "uncured", "escalated", "closing"}:
        assert sent
    assert drafts.isdisjoint({each.by for each in sent}) or case.of("return")
    for confirmed in case.of("confirm"):
        before = case.acts[: case.acts.index(confirmed)]
        assert confirmed.by not in {each.by for each in before if each.step == "close"}
    if case.state == "closed":
        assert case.of("confirm")
        assert case.of("close")
    assert all(PEOPLE[each.by] is Role.VENDOR for each in case.of("answer"))


# -- Duties ----------------------------------------------------------------------------------------


def test_a_duty_is_attested_by_its_owner_with_the_evidence() -> None:
    done = decide(begun("duty"), act("attest", "ann", reason="here", documents=(STATEMENT,)))

    assert not done.is_open
    with pytest.raises(RefusedError, match="it needs statement"):
        decide(begun("duty"), act("attest", "ann", reason="here", documents=(LETTER,)))
    with pytest.raises(RefusedError, match="ann attests it"):
        decide(begun("duty"), act("attest", "cy", reason="here", documents=(STATEMENT,)))


def test_a_duty_may_be_given_to_another() -> None:
    given_away = decide(begun("duty"), act("assign", "sue", to="dan"))
    held = decide(given_away, act("attach", "dan", documents=(STATEMENT,)))

    assert not decide(held, act("attest", "dan", reason="here")).is_open
    with pytest.raises(RefusedError, match="dan attests it"):
        decide(held, act("attest", "ann", reason="here"))


# -- The notice ------------------------------------------------------------------------------------


def orders(number: int) -> list[Behind]:
    of = ("2025-12-01", "O", "ABC", 1, Decimal(1000))
    return [Behind(*of, Decimal(n) / 8 if n else None, Decimal(-n)) for n in range(number)]


def test_a_notice_says_what_was_agreed_and_found_and_shows_the_worst_orders() -> None:
    head = Letterhead("The firm", MONDAY, date(2026, 1, 12), "")
    told = notice(begun("breach"), head, orders_table(orders(21)))
    said, behind = told.sections
    (table,) = tables_of(replace(told, sections=(behind,)))

    assert said.title == "To Example Routing LLC"
    assert "2026-01-12 if it is sent today" in repr(said.blocks)
    assert "The first 20 of 21." in table.caption
    assert [cell.text for cell in table.rows[1]] == [
        *("2025-12-01", "O", "ABC", "1", "1,000", "0.125", "\N{MINUS SIGN}1"),
    ]


def test_a_notice_names_no_date_beyond_the_calendar_and_shows_no_empty_table() -> None:
    told = notice(begun("breach"), Letterhead("The firm", MONDAY, None, ""), orders_table(()))

    assert len(told.sections) == 1
    assert "if it is sent today" not in repr(told.sections)


def test_what_is_behind_a_breach_is_read_as_it_was_written() -> None:
    table = dates_table([(MONDAY, None), (MONDAY, MONDAY)])
    lines = [[heading.title for heading in table.headings]]
    lines += [[cell.exact for cell in row] for row in table.rows]

    assert read_behind("\n".join(map(",".join, lines))) == table
    assert len(notice(begun("breach"), Letterhead("F", MONDAY, None, ""), table).sections) == 2
