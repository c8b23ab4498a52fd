"""Who may do what: separation of duties, as data."""

from __future__ import annotations

from itertools import combinations

import pytest

from routewarden.cases.roles import ALONE, GRANTS, MEANS, RIGHTS, Right, Role, clash, may

DECIDES = {Right.APPROVE, Right.ACT}


def test_every_role_and_right_says_what_it_is() -> None:
    assert set(GRANTS) == set(MEANS) == set(Role)
    assert set(RIGHTS) == set(Right)


def test_every_right_is_somebodys() -> None:
    assert {right for granted in GRANTS.values() for right in granted} == set(Right)


def test_who_appoints_decides_nothing() -> None:
    for role in Role:
        if Right.APPOINT in GRANTS[role]:
            assert not DECIDES & GRANTS[role], role


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.EXAMINER])
def test_who_looks_on_changes_nothing(role: Role) -> None:
    changes = {Right.OPERATE, Right.PROPOSE, Right.APPROVE, Right.APPOINT, Right.ACT}
    assert not changes & GRANTS[role]


def test_a_vendor_sees_no_figures_and_no_settings() -> None:
    assert GRANTS[Role.VENDOR] == {Right.SEE_CASES, Right.ACT, Right.NOTHING}


def test_nobody_acts_on_a_case_and_nobody_appoints() -> None:
    assert not {Right.ACT, Right.APPOINT} & GRANTS[Role.NOBODY]


def test_rights_add_up_over_roles() -> None:
    assert may([Role.AUDITOR, Role.COMPLIANCE], Right.APPROVE)
    assert not may([Role.AUDITOR], Right.APPROVE)
    assert not may([], Right.LOOK)


def test_some_roles_go_with_no_other() -> None:
    for one, two in combinations(Role, 2):
        if {one, two} & ALONE:
            assert clash([one, two]), (one, two)


@pytest.mark.parametrize(
    ("roles", "why"),
    [
        ((), "at least one role"),
        ((Role.NOBODY,), "no user's role"),
        ((Role.DESK, Role.SUPERVISOR), "desk and supervisor are two persons"),
        ((Role.COMPLIANCE, Role.DESK), "compliance and desk are two persons"),
        ((Role.ADMINISTRATOR, Role.CHAIR), "administrator goes with no other role"),
    ],
)
def test_a_clash_says_why(roles: tuple[Role, ...], why: str) -> None:
    assert why in clash(roles)


@pytest.mark.parametrize(
    "roles", [(Role.DESK,), (Role.MEMBER, Role.COMPLIANCE), (Role.CHAIR, Role.SENIOR)]
)
def test_what_one_person_can_be_is_no_clash(roles: tuple[Role, ...]) -> None:
    assert clash(roles) == ""
