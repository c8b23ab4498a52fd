"""Who reviews, from when, and what cannot be."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from routewarden.policy.committee import (
    COMMITTEE_TEXT,
    CommitteeError,
    NoCommitteeError,
    Seat,
    committee_on,
    read_committee,
)

BOARD = """\
[[committee]]
from = 2026-01-01
quorum = "2/3"
majority = "1/2"
source = "procedures, 4.1"
approved_by = "the board"
[committee.members]
"Ann" = "chair"
"Bob" = "member"
"Cy" = "member"
"Di" = "secretary"
"""
PAIR = """\
[[function]]
from = 2027-01-01
officer = "Ann"
reviewer = "Bob"
source = "procedures, 4.1"
approved_by = "the board"
"""


def test_the_shipped_file_names_nobody() -> None:
    assert read_committee(COMMITTEE_TEXT) == ()


def test_the_shipped_examples_are_two() -> None:
    _, _, example = COMMITTEE_TEXT.partition("# [[committee]]")
    lines = ("[[committee]]" + example).splitlines()
    text = "\n".join(line.removeprefix("# ").removeprefix("#") for line in lines)
    text = text.replace("Or, for a small firm", "# Or").replace("from = 2026", "from = 2027", 1)

    assert [each.quorum for each in read_committee(text)] == [2, 2]


def test_a_secretary_counts_for_nothing() -> None:
    (board,) = read_committee(BOARD)

    assert (board.quorum, board.majority, board.seats["Di"]) == (2, Fraction(1, 2), Seat.SECRETARY)


def test_a_quorum_may_be_a_number() -> None:
    assert read_committee(BOARD.replace('"2/3"', "3"))[0].quorum == 3


def test_an_officer_and_a_reviewer_are_both_needed() -> None:
    (pair,) = read_committee(PAIR)

    assert (pair.quorum, pair.majority) == (2, None)
    assert pair.seats == {"Ann": Seat.OFFICER, "Bob": Seat.REVIEWER}


def test_the_later_setting_counts_from_its_date() -> None:
    settings = read_committee(BOARD + PAIR)

    assert committee_on(settings, date(2026, 12, 31)).majority == Fraction(1, 2)
    assert committee_on(settings, date(2027, 1, 1)).majority is None
    with pytest.raises(NoCommitteeError, match="nobody is set to review on 2025-12-31"):
        committee_on(settings, date(2025, 12, 31))


@pytest.mark.parametrize(
    "text",
    [
        "[",
        "members = 1",
        "committee = 1",
        "committee = [1]",
        BOARD + PAIR.replace("2027", "2026"),
        BOARD.replace("majority", "most"),
        BOARD.replace('quorum = "2/3"\n', ""),
        BOARD.replace('"2/3"', "1"),
        BOARD.replace('"2/3"', "4"),
        BOARD.replace('"2/3"', "true"),
        BOARD.replace('"2/3"', '"1/9"'),
        BOARD.replace('"2/3"', '"many"'),
        BOARD.replace('"2/3"', '"1/0"'),
        BOARD.replace('"1/2"', '"1"'),
        BOARD.replace('"1/2"', '"3/2"'),
        BOARD.replace('"1/2"', "1"),
        BOARD.replace('"chair"', '"member"'),
        BOARD.replace('"chair"', '"king"'),
        BOARD.replace('"Cy"', '" "'),
        BOARD.replace('"member"', '"secretary"'),
        BOARD.split("[committee.members]", maxsplit=1)[0] + "members = {}\n",
        BOARD.replace("2026-01-01", '"2026-01-01"'),
        BOARD.replace("2026-01-01", "2026-01-01T00:00:00"),
        BOARD.replace('"procedures, 4.1"', '""'),
        PAIR.replace('"Bob"', '"Ann"'),
        PAIR.replace('officer = "Ann"\n', ""),
    ],
)
def test_what_is_no_setting_is_refused(text: str) -> None:
    with pytest.raises(CommitteeError, match=r"policy/committee\.toml: "):
        read_committee(text)
