"""A quarterly review goes one way: met, considered, decided, voted, minuted, signed by two."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from routewarden.base.canonical import Digest
from routewarden.cases import coverage, review
from routewarden.cases.case import Case, Document, RefusedError
from routewarden.cases.roles import Role
from routewarden.cases.sitting import voters
from tests.reviewed import (
    FUNCTION,
    LINES,
    MEETING,
    ROLES,
    complete,
    considered,
    done,
    minuted,
    new,
    signed,
    sitting,
)


def refused(why: str, case: Case, by: str, step: str, **said: Any) -> None:  # noqa: ANN401
    with pytest.raises(RefusedError, match=why):
        done(case, by, step, **said)


def test_a_review_goes_from_opening_to_two_signatures() -> None:
    case = signed(minuted(complete()), "Ann", "Bob")

    assert (case.state, case.is_open, review.missing(case)) == ("signed", False, ())


def test_an_officer_and_a_reviewer_sign_in_place_of_votes() -> None:
    case = considered(sitting(new(FUNCTION, ()), "Ann", "Di"), "Di")

    refused("not by vote", case, "Ann", "move", item="M1", reason="x")
    refused("does not lead", minuted(case), "Di", "sign", seen=minuted(case).digest)
    assert signed(minuted(case), "Ann", "Di").state == "signed"


def test_an_officer_alone_has_no_quorum() -> None:
    case = done(new(FUNCTION), "Ann", "attend", item=MEETING)

    refused("a quorum of 2, and there is Ann", case, "Ann", "convene", item=MEETING)


def test_it_says_what_is_missing_in_the_order_it_is_done() -> None:
    assert review.missing(new()) == (
        "a meeting is to be convened",
        "whether order-by-order review applies is to be said",
        "4 cells have no number and no word on them, first needs|market|ABC",
        "draft D1 is to be answered: difference or immaterial",
    )
    case = done(sitting(), "Bob", "difference", item="D1", reason="slow")
    case = done(case, "Ann", "move", item="M1", reason="x")
    assert review.missing(case)[2:] == ("difference D1 is undecided", "motion M1 is not tallied")


def test_drafts_are_numbered_so_that_they_sort() -> None:
    assert list(review.drafted(["a"] * 10))[::9] == ["draft D01", "draft D10"]


@pytest.mark.parametrize(
    ("by", "step", "said", "why"),
    [
        ("Eve", "attend", {"item": MEETING}, "Eve has no seat"),
        ("Ann", "attend", {"item": MEETING}, "Ann attends january already"),
        ("Di", "recuse", {"item": "all", "reason": "x"}, "Di has no seat that votes"),
        ("Bob", "recuse", {"item": "M9", "reason": "x"}, "'M9': one of D1, all"),
        ("Bob", "convene", {"item": MEETING}, "Bob does not lead"),
        ("Ann", "convene", {"item": "march"}, "Ann does not attend march"),
        ("Bob", "consider", {"item": "needs|market|ABC", "choice": "open"}, "say why"),
        ("Bob", "consider", {"item": "needs|market|QQQ", "choice": "number"}, "names no cell"),
        ("Bob", "consider", {"item": "luck|market|ABC", "choice": "number"}, "names no cell"),
        ("Bob", "consider", {"item": "speed|market|*", "choice": "number"},
         r"speed\|market\|XYZ has no number"),
        ("Bob", "difference", {"item": "all", "reason": "x"}, "something else"),
        ("Bob", "immaterial", {"item": "D9", "reason": "x"}, "D9: no difference; there are D1"),
        ("Bob", "vote", {"item": "M1", "choice": "yes"}, "M1: no motion; there is none"),
        ("Ann", "move", {"item": "D1", "reason": "x"}, "D1 is taken"),
        ("Di", "minute", {}, "name a file|state the digest"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(by: str, step: str, said: dict[str, str], why: str) -> None:
    refused(why, sitting(), by, step, **said)


def test_who_is_not_there_or_recused_takes_no_part() -> None:
    case = sitting(None, "Ann", "Bob")
    refused("Cy does not attend january", case, "Cy", "difference", item="D2", reason="x")
    case = done(sitting(), "Cy", "recuse", item="D1", reason="a brother works there")
    refused("Cy is recused", case, "Cy", "difference", item="D1", reason="x")
    assert done(case, "Cy", "difference", item="D2", reason="x").of("difference")


def test_who_is_recused_leaves_the_quorum() -> None:
    case = done(sitting(None, "Ann", "Bob"), "Ann", "recuse", item="D1", reason="shares")

    refused("a quorum of 2, and there is Bob", case, "Bob", "difference", item="D1", reason="x")


def test_a_chair_and_a_member_must_hold_the_role_too(monkeypatch: pytest.MonkeyPatch) -> None:
    case = sitting()
    monkeypatch.setitem(ROLES, "Bob", Role.COMPLIANCE)
    refused("neither member nor chair", case, "Bob", "move", item="M1", reason="x")
    monkeypatch.setitem(ROLES, "Ann", Role.MEMBER)
    refused("Ann is not chair", case, "Ann", "convene", item=MEETING)


def test_a_meeting_without_its_map_is_not_convened() -> None:
    bare = Case(**{name: getattr(new(), name) for name in Case.__slots__} | {"acts": ()})
    for name in ("Ann", "Bob"):
        bare = done(bare, name, "attend", item=MEETING)

    refused("the coverage map it was opened with is not held", bare, "Ann", "convene", item=MEETING)


def test_a_difference_is_stated_once_and_decided_where_it_is_material() -> None:
    said: dict[str, Any] = {
        "choice": review.MODIFY, "to": "Bob", "due": date(2026, 3, 1), "reason": "x",
    }  # fmt: skip
    case = done(sitting(), "Bob", "immaterial", item="D1", reason="small")
    refused("D1: no material difference", case, "Ann", "decide", item="D1", **said)
    case = done(case, "Bob", "difference", item="D1", reason="not so small")
    refused("D1 was stated before", case, "Cy", "difference", item="D1", reason="x")
    past = said | {"due": date(2026, 1, 19)}
    refused("2026-01-19 is past", case, "Ann", "decide", item="D1", **past)
    case = done(case, "Ann", "decide", item="D1", **said)
    refused("D1 is decided", case, "Bob", "immaterial", item="D1", reason="x")
    refused("D1 is settled", case, "Bob", "recuse", item="D1", reason="x")
    assert review.decisions(case)["D1"].to == "Bob"


# -- Votes -----------------------------------------------------------------------------------------


def moved(*cast: tuple[str, str]) -> Case:
    case = done(sitting(), "Ann", "move", item="M1", reason="that it be so")
    for name, choice in cast:
        case = done(case, name, "vote", item="M1", choice=choice)
    return case


@pytest.mark.parametrize(
    ("cast", "told"),
    [
        ("yes yes no", "passed"),
        ("yes no abstain", "failed"),
        ("yes abstain abstain", "passed"),
        ("abstain abstain abstain", "failed"),
    ],
)
def test_a_motion_passes_with_more_than_half_of_those_for_and_against(cast: str, told: str) -> None:
    case = moved(*zip(("Ann", "Bob", "Cy"), cast.split(), strict=True))
    other = {"passed": "failed", "failed": "passed"}[told]

    refused(f"by its votes it {told}", case, "Ann", "tally", item="M1", choice=other)
    case = done(case, "Ann", "tally", item="M1", choice=told)
    refused("M1 is tallied", case, "Ann", "tally", item="M1", choice="withdrawn", reason="x")


def test_nobody_votes_twice() -> None:
    refused("Bob has voted", moved(("Bob", "yes")), "Bob", "vote", item="M1", choice="no")


def test_a_vote_without_a_quorum_settles_nothing_but_may_be_withdrawn() -> None:
    case = moved(("Ann", "yes"))

    refused("of those who voted", case, "Ann", "tally", item="M1", choice="passed")
    refused("say why it is withdrawn", case, "Ann", "tally", item="M1", choice="withdrawn")
    assert done(case, "Ann", "tally", item="M1", choice="withdrawn", reason="put off").of("tally")


def test_the_vote_of_who_steps_aside_later_counts_for_nothing() -> None:
    case = moved(("Ann", "yes"), ("Bob", "yes"))
    case = done(case, "Bob", "recuse", item="M1", reason="shares")

    refused("there is Ann", case, "Ann", "tally", item="M1", choice="passed")


# -- Minutes and signatures ------------------------------------------------------------------------


def test_minutes_are_one_file_of_a_case_that_lacks_nothing() -> None:
    held = (Document(review.MINUTES, "m.pdf", Digest("dd" * 32)),)
    case, early = complete(), sitting()

    refused("things are missing", early, "Di", "minute", documents=held, seen=early.digest)
    refused("attach one file", case, "Di", "minute", documents=held * 2, seen=case.digest)
    refused("state the digest", case, "Di", "minute", documents=held, seen=early.digest)


def test_minutes_of_another_case_than_it_is_are_not_signed() -> None:
    case = minuted(complete())
    moved_on = Case(
        **{name: getattr(case, name) for name in Case.__slots__}
        | {"acts": (*case.acts, case.of("note", "attend")[0])}
    )

    refused("the minutes are not of the case", moved_on, "Ann", "sign", seen=moved_on.digest)


@pytest.mark.parametrize("name", ["Ann", "Di"])
def test_a_second_signature_is_anothers_who_sits(name: str) -> None:
    case = signed(minuted(complete()), "Ann")

    refused("another person|no seat that votes", case, name, "sign", seen=case.digest)


def test_who_is_recused_from_all_signs_nothing() -> None:
    ready = complete(done(new(), "Bob", "note", reason="x"))
    case = minuted(done(ready, "Bob", "recuse", item="all", reason="shares"))
    first = signed(case, "Ann")

    refused("Bob is recused from all", first, "Bob", "sign", seen=first.digest)


def test_reopened_it_needs_its_minutes_again() -> None:
    case = done(signed(minuted(complete()), "Ann"), "Bob", "reopen", reason="a date was wrong")

    assert case.state == "sitting"
    assert signed(minuted(case), "Ann", "Bob").state == "signed"


def test_a_review_that_others_are_to_sit_in_ends_unsigned() -> None:
    assert done(new(), "Di", "void", reason="Cy has left").state == "void"


# -- Cells -----------------------------------------------------------------------------------------


def test_cells_are_told_short_where_a_whole_type_lacks_a_number() -> None:
    facts = new().facts

    assert facts["open needs|market"] == "*"
    assert facts["open speed|market"] == '["XYZ"]'
    assert "thin other" not in facts


@pytest.mark.parametrize(
    ("item", "left"),
    [
        ("needs|market|*", ["needs|other|XYZ", "speed|market|XYZ"]),
        ("needs|market|ABC", ["needs|market|XYZ", "needs|other|XYZ", "speed|market|XYZ"]),
        ("thin", ["needs|market|ABC", "needs|other|XYZ"]),
    ],
)
def test_a_word_on_many_counts_for_each_without_a_number(item: str, left: list[str]) -> None:
    case = done(sitting(), "Bob", "consider", item=item, choice="not_applicable", reason="x")

    assert sorted(coverage.empty(case)) == left


def test_that_a_cell_has_its_number_leaves_no_other_less_empty() -> None:
    case = sitting()
    after = done(case, "Bob", "consider", item="costs|market|*", choice="number")

    assert coverage.empty(after) == coverage.empty(case)
    assert len(coverage.meant(case, "costs|market|*")) == len(LINES["market"])


@pytest.mark.parametrize("make", [new, sitting])
def test_those_who_vote_are_without_the_secretary(make: Callable[[], Case]) -> None:
    assert voters(make()) == {"Ann", "Bob", "Cy"}
