"""A router's new version: nobody puts it in force alone, untested or other than approved."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from routewarden.base.canonical import Digest
from routewarden.cases.case import Act, Case, Document, Opening, RefusedError, decide, opened
from routewarden.cases.configuration import PROCEDURE, RESULTS
from routewarden.cases.roles import Role
from routewarden.rules.rule import Severity

AT, DAY = "2026-01-05T15:00:00Z", date(2026, 1, 5)
FILE = Digest("ab" * 32)
SHOWN = (Document("configuration", "router.toml", FILE),)
TESTS = (Document(RESULTS, "tests.pdf", Digest("cd" * 32)),)
ROLES = {"ann": Role.ANALYST, "sue": Role.SUPERVISOR, "carl": Role.COMPLIANCE, "cher": Role.CHAIR}


def begun(by: str = "ann") -> Case:
    facts = {"router": "ACME", "version": "4.2", "from": "2026-02-01", "digest": str(FILE)}
    return opened(
        PROCEDURE,
        "CF-1",
        Opening("ACME 4.2", "ACME 4.2", Severity.MEDIUM, by, (ROLES[by],), AT, DAY, facts),
    )


def took(case: Case, step: str, by: str, **said: Any) -> Case:  # noqa: ANN401 - an act's fields
    seen = {"seen": case.digest} if step == "approve" else {}
    return decide(case, Act(step, by, (ROLES[by],), AT, DAY, **{**seen, **said}))


def after_test(case: Case, by: str = "ann", choice: str = "passed") -> Case:
    return took(case, "test", by, reason="as planned", choice=choice, documents=TESTS)


def approved() -> Case:
    return took(took(after_test(begun()), "approve", "sue"), "approve", "carl")


def refused(case: Case, step: str, by: str, **said: Any) -> str:  # noqa: ANN401 - as above
    with pytest.raises(RefusedError) as error:
        took(case, step, by, **said)
    return str(error.value)


def test_it_is_proposed_tested_approved_by_two_and_in_force() -> None:
    case = took(approved(), "enforce", "ann", due=date(2026, 2, 1), documents=SHOWN)

    assert (case.state, case.is_open) == ("in force", False)


def test_what_was_not_tested_is_not_approved() -> None:
    assert "it is proposed" in refused(begun(), "approve", "sue")


def test_a_test_shows_its_results() -> None:
    said = {"reason": "done", "choice": "passed"}

    assert f"it needs {RESULTS}" in refused(begun(), "test", "ann", documents=SHOWN, **said)


def test_what_failed_its_last_test_is_not_approved() -> None:
    failed = after_test(after_test(begun()), choice="failed")

    assert "its last test failed" in refused(failed, "approve", "sue")
    assert took(after_test(failed), "approve", "sue").state == "agreed by one"


@pytest.mark.parametrize(("proposer", "tester", "why"), [
    ("sue", "ann", "sue proposed it"),
    ("ann", "sue", "sue did test"),
])  # fmt: skip
def test_who_proposed_or_tested_it_does_not_approve(proposer: str, tester: str, why: str) -> None:
    assert why in refused(after_test(begun(proposer), tester), "approve", "sue")


def test_one_person_does_not_approve_twice() -> None:
    once = took(after_test(begun()), "approve", "sue")

    assert "sue did approve" in refused(once, "approve", "sue")
    assert took(once, "approve", "cher").state == "approved"


def test_an_approval_is_of_the_case_as_it_was_seen() -> None:
    case = after_test(begun())
    stale = case.digest

    assert "state the digest" in refused(after_test(case), "approve", "sue", seen=stale)


def test_a_new_test_asks_for_two_approvals_again() -> None:
    again = after_test(took(after_test(begun()), "approve", "sue"))

    assert took(took(again, "approve", "carl"), "approve", "cher").state == "approved"


@pytest.mark.parametrize(
    ("due", "documents", "why"),
    [
        (date(2026, 2, 2), SHOWN, "the version says from 2026-02-01"),
        (date(2026, 2, 1), TESTS, f"SHA-256 {FILE}"),
    ],
)
def test_what_is_in_force_is_what_was_approved_from_its_date(
    due: date, documents: tuple[Document, ...], why: str
) -> None:
    assert why in refused(approved(), "enforce", "ann", due=due, documents=documents)


def test_it_can_be_given_up_for_good() -> None:
    case = took(begun(), "withdraw", "ann", reason="the vendor took it back")

    assert not case.is_open
    assert "for good" in refused(case, "test", "ann")


def test_a_desk_has_no_part_in_it() -> None:
    desk = replace(begun(), opened_by="ann")
    with pytest.raises(RefusedError, match="it takes"):
        decide(desk, Act("test", "dan", (Role.DESK,), AT, DAY))
