"""Relying on another member's review takes what they disclosed, checked, and two signatures."""

from __future__ import annotations

import pytest

from routewarden.base.canonical import Digest
from routewarden.cases import reliance
from routewarden.cases.case import Case, Document, Opening, RefusedError, opened
from routewarden.cases.roles import Role
from routewarden.rules.rule import Severity
from tests.reviewed import DAY, done

FILE = (Document("results", "r.pdf", Digest("ee" * 32)),)


def new() -> Case:
    opening = Opening(
        "Clearing 2025Q4", "Reliance", Severity.MEDIUM, "Di", (Role.COMPLIANCE,),
        "2026-01-20T15:00:00Z", DAY, {"quarter": "2025Q4", "member": "Clearing"},
    )  # fmt: skip
    return opened(reliance.PROCEDURE, "RL-1", opening)


def disclosed(case: Case) -> Case:
    for what in ("results", "rationale"):
        case = done(case, "Bob", "disclose", choice=what, reason="sent in full", documents=FILE)
    return case


def checked(case: Case) -> Case:
    for what in ("results", "rationale", "conduct"):
        case = done(case, "Di", "check", choice=what, reason="compared with our own orders")
    return case


def test_two_sign_what_was_disclosed_and_checked() -> None:
    case = done(checked(disclosed(new())), "Di", "conclude", choice="rely", reason="it is whole")
    for name in ("Di", "Ann"):
        case = done(case, name, "sign", seen=case.digest)

    assert (case.state, reliance.missing(case)) == ("signed", ())


def test_what_is_missing_is_said() -> None:
    assert reliance.missing(new()) == (
        "results: not disclosed",
        "rationale: not disclosed",
        "conduct: not checked as last disclosed",
    )


def test_what_is_disclosed_anew_is_checked_anew() -> None:
    case = checked(disclosed(new()))
    case = done(case, "Bob", "disclose", choice="results", reason="mended", documents=FILE)

    assert reliance.missing(case) == ("results: not checked as last disclosed",)
    with pytest.raises(RefusedError, match="1 things are missing"):
        done(case, "Di", "conclude", choice="rely", reason="x")
    assert done(case, "Di", "conclude", choice="own_review", reason="late").state == "concluded"


def test_one_person_does_not_sign_twice() -> None:
    case = done(new(), "Di", "conclude", choice="own_review", reason="nothing came")
    case = done(case, "Di", "sign", seen=case.digest)

    with pytest.raises(RefusedError, match="another person"):
        done(case, "Di", "sign", seen=case.digest)
