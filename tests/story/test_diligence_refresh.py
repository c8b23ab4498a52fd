"""A year after a provider was approved: its refresh opens itself, and marks what changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.diligence_firm import ASKED, KESTREL, Firm, founded

EARLY, LATER = (datetime(2027, 1, day, 15, tzinfo=UTC) for day in (16, 20))


@dataclass(frozen=True, slots=True)
class Year:
    """What was said as the year went by."""

    early: str
    opened: str
    again: str
    facts: Mapping[str, str]
    both: str
    late: str
    marks: Mapping[str, str]
    last: Mapping[str, Any]


def listed(firm: Firm) -> Mapping[str, Any]:
    (provider,) = firm.does("Ann", "vendor", "list", "--json").json["providers"]
    return dict(provider)


def answered_anew(firm: Firm) -> None:
    """Have new documents come with the old words, and one answer in other words."""
    for question in (each for each in ASKED.questions if each.document):
        file = firm.papers(f"new-{question.id}.txt", f"new {question.id}")
        said = ["--reason", f"Kes on {question.id}", "--attach", str(file), "--due", "2028-01-31"]
        firm.does("Kes", "case", "answer", "DD-2", "--item", question.id, *said)
    firm.does("Ann", "case", "query", "DD-2", "--item", "FP-1", "--reason", "still the same host?")
    firm.does("Kes", "case", "answer", "DD-2", "--item", "FP-1", "--reason", "a new host")


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Year:
    firm = founded(tmp_path_factory.mktemp("year"))
    firm.does("Ann", "vendor", "open", KESTREL, "--purpose", "selection")
    firm.answers("Kes", "DD-1")
    firm.recommends("DD-1", "approve")
    firm.decides("Mia", "DD-1", "approve")
    firm.finishes("DD-1")
    firm.at = EARLY
    early = firm.does("", "vendor", "refresh").out.strip()
    firm.at = LATER
    opened = firm.does("", "vendor", "refresh").out.strip()
    again = firm.does("", "vendor", "refresh").out.strip()
    facts = firm.does("Ann", "case", "show", "DD-2", "--json").json["facts"]
    both = firm.refused("Ann", "vendor", "open", KESTREL, "--purpose", "replacement")
    firm.does("Kes", "case", "reaffirm", "DD-2")
    firm.does("Ann", "case", "rate", "DD-2", "--choice", "low", "--reason", "a year of records")
    late = firm.refused("Ann", "case", "recommend", "DD-2", "--choice", "approve", "--reason", "x")
    answered_anew(firm)
    firm.recommends("DD-2", "approve")
    told = firm.does("Ann", "vendor", "questions", "DD-2", "--json").json["questions"]
    firm.decides("Cho", "DD-2", "approve")
    firm.finishes("DD-2")
    firm.does("", "verify")
    marks = {each["question"]: each["mark"].split()[0] for each in told}
    return Year(early, opened, again, facts, both, late, marks, listed(firm))


def test_the_refresh_opens_itself_when_it_is_time_and_once(year: Year) -> None:
    assert year.early == year.again == "no refresh is due"
    assert year.opened == (
        "DD-2: Annual refresh: Kestrel Routing; 5 questions, 4 answers carried from DD-1"
    )
    assert (year.facts["before"], year.facts["approved until"]) == ("DD-1", "2027-03-03")
    assert "DD-2 about Kestrel Routing is asking" in year.both


def test_a_document_that_expired_has_to_come_anew(year: Year) -> None:
    assert "VC-1" in year.late
    assert "its document has expired" in year.late


def test_what_changed_is_marked_and_what_holds_is_carried(year: Year) -> None:
    assert (year.marks["VC-1"], year.marks["FP-1"]) == ("changed", "changed")
    assert (year.marks["VC-2"], year.marks["IL-5"]) == ("unchanged", "not")


def test_the_approval_stands_for_another_year(year: Year) -> None:
    assert (year.last["case"], year.last["state"]) == ("DD-2", "signed")
    assert year.last["approved until"] == "2028-01-20"
