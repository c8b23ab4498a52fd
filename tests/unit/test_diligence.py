"""Due diligence on a provider: what each step refuses, what is carried, what the report says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from routewarden.base.canonical import Digest
from routewarden.cases.answers import Change, carried, standing, told
from routewarden.cases.case import Act, Case, Document, Opening, RefusedError, decide, opened
from routewarden.cases.diligence import PROCEDURE, REPORT, decision, open_conditions
from routewarden.cases.exception import PROCEDURE as EXCEPTION
from routewarden.cases.renewal import standings
from routewarden.cases.roles import Role
from routewarden.evidence.candidates import comparison_of, overview
from routewarden.evidence.diligence import Diligence, report_of
from routewarden.evidence.document import tables_of
from routewarden.measures.shown import NO_VALUE
from routewarden.policy.limits import read_limits
from routewarden.policy.questionnaire import read_questionnaire
from routewarden.rules.rule import Severity
from tests.diligence_firm import ASKED, SHORT

DAY, END = date(2026, 3, 2), date(2026, 12, 31)
AT = "2026-03-02T15:00:00Z"
FACTS = {
    "provider": "Kestrel", "purpose": "selection", "comparison": "2026",
    "questions": "VC-1 VC-2 SC-1 FP-1 IL-5", "required": "VC-1 VC-2 SC-1 FP-1",
    "documented": "VC-1 SC-1",
}  # fmt: skip
ROLES = {"ann": Role.ANALYST, "cora": Role.COMPLIANCE, "mia": Role.MEMBER, "sen": Role.SENIOR}
PAPER = (Document("policy", "p.pdf", Digest("1" * 64)),)
REPORTED = (Document(REPORT, "r.pdf", Digest("2" * 64)),)


def a_case(case_id: str = "DD-1", facts: Mapping[str, str] = FACTS, by: str = "ann") -> Case:
    roles = (ROLES[by],) if by else ()
    opening = Opening("Kestrel", "t", Severity.MEDIUM, by, roles, AT, DAY, facts)
    return opened(PROCEDURE, case_id, opening)


def taken(case: Case, by: str, step: str, day: date = DAY, **said: Any) -> Case:  # noqa: ANN401
    act = Act(step, by, (ROLES[by],), AT, day, **{"reason": "why", **said})
    return decide(case, replace(act, seen=case.digest))


def answered(case: Case, *without: str) -> Case:
    for name in case.facts["required"].split():
        if name not in without:
            paper = PAPER if name in case.facts["documented"] else ()
            case = taken(case, "ann", "answer", item=name, documents=paper, due=END)
    return case


def recommended(case: Case, choice: str = "approve") -> Case:
    case = taken(case, "ann", "rate", choice="low")
    return taken(case, "ann", "recommend", choice=choice)


def signed(case: Case, step: str = "approve", day: date = DAY) -> Case:
    case = taken(case, "mia", step, day)
    case = taken(case, "cora", "report", day, documents=REPORTED)
    case = taken(case, "cora", "present", day, to="sen")
    return taken(case, "sen", "sign", day)


def diligence(case: Case, *cases: Case, asked: str = SHORT) -> Diligence:
    known = read_questionnaire(asked)
    before = {each.id: each for each in cases}
    said = {each.id: told(each.id, case, before) for each in known.questions}
    return Diligence(case, known, said, None, "The firm", "log", "", date(2027, 1, 4))


def refusal(case: Case, by: str, step: str, **said: Any) -> str:  # noqa: ANN401
    with pytest.raises(RefusedError) as refused:
        taken(case, by, step, **said)
    return str(refused.value)


def refreshed(before: Case) -> Case:
    held = carried(ASKED.by_id(), standing(before))
    facts = {**FACTS, "purpose": "annual refresh", "comparison": ""}
    return a_case("DD-2", {**facts, "before": before.id, "carried": held}, by="")


def test_an_answer_is_to_a_question_and_its_documents_have_a_date() -> None:
    case = a_case()

    assert "X is no question" in refusal(case, "ann", "answer", item="X")
    assert "until when" in refusal(case, "ann", "answer", item="VC-1", documents=PAPER)
    past = {"item": "VC-1", "documents": PAPER, "due": date(2026, 3, 1)}
    assert "were good until 2026-03-01" in refusal(case, "ann", "answer", **past)


def test_it_is_recommended_once_all_is_answered_and_rated_since() -> None:
    case = answered(a_case(), "FP-1")

    assert "FP-1: not answered" in refusal(case, "ann", "recommend", choice="approve")
    case = answered(a_case())
    assert "rate the risk first" in refusal(case, "ann", "recommend", choice="approve")
    case = taken(taken(case, "ann", "rate", choice="low"), "cora", "query", item="IL-5")
    assert "IL-5: asked back" in refusal(case, "ann", "recommend", choice="approve")
    case = taken(case, "ann", "answer", item="IL-5")
    assert "IL-5: came after the rating" in refusal(case, "ann", "recommend", choice="approve")
    assert recommended(a_case(), "decline").state == "recommended"


def test_conditions_are_named_where_they_are_recommended_or_a_document_is_missing() -> None:
    case = recommended(answered(a_case()), "approve with conditions")
    assert "none is named" in refusal(case, "mia", "approve")

    case = taken(answered(a_case(), "SC-1"), "ann", "answer", item="SC-1")
    case = recommended(case)
    assert "SC-1: no document came" in refusal(case, "mia", "approve")
    late = {"item": "SC-1", "to": "cora", "due": date(2026, 3, 1)}
    assert "its date is over" in refusal(case, "ann", "condition", **late)
    case = taken(case, "ann", "condition", item="SC-1", to="cora", due=END)
    case = signed(case)
    assert [each.item for each in open_conditions(case)] == ["SC-1"]
    assert "open; SC-1 are" in refusal(case, "ann", "meet", item="VC-1")
    case = taken(case, "ann", "meet", item="SC-1")
    assert refusal(case, "ann", "meet", item="SC-1").endswith("about SC-1 is open.")
    assert ("SC-1", "met 2026-03-02") in {
        (row[0].text, row[3].text)
        for table in tables_of(report_of(diligence(case)))
        if table.name == "conditions"
        for row in table.rows
    }


def test_only_the_report_of_the_decision_is_presented_and_signed_by_whom_it_was_shown() -> None:
    case = taken(recommended(answered(a_case())), "mia", "approve")

    assert "it takes a diligence report" in refusal(case, "cora", "report", documents=PAPER)
    assert "no diligence report since" in refusal(case, "cora", "present", to="sen")
    case = taken(case, "cora", "report", documents=REPORTED)
    shown = taken(case, "cora", "present", to="somebody")
    assert "presented to somebody" in refusal(shown, "sen", "sign")
    back = taken(shown, "sen", "return")
    assert (back.state, decision(back), open_conditions(back)) == ("asking", None, ())


def test_what_is_carried_counts_once_it_is_said_to_hold() -> None:
    first = signed(recommended(answered(a_case())))
    case = refreshed(first)
    assert case.facts["carried"] == "VC-1@2026-12-31 VC-2 SC-1@2026-12-31 FP-1"
    assert told("VC-2", case, {"DD-1": first}).change is Change.OPEN

    assert "IL-5 has no answer of before" in refusal(case, "ann", "reaffirm", item="IL-5")
    case = taken(case, "ann", "answer", item="VC-2", reason="otherwise")
    assert "VC-2 has no answer of before" in refusal(case, "ann", "reaffirm", item="VC-2")
    case = taken(case, "ann", "query", item="FP-1")
    case = taken(taken(case, "ann", "reaffirm"), "ann", "reaffirm", item="FP-1")
    assert "no answer of before is left" in refusal(case, "ann", "reaffirm")
    case = taken(case, "ann", "answer", item="IL-5", reason="new")
    said = {name: told(name, case, {"DD-1": first}).change for name in FACTS["questions"].split()}
    assert said == {"VC-1": "unchanged", "VC-2": "changed", "SC-1": "unchanged",
                    "FP-1": "unchanged", "IL-5": "new"}  # fmt: skip


def test_answers_are_told_through_as_many_years_as_they_hold() -> None:
    first = signed(recommended(answered(a_case())))
    second = taken(refreshed(first), "ann", "reaffirm")
    third = replace(refreshed(first), id="DD-3", facts={**FACTS, "before": "DD-2",
                                                       "carried": "VC-1@2026-12-31"})  # fmt: skip
    third = taken(third, "ann", "reaffirm", item="VC-1")
    said = told("VC-1", third, {"DD-1": first, "DD-2": second})

    assert (said.text, said.documents, said.change) == ("why", PAPER, Change.SAME)


def test_an_expired_document_has_to_come_anew() -> None:
    case = taken(refreshed(signed(recommended(answered(a_case())))), "ann", "reaffirm")
    case = taken(case, "ann", "rate", choice="low")
    late = {"choice": "approve", "day": date(2027, 1, 4)}

    assert "SC-1, VC-1: its document has expired" in refusal(case, "ann", "recommend", **late)


def test_an_approval_stands_for_a_year_and_its_refresh_opens_before() -> None:
    limits = read_limits("")
    approved = signed(recommended(answered(a_case())))
    stands = standings([approved], limits)["Kestrel"]

    assert (stands.until, stands.opens) == (date(2027, 3, 2), date(2027, 1, 16))
    assert (stands.is_due(date(2027, 1, 15)), stands.is_due(date(2027, 1, 16))) == (False, True)
    assert stands.is_overdue(date(2027, 3, 3))
    again = standings([approved, refreshed(approved)], limits)["Kestrel"]
    assert not again.is_due(date(2027, 1, 16))
    declined = signed(recommended(a_case(), "decline"), "decline")
    assert standings([declined], limits)["Kestrel"].until is None
    fresh = standings([a_case()], limits)["Kestrel"]
    assert (fresh.decided, fresh.signed, fresh.is_overdue(DAY)) == (None, None, False)
    other = opened(EXCEPTION, "EX-1", Opening("x", "x", Severity.LOW, "", (), AT, DAY))
    assert standings([other], limits) == {}


def test_a_draft_says_what_is_open() -> None:
    first = signed(recommended(answered(a_case())))
    case = taken(refreshed(first), "ann", "query", item="VC-2")
    case = taken(case, "ann", "query", item="IL-5")
    document = report_of(diligence(case, first))
    cells = {cell.text for table in tables_of(document) for row in table.rows for cell in row}

    assert document.status == "Draft for the committee"
    assert {"asked back", "open", "expired", "DD-1"} <= cells
    assert "missing" in {
        cell.text
        for table in tables_of(report_of(diligence(a_case())))
        for row in table.rows
        for cell in row
    }


def test_candidates_are_set_side_by_side() -> None:
    one = taken(answered(a_case(), "SC-1"), "ann", "answer", item="SC-1")
    one = recommended(one, "approve with conditions")
    one = taken(one, "ann", "condition", item="SC-1", to="cora", due=END)
    one = taken(one, "mia", "approve")
    two = taken(a_case("DD-2"), "ann", "query", item="VC-2")
    found = (diligence(one), diligence(two))
    rows = {row[0].text: tuple(cell.text for cell in row[1:]) for row in overview(found).rows}
    answers = {row[0].text: row[3].text for table in tables_of(comparison_of(found))[1:]
               for row in table.rows}  # fmt: skip

    assert rows["decided"] == ("approved", "not decided")
    assert rows["risk"] == ("low", NO_VALUE)
    assert rows["conditions"] == ("SC-1 by 2026-12-31: why", "")
    assert (answers["VC-1"], answers["VC-2"]) == ("not answered", "asked back")
