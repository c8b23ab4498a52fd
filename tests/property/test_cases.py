"""No sequence of acts finds a way around what a procedure asks, whoever tries, in any order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routewarden.base.canonical import Digest
from routewarden.cases.book import PROCEDURES
from routewarden.cases.case import (
    Act,
    Case,
    Document,
    Joined,
    Opening,
    RefusedError,
    Step,
    decide,
    joined,
    opened,
)
from routewarden.cases.roles import Role, clash
from routewarden.rules.rule import Severity

SEQUENCES = 2_000
DAY = date(2026, 7, 6)
NAMES = ("ann", "bob", "sue", "vic")
POSSIBLE = [(role,) for role in Role if role is not Role.NOBODY] + [
    pair for one in Role for two in Role if one < two and not clash(pair := (one, two))
]


FACTS = {
    "breach": {"cure": "5"},
    "diligence": {"questions": "i1 i2", "required": "i1", "documented": "i1"},
    "duty": {"owner": "ann", "evidence": "memo"},
}
"""What cases of a kind are opened with, beside the provider."""


@dataclass(frozen=True, slots=True)
class Try:
    """What somebody tries: a step by its place among all, and what is said with it."""

    place: int
    by: str
    choice: int
    given: int
    stale: bool
    to: str


tries = st.builds(
    Try,
    place=st.integers(0, 40),
    by=st.sampled_from(NAMES),
    choice=st.integers(0, 9),
    given=st.integers(0, 63),
    stale=st.booleans(),
    to=st.sampled_from(("", *NAMES)),
)
crews = st.tuples(*(st.sampled_from(POSSIBLE) for _ in NAMES))


def act_of(case: Case, what: Try, crew: Sequence[tuple[Role, ...]]) -> Act:
    """Return an act that often has what its step asks for, and often lacks some of it."""
    steps = case.procedure.steps
    likely = [step for step in steps if case.state in step.of]
    step = (likely or steps)[what.place % len(likely or steps)] if what.given & 1 else (
        steps[what.place % len(steps)]
    )  # fmt: skip
    kinds = [*step.needs, "memo"] if what.given & 2 else []
    documents = tuple(Document(kind, f"{kind}.pdf", Digest("d" * 64)) for kind in kinds)
    return Act(
        step=step.name,
        by=what.by,
        roles=crew[NAMES.index(what.by)],
        at="2026-07-06T14:00:00Z",
        day=DAY,
        reason="because" if what.given & 4 else "",
        choice=step.choices[what.choice % len(step.choices)] if step.choices else "",
        item="i1" if what.given & 8 else "",
        to=what.to,
        due=DAY if what.given & 16 else None,
        documents=documents,
        seen="" if what.stale else case.digest,
        of="acme" if what.given & 32 else "",
    )


def _taken(case: Case, act: Act) -> Step:
    return next(step for step in case.procedure.named(act.step) if case.state in step.of)


def _hold(before: Case, act: Act, after: Case) -> None:
    """Say what has to be true of an act that was let happen."""
    step = _taken(before, act)
    assert set(act.roles) & step.roles
    assert act.roles != (Role.AUDITOR,)
    assert not step.bound or act.seen == before.digest
    assert not step.says or act.reason
    assert not step.choices or act.choice in step.choices
    assert act.by not in {done.by for name in step.apart_from for done in before.of(name)}
    assert set(step.needs) <= {each.kind for each in after.documents}
    assert not step.own or before.owner == act.by
    if Role.VENDOR in act.roles:
        assert act.of == before.facts["provider"]
    assert after.acts == (*before.acts, act)
    assert after.state in {before.state, step.to, step.severe}


@pytest.mark.parametrize("kind", PROCEDURES)
def test_no_sequence_of_acts_finds_a_way_around(kind: str) -> None:
    procedure = PROCEDURES[kind]

    @settings(max_examples=SEQUENCES, deadline=None)
    @given(crews, st.sampled_from(Severity), st.lists(tries, max_size=12))
    def walk(crew: Sequence[tuple[Role, ...]], severity: Severity, told: Sequence[Try]) -> None:
        roles = tuple(procedure.opened_by)[:1]
        by = "" if procedure.unasked else "zoe"
        facts = {"provider": "acme", **FACTS.get(kind, {})}
        opening = Opening("x", "X", severity, by, roles, "2026-07-06T14:00:00Z", DAY, facts)
        case = opened(procedure, f"{procedure.mark}-1", opening)
        for what in told:
            act = act_of(case, what, crew)
            try:
                after = decide(case, act)
            except RefusedError:
                continue
            _hold(case, act, after)
            case = after

    walk()


@settings(max_examples=SEQUENCES, deadline=None)
@given(crews, st.lists(tries, max_size=14), st.integers(0, 13))
def test_a_severe_exception_ends_by_two(
    crew: Sequence[tuple[Role, ...]], told: Sequence[Try], when: int
) -> None:
    opening = Opening("x", "X", Severity.LOW, "", (), "2026-07-06T14:00:00Z", DAY, {})
    case = opened(PROCEDURES["exception"], "EX-1", opening)
    case = replace(case, severity=Severity.HIGH)
    for number, what in enumerate(told):
        if number == when:
            case = joined(case, Joined(DAY, number, Severity.HIGH, Digest("e" * 64)))
        act = act_of(case, what, crew)
        try:
            case = decide(case, act)
        except RefusedError:
            continue
        if case.state == "closed":
            confirmed, closed = case.of("confirm")[-1], case.of("close")[-1]
            assert case.acts[-1] == confirmed
            assert confirmed.by != closed.by
            assert set(confirmed.roles) & {Role.SUPERVISOR, Role.COMPLIANCE}
