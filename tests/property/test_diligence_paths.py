"""No sequence of acts leads a diligence case past four eyes, required answers or documents."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings

from routewarden.base.canonical import Digest
from routewarden.cases.answers import standing
from routewarden.cases.case import (
    Act,
    Case,
    Document,
    Opening,
    RefusedError,
    decide,
    opened,
)
from routewarden.cases.diligence import (
    APPROVED,
    PROCEDURE,
    RATINGS,
    RECOMMENDATIONS,
    REPORT,
    SIGNED,
    conditions,
    undocumented,
)
from routewarden.cases.roles import Role
from routewarden.rules.rule import Severity

DAY = date(2026, 3, 2)
AT = "2026-03-02T15:00:00Z"
IDS = ("VC-1", "SC-1", "IL-5")
PEOPLE = {
    "ann": (Role.ANALYST,),
    "amy": (Role.ANALYST, Role.MEMBER),
    "cora": (Role.COMPLIANCE, Role.SENIOR),
    "mia": (Role.MEMBER, Role.SENIOR),
    "sen": (Role.SENIOR,),
    "kes": (Role.VENDOR,),
    "har": (Role.VENDOR,),
}
OF = {"kes": "Kestrel", "har": "Harrier"}
STEPS = tuple(dict.fromkeys(step.name for step in PROCEDURE.steps))
BOUND = {step.name for step in PROCEDURE.steps if step.bound}
CHOICES = {"rate": RATINGS, "recommend": RECOMMENDATIONS}


def a_case(*, refresh: bool) -> Case:
    facts = {"provider": "Kestrel", "questions": " ".join(IDS), "required": "VC-1 SC-1",
             "documented": "SC-1"}  # fmt: skip
    if refresh:
        facts |= {"before": "DD-1", "carried": "VC-1 SC-1@2026-03-20"}
    opening = Opening("Kestrel", "t", Severity.MEDIUM, "", (), AT, DAY, facts)
    return opened(PROCEDURE, "DD-2", opening)


@st.composite
def acts(draw: st.DrawFn) -> dict[str, Any]:
    step = draw(st.sampled_from(STEPS))
    return {
        "step": step,
        "by": draw(st.sampled_from(sorted(PEOPLE))),
        "item": draw(st.sampled_from((*IDS, ""))),
        "choice": draw(st.sampled_from(CHOICES.get(step, ("",)))),
        "due": draw(st.sampled_from((None, 3, 10, 30))),
        "paper": draw(st.sampled_from(("", "policy", REPORT))),
        "to": draw(st.sampled_from(("sen", "mia", "cora"))),
        "later": draw(st.sampled_from((0, 0, 0, 1, 5))),
        "blind": draw(st.integers(0, 9)) == 0,
    }


USUAL = (
    ("kes", "answer", "VC-1", ""), ("kes", "answer", "SC-1", ""), ("kes", "reaffirm", "", ""),
    ("ann", "rate", "", "low"), ("ann", "recommend", "", "approve"),
    ("ann", "condition", "SC-1", ""), ("mia", "approve", "", ""), ("cora", "report", "", ""),
    ("cora", "present", "", ""), ("sen", "sign", "", ""), ("ann", "meet", "SC-1", ""),
)  # fmt: skip


@st.composite
def sequences(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Some of the usual steps in order, so that most cases get far, and anything between them."""
    found = []
    for by, step, item, choice in USUAL:
        found += draw(st.lists(acts(), max_size=1))
        if draw(st.integers(0, 7)):
            usual = {"step": step, "by": by, "item": item, "choice": choice, "due": 30, "to": "sen"}
            usual["paper"] = REPORT if step == "report" else draw(st.sampled_from(("", "policy")))
            if step == "recommend":
                usual["choice"] = draw(st.sampled_from(RECOMMENDATIONS))
            found.append({**usual, "later": draw(st.sampled_from((0, 1, 5))), "blind": False})
    return found


def act_from(case: Case, said: dict[str, Any], day: date) -> Act:
    papers = (Document(said["paper"], "p.pdf", Digest("0" * 64)),) if said["paper"] else ()
    return Act(
        said["step"], said["by"], PEOPLE[said["by"]], AT, day, "why", said["choice"], said["item"],
        said["to"], None if said["due"] is None else day + timedelta(days=said["due"]), papers,
        case.digest if said["step"] in BOUND and not said["blind"] else "", OF.get(said["by"], ""),
    )  # fmt: skip


def check_approval(before: Case, act: Act) -> None:
    known = standing(before)
    preparing = before.of("answer", "reaffirm", "rate", "recommend", "condition")
    assert act.by not in {each.by for each in preparing}
    assert act.seen == before.digest
    for name in before.facts["required"].split():
        assert known[name].is_given
    assert not [each for each in known.values() if each.is_given and each.expired_on(act.day)]
    assert not [each for each in known.values() if each.is_asked_back]
    assert set(undocumented(before)) <= set(conditions(before))
    assert before.of("rate")
    if before.of("recommend")[-1].choice == "approve with conditions":
        assert conditions(before)


def check_signature(before: Case, act: Act) -> None:
    prepared = before.of("answer", "reaffirm", "rate", "recommend", "condition", "present")
    assert act.by not in {each.by for each in prepared}
    assert act.by == before.of("present")[-1].to
    assert REPORT in {document.kind for document in before.documents}


@settings(max_examples=2_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sequences(), st.sampled_from((a_case(refresh=False), a_case(refresh=True))))
def test_nothing_gets_past_four_eyes_answers_and_documents(
    said: list[dict[str, Any]], case: Case
) -> None:
    day = DAY
    for each in said:
        day += timedelta(days=each["later"])
        act = act_from(case, each, day)
        try:
            after = decide(case, act)
        except RefusedError:
            continue
        assert act.of in {"", "Kestrel"}
        if after.state == APPROVED and case.state != APPROVED:
            check_approval(case, act)
        if after.state == SIGNED and case.state != SIGNED:
            check_signature(case, act)
        case = after
